package extract

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"zoeklicht/internal/text"
)

// coded reports whether a group is a country's code.
func (c *chain) coded(i, hi int) bool {
	if i >= hi || len(c.groups[i].digits) > 3 {
		return false
	}
	code, err := strconv.Atoi(c.groups[i].digits)
	return err == nil && phonenumbers.GetRegionCodeForCountryCode(code) != phonenumbers.UNKNOWN_REGION
}

// meant reports whether groups i to end are meant as a number of its region, where other
// things would be one by chance: single digits behind others, a country that writes no zero
// before its numbers, and one whose numbers have any length.
func (f *finder) meant(c chain, i, end, lo, hi int, n number) bool {
	g := c.groups[i:end]
	if i > lo && single(c.groups[i-1:i]) && single(g) {
		return false
	}
	whole := i == lo && end == hi
	if !f.alone(g, whole, n) {
		return false
	}
	if n.rank < 0 || g[0].plus || strings.HasPrefix(g[0].digits, "00") {
		return true
	}
	switch r := &f.p.regions[n.rank]; {
	case r.trunk != "0" && r.trunk != "":
		return grouped(g) || whole && (shredded(g) || dotted(g) || f.apart(g[0].start, g[len(g)-1].end))
	case n.rank > 0 && r.free():
		national := strings.TrimPrefix(n.value, "+"+strconv.Itoa(r.code))
		switch first := &f.p.regions[0]; {
		case f.german():
			return true
		case first.near(national):
			return false
		case r.like(national):
			return true
		default:
			return whole && len(national) >= minWithin-1 && f.apart(g[0].start, g[len(g)-1].end)
		}
	}
	return true
}

// listed reports whether commas or colons part longer groups.
func listed(g []group) bool {
	return slices.ContainsFunc(g[1:], func(x group) bool { return x.listed })
}

// alone reports whether commas or colons that part longer groups part all of a mobile
// number, beside which there is nothing else.
func (f *finder) alone(g []group, whole bool, n number) bool {
	if !listed(g) {
		return true
	}
	mixed := slices.ContainsFunc(g[1:], func(x group) bool { return x.sign == 0 || x.sign != g[1].sign })
	return whole && !mixed && (g[0].plus || g[0].digits[0] == '0') && f.p.mobile(n.value)
}

// single reports whether groups are single figures.
func single(groups []group) bool {
	for i := range groups {
		if len(groups[i].digits) != 1 || groups[i].word {
			return false
		}
	}
	return true
}

// grouped reports whether a number is cut where Americans cut theirs, if at all: behind the
// one that may stand first, behind the three digits of the area, and behind three more.
func grouped(groups []group) bool {
	digits := 0
	for i := range groups {
		digits += len(groups[i].digits)
	}
	lead, at := digits-len("2125550123"), 0
	for i := range groups[:len(groups)-1] {
		at += len(groups[i].digits)
		if at != lead && at != lead+3 && at != lead+6 {
			return false
		}
	}
	return true
}

// dotted reports whether dots or unusual signs stand in a number, as in no list of counts.
func dotted(groups []group) bool {
	return slices.ContainsFunc(groups[1:], func(g group) bool { return g.odd || g.sign == '.' })
}

// german reports whether a text is written in a language of the countries whose numbers
// have any length.
func (f *finder) german() bool {
	if f.language == "" {
		if f.language = text.Language(f.s); f.language == "" {
			f.language = "?"
		}
	}
	return f.language == "de"
}
