package capture

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"zoeklicht"
	"zoeklicht/internal/warc"
)

// Report says which lines of a manifest were proved by the items given.
type Report struct {
	Leaf Leaf
	// Proved are the names of the records that are there and as they were
	// captured; Withheld those of which nothing is there.
	Proved, Withheld []string
}

// Verify checks a capture, or what was disclosed of it, against its leaf: the
// leaf names the manifest, and each record of the items is a line of it. Items
// may be missing, and of an item its last records; the salts of what is missing
// may be anything (zeros, say). Everything else is an error, and the error names
// all that fails: a byte that was changed in a record, the manifest, the leaf or
// a salt, a record that was added, doubled or moved to another item.
//
// It proves nothing about when: that, and the leaf's own "after", is the
// ledger's work. The leaf's "build" must be that of the context record, if that
// was disclosed.
func Verify(s *zoeklicht.Sealed) (*Report, error) {
	leaf, err := ParseLeaf(s.Leaf)
	if err != nil {
		return nil, err
	}
	if leaf.ID != s.ID {
		return nil, fmt.Errorf("the leaf is that of capture %s, not of %s", leaf.ID, s.ID)
	}
	if sha256.Sum256(s.Manifest) != leaf.Manifest {
		return nil, errors.New("the manifest is not the one that the leaf names")
	}
	lines, err := parseManifest(s.Manifest, s.Salts)
	if err != nil {
		return nil, err
	}
	v := verifying{leaf: leaf, lines: map[string]line{}, seen: map[string]bool{}}
	for _, l := range lines {
		v.lines[l.name] = l
	}
	var failed []error
	items := map[string]bool{}
	for _, item := range s.Items {
		err := records(item.Name, item.Bytes, v.record)
		if items[item.Name] {
			err = errors.New("it is there twice")
		}
		items[item.Name] = true
		if err != nil {
			failed = append(failed, fmt.Errorf("item %s: %w", item.Name, err))
		}
	}
	r := &Report{Leaf: leaf}
	for _, l := range lines {
		if v.seen[l.name] {
			r.Proved = append(r.Proved, l.name)
		} else {
			r.Withheld = append(r.Withheld, l.name)
		}
	}
	return r, errors.Join(append(failed, v.failed...)...)
}

// maxFacts bounds the context record that is read: a hundred pictures with long
// addresses make 100 KB.
const maxFacts = 16 << 20

type verifying struct {
	leaf   Leaf
	lines  map[string]line
	seen   map[string]bool // proved
	failed []error
}

// record checks one record. What it returns makes the rest of the item
// unreadable; what is only wrong with the record goes to failed.
func (v *verifying) record(e *warc.Entry) error {
	name := e.Header.Get(fieldItem)
	if c := e.Header.Get(fieldCapture); c != v.leaf.ID.String() {
		return fmt.Errorf("record %s belongs to capture %.40q", name, c)
	}
	l, ok := v.lines[name]
	if !ok {
		return fmt.Errorf("record %s is not in the manifest", name)
	}
	if v.seen[name] {
		return fmt.Errorf("record %s is there twice", name)
	}
	// Streamed: a record's length is not known to be honest yet. The end of the
	// record is checked by the reader when the next one is asked for.
	var facts bytes.Buffer
	h := sha256.New()
	h.Write(l.salt[:])
	h.Write(e.Head)
	var block io.Reader = e
	if name == "context" && e.Length <= maxFacts {
		block = io.TeeReader(e, &facts)
	}
	if _, err := io.Copy(h, block); err != nil {
		return err
	}
	h.Write([]byte("\r\n\r\n"))
	if subtle.ConstantTimeCompare(h.Sum(nil), l.hash[:]) != 1 {
		v.failed = append(v.failed, fmt.Errorf("record %s is not what was captured: its hash differs from the manifest's", name))
		return nil
	}
	v.seen[name] = true
	if name == "context" {
		var f struct{ Build string }
		if err := json.Unmarshal(facts.Bytes(), &f); err != nil || f.Build != v.leaf.Build {
			v.failed = append(v.failed, fmt.Errorf("the leaf's build %s is not that of the context record, %.80q", v.leaf.Build, f.Build))
		}
	}
	return nil
}
