package crawl

import (
	"context"
	"encoding/hex"
	"fmt"
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
// sets the pace it asks for. A host whose robots.txt cannot be had is left alone.
func (r *run) obeyRobots(ctx context.Context, u string) error {
	origin := originOf(u)
	r.mu.Lock()
	_, have := r.robots[origin]
	r.mu.Unlock()
	if have {
		return nil
	}
	host := hostOf(u)
	r.c.Pacer.Set(host, r.schedule.Delay, r.schedule.InFlight)
	chain := r.get(ctx, origin+"/robots.txt", "", r.approval.Covers(u, false) != nil)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	rb := fetch.ReadRobots(chain)
	r.mu.Lock()
	r.robots[origin] = rb
	r.mu.Unlock()
	if delay := rb.Delay(r.agent); delay > r.schedule.Delay && !r.schedule.IgnoreRobots {
		r.c.Pacer.Set(host, delay, 1)
	}
	last := chain[len(chain)-1]
	if err := r.c.Store.KeepRobots(ctx, host, string(rb.State), rb.SHA256, last.Body); err != nil {
		return err
	}
	if r.schedule.IgnoreRobots {
		return nil
	}
	if !rb.Allowed(r.agent, u) && u == r.source.Home {
		return fmt.Errorf("robots.txt (%s) does not allow %s", rb.State, u)
	}
	return nil
}

// refused gives why an address is not to be asked for, or nothing.
func (r *run) refused(ctx context.Context, u string, picture bool) zoeklicht.Fail {
	if err := r.approval.Covers(u, picture); err != nil {
		return zoeklicht.FailOutside
	}
	if r.schedule.IgnoreRobots {
		return ""
	}
	if err := r.obeyRobots(ctx, u); err != nil {
		return zoeklicht.FailRobots
	}
	if rb := r.robotsOf(u); rb != nil && !rb.Allowed(r.agent, u) {
		return zoeklicht.FailRobots
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
	switch {
	case aside:
		return "set aside"
	case rb.SHA256 != [32]byte{}:
		return hex.EncodeToString(rb.SHA256[:])
	}
	return string(rb.State)
}
