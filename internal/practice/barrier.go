package practice

import "zoeklicht"

// Pages that answer 200 and are not content. Which advert they hide on which
// day is drawn from the seed, so the truth can tell it; a second try on the same
// day meets the same page.

// barriers are the kinds that each site puts before an advert, each with its
// share of the visits in a thousand.
var barriers = map[string][]struct {
	kind     zoeklicht.NotContent
	permille int
}{
	"admarkt":     {{zoeklicht.ConsentPage, 4}},
	"stadsgids":   {{zoeklicht.Captcha, 3}, {zoeklicht.EmptyTemplate, 2}},
	"kiosk":       {{zoeklicht.RateLimited, 3}, {zoeklicht.ErrorPage, 2}},
	"wellkompass": {{zoeklicht.LoginWall, 4}},
	"corso":       {{zoeklicht.RateLimited, 2}, {zoeklicht.Captcha, 2}},
}

// Barrier tells which page a site shows instead of an advert's on a day, or ""
// when it shows the advert.
func (w *World) Barrier(site string, number, day int) zoeklicht.NotContent {
	if w.cfg.NoBarriers {
		return ""
	}
	r := seeded(w.cfg.Seed, drawBarrier, uint64(number), uint64(day))
	n := r.intn(1000)
	for _, b := range barriers[site] {
		if n -= b.permille; n < 0 {
			return b.kind
		}
	}
	return ""
}

// emptyListing tells whether a site's listings show their frame and nothing in
// it on a day. Never before day 2, so that a new world begins well.
func (w *World) emptyListing(site, day int) bool {
	if w.cfg.NoBarriers || day < 2 {
		return false
	}
	r := seeded(w.cfg.Seed, drawEmpty, uint64(site), uint64(day))
	return r.chance(40)
}
