package extract_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"zoeklicht"
	"zoeklicht/internal/extract"
)

const boardRecipe = `
source: board
version: 3
session: [sid]
listing:
  match: ^/ads(\?page=\d+)?$
  start: [/ads]
  links: ul.results a
  next: a.next
  total: p.count
advert:
  match: ^/ad/\d+$
  id: ^/ad/(\d+)$
  fields:
    title: {select: h1}
    body: {select: div.text, do: [text]}
    price: {select: .price, do: [price]}
    place: {select: .place, do: [trim, lower]}
    phones: {select: 'a[href^="tel:"]', attr: href, all: true}
    images: {select: .photos img, attr: src, all: true, do: [url]}
    date: {select: time, attr: datetime, do: ["date:2006-01-02T15:04"]}
    name: {select: 'script[type="application/json"]', json: seller.names.0}
    tags: {select: .tags, all: true, do: ["split:,", trim]}
    note: {select: p.none}
  require: [title, body]
not_content:
  - {kind: consent, select: form#cookies}
  - {kind: captcha, text: 'prove that you are'}
`

const boardAdvert = `<!DOCTYPE html><html lang="nl"><head><title>Massage | Board</title><base href="/static/"></head><body>
<nav>Home</nav><h1> Ontspannende
 massage </h1><span class=price>€ 80,- per uur</span> <span class=place> Utrecht </span>
<div class=text><p>Nieuw &amp; rustig,<br>op afspraak.</p><p>Bel 06-00012345.</p><script>var x = 1</script><p style="display: none">verborgen</p></div>
<div class=photos><img src="a.jpg"><img src="//fotos.voorbeeld.example/b.jpg#x"><img src="a.jpg"><img src="data:image/gif;base64,R0"><img></div>
<a href="tel:+31600012345">bel</a> <a href="tel:0600012346">of</a>
<time datetime="2026-11-20T09:30">gisteren</time>
<script type="application/json">{"seller":{"names":["Kim","K."]}}</script>
<div class=tags>rust, stad ,, parkeren</div>
</body></html>`

