package crawl

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"zoeklicht"
	"zoeklicht/internal/store"
)

// pending is a sealed visit on its way to disk and database.
type pending struct {
	visited store.Visited
	sealed  *zoeklicht.Sealed
	weight  int64       // bytes of its items
	done    func(error) // told once, after the commit
}

// committer makes sealed visits durable in groups: append all, sync once, commit
// once. It is the one writer of the theme's vault.
type committer struct {
	cfg   Config
	store *store.Store
	vault Vault
	log   *slog.Logger
	queue chan pending
	dead  chan struct{} // closed when a group could not be stored and waiting does not help

	mu   sync.Mutex
	held int64         // bytes of what was put and is not done
	gone chan struct{} // closed when some of it is done
}

func newCommitter(cfg Config, st *store.Store, vault Vault, log *slog.Logger) *committer {
	return &committer{cfg: cfg, store: st, vault: vault, log: log, queue: make(chan pending, cfg.Group), dead: make(chan struct{}), gone: make(chan struct{})}
}

// put queues a sealed visit. It waits while the ones before it take all the memory that
// they may, and drops the visit with ctx's error if that ends meanwhile.
func (c *committer) put(ctx context.Context, p pending) error {
	for {
		c.mu.Lock()
		fits, gone := c.held == 0 || c.held+p.weight <= c.cfg.Hold, c.gone
		if fits {
			c.held += p.weight
		}
		c.mu.Unlock()
		if fits {
			break
		}
		select {
		case <-gone:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	select {
	case c.queue <- p:
		return nil
	case <-ctx.Done():
		c.release(p.weight)
		return ctx.Err()
	}
}

// release makes room.
func (c *committer) release(weight int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held -= weight
	close(c.gone)
	c.gone = make(chan struct{})
}

// failed reports whether a group could not be stored.
func (c *committer) failed() bool {
	select {
	case <-c.dead:
		return true
	default:
		return false
	}
}

// run commits until the queue is closed. An error ends it, and everything queued
// afterwards gets that error: those pages stay due.
func (c *committer) run(ctx context.Context) error {
	var failed error
	for {
		group, open := c.next()
		if len(group) > 0 {
			if failed == nil {
				if failed = c.commit(ctx, group); failed != nil {
					close(c.dead)
				}
			}
			for _, p := range group {
				c.release(p.weight)
				p.done(failed)
			}
		}
		if !open {
			return failed
		}
	}
}

// next gathers a group: at least one, then what comes within the linger time.
func (c *committer) next() (group []pending, open bool) {
	p, ok := <-c.queue
	if !ok {
		return nil, false
	}
	group = append(make([]pending, 0, c.cfg.Group), p)
	timer := time.NewTimer(c.cfg.Linger)
	defer timer.Stop()
	for len(group) < c.cfg.Group {
		select {
		case p, ok := <-c.queue:
			if !ok {
				return group, false
			}
			group = append(group, p)
		case <-timer.C:
			return group, true
		}
	}
	return group, true
}

// commit appends and syncs a group's bytes, then commits its rows. While a disk is full
// it holds the sealed captures; while the database is away their bytes are safe already.
func (c *committer) commit(ctx context.Context, group []pending) error {
	rows := make([]store.Visited, len(group))
	err := patiently(ctx, func(err error) {
		c.log.Error("captures wait for room in the vault, and fetching with them", "captures", len(group), "err", err)
	}, func() error { return c.keep(ctx, group, rows) })
	if err != nil {
		return err
	}
	return patiently(ctx, func(err error) {
		c.log.Warn("captures wait for the database; their bytes are on disk", "captures", len(group), "err", err)
	}, func() error {
		_, err := c.store.CommitVisits(ctx, rows)
		return err
	})
}

// keep appends and syncs a group's bytes and fills the rows that say where they lie. When
// it fails, none of the places counts, and it can be done again.
func (c *committer) keep(ctx context.Context, group []pending, rows []store.Visited) error {
	for i := range group {
		p := &group[i]
		places, err := c.vault.Append(ctx, p.sealed.ID, p.sealed.Items)
		if err != nil {
			return fmt.Errorf("append to the vault: %w", err)
		}
		p.visited.Capture.Items = make(map[string]zoeklicht.Place, len(places))
		for j, place := range places {
			p.visited.Capture.Items[p.sealed.Items[j].Name] = place
		}
		rows[i] = p.visited
	}
	if err := c.vault.Sync(ctx); err != nil {
		return fmt.Errorf("sync the vault: %w", err)
	}
	return nil
}
