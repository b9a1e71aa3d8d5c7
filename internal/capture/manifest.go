package capture

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"zoeklicht"
)

// manifest sorts the lines and gives them as text, and their salts in the same
// order.
func manifest(lines []line) (text, salts []byte) {
	slices.SortFunc(lines, func(a, b line) int { return strings.Compare(a.name, b.name) })
	text, salts = make([]byte, 0, len(lines)*96), make([]byte, 0, len(lines)*saltSize)
	for _, l := range lines {
		text = append(append(text, l.name...), ' ')
		text = append(hex.AppendEncode(text, l.hash[:]), '\n')
		salts = append(salts, l.salt[:]...)
	}
	return text, salts
}

// parseManifest reads a manifest and its salts.
func parseManifest(text, salts []byte) ([]line, error) {
	var lines []line
	for rest := text; len(rest) > 0; {
		row, after, ok := bytes.Cut(rest, []byte("\n"))
		name, sum, ok2 := strings.Cut(string(row), " ")
		l := line{name: name}
		if !ok || !ok2 || !known(name) || !unhex(l.hash[:], sum) {
			return nil, fmt.Errorf("line %d of the manifest is damaged", len(lines)+1)
		}
		if n := len(lines); n > 0 && lines[n-1].name >= name {
			return nil, fmt.Errorf("line %d of the manifest is out of order", n+1)
		}
		lines, rest = append(lines, l), after
	}
	if len(lines) == 0 {
		return nil, errors.New("the manifest is empty")
	}
	if len(salts) != len(lines)*saltSize {
		return nil, fmt.Errorf("%d bytes of salts for %d lines of the manifest", len(salts), len(lines))
	}
	for i := range lines {
		copy(lines[i].salt[:], salts[i*saltSize:])
	}
	return lines, nil
}

// known reports whether a name can be a record's.
func known(name string) bool { return itemOf(name) != "" }

// itemOf gives the item that a record is stored in, "" if its name is none.
func itemOf(name string) string {
	switch name {
	case "request", "response":
		return "page"
	case "dns", "tls", "redirects", "context":
		return "context"
	}
	first, rest, _ := strings.Cut(name, ":")
	n, rest, deeper := strings.Cut(rest, ":")
	if !number(n) {
		return ""
	}
	switch {
	case first == "redirect" && (rest == "request" || rest == "response"):
		return "page"
	case first != "image":
		return ""
	case !deeper || rest == "request" || rest == "context":
		return "picture:" + n
	}
	if hop, ok := strings.CutPrefix(rest, "redirect:"); ok {
		k, side, _ := strings.Cut(hop, ":")
		if number(k) && (side == "request" || side == "response") {
			return "picture:" + n
		}
	}
	return ""
}

// number reports whether s is how strconv.Itoa writes a small number.
func number(s string) bool {
	if s == "" || len(s) > 6 || s[0] == '0' && s != "0" {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

// unhex reads exactly len(dst) bytes of lower-case hex.
func unhex(dst []byte, s string) bool {
	if len(s) != 2*len(dst) || strings.ToLower(s) != s {
		return false
	}
	_, err := hex.Decode(dst, []byte(s))
	return err == nil
}

// Leaf is what the ledger holds of a capture.
type Leaf struct {
	ID       zoeklicht.CaptureID
	Manifest [sha256.Size]byte
	After    string // SHA-256 of a timestamp token, hex, or "none"
	Build    string // SHA-256 of the binary, hex
}

// Bytes gives the leaf as it is stored and logged.
func (l Leaf) Bytes() []byte {
	return fmt.Appendf(nil, "zoeklicht/capture/v1\nid %s\nmanifest %x\nafter %s\nbuild %s\n", l.ID, l.Manifest, l.After, l.Build)
}

func (l Leaf) check() error {
	var b [sha256.Size]byte
	if l.After != "none" && !unhex(b[:], l.After) {
		return fmt.Errorf("the leaf's \"after\" is %.80q and not a SHA-256 or none", l.After)
	}
	if !unhex(b[:], l.Build) {
		return fmt.Errorf("the leaf's \"build\" is %.80q and not the SHA-256 of a binary", l.Build)
	}
	return nil
}

// ParseLeaf reads a leaf. It accepts exactly what Bytes gives, to the byte.
func ParseLeaf(b []byte) (l Leaf, err error) {
	rows := strings.Split(string(b), "\n")
	if len(rows) != 6 || rows[0] != "zoeklicht/capture/v1" {
		return l, errors.New("not the leaf of a capture")
	}
	if l.ID, err = zoeklicht.ParseCaptureID(strings.TrimPrefix(rows[1], "id ")); err != nil {
		return l, fmt.Errorf("the leaf's id: %w", err)
	}
	if !unhex(l.Manifest[:], strings.TrimPrefix(rows[2], "manifest ")) {
		return l, errors.New("the leaf's \"manifest\" is not a SHA-256")
	}
	l.After, l.Build = strings.TrimPrefix(rows[3], "after "), strings.TrimPrefix(rows[4], "build ")
	if err := l.check(); err != nil {
		return l, err
	}
	if !bytes.Equal(l.Bytes(), b) {
		return l, errors.New("not the exact bytes of a leaf")
	}
	return l, nil
}
