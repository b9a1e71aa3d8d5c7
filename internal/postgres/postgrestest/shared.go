package postgrestest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"

	"zoeklicht/internal/postgres"
)

// errNone says that there is no PostgreSQL to test with.
var errNone = errors.New("no PostgreSQL to test with: run build/fetch-postgres.sh, or apt-get install postgresql")

func skipOrFail(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, errNone) {
		t.Skip(err)
	}
	t.Fatal(err)
}

// shared is the server of this test process. It is never closed: the process's
// end gives up its hold, and the watchdog does the rest.
var shared = sync.OnceValues(startShared)

func startShared() (*postgres.Server, error) {
	bin, dir, unlock, err := cached("shared-postgres-", majorOf)
	if err != nil {
		return nil, err
	}
	defer unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cfg := postgres.Config{Dir: dir, Bin: bin, TestMode: true}
	s, err := postgres.Start(ctx, cfg, discard)
	if err != nil {
		return nil, fmt.Errorf("shared test server (in %s, which may be removed): %w", dir, err)
	}
	if err := clearAway(ctx, s); err != nil {
		return nil, err
	}
	return s, watchdog(dir)
}

var discard = slog.New(slog.DiscardHandler)

// fresh gives the configuration of a cluster that is made, stopped and never
// used, to be copied.
var fresh = sync.OnceValues(makeFresh)

func makeFresh() (postgres.Config, error) {
	bin, dir, unlock, err := cached("fresh-postgres-", func(bin string) (string, error) {
		return filepath.Base(filepath.Dir(bin)), nil // the packed one's digest, or the installed one's version
	})
	if err != nil {
		return postgres.Config{}, err
	}
	defer unlock()
	cfg := postgres.Config{Dir: filepath.Join(dir, "half"), Bin: bin, TestMode: true}
	made := filepath.Join(dir, "made")
	if _, err := os.Stat(made); err != nil {
		if err := os.RemoveAll(cfg.Dir); err != nil {
			return cfg, err
		}
		s, err := postgres.Start(context.Background(), cfg, discard)
		if err != nil {
			return cfg, err
		}
		if err := errors.Join(s.Close(), os.Rename(cfg.Dir, made)); err != nil {
			return cfg, err
		}
	}
	cfg.Dir = made
	return cfg, nil
}

// cached gives the programs to test with and a folder in .cache for what is made
// with them, locked until unlock. key tells apart which programs may share it.
func cached(prefix string, key func(bin string) (string, error)) (bin, dir string, unlock func(), err error) {
	cache, err := cacheFolder()
	if err != nil {
		return "", "", nil, err
	}
	if bin, err = Bin(); err != nil {
		return "", "", nil, err
	}
	of, err := key(bin)
	if err != nil {
		return "", "", nil, err
	}
	dir = filepath.Join(cache, prefix+of)
	if unlock, err = lock(dir + ".lock"); err != nil {
		return "", "", nil, err
	}
	if err = forgetAfterReboot(dir); err != nil {
		unlock()
		return "", "", nil, err
	}
	return bin, dir, unlock, nil
}

// forgetAfterReboot removes what is cached if the machine was started anew since:
// nothing in it was ever synced.
func forgetAfterReboot(dir string) error {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return err
	}
	note := filepath.Join(dir, "boot_id")
	if known, err := os.ReadFile(note); err == nil && bytes.Equal(known, boot) {
		return nil
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(note, boot, 0o600)
}

// clearAway drops what killed tests left, and templates of migrations that have
// changed since: all but the newest thirty.
func clearAway(ctx context.Context, s *postgres.Server) error {
	conn, err := pgx.Connect(ctx, s.Admin(""))
	if err != nil {
		return err
	}
	defer conn.Close(ctx) // lets go of the lock, too
	// One test process clears at a time: two would drop the same role.
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(hashtext('clear away'))"); err != nil {
		return err
	}
	rows, err := conn.Query(ctx, `
		SELECT datname FROM pg_database WHERE datname ~ '^t[0-9]+_'
		UNION ALL (SELECT datname FROM pg_database WHERE datname ~ '^template_' ORDER BY oid DESC OFFSET 30)
		UNION ALL SELECT rolname FROM pg_roles WHERE rolname ~ '^t[0-9]+_'`)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		if owner := ofProcess.FindStringSubmatch(name); owner != nil && alive(owner[1]) {
			continue
		}
		if err := drop(ctx, conn, name); err != nil {
			return fmt.Errorf("clear away %s: %w", name, err)
		}
	}
	return nil
}

