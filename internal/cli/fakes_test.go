package cli_test

import (
	"context"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/cli"
	"zoeklicht/internal/store"
)

// now is when these tests take place.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func amsterdam() *time.Location {
	l, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err) // the tests' machine has no zones: nothing else can be said
	}
	return l
}

var answered = zoeklicht.Considerations{
	Public: "Yes, without signing in.", Real: "Yes: numbers were answered.", Need: "No other source has these.",
	Proportionate: "Masked, and gone in a year.", Against: "Most advertisers work legally.",
}

// register is a register in memory that notes what was asked of it.
type register struct {
	sources  []zoeklicht.Source
	proposed *zoeklicht.Source
	decided  []zoeklicht.Decision
	recipe   string
	err      error
}

func newRegister() *register {
	return &register{sources: []zoeklicht.Source{
		{
			ID: "admarkt", Title: "Ad-markt", Home: "https://ads.example/", State: zoeklicht.Approved, Priority: 1, Recipe: 2,
			Expected: "400 adverts a week", ReviewBy: now.AddDate(0, 6, 0), Considerations: answered,
			Scope: zoeklicht.Scope{Hosts: []string{"ads.example"}, PictureHosts: []string{"img.example"}},
			Decisions: []zoeklicht.Decision{
				{Kind: zoeklicht.Propose, PersonName: "Anna Oefen", At: now.AddDate(0, 0, -3), Seq: 1, Reason: "Seen in two cases", Considerations: answered},
				{Kind: zoeklicht.Vet, PersonName: "Bo Oefen", At: now.AddDate(0, 0, -2), Seq: 2, Reason: "Public and real"},
				{Kind: zoeklicht.Approve, PersonName: "Bas Oefen", At: now.AddDate(0, 0, -1), Seq: 3, Reason: "Needed", Answer: "Thank you", ReviewBy: now.AddDate(0, 6, 0)},
			},
		},
		{ID: "old", Title: "Lapsed\x1b[31m since \u202espring", Home: "http://old.example/", State: zoeklicht.Approved, Priority: 3, ReviewBy: now.AddDate(0, 0, -1)},
		{ID: "new", Title: "Never approved", Home: "http://new.example/", State: zoeklicht.Proposed, Priority: 5, ReviewBy: time.Unix(0, 0)},
	}}
}

func (r *register) Sources(context.Context) ([]zoeklicht.Source, error) { return r.sources, r.err }

func (r *register) Source(_ context.Context, id zoeklicht.SourceID) (*zoeklicht.Source, error) {
	for i := range r.sources {
		if r.sources[i].ID == id {
			return &r.sources[i], r.err
		}
	}
	return nil, zoeklicht.Errorf(zoeklicht.NotFound, "source %q is not in this theme's register", id)
}

func (r *register) Propose(_ context.Context, src *zoeklicht.Source, d zoeklicht.Decision) error {
	r.proposed, r.decided = src, append(r.decided, d)
	return r.err
}

func (r *register) Decide(_ context.Context, d zoeklicht.Decision) error {
	r.decided = append(r.decided, d)
	return r.err
}

func (r *register) AddRecipe(_ context.Context, _ zoeklicht.SourceID, body, _ string) (int, error) {
	r.recipe = body
	return 3, r.err
}

// asker answers every question with the same rows and notes what was asked.
type asker struct {
	question zoeklicht.Question
	asOf     time.Time
	again    zoeklicht.ResultID
	from, n  int
	revealed []zoeklicht.VersionID
	res      zoeklicht.Result
}

