package web

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"zoeklicht"
	"zoeklicht/internal/text"
	"zoeklicht/internal/wording"
)

// proposePage is the form for a new source.
type proposePage struct {
	page
	Asked  []considered
	Errors formErrors
	Typed  url.Values
	// Urgent says that a page was wanted at once, and that no approval covers it.
	Urgent bool
}

// Value gives what a field of a refused form held, or else what is given.
func (d proposePage) Value(field, otherwise string) string {
	if d.Typed.Has(field) {
		return d.Typed.Get(field)
	}
	return otherwise
}

func (s *site) proposeForm(q *request) error {
	d := proposePage{page: q.page("source.propose", "sources").fixed(), Asked: consider(zoeklicht.Considerations{})}
	if !d.MayPropose() {
		return notThere()
	}
	if err := s.urgent(q, &d); err != nil {
		return err
	}
	return q.show(http.StatusOK, "propose", d)
}

// propose enters a source into the register. Nothing is connected to by that.
func (s *site) propose(q *request) error {
	d := proposePage{page: q.page("source.propose", "sources").fixed()}
	if !d.MayPropose() {
		return notThere()
	}
	if err := q.ParseForm(); err != nil {
		return err
	}
	src, dec, errs := readProposal(q.PostForm)
	if len(errs) == 0 {
		switch err := s.Register.Propose(q.Context(), q.pass, src, dec); zoeklicht.CodeOf(err) {
		case "":
			q.note("source.proposed")
			return q.redirect(q.to("sources/" + string(src.ID)))
		case zoeklicht.Conflict:
			errs = append(errs, formError{Field: "id", What: "source.taken"})
		case zoeklicht.Invalid:
			errs = append(errs, formError{Field: "home", What: "source.refused", Detail: err.Error()})
		default:
			return err
		}
	}
	d.Errors, d.Typed, d.Asked = errs, q.PostForm, consider(dec.Considerations)
	return q.show(http.StatusUnprocessableEntity, "propose", d)
}

var sourceID = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// readProposal reads the form for a new source. Who proposes need not answer every
// consideration: vetting does.
func readProposal(v url.Values) (*zoeklicht.Source, zoeklicht.Decision, []formError) {
	var errs []formError
	fail := func(field string, what wording.Key) { errs = append(errs, formError{Field: field, What: what}) }
	src := &zoeklicht.Source{
		Title: oneText(v.Get("title")), Home: oneText(v.Get("home")), Expected: oneText(v.Get("expected")),
		State: zoeklicht.Proposed,
	}
	if src.Title == "" || utf8.RuneCountInString(src.Title) > 120 {
		fail("title", "source.badtitle")
	}
	switch home, problem := readSite(src.Home); problem {
	case "":
		src.Home, src.Scope.Hosts = home, []string{hostOf(home)}
	case "many.special":
		fail("home", "source.special-home")
	default:
		fail("home", "source.badhome")
	}
	src.Scope.Paths = words(v.Get("paths"))
	for _, list := range []struct {
		field string
		into  *[]string
	}{{"hosts", &src.Scope.Hosts}, {"picture_hosts", &src.Scope.PictureHosts}} {
		bad := false
		for _, typed := range words(v.Get(list.field)) {
			h, ok := readHost(typed)
			if bad = bad || !ok; ok && !slices.Contains(*list.into, h) {
				*list.into = append(*list.into, h)
			}
		}
		if bad {
			fail(list.field, "source.badhosts")
		}
	}
	if slices.ContainsFunc(src.Scope.Paths, func(p string) bool { return !strings.HasPrefix(p, "/") }) {
		fail("paths", "source.badpaths")
	}
	src.ID = zoeklicht.SourceID(oneText(v.Get("id")))
	if src.ID == "" {
		src.ID = zoeklicht.SourceID(strings.ReplaceAll(text.FoldString(cut(src.Title, 40)), " ", "-"))
	}
	if src.Title != "" && (len(src.ID) > 60 || !sourceID.MatchString(string(src.ID))) {
		fail("id", "source.badid")
	}
	var err error
	if src.Priority, err = strconv.Atoi(v.Get("priority")); err != nil || src.Priority < 1 || src.Priority > 5 {
		fail("priority", "source.badpriority")
	}
	hours, err := strconv.Atoi(v.Get("every"))
	if err != nil || hours < 1 || hours > 24*31 {
		fail("every", "source.badevery")
	}
	src.Schedule.Every = time.Duration(hours) * time.Hour
	dec := zoeklicht.Decision{
		Source: src.ID, Kind: zoeklicht.Propose, Reason: oneText(v.Get("reason")), Considerations: readConsiderations(v),
	}
	src.Considerations = dec.Considerations
	if utf8.RuneCountInString(dec.Reason) < 10 {
		fail("reason", "source.reason-short")
	}
	return src, dec, errs
}

// words cuts a typed list at white space and commas.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r <= ' ' })
}
