package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"zoeklicht/internal/postgres/postgrestest"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// TestWrongUse holds wrong use to exit code 2, and everything wrong to one line.
func TestWrongUse(t *testing.T) {
	t.Setenv("ZOEKLICHT_PG_BIN", "") // nothing here gets as far as PostgreSQL
	dir := t.TempDir()
	config := filepath.Join(dir, "zoeklicht.yaml")
	if err := os.WriteFile(config, []byte("data: ./x\nfetch:\n  user_agnt: me\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"nonsense", exitUsage, `no verb "nonsense"`},
		{"search", exitUsage, "--theme is needed"},
		{"search --theme practice --nonsense", exitUsage, "unknown flag: --nonsense"},
		{"search --theme practice --reveal", exitUsage, "--purpose"},
		{"search --theme practice --from soon", exitFailed, `"soon" is not a day`},
		{"search --config " + config, exitUsage, "user_agnt"},
		{"search --lang fr --theme practice", exitUsage, "lang"},
		{"source", exitUsage, "one of propose, vet, approve"},
		{"source admit x", exitUsage, `there is no "admit"`},
		{"source vet --theme practice --reason x", exitUsage, "which source is missing"},
		{"source vet a --source b --theme practice --reason x", exitUsage, "two sources"},
		{"source vet a --theme practice", exitUsage, "--reason is needed"},
		{"retain lift --theme practice --case 1 --reason x --approve", exitUsage, "--reason TEXT, which asks"},
		{"retain lift --theme practice --case 1 --approve", exitUsage, "--as LOGIN is needed"},
		{"source approve a --theme practice --reason x", exitUsage, "--review-by is needed"},
		{"source propose --theme practice --id A", exitFailed, `id "A"`},
		{"source propose --theme practice --file " + config, exitFailed, "unknown field"},
		{"source recipe --theme practice", exitUsage, "--file is needed"},
		{"crawl --theme practice", exitUsage, "--source is needed"},
		{"crawl x --theme practice", exitUsage, "1 arguments were given"},
		{"work --stages link", exitUsage, `no stage "link"`},
		{"person add --login x", exitUsage, "--name is needed"},
		{"person disable x", exitUsage, "--reason is needed"},
		{"grant give", exitUsage, "--login is needed"},
		{"grant revoke one --reason x", exitUsage, `"one" is not the number`},
		{"theme check", exitUsage, "0 arguments were given"},
		{"theme check " + dir, exitFailed, "no theme pack"},
		{"theme activate trafficking", exitFailed, "misses"},
		{"indicators list", exitUsage, "--theme is needed"},
		{"indicators test --theme nowhere", exitFailed, `no theme "nowhere"`},
		{"indicators lock", exitUsage, "0 arguments were given"},
		{"indicators lock " + dir, exitFailed, "theme.yaml"},
		{"indicators backtest --theme practice", exitUsage, "--indicator is needed"},
		{"indicators backtest --theme practice --indicator touring", exitFailed, "no installation"},
		{"export warc --theme practice", exitUsage, "--run N is needed"},
		{"export warc --theme practice --run 1", exitUsage, "--purpose"},
		{"retain", exitUsage, "one of erase, approve"},
		{"retain erase --theme practice --purpose x", exitUsage, "--ground is needed"},
		{"retain erase --theme practice --purpose x --ground x", exitUsage, "--capture ID"},
		{"retain erase --theme practice --purpose x --ground x --advert 1 --item page", exitUsage, "--capture ID"},
		{"retain approve one --theme practice --purpose x", exitUsage, `"one" is not the number`},
		{"retain approve 1 --theme practice", exitUsage, "--purpose is needed"},
		{"retain lift --theme practice --case 1", exitUsage, "--reason TEXT, which asks"},
		{"retain hold --theme practice", exitUsage, "--advert N is needed"},
		{"retain finish --theme practice", exitFailed, "no installation"},
		{"case show --theme practice", exitUsage, "--case is needed"},
		{"backup expire --keys x", exitUsage, "--days N is needed"},
		{"restore --from " + config + " --erased nowhere", exitFailed, "the list of what was erased"},
		{"extract page.html", exitUsage, "--url is needed"},
		{"extract --url http://x.example/ " + filepath.Join(dir, "none"), exitFailed, "no such file"},
		{"doctor", exitFailed, "no installation"},
		{"audit --theme practice", exitFailed, "no installation"},
		{"rebuild --theme practice", exitFailed, "no installation"},
		{"init --password-file " + config + " --login root --name Root", exitFailed, "password"},
	} {
		var stdout, stderr strings.Builder
		args := append(strings.Fields(c.args), "--data", filepath.Join(dir, "data"))
		if args[0] == "nonsense" || args[0] == "source" && len(args) == 3 {
			args = args[:len(args)-2]
		}
		code := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr)
		told := stderr.String()
		if code != c.code || !strings.Contains(told, c.says) || strings.Count(told, "\n") != 1 || stdout.Len() > 0 {
			t.Errorf("%s: exit %d (want %d), stdout %q, stderr %q (want one line with %q)", c.args, code, c.code, stdout.String(), told, c.says)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was made in the data folder: %v", err)
	}
}

// TestHelp shows the use of every verb that people use, with its flags where they are
// asked for on the verb itself.
func TestHelp(t *testing.T) {
	t.Parallel()
	for _, v := range verbs() {
		if v.text == "" {
			continue
		}
		var stdout, stderr strings.Builder
		if code := run(t.Context(), []string{"help", v.name}, nil, &stdout, &stderr); code != exitDone || !strings.Contains(stdout.String(), v.text) {
			t.Errorf("help %s: exit %d, %q", v.name, code, stdout.String())
		}
	}
	for args, says := range map[string]string{"crawl --help": "--source string", "source -h": "propose --theme T", "source vet --help": "--review-by"} {
		var stdout, stderr strings.Builder
		if code := run(t.Context(), strings.Fields(args), nil, &stdout, &stderr); code != exitDone || !strings.Contains(stdout.String(), says) || stderr.Len() > 0 {
			t.Errorf("%s: exit %d, no %q in %q, stderr %q", args, code, says, stdout.String(), stderr.String())
		}
	}
}

// TestVerbs runs the scripts under testdata/verbs: the command as processes of its own,
// on a PostgreSQL of the script's own, against a site that the script changes.
//
//	zl CODE ARGS…     runs the command, which must end with that code
//	person LOGIN      adds a person who has chosen a password
//	save NAME REGEXP  puts what the group matched in the last standard output into a variable
//	ad N TEXT         puts an advert on the site, or changes it; ad N - takes it away
//	hold N            makes the site wait before it answers for advert N
//	held              waits until somebody waits for the advert that is held
//	loose             lets the site answer
//	locked FOLDER     waits until a process writes to the segments there
//
// The test binary is the command here: TestMain sees to it.
func TestVerbs(t *testing.T) {
	if os.Getenv(insideEnv) != "" {
		t.Fatal("a script's command ran the tests: TestMain did not take it for the command")
	}
	scripts, err := filepath.Glob("testdata/verbs/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatal("there are no scripts", err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(self, filepath.Join(bin, "zoeklicht")); err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		server, _ := postgrestest.Cluster(t)
		testscript.Run(t, testscript.Params{
			Files: []string{script},
			Setup: func(env *testscript.Env) error {
				s := newSite()
				env.Defer(s.close)
				env.Values["site"] = s
				env.Setenv("SITE", s.server.Listener.Addr().String())
				env.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
				env.Setenv(insideEnv, "1")
				env.Setenv("ZOEKLICHT_DATABASE", server.Admin(""))
				env.Setenv("ZOEKLICHT_DATA", filepath.Join(env.WorkDir, "data"))
				return nil
			},
			Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
				"zl": zl, "types": types, "person": addPerson, "save": save, "locked": locked,
				"ad": func(ts *testscript.TestScript, _ bool, args []string) {
					siteOf(ts).put(args[0], strings.Join(args[1:], " "))
				},
				"hold":  func(ts *testscript.TestScript, _ bool, args []string) { siteOf(ts).hold(args[0]) },
				"held":  func(ts *testscript.TestScript, _ bool, _ []string) { siteOf(ts).waited(ts) },
				"loose": func(ts *testscript.TestScript, _ bool, _ []string) { siteOf(ts).loose() },
			},
		})
	}
}

