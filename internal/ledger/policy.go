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
	logs    []note.Verifier
	members []member // witnesses and groups, in the order of their lines
	quorum  int      // index into members, or none
}

const none = -1

// member is a witness, or a group of members that stand before it.
type member struct {
	name string
	key  note.Verifier // of a witness; nil for a group
	vkey string        // as it was written
	url  string        // where a log asks the witness; may be empty
	need int           // how many of a group's members are enough
	of   []int
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
// What does not hold comes as an error of code Invalid.
func (p *Policy) Verify(checkpoint []byte) (*Checkpoint, []string, error) {
	c, cosigned, err := p.open(checkpoint)
	if err != nil {
		return nil, nil, err
	}
	names := make([]string, len(cosigned))
	for i, s := range cosigned {
		names[i] = s.Witness
	}
	return c, names, nil
}

// Cosignatures gives the cosignatures of a checkpoint that Verify accepts.
func (p *Policy) Cosignatures(checkpoint []byte) ([]Cosignature, error) {
	_, cosigned, err := p.open(checkpoint)
	return cosigned, err
}

func (p *Policy) open(checkpoint []byte) (*Checkpoint, []Cosignature, error) {
	c, err := ParseCheckpoint(checkpoint)
	if err != nil {
		return nil, nil, err
	}
	var known []note.Verifier
	for _, v := range p.logs {
		if v.Name() == c.Origin {
			known = append(known, v)
		}
	}
	if len(known) == 0 {
		return nil, nil, badNote("is of the log %s, which the policy does not name", c.Origin)
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
		return nil, nil, badNote("is signed by no key that the policy names")
	case err != nil:
		return nil, nil, zoeklicht.Errorf(zoeklicht.Invalid, "checkpoint: %w", err)
	}
	if !slices.ContainsFunc(n.Sigs, func(s note.Signature) bool {
		return slices.ContainsFunc(known[:logs], func(v note.Verifier) bool { return made(s, v) })
	}) {
		return nil, nil, badNote("is not signed by its log")
	}
	cosigned, did, err := p.cosigned(n.Sigs)
	if err != nil {
		return nil, nil, err
	}
	if p.quorum != none && !p.enough(p.quorum, did) {
		return nil, nil, badNote("does not have the cosignatures that the policy wants (%s); it has %d", p.members[p.quorum].name, len(cosigned))
	}
	return c, cosigned, nil
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
	_, did, err := p.cosigned(n.Sigs)
	return err == nil && p.enough(p.quorum, did), err
}

func made(s note.Signature, v note.Verifier) bool { return s.Name == v.Name() && s.Hash == v.KeyHash() }

// cosigned gives the witnesses among the signers, and the same by index.
func (p *Policy) cosigned(sigs []note.Signature) ([]Cosignature, map[int]bool, error) {
	var out []Cosignature
	did := map[int]bool{}
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
				return nil, nil, badNote("has a cosignature of %s without a time", m.name)
			}
			out = append(out, Cosignature{m.name, m.key.Name(), at.UTC()})
			did[i] = true
		}
	}
	return out, did, nil
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
