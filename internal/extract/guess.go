package extract

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// formed gives the number that groups i to end have the form of though the tables do
// not know it: a mobile number of a region with its trunk or its country's code, or a
// whole number after a plus.
func (f *finder) formed(c chain, i, end int) number {
	d := c.digits(i, end)
	if len(d) < minWithin || !c.words(i, end) {
		return number{}
	}
	n := f.form(c, i, end, d)
	if n.value != "" && !f.alone(c.groups[i:end], i == 0 && end == len(c.groups), n) {
		return number{}
	}
	return n
}

// form is formed for digits d of groups i to end.
func (f *finder) form(c chain, i, end int, d string) number {
	key := callable(d, c.groups[i].plus, c.named)
	if key == "" {
		return number{}
	}
	for rank := range f.p.regions {
		r := &f.p.regions[rank]
		code := strconv.Itoa(r.code)
		if rest, ok := strings.CutPrefix(strings.TrimPrefix(key, "+"), code); ok && r.trunk == "0" {
			rest = strings.TrimPrefix(rest, "0")
			if r.like(rest) || key[0] == '+' && len(rest) >= minWithin && r.takes(len(rest)) {
				return number{"+" + code + rest, rank, false}
			}
		}
		if rest, ok := r.national(d); ok && key[0] != '+' && r.trunk == "0" && r.like(rest) {
			return number{"+" + code + rest, rank, false}
		}
	}
	if key[0] != '+' || len(key) < 1+10 || f.left <= 0 {
		return number{}
	}
	f.left--
	n, err := phonenumbers.Parse(key, "ZZ")
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return number{}
	}
	if v := phonenumbers.Format(n, phonenumbers.E164); len(v) <= 1+15 {
		return number{v, -1, false}
	}
	return number{}
}

// The sizes of numbers that the tables say nothing for.
const (
	minLoose  = 9
	maxLoose  = 13
	maxPieces = 6 // groups, where they are not single digits
)

// loose gives the number that groups lo to hi are written as: alone on a line or
// after a call to phone, with about as many digits as a number has.
func (f *finder) loose(c chain, lo, hi int) number {
	d := c.digits(lo, hi)
	if lo != 0 || hi != len(c.groups) || len(d) < minLoose || len(d) > maxLoose || len(f.p.regions) == 0 || !c.words(lo, hi) || listed(c.groups) {
		return number{}
	}
	if strings.Trim(d, d[:1]) == "" {
		return number{} // one digit, again and again
	}
	if callable(d, c.groups[lo].plus, c.named) != d || hi-lo > maxPieces && !shredded(c.groups[lo:hi]) {
		return number{}
	}
	for _, g := range c.groups[lo:hi] {
		if g.unit || g.last {
			return number{}
		}
	}
	if !f.apart(c.groups[lo].start, c.groups[hi-1].end) {
		return number{}
	}
	for rank := range f.p.regions {
		if code := strconv.Itoa(f.p.regions[rank].code); len(code) > 1 && len(d) > 10 && strings.HasPrefix(d, code) {
			return number{"+" + d, rank, false}
		}
	}
	for rank := range f.p.regions {
		r := &f.p.regions[rank]
		if rank > 0 && r.free() && !f.german() {
			continue
		}
		if rest, _ := r.national(d); r.takes(len(rest)) && rest[0] != '0' {
			return number{"+" + strconv.Itoa(r.code) + rest, rank, false}
		}
	}
	return number{}
}

// apart reports whether nothing else stands on the line of a place, or shortly before
// it a word that calls for a phone number.
func (f *finder) apart(start, end int) bool {
	const far, near = 80, 30
	after := f.s[end:min(len(f.s), end+far)]
	before := f.s[max(0, start-far):start]
	if i := strings.LastIndexByte(before, '\n'); i >= 0 {
		before = before[i+1:]
	}
	for w := range strings.FieldsFuncSeq(before[max(0, len(before)-near):], func(r rune) bool { return !unicode.IsLetter(r) }) {
		if calls(w) {
			return true
		}
	}
	after, _, _ = strings.Cut(after, "\n")
	return silent(before) && silent(after)
}

// silent reports whether a text has neither letters nor digits.
func silent(s string) bool {
	for i := 0; i < len(s); {
		g := glyphAt(s, i)
		if g.class == letter || g.class == digit {
			return false
		}
		i += g.size
	}
	return true
}
