package crawl

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"zoeklicht"
	"zoeklicht/internal/extract"
	"zoeklicht/internal/fetch"
	"zoeklicht/internal/frontier"
	"zoeklicht/internal/store"
)

// run is one run of one source under way.
type run struct {
	c        *Collector
	source   *zoeklicht.Source
	schedule zoeklicht.Schedule
	approval *fetch.Approval
	reader   *extract.Reader
	session  []string
	recipe   *zoeklicht.Recipe // nil: generic
	record   zoeklicht.Run
	context  zoeklicht.Context
	robots   map[string]*fetch.Robots // by scheme://host
	agent    string
	begun    time.Time

	mu sync.Mutex
	// Canonical addresses that listings led to, of adverts and of further listings. Both
	// count for Schedule.MaxURLs: a calendar has a next page for ever.
	listed, listings map[string]bool
	over             bool  // more was found than a run may visit
	gone             error // why the run ends early
	broken           error // why its work cannot go on; it is taken up again later
	told             time.Time
	seals            chan unsealed // visits that wait to be sealed while the next page is fetched

	queued  atomic.Int64   // captures handed to the committer and not committed yet
	commits sync.WaitGroup // the same, to wait for
	news    chan struct{}  // has one when a page was left or committed since it was looked for more
}

// wake makes who waits for pages look again.
func (r *run) wake() {
	select {
	case r.news <- struct{}{}:
	default: // it will look already
	}
}

// rest waits for news, at most so long.
func (r *run) rest(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-r.news:
	case <-t.C:
	}
	return nil
}

// visit makes one run: a whole source, or what is left of a run that a crash cut off.
func (c *Collector) visit(ctx context.Context, src *zoeklicht.Source, cause string, tell Progress) (*zoeklicht.Run, error) {
	now, err := c.look(ctx)
	if err != nil {
		return nil, err
	}
	if !src.Active(now) {
		return nil, zoeklicht.Errorf(zoeklicht.Conflict, "source %s is %s, reviewed until %s: nothing is connected to", src.ID, src.State, src.ReviewBy.Format(time.DateOnly)).
			With("nothing was fetched", "have it vetted and approved by two people")
	}
	r := &run{
		c: c, source: src, schedule: src.Schedule.WithDefaults(), robots: map[string]*fetch.Robots{},
		listed: map[string]bool{}, listings: map[string]bool{}, begun: c.Clock(), news: make(chan struct{}, 1),
	}
	if err := r.prepare(ctx, cause); err != nil {
		return nil, err
	}
	var resumed bool
	start, err := r.startLinks()
	if err != nil {
		return nil, err
	}
	r.record, resumed, err = c.Store.BeginRun(ctx, src.ID, cause, start)
	if err != nil {
		return nil, err
	}
	r.context.Run, r.context.Cause = r.record.ID, r.record.Cause
	if resumed {
		k, err := c.Store.RunKnowledge(ctx, src.ID, r.record.ID)
		if err != nil {
			return nil, err
		}
		for _, u := range k.Listed {
			r.listed[u] = true
		}
	}
	c.Log.Info("run begins", "source", src.ID, "run", r.record.ID, "resumed", resumed, "cause", r.record.Cause)
	refused, err := r.refused(ctx, src.Home, false, "")
	if err != nil {
		return nil, err // not ended: it is taken up again
	}
	if refused == zoeklicht.FailRobots || refused == zoeklicht.FailNoRobots {
		rb := r.robotsOf(src.Home)
		r.end(fmt.Errorf("robots.txt (%s) does not allow %s%s", rb.State, src.Home, because(rb.Why)))
	}
	err = r.work(ctx, tell)
	if err != nil {
		return nil, err // not ended: it is taken up again
	}
	return r.finish(ctx)
}

// prepare reads approval and recipe.
func (r *run) prepare(ctx context.Context, cause string) (err error) {
	c := r.c
	if r.approval, err = fetch.NewApproval(r.source); err != nil {
		return err
	}
	r.agent = r.schedule.UserAgent
	if r.agent == "" {
		r.agent = c.Agent
		r.schedule.UserAgent = c.Agent
	}
	r.context = c.Context
	r.context.Source, r.context.Cause, r.context.Exit = r.source.ID, cause, "direct"
	r.context.UserAgent, r.context.Language = r.agent, r.schedule.AcceptLang
	if c.ClockKept != nil {
		r.context.ClockKept = c.ClockKept()
	}
	if r.context.Approval, err = c.Store.Approval(ctx, r.source.ID); err != nil {
		return err
	}
	r.reader, r.recipe, r.context.Recipe, err = readerOf(ctx, c.Store, r.source, c.Options, c.Recipe)
	if r.recipe != nil {
		r.session = r.recipe.Session
	}
	return err
}

