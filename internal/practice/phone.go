package practice

import "strconv"

// Numbers that nobody can have: 06 000x xxxx is not given out in the
// Netherlands, so libphonenumber rejects it and the practice theme accepts it by
// a pattern of its own. There are a hundred thousand; each slot has eight of
// them, so that two slots share a number by chance only in worlds of more than
// 12,500 adverts, and a slot's numbers return, on another advert, after months.
const (
	numbers       = 100_000
	perSlot       = 8
	phonesPerLife = 3
)

// phone gives the digits after +31 of the number of a life at a revision of its
// phone. A practice has one number, a ring two, of which the second is its last
// member's, and the agency that of a slot that no world of its size has.
func (w *World) phone(l life, p *plan, rev int) string {
	slot, k := l.slot, (l.gen*phonesPerLife+rev)%perSlot
	switch p.kind {
	case branch:
		slot, k = p.group, 0
	case ring:
		slot, k = p.group, p.member/(ringSize-1)
	case agency:
		slot, k = w.cfg.Adverts, 0
	}
	// An affine map modulo 100,000 with a factor that shares no divisor with it
	// is a permutation: scattered, and without doubles.
	n := (uint64(slot*perSlot+k)*38_183 + w.cfg.Seed%numbers) % numbers
	s := strconv.FormatUint(n, 10)
	return "6000" + "00000"[len(s):] + s
}

// spellings is how many ways of writing a number there are, all of them plain.
const spellings = 9

// spell writes the nine digits after +31 in one of the plain ways.
func spell(d string, style int) string {
	switch style {
	case 0:
		return "0" + d[:1] + " " + d[1:5] + " " + d[5:]
	case 1:
		return "0" + d[:1] + "-" + d[1:]
	case 2:
		return "0" + d
	case 3:
		return "+31 " + d[:1] + " " + d[1:5] + " " + d[5:]
	case 4:
		return "0031 " + d[:1] + " " + d[1:]
	case 5:
		return "+31 (0)" + d[:1] + " " + d[1:5] + " " + d[5:]
	case 6:
		return "0" + d[:1] + "." + d[1:3] + "." + d[3:5] + "." + d[5:7] + "." + d[7:]
	case 7:
		return "0" + d[:1] + " - " + d[1:3] + " " + d[3:5] + " " + d[5:7] + " " + d[7:]
	default:
		return "+31" + d
	}
}
