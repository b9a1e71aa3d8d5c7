package postgres

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"zoeklicht"
)

// superuser is the role that initdb makes, on every cluster of our own.
const superuser = "postgres"

// cluster is a PostgreSQL of our own. What starts, stops or repairs it holds mu
// against the goroutines of this process, and start.lock against others.
type cluster struct {
	cfg  Config
	log  *slog.Logger
	door atomic.Pointer[door]

	mu       sync.Mutex
	start    *fileLock
	holders  *fileLock
	home     string
	data     string // PGDATA, free of symlinks, as /proc shows it
	password string
	socket   string
	left     bool
}

// door is how to get in, and where the cluster is. A restart may change it,
// though it seldom does.
type door struct{ socket, password, home, data string }

// open makes Config.Dir if need be, and opens its locks.
func open(cfg Config, log *slog.Logger) (_ *cluster, err error) {
	if cfg.Dir, err = filepath.Abs(cfg.Dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, err
	}
	if cfg.Dir, err = filepath.EvalSymlinks(cfg.Dir); err != nil {
		return nil, err
	}
	c := &cluster{cfg: cfg, log: log}
	if c.start, err = openLock(filepath.Join(cfg.Dir, "start.lock")); err != nil {
		return nil, err
	}
	if c.holders, err = openLock(filepath.Join(cfg.Dir, "holders.lock")); err != nil {
		c.start.close()
		return nil, err
	}
	return c, nil
}

