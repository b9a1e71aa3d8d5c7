package practice

// A slot is a place in the world in which one advert after another lives: when
// an advert vanishes for good, another takes its place some days later, so that
// the number of adverts stays about the same for as long as the world is played.

// life is one advert from its first day to its last.
type life struct {
	slot, gen int
	from, to  int // online on days from ≤ d < to
	awayFrom  int // but not on awayFrom ≤ d < awayTo
	awayTo    int
}

// online reports whether the advert is there on a day.
func (l life) online(day int) bool {
	return l.from <= day && day < l.to && (day < l.awayFrom || day >= l.awayTo)
}

// facet is a part of an advert's content that changes by itself.
type facet int

const (
	facetText facet = iota
	facetPrice
	facetPlace
	facetPhone
	facetPictures
	facets
)

// revisions counts the changes of each facet since the advert's first day. Each
// facet's value is a function of advert and revision that never gives the same
// value twice within one life, so a content that was left never returns and a
// change is always a new version.
type revisions [facets]int

// distinct is how many different values a facet has in one life; pictures, at 0,
// have as many as are asked for.
var distinct = [facets]int{
	facetText:  1 + spareSentences,
	facetPrice: priceSteps,
	facetPlace: len(places),
	facetPhone: phonesPerLife,
}

const (
	longestLife = 72
	// changePermille is the chance per day that something changes.
	changePermille = 110
)

// purposes of the generators, so that no two facts share one.
const (
	drawPhase uint64 = iota + 1
	drawLife
	drawChange
	drawText
	drawFill
	drawPrice
	drawPlace
	drawPhone
	drawPicture
	drawGroup
	drawStyle
	drawBarrier
	drawEmpty
	drawTrouble
	drawSession
	drawCorpus
	drawPlan
	drawRing
	drawAgency
	drawAge
)

// eachLife calls yield with the lives of a slot in order, until it says false.
func (w *World) eachLife(slot int, yield func(life) bool) {
	r := seeded(w.cfg.Seed, drawPhase, uint64(slot))
	from := -r.intn(longestLife)
	for gen := 0; ; gen++ {
		r := seeded(w.cfg.Seed, drawLife, uint64(slot), uint64(gen))
		l := life{slot: slot, gen: gen, from: from}
		l.to = from + 4 + r.intn(20) + r.intn(50)
		if long := l.to - l.from; long >= 8 && r.chance(250) {
			l.awayFrom = from + 2 + r.intn(long-6)
			l.awayTo = l.awayFrom + 1 + r.intn(4)
		}
		if !yield(l) {
			return
		}
		from = l.to + 1 + r.intn(6)
	}
}

// lifeAt gives the life that a slot's day belongs to, if any.
func (w *World) lifeAt(slot, day int) (found life, ok bool) {
	w.eachLife(slot, func(l life) bool {
		if l.from <= day && day < l.to {
			found, ok = l, true
		}
		return l.to <= day
	})
	return found, ok
}

// lifeOf gives a slot's life by its generation, if it has begun by maxDay.
func (w *World) lifeOf(slot, gen int) (found life, ok bool) {
	w.eachLife(slot, func(l life) bool {
		if l.gen == gen {
			found, ok = l, true
		}
		return l.gen < gen && l.to <= maxDay
	})
	return found, ok
}

// revisionsAt counts the changes of a life up to and with a day.
func (w *World) revisionsAt(l life, day int) revisions {
	p := w.plan(l)
	return w.revisionsBy(&p, l, day)
}

// revisionsBy is revisionsAt for who knows the life's plan.
func (w *World) revisionsBy(p *plan, l life, day int) (rev revisions) {
	r := seeded(w.cfg.Seed, drawChange, uint64(l.slot), uint64(l.gen))
	for d := l.from + 1; d <= day && d < l.to; d++ {
		if !r.chance(changePermille) {
			continue
		}
		f := drawFacet(&r)
		if limit := distinct[f]; p.frozen[f] || limit > 0 && rev[f] == limit-1 {
			f = facetPictures // without end
		}
		rev[f]++
	}
	if p.stay > 0 { // a life of 72 days ends before the towns do
		rev[facetPlace] = (min(day, l.to-1) - l.from) / p.stay
	}
	return rev
}

func drawFacet(r *rng) facet {
	switch n := r.intn(100); {
	case n < 35:
		return facetPrice
	case n < 62:
		return facetText
	case n < 80:
		return facetPictures
	case n < 92:
		return facetPhone
	default:
		return facetPlace
	}
}
