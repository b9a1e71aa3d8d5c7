package postgres_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"zoeklicht/internal/postgres"
	"zoeklicht/internal/postgres/postgrestest"
)

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to be another user in turn")
	}
}

// status gives a line of /proc/<pid>/status.
func status(t *testing.T, pid int, field string) string {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, field+":"); ok {
			return strings.TrimSpace(rest)
		}
	}
	t.Fatalf("no %s of process %d", field, pid)
	return ""
}

// Root's cluster lies in a folder of mode 0700 and is run without root's powers.
func TestRoot(t *testing.T) {
	t.Parallel()
	needRoot(t)
	cfg := postgrestest.Config(t)
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := start(t, cfg)
	uids, err := os.ReadFile(fmt.Sprintf("/proc/%d/uid_map", s.Pid()))
	if err != nil {
		t.Fatal(err)
	}
	if f := bytes.Fields(uids); len(f) != 3 || string(f[0]) == "0" || string(f[1]) != "0" || string(f[2]) != "1" {
		t.Errorf("uid_map is %q: want one uid that is not 0, for ours", uids)
	}
	if caps := status(t, s.Pid(), "CapEff"); strings.Trim(caps, "0") != "" {
		t.Errorf("it has capabilities %s", caps)
	}
	if sid := session(t, s.Pid()); sid != s.Pid() {
		t.Errorf("its session is %d, want one of its own", sid)
	}
}

func session(t *testing.T, pid int) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	var state string
	var ppid, group, sid int
	rest := string(b[bytes.LastIndexByte(b, ')')+1:])
	if _, err := fmt.Sscan(rest, &state, &ppid, &group, &sid); err != nil {
		t.Fatal(err)
	}
	return sid
}

// openFolder makes a folder under /tmp that every user can reach.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "zoeklicht-test-") //nolint:usetesting // the test's own folder is closed to other users
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// reachable skips when another user cannot get to PostgreSQL's programs.
func reachable(t *testing.T, bin string, uid uint32) {
	t.Helper()
	cmd := exec.Command(filepath.Join(bin, "postgres"), "-V")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	if err := cmd.Run(); err != nil {
		t.Skipf("uid %d cannot run %s: %v", uid, bin, err)
	}
}

// Where there are no user namespaces, root's cluster lies apart and belongs to
// an unprivileged user, and is found again.
func TestRootWithoutNamespaces(t *testing.T) {
	t.Parallel()
	needRoot(t)
	cfg := config(t)
	reachable(t, cfg.Bin, 65534)
	varLib := filepath.Join(openFolder(t), "var", "lib", "zoeklicht")
	cfg = postgres.WithoutNamespace(cfg, varLib)
	s := start(t, cfg)
	if !strings.HasPrefix(s.Data(), varLib) {
		t.Errorf("the cluster is in %s, want it under %s", s.Data(), varLib)
	}
	if uid := strings.Fields(status(t, s.Pid(), "Uid"))[0]; uid == "0" {
		t.Error("it runs as root")
	}
	for _, f := range s.Check(t.Context()) {
		if f.Grade == postgres.Bad && f.Check != "durability" { // this one is TestMode
			t.Errorf("doctor: %+v", f)
		}
	}
	execute(t, s.Admin(""), "CREATE TABLE kept (n int)")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := start(t, cfg)
	if again.Data() != s.Data() {
		t.Errorf("the cluster is in %s now, and was in %s", again.Data(), s.Data())
	}
	if n := query[int](t, again.Admin(""), "SELECT count(*)::int FROM kept"); n != 0 {
		t.Errorf("%d rows", n)
	}
}

// A cluster that root made inside a namespace is not forgotten for a new one
// when namespaces are gone: that would look like lost data.
func TestNamespacesGone(t *testing.T) {
	t.Parallel()
	needRoot(t)
	cfg := postgrestest.Config(t)
	s := start(t, cfg)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := postgres.Start(t.Context(), postgres.WithoutNamespace(cfg, filepath.Join(openFolder(t), "lib")), discard)
	if err == nil || !containsAll(err.Error(), "belongs to root", "not touched", "max_user_namespaces", "chown") {
		t.Errorf("got %v, want what to do", err)
	}
}

// An ordinary user runs it as it is; one that /etc/passwd does not know, as in
// some containers, through a namespace. Root can use their clusters, as them.
func TestOrdinaryUsers(t *testing.T) {
	t.Parallel()
	needRoot(t)
	for name, uid := range map[string]uint32{"nobody": 65534, "unknown to passwd": 54321} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := config(t)
			reachable(t, cfg.Bin, uid)
			dir := openFolder(t)
			program := filepath.Join(dir, "test")
			copyFile(t, os.Args[0], program)
			cfg.Dir = filepath.Join(dir, "home", "data", "postgres")
			if err := os.Mkdir(filepath.Join(dir, "home"), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Chown(filepath.Join(dir, "home"), int(uid), int(uid)); err != nil {
				t.Fatal(err)
			}
			h := startHolder(t, cfg, func(cmd *exec.Cmd) {
				cmd.Path, cmd.Dir = program, dir
				cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uid, Gid: uid}
			})
			want := fmt.Sprint(uid)
			if got := strings.Fields(status(t, h.postmaster, "Uid"))[0]; got != want {
				t.Errorf("it runs as %s, want %s", got, want)
			}
			if err := h.release.Close(); err != nil {
				t.Fatal(err)
			}
			if err := h.Wait(); err != nil {
				t.Fatal(err)
			}
			s := start(t, cfg) // as root
			if got := strings.Fields(status(t, s.Pid(), "Uid"))[0]; got != want {
				t.Errorf("started by root it runs as %s, want %s", got, want)
			}
		})
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// state.json names the home and what made the cluster, as the package comment
// says.
func TestState(t *testing.T) {
	t.Parallel()
	cfg := postgrestest.Config(t)
	s := start(t, cfg)
	b, err := os.ReadFile(filepath.Join(cfg.Dir, "state.json"))
	if err != nil {
		t.Fatal(err)
	}
	var state struct {
		Home       string
		Made, Runs struct {
			Major        int
			Version, Bin string
		}
		Socket string
	}
	if err := json.Unmarshal(b, &state); err != nil {
		t.Fatal(err)
	}
	if state.Home != "" || state.Socket != s.Socket() || state.Made != state.Runs ||
		state.Made.Major != s.Version().Major() || state.Made.Bin != cfg.Bin || state.Made.Version != s.Version().Text {
		t.Errorf("state is %s", b)
	}
}