// insideEnv marks the processes that a script starts.
const insideEnv = "ZOEKLICHT_VERBS"

// patience bounds every wait of a script.
const patience = 2 * time.Minute

// command makes a process of the command in a script's surroundings.
func command(ctx context.Context, ts *testscript.TestScript, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(strings.Split(ts.Getenv("PATH"), string(os.PathListSeparator))[0], "zoeklicht"), args...)
	cmd.Dir = ts.MkAbs(".")
	for _, key := range []string{"PATH", insideEnv, "ZOEKLICHT_DATABASE", "ZOEKLICHT_DATA", "HOME"} {
		cmd.Env = append(cmd.Env, key+"="+ts.Getenv(key))
	}
	cmd.Stdout, cmd.Stderr = ts.Stdout(), ts.Stderr()
	return cmd
}

// zl runs the command and holds it to an exit code.
func zl(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	if neg || err != nil {
		ts.Fatalf("usage: zl CODE ARGS…")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := command(ctx, ts, args[1:]...)
	cmd.Stdout, cmd.Stderr = io.MultiWriter(ts.Stdout(), &stdout), io.MultiWriter(ts.Stderr(), &stderr)
	if typed := ts.Getenv("TYPED"); typed != "" {
		cmd.Stdin = strings.NewReader(typed + "\n")
		ts.Setenv("TYPED", "")
	}
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		ts.Fatalf("%v", err)
	}
	ts.Setenv("STDOUT", stdout.String())
	if code := cmd.ProcessState.ExitCode(); code != want {
		ts.Fatalf("exit %d, want %d; stdout:\n%s\nstderr:\n%s", code, want, stdout.String(), stderr.String())
	}
}

