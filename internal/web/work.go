package web

import (
	"slices"
	"strconv"
	"time"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// leadRows is how many rows of the worklist stand on one page.
const leadRows = 25

// handedShown is how many rows from colleagues are named among what waits for the reader.
const handedShown = 5

// workView is the worklist as the home screen shows it.
type workView struct {
	Frame      page
	Units      []unitChoice
	Unit       string
	Tabs       []workTab
	Show       string
	New        bool // only what is new
	Shown      int  // rows of this list, over all its pages
	All        int  // to do in all
	NewCount   int
	Mine       int
	Since      time.Time
	Rows       []leadView
	Page       int
	Pages      int
	Prev, Next string
	Here       string // this list, to come back to after a step
	AllNews    string // every new advert, those without a signal too
	Colleagues []zoeklicht.Person
	Tomorrow   time.Time
	// Handed is what colleagues handed over to the reader, whatever list is shown.
	Handed []leadView
	wrong  *wrongStep
}

// First is the position of the first row on this page.
func (v *workView) First() int { return (v.Page-1)*leadRows + 1 }

// unitChoice is a police unit in the chooser.
type unitChoice struct {
	Code   string
	Name   string
	Chosen bool
}

// workTab is one way to show the list.
type workTab struct {
	Key     wording.Key
	To      string
	Current bool
}

// leadView is a row of the worklist.
type leadView struct {
	zoeklicht.Lead
	To       string // the advert that made it score
	Card     string // the number's card; empty where there is no number
	Step     string // where its forms go
	Town     string
	UnitName string
	Reason   wording.Key
	Why      []hitMark
	Mine     bool // the reader holds it
	Held     bool // somebody else does
	Parked   bool
	Done     bool
	HandedOn bool // somebody gave it to the reader
	Tomorrow time.Time
	Here     string
	Others   []zoeklicht.Person // who it can be handed to
	Given    bool               // the reader handed it over, and may take it back
	// Wrong says what was not right about a step that was typed here, and the rest what was
	// typed, to go on from.
	Wrong                 wording.Key
	TypedUntil, TypedNote string
}

// workShows are the ways to show the list, in the order of their tabs.
var workShows = []struct {
	show string
	key  wording.Key
}{
	{"", "work.free"}, {"mine", "work.mine"}, {"parked", "work.parked"}, {"others", "work.others"}, {"finished", "work.finished"},
}

// work reads the worklist for the home screen.
func (s *site) work(q *request, p page) (*workView, error) {
	unit, err := s.Work.Unit(q.Context(), q.pass)
	if err != nil {
		return nil, err
	}
	v := &workView{Frame: p, Unit: unit, Units: chooseUnits(unit, q.words), Page: pageOf(q), New: q.FormValue("new") == "1", Tomorrow: q.tomorrow()}
	for _, t := range workShows {
		if t.show == q.FormValue("show") {
			v.Show = t.show
		}
	}
	for _, t := range workShows {
		v.Tabs = append(v.Tabs, workTab{Key: t.key, To: q.to("", "show", t.show, "new", flag(v.New)), Current: t.show == v.Show})
	}
	ask := zoeklicht.LeadQuery{Unit: unit, Show: v.Show, New: v.New}
	list, err := s.Work.Leads(q.Context(), q.pass, ask, v.Page, leadRows)
	if err != nil {
		return nil, err
	}
	if last := max(1, (list.Shown+leadRows-1)/leadRows); v.Page > last {
		// What stood there was finished, or taken, meanwhile.
		v.Page = last
		if list, err = s.Work.Leads(q.Context(), q.pass, ask, v.Page, leadRows); err != nil {
			return nil, err
		}
	}
	if v.Colleagues, err = s.Work.Colleagues(q.Context(), q.pass); err != nil {
		return nil, err
	}
	v.wrong = q.popWrong()
	if list.Handed > 0 {
		handed, err := s.Work.Leads(q.Context(), q.pass, zoeklicht.LeadQuery{Show: "handed"}, 1, handedShown)
		if err != nil {
			return nil, err
		}
		for i := range handed.Leads {
			v.Handed = append(v.Handed, q.leadRow(&handed.Leads[i], v, i))
		}
	}
	v.Shown, v.All, v.NewCount, v.Mine, v.Since = list.Shown, list.All, list.New, list.Mine, list.Since
	v.Pages = max(1, (list.Shown+leadRows-1)/leadRows)
	v.Here = q.workPage(v, v.Page)
	if v.Page > 1 {
		v.Prev = q.workPage(v, v.Page-1)
	}
	if v.Page < v.Pages {
		v.Next = q.workPage(v, v.Page+1)
	}
	for i := range list.Leads {
		v.Rows = append(v.Rows, q.leadRow(&list.Leads[i], v, v.First()-1+i))
	}
	day := ""
	if !list.Since.IsZero() {
		day = list.Since.In(q.words.Place()).Format(dayParam)
	}
	v.AllNews = q.to("search", "from", day, "go", "1")
	return v, nil
}

// flag is a yes as addresses have it.
func flag(b bool) string {
	if b {
		return "1"
	}
	return ""
}

func (q *request) workPage(v *workView, n int) string {
	at := ""
	if n > 1 {
		at = strconv.Itoa(n)
	}
	return q.to("", "show", v.Show, "new", flag(v.New), "page", at)
}

// leadRow makes a row: at is its place in the list, from 0, by which "next" finds the one
// after it once it has left the list.
func (q *request) leadRow(l *zoeklicht.Lead, v *workView, at int) leadView {
	version := strconv.FormatInt(int64(l.Version), 10)
	r := leadView{
		Lead: *l, Step: q.to("leads/" + version + "/step"), Tomorrow: v.Tomorrow, Here: v.Here, Others: v.Colleagues,
		To:  q.to("adverts/"+strconv.FormatInt(int64(l.Advert), 10), "lead", version, "at", strconv.Itoa(at)),
		Why: q.hitMarks(l.Hits), Town: townName(l.Place), UnitName: unitName(l.Unit, q.words), Reason: scoreWord(l.Score),
	}
	if l.Subject.Phone() != "" || l.Masked != "" {
		r.Card = q.to("leads/" + version)
	}
	if w := v.wrong; w != nil && w.version == version {
		r.Wrong, r.TypedUntil, r.TypedNote = w.what, w.until, w.note
	}
	if c := l.Claim; c != nil {
		mine := c.Person == q.person.ID
		switch c.Kind {
		case zoeklicht.Claimed, zoeklicht.Handed:
			r.Mine, r.Held, r.HandedOn = mine, !mine, mine && c.Kind == zoeklicht.Handed
			r.Given = !mine && c.Kind == zoeklicht.Handed && c.Giver == q.person.ID
		case zoeklicht.Parked:
			r.Parked, r.Mine, r.Held = true, mine, !mine
		case zoeklicht.Finished:
			r.Done = true
		case zoeklicht.Released:
		}
	}
	return r
}

// tomorrow is the next day at eight, when parked work returns unless another day is
// chosen.
func (q *request) tomorrow() time.Time {
	t := q.now.In(q.words.Place())
	return time.Date(t.Year(), t.Month(), t.Day()+1, 8, 0, 0, 0, t.Location())
}

// chooseUnit keeps the unit whose list the reader works on.
func (s *site) chooseUnit(q *request) error {
	if !(page{q: q}).MayWork() {
		return notThere()
	}
	unit := q.FormValue("unit")
	if unit != "" && unitIndex(unit) < 0 {
		return notThere()
	}
	if err := s.Work.SetUnit(q.Context(), q.pass, unit); err != nil {
		return err
	}
	return q.redirect(q.local(q.to("")))
}

// versionOf reads the version that names a lead in the address.
func versionOf(q *request) (zoeklicht.VersionID, error) {
	id, err := strconv.ParseInt(q.PathValue("version"), 10, 64)
	if err != nil || id <= 0 {
		return 0, notThere()
	}
	return zoeklicht.VersionID(id), nil
}

// stepNotes are what is said after a step.
var stepNotes = map[zoeklicht.ClaimKind]wording.Key{
	zoeklicht.Claimed: "work.claimed", zoeklicht.Parked: "work.parked-now", zoeklicht.Handed: "work.handed",
	zoeklicht.Released: "work.released", zoeklicht.Finished: "work.finished-now", zoeklicht.Undone: "work.undone",
}

// stepLead takes a step in the work on a row: a form of the list, or of the strip above
// an advert. What is not right about it is said on the page that it came from, and
// nothing is done.
func (s *site) stepLead(q *request) error {
	if !(page{q: q}).MayWork() {
		return notThere()
	}
	id, err := versionOf(q)
	if err != nil {
		return err
	}
	back := q.local(q.to(""))
	c := zoeklicht.Claim{Kind: zoeklicht.ClaimKind(q.FormValue("kind")), Note: cut(oneText(q.FormValue("note")), 500)}
	said, known := stepNotes[c.Kind]
	if !known {
		return notThere()
	}
	switch c.Kind {
	case zoeklicht.Parked:
		if c.Until, known = q.parkedUntil(q.FormValue("until")); !known {
			return q.wrongStep("work.bad-day", back)
		}
	case zoeklicht.Handed:
		all, err := s.Work.Colleagues(q.Context(), q.pass)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(p zoeklicht.Person) bool { return strconv.FormatInt(int64(p.ID), 10) == q.FormValue("to") })
		if i < 0 {
			return q.wrongStep("work.nobody", back)
		}
		c.Person, c.Name = all[i].ID, all[i].Name
	}
	err = s.Work.Step(q.Context(), q.pass, id, c)
	switch zoeklicht.CodeOf(err) {
	case "":
	case zoeklicht.Conflict:
		said = "work.taken"
	case zoeklicht.Denied:
		return err
	default:
		return hide(err)
	}
	if err == nil && q.keepStep(id, c.Kind, said, back) {
		said = "" // it is said beside the way back
	}
	if said != "" {
		q.note(said)
	}
	if err == nil && q.FormValue("lead") != "" && c.Kind != zoeklicht.Undone {
		return s.nextLead(q) // from the strip above an advert: on to the next
	}
	return q.redirect(back)
}

