// Package crawl drives the stages: collecting (a source's run: robots, politeness,
// fetch, seal, store) and analysing (captures since my cursor: extract, pictures,
// versions, absences).
//
// Invariants:
//
//   - Nothing is connected to, on no redirect hop, but what an approved source whose
//     review date has not passed covers; the approval is read again at every run, and
//     a suspended source's run stops within seconds.
//   - A URL is done only when its capture is durable: bytes appended and synced, then
//     the row committed. Whatever is killed before that is done again.
//   - A run that could not see everything says so (incomplete, drift, stopped), and
//     then no advert is called absent.
//   - One collector and one analyser per theme: the vault's lock and the stage's
//     cursor see to it.
//   - Collecting can seal captures but not open them; analysing can open them but
//     makes no connection.
package crawl

import (
	"context"
	"time"

	"zoeklicht"
)

// Vault is where sealed items go: appended for a group, synced once.
type Vault interface {
	Append(ctx context.Context, owner zoeklicht.CaptureID, items []zoeklicht.Item) ([]zoeklicht.Place, error)
	Sync(ctx context.Context) error
}

// AnalyseStage is the name of the analysing cursor.
const AnalyseStage = "analyse"

// Config bounds the collecting of one theme. Zero values take the defaults in
// brackets.
type Config struct {
	// Sources is how many sources are visited at once. [8]
	Sources int `yaml:"sources"`
	// Group is how many captures are synced and committed together at most. [64]
	Group int `yaml:"group"`
	// Linger is how long a capture may wait for others of its group. [50ms]
	Linger time.Duration `yaml:"linger"`
	// Hold is how many bytes of sealed captures may wait for disk and database; beyond it
	// fetching waits. One capture always may. [64 MiB]
	Hold int64 `yaml:"hold"`
	// Visit is how many bytes a page and its pictures may have on the wire: the pictures
	// that follow are left alone, and recorded as too large. [32 MiB]
	Visit int64 `yaml:"visit"`
	// Attempts is how often a page is tried in one run before it counts as failed. [3]
	Attempts int `yaml:"attempts"`
	// Lease is for how long a page is lent to a process that visits it, and again while it
	// does: pages of one that died are handed out again no later than this. [15m]
	Lease time.Duration `yaml:"lease"`
	// MinFree is the free share of the disk below which fetching stops. [0.10]
	MinFree float64 `yaml:"min_free"`
	// HostDown is how many failures to connect in a row end a source's run. [8]
	HostDown int `yaml:"host_down"`
	// Poll is how often due sources and wishes are looked for. [1s]
	Poll time.Duration `yaml:"poll"`
	// Batch is how many captures analysing takes at once. [200]
	Batch int `yaml:"batch"`
}

// WithDefaults fills the zero values.
func (c Config) WithDefaults() Config {
	num := func(p *int, v int) {
		if *p == 0 {
			*p = v
		}
	}
	dur := func(p *time.Duration, v time.Duration) {
		if *p == 0 {
			*p = v
		}
	}
	num(&c.Sources, 8)
	num(&c.Group, 64)
	num(&c.Attempts, 3)
	num(&c.HostDown, 8)
	num(&c.Batch, 200)
	dur(&c.Linger, 50*time.Millisecond)
	dur(&c.Lease, 15*time.Minute)
	dur(&c.Poll, time.Second)
	if c.Hold == 0 {
		c.Hold = 64 << 20
	}
	if c.Visit == 0 {
		c.Visit = 32 << 20
	}
	if c.MinFree == 0 {
		c.MinFree = 0.10
	}
	return c
}

// Progress is told while a run goes on; nil for nobody, which saves the counting.
type Progress func(run zoeklicht.Run)

// sleep waits, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// transient reports whether an error may pass by itself: a database that is away, a disk
// that is full.
func transient(err error) bool {
	code := zoeklicht.CodeOf(err)
	return code == zoeklicht.Unavailable || code == zoeklicht.Limit
}

// patiently does f again, with growing pauses, while the database is away or a disk is
// full. What was captured is held meanwhile, so nothing is lost with a connection.
func patiently(ctx context.Context, report func(error), f func() error) error {
	pause := 100 * time.Millisecond
	for {
		err := f()
		if err == nil || !transient(err) {
			return err
		}
		report(err)
		if err := sleep(ctx, pause); err != nil {
			return err
		}
		pause = min(2*pause, 5*time.Second)
	}
}
