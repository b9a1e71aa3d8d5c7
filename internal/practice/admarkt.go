package practice

import (
	"net/http"
	"strconv"
	"strings"

	"zoeklicht"
)

// adMarkt is a Dutch board of small advertisements: listings in HTML with a
// "next" link and a total, pages of their own, pictures on the same host, 404
// for what has vanished. Some pages count their visitors, so that they differ
// every day without being another version.
type adMarkt struct{}

const adMarktPerPage = 30

func (adMarkt) habits() habits {
	return habits{key: "admarkt", languages: []string{"nl"}, phoneInBody: 500, phoneInField: 1000}
}

func (adMarkt) path(a *Advert) string { return "/advertentie/" + strconv.Itoa(a.Number) }

func (adMarkt) picture(a *Advert, key uint64) Picture {
	return Picture{Key: key, Path: "/foto/" + strconv.Itoa(a.Number) + "/" + pictureName(key)}
}

func (m adMarkt) serve(h *hit) {
	path := h.r.URL.Path
	stats := &h.stats[h.index]
	switch {
	case path == "/":
		h.redirect(http.StatusFound, "/advertenties")
	case path == "/robots.txt":
		stats.robots.Add(1)
		h.sendBytes(http.StatusOK, "text/plain; charset=utf-8",
			[]byte("# Ad-markt\nUser-agent: *\nDisallow: /beheer/\nAllow: /\n"))
	case path == "/advertenties":
		stats.listings.Add(1)
		m.listing(h)
	case strings.HasPrefix(path, "/advertentie/"):
		stats.adverts.Add(1)
		m.detail(h, strings.TrimPrefix(path, "/advertentie/"))
	case strings.HasPrefix(path, "/foto/"):
		stats.pictures.Add(1)
		h.picture(h, path[strings.LastIndexByte(path, '/')+1:])
	case strings.HasPrefix(path, "/beheer/"):
		stats.disallowed.Add(1)
		m.message(h, http.StatusOK, "Beheer", "Alleen voor medewerkers.")
	default:
		m.message(h, http.StatusNotFound, "Niet gevonden", "Deze pagina bestaat niet.")
	}
}

const adMarktHTML = "text/html; charset=utf-8"

func (adMarkt) head(p *page, title string) *page {
	return p.raw(`<!DOCTYPE html>
<html lang="nl">
<head><meta charset="utf-8"><title>`).text(title).raw(` | Ad-markt</title>
<meta name="viewport" content="width=device-width">`)
}

const adMarktTop = `</head>
<body>
<header class="kop"><a href="/advertenties" class="logo">Ad-markt</a>
<nav><a href="/advertenties">Alle advertenties</a> <a href="/beheer/inloggen">Beheer</a></nav></header>
`

const adMarktFoot = `<footer class="voet">Ad-markt, oefensite. Alle advertenties zijn verzonnen.</footer>
</body></html>
`

func (m adMarkt) listing(h *hit) {
	lives := h.today.listings[h.index]
	n, last, ok := pageNumber(h.r.URL.Query().Get("pagina"), len(lives), adMarktPerPage)
	if !ok {
		m.message(h, http.StatusNotFound, "Niet gevonden", "Zo veel pagina's zijn er niet.")
		return
	}
	p := h.pools.page()
	m.head(p, "Advertenties").raw(adMarktTop, `<main class="lijst">
<h1>Advertenties</h1>
`)
	if h.World.emptyListing(h.index, h.today.day) {
		p.raw("<ul class=\"resultaten\">\n</ul>\n</main>\n", adMarktFoot)
		h.send(http.StatusOK, adMarktHTML, p)
		return
	}
	p.raw(`<p class="aantal"><b>`, thousands(len(lives)), `</b> advertenties gevonden</p>
<ul class="resultaten">
`)
	for _, l := range lives[(n-1)*adMarktPerPage : min(n*adMarktPerPage, len(lives))] {
		a := h.World.advert(l, h.today.day)
		p.raw(`<li class="resultaat"><a class="titel" href="`, m.path(a), `">`).text(a.Title).
			raw(`</a> <span class="plaats">`).text(a.Place).
			raw(`</span> <span class="prijs">`).text(a.PriceText).raw("</span></li>\n")
	}
	p.raw("</ul>\n<nav class=\"bladeren\">")
	if n > 1 {
		p.raw(`<a class="vorige" rel="prev" href="/advertenties?pagina=`).int(n - 1).raw(`">Vorige</a> `)
	}
	p.raw("Pagina ").int(n).raw(" van ").int(last)
	if n < last {
		p.raw(` <a class="volgende" rel="next" href="/advertenties?pagina=`).int(n + 1).raw(`">Volgende</a>`)
	}
	p.raw("</nav>\n</main>\n", adMarktFoot)
	h.send(http.StatusOK, adMarktHTML, p)
}

