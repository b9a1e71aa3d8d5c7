package postgres

import (
	"context"
	"errors"
	"fmt"
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

// postmaster starts the server process and waits until it answers. After a
// kill -9 the old server's remains may be in the way for a moment, so it tries
// for ten seconds.
func (c *cluster) postmaster(ctx context.Context, id identity, bin binary) error {
	logs := filepath.Join(c.home, "log")
	if err := id.mkdir(logs); err != nil {
		return err
	}
	if err := writeSettings(id, c.data, c.socket, logs, c.cfg.TestMode); err != nil {
		return err
	}
	began := time.Now()
	for {
		if err := clearStale(ctx, c.data); err != nil {
			return err
		}
		said, err := c.try(ctx, id, bin, filepath.Join(logs, "start.log"))
		if err == nil {
			return nil
		}
		retry := strings.Contains(said, "lock file") || strings.Contains(said, "shared memory block")
		if !retry || time.Since(began) > 10*time.Second {
			return (&zoeklicht.Error{Code: zoeklicht.Unavailable, What: "PostgreSQL did not start", Err: err}).
				With("the cluster in "+c.data+" was not changed", "see "+logs)
		}
		if err := sleep(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
}

// try starts the server once. When it fails, said is what it had to say.
func (c *cluster) try(ctx context.Context, id identity, bin binary, startLog string) (said string, err error) {
	f, err := os.OpenFile(startLog, os.O_CREATE|os.O_TRUNC|os.O_RDWR|os.O_APPEND, 0o600)
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
		out, _ := os.ReadFile(startLog)
		return string(out), fmt.Errorf("%w: %s", err, tail(out, 6))
	}
	c.log.Info("started PostgreSQL", "pid", cmd.Process.Pid, "version", bin.Version, "socket", c.socket)
	return "", nil
}

var errExited = errors.New("it ended")

// ready waits until the server takes connections. exited, unless nil, is closed
// when the server process ends.
func (c *cluster) ready(ctx context.Context, exited <-chan struct{}) error {
	seen := time.Now()
	for {
		select {
		case <-exited:
			return errExited
		default:
		}
		p, ok := readPidFile(c.data)
		switch {
		case ok && p.status == "ready":
			return c.answers(ctx)
		case ok && works(p.pid, c.data):
			seen = time.Now() // starting, perhaps recovering, which takes its time
		case exited == nil:
			return errExited // another process started it, and it is gone
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
	conn, err := pgx.Connect(ctx, c.dsn(superuser, superuser, c.password))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return patiently(ctx, conn, "REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
}

// answers reports whether the superuser can sign in.
func (c *cluster) answers(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.dsn(superuser, superuser, c.password))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// stopWithoutSocket stops a server whose socket was cleaned away: nobody can
// reach it any more, and it does not make another one.
func (c *cluster) stopWithoutSocket(socket string) error {
	c.log.Warn("PostgreSQL's socket is gone, so it is started anew", "socket", socket)
	return c.stop()
}

// stop ends the server: fast, and when that takes too long at once. It wants
// start.lock.
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
			if !works(p.pid, c.data) {
				c.log.Info("stopped PostgreSQL", "pid", p.pid)
				return nil
			}
		}
	}
	return fmt.Errorf("PostgreSQL (pid %d) does not stop", p.pid)
}

// leave gives up our hold and stops the server when nobody else has one.
func (c *cluster) leave() error {
	defer c.start.close()
	defer c.holders.close()
	ctx, cancel := context.WithTimeout(context.Background(), c.cfg.StopTimeout)
	defer cancel()
	if err := c.start.wait(ctx, unix.LOCK_EX); err != nil {
		return err
	}
	last, err := c.holders.try(unix.LOCK_EX)
	if err != nil || !last || c.data == "" {
		return err
	}
	return c.stop()
}
