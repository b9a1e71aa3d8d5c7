package extract

import (
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"zoeklicht"
)

// finder goes through one text.
type finder struct {
	p     *Phones
	s     string
	left  int               // look-ups
	known map[string]number // by digits

	language string // of the text, once it was asked for; "?" where it is not known
	out      []zoeklicht.Entity
}

// number is what digits turned out to be.
type number struct {
	value string // E.164; "" for none
	rank  int    // the place of its region among the regions, -1 for international
	valid bool
}

// chain takes the numbers out of a chain, stretch by stretch.
func (f *finder) chain(c chain) {
	for lo := 0; lo < len(c.groups); {
		if c.groups[lo].other {
			lo++
			continue
		}
		hi := lo + 1
		for hi < len(c.groups) && !c.groups[hi].other && !c.groups[hi].plus {
			hi++
		}
		f.stretch(c, lo, hi)
		lo = hi
	}
}

// stretch takes the numbers out of groups lo to hi: those in the tables, each time
// the best at the earliest group; where there are none, what has the form of one.
func (f *finder) stretch(c chain, lo, hi int) {
	groups := c.groups[lo:hi]
	if !groups[0].plus && (counts(groups) || amounts(groups)) {
		return
	}
	table := len(groups) > maxGroups
	if !table && shredded(groups) {
		n := f.whole(c, lo, hi)
		if n.value == "" {
			n = f.formed(c, lo, hi)
		}
		if n.value != "" {
			f.put(c, lo, hi, n)
			return
		}
	}
	found := false
	for i := lo; i < hi; {
		if d := groups[i-lo].digits[0]; table && d != '0' && !groups[i-lo].plus {
			i++
			continue
		}
		end, n := f.best(c, i, lo, hi)
		if n.value == "" && i == lo && international(c.groups[i]) {
			// What is behind a country's code is never a number of another country.
			end, n = f.abroad(c, i, hi)
			if n.value == "" && (c.groups[i].digits != "00" || c.coded(i+1, hi)) {
				return
			}
		}
		if n.value == "" {
			i++
			continue
		}
		f.put(c, i, end, n)
		found, i, lo = true, end, end
	}
	if found || table {
		return
	}
	for i := lo; i < hi; i++ {
		for end := hi; end > i; end-- {
			if n := f.formed(c, i, end); n.value != "" {
				f.put(c, i, end, n)
				return
			}
		}
	}
	if n := f.loose(c, lo, hi); n.value != "" {
		f.put(c, lo, hi, n)
	}
}

// put writes down groups i to end as a number.
func (f *finder) put(c chain, i, end int, n number) {
	g := c.groups[i:end]
	e := zoeklicht.Entity{
		Type: zoeklicht.Phone, Start: g[0].start, End: g[len(g)-1].end, Value: n.value, Valid: n.valid, Obfuscated: len(g) >= minDigits,
	}
	for k := range g {
		e.Obfuscated = e.Obfuscated || g[k].word || g[k].look || g[k].shape || k > 0 && g[k].odd
	}
	if raw := f.s[e.Start:e.End]; raw[0] == '(' && strings.Count(raw, "(") > strings.Count(raw, ")") {
		e.Start++ // the bracket encloses more than the number
	}
	e.Raw = f.s[e.Start:e.End]
	f.out = append(f.out, e)
}

// counts reports whether groups go up or down by the same step, as hours and
// numbered things do.
func counts(groups []group) bool {
	if len(groups) < 4 {
		return false
	}
	step := 0
	for i := 1; i < len(groups); i++ {
		a, errA := strconv.Atoi(groups[i-1].digits)
		b, errB := strconv.Atoi(groups[i].digits)
		if errA != nil || errB != nil || len(groups[i].digits) > 4 || i > 1 && b-a != step || b == a {
			return false
		}
		step = b - a
	}
	return true
}

