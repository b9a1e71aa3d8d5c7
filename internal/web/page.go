package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// page is what every screen has around its own content. Templates call its methods.
type page struct {
	q       *request
	Title   string // of the window
	Lang    string
	Section string      // the item of the navigation that this screen is part of
	Note    wording.Key // shown once, after a form did what it was asked
	bar     asOfBar
}

// asOfBar is the bar that says as of when a screen is.
type asOfBar struct {
	Shown bool // there is a bar: the screen is inside a theme
	Fixed bool // the screen always shows now, whatever the address says
	At    time.Time
	Past  bool
	Bad   bool
	Back  string // the same page as of now
	// Again is the page to ask again on when another moment is chosen; empty for
	// this page.
	Again string
}

// page gives the frame of a screen. In a theme it has the bars.
func (q *request) page(title wording.Key, section string) page {
	p := page{q: q, Title: q.words.T(title), Lang: q.words.Lang(), Section: section}
	if q.person != nil {
		p.Note = wording.Key(q.site.Sessions.PopString(q.Context(), keyNote))
	}
	if q.theme != nil {
		v := q.URL.Query()
		v.Del("asof")
		p.bar = asOfBar{Shown: true, At: q.now, Past: q.asOf.past(), Bad: q.asOf.Bad, Back: address(q.URL.Path, v)}
		if q.asOf.past() {
			p.bar.At = q.asOf.At
		}
	}
	return p
}

// outside gives the frame of a screen that belongs to no theme.
func (q *request) outside(title wording.Key) page {
	o := *q
	o.theme, o.pass = nil, nil
	return o.page(title, "")
}

// fixed marks a screen that always shows now.
func (p page) fixed() page {
	p.bar.Fixed, p.bar.Past, p.bar.At = true, false, p.q.now
	return p
}

// note has a text shown on the next page.
func (q *request) note(key wording.Key) {
	q.site.Sessions.Put(q.Context(), keyNote, string(key))
}

// to gives the address of a screen of the theme, with the as-of moment of this page.
// kv are parameters and their values; empty values are left out.
func (q *request) to(screen string, kv ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(kv); i += 2 {
		if kv[i+1] != "" {
			v.Add(kv[i], kv[i+1])
		}
	}
	if screen == "adverts/"+q.PathValue("id") && !v.Has("lead") {
		// Choosing versions does not leave the worklist.
		if lead, at := q.lead(); lead != "" {
			v.Set("lead", lead)
			v.Set("at", at)
		}
	}
	if q.asOf.past() {
		v.Set("asof", q.asOf.Param)
	}
	return address("/t/"+string(q.theme.Name)+"/"+screen, v)
}

func address(path string, v url.Values) string {
	u := url.URL{Path: path, RawQuery: v.Encode()}
	return u.String()
}

// Bar gives the as-of bar.
func (p page) Bar() asOfBar { return p.bar }

// To gives the address of a screen of this theme.
func (p page) To(screen string, kv ...string) string { return p.q.to(screen, kv...) }

// Here is the address of this page, for forms that return to it. A page that answers
// a POST has no address of its own.
func (p page) Here() string {
	if p.q.Method != http.MethodGet && p.q.Method != http.MethodHead {
		if p.q.theme != nil {
			return p.q.to("")
		}
		return "/"
	}
	return address(p.q.URL.Path, p.q.URL.Query())
}

// AsOfParam is the moment of this page as addresses have it, empty for now.
func (p page) AsOfParam() string { return p.q.asOf.Param }

// Person is who signed in, nil for nobody.
func (p page) Person() *zoeklicht.Person { return p.q.person }

// InTheme reports whether the page is inside a theme.
func (p page) InTheme() bool { return p.q.theme != nil }

// Theme is the theme that the page is in.
func (p page) Theme() *zoeklicht.Theme { return p.q.theme }

// ThemeTitle names the theme.
func (p page) ThemeTitle() string { return p.q.theme.Title.In(p.Lang) }

// Roles words the roles that the pass holds.
func (p page) Roles() string {
	var out []string
	for _, r := range p.q.pass.Roles() {
		out = append(out, p.q.words.Role(r))
	}
	return strings.Join(out, ", ")
}

// Purpose is the task or case number stated in this theme, empty while none is.
func (p page) Purpose() string { return p.q.pass.Purpose() }

// RoleMay reports whether one of the roles held may do an act, purpose or not.
func (p page) RoleMay(act zoeklicht.Act) bool {
	return slices.ContainsFunc(p.q.pass.Roles(), func(r zoeklicht.Role) bool { return r.May(act) })
}

// MaySearch, MaySources and the like say what the navigation offers.
func (p page) MaySearch() bool  { return p.RoleMay(zoeklicht.ActSearch) }
func (p page) MaySources() bool { return p.RoleMay(zoeklicht.ActSources) }
func (p page) MayPropose() bool { return p.RoleMay(zoeklicht.ActPropose) }
func (p page) MayReveal() bool  { return p.RoleMay(zoeklicht.ActReveal) }
func (p page) MayCrawl() bool   { return p.RoleMay(zoeklicht.ActCrawl) }
func (p page) MayHealth() bool  { return p.RoleMay(zoeklicht.ActHealth) }

// Keys reports whether single-key shortcuts are on.
func (p page) Keys() bool {
	return p.q.person != nil && !p.q.site.Sessions.GetBool(p.q.Context(), keyNoKeys)
}

// OtherLang is the language that the switch offers.
func (p page) OtherLang() string {
	if p.Lang == "en" {
		return "nl"
	}
	return "en"
}
