package web

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/text"
	"zoeklicht/internal/wording"

	"golang.org/x/sync/errgroup"
)

// advertPage is one advert: a version, what changed, and where it all comes from.
type advertPage struct {
	page
	Advert   *zoeklicht.Advert
	Source   string // title
	sources  map[zoeklicht.SourceID]string
	SourceTo string
	Shown    *zoeklicht.Version
	With     *zoeklicht.Version // what it is compared with; nil for the first alone
	Change   *changeView
	Lines    []versionLine
	Body     []bodyPart
	Heading  []bodyPart // the title, cut in the same way
	Contacts []contact
	// FoundMore counts what was found and is not listed, and Masked what leads to a person.
	FoundMore int
	Masked    int
	Pictures  []pictureView
	Hidden    int // pictures that can be shown and are not
	Clear     bool
	Capture   *captureView
	Older     string // addresses of the change before and after this one
	Newer     string

	// The analyst's desk; nil where it is not there.
	Why   *whyView
	Judge *judgeView
	Mend  *mendView
	Seal  *sealView
	Last  *lastAnswer
	Names map[zoeklicht.VersionID]string
	// After names the list that the advert was opened from; Onward and Back lead to the
	// adverts beside it there.
	After, Onward, Back string

	fired []text.Range // the words that made rules fire, in title and text as shown
}

// versionLine is a version in the list of them.
type versionLine struct {
	N        int
	To       string
	Compare  string // this version against the one shown
	SeenAt   time.Time
	LastSeen time.Time
	Changed  []wording.Key
	Current  bool
	Other    bool // what the shown one is compared with
	Gone     bool // destroyed
	Sealed   bool
	Name     string // that somebody gave it
}

// bodyPart is a stretch of the text; Contact is set where it is a contact detail, and
// Mark where it made a rule fire.
type bodyPart struct {
	Text    string
	Contact bool
	Mark    bool
}

// pictureView is a picture of the version.
type pictureView struct {
	zoeklicht.VersionPicture
	Place int    // in the advert, from 1
	Src   string // set when it is shown
	Thing string // what a form names to show or hide it
	New   bool   // not in the version that this one is compared with
}

func (s *site) advert(q *request) error {
	d := advertPage{page: q.page("advert.title", "search")}
	if !d.MaySearch() {
		return notThere()
	}
	a, err := s.readAdvert(q)
	if err != nil {
		return err
	}
	d.Advert = a
	if err := d.choose(q); err != nil {
		return err
	}
	if err := s.reveals(q, &d); err != nil {
		return err
	}
	// Each part fills fields of its own and asks the store by itself: beside each other they
	// take half the time that a reader waits for the next advert.
	d.chain(q) // before the parts, which make addresses in the same list
	if err := q.together(&d, s.why, s.judging, s.mending, s.sealing, s.provenance); err != nil {
		return err
	}
	if t := strings.Join(strings.Fields(d.Shown.Title), " "); t != "" {
		d.Title = q.words.T("advert.window", a.ID, cut(t, 80))
	}
	if d.MaySources() {
		d.SourceTo = q.to("sources/" + string(a.Source))
	}
	if d.Why != nil {
		for i := range d.Why.Elsewhere {
			e := &d.Why.Elsewhere[i]
			e.Title = cmp.Or(d.sources[e.Source], string(e.Source))
		}
	}
	d.lines(q)
	d.Heading, d.Body = parts(d.Shown, d.fired)
	d.found()
	d.pictures(q)
	return q.show(http.StatusOK, "advert", d)
}

// together fills parts of an advert's page beside each other. The first that fails ends
// the rest; one that panics fails, as it would in the request's own goroutine.
func (q *request) together(d *advertPage, parts ...func(*request, *advertPage) error) error {
	asked, ctx := errgroup.WithContext(q.Context())
	in := *q
	in.Request = q.WithContext(ctx)
	for _, part := range parts {
		asked.Go(func() (err error) {
			defer func() {
				if v := recover(); v != nil {
					err = fmt.Errorf("panic in a part of the page: %v\n%s", v, debug.Stack())
				}
			}()
			return part(&in, d)
		})
	}
	return asked.Wait()
}

