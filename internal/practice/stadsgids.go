package practice

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"zoeklicht"
)

// stadsGids is a city guide in Dutch and English: its listing is a JSON
// interface, its pages are HTML with part of the fields in a script element. The
// town stands in a page's address, so that an advert that moves has another
// address under the same number; the old one redirects. Half of the pictures lie
// on the picture host, which its approval covers. What has vanished is 410.
type stadsGids struct{}

const (
	stadsGidsPerPage = 50
	stadsGidsList    = "/api/v2/adverts"
	stadsGidsHTML    = "text/html; charset=utf-8"
)

func (stadsGids) habits() habits {
	return habits{key: "stadsgids", languages: []string{"nl", "nl", "en"}, phoneInBody: 600, phoneInField: 700}
}

func (stadsGids) path(a *Advert) string {
	return "/gids/" + slug(a.Place) + "/" + strconv.Itoa(a.Number)
}

// slug makes a town's name fit for an address.
func slug(s string) string {
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		switch c := s[i]; {
		case 'A' <= c && c <= 'Z':
			b = append(b, c+'a'-'A')
		case 'a' <= c && c <= 'z':
			b = append(b, c)
		case len(b) > 0 && c < utf8.RuneSelf:
			b = append(b, '-')
		}
	}
	return string(b)
}

func (stadsGids) picture(a *Advert, key uint64) Picture {
	if key>>8&1 == 0 {
		return Picture{Key: key, Path: "/media/" + strconv.Itoa(a.Number) + "/" + pictureName(key)}
	}
	return Picture{Key: key, Host: pictureHost, Path: "/sg/" + strconv.Itoa(a.Number) + "/" + pictureName(key)}
}

func (g stadsGids) serve(h *hit) {
	path := h.r.URL.Path
	stats := &h.stats[h.index]
	switch {
	case path == "/":
		g.home(h)
	case path == "/robots.txt":
		stats.robots.Add(1)
		h.sendBytes(http.StatusOK, "text/plain", []byte("User-agent: *\nDisallow: /intern/\nCrawl-delay: "+h.crawlDelay()+"\n"))
	case path == stadsGidsList:
		stats.listings.Add(1)
		g.listing(h)
	case strings.HasPrefix(path, "/gids/"):
		stats.adverts.Add(1)
		g.detail(h)
	case strings.HasPrefix(path, "/media/"):
		stats.pictures.Add(1)
		h.picture(h, path[strings.LastIndexByte(path, '/')+1:])
	case strings.HasPrefix(path, "/intern/"):
		stats.disallowed.Add(1)
		g.message(h, http.StatusOK, "Intern", "Deze pagina is voor de redactie.")
	default:
		g.message(h, http.StatusNotFound, "404", "Not found / niet gevonden")
	}
}

// stadsGidsItem is an advert in the listing.
type stadsGidsItem struct {
	ID     int    `json:"id"`
	Title  string `json:"title"`
	URL    string `json:"url"`
	City   string `json:"city"`
	Posted string `json:"posted"`
}

func (g stadsGids) listing(h *hit) {
	var answer struct {
		Page  int             `json:"page"`
		Total int             `json:"total"`
		Next  *string         `json:"next"`
		Items []stadsGidsItem `json:"items"`
	}
	lives := h.today.listings[h.index]
	if h.World.emptyListing(h.index, h.today.day) {
		lives = nil
	}
	n, last, ok := pageNumber(h.r.URL.Query().Get("page"), len(lives), stadsGidsPerPage)
	if !ok {
		h.sendBytes(http.StatusNotFound, "application/json", []byte(`{"error":"no such page"}`))
		return
	}
	answer.Page, answer.Total, answer.Items = n, len(lives), []stadsGidsItem{}
	if n < last {
		next := stadsGidsList + "?page=" + strconv.Itoa(n+1)
		answer.Next = &next
	}
	for _, l := range lives[(n-1)*stadsGidsPerPage : min(n*stadsGidsPerPage, len(lives))] {
		a := h.World.advert(l, h.today.day)
		answer.Items = append(answer.Items, stadsGidsItem{
			a.Number, a.Title, g.path(a), a.Place, h.World.Time(a.Posted).Format("2006-01-02"),
		})
	}
	b, _ := json.Marshal(answer) // plain fields only: cannot fail
	h.sendBytes(http.StatusOK, "application/json", b)
}

const stadsGidsTop = `<body>
<div id="top"><a href="/">Stadsgids</a> | <a href="/intern/statistiek">Redactie</a></div>
`

const stadsGidsFoot = `<div id="bottom">Stadsgids is a practice site. Stadsgids is een oefensite.</div>
</body>
</html>
`

