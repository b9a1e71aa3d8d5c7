package frontier

import (
	"bytes"
	"crypto/sha256"
)

// Digest is SHA-256 over a page's body without its session values: two visits
// that differ in nothing but their session have equal digests. session are the
// names in the source's recipe; those known everywhere count as well.
func Digest(body []byte, session []string) [32]byte {
	h := sha256.New()
	from := 0
	sessionValues(body, session, func(start, end int) {
		h.Write(body[from:start])
		from = end
	})
	h.Write(body[from:])
	return [32]byte(h.Sum(nil))
}

// WithoutSession gives a body without the values of its session parameters. The
// names stay. It gives body itself where there is nothing to take out.
//
// A value is found behind its parameter's name where that is written as in a
// URL (sid=…, and ;jsessionid=… in a path, also with the "=" escaped, as in a URL
// within a URL or a script), as in JSON ("sid":"…"), or as in a form's field
// (name="sid" … value="…", the name first). The names are those of Canonical,
// without campaigns.
func WithoutSession(body []byte, session []string) []byte {
	var out []byte
	from := 0
	sessionValues(body, session, func(start, end int) {
		out = append(out, body[from:start]...)
		from = end
	})
	if from == 0 {
		return body
	}
	return append(out, body[from:]...)
}

// maxName is the longest parameter name that is looked for.
const maxName = 64

// ends are the bytes that can stand behind the name of a parameter: the sign
// itself, the quote that closes the name, or the beginning of the sign's escape.
var ends = [256]bool{'=': true, '"': true, '\'': true, '%': true, '\\': true}

// sessionValues calls found with the place of each session value, in order. It
// looks at what can stand behind a name, and at the name's last letter before it,
// which leaves little to look at more closely.
func sessionValues(body []byte, given []string, found func(start, end int)) {
	var last [256]bool
	for _, list := range [][]string{sessionNames, doubtfulNames, given} {
		for _, name := range list {
			if name != "" && isNameByte(name[len(name)-1]) {
				c := name[len(name)-1]
				last[c] = true
				if c |= 0x20; 'a' <= c && c <= 'z' {
					last[c], last[c&^0x20] = true, true
				}
			}
		}
	}
	for i := 1; i < len(body); i++ {
		if !ends[body[i]] || !last[body[i-1]] {
			continue
		}
		k := kindOf(string(nameBefore(body, i)), given)
		if k == ordinary {
			continue
		}
		start := valueStart(body, i)
		if start < 0 {
			continue
		}
		end := valueEnd(body, start)
		if end > start && (k == certain || looksRandom(string(body[start:end]))) {
			found(start, end)
			i = end - 1
		}
	}
}

// nameBefore gives the name that ends at i. Where an escape stands before it, as
// in "%26sid" or "\u0026sid", the escape's digits are not of the name.
func nameBefore(body []byte, i int) []byte {
	first := i
	for first > 0 && i-first < maxName && isNameByte(body[first-1]) {
		first--
	}
	name := body[first:i]
	if first == 0 {
		return name
	}
	digits := 0
	switch before := body[first-1]; {
	case before == '%' && len(name) > 1 && unhex(name[0]) < 16 && unhex(name[1]) < 16:
		digits = 2
	case before == '\\' && name[0] == 'x':
		digits = 3
	case before == '\\' && name[0] == 'u':
		digits = 5
	}
	if len(name) > digits {
		return name[digits:]
	}
	return name
}

// valueStart gives where the value begins whose parameter's name ends at i, or
// -1 where nothing there says that it is a parameter.
func valueStart(body []byte, i int) int {
	rest := body[i:]
	switch rest[0] {
	case '=':
		return i + 1 + quote(rest[1:])
	case '%', '\\':
		for _, sign := range []string{"%3D", `\u003D`, `\x3D`} {
			if len(rest) >= len(sign) && hasPrefixFold(string(rest[:len(sign)]), sign) {
				return i + len(sign)
			}
		}
		return -1
	}
	// A closing quote: `"name": "value"`, or `name="name" … value="value"`.
	n := 1 + spaces(rest[1:])
	if n < len(rest) && rest[n] == ':' {
		n++
		n += spaces(rest[n:])
		return i + n + quote(rest[n:])
	}
	if n == 1 || n == len(rest) || rest[n]|0x20 < 'a' || rest[n]|0x20 > 'z' {
		return -1
	}
	tag := rest[n:min(len(rest), n+maxTag)]
	if end := bytes.IndexByte(tag, '>'); end >= 0 {
		tag = tag[:end]
	}
	at := bytes.Index(tag, []byte("value="))
	if at < 0 {
		return -1
	}
	n += at + len("value=")
	return i + n + quote(rest[n:])
}

// maxTag is how far behind its name the value of a form's field is looked for.
const maxTag = 256

func spaces(b []byte) (n int) {
	for n < len(b) && n < 64 && (b[n] == ' ' || b[n] == '\t' || b[n] == '\n' || b[n] == '\r') {
		n++
	}
	return n
}

func quote(b []byte) int {
	if len(b) > 0 && (b[0] == '"' || b[0] == '\'') {
		return 1
	}
	return 0
}

// maxValue is the longest value that is taken for a session's.
const maxValue = 512

// valueEnd gives where the value that begins at start ends: before the first
// byte that no session value has. Escapes of the marks that base64 and servers'
// own formats use belong to it.
func valueEnd(body []byte, start int) int {
	i := start
	for i < len(body) && i-start < maxValue {
		switch c := body[i]; {
		case isValueByte(c):
			i++
		case c == '%' && i+2 < len(body) && isValueEscape(body[i+1], body[i+2]):
			i += 3
		default:
			return i
		}
	}
	return i
}

func isValueByte(c byte) bool {
	return isUnreserved(c) || c == '!' || c == '*' || c == '+' || c == ',' || c == ':' || c == '|'
}

// isValueEscape reports whether an escape stands for one of + , / : = |.
func isValueEscape(hi, lo byte) bool {
	switch unhex(hi)<<4 | unhex(lo) {
	case '+', ',', '/', ':', '=', '|':
		return unhex(hi) < 16 && unhex(lo) < 16
	}
	return false
}

func isNameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}
