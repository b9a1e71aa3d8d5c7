package report

import (
	"context"
	"crypto/sha256"
	"fmt"

	"zoeklicht"
	"zoeklicht/internal/export/report/pades"
	"zoeklicht/internal/wording"
)

// section is a part of a report that the index names.
type section struct {
	title string
	whole bool // begins a page of its own
	write func(context.Context, *page) error
}

// PDF gives the report as a PDF on A4, signed by signer, or not at all where that is nil.
// The exact texts of its versions are attached to it as files.
func PDF(ctx context.Context, d *Document, signer *pades.Signer) ([]byte, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	r := &renderer{d: d, w: d.words(), signer: signer}
	return r.written(ctx, r.sections(), r.texts())
}

// written draws the document, attaches files and signs. Whether an authority dates the
// signature is known only then, and a face that it is under says so: what nobody dated is
// drawn and signed once more, as that.
func (r *renderer) written(ctx context.Context, sections []section, files []pades.File) ([]byte, error) {
	pages, err := r.document(ctx, r.title(), sections)
	if err != nil {
		return nil, err
	}
	undated := false
	if asked := r.signer; asked != nil && asked.Stamp != nil {
		s := *asked
		s.Stamp = func(ctx context.Context, digest [32]byte) ([]byte, error) {
			token, err := asked.Stamp(ctx, digest)
			undated = token == nil && err == nil
			return token, err
		}
		r.signer = &s
	}
	out, err := r.finish(ctx, pages, files)
	if err != nil || !undated {
		return out, err
	}
	r.signer.Stamp = nil
	return r.written(ctx, sections, files)
}

// undated reports whether the document is signed and no authority says when.
func (r *renderer) undated() bool { return r.signer != nil && r.signer.Stamp == nil }

// renderer writes a document on pages.
type renderer struct {
	d      *Document
	w      wording.W
	signer *pades.Signer
	annex  bool
}

// title names the kind of report.
func (r *renderer) title() string {
	n := len(r.d.Versions)
	switch {
	case r.annex:
		return r.w.T("paper.title-annex")
	case r.d.Compare:
		return r.w.T("paper.title-compare")
	case r.d.Result != nil:
		return r.w.T("paper.title-result")
	default:
		return r.w.N("paper.title-versions", n)
	}
}

// name is the identifier that stands on the pages.
func (r *renderer) name() string {
	if r.annex {
		return AnnexID(r.d.ID)
	}
	return r.d.ID
}

// sections lists what the report has, in order.
func (r *renderer) sections() []section {
	var out []section
	add := func(title string, whole bool, write func(context.Context, *page) error) {
		out = append(out, section{title, whole, write})
	}
	if r.d.Result != nil {
		add(r.w.T("paper.result"), false, r.result)
	}
	if r.d.Compare {
		add(r.w.T("paper.compare", r.d.Versions[0].Content.N, r.d.Versions[1].Content.N), true, r.compare)
	}
	for i := range r.d.Versions {
		v := &r.d.Versions[i]
		// Those of a result follow one another, as its rows do.
		add(r.versionTitle(v), r.d.Result == nil || i == 0, func(ctx context.Context, p *page) error { return r.version(ctx, p, v) })
	}
	if len(r.d.Rules) > 0 {
		add(r.w.T("paper.rules"), true, r.rules)
	}
	add(r.w.T("paper.absent"), len(r.d.Rules) == 0, r.absent)
	add(r.w.T("paper.appendices"), false, r.appendices)
	add(r.w.T("paper.reading"), false, r.reading)
	return out
}

// versionTitle names a version in the index and above its part.
func (r *renderer) versionTitle(v *Version) string {
	title := words(v.Content.Title)
	if title == "" {
		title = r.w.T("paper.untitled")
	}
	return r.w.T("paper.version-title", v.Content.Advert, v.Content.N, title)
}

