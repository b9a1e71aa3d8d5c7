package web

import (
	"strconv"
	"strings"

	"zoeklicht"
)

// An advert is read in a list: a kept answer or the worklist. Its address names the row
// that it was opened from, so that there is a next one without a script and without
// state here. For the worklist that is ?lead= and ?at= (see request.lead), for a kept
// answer, which never changes, ?after=:

// afterResult names a row of a kept answer: "r-0123456789.17".
func afterResult(id zoeklicht.ResultID, position int) string {
	if id == "" || position < 1 {
		return ""
	}
	return string(id) + "." + strconv.Itoa(position)
}

// readAfter reads ?after=, and reports whether it names a row.
func readAfter(s string) (id zoeklicht.ResultID, position int, ok bool) {
	name, n, _ := strings.Cut(s, ".")
	position, err := strconv.Atoi(n)
	if err != nil || position < 1 || position > 1e8 || !strings.HasPrefix(name, "r-") || len(name) > 40 {
		return "", 0, false
	}
	return zoeklicht.ResultID(name), position, true
}

// maxSkip is how many rows without content are passed over in a row.
const maxSkip = 200

// onward gives the address of the advert after (or before) the one that the request
// names in its kept answer: of the answer itself where that ends there, and "" where none
// was come from.
func (q *request) onward(back bool) (string, error) {
	id, position, ok := readAfter(q.FormValue("after"))
	if !ok {
		return "", nil
	}
	size, by := q.site.cfg.PageSize, 1
	if back {
		by = -1
	}
	var r *zoeklicht.Result
	page := 0
	for n, tried := position+by, 0; n > 0 && tried < maxSkip; n, tried = n+by, tried+1 {
		if p := (n-1)/size + 1; p != page {
			var err error
			if r, err = q.site.Search.Result(q.Context(), q.pass, id, p); err != nil {
				return "", hide(err)
			}
			page = p
		}
		i := (n - 1) % size
		if i >= len(r.Rows) {
			break
		}
		if v := &r.Rows[i].Version; !gone(v) {
			return q.to("adverts/"+strconv.FormatInt(int64(v.Advert), 10), "v", strconv.Itoa(v.N), "after", afterResult(id, n)), nil
		}
	}
	return permanent(q, id, (position-1)/size+1), nil
}

// nextRow goes on from the row that ?after= names to the next, or with ?back= to the
// one before. It is resolved only when asked for, so that an advert's page asks nothing
// that most readers never need.
func (s *site) nextRow(q *request) error {
	if !(page{q: q}).MaySearch() {
		return notThere()
	}
	to, err := q.onward(q.FormValue("back") != "")
	if err != nil {
		return err
	}
	if to == "" {
		return notThere()
	}
	return q.redirect(to)
}

// gone reports whether a version's content may not be shown to anybody any more.
func gone(v *zoeklicht.Version) bool { return v.Destroyed || v.Sealed }