// amounts reports whether groups are a list of round amounts or minutes.
func amounts(groups []group) bool {
	if len(groups) < 4 {
		return false
	}
	for _, g := range groups {
		n := len(g.digits)
		if n < 2 || n > 3 || g.digits[0] == '0' || g.digits[n-1] != '0' && g.digits[n-1] != '5' {
			return false
		}
	}
	return true
}

// shredded reports whether a number is cut so small, or so unusually throughout, that
// any part of it that is a number too is so by chance.
func shredded(groups []group) bool {
	odd := 0
	for _, g := range groups[1:] {
		if g.odd {
			odd++
		}
	}
	if odd >= 3 && odd == len(groups)-1 {
		return true
	}
	if len(groups) < 6 {
		return false
	}
	single := 0
	for _, g := range groups {
		if len(g.digits) > 3 {
			return false
		}
		if len(g.digits) == 1 {
			single++
		}
	}
	return single*10 >= len(groups)*7 || len(groups[len(groups)-1].digits) == 1
}

// digits gives the digits of groups i to end, without the zero of "+31 (0)6" which
// is for those who call from within the country; "" where there are too many.
func (c *chain) digits(i, end int) string {
	if end == i+1 {
		if d := c.groups[i].digits; len(d) <= maxDigits {
			return d
		}
		return ""
	}
	var b strings.Builder
	for j := i; j < end; j++ {
		if c.trunk(i, j) {
			continue
		}
		if b.WriteString(c.groups[j].digits); b.Len() > maxDigits {
			return ""
		}
	}
	return b.String()
}

// trunk reports whether group j is the "(0)" of a number that begins with group i and a
// country's code.
func (c *chain) trunk(i, j int) bool {
	g := &c.groups[j]
	return g.paren && g.digits == "0" && j > i && international(c.groups[i])
}

// international reports whether a country's code begins with a group: behind a plus, or
// behind 00, which may stand alone.
func international(g group) bool {
	return g.plus || strings.HasPrefix(g.digits, "00") && !strings.HasPrefix(g.digits, "000")
}

// words reports whether the number words of groups i to end can be meant as digits:
// ordinary words ("een", "for") count among others only, and so do letters alone.
func (c *chain) words(i, end int) bool {
	if c.groups[end-1].soft || c.groups[i].soft && c.groups[i].digits != "0" {
		return false
	}
	weak, strong := 0, 0
	for _, g := range c.groups[i:end] {
		switch {
		case g.weak:
			weak++
		case g.word || g.digits != "" && len(g.digits) == 1:
			strong++
		}
	}
	if weak == 0 {
		return true
	}
	return weak <= strong && (strong >= 3 || !c.groups[i].weak && !c.groups[end-1].weak)
}

// whole looks groups i to end up as one number.
func (f *finder) whole(c chain, i, end int) number {
	d := c.digits(i, end)
	if len(d) < minDigits || !c.words(i, end) {
		return number{}
	}
	if n := f.lookup(d, c.groups[i].plus, c.named); n.value != "" && f.meant(c, i, end, i, end, n) {
		return n
	}
	return number{}
}

// abroad gives the number behind the country's code that group i begins with where the
// tables do not know it, and the group after its last: one that has the form of a region's
// mobile numbers, else the longest that the country has room for.
func (f *finder) abroad(c chain, i, hi int) (end int, n number) {
	for j := hi - 1; j > i; j-- {
		if c.groups[j].unit {
			hi = j
		}
	}
	for at := hi; at > i; at-- {
		x := f.formed(c, i, at)
		if x.value == "" {
			continue
		}
		if f.p.mobile(x.value) {
			return at, x
		}
		if n.value == "" && (c.groups[i].digits != "00" || f.apart(c.groups[i].start, c.groups[at-1].end)) {
			end, n = at, x
		}
	}
	return end, n
}

