package frontier

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"zoeklicht"
)

// PacerConfig bounds how hosts are asked. Zero values take the defaults in
// brackets.
type PacerConfig struct {
	// Delay and InFlight hold for a host of which Set has not said otherwise. [1s, 1]
	Delay    time.Duration `yaml:"delay"`
	InFlight int           `yaml:"in_flight"`
	// Backoff is the first wait after a host failed; it doubles with each failure
	// in a row, up to MaxBackoff. [1s, 1m]
	Backoff    time.Duration `yaml:"backoff"`
	MaxBackoff time.Duration `yaml:"max_backoff"`
	// DownAfter is how many times in a row a host gives no answer at all before it
	// counts as down; with answers that are failures it takes twice as many. [8]
	DownAfter int `yaml:"down_after"`
	// DownFor is how long a host that is down is left alone; then one request
	// tries it. [15m]
	DownFor time.Duration `yaml:"down_for"`
	// Patience is how long a host may ask to be left alone and be waited for; one
	// that asks for longer counts as down until then. [10m]
	Patience time.Duration `yaml:"patience"`
	// Clock must be the machine's own, which never goes back, not the theme's. [time.Now]
	Clock zoeklicht.Clock `yaml:"-"`
	// Rand gives numbers from 0 to 1 that spread the waits. [math/rand/v2]
	Rand func() float64 `yaml:"-"`
}

// WithDefaults fills the zero values.
func (c PacerConfig) WithDefaults() PacerConfig {
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&c.Delay, time.Second},
		{&c.Backoff, time.Second},
		{&c.MaxBackoff, time.Minute},
		{&c.DownFor, 15 * time.Minute},
		{&c.Patience, 10 * time.Minute},
	} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	if c.InFlight == 0 {
		c.InFlight = 1
	}
	if c.DownAfter == 0 {
		c.DownAfter = 8
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Float64
	}
	return c
}

// Outcome is what came of asking a host. The zero Outcome says nothing about it.
type Outcome struct {
	Status     int // 0 where no response came
	Failure    zoeklicht.Fail
	RetryAfter time.Duration // as the response asked; 0 where it did not
}

// DownError says that a host is left alone for now.
type DownError struct {
	Host  string
	Until time.Time // when it is tried again, by the pacer's clock
	Why   string
}

// Error gives host and reason.
func (e *DownError) Error() string { return fmt.Sprintf("%s is left alone: %s", e.Host, e.Why) }

// Pacer keeps the pace of every host, in memory: after a restart the first
// request to a host goes out at once. All its methods may be called at once.
type Pacer struct {
	cfg   PacerConfig
	mu    sync.Mutex
	hosts map[string]*host
}

// host is what the pacer knows of one.
type host struct {
	delay    time.Duration
	inFlight int

	under   int           // requests under way
	next    time.Time     // not before
	failed  int           // failures in a row
	silent  int           // of those the newest ones without any answer
	down    *DownError    // until one request has tried it
	changed chan struct{} // closed when under, next or down changed; nil while nobody waits
}

// NewPacer makes a pacer that knows no host yet.
func NewPacer(cfg PacerConfig) *Pacer {
	return &Pacer{cfg: cfg.WithDefaults(), hosts: map[string]*host{}}
}

// Set says how a host is to be asked: the time between the beginnings of two
// requests (0 for none: the longer of the schedule's and of what robots.txt
// wishes), and how many may be under way at once. It holds from the next
// request on.
func (p *Pacer) Set(name string, delay time.Duration, inFlight int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.host(name)
	h.delay, h.inFlight = max(delay, 0), max(inFlight, 1)
	h.tell()
}

