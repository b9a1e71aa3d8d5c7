package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit in which Linux tells processor time to programs, on every
// architecture that the platform runs on.
const tick = 10 * time.Millisecond

// procStat gives a process's parent and the processor time that it took so far.
func procStat(pid string) (parent int, used time.Duration, err error) {
	b, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	if err != nil {
		return 0, 0, err
	}
	// The name, in brackets, may hold anything.
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(f) < 13 {
		return 0, 0, fmt.Errorf("/proc/%s/stat cannot be read", pid)
	}
	parent, err = strconv.Atoi(f[1])
	for _, v := range f[11:13] {
		n, aerr := strconv.ParseInt(v, 10, 64)
		if aerr != nil {
			return 0, 0, aerr
		}
		used += time.Duration(n) * tick
	}
	return parent, used, err
}

// processorTime gives what a process and its children took so far. Beside how long an
// answer took it tells what the machine's other work does to a measurement.
func processorTime(pid int) (sum time.Duration, err error) {
	all, err := os.ReadDir("/proc")
	if err != nil {
		return 0, err
	}
	for _, e := range all {
		n, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		parent, used, err := procStat(e.Name())
		if err == nil && (n == pid || parent == pid) { // who has ended meanwhile is left out
			sum += used
		}
	}
	return sum, nil
}

// postmaster gives the process of an installation's own PostgreSQL.
func postmaster(dir string) (int, error) {
	found, err := filepath.Glob(filepath.Join(dir, "postgres", "cluster", "postmaster.pid"))
	if err != nil || len(found) == 0 {
		return 0, fmt.Errorf("no postmaster.pid below %s", dir)
	}
	b, err := os.ReadFile(found[0])
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return strconv.Atoi(strings.TrimSpace(line))
}
