package report

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
)

// front writes the first page: what the report is, and what it is not yet.
func (r *renderer) front(p *page, title string) {
	p.y = topEdge + 6
	p.fresh = false
	p.text(0, bold(title, titleSize))
	p.y += 1
	p.text(0, bold(r.name(), headSize))
	p.y += 2
	if !r.annex {
		r.status(p)
	} else {
		p.frame(bold(r.w.T("paper.annex-warning"), bodySize), plainly(r.w.T("paper.annex-explain", r.d.ID), factSize))
	}
	if r.undated() {
		p.frame(bold(r.w.T("paper.undated"), bodySize), plainly(r.w.T("paper.undated-explain"), factSize))
	}
	p.gap(2)
	about := r.d.about(r.w)
	about[0].Value = r.name()
	if r.annex {
		about = slices.DeleteFunc(about, func(f Fact) bool {
			return f.Label == r.w.T("paper.contacts") || f.Label == r.w.T("paper.pictures")
		})
	}
	p.facts(append(about, r.signature()...))
}

// status says on the report's face where something in it is not proved yet.
func (r *renderer) status(p *page) {
	if len(r.d.Versions) == 0 {
		return
	}
	if r.d.Witnessed() {
		p.frame(bold(r.w.T("paper.face-witnessed"), bodySize), plainly(r.w.T("paper.face-witnessed-explain"), factSize))
		return
	}
	waiting := 0
	for i := range r.d.Versions {
		if r.d.Versions[i].Proof.State != ProofWitnessed {
			waiting++
		}
	}
	p.frame(bold(r.w.T("paper.face-waiting"), subSize), plainly(r.w.N("paper.face-waiting-explain", waiting, len(r.d.Versions)), factSize))
}

// signature says with which certificate the report is signed.
func (r *renderer) signature() []Fact {
	label := r.w.T("paper.signature")
	if r.signer == nil || len(r.signer.Chain) == 0 {
		return []Fact{{label, r.w.T("paper.unsigned")}}
	}
	c := r.signer.Chain[0]
	dated := r.w.T("paper.dated")
	if r.undated() {
		dated = r.w.T("paper.undated")
	}
	return []Fact{{label, r.w.T("paper.signed-with", c.Subject.String(), fmt.Sprintf("%x", sha256.Sum256(c.Raw)))}, {r.w.T("paper.signed-when"), dated}}
}

// absent lists what is not in the report.
func (r *renderer) absent(_ context.Context, p *page) error {
	var rows [][]cell
	for _, a := range r.d.missing(r.w) {
		rows = append(rows, []cell{{plainly(a.What, factSize)}, {plainly(a.Why, factSize)}})
	}
	if len(rows) == 0 {
		p.para(r.w.T("paper.absent-none"))
		return nil
	}
	p.table([]float64{60, column - 60}, []string{r.w.T("paper.col-what"), r.w.T("paper.col-why")}, rows)
	return nil
}

// appendices lists the files that go with the report, and those within it.
func (r *renderer) appendices(_ context.Context, p *page) error {
	if len(r.d.Appendices) > 0 {
		var rows [][]cell
		for i := range r.d.Appendices {
			a := &r.d.Appendices[i]
			rows = append(rows, []cell{{mono(a.Name, smallSize)}, {plainly(a.What, factSize)}, {a.sum()}})
		}
		p.table([]float64{42, 52, 70}, []string{r.w.T("paper.col-file"), r.w.T("paper.col-what"), "SHA-256"}, rows)
	} else {
		p.para(r.w.T("paper.appendices-none"))
	}
	if files := r.texts(); len(files) > 0 {
		p.para(r.w.T("paper.texts-attached") + " " + r.w.N("paper.texts-named", len(files), files[0].Name))
	}
	return nil
}

// sum writes the hash of an appendix, where it is known.
func (a *Appendix) sum() span {
	if a.SHA256 == [32]byte{} {
		return plainly("–", smallSize)
	}
	return mono(fmt.Sprintf("%x", a.SHA256), 6.6)
}

// reading explains how the report is to be read.
func (r *renderer) reading(_ context.Context, p *page) error {
	for _, t := range []string{
		r.w.T("paper.reading-asof"), r.w.T("paper.reading-text"), r.w.T("paper.reading-marks"), r.w.T("paper.reading-rules"),
		r.w.T("paper.reading-hash"), r.w.T("paper.reading-proof"), r.w.T("paper.reading-signature"),
	} {
		p.para(t)
	}
	return nil
}
