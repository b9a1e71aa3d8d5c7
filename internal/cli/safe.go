package cli

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// visible makes a text fit for a line of a terminal: white space becomes single
// blanks, and what could steer the terminal or turn the order of reading becomes its
// code point, \u{202E}.
func visible(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if !strings.ContainsFunc(s, hidden) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02X`, s[i])
		case hidden(r):
			fmt.Fprintf(&b, `\u{%04X}`, r)
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}

// escapeHidden writes what visible would show as a code point as the escape that JSON
// has for it. It takes encoded JSON, in which such characters stand inside strings only.
func escapeHidden(encoded string) string {
	inside := func(r rune) bool { return r != '\n' && hidden(r) }
	if !strings.ContainsFunc(encoded, inside) {
		return encoded
	}
	var b strings.Builder
	for _, r := range encoded {
		switch {
		case !inside(r):
			b.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// hidden reports whether a character is invisible and changes what is around it:
// controls, among them the escape that begins a terminal's commands, marks and
// overrides of direction, tags, and spaces without width. Joiners stay: scripts and
// emoji need them.
func hidden(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0,
		r == 0x061c, r == 0x200e, r == 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x206f,
		r == 0x2028, r == 0x2029,
		r == 0x200b, r >= 0x2060 && r <= 0x2064, r == 0xfeff, r == 0x00ad, r == 0x180e,
		r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return false
}
