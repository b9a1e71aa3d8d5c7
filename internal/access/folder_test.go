package access_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/postgres"
	"zoeklicht/internal/postgres/postgrestest"
)

func TestCredentials(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys", "db")
	c, err := access.OpenCredentials(dir)
	if err != nil {
		t.Fatal(err)
	}
	role := access.RoleName("practice", zoeklicht.Technical)
	_, err = c.Load(role)
	wantCode(t, "a lost file", err, zoeklicht.NotFound)
	first, made, err := c.LoadOrCreate(role)
	if err != nil || !made || len(first) != 43 {
		t.Fatalf("created %q, %v, %v", first, made, err)
	}
	again, made, err := c.LoadOrCreate(role)
	if err != nil || made || again != first || must[string](t)(c.Load(role)) != first {
		t.Errorf("then %q, %v, %v", again, made, err)
	}
	if other, _, err := c.LoadOrCreate(access.CommonRole); err != nil || other == first {
		t.Errorf("another role: %q, %v", other, err)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, role): 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	for _, bad := range []string{"", "practice", "zl_", "zl_a/../../x", "zl_A", "../zl_a", "zl_a b"} {
		_, err := c.Load(bad)
		wantCode(t, bad, err, zoeklicht.Invalid)
		_, _, err = c.LoadOrCreate(bad)
		wantCode(t, bad, err, zoeklicht.Invalid)
	}

	if err := os.WriteFile(filepath.Join(dir, role), []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err = c.LoadOrCreate(role)
	wantCode(t, "a broken file", err, zoeklicht.Invalid)
	if err := os.Chmod(filepath.Join(dir, role), 0o640); err != nil {
		t.Fatal(err)
	}
	_, err = c.Load(role)
	wantCode(t, "a file that others read", err, zoeklicht.Denied)
	if err := os.Chmod(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	_, err = access.OpenCredentials(dir)
	wantCode(t, "a folder that others read", err, zoeklicht.Denied)
}

// TestCredentialsAtOnce: whoever comes first makes the password, all get it, and
// nothing is left beside it.
func TestCredentialsAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	c, err := access.OpenCredentials(dir)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	got, made := map[string]int{}, 0
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			p, created, err := c.LoadOrCreate("zl_practice_audit")
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			got[p]++
			if created {
				made++
			}
		})
	}
	wg.Wait()
	files, err := os.ReadDir(dir)
	if len(got) != 1 || made != 1 || len(files) != 1 || err != nil {
		t.Errorf("%d passwords, %d made, files %v, %v", len(got), made, files, err)
	}
}

// TestPrepareForReal goes the way of an installation: a server of our own, the
// common database, the role's password from the folder, and in by scram.
func TestPrepareForReal(t *testing.T) {
	t.Parallel()
	srv, _ := postgrestest.Cluster(t)
	ctx := t.Context()
	creds, err := access.OpenCredentials(filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	password, _, err := creds.LoadOrCreate(access.CommonRole)
	if err != nil {
		t.Fatal(err)
	}
	prepare := func() error {
		admin, err := pgx.Connect(ctx, srv.Admin(""))
		if err != nil {
			return err
		}
		defer admin.Close(context.WithoutCancel(ctx))
		if err := postgres.EnsureRole(ctx, admin, access.CommonRole, password); err != nil {
			return err
		}
		if _, err := postgres.EnsureDatabase(ctx, admin, access.CommonDatabase, "", access.CommonRole); err != nil {
			return err
		}
		owner, err := pgx.Connect(ctx, srv.Admin(access.CommonDatabase))
		if err != nil {
			return err
		}
		defer owner.Close(context.WithoutCancel(ctx))
		return access.Prepare(ctx, owner, password)
	}
	var wg sync.WaitGroup
	for range 3 { // several processes start at once, and each prepares
		wg.Go(func() {
			if err := prepare(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	d, err := access.Open(ctx, access.Config{DSN: srv.DSN(access.CommonDatabase, access.CommonRole, password)}, discard)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, _, err := d.CreatePerson(ctx, access.Console, access.NewPerson{Login: "first", Name: "First", Admin: true}); err != nil {
		t.Error(err)
	}
	if err := d.Ping(ctx); err != nil {
		t.Error(err)
	}
	_, err = access.Open(ctx, access.Config{DSN: srv.DSN(access.CommonDatabase, access.CommonRole, "guess")}, discard)
	wantCode(t, "a wrong password", err, zoeklicht.Unavailable)
	if pg := new(pgconn.PgError); !errors.As(err, &pg) || pg.Code != "28P01" {
		t.Errorf("a wrong password: %v", err)
	}
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "a server that has stopped", d.Ping(ctx), zoeklicht.Unavailable)
	_, err = d.SignIn(ctx, "first", "x", home)
	wantCode(t, "signing in meanwhile", err, zoeklicht.Unavailable)
	_, err = access.Open(ctx, access.Config{DSN: "postgres://"}, discard)
	wantCode(t, "no server", err, zoeklicht.Unavailable)
	_, err = access.Open(ctx, access.Config{DSN: "no such thing"}, discard)
	wantCode(t, "no connection string", err, zoeklicht.Invalid)
}