func (m adMarkt) detail(h *hit, number string) {
	a, known := h.advert(number)
	switch {
	case a == nil && known:
		m.message(h, http.StatusNotFound, "Niet gevonden", "Deze advertentie is verwijderd.")
		return
	case a == nil || strconv.Itoa(a.Number) != number:
		m.message(h, http.StatusNotFound, "Niet gevonden", "Deze advertentie bestaat niet.")
		return
	}
	if h.World.Barrier(a.Site, a.Number, h.today.day) == zoeklicht.ConsentPage {
		m.consent(h)
		return
	}
	p := h.pools.page()
	m.head(p, a.Title).raw(`
<link rel="canonical" href="http://`, h.hosts[a.Site], m.path(a), `">
`, adMarktTop, `<main class="advertentie" data-nr="`).int(a.Number).raw(`">
<h1 class="titel">`).text(a.Title).raw("</h1>\n")
	p.raw(`<p class="kern"><span class="prijs">`).text(a.PriceText).raw(`</span> in <span class="plaats">`).
		text(a.Place).raw("</span></p>\n<div class=\"tekst\">\n")
	for _, par := range a.Body {
		p.raw("<p>").text(par).raw("</p>\n")
	}
	p.raw("</div>\n")
	if len(a.Pictures) > 0 {
		p.raw("<div class=\"fotos\">\n")
		for i, pic := range a.Pictures {
			p.raw(`<img class="foto" src="`, pic.Path, `" alt="Foto `).int(i + 1).raw("\" loading=\"lazy\">\n")
		}
		p.raw("</div>\n")
	}
	p.raw(`<dl class="kenmerken">
<dt>Aanbieder</dt><dd class="naam">`).text(a.Studio).raw(`</dd>
<dt>Geplaatst</dt><dd class="datum">`, h.World.Time(a.Posted).Format("02-01-2006"), `</dd>
<dt>Bijgewerkt</dt><dd class="bijgewerkt">`, h.World.Time(a.Changed).Format("02-01-2006"), `</dd>
<dt>Duur</dt><dd class="duur">`).int(a.Minutes).raw(` minuten</dd>
<dt>Betaling</dt><dd class="betaling">`).text(a.Payment).raw("</dd>\n")
	if a.PhoneInField {
		p.raw(`<dt>Telefoon</dt><dd class="telefoon">`).text(a.PhoneText).raw("</dd>\n")
	}
	p.raw("</dl>\n")
	if a.Number%4 == 0 {
		r := h.bits("views", number)
		p.raw(`<p class="teller">Deze pagina is `).int(20 + r.intn(400) + 7*(h.today.day-a.Posted)).
			raw(" keer bekeken.</p>\n")
	}
	p.raw("</main>\n", adMarktFoot)
	h.send(http.StatusOK, adMarktHTML, p)
}

func (m adMarkt) consent(h *hit) {
	p := h.pools.page()
	m.head(p, "Uw keuze").raw("</head>\n<body class=\"toestemming\">\n",
		`<form method="post" action="/toestemming" id="cookiewand"><h1>Wij vragen uw toestemming</h1>
<p>Ad-markt gebruikt cookies. Kies wat u toestaat om verder te gaan naar de advertentie.</p>
<button name="keuze" value="alles">Alles toestaan</button> <button name="keuze" value="nodig">Alleen nodige</button></form>
</body></html>
`)
	h.send(http.StatusOK, adMarktHTML, p)
}

func (m adMarkt) message(h *hit, status int, title, text string) {
	p := h.pools.page()
	m.head(p, title).raw(adMarktTop, `<main class="melding"><h1>`).text(title).raw("</h1>\n<p>").text(text).raw("</p></main>\n", adMarktFoot)
	h.send(status, adMarktHTML, p)
}
