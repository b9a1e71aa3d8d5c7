package extract

import (
	"strings"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

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