// parkedUntil reads the day on which parked work returns: at eight, and after now.
func (q *request) parkedUntil(s string) (time.Time, bool) {
	if s == "" {
		return q.tomorrow(), true
	}
	iso, ok := wording.ParseDay(s)
	if !ok {
		return time.Time{}, false
	}
	t, err := time.ParseInLocation(time.DateOnly, iso, q.words.Place())
	// Eight on the clock, also on the days that have 23 or 25 hours.
	t = time.Date(t.Year(), t.Month(), t.Day(), 8, 0, 0, 0, t.Location())
	return t, err == nil && t.After(q.now) && t.Before(q.now.AddDate(1, 0, 0))
}

// nextLead goes on to the row after the one just looked at, or, where that has left the
// list, to the one that took its place. After the last it goes back to the list.
func (s *site) nextLead(q *request) error {
	if !(page{q: q}).MayWork() {
		return notThere()
	}
	after, _ := strconv.ParseInt(q.FormValue("lead"), 10, 64)
	at, err := strconv.Atoi(q.FormValue("at"))
	if err != nil || at < 0 || at > 1e6 {
		at = 0
	}
	within := leadRows
	if back := q.FormValue("back") != ""; back {
		// What stands at the place before is the row before, wherever this one went.
		if at == 0 {
			q.note("work.begin")
			return q.onTo(q.to(""))
		}
		after, at, within = 0, at-1, 1
	}
	next, at, err := s.Work.NextLead(q.Context(), q.pass, zoeklicht.VersionID(after), at, within)
	switch {
	case err != nil:
		return err
	case next != nil:
		return q.onTo(q.to("adverts/"+strconv.FormatInt(int64(next.Advert), 10),
			"lead", strconv.FormatInt(int64(next.Version), 10), "at", strconv.Itoa(at)))
	}
	q.note("work.end")
	return q.onTo(q.to(""))
}

