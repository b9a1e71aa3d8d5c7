package access_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/access/accesstest"
)

var home = netip.MustParseAddr("192.0.2.7")

func TestFirstAdministrator(t *testing.T) {
	t.Parallel()
	d, c := open(t)
	ctx := t.Context()
	if must[bool](t)(d.HasAdministrator(ctx)) {
		t.Fatal("an empty installation has an administrator")
	}
	p, first, err := d.CreatePerson(ctx, access.Console, access.NewPerson{Login: " Beheer1 ", Name: "Kim", Admin: true})
	if err != nil {
		t.Fatal(err)
	}
	want := &zoeklicht.Person{ID: p.ID, Login: "beheer1", Name: "Kim", Lang: "nl", Admin: true, Created: c.now(), MustChange: true}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	if !must[bool](t)(d.HasAdministrator(ctx)) {
		t.Error("no administrator after creating one")
	}
	if p, err := d.SignIn(ctx, "beheer1", first, home); err != nil || !p.MustChange {
		t.Errorf("first sign-in: %+v, %v", p, err)
	}
	wantCode(t, "a password that breaks the rules", d.ChangePassword(ctx, p.ID, first, "short", home), zoeklicht.Invalid)
	wantCode(t, "the same password", d.ChangePassword(ctx, p.ID, first, first, home), zoeklicht.Invalid)
	wantCode(t, "a wrong old password", d.ChangePassword(ctx, p.ID, "no", accesstest.Password, home), zoeklicht.Denied)
	if err := d.ChangePassword(ctx, p.ID, first, accesstest.Password, home); err != nil {
		t.Fatal(err)
	}
	_, err = d.SignIn(ctx, "beheer1", first, home)
	wantCode(t, "the first password afterwards", err, zoeklicht.Denied)
	if p, err := d.SignIn(ctx, "BEHEER1 ", accesstest.Password, home); err != nil || p.MustChange {
		t.Errorf("sign-in with the own password: %+v, %v", p, err)
	}
}

