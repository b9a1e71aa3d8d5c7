package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// pieces cuts a text into the words that Diff compares, and what stands between
// them: an address, a phone number, a price, a word, a run of white space, or
// any other single rune. Together they are the text.
func pieces(s string) []string {
	out := make([]string, 0, len(s)/4)
	for s != "" {
		n := piece(s)
		out = append(out, s[:n])
		s = s[n:]
	}
	return out
}

// isWord reports whether a piece has a letter or digit.
func isWord(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// piece gives the length of the piece that s begins with.
func piece(s string) int {
	if n := address(s); n > 0 {
		return n
	}
	if n := number(s); n > 0 {
		return n
	}
	r, size := utf8.DecodeRuneInString(s)
	kind := kindOf(r)
	if kind == other {
		return size
	}
	end := len(s)
	for i, r := range s {
		k := kindOf(r)
		if k == kind {
			continue
		}
		if kind == letter && (r == '\'' || r == '’' || r == '-') {
			if next, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):]); kindOf(next) == letter {
				continue
			}
		}
		end = i
		break
	}
	return end
}

type kind int

const (
	other kind = iota
	letter
	space
)

func kindOf(r rune) kind {
	switch {
	case unicode.IsSpace(r):
		return space
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.M, r):
		return letter
	}
	return other
}

// address gives the length of a URL or of a host that begins with www.
func address(s string) int {
	if c := s[0] | 0x20; c != 'h' && c != 'w' {
		return 0
	}
	head := strings.ToLower(s[:min(len(s), 8)])
	if !strings.HasPrefix(head, "http://") && !strings.HasPrefix(head, "https://") && !strings.HasPrefix(head, "www.") {
		return 0
	}
	end := strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`"<>`, r) })
	if end < 0 {
		end = len(s)
	}
	return len(strings.TrimRight(s[:end], ".,;:!?)"))
}

// currencies stand before an amount or after it.
var currencies = []string{"€", "$", "£", "euro", "eur", "zł", "lei", "ron"}

// number gives the length of a phone number or a price.
func number(s string) int {
	n := currency(s)
	for n > 0 && n < len(s) && s[n] == ' ' {
		n++
	}
	if n >= len(s) || !isDigit(s[n]) && (n > 0 || s[0] != '+' && s[0] != '(') {
		return 0
	}
	if n == 0 {
		if p := phone(s); p > 0 {
			return p
		}
		if !isDigit(s[0]) {
			return 0
		}
	}
	for n < len(s) && (isDigit(s[n]) || (s[n] == '.' || s[n] == ',') && n+1 < len(s) && isDigit(s[n+1])) {
		n++
	}
	if strings.HasPrefix(s[n:], ",-") {
		n += 2
	}
	rest := strings.TrimLeft(s[n:], " ")
	if c := currency(rest); c > 0 {
		if after, _ := utf8.DecodeRuneInString(rest[c:]); kindOf(after) != letter {
			return len(s) - len(rest) + c
		}
	}
	// "2e" and "30min" are words.
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if kindOf(r) != letter {
			break
		}
		n += size
	}
	return n
}

func currency(s string) int {
	for _, c := range currencies {
		if len(s) >= len(c) && strings.EqualFold(s[:len(c)], c) {
			return len(c)
		}
	}
	return 0
}

// phone gives the length of 8 to 15 digits with at most two separators between
// any of them, as people write phone numbers.
func phone(s string) int {
	digits, end := 0, 0
	for i := 0; i < len(s) && digits <= 15; i++ {
		switch {
		case isDigit(s[i]):
			digits, end = digits+1, i+1
		case i == 0 && s[i] == '+':
		case i-end < 2 && strings.IndexByte(" -./()", s[i]) >= 0:
		default:
			i = len(s)
		}
	}
	if digits < 8 || digits > 15 {
		return 0
	}
	return end
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
