package extract

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"zoeklicht"
)

// maxLinks bounds how many addresses of each sort a page gives.
const maxLinks = 5000

// Links is where a page leads, and what else collecting must know of it.
// Addresses are absolute, without doubles, in page order.
type Links struct {
	Kind     zoeklicht.PageKind // of the page itself
	Adverts  []string
	Listings []string // that follow, not the page itself
	// Others were linked from where adverts are listed and are none, by the recipe's
	// expression; without a recipe, all other links to the same host.
	Others []string
	Images []string // of an advert's page
	// Total is how many adverts the site says it has; 0 where it does not say.
	Total      int
	NotContent zoeklicht.NotContent
}

// Links reads a page for what leads on. A page of status 404 or 410 leads nowhere.
func (r *Reader) Links(p Page) Links {
	out := Links{Kind: r.Kind(p.URL)}
	if p.Status == 404 || p.Status == 410 {
		return out
	}
	d := open(p)
	if out.NotContent = r.unread(d); out.NotContent != "" {
		return out
	}
	switch {
	case out.Kind == zoeklicht.KindAdvert:
		f := genericOrRecipe(r, d)
		if out.NotContent = r.judge(d, &f); out.NotContent == "" && r.opt.allows(zoeklicht.FieldImages) {
			out.Images = f.images
		}
	case r.recipe == nil:
		genericLinks(d, &out)
	case r.recipe.json != nil:
		r.jsonLinks(d, &out)
	default:
		r.htmlLinks(d, &out)
	}
	return out
}

// Images gives the addresses of the pictures on an advert's page, in page order.
func (r *Reader) Images(p Page) []string { return r.Links(p).Images }

func genericOrRecipe(r *Reader, d *document) fields {
	if r.recipe != nil {
		return r.recipeFields(d)
	}
	return genericFields(d)
}

// htmlLinks reads a listing by the recipe's selectors.
func (r *Reader) htmlLinks(d *document, out *Links) {
	c := r.recipe
	seen := seen{d.resolve(d.page.URL): true}
	for _, n := range matches(d.html(), c.links) {
		r.sort(d.resolve(href(n)), seen, out)
	}
	if c.next != nil {
		for _, n := range matches(d.html(), c.next) {
			if u := d.resolve(href(n)); seen.first(u) {
				out.Listings = append(out.Listings, u)
			}
		}
	}
	none := false
	if c.total != nil {
		if found := matches(d.html(), c.total); len(found) > 0 {
			said := words(inner(found[0]))
			out.Total = count(said)
			none = out.Total == 0 && strings.Contains(said, "0")
		}
	}
	if len(out.Adverts) == 0 && !none && !saysNothingFound(d) {
		if out.NotContent = heuristic(d); out.NotContent == "" {
			out.NotContent = zoeklicht.EmptyTemplate
		}
	}
}

// jsonLinks reads a listing that is JSON.
func (r *Reader) jsonLinks(d *document, out *Links) {
	j := r.recipe.json
	root, err := d.json()
	if err != nil {
		if out.NotContent = heuristic(d); out.NotContent == "" {
			out.NotContent = zoeklicht.Unreadable
		}
		return
	}
	seen := seen{d.resolve(d.page.URL): true}
	lists := j.items.find(root)
	if len(lists) == 0 {
		out.NotContent = zoeklicht.EmptyTemplate
		return
	}
	for _, l := range lists {
		items, ok := l.v.([]any)
		if !ok {
			items = []any{l.v}
		}
		for _, item := range items {
			r.sort(d.resolve(j.url.fill(item)), seen, out)
		}
	}
	if j.more {
		if u := d.resolve(j.next.fill(root)); seen.first(u) {
			out.Listings = append(out.Listings, u)
		}
	}
	if j.hasTotal {
		out.Total = count(j.total.first(root))
	}
}

// sort puts an address from where adverts are listed in its place.
func (r *Reader) sort(u string, seen seen, out *Links) {
	switch {
	case !seen.first(u):
	case r.Kind(u) == zoeklicht.KindAdvert:
		out.Adverts = append(out.Adverts, u)
	default:
		out.Others = append(out.Others, u)
	}
}

// seen holds the addresses that a page gave.
type seen map[string]bool

// first reports whether an address is one, is new, and is not one too many.
func (s seen) first(u string) bool {
	if u == "" || s[u] || len(s) > maxLinks {
		return false
	}
	s[u] = true
	return true
}

// href gives where an element leads: itself, or the first link in it or around it.
func href(n *html.Node) string {
	for c := range descend(n) {
		if h := attr(c, "href"); h != "" {
			return h
		}
	}
	for up := n.Parent; up != nil; up = up.Parent {
		if h := attr(up, "href"); h != "" {
			return h
		}
	}
	return ""
}

var wholeNumber = regexp.MustCompile(`\d{1,3}(?:[.,'’ \x{a0}\x{202f}]\d{3})+|\d+`)

// count gives the first whole number in a text: 1.234 and 1,234 are both 1234.
func count(s string) int {
	n, err := strconv.Atoi(strings.Map(digitsOnly, wholeNumber.FindString(s)))
	if err != nil {
		return 0
	}
	return n
}
