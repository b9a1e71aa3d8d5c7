package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"zoeklicht/internal/postgres"
	"zoeklicht/internal/postgres/postgrestest"
)

// watch runs Watch until the test ends, or until stop.
func watch(t *testing.T, s *postgres.Server) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Watch(ctx) }()
	ended := false
	stop = func() {
		if ended {
			return
		}
		ended = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Watch: %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// However often the postmaster is killed, and whoever started it, the platform
// goes on with one server and with all that was committed, even while a process
// of the old server is busy and does not notice.
func TestKilledPostmaster(t *testing.T) {
	t.Parallel()
	cfg := postgrestest.Config(t)
	s := start(t, cfg)
	watch(t, s)
	other := start(t, cfg)
	watch(t, other)
	execute(t, s.Admin(""), "CREATE TABLE kept (n int)")
	busy, err := pgx.Connect(t.Context(), s.Admin(""))
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close(context.Background())
	cut := make(chan error, 1)
	go func() {
		_, err := busy.Exec(t.Context(), "SELECT count(*) FROM generate_series(1, 1e12::bigint)")
		cut <- err
	}()
	until(t, "it is busy", func() bool {
		return query[int](t, s.Admin(""), "SELECT count(*)::int FROM pg_stat_activity WHERE query LIKE '%generate_series(1,%' AND pid <> pg_backend_pid()") == 1
	})
	old := s.Pid()
	const kills = 5
	for i := range kills {
		execute(t, s.Admin(""), fmt.Sprintf("INSERT INTO kept VALUES (%d)", i))
		if !postgrestest.Kill(t, cfg) {
			t.Fatal("there was nothing to kill")
		}
		until(t, "a new server answers", func() bool {
			conn, err := pgx.Connect(t.Context(), s.Admin(""))
			if err != nil {
				return false
			}
			return conn.Close(t.Context()) == nil
		})
		if got := s.Pid(); got == old || got == 0 || got != other.Pid() {
			t.Fatalf("postmaster is %d after %d, and %d for the other holder", got, old, other.Pid())
		}
		old = s.Pid()
		if got := query[int](t, s.Admin(""), "SELECT count(*)::int FROM kept"); got != i+1 {
			t.Fatalf("after %d kills %d rows, want %d", i+1, got, i+1)
		}
	}
	if err := <-cut; err == nil {
		t.Error("the busy statement lived through it")
	}
}

// Without Watch, the next start finds what a killed server left and goes on.
func TestStartAfterKill(t *testing.T) {
	t.Parallel()
	cfg := postgrestest.Config(t)
	s := start(t, cfg)
	execute(t, s.Admin(""), "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)")
	old := s.Pid()
	kill(t, old)
	again := start(t, cfg)
	if again.Pid() == old || again.Pid() == 0 {
		t.Errorf("postmaster is %d after %d", again.Pid(), old)
	}
	if got := query[int](t, again.Admin(""), "SELECT n FROM kept"); got != 7 {
		t.Errorf("kept %d, want 7", got)
	}
	// The last holder tidies up, though there is no server left to stop.
	kill(t, again.Pid())
	if err := errors.Join(s.Close(), again.Close()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(again.Socket()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket's folder is still there: %v", err)
	}
}

// After a restart of the machine the number in postmaster.pid may belong to
// somebody else, whom PostgreSQL takes for itself.
func TestForeignPidInLockFile(t *testing.T) {
	t.Parallel()
	cfg := postgrestest.Config(t)
	s := start(t, cfg)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	stranger := exec.Command("/bin/sleep", "600")
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stranger.Process.Kill()
		_ = stranger.Wait()
	})
	lock := fmt.Sprintf("%d\n%s\n1790000000\n5432\n%s\n\n  1 1\nready\n", stranger.Process.Pid, s.Data(), s.Socket())
	if err := os.MkdirAll(s.Socket(), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(s.Data(), "postmaster.pid"), filepath.Join(s.Socket(), ".s.PGSQL.5432.lock")} {
		if err := os.WriteFile(path, []byte(lock), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again := start(t, cfg)
	if again.Pid() == stranger.Process.Pid {
		t.Error("a stranger was taken for the server")
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if err := stranger.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the stranger was ended: %v", err)
	}
}

// A socket that was cleaned away makes the server unreachable; it is started
// anew, by Watch and by the next start.
func TestSocketCleanedAway(t *testing.T) {
	t.Parallel()
	cfg := postgrestest.Config(t)
	s := start(t, cfg)
	old := s.Pid()
	remove := func() {
		if err := os.RemoveAll(s.Socket()); err != nil {
			t.Fatal(err)
		}
	}
	remove()
	again := start(t, cfg)
	query[int](t, again.Admin(""), "SELECT 1")
	if again.Pid() == old {
		t.Error("the server without a socket is still the one")
	}
	watch(t, s)
	old = s.Pid()
	remove()
	until(t, "Watch has started another server", func() bool { return s.Pid() != 0 && s.Pid() != old })
	until(t, "it answers", func() bool {
		conn, err := pgx.Connect(t.Context(), s.Admin(""))
		return err == nil && conn.Close(t.Context()) == nil
	})
}

// A killed backend makes PostgreSQL restart within itself: that is its own
// affair, and the postmaster stays.
func TestKilledBackend(t *testing.T) {
	t.Parallel()
	s := start(t, postgrestest.Config(t))
	watch(t, s)
	old := s.Pid()
	conn, err := pgx.Connect(t.Context(), s.Admin(""))
	if err != nil {
		t.Fatal(err)
	}
	kill(t, int(conn.PgConn().PID()))
	until(t, "it answers", func() bool {
		conn, err := pgx.Connect(t.Context(), s.Admin(""))
		return err == nil && conn.Close(t.Context()) == nil
	})
	if s.Pid() != old {
		t.Errorf("postmaster is %d, want %d as before", s.Pid(), old)
	}
}

// Watch ends with its context, and by itself once its process has left.
func TestWatchEnds(t *testing.T) {
	t.Parallel()
	cfg := postgrestest.Config(t)
	s := start(t, cfg)
	stop := watch(t, s)
	stop()
	done := make(chan error, 1)
	go func() { done <- s.Watch(context.Background()) }()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A server that cannot start says so, with its own words, and the cluster stays.
func TestCannotStart(t *testing.T) {
	t.Parallel()
	cfg := postgrestest.Config(t)
	s := start(t, cfg)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	conf := filepath.Join(cfg.Dir, "operator.conf")
	if err := os.WriteFile(conf, []byte("max_connections = many\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := postgres.Start(t.Context(), cfg, discard)
	if err == nil || !containsAll(err.Error(), "did not start", "max_connections", "start.log") {
		t.Fatalf("got %v, want what PostgreSQL said", err)
	}
	if err := os.Remove(conf); err != nil {
		t.Fatal(err)
	}
	start(t, cfg)
}

// A start that is called off leaves nothing running.
func TestStartCalledOff(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	ctx, cancel := context.WithCancel(t.Context())
	began := make(chan error, 1)
	go func() {
		s, err := postgres.Start(ctx, cfg, discard)
		if err == nil {
			err = errors.Join(s.Close(), errors.New("it started"))
		}
		began <- err
	}()
	until(t, "initdb is at work", func() bool {
		_, err := os.Stat(filepath.Join(cfg.Dir, "cluster.half", "PG_VERSION"))
		return err == nil
	})
	cancel()
	if err := <-began; err == nil || err.Error() == "it started" {
		t.Fatalf("got %v, want that it was called off", err)
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, err := strconv.Atoi(e.Name()); err != nil {
			continue
		}
		if cwd, _ := os.Readlink(filepath.Join("/proc", e.Name(), "cwd")); cwd == filepath.Join(cfg.Dir, "cluster.half") {
			t.Errorf("process %s is still at work in it", e.Name())
		}
	}
	start(t, cfg)
}
