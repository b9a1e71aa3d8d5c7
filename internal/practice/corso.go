package practice

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"zoeklicht"
)

// corso is a board in English, Polish, Romanian and Spanish. Its listing is paged
// by a cursor: "what comes after this one", so that pages have no numbers. Half of
// its pictures lie on the picture host, which its approval covers; one in twelve
// cannot be had. Numbers stand in an attribute. What has vanished is 410.
type corso struct{}

const (
	corsoPerPage = 35
	corsoHTML    = "text/html; charset=utf-8"
)

func (corso) habits() habits {
	return habits{key: "corso", languages: []string{"en", "pl", "ro", "es"}, phoneInBody: 600, phoneInField: 600}
}

func (corso) path(a *Advert) string { return "/ad/" + strconv.Itoa(a.Number) }

func (corso) picture(a *Advert, key uint64) Picture { return corsoPicture(a.Number, key) }

func corsoPicture(number int, key uint64) Picture {
	name := strconv.Itoa(number) + "/" + pictureName(key)
	r := seeded(drawTrouble, drawPicture, uint64(number), key)
	switch {
	case r.chance(80):
		return Picture{Key: key, Path: "/img/" + name, Trouble: Missing}
	case r.chance(500):
		return Picture{Key: key, Host: pictureHost, Path: "/co/" + name}
	}
	return Picture{Key: key, Path: "/img/" + name}
}

func (c corso) serve(h *hit) {
	path := h.r.URL.Path
	stats := &h.stats[h.index]
	switch {
	case path == "/":
		h.redirect(http.StatusFound, "/list")
	case path == "/robots.txt":
		stats.robots.Add(1)
		h.sendBytes(http.StatusOK, "text/plain; charset=utf-8", []byte("User-agent: *\nAllow: /\nDisallow: /post/\n"))
	case path == "/list":
		stats.listings.Add(1)
		c.listing(h, h.r.URL.Query().Get("after"))
	case strings.HasPrefix(path, "/ad/"):
		stats.adverts.Add(1)
		c.detail(h, strings.TrimPrefix(path, "/ad/"))
	case strings.HasPrefix(path, "/img/"):
		stats.pictures.Add(1)
		c.servePicture(h, strings.TrimPrefix(path, "/img/"))
	case strings.HasPrefix(path, "/post/"):
		stats.disallowed.Add(1)
		c.message(h, http.StatusOK, "Post an ad", "Posting is closed.")
	default:
		c.message(h, http.StatusNotFound, "Not found", "There is nothing at this address.")
	}
}

// cursor names an advert so that nobody counts on from it.
func (corso) cursor(number int) string { return strconv.FormatInt(int64(number)*1009+577, 36) }

// after gives where in a listing the adverts behind a cursor begin. The one that
// it names may have vanished meanwhile.
func (c corso) after(h *hit, cursor string, lives []life) (from int, ok bool) {
	if cursor == "" {
		return 0, true
	}
	n, err := strconv.ParseInt(cursor, 36, 48)
	if err != nil || n < 577 || (n-577)%1009 != 0 {
		return 0, false
	}
	number := int(n-577) / 1009
	last, ok := h.World.bySiteNumber(h.index, number)
	if !ok {
		return 0, false
	}
	from, found := slices.BinarySearchFunc(lives, last, func(a, b life) int {
		return cmp.Or(b.from-a.from, h.World.number(b)-h.World.number(a))
	})
	if found {
		from++
	}
	return from, true
}

func (corso) head(p *page, lang, title string) *page {
	return p.raw("<!doctype html>\n<html lang=\"", lang, "\">\n<head><meta charset=\"utf-8\"><title>").text(title).raw(" | Corso</title></head>\n",
		"<body>\n<nav><a href=\"/list\">Corso</a> <a href=\"/post/new\">Post an ad</a></nav>\n")
}

const corsoFoot = "<p class=\"foot\">Corso is a practice site. Everything on it is invented.</p>\n</body>\n</html>\n"

