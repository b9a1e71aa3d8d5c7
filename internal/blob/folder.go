package blob

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"zoeklicht"

	"golang.org/x/sys/unix"
)

// Kind says what the segments of a folder are for.
type Kind string

// The kinds.
const (
	Vault   Kind = "vault"   // captured bytes, opened only for analysis, verification and release
	Working Kind = "working" // what the screens show: pictures, re-encoded
)

// Folder is where a theme's segments of one kind lie.
type Folder struct {
	Dir   string
	Theme zoeklicht.ThemeName
	Kind  Kind
}

// In gives the folder of a theme and kind under the data folder.
func In(data string, theme zoeklicht.ThemeName, kind Kind) Folder {
	return Folder{filepath.Join(data, "themes", string(theme), string(kind)), theme, kind}
}

// Segments lists the numbers of the segments, ascending. A folder that does not
// exist has none.
func (f Folder) Segments() ([]int64, error) {
	entries, err := os.ReadDir(f.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list the segments of %s: %w", f, err)
	}
	var out []int64
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".seg")
		n, err := strconv.ParseInt(name, 10, 64)
		if ok && err == nil && n > 0 && filepath.Base(f.path(n)) == e.Name() {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out, nil
}

// String names the folder in errors: "practice vault".
func (f Folder) String() string { return string(f.Theme) + " " + string(f.Kind) }

func (f Folder) path(segment int64) string {
	return filepath.Join(f.Dir, fmt.Sprintf("%08d.seg", segment))
}

// label names a segment to package keys and in errors.
func (f Folder) label(segment int64) string { return fmt.Sprintf("%s/%08d", f.Kind, segment) }

// aad appends the associated data of an item.
func (f Folder) aad(dst []byte, segment int64, owner zoeklicht.CaptureID, name string) []byte {
	dst = append(dst, "zoeklicht item 1\x00"...)
	dst = append(append(dst, f.Theme...), 0)
	dst = append(append(dst, f.Kind...), 0)
	dst = append(strconv.AppendInt(dst, segment, 10), 0)
	dst = append(append(dst, owner.String()...), 0)
	return append(append(dst, name...), 0)
}

// Free gives how many bytes an ordinary user can still write to the file system
// that holds dir, and how many it has in all. Where dir does not exist yet, its
// nearest parent counts.
func Free(dir string) (free, total uint64, err error) {
	for {
		var s unix.Statfs_t
		switch err := unix.Statfs(dir, &s); {
		case err == nil:
			return s.Bavail * uint64(s.Bsize), s.Blocks * uint64(s.Bsize), nil
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.ENOENT) && filepath.Dir(dir) != dir:
			dir = filepath.Dir(dir)
		default:
			return 0, 0, fmt.Errorf("free space of %s: %w", dir, err)
		}
	}
}