func TestCreatePersonRefuses(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	ctx := t.Context()
	admin := accesstest.Person(t, d, "admin1", true)
	plain := accesstest.Person(t, d, "plain", false)
	gone := accesstest.Person(t, d, "gone", true)
	if err := d.Disable(ctx, admin.ID, gone.ID, "left"); err != nil {
		t.Fatal(err)
	}
	good := access.NewPerson{Login: "new.person", Name: "New"}
	for name, tt := range map[string]struct {
		by   zoeklicht.PersonID
		edit func(n *access.NewPerson)
		want zoeklicht.Code
	}{
		"by nobody":            {0, nil, zoeklicht.Denied},
		"by a plain person":    {plain.ID, nil, zoeklicht.Denied},
		"by a disabled admin":  {gone.ID, nil, zoeklicht.Denied},
		"by a service":         {access.ServicePerson(zoeklicht.Analysis), nil, zoeklicht.Denied},
		"by who is not there":  {99999, nil, zoeklicht.Denied},
		"a taken name":         {admin.ID, func(n *access.NewPerson) { n.Login = "PLAIN" }, zoeklicht.Conflict},
		"no name":              {admin.ID, func(n *access.NewPerson) { n.Name = " " }, zoeklicht.Invalid},
		"a short sign-in name": {admin.ID, func(n *access.NewPerson) { n.Login = "x" }, zoeklicht.Invalid},
		"a sign-in name of ;":  {admin.ID, func(n *access.NewPerson) { n.Login = "a;b" }, zoeklicht.Invalid},
		"a name with a bell":   {admin.ID, func(n *access.NewPerson) { n.Name = "K\a" }, zoeklicht.Invalid},
		"a language":           {admin.ID, func(n *access.NewPerson) { n.Lang = "xx" }, zoeklicht.Invalid},
		"a poor password":      {admin.ID, func(n *access.NewPerson) { n.Password = "Welkom123456!" }, zoeklicht.Invalid},
	} {
		n := good
		if tt.edit != nil {
			tt.edit(&n)
		}
		_, _, err := d.CreatePerson(ctx, tt.by, n)
		wantCode(t, name, err, tt.want)
	}
	if _, _, err := d.CreatePerson(ctx, admin.ID, good); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

func TestDisable(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	ctx := t.Context()
	admin := accesstest.Person(t, d, "admin1", true)
	accesstest.People(t, d, &accesstest.Theme, map[string][]zoeklicht.Role{"analyst": {zoeklicht.Analyst}})
	p := must[*zoeklicht.Person](t)(d.PersonByLogin(ctx, "analyst"))

	wantCode(t, "oneself", d.Disable(ctx, admin.ID, admin.ID, "tired"), zoeklicht.Denied)
	wantCode(t, "the last administrator", d.Disable(ctx, access.Console, admin.ID, "tired"), zoeklicht.Conflict)
	wantCode(t, "nobody", d.Disable(ctx, admin.ID, 99999, "x"), zoeklicht.NotFound)
	wantCode(t, "enabling who is enabled", d.Enable(ctx, admin.ID, p.ID, "x"), zoeklicht.Conflict)

	if err := d.Disable(ctx, admin.ID, p.ID, "left"); err != nil {
		t.Fatal(err)
	}
	_, err := d.SignIn(ctx, "analyst", accesstest.Password, home)
	wantCode(t, "sign-in of a disabled person", err, zoeklicht.Denied)
	_, err = d.Enter(ctx, p.ID, "practice", "x")
	wantCode(t, "entry of a disabled person", err, zoeklicht.NotFound)
	wantCode(t, "disabling twice", d.Disable(ctx, admin.ID, p.ID, "left"), zoeklicht.Conflict)

	if err := d.Enable(ctx, admin.ID, p.ID, "returned"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Enter(ctx, p.ID, "practice", "x"); err != nil {
		t.Errorf("entry after returning: %v", err)
	}
}

func TestGiveRefuses(t *testing.T) {
	t.Parallel()
	d, c := open(t)
	ctx := t.Context()
	admin := accesstest.Person(t, d, "admin1", true)
	accesstest.People(t, d, &accesstest.Theme, map[string][]zoeklicht.Role{"analyst": nil})
	p := must[*zoeklicht.Person](t)(d.PersonByLogin(ctx, "analyst"))
	good := zoeklicht.Grant{Person: p.ID, Theme: "practice", Role: zoeklicht.Analyst, Task: "case 1", Until: c.now().Add(time.Hour)}
	for name, tt := range map[string]struct {
		by   zoeklicht.PersonID
		edit func(g *zoeklicht.Grant)
		want zoeklicht.Code
	}{
		"to oneself":        {admin.ID, func(g *zoeklicht.Grant) { g.Person = admin.ID }, zoeklicht.Denied},
		"by a plain person": {p.ID, func(g *zoeklicht.Grant) { g.Person = admin.ID }, zoeklicht.Denied},
		"by a service":      {access.ServicePerson(zoeklicht.Technical), nil, zoeklicht.Denied},
		"no task":           {admin.ID, func(g *zoeklicht.Grant) { g.Task = " " }, zoeklicht.Invalid},
		"no such role":      {admin.ID, func(g *zoeklicht.Grant) { g.Role = "everything" }, zoeklicht.Invalid},
		"the service role":  {admin.ID, func(g *zoeklicht.Grant) { g.Role = access.ServiceRole }, zoeklicht.Invalid},
		"no such theme":     {admin.ID, func(g *zoeklicht.Grant) { g.Theme = "absent" }, zoeklicht.NotFound},
		"no such person":    {admin.ID, func(g *zoeklicht.Grant) { g.Person = 99999 }, zoeklicht.NotFound},
		"no end":            {admin.ID, func(g *zoeklicht.Grant) { g.Until = time.Time{} }, zoeklicht.Invalid},
		"an end now":        {admin.ID, func(g *zoeklicht.Grant) { g.From = c.now().Add(-time.Hour); g.Until = c.now() }, zoeklicht.Invalid},
		"end before begin":  {admin.ID, func(g *zoeklicht.Grant) { g.From = g.Until.Add(time.Second) }, zoeklicht.Invalid},
	} {
		g := good
		if tt.edit != nil {
			tt.edit(&g)
		}
		_, err := d.Give(ctx, tt.by, g)
		wantCode(t, name, err, tt.want)
	}
	if gs := must[[]zoeklicht.Grant](t)(d.Grants(ctx, "")); len(gs) != 0 {
		t.Fatalf("grants after refusals: %v", gs)
	}

	g := must[*zoeklicht.Grant](t)(d.Give(ctx, admin.ID, good))
	c.forward(time.Minute)
	if err := d.Revoke(ctx, admin.ID, g.ID, "task ended"); err != nil {
		t.Fatal(err)
	}
	_, err := d.Enter(ctx, p.ID, "practice", "x")
	wantCode(t, "after revocation", err, zoeklicht.NotFound)
	wantCode(t, "revoking twice", d.Revoke(ctx, admin.ID, g.ID, "x"), zoeklicht.Conflict)
	wantCode(t, "revoking nothing", d.Revoke(ctx, admin.ID, 4242, "x"), zoeklicht.NotFound)
	want := good
	want.ID, want.By, want.From, want.Revoked = g.ID, admin.ID, c.now().Add(-time.Minute), c.now()
	for name, got := range map[string][]zoeklicht.Grant{
		"of the theme":  must[[]zoeklicht.Grant](t)(d.Grants(ctx, "practice")),
		"of the person": must[[]zoeklicht.Grant](t)(d.GrantsOf(ctx, p.ID)),
	} {
		if diff := cmp.Diff([]zoeklicht.Grant{want}, got); diff != "" {
			t.Errorf("grants %s (-want +got):\n%s", name, diff)
		}
	}
}

func TestThemes(t *testing.T) {
	t.Parallel()
	d, c := open(t)
	ctx := t.Context()
	admin := accesstest.Person(t, d, "admin1", true)
	real := &zoeklicht.Theme{Name: "trafficking"}
	for name, err := range map[string]error{
		"a bad name":        d.AddTheme(ctx, admin.ID, &zoeklicht.Theme{Name: "No Theme"}, ""),
		"a reserved name":   d.AddTheme(ctx, admin.ID, &zoeklicht.Theme{Name: "common"}, ""),
		"a password":        d.AddTheme(ctx, admin.ID, real, "host=db.example password=x"),
		"a user with one":   d.AddTheme(ctx, admin.ID, real, "postgres://u:p@db.example"),
		"without reason":    d.Activate(ctx, admin.ID, real, " "),
		"a move with an @ ": d.MoveTheme(ctx, admin.ID, "trafficking", "u@h"),
	} {
		wantCode(t, name, err, zoeklicht.Invalid)
	}
	wantCode(t, "activating what is not there", d.Activate(ctx, admin.ID, real, "start"), zoeklicht.NotFound)
	wantCode(t, "moving what is not there", d.MoveTheme(ctx, admin.ID, "trafficking", "host=x"), zoeklicht.NotFound)
	wantCode(t, "adding by a stranger", d.AddTheme(ctx, 99999, real, ""), zoeklicht.Denied)
	if err := d.AddTheme(ctx, admin.ID, real, ""); err != nil {
		t.Fatal(err)
	}
	if err := d.AddTheme(ctx, admin.ID, real, ""); err != nil {
		t.Errorf("adding again: %v", err)
	}
	wantCode(t, "a real theme as practice", d.AddTheme(ctx, admin.ID, &zoeklicht.Theme{Name: "trafficking", Practice: true}, ""), zoeklicht.Conflict)

	unready := *real
	unready.Missing = []zoeklicht.Text{{NL: "bewaartermijnen", EN: "retention clocks"}, {NL: "x", EN: "policies"}}
	err := d.Activate(ctx, admin.ID, &unready, "start")
	wantCode(t, "activating what misses something", err, zoeklicht.Conflict)
	if err == nil || !strings.Contains(err.Error(), "retention clocks; policies") {
		t.Errorf("the refusal does not name what is missing: %v", err)
	}
	wantCode(t, "suspending what is not active", d.Suspend(ctx, admin.ID, "trafficking", "stop"), zoeklicht.Conflict)
	if err := d.Activate(ctx, admin.ID, real, "decision 12"); err != nil {
		t.Fatal(err)
	}
	c.forward(time.Hour)
	if err := d.Suspend(ctx, admin.ID, "trafficking", "review"); err != nil {
		t.Fatal(err)
	}
	if err := d.MoveTheme(ctx, admin.ID, "trafficking", "host=db2.example"); err != nil {
		t.Fatal(err)
	}
	want := []access.ThemeState{{
		Name: "trafficking", Location: "host=db2.example", Added: c.now().Add(-time.Hour), Since: c.now(), By: admin.ID, Reason: "review",
	}}
	if diff := cmp.Diff(want, must[[]access.ThemeState](t)(d.Themes(ctx))); diff != "" {
		t.Errorf("themes (-want +got):\n%s", diff)
	}
	analyst := accesstest.Person(t, d, "analyst", false)
	must[*zoeklicht.Grant](t)(d.Give(ctx, admin.ID, zoeklicht.Grant{
		Person: analyst.ID, Theme: "trafficking", Role: zoeklicht.Analyst, Task: "case", Until: c.now().Add(time.Hour),
	}))
	if got := must[[]access.ThemeState](t)(d.ThemesOf(ctx, analyst.ID)); len(got) != 1 || got[0].Name != "trafficking" || got[0].Active {
		t.Errorf("themes of the analyst: %+v", got)
	}
	_, err = d.Enter(ctx, analyst.ID, "trafficking", "x")
	wantCode(t, "entering what is suspended", err, zoeklicht.Conflict)
	if err == nil || !strings.Contains(err.Error(), "review") {
		t.Errorf("the refusal gives no reason: %v", err)
	}
	c.forward(2 * time.Hour)
	if got := must[[]access.ThemeState](t)(d.ThemesOf(ctx, analyst.ID)); len(got) != 0 {
		t.Errorf("themes of the analyst once the grant ended: %+v", got)
	}
}

// TestActs: what changes people, grants or themes leaves a row, and what was
// refused leaves none.
func TestActs(t *testing.T) {
	t.Parallel()
	d, c := open(t)
	ctx := t.Context()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	admin, first, err := d.CreatePerson(ctx, access.Console, access.NewPerson{Login: "admin1", Name: "Kim", Admin: true})
	ok(err)
	ok(d.ChangePassword(ctx, admin.ID, first, accesstest.Password, home))
	p, _, err := d.CreatePerson(ctx, admin.ID, access.NewPerson{Login: "pat", Name: "Pat"})
	ok(err)
	th := &zoeklicht.Theme{Name: "practice", Practice: true}
	ok(d.AddTheme(ctx, admin.ID, th, ""))
	ok(d.Activate(ctx, admin.ID, th, "start"))
	g, err := d.Give(ctx, admin.ID, zoeklicht.Grant{Person: p.ID, Theme: "practice", Role: zoeklicht.Auditor, Task: "audit", Until: c.now().Add(time.Hour)})
	ok(err)
	_, err = d.Give(ctx, p.ID, *g)
	wantCode(t, "a grant by a plain person", err, zoeklicht.Denied)
	ok(d.Revoke(ctx, admin.ID, g.ID, "done"))
	_, err = d.ResetPassword(ctx, admin.ID, p.ID)
	ok(err)
	ok(d.EndSessions(ctx, p.ID, p.ID))
	wantCode(t, "ending a colleague's sessions", d.EndSessions(ctx, p.ID, admin.ID), zoeklicht.Denied)
	ok(d.Disable(ctx, admin.ID, p.ID, "left"))
	ok(d.Enable(ctx, admin.ID, p.ID, "back"))
	ok(d.Suspend(ctx, admin.ID, "practice", "over"))

	type row struct {
		By     string
		Kind   access.ActKind
		Object string
	}
	var got []row
	acts := must[[]access.Act](t)(d.Acts(ctx, 100))
	for i := len(acts) - 1; i >= 0; i-- {
		got = append(got, row{acts[i].Name, acts[i].Kind, acts[i].Object})
		if !acts[i].At.Equal(c.now()) {
			t.Errorf("%s is of %s", acts[i].Kind, acts[i].At)
		}
		for k, v := range acts[i].Detail {
			if strings.Contains(v, accesstest.Password) || strings.Contains(v, first) {
				t.Errorf("%s tells a password in %s", acts[i].Kind, k)
			}
		}
	}
	want := []row{
		{"", access.PersonCreated, "admin1"},
		{"Kim", access.PasswordChanged, "admin1"},
		{"Kim", access.PersonCreated, "pat"},
		{"Kim", access.ThemeAdded, "practice"},
		{"Kim", access.ThemeActivated, "practice"},
		{"Kim", access.GrantGiven, "grant 1"},
		{"Kim", access.GrantRevoked, "grant 1"},
		{"Kim", access.PasswordReset, "pat"},
		{"Pat", access.SessionsEnded, "pat"},
		{"Kim", access.PersonDisabled, "pat"},
		{"Kim", access.PersonEnabled, "pat"},
		{"Kim", access.ThemeSuspended, "practice"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("acts (-want +got):\n%s", diff)
	}
	if got := must[[]access.Act](t)(d.Acts(ctx, 2)); len(got) != 2 || got[0].Kind != access.ThemeSuspended {
		t.Errorf("the two newest: %+v", got)
	}
}

func TestSeedPractice(t *testing.T) {
	t.Parallel()
	d, c := open(t)
	ctx := t.Context()
	if err := d.AddTheme(ctx, access.Console, &zoeklicht.Theme{Name: "real"}, ""); err != nil {
		t.Fatal(err)
	}
	_, err := d.SeedPractice(ctx, "real", "")
	wantCode(t, "seeding a real theme", err, zoeklicht.Conflict)
	accesstest.People(t, d, &accesstest.Theme, nil)

	all := must[[]access.PracticeSignIn](t)(d.SeedPractice(ctx, "practice", ""))
	got := map[string][]zoeklicht.Role{}
	for _, s := range all {
		p, err := d.SignIn(ctx, s.Login, s.Password, netip.Addr{})
		if err != nil {
			t.Fatalf("%s: %v", s.Login, err)
		}
		pass, err := d.Enter(ctx, p.ID, "practice", "oefening")
		if err != nil {
			t.Fatalf("%s: %v", s.Login, err)
		}
		got[s.Login] = pass.Roles()
		if p.Admin != (s.Login == "beheer") || p.Name != s.Name {
			t.Errorf("%s: %+v", s.Login, p)
		}
	}
	want := map[string][]zoeklicht.Role{
		"analist": {zoeklicht.Analyst}, "specialist": {zoeklicht.Specialist}, "bronbeheer": {zoeklicht.SourceManager},
		"bronbeheer2": {zoeklicht.SourceManager}, "officier": {zoeklicht.Prosecutor}, "auditor": {zoeklicht.Auditor}, "beheer": {zoeklicht.Operator},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("practice roles (-want +got):\n%s", diff)
	}

	// A second run with the same password changes nothing: sessions stay, and no
	// second grant is given.
	before := must[[]zoeklicht.Grant](t)(d.Grants(ctx, "practice"))
	s := d.Sessions(access.SessionConfig{})
	token := signIn(t, s, must[*zoeklicht.Person](t)(d.PersonByLogin(ctx, "analist")))
	c.forward(time.Minute)
	must[[]access.PracticeSignIn](t)(d.SeedPractice(ctx, "practice", all[0].Password))
	if diff := cmp.Diff(before, must[[]zoeklicht.Grant](t)(d.Grants(ctx, "practice"))); diff != "" {
		t.Errorf("grants after the second run (-before +after):\n%s", diff)
	}
	if _, err := s.Current(load(t, s, token)); err != nil {
		t.Errorf("the session after the second run: %v", err)
	}
	// Another password, one that no person could choose, is taken and ends sessions.
	must[[]access.PracticeSignIn](t)(d.SeedPractice(ctx, "practice", "oefen"))
	if _, err := d.SignIn(ctx, "analist", "oefen", netip.Addr{}); err != nil {
		t.Errorf("with the given password: %v", err)
	}
	_, err = s.Current(load(t, s, token))
	wantCode(t, "the session after another password", err, zoeklicht.Denied)
	// Grants are renewed before they lapse.
	c.forward(300 * 24 * time.Hour)
	must[[]access.PracticeSignIn](t)(d.SeedPractice(ctx, "practice", "oefen"))
	c.forward(100 * 24 * time.Hour)
	if _, err := d.Enter(ctx, must[*zoeklicht.Person](t)(d.PersonByLogin(ctx, "analist")).ID, "practice", ""); err != nil {
		t.Errorf("after 400 days: %v", err)
	}
}

// TestPracticeApart: people whose passwords are on the screen and real themes do
// not go together, in either order, and the database says so too.
func TestPracticeApart(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	real := &zoeklicht.Theme{Name: "real"}

	d, c := open(t)
	accesstest.People(t, d, &accesstest.Theme, nil)
	must[[]access.PracticeSignIn](t)(d.SeedPractice(ctx, "practice", "oefen"))
	if err := d.AddTheme(ctx, access.Console, real, ""); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "activating a real theme beside practice accounts", d.Activate(ctx, access.Console, real, "start"), zoeklicht.Conflict)
	analyst := must[*zoeklicht.Person](t)(d.PersonByLogin(ctx, "analist"))
	_, err := d.Give(ctx, access.Console, zoeklicht.Grant{Person: analyst.ID, Theme: "real", Role: zoeklicht.Analyst, Task: "x", Until: c.now().Add(time.Hour)})
	wantCode(t, "a grant in a real theme for a practice person", err, zoeklicht.Denied)

	d, _ = open(t)
	accesstest.People(t, d, real, nil)
	accesstest.People(t, d, &accesstest.Theme, nil)
	_, err = d.SeedPractice(ctx, "practice", "oefen")
	wantCode(t, "practice accounts beside an active real theme", err, zoeklicht.Conflict)

	d, _ = open(t)
	accesstest.People(t, d, &accesstest.Theme, nil)
	accesstest.Person(t, d, "analist", false)
	_, err = d.SeedPractice(ctx, "practice", "oefen")
	wantCode(t, "a practice account with a real person's name", err, zoeklicht.Conflict)
	if people := must[[]*zoeklicht.Person](t)(d.People(ctx)); len(people) != 1 {
		t.Errorf("people after the refusal: %v", people)
	}
}

// TestDatabaseRefuses tries, with the rights that the platform has, what the
// platform never does.
func TestDatabaseRefuses(t *testing.T) {
	t.Parallel()
	d, c := open(t)
	ctx := t.Context()
	accesstest.People(t, d, &accesstest.Theme, map[string][]zoeklicht.Role{"analyst": {zoeklicht.Analyst}})
	p := must[*zoeklicht.Person](t)(d.PersonByLogin(ctx, "analyst"))
	for _, sql := range []string{
		"DELETE FROM person", "DELETE FROM credential", "DELETE FROM sign_in", "DELETE FROM given", "DELETE FROM revoked",
		"DELETE FROM theme", "DELETE FROM theme_state", "DELETE FROM purpose", "DELETE FROM act",
		"UPDATE sign_in SET outcome = 'ok'", "UPDATE given SET role = 'prosecutor'", "UPDATE given SET valid_until = 'infinity'",
		"UPDATE revoked SET reason = ''", "UPDATE theme_state SET active = true", "UPDATE purpose SET purpose = ''", "UPDATE act SET person = 1",
		"UPDATE person SET admin = true", "UPDATE person SET practice = false", "UPDATE person SET login = 'x1'", "UPDATE session SET begun = 'infinity'",
		"UPDATE theme SET practice = true", "TRUNCATE act", "DROP TABLE act", "CREATE TABLE mine (x int)", "ALTER TABLE act ADD x int",
		"UPDATE schema_version SET version = 0",
	} {
		_, err := d.Pool().Exec(ctx, sql)
		if err == nil || !strings.Contains(err.Error(), "42501") {
			t.Errorf("%s: %v, want SQLSTATE 42501", sql, err)
		}
	}
	_, err := d.Pool().Exec(ctx, `INSERT INTO given (person, theme, role, task, valid_from, valid_until, given_by, given_at)
		VALUES ($1, 'practice', 'analyst', 'x', $2, $3, $1, $2)`, p.ID, c.now(), c.now().Add(time.Hour))
	if err == nil || !strings.Contains(err.Error(), "not_to_oneself") {
		t.Errorf("a grant to oneself, in SQL: %v", err)
	}
}

func TestPeopleAreListed(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	ctx := t.Context()
	for _, n := range []string{"cc", "aa", "bb"} {
		must[*zoeklicht.Person](t)(d.InsertPerson(ctx, access.NewPerson{Login: n, Name: strings.ToUpper(n), Lang: "nl"}, false))
	}
	people := must[[]*zoeklicht.Person](t)(d.People(ctx))
	want := []*zoeklicht.Person{{Login: "aa", Name: "AA", Lang: "nl"}, {Login: "bb", Name: "BB", Lang: "nl"}, {Login: "cc", Name: "CC", Lang: "nl"}}
	if diff := cmp.Diff(want, people, cmpopts.IgnoreFields(zoeklicht.Person{}, "ID", "Created")); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
	if err := d.SetLang(ctx, people[0].ID, "en"); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "a language that is not there", d.SetLang(ctx, people[0].ID, "fr"), zoeklicht.Invalid)
	if p := must[*zoeklicht.Person](t)(d.Person(ctx, people[0].ID)); p.Lang != "en" {
		t.Errorf("language %q", p.Lang)
	}
	_, err := d.Person(ctx, 99999)
	wantCode(t, "nobody", err, zoeklicht.NotFound)
}
