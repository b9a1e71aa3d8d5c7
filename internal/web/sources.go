package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// sourcesPage is the register.
type sourcesPage struct {
	page
	Groups []sourceGroup
	Count  int
}

// sourceGroup holds the sources in one state.
type sourceGroup struct {
	State   zoeklicht.SourceState
	Sources []sourceHealth
}

// stateOrder is the order of the groups: what waits for somebody first.
var stateOrder = []zoeklicht.SourceState{
	zoeklicht.Proposed, zoeklicht.Vetted, zoeklicht.Approved, zoeklicht.Suspended, zoeklicht.Rejected, zoeklicht.Retired,
}

func (s *site) sources(q *request) error {
	d := sourcesPage{page: q.page("source.list", "sources").fixed()}
	if !d.MaySources() {
		return notThere()
	}
	all, err := s.Register.Sources(q.Context(), q.pass)
	if err != nil {
		return err
	}
	d.Count = len(all)
	latest := map[zoeklicht.SourceID]*runView{}
	if d.MayHealth() {
		runs, err := s.Runs.Latest(q.Context(), q.pass)
		if err != nil {
			return err
		}
		for _, r := range runs {
			latest[r.Source] = viewRun(r, q.now)
		}
	}
	for _, state := range stateOrder {
		g := sourceGroup{State: state}
		for _, src := range all {
			if src.State == state {
				g.Sources = append(g.Sources, sourceHealth{
					Source: src, To: q.to("sources/" + string(src.ID)), Active: src.Active(q.now), Run: latest[src.ID],
				})
			}
		}
		if len(g.Sources) > 0 {
			d.Groups = append(d.Groups, g)
		}
	}
	return q.show(http.StatusOK, "sources", d)
}

// sourcePage is one source of the register.
type sourcePage struct {
	page
	Source  *zoeklicht.Source
	Active  bool
	Runs    []*runView
	Recipe  string // YAML
	Asked   []considered
	Steps   []step // what the reader may decide now
	Refused wording.Key
	Errors  formErrors
	Typed   url.Values // what the form held when it was refused
}

// considered is one of the considerations with its answer.
type considered struct {
	Name   string // of the field
	Asks   wording.Key
	Answer string
	Needed bool
}

// consider lists the considerations in the order in which they are asked.
func consider(c zoeklicht.Considerations) []considered {
	return []considered{
		{"public", "source.ask-public", c.Public, true},
		{"real", "source.ask-real", c.Real, true},
		{"need", "source.ask-need", c.Need, true},
		{"proportionate", "source.ask-proportionate", c.Proportionate, true},
		{"against", "source.ask-against", c.Against, true},
		{"robots", "source.ask-robots", c.Robots, false},
	}
}

// step is a decision that the reader may take.
type step struct {
	Kind     zoeklicht.DecisionKind
	Title    wording.Key
	Explain  wording.Key
	Button   wording.Key
	Consider bool // with the considerations, to be completed
	Review   bool // with a date of review
	Answer   bool // with an answer to who proposed it
	Grave    bool // it ends or stops something
}

var steps = map[zoeklicht.DecisionKind]step{
	zoeklicht.Vet:     {Kind: zoeklicht.Vet, Title: "source.vet", Explain: "source.vet-explain", Button: "source.vet-do", Consider: true, Answer: true},
	zoeklicht.Approve: {Kind: zoeklicht.Approve, Title: "source.approve", Explain: "source.approve-explain", Button: "source.approve-do", Review: true, Answer: true},
	zoeklicht.Suspend: {Kind: zoeklicht.Suspend, Title: "source.suspend", Explain: "source.suspend-explain", Button: "source.suspend-do", Grave: true},
	zoeklicht.Reject:  {Kind: zoeklicht.Reject, Title: "source.reject", Explain: "source.reject-explain", Button: "source.reject-do", Answer: true, Grave: true},
	zoeklicht.Retire:  {Kind: zoeklicht.Retire, Title: "source.retire", Explain: "source.retire-explain", Button: "source.retire-do", Grave: true},
}

