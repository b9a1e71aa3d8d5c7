package extract

import (
	"iter"
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
	maxSoft   = 6  // tokens of letters alone in a row
	maxRepeat = 10 // times that one sign stands in a row
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
				ok = t.followed(stop)
			}
		}
		if !ok || !sep.joins(&g, &next) || len(c.groups) > 1 && sep.newline != column || aside(t.s, &next) && c.full() {
			break
		}
		column = sep.newline
		next.odd, next.sign = sep.odd, sep.sign
		next.listed = (sep.comma || sep.colon) && !sep.pairs(&g, &next)
		g, end = next, stop
	}
	c.trim()
	if len(c.groups) == 0 || !c.markEdges(t.s) {
		return chain{}, end
	}
	c.named = called(t.s, first)
	c.markDates(t.s)
	c.markPairs(t.s)
	c.markHosts(t.s)
	return c, end
}

// followed reports whether digits follow what ends at a place, with nothing but letters
// that look like digits between: such letters are digits only between others.
func (t *tokens) followed(at int) bool {
	for range maxSoft {
		if at, _ = t.gap(at); at < 0 {
			return false
		}
		if _, digits := t.skip(at); digits || glyphAt(t.s, at).class == digit {
			return true
		}
		_, end, ok := t.soft(at)
		if !ok {
			return false
		}
		at = end
	}
	return false
}

// aside reports whether a group begins what stands in brackets with more than itself:
// "(60 cents a minute)".
func aside(s string, g *group) bool {
	return g.start > 0 && s[g.start-1] == '(' && (g.end >= len(s) || s[g.end] != ')')
}

// full reports whether a chain has digits enough for a number.
func (c *chain) full() bool {
	n := 0
	for i := range c.groups {
		if n += len(c.groups[i].digits); n >= minDigits {
			return true
		}
	}
	return false
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
	// "+06" is a slip: no country's code begins with a zero.
	if sign := plusBefore(s, g.start); sign > 0 && g.digits != "" && g.digits[0] != '0' {
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
	sign    rune // the only one, without white space; 0 for none and for several
}

// gap gives the place of the next token where only separators stand before it, or
// -1, and what they are.
func (t *tokens) gap(i int) (at int, sep separation) {
	signs, spaces, hidden, repeated := 0, 0, 0, 0
	var last rune
	for i < len(t.s) {
		if n := markup(t.s, i); n > 0 {
			signs, last, sep.odd, sep.sign = signs+1, 0, true, 0
			i += n
			continue
		}
		g := glyphAt(t.s, i)
		if g.class == between && g.r == last { // "....", "**"
			if repeated++; repeated > maxRepeat {
				return -1, sep
			}
			sep.odd = true
			i += g.size
			continue
		}
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
				sep.space, last = true, 0
			case '\n', '\r':
				spaces++
				sep.newline, last = true, 0
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
			if g.r != last && !unicode.IsSpace(g.r) {
				if last, repeated, sep.sign = g.r, 1, g.r; signs > 1 {
					sep.sign = 0
				}
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
	if x.comma || x.colon {
		return x.pairs(a, b) || x.sign != 0 && !x.space && len(b.digits) > 2 && len(a.digits)+len(b.digits) <= maxListed
	}
	return true
}

// maxListed is how many digits may stand on the two sides of a comma that is in a number.
const maxListed = 8

// pairs reports whether commas and colons part the digits of one number: single ones, and
// with commas pairs. Of longer groups they do only where they part all of them.
func (x separation) pairs(a, b *group) bool {
	n := len(a.digits) + len(b.digits)
	if x.colon && n > 2 {
		return false
	}
	return !x.comma || n <= 2 || !x.space && len(a.digits) <= 2 && len(b.digits) <= 2
}

// markup gives how many bytes a tag of a few letters has that somebody wrote into a field
// that shows it as it is: "<b>", "</span>", "<br/>"; 0 for none.
func markup(s string, i int) int {
	if s[i] != '<' {
		return 0
	}
	end := strings.IndexByte(s[i:min(len(s), i+longestTag)], '>')
	if end < 2 {
		return 0
	}
	name := strings.TrimSuffix(strings.TrimPrefix(s[i+1:i+end], "/"), "/")
	if name = strings.TrimRight(name, " "); name == "" || strings.Trim(name, alphabet+strings.ToUpper(alphabet)) != "" {
		return 0
	}
	return end + 1
}

// longestTag is how many bytes such a tag may have.
const longestTag = 12
