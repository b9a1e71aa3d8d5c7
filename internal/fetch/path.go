package fetch

import "strings"

// foldPath brings the percent-encoding of a path to one form, so that two
// spellings of a path compare equal: escapes of letters, digits, "-", ".", "_"
// and "~" are undone, which RFC 3986 calls equivalent, and the hex digits of
// the others become upper case. A path without escapes is given back as it is.
func foldPath(path string) string {
	if strings.IndexByte(path, '%') < 0 {
		return path
	}
	var b strings.Builder
	b.Grow(len(path))
	for i := 0; i < len(path); i++ {
		c, ok := escape(path, i)
		switch {
		case !ok:
			b.WriteByte(path[i])
		case unreserved(c):
			b.WriteByte(c)
			i += 2
		default:
			b.WriteByte('%')
			b.WriteByte("0123456789ABCDEF"[c>>4])
			b.WriteByte("0123456789ABCDEF"[c&15])
			i += 2
		}
	}
	return b.String()
}

// slippery reports whether some server could read a path as leading elsewhere
// than its prefix says: dot segments that appear only after escapes are undone
// (once or repeatedly), after a backslash is read as a slash, or after path
// parameters are cut off. The parser has resolved the plain ones already.
func slippery(path string) bool {
	for range 5 { // deeper nesting than any server undoes is refused below
		for seg := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '/' || r == '\\' }) {
			seg, _, _ = strings.Cut(seg, ";")
			if seg == "." || seg == ".." {
				return true
			}
		}
		next := unescape(path)
		if next == path {
			return false
		}
		path = next
	}
	return true
}

// unescape undoes every percent-escape once.
func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if c, ok := escape(s, i); ok {
			b = append(b, c)
			i += 2
			continue
		}
		b = append(b, s[i])
	}
	return string(b)
}

// escape gives the byte that a percent-escape at i stands for.
func escape(s string, i int) (c byte, ok bool) {
	if s[i] != '%' || i+2 >= len(s) {
		return 0, false
	}
	hi, lo := unhex(s[i+1]), unhex(s[i+2])
	return hi<<4 | lo, hi < 16 && lo < 16
}

func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}
