package extract

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

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