// readerOf gives what reads a source's pages: its recipe in force, or the generic
// fallback.
func readerOf(ctx context.Context, st *store.Store, src *zoeklicht.Source, opt extract.Options,
	parse func(string, []byte) (*zoeklicht.Recipe, error),
) (*extract.Reader, *zoeklicht.Recipe, string, error) {
	if src.Recipe == 0 {
		return extract.Generic(opt), nil, "generic/1", nil
	}
	body, sum, err := st.RecipeBody(ctx, src.ID, src.Recipe)
	if err != nil {
		return nil, nil, "", err
	}
	recipe, err := parse(string(src.ID), []byte(body))
	if err != nil {
		return nil, nil, "", err
	}
	recipe.Source, recipe.Version = src.ID, src.Recipe
	reader, err := extract.Compile(recipe, opt)
	return reader, recipe, fmt.Sprintf("%s/%d %s", src.ID, src.Recipe, hex.EncodeToString(sum[:])), err
}

// startLinks gives where a run begins.
func (r *run) startLinks() ([]store.Link, error) {
	home, err := url.Parse(r.source.Home)
	if err != nil {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "source %s: home %q: %w", r.source.ID, r.source.Home, err)
	}
	starts := []string{""}
	if r.recipe != nil && len(r.recipe.Listing.Start) > 0 {
		starts = r.recipe.Listing.Start
	}
	var out []store.Link
	for _, s := range starts {
		ref, err := home.Parse(s)
		if err != nil {
			return nil, zoeklicht.Errorf(zoeklicht.Invalid, "recipe of %s: start %q: %w", r.source.ID, s, err)
		}
		canonical, err := frontier.Canonical(ref.String(), r.session)
		if err != nil {
			return nil, zoeklicht.Errorf(zoeklicht.Invalid, "recipe of %s: start %q: %w", r.source.ID, s, err)
		}
		out = append(out, store.Link{Canonical: canonical, URL: ref.String(), Kind: zoeklicht.KindListing})
	}
	return out, nil
}

// because words a reason where there is one.
func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}

// claimed is how many pages are handed out at once for each that is under way.
const claimed = 32

// work hands out pages until none is left or the run must end.
func (r *run) work(ctx context.Context, tell Progress) error {
	// Buffered, so that the next pages are claimed while these are visited.
	tasks := make(chan zoeklicht.Task, claimed*r.schedule.InFlight)
	r.seals = make(chan unsealed, r.schedule.InFlight)
	var wg, sealing sync.WaitGroup
	workCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer r.hold(workCtx)()
	for range r.schedule.InFlight {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for t := range tasks {
				if r.ended() != nil || r.failed() != nil {
					continue // its lease is given up with the run, or taken back
				}
				if err := r.page(workCtx, t); err != nil {
					cancel(err)
				}
				r.wake()
			}
		}()
		sealing.Go(func() {
			for u := range r.seals {
				if _, err := r.seal(workCtx, u); err != nil {
					cancel(err)
				}
			}
		})
	}
	err := r.feed(workCtx, tasks, tell)
	close(tasks)
	wg.Wait()
	close(r.seals)
	sealing.Wait()
	r.commits.Wait()
	if err == nil {
		err = r.failed()
	}
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, errStopped), errors.Is(cause, errSuspended):
		r.end(cause)
		return nil
	case ctx.Err() != nil:
		return ctx.Err() // the process ends; the run goes on when it is back
	case context.Cause(workCtx) != nil && !errors.Is(context.Cause(workCtx), context.Canceled):
		return context.Cause(workCtx)
	}
	return err
}

// hold extends the leases of the pages under way until release is called: on a host that
// is slow, or asks to be asked slowly, they would lapse, and it would be asked twice.
func (r *run) hold(ctx context.Context) (release func()) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		for sleep(ctx, r.c.Config.Lease/3) == nil {
			if err := r.c.Store.Extend(ctx, r.source.ID, r.record.ID, r.c.Config.Lease); err != nil && ctx.Err() == nil {
				r.warn(err)
			}
		}
	})
	return func() {
		cancel()
		wg.Wait()
	}
}

