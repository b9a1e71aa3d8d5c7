package warc

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// maxHead bounds the head of a record that is read.
const maxHead = 64 << 10

// start is what every record begins with.
const start = "WARC/"

// Error says at which offset of a file the bytes stopped making sense. In a
// compressed file the offset is that of the gzip member.
type Error struct {
	Offset int64
	Err    error
}

// Error gives the offset and the reason.
func (e *Error) Error() string { return fmt.Sprintf("WARC record at offset %d: %v", e.Offset, e.Err) }

// Unwrap gives the reason.
func (e *Error) Unwrap() error { return e.Err }

// ErrDigest says that a block is not what its digest says.
var ErrDigest = errors.New("the block does not match its digest")

// Header is the fields of a record, in the order of the file.
type Header []Field

// Get gives the first value of a field, or "". Names are compared without case.
func (h Header) Get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Entry is a record that was read. It is valid until the next call of Next.
type Entry struct {
	Version string // "WARC/1.1"
	Header  Header
	// Head is the head as it stands in the file, with its empty line. Head, the
	// block and CR LF CR LF are the whole record.
	Head   []byte
	Offset int64
	Length int64 // of the block

	r    *Reader
	left int64
}

// Type gives the record's type.
func (e *Entry) Type() Type { return Type(e.Header.Get("WARC-Type")) }

// URI gives what the record is about, without the brackets that some writers
// put around it.
func (e *Entry) URI() string {
	return strings.TrimSuffix(strings.TrimPrefix(e.Header.Get("WARC-Target-URI"), "<"), ">")
}

// Read reads the block.
func (e *Entry) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n, err := e.r.data.Read(p[:min(int64(len(p)), e.left)])
	e.left -= int64(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		err = e.r.fail(e.Offset, err)
	}
	return n, err
}

// Block gives the whole block if it has at most max bytes, checked against its
// digest if that is SHA-1 or SHA-256. A block that is too long, or is not what
// its digest says (ErrDigest), does not keep Next from going on.
func (e *Entry) Block(max int64) ([]byte, error) {
	if e.left != e.Length {
		return nil, errors.New("the block was read from already")
	}
	if e.Length > max {
		return nil, &Error{e.Offset, fmt.Errorf("a block of %d bytes where %d are allowed", e.Length, max)}
	}
	// Not allocated before it is there: the length may be a lie.
	b := bytes.NewBuffer(make([]byte, 0, min(e.Length, 64<<10)+bytes.MinRead))
	if _, err := b.ReadFrom(e); err != nil {
		return nil, err
	}
	if !matches(e.Header.Get("WARC-Block-Digest"), b.Bytes()) {
		return nil, &Error{e.Offset, ErrDigest}
	}
	return b.Bytes(), nil
}

// matches reports whether b has the digest, in any of the forms that are seen.
// An unknown algorithm matches: it says nothing that we could refute.
func matches(want string, b []byte) bool {
	h := hashOf(want)
	if h == nil {
		return true
	}
	h.Write(b)
	return is(want, h.Sum(nil))
}

// hashOf gives the hash that a digest was made with, nil if it is unknown.
func hashOf(digest string) hash.Hash {
	name, _, _ := strings.Cut(digest, ":")
	switch strings.ReplaceAll(strings.ToLower(name), "-", "") {
	case "sha1":
		return sha1.New()
	case "sha256":
		return sha256.New()
	}
	return nil
}

func is(digest string, sum []byte) bool {
	_, value, _ := strings.Cut(digest, ":")
	return strings.EqualFold(value, hex.EncodeToString(sum)) ||
		strings.EqualFold(value, base32.StdEncoding.EncodeToString(sum)) ||
		value == base64.StdEncoding.EncodeToString(sum) || value == base64.URLEncoding.EncodeToString(sum)
}

// Check reads a whole file and compares each block with its digest. It gives how
// many records there are, and the first thing that is wrong as an *Error.
func Check(r io.Reader) (records int, err error) {
	rd := NewReader(r)
	for {
		e, err := rd.Next()
		if err == io.EOF {
			return records, nil
		}
		if err != nil {
			return records, err
		}
		want := e.Header.Get("WARC-Block-Digest")
		if h := hashOf(want); h != nil {
			if _, err := io.Copy(h, e); err != nil {
				return records, err
			}
			if !is(want, h.Sum(nil)) {
				return records, &Error{e.Offset, ErrDigest}
			}
		}
		records++
	}
}

