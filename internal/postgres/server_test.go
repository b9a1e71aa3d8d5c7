package postgres_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"zoeklicht"
	"zoeklicht/internal/postgres"
	"zoeklicht/internal/postgres/postgrestest"
)

// A fresh server keeps the promises of the package comment.
func TestFreshServer(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	cfg.TestMode = false
	s := start(t, cfg)
	for _, f := range s.Check(t.Context()) {
		if f.Grade != postgres.Good && f.Check != "disk" {
			t.Errorf("doctor: %+v", f)
		}
	}
	if s.Version().Major() < 15 || !strings.HasPrefix(s.Version().Text, fmt.Sprint(s.Version().Major())) {
		t.Errorf("version is %+v", s.Version())
	}
	for name, want := range map[string]string{
		"server_encoding": "UTF8", "lc_messages": "C", "TimeZone": "UTC", "jit": "off",
		"unix_socket_directories": s.Socket(), "max_connections": "100", "data_checksums": "on",
	} {
		if got := query[string](t, s.Admin(""), "SELECT current_setting($1)", name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	info, err := os.Stat(filepath.Join(cfg.Dir, "superuser"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("password file: %v, %v", info, err)
	}
	for _, password := range []string{"", "guess"} {
		if conn, err := pgx.Connect(t.Context(), s.DSN("postgres", "postgres", password)); err == nil {
			conn.Close(t.Context())
			t.Errorf("password %q lets in", password)
		}
	}
	if left, err := filepath.Glob(filepath.Join(cfg.Dir, "cluster.*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Several holders share a server; the last one stops it, and what was written
// is there at the next start.
func TestHolders(t *testing.T) {
	t.Parallel()
	cfg := postgrestest.Config(t)
	first := start(t, cfg)
	execute(t, first.Admin(""), "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (42)")
	second := start(t, cfg)
	other := startHolder(t, cfg, nil)
	if first.Pid() == 0 || second.Pid() != first.Pid() || other.postmaster != first.Pid() {
		t.Fatalf("postmasters %d, %d and %d, want the same one", first.Pid(), second.Pid(), other.postmaster)
	}
	socket := first.Socket()
	for _, leave := range []func() error{first.Close, func() error {
		return errors.Join(other.release.Close(), other.Wait())
	}} {
		if err := leave(); err != nil {
			t.Fatal(err)
		}
		if got := query[int](t, second.Admin(""), "SELECT n FROM kept"); got != 42 {
			t.Errorf("kept %d, want 42", got)
		}
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	if second.Pid() != 0 || len(second.Workers()) > 0 {
		t.Errorf("postmaster %d and processes %v live on after the last one left", second.Pid(), second.Workers())
	}
	if _, err := os.Stat(socket); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket's folder is still there: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	again := start(t, cfg)
	if got := query[int](t, again.Admin(""), "SELECT n FROM kept"); got != 42 {
		t.Errorf("kept %d, want 42", got)
	}
	if again.Socket() != socket {
		t.Errorf("socket in %s, want %s as before", again.Socket(), socket)
	}
}

// A Ctrl-C and a kill -9 that reach a holder do not reach the server; the next
// one attaches to it and, being the last, stops it.
func TestServerOutlivesHolder(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGKILL} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			cfg := postgrestest.Config(t)
			h := startHolder(t, cfg, nil)
			if err := syscall.Kill(-h.Process.Pid, sig); err != nil { // its whole group, as a terminal does
				t.Fatal(err)
			}
			_ = h.Wait() // it died of the signal
			s := start(t, cfg)
			if s.Pid() != h.postmaster {
				t.Errorf("postmaster is %d, want %d: the one that was left", s.Pid(), h.postmaster)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if len(s.Workers()) > 0 {
				t.Errorf("processes live on: %v", s.Workers())
			}
		})
	}
}

// Many processes that start at the same moment make one cluster and one server.
func TestStartTogether(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	type outcome struct {
		s   *postgres.Server
		err error
	}
	done := make(chan outcome)
	const many = 8
	for range many {
		go func() {
			s, err := postgres.Start(t.Context(), cfg, discard)
			done <- outcome{s, err}
		}()
	}
	pids := map[int]bool{}
	var servers []*postgres.Server
	for range many {
		o := <-done
		if o.err != nil {
			t.Error(o.err)
			continue
		}
		pids[o.s.Pid()] = true
		servers = append(servers, o.s)
	}
	if len(pids) != 1 {
		t.Errorf("postmasters %v, want one", pids)
	}
	for _, s := range servers {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// The path of the data folder, the locale and the environment of whoever starts
// us do not matter.
func TestSurroundings(t *testing.T) {
	for name, value := range map[string]string{
		"LANG": "nl_NL.UTF-8", "LC_ALL": "nl_NL.UTF-8", "PGDATA": "/nowhere", "PGPORT": "1", "PGHOST": "nowhere.invalid",
		"PGOPTIONS": "-c nonsense=1", "LD_LIBRARY_PATH": "/nowhere", "TZ": "Nowhere/Atall",
	} {
		t.Setenv(name, value)
	}
	cfg := config(t)
	cfg.Dir = filepath.Join(cfg.Dir, strings.Repeat("a long path with 'quotes' and é ", 5))
	s := start(t, cfg)
	execute(t, s.Admin(""), "CREATE TABLE t (n int)")
	if len(s.Data()) < 120 {
		t.Fatalf("%q is too short to show anything", s.Data())
	}
	if n := len(s.Socket() + "/.s.PGSQL.5432"); n > 107 {
		t.Errorf("the socket's path has %d bytes", n)
	}
}

// A start by hand, without any option of ours, listens on no network either.
func TestSettingsAreInTheCluster(t *testing.T) {
	t.Parallel()
	s := start(t, postgrestest.Config(t))
	from := query[string](t, s.Admin(""), "SELECT sourcefile FROM pg_settings WHERE name = 'listen_addresses'")
	if want := filepath.Join(s.Data(), "postgresql.conf"); from != want {
		t.Errorf("listen_addresses comes from %q, want %q", from, want)
	}
}

// A cluster is never made in the place of one that is missing, so that a disk
// that is not mounted does not look like an empty platform.
func TestMissingCluster(t *testing.T) {
	t.Parallel()
	cfg := postgrestest.Config(t)
	elsewhere := filepath.Join(t.TempDir(), "disk")
	cluster := filepath.Join(cfg.Dir, "cluster")
	for _, step := range []struct {
		name string
		do   func() error
		says string // empty: it starts
	}{
		{"gone", func() error { return os.Rename(cluster, elsewhere) }, "state.json"},
		{"on another disk", func() error { return os.Symlink(elsewhere, cluster) }, ""},
		{"which is not mounted", func() error { return os.Rename(elsewhere, elsewhere+"-off") }, "mount"},
		{"mounted again", func() error { return os.Rename(elsewhere+"-off", elsewhere) }, ""},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		s, err := postgres.Start(t.Context(), cfg, discard)
		if step.says == "" {
			if err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
			query[int](t, s.Admin(""), "SELECT 1")
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if zoeklicht.CodeOf(err) != zoeklicht.Conflict || !containsAll(err.Error(), step.says, "nothing was made") {
			t.Errorf("%s: got %v, want a conflict that says %q", step.name, err, step.says)
		}
	}
}

// A copy of a data folder runs beside the one that it was copied from.
func TestCopyRunsBeside(t *testing.T) {
	t.Parallel()
	cfg := postgrestest.Config(t)
	s := start(t, cfg)
	execute(t, s.Admin(""), "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (1)")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	other := cfg
	other.Dir = filepath.Join(t.TempDir(), "copy")
	if out, err := exec.Command("cp", "-a", cfg.Dir, other.Dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s, beside := start(t, cfg), start(t, other)
	if s.Pid() == beside.Pid() || s.Socket() == beside.Socket() {
		t.Fatalf("both are process %d with socket %s", s.Pid(), s.Socket())
	}
	execute(t, beside.Admin(""), "UPDATE kept SET n = 2")
	if got := query[int](t, s.Admin(""), "SELECT n FROM kept"); got != 1 {
		t.Errorf("kept %d, want 1: the copy's own is 2", got)
	}
}

// An operator's own settings are read last.
func TestOperatorSettings(t *testing.T) {
	t.Parallel()
	cfg := postgrestest.Config(t)
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(cfg.Dir, "operator.conf"), []byte("max_connections = 42\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, cfg)
	if got := query[string](t, s.Admin(""), "SHOW max_connections"); got != "42" {
		t.Errorf("max_connections is %s, want 42", got)
	}
}

// A cluster of another major version is refused and left alone, and the refusal
// says which PostgreSQL can run it.
func TestOtherMajor(t *testing.T) {
	t.Parallel()
	cfg := postgrestest.Config(t)
	s := start(t, cfg)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	version := filepath.Join(s.Data(), "PG_VERSION")
	if err := os.WriteFile(version, []byte("14\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := listing(t, s.Data())
	_, err := postgres.Start(t.Context(), cfg, discard)
	if zoeklicht.CodeOf(err) != zoeklicht.Conflict {
		t.Fatalf("got %v, want a conflict", err)
	}
	for _, word := range []string{"PostgreSQL 14", "not touched", "--pg-bin"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %q", err, word)
		}
	}
	if after := listing(t, s.Data()); after != before {
		t.Errorf("the cluster was touched")
	}
}

// With the two versions at hand, the refusal names the very programs that made
// the cluster.
func TestOtherMajorForReal(t *testing.T) {
	t.Parallel()
	cfg := postgrestest.Config(t)
	debian := "/usr/lib/postgresql/15/bin"
	if _, err := os.Stat(debian); err != nil || cfg.Bin == debian {
		t.Skip("needs Debian's PostgreSQL 15 beside the packed one")
	}
	s := start(t, cfg)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	made := cfg.Bin
	cfg.Bin = debian
	_, err := postgres.Start(t.Context(), cfg, discard)
	if zoeklicht.CodeOf(err) != zoeklicht.Conflict || !strings.Contains(err.Error(), "--pg-bin "+made) {
		t.Fatalf("got %v, want a conflict that names %s", err, made)
	}
	cfg.Bin = made
	start(t, cfg)
}

// listing gives names, sizes and times of what is in a folder.
func listing(t *testing.T, folder string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			fmt.Fprintln(&b, path, info.Size(), info.ModTime())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A lost password file is made anew; what a crash left half made is no obstacle.
func TestLostPasswordAndHalfCluster(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	half := filepath.Join(cfg.Dir, "cluster.half")
	if err := os.MkdirAll(half, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(half, "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, cfg)
	execute(t, s.Admin(""), "CREATE TABLE kept (n int)")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(cfg.Dir, "superuser")
	if err := os.Remove(secret); err != nil {
		t.Fatal(err)
	}
	again := start(t, cfg)
	if n := query[int](t, again.Admin(""), "SELECT count(*)::int FROM kept"); n != 0 {
		t.Errorf("%d rows", n)
	}
	if again.Admin("") == s.Admin("") {
		t.Error("the password is still the lost one")
	}
	if err := os.Remove(secret); err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.Start(t.Context(), cfg, discard); zoeklicht.CodeOf(err) != zoeklicht.Conflict || !strings.Contains(err.Error(), secret) {
		t.Errorf("lost while it runs: got %v, want a conflict that names %s", err, secret)
	}
}

// What is wrong with --pg-bin is said before anything is made.
func TestNoSuchPrograms(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]postgres.Config{
		"empty folder": {Bin: t.TempDir()},
		"none carried": {},
	} {
		if _, ok := postgres.Carried(); ok && cfg.Bin == "" {
			continue
		}
		cfg.Dir = t.TempDir()
		_, err := postgres.Start(t.Context(), cfg, discard)
		if zoeklicht.CodeOf(err) != zoeklicht.Unavailable || !strings.Contains(err.Error(), "--pg-bin") || !strings.Contains(err.Error(), "--database") {
			t.Errorf("%s: got %v, want what to do", name, err)
		}
		if _, err := os.Stat(filepath.Join(cfg.Dir, "cluster")); err == nil {
			t.Errorf("%s: a cluster was made", name)
		}
	}
}
