package httpwire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	kgzip "github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// maxCodings is how many codings may be stacked on one body. Two are seen in
// the wild where a server and its proxy both compress; more are an attack.
const maxCodings = 3

// zstdWindow is the largest window that RFC 9659 lets a server use over HTTP.
const zstdWindow = 8 << 20

// ErrCoding says that a body carries a coding that is unknown here, or too many
// of them. Its bytes are kept as they came; they cannot be read as text.
var ErrCoding = errors.New("content coding not supported")

// Decode undoes the content codings that h names (gzip, deflate with or without
// its zlib frame, br, zstd; at most three stacked) on the bytes of r, which must
// be free of transfer coding. It gives at most max bytes; truncated says that
// there were more, or that a coding further in grew beyond max.
//
// A damaged or torn body gives the bytes up to the damage together with the
// error. An unknown coding gives no bytes and an error that is ErrCoding. An
// empty body is empty under any coding: servers do send that.
func Decode(h http.Header, r io.Reader, max int64) (body []byte, truncated bool, err error) {
	return decode(codings(h.Values("Content-Encoding")), r, max)
}

// codings splits header values into lower-case names, in the order in which
// they were applied, without those that change nothing.
func codings(values []string) []string {
	var names []string
	for _, v := range values {
		for name := range strings.SplitSeq(v, ",") {
			switch name = strings.ToLower(strings.TrimSpace(name)); name {
			case "", "identity", "none", "utf-8": // the last two are common mistakes that mean nothing
			default:
				names = append(names, strings.TrimPrefix(name, "x-"))
			}
		}
	}
	return names
}

func decode(names []string, r io.Reader, max int64) (body []byte, truncated bool, err error) {
	if len(names) > maxCodings {
		return nil, false, fmt.Errorf("%w: %d stacked", ErrCoding, len(names))
	}
	for _, name := range names {
		if _, ok := decoders[name]; !ok {
			return nil, false, fmt.Errorf("%w: %.40q", ErrCoding, name)
		}
	}
	size := 0 // known in advance only where nothing is decoded
	if len(names) == 0 {
		if l, ok := r.(interface{ Len() int }); ok {
			size = int(min(int64(l.Len()), max))
		}
	} else {
		br := bufio.NewReaderSize(r, 4096)
		if _, err := br.Peek(1); err == io.EOF {
			return []byte{}, false, nil
		}
		r = br
	}
	// The last coding applied is the first to be undone.
	for i := len(names) - 1; i >= 0; i-- {
		if i < len(names)-1 {
			r = bufio.NewReaderSize(&bound{r: r, left: max, hit: &truncated}, 4096)
		}
		d, done, err := decoders[names[i]](r)
		if err != nil {
			return []byte{}, truncated, coded(names[i], err)
		}
		defer done()
		r = d
	}
	buf := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	_, err = buf.ReadFrom(&bound{r: r, left: max, hit: &truncated})
	if truncated {
		err = nil // whatever the outer decoders made of being cut short
	}
	if err != nil && len(names) > 0 {
		err = coded(strings.Join(names, ", "), err)
	}
	return buf.Bytes(), truncated, err
}

func coded(name string, err error) error { return fmt.Errorf("content coding %s: %w", name, err) }

// bound passes on at most left bytes and then pretends that the stream ends. It
// notes in hit if that was not the end.
type bound struct {
	r    io.Reader
	left int64
	hit  *bool
}

func (b *bound) Read(p []byte) (int, error) {
	if b.left > 0 {
		if int64(len(p)) > b.left {
			p = p[:b.left]
		}
		n, err := b.r.Read(p)
		b.left -= int64(n)
		return n, err
	}
	// A reader may give (0, nil) a few times; one that never stops doing so is
	// a fault of the decoder, and counts as the end.
	var one [1]byte
	for range 100 {
		n, err := b.r.Read(one[:])
		if n > 0 {
			*b.hit = true
			return 0, io.EOF
		}
		if err != nil {
			return 0, err
		}
	}
	return 0, io.ErrNoProgress
}

// decoder makes a decoding reader; done hands its tables back for the next one.
type decoder func(io.Reader) (r io.Reader, done func(), err error)

var decoders = map[string]decoder{
	"gzip": newGzip, "deflate": newDeflate, "br": newBrotli, "zstd": newZstd,
}