// join makes the cluster if need be, sees to it that its server runs, and
// counts us among its holders.
func join(ctx context.Context, cfg Config, log *slog.Logger) (*cluster, error) {
	c, err := open(cfg, log)
	if err != nil {
		return nil, err
	}
	err = c.locked(ctx, func() error {
		if err := c.holders.wait(ctx, unix.LOCK_SH); err != nil {
			return err
		}
		if err := c.run(ctx); err != nil {
			return errors.Join(err, c.letGo())
		}
		return nil
	})
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// close closes the locks, which frees them.
func (c *cluster) close() {
	c.start.close()
	c.holders.close()
}

// locked does work with mu and start.lock held.
func (c *cluster) locked(ctx context.Context, work func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left {
		return errLeft
	}
	if err := c.start.wait(ctx, unix.LOCK_EX); err != nil {
		return err
	}
	err := work()
	_, unlockErr := c.start.try(unix.LOCK_UN)
	return errors.Join(err, unlockErr)
}

var errLeft = errors.New("this process has left the server")

// run sees to it that the server runs and can be reached. It wants the locks.
func (c *cluster) run(ctx context.Context) error {
	if err := c.attachOrLaunch(ctx); err != nil {
		return err
	}
	c.door.Store(&door{c.socket, c.password, c.home, c.data})
	return nil
}

func (c *cluster) attachOrLaunch(ctx context.Context) error {
	s, err := readState(c.cfg.Dir)
	if err != nil {
		return err
	}
	c.place(s)
	if err := c.readPassword(); err != nil {
		return err
	}
	if attached, err := c.attach(ctx); attached || err != nil {
		return err
	}
	return c.launch(ctx, s)
}

// place sets home and data. Both are known before the cluster is made.
func (c *cluster) place(s state) {
	c.home = c.cfg.Dir
	if s.Home != "" {
		c.home = s.Home
	}
	c.data = filepath.Join(c.home, "cluster")
	if real, err := filepath.EvalSymlinks(c.data); err == nil {
		c.data = real // an operator may have moved it to another disk
	}
}

// there reports whether there is a cluster.
func (c *cluster) there() (bool, error) {
	_, err := os.Stat(filepath.Join(c.data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// launch starts the server, on a new cluster if there is none.
func (c *cluster) launch(ctx context.Context, s state) error {
	made, err := c.there()
	if err != nil {
		return err
	}
	id, home, err := choose(ctx, c.cfg, s.Home, made)
	if err != nil {
		return err
	}
	if home != c.cfg.Dir {
		s.Home = home
		c.place(s)
		if made, err = c.there(); err != nil {
			return err
		}
		c.log.Warn("no user namespaces, so the cluster lies where an unprivileged user reaches it", "in", home)
	}
	if !made {
		if err := c.vacant(s); err != nil {
			return err
		}
	}
	bin, err := c.binary(ctx, id, s.Made)
	if err != nil {
		return err
	}
	if !made {
		if err := c.make(ctx, id, bin); err != nil {
			return err
		}
		s.Made = bin
	}
	if err := c.sameMajor(s, bin); err != nil {
		return err
	}
	if s.Made == (binary{}) { // a crash came between making it and saying so
		s.Made = bin
	}
	if s.For != c.cfg.Dir {
		s.Socket, s.For = "", c.cfg.Dir
	}
	if s.Socket, err = socketFolder(id, s.Socket, socketPlaces...); err != nil {
		return err
	}
	s.Runs = bin
	c.socket = s.Socket
	if err := s.write(c.cfg.Dir); err != nil {
		return err
	}
	if c.password == "" {
		if err := c.newPassword(ctx, id, bin); err != nil {
			return err
		}
	}
	if err := c.postmaster(ctx, id, bin); err != nil {
		return err
	}
	return c.shut(ctx)
}

// binary finds PostgreSQL's programs: those in Config.Bin, or the runtime that
// we carry, unpacked. It checks that they run here. The runtime that made the
// cluster stays; others than these two go.
func (c *cluster) binary(ctx context.Context, id identity, made binary) (binary, error) {
	if c.cfg.Bin != "" {
		bin, err := filepath.Abs(c.cfg.Bin)
		if err != nil {
			return binary{}, err
		}
		return inspect(ctx, id, bin)
	}
	folder, err := unpackCarried(filepath.Join(c.home, "runtime"))
	if err != nil {
		return binary{}, err
	}
	b, err := inspect(ctx, id, filepath.Join(folder, "bin"))
	if err != nil {
		return b, err
	}
	if err := resolves(ctx, id, folder); err != nil {
		return b, err
	}
	if b.Bin, err = filepath.Rel(c.home, b.Bin); err != nil {
		return b, err
	}
	if err := prune(filepath.Dir(folder), filepath.Base(folder), filepath.Base(filepath.Dir(made.Bin))); err != nil {
		c.log.Warn("runtimes that nobody needs are still there", "err", err)
	}
	return b, nil
}

// program gives the path of one of PostgreSQL's programs.
func (c *cluster) program(b binary, name string) string {
	if filepath.IsAbs(b.Bin) {
		return filepath.Join(b.Bin, name)
	}
	return filepath.Join(c.home, b.Bin, name)
}

// vacant refuses to make a cluster where one was before, or where something else
// is: a disk that is not mounted must not look like an empty platform.
func (c *cluster) vacant(s state) error {
	path := filepath.Join(c.home, "cluster")
	_, err := os.Lstat(path)
	switch {
	case err == nil:
		return zoeklicht.Errorf(zoeklicht.Conflict, "%s is there and holds no PostgreSQL cluster", path).
			With("nothing was made", "mount the disk that it is on, or move it away")
	case !errors.Is(err, fs.ErrNotExist):
		return err
	case s.Made != (binary{}):
		return zoeklicht.Errorf(zoeklicht.Conflict, "the PostgreSQL cluster %s was made before, and is gone", path).
			With("nothing was made", "restore it from a backup; to begin with an empty one, remove "+filepath.Join(c.cfg.Dir, "state.json"))
	}
	return nil
}

// make makes a cluster, under another name until it is whole: a crash on the
// way leaves nothing that could be taken for a cluster.
func (c *cluster) make(ctx context.Context, id identity, bin binary) error {
	half := filepath.Join(c.home, "cluster.half")
	if err := os.RemoveAll(half); err != nil { // never was a cluster
		return err
	}
	c.log.Info("making a PostgreSQL cluster", "in", c.data, "version", bin.Version)
	password := rand.Text()
	secret := filepath.Join(c.home, "cluster.password")
	if err := writeFile(secret, []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	defer os.Remove(secret)
	if err := id.own(secret); err != nil {
		return err
	}
	if err := id.mkdir(half); err != nil {
		return err
	}
	args := []string{
		"--pgdata=" + half, "--username=" + superuser, "--pwfile=" + secret,
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8",
		"--data-checksums", "--no-instructions",
	}
	if c.cfg.TestMode {
		args = append(args, "--no-sync", "--wal-segsize=1")
	}
	cmd := id.command(ctx, c.program(bin, "initdb"), args...)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) } // it tidies up
	cmd.WaitDelay = 5 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		return (&zoeklicht.Error{
			Code: zoeklicht.Unavailable, Err: fmt.Errorf("%w: %s", err, tail(out, 10)),
			What: "PostgreSQL's initdb failed",
		}).With("nothing was made", "mend what it says, or give a server with --database")
	}
	if err := writeFile(filepath.Join(c.cfg.Dir, "superuser"), []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	c.password = password
	if err := os.Rename(half, c.data); err != nil {
		return err
	}
	if c.cfg.TestMode {
		return nil
	}
	return syncFolder(c.home)
}

// sameMajor refuses a PostgreSQL that cannot read the cluster, and says which
// one can.
func (c *cluster) sameMajor(s state, bin binary) error {
	b, err := os.ReadFile(filepath.Join(c.data, "PG_VERSION"))
	if err != nil {
		return err
	}
	of := strings.TrimSpace(string(b))
	if of == fmt.Sprint(bin.Major) {
		return nil
	}
	do := fmt.Sprintf("start with --pg-bin and a PostgreSQL %s", of)
	for _, old := range []binary{s.Made, s.Runs} {
		program := c.program(old, "postgres")
		if _, err := os.Stat(program); err == nil && of == fmt.Sprint(old.Major) {
			do = fmt.Sprintf("start with --pg-bin %s, which is the PostgreSQL %s that it knows", filepath.Dir(program), old.Version)
			break
		}
	}
	return zoeklicht.Errorf(zoeklicht.Conflict, "the cluster in %s is of PostgreSQL %s, and this is PostgreSQL %s", c.data, of, bin.Version).
		With("the cluster was not touched", do)
}

// readPassword reads the superuser's password; it is empty while there is none.
func (c *cluster) readPassword() error {
	b, err := os.ReadFile(filepath.Join(c.cfg.Dir, "superuser"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	c.password = strings.TrimSpace(string(b))
	return nil
}

// newPassword gives the superuser a password while the server does not run:
// whoever may read the cluster's files may do that, so a lost file is no loss.
func (c *cluster) newPassword(ctx context.Context, id identity, bin binary) error {
	c.log.Warn("the superuser's password file is gone; making a new password", "in", c.cfg.Dir)
	if err := clearStale(ctx, c.data); err != nil {
		return err
	}
	password := rand.Text()
	verifier, err := scramVerifier(password)
	if err != nil {
		return err
	}
	cmd := id.command(ctx, c.program(bin, "postgres"), "--single", "-D", c.data, "-c", "exit_on_error=true", "postgres")
	cmd.Stdin = strings.NewReader(fmt.Sprintf("ALTER ROLE %s PASSWORD '%s'\n", superuser, verifier))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("new password for the superuser: %w: %s", err, tail(out, 10))
	}
	if err := writeFile(filepath.Join(c.cfg.Dir, "superuser"), []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	c.password = password
	return nil
}

// tail gives the last n lines of what a program said, in one line.
func tail(out []byte, n int) string {
	lines := strings.Split(string(bytes.TrimSpace(out)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], " | ")
}