// provenance adds where the advert came from: its source, and the capture of the version
// shown.
func (s *site) provenance(q *request, d *advertPage) error {
	standing, err := s.Register.Standing(q.Context(), q.pass)
	if err != nil {
		return err
	}
	d.sources = titles(standing)
	d.Source = cmp.Or(d.sources[d.Advert.Source], string(d.Advert.Source))
	if gone(d.Shown) {
		return nil
	}
	d.Capture, err = s.capture(q, d.Shown.Capture)
	return err
}

// readAdvert gives the advert of the address as of the page's moment.
func (s *site) readAdvert(q *request) (*zoeklicht.Advert, error) {
	return s.advertOf(q, q.PathValue("id"))
}

// advertOf gives the advert of a typed number as of the page's moment.
func (s *site) advertOf(q *request, typed string) (*zoeklicht.Advert, error) {
	id, err := strconv.ParseInt(typed, 10, 64)
	if err != nil || id < 1 {
		return nil, notThere()
	}
	a, err := s.Adverts.Advert(q.Context(), q.pass, zoeklicht.AdvertID(id), q.asOf.At)
	if err != nil {
		return nil, hide(err)
	}
	if len(a.Versions) == 0 {
		return nil, notThere()
	}
	return a, nil
}

// choose takes the versions that the address names: ?v= by its number in the advert, or
// ?id= (or ?lead=, the one that put it on the worklist) by its identifier, and ?with= to
// compare it with. Without them the newest is compared with the one before.
func (d *advertPage) choose(q *request) error {
	find := func(param string) (*zoeklicht.Version, error) {
		s := q.URL.Query().Get(param)
		if s == "" {
			return nil, nil
		}
		for i := range d.Advert.Versions {
			if strconv.Itoa(d.Advert.Versions[i].N) == s {
				return &d.Advert.Versions[i], nil
			}
		}
		return nil, notThere()
	}
	var err error
	if d.Shown, err = find("v"); err != nil {
		return err
	}
	if d.With, err = find("with"); err != nil {
		return err
	}
	for _, param := range []string{"id", "lead"} {
		for i := range d.Advert.Versions {
			if d.Shown == nil && strconv.FormatInt(int64(d.Advert.Versions[i].ID), 10) == q.URL.Query().Get(param) {
				d.Shown = &d.Advert.Versions[i]
			}
		}
	}
	if d.Shown == nil {
		d.Shown = &d.Advert.Versions[0]
	}
	if d.With == nil {
		for i := range d.Advert.Versions { // newest first
			if d.Advert.Versions[i].N < d.Shown.N {
				d.With = &d.Advert.Versions[i]
				break
			}
		}
	}
	if d.With != nil && d.With.N > d.Shown.N {
		d.With, d.Shown = d.Shown, d.With
	}
	if d.With == d.Shown {
		d.With = nil
	}
	return nil
}

// fieldOrder is the order in which fields are listed; a recipe's own come after.
var fieldOrder = []string{
	zoeklicht.FieldTitle, zoeklicht.FieldBody, zoeklicht.FieldPhones, zoeklicht.FieldPrice, zoeklicht.FieldPlace,
	zoeklicht.FieldName, zoeklicht.FieldAge, zoeklicht.FieldDate, zoeklicht.FieldImages,
}

// Fields lists the fields of the version shown, in the same order for every advert.
func (d advertPage) Fields() []zoeklicht.FieldValue {
	rank := func(name string) int {
		if i := slices.Index(fieldOrder, name); i >= 0 {
			return i
		}
		return len(fieldOrder)
	}
	out := slices.Clone(d.Shown.Fields)
	slices.SortStableFunc(out, func(a, b zoeklicht.FieldValue) int { return rank(a.Name) - rank(b.Name) })
	return out
}

