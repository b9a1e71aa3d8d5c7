package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"zoeklicht"
	"zoeklicht/internal/postgres"
	"zoeklicht/internal/postgres/postgrestest"
)

// own gives a name for a database or a role on the shared server that is
// dropped at the end of the test; what is named later is dropped earlier.
func own(t *testing.T, what string) string {
	t.Helper()
	name := postgrestest.Name(what)
	t.Cleanup(func() { postgrestest.Drop(t, name) })
	return name
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// refused reports whether a sign-in fails with a SQLSTATE.
func refused(t *testing.T, dsn, state string) bool {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err == nil {
		conn.Close(t.Context())
		return false
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != state {
		t.Errorf("got %v, want SQLSTATE %s", err, state)
	}
	return true
}

const (
	badPassword  = "28P01"
	noPrivilege  = "42501"
	somePassword = `it's "quoted", with \ and spaces 2~`
)

// A role comes in by its newest password, into databases that it was let into,
// and has no other power.
func TestRoles(t *testing.T) {
	t.Parallel()
	s := postgrestest.Server(t)
	admin := connect(t, s.Admin(""))
	reader, owner := own(t, "reader"), own(t, "owner")
	mine, other := own(t, "mine"), own(t, "other")
	ctx := t.Context()
	for _, password := range []string{"first", somePassword} {
		if err := postgres.EnsureRole(ctx, admin, reader, password); err != nil {
			t.Fatal(err)
		}
	}
	if err := postgres.EnsureRole(ctx, admin, owner, ""); err != nil {
		t.Fatal(err)
	}
	if err := postgres.EnsureRole(ctx, admin, reader, "not ASCII: é"); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("got %v, want it refused", err)
	}
	for _, want := range []bool{true, false} {
		created, err := postgres.EnsureDatabase(ctx, admin, mine, owner, reader)
		if err != nil || created != want {
			t.Fatalf("created %v, %v, want %v", created, err, want)
		}
	}
	if _, err := postgres.EnsureDatabase(ctx, admin, other, ""); err != nil {
		t.Fatal(err)
	}
	if got := query[string](t, s.DSN(mine, reader, somePassword), "SELECT current_user::text"); got != reader {
		t.Errorf("signed in as %q, want %q", got, reader)
	}
	if !refused(t, s.DSN(mine, reader, "first"), badPassword) {
		t.Error("the old password still lets in")
	}
	if !refused(t, s.DSN(other, reader, somePassword), noPrivilege) || !refused(t, s.DSN("postgres", reader, somePassword), noPrivilege) {
		t.Error("it comes into a database that it was not let into")
	}
	if !refused(t, s.DSN(mine, owner, "x"), badPassword) {
		t.Error("a role without a password signs in")
	}
	got := query[string](t, s.Admin(""), `
		SELECT concat_ws(' ', rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, pg_encoding_to_char(encoding), datcollate, datdba::regrole)
		FROM pg_roles, pg_database WHERE rolname = $1 AND datname = $2`, reader, mine)
	if want := "f f f f f UTF8 C.UTF-8 " + owner; got != want {
		t.Errorf("role and database are %q, want %q", got, want)
	}
	if err := postgres.EnsureRole(ctx, admin, "postgres", "taken over"); zoeklicht.CodeOf(err) != zoeklicht.Conflict {
		t.Errorf("superuser: got %v, want a conflict", err)
	}
}

// Whoever comes at the same time makes the same role and database once, and
// nobody is told off for it.
func TestRolesTogether(t *testing.T) {
	t.Parallel()
	s := postgrestest.Server(t)
	name := own(t, "together")
	db := own(t, "together")
	const many = 6
	errs, made := make(chan error, many), make(chan bool, many)
	for range many {
		go func() {
			conn, err := pgx.Connect(t.Context(), s.Admin(""))
			if err != nil {
				errs <- err
				return
			}
			defer conn.Close(context.Background())
			for range 3 {
				err = errors.Join(err, postgres.EnsureRole(t.Context(), conn, name, "same"))
				created, dbErr := postgres.EnsureDatabase(t.Context(), conn, db, "", name)
				if created {
					made <- true
				}
				err = errors.Join(err, dbErr)
			}
			errs <- err
		}()
	}
	for range many {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if len(made) != 1 {
		t.Errorf("made %d times, want once", len(made))
	}
	query[int](t, s.DSN(db, name, "same"), "SELECT 1")
}

// What we ask of a server that is given, we do with CREATEDB and CREATEROLE
// only, through either form of DSN.
func TestGivenServer(t *testing.T) {
	t.Parallel()
	s := postgrestest.Server(t)
	ctx := t.Context()
	platform := own(t, "platform")
	execute(t, s.Admin(""), "CREATE ROLE "+platform+" LOGIN CREATEDB CREATEROLE PASSWORD 'given'", "GRANT CONNECT ON DATABASE postgres TO "+platform)
	u := s.DSN("postgres", platform, "given")
	at, err := pgx.ParseConfig(u)
	if err != nil {
		t.Fatal(err)
	}
	for form, dsn := range map[string]string{
		"URL":      u,
		"keywords": fmt.Sprintf("host=%s port=%d user=%s password=given dbname=postgres", at.Host, at.Port, platform),
	} {
		t.Run(form, func(t *testing.T) {
			given := start(t, postgres.Config{DSN: dsn})
			worker, owner := own(t, "worker"), own(t, "owner")
			db := own(t, "theme")
			admin := connect(t, given.Admin(""))
			for range 2 { // a second time nothing changes
				for _, name := range []string{worker, owner} {
					if err := postgres.EnsureRole(ctx, admin, name, somePassword); err != nil {
						t.Fatal(err)
					}
				}
				if _, err := postgres.EnsureDatabase(ctx, admin, db, owner, worker); err != nil {
					t.Fatal(err)
				}
			}
			if _, to, err := postgres.Migrate(ctx, connect(t, given.DSN(db, owner, somePassword)), oneTable); err != nil || to != 1 {
				t.Fatalf("migrated to %d, %v", to, err)
			}
			if got := query[string](t, given.DSN(db, worker, somePassword), "SELECT current_user::text"); got != worker {
				t.Errorf("signed in as %q, want %q", got, worker)
			}
			for _, f := range given.Check(ctx) {
				if f.Grade == postgres.Bad && f.Check != "durability" { // the shared server is in TestMode
					t.Errorf("doctor: %+v", f)
				}
			}
			if given.Own() {
				t.Error("it is taken for our own")
			}
		})
	}
}

// A server that is given and will not do is refused at once, and what is shown
// holds no password.
func TestGivenServerRefused(t *testing.T) {
	t.Parallel()
	s := postgrestest.Server(t)
	poor := own(t, "poor")
	execute(t, s.Admin(""), "CREATE ROLE "+poor+" LOGIN PASSWORD 'hidden-word'", "GRANT CONNECT ON DATABASE postgres TO "+poor)
	for name, c := range map[string]struct {
		dsn  string
		code zoeklicht.Code
		says string
	}{
		"no rights":      {s.DSN("postgres", poor, "hidden-word"), zoeklicht.Denied, "CREATEDB CREATEROLE"},
		"wrong password": {s.DSN("postgres", poor, "other-hidden-word"), zoeklicht.Unavailable, "--database"},
		"nobody there":   {"postgres://x:hidden-word@127.0.0.1:1/x?connect_timeout=2", zoeklicht.Unavailable, "--database"},
		"not a DSN":      {"postgres://x:hidden-word@[oops/x", zoeklicht.Unavailable, "cannot be read"},
	} {
		_, err := postgres.Start(t.Context(), postgres.Config{DSN: c.dsn}, discard)
		if zoeklicht.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want %s with %q", name, err, c.code, c.says)
			continue
		}
		if strings.Contains(err.Error(), "hidden-word") {
			t.Errorf("%s: the password is in %q", name, err)
		}
	}
}

// Doctor notices what is wrong, each by its name.
func TestDoctor(t *testing.T) {
	t.Parallel()
	cfg := postgrestest.Config(t)
	s := start(t, cfg)
	execute(t, s.Admin(""),
		"CREATE DATABASE open", // made by hand: PUBLIC may connect
		"CREATE ROLE lax LOGIN")
	if err := os.Chmod(filepath.Join(cfg.Dir, "superuser"), 0o644); err != nil {
		t.Fatal(err)
	}
	grades := map[string]postgres.Grade{}
	for _, f := range s.Check(t.Context()) {
		grades[f.Check] = f.Grade
		if (f.Grade == postgres.Good) != (f.Do == "") {
			t.Errorf("%+v: what is not good says what to do, and only that", f)
		}
	}
	delete(grades, "disk") // depends on the machine
	want := map[string]postgres.Grade{
		"version": postgres.Good, "durability": postgres.Bad, "checksums": postgres.Good, "encoding": postgres.Good,
		"connections": postgres.Good, "transactions": postgres.Good, "network": postgres.Good,
		"sign-in": postgres.Bad, "public": postgres.Bad, "files": postgres.Bad,
	}
	if fmt.Sprint(grades) != fmt.Sprint(want) {
		t.Errorf("grades are %v,\nwant       %v", grades, want)
	}
	kill(t, s.Pid())
	until(t, "nobody answers", func() bool {
		f := s.Check(t.Context())
		return len(f) == 1 && f[0].Check == "connection" && f[0].Grade == postgres.Bad
	})
}

// Sessions that change one row of a catalogue at the same time all have their
// way in the end.
func TestPatiently(t *testing.T) {
	t.Parallel()
	s := postgrestest.Server(t)
	db := own(t, "shared")
	execute(t, s.Admin(""), "CREATE DATABASE "+db)
	const sessions, grants = 12, 25
	errs := make(chan error, sessions)
	for range sessions {
		role := own(t, "guest")
		go func() {
			conn, err := pgx.Connect(t.Context(), s.Admin(""))
			if err != nil {
				errs <- err
				return
			}
			defer conn.Close(context.Background())
			err = postgres.Patiently(t.Context(), conn, "CREATE ROLE "+role)
			for range grants {
				err = errors.Join(err, postgres.Patiently(t.Context(), conn, "GRANT CONNECT ON DATABASE "+db+" TO "+role),
					postgres.Patiently(t.Context(), conn, "REVOKE CONNECT ON DATABASE "+db+" FROM "+role))
			}
			errs <- err
		}()
	}
	for range sessions {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}
