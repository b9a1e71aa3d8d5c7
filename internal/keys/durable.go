package keys

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// readPrivate reads a file of keys that nobody else may read.
func readPrivate(path string) ([]byte, error) {
	b, mode, err := read(path)
	if err == nil && mode.Perm()&0o077 != 0 {
		return nil, fmt.Errorf("the key file %s can be read by others: its mode is %04o; chmod 600 it, and consider who may have read it", path, mode.Perm())
	}
	return b, err
}

// locked makes the folder of keys, mode 0700, where it is missing, and calls do while
// no other process changes keys in it.
func locked(dir string, do func() error) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("folder for keys: %w", err)
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("folder for keys: %w", err)
	}
	defer func() { err = errors.Join(err, d.Close()) }() // and the lock goes with it
	if err := unix.Flock(int(d.Fd()), unix.LOCK_EX); err != nil {
		return fmt.Errorf("lock the folder for keys: %w", err)
	}
	return do()
}
