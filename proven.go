package zoeklicht

import "time"

// Proven is how far the proof of a capture has come.
type Proven struct {
	Capture CaptureID
	At      time.Time // of the capture, on the theme's clock
	Source  SourceID
	Log     string // origin of the log, "" before it is known
	// Proof has the leaf from the start. Its Index is -1 while the leaf waits; Checkpoint
	// and Inclusion are empty until a checkpoint covers the leaf.
	Proof Proof
	Size  int64    // leaves under the checkpoint
	Root  [32]byte // its root, as its signed text says
	// Witnesses are those that the log's policy names, in its order; Quorum of them must
	// have cosigned.
	Witnesses []Witnessed
	Quorum    int
	// Authorities are those that date checkpoints here, in the order of the configuration.
	Authorities []Dated
	// NotBefore is the moment of the timestamp that was held when the capture began: the
	// capture came after it. Zero for none.
	NotBefore time.Time
	// File is the proof in the form of C2SP tlog-proof, as packages have it; nil while
	// something of it waits.
	File []byte
	// Erased says that items of the capture were destroyed; the leaf stays and opens
	// nothing.
	Erased bool
	// Erasures are the orders by which they were, oldest first, and Gone says that nothing
	// of the capture is left.
	Erasures []ProvenErasure
	Gone     bool
}

// ProvenErasure is an order by which something of a capture was destroyed.
type ProvenErasure struct {
	Items  []string // "page", "picture:0"; all of the capture's are here if it went whole
	Ground string
	At     time.Time
	Leaf   int64 // index of its own leaf in the log, -1 while that waits
}

// Position is the place of its leaf as people count, from 1.
func (e ProvenErasure) Position() int { return int(e.Leaf) + 1 }

// Witnessed is a witness of a log, and when it cosigned the checkpoint.
type Witnessed struct {
	Name string
	At   time.Time // zero while it has not
}

// Dated is a timestamping authority, and what it said of the checkpoint.
type Dated struct {
	Name   string
	At     time.Time // zero while it has not
	Serial string    // of its token, hexadecimal
}

// Cosigned counts the witnesses that have cosigned.
func (p *Proven) Cosigned() (n int) {
	for _, w := range p.Witnesses {
		if !w.At.IsZero() {
			n++
		}
	}
	return n
}

// NotAfter gives the earliest moment at which an authority dated the checkpoint: the
// capture came before it. Zero while none has.
func (p *Proven) NotAfter() (at time.Time) {
	for _, d := range p.Authorities {
		if !d.At.IsZero() && (at.IsZero() || d.At.Before(at)) {
			at = d.At
		}
	}
	return at
}

// Waiting names what is still waiting, in the order in which it comes; empty for a
// proof that is whole.
func (p *Proven) Waiting() (out []ProofPart) {
	if p.Proof.Index < 0 {
		out = append(out, PartIndex)
	}
	if len(p.Proof.Checkpoint) == 0 {
		out = append(out, PartCheckpoint)
	}
	if p.Cosigned() < p.Quorum {
		out = append(out, PartWitness)
	}
	for _, d := range p.Authorities {
		if d.At.IsZero() {
			return append(out, PartStamp)
		}
	}
	return out
}

// ProofPart is a part of a proof that may still wait.
type ProofPart string

// The parts.
const (
	PartIndex      ProofPart = "index"      // a place in the log
	PartCheckpoint ProofPart = "checkpoint" // a signed checkpoint that covers it
	PartWitness    ProofPart = "witness"    // as many cosignatures as the policy asks
	PartStamp      ProofPart = "stamp"      // a timestamp of every authority
)
