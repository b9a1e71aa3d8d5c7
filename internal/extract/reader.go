package extract

import (
	"slices"
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"
	"golang.org/x/net/html"

	"zoeklicht"
	"zoeklicht/internal/text"
)

// Reader reads the pages of one source. It may be used by several goroutines.
type Reader struct {
	name     string
	opt      Options
	entities *Entities
	recipe   *compiled // nil: the generic fallback
}

// Kind tells what an address is to the source: by the recipe's expressions, or by
// a guess from its shape without one.
func (r *Reader) Kind(address string) zoeklicht.PageKind {
	u, err := whatwg.Parse(address)
	if err != nil {
		return zoeklicht.KindOther
	}
	if u.Pathname() == "/robots.txt" {
		return zoeklicht.KindRobots
	}
	if r.recipe == nil {
		return guessKind(u)
	}
	for _, at := range r.paths(u) {
		switch {
		case r.recipe.isAdvert.MatchString(at):
			return zoeklicht.KindAdvert
		case r.recipe.isListing.MatchString(at):
			return zoeklicht.KindListing
		}
	}
	return zoeklicht.KindOther
}

// key gives the site's own number for an advert, or "".
func (r *Reader) key(address string) string {
	if r.recipe == nil || r.recipe.id == nil {
		return ""
	}
	u, err := whatwg.Parse(address)
	if err != nil {
		return ""
	}
	for _, at := range r.paths(u) {
		if m := r.recipe.id.FindStringSubmatch(at); m != nil {
			return m[1]
		}
	}
	return ""
}

// paths gives path?query of an address without session values, and as it is
// where that differs: expressions may have been written for either.
func (r *Reader) paths(u *whatwg.Url) []string {
	raw := u.Pathname() + u.Search()
	clean := withoutSession(u.Pathname(), strings.TrimPrefix(u.Search(), "?"), r.recipe.recipe.Session)
	if clean == raw {
		return []string{raw}
	}
	return []string{clean, raw}
}

func withoutSession(path, query string, session []string) string {
	if len(session) > 0 {
		var b strings.Builder
		for i, segment := range strings.Split(path, "/") {
			if i > 0 {
				b.WriteByte('/')
			}
			for k, param := range strings.Split(segment, ";") {
				name, _, _ := strings.Cut(param, "=")
				switch {
				case k == 0:
					b.WriteString(param)
				case !slices.Contains(session, name):
					b.WriteString(";" + param)
				}
			}
		}
		path = b.String()
		var kept []string
		for _, param := range strings.Split(query, "&") {
			name, _, _ := strings.Cut(param, "=")
			if !slices.Contains(session, name) {
				kept = append(kept, param)
			}
		}
		query = strings.Join(kept, "&")
	}
	if query != "" {
		return path + "?" + query
	}
	return path
}

// Read gives what a page says of an advert. Capture and Source are for the caller
// to fill in. A page of status 404 or 410 is an answer, and says nothing more:
// such a reading is empty but for its identity.
func (r *Reader) Read(p Page) zoeklicht.Reading {
	d := open(p)
	out := zoeklicht.Reading{Canonical: p.Canonical, Key: r.key(p.URL), Reader: r.name}
	if p.Status == 404 || p.Status == 410 {
		return out
	}
	if out.NotContent = r.unread(d); out.NotContent != "" {
		return out
	}
	var f fields
	if r.recipe != nil {
		f = r.recipeFields(d)
	} else {
		f = genericFields(d)
	}
	out.Title, out.Body, out.Confidence = f.title, f.body, f.confidence
	out.Fields, out.Images = f.list, f.images
	out.NotContent = r.judge(d, &f)
	if !r.opt.allows(zoeklicht.FieldTitle) {
		out.Title = ""
	}
	if !r.opt.allows(zoeklicht.FieldBody) {
		out.Body = ""
	}
	if !r.opt.allows(zoeklicht.FieldImages) {
		out.Images = nil
	}
	out.Fields = slices.DeleteFunc(out.Fields, func(f zoeklicht.FieldValue) bool { return !r.opt.allows(f.Name) })
	said := out.Title + "\n" + out.Body
	if out.Lang = text.Language(said, r.opt.Languages...); out.Lang == "" {
		out.Lang = r.declaredLanguage(d)
	}
	out.Entities = r.entities.of(said, out.Lang, out.Fields)
	return out
}

// declaredLanguage gives what the page says its language is, if it is one that we
// know: better than nothing for a text of three words.
func (r *Reader) declaredLanguage(d *document) string {
	known := r.opt.Languages
	if len(known) == 0 {
		known = text.Languages
	}
	if d.isJSON() {
		return ""
	}
	for n := range descend(d.html()) {
		if n.Type == html.ElementNode {
			lang, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(attr(n, "lang"))), "-")
			if slices.Contains(known, lang) {
				return lang
			}
			return ""
		}
	}
	return ""
}

// fields is what was read from a page before the theme's list is applied.
type fields struct {
	title, body string
	list        []zoeklicht.FieldValue
	images      []string
	confidence  float64
	missing     []string // required fields that are not there
}

// add puts in the values of a field.
func (f *fields) add(name string, values []value) {
	if len(values) == 0 {
		return
	}
	switch name {
	case zoeklicht.FieldTitle:
		f.title = clip(words(join(" ")(nil, values)[0].text), maxTitle)
		f.list = append(f.list, zoeklicht.FieldValue{Name: name, From: values[0].from})
	case zoeklicht.FieldBody:
		f.body = clip(join("\n")(nil, values)[0].text, maxBody)
		f.list = append(f.list, zoeklicht.FieldValue{Name: name, From: values[0].from})
	case zoeklicht.FieldImages:
		for _, v := range values {
			if !slices.Contains(f.images, v.text) {
				f.images = append(f.images, v.text)
			}
		}
		f.list = append(f.list, zoeklicht.FieldValue{Name: name, From: values[0].from})
	default:
		for _, v := range values {
			f.list = append(f.list, zoeklicht.FieldValue{Name: name, Value: v.text, From: v.from})
		}
	}
}

// recipeFields reads a page by the recipe.
func (r *Reader) recipeFields(d *document) fields {
	var out fields
	have := map[string]bool{}
	for i := range r.recipe.fields {
		f := &r.recipe.fields[i]
		values := f.values(d)
		if f.name == zoeklicht.FieldImages {
			values = each(d.resolve)(d, values)
		}
		have[f.name] = len(values) > 0
		out.add(f.name, values)
	}
	need := r.recipe.recipe.Advert.Require
	for _, name := range need {
		if !have[name] {
			out.missing = append(out.missing, name)
		}
	}
	out.confidence = 1
	if len(need) > 0 {
		out.confidence = float64(len(need)-len(out.missing)) / float64(len(need))
	}
	return out
}
