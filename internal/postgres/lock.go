package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// fileLock is a flock on a file of its own. It belongs to this open file, so
// two servers in one process exclude each other just as two processes do, and
// the kernel frees it when the process dies, however it dies.
type fileLock struct{ f *os.File }

func openLock(path string) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	return &fileLock{f}, nil
}

// try takes the lock as how (unix.LOCK_SH or LOCK_EX), or reports false when
// another one holds it. Converting a lock that is held is not atomic: on false
// it may have been lost.
func (l *fileLock) try(how int) (bool, error) {
	for {
		err := unix.Flock(int(l.f.Fd()), how|unix.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EWOULDBLOCK):
			return false, nil
		default:
			return false, fmt.Errorf("lock %s: %w", l.f.Name(), err)
		}
	}
}

// wait takes the lock. It asks again and again rather than blocking in the
// kernel, so that ctx can end it.
func (l *fileLock) wait(ctx context.Context, how int) error {
	pause := time.Millisecond
	for {
		ok, err := l.try(how)
		if ok || err != nil {
			return err
		}
		if err := sleep(ctx, pause); err != nil {
			return fmt.Errorf("waiting for %s: %w", l.f.Name(), err)
		}
		pause = min(2*pause, 50*time.Millisecond)
	}
}

func (l *fileLock) close() { l.f.Close() }

// sleep waits for d, or for the end of ctx, whose error it returns.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