// Wait waits until a host may be asked, and gives what must be called once with
// the outcome when it was. It fails with a *DownError at once where the host is
// down, and with ctx's error where that ends first; then nothing is to be released.
func (p *Pacer) Wait(ctx context.Context, name string) (release func(Outcome), err error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		wait, changed, err := p.try(name)
		if err != nil {
			return nil, err
		}
		if changed == nil {
			var once sync.Once
			return func(o Outcome) { once.Do(func() { p.release(name, o) }) }, nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-changed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// try takes a place, and then gives no channel; or it gives what to wait for: a
// change, and a time after which to look again in any case.
func (p *Pacer) try(name string) (wait time.Duration, changed <-chan struct{}, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h, now := p.host(name), p.cfg.Clock()
	most := h.inFlight
	if h.down != nil {
		if now.Before(h.down.Until) {
			return 0, nil, h.down
		}
		most = 1 // whoever comes first tries it; the others wait for what comes of it
	}
	if wait = h.next.Sub(now); wait > 0 || h.under >= most {
		if h.changed == nil {
			h.changed = make(chan struct{})
		}
		if h.under >= most { // no time is known
			wait = time.Hour
		}
		return wait, h.changed, nil
	}
	h.under++
	h.next = now.Add(h.delay)
	return 0, nil, nil
}

// release takes in what came of a request.
func (p *Pacer) release(name string, o Outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h, now := p.host(name), p.cfg.Clock()
	h.under--
	defer h.tell()
	switch judge(o) {
	case nothing:
	case answered:
		h.failed, h.silent, h.down = 0, 0, nil
	case busy, refused, unanswered:
		p.fail(name, h, o, now)
	}
	if o.RetryAfter <= 0 {
		return
	}
	until := now.Add(o.RetryAfter)
	if o.RetryAfter > p.cfg.Patience && (h.down == nil || h.down.Until.Before(until)) {
		h.down = &DownError{name, until, fmt.Sprintf("it asked for %s", o.RetryAfter.Round(time.Second))}
	}
	h.next = later(h.next, until)
}

// fail counts a failure, and has the next request wait. One failure in answer to
// one address says little about the host, so it takes a second one in a row,
// unless the host itself says that it is busy. A request that tried a host that
// was down has it left alone again.
func (p *Pacer) fail(name string, h *host, o Outcome, now time.Time) {
	h.failed++
	if judge(o) == unanswered {
		h.silent++
	} else {
		h.silent = 0
	}
	tried := h.down != nil && !now.Before(h.down.Until)
	if tried || h.silent >= p.cfg.DownAfter || h.failed >= 2*p.cfg.DownAfter {
		why := fmt.Sprintf("%d failures in a row, the last one %s", h.failed, o.Failure)
		if o.Failure == "" {
			why = fmt.Sprintf("%d failures in a row, the last one status %d", h.failed, o.Status)
		}
		h.down = &DownError{name, now.Add(p.cfg.DownFor), why}
	}
	doublings := h.failed - 2
	if judge(o) == busy {
		doublings++
	}
	if doublings < 0 {
		return
	}
	wait := p.cfg.MaxBackoff
	if doublings < 30 {
		wait = min(wait, p.cfg.Backoff<<doublings)
	}
	// Half of it by chance, so that what failed together does not return together.
	wait = wait/2 + time.Duration(p.cfg.Rand()*float64(wait/2))
	h.next = later(h.next, now.Add(wait))
}

// verdict is what an outcome says about its host.
type verdict int

const (
	nothing    verdict = iota // never asked, or ended by us
	answered                  // it answers, whatever
	busy                      // it says that it has too much to do
	refused                   // it answers with a failure of its own
	unanswered                // it gave no answer
)

func judge(o Outcome) verdict {
	switch {
	case o.Status == 429 || o.Status == 503:
		return busy
	case o.Status >= 500 && o.Status < 600:
		return refused
	case o.Status != 0 && (o.Failure == zoeklicht.FailTimeout || o.Failure == zoeklicht.FailDisconnect):
		return refused // it began an answer
	case o.Status != 0:
		return answered
	}
	switch o.Failure {
	case zoeklicht.FailDNS, zoeklicht.FailConnect, zoeklicht.FailTLS, zoeklicht.FailTimeout, zoeklicht.FailDisconnect:
		return unanswered
	case zoeklicht.FailProtocol:
		return refused
	}
	return nothing
}

func (p *Pacer) host(name string) *host {
	h := p.hosts[name]
	if h == nil {
		h = &host{delay: max(p.cfg.Delay, 0), inFlight: max(p.cfg.InFlight, 1)}
		p.hosts[name] = h
	}
	return h
}

// tell wakes all who wait for the host, to look again.
func (h *host) tell() {
	if h.changed != nil {
		close(h.changed)
		h.changed = nil
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
