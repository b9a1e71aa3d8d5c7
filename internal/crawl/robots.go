package crawl

import (
	"context"
	"net/url"

	"zoeklicht"
	"zoeklicht/internal/fetch"
)

// originOf gives scheme and host of an address, which robots.txt is about.
func originOf(u string) string {
	p, err := url.Parse(u)
	if err != nil {
		return ""
	}
	return p.Scheme + "://" + p.Host
}

// hostOf gives what politeness is counted by.
func hostOf(u string) string {
	p, err := url.Parse(u)
	if err != nil {
		return u
	}
	return p.Host
}

// obeyRobots fetches a host's robots.txt, once a run, keeps it if it changed, and
// sets the pace it asks for. A host whose robots.txt cannot be had is left alone. held
// is the host whose place in the pacer the caller has. An error says nothing about
// robots.txt: the visit ends, or the database cannot be had.
func (r *run) obeyRobots(ctx context.Context, u, held string) error {
	origin := originOf(u)
	if r.robotsOf(u) != nil {
		return nil
	}
	host := hostOf(u)
	r.c.Pacer.Set(host, r.schedule.Delay, r.schedule.InFlight)
	req := fetch.RequestFor(origin+"/robots.txt", r.approval, r.schedule)
	req.Picture = r.approval.Covers(u, false) != nil
	// Where its own address redirects to is not asked of a robots.txt again (RFC 9309, 2.3.1.2).
	req.Hop = func(ctx context.Context, _ string) error { return sleep(ctx, r.schedule.Delay) }
	var chain []*zoeklicht.Exchange
	if host == held {
		if err := sleep(ctx, r.schedule.Delay); err != nil {
			return err
		}
		chain = r.c.Driver.Get(ctx, req)
	} else {
		chain = r.paced(ctx, req)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	rb := fetch.ReadRobots(chain)
	body := chain[len(chain)-1].Body
	body = body[:min(len(body), fetch.MaxRobots)]
	if err := patiently(ctx, r.warn, func() error { return r.c.Store.KeepRobots(ctx, host, string(rb.State), rb.SHA256, body) }); err != nil {
		return err
	}
	if delay := rb.Delay(r.agent); delay > r.schedule.Delay && !r.schedule.IgnoreRobots {
		r.c.Pacer.Set(host, delay, 1)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.robots[origin] = rb
	return nil
}

// refused gives why an address is not to be asked for, or nothing. held and the error
// are those of obeyRobots.
func (r *run) refused(ctx context.Context, u string, picture bool, held string) (zoeklicht.Fail, error) {
	if err := r.approval.Covers(u, picture); err != nil {
		return zoeklicht.FailOutside, nil
	}
	if r.schedule.IgnoreRobots {
		return "", nil
	}
	if err := r.obeyRobots(ctx, u, held); err != nil {
		return "", err
	}
	switch rb := r.robotsOf(u); {
	case rb.State == fetch.RobotsUnreachable:
		return zoeklicht.FailNoRobots, nil
	case !rb.Allowed(r.agent, u):
		return zoeklicht.FailRobots, nil
	}
	return "", nil
}

// refusedBy says in words what robots.txt has to do with a refusal, "" for nothing.
func (r *run) refusedBy(why zoeklicht.Fail, u string) string {
	switch why {
	case zoeklicht.FailRobots:
		return "robots.txt asks not to fetch this address"
	case zoeklicht.FailNoRobots:
		return originOf(u) + "/robots.txt could not be read" + because(r.robotsOf(u).Why)
	}
	return ""
}

func (r *run) robotsOf(u string) *fetch.Robots {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.robots[originOf(u)]
}

// robotsLabel says in a capture's context which robots.txt was obeyed.
func robotsLabel(rb *fetch.Robots, aside bool) string {
	if aside {
		return "set aside"
	}
	return rb.Label()
}
