package practice

import (
	"net/http"
	"strconv"
	"strings"

	"zoeklicht"
)

// wellKompass is a directory in German and English, whose pages say more than the
// others': a stated age, hours, languages spoken, and a table of prices by length,
// of which the first row is the one that counts. Numbers stand in a field nearly
// always. Page numbers are part of the listing's path; what has vanished is 404.
type wellKompass struct{}

const (
	wellKompassPerPage = 25
	wellHTML           = "text/html; charset=utf-8"
)

func (wellKompass) habits() habits {
	return habits{key: "wellkompass", languages: []string{"de", "de", "en"}, phoneInBody: 400, phoneInField: 900, ageInField: true}
}

func (wellKompass) path(a *Advert) string { return "/anzeige/w" + strconv.Itoa(a.Number) + ".html" }

func (wellKompass) picture(a *Advert, key uint64) Picture {
	return Picture{Key: key, Path: "/bilder/w" + strconv.Itoa(a.Number) + "/" + pictureName(key)}
}

func (k wellKompass) serve(h *hit) {
	path := h.r.URL.Path
	stats := &h.stats[h.index]
	switch {
	case path == "/":
		h.redirect(http.StatusFound, "/anzeigen")
	case path == "/robots.txt":
		stats.robots.Add(1)
		h.sendBytes(http.StatusOK, "text/plain; charset=utf-8", []byte("User-agent: *\nDisallow: /konto/\n"))
	case path == "/anzeigen":
		stats.listings.Add(1)
		k.listing(h, "")
	case strings.HasPrefix(path, "/anzeigen/seite-"):
		stats.listings.Add(1)
		k.listing(h, strings.TrimPrefix(path, "/anzeigen/seite-"))
	case strings.HasPrefix(path, "/anzeige/w"):
		stats.adverts.Add(1)
		number, html := strings.CutSuffix(strings.TrimPrefix(path, "/anzeige/w"), ".html")
		k.detail(h, number, html)
	case strings.HasPrefix(path, "/bilder/"):
		stats.pictures.Add(1)
		h.picture(h, path[strings.LastIndexByte(path, '/')+1:])
	case strings.HasPrefix(path, "/konto/"):
		stats.disallowed.Add(1)
		k.message(h, http.StatusOK, "Konto", "Nur für Inserenten.")
	default:
		k.message(h, http.StatusNotFound, "Nicht gefunden", "Diese Seite gibt es nicht.")
	}
}

func (wellKompass) head(p *page, lang, title string) *page {
	return p.raw("<!DOCTYPE html>\n<html lang=\"", lang, "\"><head><meta charset=\"utf-8\"><title>").text(title).raw(" · Wellkompass</title>\n")
}

const wellTop = `</head>
<body>
<header><a href="/anzeigen">Wellkompass</a> <a href="/konto/anmelden">Konto</a></header>
`

const wellFoot = `<footer>Wellkompass, eine Übungsseite. Alle Anzeigen sind erfunden.</footer>
</body></html>
`

func (k wellKompass) listing(h *hit, number string) {
	lives := h.today.listings[h.index]
	n, last, ok := pageNumber(number, len(lives), wellKompassPerPage)
	if !ok {
		k.message(h, http.StatusNotFound, "Nicht gefunden", "So viele Seiten gibt es nicht.")
		return
	}
	p := h.pools.page()
	k.head(p, "de", "Anzeigen").raw(wellTop, "<main class=\"anzeigen\">\n<h1>Anzeigen</h1>\n")
	if h.World.emptyListing(h.index, h.today.day) {
		h.send(http.StatusOK, wellHTML, p.raw("</main>\n", wellFoot))
		return
	}
	p.raw("<p class=\"summe\"><strong>", thousands(len(lives)), "</strong> Anzeigen</p>\n")
	for _, l := range lives[(n-1)*wellKompassPerPage : min(n*wellKompassPerPage, len(lives))] {
		a := h.World.advert(l, h.today.day)
		p.raw(`<article class="karte"><h2><a href="`, k.path(a), `">`).text(a.Title).raw("</a></h2><p>").
			text(a.Place).raw(", ").int(a.Age).raw("</p></article>\n")
	}
	if n < last {
		p.raw(`<p class="seiten"><a class="weiter" href="/anzeigen/seite-`).int(n + 1).raw("\">Weiter</a></p>\n")
	}
	h.send(http.StatusOK, wellHTML, p.raw("</main>\n", wellFoot))
}