// Self is the address of the advert without a choice of versions.
func (d advertPage) Self() string {
	return "/t/" + string(d.q.theme.Name) + "/adverts/" + strconv.FormatInt(int64(d.Advert.ID), 10)
}

// Gone reports whether the content shown may not be shown any more.
func (d advertPage) Gone() bool { return gone(d.Shown) }

// Action is where a form of this page goes.
func (d advertPage) Action(what string) string {
	return d.q.to("adverts/" + strconv.FormatInt(int64(d.Advert.ID), 10) + "/" + what)
}

// NameOf gives the name of a version, as a screen writes it beside its number.
func (d advertPage) NameOf(v *zoeklicht.Version) string { return d.Names[v.ID] }

// ListTo is the kept answer that the advert was opened from; empty for none.
func (d advertPage) ListTo() string {
	id, position, ok := readAfter(d.After)
	if !ok {
		return ""
	}
	return permanent(d.q, id, (position-1)/d.q.site.cfg.PageSize+1)
}

// Comparable reports whether two versions with content are compared on the screen.
func (d advertPage) Comparable() bool { return d.With != nil && !gone(d.With) && !gone(d.Shown) }

// ExportTo is the form that takes the version shown out, or the comparison.
func (d advertPage) ExportTo(compared bool) string {
	with := ""
	if compared && d.With != nil {
		with = strconv.Itoa(d.With.N)
	}
	return d.q.to("exports/new", "advert", strconv.FormatInt(int64(d.Advert.ID), 10), "v", strconv.Itoa(d.Shown.N), "with", with)
}

// ProofTo is the proof of the capture that the version shown came from.
func (d advertPage) ProofTo() string {
	return d.q.to("captures/"+d.Shown.Capture.String()+"/proof", "advert", strconv.FormatInt(int64(d.Advert.ID), 10), "v", strconv.Itoa(d.Shown.N))
}

// Lead names the row of the worklist that the advert was opened from, for forms.
func (d advertPage) Lead() string { lead, _ := d.q.lead(); return lead }

// LeadAt is its place in the worklist.
func (d advertPage) LeadAt() string { _, at := d.q.lead(); return at }

// chain keeps the list that the advert was opened from.
func (d *advertPage) chain(q *request) {
	after := q.URL.Query().Get("after")
	if _, position, ok := readAfter(after); ok {
		d.After = after
		d.Onward = q.to("rows/next", "after", after)
		if position > 1 {
			d.Back = q.to("rows/next", "after", after, "back", "1")
		}
	}
}

// version gives the address of a version of this advert, in the same list.
func (d *advertPage) version(q *request, n int) string {
	return q.to("adverts/"+strconv.FormatInt(int64(d.Advert.ID), 10), "v", strconv.Itoa(n), "after", d.After)
}

// Permanent is the address that shows these versions as known at this moment, for
// ever.
func (d advertPage) Permanent() string {
	v := url.Values{"v": {strconv.Itoa(d.Shown.N)}, "asof": {exactly(d.bar.At)}}
	if d.With != nil {
		v.Set("with", strconv.Itoa(d.With.N))
	}
	return address(d.Self(), v)
}

// Reveal is where forms ask for numbers and pictures.
func (d advertPage) Reveal() string {
	return d.q.to("adverts/" + strconv.FormatInt(int64(d.Advert.ID), 10) + "/reveal")
}

// VersionThing and WithThing name the versions on the screen to Reveal.
func (d advertPage) VersionThing() string { return versionThing(d.Shown.ID) }

// WithThing is empty when there is nothing to compare with.
func (d advertPage) WithThing() string {
	if d.With == nil || gone(d.With) {
		return ""
	}
	return versionThing(d.With.ID)
}

// SomeShown reports whether a picture is shown.
func (d advertPage) SomeShown() bool {
	return slices.ContainsFunc(d.Pictures, func(p pictureView) bool { return p.Src != "" })
}

