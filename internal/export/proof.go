package export

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"zoeklicht"
	"zoeklicht/internal/export/parcel"
	"zoeklicht/internal/export/report"
	"zoeklicht/internal/ledger"
	"zoeklicht/internal/ledger/stamp"
	"zoeklicht/internal/store"
)

// Prove makes the proof of a capture: its leaf, and the way from it to the checkpoint that
// proves it best. Nil while it has no place under a published checkpoint.
func (o *Office) Prove(ctx context.Context, e *store.Evidence) (*zoeklicht.Proof, error) {
	c := &e.Capture
	if e.Checkpoint == nil {
		return nil, nil
	}
	return o.prove(ctx, c.Leaf, c.LeafYear, c.LeafIndex, e.Checkpoint)
}

func (o *Office) prove(ctx context.Context, leaf []byte, year int, index int64, c *store.Checkpoint) (*zoeklicht.Proof, error) {
	inclusion, err := o.Log(year).Prove(ctx, index, &c.Checkpoint)
	if err != nil {
		return nil, fmt.Errorf("leaf %d of the log of %d: %w", index, year, err)
	}
	p := &zoeklicht.Proof{Leaf: leaf, Index: index, Inclusion: inclusion, Checkpoint: c.Note, Tokens: c.Tokens}
	return p, ledger.Included(p)
}

// judged is the policy that proofs are held against.
type judged struct{ *parcel.Trust }

func (m *making) policy() (judged, error) {
	t, err := m.trust()
	return judged{t}, err
}

// trust reads the policy file.
func (o *Office) trust() (*parcel.Trust, error) {
	text, err := o.Policy()
	if err != nil {
		return nil, err
	}
	return parcel.ParseTrust(text)
}

// proof words for the report how far a capture's proof has come.
func (j judged) proof(p *zoeklicht.Proof, e *store.Evidence) report.Proof {
	out := report.Proof{State: report.ProofWaiting, Index: -1}
	if e.After != nil {
		out.After = e.After.At
	}
	if e.Capture.LeafIndex >= 0 {
		out.State, out.Index = report.ProofLogged, e.Capture.LeafIndex
	}
	if p == nil {
		return out
	}
	out.Log, out.Size, out.Root, out.Tokens = e.Checkpoint.Origin, e.Checkpoint.Size, e.Checkpoint.Root, p.Tokens
	if _, witnesses, err := j.Policy.Verify(p.Checkpoint); err == nil && len(witnesses) > 0 {
		out.State, out.Witnesses = report.ProofWitnessed, witnesses
	}
	return out
}

// Proven tells how far the proof of a capture has come, for a screen.
func (o *Office) Proven(ctx context.Context, st *store.Store, id zoeklicht.CaptureID) (*zoeklicht.Proven, error) {
	all, err := st.Evidence(ctx, zoeklicht.ActSearch, []zoeklicht.CaptureID{id})
	if err != nil {
		return nil, err
	}
	e := &all[0]
	c := &e.Capture
	if c.Sealed {
		return nil, zoeklicht.Errorf(zoeklicht.NotFound, "capture %s is sealed", id)
	}
	out := &zoeklicht.Proven{Capture: id, At: c.At, Source: c.Source, Proof: zoeklicht.Proof{Leaf: c.Leaf, Index: c.LeafIndex}}
	if e.After != nil {
		out.NotBefore = e.After.At
	}
	trust, err := o.trust()
	if err != nil {
		return nil, err
	}
	policy := trust.Policy
	witnesses, quorum := policy.Witnesses()
	out.Quorum = quorum
	cosigned := map[string]time.Time{}
	dated := map[string]zoeklicht.Token{}
	p, err := o.Prove(ctx, e)
	if err != nil {
		return nil, err
	}
	if p != nil {
		out.Proof, out.Log, out.Size, out.Root = *p, e.Checkpoint.Origin, e.Checkpoint.Size, e.Checkpoint.Root
		if all, err := policy.Cosignatures(p.Checkpoint); err == nil {
			for _, c := range all {
				cosigned[c.Witness] = c.At
			}
		}
		for _, t := range p.Tokens {
			dated[t.Authority] = t
		}
	}
	for _, name := range witnesses {
		out.Witnesses = append(out.Witnesses, zoeklicht.Witnessed{Name: name, At: cosigned[name]})
	}
	for i := range trust.Authorities {
		a := &trust.Authorities[i]
		d := zoeklicht.Dated{Name: a.Name}
		if t, ok := dated[a.Name]; ok {
			is, err := stamp.Verify(t.DER, sha256.Sum256(out.Proof.Checkpoint), a.Pool())
			if err != nil {
				return nil, fmt.Errorf("timestamp of %s: %w", a.Name, err)
			}
			d.At, d.Serial = is.At, is.Serial.Text(16)
		}
		out.Authorities = append(out.Authorities, d)
	}
	if out.Erased = len(c.Erased) > 0; out.Erased {
		if out.Erasures, err = st.ErasuresOf(ctx, id); err != nil {
			return nil, err
		}
		out.Gone = len(c.Items) == 0
	}
	if len(out.Waiting()) == 0 {
		out.File = ledger.MarshalProof(&out.Proof)
	}
	return out, nil
}
