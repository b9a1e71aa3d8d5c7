package crawl

import (
	"context"
	"errors"
	"log/slog"

	"zoeklicht"
	"zoeklicht/internal/assess"
	"zoeklicht/internal/store"
)

// Assessor applies a theme's rules to versions: to new ones as they become known, and to
// all of them again after a rule changed, without fetching anything.
type Assessor struct {
	Config     Config
	Store      *store.Store
	Rules      *assess.Rules
	Indicators []zoeklicht.Indicator // that the rules were made of, kept with the set
	Log        *slog.Logger

	registered bool
	prices     Prices
}

// Serve assesses what comes until ctx ends.
func (a *Assessor) Serve(ctx context.Context) error {
	return step(a.Step).serve(ctx, a.Config.WithDefaults().Poll/4, a.Log)
}

// CatchUp assesses until nothing is left.
func (a *Assessor) CatchUp(ctx context.Context) error { return step(a.Step).catchUp(ctx) }

// Step assesses one batch of versions; did is false when there was nothing to do.
func (a *Assessor) Step(ctx context.Context) (did bool, err error) {
	if !a.registered {
		if err := a.Store.RegisterSet(ctx, a.Rules.Set(), a.Indicators); err != nil {
			return false, err
		}
		a.registered, a.prices.Usual = true, a.Store.UsualPrices
	}
	batch, err := a.Store.NextAssess(ctx, a.Rules.Set(), a.Config.WithDefaults().Batch)
	if err != nil || len(batch) == 0 {
		return false, err
	}
	found := make([]zoeklicht.Assessment, len(batch))
	for i := range batch {
		in, err := a.prices.Input(ctx, &batch[i])
		if err != nil {
			return false, err
		}
		found[i], err = a.Rules.Assess(in)
		// A rule that was stopped by its limit leaves the others standing.
		var stopped *assess.Stopped
		if errors.As(err, &stopped) {
			a.Log.Warn("rules were stopped", "err", stopped)
		} else if err != nil {
			return false, err
		}
	}
	if err := a.Store.StoreAssessments(ctx, a.Rules.Set(), found); err != nil {
		return false, err
	}
	a.Log.Debug("assessed", "versions", len(found), "set", a.Rules.Set())
	return true, nil
}
