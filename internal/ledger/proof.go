package ledger

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"zoeklicht"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

const (
	proofHead = "c2sp.org/tlog-proof@v1"
	// maxHashes is the height of the highest tree whose size fits an int64.
	maxHashes = 63
)

// Included reports whether the hash of p.Leaf, at p.Index, leads by p.Inclusion to the
// root in p.Checkpoint. It does not look at signatures: see Policy.Verify. What does
// not hold comes as an error of code Invalid.
func Included(p *zoeklicht.Proof) error {
	c, err := ParseCheckpoint(p.Checkpoint)
	if err != nil {
		return err
	}
	return c.includes(p.Leaf, p.Index, p.Inclusion)
}

func (c *Checkpoint) includes(leaf []byte, index int64, inclusion [][32]byte) error {
	if index < 0 || index >= c.Size {
		return zoeklicht.Errorf(zoeklicht.Invalid, "leaf %d is not in the checkpoint's tree of %d leaves", index, c.Size)
	}
	err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(index), uint64(c.Size),
		rfc6962.DefaultHasher.HashLeaf(leaf), slices32(inclusion), c.Root[:])
	if err != nil {
		return zoeklicht.Errorf(zoeklicht.Invalid, "the leaf is not proven to be number %d of the log %s: %w", index, c.Origin, err)
	}
	return nil
}

func slices32(hashes [][32]byte) [][]byte {
	out := make([][]byte, len(hashes))
	for i := range hashes {
		out[i] = hashes[i][:]
	}
	return out
}

// MarshalProof gives a proof's index, inclusion and checkpoint as C2SP tlog-proof
// version 1, the contents of a file whose name ends in ".tlog-proof". Leaf and tokens
// travel beside it.
func MarshalProof(p *zoeklicht.Proof) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nindex %d\n", proofHead, p.Index)
	for _, h := range p.Inclusion {
		b.WriteString(strict().EncodeToString(h[:]))
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	b.Write(p.Checkpoint)
	return b.Bytes()
}

// ParseProof reads C2SP tlog-proof version 1 into a proof without leaf and tokens. It
// leaves out extra data, which nothing vouches for, and proves nothing by itself:
// see Included and Policy.Verify.
func ParseProof(b []byte) (*zoeklicht.Proof, error) {
	head, note, ok := bytes.Cut(b, []byte("\n\n"))
	if !ok {
		return nil, badProof("has no checkpoint")
	}
	lines := strings.Split(string(head), "\n")
	if lines[0] != proofHead {
		return nil, badProof("does not begin with the line %s", proofHead)
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		if _, err := strict().DecodeString(lines[0][len("extra "):]); err != nil {
			return nil, badProof("has extra data that is not base64")
		}
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return nil, badProof("has no index")
	}
	p := &zoeklicht.Proof{}
	var err error
	if p.Index, err = decimal(lines[0][len("index "):]); err != nil {
		return nil, badProof("has the index %.30q", lines[0])
	}
	if len(lines)-1 > maxHashes {
		return nil, badProof("has more than %d hashes", maxHashes)
	}
	for n, line := range lines[1:] {
		h, err := ParseHash(line)
		if err != nil {
			return nil, badProof("has no hash in line %s of its hashes", strconv.Itoa(n+1))
		}
		p.Inclusion = append(p.Inclusion, h)
	}
	if _, err := ParseCheckpoint(note); err != nil {
		return nil, err
	}
	p.Checkpoint = bytes.Clone(note)
	return p, nil
}

func badProof(format string, args ...any) error {
	return zoeklicht.Errorf(zoeklicht.Invalid, "proof: it "+format, args...)
}
