package blob

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"zoeklicht"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/keys/durable"

	"golang.org/x/sys/unix"
)

// Config tunes a Writer. The zero value is right for production.
type Config struct {
	// SegmentSize is where a segment ends: no item begins beyond it [64 MiB].
	SegmentSize int64
	// Buffer is how many sealed bytes are gathered before they are written [1 MiB].
	Buffer int
}

// file is what a Writer needs of an open segment; *os.File is one. Tests put a
// disk in its place that fails.
type file interface {
	io.WriterAt
	io.Closer
	Datasync() error
}

// Writer appends to a folder's segments. It is for one goroutine, and a folder
// has one Writer at a time in all processes.
//
// A group of captures is appended and then made durable by one Sync. When
// Append or Sync fails, every place given since the last Sync that succeeded is
// void; what was synced before is whole, and the next Append begins a new
// segment.
type Writer struct {
	folder Folder
	config Config
	public keys.Public
	lock   *os.File
	create func(path string) (file, error)

	last    int64 // highest segment number given out
	file    file  // nil before the first Append and after a failure
	sealer  *keys.Sealer
	written int64  // bytes of the segment handed to the file
	buf     []byte // what follows them
	fresh   bool   // the segment's name is not synced yet
	dirty   bool   // bytes were given since the last Sync
	aad     []byte
}

// Writer opens the folder for appending, and makes it where it is missing. It
// needs the public key only. While another Writer has the folder, in any
// process, that is an error of code Conflict.
func (f Folder) Writer(c Config, public keys.Public) (*Writer, error) {
	if public.Theme() != f.Theme {
		return nil, fmt.Errorf("open %s for writing: given the key of theme %s", f, public.Theme())
	}
	if c.SegmentSize <= 0 {
		c.SegmentSize = 64 << 20
	}
	if c.Buffer <= 0 {
		c.Buffer = 1 << 20
	}
	if err := durable.Mkdir(f.Dir); err != nil {
		return nil, f.failed("open for writing", err)
	}
	lock, err := os.OpenFile(filepath.Join(f.Dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, f.failed("open for writing", err)
	}
	if err := flock(lock); err != nil {
		_ = lock.Close() // nothing was written to it
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, zoeklicht.Errorf(zoeklicht.Conflict, "another process writes to the %s of theme %s", f.Kind, f.Theme).
				With("nothing was changed", "stop the other one, or wait until it ends")
		}
		return nil, f.failed("lock", err)
	}
	// Numbers are read under the lock, or two writers could choose the same one.
	segments, err := f.Segments()
	if err != nil {
		_ = lock.Close()
		return nil, err
	}
	w := &Writer{folder: f, config: c, public: public, lock: lock, create: createFile}
	if n := len(segments); n > 0 {
		w.last = segments[n-1]
	}
	return w, nil
}

// flock takes the lock that the kernel gives back when the process dies, in
// whatever way.
func flock(f *os.File) error {
	for {
		if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != unix.EINTR {
			return err
		}
	}
}

// Append seals the items of a capture and gives a place for each, in order.
// The places count once Sync succeeds. All items of one call go to one segment.
func (w *Writer) Append(ctx context.Context, owner zoeklicht.CaptureID, items []zoeklicht.Item) ([]zoeklicht.Place, error) {
	if err := ctx.Err(); err != nil {
		return nil, err // nothing was appended: the places given before still stand
	}
	if len(items) == 0 {
		return nil, nil
	}
	if w.file != nil && w.size() >= w.config.SegmentSize {
		if err := w.finish(); err != nil {
			return nil, err
		}
	}
	if w.file == nil {
		if err := w.begin(); err != nil {
			return nil, w.fail("begin a segment", err)
		}
	}
	places := make([]zoeklicht.Place, len(items))
	for i, item := range items {
		at := len(w.buf)
		w.aad = w.folder.aad(w.aad[:0], w.last, owner, item.Name)
		var header [frameSize]byte
		buf, key, err := w.sealer.Seal(append(w.buf, header[:]...), item.Bytes, w.aad)
		if err != nil {
			return nil, w.fail("seal", err)
		}
		sealed := buf[at+frameSize:]
		frame{
			length: int64(len(sealed)), owner: owner, name: nameHash(item.Name), crc: crc32.Checksum(sealed, castagnoli),
		}.put(buf[at:])
		places[i] = zoeklicht.Place{Segment: w.last, Offset: w.written + int64(at), Length: int64(len(buf) - at), Key: key}
		w.dirty = true
		var zeros [frameAlign]byte
		w.buf = append(buf, zeros[:padded(int64(len(buf)))-int64(len(buf))]...)
		if len(w.buf) >= w.config.Buffer {
			if err := w.flush(); err != nil {
				return nil, w.fail("write", err)
			}
		}
	}
	return places, nil
}

