package ledger

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"zoeklicht"
)

// MaxNote bounds the length of a checkpoint with all of its signatures.
const MaxNote = 64 << 10

// Checkpoint is a log's statement of what it holds: so many leaves, whose hashes
// lead to this root.
type Checkpoint struct {
	Origin string   // names the log
	Size   int64    // how many leaves
	Root   [32]byte // RFC 6962, SHA-256
	Note   []byte   // the signed note (C2SP tlog-checkpoint) with all its signatures
}

// strict refuses what decodes to the same bytes and is written differently: a bit
// that may flip unseen.
func strict() *base64.Encoding { return base64.StdEncoding.Strict() }

// ParseCheckpoint reads a checkpoint without looking at who signed it; Policy.Verify
// does that. The checkpoint's Note is a copy.
func ParseCheckpoint(note []byte) (*Checkpoint, error) {
	if len(note) > MaxNote {
		return nil, badNote("is longer than %d bytes", MaxNote)
	}
	split := bytes.LastIndex(note, []byte("\n\n"))
	if split < 0 {
		return nil, badNote("has no signatures")
	}
	if err := signatureLines(note[split+2:]); err != nil {
		return nil, err
	}
	lines := strings.Split(string(note[:split]), "\n")
	if len(lines) < 3 {
		return nil, badNote("has fewer than three lines")
	}
	if lines[0] == "" {
		return nil, badNote("has no origin")
	}
	if slices.Contains(lines[3:], "") {
		return nil, badNote("has an empty line")
	}
	size, err := decimal(lines[1])
	if err != nil {
		return nil, badNote("has the size %.30q", lines[1])
	}
	c := &Checkpoint{Origin: lines[0], Size: size, Note: bytes.Clone(note)}
	if c.Root, err = ParseHash(lines[2]); err != nil {
		return nil, badNote("has the root %.60q", lines[2])
	}
	return c, nil
}

// signatureLines checks that signatures are written in the one way they can be.
func signatureLines(b []byte) error {
	if len(b) == 0 || b[len(b)-1] != '\n' {
		return badNote("does not end with a signature line")
	}
	for line := range strings.SplitSeq(string(b[:len(b)-1]), "\n") {
		rest, ok := strings.CutPrefix(line, "— ")
		_, sig, both := strings.Cut(rest, " ")
		if !ok || !both {
			return badNote("has the signature line %.60q", line)
		}
		if _, err := strict().DecodeString(sig); err != nil || strings.ContainsAny(sig, "\r\n") {
			return badNote("has a signature that is not base64")
		}
	}
	return nil
}

func badNote(format string, args ...any) error {
	return zoeklicht.Errorf(zoeklicht.Invalid, "checkpoint: it "+format, args...)
}

// decimal reads a number of leaves: digits only, no leading zero.
func decimal(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, err
	}
	if n < 0 || strconv.FormatInt(n, 10) != s {
		return 0, fmt.Errorf("%.30q is not written as a number of leaves is", s)
	}
	return n, nil
}

// ParseHash reads a hash of 32 bytes as proofs and checkpoints have it: base64, written
// in the one way it can be.
func ParseHash(s string) (h [32]byte, err error) {
	b, err := strict().DecodeString(s)
	if err != nil {
		return h, err
	}
	if len(b) != len(h) || strings.ContainsAny(s, "\r\n") {
		return h, errors.New("not a hash of 32 bytes")
	}
	return [32]byte(b), nil
}
