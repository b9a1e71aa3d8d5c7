package backup

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/keys/durable"

	"filippo.io/age"
)

// keySuffix ends the name of a key's file, which begins with when it was made.
const (
	keySuffix = ".key"
	keyTime   = "20060102T150405Z"
)

// header is how an encrypted backup begins.
const header = "age-encryption.org/v1\n"

// Seal gives a writer that encrypts a backup to a key of its own, which is made in a
// folder outside of what is backed up. Closing the writer ends the backup. When the key is
// destroyed (see Expire), every copy of the backup is noise, wherever it lies: so nothing
// that was erased since outlives it.
func Seal(w io.Writer, keys string, now time.Time) (io.WriteCloser, error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(keys, 0o700); err != nil {
		return nil, err
	}
	public := id.Recipient().String()
	name := filepath.Join(keys, now.UTC().Format(keyTime)+"-"+public[len(public)-8:]+keySuffix)
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(f, "# key of the backup of %s\n# public key: %s\n%s\n", now.UTC().Format(time.RFC3339), public, id)
	// Durable before the first byte that only it opens.
	if err := errors.Join(err, f.Sync(), f.Close(), durable.Sync(keys)); err != nil {
		return nil, err
	}
	return age.Encrypt(w, id.Recipient())
}

// Unseal gives the bytes of a backup: decrypted with the keys of a folder where it is
// encrypted, and as they are where it is not.
func Unseal(r io.Reader, keys string) (io.Reader, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	if b, err := in.Peek(len(header)); err != nil || string(b) != header {
		return in, nil // what is no backup is told by whoever reads it
	}
	ids, err := identities(keys)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, zoeklicht.Errorf(zoeklicht.NotFound, "the backup is encrypted, and there is no key").
			With("nothing was changed", "name the folder of its key by --keys")
	}
	out, err := age.Decrypt(in, ids...)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, zoeklicht.Errorf(zoeklicht.NotFound, "none of the %d keys in %s opens the backup: its own was destroyed, or lies elsewhere", len(ids), keys).
			With("nothing was changed", "take a newer backup")
	}
	return out, err
}

// identities reads the keys of a folder.
func identities(dir string) (out []age.Identity, err error) {
	if dir == "" {
		return nil, nil
	}
	names, err := keyFiles(dir)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		ids, err := age.ParseIdentities(bytes.NewReader(b))
		if err != nil {
			return nil, fmt.Errorf("key %s: %w", name, err)
		}
		out = append(out, ids...)
	}
	return out, nil
}

func keyFiles(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if made(e.Name()) != (time.Time{}) && e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// made gives when a key was made, by its file's name; zero for what is no key.
func made(name string) time.Time {
	at, _, ok := strings.Cut(name, "-")
	t, err := time.Parse(keyTime, at)
	if !ok || err != nil || !strings.HasSuffix(name, keySuffix) {
		return time.Time{}
	}
	return t
}

// Expire destroys the keys of a folder that were made before a time, and gives how many it
// destroyed and how many are left: the backups that they opened are noise from then on. A
// key's bytes are written over first; a copy of it elsewhere has to go as well.
func Expire(dir string, before time.Time) (gone, left int, err error) {
	names, err := keyFiles(dir)
	if err != nil {
		return 0, 0, err
	}
	for _, name := range names {
		if !made(name).Before(before) {
			left++
			continue
		}
		if err := shred(filepath.Join(dir, name)); err != nil {
			return gone, left, err
		}
		gone++
	}
	if gone > 0 {
		err = durable.Sync(dir)
	}
	return gone, left, err
}

// shred writes over a file and removes it.
func shred(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(make([]byte, info.Size()), 0)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Remove(path)
}
