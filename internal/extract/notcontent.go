package extract

import (
	"net/http"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"zoeklicht"
)

// Pages that answer and say nothing about an advert. A page taken for one of
// these is not read, so evidence must be good: little text beside what gives it
// away. Lengths are bytes of text.
const (
	littleText = 600 // a page with more says something, whatever its heading
	hardlyAny  = 60  // a name, a copyright line
)

// unread tells why a page is not read at all: by its status, its bytes, or the
// recipe's barriers. Pages of status 404 and 410 do not come here.
func (r *Reader) unread(d *document) zoeklicht.NotContent {
	switch s := d.page.Status; {
	case s == http.StatusTooManyRequests:
		return zoeklicht.RateLimited
	case s == http.StatusUnauthorized, s == http.StatusProxyAuthRequired:
		return zoeklicht.LoginWall
	case s >= 300 || s > 0 && s < 200:
		if d.ok {
			switch kind := heuristic(d); kind {
			case zoeklicht.Captcha, zoeklicht.RateLimited, zoeklicht.LoginWall:
				return kind
			}
		}
		return zoeklicht.ErrorPage
	}
	switch {
	case !d.ok, d.page.Truncated != "":
		return zoeklicht.Unreadable
	case strings.TrimSpace(d.text) == "":
		return zoeklicht.EmptyTemplate
	}
	if r.recipe == nil || len(r.recipe.barriers) == 0 {
		return ""
	}
	for _, b := range r.recipe.barriers {
		if b.holds(d) {
			return b.kind
		}
	}
	return ""
}

// holds reports whether a page has the element and the text of a barrier.
func (b *barrier) holds(d *document) bool {
	if b.sel != nil && (d.isJSON() || len(matches(d.html(), b.sel)) == 0) {
		return false
	}
	if b.text == nil {
		return true
	}
	if d.isJSON() {
		return b.text.MatchString(d.text)
	}
	return b.text.MatchString(d.shown())
}

// judge tells whether an advert's page is content, by what was read from it.
func (r *Reader) judge(d *document, f *fields) zoeklicht.NotContent {
	if r.recipe != nil && len(f.missing) == 0 && (f.title != "" || f.body != "") {
		// All is there. Only a heading that says "not found" over hardly any text says
		// that the site put its message where adverts stand.
		if len(f.body) < littleText {
			return headNotice(f.title)
		}
		return ""
	}
	if d.isJSON() {
		if r.recipe == nil {
			return ""
		}
		return zoeklicht.EmptyTemplate
	}
	if kind := heuristic(d); kind != "" {
		return kind
	}
	if r.recipe != nil || f.title == "" && f.body == "" {
		return zoeklicht.EmptyTemplate
	}
	return ""
}

// shown gives the page's text as it is displayed.
func (d *document) shown() string {
	if d.visible == nil {
		s := layout(d.html())
		d.visible = &s
	}
	return *d.visible
}

// heuristic recognises pages that are not content without knowing their site.
func heuristic(d *document) zoeklicht.NotContent {
	if d.isJSON() {
		return ""
	}
	s := survey(d.html())
	if len(s.substance) >= littleText {
		return ""
	}
	for _, h := range s.heads {
		if kind := headNotice(h); kind != "" {
			return kind
		}
	}
	switch {
	case s.captcha && (len(s.substance) < hardlyAny || captchaWords.MatchString(d.shown())):
		return zoeklicht.Captcha
	case s.password && (len(s.substance) < hardlyAny || s.headMatches(loginWords)):
		return zoeklicht.LoginWall
	case s.consent && len(s.substance) < hardlyAny && !s.headed, s.headMatches(consentWords) && s.asks:
		return zoeklicht.ConsentPage
	}
	for _, n := range sentences {
		if n.re.MatchString(s.substance) {
			return n.kind
		}
	}
	if s.substance == "" && !s.data {
		return zoeklicht.EmptyTemplate
	}
	return ""
}

