package export

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"zoeklicht"
	"zoeklicht/internal/export/parcel"
	"zoeklicht/internal/export/report"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// The documents of a package.
const (
	reportName   = "report.pdf"
	annexName    = "annex-encrypted.txt" // an age file in its armour
	findingsName = "findings.txt"
	wordName     = "findings.docx"
)

// documents makes what people read of a package. Each names what goes with it, with its
// SHA-256 where that is known when it is drawn: so the annex is made first, then the
// report, then the findings.
func (m *making) documents(ctx context.Context, d *report.Document) ([]parcel.File, error) {
	annex, err := m.annex(ctx, d)
	if err != nil {
		return nil, err
	}
	beside := m.appendices(d)
	d.Appendices = slices.Concat(annex, beside)
	body, err := m.render(ctx, d, zoeklicht.FormPDF)
	if err != nil {
		return nil, err
	}
	out := []parcel.File{{Name: reportName, Bytes: body}}
	if m.sealedAnnex != nil {
		out = append(out, parcel.File{Name: annexName, Bytes: m.sealedAnnex})
	}
	of := *d // the report lists the findings, and they the report
	of.Appendices = slices.Concat([]report.Appendix{{Name: reportName, What: m.words().T("office.report"), SHA256: sha256.Sum256(body)}}, annex, beside[1:])
	for _, f := range []struct {
		name string
		form zoeklicht.ExportForm
	}{{findingsName, zoeklicht.FormFindings}, {wordName, zoeklicht.FormDOCX}} {
		if body, err = m.render(ctx, &of, f.form); err != nil {
			return nil, err
		}
		out = append(out, parcel.File{Name: f.name, Bytes: body})
	}
	return out, nil
}

// annex draws the pictures where the order wants them apart, and encrypts what was drawn to
// the annex's own recipients. It names the annex as an appendix: as it lies in the package,
// and as its recipients find it in there.
func (m *making) annex(ctx context.Context, d *report.Document) ([]report.Appendix, error) {
	if d.Pictures != report.PicturesAnnexed || shown(d) == 0 {
		return nil, nil
	}
	m.tell(zoeklicht.StepDraw, 0, 0)
	plain, err := report.Annex(ctx, d, m.signer())
	if err != nil {
		return nil, err
	}
	to, err := parcel.Recipients(m.order.AnnexTo)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	text := armor.NewWriter(&out)
	sealed, err := age.Encrypt(text, to...)
	if err != nil {
		return nil, fmt.Errorf("the annex: %w", err)
	}
	if _, err := sealed.Write(plain); err != nil {
		return nil, fmt.Errorf("the annex: %w", err)
	}
	if err := sealed.Close(); err != nil {
		return nil, fmt.Errorf("the annex: %w", err)
	}
	if err := text.Close(); err != nil {
		return nil, fmt.Errorf("the annex: %w", err)
	}
	m.sealedAnnex = out.Bytes()
	w := m.words()
	return []report.Appendix{
		{Name: annexName, What: w.T("office.annex"), SHA256: sha256.Sum256(m.sealedAnnex)},
		{Name: "annex.pdf", What: w.T("office.annex-inside", annexName), SHA256: sha256.Sum256(plain)},
	}, nil
}

// appendices names what lies in a package beside its report: first the findings, whose
// hashes the report cannot have.
func (m *making) appendices(d *report.Document) []report.Appendix {
	w := m.words()
	out := []report.Appendix{
		{Name: findingsName + ", " + wordName, What: w.T("office.findings")},
		{Name: "capture.wacz", What: w.T("office.replay")},
	}
	for i := range d.Versions {
		v := &d.Versions[i].Content
		if e := m.evidence[v.Capture]; e != nil {
			name := "captures/" + v.Capture.String() + "/manifest"
			if !slices.ContainsFunc(out, func(a report.Appendix) bool { return a.Name == name }) {
				out = append(out, report.Appendix{Name: name, What: w.T("office.manifest", describe(w, v)), SHA256: sha256.Sum256(e.Capture.Manifest)})
			}
		}
	}
	if m.beside > 0 {
		out = append(out, report.Appendix{Name: "records/", What: w.N("office.records", m.beside)})
	}
	return append(out, report.Appendix{Name: "SHA256SUMS", What: w.T("office.sums")})
}
