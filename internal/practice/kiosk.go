package practice

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"zoeklicht"
)

// kiosk is an old site: a session id in every link, in the query on even
// numbers and in the path on odd ones, and a new session for whoever comes
// without; tables, pages in windows-1252 that say so in three ways; pictures of
// which a third cannot be had. What has vanished is a page that answers 200.
type kiosk struct{}

const kioskPerPage = 40

func (kiosk) habits() habits {
	return habits{key: "kiosk", languages: []string{"nl", "nl", "de", "en"}, plain: true, phoneInBody: 1000}
}

func (k kiosk) path(a *Advert) string { return k.link(a, "") }

// link gives the address of an advert's page, in a session if there is one.
func (kiosk) link(a *Advert, sid string) string {
	number := strconv.Itoa(a.Number)
	switch {
	case a.Number%2 == 1 && sid == "":
		return "/toon/" + number
	case a.Number%2 == 1:
		return "/toon/" + number + ";sid=" + sid
	case sid == "":
		return "/toon?nr=" + number
	default:
		return "/toon?sid=" + sid + "&nr=" + number
	}
}

// kioskTroubles are the shares, in a thousand, of pictures with each trouble.
var kioskTroubles = []struct {
	trouble  Trouble
	permille int
}{{Outside, 100}, {Missing, 60}, {WrongType, 50}, {Broken, 40}, {Short, 40}, {Truncated, 40}, {Hangs, 5}}

func (kiosk) picture(a *Advert, key uint64) Picture { return kioskPicture(a.Number, key) }

func kioskPicture(number int, key uint64) Picture {
	name := strconv.Itoa(number) + "/" + pictureName(key)
	r := seeded(drawTrouble, uint64(number), key)
	n := r.intn(1000)
	for _, t := range kioskTroubles {
		if n -= t.permille; n < 0 {
			if t.trouble == Outside {
				return Picture{Key: key, Host: pictureHost, Path: "/k/" + name, Trouble: Outside}
			}
			return Picture{Key: key, Path: "/plaatje/" + name, Trouble: t.trouble}
		}
	}
	return Picture{Key: key, Path: "/plaatje/" + name}
}

func (k kiosk) serve(h *hit) {
	path, param, _ := strings.Cut(h.r.URL.Path, ";")
	stats := &h.stats[h.index]
	query := h.r.URL.Query()
	sid := query.Get("sid")
	if fromPath, ok := strings.CutPrefix(param, "sid="); ok {
		sid = fromPath
	}
	fresh := !goodSession(sid)
	if fresh {
		sid = h.newSession()
	}
	switch {
	case path == "/":
		h.redirect(http.StatusFound, "/overzicht?sid="+sid)
	case path == "/robots.txt":
		stats.robots.Add(1)
		h.sendBytes(http.StatusOK, "text/plain", []byte("User-Agent: *\r\nDisallow: /zoek\r\nCrawl-delay: "+h.crawlDelay()+"\r\n"))
	case path == "/overzicht" && fresh:
		to := "/overzicht?sid=" + sid
		if n := query.Get("p"); n != "" {
			to += "&p=" + url.QueryEscape(n)
		}
		h.redirect(http.StatusFound, to)
	case path == "/overzicht":
		stats.listings.Add(1)
		k.listing(h, sid, query.Get("p"))
	case path == "/toon":
		stats.adverts.Add(1)
		k.detail(h, sid, query.Get("nr"), 0)
	case strings.HasPrefix(path, "/toon/"):
		stats.adverts.Add(1)
		k.detail(h, sid, strings.TrimPrefix(path, "/toon/"), 1)
	case strings.HasPrefix(path, "/plaatje/"):
		stats.pictures.Add(1)
		k.servePicture(h, strings.TrimPrefix(path, "/plaatje/"))
	case path == "/zoek":
		stats.disallowed.Add(1)
		k.message(h, http.StatusOK, sid, "Zoeken", "Er is niets gevonden.")
	default:
		k.message(h, http.StatusNotFound, sid, "Fout 404", "Dit adres bestaat niet.")
	}
}