// best gives the number that begins with group i, and the group after its last:
// of the first region that has one, the longest. lo is the first group that is of no
// number before.
func (f *finder) best(c chain, i, lo, hi int) (end int, n number) {
	first := &c.groups[i]
	digits := make([]byte, 0, maxDigits)
	for j := i; j < hi; j++ {
		g := &c.groups[j]
		if n.value != "" && (g.unit || g.paren) || len(digits)+len(g.digits) > maxDigits {
			break
		}
		if !c.trunk(i, j) {
			digits = append(digits, g.digits...)
		}
		if len(digits) >= len("000") && string(digits[:len("000")]) == "000" {
			break // of no country
		}
		if len(digits) < minDigits || !first.plus && len(digits) < minWithin && j+1-i < len(c.groups) || !c.words(i, j+1) {
			continue
		}
		x := f.lookup(string(digits), first.plus, c.named)
		if x.value != "" && (n.value == "" || x.rank <= n.rank) && f.meant(c, i, j+1, lo, hi, x) {
			end, n = j+1, x
		}
	}
	return end, n
}

// callable says how digits are to be read: with a country's code (a plus comes
// first), as they are, or "" for no phone number.
func callable(digits string, plus bool, called naming) string {
	switch {
	case plus:
		return "+" + digits
	case strings.HasPrefix(digits, "00") && len(digits) > 2 && digits[2] != '0':
		return "+" + digits[2:]
	case called == otherwise, called == numbered && digits[0] != '0':
		return ""
	}
	return digits
}

// lookup gives what the tables and patterns have for digits.
func (f *finder) lookup(digits string, plus bool, called naming) number {
	key := callable(digits, plus, called)
	if key == "" {
		return number{}
	}
	if n, ok := f.known[key]; ok {
		return n
	}
	if f.left <= 0 {
		return number{}
	}
	var n number
	if key[0] == '+' {
		n = f.international(key)
	} else {
		n = f.national(key)
	}
	f.known[key] = n
	return n
}

func (f *finder) international(key string) number {
	f.left--
	n, err := phonenumbers.Parse(key, "ZZ")
	if err != nil {
		return number{}
	}
	return f.p.accept(n, "", -1)
}

func (f *finder) national(digits string) number {
	for rank := range f.p.regions {
		r := &f.p.regions[rank]
		dial := digits
		if r.trunk == "0" && digits[0] != '0' {
			// Without the zero, any number would be one: only with the country's code,
			// where people leave out the plus.
			if len(digits) < 10 || !strings.HasPrefix(digits, strconv.Itoa(r.code)) {
				continue
			}
			dial = "+" + digits
		} else if rest, _ := r.national(digits); !r.takes(len(rest)) {
			continue
		}
		if f.left--; f.left < 0 {
			break
		}
		n, err := phonenumbers.Parse(dial, r.name)
		if err != nil || int(n.GetCountryCode()) != r.code {
			continue
		}
		if v := f.p.accept(n, r.name, rank); v.value != "" {
			return v
		}
		// A mobile number of this country that is not given out comes before whatever
		// the next country has: some have numbers of any length.
		if rest, ok := r.national(digits); ok && r.trunk == "0" && r.like(rest) {
			return number{"+" + strconv.Itoa(r.code) + rest, rank, false}
		}
	}
	return number{}
}

// accept gives the E.164 form of a number that is in the tables, for the region
// where one is given, or that matches a pattern.
func (p *Phones) accept(n *phonenumbers.PhoneNumber, region string, rank int) number {
	v := phonenumbers.Format(n, phonenumbers.E164)
	if len(v) > 1+15 { // longer than the standard has them, though the tables do
		return number{}
	}
	for _, re := range p.patterns {
		if re.MatchString(v) {
			return number{v, rank, true}
		}
	}
	if region == "" && phonenumbers.IsValidNumber(n) || region != "" && phonenumbers.IsValidNumberForRegion(n, region) {
		return number{v, rank, true}
	}
	return number{}
}
