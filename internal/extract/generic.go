package extract

import (
	"regexp"
	"strings"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"zoeklicht"
)

// Generic gives the reader for a source that has no recipe. It guesses: from what
// a page says of itself for search engines (JSON-LD, OpenGraph, microdata), and
// from where its headings, text and pictures stand. Its readings have a confidence
// of 0.7 at most. Patterns of phone numbers that do not compile are left out;
// Compile and NewPhones tell of them.
func Generic(opt Options) *Reader {
	phones := &Phones{}
	for _, name := range opt.Regions {
		if p, err := NewPhones([]string{name}, nil); err == nil {
			phones.regions = append(phones.regions, p.regions...)
		}
	}
	for _, s := range opt.PhonePatterns {
		if p, err := NewPhones(nil, []string{s}); err == nil {
			phones.patterns = append(phones.patterns, p.patterns...)
		}
	}
	return &Reader{name: "generic/1", opt: opt, phones: phones}
}

// genericFields guesses an advert's fields.
func genericFields(d *document) fields {
	var out fields
	if d.isJSON() {
		return out
	}
	root := d.html()
	linked := linkedData(root)
	one := func(name string, candidates ...value) {
		for _, v := range candidates {
			if v.text = words(v.text); v.text != "" {
				v.text = clip(v.text, maxValue)
				out.add(name, []value{v})
				return
			}
		}
	}
	main := mainElement(root)
	heading := firstText(main, "h1")
	if heading.text == "" {
		heading = firstText(root, "h1")
	}
	one(zoeklicht.FieldTitle, heading, linked["title"], meta(root, "og:title"), firstText(root, "title"))
	body := value{withoutHeading(mainText(main), out.title), "main text"}
	if len(body.text) < hardlyAny {
		for _, v := range []value{linked["body"], meta(root, "og:description"), meta(root, "description")} {
			if len(v.text) > len(body.text) {
				body = v
			}
		}
	}
	if body.text != "" {
		body.text = clip(body.text, maxBody)
		out.add(zoeklicht.FieldBody, []value{body})
	}
	cost := linked["price"]
	for _, v := range []value{meta(root, "product:price:amount"), itemprop(root, "price")} {
		if cost.text == "" {
			cost = v
		}
	}
	cost.text = price(cost.text)
	one(zoeklicht.FieldPrice, cost)
	one(zoeklicht.FieldPlace, linked["place"], itemprop(root, "addressLocality"))
	one(zoeklicht.FieldDate, linked["date"], meta(root, "article:published_time"), itemprop(root, "datePosted"), itemprop(root, "datePublished"))
	out.add(zoeklicht.FieldPhones, genericPhones(root, linked["phone"]))
	out.add(zoeklicht.FieldImages, genericImages(d, main, linked["image"]))
	switch {
	case out.title == "" || out.body == "":
		out.confidence = 0.1
	case linked["title"].text != "" && linked["body"].text != "":
		out.confidence = 0.7
	case heading.text != "" && len(out.body) >= 200:
		out.confidence = 0.5
	default:
		out.confidence = 0.3
	}
	return out
}

// linkedData reads JSON-LD for what it says of the thing on the page.
func linkedData(root *html.Node) map[string]value {
	out := map[string]value{}
	for n := range descend(root) {
		if n.DataAtom != atom.Script || !strings.EqualFold(strings.TrimSpace(attr(n, "type")), "application/ld+json") {
			continue
		}
		v, err := decodeJSON(rawText(n))
		if err != nil {
			continue
		}
		thing := findThing(v, 0)
		if thing == nil {
			continue
		}
		for _, w := range ldPaths {
			if _, ok := out[w.to]; ok {
				continue
			}
			if s := w.path.first(thing); s != "" {
				out[w.to] = value{s, "ld+json:" + strings.Join(w.path, ".")}
			}
		}
		return out
	}
	return out
}

