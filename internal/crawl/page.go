package crawl

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"zoeklicht"
	"zoeklicht/internal/extract"
	"zoeklicht/internal/fetch"
	"zoeklicht/internal/frontier"
	"zoeklicht/internal/store"
)

// page visits one URL with its pictures, seals what it got and queues it to be
// committed. An error ends the run's work; failures of the page do not.
func (r *run) page(ctx context.Context, t zoeklicht.Task) error {
	c := r.c
	refused, err := r.refused(ctx, t.URL, false, "")
	if err == nil && refused != "" {
		return patiently(ctx, r.warn, func() error { return c.Store.Refuse(ctx, t, refused) })
	}
	v := &zoeklicht.Visit{Task: t, After: c.anchor.newest(ctx, c.Store, c.Clock, r.warn)}
	if err == nil {
		err = patiently(ctx, r.warn, func() (err error) { v.At, err = c.now(ctx); return err })
	}
	if ctx.Err() != nil {
		return nil // the lease lapses or is taken back; nothing was half stored
	}
	if err != nil {
		return err
	}
	v.Chain = r.get(ctx, t.URL, "", false)
	if ctx.Err() != nil {
		return nil
	}
	last := v.Page()
	again, wait := r.again(t, last)
	var links []store.Link
	var total int
	full := true
	if last.Failure == "" {
		links, total, full = r.look(ctx, v)
		if ctx.Err() != nil || r.failed() != nil {
			return nil
		}
	}
	if again && v.NotContent == "" && last.Status == 0 {
		return patiently(ctx, r.warn, func() error { return c.Store.Release(ctx, t, wait, last.Failure) })
	}
	select {
	case r.seals <- unsealed{v, links, total, !again, wait, full}:
	case <-ctx.Done():
	}
	return nil
}

// unsealed is a visit with what was read from it, on its way to be sealed.
type unsealed struct {
	visit *zoeklicht.Visit
	links []store.Link
	total int
	done  bool
	wait  time.Duration
	full  bool
}

// seal makes a capture of a visit and queues it to be committed.
func (r *run) seal(ctx context.Context, u unsealed) (zoeklicht.CaptureID, error) {
	ctxt := r.context
	if rb := r.robotsOf(u.visit.Task.URL); rb != nil {
		ctxt.Robots = robotsLabel(rb, r.schedule.IgnoreRobots)
	}
	sealed, err := r.c.Sealer.Seal(u.visit, &ctxt)
	if err != nil {
		return zoeklicht.CaptureID{}, fmt.Errorf("seal %s: %w", u.visit.Task, err)
	}
	r.queue(ctx, sealed, u)
	return sealed.ID, nil
}

// look reads a page for what leads on: links, pictures, and whether it is content.
// total is how many adverts a listing says there are; full says that the page's
// pictures were asked for.
func (r *run) look(ctx context.Context, v *zoeklicht.Visit) (links []store.Link, total int, full bool) {
	last := v.Page()
	v.Digest = frontier.Digest(last.Body, r.session)
	page := extract.PageOf(v)
	found := r.reader.Links(page)
	kind := v.Task.Kind
	switch {
	case last.Status == http.StatusNotFound, last.Status == http.StatusGone:
		return nil, 0, true
	case last.Status >= 400:
		last.Failure, last.Detail = zoeklicht.FailStatus, fmt.Sprintf("status %d", last.Status)
		if last.Status == http.StatusTooManyRequests {
			v.NotContent = zoeklicht.RateLimited
			last.Failure, last.Detail = "", ""
		}
		return nil, 0, true
	}
	v.NotContent = found.NotContent
	if kind == zoeklicht.KindAdvert && len(v.Chain) > 1 && r.reader.Kind(last.URL) != zoeklicht.KindAdvert {
		// The site sent us elsewhere instead of saying that the advert is not there.
		v.NotContent = zoeklicht.SoftNotFound
	}
	if v.NotContent != "" {
		return nil, 0, true
	}
	links = r.links(v.Task, found)
	if kind != zoeklicht.KindAdvert {
		return links, found.Total, true
	}
	if v.Digest == v.Task.LastDigest && daysBetween(v.Task.LastFull, v.At) < r.schedule.FullEvery {
		v.Unchanged = true
		return links, 0, false
	}
	taken := size(v.Chain)
	for _, u := range found.Images {
		p := zoeklicht.PictureVisit{URL: u, Failure: zoeklicht.FailTooLarge, Detail: "the pictures before it took all that one page may"}
		if taken < r.c.Config.Visit {
			p = r.picture(ctx, u, last.URL)
		}
		taken += size(p.Chain)
		v.Pictures = append(v.Pictures, p)
	}
	return links, found.Total, true
}

