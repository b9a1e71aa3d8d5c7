package practice

import (
	"iter"
	"strconv"

	"zoeklicht"
)

// TrueAdvert is what the truth port tells of one advert over a range of days.
type TrueAdvert struct {
	Site   string `json:"site"`
	Number int    `json:"number"` // the site's own number
	URL    string `json:"url"`    // canonical, on the last of its days
	First  int    `json:"first"`  // day on which it appeared, perhaps before the range
	Last   int    `json:"last"`   // its last day in the range
	Days   []int  `json:"days"`   // days of the range on which it was online
	// Unlisted are those of its days on which the site's listing was an empty frame.
	Unlisted []int `json:"unlisted,omitempty"`
	// Hidden are those of its days on which its page was not content.
	Hidden []HiddenDay `json:"hidden,omitempty"`
	// Group is the group that shares number, text and pictures, or -1; Cluster is the
	// same in words: "practice-160" for the branches of a practice, "ring-165" for a
	// planted ring, "" for none.
	Group   int    `json:"group"`
	Cluster string `json:"cluster,omitempty"`
	// Hub says that its number is the agency's, which is on so many adverts that it
	// links nobody.
	Hub bool `json:"hub,omitempty"`
	// Planted says that a version of it carries three signals or more; Independent
	// that it is of someone who works alone and says so by the wording of safety.
	Planted     bool `json:"planted"`
	Independent bool `json:"independent"`
	// Signals are all that its versions carry, Safety the safety wording in its text.
	Signals  []string      `json:"signals"`
	Safety   []string      `json:"safety"`
	Versions []TrueVersion `json:"versions"` // oldest first; no content returns once left
}

// HiddenDay is a day on which an advert's page was not content.
type HiddenDay struct {
	Day  int                  `json:"day"`
	Kind zoeklicht.NotContent `json:"kind"`
}

// TrueVersion is one content of an advert.
type TrueVersion struct {
	// Days are the days of the range on which it was online with this content.
	Days []int `json:"days"`
	// Seen are those of Days on which the site listed it and showed its page: a
	// visitor who comes every day must know the version if there is one.
	Seen     []int         `json:"seen"`
	URL      string        `json:"url"`
	Lang     string        `json:"lang"`
	Title    string        `json:"title"`
	Body     string        `json:"body"` // paragraphs with a line feed between them
	Price    int           `json:"price"`
	PriceTxt string        `json:"price_text"` // as on the page
	Place    string        `json:"place"`
	Name     string        `json:"name"`
	Posted   string        `json:"posted"` // 2006-01-02
	Phones   []string      `json:"phones"` // E.164, whatever they are written like
	Pictures []TruePicture `json:"pictures"`
	// Entities are what the page states: every number in every place, the price, the
	// town, and the age if there is one.
	Entities []TrueEntity `json:"entities"`
	// Signals are those that it carries on one of its days or another.
	Signals []string `json:"signals"`
}

// TrueEntity is one thing that a version states.
type TrueEntity struct {
	Type  string `json:"type"`  // "phone", "price", "age" or "place"
	Value string `json:"value"` // E.164, euros, years, the town's name
	Text  string `json:"text"`  // as the page writes it
	Where string `json:"where"` // "text" or "field"
	// Disguised says that a number is written to defeat machines.
	Disguised bool `json:"disguised,omitempty"`
}

// TruePicture is a picture as its advert's page points at it.
type TruePicture struct {
	URL     string  `json:"url"`
	Trouble Trouble `json:"trouble,omitempty"` // why it cannot be had; absent when it can
	SHA256  string  `json:"sha256,omitempty"`  // of its bytes, where it can and where asked for
}

// truth tells of every advert that was online on a day from ≤ d ≤ to.
func (s *Server) truth(from, to int, hash bool) iter.Seq[*TrueAdvert] {
	w := s.World
	return func(yield func(*TrueAdvert) bool) {
		for slot := range w.cfg.Adverts {
			more := true
			w.eachLife(slot, func(l life) bool {
				if l.from > to {
					return false
				}
				if l.to > from {
					if t := s.trueAdvert(l, from, to, hash); t != nil {
						more = yield(t)
					}
				}
				return more
			})
			if !more {
				return
			}
		}
	}
}

