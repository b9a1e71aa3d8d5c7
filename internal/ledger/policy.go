package ledger

import (
	"errors"
	"slices"
	"time"

	"zoeklicht"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// Policy says which logs are believed and which witnesses must have cosigned a
// checkpoint (https://c2sp.org/tlog-policy). It is deposited with a court or a
// notary before it is needed, so that it cannot be chosen afterwards.
type Policy struct {
	logs    []logVerifier
	members []member // witnesses and groups, in the order of their lines
	quorum  int      // index into members, or none
}

const none = -1

// logVerifier is a key of a log.
type logVerifier struct {
	note.Verifier
	until time.Time // when it ended; zero while it signs
}

// member is a witness, or a group of members that stand before it.
type member struct {
	name  string
	key   note.Verifier // of a witness; nil for a group
	vkey  string        // as it was written
	url   string        // where a log asks the witness; may be empty
	until time.Time     // of a witness: when its key ended; zero while it signs
	need  int           // how many of a group's members are enough
	of    []int
}

// Cosignature is what a witness says of a checkpoint: at that time it was the latest
// that it had seen of this log, and it continued all earlier ones.
type Cosignature struct {
	Witness string    // its name in the policy
	Key     string    // its name as a cosigner
	At      time.Time // by the witness's clock
}

// Verify checks a checkpoint: that one of the policy's logs signed it under its own
// name, that no signature of a key that the policy knows is wrong, and that enough
// witnesses cosigned it. It gives the names that the policy has for those that did.
// What does not hold comes as an error of code Invalid. Ends of keys are not minded: that
// takes a date, see VerifyDated.
func (p *Policy) Verify(checkpoint []byte) (*Checkpoint, []string, error) {
	o, err := p.verified(checkpoint)
	if err != nil {
		return nil, nil, err
	}
	names := make([]string, len(o.cosigned))
	for i, s := range o.cosigned {
		names[i] = s.Witness
	}
	return o.checkpoint, names, nil
}

// Cosignatures gives the cosignatures of a checkpoint that Verify accepts.
func (p *Policy) Cosignatures(checkpoint []byte) ([]Cosignature, error) {
	o, err := p.verified(checkpoint)
	if err != nil {
		return nil, err
	}
	return plainly(o.cosigned), nil
}

func (p *Policy) verified(checkpoint []byte) (*opened, error) {
	o, err := p.open(checkpoint)
	if err != nil {
		return nil, err
	}
	return o, p.quorate(o.cosigned, o.cosigned)
}

// opened is a checkpoint whose signatures hold, whether they are enough or not.
type opened struct {
	checkpoint *Checkpoint
	ends       []time.Time // of the log's keys that signed it
	cosigned   []cosignature
}

// cosignature is one with the index of its member.
type cosignature struct {
	Cosignature
	member int
}

func (p *Policy) open(checkpoint []byte) (*opened, error) {
	c, err := ParseCheckpoint(checkpoint)
	if err != nil {
		return nil, err
	}
	var known []note.Verifier
	var ends []time.Time
	for _, v := range p.logs {
		if v.Name() == c.Origin {
			known, ends = append(known, v), append(ends, v.until)
		}
	}
	if len(known) == 0 {
		return nil, badNote("is of the log %s, which the policy does not name", c.Origin)
	}
	logs := len(known)
	for i := range p.members {
		if p.members[i].key != nil {
			known = append(known, p.members[i].key)
		}
	}
	n, err := note.Open(checkpoint, note.VerifierList(known...))
	var unknown *note.UnverifiedNoteError
	switch {
	case errors.As(err, &unknown):
		return nil, badNote("is signed by no key that the policy names")
	case err != nil:
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "checkpoint: %w", err)
	}
	o := &opened{checkpoint: c}
	for i, v := range known[:logs] {
		if slices.ContainsFunc(n.Sigs, func(s note.Signature) bool { return made(s, v) }) {
			o.ends = append(o.ends, ends[i])
		}
	}
	if len(o.ends) == 0 {
		return nil, badNote("is not signed by its log")
	}
	o.cosigned, err = p.cosigned(n.Sigs)
	return o, err
}

// witnessed reports whether a checkpoint, whoever signed it, has the cosignatures that
// the quorum wants.
func (p *Policy) witnessed(c *Checkpoint) (bool, error) {
	if p.quorum == none {
		return true, nil
	}
	var known []note.Verifier
	for _, m := range p.asked() {
		known = append(known, m.key)
	}
	n, err := note.Open(c.Note, note.VerifierList(known...))
	var unknown *note.UnverifiedNoteError
	switch {
	case errors.As(err, &unknown):
		return false, nil
	case err != nil:
		return false, zoeklicht.Errorf(zoeklicht.Invalid, "checkpoint: %w", err)
	}
	cosigned, err := p.cosigned(n.Sigs)
	return err == nil && p.quorate(cosigned, cosigned) == nil, err
}

func made(s note.Signature, v note.Verifier) bool { return s.Name == v.Name() && s.Hash == v.KeyHash() }

// cosigned gives the witnesses among the signers.
func (p *Policy) cosigned(sigs []note.Signature) ([]cosignature, error) {
	var out []cosignature
	for i := range p.members {
		m := &p.members[i]
		if m.key == nil {
			continue
		}
		for _, s := range sigs {
			if !made(s, m.key) {
				continue
			}
			at, err := fnote.CoSigV1Timestamp(s)
			if err != nil {
				return nil, badNote("has a cosignature of %s without a time", m.name)
			}
			out = append(out, cosignature{Cosignature{m.name, m.key.Name(), at.UTC()}, i})
		}
	}
	return out, nil
}

// enough reports whether a witness, or enough of a group, is among those that did.
func (p *Policy) enough(i int, did map[int]bool) bool {
	m := &p.members[i]
	if m.key != nil {
		return did[i]
	}
	have := 0
	for _, k := range m.of {
		if p.enough(k, did) {
			have++
		}
	}
	return have >= m.need
}

// Logs gives the origins of the logs that the policy names, each once, in the order of
// their lines.
func (p *Policy) Logs() []string {
	var out []string
	for _, v := range p.logs {
		if !slices.Contains(out, v.Name()) {
			out = append(out, v.Name())
		}
	}
	return out
}
