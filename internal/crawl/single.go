package crawl

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"zoeklicht"
	"zoeklicht/internal/fetch"
	"zoeklicht/internal/frontier"
)

// singles captures the pages that people asked for, until ctx ends: each at once, also
// while a run of its source goes on, under the same approval, robots.txt and politeness.
func (c *Collector) singles(ctx context.Context) {
	slots := make(chan struct{}, c.Config.Sources)
	var wg sync.WaitGroup
	defer wg.Wait()
	for ctx.Err() == nil && !c.committer.failed() {
		var w *zoeklicht.Wanted
		if c.enough() { // asked first: what is taken without doing it waits for a whole lease
			var err error
			if w, err = c.Store.NextWanted(ctx, c.Config.Lease); err != nil && ctx.Err() == nil {
				c.Log.Warn("cannot look for pages that were asked for", "err", err)
			}
		}
		if w == nil {
			_ = sleep(ctx, c.Config.Poll)
			continue
		}
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := c.single(ctx, w); err != nil && ctx.Err() == nil {
				c.Log.Error("a page that was asked for waits", "wanted", w.ID, "source", w.Source, "err", err)
			}
		})
	}
}

// single captures one page that was asked for, and says how it went. With an error
// nothing is said, and its lease lapses: it is tried again.
func (c *Collector) single(ctx context.Context, w *zoeklicht.Wanted) error {
	src, err := c.Store.Source(ctx, w.Source)
	if err != nil {
		return err
	}
	id, why, detail, err := c.visitPage(ctx, src, w.URL, "asked for by "+w.Person)
	if err != nil {
		return err
	}
	return patiently(ctx, func(err error) { c.Log.Warn("the answer to who asked waits", "wanted", w.ID, "err", err) }, func() error {
		return c.Store.EndWanted(ctx, w.ID, id, why, detail)
	})
}

// visitPage makes a run of one page. A page that could not be had, or that is no
// content, is captured as such, and why tells; for one that must not be asked for there
// is no capture.
func (c *Collector) visitPage(ctx context.Context, src *zoeklicht.Source, address, cause string) (id zoeklicht.CaptureID, why zoeklicht.Fail, detail string, err error) {
	now, err := c.look(ctx)
	if err != nil {
		return id, "", "", err
	}
	if !src.Active(now) {
		return id, zoeklicht.FailOutside, "the source is not approved any more", nil
	}
	r := &run{
		c: c, source: src, schedule: src.Schedule.WithDefaults(), robots: map[string]*fetch.Robots{},
		listed: map[string]bool{}, listings: map[string]bool{}, begun: c.Clock(), news: make(chan struct{}, 1), seals: make(chan unsealed, 1),
	}
	if err := r.prepare(ctx, cause); err != nil {
		return id, "", "", err
	}
	canonical, err := frontier.Canonical(address, r.session)
	if err != nil {
		return id, zoeklicht.FailOutside, "this is no address of a page", nil //nolint:nilerr // what was asked for is wrong, not the work
	}
	if why, err = r.refused(ctx, address, false, ""); err != nil || why != "" {
		return id, why, r.refusedBy(why, address), err
	}
	if r.record, err = c.Store.BeginSingle(ctx, src.ID, cause); err != nil {
		return id, "", "", err
	}
	r.context.Run, r.context.Cause = r.record.ID, cause
	kind := r.reader.Kind(address)
	if kind == zoeklicht.KindOther {
		kind = zoeklicht.KindAdvert // a person says that it is one
	}
	// Its last attempt: who waits is told what is wrong.
	t := zoeklicht.Task{Source: src.ID, Run: r.record.ID, Canonical: canonical, URL: address, Kind: kind, Attempt: c.Config.Attempts}
	if err := r.page(ctx, t); err != nil {
		return id, "", "", err
	}
	select {
	case u := <-r.seals:
		u.links = nil
		if id, err = r.seal(ctx, u); err != nil {
			return id, "", "", err
		}
		why, detail = outcome(u.visit)
	default:
		return id, "", "", errors.Join(ctx.Err(), r.failed(), errCutOff)
	}
	r.commits.Wait()
	if err := r.failed(); err != nil {
		return id, "", "", err
	}
	_, err = r.finish(ctx)
	return id, why, detail, err
}

// errCutOff says that a page was left before it was sealed.
var errCutOff = errors.New("the page was left before it was captured")

// outcome says why a visit gave no advert, if it did not.
func outcome(v *zoeklicht.Visit) (zoeklicht.Fail, string) {
	last := v.Page()
	switch {
	case last.Failure != "":
		return last.Failure, last.Detail
	case v.NotContent != "":
		return zoeklicht.FailNotContent, string(v.NotContent)
	case last.Status == http.StatusNotFound, last.Status == http.StatusGone:
		return zoeklicht.FailStatus, http.StatusText(last.Status)
	}
	return "", ""
}
