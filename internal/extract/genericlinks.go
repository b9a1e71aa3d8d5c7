package extract

import (
	"regexp"
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"zoeklicht"
)

var (
	numberPart = regexp.MustCompile(`\d+`)
	pageQuery  = regexp.MustCompile(`(?i)(?:^|&)(?:page|p|pagina|seite|pg|offset|start)=\d+`)
	pagePath   = regexp.MustCompile(`(?i)/(?:page|pagina|seite)[/-]?\d+/?$`)
	idQuery    = regexp.MustCompile(`(?i)(?:^|&)(?:id|ad|adid|advert|item|aid)=\w*\d`)
	nextWords  = regexp.MustCompile(`(?i)^(?:volgende|verder|next|more|meer|weiter|nächste|naechste|suivant|siguiente|następna|›|»|>|>>)(?: .{0,12})?$`)
)

// guessKind tells from the shape of an address what the page may be: a number or
// a long name at its end is an advert's.
func guessKind(u *whatwg.Url) zoeklicht.PageKind {
	path, query := u.Pathname(), strings.TrimPrefix(u.Search(), "?")
	switch {
	case pageQuery.MatchString(query), pagePath.MatchString(path):
		return zoeklicht.KindListing
	case idQuery.MatchString(query):
		return zoeklicht.KindAdvert
	}
	last := path[strings.LastIndexByte(strings.TrimSuffix(path, "/"), '/')+1:]
	switch {
	case strings.Trim(last, "/") == "":
		return zoeklicht.KindListing
	case longest(numberPart.FindAllString(last, -1)) >= 3, strings.Count(last, "-") >= 3:
		return zoeklicht.KindAdvert
	case strings.HasSuffix(path, "/"), strings.Count(path, "/") == 1 && !strings.Contains(last, "."):
		return zoeklicht.KindListing
	}
	return zoeklicht.KindOther
}

func longest(s []string) (n int) {
	for _, x := range s {
		n = max(n, len(x))
	}
	return n
}

// shape is what addresses of one kind of page have in common: their path without
// its last part, and whether that has a number.
func shape(u *whatwg.Url) string {
	path := strings.TrimSuffix(u.Pathname(), "/")
	dir := path[:strings.LastIndexByte(path, '/')+1]
	if numberPart.MatchString(path[len(dir):]) || idQuery.MatchString(strings.TrimPrefix(u.Search(), "?")) {
		return numberPart.ReplaceAllString(dir, "0") + "#"
	}
	return numberPart.ReplaceAllString(dir, "0") + "name"
}

// pageLink is a link of a page to its own host.
type pageLink struct {
	url, shape string
	kind       zoeklicht.PageKind
	next       bool // it says that it pages on
}

// Links of one shape are adverts where there are so many, or so many with a number.
const (
	manyLinks    = 5
	manyNumbered = 2
)

// genericLinks sorts the links of a page to its own host: many of one shape that
// look like adverts are adverts, what pages on is a listing.
func genericLinks(d *document, out *Links) {
	if d.isJSON() {
		return
	}
	page, err := whatwg.Parse(d.page.URL)
	if err != nil {
		return
	}
	self := d.resolve(d.page.URL)
	found := ownLinks(d, page.Host(), seen{self: true})
	shapes := map[string]int{}
	for _, l := range found {
		if l.kind == zoeklicht.KindAdvert {
			shapes[l.shape]++
		}
	}
	for _, l := range found {
		many := shapes[l.shape]
		switch {
		case l.next, l.kind == zoeklicht.KindListing && samePath(l.url, self):
			out.Listings = append(out.Listings, l.url)
		case l.kind == zoeklicht.KindAdvert && (many >= manyLinks || many >= manyNumbered && strings.HasSuffix(l.shape, "#")):
			out.Adverts = append(out.Adverts, l.url)
		default:
			out.Others = append(out.Others, l.url)
		}
	}
	if len(out.Adverts) > 0 {
		out.Kind = zoeklicht.KindListing
		return
	}
	if !saysNothingFound(d) {
		out.NotContent = heuristic(d)
	}
}

// ownLinks gives the links of a page to a host, each once, in page order.
func ownLinks(d *document, host string, seen seen) (found []pageLink) {
	for n := range descend(d.html()) {
		if n.DataAtom != atom.A && n.DataAtom != atom.Link || len(found) >= maxLinks {
			continue
		}
		next := pagesOn(n)
		if n.DataAtom == atom.Link && !next {
			continue
		}
		u := d.resolve(attr(n, "href"))
		if !seen.first(u) {
			continue
		}
		parsed, err := whatwg.Parse(u)
		if err != nil || parsed.Host() != host {
			continue
		}
		l := pageLink{u, shape(parsed), guessKind(parsed), next}
		if !next && inFurniture(n) {
			l.kind = zoeklicht.KindOther
		}
		found = append(found, l)
	}
	return found
}

// pagesOn reports whether a link says that it leads to a listing's next page.
func pagesOn(n *html.Node) bool {
	return strings.Contains(strings.ToLower(attr(n, "rel")), "next") || n.DataAtom == atom.A && nextWords.MatchString(words(inner(n)))
}

// samePath tells a listing's other pages from other listings.
func samePath(a, b string) bool {
	cut := func(s string) string {
		s, _, _ = strings.Cut(s, "?")
		return strings.TrimSuffix(pagePath.ReplaceAllString(s, ""), "/")
	}
	return cut(a) == cut(b)
}

// inFurniture reports whether a link stands in the page's head, foot or menu.
func inFurniture(n *html.Node) bool {
	return within(n, func(n *html.Node) bool {
		switch n.DataAtom {
		case atom.Nav, atom.Header, atom.Footer:
			return true
		}
		return false
	})
}
