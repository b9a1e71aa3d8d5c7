package extract

import (
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// chain is groups of digits with nothing but separators between them.
type chain struct {
	groups  []group
	named   naming
	strange bool // digits of another script or width
}

// group is digits in a row.
type group struct {
	digits     string // as ASCII
	start, end int    // with a plus or bracket before it, and a bracket after it
	plus       bool   // a plus stands before it
	paren      bool   // in brackets
	other      bool   // no part of a phone number: an amount, a date, part of a word
	unit       bool   // a unit follows, so that it may be a count ("30 min")
}

const (
	maxGap    = 3  // runes between two groups
	maxGroups = 40 // of a chain; more is a table
)

// chains gives the chains of a text that can hold a phone number.
func chains(s string) iter.Seq[chain] {
	return func(yield func(chain) bool) {
		for i := 0; i < len(s); {
			d, n := digitAt(s, i)
			if d < 0 {
				i += max(n, 1)
				continue
			}
			c, end := readChain(s, i)
			i = end
			count := 0
			for _, g := range c.groups {
				count += len(g.digits)
			}
			if count >= minDigits && len(c.groups) <= maxGroups && !yield(c) {
				return
			}
		}
	}
}

// digitAt gives the value of the digit at i, or -1, and how many bytes the rune
// has. All but ASCII is rare, so the common case comes first.
func digitAt(s string, i int) (value, size int) {
	c := s[i]
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0'), 1
	case c < utf8.RuneSelf:
		return -1, 1
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	if r >= '０' && r <= '９' {
		return int(r - '０'), n
	}
	if r >= '٠' && r <= '٩' {
		return int(r - '٠'), n
	}
	return -1, n
}

// readChain reads the chain whose first digit is at i, and gives the place after
// what it read.
func readChain(s string, i int) (c chain, end int) {
	first := i
	for {
		g := group{start: i}
		var digits []byte
		for i < len(s) {
			d, n := digitAt(s, i)
			if d < 0 {
				break
			}
			c.strange = c.strange || n > 1
			digits = append(digits, byte('0'+d))
			i += n
		}
		g.digits, g.end = string(digits), i
		g.around(s)
		c.groups = append(c.groups, g)
		next := gap(s, g.end)
		if next < 0 {
			break
		}
		i = next
	}
	end = max(i, c.groups[len(c.groups)-1].end)
	if !c.markEdges(s) {
		return chain{}, end
	}
	c.named = named(s, first)
	c.markDates(s)
	return c, end
}

// around takes in a plus and brackets that belong to a group.
func (g *group) around(s string) {
	if g.start > 0 && s[g.start-1] == '(' {
		g.start--
		g.paren = true
		if g.end < len(s) && s[g.end] == ')' {
			g.end++
		}
	}
	if g.start > 0 && s[g.start-1] == '+' {
		g.start--
		g.plus = true
		if g.start > 0 && s[g.start-1] == '(' { // "(+31)"
			g.start--
			if g.end < len(s) && s[g.end] == ')' {
				g.end++
			}
		}
	}
	if strings.HasSuffix(s[:g.start], "＋") {
		g.start -= len("＋")
		g.plus = true
	}
}

// gap gives the place of the next digit where only separators stand before it,
// or -1.
func gap(s string, i int) int {
	for n := 0; i < len(s) && n <= maxGap; n++ {
		d, size := digitAt(s, i)
		if d >= 0 {
			return i
		}
		if n == maxGap || !separator(s, i, size) {
			return -1
		}
		i += size
	}
	return -1
}

func separator(s string, i, size int) bool {
	if size == 1 {
		return strings.IndexByte(" -./()+", s[i]) >= 0
	}
	switch r, _ := utf8.DecodeRuneInString(s[i:]); r {
	case '\u00a0', '\u2007', '\u2009', '\u202f', '\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2212', '·', '•', '＋':
		return true
	}
	return false
}

// callNames are words that people write right before a number, even without a
// space.
var callNames = []string{"tel", "app", "bel", "mob", "phone", "call", "gsm", "nr", "nummer", "whatsapp", "sms", "telefoon", "mobiel", "handy"}

// markEdges looks at what stands before and after a chain: its first or last
// group may be part of a word, an amount or a time. It reports false where the
// whole chain is part of an address or an account number.
func (c *chain) markEdges(s string) bool {
	first, last := &c.groups[0], &c.groups[len(c.groups)-1]
	first.other = currencyBefore.MatchString(s[max(0, first.start-8):first.start]) && !first.plus
	last.unit = unitAfter.MatchString(s[last.end:min(len(s), last.end+12)])
	if last.end < len(s) {
		r, n := utf8.DecodeRuneInString(s[last.end:])
		digits := 0
		for at := last.end + n; at < len(s) && isDigit(s[at]); at++ {
			digits++
		}
		switch {
		case r == '@', r == '%', r == '_', unicode.IsLetter(r) && mixed(s[last.end:]):
			last.other = true
		case (r == ',' || r == ':') && (digits == 1 || digits == 2): // cents, minutes
			last.other = true
		}
	}
	start := first.start
	if start == 0 {
		return true
	}
	switch link(s, start) {
	case linkElsewhere:
		return false
	case linkToWhatsApp: // country codes without a plus
		first.plus = first.plus || first.digits[0] != '0'
		return true
	case linkToCall:
		return true
	}
	if account.MatchString(s[max(0, start-12):start]) {
		return false
	}
	r, size := utf8.DecodeLastRuneInString(s[:start])
	before, _ := utf8.DecodeLastRuneInString(s[:start-size])
	switch {
	case unicode.IsLetter(r):
		first.other = !calls(s[max(0, start-12):start])
	case r == ',' || r == '.' || r == ':':
		first.other = first.other || unicode.IsDigit(before) && len(first.digits) <= 4
	case r == '-' || r == '/' || r == '=' || r == '&' || r == '?':
		first.other = first.other || unicode.IsLetter(before) && !calls(s[max(0, start-size-12):start-size])
	case r == '#' || r == '_' || r == '@':
		first.other = true
	}
	return true
}

// mixed reports whether a text begins with a word of letters and digits: then the
// digits before it are part of a code.
func mixed(s string) bool {
	for _, r := range clip(s, 40) {
		if unicode.IsDigit(r) {
			return true
		}
		if !unicode.IsLetter(r) {
			return false
		}
	}
	return false
}

// calls reports whether a text ends with a word that calls for a phone number.
func calls(s string) bool {
	s = strings.ToLower(s)
	return slices.ContainsFunc(callNames, func(name string) bool { return strings.HasSuffix(s, name) })
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

var account = regexp.MustCompile(`\b[A-Z]{2}\d{2} ?[A-Z]{4} $`)

// What a place in a text may lie in.
type linkKind int

const (
	linkNone linkKind = iota
	linkElsewhere
	linkToCall
	linkToWhatsApp
)

// link tells whether the place lies in a web or mail address, and in one that
// calls or writes to a number.
func link(s string, at int) linkKind {
	word := s[max(0, at-200):at]
	if i := strings.LastIndexAny(word, " \t\n\r\"'<>"); i >= 0 {
		word = word[i+1:]
	}
	if word == "" {
		return linkNone
	}
	word = strings.ToLower(word)
	switch {
	case strings.HasSuffix(word, "wa.me/"), strings.HasSuffix(word, "phone="):
		return linkToWhatsApp
	case strings.HasPrefix(word, "tel:"):
		return linkToCall
	case strings.Contains(word, "://"), strings.HasPrefix(word, "www."), strings.Contains(word, "@"):
		return linkElsewhere
	}
	return linkNone
}

// markDates marks groups that are a date: day, month and year, or year, month and
// day, with the same sign between them.
func (c *chain) markDates(s string) {
	for i := 0; i+2 < len(c.groups); i++ {
		a, b, y := &c.groups[i], &c.groups[i+1], &c.groups[i+2]
		if a.plus || a.paren || a.other || s[a.end:b.start] != s[b.end:y.start] {
			continue
		}
		switch s[a.end:b.start] {
		case "-", "/", ".":
		default:
			continue
		}
		if date3(a.digits, b.digits, y.digits) || date3(y.digits, b.digits, a.digits) {
			a.other, b.other, y.other = true, true, true
			i += 2
		}
	}
}

func date3(day, month, year string) bool {
	if len(day) > 2 || len(month) > 2 || len(year) != 4 {
		return false
	}
	d, _ := strconv.Atoi(day)
	m, _ := strconv.Atoi(month)
	y, _ := strconv.Atoi(year)
	return d >= 1 && d <= 31 && m >= 1 && m <= 12 && y >= 1900 && y < 2100
}

var (
	currencyBefore = regexp.MustCompile(`(?i)(?:[€$£]|\b(?:euro?|usd|gbp|zł|lei))\s*$`)
	unitAfter      = regexp.MustCompile(`(?i)^\s?(?:[€$£%]|(?:euro?|usd|gbp|zł|lei|min|minuten|minutes|uur|uren|u|h|hours?|uhr|stunden?|std|jaar|jahre|cm|kg|m2)\b|,-)`)
)
