package extract

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/andybalholm/cascadia"

	"zoeklicht"
	"zoeklicht/internal/place"
)

// Options are those of a theme, the same for all its sources.
type Options struct {
	// Regions are the countries that national phone numbers may be of, ISO 3166
	// alpha-2, in order. None: only international numbers are found.
	Regions []string
	// PhonePatterns are regular expressions over whole E.164 numbers that count as
	// valid though their country's numbering plan says otherwise.
	PhonePatterns []string
	// Fields is the theme's minimised list; nothing else leaves a page. Nil: every
	// field that the recipe reads, for trying a recipe out.
	Fields []string
	// Languages that a text may be in, ISO 639-1. None: all that are known.
	Languages []string
	// Places are those that are known in texts. Nil: the built-in municipalities.
	Places *place.Index
}

func (o *Options) entities() EntitiesConfig {
	return EntitiesConfig{Regions: o.Regions, PhonePatterns: o.PhonePatterns, Languages: o.Languages, Places: o.Places}
}

// allows reports whether a field may leave a page.
func (o *Options) allows(field string) bool {
	return o.Fields == nil || slices.Contains(o.Fields, field)
}

// RecipeError says what is wrong with a recipe, and where: Path is a YAML path
// into the recipe ("$.advert.fields.price.do[1]") by which the line is found.
type RecipeError struct {
	Path string
	Err  error
}

func (e *RecipeError) Error() string { return strings.TrimPrefix(e.Path, "$.") + ": " + e.Err.Error() }

// Unwrap gives what is wrong.
func (e *RecipeError) Unwrap() error { return e.Err }

// compiled is a recipe made ready.
type compiled struct {
	recipe *zoeklicht.Recipe

	isListing, isAdvert, id *regexp.Regexp

	links, next, total cascadia.Matcher // nil where the recipe has none
	json               *jsonListing

	fields   []field
	barriers []barrier
}

type jsonListing struct {
	items, total   jsonPath
	url, next      template
	hasTotal, more bool
}

type barrier struct {
	kind zoeklicht.NotContent
	sel  cascadia.Matcher
	text *regexp.Regexp
}

// Compile makes a reader of a recipe. Every fault is reported, not just the first;
// the error is of code Invalid and wraps a *RecipeError for each.
func Compile(recipe *zoeklicht.Recipe, opt Options) (*Reader, error) {
	entities, err := NewEntities(opt.entities())
	if err != nil {
		return nil, err
	}
	c := compiler{out: compiled{recipe: recipe}}
	c.listing(&recipe.Listing)
	c.advert(&recipe.Advert)
	for i, b := range recipe.NotContent {
		c.barrier(fmt.Sprintf("$.not_content[%d]", i), b)
	}
	if len(c.errs) > 0 {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "recipe of %s: %w", recipe.Source, errors.Join(c.errs...)).
			With("nothing was changed", "correct the recipe and try again")
	}
	return &Reader{
		name: fmt.Sprintf("recipe %s/%d", recipe.Source, recipe.Version),
		opt:  opt, entities: entities, recipe: &c.out,
	}, nil
}

type compiler struct {
	out  compiled
	errs []error
}

func (c *compiler) fail(path string, err error) {
	if err != nil {
		c.errs = append(c.errs, &RecipeError{path, err})
	}
}

func (c *compiler) regexp(path, s string, needed bool) *regexp.Regexp {
	if s == "" {
		if needed {
			c.fail(path, errors.New("is missing: without it no address is known for what it is"))
		}
		return nil
	}
	re, err := regexp.Compile(s)
	c.fail(path, err)
	return re
}

func (c *compiler) selector(path, s string) cascadia.Matcher {
	if s == "" {
		return nil
	}
	sel, err := cascadia.ParseGroup(s)
	if err != nil {
		c.fail(path, fmt.Errorf("selector %q: %w", s, err))
		return nil
	}
	return sel
}

func (c *compiler) path(path, s string) jsonPath {
	p, err := parsePath(s)
	c.fail(path, err)
	return p
}

func (c *compiler) listing(l *zoeklicht.Listing) {
	c.out.isListing = c.regexp("$.listing.match", l.Match, true)
	c.out.links = c.selector("$.listing.links", l.Links)
	c.out.next = c.selector("$.listing.next", l.Next)
	c.out.total = c.selector("$.listing.total", l.Total)
	switch {
	case l.JSON == nil && l.Links == "":
		c.fail("$.listing", errors.New("needs links (a selector) or json"))
	case l.JSON != nil && (l.Links != "" || l.Next != "" || l.Total != ""):
		c.fail("$.listing", errors.New("has selectors and json: exactly one of them is used"))
	case l.JSON != nil:
		j := &jsonListing{
			items: c.path("$.listing.json.items", l.JSON.Items),
			total: c.path("$.listing.json.total", l.JSON.Total),
		}
		j.hasTotal, j.more = l.JSON.Total != "", l.JSON.Next != ""
		var err error
		j.url, err = parseTemplate(l.JSON.URL)
		c.fail("$.listing.json.url", err)
		if j.more {
			j.next, err = parseTemplate(l.JSON.Next)
			c.fail("$.listing.json.next", err)
		}
		c.out.json = j
	}
	if l.Expect < 0 {
		c.fail("$.listing.expect", errors.New("is less than nothing"))
	}
}

