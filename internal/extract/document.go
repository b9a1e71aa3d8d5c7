package extract

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxHTML is how many bytes of a page are looked at: large ones are large by
// pictures written into them.
const maxHTML = 16 << 20

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

// isJSON tells whether the page means to be JSON and is: a message in HTML may
// come in the place of JSON, under its media type.
func (d *document) isJSON() bool {
	m := media(d.page.Header)
	if m != "application/json" && !strings.HasSuffix(m, "+json") &&
		(m == "text/html" || !strings.HasPrefix(strings.TrimLeft(d.text, " \t\r\n"), "{")) {
		return false
	}
	_, err := d.json()
	return err == nil
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