// size is where the next frame of the segment begins.
func (w *Writer) size() int64 { return w.written + int64(len(w.buf)) }

// begin makes the next segment with its head, in the buffer as yet.
func (w *Writer) begin() error {
	n := w.last + 1
	sealer, key, err := keys.NewSealer(w.public, w.folder.label(n))
	if err != nil {
		return err
	}
	head, err := w.folder.head(n, key)
	if err != nil {
		return err
	}
	f, err := w.create(w.folder.path(n))
	if err != nil {
		return err
	}
	w.last, w.file, w.sealer, w.written, w.fresh = n, f, sealer, 0, true
	w.buf = append(w.buf[:0], head...)
	return nil
}

// flush hands the buffer to the file. Frames are multiples of 64 and so is the
// head: the next frame begins where it should.
func (w *Writer) flush() error {
	if _, err := w.file.WriteAt(w.buf, w.written); err != nil {
		return err
	}
	w.written += int64(len(w.buf))
	if cap(w.buf) > 4*w.config.Buffer {
		w.buf = nil // one huge item must not hold its memory for ever
	}
	w.buf = w.buf[:0]
	return nil
}

// Sync makes all that was appended durable: the bytes, and for a new segment its
// name. When it returns nil, the places given so far survive a power cut.
//
// After an error it must not be tried again: Linux reports a failed write-back
// once and may then call the lost pages clean. So the segment is left as it is
// and the places given since the last Sync are void.
func (w *Writer) Sync(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err // nothing happened yet: it can be called again
	}
	return w.sync()
}

func (w *Writer) sync() error {
	if w.file == nil || !w.dirty {
		return nil
	}
	if err := w.flush(); err != nil {
		return w.fail("write", err)
	}
	if err := w.file.Datasync(); err != nil {
		return w.fail("sync", err)
	}
	if w.fresh {
		if err := durable.Sync(w.folder.Dir); err != nil {
			return w.fail("sync the folder", err)
		}
		w.fresh = false
	}
	w.dirty = false
	return nil
}

// finish syncs and closes the segment.
func (w *Writer) finish() error {
	if err := w.sync(); err != nil {
		return err
	}
	f := w.file
	w.file, w.sealer, w.buf, w.written = nil, nil, w.buf[:0], 0
	if err := f.Close(); err != nil {
		return w.folder.failed("close "+w.folder.label(w.last), err)
	}
	return nil
}

// fail leaves the segment as it is and words the error.
func (w *Writer) fail(doing string, err error) error {
	if w.file != nil {
		err = errors.Join(err, w.file.Close())
	}
	// A segment that not even its head got into would only be noise to doctor.
	if w.file != nil && w.written == 0 {
		err = errors.Join(err, ignoreMissing(os.Remove(w.folder.path(w.last))))
	}
	w.file, w.sealer, w.buf, w.written, w.dirty, w.fresh = nil, nil, nil, 0, false, false
	return w.folder.failed(doing, err)
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// Close syncs, closes the segment and lets go of the folder.
func (w *Writer) Close() error {
	if w.lock == nil {
		return nil
	}
	var err error
	if w.file != nil {
		err = w.finish()
	}
	err = errors.Join(err, w.lock.Close())
	w.lock = nil
	return err
}

// failed words what went wrong with the disk.
func (f Folder) failed(doing string, err error) error {
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
		return &zoeklicht.Error{
			Code: zoeklicht.Limit, Err: fmt.Errorf("%s %s: %w", doing, f, err),
			What: "the disk that holds " + f.Dir + " is full",
			Safe: "what was stored before is whole; what was being stored will be fetched again",
			Do:   "make room and start fetching again",
		}
	}
	return fmt.Errorf("%s %s: %w", doing, f, err)
}

// osFile adds to a file the cheaper sync, which leaves out its times and not
// its length.
type osFile struct{ *os.File }

func createFile(path string) (file, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// Datasync makes the file's bytes durable.
func (f osFile) Datasync() error {
	for {
		if err := unix.Fdatasync(int(f.Fd())); err != unix.EINTR {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}
