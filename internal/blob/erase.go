package blob

import (
	"context"
	"errors"
	"fmt"
	"os"

	"zoeklicht"

	"golang.org/x/sys/unix"
)

// Erase destroys the sealed bytes at place and gives their room back to the
// disk; the frame's header stays and says so. It needs no key. Erasing twice is
// erasing once.
//
// Destroying an item is more than this: its data key is in its row, and that is
// what makes every copy of these bytes noise, in backups too. So the caller
// deletes the row's key as well, and a call that failed is made again.
func (f Folder) Erase(ctx context.Context, place zoeklicht.Place, owner zoeklicht.CaptureID, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	file, err := os.OpenFile(f.path(place.Segment), os.O_RDWR, 0)
	if err != nil {
		return f.unreadable(place, name, err)
	}
	err = erase(file, place, owner, name)
	if err = errors.Join(err, file.Close()); err != nil {
		return f.unreadable(place, name, err)
	}
	return nil
}

func erase(file *os.File, place zoeklicht.Place, owner zoeklicht.CaptureID, name string) error {
	var b [frameSize]byte
	if place.Offset < headSize {
		return errors.New("a frame cannot begin in the head of a segment")
	}
	if _, err := file.ReadAt(b[:], place.Offset); err != nil {
		return err
	}
	// A wrong place would destroy what must be kept.
	h, ok := parseFrame(b[:])
	if !ok || h.owner != owner || h.name != nameHash(name) || h.length != place.Length-frameSize {
		return errors.New("the frame here is not the item's, so nothing was erased")
	}
	// The header first: were the bytes gone before it says so, a power cut
	// between the two would leave what looks like a rotten disk. In this order
	// it leaves a frame that says "erased" and whose bytes go the next time.
	h.flags |= flagErased
	h.crc = 0
	h.put(b[:])
	if _, err := file.WriteAt(b[:], place.Offset); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if err := punch(file, place.Offset+frameSize, h.length); err != nil {
		return err
	}
	return file.Sync()
}

// punch makes bytes read as zeros, and frees their blocks where the file system
// can. Where it cannot, they are overwritten. On file systems that write
// elsewhere (btrfs, zfs) and on flash the old blocks may live on for a while
// either way; the deleted data key is what destroys them there.
func punch(file *os.File, offset, length int64) error {
	if length == 0 {
		return nil
	}
	for {
		err := unix.Fallocate(int(file.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, offset, length)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOSYS):
			return overwrite(file, offset, length)
		default:
			return fmt.Errorf("punch a hole: %w", err)
		}
	}
}

func overwrite(file *os.File, offset, length int64) error {
	zeros := make([]byte, min(length, 1<<20))
	for length > 0 {
		n, err := file.WriteAt(zeros[:min(length, int64(len(zeros)))], offset)
		if err != nil {
			return err
		}
		offset, length = offset+int64(n), length-int64(n)
	}
	return nil
}
