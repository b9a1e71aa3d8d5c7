// Package storetest gives tests a theme's compartment of their own on a real
// PostgreSQL, with each phase under its own role as in an installation.
package storetest

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/access/accesstest"
	"zoeklicht/internal/postgres"
	"zoeklicht/internal/postgres/postgrestest"
	"zoeklicht/internal/store"

	"github.com/jackc/pgx/v5"
)

// Theme is a compartment under test.
type Theme struct {
	Compartments *store.Compartments
	Owner        *pgx.Conn
	OwnerDSN     string
	Clock        *Clock
	t            testing.TB
	passes       map[zoeklicht.Phase]*access.Pass
	door         *access.Door
	people       int
}

// Clock is a clock that a test moves.
type Clock struct{ T time.Time }

// Now tells the time.
func (c *Clock) Now() time.Time { return c.T }

// New makes a compartment whose clock stands at noon of 5 January 2026, UTC.
func New(t testing.TB) *Theme {
	t.Helper()
	return On(t, postgrestest.Database(t, store.Migrations()))
}

// On makes a compartment, as New does, in a database that has the migrations and is the
// caller's; the roles of its server are shared with other compartments on it.
func On(t testing.TB, dsn string) *Theme {
	t.Helper()
	owner, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	th := &Theme{Owner: owner, OwnerDSN: dsn, Clock: &Clock{time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)}, t: t, passes: map[zoeklicht.Phase]*access.Pass{}}
	for _, p := range zoeklicht.Phases {
		if err := postgres.EnsureRole(t.Context(), owner, access.RoleName("practice", p), "unused in tests"); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.ApplyGrants(t.Context(), owner, "practice"); err != nil {
		t.Fatal(err)
	}
	th.Compartments = store.New(th.Clock.Now, 8)
	t.Cleanup(func() {
		th.Compartments.Close()
		owner.Close(context.WithoutCancel(t.Context())) // the test is over
	})
	return th
}

// DSN gives an address that works under a phase's role from its start.
func (th *Theme) DSN(phase zoeklicht.Phase) string {
	u, err := url.Parse(th.OwnerDSN)
	if err != nil {
		th.t.Fatal(err)
	}
	q := u.Query()
	q.Set("options", "-c role="+access.RoleName("practice", phase))
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return u.String()
}

// Service opens the compartment as the platform's own process of a phase.
func (th *Theme) Service(phase zoeklicht.Phase) *store.Store {
	th.t.Helper()
	pass := th.passes[phase]
	if pass == nil {
		var err error
		pass, err = access.Service(access.Credential{Theme: "practice", Phase: phase, Name: string(phase), DSN: th.DSN(phase)})
		if err != nil {
			th.t.Fatal(err)
		}
		th.passes[phase] = pass
	}
	return th.open(pass)
}

// Person opens the compartment as somebody with roles, for a purpose. Each call is
// another person.
func (th *Theme) Person(purpose string, roles ...zoeklicht.Role) *store.Store {
	th.t.Helper()
	if th.door == nil {
		th.door = accesstest.Open(th.t, access.Config{
			Clock: th.Clock.Now, Conns: 2, PassLife: 1000 * time.Hour,
			Locate: func(_ zoeklicht.ThemeName, _ string, phase zoeklicht.Phase) (string, error) {
				return th.DSN(phase), nil
			},
		})
	}
	th.people++
	login := fmt.Sprintf("person%d", th.people)
	accesstest.People(th.t, th.door, &accesstest.Theme, map[string][]zoeklicht.Role{login: roles})
	p, err := th.door.PersonByLogin(th.t.Context(), login)
	if err != nil {
		th.t.Fatal(err)
	}
	pass, err := th.door.Enter(th.t.Context(), p.ID, "practice", purpose)
	if err != nil {
		th.t.Fatal(err)
	}
	return th.open(pass)
}

// Auditor opens the compartment as somebody who reads its audit trail, for a purpose.
func (th *Theme) Auditor(purpose string, roles ...zoeklicht.Role) *store.Store {
	th.t.Helper()
	who := th.Person(purpose, roles...).Pass().Person()
	pass, err := th.door.EnterAudit(th.t.Context(), who, "practice", purpose)
	if err != nil {
		th.t.Fatal(err)
	}
	return th.open(pass)
}

func (th *Theme) open(pass *access.Pass) *store.Store {
	th.t.Helper()
	st, err := th.Compartments.Open(th.t.Context(), pass)
	if err != nil {
		th.t.Fatal(err)
	}
	return st
}
