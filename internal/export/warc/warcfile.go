// Package warcfile exports the captures of one run as one WARC 1.1 file: a
// warcinfo record that says what it is, then the captures' records as they were
// sealed, byte for byte. Captured items are gzip members already, so nothing is
// packed again and the manifests of the captures hold for the file's records.
//
// The order is that of the items given. Each item is read through before it is
// passed on: one whose records are damaged ends the export with an error, and
// no part of it is written.
package warcfile

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/warc"
)

// Info is what the warcinfo record says. Empty fields are left out.
type Info struct {
	Filename  string    // see Name
	Created   time.Time // of the file
	Software  string    // "zoeklicht 1.2.3"
	Operator  string    // who runs the installation
	UserAgent string    // as sent with the requests
	Robots    string    // how robots.txt was treated: "obey", or the ground for setting it aside
	Theme     zoeklicht.ThemeName
	Source    zoeklicht.SourceID
	Run       int64
	Ground    string // the legal ground of the theme
	Purpose   string // what the export is for, as the person stated it
}

// Stats is what was written.
type Stats struct {
	Items   int
	Records int // the warcinfo record is not counted
	Bytes   int64
}

// Name gives the name of the file of a run: theme, source, run and time, in the
// characters that every file system takes.
func Name(theme zoeklicht.ThemeName, source zoeklicht.SourceID, run int64, created time.Time) string {
	return fmt.Sprintf("%s-%s-%d-%s.warc.gz", theme, source, run, created.UTC().Format("20060102T150405Z"))
}

// Write writes the file to w. Items gives the decrypted items of the run's
// captures, those of a capture together and in their own order (page, pictures,
// context); an error that it gives ends the export. The file begins with what
// was written so far in any case, so a failed one must be thrown away.
func Write(ctx context.Context, w io.Writer, info Info, items iter.Seq2[zoeklicht.Item, error]) (Stats, error) {
	var s Stats
	out := &counting{w: w}
	if err := warc.NewWriter(out).Write(info.record(), nil); err != nil {
		return s, fmt.Errorf("export run %d: %w", info.Run, err)
	}
	for item, err := range items {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return s, fmt.Errorf("export run %d after %d items: %w", info.Run, s.Items, err)
		}
		// A file's records are found by their members: an item that is packed in
		// another way, or not at all, would make the rest of it unreadable.
		if !bytes.HasPrefix(item.Bytes, []byte{0x1f, 0x8b}) {
			return s, fmt.Errorf("export run %d: item %s, after %d others, is not a gzip member", info.Run, item.Name, s.Items)
		}
		n, err := warc.Check(bytes.NewReader(item.Bytes))
		if err != nil {
			return s, fmt.Errorf("export run %d: item %s, after %d others: %w", info.Run, item.Name, s.Items, err)
		}
		if _, err := out.Write(item.Bytes); err != nil {
			return s, fmt.Errorf("export run %d: %w", info.Run, err)
		}
		s.Items++
		s.Records += n
		s.Bytes = out.n
	}
	s.Bytes = out.n
	return s, nil
}

// record gives the warcinfo record. Its identifier follows from what it says.
func (i Info) record() *warc.Record {
	var b bytes.Buffer
	field := func(name, value string) {
		if value = strings.Join(strings.Fields(value), " "); value != "" { // one line each
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	field("software", i.Software)
	field("format", "WARC File Format 1.1")
	field("conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/")
	field("operator", i.Operator)
	field("robots", i.Robots)
	field("http-header-user-agent", i.UserAgent)
	field("isPartOf", string(i.Theme))
	field("zoeklicht-source", string(i.Source))
	field("zoeklicht-run", fmt.Sprint(i.Run))
	field("zoeklicht-ground", i.Ground)
	field("zoeklicht-purpose", i.Purpose)
	sum := sha256.Sum256(fmt.Appendf(nil, "zoeklicht warcinfo 1\x00%s\x00%s\x00%s", i.Filename, i.Created.UTC(), b.Bytes()))
	id := warc.ID(sum[:16])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // a UUID of version 8
	return &warc.Record{
		Type: warc.Info, ID: id, Date: i.Created, Filename: i.Filename, ContentType: warc.FieldsContent, Block: b.Bytes(),
	}
}

type counting struct {
	w io.Writer
	n int64
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
