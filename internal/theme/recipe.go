package theme

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/andybalholm/cascadia"
	"github.com/goccy/go-yaml/ast"

	"zoeklicht"
)

// ParseRecipe reads a recipe, in the form that zoeklicht.Recipe documents, and
// checks all that can be checked without a page: keys, regular expressions,
// selectors, paths and transforms. The recipe is nil when there are problems.
//
// The grammars of paths and transforms are those of internal/extract, which
// compiles what was read here; what is refused there is refused here, with its
// line.
func ParseRecipe(file string, b []byte) (*zoeklicht.Recipe, Problems) {
	r := &reader{file: file}
	recipe := r.recipe(b)
	if len(r.problems) > 0 {
		return nil, r.problems.sorted()
	}
	return recipe, nil
}

func (r *reader) recipe(b []byte) *zoeklicht.Recipe {
	m := r.open(b, "the recipe")
	if m == nil {
		return nil
	}
	m.need("source", "version", "template", "listing", "advert")
	recipe := &zoeklicht.Recipe{
		Source:   zoeklicht.SourceID(m.name("source", maxSource)),
		Version:  int(m.number("version", 1, 1_000_000)),
		Template: m.text("template"),
	}
	for _, s := range m.texts("session") {
		if !sessionName.MatchString(s.text) {
			m.problem(s.node, "session %q is not the name of a parameter", s.text)
		}
		recipe.Session = append(recipe.Session, s.text)
	}
	if sub := m.sub("listing"); sub != nil {
		recipe.Listing = sub.listing()
	}
	if sub := m.sub("advert"); sub != nil {
		recipe.Advert = sub.detail()
	}
	for _, n := range m.list("not_content") {
		if sub := m.mapping(n, "not_content"); sub != nil {
			recipe.NotContent = append(recipe.NotContent, sub.barrier())
		}
	}
	m.done()
	return recipe
}

var (
	sessionName = regexp.MustCompile(`^[A-Za-z0-9_.\[\]-]{1,64}$`)
	fieldName   = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
)

func (m *mapping) listing() (l zoeklicht.Listing) {
	m.need("match", "start")
	l.Match = m.regexp("match", 0)
	match, _ := regexp.Compile(l.Match) // a bad one was noted just now
	for _, s := range m.texts("start") {
		u, err := url.Parse(s.text)
		switch {
		case err != nil || u.IsAbs() || u.Host != "" || strings.ContainsAny(s.text, " \t\n"):
			m.problem(s.node, "start %q is not an address relative to the source's home", s.text)
		case u.Path != "" && u.Path[0] == '/' && match != nil && !match.MatchString(s.text):
			m.problem(s.node, "start %q is no listing: listing.match does not match it", s.text)
		}
		l.Start = append(l.Start, s.text)
	}
	l.Links, l.Next, l.Total = m.selector("links"), m.selector("next"), m.selector("total")
	l.Expect = int(m.number("expect", 0, 1_000_000))
	if sub := m.sub("json"); sub != nil {
		l.JSON = &struct {
			Items string `yaml:"items"`
			URL   string `yaml:"url"`
			Next  string `yaml:"next,omitempty"`
			Total string `yaml:"total,omitempty"`
		}{}
		sub.need("items", "url")
		l.JSON.Items, l.JSON.Total = sub.path("items"), sub.path("total")
		l.JSON.URL, l.JSON.Next = sub.address("url"), sub.address("next")
		sub.done()
		for _, key := range []string{"links", "next", "total"} {
			if m.pairs[key] != nil {
				m.problem(m.at(key), "%s is for listings in HTML, and this one has json", key)
			}
		}
	} else if m.pairs["json"] == nil && m.pairs["links"] == nil {
		m.problem(m.node, "listing has neither links (for HTML) nor json")
	}
	m.done()
	return l
}

func (m *mapping) detail() (d zoeklicht.Detail) {
	m.need("match", "fields")
	d.Match = m.regexp("match", 0)
	d.ID = m.regexp("id", 1)
	d.Fields = map[string]zoeklicht.Field{}
	if fields := m.sub("fields"); fields != nil {
		for _, name := range fields.order {
			if !fieldName.MatchString(name) {
				m.problem(fields.pairs[name].Key, "field name %q: lower-case letters, digits and _, at most 32", name)
			}
			if sub := fields.sub(name); sub != nil {
				sub.what = "field " + name
				d.Fields[name] = sub.field()
			}
		}
		if fields.pairs[zoeklicht.FieldTitle] == nil && fields.pairs[zoeklicht.FieldBody] == nil {
			m.problem(fields.node, "fields has neither title nor body")
		}
		for _, name := range m.texts("require") {
			if fields.pairs[name.text] == nil {
				m.problem(name.node, "require names %q, which is not among the fields%s", name.text, meant(name.text, fields.order))
			}
			d.Require = append(d.Require, name.text)
		}
	}
	m.done()
	return d
}

func (m *mapping) field() (f zoeklicht.Field) {
	f.Select, f.JSON = m.selector("select"), m.path("json")
	f.Attr = m.text("attr")
	f.All = m.flag("all")
	if m.pairs["select"] == nil && m.pairs["json"] == nil {
		m.problem(m.node, "%s has neither select nor json", m.what)
	}
	if m.pairs["select"] == nil && m.pairs["attr"] != nil {
		m.problem(m.at("attr"), "attr without select")
	}
	for _, do := range m.texts("do") {
		m.transform(do)
		f.Do = append(f.Do, do.text)
	}
	m.done()
	return f
}