// feed claims pages and gives them to the workers.
func (r *run) feed(ctx context.Context, tasks chan<- zoeklicht.Task, tell Progress) error {
	for ctx.Err() == nil && r.ended() == nil && r.failed() == nil {
		if !r.c.enough() {
			if err := sleep(ctx, 2*time.Second); err != nil {
				return err
			}
			continue
		}
		var batch []zoeklicht.Task
		err := patiently(ctx, r.warn, func() (err error) {
			batch, err = r.c.Store.Claim(ctx, r.source.ID, r.record.ID, claimed*r.schedule.InFlight, r.c.Config.Lease)
			return err
		})
		if err != nil {
			return err
		}
		for _, t := range batch {
			select {
			case tasks <- t:
			case <-ctx.Done():
				return ctx.Err()
			}
			if r.ended() != nil {
				break
			}
		}
		if err := r.tell(ctx, tell); err != nil {
			return err
		}
		if len(batch) > 0 {
			continue
		}
		var left int
		var wait time.Duration
		err = patiently(ctx, r.warn, func() (err error) {
			left, wait, err = r.c.Store.Due(ctx, r.source.ID, r.record.ID)
			return err
		})
		if err != nil {
			return err
		}
		if left == 0 && r.queued.Load() == 0 {
			return nil
		}
		// Something is being visited or committed, or waits for its next try.
		if err := r.rest(ctx, min(max(wait, 5*time.Millisecond), time.Second)); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (r *run) failed() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.broken
}

func (r *run) warn(err error) {
	r.c.Log.Warn("the run waits for the database", "source", r.source.ID, "err", err)
}

// end makes the run stop handing out pages; the first reason counts.
func (r *run) end(why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone == nil {
		r.gone = why
	}
}

func (r *run) ended() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.gone
}

// tell reports progress at most twice a second.
func (r *run) tell(ctx context.Context, tell Progress) error {
	now := r.c.Clock()
	if tell == nil || now.Sub(r.told) < 500*time.Millisecond {
		return nil
	}
	r.told = now
	record := r.record
	if err := r.c.Store.Tally(ctx, &record); err != nil {
		if transient(err) {
			return nil
		}
		return err
	}
	tell(record)
	return nil
}

// finish ends the run with its completeness record.
func (r *run) finish(ctx context.Context) (*zoeklicht.Run, error) {
	// The record must be written even when the run was cancelled.
	ctx = context.WithoutCancel(ctx)
	rec := &r.record
	if why := r.ended(); why != nil {
		rec.Stopped = why.Error()
		if err := r.c.Store.Drop(ctx, r.source.ID, rec.ID); err != nil {
			return nil, err
		}
	}
	if err := r.c.Store.Tally(ctx, rec); err != nil {
		return nil, err
	}
	k, err := r.c.Store.RunKnowledge(ctx, r.source.ID, rec.ID)
	if err != nil {
		return nil, err
	}
	rec.Expected, rec.Drift = k.Expected, r.drift(&k)
	rec.Complete = rec.Stopped == "" && rec.Drift == "" && k.BadListings == 0 && k.Listings > 0
	if err := r.c.Store.EndRun(ctx, rec, r.c.Clock().Sub(r.begun).Seconds()); err != nil {
		return nil, err
	}
	r.c.Log.Info("run ends", "source", r.source.ID, "run", rec.ID, "urls", rec.URLs, "captured", rec.Captured,
		"adverts", rec.Adverts, "complete", rec.Complete, "drift", rec.Drift, "stopped", rec.Stopped)
	return rec, nil
}

// drift says why the layout is thought to have drifted: fewer adverts listed than
// the recipe expects at the least, or than the site itself says; or as many as a run may have.
func (r *run) drift(k *store.RunKnowledge) string {
	n := len(k.Listed)
	switch {
	case k.Listings == 0:
		return ""
	case r.over || n >= r.schedule.MaxURLs:
		return fmt.Sprintf("listings led to more than %d addresses, as many as a run may visit: the rest was left alone", r.schedule.MaxURLs)
	case r.recipe != nil && n < r.recipe.Listing.Expect:
		return fmt.Sprintf("listings led to %d adverts, at least %d were expected", n, r.recipe.Listing.Expect)
	case k.Expected > 0 && n*10 < k.Expected*9:
		return fmt.Sprintf("listings led to %d adverts, the site says it has %d", n, k.Expected)
	}
	return ""
}