// offered are the steps that make sense in each state, the likeliest first. Whether
// they may be taken is for the register to say; this is what the screen offers.
var offered = map[zoeklicht.SourceState][]zoeklicht.DecisionKind{
	zoeklicht.Proposed:  {zoeklicht.Vet, zoeklicht.Reject},
	zoeklicht.Vetted:    {zoeklicht.Approve, zoeklicht.Reject, zoeklicht.Suspend},
	zoeklicht.Approved:  {zoeklicht.Suspend, zoeklicht.Vet, zoeklicht.Retire},
	zoeklicht.Suspended: {zoeklicht.Vet, zoeklicht.Retire},
	zoeklicht.Rejected:  {zoeklicht.Retire},
}

// actOf is what a role must allow for each step.
func actOf(k zoeklicht.DecisionKind) zoeklicht.Act {
	switch k {
	case zoeklicht.Propose:
		return zoeklicht.ActPropose
	case zoeklicht.Vet:
		return zoeklicht.ActVet
	}
	return zoeklicht.ActApprove
}

func (s *site) source(q *request) error {
	d, err := s.sourcePage(q)
	if err != nil {
		return err
	}
	return q.show(http.StatusOK, "source", d)
}

func (s *site) sourcePage(q *request) (*sourcePage, error) {
	d := &sourcePage{page: q.page("source.title", "sources").fixed()}
	if !d.MaySources() {
		return nil, notThere()
	}
	id := zoeklicht.SourceID(q.PathValue("id"))
	src, err := s.Register.Source(q.Context(), q.pass, id)
	if err != nil {
		return nil, hide(err)
	}
	d.Source, d.Active, d.Title = src, src.Active(q.now), q.words.T("source.window", src.Title)
	d.Asked = consider(src.Considerations)
	if src.Recipe > 0 {
		if d.Recipe, err = s.Register.Recipe(q.Context(), q.pass, id, src.Recipe); err != nil && zoeklicht.CodeOf(err) != zoeklicht.NotFound {
			return nil, err
		}
	}
	if d.MayHealth() {
		runs, err := s.Runs.Of(q.Context(), q.pass, id, 10)
		if err != nil {
			return nil, err
		}
		for _, r := range runs {
			d.Runs = append(d.Runs, viewRun(r, q.now))
		}
	}
	for _, k := range offered[src.State] {
		if !d.RoleMay(actOf(k)) {
			continue
		}
		st := steps[k]
		if k == zoeklicht.Vet && src.State == zoeklicht.Approved {
			// Who vets anew takes the approval away until somebody gives it again.
			st.Title, st.Explain, st.Grave = "source.revet", "source.revet-explain", true
		}
		d.Steps = append(d.Steps, st)
	}
	if why := secondPerson(src, q.person.ID); why != "" {
		d.Refused = why
		d.Steps = slices.DeleteFunc(d.Steps, func(st step) bool { return st.Kind == zoeklicht.Approve || st.Kind == zoeklicht.Vet })
	}
	return d, nil
}

// secondPerson says why a person may not take the next step towards approval: who
// proposed does not vet, and neither who proposed nor who vetted approves. The
// register refuses it as well; this says so before anyone types.
func secondPerson(src *zoeklicht.Source, id zoeklicht.PersonID) wording.Key {
	var proposer, vetter zoeklicht.PersonID
	for _, d := range src.Decisions {
		switch d.Kind {
		case zoeklicht.Propose:
			proposer, vetter = d.Person, 0
		case zoeklicht.Vet:
			vetter = d.Person
		}
	}
	switch {
	case src.State == zoeklicht.Proposed && proposer == id:
		return "source.you-proposed"
	case src.State == zoeklicht.Vetted && vetter == id:
		return "source.you-vetted"
	case src.State == zoeklicht.Vetted && proposer == id:
		return "source.you-proposed"
	}
	return ""
}

// Value gives what a field of a refused form held, or else what is given.
func (d *sourcePage) Value(field, otherwise string) string {
	if d.Typed.Has(field) {
		return d.Typed.Get(field)
	}
	return otherwise
}

// Running reports whether a run of the source goes on.
func (d *sourcePage) Running() bool { return len(d.Runs) > 0 && d.Runs[0].Running }

// Schedule is the source's, with its defaults.
func (d *sourcePage) Schedule() zoeklicht.Schedule { return d.Source.Schedule.WithDefaults() }

