package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"zoeklicht"
)

// Exported is what a file that left holds.
type Exported struct {
	File      string             `json:"file"`
	Run       int64              `json:"run"`
	Source    zoeklicht.SourceID `json:"source"`
	Captures  int                `json:"captures"`
	Items     int                `json:"items"`
	Records   int                `json:"records"`
	Bytes     int64              `json:"bytes"`
	Destroyed int                `json:"destroyed"` // items that are no longer there
	Sealed    int                `json:"sealed"`    // captures left out, because what they hold was taken out of sight
}

// Print tells what was written.
func (e *Exported) Print(out *Out) error {
	if out.JSON {
		return out.object(e)
	}
	if e.Destroyed > 0 {
		out.Notice("%s had been destroyed and are not in it.", count(e.Destroyed, "item"))
	}
	if e.Sealed > 0 {
		out.Notice("%s had been sealed and are not in it.", count(e.Sealed, "capture"))
	}
	return out.say("%s: %s of run %d of %s, %s, %s", e.File, count(e.Captures, "capture"), e.Run, e.Source, count(e.Records, "record"), size(e.Bytes))
}

// WriteNew writes a file that is there whole, or not at all, and only its owner can
// read. It never writes over one that is there.
func WriteNew(path string, write func(io.Writer) error) (err error) {
	if _, err := os.Lstat(path); err == nil {
		return taken(path)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".zoeklicht-*") // mode 0600
	if err != nil {
		return zoeklicht.Errorf(zoeklicht.Unavailable, "%w", err).With("nothing was written", "")
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	err = write(tmp)
	if serr := tmp.Sync(); err == nil {
		err = serr
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("%s was not written: %w", path, err)
	}
	// A link, unlike a rename, never replaces.
	if err := os.Link(tmp.Name(), path); errors.Is(err, os.ErrExist) {
		return taken(path)
	} else if err != nil {
		return zoeklicht.Errorf(zoeklicht.Unavailable, "%w", err).With("nothing was written", "")
	}
	return nil
}

func taken(path string) error {
	return zoeklicht.Errorf(zoeklicht.Conflict, "%s is there already", path).With("nothing was written", "choose another name")
}
