package blob

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"sync"

	"zoeklicht"
	"zoeklicht/internal/keys"
)

// ErrErased says that an item was destroyed.
var ErrErased = errors.New("the item was destroyed")

// maxOpeners bounds the segment keys that a Reader remembers. Each costs about
// a kilobyte, and 0.1 ms to derive again.
const maxOpeners = 256

// Reader opens items. It may be used by several goroutines, also while a Writer
// appends: what Sync has confirmed can be read.
type Reader struct {
	folder Folder
	ring   *keys.Ring

	mu      sync.Mutex
	openers map[int64]*keys.Opener
	order   []int64 // segments of openers, least recently used first
}

// Reader opens the folder for reading. It needs the private keys. Files are
// opened for each item, so it holds nothing that would have to be closed.
func (f Folder) Reader(ring *keys.Ring) (*Reader, error) {
	if ring.Theme() != f.Theme {
		return nil, fmt.Errorf("open %s for reading: given the keys of theme %s", f, ring.Theme())
	}
	return &Reader{folder: f, ring: ring, openers: map[int64]*keys.Opener{}}, nil
}

// Read gives the item of that owner and name that was stored at place. An item
// that was destroyed gives an error that is ErrErased.
func (r *Reader) Read(ctx context.Context, place zoeklicht.Place, owner zoeklicht.CaptureID, name string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := os.Open(r.folder.path(place.Segment))
	if err != nil {
		return nil, r.folder.unreadable(place, name, err)
	}
	defer f.Close() // only read from
	sealed, err := readFrame(f, place, owner, name)
	if err != nil {
		return nil, r.folder.unreadable(place, name, err)
	}
	opener, err := r.opener(f, place.Segment)
	if err != nil {
		return nil, r.folder.unreadable(place, name, err)
	}
	plain, err := opener.Open(sealed, place.Key, r.folder.aad(nil, place.Segment, owner, name))
	if err != nil {
		return nil, r.folder.unreadable(place, name, err)
	}
	return plain, nil
}

// readFrame gives the sealed bytes of the frame at place, after checking that it
// is the frame that was asked for.
func readFrame(f *os.File, place zoeklicht.Place, owner zoeklicht.CaptureID, name string) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	// Checked before anything is allocated: a place may come from a damaged row.
	if place.Offset < headSize || place.Length < frameSize || place.Offset > info.Size()-place.Length {
		return nil, fmt.Errorf("it ends before %d: the segment has %d bytes", place.Offset+place.Length, info.Size())
	}
	b := make([]byte, place.Length)
	if _, err := f.ReadAt(b, place.Offset); err != nil {
		return nil, err
	}
	h, ok := parseFrame(b)
	sealed := b[frameSize:]
	switch {
	case !ok:
		return nil, errors.New("there is no frame here, or its header is damaged")
	case h.flags&flagErased != 0:
		return nil, ErrErased
	case h.owner != owner || h.name != nameHash(name):
		return nil, errors.New("the frame here is another item's")
	case h.length != int64(len(sealed)):
		return nil, fmt.Errorf("the frame here has %d bytes instead of %d", h.length, len(sealed))
	case h.crc != crc32.Checksum(sealed, castagnoli):
		return nil, errors.New("the bytes of the frame are damaged")
	}
	return sealed, nil
}

// opener gives the key of a segment, from memory or from the head of f.
func (r *Reader) opener(f *os.File, segment int64) (*keys.Opener, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, n := range r.order {
		if n == segment {
			r.order = append(append(r.order[:i], r.order[i+1:]...), segment)
			return r.openers[segment], nil
		}
	}
	head := make([]byte, headSize)
	if _, err := f.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, err
	}
	key, err := r.folder.parseHead(segment, head)
	if err != nil {
		return nil, err
	}
	o, err := r.ring.Opener(key, r.folder.label(segment))
	if err != nil {
		return nil, err
	}
	if len(r.order) == maxOpeners {
		delete(r.openers, r.order[0])
		r.order = append(r.order[:0], r.order[1:]...)
	}
	r.openers[segment] = o
	r.order = append(r.order, segment)
	return o, nil
}

// unreadable words why an item could not be read, with its place.
func (f Folder) unreadable(place zoeklicht.Place, name string, err error) error {
	where := fmt.Sprintf("item %q at %s of theme %s, offset %d", name, f.label(place.Segment), f.Theme, place.Offset)
	var told *zoeklicht.Error
	switch {
	case errors.Is(err, ErrErased):
		return &zoeklicht.Error{Code: zoeklicht.NotFound, What: where, Err: err, Safe: "its proof still holds"}
	case errors.As(err, &told): // a lost key file says it all itself
		return fmt.Errorf("%s: %w", where, err)
	case errors.Is(err, fs.ErrNotExist):
		err = errors.New("the segment's file is missing")
	}
	return &zoeklicht.Error{
		Code: zoeklicht.Unavailable, What: where, Err: err,
		Safe: "nothing was changed, and other items are not affected",
		Do:   "run zoeklicht doctor; restore the segment from a backup",
	}
}
