// Package durable writes files and makes folders so that a power cut leaves them as
// they were or as they should be, and nothing in between. What it has done is on the
// disk when it returns.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace makes a file have the contents b and the mode 0600: after a power cut it has
// the old contents or the new ones. The bytes are synced under a name of their own
// first, and the folder after the name is given.
func Replace(path string, b []byte) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".new-*")
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
	return Sync(dir)
}

// Once makes a file with the contents b and the mode 0600, or no file at all, and fails
// with fs.ErrExist if the name is taken: link, unlike rename, refuses a name that exists.
func Once(path string, b []byte) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	if _, err := f.Write(b); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	return Sync(dir)
}

// Mkdir makes a folder, mode 0700, and those above it where they are missing. The name
// of a new folder lives in its parent, which is synced as well.
func Mkdir(dir string) error {
	switch err := os.Mkdir(dir, 0o700); {
	case errors.Is(err, fs.ErrNotExist):
		if err := Mkdir(filepath.Dir(dir)); err != nil {
			return err
		}
		return Mkdir(dir)
	case errors.Is(err, fs.ErrExist):
		return nil
	case err != nil:
		return err
	}
	return Sync(filepath.Dir(dir))
}

// Sync makes the names in a folder durable.
func Sync(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
