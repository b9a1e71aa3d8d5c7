package web

import (
	"crypto/sha256"

	"zoeklicht"
)

// rung is a step of the way from a leaf's hash to the root of its tree: the hash that
// the way is at, the one beside it that the proof gives, and on which side that stands.
type rung struct {
	Node, Beside [32]byte
	Left         bool // Beside is the left one
}

// climb follows an inclusion proof (RFC 9162, 2.1.3.2) and gives its steps and where it
// ends. ok is false where the proof cannot be one for this place in a tree of this size.
// That the end is the root of the checkpoint is for the caller to compare.
func climb(p *zoeklicht.Proof, size int64) (rungs []rung, root [32]byte, ok bool) {
	if p.Index < 0 || p.Index >= size {
		return nil, root, false
	}
	at := sha256.Sum256(append([]byte{0}, p.Leaf...))
	n, last := p.Index, size-1
	for _, beside := range p.Inclusion {
		if last == 0 {
			return nil, root, false
		}
		r := rung{Node: at, Beside: beside, Left: n&1 == 1 || n == last}
		if r.Left {
			at = parent(beside, at)
			for n&1 == 0 && n != 0 {
				n, last = n>>1, last>>1
			}
		} else {
			at = parent(at, beside)
		}
		n, last = n>>1, last>>1
		rungs = append(rungs, r)
	}
	return rungs, at, last == 0
}

// parent hashes two nodes into the one above them.
func parent(left, right [32]byte) [32]byte {
	b := append([]byte{1}, left[:]...)
	return sha256.Sum256(append(b, right[:]...))
}