// traits is what gives away a page that is not content.
type traits struct {
	heads     []string // the title's parts and the first headings of the page's own
	headed    bool     // there is such a heading
	substance string   // text outside navigation, consent boxes and sign-in forms
	captcha   bool
	password  bool
	consent   bool
	asks      bool // has a form or a button
	data      bool // has JSON-LD or a description: content, drawn by a script
}

func (t *traits) headMatches(re *regexp.Regexp) bool {
	for _, h := range t.heads {
		if re.MatchString(h) {
			return true
		}
	}
	return false
}

func survey(root *html.Node) traits {
	var t traits
	for n := range descend(root) {
		if n.Type == html.ElementNode {
			t.note(n)
		}
	}
	t.heads = t.heads[:min(len(t.heads), 16)]
	var w lines
	t.collect(root, &w)
	t.substance = w.String()
	return t
}

// note looks at one element for marks.
func (t *traits) note(n *html.Node) {
	switch n.DataAtom {
	case atom.Title, atom.H1, atom.H2:
		if n.DataAtom != atom.Title && within(n, apartFromPage) {
			break
		}
		t.headed = t.headed || n.DataAtom != atom.Title
		if len(t.heads) < 12 {
			heading := words(inner(n))
			t.heads = append(append(t.heads, heading), titleSeparators.Split(heading, 3)...)
		}
	case atom.Input:
		switch strings.ToLower(attr(n, "type")) {
		case "password":
			t.password = t.password || !inFurniture(n)
		case "submit", "button":
			t.asks = true
		}
		t.captcha = t.captcha || strings.Contains(strings.ToLower(attr(n, "name")), "captcha")
	case atom.Button, atom.Form:
		t.asks = true
		t.captcha = t.captcha || attr(n, "id") == "challenge-form"
	case atom.Script, atom.Iframe:
		t.captcha = t.captcha || captchaHosts.MatchString(attr(n, "src"))
		t.data = t.data || strings.EqualFold(attr(n, "type"), "application/ld+json")
	case atom.Meta:
		t.data = t.data || attr(n, "property") == "og:description" || attr(n, "name") == "description"
	}
	t.captcha = t.captcha || marked(n, captchaMarks)
	t.consent = t.consent || marked(n, consentMarks)
}

// collect writes the text below n that is not navigation, a consent box or a
// small sign-in form.
func (t *traits) collect(n *html.Node, w *lines) {
	if n.Type == html.ElementNode {
		if n.DataAtom == atom.Noscript || apartFromPage(n) || n.DataAtom == atom.Form && smallSignIn(n) {
			return
		}
		if n.FirstChild == nil || !shown(n) {
			w.node(n)
			return
		}
		if blocks[n.DataAtom] {
			w.end()
			defer w.end()
		}
	} else if n.Type == html.TextNode {
		w.node(n)
		return
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		t.collect(c, w)
	}
}

// consentBox reports whether an element is laid over the page to ask for consent.
func consentBox(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Html, atom.Body, atom.Main:
		return false // marked while the box is open
	}
	return marked(n, consentMarks)
}

// apartFromPage reports whether an element belongs to the site, not to the page.
func apartFromPage(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Nav, atom.Aside, atom.Dialog:
		return true
	case atom.Header, atom.Footer: // an article may have its own
		return !within(n, func(n *html.Node) bool { return n.DataAtom == atom.Article || n.DataAtom == atom.Main })
	}
	return consentBox(n)
}

// smallSignIn tells a form to sign in or to prove oneself human from one that
// holds the whole page, as some servers make them.
func smallSignIn(form *html.Node) bool {
	for n := range descend(form) {
		if n.Type != html.ElementNode {
			continue
		}
		if n.DataAtom == atom.Input && strings.EqualFold(attr(n, "type"), "password") ||
			marked(n, captchaMarks) {
			return len(layout(form)) < littleText
		}
	}
	return false
}
