package practice

// besideDays is how far back what stands beside an advert counts: a week with
// the day itself.
const besideDays = 7

// signalsOn gives every signal that an advert carries on a day: those of its own
// content, and those that show when it is laid beside what had the same number,
// text or pictures in the week up to then, though not before day 0, when nobody
// watched.
func (w *World) signalsOn(l life, a *Advert, day int) marks {
	out := a.plan.signals
	switch a.plan.kind {
	case agency, branch: // a hub links nobody; a practice has one name and two towns
		return out
	case ring:
		return out | w.besideRing(l, a, day)
	}
	// Others have their number, text and pictures for themselves.
	towns, now := map[int]bool{}, w.revisionsBy(&a.plan, l, day)
	for d := max(0, l.from, day-besideDays+1); d <= day; d++ {
		if rev := w.revisionsBy(&a.plan, l, d); l.online(d) && rev[facetPhone] == now[facetPhone] {
			towns[rev[facetPlace]] = true
		}
	}
	if len(towns) >= 3 {
		out |= 1 << severalCities
	}
	return out
}

// besideRing lays an advert of a ring beside the others.
func (w *World) besideRing(l life, a *Advert, day int) (out marks) {
	names, ages, towns := map[string]bool{}, map[int]bool{}, map[string]bool{}
	text := joined(a.Body)
	for d := max(0, day-besideDays+1); d <= day; d++ {
		for slot := a.Group; slot < min(a.Group+ringSize, w.cfg.Adverts); slot++ {
			other, ok := w.lifeAt(slot, d)
			if !ok || !other.online(d) {
				continue
			}
			b := w.advert(other, d)
			switch {
			case b.Phone == a.Phone:
				names[b.Studio], ages[b.Age], towns[b.Place] = true, true, true
			default:
				if b.Title == a.Title && joined(b.Body) == text {
					out |= 1 << textElsewhere
				}
				if samePicture(a, b) {
					out |= 1 << pictureElsewhere
				}
			}
		}
	}
	if len(names) >= 2 {
		out |= 1 << severalAliases
	}
	if len(names) >= 3 {
		out |= 1 << sharedContact
	}
	if len(ages) >= 2 {
		out |= 1 << severalAges
	}
	if len(towns) >= 3 {
		out |= 1 << severalCities
	}
	return out
}

// samePicture reports whether two adverts have the bytes of a picture in common
// that can be had from both.
func samePicture(a, b *Advert) bool {
	for _, p := range a.Pictures {
		for _, q := range b.Pictures {
			if p.Key == q.Key && p.Trouble == Fine && q.Trouble == Fine {
				return true
			}
		}
	}
	return false
}
