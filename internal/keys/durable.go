package keys

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

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

// replace makes a file have the contents b, mode 0600, durably: after a power cut it
// has the old ones or the new ones.
func replace(path string, b []byte) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".new-*.key")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if _, err := f.Write(b); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
