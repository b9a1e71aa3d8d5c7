package backup

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"zoeklicht/internal/keys/durable"
)

// spool holds the rows of a table until their size is known. It is a file in the data
// folder, in a part that is in no backup, without a name and encrypted under a key that is
// in memory only: a backup that is encrypted leaves nothing in clear beside it, however it
// ends.
type spool struct {
	file *os.File
	key  cipher.Block
	in   io.Writer
	size int64
}

func newSpool(data string) (*spool, error) {
	dir := filepath.Join(data, "tmp")
	if err := durable.Mkdir(dir); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, "backup-*")
	if err != nil {
		return nil, err
	}
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails: see crypto/rand
	block, err := aes.NewCipher(key[:])
	if err := errors.Join(err, os.Remove(f.Name())); err != nil {
		return nil, fmt.Errorf("temporary file of a backup: %w", errors.Join(err, f.Close()))
	}
	s := &spool{file: f, key: block}
	s.in = cipher.StreamWriter{S: s.stream(), W: f}
	return s, nil
}

// stream gives the key stream from its beginning; the key is used for one file.
func (s *spool) stream() cipher.Stream {
	return cipher.NewCTR(s.key, make([]byte, aes.BlockSize))
}

// Write adds to what is held.
func (s *spool) Write(p []byte) (int, error) {
	n, err := s.in.Write(p)
	s.size += int64(n)
	return n, err
}

// reader gives what was written, from its beginning.
func (s *spool) reader() (io.Reader, error) {
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return cipher.StreamReader{S: s.stream(), R: s.file}, nil
}

// Close gives the room back.
func (s *spool) Close() error { return s.file.Close() }
