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

// healthRows is how many sources the home screen tells of at once, if all is well.
const healthRows = 6

// reviewSoon is how long before its end a source's approval is announced.
const reviewSoon = 30 * 24 * time.Hour

// homePage is the first screen of a theme.
type homePage struct {
	page
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
	Title string
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
		if sources, err = s.Register.Sources(q.Context(), q.pass); err != nil {
			return err
		}
		d.Waiting = q.waiting(sources)
	}
	if d.MayHealth() {
		if d.Health, err = s.health(q, sources); err != nil {
			return err
		}
	}
	if d.MaySearch() {
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

func rank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// healthView is how crawling goes, a row for each source.
type healthView struct {
	First    []sourceHealth // running, then in trouble, then the others
	Rest     []sourceHealth // what is complete, beyond what fits
	Running  int
	At       time.Time
	Refresh  string // the address of this part
	Everyday bool   // nothing runs: the part need not refresh often
}

// sourceHealth is one source's latest run.
type sourceHealth struct {
	Source zoeklicht.Source
	To     string
	Active bool // it may be visited now
	Run    *runView
}

// runView is a run as tables show it.
type runView struct {
	zoeklicht.Run
	Running bool
	Rate    float64 // captures in a second
	Took    time.Duration
	Fails   []failCount
	Failed  int
	Verdict wording.Key
	OK      bool // a low count in this run means what it says
}

type failCount struct {
	Why zoeklicht.Fail
	N   int
}

// viewRun reckons what tables show of a run.
func viewRun(r zoeklicht.Run, now time.Time) *runView {
	v := &runView{Run: r, Running: r.Ended.IsZero()}
	secs := r.Seconds(now)
	v.Took = time.Duration(secs * float64(time.Second)).Round(time.Second)
	if secs > 0 {
		v.Rate = float64(r.Captured) / secs
	}
	for why, n := range r.Failed {
		v.Failed += n
		v.Fails = append(v.Fails, failCount{why, n})
	}
	slices.SortFunc(v.Fails, func(a, b failCount) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Why, b.Why))
	})
	switch {
	case v.Running:
		v.Verdict = "home.run-running"
	case r.Stopped != "":
		v.Verdict = "home.run-stopped"
	case r.Drift != "":
		v.Verdict = "home.run-drift"
	case !r.Complete:
		v.Verdict = "home.run-incomplete"
	case r.Expected > 0 && r.Adverts < r.Expected:
		v.Verdict = "home.run-fewer"
	default:
		v.Verdict, v.OK = "home.run-complete", true
	}
	return v
}

// Share gives how much of a running run is done, in hundredths.
func (v *runView) Share() int {
	if all := v.Captured + v.Failed + v.Waiting; all > 0 {
		return (v.Captured + v.Failed) * 100 / all
	}
	return 0
}

// health puts the latest run of each source beside it. Sources that are only
// proposed are left out: nothing of them is visited.
func (s *site) health(q *request, sources []zoeklicht.Source) (healthView, error) {
	v := healthView{At: q.now, Refresh: q.to("progress")}
	runs, err := s.Runs.Latest(q.Context(), q.pass)
	if err != nil {
		return v, err
	}
	bySource := map[zoeklicht.SourceID]zoeklicht.Run{}
	for _, r := range runs {
		bySource[r.Source] = r
	}
	for _, src := range sources {
		h := sourceHealth{Source: src, To: q.to("sources/" + string(src.ID)), Active: src.Active(q.now)}
		if r, ok := bySource[src.ID]; ok {
			h.Run = viewRun(r, q.now)
			if h.Run.Running {
				v.Running++
			}
		} else if src.State != zoeklicht.Approved && src.State != zoeklicht.Suspended {
			continue
		}
		v.First = append(v.First, h)
	}
	slices.SortStableFunc(v.First, func(a, b sourceHealth) int { return cmp.Compare(a.calm(), b.calm()) })
	if all := v.First; len(all) > healthRows {
		cut := healthRows
		for cut < len(all) && all[cut].calm() < 2 {
			cut++ // whatever runs or is in trouble is shown
		}
		v.First, v.Rest = all[:cut], all[cut:]
	}
	v.Everyday = v.Running == 0
	return v, nil
}

// calm ranks a source: 0 while a run goes on, 1 in trouble, 2 when all is well.
func (h sourceHealth) calm() int {
	switch {
	case h.Run != nil && h.Run.Running:
		return 0
	case !h.Active, h.Run != nil && !h.Run.OK:
		return 1
	}
	return 2
}

// Why is what ended the run early or looks wrong, as the crawler worded it.
func (v *runView) Why() string { return cmp.Or(v.Stopped, v.Drift) }

// progress is the live part of the home screen, alone.
func (s *site) progress(q *request) error {
	p := page{q: q}
	if !p.MayHealth() || !p.MaySources() {
		return notThere()
	}
	sources, err := s.Register.Sources(q.Context(), q.pass)
	if err != nil {
		return err
	}
	v, err := s.health(q, sources)
	if err != nil {
		return err
	}
	return q.show(http.StatusOK, "home/progress", v)
}
