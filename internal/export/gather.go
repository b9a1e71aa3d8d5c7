package export

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"zoeklicht"
	"zoeklicht/internal/export/report"
	"zoeklicht/internal/store"
	"zoeklicht/internal/wording"
)

// gather reads what the order is about from the store: the rows of a result, the versions,
// and what proves their captures.
func (m *making) gather(ctx context.Context) error {
	m.tell(zoeklicht.StepGather, 0, 0)
	ids, asOf := m.order.Versions, m.order.AsOf
	if m.order.Kind == zoeklicht.ExportResult {
		var err error
		if m.result, err = m.st.Result(ctx, m.order.Result, 0, MaxVersions+1); err != nil {
			return err
		}
		if len(m.result.Rows) > MaxVersions {
			return zoeklicht.Errorf(zoeklicht.Limit, "result %s has more than %d rows, the most for one export", m.order.Result, MaxVersions).
				With("nothing left", "narrow the question down, or order it in parts")
		}
		ids, asOf = nil, m.result.AsOf
		for _, r := range m.result.Rows {
			ids = append(ids, r.Version.ID)
		}
	}
	var err error
	if m.leaving, m.moment, err = m.st.Leave(ctx, ids, asOf, m.order.Dossier); err != nil {
		return err
	}
	if m.result != nil {
		m.moment.At = m.result.AsOf
		for i := range m.result.Rows { // a result's own rows are masked
			m.result.Rows[i].Version, m.result.Rows[i].Assessment = m.leaving[i].Version, m.leaving[i].Assessment
		}
	}
	captures := m.captures()
	all, err := m.st.Evidence(ctx, zoeklicht.ActExport, captures)
	if err != nil {
		return err
	}
	m.evidence = map[zoeklicht.CaptureID]*store.Evidence{}
	for i := range all {
		m.evidence[captures[i]] = &all[i]
	}
	return m.prove(ctx)
}

// open tells whether a version has content that may leave.
func open(v *zoeklicht.Version) bool { return !v.Sealed && !v.Destroyed }

// captures gives the captures of the versions that have content, each once, in their
// order.
func (m *making) captures() []zoeklicht.CaptureID {
	var out []zoeklicht.CaptureID
	seen := map[zoeklicht.CaptureID]bool{}
	for i := range m.leaving {
		if v := &m.leaving[i].Version; open(v) && !seen[v.Capture] {
			seen[v.Capture] = true
			out = append(out, v.Capture)
		}
	}
	return out
}

// prove makes the inclusion proofs of the captures that a published checkpoint covers.
func (m *making) prove(ctx context.Context) error {
	m.proofs = map[zoeklicht.CaptureID]*zoeklicht.Proof{}
	for i, id := range m.captures() {
		m.tell(zoeklicht.StepProve, i, len(m.evidence))
		p, err := m.Prove(ctx, m.evidence[id])
		if err != nil {
			return err
		}
		m.proofs[id] = p
	}
	return nil
}

// maxDrawn is how many bytes of pictures a report or an annex may show: drawing holds them
// all in memory, and so does signing what was drawn.
const maxDrawn = 192 << 20

// drawable refuses an order whose pictures are more than a document can be drawn with.
func (m *making) drawable() error {
	if m.order.Pictures != zoeklicht.PicturesIn && m.order.Pictures != zoeklicht.PicturesAnnex {
		return nil
	}
	drawn := int64(0)
	for i := range m.leaving {
		for _, p := range m.leaving[i].Pictures {
			drawn += p.Shown.Length
		}
	}
	if drawn > maxDrawn {
		return zoeklicht.Errorf(zoeklicht.Limit, "its pictures are %d MiB; %d is the most for one document", drawn>>20, maxDrawn>>20).
			With("nothing left", "order it in parts, or without pictures")
	}
	return nil
}

