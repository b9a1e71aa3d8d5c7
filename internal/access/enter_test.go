package access_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/access/accesstest"
)

// clock is a hand-set clock.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 2, 8, 15, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = t
}

func (c *clock) forward(d time.Duration) { c.set(c.now().Add(d)) }

// discard is where tests log.
var discard = slog.New(slog.DiscardHandler)

func locate(theme zoeklicht.ThemeName, location string, phase zoeklicht.Phase) (string, error) {
	return fmt.Sprintf("postgres://%s@%s/%s", access.RoleName(theme, phase), location, access.DatabaseName(theme)), nil
}

func open(t *testing.T) (*access.Door, *clock) {
	t.Helper()
	c := newClock()
	return accesstest.Open(t, access.Config{Clock: c.now, Locate: locate}), c
}

// must gives v and fails the test on an error.
func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func wantCode(t *testing.T, what string, err error, want zoeklicht.Code) {
	t.Helper()
	if got := zoeklicht.CodeOf(err); got != want {
		t.Errorf("%s: code %q (%v), want %q", what, got, err, want)
	}
}

// TestDefaultDeny is the property that the house rests on: in random worlds of
// people, themes, grants and moments, Enter succeeds if and only if a grant of
// that person in that theme holds at that moment, and the pass has exactly the
// roles of those grants.
func TestDefaultDeny(t *testing.T) {
	t.Parallel()
	const worlds, moments = 12, 20
	for w := range worlds {
		t.Run(fmt.Sprint(w), func(t *testing.T) {
			t.Parallel()
			wld := newWorld(t, rand.New(rand.NewPCG(uint64(w), 17)), w%3 == 0)
			for range moments {
				wld.step(t)
				wld.compare(t)
			}
			if wld.entered == 0 || wld.denied == 0 {
				t.Errorf("a world with %d entries and %d refusals shows nothing", wld.entered, wld.denied)
			}
		})
	}
}

type worldTheme struct {
	practice, active bool
}

type world struct {
	rng             *rand.Rand
	door            *access.Door
	clock           *clock
	edges           []time.Time // moments at which something begins or ends
	people          []*zoeklicht.Person
	practice        map[zoeklicht.PersonID]bool
	themes          map[zoeklicht.ThemeName]*worldTheme
	names           []zoeklicht.ThemeName
	grants          []zoeklicht.Grant
	entered, denied int
}

// newWorld makes a world in which every theme is active that can be: with a
// practice person about, real ones cannot.
func newWorld(t *testing.T, rng *rand.Rand, withPractice bool) *world {
	d, c := open(t)
	w := &world{
		rng: rng, door: d, clock: c, edges: []time.Time{c.now()},
		practice: map[zoeklicht.PersonID]bool{}, themes: map[zoeklicht.ThemeName]*worldTheme{},
	}
	for i := range 5 {
		practice := withPractice && i == 4
		p := must[*zoeklicht.Person](t)(d.InsertPerson(t.Context(), access.NewPerson{Login: fmt.Sprint("p", i), Name: "P", Lang: "nl"}, practice))
		w.people = append(w.people, p)
		w.practice[p.ID] = practice
	}
	for i, name := range []zoeklicht.ThemeName{"alpha", "alpha-beta", "practice"} {
		w.themes[name] = &worldTheme{practice: i == 2}
		w.names = append(w.names, name)
		th := &zoeklicht.Theme{Name: name, Practice: i == 2}
		if err := d.AddTheme(t.Context(), access.Console, th, "db.example"); err != nil {
			t.Fatal(err)
		}
		w.themes[name].active = d.Activate(t.Context(), access.Console, th, "test") == nil
	}
	return w
}

func pick[T any](rng *rand.Rand, s []T) T { return s[rng.IntN(len(s))] }

