package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"

	"zoeklicht"
)

// settled waits until the server is either running (starting counts) or gone.
func (c *cluster) settled(ctx context.Context) (running bool, err error) {
	for {
		p, ok := readPidFile(c.data)
		if !ok || !works(p.pid, c.data) {
			return false, nil
		}
		if p.status != "stopping" {
			return true, nil
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return false, err
		}
	}
}

// attach joins a server that runs already. It reports false when there is none,
// also when it died while we were looking: kill -9 takes a moment.
func (c *cluster) attach(ctx context.Context) (bool, error) {
	for began := time.Now(); ; {
		running, err := c.settled(ctx)
		if !running || err != nil {
			return false, err
		}
		p, _ := readPidFile(c.data)
		if p.status == "ready" {
			if _, err := os.Stat(socketFile(p.socket)); err != nil {
				// Nobody can reach it any more, and it does not make another one.
				c.log.Warn("PostgreSQL's socket is gone, so it is started anew", "socket", p.socket)
				return false, c.stop()
			}
			c.socket = p.socket
			err := c.answers(ctx)
			if err == nil {
				c.log.Debug("attached to PostgreSQL", "pid", p.pid, "socket", p.socket)
				return true, nil
			}
			if stateOf(err) == stateBadPassword {
				return false, zoeklicht.Errorf(zoeklicht.Conflict, "PostgreSQL does not accept the password in %s", filepath.Join(c.cfg.Dir, "superuser")).
					With("nothing was changed", "restore that file; or stop every zoeklicht process, remove it, and start: a new one is made")
			}
			if time.Since(began) > 10*time.Second || ctx.Err() != nil {
				return false, fmt.Errorf("PostgreSQL runs (pid %d) and does not let us in: %w", p.pid, err)
			}
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return false, err
		}
	}
}

// postmaster starts the server process and waits until it answers. After a
// kill -9 the old server's remains may be in the way for a moment, so it tries
// for ten seconds.
func (c *cluster) postmaster(ctx context.Context, id identity, bin binary) error {
	logs := filepath.Join(c.home, "log")
	if err := id.mkdir(logs); err != nil {
		return err
	}
	if err := writeSettings(id, c.home, c.data, c.socket, logs, c.cfg.TestMode, prewarms(c.program(bin, "postgres"))); err != nil {
		return err
	}
	began := time.Now()
	for {
		if err := clearStale(ctx, c.data, socketFile(c.socket), socketFile(c.socket)+".lock"); err != nil {
			return err
		}
		said, err := c.try(ctx, id, bin)
		if err == nil {
			return nil
		}
		retry := strings.Contains(said, "lock file") || strings.Contains(said, "shared memory block")
		if !retry || time.Since(began) > 10*time.Second {
			return (&zoeklicht.Error{Code: zoeklicht.Unavailable, What: "PostgreSQL did not start", Err: err}).
				With("nothing in "+c.data+" was removed", "see "+c.startLog()+" and "+logs)
		}
		if err := sleep(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
}

// prewarms reports whether the module that reads in what was in memory is there: a server
// that is told to load it and has it not does not start.
func prewarms(program string) bool {
	for _, lib := range []string{"lib/postgresql", "lib"} {
		if _, err := os.Stat(filepath.Join(filepath.Dir(filepath.Dir(program)), lib, "pg_prewarm.so")); err == nil {
			return true
		}
	}
	return false
}

// startLog takes what the server says before it logs. It lies in Dir: in a
// folder that the server's user owns, a link could lead us anywhere.
func (c *cluster) startLog() string { return filepath.Join(c.cfg.Dir, "start.log") }

// try starts the server once. When it fails, said is what it had to say.
func (c *cluster) try(ctx context.Context, id identity, bin binary) (said string, err error) {
	f, err := os.OpenFile(c.startLog(), os.O_CREATE|os.O_TRUNC|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return "", err
	}
	defer f.Close()
	// Not ctx: the server outlives whoever started it.
	cmd := id.command(context.WithoutCancel(ctx), c.program(bin, "postgres"), "-D", c.data)
	cmd.Stdout, cmd.Stderr = f, f
	if err := cmd.Start(); err != nil {
		return "", err
	}
	exited := make(chan struct{})
	go func() { // reaped at once: a zombie would hold its number
		_ = cmd.Wait()
		close(exited)
	}()
	if err := c.ready(ctx, exited); err != nil {
		out, _ := os.ReadFile(c.startLog())
		return string(out), fmt.Errorf("%w: %s", err, tail(out, 6))
	}
	c.log.Info("started PostgreSQL", "pid", cmd.Process.Pid, "version", bin.Version, "socket", c.socket)
	return "", nil
}

// ready waits until the server that we started takes connections. exited is
// closed when its process ends.
func (c *cluster) ready(ctx context.Context, exited <-chan struct{}) error {
	seen := time.Now()
	for {
		select {
		case <-exited:
			return errors.New("it ended")
		default:
		}
		p, ok := readPidFile(c.data)
		switch {
		case ok && p.status == "ready":
			return c.answers(ctx)
		case ok && works(p.pid, c.data):
			seen = time.Now() // starting, perhaps recovering, which takes its time
		case time.Since(seen) > c.cfg.StartTimeout:
			return fmt.Errorf("not ready after %v", c.cfg.StartTimeout)
		}
		if err := sleep(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
}

// shut closes initdb's databases to the public; initdb lets everybody in.
func (c *cluster) shut(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, door{socket: c.socket, password: c.password}.url(superuser, superuser, c.password))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return Patiently(ctx, conn, "REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
}

// answers reports whether the superuser can sign in.
func (c *cluster) answers(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, door{socket: c.socket, password: c.password}.url(superuser, superuser, c.password))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// stop ends the server: fast, and when that takes too long at once. It wants
// the locks.
func (c *cluster) stop() error {
	p, ok := readPidFile(c.data)
	if !ok || !works(p.pid, c.data) {
		return nil
	}
	process, err := os.FindProcess(p.pid)
	if err != nil {
		return err
	}
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, c.cfg.StopTimeout}, {syscall.SIGQUIT, 10 * time.Second}} {
		if err := process.Signal(step.signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("stop PostgreSQL: %w", err)
		}
		for end := time.Now().Add(step.wait); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			// Its log writer ends after the postmaster, and is still at work in there.
			if !works(p.pid, c.data) && len(workers(c.data)) == 0 {
				c.log.Info("stopped PostgreSQL", "pid", p.pid)
				return nil
			}
		}
	}
	return fmt.Errorf("PostgreSQL (pid %d) does not stop", p.pid)
}

// leave gives up our hold and stops the server when nobody else has one.
func (c *cluster) leave() error {
	ctx, cancel := context.WithTimeout(context.Background(), c.cfg.StopTimeout)
	defer cancel()
	err := c.locked(ctx, c.letGo)
	c.close()
	return err
}

// letGo stops the server unless another process holds it. It wants the locks.
func (c *cluster) letGo() error {
	c.left = true
	last, err := c.holders.try(unix.LOCK_EX)
	if err != nil || !last {
		return err
	}
	if err := c.stop(); err != nil {
		return err
	}
	if c.socket == "" {
		return nil
	}
	// The folder is made again under this name next time. A server that was
	// killed leaves its socket in it.
	for _, path := range []string{socketFile(c.socket), socketFile(c.socket) + ".lock", c.socket} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			c.log.Warn("the socket's folder is still there", "err", err)
		}
	}
	return nil
}