// lines lists the versions, newest first, each with what changed in it.
func (d *advertPage) lines(q *request) {
	id := strconv.FormatInt(int64(d.Advert.ID), 10)
	vs := d.Advert.Versions
	for i := range vs {
		v := &vs[i]
		n := strconv.Itoa(v.N)
		line := versionLine{
			N: v.N, SeenAt: v.SeenAt, LastSeen: v.LastSeen, Gone: v.Destroyed, Sealed: v.Sealed, Name: d.Names[v.ID],
			To:      d.version(q, v.N),
			Current: v.N == d.Shown.N, Other: d.With != nil && v.N == d.With.N,
		}
		if !line.Current {
			line.Compare = q.to("adverts/"+id, "v", strconv.Itoa(d.Shown.N), "with", n, "after", d.After)
		}
		if i+1 < len(vs) {
			line.Changed = changed(&vs[i+1], v)
		} else {
			line.Changed = []wording.Key{"advert.first"}
		}
		if line.Current {
			if i > 0 {
				d.Newer = d.version(q, vs[i-1].N)
			}
			if i+1 < len(vs) {
				d.Older = d.version(q, vs[i+1].N)
			}
		}
		d.Lines = append(d.Lines, line)
	}
}

// changed names the kinds of things that differ between two versions.
func changed(old, new *zoeklicht.Version) []wording.Key {
	if gone(old) || gone(new) {
		return nil
	}
	var out []wording.Key
	add := func(differs bool, key wording.Key) {
		if differs {
			out = append(out, key)
		}
	}
	add(old.Title != new.Title, "advert.changed-title")
	add(old.Body != new.Body, "advert.changed-text")
	add(!maps.Equal(contactSet(old), contactSet(new)), "advert.changed-contact")
	fields := fieldChanges(old, new)
	has := func(name string) bool {
		return slices.ContainsFunc(fields, func(c fieldChange) bool { return c.Name == name })
	}
	add(old.Price != new.Price || has(zoeklicht.FieldPrice), "advert.changed-price")
	add(old.Place != new.Place || has(zoeklicht.FieldPlace), "advert.changed-place")
	add(!maps.Equal(pictureSet(old), pictureSet(new)), "advert.changed-pictures")
	if len(out) == 0 {
		out = append(out, "advert.changed-fields")
	}
	return out
}

// contactSet gives the contact details of a version: not the prices, places and ages that
// are found in its text as well.
func contactSet(v *zoeklicht.Version) map[string]bool {
	m := map[string]bool{}
	for _, e := range v.Entities {
		if e.Type.Identifies() {
			m[e.Value] = true
		}
	}
	return m
}

// parts cuts title and text at the contact details, and at the words that fired.
func parts(v *zoeklicht.Version, fired []text.Range) (title, body []bodyPart) {
	whole := v.Title + "\n" + v.Body
	var contacts []text.Range
	for _, e := range v.Entities {
		if e.Type.Identifies() && e.Start >= 0 && e.Start < e.End && e.End <= len(whole) {
			contacts = append(contacts, text.Range{Start: e.Start, End: e.End})
		}
	}
	return stretches(whole, 0, len(v.Title), contacts, fired), stretches(whole, len(v.Title)+1, len(whole), contacts, fired)
}

// pictures lists the version's pictures; those that were asked for have an address.
func (d *advertPage) pictures(q *request) {
	shown := q.site.shown(q.Context(), q.theme.Name)
	may := q.pass.Allow(zoeklicht.ActReveal) == nil
	var before map[any]bool
	if d.With != nil {
		before = pictureSet(d.With)
	}
	for i, p := range d.Shown.Pictures {
		v := pictureView{VersionPicture: p, Place: i + 1, Thing: pictureThing(d.Shown.ID, p.N)}
		if before != nil {
			v.New = !before[p.Picture] && !before[p.URL]
		}
		if p.Picture != 0 {
			if may && slices.Contains(shown, v.Thing) {
				v.Src = q.to(fmt.Sprintf("pictures/%d/%d", d.Shown.ID, p.N))
			} else {
				d.Hidden++
			}
		}
		d.Pictures = append(d.Pictures, v)
	}
}

// cut shortens a text to n runes.
func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}
