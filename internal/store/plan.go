package store

import (
	"sort"
	"time"

	"zoeklicht"
)

// Read is what analysis made of one captured advert page.
type Read struct {
	Capture  *zoeklicht.Capture
	Reading  zoeklicht.Reading
	Folded   string // title and body, folded for searching
	Pictures []ReadPicture
	// Same says that the page is byte for byte the one read before, by the same
	// reader: a sighting of the advert's newest version, whatever it holds.
	Same bool
}

// ReadPicture is one picture of a read page.
type ReadPicture struct {
	zoeklicht.VersionPicture
	Canonical string   // address without session values
	SHA256    [32]byte // zero when missing
}

// advertState is where an advert stands after the events so far.
type advertState struct {
	id        zoeklicht.AdvertID
	source    zoeklicht.SourceID
	version   zoeklicht.VersionID
	n         int
	digest    [32]byte
	pictures  []ReadPicture
	firstSeen time.Time
	lastSeen  time.Time
	lastRun   int64
	absences  int
	goneAt    time.Time
	changed   bool
}

// sameContent reports whether a reading shows the content of the newest version.
// A picture that failed in one and was fetched in the other, at the same address,
// is not a change: the advertiser did nothing.
func (a *advertState) sameContent(digest [32]byte, pics []ReadPicture) bool {
	if a.n == 0 || a.digest != digest {
		return false
	}
	zero := [32]byte{}
	missing := map[string]bool{}
	there := func(ps []ReadPicture) map[string]bool {
		m := map[string]bool{}
		for _, p := range ps {
			m[p.Canonical] = true
		}
		return m
	}
	mine, theirs := there(a.pictures), there(pics)
	for _, ps := range [][]ReadPicture{a.pictures, pics} {
		for _, p := range ps {
			if p.SHA256 == zero && mine[p.Canonical] && theirs[p.Canonical] {
				missing[p.Canonical] = true
			}
		}
	}
	set := func(ps []ReadPicture) map[string]bool {
		m := map[string]bool{}
		for _, p := range ps {
			switch {
			case missing[p.Canonical]:
			case p.SHA256 == zero:
				m[p.Canonical] = true
			default:
				m[string(p.SHA256[:])] = true
			}
		}
		return m
	}
	x, y := set(a.pictures), set(pics)
	if len(x) != len(y) {
		return false
	}
	for k := range x {
		if !y[k] {
			return false
		}
	}
	return true
}

// plan turns a batch of readings and ended runs, in the order of their seq, into
// the rows to add. It is pure but for the ids it is given.
type plan struct {
	newAdvert  func() zoeklicht.AdvertID
	newVersion func() zoeklicht.VersionID

	byKey  map[advertKey]*advertState
	byID   map[zoeklicht.AdvertID]*advertState
	byPage map[pageKey]map[zoeklicht.AdvertID]bool
	seen   map[runAdvert]bool
	has    map[runVersion]bool // which sightings there are: a run has one of a version

	adverts   []newAdvert
	pages     []newPage
	versions  []newVersion
	sightings []newSighting
	shown     []newShown // which readings were of which advert, new or not
	absences  []newAbsence
	gone      []newAbsence
	relisted  []newAbsence
}

type (
	advertKey struct {
		source zoeklicht.SourceID
		key    string
	}
	pageKey struct {
		source zoeklicht.SourceID
		page   string
	}
	runAdvert struct {
		run    int64
		advert zoeklicht.AdvertID
	}
	runVersion struct {
		run     int64
		version zoeklicht.VersionID
	}
	newAdvert struct {
		id        zoeklicht.AdvertID
		key       advertKey
		canonical string
		at        time.Time
	}
	newPage struct {
		key    pageKey
		advert zoeklicht.AdvertID
	}
	newVersion struct {
		id     zoeklicht.VersionID
		advert zoeklicht.AdvertID
		n      int
		read   *Read
		digest [32]byte
	}
	newSighting struct {
		version zoeklicht.VersionID
		advert  zoeklicht.AdvertID
		run     int64
		at      time.Time
		capture zoeklicht.CaptureID
	}
	newShown struct {
		advert zoeklicht.AdvertID
		read   *Read
	}
	newAbsence struct {
		advert zoeklicht.AdvertID
		run    int64
		at     time.Time
		why    string
	}
)

