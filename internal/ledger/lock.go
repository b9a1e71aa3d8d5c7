package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"zoeklicht"

	"golang.org/x/sys/unix"
)

// take makes a log's folder where it is missing, and locks it for this process. The
// lock is on the open file: it goes when the file is closed or the process ends,
// however that comes about.
func take(cfg Config) (*os.File, error) {
	if err := mkdir(cfg.Dir); err != nil {
		return nil, fmt.Errorf("folder of the log %s: %w", cfg.Origin, err)
	}
	f, err := os.OpenFile(filepath.Join(cfg.Dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the log %s: %w", cfg.Origin, err)
	}
	switch err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); {
	case errors.Is(err, unix.EWOULDBLOCK):
		return nil, errors.Join(&zoeklicht.Error{
			Code: zoeklicht.Conflict, What: "another process appends to the log " + cfg.Origin,
			Safe: "nothing was changed", Do: "end it first, if it is not the one that should",
		}, f.Close())
	case err != nil:
		return nil, errors.Join(fmt.Errorf("lock the log %s: %w", cfg.Origin, err), f.Close())
	}
	return f, nil
}

// mkdir makes a folder, mode 0700, so that it is still there after a power cut: the
// name of a new folder lives in its parent, which must be synced as well.
func mkdir(dir string) error {
	switch err := os.Mkdir(dir, 0o700); {
	case errors.Is(err, fs.ErrNotExist):
		if err := mkdir(filepath.Dir(dir)); err != nil {
			return err
		}
		return mkdir(dir)
	case errors.Is(err, fs.ErrExist):
		return nil
	case err != nil:
		return err
	}
	d, err := os.Open(filepath.Dir(dir))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
