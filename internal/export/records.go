package export

import (
	"context"
	"slices"
	"time"

	"zoeklicht"
	"zoeklicht/internal/export/parcel"
	"zoeklicht/internal/ledger"
	"zoeklicht/internal/store"
)

// private are the kinds of records that tell of the platform's people and of other pages: a
// case file that suspects read does not have them.
var private = []zoeklicht.LeafKind{
	zoeklicht.LeafDecision, zoeklicht.LeafCaptureFailed, zoeklicht.LeafExport, zoeklicht.LeafDisclosure, zoeklicht.LeafErase,
}

// records gives the other leaves that belong to the matter, with what they stand for (see
// store.Matter), and notes those of them that the package does not have.
func (m *making) records(ctx context.Context) (out []parcel.Record, err error) {
	var sets []string
	for i := range m.leaving {
		if a := m.leaving[i].Assessment; a != nil && !slices.Contains(sets, a.Set) {
			sets = append(sets, a.Set)
		}
	}
	matter, err := m.st.Matter(ctx, m.captures(), sets)
	if err != nil {
		return nil, err
	}
	policy, err := m.policy()
	if err != nil {
		return nil, err
	}
	withheld, waiting := 0, 0
	for i := range matter.Records {
		r := &matter.Records[i]
		switch {
		case m.order.Dossier && slices.Contains(private, r.Kind):
			withheld++
			continue
		case !policy.proves(r.Checkpoint):
			waiting++
			continue
		}
		record, err := m.record(ctx, r)
		if err != nil {
			return nil, err
		}
		out = append(out, *record)
	}
	w := m.words()
	for _, n := range []struct {
		n   int
		say func(int) string
	}{
		{withheld, func(n int) string { return w.N("office.records-withheld", n) }},
		{waiting, func(n int) string { return w.N("office.records-waiting", n) }},
		{matter.Others, func(n int) string { return w.N("office.records-others", n) }},
		{matter.Failed, func(n int) string { return w.N("office.records-failed", n) }},
	} {
		if n.n > 0 {
			m.said = append(m.said, n.say(n.n))
		}
	}
	m.beside = len(out)
	return out, nil
}

// proves reports whether a checkpoint proves all that the policy asks: what it does not
// would make the package fail for the sake of what only stands beside its captures.
func (j judged) proves(c *store.Checkpoint) bool {
	if c == nil || len(j.Authorities) > 0 && len(c.Tokens) == 0 {
		return false
	}
	var dated time.Time // the earliest, because a key that ended is believed on what was there before
	for _, t := range c.Tokens {
		if dated.IsZero() || t.At.Before(dated) {
			dated = t.At
		}
	}
	_, _, err := j.Policy.VerifyDated(c.Note, dated)
	return err == nil
}

// record gives one with its proof.
func (m *making) record(ctx context.Context, r *store.RecordEvidence) (*parcel.Record, error) {
	leaf, err := ledger.ParseRecordLeaf(r.Leaf)
	if err != nil {
		return nil, err
	}
	proof, err := m.Office.prove(ctx, r.Leaf, r.LeafYear, r.LeafIndex, r.Checkpoint)
	if err != nil {
		return nil, err
	}
	return &parcel.Record{
		Record: ledger.Record{Kind: leaf.Kind, ID: leaf.ID, Content: r.Content, Salt: [32]byte(r.Salt), Build: leaf.Build}, Proof: proof,
	}, nil
}