func newAsker() *asker {
	seen := now.Add(-26 * time.Hour)
	masked := zoeklicht.Version{
		ID: 71, Advert: 7, N: 2, Source: "admarkt", URL: "https://ads.example/7", Title: "Relaxing massage by appointment",
		Body: "Quiet studio, call +31•••••••45.", Price: "80", Place: "Utrecht", Lang: "en", SeenAt: seen,
		Entities: []zoeklicht.Entity{{Type: zoeklicht.Phone, Value: "+31•••••••45"}, {Type: zoeklicht.Phone, Value: "+31•••••••45"}},
	}
	return &asker{res: zoeklicht.Result{
		ID: "r-abcdefghij", AsOf: now, Seq: 42, Adverts: 3, Versions: 4, Destroyed: 1, Question: zoeklicht.Question{Text: "massage"},
		Rows: []zoeklicht.Row{
			{
				Position: 1, Version: masked, Advert: zoeklicht.Advert{ID: 7, FirstSeen: seen.AddDate(0, -1, 0), LastSeen: now}, Matches: 2,
				Snippet: []zoeklicht.Span{{Text: "Quiet studio, call "}, {Text: "+31•••••••45", Mark: true}, {Text: "."}},
			},
			{Position: 2, Version: zoeklicht.Version{ID: 60, Advert: 6, N: 1, Source: "admarkt", SeenAt: seen, Destroyed: true, Rule: "Wpg 8"}, Matches: 1},
		},
	}}
}

func (a *asker) Ask(_ context.Context, q zoeklicht.Question, asOf time.Time, from, n int) (*zoeklicht.Result, error) {
	a.question, a.asOf, a.from, a.n = q, asOf, from, n
	return &a.res, nil
}

func (a *asker) Again(_ context.Context, id zoeklicht.ResultID, from, n int) (*zoeklicht.Result, error) {
	a.again, a.from, a.n = id, from, n
	return &a.res, nil
}

func (a *asker) Reveal(_ context.Context, id zoeklicht.VersionID) (*zoeklicht.Version, error) {
	a.revealed = append(a.revealed, id)
	v := a.res.Rows[0].Version
	v.Body, v.SeenAt = "Quiet studio, massage, call 06 0001 2345.", now
	v.Entities = []zoeklicht.Entity{{Type: zoeklicht.Phone, Raw: "06 0001 2345", Value: "+31600012345"}}
	return &v, nil
}

// runs gives one look after the other at a run.
type runs struct {
	looks  []zoeklicht.Run // the last one stays
	at     int
	cursor []zoeklicht.Seq // the last one stays
	asked  int
	err    error // of the next look only
}

func (r *runs) Runs(context.Context, zoeklicht.SourceID, int) ([]zoeklicht.Run, error) {
	if err := r.err; err != nil {
		r.err = nil
		return nil, err
	}
	if len(r.looks) == 0 {
		return nil, nil
	}
	run := r.looks[min(r.at, len(r.looks)-1)]
	r.at++
	return []zoeklicht.Run{run}, nil
}

func (r *runs) Cursor(context.Context, string) (zoeklicht.Seq, error) {
	seq := r.cursor[min(r.asked, len(r.cursor)-1)]
	r.asked++
	return seq, nil
}

func (r *runs) RunCount(context.Context, int64) (store.RunCount, error) {
	return store.RunCount{Versions: 3, Sightings: 15, Gone: 1, Seconds: 12.3456}, nil
}

// office is people and grants in memory.
type office struct {
	people []*zoeklicht.Person
	grants []zoeklicht.Grant
	by     zoeklicht.PersonID
	admin  bool
}

