package extract

import (
	"iter"
	"strings"

	"golang.org/x/net/html"
)

// descend gives n and what is below it, in document order.
func descend(n *html.Node) iter.Seq[*html.Node] {
	return func(yield func(*html.Node) bool) {
		for at := n; at != nil; {
			if !yield(at) {
				return
			}
			if at.FirstChild != nil {
				at = at.FirstChild
				continue
			}
			for at != n && at.NextSibling == nil {
				at = at.Parent
			}
			if at == n {
				return
			}
			at = at.NextSibling
		}
	}
}

// attr gives an attribute's value, or "".
func attr(n *html.Node, name string) string {
	v, _ := lookup(n, name)
	return v
}

func lookup(n *html.Node, name string) (string, bool) {
	for i := range n.Attr {
		if n.Attr[i].Key == name {
			return n.Attr[i].Val, true
		}
	}
	return "", false
}

// within reports whether n or an element above it satisfies f.
func within(n *html.Node, f func(*html.Node) bool) bool {
	for ; n != nil; n = n.Parent {
		if n.Type == html.ElementNode && f(n) {
			return true
		}
	}
	return false
}

// words folds white space: one space between words, none around them.
func words(s string) string { return strings.Join(strings.Fields(s), " ") }
