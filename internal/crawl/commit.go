package crawl

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"zoeklicht"
	"zoeklicht/internal/store"
)

// pending is a sealed visit on its way to disk and database.
type pending struct {
	visited store.Visited
	sealed  *zoeklicht.Sealed
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
}

func newCommitter(cfg Config, st *store.Store, vault Vault, log *slog.Logger) *committer {
	return &committer{cfg: cfg, store: st, vault: vault, log: log, queue: make(chan pending, cfg.Group)}
}

// run commits until the queue is closed. An error ends it, and everything queued
// afterwards gets that error: those pages stay due.
func (c *committer) run(ctx context.Context) error {
	var failed error
	for {
		group, open := c.next()
		if len(group) > 0 {
			if failed == nil {
				failed = c.commit(ctx, group)
			}
			for _, p := range group {
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

// commit appends and syncs a group's bytes, then commits its rows. When the
// database is away it waits with the bytes safe on disk.
func (c *committer) commit(ctx context.Context, group []pending) error {
	rows := make([]store.Visited, len(group))
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
	return patiently(ctx, func(err error) {
		c.log.Warn("captures wait for the database; their bytes are on disk", "captures", len(group), "err", err)
	}, func() error {
		_, err := c.store.CommitVisits(ctx, rows)
		return err
	})
}
