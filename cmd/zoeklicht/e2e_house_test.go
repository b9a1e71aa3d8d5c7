package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"zoeklicht/internal/access"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/crawl/crawltest"
	"zoeklicht/internal/postgres"
	"zoeklicht/internal/postgres/postgrestest"

	"github.com/jackc/pgx/v5"
)

// guardEnv makes a process that a test started end when the test's own does, however
// that ends: its standard input is a pipe that nobody else holds.
const guardEnv = "ZOEKLICHT_E2E_GUARD"

// TestMain lets the test binary be the command: what these tests start, and what that
// starts in turn, is this very code, with no build in between.
func TestMain(m *testing.M) {
	if os.Getenv(insideEnv) != "" || len(os.Args) > 1 && find(os.Args[1]) != nil {
		if os.Getenv(guardEnv) != "" {
			_ = os.Unsetenv(guardEnv) // it is about this process, not about its children
			go func() {
				_, _ = io.Copy(io.Discard, os.Stdin)
				_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
			}()
		}
		main()
	}
	if len(os.Args) > 1 && os.Args[1] == dyingArg {
		dyingMain()
	}
	crawltest.Main(m)
}

// house is a practice installation in a folder of its own, run as a person runs it:
// `zoeklicht practice`, with all of its processes.
type house struct {
	t    testing.TB
	data string
	bin  string // PostgreSQL's programs
	args []string

	cmd    *exec.Cmd
	stdin  io.Closer
	log    string
	exited chan struct{} // closed when the parent has ended; then err says how
	err    error
	// early says that PostgreSQL was killed while the parent was on its way up. Then it may
	// end and say why, and is started again.
	early bool
	gave  int // how many times it did

	mu    sync.Mutex
	lines []string // what the parent that runs now has printed
	more  chan struct{}
}

// houses counts the houses, for ports of their own: one that starts again needs those
// that its sources are approved for, and no other house may have taken them.
var houses atomic.Int64 //nolint:gochecknoglobals // a counter of this test binary

// newHouse makes a house that is not started yet. What it leaves running is ended with
// the test.
func newHouse(t testing.TB, adverts, days int, seed uint64) *house {
	t.Helper()
	bin, err := postgrestest.Bin()
	if err != nil {
		t.Skip(err)
	}
	data := filepath.Join(t.TempDir(), "data")
	h := &house{t: t, data: data, bin: bin, log: data + ".log", args: []string{
		"practice", "--adverts", strconv.Itoa(adverts), "--days", strconv.Itoa(days), "--seed", strconv.FormatUint(seed, 10), "--day-every", "1000h",
		"--sites", fmt.Sprintf("127.0.0.1:%d", 21000+os.Getpid()%250*40+int(houses.Add(1))%5*8),
	}}
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if h.cmd != nil {
			h.stop()
		}
		if t.Failed() {
			b, _ := os.ReadFile(h.log)
			t.Logf("the last it said:\n%s", b[max(0, len(b)-8000):])
		}
	})
	return h
}

// flags are those that every verb on this installation needs.
func (h *house) flags() []string { return []string{"--data", h.data, "--pg-bin", h.bin} }

// likeAnother makes the house practise on the same days and at the same ports as
// another, which has stopped.
func (h *house) likeAnother(o *house) {
	h.t.Helper()
	s := o.state()
	s.Day, s.Password = -1, ""
	b, err := json.Marshal(s)
	if err == nil {
		err = os.WriteFile(filepath.Join(h.data, "practice.json"), b, 0o600)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) state() (s practiceState) {
	h.t.Helper()
	b, err := os.ReadFile(filepath.Join(h.data, "practice.json"))
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// start starts the parent.
func (h *house) start() {
	h.t.Helper()
	self, err := os.Executable()
	if err != nil {
		h.t.Fatal(err)
	}
	// A file and not a pipe: the children have it too, and outlive a parent that is killed.
	log, err := os.OpenFile(h.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		h.t.Fatal(err)
	}
	defer log.Close() // the child has it
	out, w, err := os.Pipe()
	if err != nil {
		h.t.Fatal(err)
	}
	defer w.Close() // the child has it
	h.cmd = exec.Command(self, slices.Concat(h.args, h.flags(), []string{"--addr", "127.0.0.1:18600"})...)
	h.cmd.Env = append(os.Environ(), guardEnv+"=1")
	h.cmd.Stdout, h.cmd.Stderr = w, log
	if h.stdin, err = h.cmd.StdinPipe(); err != nil {
		h.t.Fatal(err)
	}
	if err := h.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.mu.Lock()
	h.early = false
	h.lines, h.more, h.exited = nil, make(chan struct{}), make(chan struct{})
	h.mu.Unlock()
	go h.listen(out)
	go func(cmd *exec.Cmd, exited chan struct{}) {
		h.err = cmd.Wait()
		close(exited)
	}(h.cmd, h.exited)
}

// listen takes in what the parent prints.
func (h *house) listen(out *os.File) {
	defer out.Close() // read only
	for sc := bufio.NewScanner(out); sc.Scan(); {
		h.mu.Lock()
		h.lines = append(h.lines, sc.Text())
		close(h.more)
		h.more = make(chan struct{})
		h.mu.Unlock()
	}
}

// said waits until the parent that runs now has printed a line with a text in it.
func (h *house) said(ctx context.Context, text string) {
	h.t.Helper()
	for {
		h.mu.Lock()
		there := slices.ContainsFunc(h.lines, func(l string) bool { return strings.Contains(l, text) })
		more := h.more
		h.mu.Unlock()
		if there {
			return
		}
		select {
		case <-more:
		case <-h.exited:
			h.again()
		case <-ctx.Done():
			h.t.Fatalf("it does not say %q: %v", text, ctx.Err())
		}
	}
}

// greeted reports whether the parent that runs now is up.
func (h *house) greeted() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(h.lines, func(l string) bool { return strings.Contains(l, "Sign in as") })
}

// again starts a parent again that gave up on its way up. Any other end is a failure.
func (h *house) again() {
	h.t.Helper()
	b, _ := os.ReadFile(h.log)
	told := bytes.TrimSpace(b[bytes.LastIndexByte(bytes.TrimSpace(b), '\n')+1:])
	clear := bytes.HasPrefix(told, []byte("zoeklicht practice: ")) && (bytes.Contains(told, []byte("PostgreSQL")) || bytes.Contains(told, []byte("database")))
	if !h.early || h.greeted() || !clear {
		h.t.Fatalf("the parent ended by itself: %v", h.err)
	}
	h.gave++
	_ = h.stdin.Close()
	h.start()
}

// until waits for something that can only be looked at, while the parent runs.
func (h *house) until(ctx context.Context, ready func() bool) {
	h.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ready() {
		select {
		case <-tick.C:
		case <-h.exited:
			h.again()
		case <-ctx.Done():
			h.t.Fatal(ctx.Err())
		}
	}
}

// stop ends the parent as Ctrl-C does. It must end well, and take all with it.
func (h *house) stop() {
	h.t.Helper()
	_ = h.cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-h.exited:
	case <-time.After(time.Minute):
		h.t.Error("it does not end within a minute of Ctrl-C")
		_ = h.cmd.Process.Kill()
		<-h.exited
	}
	if h.err != nil {
		h.t.Errorf("after Ctrl-C it ended with %v", h.err)
	}
	h.cmd = nil
	_ = h.stdin.Close()
	if pid := h.postmaster(); pid != 0 {
		h.t.Errorf("PostgreSQL (pid %d) still runs after everybody has left", pid)
		_ = syscall.Kill(pid, syscall.SIGQUIT)
	}
}