// Reader reads the records of a WARC file, compressed by gzip in whole or
// record by record, or not at all.
type Reader struct {
	counted *counter
	src     *bufio.Reader // the file
	gz      *gzip.Reader  // nil for a file without compression
	data    *bufio.Reader // the records: src, or what gz makes of it
	entry   *Entry
	member  int64 // offset of the gzip member
	err     error
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// NewReader makes a Reader on r.
func NewReader(r io.Reader) *Reader {
	c := &counter{r: r}
	return &Reader{counted: c, src: bufio.NewReaderSize(c, 16<<10)}
}

// offset is how many bytes of the file were consumed.
func (r *Reader) offset() int64 { return r.counted.n - int64(r.src.Buffered()) }

// fail remembers the first thing that went wrong: after it nothing can be read.
func (r *Reader) fail(offset int64, err error) error {
	if r.err == nil {
		r.err = &Error{offset, err}
	}
	return r.err
}

// Next skips what is left of the current record and gives the next one, io.EOF
// after the last. Any other error is an *Error and final. A gzip member's own
// checksum is checked when the next one is asked for.
func (r *Reader) Next() (*Entry, error) {
	if r.err != nil {
		return nil, r.err
	}
	if err := r.leave(); err != nil {
		return nil, err
	}
	at, err := r.seek()
	if err == io.EOF {
		r.err = io.EOF
		return nil, io.EOF
	}
	if err != nil {
		return nil, r.fail(at, err)
	}
	e, err := r.head(at)
	if err != nil {
		return nil, r.fail(at, err)
	}
	r.entry = e
	return e, nil
}

// leave skips to the end of the current record.
func (r *Reader) leave() error {
	e := r.entry
	if e == nil {
		return nil
	}
	r.entry = nil
	if _, err := io.Copy(io.Discard, e); err != nil {
		return err
	}
	var tail [4]byte
	switch _, err := io.ReadFull(r.data, tail[:]); {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return r.fail(e.Offset, fmt.Errorf("the record is torn: %w", io.ErrUnexpectedEOF))
	case err != nil:
		return r.fail(e.Offset, err)
	case !bytes.Equal(tail[:], end):
		return r.fail(e.Offset, fmt.Errorf("after its block of %d bytes the record does not end", e.Length))
	}
	return nil
}

// seek goes to where a record begins and gives its offset.
func (r *Reader) seek() (at int64, err error) {
	if r.data == nil {
		switch magic, err := r.src.Peek(2); {
		case err != nil && (err != io.EOF || len(magic) > 0):
			return 0, torn(err)
		case err == io.EOF:
			return 0, io.EOF
		case magic[0] != 0x1f || magic[1] != 0x8b:
			r.data = r.src
		}
	}
	if r.data == r.src && r.data != nil {
		if _, err := r.src.Peek(1); err != nil {
			return r.offset(), err
		}
		return r.offset(), nil
	}
	// One member may hold several records, one, or none.
	for {
		if r.data != nil {
			switch _, err := r.data.Peek(1); {
			case err == nil:
				return r.member, nil
			case err != io.EOF:
				return r.member, err
			}
			if _, err := r.src.Peek(1); err == io.EOF {
				return r.offset(), io.EOF
			}
		}
		if r.member = r.offset(); r.gz == nil {
			r.gz, err = gzip.NewReader(r.src)
		} else {
			err = r.gz.Reset(r.src)
		}
		if err != nil {
			return r.member, torn(err)
		}
		r.gz.Multistream(false)
		if r.data == nil {
			r.data = bufio.NewReaderSize(r.gz, 8<<10)
		} else {
			r.data.Reset(r.gz)
		}
	}
}

func torn(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// head reads a record's head.
func (r *Reader) head(at int64) (*Entry, error) {
	e := &Entry{Offset: at, r: r}
	for n := 0; ; n++ {
		from := len(e.Head)
		for {
			part, err := r.data.ReadSlice('\n')
			e.Head = append(e.Head, part...)
			if begin := e.Head[:min(len(e.Head), len(start))]; n == 0 && !strings.HasPrefix(start, string(begin)) {
				return nil, fmt.Errorf("it does not begin with WARC/ but with %.20q", e.Head)
			}
			if len(e.Head) > maxHead {
				return nil, fmt.Errorf("its head is longer than %d bytes", maxHead)
			}
			if err == nil {
				break
			}
			if !errors.Is(err, bufio.ErrBufferFull) {
				return nil, fmt.Errorf("its head is torn: %w", torn(err))
			}
		}
		line := strings.TrimRight(string(e.Head[from:]), "\r\n")
		switch {
		case n == 0:
			e.Version = line
			continue
		case line == "":
			return e, e.length()
		case line[0] == ' ' || line[0] == '\t':
			if last := len(e.Header) - 1; last >= 0 {
				e.Header[last].Value += " " + strings.TrimSpace(line)
			}
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("its head has a line without a colon: %.80q", line)
		}
		e.Header = append(e.Header, Field{strings.TrimSpace(name), strings.TrimSpace(value)})
	}
}

func (e *Entry) length() (err error) {
	text := e.Header.Get("Content-Length")
	if e.Length, err = strconv.ParseInt(text, 10, 64); err != nil || e.Length < 0 {
		return fmt.Errorf("its Content-Length is %.40q", text)
	}
	e.left = e.Length
	return nil
}
