package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/runenames"

	"zoeklicht/internal/text"
)

// maxMarks is how many combining marks may stand on one letter. Every script that people
// write needs fewer; more of them paint over the lines around.
const maxMarks = 6

// repeats is from how many equal characters in a row a count is written instead.
const repeats = 4

// spell makes a text that shows all of itself: what a reader could not see, or what show
// says cannot be shown, is written as "[U+1F600 grinning face]", a byte that is no UTF-8
// as "[byte FF]", and four or more of the same in a row with their number, "[U+200B zero
// width space ×9]". Line ends become line feeds, tabs spaces; nothing else is touched, so
// that a text without such characters comes out as it is. The result has no character
// above U+FFFF that show does not take.
func spell(s string, show func(rune) bool) string {
	if plain(s, show) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + len(s)/4)
	marks := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if unicode.Is(unicode.M, r) && !selector(r) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case r == '\n' || r == '\t':
			b.WriteByte(map[rune]byte{'\n': '\n', '\t': ' '}[r])
		case r == '\r' && strings.HasPrefix(s[i+1:], "\n"):
			// a line end of two characters
		case r == utf8.RuneError && size == 1:
			size = spellOut(&b, s, i, fmt.Sprintf("byte %02X", s[i]), size)
		case !hidden(r) && marks <= maxMarks && show(r):
			b.WriteRune(r)
		default:
			size = spellOut(&b, s, i, name(r), size)
		}
		i += size
	}
	return b.String()
}

// spellOut writes what stands for the character at s[i:], once for all its repetitions,
// and gives how many bytes those are.
func spellOut(b *strings.Builder, s string, i int, what string, size int) int {
	unit := s[i : i+size]
	n := 1
	for strings.HasPrefix(s[i+n*size:], unit) {
		n++
	}
	if n < repeats {
		fmt.Fprintf(b, "[%s]", what)
		return size
	}
	fmt.Fprintf(b, "[%s ×%d]", what, n)
	return n * size
}

// name gives a character's number and, where it has one, its Unicode name.
func name(r rune) string {
	n := runenames.Name(r)
	switch {
	case n == "<control>":
		n = "control"
	case strings.HasPrefix(n, "<"):
		n = "" // "<CJK Ideograph>" and the like name thousands
	}
	return strings.TrimSpace(fmt.Sprintf("U+%04X %s", r, strings.ToLower(n)))
}

// plain reports whether spell would leave a text as it is.
func plain(s string, show func(rune) bool) bool {
	for _, r := range s {
		if r == '\n' {
			continue
		}
		if r == utf8.RuneError || unicode.Is(unicode.M, r) || hidden(r) || !show(r) {
			return false
		}
	}
	return true
}

// hidden reports whether a reader would not see a character, or not what it does. A report
// shows joiners, private characters and those that have no meaning yet too.
func hidden(r rune) bool {
	return text.Hidden(r) || selector(r) || unicode.Is(unicode.C, r) || !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r)
}

// selector reports whether a character only says how the one before it looks.
func selector(r rune) bool {
	return r >= 0xfe00 && r <= 0xfe0f || r >= 0xe0100 && r <= 0xe01ef || r >= 0x180b && r <= 0x180d
}
