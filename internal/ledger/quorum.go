package ledger

import "slices"

// Witnesses names the witnesses that the quorum counts, in the order of their lines, and
// tells how many of them are enough if they are the right ones.
func (p *Policy) Witnesses() (names []string, least int) {
	if p.quorum == none {
		return nil, 0
	}
	for _, m := range p.asked() {
		names = append(names, m.name)
	}
	return names, p.least(p.quorum)
}

// least gives the fewest cosignatures that are enough for a member.
func (p *Policy) least(i int) (sum int) {
	m := &p.members[i]
	if m.key != nil {
		return 1
	}
	each := make([]int, len(m.of))
	for k, of := range m.of {
		each[k] = p.least(of)
	}
	slices.Sort(each)
	for _, n := range each[:m.need] {
		sum += n
	}
	return sum
}
