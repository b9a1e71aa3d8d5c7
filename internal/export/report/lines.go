package report

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"
)

// style is how a stretch of text looks. Nothing is told by the look alone.
type style struct {
	face   int
	size   float64 // in points
	under  bool
	strike bool
	grey   bool
}

// span is a stretch of text in one style. Line feeds end lines.
type span struct {
	text string
	style
}

// line is a line of text, made of pieces that stand side by side.
type line struct {
	pieces []piece
	size   float64 // the largest of its styles, in points
}

// piece is a stretch of a line.
type piece struct {
	span
	width float64 // in millimetres
}

// mm converts points.
const mm = 25.4 / 72

// lines sets spans in lines of a width in millimetres. Lines break at spaces and line
// feeds, and within a word that is wider than a line. The spaces at a break stand on
// neither line.
func (p *page) lines(width float64, spans ...span) []line {
	b := breaker{p: p, room: width}
	for _, s := range spans {
		s.text = spell(s.text, p.faces[s.face].has)
		b.span(s)
	}
	if len(b.now.pieces) > 0 || len(b.word) > 0 || len(b.out) == 0 {
		b.flush()
		b.end(b.lastSize)
	}
	return b.out
}

// breaker collects words into lines.
type breaker struct {
	p        *page
	room     float64
	out      []line
	now      line
	at       float64 // width of now, with the spaces after it
	word     []piece // the word that is being read; its styles may change within
	wordAt   float64
	lastSize float64
}

// span takes a stretch of text.
func (b *breaker) span(s span) {
	f := b.p.faces[s.face]
	b.lastSize = s.size
	unit := s.size * mm / 1000
	start, width := 0, 0.0 // of the part of s.text that belongs to the word
	take := func(end int) {
		if start < end {
			b.word = append(b.word, piece{span{s.text[start:end], s.style}, width})
			b.wordAt += width
		}
		start, width = end, 0
	}
	for i := 0; i < len(s.text); {
		r, size := utf8.DecodeRuneInString(s.text[i:])
		switch r {
		case ' ', '\n':
			take(i)
			b.flush()
			if r == '\n' {
				b.end(s.size)
			} else {
				b.space(s.style, float64(f.width(" "))*unit)
			}
			start = i + size
		default:
			w := float64(int(f.look(r))-known1) * unit
			if b.wordAt+width+w > b.room && b.wordAt+width > 0 {
				take(i) // a word as wide as a line: it breaks here
				b.flush()
				b.end(s.size)
			}
			width += w
		}
		i += size
	}
	take(len(s.text))
}

// space adds a space to the line. Those beyond its end stand nowhere.
func (b *breaker) space(s style, width float64) {
	if b.at <= b.room {
		b.now.pieces = append(b.now.pieces, piece{span{" ", s}, width})
		b.at += width
	}
}

// flush puts the word on the line, or on the next where it does not fit.
func (b *breaker) flush() {
	if len(b.word) == 0 {
		return
	}
	if b.at+b.wordAt > b.room && len(b.now.pieces) > 0 {
		b.end(b.word[0].size)
	}
	b.now.pieces = append(b.now.pieces, b.word...)
	b.at += b.wordAt
	b.word, b.wordAt = b.word[:0], 0
}

// end ends the line; an empty one is as high as size.
func (b *breaker) end(size float64) {
	l := line{size: size}
	n := len(b.now.pieces)
	for n > 0 && b.now.pieces[n-1].text == " " && !b.now.pieces[n-1].under {
		n--
	}
	for _, x := range b.now.pieces[:n] {
		l.size = max(l.size, x.size)
		if k := len(l.pieces); k > 0 && l.pieces[k-1].style == x.style {
			l.pieces[k-1].text += x.text
			l.pieces[k-1].width += x.width
			continue
		}
		l.pieces = append(l.pieces, x)
	}
	b.out = append(b.out, l)
	b.now.pieces, b.at = b.now.pieces[:0], 0
}

// visual gives a text in the order in which its characters stand on paper, from left to
// right. Only texts with letters that are written from right to left differ.
func visual(s string) string {
	if !strings.ContainsFunc(s, rightToLeft) {
		return s
	}
	// A line begins on the left, as those around it do: the mark of direction says so, and
	// is taken out again.
	const mark = "\u200e"
	var para bidi.Paragraph
	if _, err := para.SetString(mark + s); err != nil {
		return s
	}
	order, err := para.Order()
	if err != nil {
		return s
	}
	var out, group []string // group: runs from right to left, and the numbers among them
	turn := func() {
		slices.Reverse(group)
		out, group = append(out, group...), nil
	}
	for i := range order.NumRuns() {
		run := order.Run(i)
		s := run.String()
		switch {
		case run.Direction() == bidi.RightToLeft:
			group = append(group, bidi.ReverseString(s))
		default:
			if n := number(s); len(group) > 0 && n > 0 {
				group, s = append(group, s[:n]), s[n:]
			}
			if s != "" {
				turn()
				out = append(out, s)
			}
		}
	}
	turn()
	return strings.TrimPrefix(strings.Join(out, ""), mark)
}

// number gives how many bytes at the beginning of a text are numbers and what joins them.
func number(s string) (n int) {
	for i, r := range s {
		if unicode.IsLetter(r) {
			break
		}
		if unicode.IsDigit(r) {
			n = i + utf8.RuneLen(r)
		}
	}
	return n
}

// rightToLeft reports whether a character belongs to a script that is written from right
// to left.
func rightToLeft(r rune) bool {
	return r >= 0x0590 && r <= 0x08ff || r >= 0xfb1d && r <= 0xfdff || r >= 0xfe70 && r <= 0xfeff
}
