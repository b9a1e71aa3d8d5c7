package text

import "unicode"

// Hidden reports whether a reader does not see a character and it may change how others
// are read: controls, among them the escape that begins a terminal's commands and line
// ends; marks, overrides and isolates of direction; tags; spaces of no width; separators
// of lines and paragraphs; letters and patterns that are blank.
//
// It does not take joiners, which scripts and emoji need, nor selectors of variants, which
// say how the character before them looks, nor marks on letters. Who shows lines as lines
// excepts the line feed.
func Hidden(r rune) bool {
	switch {
	case r >= 0x20 && r < 0x7f:
		return false
	case r == joiner, r == nonJoiner:
		return false
	case unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp), r >= 0xe0000 && r <= 0xe007f: // tags, those that are none yet too
		return true
	case r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0, r == 0x034f, r == 0x2800: // fillers
		return true
	}
	return unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

const (
	nonJoiner = 0x200c
	joiner    = 0x200d
)
