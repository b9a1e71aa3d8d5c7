package report

import "unicode/utf8"

// index is the list of sections with their pages. (It is not clickable: fpdf writes links
// in a form that strict readers refuse. The bookmarks are.) Its room is reserved before they are
// written, and it is filled in after.
type index struct {
	p     *page
	title string
	spots []spot  // where each line stands, in order
	lines []entry // what was found
	head  spot    // where its heading stands
}

type spot struct {
	page int
	y    float64
}

type entry struct {
	title string
	page  int
}

const indexLine = 5.4 // height of a line, in millimetres

// reserve keeps room for an index of so many lines, from here on.
func (p *page) reserve(title string, n int) *index {
	ix := &index{p: p, title: title}
	p.gap(5)
	p.need(10 + 3*indexLine)
	ix.head = spot{p.pdf.PageNo(), p.y}
	p.y += 10
	for range n {
		if p.y+indexLine > bottomEdge {
			p.add()
		}
		ix.spots = append(ix.spots, spot{p.pdf.PageNo(), p.y})
		p.y, p.fresh = p.y+indexLine, false
	}
	return ix
}

// found notes a section that was just begun.
func (ix *index) found(title string) {
	ix.lines = append(ix.lines, entry{title, ix.p.pdf.PageNo()})
	ix.p.use(style{size: factSize}) // so that the bookmark is taken as Unicode
	ix.p.pdf.Bookmark(spell(cut(title, 100), ix.p.faces[plainFace].has), 0, topEdge-8)
}

// write fills the index in. The last page is the current one again afterwards.
func (ix *index) write() {
	p := ix.p
	last, y := p.pdf.PageCount(), p.y
	p.turn(ix.head)
	p.head(ix.title)
	for i, e := range ix.lines {
		s := ix.spots[i]
		p.turn(s)
		p.ends(s.y, []span{plainly(e.title, factSize)}, []span{plainly(p.w.Number(e.page), factSize)})
	}
	p.turn(spot{last, y})
}

// turn goes back to a place on a page.
func (p *page) turn(s spot) {
	p.pdf.SetPage(s.page)
	p.set, p.y, p.fresh = style{}, s.y, true
}

// cut shortens a text to n characters.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