// The decoders' tables are costly to make (40 KiB and up) and thousands of
// bodies are decoded in a second, so they are used again.
var (
	gzipPool = sync.Pool{New: func() any { return new(kgzip.Reader) }}
	zstdPool = sync.Pool{New: func() any {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			panic(err) // only for options that contradict each other
		}
		return d
	}}
)

// gzipMembers reads gzip members until what follows is not one. Browsers ignore
// such trailing bytes, and so do we.
type gzipMembers struct {
	src *bufio.Reader
	z   *kgzip.Reader
}

func newGzip(r io.Reader) (io.Reader, func(), error) {
	g := &gzipMembers{src: buffered(r), z: gzipPool.Get().(*kgzip.Reader)}
	if err := g.z.Reset(g.src); err != nil {
		return nil, nil, short(err)
	}
	g.z.Multistream(false)
	return g, func() { gzipPool.Put(g.z) }, nil
}

func (g *gzipMembers) Read(p []byte) (int, error) {
	for {
		n, err := g.z.Read(p)
		if n > 0 && err == io.EOF {
			return n, nil // the next call sees the end again
		}
		if n > 0 || err != io.EOF {
			return n, err
		}
		if head, err := g.src.Peek(2); err != nil || head[0] != 0x1f || head[1] != 0x8b {
			return 0, io.EOF
		}
		if err := g.z.Reset(g.src); err != nil {
			if errors.Is(err, kgzip.ErrHeader) {
				return 0, io.EOF
			}
			return 0, short(err)
		}
		g.z.Multistream(false)
	}
}

// newDeflate reads both things that servers call deflate: the zlib format of
// the standard and the bare stream that some send.
func newDeflate(r io.Reader) (io.Reader, func(), error) {
	src := buffered(r)
	head, err := src.Peek(2)
	if err == nil && head[0]&0x0f == 8 && (uint(head[0])<<8|uint(head[1]))%31 == 0 {
		z, err := zlib.NewReader(src)
		if err != nil {
			return nil, nil, short(err)
		}
		return z, func() {}, nil
	}
	return flate.NewReader(src), func() {}, nil
}

// brotliStream adds what the decoder leaves out: it ends alike for a whole
// stream and a torn one. One byte more than there is tells them apart, because
// only a decoder that has finished calls it excessive. What a torn stream makes
// of that byte is dropped.
//
// The decoder is not used again: its Reset keeps unread input of the last body.
type brotliStream struct {
	r      io.Reader
	b      *brotli.Reader
	padded bool
}

// errExcessive is the decoder's own error for bytes after the end, which it
// does not export; 0x06 is the shortest whole stream.
var _, errExcessive = io.ReadAll(brotli.NewReader(bytes.NewReader([]byte{0x06, 0})))

func newBrotli(r io.Reader) (io.Reader, func(), error) {
	s := &brotliStream{r: r}
	s.b = brotli.NewReader(readerFunc(s.source))
	return s, func() {}, nil
}

// source gives the coded bytes and, after the last of them, one zero.
func (s *brotliStream) source(p []byte) (int, error) {
	if s.padded {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := s.r.Read(p)
	if n == 0 && err == io.EOF {
		s.padded = true
		p[0] = 0
		return 1, nil
	}
	if n > 0 {
		err = nil // asked again, r says so again
	}
	return n, err
}

func (s *brotliStream) Read(p []byte) (int, error) {
	n, err := s.b.Read(p)
	switch {
	case errors.Is(err, errExcessive) && s.padded:
		return 0, io.EOF
	case errors.Is(err, errExcessive):
		return n, io.EOF // bytes after the end are ignored, as after gzip
	case s.padded:
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func newZstd(r io.Reader) (io.Reader, func(), error) {
	z := zstdPool.Get().(*zstd.Decoder)
	if err := z.Reset(r); err != nil {
		return nil, nil, short(err)
	}
	return z, func() {
		_ = z.Reset(nil) // lets go of the source; fails by design without one
		zstdPool.Put(z)
	}, nil
}

func buffered(r io.Reader) *bufio.Reader {
	if b, ok := r.(*bufio.Reader); ok {
		return b
	}
	return bufio.NewReaderSize(r, 4096)
}

// short tells an end in the middle of a coding's head from a proper end.
func short(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
