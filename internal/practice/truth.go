package practice

import (
	"iter"
	"slices"

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
	// Group is the planted group of one advertiser, or -1.
	Group    int           `json:"group"`
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
	Phones   []string      `json:"phones"` // E.164
	Pictures []TruePicture `json:"pictures"`
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
	index := l.slot % len(w.sites)
	t := &TrueAdvert{Number: w.number(l), First: l.from, Group: -1}
	last := revisions{-1}
	for day := max(from, l.from); day <= to && day < l.to; day++ {
		if !l.online(day) {
			continue
		}
		rev := w.revisionsAt(l, day)
		if rev != last {
			a := w.advert(l, day)
			t.Site, t.Group = a.Site, a.Group
			t.Versions = append(t.Versions, s.trueVersion(index, a, hash))
			last = rev
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
	return t
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
	slices.Sort(v.Phones)
	return v
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
