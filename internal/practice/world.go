package practice

import (
	"cmp"
	"iter"
	"slices"
	"time"
)

// World is a set of sites and their adverts on any day. It holds no state but
// its settings: everything is a function of the seed. Safe for concurrent use.
type World struct {
	cfg       Config
	sites     []site
	dealt     int // how many of the sites, the first ones, have adverts
	languages map[string]*language
	albums    *album
}

// habits are what differs between sites apart from their pages.
type habits struct {
	key       string   // names the site, and its source in the theme pack
	languages []string // one is drawn for each advert; none where there are no adverts
	plain     bool     // no signs that windows-1252 lacks
	// phoneInBody and phoneInField are how many adverts in a thousand have their
	// number in the text, and of those, how many have it in a field as well.
	phoneInBody, phoneInField int
	ageInField                bool // every advert states an age in a field
}

// A site draws its adverts in its own way.
type site interface {
	habits() habits
	// path gives the canonical path and query of an advert's page.
	path(a *Advert) string
	// picture says where a picture of an advert lies.
	picture(a *Advert, key uint64) Picture
	serve(h *hit)
}

// newSites lists the sites, in the order of their ports. The adverts are dealt
// over all but the last, which has none: an advert's site is its slot modulo
// World.dealt.
func newSites() []site {
	return []site{adMarkt{}, stadsGids{}, kiosk{}, wellKompass{}, corso{}, snelContact{}}
}

// New makes the world of a configuration.
func New(cfg Config) (*World, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	w := &World{cfg: cfg, sites: newSites(), languages: map[string]*language{}, albums: newAlbum()}
	w.dealt = len(w.sites) - 1
	for _, name := range languages {
		if w.languages[name], err = loadLanguage(name); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// Sites gives the keys of the sites, in the order of their ports.
func (w *World) Sites() []string {
	var keys []string
	for _, s := range w.sites {
		keys = append(keys, s.habits().key)
	}
	return keys
}

// Time gives the midnight at which a simulated day begins.
func (w *World) Time(day int) time.Time { return w.cfg.Epoch.AddDate(0, 0, day) }

// today is what the sites need to know of one day to serve it.
type today struct {
	day int
	// listings are the lives online on the day, per site, newest first.
	listings [][]life
}

func (w *World) today(day int) *today {
	t := &today{day: day, listings: make([][]life, len(w.sites))}
	for slot := range w.cfg.Adverts {
		if l, ok := w.lifeAt(slot, day); ok && l.online(day) {
			s := slot % w.dealt
			t.listings[s] = append(t.listings[s], l)
		}
	}
	for _, l := range t.listings {
		slices.SortFunc(l, func(a, b life) int {
			return cmp.Or(b.from-a.from, w.number(b)-w.number(a))
		})
	}
	return t
}

// Online gives every advert that is online on a day, site by site, newest first.
func (w *World) Online(day int) iter.Seq[*Advert] {
	return func(yield func(*Advert) bool) {
		for _, lives := range w.today(day).listings {
			for _, l := range lives {
				if !yield(w.advert(l, day)) {
					return
				}
			}
		}
	}
}