// The processes of a house, besides those whose name is a stage.
const (
	theParent     = "parent"
	thePostmaster = "postmaster"
)

// pid finds a process of the house: among what its parent started, or by the file that
// PostgreSQL keeps in the house's own cluster. It is 0 while there is none.
func (h *house) pid(name string) int {
	switch name {
	case theParent:
		return h.cmd.Process.Pid
	case thePostmaster:
		return h.postmaster()
	}
	for _, pid := range children(h.cmd.Process.Pid) {
		b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if args := strings.Split(string(b), "\x00"); len(args) > 2 && args[1] == "stage" && args[2] == name {
			return pid
		}
	}
	return 0
}

// children lists the processes that a process has started.
func children(pid int) (out []int) {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, f := range files {
		b, _ := os.ReadFile(f)
		for field := range strings.FieldsSeq(string(b)) {
			if n, err := strconv.Atoi(field); err == nil {
				out = append(out, n)
			}
		}
	}
	return out
}

// postmaster finds the living postmaster of the house's own cluster.
func (h *house) postmaster() int {
	home := filepath.Join(h.data, "postgres")
	var state struct{ Home string }
	if b, err := os.ReadFile(filepath.Join(home, "state.json")); err == nil && json.Unmarshal(b, &state) == nil && state.Home != "" {
		home = state.Home
	}
	cluster := filepath.Join(home, "cluster")
	b, err := os.ReadFile(filepath.Join(cluster, "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		return 0
	}
	if cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid)); err != nil || cwd != cluster {
		return 0 // the number is another's now
	}
	return pid
}

// vaultBytes is how far collecting has come, told without asking any process.
func (h *house) vaultBytes() (n int64) {
	dir := blob.In(h.data, practiceTheme, blob.Vault).Dir
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && filepath.Ext(e.Name()) == ".seg" {
			n += info.Size()
		}
	}
	return n
}

// open opens the practice theme's database as its owner, while the house is stopped.
func (h *house) open() *pgx.Conn {
	h.t.Helper()
	ctx := context.WithoutCancel(h.t.Context())
	pg, err := postgres.Start(ctx, postgres.Config{Bin: h.bin, Dir: filepath.Join(h.data, "postgres")}, discard)
	if err != nil {
		h.t.Fatal(err)
	}
	conn, err := pgx.Connect(ctx, pg.Admin(access.DatabaseName(practiceTheme)))
	if err != nil {
		h.t.Fatal(errors.Join(err, pg.Close()))
	}
	h.t.Cleanup(func() {
		if err := errors.Join(conn.Close(ctx), pg.Close()); err != nil {
			h.t.Error(err)
		}
	})
	return conn
}

// verb runs one verb on the installation and gives what it printed.
func (h *house) verb(name string, args ...string) (stdout, stderr string, code int) {
	h.t.Helper()
	return h.verbOn(h.data, name, args...)
}

func (h *house) verbOn(data, name string, args ...string) (stdout, stderr string, code int) {
	h.t.Helper()
	var out, errs strings.Builder
	all := slices.Concat([]string{name, "--data", data, "--pg-bin", h.bin}, args)
	code = run(h.t.Context(), all, strings.NewReader(""), &out, &errs)
	return out.String(), errs.String(), code
}

// siteNames gives a replacer that puts names for the addresses of practice sites, so
// that what two worlds show can be compared.
func siteNames(hosts map[string]string) *strings.Replacer {
	var pairs []string
	for name, host := range hosts {
		pairs = append(pairs, host, name)
	}
	return strings.NewReplacer(pairs...)
}

// number reads a setting of a longer run from the environment.
func number(t testing.TB, key string, usual int) int {
	t.Helper()
	text := os.Getenv(key)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return n
}

// missing reports whether a file is not there.
func missing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}
