package web

import (
	"fmt"
	"html/template"
	"strings"
	"unicode"
	"unicode/utf8"

	"zoeklicht/internal/text"
)

// maxMarks is how many combining marks may stand on one letter. Every script that
// people write needs fewer; more of them paint over the lines around.
const maxMarks = 6

// clean makes text from a source safe to read: escaped, with what cannot be seen or
// would change the order of what can made visible as its code point. Line ends stay
// line ends; the style sheet keeps them.
func clean(s string) template.HTML {
	if harmless(s) {
		return template.HTML(template.HTMLEscapeString(s)) //nolint:gosec // escaped in this line
	}
	var b strings.Builder
	marks := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		raw := s[i : i+size]
		i += size
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) {
			if marks++; marks > maxMarks {
				continue
			}
		} else {
			marks = 0
		}
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `<span class="ctl">\x%02X</span>`, raw[0])
		case r == '\r', r == '\u2028', r == '\u2029', r == '\u0085':
			if r != '\r' || !strings.HasPrefix(s[i:], "\n") {
				b.WriteByte('\n')
			}
		case hidden(r):
			fmt.Fprintf(&b, `<span class="ctl">U+%04X</span>`, r)
		default:
			template.HTMLEscape(&b, []byte(raw))
		}
	}
	return template.HTML(b.String()) //nolint:gosec // built from escaped parts and our own tags
}

// harmless reports whether a text has nothing that clean treats specially.
func harmless(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085' ||
			hidden(r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) {
			return false
		}
	}
	return true
}

// hidden reports whether a character is to be shown as its code point. Lines and columns
// stay what they are.
func hidden(r rune) bool { return r != '\n' && r != '\t' && text.Hidden(r) }