// step changes the world at random: a grant given or revoked, a person disabled
// or enabled, a theme activated or suspended; then the clock goes to some edge,
// a second before or after it.
func (w *world) step(t *testing.T) {
	ctx := t.Context()
	for range 4 {
		switch w.rng.IntN(6) {
		case 0, 1, 2:
			w.give(t, ctx)
		case 3:
			if len(w.grants) > 0 {
				i := w.rng.IntN(len(w.grants))
				if err := w.door.Revoke(ctx, access.Console, w.grants[i].ID, "test"); err == nil {
					w.grants[i].Revoked = w.clock.now()
				}
			}
		case 4:
			p := pick(w.rng, w.people)
			if p.Disabled {
				p.Disabled = w.door.Enable(ctx, access.Console, p.ID, "test") != nil
			} else if w.rng.IntN(3) == 0 {
				p.Disabled = w.door.Disable(ctx, access.Console, p.ID, "test") == nil
			}
		case 5:
			name := pick(w.rng, w.names)
			th := w.themes[name]
			var err error
			if th.active && w.rng.IntN(3) == 0 {
				err = w.door.Suspend(ctx, access.Console, name, "test")
				th.active = false
			} else if !th.active {
				err = w.door.Activate(ctx, access.Console, &zoeklicht.Theme{Name: name}, "test")
				th.active = err == nil
				if zoeklicht.CodeOf(err) == zoeklicht.Conflict && !th.practice {
					err = nil // a practice person can sign in
				}
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	w.clock.set(pick(w.rng, w.edges).Add(time.Duration(w.rng.IntN(3)-1) * time.Second))
}

func (w *world) give(t *testing.T, ctx context.Context) {
	p := pick(w.rng, w.people)
	name := pick(w.rng, w.names)
	from := w.clock.now().Add(time.Duration(w.rng.IntN(20)-10) * time.Minute)
	g := zoeklicht.Grant{
		Person: p.ID, Theme: name, Role: pick(w.rng, zoeklicht.Roles), Task: "test",
		From: from, Until: from.Add(time.Duration(1+w.rng.IntN(30)) * time.Minute),
	}
	given, err := w.door.Give(ctx, access.Console, g)
	switch {
	case w.practice[p.ID] && !w.themes[name].practice, !w.clock.now().Before(g.Until):
		if err == nil {
			t.Fatalf("was given: %+v", g)
		}
		return
	case err != nil:
		t.Fatal(err)
	}
	w.grants = append(w.grants, *given)
	w.edges = append(w.edges, given.From, given.Until)
}

// compare asks for every person in every theme, and one theme that does not
// exist, and holds the answers against a plain reading of the grants.
func (w *world) compare(t *testing.T) {
	now := w.clock.now()
	for _, p := range w.people {
		for _, name := range append(slices.Clone(w.names), "gamma") {
			var roles []zoeklicht.Role
			until := now.Add(15 * time.Minute)
			for _, r := range zoeklicht.Roles {
				for i := range w.grants {
					if g := &w.grants[i]; g.Person == p.ID && g.Theme == name && g.Role == r && g.Holds(now) {
						if !slices.Contains(roles, r) {
							roles = append(roles, r)
						}
						if g.Until.Before(until) {
							until = g.Until
						}
					}
				}
			}
			want := zoeklicht.Code("")
			switch {
			case p.Disabled, len(roles) == 0:
				want = zoeklicht.NotFound
			case !w.themes[name].active:
				want = zoeklicht.Conflict
			}
			pass, err := w.door.Enter(t.Context(), p.ID, name, "case 1")
			if got := zoeklicht.CodeOf(err); got != want || (pass == nil) != (err != nil) {
				t.Fatalf("%s into %s at %s: %v, want code %q; roles %v", p.Login, name, now, err, want, roles)
			}
			if err != nil {
				w.denied++
				continue
			}
			w.entered++
			if diff := cmp.Diff(roles, pass.Roles()); diff != "" {
				t.Fatalf("%s in %s: roles (-want +got):\n%s", p.Login, name, diff)
			}
			if !pass.Expires().Equal(until) {
				t.Fatalf("%s in %s at %s: expires %s, want %s", p.Login, name, now, pass.Expires(), until)
			}
			for _, act := range []zoeklicht.Act{zoeklicht.ActSearch, zoeklicht.ActVet, zoeklicht.ActAudit, zoeklicht.ActExport} {
				if may := slices.ContainsFunc(roles, func(r zoeklicht.Role) bool { return r.May(act) }); pass.May(act) != may {
					t.Fatalf("%v: May(%s) = %v", roles, act, !may)
				}
			}
		}
	}
}

// TestGrantEdges walks over both ends of a grant, second by second.
func TestGrantEdges(t *testing.T) {
	t.Parallel()
	d, c := open(t)
	accesstest.People(t, d, &accesstest.Theme, nil)
	p := accesstest.Person(t, d, "analyst", false)
	from := c.now().Add(time.Hour)
	until := from.Add(time.Minute)
	must[*zoeklicht.Grant](t)(d.Give(t.Context(), access.Console, zoeklicht.Grant{
		Person: p.ID, Theme: "practice", Role: zoeklicht.Analyst, Task: "case 1", From: from, Until: until,
	}))
	for at, want := range map[time.Time]zoeklicht.Code{
		from.Add(-time.Second): zoeklicht.NotFound, from: "", from.Add(time.Second): "",
		until.Add(-time.Second): "", until.Add(-time.Microsecond): "", until: zoeklicht.NotFound, until.Add(time.Second): zoeklicht.NotFound,
	} {
		c.set(at)
		pass, err := d.Enter(t.Context(), p.ID, "practice", "")
		wantCode(t, at.Format(time.TimeOnly), err, want)
		if err == nil && (!pass.Expires().Equal(until) || pass.Check(until.Add(-time.Microsecond)) != nil || pass.Check(until) == nil) {
			t.Errorf("entered at %s: expires %s", at, pass.Expires())
		}
	}
}

// TestSameAnswer: who has no business in a theme cannot tell whether it exists.
func TestSameAnswer(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	accesstest.People(t, d, &accesstest.Theme, map[string][]zoeklicht.Role{"insider": {zoeklicht.Analyst}})
	outsider := accesstest.Person(t, d, "outsider", true)
	_, exists := d.Enter(t.Context(), outsider.ID, "practice", "x")
	_, not := d.Enter(t.Context(), outsider.ID, "absent", "x")
	wantCode(t, "a theme without a grant", exists, zoeklicht.NotFound)
	if got, want := strings.ReplaceAll(exists.Error(), "practice", "absent"), not.Error(); got != want {
		t.Errorf("the answers differ: %q and %q", exists, not)
	}
	_, nobody := d.Enter(t.Context(), 424242, "practice", "x")
	wantCode(t, "nobody", nobody, zoeklicht.NotFound)
	_, service := d.Enter(t.Context(), access.Console, "practice", "x")
	wantCode(t, "the console", service, zoeklicht.NotFound)
	themes := must[[]access.ThemeState](t)(d.ThemesOf(t.Context(), outsider.ID))
	if len(themes) != 0 {
		t.Errorf("themes of an administrator without grants: %v", themes)
	}
}

func TestPassOfAPerson(t *testing.T) {
	t.Parallel()
	d, c := open(t)
	accesstest.People(t, d, &accesstest.Theme, map[string][]zoeklicht.Role{"both": {zoeklicht.SourceManager, zoeklicht.Analyst}})
	p := must[*zoeklicht.Person](t)(d.PersonByLogin(t.Context(), "Both"))
	pass := must[*access.Pass](t)(d.Enter(t.Context(), p.ID, "practice", "  case 2026-17 "))
	got := []any{
		pass.Person(), pass.Login(), pass.Name(), pass.Theme(), pass.Phase(), pass.Purpose(), pass.Role(), pass.Roles(),
		pass.Entered(), pass.Expires(), pass.DSN(), pass.Keys() == nil, pass.String(),
	}
	want := []any{
		p.ID, "both", "Test both", zoeklicht.ThemeName("practice"), zoeklicht.Analysis, "case 2026-17", zoeklicht.Analyst,
		[]zoeklicht.Role{zoeklicht.Analyst, zoeklicht.SourceManager},
		c.now(), c.now().Add(15 * time.Minute),
		"postgres://zl_practice_analysis@/zl_practice", true, "practice/analysis Test both",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the pass (-want +got):\n%s", diff)
	}
	_, err := d.Enter(t.Context(), p.ID, "practice", "two\nlines")
	wantCode(t, "a purpose of two lines", err, zoeklicht.Invalid)
}

func TestEnterAudit(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	accesstest.People(t, d, &accesstest.Theme, map[string][]zoeklicht.Role{
		"auditor": {zoeklicht.Auditor}, "both": {zoeklicht.Analyst, zoeklicht.Prosecutor}, "analyst": {zoeklicht.Analyst},
	})
	id := func(login string) zoeklicht.PersonID {
		return must[*zoeklicht.Person](t)(d.PersonByLogin(t.Context(), login)).ID
	}
	for login, want := range map[string][]zoeklicht.Role{"auditor": {zoeklicht.Auditor}, "both": {zoeklicht.Prosecutor}} {
		pass := must[*access.Pass](t)(d.EnterAudit(t.Context(), id(login), "practice", "quarterly audit"))
		if diff := cmp.Diff(want, pass.Roles()); diff != "" || pass.Phase() != zoeklicht.Auditing || pass.DSN() != "postgres://zl_practice_audit@/zl_practice" {
			t.Errorf("%s: phase %s, %s, roles (-want +got):\n%s", login, pass.Phase(), pass.DSN(), diff)
		}
		if pass.May(zoeklicht.ActSearch) {
			t.Errorf("%s searches on a pass for the audit trail", login)
		}
	}
	_, err := d.EnterAudit(t.Context(), id("analyst"), "practice", "curious")
	wantCode(t, "an analyst reads the trail", err, zoeklicht.Denied)
}

func TestEnterNeedsOwnPassword(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	accesstest.People(t, d, &accesstest.Theme, map[string][]zoeklicht.Role{"analyst": {zoeklicht.Analyst}})
	p := must[*zoeklicht.Person](t)(d.PersonByLogin(t.Context(), "analyst"))
	must[string](t)(d.ResetPassword(t.Context(), access.Console, p.ID))
	_, err := d.Enter(t.Context(), p.ID, "practice", "x")
	wantCode(t, "with a password that an administrator knows", err, zoeklicht.Conflict)
}

func TestEnterWithoutLocator(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]access.Locator{
		"none":  nil,
		"empty": func(zoeklicht.ThemeName, string, zoeklicht.Phase) (string, error) { return "", nil },
	} {
		d := accesstest.Open(t, access.Config{Locate: l})
		accesstest.People(t, d, &accesstest.Theme, map[string][]zoeklicht.Role{"analyst": {zoeklicht.Analyst}})
		p := must[*zoeklicht.Person](t)(d.PersonByLogin(t.Context(), "analyst"))
		if pass, err := d.Enter(t.Context(), p.ID, "practice", "x"); err == nil {
			t.Errorf("locator %s: entered with DSN %q", name, pass.DSN())
		}
	}
}
