package extract

import (
	"strings"
	"unicode/utf8"

	"zoeklicht/internal/text"
)

// kind is what an item of a text is.
type kind uint8

const (
	sign   kind = iota // one rune that is neither letter nor digit
	word               // letters
	figure             // digits
)

// item is letters, digits or a sign of a text. White space is none: it stands before
// the item that follows it.
type item struct {
	kind       kind
	start, end int
	text       string // folded letters; ASCII digits; a sign as it is
	space      bool   // white space before it
	line       bool   // a new line before it
}

// lex cuts a text into items.
func lex(s string) []item {
	items := make([]item, 0, len(s)/4+1)
	space, line := false, false
	for i := 0; i < len(s); {
		g := glyphAt(s, i)
		switch g.class {
		case invisible:
			i += g.size
		case letter, digit:
			it := run(s, i, g.class)
			it.space, it.line = space, line
			items = append(items, it)
			space, line, i = false, false, it.end
		default:
			switch g.r {
			case ' ', '\t', '\u00a0', '\u2007', '\u2009', '\u202f', '\u3000':
				space = true
			case '\n', '\r', '\v', '\f', '\u2028', '\u2029':
				space, line = true, true
			default:
				items = append(items, item{kind: sign, start: i, end: i + g.size, text: s[i : i+g.size], space: space, line: line})
				space, line = false, false
			}
			i += g.size
		}
	}
	return items
}

// run reads letters or digits at i, with what does not show between them.
func run(s string, i int, c class) item {
	it := item{kind: word, start: i, end: i}
	if c == digit {
		it.kind = figure
	}
	plain := true // what stands there is its folded form
	at := i
	for at < len(s) {
		g := glyphAt(s, at)
		if g.class == invisible {
			plain = false
			at += g.size
			continue
		}
		if g.class != c {
			break
		}
		plain = plain && (c == digit && g.r == rune(g.value) || c == letter && g.r >= 'a' && g.r <= 'z')
		at += g.size
		it.end = at
	}
	switch raw := s[i:it.end]; {
	case plain:
		it.text = raw
	case c == digit:
		it.text = digitsOf(raw)
	default:
		it.text = strings.ReplaceAll(text.FoldString(raw), " ", "")
	}
	return it
}

// digitsOf gives the digits in s as ASCII.
func digitsOf(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		g := glyphAt(s, i)
		if g.class == digit {
			b.WriteByte(g.value)
		}
		i += g.size
	}
	return b.String()
}

// hunt goes through one text for all that is no phone number.
type hunt struct {
	s     string
	items []item
	words *vocabulary
	found func(x hit)
	mails []hit // found before
}

// hit is something found, between two offsets.
type hit struct {
	start, end int
	value      string
	disguised  bool
	doubtful   bool // it has the form, and cannot be
}

// at gives the item at i; beyond the text a sign that nothing is.
func (h *hunt) at(i int) *item {
	if i < 0 || i >= len(h.items) {
		return &nothing
	}
	return &h.items[i]
}

var nothing = item{kind: sign, start: -1, end: -1, space: true, line: true}

// is reports whether the item at i is a sign, one of those given.
func (h *hunt) is(i int, signs string) bool {
	it := h.at(i)
	if it.kind != sign || it.text == "" || it.text[0] >= utf8.RuneSelf && len(it.text) == 1 {
		return false // a byte that is no UTF-8 may be part of a sign's
	}
	return strings.Contains(signs, it.text)
}

// unit gives the name of the longest phrase at i that is wanted, and the item after
// it; "" for none.
func (h *hunt) unit(i int, wanted func(name string) bool) (name string, next int) {
	it := h.at(i)
	if it.kind == sign {
		return "", i
	}
	for _, u := range h.words.units[it.text] {
		if !wanted(u.name) {
			continue
		}
		if at, ok := h.phrase(i, u.phrase); ok {
			return u.name, at
		}
	}
	return "", i
}

// phrase reports whether a phrase stands at i, on one line, and gives the item after it.
func (h *hunt) phrase(i int, p phrase) (next int, ok bool) {
	for k, part := range p {
		if k > 0 && h.is(i, "-/.'’") && !h.at(i).space {
			i++
		}
		if it := h.at(i); it.text != part || it.kind == sign || k > 0 && it.line {
			return 0, false
		}
		i++
	}
	return i, true
}

// named makes a wish for a unit of these names; a name that ends in a space or a
// hyphen stands for all that begin so.
func named(names ...string) func(string) bool {
	return func(name string) bool {
		for _, n := range names {
			if name == n || (strings.HasSuffix(n, " ") || strings.HasSuffix(n, "-")) && strings.HasPrefix(name, n) {
				return true
			}
		}
		return false
	}
}
