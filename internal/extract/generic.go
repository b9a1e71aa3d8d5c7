package extract

import (
	"regexp"
	"strings"

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
	return &Reader{name: "generic/1", opt: opt, entities: entitiesWith(phones, opt.entities())}
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
