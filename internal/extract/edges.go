package extract

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// markEdges looks at what stands before and after a chain: its first or last
// group may be part of a word, an amount or a time. It reports false where the
// whole chain is part of an address or an account number.
func (c *chain) markEdges(s string) bool {
	c.groups[len(c.groups)-1].markAfter(s)
	first := &c.groups[0]
	first.other = first.other || currencyBefore.MatchString(s[max(0, first.start-8):first.start]) && !first.plus
	switch link(s, first.start) {
	case linkElsewhere:
		return false
	case linkToWhatsApp: // country codes without a plus
		first.plus = first.plus || first.digits[0] != '0'
	case linkNone:
		first.markBefore(s)
	}
	return true
}

// markAfter looks at what stands after the last group of a chain.
func (g *group) markAfter(s string) {
	g.unit = unitAfter.MatchString(s[g.end:min(len(s), g.end+12)])
	if g.end == len(s) {
		return
	}
	r, n := utf8.DecodeRuneInString(s[g.end:])
	digits := 0
	for at := g.end + n; at < len(s) && isDigit(s[at]); at++ {
		digits++
	}
	switch r {
	case '@', '%', '_':
		g.other = true
	case ',', ':': // cents, minutes
		g.other = g.other || digits == 1 || digits == 2
	}
}

// markBefore looks at the sign before the first group of a chain, and at what is before
// that: the rest of a number, or a word.
func (g *group) markBefore(s string) {
	if g.start == 0 {
		return
	}
	r, size := utf8.DecodeLastRuneInString(s[:g.start])
	before, _ := utf8.DecodeLastRuneInString(s[:g.start-size])
	switch r {
	case ',', '.', ':':
		g.other = g.other || unicode.IsDigit(before) && len(g.digits) <= 4
	case '-', '/', '=', '&', '?':
		g.other = g.other || unicode.IsLetter(before) && !calls(s[max(0, g.start-size-16):g.start-size])
	case '#', '_', '@':
		g.other = true
	}
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

// markPairs marks groups that are pairs with a hyphen or a slash, and white space between
// them: days with their months, scores, ranges of ages. Three in a row are, or two days
// before a year.
func (c *chain) markPairs(s string) {
	n := len(c.groups)
	for i := 0; i+1 < n; i++ {
		end, days := i, true
		for end+1 < n {
			a, b := &c.groups[end], &c.groups[end+1]
			if a.plus || a.paren || a.word || b.word || a.end > b.start || end > i && strings.TrimLeft(s[c.groups[end-1].end:a.start], " \n") != "" {
				break
			}
			if gap := s[a.end:b.start]; gap != "-" && gap != "–" && gap != "/" {
				break
			}
			x, y := number2(a.digits), number2(b.digits)
			if x < 0 || y < 0 {
				break
			}
			day := x >= 1 && x <= 31 && y >= 1 && y <= 12
			if !day && x >= y && len(a.digits)+len(b.digits) > 2 {
				break
			}
			days = days && day
			end += 2
		}
		pairs := (end - i) / 2
		year := end < n && len(c.groups[end].digits) == 4 && date3("1", "1", c.groups[end].digits)
		if pairs < 2 || pairs == 2 && !(days && year) {
			continue
		}
		for k := i; k < end; k++ {
			c.groups[k].other = true
		}
		i = end - 1
	}
}

// number2 gives the number that one or two digits say, -1 for more.
func number2(digits string) int {
	if len(digits) > 2 {
		return -1
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return -1
	}
	return n
}

// markHosts marks groups that are an address of a machine: four numbers up to 255 with dots
// between them, without zeros before them, and nothing joined to them.
func (c *chain) markHosts(s string) {
	for i := 0; i+3 < len(c.groups); i++ {
		four := c.groups[i : i+4]
		host := (i == 0 || strings.Contains(s[c.groups[i-1].end:max(four[0].start, c.groups[i-1].end)], " ")) &&
			(i+4 == len(c.groups) || strings.ContainsAny(s[four[3].end:max(c.groups[i+4].start, four[3].end)], " :/"))
		for k := range four {
			g := &four[k]
			n, err := strconv.Atoi(g.digits)
			host = host && err == nil && n <= 255 && strconv.Itoa(n) == g.digits && !g.plus && !g.word && (k == 0 || four[k-1].end <= g.start && s[four[k-1].end:g.start] == ".")
		}
		if !host {
			continue
		}
		for k := range four {
			four[k].other = true
		}
		i += 3
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