func TestReadByRecipe(t *testing.T) {
	t.Parallel()
	r := compile(t, boardRecipe, extract.Options{Regions: []string{"NL"}, PhonePatterns: []string{nobody}})
	p := page("https://board.example/ad/417;sid=a1?sid=b2", boardAdvert)
	p.Canonical = "https://board.example/ad/417"
	got := r.Read(p)
	want := zoeklicht.Reading{
		Key: "417", Canonical: "https://board.example/ad/417", Title: "Ontspannende massage",
		Body: "Nieuw & rustig,\nop afspraak.\nBel 06-00012345.", Lang: "nl",
		Fields: []zoeklicht.FieldValue{
			{Name: "body", From: "div.text[0]"},
			{Name: "date", Value: "2026-11-20T09:30:00", From: "time[0]@datetime"},
			{Name: "images", From: ".photos img[0]@src"},
			{Name: "name", Value: "Kim", From: `script[type="application/json"][0] json:seller.names.0`},
			{Name: "phones", Value: "tel:+31600012345", From: `a[href^="tel:"][0]@href`},
			{Name: "phones", Value: "tel:0600012346", From: `a[href^="tel:"][1]@href`},
			{Name: "place", Value: "utrecht", From: ".place[0]"},
			{Name: "price", Value: "80", From: ".price[0]"},
			{Name: "tags", Value: "rust", From: ".tags[0]"},
			{Name: "tags", Value: "stad", From: ".tags[0]"},
			{Name: "tags", Value: "parkeren", From: ".tags[0]"},
			{Name: "title", From: "h1[0]"},
		},
		Entities: []zoeklicht.Entity{
			{Type: "phone", Raw: "06-00012345", Start: 54, End: 65, Value: "+31600012345", Valid: true},
			{Type: "phone", Raw: "tel:0600012346", Value: "+31600012346", Valid: true},
			{Type: "place", Raw: "utrecht", Value: "GM0344", Valid: true},
			{Type: "price", Raw: "80", Value: "EUR 80", Valid: true},
		},
		Images: []string{"https://board.example/static/a.jpg", "https://fotos.voorbeeld.example/b.jpg"},
		Reader: "recipe board/3", Confidence: 1,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if said := got.Title + "\n" + got.Body; said[54:65] != "06-00012345" {
		t.Errorf("at the offsets stands %q", said[54:65])
	}
}

// Nothing leaves that the theme has not listed.
func TestOnlyListedFieldsLeave(t *testing.T) {
	t.Parallel()
	r := compile(t, boardRecipe, extract.Options{Regions: []string{"NL"}, PhonePatterns: []string{nobody}, Fields: []string{"title", "price"}})
	p := page("https://board.example/ad/417", boardAdvert)
	got := r.Read(p)
	if got.Title == "" || got.Body != "" || got.Images != nil || len(got.Entities) != 1 || got.Entities[0].Type != zoeklicht.Price {
		t.Errorf("%+v", got)
	}
	for _, f := range got.Fields {
		if f.Name != "title" && f.Name != "price" {
			t.Errorf("field %q left", f.Name)
		}
	}
	if images := r.Images(p); images != nil {
		t.Errorf("pictures %v would be fetched", images)
	}
	none := compile(t, boardRecipe, extract.Options{Fields: []string{}})
	if got := none.Read(p); got.Title != "" || len(got.Fields) > 0 {
		t.Errorf("an empty list lets out %+v", got)
	}
}

func TestMissingFields(t *testing.T) {
	t.Parallel()
	r := compile(t, boardRecipe, extract.Options{})
	got := r.Read(page("https://board.example/ad/1", `<h1>Massage</h1><p>`+strings.Repeat("Een lange tekst op een andere plaats. ", 30)))
	if got.NotContent != zoeklicht.EmptyTemplate || got.Confidence != 0.5 {
		t.Errorf("without its text the page is %q, confidence %v", got.NotContent, got.Confidence)
	}
}

func TestLinksByRecipe(t *testing.T) {
	t.Parallel()
	r := compile(t, boardRecipe, extract.Options{})
	got := r.Links(page("https://board.example/ads?page=2", `<base href="https://board.example/x/">
<p class=count><b>1.234</b> advertenties</p><ul class=results>
<li><a href="/ad/1">een</a><li><a href="../ad/2?sid=zz">twee</a><li><a href="https://board.example/ad/1#foto">weer een</a>
<li><a href="/promo">reclame</a><li><a>niets</a><li><a href="javascript:void(0)">x</a><li><a href="mailto:a@b.example">y</a>
<li><a href="HTTPS://Board.Example:443/ad/3">drie</a></ul>
<a href="/ad/9">elders</a><a class=next href="?page=2">deze</a><a class=next href="/ads?page=3">volgende</a>`))
	want := extract.Links{
		Kind:     zoeklicht.KindListing,
		Adverts:  []string{"https://board.example/ad/1", "https://board.example/ad/2?sid=zz", "https://board.example/ad/3"},
		Listings: []string{"https://board.example/x/?page=2", "https://board.example/ads?page=3"},
		Others:   []string{"https://board.example/promo"},
		Total:    1234,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestKind(t *testing.T) {
	t.Parallel()
	r := compile(t, boardRecipe, extract.Options{})
	for u, want := range map[string]zoeklicht.PageKind{
		"https://board.example/ads": zoeklicht.KindListing, "https://board.example/ads?page=2": zoeklicht.KindListing,
		"https://board.example/ads?sid=1&page=2": zoeklicht.KindListing, "https://board.example/ad/12": zoeklicht.KindAdvert,
		"https://board.example/ad/12;sid=1": zoeklicht.KindAdvert, "https://board.example/ad/x": zoeklicht.KindOther,
		"https://board.example/robots.txt": zoeklicht.KindRobots, "::": zoeklicht.KindOther, "": zoeklicht.KindOther,
	} {
		if got := r.Kind(u); got != want {
			t.Errorf("Kind(%q) = %q, want %q", u, got, want)
		}
	}
}

// Listings and adverts that are JSON.
const apiRecipe = `
source: api
version: 1
listing:
  match: ^/api/ads
  start: [/api/ads]
  json: {items: data.items, url: "/api/ad/{id}", next: data.next, total: data.total}
advert:
  match: ^/api/ad/\d+$
  id: ^/api/ad/(\d+)$
  fields:
    title: {json: ad.title, do: [trim]}
    body: {json: ad.html, do: [html]}
    price: {json: ad.price.amount, do: [price]}
    images: {json: "ad.photos.*.url", all: true, do: [url]}
    place: {json: 'ad.where\.text'}
    open: {json: ad.open}
  require: [title]
`

func jsonPage(url, body string) extract.Page {
	p := page(url, body)
	p.Header = http.Header{"Content-Type": {"application/json"}}
	return p
}

func TestJSON(t *testing.T) {
	t.Parallel()
	r := compile(t, apiRecipe, extract.Options{})
	links := r.Links(jsonPage("https://api.example/api/ads",
		`{"data":{"total":"2.001","next":"/api/ads?after=7","items":[{"id":5},{"id":"7"},{"id":null},{"x":1},{"id":5}]}}`))
	want := extract.Links{
		Kind: zoeklicht.KindListing, Total: 2001,
		Adverts:  []string{"https://api.example/api/ad/5", "https://api.example/api/ad/7"},
		Listings: []string{"https://api.example/api/ads?after=7"},
	}
	if d := cmp.Diff(want, links); d != "" {
		t.Error(d)
	}
	got := r.Read(jsonPage("https://api.example/api/ad/5", `{"ad":{"title":" Massage\u0000 ","html":"<p>Rustig<br>en schoon</p>","price":{"amount":75.50},
		"photos":[{"url":"/f/1.jpg"},{"url":"/f/2.jpg"},{}],"where.text":"Zwolle","open":true}}`))
	wantRead := zoeklicht.Reading{
		Key: "5", Canonical: "https://api.example/api/ad/5", Title: "Massage", Body: "Rustig\nen schoon", Lang: got.Lang,
		Images: []string{"https://api.example/f/1.jpg", "https://api.example/f/2.jpg"}, Reader: "recipe api/1", Confidence: 1,
		Fields: []zoeklicht.FieldValue{
			{Name: "body", From: "json:ad.html"},
			{Name: "images", From: "json:ad.photos.0.url"},
			{Name: "open", Value: "true", From: "json:ad.open"},
			{Name: "place", Value: "Zwolle", From: "json:ad.where.text"},
			{Name: "price", Value: "75.50", From: "json:ad.price.amount"},
			{Name: "title", From: "json:ad.title"},
		},
		Entities: []zoeklicht.Entity{
			{Type: "place", Raw: "Zwolle", Value: "GM0193", Valid: true},
			{Type: "price", Raw: "75.50", Value: "EUR 75.50", Valid: true},
		},
	}
	if d := cmp.Diff(wantRead, got); d != "" {
		t.Error(d)
	}
	for name, tc := range map[string]struct {
		body string
		want zoeklicht.NotContent
	}{
		"last page":            {`{"data":{"items":[],"next":null}}`, ""},
		"no list":              {`{"error":"later"}`, zoeklicht.EmptyTemplate},
		"cut off":              {`{"data":{"items":[`, zoeklicht.Unreadable},
		"a page instead":       {`<title>Just a moment...</title><p>Checking`, zoeklicht.Captcha},
		"nothing":              {``, zoeklicht.EmptyTemplate},
		"one without brackets": {`{"data":{"items":{"id":1}}}`, ""},
	} {
		if got := r.Links(jsonPage("https://api.example/api/ads", tc.body)); got.NotContent != tc.want {
			t.Errorf("%s: %q, want %q", name, got.NotContent, tc.want)
		}
	}
	if got := r.Read(jsonPage("https://api.example/api/ad/5", `{"ad":{}}`)); got.NotContent != zoeklicht.EmptyTemplate {
		t.Errorf("an advert without its required field is %q", got.NotContent)
	}
}

func TestTransforms(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ do, in, want string }{
		{"trim", "  a  ", "a"},
		{"lower", "MASSAGE É", "massage é"},
		{"text", "a  b\r\n\r\n\r\n c ", "a b\nc"},
		{"html", "&lt;b&gt;a&lt;/b&gt;&lt;p&gt;b", "a\nb"},
		{"url", "b/c?d#e", "https://x.example/a/b/c?d"},
		{"url", "javascript:alert(1)", ""},
		{"price", "€ 80,-", "80"},
		{"price", "80,00 euro", "80"},
		{"price", "Vanaf € 1.250,50", "1250.50"},
		{"price", "£1,250.5", "1250.50"},
		{"price", "1 250 zł", "1250"},
		{"price", "2 uur 150 euro", "150"},
		{"price", "30 min: €50", "50"},
		{"price", "120", "120"},
		{"price", "0,50", "0.50"},
		{"price", "op aanvraag", ""},
		{"date:02-01-2006", "20-11-2026", "2026-11-20"},
		{"date:2 January 2006", "3 maart 2026", "2026-03-03"},
		{"date:2 January 2006", "3 März 2026", "2026-03-03"},
		{"date:2 Jan 2006", "3 mrt. 2026", "2026-03-03"},
		{"date:January 2, 2006", "Mai 3, 2026", "2026-05-03"},
		{"date:02-01-2006 15:04", "20-11-2026 09:30", "2026-11-20T09:30:00"},
		{"date:2006-01-02T15:04:05Z07:00", "2026-11-20T09:30:00+01:00", "2026-11-20T09:30:00+01:00"},
		{"date:02-01-2006", "gisteren", ""},
		{`regexp:nr (\d+)`, "advert nr 12 van 30", "12"},
		{`regexp:\d+`, "nr 12", "12"},
		{`regexp:x(\d+)`, "nr 12", ""},
		{`replace:\s*/\s*=>-`, "a / b/c", "a-b-c"},
		{`replace:(a)(b)=>$2$1`, "ab", "ba"},
	} {
		t.Run(tc.do+" "+tc.in, func(t *testing.T) {
			t.Parallel()
			rec := recipe(t, boardRecipe)
			rec.Advert.Fields["x"] = zoeklicht.Field{Select: "pre", Do: []string{"text", tc.do}}
			if tc.do == "url" || tc.do == "html" {
				rec.Advert.Fields["x"] = zoeklicht.Field{Select: "pre", Do: []string{tc.do}}
			}
			r, err := extract.Compile(rec, extract.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := r.Read(page("https://x.example/a/", "<pre>"+tc.in+"</pre>"))
			if got.Field("x") != tc.want {
				t.Errorf("%q, want %q", got.Field("x"), tc.want)
			}
		})
	}
}

func TestJoinAndSplit(t *testing.T) {
	t.Parallel()
	rec := recipe(t, boardRecipe)
	rec.Advert.Fields["joined"] = zoeklicht.Field{Select: "li", All: true, Do: []string{`join:\n`}}
	rec.Advert.Fields["first"] = zoeklicht.Field{Select: "li", Do: []string{"regexp:^(t.*)"}}
	r, err := extract.Compile(rec, extract.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := r.Read(page("https://x.example/", "<ul><li>een<li>twee<li>drie</ul>"))
	if got.Field("joined") != "een\ntwee\ndrie" {
		t.Errorf("%q", got.Field("joined"))
	}
	if got.Field("first") != "twee" {
		t.Errorf("the first match that has a value is %q", got.Field("first"))
	}
}

func TestCompileNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, change, path string }{
		{"no match", "listing: {links: a}", "$.listing.match"},
		{"broken expression", "listing: {match: '(', links: a}", "$.listing.match"},
		{"neither links nor json", "listing: {match: ^/}", "$.listing"},
		{"both", "listing: {match: ^/, links: a, json: {items: a, url: b}}", "$.listing"},
		{"broken selector", "listing: {match: ^/, links: 'a['}", "$.listing.links"},
		{"no address", "listing: {match: ^/, json: {items: a}}", "$.listing.json.url"},
		{"open brace", "listing: {match: ^/, json: {items: a, url: '/{id'}}", "$.listing.json.url"},
		{"broken path", "listing: {match: ^/, json: {items: a..b, url: u}}", "$.listing.json.items"},
		{"less than nothing", "listing: {match: ^/, links: a, expect: -1}", "$.listing.expect"},
		{"no fields", "advert: {match: ^/a}", "$.advert.fields"},
		{"no group", "advert: {match: ^/a, id: a, fields: {title: {select: h1}}}", "$.advert.id"},
		{"unknown transform", "advert: {match: ^/a, fields: {title: {select: h1, do: [trim, upper]}}}", "$.advert.fields.title.do[1]"},
		{"transform without argument", "advert: {match: ^/a, fields: {title: {select: h1, do: [join]}}}", "$.advert.fields.title.do[0]"},
		{"transform with one too many", "advert: {match: ^/a, fields: {title: {select: h1, do: [text, 'trim:x']}}}", "$.advert.fields.title.do[1]"},
		{"date without a year", "advert: {match: ^/a, fields: {title: {select: h1, do: ['date:yyyy-mm-dd']}}}", "$.advert.fields.title.do[0]"},
		{"replace without arrow", "advert: {match: ^/a, fields: {title: {select: h1, do: ['replace:a']}}}", "$.advert.fields.title.do[0]"},
		{"field of nothing", "advert: {match: ^/a, fields: {title: {attr: x}}}", "$.advert.fields.title"},
		{"required and unknown", "advert: {match: ^/a, fields: {title: {select: h1}}, require: [title, body]}", "$.advert.require[1]"},
		{"unknown barrier", "not_content: [{kind: wall, select: a}]", "$.not_content[0].kind"},
		{"barrier of nothing", "not_content: [{kind: captcha, select: a}, {kind: captcha}]", "$.not_content[1]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			parts := map[string]string{
				"listing": "listing: {match: ^/, links: a}", "advert": "advert: {match: ^/a, fields: {title: {select: h1}}}", "not_content": "not_content: []",
			}
			parts[strings.SplitN(tc.change, ":", 2)[0]] = tc.change
			_, err := extract.Compile(recipe(t, "source: x\n"+parts["listing"]+"\n"+parts["advert"]+"\n"+parts["not_content"]), extract.Options{})
			var at *extract.RecipeError
			if !errors.As(err, &at) || zoeklicht.CodeOf(err) != zoeklicht.Invalid {
				t.Fatalf("%v", err)
			}
			if at.Path != tc.path {
				t.Errorf("named is %s, want %s (%v)", at.Path, tc.path, err)
			}
			if !strings.Contains(err.Error(), strings.TrimPrefix(tc.path, "$.")) {
				t.Errorf("%v does not name %s", err, tc.path)
			}
		})
	}
}

func TestCompileReportsEveryFault(t *testing.T) {
	t.Parallel()
	_, err := extract.Compile(&zoeklicht.Recipe{Source: "x"}, extract.Options{})
	for _, path := range []string{"listing.match", "listing:", "advert.match", "advert.fields"} {
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%v does not name %s", err, path)
		}
	}
	if _, err := extract.Compile(recipe(t, boardRecipe), extract.Options{Regions: []string{"??"}}); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("unknown region: %v", err)
	}
}

// The recipes of the theme packs compile, and what they name is a known kind.
func TestThemeRecipes(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "themes", "*", "recipes", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recipes: %v", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var rec zoeklicht.Recipe
		if err := yaml.UnmarshalWithOptions(b, &rec, yaml.Strict()); err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if _, err := extract.Compile(&rec, extract.Options{Regions: []string{"NL"}}); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if !slices.Contains(rec.Advert.Require, "title") {
			t.Errorf("%s requires no title", file)
		}
	}
}
