package picture

import (
	"encoding/binary"
	"fmt"
	"io"
)

// limits is what a child is told first.
type limits struct {
	Memory  int64 `json:"memory"`
	Pixels  int64 `json:"pixels"`
	Bytes   int64 `json:"bytes"`
	Side    int   `json:"side"`
	Seconds int   `json:"seconds"` // after which the child ends itself over one picture
}

// answer is what a child tells of a picture.
type answer struct {
	Format  string `json:"format,omitempty"`
	Width   int    `json:"width,omitempty"`
	Height  int    `json:"height,omitempty"`
	Problem string `json:"problem,omitempty"`
	MIME    string `json:"mime,omitempty"`
	Peak    int64  `json:"peak,omitempty"` // bytes resident at most, so far
}

func writeFrame(w io.Writer, b []byte) error {
	var n [4]byte
	binary.BigEndian.PutUint32(n[:], uint32(len(b)))
	if _, err := w.Write(n[:]); err != nil {
		return err
	}
	_, err := w.Write(b)
	return err
}

// readFrame reads a frame of at most limit bytes. It gives io.EOF where there is
// none, and io.ErrUnexpectedEOF for half of one. Memory is taken as bytes come in,
// so that a length alone costs nothing.
func readFrame(r io.Reader, limit int64) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := int64(binary.BigEndian.Uint32(head[:]))
	if n > limit {
		return nil, fmt.Errorf("a frame of %d bytes, %d is the most", n, limit)
	}
	b, err := io.ReadAll(io.LimitReader(r, n))
	if err == nil && int64(len(b)) < n {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}
