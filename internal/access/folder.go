package access

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"zoeklicht"
)

// Credentials is the folder with the passwords of database roles: keys/db in the
// data folder, mode 0700, with one file of mode 0600 for each role, named after
// it ("zl_practice_technical"). A file holds the password, 32 random bytes in
// base64url, and a newline.
//
// A lost file loses nothing: whoever owns the databases gives the role a new
// password. LoadOrCreate makes it and postgres sets it at the next start.
type Credentials struct{ dir string }

// OpenCredentials gives the folder, which it makes if it is not there. It
// refuses a folder that others than its owner can look into.
func OpenCredentials(dir string) (*Credentials, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, tooOpen(dir, info.Mode(), "chmod 700")
	}
	return &Credentials{dir: dir}, nil
}

func tooOpen(path string, mode fs.FileMode, fix string) error {
	return zoeklicht.Errorf(zoeklicht.Denied, "%s holds passwords and has mode %04o: others can read it", path, mode.Perm()).
		With("it was not used", fix+" "+path+", and let `zoeklicht init` make new passwords if others may have looked")
}

var roleForm = regexp.MustCompile(`^zl_[a-z0-9_]{1,60}$`)

func (c *Credentials) path(role string) (string, error) {
	if !roleForm.MatchString(role) {
		return "", zoeklicht.Errorf(zoeklicht.Invalid, "%q is no database role of ours", role)
	}
	return filepath.Join(c.dir, role), nil
}

// Load gives the password of a role (RoleName or CommonRole): NotFound when
// there is no file, Denied when others can read it.
func (c *Credentials) Load(role string) (string, error) {
	path, err := c.path(role)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", zoeklicht.Errorf(zoeklicht.NotFound, "the password of database role %s is gone: there is no file %s", role, path).
			With("the databases are untouched", "start the platform once with the owner's access, it makes a new one")
	}
	if err != nil {
		return "", err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", tooOpen(path, info.Mode(), "chmod 600")
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	password := strings.TrimSpace(string(b))
	if len(password) < 32 || strings.ContainsAny(password, "\n\x00") {
		return "", zoeklicht.Errorf(zoeklicht.Invalid, "%s holds no password", path).
			With("the databases are untouched", "remove the file and start the platform with the owner's access, it makes a new one")
	}
	return password, nil
}

// LoadOrCreate gives the password of a role, a new one if there is none, and
// reports whether it is new: the role must then be given it. Two processes that
// come at once get the same one.
func (c *Credentials) LoadOrCreate(role string) (password string, created bool, err error) {
	password, err = c.Load(role)
	if zoeklicht.CodeOf(err) != zoeklicht.NotFound {
		return password, false, err
	}
	path, err := c.path(role)
	if err != nil {
		return "", false, err
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails: see crypto/rand
	password = base64.RawURLEncoding.EncodeToString(secret)
	created, err = writeOnce(path, []byte(password+"\n"))
	if err != nil {
		return "", false, fmt.Errorf("keeping the password of %s: %w", role, err)
	}
	if !created { // someone else was first, and their file is whole
		password, err = c.Load(role)
	}
	return password, created, err
}

// writeOnce makes a file that holds all of b after a crash, or is not there. It
// reports false when the name was taken: a link, unlike a rename, never
// replaces.
func writeOnce(path string, b []byte) (made bool, err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return false, err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.Write(b)
	if serr := tmp.Sync(); err == nil {
		err = serr
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return false, err
	}
	if err := os.Link(tmp.Name(), path); errors.Is(err, fs.ErrExist) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return true, err
	}
	defer func() { _ = dir.Close() }()
	return true, dir.Sync()
}
