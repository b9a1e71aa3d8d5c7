package retain

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"zoeklicht"
	"zoeklicht/internal/keys/durable"
	"zoeklicht/internal/store"
)

// ListName is the name of the list of erasures in the data folder.
const ListName = "erased.jsonl"

// ListFile gives the list of erasures of an installation.
func ListFile(data string) string { return filepath.Join(data, ListName) }

// appendList adds an erasure to the list, durably. One that is carried out again after a
// crash stands there twice, which does no harm.
func appendList(path string, d *store.Destroying) error {
	line, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if len(line) > maxLine {
		return zoeklicht.Errorf(zoeklicht.Limit, "the erasure is of %d items: more than a line of the list of erasures holds", len(d.Items)).
			With("nothing was destroyed", "destroy it capture by capture")
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	// One write, so that two processes do not mix their lines. It begins with a line end
	// where the one before was torn.
	line = append(line, '\n')
	torn, err := endsTorn(path)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	if torn {
		line = append([]byte{'\n'}, line...)
	}
	_, err = f.Write(line)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return durable.Sync(filepath.Dir(path))
}

// endsTorn reports whether a file ends in the midst of a line.
func endsTorn(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close() // read only
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return false, err
	}
	var last [1]byte
	_, err = f.ReadAt(last[:], info.Size()-1)
	return last[0] != '\n', err
}

// maxLine bounds a line of the list: an advert of a hundred thousand items.
const maxLine = 16 << 20

// ReadList reads a list of erasures. A file that is not there lists none. A line that was
// torn by a crash belongs to an erasure that was not carried out then, and is left out.
func ReadList(path string) ([]store.Destroying, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close() // read only
	return readList(f)
}

func readList(r io.Reader) (out []store.Destroying, err error) {
	in := bufio.NewScanner(r)
	in.Buffer(nil, maxLine+2) // with its line end
	for n := 1; in.Scan(); n++ {
		if len(in.Bytes()) == 0 {
			continue
		}
		var d store.Destroying
		err := json.Unmarshal(in.Bytes(), &d)
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) && syntax.Offset >= int64(len(in.Bytes())) {
			continue // torn
		}
		if err == nil {
			err = sound(&d)
		}
		if err != nil {
			return nil, zoeklicht.Errorf(zoeklicht.Invalid, "line %d of the list of erasures: %w", n, err).
				With("nothing was destroyed by it", "take another copy of the list")
		}
		out = append(out, d)
	}
	return out, in.Err()
}

// sound refuses what no erasure of ours looks like.
func sound(d *store.Destroying) error {
	switch {
	case d.Theme == "" || d.Ground == "" || d.Purpose == "" || len(d.Items) == 0 && len(d.Captures) == 0:
		return errors.New("theme, ground, purpose or items are missing")
	case d.Asked.Person <= 0 || d.Approved.Person <= 0 || d.Asked.Person == d.Approved.Person:
		return errors.New("it was not decided by two people")
	}
	for _, i := range d.Items {
		if _, err := zoeklicht.ParseCaptureID(i.Capture); err != nil {
			return err
		}
	}
	for _, c := range d.Captures {
		if _, err := zoeklicht.ParseCaptureID(c); err != nil {
			return err
		}
	}
	return nil
}

// Again carries out, in a database that was restored from a backup, the erasures of its
// theme in a list that the backup is older than. It must be done before anybody may read
// what was restored. It gives how many were carried out again.
func (e *Eraser) Again(ctx context.Context, list []store.Destroying) (n int, remains []string, err error) {
	owner, err := e.Owner(ctx)
	if err != nil {
		return 0, nil, err
	}
	defer owner.Close(context.WithoutCancel(ctx)) // nothing is lost with it
	var ids []zoeklicht.ErasureID
	for i := range list {
		if list[i].Theme != e.Vault.Theme {
			continue
		}
		more, err := store.EraseAgain(ctx, owner, &list[i])
		if err != nil {
			return 0, nil, fmt.Errorf("erasure %d of theme %s, of %s: %w", list[i].Erasure, list[i].Theme, list[i].At.Format("2006-01-02"), err)
		}
		// One by one: what a later line lists may be part of this one.
		for _, id := range more {
			if _, err := e.destroy(ctx, id); err != nil {
				return 0, nil, err
			}
		}
		ids = append(ids, more...)
	}
	if len(ids) == 0 {
		return 0, nil, nil
	}
	remains, err = e.scrub(ctx, ids)
	return len(ids), remains, err
}

// MergeList adds to the list of an installation what another list has and it has not: after
// restoring, the list of the backup is older than the one that was kept outside of it.
func MergeList(path string, other []store.Destroying) ([]store.Destroying, error) {
	have, err := ReadList(path)
	if err != nil {
		return nil, err
	}
	type key struct {
		theme   zoeklicht.ThemeName
		erasure zoeklicht.ErasureID
		at      int64
	}
	of := func(d *store.Destroying) key { return key{d.Theme, d.Erasure, d.At.UnixNano()} }
	known := map[key]bool{}
	for i := range have {
		known[of(&have[i])] = true
	}
	for i := range other {
		d := &other[i]
		if known[of(d)] {
			continue
		}
		known[of(d)] = true
		if err := appendList(path, d); err != nil {
			return nil, err
		}
		have = append(have, *d)
	}
	slices.SortStableFunc(have, func(a, b store.Destroying) int { return a.At.Compare(b.At) })
	return have, nil
}
