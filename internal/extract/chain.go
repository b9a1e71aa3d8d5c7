package extract

import (
	"iter"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// chain is groups of digits with nothing but separators between them.
type chain struct {
	groups []group
	named  naming
}

const (
	maxSigns  = 3  // signs between two groups; emoji of several runes count as several
	maxSpaces = 4  // spaces between them
	maxHidden = 16 // runes between them that do not show
	maxGroups = 40 // of a chain; more is a table
)

// chains gives the chains of a text that can hold a phone number. Each part of the
// text is looked at a bounded number of times.
func chains(s string) iter.Seq[chain] {
	return func(yield func(chain) bool) {
		t := &tokens{s: s, words: wordsKnown()}
		for i := 0; i < len(s); {
			if c := glyphAt(s, i); c.class == between || c.class == invisible {
				i += c.size
				continue
			}
			if end := accountEnd(s, i); end > i {
				i = end
				continue
			}
			g, end, ok := t.group(i)
			if !ok {
				if g, ok = t.opening(i); !ok {
					i = max(end, i+1)
					continue
				}
				end = g.end
			}
			c, end := t.chain(g, end)
			i = max(end, i+1)
			count := 0
			for _, g := range c.groups {
				count += len(g.digits)
			}
			if count >= minDigits && !yield(c) {
				return
			}
		}
	}
}

// opening reads a letter O before figures, as in "O 6".
func (t *tokens) opening(i int) (g group, ok bool) {
	if f := glyphAt(t.s, i); f.class != letter || t.words.often[f.r] != '0' {
		return g, false
	}
	g, end, ok := t.soft(i)
	if !ok || g.digits != "0" {
		return g, false
	}
	at, _ := t.gap(end)
	return g, at >= 0 && glyphAt(t.s, at).class == digit
}

// chain reads the chain that begins with group g, and gives the place after what it
// read.
func (t *tokens) chain(g group, end int) (c chain, after int) {
	first := g.start
	column := false // each group has a line of its own
	for {
		if !g.word {
			g.around(t.s)
		}
		c.join(g)
		if g.last {
			break
		}
		at, sep := t.gap(g.end)
		if at < 0 {
			break
		}
		next, stop, ok := t.group(at)
		if !ok {
			if next, stop, ok = t.soft(at); ok {
				// Only between others.
				if further, _ := t.gap(stop); further < 0 || glyphAt(t.s, further).class != digit {
					ok = false
				}
			}
		}
		if !ok || !sep.joins(&g, &next) || len(c.groups) > 1 && sep.newline != column {
			break
		}
		column = sep.newline
		next.odd = sep.odd
		g, end = next, stop
	}
	c.trim()
	if len(c.groups) == 0 || !c.markEdges(t.s) {
		return chain{}, end
	}
	c.named = called(t.s, first)
	c.markDates(t.s)
	return c, end
}

// join puts a group behind the others; one that is said to be repeated, and one after
// "plus", takes in what stands before it.
func (c *chain) join(g group) {
	if n := len(c.groups); n > 0 {
		before := &c.groups[n-1]
		switch {
		case before.repeat > 0 && g.repeat == 0 && g.digits != "":
			g.digits = strings.Repeat(g.digits[:1], before.repeat-1) + g.digits
			g.start, g.word, g.odd = before.start, true, before.odd
			c.groups = c.groups[:n-1]
		case before.said && !g.plus && g.digits != "" && g.digits[0] != '0':
			g.start, g.plus, g.word = before.start, true, true
			c.groups = c.groups[:n-1]
		}
	}
	c.groups = append(c.groups, g)
}

// trim takes away groups without digits: a "double" or "plus" that nothing follows.
func (c *chain) trim() {
	kept := c.groups[:0]
	for _, g := range c.groups {
		if g.digits != "" {
			kept = append(kept, g)
		}
	}
	c.groups = kept
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
	if sign := plusBefore(s, g.start); sign > 0 {
		g.start -= sign
		g.plus = true
		if g.start > 0 && s[g.start-1] == '(' { // "(+31)"
			g.start--
			if g.end < len(s) && s[g.end] == ')' {
				g.end++
			}
		}
	}
}

// plusBefore gives how many bytes a plus before the place at has. One that follows a
// digit separates digits ("0+6+1").
func plusBefore(s string, at int) int {
	for _, sign := range []string{"+", "＋"} {
		if strings.HasSuffix(s[:at], sign) {
			before := at - len(sign)
			if before > 0 && isDigit(s[before-1]) {
				return 0
			}
			return len(sign)
		}
	}
	return 0
}

// separation is what stands between two groups.
type separation struct {
	odd     bool // other than what people write numbers with
	newline bool
	comma   bool
	colon   bool
	space   bool
}

// gap gives the place of the next token where only separators stand before it, or
// -1, and what they are.
func (t *tokens) gap(i int) (at int, sep separation) {
	signs, spaces, hidden := 0, 0, 0
	for i < len(t.s) {
		g := glyphAt(t.s, i)
		switch {
		case g.class == letter || g.class == digit:
			return i, sep
		case g.class == invisible:
			hidden++
			sep.odd = true
		default:
			switch g.r {
			case ' ', '\t', '\u00a0', '\u2007', '\u2009', '\u202f', '\u3000':
				spaces++
				sep.space = true
			case '\n', '\r':
				spaces++
				sep.newline = true
			case '€', '$', '£', '%', '@', utf8.RuneError:
				return -1, sep
			case ',', ':':
				signs++
				sep.comma, sep.colon, sep.odd = sep.comma || g.r == ',', sep.colon || g.r == ':', true
			case '-', '.', '/', '(', ')', '+', '\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2212', '·', '•', '＋':
				signs++
			default:
				signs++
				sep.odd = true
			}
		}
		if signs > maxSigns || spaces > maxSpaces || hidden > maxHidden {
			return -1, sep
		}
		i += g.size
	}
	return -1, sep
}

// joins reports whether two groups can be of one number with this between them. Lines
// end numbers, but for digits that stand one below the other; so do commas, but for
// those between single digits and pairs, and colons, but for single digits.
func (x separation) joins(a, b *group) bool {
	if x.newline && (len(a.digits) > 1 || len(b.digits) > 1 || a.weak || b.weak) {
		return false
	}
	if x.colon && len(a.digits)+len(b.digits) > 2 {
		return false
	}
	if x.comma && (x.space && len(a.digits)+len(b.digits) > 2 || len(a.digits) > 2 || len(b.digits) > 2) {
		return false
	}
	return true
}

// markEdges looks at what stands before and after a chain: its first or last
// group may be part of a word, an amount or a time. It reports false where the
// whole chain is part of an address or an account number.
func (c *chain) markEdges(s string) bool {
	first, last := &c.groups[0], &c.groups[len(c.groups)-1]
	first.other = first.other || currencyBefore.MatchString(s[max(0, first.start-8):first.start]) && !first.plus
	last.unit = unitAfter.MatchString(s[last.end:min(len(s), last.end+12)])
	if last.end < len(s) {
		r, n := utf8.DecodeRuneInString(s[last.end:])
		digits := 0
		for at := last.end + n; at < len(s) && isDigit(s[at]); at++ {
			digits++
		}
		switch {
		case r == '@', r == '%', r == '_':
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
	r, size := utf8.DecodeLastRuneInString(s[:start])
	before, _ := utf8.DecodeLastRuneInString(s[:start-size])
	switch {
	case r == ',' || r == '.' || r == ':':
		first.other = first.other || unicode.IsDigit(before) && len(first.digits) <= 4
	case r == '-' || r == '/' || r == '=' || r == '&' || r == '?':
		first.other = first.other || unicode.IsLetter(before) && !calls(s[max(0, start-size-16):start-size])
	case r == '#' || r == '_' || r == '@':
		first.other = true
	}
	return true
}

// calls reports whether a text ends with a word that calls for a phone number.
func calls(s string) bool {
	i := strings.LastIndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	if i >= 0 {
		_, n := utf8.DecodeRuneInString(s[i:])
		s = s[i+n:]
	}
	return wordsKnown().call[strings.ToLower(s)]
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// accountEnd gives the end of the bank account number that begins at i, or i: two
// capitals, two digits, and groups of four.
func accountEnd(s string, i int) int {
	if len(s)-i < 15 || !isCapital(s[i]) || !isCapital(s[i+1]) || !isDigit(s[i+2]) || !isDigit(s[i+3]) || i > 0 && isAlnum(s[i-1]) {
		return i
	}
	signs, at := 4, i+4
	for at < len(s) && signs < 34 {
		if s[at] == ' ' && signs%4 == 0 && at+1 < len(s) && isAccount(s[at+1]) {
			at++
		}
		if !isAccount(s[at]) {
			break
		}
		at++
		signs++
	}
	if signs < 15 || at < len(s) && isAlnum(s[at]) {
		return i
	}
	return at
}

func isCapital(c byte) bool { return c >= 'A' && c <= 'Z' }
func isAccount(c byte) bool { return isCapital(c) || isDigit(c) }
func isAlnum(c byte) bool   { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' }

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
		if a.plus || a.paren || a.other || a.end > b.start || b.end > y.start || s[a.end:b.start] != s[b.end:y.start] {
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