func (c corso) listing(h *hit, cursor string) {
	lives := h.today.listings[h.index]
	from, ok := c.after(h, cursor, lives)
	if !ok {
		c.message(h, http.StatusNotFound, "Not found", "This list has ended.")
		return
	}
	p := h.pools.page()
	c.head(p, "en", "All ads").raw("<div id=\"ads\">\n")
	if h.World.emptyListing(h.index, h.today.day) {
		h.send(http.StatusOK, corsoHTML, p.raw("</div>\n", corsoFoot))
		return
	}
	to := min(from+corsoPerPage, len(lives))
	p.raw("<p>Showing <strong id=\"count\">").int(len(lives)).raw("</strong> ads</p>\n")
	for _, l := range lives[from:to] {
		a := h.World.advert(l, h.today.day)
		p.raw(`<div class="row"><a class="ad" href="`, c.path(a), `">`).text(a.Title).raw("</a> <i>").text(a.Place).raw("</i></div>\n")
	}
	if to < len(lives) {
		p.raw(`<a rel="next" href="/list?after=`, c.cursor(h.World.number(lives[to-1])), "\">More</a>\n")
	}
	h.send(http.StatusOK, corsoHTML, p.raw("</div>\n", corsoFoot))
}

func (c corso) detail(h *hit, number string) {
	a, known := h.advert(number)
	switch {
	case a == nil && known:
		c.message(h, http.StatusGone, "Gone", "This ad has been taken down.")
		return
	case a == nil || strconv.Itoa(a.Number) != number:
		c.message(h, http.StatusNotFound, "Not found", "There is nothing at this address.")
		return
	}
	p := h.pools.page()
	switch h.World.Barrier(a.Site, a.Number, h.today.day) {
	case zoeklicht.RateLimited:
		c.head(p, "en", "Slow down").raw("<div class=\"limit\"><h1>Slow down</h1><p>You are reading too fast. Try again later.</p></div>\n", corsoFoot)
		h.send(http.StatusOK, corsoHTML, p)
		return
	case zoeklicht.Captcha:
		c.head(p, "en", "Check").raw("<div id=\"check\"><h1>One moment</h1><p>Type the letters that you see.</p><input name=\"letters\"></div>\n", corsoFoot)
		h.send(http.StatusOK, corsoHTML, p)
		return
	}
	c.head(p, a.Lang, a.Title).raw("<article id=\"ad\">\n<h1>").text(a.Title).raw("</h1>\n<p class=\"line\"><span class=\"town\">").text(a.Place).
		raw("</span> · <span class=\"price\">").text(a.PriceText).raw("</span> · <span class=\"who\">").text(a.Studio).
		raw("</span> · <time datetime=\"", h.World.Time(a.Posted).Format("2006-01-02"), "\">", h.World.Time(a.Posted).Format("2 Jan 2006"), "</time></p>\n<div class=\"words\">\n")
	for i, par := range a.Body {
		if i > 0 {
			p.raw("<br><br>\n")
		}
		p.text(par)
	}
	p.raw("\n</div>\n")
	if a.PhoneInField {
		p.raw(`<button class="call" data-number="`).text(a.PhoneText).raw("\">Show number</button>\n")
	}
	p.raw("<div class=\"pics\">\n")
	for _, pic := range a.Pictures {
		address := pic.Path
		if pic.Host != "" {
			address = "http://" + h.hosts[pic.Host] + address
		}
		p.raw(`<img src="`, address, "\" alt=\"\">\n")
	}
	h.send(http.StatusOK, corsoHTML, p.raw("</div>\n</article>\n", corsoFoot))
}

func (c corso) message(h *hit, status int, title, text string) {
	p := h.pools.page()
	c.head(p, "en", title).raw("<div class=\"note\"><h1>").text(title).raw("</h1><p>").text(text).raw("</p></div>\n", corsoFoot)
	h.send(status, corsoHTML, p)
}

// servePicture answers for number/name; one in twelve is not there.
func (corso) servePicture(h *hit, path string) {
	numberText, name, _ := strings.Cut(path, "/")
	number, err := strconv.Atoi(numberText)
	key, ok := pictureKey(name)
	if err != nil || !ok || corsoPicture(number, key).Trouble == Missing {
		h.sendBytes(http.StatusNotFound, "text/html", []byte("<html><body>404</body></html>\n"))
		return
	}
	h.picture(h, name)
}
