package crawl

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"zoeklicht"
	"zoeklicht/internal/capture"
	"zoeklicht/internal/extract"
	"zoeklicht/internal/fetch"
	"zoeklicht/internal/frontier"
	"zoeklicht/internal/store"
)

// Collector visits the approved sources of one theme.
type Collector struct {
	Config  Config
	Store   *store.Store
	Vault   Vault
	Driver  fetch.Driver
	Pacer   *frontier.Pacer
	Sealer  *capture.Sealer
	Context zoeklicht.Context // theme, ground, build, configuration, clock
	Agent   string            // user agent where a source's schedule names none
	Options extract.Options
	// Recipe reads a stored recipe's YAML.
	Recipe func(name string, body []byte) (*zoeklicht.Recipe, error)
	// Free gives the free and whole bytes of the disk that the vault is on.
	Free func() (free, total uint64, err error)
	// ClockKept says what keeps the machine's clock right, for the context of captures; nil
	// for nothing to say.
	ClockKept func() string
	Clock     zoeklicht.Clock // the wall's, for measuring
	Log       *slog.Logger

	committer *committer
	anchor    anchor
	mu        sync.Mutex
	running   map[zoeklicht.SourceID]context.CancelCauseFunc
	asked     map[zoeklicht.SourceID]string // wishes that wait for a free slot
	offset    time.Duration                 // the theme's clock against ours
	looked    time.Time                     // when the offset was looked at
	low       bool
}

// errors that end a run and are no fault of the platform
var (
	errStopped   = errors.New("stopped by a person")
	errSuspended = errors.New("the source is no longer approved")
)

// start makes the collector ready; stop must be called afterwards. cancelled work
// that is queued is still committed: its bytes are there.
func (c *Collector) start() (stop func() error) {
	c.Config = c.Config.WithDefaults()
	c.running, c.asked = map[zoeklicht.SourceID]context.CancelCauseFunc{}, map[zoeklicht.SourceID]string{}
	c.committer = newCommitter(c.Config, c.Store, c.Vault, c.Log)
	done := make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { done <- c.committer.run(ctx) }()
	return func() error {
		close(c.committer.queue)
		// With the database away for good, leave: what is queued will be done again.
		timer := time.AfterFunc(15*time.Second, cancel)
		defer timer.Stop()
		defer cancel()
		return <-done
	}
}

// Serve visits sources when they are due or asked for, until ctx ends, or until captures
// cannot be stored any more, for another reason than a full disk or a database that is away:
// then it ends with that error rather than fetch in vain.
func (c *Collector) Serve(ctx context.Context) error {
	stop := c.start()
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	var wg sync.WaitGroup
	wg.Go(func() { c.singles(ctx) })
	slots := make(chan struct{}, c.Config.Sources)
	for ctx.Err() == nil && !c.committer.failed() {
		due, err := c.due(ctx)
		if err != nil && ctx.Err() == nil {
			c.Log.Warn("cannot look for due sources", "err", err)
			if !transient(err) {
				leave() // or what is asked for singly would go on, and we wait for it for ever
				wg.Wait()
				return errors.Join(err, stop())
			}
		}
		for _, d := range due {
			select {
			case slots <- struct{}{}:
			default:
				continue // all slots taken: it is due still at the next look
			}
			runCtx, release := c.reserve(ctx, d.source.ID)
			wg.Add(1)
			go func() {
				defer wg.Done()
				defer func() { <-slots }()
				defer release()
				if _, err := c.visit(runCtx, d.source, d.cause, nil); err != nil && ctx.Err() == nil {
					c.Log.Error("run failed", "source", d.source.ID, "err", err)
				}
			}()
		}
		_ = sleep(ctx, c.Config.Poll)
	}
	wg.Wait()
	return stop()
}

// Once makes one run of one source and gives its record.
func (c *Collector) Once(ctx context.Context, id zoeklicht.SourceID, cause string, tell Progress) (*zoeklicht.Run, error) {
	stop := c.start()
	src, err := c.Store.Source(ctx, id)
	if err != nil {
		return nil, errors.Join(err, stop())
	}
	runCtx, release := c.reserve(ctx, id)
	defer release()
	var run *zoeklicht.Run
	err = patiently(runCtx, func(err error) { c.Log.Warn("the run is taken up again", "source", id, "err", err) }, func() (err error) {
		run, err = c.visit(runCtx, src, cause, tell)
		return err
	})
	return run, errors.Join(err, stop())
}

