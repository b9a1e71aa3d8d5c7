package postgres

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadPidFile(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want pidFile
		ok   bool
	}{
		"ready":    {"4711\n/data/cluster\n1790000000\n5432\n/run/z\n\n  12 34\nready   \n", pidFile{4711, "/run/z", "ready"}, true},
		"starting": {"4711\n/data/cluster\n1790000000\n5432\n/run/z\n", pidFile{4711, "/run/z", ""}, true},
		"torn":     {"4711", pidFile{pid: 4711}, true},
		"empty":    {"", pidFile{}, false},
		"rubbish":  {"x\ny\n", pidFile{}, false},
		"single":   {"-4711\n/data\n", pidFile{}, false}, // a single-user session's number is negative
	} {
		data := t.TempDir()
		if err := os.WriteFile(filepath.Join(data, "postmaster.pid"), []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, ok := readPidFile(data)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s: %+v, %v; want %+v, %v", name, got, ok, c.want, c.ok)
		}
	}
	if _, ok := readPidFile(t.TempDir()); ok {
		t.Error("a file that is not there was read")
	}
}

// A process works in a folder while it lives, not once it is dead, and not when
// it is another folder's; one that nobody has reaped is dead.
func TestWorks(t *testing.T) {
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/bin/cat")
	cmd.Dir = folder
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := cmd.Process.Pid
	if !works(pid, folder) || works(pid, "/elsewhere") {
		t.Errorf("process %d: works in its folder %v, elsewhere %v", pid, works(pid, folder), works(pid, "/elsewhere"))
	}
	if got := workers(folder); len(got) != 1 || got[0] != pid {
		t.Errorf("workers are %v, want %d", got, pid)
	}
	if err := stdin.Close(); err != nil {
		t.Fatal(err)
	}
	for !zombie(pid) { // it ends by itself and waits to be reaped
	}
	if works(pid, folder) {
		t.Error("a dead process works")
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if works(pid, folder) || len(workers(folder)) > 0 {
		t.Error("a process that is gone works")
	}
}

// Processes of a server that outlive their postmaster are ended before the next
// one starts, those that do not listen as well.
func TestClearStale(t *testing.T) {
	t.Parallel()
	data, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	lock := filepath.Join(data, "postmaster.pid")
	if err := os.WriteFile(lock, []byte("1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	deaf := exec.Command("/bin/sh", "-c", "trap '' QUIT; echo; read x")
	deaf.Dir = data
	if _, err := deaf.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := deaf.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := deaf.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := stdout.Read(make([]byte, 1)); err != nil { // it has set its trap
		t.Fatal(err)
	}
	if err := clearStale(t.Context(), data); err != nil {
		t.Fatal(err)
	}
	if err := deaf.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("the process ended with %v, want killed", err)
	}
	if _, err := os.Stat(lock); err == nil {
		t.Error("postmaster.pid is still there")
	}
}
