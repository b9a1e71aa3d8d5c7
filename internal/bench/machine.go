package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// machine says what the figures were measured on, in one line.
func machine(dir string) (string, error) {
	sync, err := syncTime(dir)
	if err != nil {
		return "", err
	}
	var u unix.Utsname
	var si unix.Sysinfo_t
	if err := errors.Join(unix.Uname(&u), unix.Sysinfo(&si)); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s, %d cores, %.1f GB memory, Linux %s, %s, load %s, 4 KiB write and fsync %.2f ms (median)",
		processor(), runtime.NumCPU(), float64(si.Totalram)*float64(si.Unit)/1e9, unix.ByteSliceToString(u.Release[:]), runtime.Version(), load(), ms(sync)), nil
}

func processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer f.Close() // read only
	for s := bufio.NewScanner(f); s.Scan(); {
		if k, v, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(k) == "model name" {
			return strings.TrimSpace(v)
		}
	}
	return runtime.GOARCH
}

// load gives the machine's load: one means one core kept busy over the last minute,
// by whomever.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(b), " ")
	return one
}

// syncTime gives what it takes to make 4 KiB durable at the end of a file, the
// median of many.
func syncTime(dir string) (time.Duration, error) {
	f, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return 0, err
	}
	defer func() {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}()
	var all times
	block := make([]byte, 4096)
	for range 101 {
		begun := time.Now()
		if _, err := f.Write(block); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
		all = append(all, time.Since(begun))
	}
	slices.Sort(all)
	return all.at(0.5), nil
}
