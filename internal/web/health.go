package web

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// healthRows is how many sources the home screen tells of at once, if all is well.
const healthRows = 6

// healthView is how crawling goes, a row for each source.
type healthView struct {
	First    []sourceHealth // running, then in trouble, then the others
	Rest     []sourceHealth // what is complete, beyond what fits
	Running  int
	At       time.Time
	Refresh  string // the address of this part
	Everyday bool   // nothing runs: the part need not refresh often
	Ledger   *ledgerView
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
	v.Ledger, err = s.ledger(q)
	return v, err
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
	sources, err := s.Register.Standing(q.Context(), q.pass)
	if err != nil {
		return err
	}
	v, err := s.health(q, sources)
	if err != nil {
		return err
	}
	return q.show(http.StatusOK, "home/progress", v)
}
