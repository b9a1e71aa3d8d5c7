package extract

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Bounds on what is parsed. More of a page than maxHTML is not looked at.
const (
	maxHTML  = 4 << 20
	maxDepth = 256 // where a tree is deeper than the parser takes (512)
)

// document is a page made ready to be read. Its parts are worked out when asked
// for, and once; a document belongs to one goroutine.
type document struct {
	page Page
	text string // the decoded body
	ok   bool   // there is text

	root     *html.Node // nil until asked for
	jsonRoot any
	jsonErr  error
	jsonDone bool
	base     *whatwg.Url
	visible  *string
}

// open decodes a page.
func open(p Page) *document {
	d := &document{page: p}
	body := p.Body
	if len(body) > maxHTML {
		body = body[:maxHTML]
	}
	d.text, d.ok = decode(body, p.Header.Get("Content-Type"))
	return d
}

// html gives the tree of the page. It is never nil.
func (d *document) html() *html.Node {
	if d.root == nil {
		d.root = parse(d.text)
	}
	return d.root
}

// json gives the page as decoded JSON; numbers keep their spelling.
func (d *document) json() (any, error) {
	if !d.jsonDone {
		d.jsonDone = true
		d.jsonRoot, d.jsonErr = decodeJSON(d.text)
	}
	return d.jsonRoot, d.jsonErr
}

func decodeJSON(s string) (any, error) {
	dec := json.NewDecoder(strings.NewReader(strings.TrimSpace(s)))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more follows the JSON value")
	}
	return v, nil
}

// isJSON tells whether the page means to be JSON.
func (d *document) isJSON() bool {
	m := media(d.page.Header)
	return m == "application/json" || strings.HasSuffix(m, "+json") ||
		m != "text/html" && strings.HasPrefix(strings.TrimLeft(d.text, " \t\r\n"), "{")
}

// resolve makes an address on the page absolute, or "" where it is none that can
// be fetched.
func (d *document) resolve(ref string) string {
	if d.base == nil {
		d.base = d.baseURL()
	}
	if ref = strings.TrimSpace(ref); ref == "" {
		return "" // the page itself, which no link or picture means
	}
	u, err := d.base.Parse(ref)
	if err != nil || (u.Scheme() != "http" && u.Scheme() != "https") || u.Hostname() == "" {
		return ""
	}
	u.SetHash("")
	return u.Href(false)
}

// baseURL is the page's address, or what its first <base href> makes of it.
func (d *document) baseURL() *whatwg.Url {
	base, err := whatwg.Parse(d.page.URL)
	if err != nil {
		base, _ = whatwg.Parse("about:blank")
	}
	if !d.ok || d.isJSON() {
		return base
	}
	for n := range descend(d.html()) {
		if n.DataAtom == atom.Base {
			if href := attr(n, "href"); href != "" {
				if u, err := base.Parse(href); err == nil {
					return u
				}
				break
			}
		}
	}
	return base
}

// parse parses HTML, whatever it is. What the parser refuses for its depth is
// parsed again with the innermost elements left out (their text stays).
func parse(s string) *html.Node {
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

// flatten leaves out the tags of elements that lie deeper than maxDepth, counting
// every start tag as an element until its end tag.
func flatten(s string) string {
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	depth := 0
	var open []string
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out.String()
		case html.StartTagToken:
			raw := z.Raw()
			name, _ := z.TagName()
			if void[string(name)] {
				out.Write(raw)
				continue
			}
			if depth++; depth <= maxDepth {
				out.Write(raw)
				open = append(open, string(name))
			}
		case html.EndTagToken:
			raw := z.Raw()
			name, _ := z.TagName()
			if depth > maxDepth {
				depth--
				continue
			}
			if len(open) > 0 && open[len(open)-1] == string(name) {
				open = open[:len(open)-1]
				depth--
			}
			out.Write(raw)
		default:
			out.Write(z.Raw())
		}
	}
}

var void = map[string]bool{
	"area": true, "base": true, "br": true, "col": true, "embed": true, "hr": true, "img": true,
	"input": true, "link": true, "meta": true, "source": true, "track": true, "wbr": true,
}
