package ledger

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"regexp"

	"zoeklicht"
)

// Record is what a leaf of any kind but capture stands for: content of the caller's
// making, which the leaf names by its salted hash.
type Record struct {
	Kind    zoeklicht.LeafKind
	ID      [16]byte // random UUID
	Content []byte
	Salt    [32]byte // random, of this record alone; without it the leaf opens nothing
	Build   string   // SHA-256 of the binary that made the record, 64 lower-case hex digits
}

// Leaf gives the bytes that are stored and logged, in the format of the package
// comment.
func (r Record) Leaf() []byte {
	id := zoeklicht.CaptureID(r.ID).String()
	sum := saltedHash(r.Content, r.Salt)
	return fmt.Appendf(nil, "zoeklicht/%s/v1\nid %s\ncontent %x\nbuild %s\n", r.Kind, id, sum, r.Build)
}

func saltedHash(content []byte, salt [32]byte) (sum [32]byte) {
	h := sha256.New()
	h.Write(salt[:])
	h.Write(content)
	h.Sum(sum[:0])
	return sum
}

// RecordLeaf is what can be read from a record's leaf without the record.
type RecordLeaf struct {
	Kind    zoeklicht.LeafKind
	ID      [16]byte
	Content [32]byte // SHA-256 of salt and content
	Build   string
}

// Holds reports whether a content with its salt is what the leaf stands for.
func (l *RecordLeaf) Holds(content []byte, salt [32]byte) bool {
	sum := saltedHash(content, salt)
	return subtle.ConstantTimeCompare(sum[:], l.Content[:]) == 1
}

// ParseRecordLeaf reads exactly what Record.Leaf writes. Kinds that this version does
// not know are read as well, captures are not: they have another format.
func ParseRecordLeaf(leaf []byte) (*RecordLeaf, error) {
	m := recordForm.FindStringSubmatch(string(leaf))
	if m == nil || m[1] == string(zoeklicht.LeafCapture) {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "the leaf %.60q is not that of a record", leaf)
	}
	id, err := zoeklicht.ParseCaptureID(m[2])
	if err != nil {
		return nil, err
	}
	sum, err := hex.DecodeString(m[3])
	if err != nil {
		return nil, fmt.Errorf("content of a record's leaf: %w", err)
	}
	return &RecordLeaf{zoeklicht.LeafKind(m[1]), id, [32]byte(sum), m[4]}, nil
}

// recordForm is the one form that a record's leaf has.
var recordForm = regexp.MustCompile(`\Azoeklicht/([a-z]+(?:-[a-z]+)*)/v1
id ([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})
content ([0-9a-f]{64})
build ([0-9a-f]{64})
\z`)
