package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// layout gives the text of an element as it is shown: every block and every <br>
// ends a line, no line is empty, cells of a row have a space between them, and
// other white space is folded. What is not shown is left out. Empty lines are not
// kept since sites make them in many ways, and the same text should stay the same.
func layout(n *html.Node) string {
	var w lines
	w.node(n)
	return w.String()
}

// lines writes text line by line. Spaces and line ends wait until more text
// follows, so that none are doubled and none are left at the end.
type lines struct {
	b     strings.Builder
	space bool // a space waits
	ended bool // a line end waits
}

func (w *lines) String() string { return w.b.String() }

// end ends the line, if anything is on it.
func (w *lines) end() { w.ended = true }

// text writes text in which white space does not count.
func (w *lines) text(s string) {
	for s != "" {
		word := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsSpace(r) })
		if word < 0 {
			w.space = true
			return
		}
		w.space = w.space || word > 0
		s = s[word:]
		end := strings.IndexFunc(s, unicode.IsSpace)
		if end < 0 {
			end = len(s)
		}
		w.put(s[:end])
		s = s[end:]
	}
}

// put writes what waited and then a word.
func (w *lines) put(word string) {
	if w.b.Len() > 0 {
		switch {
		case w.ended:
			w.b.WriteByte('\n')
		case w.space:
			w.b.WriteByte(' ')
		}
	}
	w.space, w.ended = false, false
	w.b.WriteString(word)
}

// node writes an element or text; trees are at most 512 deep.
func (w *lines) node(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		if pre := n.Parent; pre != nil && (pre.DataAtom == atom.Pre || pre.DataAtom == atom.Textarea) {
			w.verbatim(n.Data)
		} else {
			w.text(n.Data)
		}
		return
	case html.ElementNode:
		if !shown(n) {
			return
		}
		switch n.DataAtom {
		case atom.Br:
			w.end()
			return
		case atom.Td, atom.Th:
			w.space = true
		}
	case html.DocumentNode:
	default:
		return
	}
	block := n.Type == html.ElementNode && blocks[n.DataAtom]
	if block {
		w.end()
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.node(c)
	}
	if block {
		w.end()
	}
}

// verbatim writes text whose lines count.
func (w *lines) verbatim(s string) {
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			w.end()
		}
		w.text(line)
	}
}

// shown reports whether an element is displayed, as far as it says so itself.
func shown(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Template, atom.Head, atom.Title, atom.Iframe, atom.Object, atom.Embed,
		atom.Svg, atom.Math, atom.Canvas, atom.Audio, atom.Video, atom.Select, atom.Option, atom.Datalist,
		atom.Input, atom.Noframes, atom.Map, atom.Progress, atom.Meter:
		return false
	}
	for i := range n.Attr {
		switch n.Attr[i].Key {
		case "hidden":
			return n.Attr[i].Val == "until-found"
		case "style":
			style := strings.ToLower(strings.Join(strings.Fields(n.Attr[i].Val), ""))
			if strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden") {
				return false
			}
		}
	}
	return true
}

// blocks begin and end a line.
var blocks = func() map[atom.Atom]bool {
	m := map[atom.Atom]bool{}
	for _, a := range []atom.Atom{
		atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Body, atom.Button, atom.Caption, atom.Center, atom.Dd,
		atom.Details, atom.Dialog, atom.Dir, atom.Div, atom.Dl, atom.Dt, atom.Fieldset, atom.Figcaption, atom.Figure,
		atom.Footer, atom.Form, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Header, atom.Hgroup, atom.Hr,
		atom.Html, atom.Legend, atom.Li, atom.Main, atom.Menu, atom.Nav, atom.Ol, atom.P, atom.Pre, atom.Search, atom.Section,
		atom.Summary, atom.Table, atom.Tbody, atom.Textarea, atom.Tfoot, atom.Thead, atom.Tr, atom.Ul,
	} {
		m[a] = true
	}
	return m
}()

// clip cuts s to at most n bytes, at a rune's end.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