// reserve marks a source as being visited, so that it is not started twice, and
// gives the context by which its run can be stopped.
func (c *Collector) reserve(ctx context.Context, id zoeklicht.SourceID) (context.Context, func()) {
	runCtx, cancel := context.WithCancelCause(ctx)
	c.mu.Lock()
	c.running[id] = cancel
	delete(c.asked, id)
	c.mu.Unlock()
	return runCtx, func() {
		c.mu.Lock()
		delete(c.running, id)
		c.mu.Unlock()
		cancel(nil)
	}
}

type dueSource struct {
	source *zoeklicht.Source
	cause  string
}

// due gives the sources to visit now: runs left open by a crash, those asked for,
// and those whose schedule says so. It also stops runs that must stop.
func (c *Collector) due(ctx context.Context) ([]dueSource, error) {
	// Before anything is read: a run that ends meanwhile would seem neither to go on
	// nor to have been, and its source would be visited twice.
	c.mu.Lock()
	before := maps.Clone(c.running)
	c.mu.Unlock()
	all, err := c.Store.Sources(ctx)
	if err != nil {
		return nil, err
	}
	now, _, err := c.Store.Now(ctx)
	if err != nil {
		return nil, err
	}
	asked, stops, err := c.Store.TakeWishes(ctx)
	if err != nil {
		return nil, err
	}
	last, err := c.Store.LatestRuns(ctx)
	if err != nil {
		return nil, err
	}
	lastOf := map[zoeklicht.SourceID]zoeklicht.Run{}
	for _, r := range last {
		lastOf[r.Source] = r
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, cause := range asked {
		c.asked[id] = cause
	}
	var out []dueSource
	for i := range all {
		src := &all[i]
		if cancel, ok := before[src.ID]; ok {
			switch {
			case stops[src.ID]:
				cancel(errStopped)
			case !src.Active(now):
				cancel(errSuspended)
			}
			continue
		}
		if !src.Active(now) {
			continue
		}
		run, ever := lastOf[src.ID]
		switch cause, wished := c.asked[src.ID]; {
		case ever && run.EndSeq == 0:
			out = append(out, dueSource{src, run.Cause})
		case wished:
			out = append(out, dueSource{src, cause})
		case !ever, !now.Before(run.Begun.Add(src.Schedule.WithDefaults().Every)):
			out = append(out, dueSource{src, "schedule"})
		}
	}
	return out, nil
}

// enough reports whether the disk has room to fetch; it tells once when that
// changes.
func (c *Collector) enough() bool {
	free, total, err := c.Free()
	if err != nil || total == 0 {
		c.Log.Error("cannot tell the free disk space; fetching waits", "err", err)
		return false
	}
	low := float64(free) < c.Config.MinFree*float64(total)
	c.mu.Lock()
	defer c.mu.Unlock()
	if low != c.low {
		c.low = low
		if low {
			c.Log.Error("less than the least free disk space: fetching waits, what was captured is safe; free space or add a disk",
				"free", free, "total", total)
		} else {
			c.Log.Info("disk space is enough again: fetching goes on", "free", free)
		}
	}
	return !low
}

// now tells the time on the theme's clock. It asks the database once a second at
// most: a page should not cost a question.
func (c *Collector) now(ctx context.Context) (time.Time, error) {
	wall := c.Clock()
	c.mu.Lock()
	offset, fresh := c.offset, !c.looked.IsZero() && wall.Sub(c.looked) < time.Second
	c.mu.Unlock()
	if fresh {
		return wall.Add(offset), nil
	}
	return c.look(ctx)
}

// look asks the database for the theme's time. Each run does so when it begins: the
// clock of practice jumps from day to day between runs.
func (c *Collector) look(ctx context.Context) (time.Time, error) {
	wall := c.Clock()
	t, _, err := c.Store.Now(ctx)
	if err != nil {
		return t, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset, c.looked = t.Sub(wall), wall
	return t, nil
}