func newOffice() *office {
	return &office{people: []*zoeklicht.Person{
		{ID: 1, Login: "ann", Name: "Ann Root", Lang: "en", Admin: true, Created: now.AddDate(-1, 0, 0), LastSeen: now.Add(-time.Hour)},
		{ID: 2, Login: "bob", Name: "Bob New", Lang: "nl", MustChange: true, Created: now},
		{ID: 3, Login: "eve", Name: "Eve Gone", Lang: "nl", Disabled: true, Created: now.AddDate(-2, 0, 0)},
	}, grants: []zoeklicht.Grant{
		{ID: 9, Person: 2, Theme: "practice", Role: zoeklicht.Analyst, Task: "practice", From: now.Add(-time.Hour), Until: now.AddDate(1, 0, 0), By: 1},
		{ID: 8, Person: 2, Theme: "practice", Role: zoeklicht.Auditor, Task: "audit", From: now.AddDate(0, 1, 0), Until: now.AddDate(1, 0, 0), By: access.Console},
		{ID: 7, Person: 3, Theme: "practice", Role: zoeklicht.Analyst, Task: "practice", From: now.AddDate(-1, 0, 0), Until: now.AddDate(1, 0, 0), By: 1, Revoked: now.AddDate(0, -1, 0)},
		{ID: 6, Person: 3, Theme: "practice", Role: zoeklicht.Analyst, Task: "practice", From: now.AddDate(-2, 0, 0), Until: now.AddDate(-1, 0, 0), By: 1},
	}}
}

func (o *office) People(context.Context) ([]*zoeklicht.Person, error) { return o.people, nil }

func (o *office) Person(_ context.Context, id zoeklicht.PersonID) (*zoeklicht.Person, error) {
	return o.people[id-1], nil
}

func (o *office) PersonByLogin(_ context.Context, login string) (*zoeklicht.Person, error) {
	for _, p := range o.people {
		if p.Login == login {
			c := *p
			return &c, nil
		}
	}
	return nil, zoeklicht.Errorf(zoeklicht.NotFound, "there is no such person")
}

func (o *office) HasAdministrator(context.Context) (bool, error) { return o.admin, nil }

func (o *office) CreatePerson(_ context.Context, by zoeklicht.PersonID, n access.NewPerson) (*zoeklicht.Person, string, error) {
	o.by = by
	password := n.Password
	if password == "" {
		password = "lopas-made-up"
	}
	return &zoeklicht.Person{ID: 4, Login: n.Login, Name: n.Name, Lang: n.Lang, Admin: n.Admin, MustChange: true, Created: now}, password, nil
}

func (o *office) ResetPassword(_ context.Context, by, _ zoeklicht.PersonID) (string, error) {
	o.by = by
	return "lopas-reset", nil
}

func (o *office) Disable(_ context.Context, by, _ zoeklicht.PersonID, _ string) error {
	o.by = by
	return nil
}

func (o *office) Enable(_ context.Context, by, _ zoeklicht.PersonID, _ string) error {
	o.by = by
	return nil
}

func (o *office) Give(_ context.Context, by zoeklicht.PersonID, g zoeklicht.Grant) (*zoeklicht.Grant, error) {
	g.ID, g.By, g.From = 10, by, now
	return &g, nil
}

func (o *office) Revoke(context.Context, zoeklicht.PersonID, int64, string) error { return nil }

func (o *office) Grants(context.Context, zoeklicht.ThemeName) ([]zoeklicht.Grant, error) {
	return o.grants, nil
}

// trail is an audit trail of two rows.
type trail struct{ asked store.AuditQuery }

func (t *trail) Audit(_ context.Context, q store.AuditQuery) ([]zoeklicht.Audit, error) {
	t.asked = q
	return []zoeklicht.Audit{
		{ID: 12, At: now, Person: 2, Name: "Bob New", Role: zoeklicht.Analyst, Act: "reveal-entities", Object: "version 71", Purpose: "case 7", Count: 1, Detail: "{}"},
		{ID: 11, At: now.Add(-time.Minute), Person: -2, Name: "collect", Role: access.ServiceRole, Act: "crawl-run", Object: "admarkt", Detail: `{"run": 3}`},
	}, nil
}

var (
	_ cli.Register    = (*register)(nil)
	_ cli.People      = (*office)(nil)
	_ cli.Enabler     = (*office)(nil)
	_ cli.FirstPeople = (*office)(nil)
	_ cli.Grants      = (*office)(nil)
)
