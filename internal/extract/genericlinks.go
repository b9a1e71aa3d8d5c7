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
	type link struct {
		url, shape string
		kind       zoeklicht.PageKind
		next       bool
	}
	var found []link
	shapes := map[string]int{}
	self := d.resolve(d.page.URL)
	seen := map[string]bool{self: true}
	for n := range descend(d.html()) {
		if n.DataAtom != atom.A && n.DataAtom != atom.Link || len(found) >= maxLinks {
			continue
		}
		rel := strings.ToLower(attr(n, "rel"))
		next := strings.Contains(rel, "next") || n.DataAtom == atom.A && nextWords.MatchString(words(inner(n)))
		if n.DataAtom == atom.Link && !next {
			continue
		}
		u := d.resolve(attr(n, "href"))
		if u == "" || seen[u] {
			continue
		}
		seen[u] = true
		parsed, err := whatwg.Parse(u)
		if err != nil || parsed.Host() != page.Host() {
			continue
		}
		l := link{u, shape(parsed), guessKind(parsed), next}
		if !next && inFurniture(n) {
			l.kind = zoeklicht.KindOther
		}
		if l.kind == zoeklicht.KindAdvert {
			shapes[l.shape]++
		}
		found = append(found, l)
	}
	for _, l := range found {
		many := shapes[l.shape]
		switch {
		case l.next, l.kind == zoeklicht.KindListing && samePath(l.url, self):
			out.Listings = append(out.Listings, l.url)
		case l.kind == zoeklicht.KindAdvert && (many >= 5 || many >= 2 && strings.HasSuffix(l.shape, "#")):
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
