package warc

import (
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// small is the length of a block below which compressing it costs more time
// than a disk needs for the few hundred bytes it saves.
const small = 1 << 10

// Writer writes records, each as a gzip member of its own. Its compressors are
// made once and used for every record, which is most of its speed: keep a
// Writer and Reset it. It is for one goroutine.
type Writer struct {
	w    io.Writer
	text *gzip.Writer // level 1
	raw  *gzip.Writer // level 0: a member without compression
	head []byte
}

// NewWriter makes a Writer on w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Reset makes the Writer go on with another destination.
func (w *Writer) Reset(dst io.Writer) { w.w = dst }

// Write writes a record. The bytes of the record as they will be after
// decompression, from "WARC/1.1" to the two empty lines at its end, go to plain
// as well, if that is not nil.
func (w *Writer) Write(r *Record, plain io.Writer) error {
	head, err := r.appendHead(w.head[:0])
	if err != nil {
		return fmt.Errorf("%s record of %.200q: %w", r.Type, r.URI, err)
	}
	w.head = head
	gz, err := w.member(r.Stored || len(r.Block) < small)
	if err != nil {
		return err
	}
	for _, part := range [][]byte{head, r.Block, end} {
		if _, err := gz.Write(part); err != nil {
			return err
		}
		if plain != nil {
			if _, err := plain.Write(part); err != nil {
				return err
			}
		}
	}
	return gz.Close()
}

// member begins a gzip member. Its header has no time and no name, so that the
// same record gives the same bytes.
func (w *Writer) member(stored bool) (gz *gzip.Writer, err error) {
	at, level := &w.text, gzip.BestSpeed
	if stored {
		at, level = &w.raw, gzip.NoCompression
	}
	if *at == nil {
		if *at, err = gzip.NewWriterLevel(w.w, level); err != nil {
			return nil, err
		}
		return *at, nil
	}
	(*at).Reset(w.w)
	return *at, nil
}
