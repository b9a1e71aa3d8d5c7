package parcel

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"io"
	"os"
)

// spool is a temporary file that is written once and then read: it has no name on the
// disk, and is encrypted under a key that only lives here, because what it holds is stored
// encrypted everywhere else.
type spool struct {
	file  *os.File
	block cipher.Block
	iv    [aes.BlockSize]byte
	out   *bufio.Writer
	in    io.Writer // encrypts into out
	*summing
}

func newSpool(dir string) (*spool, error) {
	file, err := os.CreateTemp(dir, "zoeklicht-*")
	if err != nil {
		return nil, fmt.Errorf("package, temporary file: %w", err)
	}
	s := &spool{file: file, out: bufio.NewWriterSize(file, 1<<16), summing: newSumming()}
	var key [32]byte
	_, _ = rand.Read(key[:]) // does not fail
	if s.block, err = aes.NewCipher(key[:]); err == nil {
		err = os.Remove(file.Name())
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("package, temporary file: %w", err)
	}
	s.in = cipher.StreamWriter{S: cipher.NewCTR(s.block, s.iv[:]), W: s.out}
	return s, nil
}

func (s *spool) Write(p []byte) (int, error) {
	_, _ = s.summing.Write(p)
	return s.in.Write(p)
}

// reader gives what was written.
func (s *spool) reader() (io.Reader, error) {
	if err := s.out.Flush(); err != nil {
		return nil, err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return cipher.StreamReader{S: cipher.NewCTR(s.block, s.iv[:]), R: s.file}, nil
}

func (s *spool) close() { _ = s.file.Close() }
