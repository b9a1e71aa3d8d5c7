package crawl

import (
	"context"
	"time"

	"zoeklicht/internal/assess"
	"zoeklicht/internal/store"
)

// Prices makes what rules look at of versions: it adds the usual price where and when
// each was seen. It is not safe for concurrent use.
type Prices struct {
	// Usual gives the usual prices before a day, as store.UsualPrices does.
	Usual func(ctx context.Context, day time.Time) (map[string]float64, error)

	known map[time.Time]map[string]float64 // by day
}

// maxDays is how many days' prices are kept.
const maxDays = 100

// Input gives what rules look at in a version. The usual price is that of the
// municipality in the days before the one on which it was seen (in UTC), or of all where
// too few are known there: the same for the same version, whenever it is asked for.
func (p *Prices) Input(ctx context.Context, v *store.AssessInput) (assess.Input, error) {
	in := assess.Input{Version: v.Version, Title: v.Title, Body: v.Body, Entities: v.Entities, Beside: v.Beside, SeenAt: v.SeenAt}
	day := v.SeenAt.UTC().Truncate(24 * time.Hour)
	prices, ok := p.known[day]
	if !ok {
		var err error
		if prices, err = p.Usual(ctx, day); err != nil {
			return in, err
		}
		if p.known == nil || len(p.known) == maxDays {
			p.known = map[time.Time]map[string]float64{}
		}
		p.known[day] = prices
	}
	var here bool
	if in.MedianPrice, here = prices[v.Municipality]; !here {
		in.MedianPrice = prices[""]
	}
	return in, nil
}