// document writes the front, the index and the sections, and then what stands on every
// page: by then it is known how many there are.
func (r *renderer) document(ctx context.Context, title string, sections []section) ([]byte, error) {
	p, err := newPage(r.d, title)
	if err != nil {
		return nil, err
	}
	p.add()
	r.front(p, title)
	ix := p.reserve(r.w.T("paper.index"), len(sections))
	for i, s := range sections {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if s.whole || i == 0 {
			p.add()
		}
		p.head(s.title)
		ix.found(s.title)
		if err := s.write(ctx, p); err != nil {
			return nil, err
		}
		if err := p.pdf.Error(); err != nil {
			return nil, fmt.Errorf("report %s, %s: %w", r.d.ID, s.title, err)
		}
	}
	ix.write()
	r.everyPage(p, title)
	return p.output(ctx)
}

// everyPage writes the head and the foot of each page.
func (r *renderer) everyPage(p *page, title string) {
	last := p.pdf.PageCount()
	for n := 1; n <= last; n++ {
		p.pdf.SetPage(n)
		p.set = style{}
		left := r.d.Theme
		if r.d.Organisation != "" {
			left = r.d.Organisation + " · " + left
		}
		p.ends(12, []span{{left, style{size: smallSize, grey: true}}}, []span{bold(r.name(), smallSize)})
		p.stroke(leftEdge, 17.4, rightEdge, 17.4, 0.2)
		if r.d.Practice {
			p.ends(18.4, []span{bold(r.w.T("paper.practice"), smallSize)}, nil)
		}
		p.stroke(leftEdge, pageHeight-19, rightEdge, pageHeight-19, 0.2)
		p.ends(pageHeight-17.6,
			[]span{{title + " · " + r.w.T("paper.as-of-short", r.d.AsOf), style{size: smallSize, grey: true}}},
			[]span{{r.w.T("paper.page", n, last), style{size: smallSize}}})
	}
	p.pdf.SetPage(last)
}

// ends writes one line with something at either end; the left is cut to what room there
// is.
func (p *page) ends(y float64, left, right []span) {
	end := 0.0
	if len(right) > 0 {
		l := p.lines(column/2, right...)[0]
		for _, x := range l.pieces {
			end += x.width
		}
		p.put(l, rightEdge-end, y)
	}
	p.put(p.lines(column-end-4, left...)[0], leftEdge, y)
}

// finish attaches files and signs.
func (r *renderer) finish(ctx context.Context, pdf []byte, files []pades.File) ([]byte, error) {
	out, err := pades.Finish(ctx, pdf, pades.Update{
		Files: files, Signer: r.signer, At: r.d.Made, Name: r.d.Organisation, Reason: r.title() + " " + r.name(),
	})
	if err != nil {
		return nil, fmt.Errorf("report %s: %w", r.d.ID, err)
	}
	return out, nil
}

// texts gives the exact text of each version as a file.
func (r *renderer) texts() (out []pades.File) {
	seen := map[zoeklicht.VersionID]bool{}
	for i := range r.d.Versions {
		v := &r.d.Versions[i].Content
		if seen[v.ID] {
			continue
		}
		seen[v.ID] = true
		text := exactText(v)
		out = append(out, pades.File{
			Name: textFile(v), Media: "text/plain", Bytes: text,
			What: r.w.T("paper.text-file", v.Advert, v.N) + r.d.maskedNote(r.w) + fmt.Sprintf(" SHA-256 %x", sha256.Sum256(text)),
		})
	}
	return out
}

// exactText is what the attached file of a version holds: its title, a line feed, and
// its text, byte for byte. The places of words that fired count in it.
func exactText(v *zoeklicht.Version) []byte { return []byte(v.Title + "\n" + v.Body) }

// textFile names that file.
func textFile(v *zoeklicht.Version) string {
	return fmt.Sprintf("text-%06d-%03d-%d.txt", v.Advert, v.N, v.ID)
}
