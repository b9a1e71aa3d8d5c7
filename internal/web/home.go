package web

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// homeRows is how many new versions the home screen lists; the rest is one search
// away.
const homeRows = 10

// reviewSoon is how long before its end a source's approval is announced.
const reviewSoon = 30 * 24 * time.Hour

// homePage is the first screen of a theme.
type homePage struct {
	page
	Work    *workView // nil for who does not work the list
	Since   time.Time // the visit before; zero for the first
	News    []rowView
	Adverts int
	More    bool
	AllNews string
	Waiting []waiting
	Health  healthView
}

// waiting is one thing that waits for the reader.
type waiting struct {
	What  wording.Key
	Say   string // what, in words, where What alone does not say it
	Title string
	Note  string // that a colleague left with it
	To    string
	When  time.Time
	// Late says that it is holding something up already: the source is paused.
	Late bool
}

func (s *site) home(q *request) error {
	d := homePage{page: q.page("home.title", "home").fixed()}
	var sources []zoeklicht.Source
	var err error
	if d.MaySources() {
		if sources, err = s.Register.Standing(q.Context(), q.pass); err != nil {
			return err
		}
		d.Waiting = q.waiting(sources)
	}
	if q.askAlarm(); q.alarm != nil && q.alarm.Any() {
		d.Waiting = append([]waiting{q.alarmWaits()}, d.Waiting...)
	}
	if d.MayHealth() {
		if d.Health, err = s.health(q, sources); err != nil {
			return err
		}
	}
	switch {
	case d.MayWork():
		if d.Work, err = s.work(q, d.page); err != nil {
			return err
		}
		if w := d.Work.wrong; w != nil && !slices.ContainsFunc(d.Work.Rows, func(r leadView) bool { return r.Wrong != "" }) {
			d.Note = w.what // the row is not on this page
		}
		for i := range d.Work.Handed {
			l := &d.Work.Handed[i]
			w := waiting{Title: cmp.Or(l.Title, q.words.T("advert.untitled")), To: l.To, Say: q.words.T("work.is-handed", l.Claim.By, l.Claim.At), Note: l.Claim.Note}
			d.Waiting = slices.Insert(d.Waiting, i+len(d.Waiting[:rank(q.alarm != nil && q.alarm.Any())]), w)
		}
	case d.MaySearch():
		since, r, err := s.Search.News(q.Context(), q.pass, homeRows)
		if err != nil {
			return err
		}
		d.Since, d.Adverts, d.More = since, r.Adverts, r.More
		d.News = q.rows(r, titles(sources))
		for i := range d.News {
			d.News[i].Matches = 0 // nothing was asked that versions could match
		}
		if len(r.Rows) < r.Adverts {
			day := ""
			if !since.IsZero() {
				day = since.In(q.words.Place()).Format(dayParam)
			}
			d.AllNews = q.to("search", "from", day, "go", "1")
		}
	}
	return q.show(http.StatusOK, "home", d)
}

// waiting lists what the reader may decide on: proposals to vet, vetted sources to
// approve, approvals that end or have ended.
func (q *request) waiting(sources []zoeklicht.Source) []waiting {
	p := page{q: q}
	var out []waiting
	for i := range sources {
		src := &sources[i]
		w := waiting{Title: src.Title, To: q.to("sources/" + string(src.ID))}
		switch {
		case src.State == zoeklicht.Proposed && p.RoleMay(zoeklicht.ActVet):
			w.What = "home.vet"
		case src.State == zoeklicht.Vetted && p.RoleMay(zoeklicht.ActApprove):
			w.What = "home.approve"
		case src.State == zoeklicht.Approved && !q.now.Before(src.ReviewBy) && p.RoleMay(zoeklicht.ActVet):
			w.What, w.When, w.Late = "home.lapsed", src.ReviewBy, true
		case src.State == zoeklicht.Approved && src.ReviewBy.Sub(q.now) < reviewSoon && p.RoleMay(zoeklicht.ActVet):
			w.What, w.When = "home.lapses", src.ReviewBy
		default:
			continue
		}
		out = append(out, w)
	}
	slices.SortStableFunc(out, func(a, b waiting) int {
		return cmp.Or(cmp.Compare(rank(b.Late), rank(a.Late)), a.When.Compare(b.When))
	})
	return out
}

// alarmWaits is the urgent lane as the first thing that waits for the duty role.
func (q *request) alarmWaits() waiting {
	w := waiting{Title: q.words.T("seal.lane"), To: q.to("urgent"), Late: q.alarm.Unknown || q.alarm.Waiting > 0}
	switch {
	case q.alarm.Unknown:
		w.Say = q.words.T("seal.alarm-unknown")
	case q.alarm.Waiting > 0:
		w.Say = q.words.N("seal.alarm-waits", q.alarm.Waiting) + " " + q.words.T("seal.alarm-oldest", q.alarm.Waits, q.alarm.Oldest)
	default:
		w.Say = q.words.N("seal.alarm-taken", q.alarm.Taken)
	}
	return w
}

func rank(b bool) int {
	if b {
		return 1
	}
	return 0
}
