package blob

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"zoeklicht"
)

const (
	headSize   = 4096
	frameAlign = 64
	frameSize  = 64 // of a frame's header
	frameMagic = "ZLf1"
	flagErased = 1
)

// castagnoli has an instruction of its own on every processor that matters.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errHead = errors.New("the head of the segment is torn or damaged")

// head gives the first headSize bytes of a segment.
func (f Folder) head(segment int64, key []byte) ([]byte, error) {
	b := make([]byte, 0, headSize)
	b = fmt.Appendf(b, "zoeklicht segment 1\ntheme %s\nkind %s\nsegment %d\nkey %s\n",
		f.Theme, f.Kind, segment, base64.StdEncoding.EncodeToString(key))
	b = fmt.Appendf(b, "crc %08x\n", crc32.Checksum(b, castagnoli))
	if len(b) > headSize {
		return nil, fmt.Errorf("head of %s: %d bytes do not fit", f.label(segment), len(b))
	}
	return b[:headSize], nil // the rest of the fresh array is zeros
}

// parseHead gives the sealed header in a segment's head. It must be exactly the
// head that this folder writes for this segment.
func (f Folder) parseHead(segment int64, b []byte) (key []byte, err error) {
	_, rest, ok := bytes.Cut(b, []byte("\nkey "))
	text, _, ok2 := bytes.Cut(rest, []byte("\n"))
	if !ok || !ok2 {
		return nil, errHead
	}
	if key, err = base64.StdEncoding.DecodeString(string(text)); err != nil {
		return nil, errHead
	}
	want, err := f.head(segment, key)
	if err != nil {
		return nil, errHead
	}
	if bytes.Equal(b, want) {
		return key, nil
	}
	// Whole, but another's: say so, because "damaged" would send people looking
	// for a broken disk.
	lines, _, _ := bytes.Cut(b, []byte("crc "))
	if bytes.Contains(b, fmt.Appendf(nil, "\ncrc %08x\n", crc32.Checksum(lines, castagnoli))) {
		return nil, errors.New("the segment belongs elsewhere: its head names another theme, kind or number")
	}
	return nil, errHead
}

// frame is a frame's header.
type frame struct {
	flags  uint32
	length int64
	owner  zoeklicht.CaptureID
	name   [16]byte
	crc    uint32
}

func nameHash(name string) [16]byte {
	sum := sha256.Sum256([]byte(name))
	return [16]byte(sum[:16])
}

// put writes the header into b, frameSize bytes.
func (h frame) put(b []byte) {
	be := binary.BigEndian
	copy(b, frameMagic)
	be.PutUint32(b[4:], h.flags)
	be.PutUint64(b[8:], uint64(h.length))
	copy(b[16:], h.owner[:])
	copy(b[32:], h.name[:])
	be.PutUint32(b[48:], h.crc)
	clear(b[52:60])
	be.PutUint32(b[60:], crc32.Checksum(b[:60], castagnoli))
}

// parseFrame reads a header. It reports false for whatever put did not write.
func parseFrame(b []byte) (h frame, ok bool) {
	be := binary.BigEndian
	if len(b) < frameSize || string(b[:4]) != frameMagic || be.Uint32(b[60:]) != crc32.Checksum(b[:60], castagnoli) {
		return h, false
	}
	h = frame{
		flags: be.Uint32(b[4:]), length: int64(be.Uint64(b[8:])), owner: zoeklicht.CaptureID(b[16:32]),
		name: [16]byte(b[32:48]), crc: be.Uint32(b[48:]),
	}
	return h, h.length >= 0 && h.flags&^flagErased == 0
}

// padded rounds up to where the next frame begins.
func padded(n int64) int64 { return (n + frameAlign - 1) &^ (frameAlign - 1) }
