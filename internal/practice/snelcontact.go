package practice

import (
	"net/http"
	"strconv"
	"strings"
)

// snelContact is no site of adverts but a fake one: a handful of profiles with
// three texts and stock pictures between them, always "today" and always "near
// you", none of which can be called. Whoever answers is sent to a paid short
// number, 0000, which nobody can have. No advert of the world is dealt to it and
// the truth knows nothing of it: a source manager has to see through it.
type snelContact struct{}

const (
	snelContactProfiles = 9
	snelContactHTML     = "text/html; charset=utf-8"
)

func (snelContact) habits() habits { return habits{key: "snelcontact"} }

// A site without adverts has no pages of theirs.
func (snelContact) path(*Advert) string { return "/" }

func (snelContact) picture(*Advert, uint64) Picture { return Picture{} }

func (c snelContact) serve(h *hit) {
	path := h.r.URL.Path
	stats := &h.stats[h.index]
	switch {
	case path == "/":
		stats.listings.Add(1)
		c.listing(h)
	case path == "/robots.txt":
		stats.robots.Add(1)
		h.sendBytes(http.StatusOK, "text/plain", []byte("User-agent: *\nDisallow: /sms/\n"))
	case strings.HasPrefix(path, "/profiel/"):
		stats.adverts.Add(1)
		c.profile(h, strings.TrimPrefix(path, "/profiel/"))
	case strings.HasPrefix(path, "/foto/"):
		stats.pictures.Add(1)
		h.picture(h, strings.TrimPrefix(path, "/foto/"))
	case strings.HasPrefix(path, "/sms/"):
		stats.disallowed.Add(1)
		c.page(h, http.StatusOK, "Reageren", "<p>Stuur een sms naar <b>0000</b> (2,50 euro per ontvangen bericht).</p>\n")
	default:
		c.page(h, http.StatusNotFound, "Niet gevonden", "<p>Deze pagina bestaat niet.</p>\n")
	}
}

var (
	snelContactTitles = []string{"Ontspanning bij u in de buurt", "Gezellig samen uit eten", "Massage vlak bij u"}
	snelContactTexts  = []string{
		"Ik ben vandaag nog vrij en zit bij u om de hoek. Reageer snel, ik wacht op uw bericht.",
		"Zin in een goed gesprek en een etentje? Ik antwoord altijd binnen een minuut.",
		"Rust en ontspanning vlak bij u. Alleen vandaag, stuur meteen een bericht.",
	}
)

func (c snelContact) listing(h *hit) {
	var p page
	p.raw("<ul class=\"profielen\">\n")
	for n := 1; n <= snelContactProfiles; n++ {
		p.raw(`<li><a href="/profiel/`).int(n).raw(`">`, snelContactTitles[n%3], "</a> vandaag, bij u in de buurt</li>\n")
	}
	c.page(h, http.StatusOK, "Snel contact", string(p.raw("</ul>\n").b))
}

func (c snelContact) profile(h *hit, number string) {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > snelContactProfiles || strconv.Itoa(n) != number {
		c.page(h, http.StatusNotFound, "Niet gevonden", "<p>Dit profiel bestaat niet.</p>\n")
		return
	}
	var p page
	p.raw("<p class=\"tekst\">", snelContactTexts[n%3], "</p>\n<img src=\"/foto/",
		pictureName(h.World.stockPicture(n%4)), "\" alt=\"\">\n<p class=\"reageer\">Reageren? Stuur SNEL").int(n).
		raw(" naar <b>0000</b>, 2,50 euro per ontvangen bericht. <a href=\"/sms/").int(n).raw("\">Meer uitleg</a></p>\n")
	c.page(h, http.StatusOK, snelContactTitles[n%3], string(p.b))
}

func (snelContact) page(h *hit, status int, title, body string) {
	p := h.pools.page()
	p.raw("<!DOCTYPE html>\n<html lang=\"nl\"><head><meta charset=\"utf-8\"><title>").text(title).raw(" - Snelcontact</title></head>\n<body>\n<h1>").
		text(title).raw("</h1>\n", body, "<small>Snelcontact, oefensite. Alles is verzonnen.</small>\n</body></html>\n")
	h.send(status, snelContactHTML, p)
}
