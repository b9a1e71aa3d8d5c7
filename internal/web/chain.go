package web

import (
	"net/http"
	"strconv"
	"strings"

	"zoeklicht"
)

// chain is the list that an advert was opened from, so that there is a next one after
// it. It travels in addresses as ?after=, without a script and without state here: a
// kept answer never changes, and of the worklist, which does, it names the subject's
// version besides its place.
type chain struct {
	Result   zoeklicht.ResultID // of a kept answer, or
	Leads    bool               // the worklist, asked with Query
	Query    zoeklicht.LeadQuery
	Position int                 // of the advert in it, from 1
	Version  zoeklicht.VersionID // that named the row; worklist only
}

// afterResult names a row of a kept answer: "r-0123456789.17".
func afterResult(id zoeklicht.ResultID, position int) string {
	return string(id) + "." + strconv.Itoa(position)
}

// afterLeads names a row of the worklist: "leads.mine.new.oost-nederland.4.1000012",
// with what was asked for left empty where nothing was.
func afterLeads(q zoeklicht.LeadQuery, position int, id zoeklicht.VersionID) string {
	fresh := ""
	if q.New {
		fresh = "new"
	}
	return strings.Join([]string{"leads", q.Show, fresh, q.Unit, strconv.Itoa(position), strconv.FormatInt(int64(id), 10)}, ".")
}

// readChain reads ?after=, and reports whether it names a list.
func readChain(s string) (chain, bool) {
	part := strings.Split(s, ".")
	switch {
	case len(s) > 200:
	case len(part) == 2 && strings.HasPrefix(part[0], "r-"):
		if n, err := strconv.Atoi(part[1]); err == nil && n > 0 && n < 1e8 {
			return chain{Result: zoeklicht.ResultID(part[0]), Position: n}, true
		}
	case len(part) == 6 && part[0] == "leads":
		n, err1 := strconv.Atoi(part[4])
		id, err2 := strconv.ParseInt(part[5], 10, 64)
		if err1 == nil && err2 == nil && n > 0 && n < 1e8 && id > 0 {
			return chain{Leads: true, Query: zoeklicht.LeadQuery{Show: part[1], New: part[2] == "new", Unit: part[3]}, Position: n, Version: zoeklicht.VersionID(id)}, true
		}
	}
	return chain{}, false
}

// step goes on to the next advert of a list, or back to the one before: the address of
// the advert, or of the list itself where that ends there.
func (q *request) step(c chain, back bool) (string, error) {
	if c.Leads {
		return q.stepLeads(c, back)
	}
	return q.stepResult(c, back)
}

// maxSkip is how many rows in a row without content are passed over.
const maxSkip = 200

func (q *request) stepResult(c chain, back bool) (string, error) {
	size, by := q.site.cfg.PageSize, 1
	if back {
		by = -1
	}
	var r *zoeklicht.Result
	page := 0
	for n := c.Position + by; n > 0 && n <= c.Position+maxSkip && n >= c.Position-maxSkip; n += by {
		if p := (n-1)/size + 1; p != page {
			var err error
			if r, err = q.site.Search.Result(q.Context(), q.pass, c.Result, p); err != nil {
				return "", hide(err)
			}
			page = p
		}
		i := (n - 1) % size
		if i >= len(r.Rows) {
			break
		}
		if v := &r.Rows[i].Version; !gone(v) {
			return q.to("adverts/"+strconv.FormatInt(int64(v.Advert), 10), "v", strconv.Itoa(v.N), "after", afterResult(c.Result, n)), nil
		}
	}
	return permanent(q, c.Result, (c.Position-1)/size+1), nil
}

func (q *request) stepLeads(c chain, back bool) (string, error) {
	if q.site.Work == nil {
		return q.to(""), nil
	}
	size := q.site.cfg.PageSize
	page := (c.Position-1)/size + 1
	list, err := q.site.Work.Leads(q.Context(), q.pass, c.Query, page, size)
	if err != nil {
		return "", hide(err)
	}
	// What was worked on may have left the list: then the next one stands in its place.
	at := (c.Position - 1) % size
	want := at
	for i := range list.Leads {
		if list.Leads[i].Version == c.Version {
			at, want = i, i+1
			break
		}
	}
	if back {
		want = at - 1
	}
	if want < 0 && page > 1 || want >= len(list.Leads) && len(list.Leads) == size {
		if want < 0 {
			page, want = page-1, size-1
		} else {
			page, want = page+1, 0
		}
		if list, err = q.site.Work.Leads(q.Context(), q.pass, c.Query, page, size); err != nil {
			return "", hide(err)
		}
	}
	if want < 0 || want >= len(list.Leads) {
		return q.to(""), nil
	}
	l := &list.Leads[want]
	return q.to("adverts/"+strconv.FormatInt(int64(l.Advert), 10), "id", strconv.FormatInt(int64(l.Version), 10), "after", afterLeads(c.Query, (page-1)*size+want+1, l.Version)), nil
}

// next goes on from the advert that ?after= names to the next of its list, or with
// ?back= to the one before. Resolving it only when asked for keeps every advert's page
// free of a question that most never need.
func (s *site) next(q *request) error {
	if !(page{q: q}).MaySearch() {
		return notThere()
	}
	c, ok := readChain(q.URL.Query().Get("after"))
	if !ok {
		return notThere()
	}
	to, err := q.step(c, q.URL.Query().Get("back") != "")
	if err != nil {
		return err
	}
	http.Redirect(q.w, q.Request, to, http.StatusSeeOther)
	return nil
}

// gone reports whether a version's content may not be shown to anybody any more.
func gone(v *zoeklicht.Version) bool { return v.Destroyed || v.Sealed }
