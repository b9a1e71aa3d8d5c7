package blob

import (
	"bufio"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"os"

	"zoeklicht"
)

// Frame is what Scan found at one place of a segment.
type Frame struct {
	Segment int64
	Offset  int64
	Length  int64 // header and sealed item, as in a Place
	Owner   zoeklicht.CaptureID
	Erased  bool
	name    [16]byte
}

// Holds reports whether the frame holds the item of that name.
func (f Frame) Holds(name string) bool { return f.name == nameHash(name) }

// Damage is a stretch of a segment that is not whole frames. It is an error, so
// that nobody takes it for a frame.
type Damage struct {
	Segment int64
	Offset  int64
	Length  int64
	// Tail says that it reaches to the end of the segment: what a process leaves
	// that died while it wrote, and nothing to worry about.
	Tail bool
	Why  string
}

// Error names the place.
func (d *Damage) Error() string {
	return fmt.Sprintf("segment %08d, %d bytes at offset %d: %s", d.Segment, d.Length, d.Offset, d.Why)
}

// Scan walks over a segment without any key. It gives each whole frame, whose
// checksum holds, and a *Damage for each stretch between them that is not; any
// other error ends the walk. A segment that a Writer is still appending to may
// show a torn tail that is whole a moment later.
func (f Folder) Scan(segment int64) iter.Seq2[Frame, error] {
	return func(yield func(Frame, error) bool) {
		file, err := os.Open(f.path(segment))
		if err != nil {
			yield(Frame{}, fmt.Errorf("scan %s: %w", f, err))
			return
		}
		defer file.Close() // only read from
		s := scan{folder: f, segment: segment, f: file, buf: bufio.NewReaderSize(file, 256<<10)}
		if err := s.run(yield); err != nil {
			yield(Frame{}, fmt.Errorf("scan %s of theme %s: %w", f.label(segment), f.Theme, err))
		}
	}
}

type scan struct {
	folder  Folder
	segment int64
	f       *os.File
	size    int64
	buf     *bufio.Reader
	pos     int64 // of what buf gives next
}

// seek makes buf go on at an offset. Frames mostly follow each other, so that
// mostly nothing is read twice.
func (s *scan) seek(at int64) error {
	if at < s.pos || at-s.pos > int64(s.buf.Buffered()) {
		s.buf.Reset(io.NewSectionReader(s.f, at, s.size-at))
		s.pos = at
		return nil
	}
	n, err := s.buf.Discard(int(at - s.pos))
	s.pos += int64(n)
	return err
}

var errStop = errors.New("the caller has seen enough")

func (s *scan) run(yield func(Frame, error) bool) error {
	info, err := s.f.Stat()
	if err != nil {
		return err
	}
	s.size = info.Size()
	damaged := func(from, to int64, why string) error {
		if from < to && !yield(Frame{}, &Damage{s.segment, from, to - from, to == s.size, why}) {
			return errStop
		}
		return nil
	}
	head := make([]byte, headSize)
	if _, err := s.f.ReadAt(head, 0); err != nil && err != io.EOF {
		return err
	}
	_, err = s.folder.parseHead(s.segment, head)
	if s.size < headSize {
		err = errHead // what is missing read as the zeros that should be there
	}
	if err != nil {
		if err := damaged(0, min(headSize, s.size), err.Error()); err != nil {
			return ended(err)
		}
	}
	bad, why := int64(-1), "" // where a damaged stretch began
	for at := int64(headSize); at < s.size; {
		frame, wrong, err := s.frame(at)
		if err != nil {
			return err
		}
		if wrong != "" {
			if bad < 0 {
				bad, why = at, wrong
			}
			at += frameAlign
			continue
		}
		if bad >= 0 {
			if err := damaged(bad, at, why); err != nil {
				return ended(err)
			}
			bad = -1
		}
		if !yield(frame, nil) {
			return nil
		}
		at += padded(frame.Length)
	}
	if bad >= 0 {
		return ended(damaged(bad, s.size, why))
	}
	return nil
}

func ended(err error) error {
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

// frame gives the frame at an offset, or what is wrong there.
func (s *scan) frame(at int64) (fr Frame, wrong string, err error) {
	if err := s.seek(at); err != nil {
		return fr, "", err
	}
	b, err := s.buf.Peek(frameSize)
	if err != nil && err != io.EOF {
		return fr, "", err
	}
	h, ok := parseFrame(b)
	if !ok {
		return fr, "not the header of a frame", nil
	}
	fr = Frame{s.segment, at, frameSize + h.length, h.owner, h.flags&flagErased != 0, h.name}
	if h.length > s.size-at-frameSize {
		return fr, "a torn frame", nil
	}
	if fr.Erased {
		return fr, "", nil
	}
	if err := s.seek(at + frameSize); err != nil {
		return fr, "", err
	}
	sum := crc32.New(castagnoli)
	n, err := io.CopyN(sum, s.buf, h.length)
	s.pos += n
	if err != nil {
		return fr, "", err
	}
	if sum.Sum32() != h.crc {
		return fr, "the bytes of a frame are damaged", nil
	}
	return fr, "", nil
}
