package practice

// kind is what stands behind an advert.
type kind uint8

const (
	ordinary    kind = iota
	independent      // works alone, and says so by the wording of safety
	branch           // of a practice in two towns: one name, one number, one text
	agency           // one name and one number on very many adverts: a hub
	ring             // planted: three names on one number, the first's text under another
	loner            // planted: several signals in one advert
	mover            // planted: the same, in another town every other day
)

// plan is what a life is made for: what stands behind it, and what its content
// shall say. It holds from the advert's first day to its last.
type plan struct {
	kind kind
	// group names the group by its first slot, -1 for none; member counts in it.
	group, member int
	signals       marks // that its own content carries
	safety        marks
	// frozen are the facets that never change; a change of theirs is one of pictures.
	frozen [facets]bool
	// stay is after how many days it moves to another town; 0 when it moves by chance.
	stay int
}

const (
	// Of every plantedBlock slots, ringSize make a ring among the first ringBlock, and
	// one in every aloneBlock of the others is planted alone: 2.2 % together, so that
	// worlds of the same size have about as many.
	plantedBlock = 640
	ringBlock    = 160
	aloneBlock   = 48
	ringSize     = 4
	// Worlds that are large enough for it to be a hub have an agency.
	agencyLeast  = 300
	mostMembers  = 5 // of a practice
	groupBlock   = 16
	touringStay  = 7 // days: two towns in any week
	moverStay    = 2 // days: four towns in any week
	plantedLeast = 3
)

// planned tells what a slot is for, if anything is planned for it whatever life
// it has.
func (w *World) planned(slot int) plan {
	block := slot - slot%plantedBlock
	r := seeded(w.cfg.Seed, drawRing, uint64(block))
	// The ring lies on four sites, first in the order of their ports; never where a
	// practice may begin, so that no two groups have one name.
	first := block + w.dealt*(1+r.intn(ringBlock/w.dealt-2))
	for first%groupBlock == 0 {
		first += w.dealt
	}
	if first <= slot && slot < first+ringSize {
		return plan{kind: ring, group: first, member: slot - first}
	}
	if n := slot - block - ringBlock; n >= 0 {
		r := seeded(w.cfg.Seed, drawRing, uint64(block), uint64(n/aloneBlock))
		if n%aloneBlock == r.intn(aloneBlock) {
			return plan{kind: [...]kind{loner, mover}[n/aloneBlock%2], group: -1}
		}
	}
	r = seeded(w.cfg.Seed, drawAgency, uint64(slot))
	if w.cfg.Adverts >= agencyLeast && r.chance(50) {
		return plan{kind: agency, group: -1}
	}
	// Where something else is planned for its first slot, whose numbers it has, there
	// is no practice.
	if first, ok := w.practice(slot); ok && (slot == first || w.planned(first).kind == branch) {
		return plan{kind: branch, group: first, member: slot - first}
	}
	return plan{kind: ordinary, group: -1}
}

// practice tells whether a slot is a branch of a practice, by the slot of its
// first. Neighbouring slots share the draw; about one in ten is a branch.
func (w *World) practice(slot int) (first int, ok bool) {
	first = slot - slot%groupBlock
	r := seeded(w.cfg.Seed, drawGroup, uint64(first))
	if !r.chance(450) {
		return 0, false
	}
	return first, slot-first < 2+r.intn(mostMembers-1)
}

// plan tells what a life is made for.
func (w *World) plan(l life) plan {
	p := w.planned(l.slot)
	r := seeded(w.cfg.Seed, drawPlan, uint64(l.slot), uint64(l.gen))
	switch p.kind {
	case branch:
		p.frozen[facetPlace], p.frozen[facetPhone] = true, true
		return p
	case agency:
		p.frozen[facetPhone] = true
		return p
	case ring:
		p.ring(w)
		return p
	case loner, mover:
		p.signals = drawMarks(&r, wordings|1<<disguisedNumber|1<<priceBelowMedian, plantedLeast+1+r.intn(3))
	default:
		p.ordinary(&r)
	}
	if p.kind != independent && r.chance(120) {
		p.safety = drawMarks(&r, cautions&^(1<<touring), 1)
	}
	switch {
	case p.kind == mover:
		p.stay = moverStay
	case p.safety.has(int(touring)):
		p.stay = touringStay
	}
	p.frozen[facetPlace] = p.stay > 0 || p.kind == independent
	return p
}

// ordinary draws what nobody planned: one advert in six or so works on its own
// and says what keeps it safe; of the others a few carry a signal or two.
func (p *plan) ordinary(r *rng) {
	if r.chance(185) {
		p.kind = independent
		p.safety = drawMarks(r, cautions, 1+r.intn(3))
		if r.chance(220) {
			p.signals = 1 << disguisedNumber
		}
		return
	}
	switch n := r.intn(100); {
	case n >= 14:
		return
	case n < 5:
		p.signals = 1 << disguisedNumber
	default:
		p.signals = drawMarks(r, (wordings|1<<priceBelowMedian)&^(1<<restrictedMovement), 1)
	}
	if r.chance(200) {
		p.signals |= drawMarks(r, wordings&^(1<<restrictedMovement|p.signals), 1)
	}
}

// ring draws what the members of a ring say, all of them the same. The first and
// the last have the very same text, and their numbers in fields only; the two
// between them may disguise theirs.
func (p *plan) ring(w *World) {
	r := seeded(w.cfg.Seed, drawRing, drawPlan, uint64(p.group))
	p.signals = drawMarks(&r, wordings, plantedLeast+r.intn(3))
	if r.chance(300) {
		p.signals |= 1 << priceBelowMedian
	}
	if r.chance(120) {
		p.safety = drawMarks(&r, cautions&^(1<<touring), 1)
	}
	if !p.twin() && r.chance(500) {
		p.signals |= 1 << disguisedNumber
	}
	p.frozen[facetText], p.frozen[facetPhone] = true, true
}

// twin reports whether the text is that of another member of the ring, letter
// by letter.
func (p *plan) twin() bool { return p.kind == ring && (p.member == 0 || p.member == ringSize-1) }
