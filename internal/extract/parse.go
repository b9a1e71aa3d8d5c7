package extract

import (
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html"
)

// Parsing as browsers do can be made to cost far more than the page is long: by
// depth, which the parser refuses beyond 512 elements, and by formatting elements
// left open, which every following block opens anew. Both are measured first, and
// such pages lose the tags that do it, not their text.
const (
	maxTags   = 300_000 // of a page; the rest is not looked at
	maxDepth  = 256     // of elements that merely wrap, where a page is too deep
	deepest   = 400     // of others, then
	maxReopen = 150_000 // elements that a page opens anew
)

// parse parses HTML, whatever it is.
func parse(s string) *html.Node {
	s, reopened := gauge(s)
	if reopened > maxReopen {
		s = flatten(s)
	}
	root, err := parseHTML(strings.NewReader(s))
	if err == nil {
		return root
	}
	if root, err = parseHTML(strings.NewReader(flatten(s))); err == nil {
		return root
	}
	return &html.Node{Type: html.DocumentNode}
}

// parseHTML turns a panic of the parser, which its depth limit once was, into an
// error.
func parseHTML(r io.Reader) (n *html.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("html: %v", p)
		}
	}()
	// Scripts do not run here, so what stands in <noscript> is shown.
	return html.ParseWithOptions(r, html.ParseOptionEnableScripting(false))
}

// gauge counts tags, cutting the page after the last that is allowed, and
// estimates how many elements parsing opens anew: for each tag, as many as there
// are formatting elements open. It looks at tags' names only.
func gauge(s string) (cut string, reopened int) {
	tags, open := 0, 0
	for at := 0; ; {
		i := strings.IndexByte(s[at:], '<')
		if i < 0 {
			return s, reopened
		}
		at += i + 1
		end := at < len(s) && s[at] == '/'
		if end {
			at++
		}
		name := tagName(s[at:])
		if name == "" {
			continue
		}
		if tags++; tags > maxTags {
			return s[:at-1], reopened
		}
		switch {
		case !formatting[name] && !end:
			reopened += min(open, deepest)
		case !formatting[name]:
		case end:
			open = max(0, open-1)
		default:
			open++
		}
	}
}

// tagName gives the name that a tag begins with, lower case, as far as names of
// formatting elements are long.
func tagName(s string) string {
	var b [8]byte
	n := 0
	for n < len(b) && n < len(s) {
		c := s[n] | 0x20
		if (c < 'a' || c > 'z') && (s[n] < '1' || s[n] > '6') {
			break
		}
		b[n] = c
		n++
	}
	return string(b[:n])
}

var formatting = map[string]bool{
	"a": true, "b": true, "big": true, "code": true, "em": true, "font": true, "i": true, "nobr": true,
	"s": true, "small": true, "strike": true, "strong": true, "tt": true, "u": true,
}

// wrappers say nothing themselves about what is in them.
var wrappers = map[string]bool{
	"div": true, "span": true, "section": true, "article": true, "center": true, "form": true, "blockquote": true,
	"table": true, "tbody": true, "tr": true, "td": true, "ul": true, "ol": true, "dl": true, "fieldset": true, "main": true,
}

// flatten leaves out the tags of elements that lie too deep, counting every start
// tag as an element until its end tag, and those of formatting elements but links.
func flatten(s string) string {
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	var open []string
	dropped := map[string]int{}
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return out.String()
		}
		raw := z.Raw()
		if kind != html.StartTagToken && kind != html.EndTagToken {
			out.Write(raw)
			continue
		}
		// TagName writes lower case into what raw shares.
		tag, _ := z.TagName()
		name := string(tag)
		switch {
		case void[name]:
			out.Write(raw)
		case formatting[name] && name != "a":
		case kind == html.StartTagToken:
			if n := len(open); n > 0 && closes(name, open[n-1]) {
				open = open[:n-1]
			}
			if len(open) >= deepest || len(open) >= maxDepth && wrappers[name] {
				dropped[name]++
				continue
			}
			open = append(open, name)
			out.Write(raw)
		case dropped[name] > 0:
			dropped[name]--
		default:
			if len(open) > 0 && open[len(open)-1] == name {
				open = open[:len(open)-1]
			}
			out.Write(raw)
		}
	}
}

// closes reports whether a start tag ends the element before it, whose own end tag
// people leave out.
func closes(name, before string) bool {
	switch before {
	case "p":
		return wrappers[name] || name == "p" || len(name) == 2 && name[0] == 'h'
	case "li", "dt", "dd", "tr", "td", "th", "option":
		return name == before
	}
	return false
}

var void = map[string]bool{
	"area": true, "base": true, "br": true, "col": true, "embed": true, "hr": true, "img": true,
	"input": true, "link": true, "meta": true, "source": true, "track": true, "wbr": true,
}
