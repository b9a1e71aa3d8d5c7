package web

import (
	"net/http"
	"strconv"
	"strings"

	"zoeklicht"
)

// wantPage is "capture this now": the form, and how far one that was asked for has come.
type wantPage struct {
	page
	Typed  string
	Errors formErrors
	Wanted *wantView
}

// wantView is a page that was asked for.
type wantView struct {
	zoeklicht.Wanted
	Title    string // of the source whose approval covers it
	SourceTo string
	AdvertTo string
	Propose  string // the urgent path, where no approval covers it
	Refresh  string // this part, while it goes on
	Covered  bool
	Failed   bool
	Going    bool // not done yet
}

func (s *site) captureForm(q *request) error {
	d := wantPage{page: q.page("capture.title", "capture").fixed()}
	if !d.MayCapture() {
		return notThere()
	}
	return q.show(http.StatusOK, "want", d)
}

// captureNow asks for a page. Where no approved source covers it nothing is connected
// to, and the answer says so.
func (s *site) captureNow(q *request) error {
	d := wantPage{page: q.page("capture.title", "capture").fixed(), Typed: oneText(q.FormValue("address"))}
	if !d.MayCapture() {
		return notThere()
	}
	address, problem := readAddress(d.Typed)
	if problem != "" {
		d.Errors = formErrors{{Field: "address", What: problem}}
		return q.show(http.StatusUnprocessableEntity, "want", d)
	}
	w, err := s.Wants.Want(q.Context(), q.pass, address)
	switch zoeklicht.CodeOf(err) {
	case "":
	case zoeklicht.Invalid:
		d.Errors = formErrors{{Field: "address", What: "capture.refused", Detail: err.Error()}}
		return q.show(http.StatusUnprocessableEntity, "want", d)
	default:
		return err
	}
	return q.redirect(q.to("capture/" + strconv.FormatInt(w.ID, 10)))
}

// captured tells how far a page that was asked for has come.
func (s *site) captured(q *request) error {
	d := wantPage{page: q.page("capture.title", "capture").fixed()}
	if !d.MayCapture() {
		return notThere()
	}
	v, err := s.wanted(q)
	if err != nil {
		return err
	}
	d.Wanted = v
	return q.show(http.StatusOK, "want", d)
}

// captureProgress is the live part of that, alone.
func (s *site) captureProgress(q *request) error {
	if !(page{q: q}).MayCapture() {
		return notThere()
	}
	v, err := s.wanted(q)
	if err != nil {
		return err
	}
	return q.show(http.StatusOK, "want/wanted", v)
}

// wanted reads the page that the address names, and what there is to do about it.
func (s *site) wanted(q *request) (*wantView, error) {
	id, err := strconv.ParseInt(q.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return nil, notThere()
	}
	w, err := s.Wants.Wanted(q.Context(), q.pass, id)
	if err != nil {
		return nil, hide(err)
	}
	path := "capture/" + strconv.FormatInt(id, 10)
	v := &wantView{Wanted: *w, Refresh: q.to(path + "/progress"), Covered: w.Source != "", Failed: w.Failure != ""}
	v.Going = v.Covered && w.Done.IsZero() && !v.Failed
	if w.Advert != 0 && (page{q: q}).MaySearch() {
		v.AdvertTo = q.to("adverts/" + strconv.FormatInt(int64(w.Advert), 10))
	}
	if !v.Covered {
		if (page{q: q}).MayPropose() {
			v.Propose = q.to("sources/new", "wanted", strconv.FormatInt(id, 10))
		}
		return v, nil
	}
	v.Title, v.SourceTo = string(w.Source), q.to("sources/"+string(w.Source))
	if !(page{q: q}).MaySources() {
		v.SourceTo = ""
		return v, nil
	}
	standing, err := s.Register.Standing(q.Context(), q.pass)
	if err != nil {
		return nil, err
	}
	if t := titles(standing)[w.Source]; t != "" {
		v.Title = t
	}
	return v, nil
}

// urgent fills the form for a new source from a page that somebody wanted captured and
// that no approval covers: with the most urgent priority, and the reason in words.
func (s *site) urgent(q *request, d *proposePage) error {
	id := q.URL.Query().Get("wanted")
	if id == "" || s.Wants == nil || !d.MayCapture() {
		return nil
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return notThere()
	}
	w, err := s.Wants.Wanted(q.Context(), q.pass, n)
	if err != nil {
		return hide(err)
	}
	host := hostOf(w.URL)
	d.Urgent = true
	d.Typed = map[string][]string{
		"title": {host}, "home": {w.URL}, "priority": {"1"}, "id": {idOf(host)},
		"reason": {q.words.T("capture.urgent-reason", w.Asked, w.Person, w.URL, strings.TrimSpace(q.pass.Purpose()))},
	}
	if q.pass.Purpose() == "" {
		d.Typed.Set("reason", q.words.T("capture.urgent-reason-bare", w.Asked, w.Person, w.URL))
	}
	return nil
}
