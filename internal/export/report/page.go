package report

import (
	"bytes"
	"context"
	"fmt"

	"codeberg.org/go-pdf/fpdf"

	"zoeklicht/internal/wording"
)

// The page: A4, in millimetres.
const (
	pageWidth  = 210.0
	pageHeight = 297.0
	leftEdge   = 24.0
	rightEdge  = pageWidth - 20
	topEdge    = 27.0
	bottomEdge = pageHeight - 24
	column     = rightEdge - leftEdge
	leading    = 1.36 // height of a line, in font sizes
)

// The sizes of type, in points.
const (
	titleSize = 19
	headSize  = 13
	subSize   = 10.5
	bodySize  = 9.5
	factSize  = 8.8
	smallSize = 7.6
)

// page writes a document from top to bottom. Its own y is where the next thing begins;
// fpdf's position is not used.
type page struct {
	pdf   *fpdf.Fpdf
	faces []*face
	w     wording.W
	y     float64
	set   style // the style that fpdf has, on this page
	fresh bool  // nothing stands on this page yet
	// again is called on each new page, so that a table repeats its heading.
	again func()
}

// newPage begins a document; add begins its first page.
func newPage(d *Document, title string) (*page, error) {
	faces, err := newFaces()
	if err != nil {
		return nil, err
	}
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(0, 0, 0)
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(d.Made.UTC())
	pdf.SetModificationDate(d.Made.UTC())
	p := &page{pdf: pdf, faces: faces, w: d.words()}
	show := faces[plainFace].has
	pdf.SetTitle(spell(title+" "+d.ID, show), true)
	pdf.SetAuthor(spell(d.Organisation, show), true)
	pdf.SetCreator("Zoeklicht", true)
	pdf.SetProducer("Zoeklicht", true)
	pdf.SetLang(map[string]string{"nl": "nl-NL", "en": "en-GB"}[p.w.Lang()])
	for _, f := range faces {
		// A copy: fpdf writes into the bytes that it is given.
		pdf.AddUTF8FontFromBytes(f.family, f.style, []byte(f.ttf))
	}
	return p, pdf.Error()
}

// add begins a page.
func (p *page) add() {
	p.pdf.AddPage()
	p.y, p.set, p.fresh = topEdge, style{}, true
	if p.again != nil {
		p.again()
	}
}

// need begins a page where less than a height is left on this one.
func (p *page) need(height float64) {
	if p.y+height > bottomEdge && !p.fresh {
		p.add()
	}
}

// gap leaves room, but not at the top of a page.
func (p *page) gap(height float64) {
	if !p.fresh {
		p.y += height
	}
}

// height gives the height of a line.
func (l line) height() float64 { return l.size * mm * leading }

// put writes a line with its left end at x and its top at y.
func (p *page) put(l line, x, y float64) {
	base := y + l.size*mm*(leading+0.72)/2
	for _, s := range l.pieces {
		p.use(s.style)
		p.pdf.Text(x, base, visual(s.text))
		em := s.size * mm
		if s.under {
			p.pdf.Rect(x, base+0.12*em, s.width, 0.06*em, "F")
		}
		if s.strike {
			p.pdf.Rect(x, base-0.29*em, s.width, 0.06*em, "F")
		}
		x += s.width
	}
}

// use sets fpdf's font and colour where they are others.
func (p *page) use(s style) {
	if s == p.set {
		return
	}
	if s.grey != p.set.grey || p.set.size == 0 {
		tone := 0
		if s.grey {
			tone = 0x55
		}
		p.pdf.SetTextColor(tone, tone, tone)
		p.pdf.SetFillColor(tone, tone, tone) // of the line under or through a text
	}
	if f := p.faces[s.face]; s.face != p.set.face || s.size != p.set.size {
		p.pdf.SetFont(f.family, f.style, s.size)
	}
	p.set = s
}

// text writes spans in the column, indented, over as many pages as they need.
func (p *page) text(indent float64, spans ...span) {
	for _, l := range p.lines(column-indent, spans...) {
		p.need(l.height())
		p.put(l, leftEdge+indent, p.y)
		p.y += l.height()
		p.fresh = false
	}
}

// rule draws a thin line across the column.
func (p *page) rule() {
	p.stroke(leftEdge, p.y, rightEdge, p.y, 0.2)
}

func (p *page) stroke(x1, y1, x2, y2, width float64) {
	p.pdf.SetDrawColor(0x55, 0x55, 0x55)
	p.pdf.SetLineWidth(width)
	p.pdf.Line(x1, y1, x2, y2)
}

// head writes the heading of a section, and keeps it with what follows.
func (p *page) head(text string) {
	p.gap(7)
	p.need(28)
	p.text(0, bold(text, headSize))
	p.y += 0.8
	p.rule()
	p.y += 2.4
}

// sub writes a heading within a section.
func (p *page) sub(text string) {
	p.gap(4)
	p.need(16)
	p.text(0, bold(text, subSize))
	p.y += 0.8
}

// para writes a paragraph.
func (p *page) para(text string) {
	p.text(0, plainly(text, bodySize))
	p.gap(1.6)
}

// note writes a remark in small type.
func (p *page) note(text string) {
	p.text(0, span{text, style{size: smallSize, grey: true}})
	p.gap(1.4)
}

// frame writes spans in a box, each on lines of its own. It is kept on one page.
func (p *page) frame(spans ...span) {
	const pad = 3.2
	var all []line
	height := 2 * pad
	for _, s := range spans {
		for _, l := range p.lines(column-2*pad, s) {
			all = append(all, l)
			height += l.height()
		}
	}
	p.gap(2)
	p.need(height)
	p.pdf.SetDrawColor(0, 0, 0)
	p.pdf.SetLineWidth(0.5)
	p.pdf.Rect(leftEdge, p.y, column, height, "D")
	at := p.y + pad
	for _, l := range all {
		p.put(l, leftEdge+pad, at)
		at += l.height()
	}
	p.y, p.fresh = p.y+height+3, false
}

// output gives the pages as a PDF. It must be the last thing done.
func (p *page) output(ctx context.Context) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := p.pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	// fpdf names the oldest version that has what it writes itself.
	copy(out.Bytes(), "%PDF-1.7")
	return out.Bytes(), nil
}

func plainly(text string, size float64) span { return span{text, style{size: size}} }

func bold(text string, size float64) span { return span{text, style{face: boldFace, size: size}} }

func mono(text string, size float64) span { return span{text, style{face: monoFace, size: size}} }
