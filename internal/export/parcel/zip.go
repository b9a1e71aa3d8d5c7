package parcel

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash"
	"hash/crc32"
	"io"

	"zoeklicht"
)

// header gives the one header that a file of these bytes can have. Its date is the first
// that a zip can tell, 1 January 1980, and says nothing.
func header(name string, size int64, crc uint32) *zip.FileHeader {
	h := &zip.FileHeader{
		Name: name, Method: zip.Store, CRC32: crc, CompressedSize64: uint64(size), UncompressedSize64: uint64(size),
		CreatorVersion: 3<<8 | 20, ReaderVersion: 20, ExternalAttrs: 0o100644 << 16,
	}
	//lint:ignore SA1019 Modified, which is to be used instead, is not written by CreateRaw
	h.ModifiedDate = 1<<5 | 1
	return h
}

// maxFile is the longest file that a zip tells the length of in its first header.
const maxFile = 1<<32 - 2

// archive writes the zip and its sums.
type archive struct {
	zip   *zip.Writer
	seen  map[string]bool
	sums  bytes.Buffer
	files int
}

func newArchive(w io.Writer) *archive {
	return &archive{zip: zip.NewWriter(w), seen: map[string]bool{}}
}

// add adds a file that is at hand.
func (a *archive) add(name string, body []byte) error {
	return a.copy(name, bytes.NewReader(body), int64(len(body)), crc32.ChecksumIEEE(body), sha256.Sum256(body))
}

// copy adds a file whose sums are known already.
func (a *archive) copy(name string, r io.Reader, size int64, crc uint32, sum [sha256.Size]byte) error {
	if a.seen[name] {
		return fmt.Errorf("package: %s is there twice", name)
	}
	a.seen[name] = true
	if size > maxFile {
		return zoeklicht.Errorf(zoeklicht.Limit, "%s has %d bytes, more than a file of a package can have", name, size).
			With("nothing left", "export fewer versions at a time")
	}
	w, err := a.zip.CreateRaw(header(name, size, crc))
	if err != nil {
		return fmt.Errorf("package, %s: %w", name, err)
	}
	if _, err := io.CopyN(w, r, size); err != nil {
		return fmt.Errorf("package, %s: %w", name, err)
	}
	a.files++
	sumLine(&a.sums, sum, name)
	return nil
}

// sumLine appends a line of SHA256SUMS.
func sumLine(b *bytes.Buffer, sum [sha256.Size]byte, name string) {
	fmt.Fprintf(b, "%x  %s\n", sum, name)
}

// summing hashes and counts what is written to it.
type summing struct {
	sum hash.Hash
	crc hash.Hash32
	n   int64
}

func newSumming() *summing { return &summing{sum: sha256.New(), crc: crc32.NewIEEE()} }

func (s *summing) Write(p []byte) (int, error) {
	s.sum.Write(p)
	s.crc.Write(p)
	s.n += int64(len(p))
	return len(p), nil
}