func (stadsGids) head(p *page, lang, title string) *page {
	return p.raw("<!doctype html>\n<html lang=\"", lang, "\">\n<head>\n<meta charset=\"utf-8\">\n<title>").
		text(title).raw(" - Stadsgids</title>\n")
}

func (g stadsGids) home(h *hit) {
	p := h.pools.page()
	g.head(p, "nl", "Welkom").raw("</head>\n", stadsGidsTop, `<div id="app" data-source="`, stadsGidsList, `">
<noscript>De lijst wordt met een script geladen. The list is loaded by a script.</noscript></div>
`, stadsGidsFoot)
	h.send(http.StatusOK, stadsGidsHTML, p)
}

// stadsGidsData is what a page has in its script element.
type stadsGidsData struct {
	Type  string `json:"@type"`
	ID    string `json:"identifier"`
	Offer struct {
		Price string `json:"price"`
	} `json:"offer"`
	Area struct {
		Name string `json:"name"`
	} `json:"areaServed"`
	Provider struct {
		Name      string `json:"name"`
		Telephone string `json:"telephone,omitempty"`
	} `json:"provider"`
	Posted string `json:"datePosted"`
}

func (g stadsGids) detail(h *hit) {
	town, number, _ := strings.Cut(strings.TrimPrefix(h.r.URL.Path, "/gids/"), "/")
	a, known := h.advert(number)
	switch {
	case a == nil && known:
		g.message(h, http.StatusGone, "Verdwenen", "Deze vermelding is er niet meer. This listing has been removed.")
		return
	case a == nil:
		g.message(h, http.StatusNotFound, "404", "Not found / niet gevonden")
		return
	case slug(a.Place) != town || strconv.Itoa(a.Number) != number:
		h.redirect(http.StatusMovedPermanently, g.path(a))
		return
	}
	p := h.pools.page()
	switch h.World.Barrier(a.Site, a.Number, h.today.day) {
	case zoeklicht.Captcha:
		g.head(p, "en", "Just a moment").raw("</head>\n<body>\n", `<div id="robotcheck" class="captcha">
<h1>Are you a robot?</h1><p>Select every picture with a bridge to continue.</p></div>
</body>
</html>
`)
		h.send(http.StatusOK, stadsGidsHTML, p)
		return
	case zoeklicht.EmptyTemplate:
		g.head(p, "nl", "").raw("</head>\n", stadsGidsTop, `<div class="vermelding"><h1></h1>
<div class="omschrijving"></div></div>
`, stadsGidsFoot)
		h.send(http.StatusOK, stadsGidsHTML, p)
		return
	}
	var data stadsGidsData
	data.Type, data.ID, data.Posted = "Service", number, h.World.Time(a.Posted).Format("2006-01-02")
	data.Offer.Price, data.Area.Name, data.Provider.Name = a.PriceText, a.Place, a.Studio
	if a.PhoneInField {
		data.Provider.Telephone = a.PhoneText
	}
	script, _ := json.Marshal(data) // plain fields only, and it escapes what ends a script
	g.head(p, a.Lang, a.Title).raw(`<link rel="canonical" href="http://`, h.hosts[a.Site], g.path(a), `">
<script type="application/ld+json" id="gegevens">`, string(script), "</script>\n</head>\n", stadsGidsTop,
		`<div class="vermelding">
<h1>`).text(a.Title).raw("</h1>\n<div class=\"omschrijving\">\n")
	for i, par := range a.Body {
		if i > 0 {
			p.raw("<br>\n")
		}
		p.text(par)
	}
	p.raw("\n</div>\n<ul class=\"beelden\">\n")
	for _, pic := range a.Pictures {
		address := pic.Path
		if pic.Host != "" {
			address = "http://" + h.hosts[pic.Host] + address
		}
		p.raw(`<li><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" data-full="`, address, "\" alt=\"\"></li>\n")
	}
	h.w.Header().Set("Content-Language", a.Lang)
	h.w.Header().Set("Set-Cookie", "taal="+a.Lang+"; Path=/; SameSite=Lax")
	h.send(http.StatusOK, stadsGidsHTML, p.raw("</ul>\n</div>\n", stadsGidsFoot))
}

func (g stadsGids) message(h *hit, status int, title, text string) {
	p := h.pools.page()
	g.head(p, "nl", title).raw("</head>\n", stadsGidsTop, `<div class="bericht"><h1>`).text(title).raw("</h1><p>").
		text(text).raw("</p></div>\n", stadsGidsFoot)
	h.send(status, stadsGidsHTML, p)
}

// crawlDelay writes what robots.txt asks for.
func (s *Server) crawlDelay() string { return strconv.FormatFloat(s.World.cfg.CrawlDelay, 'g', -1, 64) }
