package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// casePage is what the record says about a case number, or the box to ask it in.
type casePage struct {
	page
	Typed   string
	Errors  formErrors
	Case    *zoeklicht.Case
	Sources map[zoeklicht.SourceID]string // titles
	Others  []remarkGroup
}

// remarkGroup is what one kind of remark says, so that ten answers read as one thing.
type remarkGroup struct {
	Kind    zoeklicht.RemarkKind
	Remarks []zoeklicht.CaseRemark
}

// caseFile answers a case number; without one it shows the box.
func (s *site) caseFile(q *request) error {
	d := casePage{page: q.page("case.title", "cases"), Typed: strings.TrimSpace(q.URL.Query().Get("number"))}
	if !d.MayCase() {
		return notThere()
	}
	if !q.URL.Query().Has("number") {
		d.Typed = q.pass.Purpose()
		return q.show(http.StatusOK, "casefile", d)
	}
	number, problem := readPurpose(d.Typed)
	if problem != "" {
		d.Errors = formErrors{{Field: "case", What: caseProblem(problem)}}
		return q.show(http.StatusUnprocessableEntity, "casefile", d)
	}
	c, err := s.Cases.Case(q.Context(), q.pass, number, q.asOf.At)
	if err != nil {
		return hideUnlessSaid(err)
	}
	d.Case, d.Typed = c, number
	d.Title = q.words.T("case.window", number)
	d.Others = remarkGroups(c.Other)
	if d.Sources, err = s.sourceTitles(q); err != nil {
		return err
	}
	return q.show(http.StatusOK, "casefile", d)
}

// caseProblem words for a case number what is wrong with a purpose: here nothing is
// changed by stating it.
func caseProblem(k wording.Key) wording.Key {
	switch k {
	case "frame.purpose-long":
		return "case.long"
	case "frame.purpose-odd":
		return "case.odd"
	}
	return "case.short"
}

// sourceTitles gives the titles of the theme's sources, for who may read the register;
// others see their identifiers.
func (s *site) sourceTitles(q *request) (map[zoeklicht.SourceID]string, error) {
	if !(page{q: q}).MaySources() {
		return nil, nil
	}
	standing, err := s.Register.Standing(q.Context(), q.pass)
	if err != nil {
		return nil, err
	}
	return titles(standing), nil
}

// remarkGroups puts remarks of one kind together, in the order in which kinds are told.
func remarkGroups(all []zoeklicht.CaseRemark) (out []remarkGroup) {
	for _, r := range all {
		i := slices.IndexFunc(out, func(g remarkGroup) bool { return g.Kind == r.Kind })
		if i < 0 {
			out = append(out, remarkGroup{Kind: r.Kind})
			i = len(out) - 1
		}
		out[i].Remarks = append(out[i].Remarks, r)
	}
	slices.SortStableFunc(out, func(a, b remarkGroup) int {
		return cmp.Compare(slices.Index(zoeklicht.RemarkKinds, a.Kind), slices.Index(zoeklicht.RemarkKinds, b.Kind))
	})
	return out
}

// SourceOf names a source.
func (d casePage) SourceOf(id zoeklicht.SourceID) string { return cmp.Or(d.Sources[id], string(id)) }

// AdvertTo is where an advert's version is read, empty for who may not, and for none.
func (d casePage) AdvertTo(id zoeklicht.AdvertID, n int) string {
	if id == 0 || !d.MaySearch() {
		return ""
	}
	v := ""
	if n > 0 {
		v = strconv.Itoa(n)
	}
	return d.To("adverts/"+strconv.FormatInt(int64(id), 10), "v", v)
}

// ProofTo is where the proof of a capture is, empty for who may not see it.
func (d casePage) ProofTo(id zoeklicht.CaptureID) string {
	if id == (zoeklicht.CaptureID{}) || !d.MayProof() {
		return ""
	}
	return d.To("captures/" + id.String() + "/proof")
}

// Counted says what a remark of a kind counts.
func (d casePage) Counted(k zoeklicht.RemarkKind, n int) string {
	switch k {
	case zoeklicht.RemarkPictures:
		return d.q.words.N("export.count-pictures", n)
	case zoeklicht.RemarkGap, zoeklicht.RemarkRun:
		return d.q.words.N("case.days", n)
	}
	return d.q.words.N("case.times", n)
}

// Said is what a remark says beside what it counts: a person's words, a rule, a kind of
// detail or a source.
func (d casePage) Said(r zoeklicht.CaseRemark) string {
	switch r.Kind {
	case zoeklicht.RemarkRun:
		return d.SourceOf(zoeklicht.SourceID(r.Text))
	case zoeklicht.RemarkMended:
		return d.q.words.EntityType(zoeklicht.EntityType(r.Text))
	}
	return r.Text
}

// Quoted reports whether those are words that somebody wrote.
func (d casePage) Quoted(r zoeklicht.CaseRemark) bool {
	return r.Name != "" && r.Kind != zoeklicht.RemarkMended
}

// Longer reports whether a list has more than is told here.
func (d casePage) Longer(list string) bool { return slices.Contains(d.Case.More, list) }

// Rows is how many lines a list has at most.
func (d casePage) Rows() int { return zoeklicht.CaseRows }

// caseTally is a count above the lists.
type caseTally struct {
	Key wording.Key
	To  string
	N   int
}

// Tallies count what the lists have.
func (d casePage) Tallies() []caseTally {
	c := d.Case
	return []caseTally{
		{"case.captured", "#captured", len(c.Captured)},
		{"case.missed", "#missed", len(c.Missed)},
		{"case.destroyed", "#destroyed", len(c.Destroyed)},
		{"case.seen", "#seen", len(c.Seen)},
		{"case.exported", "#exported", len(c.Exported)},
		{"case.other", "#other", len(c.Other)},
	}
}

// AsOf is the moment of the answer.
func (d casePage) AsOf() time.Time { return d.Case.AsOf }
