// Package postgrestest gives tests a real PostgreSQL.
//
// All test processes of a run share one cluster in .cache of the module: the
// first one makes and starts it, and a small watchdog stops it some seconds
// after the last one has ended, however that ended. It syncs nothing to disk.
// A test gets a database of its own, copied from a template that holds its
// migrations; a template is made once for each content of the migrations.
//
// Which PostgreSQL: ZOEKLICHT_TEST_PG=embedded is the one that make build packs
// (the default, where it is there), ZOEKLICHT_TEST_PG=system the newest under
// /usr/lib/postgresql. Where the asked one is missing the other one is taken;
// where both are, the test is skipped.
package postgrestest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"zoeklicht/internal/postgres"
)

// Database gives the DSN of a fresh database with the migrations applied,
// signed in as superuser. It is dropped at the end of the test, whoever is still
// connected. A nil migrations gives an empty database.
func Database(t testing.TB, migrations fs.FS) (dsn string) {
	t.Helper()
	s := Server(t)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	admin := connect(ctx, t, s)
	defer admin.Close(ctx)
	from := "template1"
	if migrations != nil {
		var err error
		if from, err = template(ctx, s, admin, migrations); err != nil {
			t.Fatalf("test database: %v", err)
		}
	}
	name := Name("db")
	if _, err := admin.Exec(ctx, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s STRATEGY FILE_COPY", name, from)); err != nil {
		t.Fatalf("test database: %v", err)
	}
	t.Cleanup(func() { Drop(t, name) })
	return s.Admin(name)
}

// Name gives a name for a database or a role that no other test has: a shared
// server has them all. What a name begins with is kept, so that Drop and the
// clearing of what a killed test left know their own.
func Name(prefix string) string {
	return fmt.Sprintf("t%d_%s_%s", os.Getpid(), strings.ToLower(rand.Text()[:8]), prefix)
}

// Drop drops the database and the role of a name on the shared server, whoever
// is connected, if they are there. A role is dropped after the databases that
// it owns or has rights in.
func Drop(t testing.TB, name string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	admin := connect(ctx, t, Server(t))
	defer admin.Close(ctx)
	if err := drop(ctx, admin, name); err != nil {
		t.Errorf("drop %s: %v", name, err)
	}
}

func drop(ctx context.Context, admin *pgx.Conn, name string) error {
	quoted := pgx.Identifier{name}.Sanitize()
	if _, err := admin.Exec(ctx, "DROP DATABASE IF EXISTS "+quoted+" WITH (FORCE)"); err != nil {
		return err
	}
	var role bool
	err := admin.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", name).Scan(&role)
	if err != nil || !role {
		return err
	}
	if err := postgres.Patiently(ctx, admin, "DROP OWNED BY "+quoted); err != nil { // grants on databases, too
		return err
	}
	return postgres.Patiently(ctx, admin, "DROP ROLE "+quoted)
}

// Server gives the shared server, for a test that makes its own databases and
// roles. Name them with Name and drop them with Drop. Do not close it.
func Server(t testing.TB) *postgres.Server {
	t.Helper()
	s, err := shared()
	if err != nil {
		skipOrFail(t, err)
	}
	return s
}

// Config gives the configuration of a cluster of the test's own, which nobody
// has started yet and which the test may kill. It is a copy of one that was made
// once, because making one takes a second or two.
func Config(t testing.TB) postgres.Config {
	t.Helper()
	cfg, err := fresh()
	if err != nil {
		skipOrFail(t, err)
	}
	made := cfg.Dir
	cfg.Dir = filepath.Join(t.TempDir(), "postgres")
	if out, err := exec.Command("cp", "-a", "--reflink=auto", made, cfg.Dir).CombinedOutput(); err != nil {
		t.Fatalf("copy a cluster: %v: %s", err, out)
	}
	return cfg
}

// Cluster gives a running server of the test's own, which it may kill, and its
// configuration, for those that join it or start it again.
func Cluster(t testing.TB) (*postgres.Server, postgres.Config) {
	t.Helper()
	cfg := Config(t)
	s, err := postgres.Start(context.Background(), cfg, discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("stop the test's cluster: %v", err)
		}
	})
	return s, cfg
}

// Kill kills the postmaster of a cluster of the test's own, without warning. It
// reports false when none is running at the moment.
func Kill(t testing.TB, cfg postgres.Config) bool {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(cfg.Dir, "cluster", "postmaster.pid"))
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, convErr := strconv.Atoi(first)
	if err := errors.Join(err, convErr); err != nil || pid <= 1 {
		t.Fatalf("kill the postmaster: pid %d: %v", pid, err)
	}
	err = syscall.Kill(pid, syscall.SIGKILL)
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		t.Fatalf("kill the postmaster: %v", err)
	}
	return err == nil
}

func connect(ctx context.Context, t testing.TB, s *postgres.Server) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(ctx, s.Admin(""))
	if err != nil {
		t.Fatalf("test server: %v", err)
	}
	return conn
}

// template gives the name of a database with the migrations applied, made if
// need be. It gets its name only when it is whole.
func template(ctx context.Context, s *postgres.Server, admin *pgx.Conn, migrations fs.FS) (string, error) {
	sum, err := digest(migrations)
	if err != nil {
		return "", err
	}
	name := "template_" + sum
	there := func() (ok bool, err error) {
		err = admin.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&ok)
		return ok, err
	}
	if ok, err := there(); ok || err != nil {
		return name, err
	}
	if _, err := admin.Exec(ctx, "SELECT pg_advisory_lock(hashtext($1))", name); err != nil {
		return "", err
	}
	defer admin.Exec(ctx, "SELECT pg_advisory_unlock(hashtext($1))", name)
	if ok, err := there(); ok || err != nil {
		return name, err
	}
	half := "half_" + name
	if _, err := admin.Exec(ctx, "DROP DATABASE IF EXISTS "+half+" WITH (FORCE)"); err != nil {
		return "", err
	}
	if _, err := postgres.EnsureDatabase(ctx, admin, half, ""); err != nil {
		return "", err
	}
	if err := migrate(ctx, s.Admin(half), migrations); err != nil {
		return "", err
	}
	_, err = admin.Exec(ctx, "ALTER DATABASE "+half+" RENAME TO "+name)
	return name, err
}

func migrate(ctx context.Context, dsn string, migrations fs.FS) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	_, _, err = postgres.Migrate(ctx, conn, migrations)
	// Closed before it is renamed: the server waits for us to be gone.
	if closeErr := conn.Close(ctx); err == nil {
		err = closeErr
	}
	return err
}

// digest tells one content of a file system from another.
func digest(files fs.FS) (string, error) {
	h := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(files, path)
		fmt.Fprintf(h, "%q %d\n%s", path, len(b), b)
		return err
	})
	return hex.EncodeToString(h.Sum(nil)[:8]), err
}