var ldPaths = []struct {
	to   string
	path jsonPath
}{
	{"title", jsonPath{"name"}},
	{"title", jsonPath{"headline"}},
	{"title", jsonPath{"title"}},
	{"body", jsonPath{"articleBody"}},
	{"body", jsonPath{"description"}},
	{"price", jsonPath{"offers", "price"}},
	{"price", jsonPath{"offers", "0", "price"}},
	{"price", jsonPath{"price"}},
	{"place", jsonPath{"address", "addressLocality"}},
	{"place", jsonPath{"areaServed"}},
	{"phone", jsonPath{"telephone"}},
	{"date", jsonPath{"datePosted"}},
	{"date", jsonPath{"datePublished"}},
	{"image", jsonPath{"image"}},
	{"image", jsonPath{"image", "url"}},
}

// things are the types that an advert may be; a page's other JSON-LD describes
// the site or the way to the page.
var things = map[string]bool{
	"Product": true, "Offer": true, "Service": true, "LocalBusiness": true, "Article": true, "NewsArticle": true,
	"Book": true, "Event": true, "JobPosting": true, "CreativeWork": true, "Thing": true, "HealthAndBeautyBusiness": true,
}

// findThing gives the first object of such a type.
func findThing(v any, depth int) any {
	if depth > 6 {
		return nil
	}
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			if t := findThing(x, depth+1); t != nil {
				return t
			}
		}
	case map[string]any:
		for _, t := range (jsonPath{"@type"}).find(v) {
			for _, name := range t.texts() {
				if things[name.v.(string)] {
					return v
				}
			}
		}
		for _, key := range []string{"@graph", "mainEntity", "itemOffered"} {
			if t := findThing(v[key], depth+1); t != nil {
				return t
			}
		}
	}
	return nil
}

func meta(root *html.Node, name string) value {
	for n := range descend(root) {
		if n.DataAtom == atom.Meta && (attr(n, "property") == name || attr(n, "name") == name) && attr(n, "content") != "" {
			return value{attr(n, "content"), "meta " + name}
		}
	}
	return value{}
}

func itemprop(root *html.Node, name string) value {
	for n := range descend(root) {
		if n.Type == html.ElementNode && attr(n, "itemprop") == name {
			for _, a := range []string{"content", "datetime"} {
				if v := attr(n, a); v != "" {
					return value{v, "itemprop " + name + "@" + a}
				}
			}
			return value{words(inner(n)), "itemprop " + name}
		}
	}
	return value{}
}

func firstText(root *html.Node, tag string) value {
	if root == nil {
		return value{}
	}
	for n := range descend(root) {
		if n.Type == html.ElementNode && n.Data == tag {
			if t := words(inner(n)); t != "" {
				return value{t, tag}
			}
		}
	}
	return value{}
}

// genericPhones gives the numbers that links of the page call or write to.
func genericPhones(root *html.Node, said value) []value {
	var out []value
	seen := map[string]bool{}
	add := func(v value) {
		if v.text != "" && !seen[v.text] && len(out) < maxValues {
			seen[v.text] = true
			out = append(out, v)
		}
	}
	for n := range descend(root) {
		if n.DataAtom == atom.A {
			if h := strings.TrimSpace(attr(n, "href")); h != "" {
				if number, _ := linked(h); number != "" {
					add(value{h, "a@href"})
				}
			}
		}
	}
	add(said)
	return out
}

// noMatter are words in classes, ids and roles of what is no advert's own text.
var noMatter = map[string]bool{
	"nav": true, "navigation": true, "menu": true, "footer": true, "sidebar": true, "related": true, "gerelateerd": true,
	"breadcrumb": true, "breadcrumbs": true, "kruimelpad": true, "comment": true, "comments": true, "share": true,
	"social": true, "cookie": true, "cookies": true, "consent": true, "banner": true, "advertising": true, "reclame": true,
	"pagination": true, "paginering": true,
}

// matter reports whether an element may hold an advert's own text.
func matter(n *html.Node) bool {
	if !shown(n) {
		return false
	}
	switch n.DataAtom {
	case atom.Nav, atom.Header, atom.Footer, atom.Aside, atom.Dialog, atom.Noscript, atom.Button:
		return false
	}
	for i := range n.Attr {
		if a := &n.Attr[i]; a.Key == "class" || a.Key == "id" || a.Key == "role" {
			for word := range strings.FieldsFuncSeq(a.Val, func(r rune) bool { return r == ' ' || r == '-' || r == '_' || r == '\n' || r == '\t' }) {
				if noMatter[strings.ToLower(word)] {
					return false
				}
			}
		}
	}
	return true
}

