package cli

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"zoeklicht/internal/text"
)

// visible makes a text fit for a line of a terminal: white space becomes single
// blanks, and what could steer the terminal or turn the order of reading becomes its
// code point, \u{202E}.
func visible(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if !strings.ContainsFunc(s, text.Hidden) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02X`, s[i])
		case text.Hidden(r):
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
	inside := func(r rune) bool { return r != '\n' && text.Hidden(r) }
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