// daysBetween counts the midnights, in UTC, from one moment to another. Runs do not reach
// a page at the same hour each day: counted in hours, a full capture would slip by a day
// whenever a run is a little faster than the one a week ago.
func daysBetween(from, to time.Time) int {
	const day = 24 * time.Hour
	return int(to.Truncate(day).Sub(from.Truncate(day)) / day)
}

// size gives what the responses of a chain were on the wire.
func size(chain []*zoeklicht.Exchange) (n int64) {
	for _, ex := range chain {
		n += int64(len(ex.Response))
	}
	return n
}

// links makes the found addresses due in the run, as far as the approval goes.
func (r *run) links(t zoeklicht.Task, found extract.Links) []store.Link {
	var out []store.Link
	add := func(urls []string, kind zoeklicht.PageKind, listed bool) {
		for _, u := range urls {
			if r.approval.Covers(u, false) != nil {
				continue
			}
			canonical, err := frontier.Canonical(u, r.session)
			if err != nil {
				continue
			}
			r.mu.Lock()
			if listed {
				r.listed[canonical] = true
			} else {
				r.listings[canonical] = true
			}
			over := len(r.listed)+len(r.listings) > r.schedule.MaxURLs
			r.over = r.over || over
			r.mu.Unlock()
			if !over {
				out = append(out, store.Link{Canonical: canonical, URL: u, Kind: kind, Depth: t.Depth + 1, Listed: listed})
			}
		}
	}
	if t.Kind == zoeklicht.KindListing {
		add(found.Adverts, zoeklicht.KindAdvert, true)
		add(found.Listings, zoeklicht.KindListing, false)
	}
	return out
}

// picture fetches one picture of a page, if the approval covers it.
func (r *run) picture(ctx context.Context, u, page string) zoeklicht.PictureVisit {
	p := zoeklicht.PictureVisit{URL: u}
	if err := r.approval.Covers(u, true); err != nil {
		p.Failure, p.Detail = zoeklicht.FailOutside, "the approval of this source does not cover this address"
		return p
	}
	refused, err := r.refused(ctx, u, true, "")
	if err != nil {
		r.fail(err) // the visit is not stored, so what it says of this picture is not either
		return p
	}
	if refused != "" {
		p.Failure, p.Detail = refused, r.refusedBy(refused, u)
		return p
	}
	p.Chain = r.get(ctx, u, page, true)
	last := p.Chain[len(p.Chain)-1]
	switch {
	case last.Failure != "":
		p.Failure, p.Detail = last.Failure, last.Detail
	case last.Status != http.StatusOK:
		p.Failure, p.Detail = zoeklicht.FailStatus, fmt.Sprintf("the source gave %d", last.Status)
	case last.Truncated != "":
		p.Failure, p.Detail = zoeklicht.FailDisconnect, "the picture was cut off: "+last.Truncated
	case len(last.Body) == 0 || !extract.IsPicture(last.Header.Get("Content-Type"), last.Body):
		p.Failure, p.Detail = zoeklicht.FailNotPicture, "the source gave something else than a picture"
	}
	return p
}

// get fetches one address, as politely as its host wants, and follows where it leads as
// far as the approval and robots.txt allow.
func (r *run) get(ctx context.Context, u, referer string, picture bool) []*zoeklicht.Exchange {
	req := fetch.RequestFor(u, r.approval, r.schedule)
	req.Picture, req.Referer = picture, referer
	req.Hop = func(ctx context.Context, hop string) error { return r.hop(ctx, hop, picture, hostOf(u)) }
	return r.paced(ctx, req)
}