var ofProcess = regexp.MustCompile(`^t(\d+)_`)

func alive(pid string) bool {
	_, err := os.Stat(filepath.Join("/proc", pid))
	return err == nil
}

// watching waits until no test process holds the server and stops it. It takes
// the same locks as postgres.Server does, so that no process attaches to
// a server that is about to stop. $1 is the cluster's Config.Dir.
const watching = `
cd "$1" || exit
exec 7>watchdog.lock 8>start.lock 9>holders.lock
flock -w 2 7 || exit 0
while sleep 3; do
	flock 8
	if flock -n 9; then
		pid=$(head -n 1 cluster/postmaster.pid 2>/dev/null) || exit 0
		[ "$(readlink "/proc/$pid/cwd")" = "$PWD/cluster" ] || exit 0
		kill -INT "$pid"
		while [ -e cluster/postmaster.pid ] && [ -e "/proc/$pid" ]; do sleep 0.1; done
		exit 0
	fi
	flock -u 8
done`

// watchdog starts the watchdog, which ends at once when there is one. A test
// process cannot do its work: nothing runs in it after its last test. Without
// flock(1) the server keeps running, and the next run attaches to it.
func watchdog(dir string) error {
	if _, err := exec.LookPath("flock"); err != nil {
		return nil
	}
	cmd := exec.Command("/bin/sh", "-c", watching, "postgres-watchdog", dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	go cmd.Wait() // reaped if it ends first; it may have nothing to do
	return nil
}

// Bin gives the folder of PostgreSQL's programs to test with, unpacked if need
// be.
func Bin() (string, error) {
	ways := []func() (string, error){packed, installed}
	if os.Getenv("ZOEKLICHT_TEST_PG") == "system" {
		ways[0], ways[1] = ways[1], ways[0]
	}
	for _, way := range ways {
		if bin, err := way(); bin != "" || err != nil {
			return bin, err
		}
	}
	return "", errNone
}

// packed unpacks the PostgreSQL that make build packed, straight from disk:
// tests are compiled without it.
func packed() (bin string, err error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	base := filepath.Join(root, "internal/postgres/dist/postgres-linux-amd64")
	b, err := os.ReadFile(base + ".json")
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	m, err := postgres.ReadManifest(b)
	if err != nil {
		return "", err
	}
	cache, err := cacheFolder()
	if err != nil {
		return "", err
	}
	unlock, err := lock(filepath.Join(cache, "runtime.lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	f, err := os.Open(base + ".tar.zst")
	if err != nil {
		return "", err
	}
	defer f.Close()
	folder, err := postgres.Unpack(io.Reader(f), m, filepath.Join(cache, "runtime"))
	return filepath.Join(folder, "bin"), err
}

// installed gives the newest PostgreSQL that Debian's packages installed.
func installed() (string, error) {
	folders, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	best, newest := "", 0
	for _, folder := range folders {
		if _, err := os.Stat(filepath.Join(folder, "initdb")); err != nil {
			continue
		}
		if major, err := strconv.Atoi(filepath.Base(filepath.Dir(folder))); err == nil && major > newest {
			best, newest = folder, major
		}
	}
	return best, err
}

var version = regexp.MustCompile(`PostgreSQL\) (\d+)`)

func majorOf(bin string) (string, error) {
	out, err := exec.Command(filepath.Join(bin, "postgres"), "-V").Output()
	found := version.FindSubmatch(out)
	if err != nil || found == nil {
		return "", fmt.Errorf("version of PostgreSQL in %s: %q: %w", bin, out, err)
	}
	return string(found[1]), nil
}

// cacheFolder gives .cache of the module.
func cacheFolder() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	cache := filepath.Join(root, ".cache")
	return cache, os.MkdirAll(cache, 0o755)
}

// moduleRoot is where go.mod is; tests run in the folder of their package.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no go.mod above the working folder")
		}
		dir = up
	}
}

// lock takes a file's exclusive lock, which the kernel frees at our end.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		if err = unix.Flock(int(f.Fd()), unix.LOCK_EX); !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}