func (c *compiler) advert(a *zoeklicht.Detail) {
	c.out.isAdvert = c.regexp("$.advert.match", a.Match, true)
	c.out.id = c.regexp("$.advert.id", a.ID, false)
	if c.out.id != nil && c.out.id.NumSubexp() < 1 {
		c.fail("$.advert.id", errors.New("has no group: put what is the number in brackets"))
	}
	if len(a.Fields) == 0 {
		c.fail("$.advert.fields", errors.New("is empty"))
	}
	names := make([]string, 0, len(a.Fields))
	for name := range a.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		c.field("$.advert.fields."+name, name, a.Fields[name])
	}
	for i, name := range a.Require {
		if _, ok := a.Fields[name]; !ok {
			c.fail(fmt.Sprintf("$.advert.require[%d]", i), fmt.Errorf("there is no field %q", name))
		}
	}
}

func (c *compiler) field(path, name string, spec zoeklicht.Field) {
	f := field{name: name, spec: spec, sel: c.selector(path+".select", spec.Select)}
	switch {
	case spec.Select == "" && spec.JSON == "":
		c.fail(path, errors.New("has neither select nor json"))
	case spec.Select == "" && spec.Attr != "":
		c.fail(path+".attr", errors.New("needs select: JSON has no attributes"))
	}
	if spec.JSON != "" {
		f.path = c.path(path+".json", strings.TrimPrefix(spec.JSON, "@json "))
	}
	do := spec.Do
	if len(do) > 0 && strings.TrimSpace(do[0]) == "text" && spec.Attr == "" && spec.JSON == "" {
		f.layout, do = true, do[1:]
	}
	for i, s := range do {
		t, err := parseTransform(s)
		c.fail(fmt.Sprintf("%s.do[%d]", path, len(spec.Do)-len(do)+i), err)
		f.do = append(f.do, t)
	}
	c.out.fields = append(c.out.fields, f)
}

// kinds of page that a barrier may recognise.
var kinds = []zoeklicht.NotContent{
	zoeklicht.LoginWall, zoeklicht.Captcha, zoeklicht.ConsentPage, zoeklicht.ErrorPage, zoeklicht.SoftNotFound,
	zoeklicht.EmptyTemplate, zoeklicht.RateLimited, zoeklicht.Unreadable,
}

func (c *compiler) barrier(path string, b zoeklicht.Barrier) {
	if !slices.Contains(kinds, b.Kind) {
		c.fail(path+".kind", fmt.Errorf("unknown kind %q; there are %v", b.Kind, kinds))
	}
	if b.Select == "" && b.Text == "" {
		c.fail(path, errors.New("has neither select nor text"))
	}
	c.out.barriers = append(c.out.barriers, barrier{
		kind: b.Kind, sel: c.selector(path+".select", b.Select), text: c.regexp(path+".text", b.Text, false),
	})
}

// template is an address with paths in braces, "/ad/{id}", or a path that leads
// to an address.
type template struct {
	literals []string // one more than paths
	paths    []jsonPath
}

func parseTemplate(s string) (template, error) {
	if s == "" {
		return template{}, errors.New("is missing")
	}
	if !strings.Contains(s, "{") {
		p, err := parsePath(s)
		return template{[]string{"", ""}, []jsonPath{p}}, err
	}
	var t template
	for {
		before, rest, ok := strings.Cut(s, "{")
		t.literals = append(t.literals, before)
		if !ok {
			return t, nil
		}
		path, after, ok := strings.Cut(rest, "}")
		if !ok {
			return t, fmt.Errorf("a brace in %q is not closed", s)
		}
		p, err := parsePath(path)
		if err != nil {
			return t, err
		}
		t.paths, s = append(t.paths, p), after
	}
}

// fill gives the address, or "" where a path leads nowhere, to null, false or "".
func (t template) fill(item any) string {
	var b strings.Builder
	for i, lit := range t.literals {
		b.WriteString(lit)
		if i < len(t.paths) {
			v := t.paths[i].first(item)
			if v == "" || v == "false" {
				return ""
			}
			b.WriteString(v)
		}
	}
	return b.String()
}