// paced makes a request when its host may be asked.
func (r *run) paced(ctx context.Context, req fetch.Request) []*zoeklicht.Exchange {
	release, err := r.c.Pacer.Wait(ctx, hostOf(req.URL))
	if err != nil {
		ex := &zoeklicht.Exchange{URL: req.URL, Method: http.MethodGet, Started: r.c.Clock(), Failure: zoeklicht.FailCancelled, Detail: err.Error()}
		var down *frontier.DownError
		if errors.As(err, &down) {
			ex.Failure = zoeklicht.FailConnect
			if !req.Picture { // a host of pictures that is down does not end the visit of the pages
				r.end(fmt.Errorf("the host does not answer: %s", down.Error()))
			}
		}
		return []*zoeklicht.Exchange{ex}
	}
	chain := r.c.Driver.Get(ctx, req)
	last := chain[len(chain)-1]
	o := frontier.Outcome{Status: last.Status, Failure: last.Failure}
	if req.Picture && last.Status != http.StatusTooManyRequests && last.Status != http.StatusServiceUnavailable {
		// One broken picture says nothing about how the host is; it answered pages.
		o = frontier.Outcome{}
	}
	if wait, ok := fetch.RetryAfter(last.Header, r.c.Clock()); ok {
		o.RetryAfter = wait
	}
	release(o)
	return chain
}

// hop asks robots.txt and keeps the pace before a redirect is followed. The place in the
// pacer of the host that was asked first is held meanwhile, so there only the delay is
// waited for.
func (r *run) hop(ctx context.Context, u string, picture bool, held string) error {
	refused, err := r.refused(ctx, u, picture, held)
	if err != nil {
		r.fail(err)
		return &fetch.Failure{Fail: zoeklicht.FailCancelled, Err: err}
	}
	if refused != "" {
		return &fetch.Failure{Fail: refused, Err: errors.New("the redirect leads to where this visit may not go")}
	}
	return sleep(ctx, r.schedule.Delay)
}

// again tells whether a failed page is worth another try in this run, and when.
func (r *run) again(t zoeklicht.Task, last *zoeklicht.Exchange) (bool, time.Duration) {
	worth := false
	switch last.Failure {
	case zoeklicht.FailTimeout, zoeklicht.FailConnect, zoeklicht.FailDNS, zoeklicht.FailDisconnect:
		worth = true
	}
	if last.Status == http.StatusTooManyRequests || last.Status >= 500 {
		worth = true
	}
	wait := time.Duration(t.Attempt*t.Attempt) * time.Second
	if after, ok := fetch.RetryAfter(last.Header, r.c.Clock()); ok {
		wait = max(wait, after)
	}
	return worth && t.Attempt < r.c.Config.Attempts, wait
}

// queue hands a sealed visit to the committer, once there is room for it. If ctx ends
// before, the visit is dropped and its page stays due.
func (r *run) queue(ctx context.Context, sealed *zoeklicht.Sealed, u unsealed) {
	v, last := u.visit, u.visit.Page()
	t := v.Task
	kept := zoeklicht.Capture{
		ID: sealed.ID, Source: t.Source, Run: t.Run, Kind: t.Kind, URL: t.URL, Canonical: t.Canonical, FinalURL: last.URL,
		Status: last.Status, At: v.At, Digest: v.Digest, Unchanged: v.Unchanged, NotContent: v.NotContent, Failed: last.Failure,
		Pictures: len(v.Pictures), Manifest: sealed.Manifest, Leaf: sealed.Leaf,
	}
	kept.Bytes = size(v.Chain)
	var pics []store.PictureRow
	for i, p := range v.Pictures {
		row := store.PictureRow{URL: p.URL, Failure: p.Failure, Detail: p.Detail}
		if p.Failure == "" {
			row.Item = pictureItem(i)
		} else {
			kept.Missing++
			if p.Failure == zoeklicht.FailOutside {
				kept.Outside++
			}
		}
		kept.Bytes += size(p.Chain)
		pics = append(pics, row)
	}
	final, err := frontier.Canonical(last.URL, r.session)
	if err != nil {
		final = last.URL
	}
	var weight int64
	for _, item := range sealed.Items {
		weight += int64(len(item.Bytes))
	}
	r.queued.Add(1)
	r.commits.Add(1)
	dropped := r.c.committer.put(ctx, pending{
		weight:  weight,
		visited: store.Visited{Task: t, Capture: kept, Final: final, Detail: last.Detail, Pictures: pics, Salts: sealed.Salts, Links: u.links, Total: u.total, Done: u.done, Wait: u.wait.Seconds(), Full: u.full},
		sealed:  sealed,
		done: func(err error) {
			r.queued.Add(-1)
			defer r.wake()
			defer r.commits.Done()
			if err != nil {
				r.c.Log.Error("a capture could not be stored; its page stays due", "url", t.URL, "err", err)
				r.fail(err)
			}
		},
	})
	if dropped != nil {
		r.queued.Add(-1)
		r.commits.Done()
	}
}

// fail ends the run's work without ending the run: it is taken up again.
func (r *run) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken == nil {
		r.broken = err
	}
}
