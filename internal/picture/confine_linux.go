package picture

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/landlock-lsm/go-landlock/landlock"
	"golang.org/x/sys/unix"
)

// confine limits the memory of this process and gives up what it could reach:
// files and network as far as the kernel knows how (landlock), new privileges, and
// the writing of a core file, which would hold a picture. Memory is limited as
// data (RLIMIT_DATA): the Go runtime reserves far more addresses than it uses and
// dies under RLIMIT_AS.
func confine(memory int64) error {
	for _, l := range []struct {
		name  string
		which int
		value uint64
	}{
		{"data", unix.RLIMIT_DATA, uint64(memory)},
		{"core", unix.RLIMIT_CORE, 0},
		{"file size", unix.RLIMIT_FSIZE, 0},
	} {
		if err := unix.Setrlimit(l.which, &unix.Rlimit{Cur: l.value, Max: l.value}); err != nil {
			return fmt.Errorf("limit %s: %w", l.name, err)
		}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("give up new privileges: %w", err)
	}
	if err := landlock.V5.BestEffort().RestrictPaths(); err != nil {
		return fmt.Errorf("give up files: %w", err)
	}
	if err := landlock.V5.BestEffort().RestrictNet(); err != nil {
		return fmt.Errorf("give up the network: %w", err)
	}
	return nil
}

// watermark reads how much of this process was resident at most. The file is
// opened before files are given up. (What getrusage tells begins with the parent's
// own size.)
type watermark struct{ status *os.File }

func newWatermark() watermark {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return watermark{}
	}
	return watermark{f}
}

// bytes gives the figure, or 0 where it cannot be had.
func (w watermark) bytes() int64 {
	if w.status == nil {
		return 0
	}
	b := make([]byte, 8192)
	n, err := w.status.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0
	}
	_, rest, _ := strings.Cut(string(b[:n]), "VmHWM:")
	rest, _, _ = strings.Cut(rest, "kB")
	kilobytes, _ := strconv.ParseInt(strings.TrimSpace(rest), 10, 64)
	return kilobytes << 10
}