// transforms are the names of what a field's "do" may hold, without arguments.
var transforms = []string{"trim", "text", "html", "lower", "price", "date", "url", "regexp", "join", "split", "replace"}

func (m *mapping) transform(do item) {
	name, arg, has := strings.Cut(do.text, ":")
	switch name {
	case "trim", "text", "html", "lower", "price", "url":
		if has {
			m.problem(do.node, "transform %s takes no argument", name)
		}
	case "join", "split":
		if !has {
			m.problem(do.node, "transform %s needs a separator: %q", name, name+":, ")
		}
	case "date":
		if probe := time.Date(2001, 11, 23, 0, 0, 0, 0, time.UTC); !strings.Contains(arg, "06") || probe.Format(arg) == arg {
			m.problem(do.node, "transform date needs a layout that writes 2 January 2006: %q", "date:02-01-2006")
		}
	case "regexp":
		m.checkRegexp(do.node, name, arg, 0)
	case "replace":
		from, _, found := strings.Cut(arg, "=>")
		if !found {
			m.problem(do.node, "transform replace needs %q", "replace:<expression>=><new text>")
		}
		m.checkRegexp(do.node, name, from, 0)
	default:
		m.problem(do.node, "unknown transform %q%s", name, meant(name, transforms))
	}
}

func (m *mapping) barrier() (b zoeklicht.Barrier) {
	m.need("kind")
	kinds := []string{
		string(zoeklicht.LoginWall), string(zoeklicht.Captcha), string(zoeklicht.ConsentPage),
		string(zoeklicht.ErrorPage), string(zoeklicht.SoftNotFound), string(zoeklicht.EmptyTemplate),
		string(zoeklicht.RateLimited), string(zoeklicht.Unreadable),
	}
	b.Kind = zoeklicht.NotContent(m.text("kind"))
	if m.pairs["kind"] != nil && !slices.Contains(kinds, string(b.Kind)) {
		m.problem(m.at("kind"), "unknown kind %q%s", b.Kind, orOneOf(string(b.Kind), kinds))
	}
	b.Select, b.Text = m.selector("select"), m.regexp("text", 0)
	if m.pairs["select"] == nil && m.pairs["text"] == nil {
		m.problem(m.node, "not_content has neither select nor text")
	}
	m.done()
	return b
}

// orOneOf suggests the word that was meant, or else lists them all.
func orOneOf(wrong string, known []string) string {
	if s := meant(wrong, known); s != "" {
		return s
	}
	return "; it is one of " + strings.Join(known, ", ")
}

// regexp reads a regular expression with at least so many groups.
func (m *mapping) regexp(key string, groups int) string {
	s := m.text(key)
	if s != "" {
		m.checkRegexp(m.at(key), key, s, groups)
	}
	return s
}

func (m *mapping) checkRegexp(at ast.Node, key, s string, groups int) {
	re, err := regexp.Compile(s)
	switch {
	case s == "":
		m.problem(at, "%s has no regular expression", key)
	case err != nil:
		m.problem(at, "%s is not a regular expression: %s", key, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	case re.NumSubexp() < groups:
		m.problem(at, "%s has no group: put what is wanted between ( and )", key)
	}
}

// selector reads a CSS selector.
func (m *mapping) selector(key string) string {
	s := m.text(key)
	if s == "" {
		return ""
	}
	if _, err := cascadia.ParseGroup(s); err != nil {
		m.problem(m.at(key), "%s is not a CSS selector: %s", key, err)
	}
	return s
}

// path reads a dotted path: keys, numbers and * with dots between them, [0] for
// .0, and \. for a dot in a key. "@json " before it says what stands there anyway.
func (m *mapping) path(key string) string {
	s := m.text(key)
	if s != "" && !goodPath(strings.TrimPrefix(s, "@json ")) {
		m.problem(m.at(key), "%s %q is not a dotted path such as data.items.0", key, s)
	}
	return s
}

func goodPath(s string) bool {
	s = strings.NewReplacer(`\.`, "", "..", "?", "[", ".", "]", "").Replace(s)
	s = strings.TrimPrefix(strings.TrimPrefix(s, "$"), ".")
	return s != "" && !strings.ContainsAny(s, "?{}\n\t") && s[0] != '.' && s[len(s)-1] != '.'
}

// address reads a dotted path that leads to an address, or a template with paths
// in braces, such as /ad/{id}.
func (m *mapping) address(key string) string {
	s := m.text(key)
	if !strings.ContainsAny(s, "{}/") {
		if s != "" && !goodPath(s) {
			m.problem(m.at(key), "%s %q is not a dotted path such as data.items.0", key, s)
		}
		return s
	}
	slots := 0
	for rest := s; ; slots++ {
		_, after, found := strings.Cut(rest, "{")
		if !found {
			break
		}
		slot, tail, closed := strings.Cut(after, "}")
		if !closed || !goodPath(slot) {
			m.problem(m.at(key), "%s %q has a { without its path and }", key, s)
			return s
		}
		rest = tail
	}
	if slots == 0 {
		m.problem(m.at(key), "%s %q is neither a dotted path nor a template such as /ad/{id}", key, s)
	}
	return s
}
