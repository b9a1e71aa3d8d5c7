package extract

import (
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"zoeklicht/internal/text"
)

// class is what a rune is to those who look for entities.
type class uint8

const (
	between   class = iota // it separates: white space, signs, emoji, bytes that are no UTF-8
	invisible              // it neither shows nor separates: joiners, marks, controls of direction
	letter
	digit
)

// glyph is a rune of a text, read.
type glyph struct {
	class   class
	r       rune   // as written; a reference ("&#48;") is read
	fold    string // of a letter: its folded form
	value   byte   // of a digit: '0' to '9'
	size    int    // bytes in the text
	strange bool   // a digit of another script, width or shape, or a reference
}

// longestReference is how many bytes "&#x1F51F;" and the like may have.
const longestReference = 12

// glyphAt reads the rune at i. All but ASCII is rare, so the common case comes
// first.
func glyphAt(s string, i int) glyph {
	c := s[i]
	switch {
	case c == '&':
		if r, n := reference(s[i:]); n > 0 {
			g := glyphOf(r, utf8.RuneLen(r))
			g.size, g.strange = n, true
			return g
		}
	case c < utf8.RuneSelf:
		return ascii(c)
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	if r == utf8.RuneError && n == 1 {
		return glyph{r: r, size: 1}
	}
	return glyphOf(r, n)
}

func ascii(c byte) glyph {
	switch {
	case c >= '0' && c <= '9':
		return glyph{class: digit, r: rune(c), value: c, size: 1}
	case c >= 'a' && c <= 'z':
		return glyph{class: letter, r: rune(c), fold: alphabet[c-'a' : c-'a'+1], size: 1}
	case c >= 'A' && c <= 'Z':
		return glyph{class: letter, r: rune(c), fold: alphabet[c-'A' : c-'A'+1], size: 1}
	}
	return glyph{r: rune(c), size: 1}
}

const alphabet = "abcdefghijklmnopqrstuvwxyz"

// reference reads a numeric character reference at the beginning of s, and gives how
// many bytes it has; 0 where there is none. Texts of pages have none left, but
// people write them into fields that show them as they are.
func reference(s string) (rune, int) {
	if strings.HasPrefix(s, "&nbsp;") {
		return '\u00a0', len("&nbsp;")
	}
	if !strings.HasPrefix(s, "&#") {
		return 0, 0
	}
	end := strings.IndexByte(s[:min(len(s), longestReference)], ';')
	if end < 0 {
		return 0, 0
	}
	number, base := s[2:end], 10
	if len(number) > 1 && number[0]|0x20 == 'x' {
		number, base = number[1:], 16
	}
	n, err := strconv.ParseUint(number, base, 21)
	if err != nil || !utf8.ValidRune(rune(n)) {
		return 0, 0
	}
	return rune(n), end + 1
}

// glyphTable has the glyphs of the runes that adverts are made of, worked out once.
var glyphTable = sync.OnceValue(func() []glyph {
	t := make([]glyph, 0x2e00)
	for r := range t {
		t[r] = slowGlyph(rune(r))
	}
	return t
})

func glyphOf(r rune, size int) glyph {
	var g glyph
	if t := glyphTable(); int(r) < len(t) {
		g = t[r]
	} else {
		g = slowGlyph(r)
	}
	g.size = size
	return g
}

// slowGlyph works out what a rune is.
func slowGlyph(r rune) glyph {
	if r < utf8.RuneSelf {
		return ascii(byte(r))
	}
	if v, ok := wordsKnown().signs[r]; ok {
		return glyph{class: digit, r: r, value: v, strange: true}
	}
	switch {
	case unicode.IsLetter(r):
		fold := text.FoldString(string(r))
		if fold == "" || fold == " " {
			return glyph{class: between, r: r}
		}
		return glyph{class: letter, r: r, fold: fold}
	case unicode.Is(unicode.M, r), unicode.Is(unicode.Cf, r), r == '\u034f', r == '\u115f', r == '\u3164':
		return glyph{class: invisible, r: r}
	case unicode.Is(unicode.N, r):
		if f := text.FoldString(string(r)); len(f) == 1 && f[0] >= '0' && f[0] <= '9' {
			return glyph{class: digit, r: r, value: f[0], strange: true}
		}
	case unicode.Is(unicode.So, r): // squared and circled letters are letters
		if f := norm.NFKD.String(string(r)); len(f) == 1 && (f[0]|0x20 >= 'a' && f[0]|0x20 <= 'z') {
			return glyph{class: letter, r: r, fold: strings.ToLower(f)}
		}
	}
	return glyph{class: between, r: r}
}
