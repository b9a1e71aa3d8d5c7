package place

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"zoeklicht/internal/text"
)

// Mention is a name of a place in a text.
type Mention struct {
	Start, End int      // byte offsets in the raw text
	Codes      []string // of the municipalities it may mean, in order
}

// Find gives the places that are named in a text on a day (the zero day: now), in
// order and without overlap; of overlapping names the longest. leads says which folded
// words stand before a place ("in", "near"): names that are ordinary words too count
// behind one of them only, and with a capital.
func (x *Index) Find(s string, day time.Time, leads func(word string) bool) (out []Mention) {
	f := text.Fold(s)
	folded := f.Text
	before := "" // the word before
	for at := 0; at < len(folded); {
		end := wordEnd(folded, at)
		first := folded[at:end]
		n, known := x.starts[first]
		if known {
			if m, stop, ok := x.longest(s, &f, at, n, before, leads, day); ok {
				out = append(out, m)
				before, at = "", stop+1
				continue
			}
		}
		before, at = first, end+1
	}
	return out
}

// longest gives the longest name of at most n words at a place in the folded text.
func (x *Index) longest(s string, f *text.Folded, at, n int, before string, leads func(string) bool, day time.Time) (m Mention, stop int, ok bool) {
	ends := make([]int, 0, 8)
	for end := at - 1; len(ends) < n && end < len(f.Text); {
		end = wordEnd(f.Text, end+1)
		ends = append(ends, end)
	}
	for k := len(ends) - 1; k >= 0; k-- {
		found, word := x.at(f.Text[at:ends[k]], day)
		if len(found) == 0 {
			continue
		}
		m.Start, m.End = f.Raw(at, ends[k])
		if r, _ := utf8.DecodeRuneInString(s[m.Start:]); word && (!unicode.IsUpper(r) || !leads(before)) {
			continue
		}
		for _, g := range found {
			m.Codes = append(m.Codes, g.Code)
		}
		return m, ends[k], true
	}
	return Mention{}, 0, false
}

func wordEnd(s string, at int) int {
	if at >= len(s) {
		return len(s)
	}
	if i := strings.IndexByte(s[at:], ' '); i >= 0 {
		return at + i
	}
	return len(s)
}