// strip is what stands above an advert that was opened from the worklist.
type strip struct {
	Step, Next, Back, Card, List, Here string
	Advert, Lead, At                   string // for forms
	Tomorrow                           time.Time
}

// Strip gives the strip, nil where the page was not reached from the worklist.
func (p page) Strip() *strip {
	lead, at := p.q.lead()
	if lead == "" || !p.MayWork() {
		return nil
	}
	s := &strip{
		Step: p.q.to("leads/" + lead + "/step"), Next: p.q.to("next", "lead", lead, "at", at),
		List: p.q.to(""), Here: p.Here(), Tomorrow: p.q.tomorrow(), Advert: p.q.PathValue("id"), Lead: lead, At: at,
	}
	if at != "0" {
		s.Back = p.q.to("next", "lead", lead, "at", at, "back", "1")
	}
	if p.MayNumbers() {
		s.Card = p.q.to("leads/" + lead)
	}
	return s
}

// lead gives the row of the worklist that the page was opened from, as its address has
// it: the version that names it, and its place in the list.
func (q *request) lead() (version, at string) {
	v := q.URL.Query()
	version, at = v.Get("lead"), v.Get("at")
	if n, err := strconv.ParseInt(version, 10, 64); err != nil || n <= 0 {
		return "", ""
	}
	if n, err := strconv.Atoi(at); err != nil || n < 0 {
		at = "0"
	}
	return version, at
}