// document fills the report's data. Pictures are read when they are drawn, and only where
// the report or its annex shows them.
func (m *making) document(ctx context.Context) (*report.Document, error) {
	d := &report.Document{
		ID: m.name(), Lang: m.order.Lang, Place: m.Theme.Locale, Organisation: m.Organisation,
		Theme: m.Theme.Title.In(m.order.Lang), Practice: m.Theme.Practice, Purpose: m.st.Pass().Purpose(), Ground: m.ground(&m.order),
		By: m.st.Pass().Name(), Made: m.made, AsOf: m.moment.At, Seq: m.moment.Seq, Build: m.Build,
		Result: m.result, Compare: m.order.Kind == zoeklicht.ExportComparison, Rules: m.fired(),
		Sources: map[zoeklicht.SourceID]string{}, Masked: m.order.Dossier,
		Pictures: map[zoeklicht.ExportPictures]report.Pictures{
			zoeklicht.PicturesIn: report.PicturesIn, zoeklicht.PicturesAnnex: report.PicturesAnnexed,
		}[m.order.Pictures],
	}
	if m.result != nil && m.result.By != m.st.Pass().Person() {
		var err error
		if d.Asker, err = m.Person(ctx, m.result.By); err != nil {
			return nil, fmt.Errorf("who asked for result %s: %w", m.result.ID, err)
		}
	}
	sources, err := m.st.Standing(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range sources {
		d.Sources[s.ID] = s.Title
	}
	policy, err := m.policy()
	if err != nil {
		return nil, err
	}
	for i := range m.leaving {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m.tell(zoeklicht.StepGather, i, len(m.leaving))
		l := &m.leaving[i]
		if !open(&l.Version) {
			d.Absent = append(d.Absent, m.absent(&l.Version))
			continue
		}
		v, err := m.version(ctx, l, d)
		if err != nil {
			return nil, err
		}
		v.Proof = policy.proof(m.proofs[l.Version.Capture], m.evidence[l.Version.Capture])
		d.Versions = append(d.Versions, *v)
	}
	if m.order.Kind == zoeklicht.ExportComparison && len(d.Versions) == 2 {
		slices.SortFunc(d.Versions, func(a, b report.Version) int { return a.Content.N - b.Content.N })
	}
	return d, nil
}

// fired gives the rules that fired on what leaves: the report explains no others.
func (m *making) fired() (out []zoeklicht.Indicator) {
	hit := map[zoeklicht.IndicatorID]bool{}
	for i := range m.leaving {
		if a := m.leaving[i].Assessment; a != nil {
			for _, h := range a.Hits {
				hit[h.Indicator] = true
			}
		}
	}
	for _, r := range m.Theme.Indicators {
		if hit[r.ID] {
			out = append(out, r)
		}
	}
	return out
}

// absent names a version that has no content to report.
func (m *making) absent(v *zoeklicht.Version) report.Absent {
	w := m.words()
	why := w.T("office.sealed")
	if v.Destroyed {
		why = w.T("office.destroyed", v.Rule)
	}
	return report.Absent{What: describe(w, v), Why: why}
}

func (m *making) words() wording.W { return wording.In(m.order.Lang, m.Theme.Locale) }

func describe(w wording.W, v *zoeklicht.Version) string {
	return w.T("office.one", strconv.FormatInt(int64(v.Advert), 10), strconv.Itoa(v.N))
}

// version gives one version with its pictures and its provenance.
func (m *making) version(ctx context.Context, l *store.Leaving, d *report.Document) (*report.Version, error) {
	v := &report.Version{
		Content: l.Version, Advert: l.Advert, Sightings: l.Sightings, Names: l.Names, Assessment: l.Assessment, Feedback: l.Feedback,
	}
	for _, p := range l.Version.Pictures {
		shown := report.Picture{VersionPicture: p}
		if is, ok := l.Pictures[p.N]; ok {
			shown.SHA256, shown.Width, shown.Height, shown.Problem = is.SHA256, is.Width, is.Height, is.Problem
			if d.Pictures != report.PicturesOut && is.Problem == "" {
				shown.Read = func(ctx context.Context) ([]byte, error) {
					return m.Working.Read(ctx, is.Shown, is.ID.Owner(), zoeklicht.PictureItem)
				}
			}
		}
		v.Pictures = append(v.Pictures, shown)
	}
	var err error
	v.Provenance, err = m.provenance(ctx, &m.evidence[l.Version.Capture].Capture)
	return v, err
}
