package cli

import (
	"context"
	"fmt"
	"math"
	"sort"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/store"
)

// Runs is what a run is followed through, whichever process makes it; *store.Store is
// one.
type Runs interface {
	Runs(ctx context.Context, id zoeklicht.SourceID, limit int) ([]zoeklicht.Run, error)
	Cursor(ctx context.Context, stage string) (zoeklicht.Seq, error)
	RunCount(ctx context.Context, run int64) (store.RunCount, error)
}

// CrawlResult is what a run brought, once analysis has caught up with it.
type CrawlResult struct {
	URLs        int                    `json:"urls"`     // handed out
	Captured    int                    `json:"captured"` // visits that are durable, those of failures among them
	Failed      map[zoeklicht.Fail]int `json:"failed"`
	Adverts     int                    `json:"adverts"`      // advert pages seen
	NewVersions int                    `json:"new_versions"` // contents that were not known
	Sightings   int                    `json:"sightings"`    // adverts seen with the content that they had
	Pictures    int                    `json:"pictures"`
	Bytes       int64                  `json:"bytes"`
	Seconds     float64                `json:"seconds"`

	Source   zoeklicht.SourceID `json:"source"`
	Run      int64              `json:"run"`
	Complete bool               `json:"complete"`
	Expected int                `json:"expected"` // adverts that the listing says there are
	Missing  int                `json:"missing"`  // pictures that could not be had
	Outside  int                `json:"outside"`  // pictures outside the approval
	Gone     int                `json:"gone"`
	Drift    string             `json:"drift"`
	Stopped  string             `json:"stopped"`
}

// Newest gives the newest run of a source, nil when it was never visited.
func Newest(ctx context.Context, runs Runs, id zoeklicht.SourceID) (*zoeklicht.Run, error) {
	latest, err := runs.Runs(ctx, id, 1)
	if err != nil || len(latest) == 0 {
		return nil, err
	}
	return &latest[0], nil
}

// Follow is how a run is followed until its end.
type Follow struct {
	Source zoeklicht.SourceID
	// Before is the newest run when this one was asked for, nil if there was none. A run
	// that had not ended is taken up again, so it is the one that is followed.
	Before *zoeklicht.Run
	Stage  string // whose cursor must pass the run's end
	// Tick says when to look again, each time with a value or a closed channel.
	Tick <-chan time.Time
	// Alive gives an error once a process that has to do the work has ended without having
	// done it; nil for processes of somebody else.
	Alive func() error
	Clock zoeklicht.Clock
}

// Run follows the run, tells how it gets on, and gives its result after analysis.
func (f *Follow) Run(ctx context.Context, runs Runs, out *Out) (*CrawlResult, error) {
	p := &progress{out: out, began: f.Clock(), name: string(f.Source)}
	defer p.end()
	for {
		// Asked before looking: work that was finished before is then seen to be.
		gone := f.alive()
		run, err := f.current(ctx, runs)
		if err != nil && !passes(err) {
			return nil, err
		}
		if run != nil {
			p.tell(run, f.Clock())
			if run.EndSeq != 0 {
				done, err := f.analysed(ctx, runs, run)
				if err != nil && !passes(err) {
					return nil, err
				}
				if done {
					return result(ctx, runs, run)
				}
			}
		}
		if gone != nil {
			return nil, gone
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-f.Tick:
		}
	}
}

func (f *Follow) alive() error {
	if f.Alive == nil {
		return nil
	}
	return f.Alive()
}

// passes reports whether an error of the store may be gone at the next look.
func passes(err error) bool { return zoeklicht.CodeOf(err) == zoeklicht.Unavailable }

// current gives the run that is followed, nil while it has not begun.
func (f *Follow) current(ctx context.Context, runs Runs) (*zoeklicht.Run, error) {
	run, err := Newest(ctx, runs, f.Source)
	if err != nil || run == nil {
		return nil, err
	}
	if f.Before != nil && (run.ID < f.Before.ID || run.ID == f.Before.ID && f.Before.EndSeq != 0) {
		return nil, nil
	}
	return run, nil
}

func (f *Follow) analysed(ctx context.Context, runs Runs, run *zoeklicht.Run) (bool, error) {
	seq, err := runs.Cursor(ctx, f.Stage)
	return seq >= run.EndSeq, err
}