// goodSession reports whether a text can be a session of ours.
func goodSession(sid string) bool {
	return len(sid) == 16 && strings.Trim(sid, "0123456789abcdef") == ""
}

// newSession gives a session id that was not given before.
func (s *Server) newSession() string {
	r := seeded(s.World.cfg.Seed, drawSession, s.sessions.Add(1))
	return fmt.Sprintf("%016x", r.next())
}

func (kiosk) head(p *page, charset, title string) *page {
	p.raw("<html>\n<head>\n")
	if charset != "" {
		p.raw(`<meta http-equiv="Content-Type" content="text/html; charset=`, charset, "\">\n")
	}
	return p.raw("<title>").text(title).raw(" : Kiosk</title>\n</head>\n")
}

func (kiosk) top(p *page, sid string) *page {
	return p.raw(`<body bgcolor="#ffffff">
<table width="100%"><tr><td><a href="/overzicht?sid=`, sid, `">KIOSK</a></td>
<td align="right"><a href="/zoek?sid=`, sid, `">Zoeken</a></td></tr></table>
<hr>
`)
}

const kioskFoot = "<hr>\n<small>Kiosk oefensite – alles is verzonnen</small>\n</body>\n</html>\n"

// send sends a page as windows-1252, and says so as the page's number decides:
// in the header, in the page only, or by the name of latin-1, which on the web
// means the same.
func (kiosk) send(h *hit, status int, contentType string, p *page) {
	out := h.pools.page()
	for _, c := range string(p.b) {
		b, ok := charmap.Windows1252.EncodeRune(c)
		if !ok {
			b = '?'
		}
		out.b = append(out.b, b)
	}
	h.pools.pages.Put(p)
	h.send(status, contentType, out)
}

// charset gives the Content-Type header and the meta element's charset.
func (kiosk) charset(number int) (header, meta string) {
	switch number / 3 % 3 {
	case 0:
		return "text/html; charset=windows-1252", ""
	case 1:
		return "text/html", "windows-1252"
	default:
		return "text/html; charset=ISO-8859-1", "iso-8859-1"
	}
}

func (k kiosk) listing(h *hit, sid, number string) {
	lives := h.today.listings[h.index]
	n, last, ok := pageNumber(number, len(lives), kioskPerPage)
	if !ok {
		k.message(h, http.StatusNotFound, sid, "Fout 404", "Dit adres bestaat niet.")
		return
	}
	p := h.pools.page()
	header, meta := k.charset(3)
	k.top(k.head(p, meta, "Overzicht"), sid).raw("<h2>Overzicht</h2>\n<table id=\"overzicht\" border=\"1\">\n",
		"<tr><th>Titel</th><th>Plaats</th></tr>\n")
	if h.World.emptyListing(h.index, h.today.day) {
		k.send(h, http.StatusOK, header, p.raw("</table>\n", kioskFoot))
		return
	}
	for _, l := range lives[(n-1)*kioskPerPage : min(n*kioskPerPage, len(lives))] {
		a := h.World.advert(l, h.today.day)
		p.raw(`<tr><td><a href="`).text(k.link(a, sid)).raw(`">`).text(a.Title).raw("</a></td><td>").
			text(a.Place).raw("</td></tr>\n")
	}
	p.raw("</table>\n<p id=\"blader\">Totaal: <b id=\"totaal\">").int(len(lives)).raw("</b> | bladzijde ").int(n).raw(" / ").int(last)
	if n < last {
		p.raw(` | <a id="verder" href="/overzicht?sid=`, sid, `&amp;p=`).int(n + 1).raw(`">verder &raquo;</a>`)
	}
	k.send(h, http.StatusOK, header, p.raw("</p>\n", kioskFoot))
}

