package postgres_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"zoeklicht/internal/postgres"
	"zoeklicht/internal/postgres/postgrestest"
)

// TestMain lets the test binary play another process of the platform: with
// a configuration in ZOEKLICHT_TEST_HOLDER it starts or attaches to that
// server, says "ready" and holds it until its standard input ends. It does not
// catch SIGINT.
func TestMain(m *testing.M) {
	cfg := os.Getenv("ZOEKLICHT_TEST_HOLDER")
	if cfg == "" {
		os.Exit(m.Run())
	}
	if err := hold(cfg); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func hold(text string) error {
	var cfg postgres.Config
	if err := json.Unmarshal([]byte(text), &cfg); err != nil {
		return err
	}
	s, err := postgres.Start(context.Background(), cfg, discard)
	if err != nil {
		return err
	}
	fmt.Println("ready", s.Pid())
	_, _ = io.Copy(io.Discard, os.Stdin)
	return s.Close()
}

var discard = slog.New(slog.DiscardHandler)

func containsAll(s string, words ...string) bool {
	for _, w := range words {
		if !strings.Contains(s, w) {
			return false
		}
	}
	return true
}

// holder is another process that holds a server.
type holder struct {
	*exec.Cmd
	postmaster int
	release    io.Closer // lets it close its server and end
}

// startHolder starts one, by default as this user and in a process group of its
// own, and returns when its server is ready.
func startHolder(t *testing.T, cfg postgres.Config, change func(*exec.Cmd)) *holder {
	t.Helper()
	text, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "ZOEKLICHT_TEST_HOLDER="+string(text))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if change != nil {
		change(cmd)
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	h := &holder{Cmd: cmd, release: stdin}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // if the test did not get to its end
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if _, scanErr := fmt.Sscanf(line, "ready %d", &h.postmaster); scanErr != nil {
		t.Fatalf("the other process says %q (%v)", line, err)
	}
	return h
}

// config gives the configuration for a cluster that has to be made.
func config(t *testing.T) postgres.Config {
	t.Helper()
	bin, err := postgrestest.Bin()
	if err != nil {
		t.Skip(err)
	}
	return postgres.Config{Dir: filepath.Join(t.TempDir(), "postgres"), Bin: bin, TestMode: true}
}

// start starts a server and closes it at the end of the test.
func start(t *testing.T, cfg postgres.Config) *postgres.Server {
	t.Helper()
	s, err := postgres.Start(t.Context(), cfg, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// query gives one value from a database.
func query[T any](t *testing.T, dsn, sql string, args ...any) (v T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// exec executes statements in a database.
func execute(t *testing.T, dsn string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, sql := range statements {
		if err := postgres.Patiently(t.Context(), conn, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// until asks again and again until done; the test's deadline bounds it.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt)
	defer stop()
	for !done() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("gave up waiting until %s", what)
		}
	}
}