var mainSelector = cascadia.MustCompile(`main, [role=main], article, [itemprop=description], [itemprop=articleBody]`)

// mainElement gives the innermost element that holds most of the page's own text.
// It follows the child that has three quarters of it, for as long as there is one.
func mainElement(root *html.Node) *html.Node {
	own := map[*html.Node]int{}
	measure(root, own)
	var body *html.Node
	for n := range descend(root) {
		if n.DataAtom == atom.Body {
			body = n
			break
		}
	}
	if body == nil {
		return root
	}
	// What the page itself calls its main part is believed, if it is one and has text.
	at := body
	for n := range descend(body) {
		if n.Type == html.ElementNode && own[n] >= 100 && mainSelector.Match(n) {
			if n.DataAtom == atom.Main || own[n]*2 > own[body] {
				at = n
				break
			}
		}
	}
	for {
		var next *html.Node
		for c := at.FirstChild; c != nil; c = c.NextSibling {
			if own[c]*4 >= own[at]*3 && own[c] > 0 && blocks[c.DataAtom] && c.DataAtom != atom.P {
				next = c
			}
		}
		if next == nil {
			return at
		}
		at = next
	}
}

// measure counts, for each element, the bytes of text in it that matter and are
// not in links.
func measure(n *html.Node, own map[*html.Node]int) int {
	switch n.Type {
	case html.TextNode:
		return len(strings.TrimSpace(n.Data))
	case html.ElementNode:
		if n.DataAtom == atom.A || !matter(n) && n.DataAtom != atom.Body && n.DataAtom != atom.Main {
			return 0
		}
	}
	sum := 0
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		sum += measure(c, own)
	}
	if n.Type == html.ElementNode {
		own[n] = sum
	}
	return sum
}

// mainText gives the text of an element without what does not matter in it.
func mainText(n *html.Node) string {
	var w lines
	var write func(*html.Node)
	write = func(c *html.Node) {
		if c.Type == html.ElementNode && c != n && !matter(c) {
			return
		}
		if c.Type != html.ElementNode || c.FirstChild == nil || c.DataAtom == atom.Pre {
			w.node(c)
			return
		}
		if blocks[c.DataAtom] {
			w.end()
			defer w.end()
		}
		for k := c.FirstChild; k != nil; k = k.NextSibling {
			write(k)
		}
	}
	write(n)
	return w.String()
}

// withoutHeading drops the line that repeats the title.
func withoutHeading(s, title string) string {
	first, rest, _ := strings.Cut(s, "\n")
	if title != "" && words(first) == title {
		return strings.TrimLeft(rest, "\n")
	}
	return s
}

// furniture matches addresses of pictures that belong to the site.
var furniture = regexp.MustCompile(`(?i)logo|icon|sprite|avatar|placeholder|spacer|pixel|banner|button|\.svg(?:$|\?)|^data:`)

// genericImages gives the pictures within the main element, where lazy ones may
// wait, and the one that the page shows to search engines.
func genericImages(d *document, main *html.Node, linked value) []value {
	var out []value
	add := func(address, from string) {
		if address == "" || furniture.MatchString(address) || len(out) >= maxValues {
			return
		}
		if u := d.resolve(address); u != "" {
			out = append(out, value{u, from})
		}
	}
	for n := range descend(main) {
		if n.DataAtom != atom.Img || tiny(n) {
			continue
		}
		for _, a := range []string{"data-src", "data-original", "data-lazy", "src"} {
			if v := attr(n, a); v != "" && !strings.HasPrefix(v, "data:") {
				add(v, "img@"+a)
				break
			}
		}
	}
	if len(out) == 0 {
		add(linked.text, linked.from)
		og := meta(d.html(), "og:image")
		add(og.text, og.from)
	}
	return out
}

// tiny tells pictures that are drawn smaller than a thumbnail.
func tiny(n *html.Node) bool {
	for _, a := range []string{"width", "height"} {
		if v := attr(n, a); v != "" && !strings.Contains(v, "%") && count(v) < 50 {
			return true
		}
	}
	return false
}