// keyOf is an advert's identity at its source: the site's own number, or else the
// canonical address.
func keyOf(r *Read) advertKey {
	k := r.Reading.Key
	if k == "" {
		k = r.Capture.Canonical
	}
	return advertKey{r.Capture.Source, k}
}

// read takes in one reading.
func (p *plan) read(r *Read) {
	c := r.Capture
	page := pageKey{c.Source, string(keyOfPage(c.Canonical))}
	var a *advertState
	if r.Same {
		for id := range p.byPage[page] {
			if a == nil || id > a.id {
				a = p.byID[id]
			}
		}
		if a == nil || a.n == 0 {
			return
		}
	} else {
		key := keyOf(r)
		a = p.byKey[key]
		if a == nil {
			a = &advertState{id: p.newAdvert(), source: c.Source, firstSeen: c.At}
			p.byKey[key], p.byID[a.id] = a, a
			p.adverts = append(p.adverts, newAdvert{a.id, key, c.Canonical, c.At})
		}
		if !p.byPage[page][a.id] {
			if p.byPage[page] == nil {
				p.byPage[page] = map[zoeklicht.AdvertID]bool{}
			}
			p.byPage[page][a.id] = true
			p.pages = append(p.pages, newPage{page, a.id})
		}
		digest := r.Reading.ContentDigest()
		if !a.sameContent(digest, r.Pictures) {
			a.version, a.n, a.digest, a.pictures = p.newVersion(), a.n+1, digest, r.Pictures
			p.versions = append(p.versions, newVersion{a.version, a.id, a.n, r, digest})
		}
	}
	if !a.goneAt.IsZero() {
		p.relisted = append(p.relisted, newAbsence{a.id, c.Run, c.At, ""})
	}
	a.changed, a.absences, a.goneAt = true, 0, time.Time{}
	p.shown = append(p.shown, newShown{a.id, r})
	p.seen[runAdvert{c.Run, a.id}] = true
	p.sighted(a, newSighting{a.version, a.id, c.Run, c.At, c.ID})
}

// sighted takes in a sighting, but for one of a version that the run had seen before: an
// advert that stands at two addresses is seen once. Runs overlap where somebody asked for
// a page at once, so the newest sighting may come before one of an older run.
func (p *plan) sighted(a *advertState, g newSighting) {
	if p.has[runVersion{g.run, g.version}] {
		return
	}
	p.has[runVersion{g.run, g.version}] = true
	p.sightings = append(p.sightings, g)
	a.lastRun = max(a.lastRun, g.run)
	if g.at.After(a.lastSeen) {
		a.lastSeen = g.at
	}
}

// absent takes in that a complete run did not see a page. It takes two absences in
// a row to call an advert gone. An advert that was seen in a later run, which somebody
// asked for meanwhile, was not absent.
func (p *plan) absent(source zoeklicht.SourceID, run int64, at time.Time, page []byte, why string) {
	ids := make([]zoeklicht.AdvertID, 0, 1)
	for id := range p.byPage[pageKey{source, string(page)}] {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool { return ids[i] < ids[j] })
	for _, id := range ids {
		a := p.byID[id]
		if a == nil || p.seen[runAdvert{run, id}] || a.lastRun > run {
			continue
		}
		if why == string(zoeklicht.ListedAgain) {
			// Not seen, and there all the same: whatever its absences were, they are over.
			p.seen[runAdvert{run, id}] = true
			a.absences, a.goneAt, a.changed = 0, time.Time{}, true
			p.relisted = append(p.relisted, newAbsence{id, run, at, why})
			continue
		}
		p.seen[runAdvert{run, id}] = true // one absence a run, however many pages
		a.absences++
		a.changed = true
		p.absences = append(p.absences, newAbsence{id, run, at, why})
		if a.absences >= 2 && a.goneAt.IsZero() {
			a.goneAt = at
			p.gone = append(p.gone, newAbsence{id, run, at, why})
		}
	}
}
