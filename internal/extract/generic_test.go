package extract_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"zoeklicht"
	"zoeklicht/internal/extract"
)

func generic() *extract.Reader {
	return extract.Generic(extract.Options{Regions: []string{"NL"}, PhonePatterns: []string{nobody}})
}

func TestGenericRead(t *testing.T) {
	t.Parallel()
	got := generic().Read(page("https://site.example/ad/1", `<!DOCTYPE html><html lang=nl><head><title>Massage - Site</title>
<meta property="og:title" content="Massage op Site"><meta name=description content="kort"></head><body>
`+siteHead+`<div class=page><div class=sidebar>Andere advertenties en nog veel meer tekst opzij</div>
<div class=main><h1>Ontspannende massage</h1><p>Nieuw en rustig, op afspraak in het centrum van de stad, ook in het weekend.</p>
<p>Gratis parkeren voor de deur. Bel 06-00012345 of <a href="https://wa.me/31600012346">app</a>.</p>
<img src="/foto/1.jpg"><img data-src="/foto/2.jpg" src="data:image/gif;base64,R0"><img src="/logo.png"><img src="/p.gif" width=1>
<div class=related><p>Vergelijkbaar: nog een advertentie</p></div></div></div>`+siteFoot))
	want := zoeklicht.Reading{
		Canonical: "https://site.example/ad/1", Title: "Ontspannende massage", Lang: "nl",
		Body: "Nieuw en rustig, op afspraak in het centrum van de stad, ook in het weekend.\nGratis parkeren voor de deur. Bel 06-00012345 of app.",
		Fields: []zoeklicht.FieldValue{
			{Name: "title", From: "h1"},
			{Name: "body", From: "main text"},
			{Name: "phones", Value: "https://wa.me/31600012346", From: "a@href"},
			{Name: "images", From: "img@src"},
		},
		Entities: []zoeklicht.Entity{
			{Type: "phone", Raw: "06-00012345", Start: 132, End: 143, Value: "+31600012345", Valid: true},
			{Type: "phone", Raw: "https://wa.me/31600012346", Value: "+31600012346", Valid: true},
		},
		Images: []string{"https://site.example/foto/1.jpg", "https://site.example/foto/2.jpg"},
		Reader: "generic/1", Confidence: 0.3,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestGenericReadOfLinkedData(t *testing.T) {
	t.Parallel()
	got := generic().Read(page("https://site.example/ad/1", `<title>x</title>
<script type="application/ld+json">{"@type":"BreadcrumbList"}</script><script type="application/ld+json">not json</script>
<script type="application/ld+json">{"@graph":[{"@type":"WebSite","name":"Site"},{"@type":["Service","Thing"],"name":"Massage &amp; meer",
"description":"Ontspannende massage op afspraak, in een rustige studio vlak bij het station.","offers":[{"price":"80.00"}],"telephone":"+31 6 0001 2345",
"address":{"addressLocality":"Utrecht"},"datePosted":"2026-11-20","image":"/1.jpg"}]}</script><div id=root></div>`))
	if got.Title != "Massage &amp; meer" || !strings.HasPrefix(got.Body, "Ontspannende massage") || got.Confidence != 0.7 || got.NotContent != "" {
		t.Errorf("%+v", got)
	}
	for field, want := range map[string]string{"price": "80", "place": "Utrecht", "date": "2026-11-20", "phones": "+31 6 0001 2345"} {
		if got.Field(field) != want {
			t.Errorf("%s is %q, want %q", field, got.Field(field), want)
		}
	}
	if d := cmp.Diff([]string{"https://site.example/1.jpg"}, got.Images); d != "" {
		t.Error(d)
	}
	var values []string
	for _, e := range got.Entities {
		values = append(values, e.Value)
	}
	slices.Sort(values)
	if d := cmp.Diff([]string{"+31600012345", "EUR 80", "GM0344"}, values); d != "" {
		t.Error("entities of the fields:", d)
	}
}

func TestGenericLinks(t *testing.T) {
	t.Parallel()
	var list strings.Builder
	for i := range 8 {
		fmt.Fprintf(&list, `<li><a href="/advertentie/%d-massage-in-de-stad">Massage %d</a></li>`, 1000+i, i)
	}
	got := generic().Links(page("https://site.example/advertenties", `<nav><a href="/over-ons-en-de-site-7777">Over ons</a></nav><ul>`+list.String()+
		`</ul><a href="https://elders.example/advertentie/1009">elders</a><a href="/hulp">hulp</a><a rel=next href="/advertenties?pagina=2">2</a><a href="/advertenties?pagina=3">Volgende ›</a>`))
	if len(got.Adverts) != 8 || got.Adverts[0] != "https://site.example/advertentie/1000-massage-in-de-stad" || got.Kind != zoeklicht.KindListing {
		t.Errorf("%+v", got)
	}
	if d := cmp.Diff([]string{"https://site.example/advertenties?pagina=2", "https://site.example/advertenties?pagina=3"}, got.Listings); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"https://site.example/over-ons-en-de-site-7777", "https://site.example/hulp"}, got.Others); d != "" {
		t.Error(d)
	}
	if got := generic().Links(page("https://site.example/", `<title>Inloggen</title><form><input type=password></form>`)); got.NotContent != zoeklicht.LoginWall {
		t.Errorf("%+v", got)
	}
}

func TestGenericKind(t *testing.T) {
	t.Parallel()
	for u, want := range map[string]zoeklicht.PageKind{
		"https://s.example": zoeklicht.KindListing, "https://s.example/": zoeklicht.KindListing, "https://s.example/?page=2": zoeklicht.KindListing,
		"https://s.example/massage/": zoeklicht.KindListing, "https://s.example/massage/page/2": zoeklicht.KindListing,
		"https://s.example/ad/12345": zoeklicht.KindAdvert, "https://s.example/view.php?id=9": zoeklicht.KindAdvert,
		"https://s.example/ontspannende-massage-in-utrecht.html": zoeklicht.KindAdvert, "https://s.example/help/faq.html": zoeklicht.KindOther,
		"https://s.example/robots.txt": zoeklicht.KindRobots,
	} {
		if got := generic().Kind(u); got != want {
			t.Errorf("Kind(%q) = %q, want %q", u, got, want)
		}
	}
}

func TestGenericLeavesOutWhatDoesNotCompile(t *testing.T) {
	t.Parallel()
	r := extract.Generic(extract.Options{Regions: []string{"??", "NL"}, PhonePatterns: []string{"(", nobody}})
	if got := r.Read(page("https://s.example/", "<h1>Bel 0600012345</h1>")); len(got.Entities) != 1 {
		t.Errorf("%+v", got.Entities)
	}
}