func result(ctx context.Context, runs Runs, run *zoeklicht.Run) (*CrawlResult, error) {
	n, err := runs.RunCount(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	failed := run.Failed
	if failed == nil {
		failed = map[zoeklicht.Fail]int{}
	}
	return &CrawlResult{
		URLs: run.URLs, Captured: run.Captured, Failed: failed, Adverts: run.Adverts, NewVersions: n.Versions, Sightings: n.Sightings,
		Pictures: run.Pictures, Bytes: run.Bytes, Seconds: math.Round(n.Seconds*1000) / 1000,
		Source: run.Source, Run: run.ID, Complete: run.Complete, Expected: run.Expected, Missing: run.Missing, Outside: run.Outside,
		Gone: n.Gone, Drift: run.Drift, Stopped: run.Stopped,
	}, nil
}

// Print prints the result.
func (r *CrawlResult) Print(out *Out) error {
	if out.JSON {
		return out.object(r)
	}
	rows := [][]string{
		{"URLs", fmt.Sprint(r.URLs)},
		{"captured", fmt.Sprintf("%d, %s, in %.1f s", r.Captured, size(r.Bytes), r.Seconds)},
		{"failed", reasons(r.Failed)},
		{"adverts", fmt.Sprintf("%d: %d new versions, %d as before, %d gone", r.Adverts, r.NewVersions, r.Sightings, r.Gone)},
		{"pictures", fmt.Sprintf("%d, %d missing, of which %d outside the approval", r.Pictures, r.Missing, r.Outside)},
		{"complete", yesNo(r.Complete)},
	}
	for _, why := range [][]string{{"stopped", r.Stopped}, {"drift", r.Drift}} {
		if why[1] != "" {
			rows = append(rows, why)
		}
	}
	return out.table([]string{"run " + fmt.Sprint(r.Run), string(r.Source)}, rows)
}

// Err gives an error for a run that ended before it had seen everything that it could.
func (r *CrawlResult) Err() error {
	if r.Stopped == "" {
		return nil
	}
	return zoeklicht.Errorf(zoeklicht.Unavailable, "run %d of %s ended early: %s", r.Run, r.Source, r.Stopped).
		With("what was captured is safe, and no advert is called gone for it", "crawl again when the cause is gone")
}

// reasons words counts by reason, the most frequent first.
func reasons(failed map[zoeklicht.Fail]int) string {
	if len(failed) == 0 {
		return "0"
	}
	names := make([]string, 0, len(failed))
	for why := range failed {
		names = append(names, string(why))
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := failed[zoeklicht.Fail(names[i])], failed[zoeklicht.Fail(names[j])]
		return a > b || a == b && names[i] < names[j]
	})
	for i, n := range names {
		names[i] = fmt.Sprintf("%d %s", failed[zoeklicht.Fail(n)], n)
	}
	return strings.Join(names, ", ")
}

// size words a number of bytes.
func size(n int64) string {
	const unit = 1000
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	v, i := float64(n)/unit, 0
	for v >= unit && i < 4 {
		v /= unit
		i++
	}
	return fmt.Sprintf("%.1f %cB", v, "kMGTP"[i])
}

// linesEvery is how often progress is told where lines cannot be written over.
const linesEvery = 5 * time.Second

// progress tells how a run gets on.
type progress struct {
	out   *Out
	name  string
	began time.Time
	first int // done when it was first looked at: a run taken up again is not that fast
	seen  bool
	told  time.Time
	last  string
	open  bool // a line stands there to be written over
}

// tell writes one line of progress: count, rate, what waits, time left.
func (p *progress) tell(run *zoeklicht.Run, now time.Time) {
	if !p.seen {
		p.seen, p.first, p.began = true, run.Captured, now
	}
	line := p.line(run, now)
	if line == p.last || !p.out.Live && !p.told.IsZero() && now.Sub(p.told) < linesEvery && run.EndSeq == 0 {
		return
	}
	p.last, p.told = line, now
	if p.out.Live {
		fmt.Fprintf(p.out.Err, "\r\x1b[K%s", line)
		p.open = true
		return
	}
	fmt.Fprintln(p.out.Err, line)
}

func (p *progress) line(run *zoeklicht.Run, now time.Time) string {
	if run.EndSeq != 0 {
		return fmt.Sprintf("%s: %d of %d pages visited; reading them", p.name, run.Captured, run.URLs)
	}
	done := run.Captured - p.first
	line := fmt.Sprintf("%s: %d of %d pages", p.name, run.Captured, run.URLs)
	if secs := now.Sub(p.began).Seconds(); done > 0 && secs > 0 {
		rate := float64(done) / secs
		left := time.Duration(float64(run.Waiting) / rate * float64(time.Second)).Round(time.Second)
		line += fmt.Sprintf(", %.1f a second, %d waiting, %s left", rate, run.Waiting, left)
	} else {
		line += fmt.Sprintf(", %d waiting", run.Waiting)
	}
	failed := 0
	for _, n := range run.Failed {
		failed += n
	}
	if failed > 0 {
		line += fmt.Sprintf(", %d failed", failed)
	}
	return line
}

// end leaves the line of progress, so that what comes next begins on its own.
func (p *progress) end() {
	if p.open {
		fmt.Fprintln(p.out.Err)
	}
}
