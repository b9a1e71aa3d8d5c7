package keys

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"zoeklicht"
	"zoeklicht/internal/keys/durable"
)

// Path gives the name of a theme's key file in the folder dir.
func Path(dir string, theme zoeklicht.ThemeName) string {
	return filepath.Join(dir, string(theme)+".key")
}

// Create makes a theme's first key and its key file, mode 0600, in the folder
// dir, which is made with mode 0700 where it is missing. A key file that is
// there already is never touched: that is an error of code Conflict.
func Create(dir string, theme zoeklicht.ThemeName, now time.Time) (*Ring, error) {
	if !plain(theme) {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "%.60q is not the name of a theme", theme)
	}
	ring, err := NewRing(theme, now)
	if err != nil {
		return nil, err
	}
	text, err := ring.Marshal()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder for keys: %w", err)
	}
	path := Path(dir, theme)
	switch err := durable.Once(path, text); {
	case errors.Is(err, fs.ErrExist):
		return nil, &zoeklicht.Error{
			Code: zoeklicht.Conflict, What: "theme " + string(theme) + " has a key file already: " + path,
			Safe: "it was not touched", Do: "use it as it is, or choose another data folder",
		}
	case err != nil:
		return nil, fmt.Errorf("write the key file of theme %s: %w", theme, err)
	}
	return ring, nil
}

// Load reads a theme's key file. What is wrong with it comes as an error of
// code Unavailable that says what to do.
func Load(dir string, theme zoeklicht.ThemeName) (*Ring, error) {
	if !plain(theme) {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "%.60q is not the name of a theme", theme)
	}
	path := Path(dir, theme)
	b, mode, err := read(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, lost(theme, "the key file of theme %s is missing: %s", theme, path)
	case err != nil:
		return nil, lost(theme, "the key file of theme %s cannot be read: %w", theme, err)
	case mode.Perm()&0o077 != 0:
		e := lost(theme, "the key file %s can be read by others: its mode is %04o", path, mode.Perm())
		e.Do = "chmod 600 " + path + ", and consider who may have read it"
		return nil, e
	}
	ring, err := ParseRing(b)
	if err != nil {
		return nil, lost(theme, "the key file %s is damaged: %w", path, err)
	}
	if ring.theme != theme {
		return nil, lost(theme, "the key file %s holds the key of theme %s", path, ring.theme)
	}
	return ring, nil
}

// maxFile is far beyond what a key file can grow to: 400 bytes a key.
const maxFile = 1 << 20

func read(path string) (b []byte, mode fs.FileMode, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close() // only read from
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return nil, 0, fmt.Errorf("%s is not a key file", path)
	}
	b = make([]byte, info.Size())
	n, err := f.ReadAt(b, 0)
	if n == len(b) {
		err = nil
	}
	return b, info.Mode(), err
}

// lost words the error of a key file that cannot be used.
func lost(theme zoeklicht.ThemeName, format string, args ...any) *zoeklicht.Error {
	return zoeklicht.Errorf(zoeklicht.Unavailable, format, args...).With(
		"nothing was changed: what was captured stays sealed as it is, and other themes are not affected",
		fmt.Sprintf("put back %s.key from where it is kept, or from a backup of this installation; "+
			"without it nothing that theme %s captured can ever be opened", theme, theme))
}
