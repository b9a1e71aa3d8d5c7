package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"zoeklicht"
	"zoeklicht/internal/keys/durable"

	"golang.org/x/sys/unix"
)

// take makes a log's folder where it is missing, and locks it for this process. The
// lock is on the open file: it goes when the file is closed or the process ends,
// however that comes about.
func take(cfg Config) (*os.File, error) {
	if err := durable.Mkdir(cfg.Dir); err != nil {
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
