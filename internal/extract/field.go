package extract

import (
	"strconv"
	"strings"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"zoeklicht"
)

// Bounds on what a page can give. That of a body keeps the words of any text
// within what PostgreSQL indexes of one: a tsvector ends at 1 MB, which 1 MiB of
// different words exceed by half.
const (
	maxValues = 500      // of one field
	maxValue  = 64 << 10 // bytes of one value
	maxTitle  = 2 << 10
	maxBody   = 512 << 10
)

// field is a compiled zoeklicht.Field.
type field struct {
	name   string
	spec   zoeklicht.Field
	sel    cascadia.Matcher // nil: the body is JSON
	path   jsonPath         // nil: no JSON
	do     []transformFunc
	layout bool // keep the lines of the element's text
}

// values gives the field's values on a page. Without All it is the first match
// that has one.
func (f *field) values(d *document) []value {
	limit := maxValue
	if f.name == zoeklicht.FieldBody {
		limit = maxBody
	}
	var out []value
	take := func(in []value) bool {
		for _, do := range f.do {
			in = do(d, in)
		}
		for _, v := range in {
			if v.text = clip(v.text, limit); v.text != "" && len(out) < maxValues {
				out = append(out, v)
			}
		}
		return len(out) > 0 && !f.spec.All || len(out) >= maxValues
	}
	if f.sel == nil {
		root, err := d.json()
		if err != nil {
			return nil
		}
		f.fromJSON(root, "", take)
		return out
	}
	var all []value // join sees all matches at once
	for i, n := range matches(d.html(), f.sel) {
		from := f.spec.Select + "[" + strconv.Itoa(i) + "]"
		stop := false
		keep := func(v []value) bool {
			if f.spec.All {
				all = append(all, v...)
				return len(all) >= maxValues
			}
			stop = take(v)
			return stop
		}
		f.fromNode(n, from, keep)
		if stop || len(all) >= maxValues {
			break
		}
	}
	if f.spec.All {
		take(all)
	}
	return out
}

// fromNode gives what one matched element holds.
func (f *field) fromNode(n *html.Node, from string, take func([]value) bool) {
	var text string
	switch {
	case f.spec.Attr != "":
		from += "@" + f.spec.Attr
		text = strings.TrimSpace(attr(n, f.spec.Attr))
	case f.path != nil:
		text = rawText(n)
	case f.layout:
		text = inner(n)
	default:
		text = words(inner(n))
	}
	if f.path == nil {
		take([]value{{tidy(text), from}})
		return
	}
	if root, err := decodeJSON(text); err == nil {
		f.fromJSON(root, from+" ", take)
	}
}

// fromJSON gives what a path leads to.
func (f *field) fromJSON(root any, from string, take func([]value) bool) {
	var all []value
	for _, x := range f.path.find(root) {
		for _, t := range x.texts() {
			v := value{strings.ToValidUTF8(t.v.(string), "\ufffd"), from + "json:" + t.path}
			if f.spec.All {
				all = append(all, v)
			} else if take([]value{v}) {
				return
			}
		}
	}
	if f.spec.All {
		take(all)
	}
}

// inner gives the text of an element that may itself be one that is not shown
// (<title>, <option>).
func inner(n *html.Node) string {
	if shown(n) {
		return layout(n)
	}
	var w lines
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.node(c)
	}
	return w.String()
}

// rawText gives the text below an element as it stands, scripts included.
func rawText(n *html.Node) string {
	var b strings.Builder
	for c := range descend(n) {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// matches gives the elements that a selector matches, in document order.
func matches(root *html.Node, sel cascadia.Matcher) []*html.Node {
	var out []*html.Node
	for n := range descend(root) {
		if n.Type == html.ElementNode && sel.Match(n) {
			out = append(out, n)
		}
	}
	return out
}
