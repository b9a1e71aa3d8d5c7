package postgrestest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"zoeklicht/internal/postgres"
)

// TestMain lets the test binary play a test process that holds a server: the
// one of the cluster in $ZOEKLICHT_TEST_HOLDER, until it is killed.
func TestMain(m *testing.M) {
	dir := os.Getenv("ZOEKLICHT_TEST_HOLDER")
	if dir == "" {
		os.Exit(m.Run())
	}
	bin, err := Bin()
	if err == nil {
		_, err = postgres.Start(context.Background(), postgres.Config{Dir: dir, Bin: bin, TestMode: true}, discard)
	}
	fmt.Println("ready", err)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// The watchdog stops a server when the last process that held it is gone,
// though that process had no chance to do anything.
func TestWatchdog(t *testing.T) {
	t.Parallel()
	cfg := Config(t)
	holder := exec.Command(os.Args[0])
	holder.Env = append(os.Environ(), "ZOEKLICHT_TEST_HOLDER="+cfg.Dir)
	if _, err := holder.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "ready <nil>\n" {
		t.Fatalf("the holder says %q (%v)", line, err)
	}
	lockFile := filepath.Join(cfg.Dir, "cluster", "postmaster.pid")
	text, err := os.ReadFile(lockFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := watchdog(cfg.Dir); err != nil {
		t.Fatal(err)
	}
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait()
	pid, err := strconv.Atoi(strings.Fields(string(text))[0])
	if err != nil || !alive(strconv.Itoa(pid)) {
		t.Fatalf("the server (%d) went with its holder: nothing to see", pid)
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for { // the test's deadline bounds it
		<-tick.C
		if _, err := os.Stat(lockFile); err != nil {
			return
		}
	}
}

// Many test processes that start at the same moment get along.
func TestManyProcesses(t *testing.T) {
	t.Parallel()
	const many = 6
	done := make(chan error, many)
	for range many {
		go func() {
			out, err := exec.Command(os.Args[0], "-test.run=^TestDatabasesAreSeparate$").CombinedOutput()
			if err != nil {
				err = fmt.Errorf("%w: %s", err, out)
			}
			done <- err
		}()
	}
	for range many {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// What a test process that is gone has left is dropped; what another one uses is
// not.
func TestClearAway(t *testing.T) {
	t.Parallel()
	s := Server(t)
	ctx := t.Context()
	conn := connect(ctx, t, s)
	defer conn.Close(context.Background())
	gone := exec.Command("/bin/true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	left := fmt.Sprintf("t%d_left", gone.Process.Pid)
	mine := Name("mine")
	t.Cleanup(func() { Drop(t, mine) })
	for _, sql := range []string{
		"CREATE ROLE " + left, "CREATE DATABASE " + left + " OWNER " + left, "GRANT CONNECT ON DATABASE postgres TO " + left,
		"CREATE ROLE " + mine, "CREATE DATABASE " + mine,
	} {
		if err := postgres.Patiently(ctx, conn, sql); err != nil {
			t.Fatal(err)
		}
	}
	if err := clearAway(ctx, s); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{left: 0, mine: 2} {
		var n int
		if err := conn.QueryRow(ctx, `
			SELECT (SELECT count(*) FROM pg_database WHERE datname = $1) + (SELECT count(*) FROM pg_roles WHERE rolname = $1)`, name).
			Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n != want {
			t.Errorf("%d of database and role %s are there, want %d", n, name, want)
		}
	}
}