// types has somebody type a line for the next zl.
func types(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv("TYPED", strings.Join(args, " "))
}

// save keeps a part of the last output in a variable.
func save(ts *testscript.TestScript, _ bool, args []string) {
	m := regexp.MustCompile(args[1]).FindStringSubmatch(ts.Getenv("STDOUT"))
	if m == nil {
		ts.Fatalf("no %q in %q", args[1], ts.Getenv("STDOUT"))
	}
	ts.Setenv(args[0], m[1])
}

// addPerson adds a person and chooses a password as they would.
func addPerson(ts *testscript.TestScript, _ bool, args []string) {
	zl(ts, false, []string{"0", "person", "add", "--login", args[0], "--name", strings.ToUpper(args[0])})
	save(ts, false, []string{"FIRST", `shown this once: (\S+)`})
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := command(ctx, ts, "person", "password", args[0])
	cmd.Stdin = strings.NewReader(ts.Getenv("FIRST") + "\nlamp kite river 9 stone\n")
	ts.Check(cmd.Run())
}

// locked waits until another process holds the lock of a folder of segments.
func locked(ts *testscript.TestScript, _ bool, args []string) {
	until(ts, "a process writes to "+args[0], func() bool {
		f, err := os.OpenFile(filepath.Join(ts.MkAbs(args[0]), "lock"), os.O_RDWR, 0)
		if err != nil {
			return false
		}
		defer f.Close() // and with it the lock
		return errors.Is(unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB), unix.EWOULDBLOCK)
	})
}

func until(ts *testscript.TestScript, what string, ready func() bool) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	end := time.After(patience)
	for !ready() {
		select {
		case <-tick.C:
		case <-end:
			ts.Fatalf("waited for: %s", what)
		}
	}
}

// site is a small site: a listing with a link to each advert, and their pages, each with
// a picture that lies elsewhere.
type site struct {
	server *httptest.Server

	mu   sync.Mutex
	ads  map[int]string
	gate chan struct{} // what a request for the held advert waits for
	held int
	came chan struct{} // somebody waits
}

func newSite() *site {
	s := &site{ads: map[int]string{}, came: make(chan struct{}, 1)}
	s.server = httptest.NewServer(http.HandlerFunc(s.serve))
	return s
}

func siteOf(ts *testscript.TestScript) *site { return ts.Value("site").(*site) }

func (s *site) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if r.URL.Path == "/" {
		s.mu.Lock()
		defer s.mu.Unlock()
		fmt.Fprintf(w, "<h1>Adverts</h1><p class=count>%d</p>", len(s.ads))
		for n := range s.ads {
			fmt.Fprintf(w, "<a class=ad href=/ad/%d>advert %d</a>\n", n, n)
		}
		return
	}
	n, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/ad/"))
	s.mu.Lock()
	text, there := s.ads[n]
	gate := s.gate
	if gate == nil || s.held != n {
		gate = nil
	}
	s.mu.Unlock()
	if err != nil || !there {
		http.NotFound(w, r)
		return
	}
	if gate != nil {
		select {
		case s.came <- struct{}{}:
		default:
		}
		select {
		case <-gate:
		case <-r.Context().Done():
			return
		}
	}
	fmt.Fprintf(w, `<h1>Advert %d</h1><p class=text>%s Call 06 0001 %04d.</p><p class=place>Utrecht</p><img src="http://127.0.0.1:1/%d.png">`,
		n, html.EscapeString(text), n, n)
}

func (s *site) put(number, text string) {
	n, err := strconv.Atoi(number)
	if err != nil {
		panic(err) // a slip in a script
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if text == "-" {
		delete(s.ads, n)
		return
	}
	s.ads[n] = text
}

func (s *site) hold(number string) {
	n, err := strconv.Atoi(number)
	if err != nil {
		panic(err) // a slip in a script
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held, s.gate = n, make(chan struct{})
}

func (s *site) waited(ts *testscript.TestScript) {
	select {
	case <-s.came:
	case <-time.After(patience):
		ts.Fatalf("nobody asked for the advert that is held")
	}
}

func (s *site) loose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gate != nil {
		close(s.gate)
		s.gate = nil
	}
}

func (s *site) close() {
	s.loose()
	s.server.Close()
}
