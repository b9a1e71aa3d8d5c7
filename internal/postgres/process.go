package postgres

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// pidFile is what postmaster.pid says. PostgreSQL writes it at start, line by
// line, and removes it at an orderly stop.
type pidFile struct {
	pid    int
	socket string // folder of the socket; empty while it is starting
	status string // "starting", "ready", "stopping"; empty very early
}

// readPidFile reads postmaster.pid in a data directory; ok is false when it is
// not there or holds no process number.
func readPidFile(data string) (p pidFile, ok bool) {
	b, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return p, false
	}
	lines := strings.Split(string(b), "\n")
	line := func(n int) string { // counted from 1, as PostgreSQL does
		if n > len(lines) {
			return ""
		}
		return strings.TrimSpace(lines[n-1])
	}
	p.pid, err = strconv.Atoi(line(1))
	if err != nil || p.pid <= 0 {
		return p, false
	}
	p.socket, p.status = line(5), line(8)
	return p, true
}

// works reports whether a process is alive and has data as its working folder,
// which is how every process of a PostgreSQL server differs from the one that
// got its number after a crash or a restart of the machine. A dead process that
// nobody has reaped yet is not alive.
func works(pid int, data string) bool {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	cwd, err := os.Readlink(filepath.Join(proc, "cwd"))
	if err != nil || cwd != data {
		return false
	}
	return !zombie(pid)
}

func zombie(pid int) bool {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	// "pid (name) S …": the name may contain anything, so look behind the last ")".
	_, rest, _ := bytes.Cut(b[bytes.LastIndexByte(b, ')')+1:], []byte(" "))
	return len(rest) > 0 && (rest[0] == 'Z' || rest[0] == 'X')
}

// workers lists the living processes whose working folder is data.
func workers(data string) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil && works(pid, data) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// clearStale makes data free to start in, after a server that was killed: it
// ends the server processes that outlived their postmaster (one that is busy
// with a long statement notices the death only at its end) and removes
// postmaster.pid and other files that it left. The caller holds start.lock and
// has seen that no postmaster lives.
//
// PostgreSQL itself looks only whether the number in postmaster.pid and in the
// socket's lock file is in use, and refuses to start after a reboot that gave it
// to another process.
func clearStale(ctx context.Context, data string, others ...string) error {
	signal := syscall.SIGQUIT
	for round := 0; ; round++ {
		pids := workers(data)
		if len(pids) == 0 {
			break
		}
		if round == 200 { // 2 s: it does not listen to SIGQUIT
			signal = syscall.SIGKILL
		}
		if round%200 == 0 {
			for _, pid := range pids {
				if p, err := os.FindProcess(pid); err == nil && works(pid, data) {
					_ = p.Signal(signal) // gone meanwhile is what we want
				}
			}
		}
		if err := sleep(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
	for _, path := range append(others, filepath.Join(data, "postmaster.pid")) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
