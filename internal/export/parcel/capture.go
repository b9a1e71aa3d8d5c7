package parcel

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"zoeklicht"
	"zoeklicht/internal/capture"
	"zoeklicht/internal/warc"
)

// capture writes what is disclosed of a capture.
func (w *writing) capture(c *Capture) error {
	s := c.Sealed
	at := indexCapture{ID: s.ID.String(), At: stampText(c.At), Title: c.Title, Records: []indexPart{}, LeftOut: []leftOut{}}
	dir := captureFolder(at.ID)
	parts, kept, err := disclosed(s.Items, c.LeftOut)
	if err != nil {
		return err
	}
	report, err := capture.Verify(&zoeklicht.Sealed{ID: s.ID, Items: kept, Manifest: s.Manifest, Salts: s.Salts, Leaf: s.Leaf})
	if err != nil {
		return err
	}
	salts, err := saltsOf(s.Manifest, s.Salts, report.Proved)
	if err != nil {
		return err
	}
	for _, f := range []File{{leafName, s.Leaf}, {manifestName, s.Manifest}, {saltsName, salts}} {
		if err := w.zip.add(dir+f.Name, f.Bytes); err != nil {
			return err
		}
	}
	for _, p := range parts {
		at.Records = append(at.Records, indexPart{p.name, p.item, recordFile(p.name)})
		if err := w.zip.add(dir+recordFile(p.name), p.member); err != nil {
			return err
		}
	}
	for _, name := range report.Withheld {
		at.LeftOut = append(at.LeftOut, leftOut{name, why(name, c.LeftOut)})
	}
	if at.Checkpoint, err = w.proof(dir, s.Leaf, c.Proof); err != nil {
		return err
	}
	if at.Checkpoint == 0 {
		w.summary.Unwitnessed++
	}
	if c.After != nil {
		n := w.checkpoint(c.After.Checkpoint)
		at.After = checkpointFolder(n) + w.token(n, c.After.Token)
	}
	w.summary.LeftOut += len(at.LeftOut)
	w.index.Captures = append(w.index.Captures, at)
	return w.wacz.Add(s.ID, c.Title, kept)
}

// part is a record in the package.
type part struct {
	name, item string
	member     []byte
}

// disclosed gives the records of items that are not left out, and the items with those
// records alone.
func disclosed(items []zoeklicht.Item, leftOut map[string]string) (parts []part, kept []zoeklicht.Item, err error) {
	for _, item := range items {
		if _, out := leftOut[item.Name]; out {
			continue
		}
		records, err := split(item)
		if err != nil {
			return nil, nil, fmt.Errorf("item %s: %w", item.Name, err)
		}
		k := zoeklicht.Item{Name: item.Name}
		for _, r := range records {
			if _, out := leftOut[r.name]; !out {
				parts, k.Bytes = append(parts, r), append(k.Bytes, r.member...)
			}
		}
		if len(k.Bytes) > 0 {
			kept = append(kept, k)
		}
	}
	return parts, kept, nil
}

// split cuts an item into its records, a gzip member each.
func split(item zoeklicht.Item) (out []part, err error) {
	if !bytes.HasPrefix(item.Bytes, []byte{0x1f, 0x8b}) {
		return nil, errors.New("it is not compressed record by record")
	}
	r := warc.NewReader(bytes.NewReader(item.Bytes))
	var from []int64
	for {
		e, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if n := len(from); n > 0 && from[n-1] == e.Offset {
			return nil, errors.New("two of its records share a gzip member")
		}
		from = append(from, e.Offset)
		out = append(out, part{name: e.Header.Get("Zoeklicht-Item"), item: item.Name})
	}
	from = append(from, int64(len(item.Bytes)))
	for i := range out {
		out[i].member = item.Bytes[from[i]:from[i+1]]
	}
	return out, nil
}

// why gives the reason for a record that is not there.
func why(name string, leftOut map[string]string) string {
	if reason := leftOut[name]; reason != "" {
		return reason
	}
	for item, reason := range leftOut {
		if reason != "" && partOf(name, item) {
			return reason
		}
	}
	return "not disclosed"
}

// partOf reports whether a record is a part of an item.
func partOf(record, item string) bool {
	if n, ok := strings.CutPrefix(item, "picture:"); ok {
		return record == "image:"+n || strings.HasPrefix(record, "image:"+n+":")
	}
	switch {
	case item == "page":
		return record == "request" || record == "response" || strings.HasPrefix(record, "redirect:")
	case item == "context":
		return record == "dns" || record == "tls" || record == "redirects" || record == "context"
	}
	return false
}

const saltSize = 32

// saltsOf keeps the salts of the records that are there, and makes the others zeros.
func saltsOf(manifest, salts []byte, there []string) ([]byte, error) {
	keep := map[string]bool{}
	for _, name := range there {
		keep[name] = true
	}
	names, err := lines(manifest)
	if err != nil || len(salts) != len(names)*saltSize {
		return nil, errors.New("its salts are not those of its manifest")
	}
	out := make([]byte, len(salts))
	for i, name := range names {
		if keep[name] {
			copy(out[i*saltSize:], salts[i*saltSize:(i+1)*saltSize])
		}
	}
	return out, nil
}

// lines gives the names of a manifest's lines.
func lines(manifest []byte) (names []string, err error) {
	for line := range strings.Lines(string(manifest)) {
		name, _, ok := strings.Cut(line, " ")
		if !ok {
			return nil, errors.New("the manifest is damaged")
		}
		names = append(names, name)
	}
	return names, nil
}
