// Package accesstest lets tests in by the real door: a common database of the
// test's own, people and grants in it, and passes that access.Enter gave. There
// is no way around the door, not for tests either.
package accesstest

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/postgres/postgrestest"
)

// Theme is the practice theme that Pass opens.
var Theme = zoeklicht.Theme{Name: "practice", Practice: true}

// Open gives a door to a common database of the test's own, working under the
// rights of access.CommonRole. c.DSN is filled in.
func Open(t testing.TB, c access.Config) *access.Door {
	t.Helper()
	c.DSN = Database(t)
	d, err := access.Open(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// Database gives the DSN of a common database of the test's own. Whoever uses
// it has the rights of access.CommonRole and no others.
func Database(t testing.TB) string {
	t.Helper()
	owner := postgrestest.Database(t, access.Migrations())
	conn, err := pgx.Connect(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	err = access.Prepare(t.Context(), conn, "")
	if cerr := conn.Close(context.WithoutCancel(t.Context())); err == nil {
		err = cerr
	}
	if err != nil {
		t.Fatal(err)
	}
	return as(owner, access.CommonRole)
}

// as gives a DSN whose sessions work under a role from their start.
func as(dsn, role string) string {
	option := "-c role=" + role
	u, err := url.Parse(dsn)
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
		return fmt.Sprintf("%s options='%s'", dsn, option)
	}
	q := u.Query()
	q.Set("options", option)
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return u.String()
}

// Password is that of the people whom People made.
const Password = "four dry words suffice"

// farOff is when the grants of tests end, on any clock that a test sets.
var farOff = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// Person adds somebody who has chosen Password.
func Person(t testing.TB, d *access.Door, login string, admin bool) *zoeklicht.Person {
	t.Helper()
	p, first, err := d.CreatePerson(t.Context(), access.Console, access.NewPerson{Login: login, Name: "Test " + login, Admin: admin})
	if err == nil {
		err = d.ChangePassword(t.Context(), p.ID, first, Password, netip.Addr{})
	}
	if err != nil {
		t.Fatal(err)
	}
	p.MustChange = false
	return p
}

// People adds and activates a theme, and gives people roles in it from now on,
// by sign-in name; who is not there yet is added by Person.
func People(t testing.TB, d *access.Door, theme *zoeklicht.Theme, people map[string][]zoeklicht.Role) {
	t.Helper()
	ctx := t.Context()
	if err := d.AddTheme(ctx, access.Console, theme, ""); err != nil {
		t.Fatal(err)
	}
	if err := d.Activate(ctx, access.Console, theme, "test"); err != nil && zoeklicht.CodeOf(err) != zoeklicht.Conflict {
		t.Fatal(err)
	}
	for login, roles := range people {
		p, err := d.PersonByLogin(ctx, login)
		if zoeklicht.CodeOf(err) == zoeklicht.NotFound {
			p = Person(t, d, login, false)
		} else if err != nil {
			t.Fatal(err)
		}
		for _, r := range roles {
			if _, err := d.Give(ctx, access.Console, zoeklicht.Grant{
				Person: p.ID, Theme: theme.Name, Role: r, Task: "test", Until: farOff,
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
}