// StepOpen reports whether the form of the i-th step is open: the one that was
// refused, or the one that moves the source on.
func (d *sourcePage) StepOpen(i int, s step) bool {
	if d.Typed.Has("kind") {
		return d.Typed.Get("kind") == string(s.Kind)
	}
	return i == 0 && !s.Grave && (d.Source.State == zoeklicht.Proposed || d.Source.State == zoeklicht.Vetted)
}

// Proposal is the date that the approval form begins with: half a year on.
func (d *sourcePage) Proposal() string {
	return d.q.now.In(d.q.words.Place()).AddDate(0, 6, 0).Format(dayParam)
}

// decide takes a step in a source's register.
func (s *site) decide(q *request) error {
	d, err := s.sourcePage(q)
	if err != nil {
		return err
	}
	kind := zoeklicht.DecisionKind(q.FormValue("kind"))
	i := slices.IndexFunc(d.Steps, func(st step) bool { return st.Kind == kind })
	if i < 0 {
		// Not offered: somebody else was first, or it is not this person's to decide.
		return &zoeklicht.Error{Code: zoeklicht.Conflict, What: "this step cannot be taken now by this person", Safe: "nothing was changed"}
	}
	st := d.Steps[i]
	dec := zoeklicht.Decision{Source: d.Source.ID, Kind: kind, Reason: oneText(q.FormValue("reason")), Answer: oneText(q.FormValue("answer"))}
	fail := func(field string, what wording.Key) {
		d.Errors = append(d.Errors, formError{Field: string(kind) + "-" + field, What: what})
	}
	if utf8.RuneCountInString(dec.Reason) < 10 {
		fail("reason", "source.reason-short")
	}
	if st.Consider {
		dec.Considerations = readConsiderations(q.Form)
		for _, missing := range dec.Considerations.Complete() {
			fail(missing, "source.unanswered")
		}
	}
	if st.Review {
		at, ok := reviewDate(q.FormValue("review"), q.words.Place())
		if !ok || !at.After(q.now) {
			fail("review", "source.badreview")
		}
		dec.ReviewBy = at
	}
	if len(d.Errors) == 0 {
		switch err := s.Register.Decide(q.Context(), q.pass, dec); zoeklicht.CodeOf(err) {
		case "":
			q.note("source.decided")
			return q.redirect(q.to("sources/" + string(d.Source.ID)))
		case zoeklicht.Invalid:
			d.Errors = append(d.Errors, formError{Field: string(kind) + "-reason", What: "source.refused", Detail: err.Error()})
		default:
			return err
		}
	}
	d.Typed = q.Form
	return q.show(http.StatusUnprocessableEntity, "source", d)
}

// reviewDate reads a typed day; the approval lasts until it is over.
func reviewDate(s string, place *time.Location) (time.Time, bool) {
	iso, ok := wording.ParseDay(s)
	if !ok || iso == "" {
		return time.Time{}, false
	}
	t, err := time.ParseInLocation(time.DateOnly, iso, place)
	return t.AddDate(0, 0, 1), err == nil
}

func readConsiderations(v url.Values) zoeklicht.Considerations {
	return zoeklicht.Considerations{
		Public: oneText(v.Get("public")), Real: oneText(v.Get("real")), Need: oneText(v.Get("need")),
		Proportionate: oneText(v.Get("proportionate")), Against: oneText(v.Get("against")), Robots: oneText(v.Get("robots")),
	}
}

// oneText takes a typed text as it is, without white space around it and with plain
// line ends.
func oneText(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
}

// run starts or stops a run of a source.
func (s *site) run(q *request) error {
	if !(page{q: q}).MayCrawl() {
		return notThere()
	}
	id := zoeklicht.SourceID(q.PathValue("id"))
	var err error
	if q.FormValue("stop") != "" {
		err = s.Runs.Stop(q.Context(), q.pass, id)
		q.note("source.stop-asked")
	} else {
		err = s.Runs.Start(q.Context(), q.pass, id)
		q.note("source.run-asked")
	}
	if err != nil {
		q.note("")
		return err
	}
	return q.redirect(q.local(q.to("sources/" + string(id))))
}
