package report

import "strings"

// cell is one cell of a table: spans that are set in lines of its column.
type cell []span

// table writes rows under a heading that is repeated on each page. Widths are parts of
// the column; rows may be longer than a page.
func (p *page) table(widths []float64, heading []string, rows [][]cell) {
	const between = 2.4
	total := 0.0
	for _, w := range widths {
		total += w
	}
	at, room := make([]float64, len(widths)), make([]float64, len(widths))
	x := leftEdge
	for i, w := range widths {
		at[i] = x
		x += w / total * column
		room[i] = x - at[i] - between
	}
	room[len(room)-1] += between
	row := func(cells []cell, pad float64) {
		set, most, first := make([][]line, len(cells)), 0, 0.0
		for i, c := range cells {
			if len(c) == 0 {
				continue
			}
			set[i] = p.lines(room[i], c...)
			most, first = max(most, len(set[i])), max(first, set[i][0].height())
		}
		p.need(pad + first)
		if !p.fresh {
			p.y += pad
		}
		for n := range most {
			high := line{}
			for i := range set {
				if n < len(set[i]) {
					high.size = max(high.size, set[i][n].size)
				}
			}
			p.need(high.height())
			for i := range set {
				if n < len(set[i]) {
					set[i][n].size = high.size // they stand on one base line
					p.put(set[i][n], at[i], p.y)
				}
			}
			p.y, p.fresh = p.y+high.height(), false
		}
	}
	before := p.again
	if heading != nil {
		top := make([]cell, len(heading))
		for i, h := range heading {
			top[i] = cell{bold(h, smallSize)}
		}
		p.again = func() {
			row(top, 0)
			p.y += 0.6
			p.rule()
			p.y += 0.6
			p.fresh = true // no page ends right below a heading
		}
		if p.y+14 > bottomEdge && !p.fresh {
			p.add() // which writes the heading
		} else {
			p.again()
		}
	}
	for _, r := range rows {
		row(r, 0.6)
	}
	p.again = before
	p.fresh = false
	p.gap(1.6)
}

// run writes facts one behind another in small type: for lists that are looked something
// up in, and not read.
func (p *page) run(list []Fact) {
	var spans []span
	for _, f := range list {
		if f.Value == "" {
			continue
		}
		if len(spans) > 0 {
			spans = append(spans, span{"  ·  ", style{size: smallSize, grey: true}})
		}
		spans = append(spans, bold(f.Label+": ", smallSize), plainly(strings.ReplaceAll(f.Value, "\n", ", "), smallSize))
	}
	p.text(0, spans...)
	p.gap(1.6)
}

// facts writes a list of facts: what on the left, the value on the right.
func (p *page) facts(list []Fact) {
	var rows [][]cell
	for _, f := range list {
		if f.Value != "" {
			rows = append(rows, []cell{{bold(f.Label, factSize)}, {plainly(f.Value, factSize)}})
		}
	}
	p.table([]float64{44, column - 44}, nil, rows)
}