func (s *Server) trueAdvert(l life, from, to int, hash bool) *TrueAdvert {
	w := s.World
	index := l.slot % w.dealt
	t := &TrueAdvert{Number: w.number(l), First: l.from, Group: -1}
	last, ringed := revisions{-1}, false
	var carried []marks // by version
	for day := max(from, l.from); day <= to && day < l.to; day++ {
		if !l.online(day) {
			continue
		}
		rev := w.revisionsAt(l, day)
		if rev != last {
			a := w.advert(l, day)
			if len(t.Versions) == 0 {
				t.about(a)
				ringed = a.plan.kind == ring
			}
			t.Versions = append(t.Versions, s.trueVersion(index, a, hash))
			carried = append(carried, w.signalsOn(l, a, day))
			last = rev
		} else if ringed { // others come and go beside it
			carried[len(carried)-1] |= w.signalsOn(l, w.advert(l, day), day)
		}
		v := &t.Versions[len(t.Versions)-1]
		t.Days, v.Days = append(t.Days, day), append(v.Days, day)
		t.Last, t.URL = day, v.URL
		unlisted := w.emptyListing(index, day)
		if unlisted {
			t.Unlisted = append(t.Unlisted, day)
		}
		hidden := w.Barrier(t.Site, t.Number, day)
		if hidden != "" {
			t.Hidden = append(t.Hidden, HiddenDay{day, hidden})
		}
		if !unlisted && hidden == "" {
			v.Seen = append(v.Seen, day)
		}
	}
	if len(t.Days) == 0 {
		return nil
	}
	var all marks
	for i, m := range carried {
		t.Versions[i].Signals, all = m.names(signalNames[:]), all|m
		t.Planted = t.Planted || m.count() >= plantedLeast
	}
	t.Signals = all.names(signalNames[:])
	return t
}

// about fills in what holds for an advert whatever day it is.
func (t *TrueAdvert) about(a *Advert) {
	p := &a.plan
	t.Site, t.Group = a.Site, a.Group
	t.Hub, t.Independent = p.kind == agency, p.kind == independent
	t.Safety = p.safety.names(safetyNames[:])
	switch p.kind {
	case branch:
		t.Cluster = "practice-" + strconv.Itoa(p.group)
	case ring:
		t.Cluster = "ring-" + strconv.Itoa(p.group)
	}
}

func (s *Server) trueVersion(index int, a *Advert, hash bool) TrueVersion {
	site := s.World.sites[index]
	v := TrueVersion{
		URL: s.addresses.Sites[a.Site] + site.path(a), Lang: a.Lang, Title: a.Title, Body: joined(a.Body),
		Price: a.Price, PriceTxt: a.PriceText, Place: a.Place, Name: a.Studio,
		Posted: s.World.Time(a.Posted).Format("2006-01-02"), Phones: []string{a.Phone},
		Seen: []int{}, Pictures: []TruePicture{},
	}
	for _, p := range a.Pictures {
		v.Pictures = append(v.Pictures, s.truePicture(a, p, hash))
	}
	v.Entities = trueEntities(a)
	return v
}

func trueEntities(a *Advert) (out []TrueEntity) {
	add := func(there bool, kind, value, text, where string) {
		if there {
			out = append(out, TrueEntity{Type: kind, Value: value, Text: text, Where: where, Disguised: kind == "phone" && a.Disguised})
		}
	}
	add(a.PhoneInBody, "phone", a.Phone, a.PhoneText, "text")
	add(a.PhoneInField, "phone", a.Phone, a.PhoneText, "field")
	add(true, "price", strconv.Itoa(a.Price), a.PriceText, "field")
	age := strconv.Itoa(a.Age)
	add(a.AgeInBody, "age", age, age, "text")
	add(a.AgeInField, "age", age, age, "field")
	add(true, "place", a.Place, a.Place, "field")
	return out
}

func joined(paragraphs []string) string {
	var p page
	for i, par := range paragraphs {
		if i > 0 {
			p.raw("\n")
		}
		p.raw(par)
	}
	return string(p.b)
}