// detail shows an advert; even numbers have their page at /toon?nr=, odd ones
// at /toon/.
func (k kiosk) detail(h *hit, sid, number string, parity int) {
	a, _ := h.advert(number)
	if a == nil || a.Number%2 != parity || strconv.Itoa(a.Number) != number {
		k.message(h, http.StatusOK, sid, "Niet meer beschikbaar", "Deze advertentie is niet meer beschikbaar.")
		return
	}
	switch h.World.Barrier(a.Site, a.Number, h.today.day) {
	case zoeklicht.RateLimited:
		k.message(h, http.StatusOK, sid, "Even geduld", "U vraagt te veel pagina's. Probeer het later nog eens.")
		return
	case zoeklicht.ErrorPage:
		k.message(h, http.StatusOK, sid, "Storing", "Er is een fout opgetreden in de databank (code 17).")
		return
	}
	header, meta := k.charset(a.Number)
	p := h.pools.page()
	k.top(k.head(p, meta, a.Title), sid).raw(`<table id="advertentie">
<tr><td colspan="2"><font size="5"><b>`).text(a.Title).raw("</b></font></td></tr>\n<tr><td class=\"tekst\">\n")
	for i, par := range a.Body {
		if i > 0 {
			p.raw("<br><br>\n")
		}
		p.text(par)
	}
	p.raw("\n</td><td class=\"platen\">\n")
	for _, pic := range a.Pictures {
		address := pic.Path
		if pic.Host != "" {
			address = "http://" + h.hosts[pic.Host] + address
		}
		p.raw(`<img src="`, address, "\" width=\"200\"><br>\n")
	}
	p.raw("</td></tr>\n<tr><td class=\"gegevens\" colspan=\"2\">Prijs: ").text(a.PriceText).
		raw(" | Plaats: ").text(a.Place).raw(" | Naam: ").text(a.Studio).
		raw(" | Datum: ", h.World.Time(a.Posted).Format("02.01.2006"), " | Duur: ").int(a.Minutes).
		raw(" min. | Betalen: ").text(a.Payment).raw("</td></tr>\n</table>\n<p><a href=\"/overzicht?sid=", sid,
		"\">terug</a></p>\n", kioskFoot)
	k.send(h, http.StatusOK, header, p)
}

func (k kiosk) message(h *hit, status int, sid, title, text string) {
	p := h.pools.page()
	header, meta := k.charset(3)
	k.top(k.head(p, meta, title), sid).raw("<h3 class=\"melding\">").text(title).raw("</h3>\n<p class=\"melding\">").text(text).
		raw("</p>\n", kioskFoot)
	k.send(h, status, header, p)
}

// servePicture answers for number/name, with the trouble that is its own.
func (k kiosk) servePicture(h *hit, path string) {
	numberText, name, _ := strings.Cut(path, "/")
	number, err := strconv.Atoi(numberText)
	key, ok := pictureKey(name)
	if err != nil || !ok {
		h.sendBytes(http.StatusNotFound, "text/html", []byte("<html><body>404</body></html>\n"))
		return
	}
	switch pic := kioskPicture(number, key); pic.Trouble {
	case Missing, Outside:
		h.sendBytes(http.StatusNotFound, "text/html", []byte("<html><body>404</body></html>\n"))
	case Broken:
		h.sendBytes(http.StatusInternalServerError, "text/html", []byte("<html><body>500</body></html>\n"))
	case WrongType:
		contentType := "text/html"
		if key>>9&1 == 1 {
			contentType = "image/jpeg"
		}
		h.sendBytes(http.StatusOK, contentType, []byte("<html><body>Plaatje "+path+" is zoek</body></html>\n"))
	case Hangs:
		h.wait(h.World.cfg.Stall)
		panic(http.ErrAbortHandler)
	case Short:
		b := h.World.PictureBytes(key)
		h.w.Header().Set("Content-Type", pictureType(key))
		h.w.Header().Set("Content-Length", strconv.Itoa(len(b)))
		_, _ = h.w.Write(b[:len(b)/2])
		_ = http.NewResponseController(h.w).Flush() // the visitor may have left
		panic(http.ErrAbortHandler)
	case Truncated:
		b := h.World.PictureBytes(key)
		h.w.Header().Set("Content-Type", pictureType(key))
		h.write(http.StatusOK, b[:len(b)/2])
	default:
		h.picture(h, name)
	}
}