// wellKompassHours and wellKompassSpoken are what its further fields say.
var (
	wellKompassHours  = []string{"Mo–Fr 10–20 Uhr", "Di–Sa 12–22 Uhr", "Mo–So 9–21 Uhr", "nach Vereinbarung", "Do–So 14–23 Uhr"}
	wellKompassSpoken = []string{"Deutsch", "Deutsch, Englisch", "Englisch, Niederländisch", "Deutsch, Polnisch", "Englisch, Spanisch"}
)

func (k wellKompass) detail(h *hit, number string, html bool) {
	a, _ := h.advert(number)
	if a == nil || !html || strconv.Itoa(a.Number) != number {
		k.message(h, http.StatusNotFound, "Nicht gefunden", "Diese Anzeige gibt es nicht oder nicht mehr.")
		return
	}
	p := h.pools.page()
	if h.World.Barrier(a.Site, a.Number, h.today.day) == zoeklicht.LoginWall {
		k.head(p, "de", "Anmelden").raw(wellTop, `<form id="anmelden" method="post" action="/konto/anmelden"><h1>Bitte anmelden</h1>
<p>Diese Anzeige sehen nur angemeldete Gäste.</p><input name="name"><input name="kennwort" type="password"></form>
`, wellFoot)
		h.send(http.StatusOK, wellHTML, p)
		return
	}
	r := h.bits("profil", number)
	k.head(p, a.Lang, a.Title).raw(wellTop, "<main class=\"anzeige\">\n<h1>").text(a.Title).raw("</h1>\n")
	p.raw("<dl class=\"profil\">\n<dt>Ort</dt><dd class=\"ort\">").text(a.Place).
		raw("</dd>\n<dt>Name</dt><dd class=\"name\">").text(a.Studio).
		raw("</dd>\n<dt>Alter</dt><dd class=\"alter\">").int(a.Age).
		raw(" Jahre</dd>\n<dt>Sprachen</dt><dd class=\"sprachen\">", pick(&r, wellKompassSpoken),
			"</dd>\n<dt>Zeiten</dt><dd class=\"zeiten\">", pick(&r, wellKompassHours),
			"</dd>\n<dt>Online seit</dt><dd class=\"seit\">", h.World.Time(a.Posted).Format("02.01.2006"), "</dd>\n")
	if a.PhoneInField {
		p.raw(`<dt>Telefon</dt><dd><a class="ruf" href="tel:`, a.Phone, `">`).text(a.PhoneText).raw("</a></dd>\n")
	}
	p.raw("</dl>\n<table class=\"preise\">\n<tr><th>Dauer</th><th>Preis</th></tr>\n<tr class=\"grund\"><td>").int(a.Minutes).
		raw(" Min.</td><td class=\"betrag\">").text(a.PriceText).raw("</td></tr>\n")
	for i := 2; i <= 3; i++ {
		p.raw("<tr><td>").int(i * a.Minutes).raw(" Min.</td><td class=\"betrag\">").text(priceText("de", i*a.Price-5*(i-1), 0)).raw("</td></tr>\n")
	}
	p.raw("</table>\n<section class=\"text\">\n")
	for _, par := range a.Body {
		p.raw("<p>").text(par).raw("</p>\n")
	}
	p.raw("</section>\n<div class=\"galerie\">\n")
	for _, pic := range a.Pictures {
		p.raw(`<a href="`, pic.Path, `"><img src="`, pic.Path, "\" alt=\"Bild\"></a>\n")
	}
	h.send(http.StatusOK, wellHTML, p.raw("</div>\n</main>\n", wellFoot))
}

func (k wellKompass) message(h *hit, status int, title, text string) {
	p := h.pools.page()
	k.head(p, "de", title).raw(wellTop, "<main class=\"meldung\"><h1>").text(title).raw("</h1>\n<p>").text(text).
		raw("</p></main>\n", wellFoot)
	h.send(status, wellHTML, p)
}
