package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"zoeklicht"
	"zoeklicht/internal/assess"
	"zoeklicht/internal/crawl"
	"zoeklicht/internal/store"
)

// Archive gives every version with what was known beside it.
type Archive interface {
	EachInput(ctx context.Context, fn func(store.AssessInput) error) error
	UsualPrices(ctx context.Context, day time.Time) (map[string]float64, error)
}

// backtestSample is how many of the flagged versions are drawn for a person to read.
const backtestSample = 20

// Backtest tries one rule, of any status, on a theme's archive. Nothing is stored.
type Backtest struct {
	Theme     *zoeklicht.Theme
	Indicator zoeklicht.IndicatorID
}

// backtestResult is what a rule would have flagged.
type backtestResult struct {
	Theme     zoeklicht.ThemeName   `json:"theme"`
	Indicator zoeklicht.IndicatorID `json:"indicator"`
	Rule      int                   `json:"rule"`
	Set       string                `json:"set"` // of the active rules that it is compared with
	Versions  int                   `json:"versions"`
	Flagged   int                   `json:"flagged"`
	Adverts   int                   `json:"adverts"` // with a flagged version
	Stopped   int                   `json:"stopped"` // versions on which the condition failed or cost too much
	Sources   []share               `json:"sources"`
	Languages []share               `json:"languages"`
	Overlap   []overlap             `json:"overlap"`
	// Sample are versions drawn at random from those flagged, the same ones each time.
	Sample []zoeklicht.VersionID `json:"sample"`
}

// share is how many versions of a source or language were flagged.
type share struct {
	Name     string `json:"name"` // empty for a language that is not clear
	Versions int    `json:"versions"`
	Flagged  int    `json:"flagged"`
}

// overlap is how many of the flagged versions another active indicator flags too.
type overlap struct {
	Indicator zoeklicht.IndicatorID `json:"indicator"`
	Both      int                   `json:"both"`
}

// Run tries the rule and prints what came of it.
func (b *Backtest) Run(ctx context.Context, archive Archive, out *Out) error {
	i := slices.IndexFunc(b.Theme.Indicators, func(in zoeklicht.Indicator) bool { return in.ID == b.Indicator })
	if i < 0 {
		return zoeklicht.Errorf(zoeklicht.NotFound, "theme %s has no indicator %q", b.Theme.Name, b.Indicator).
			With("nothing was changed", "`zoeklicht indicators list` shows them")
	}
	rules, err := Rules(b.Theme)
	if err != nil {
		return err
	}
	r := &backtestResult{
		Theme: b.Theme.Name, Indicator: b.Indicator, Rule: b.Theme.Indicators[i].Version, Set: rules.Set(), Sample: []zoeklicht.VersionID{},
	}
	if err := r.try(ctx, rules, archive); err != nil {
		return err
	}
	if out.JSON {
		return out.object(r)
	}
	return r.print(out)
}

// try applies the rule to the whole archive.
func (r *backtestResult) try(ctx context.Context, rules *assess.Rules, archive Archive) error {
	seed := fnv.New64a()
	fmt.Fprintf(seed, "%s %d", r.Indicator, r.Rule)
	draw := rand.New(rand.NewPCG(seed.Sum64(), 0))
	sources, languages := map[string]*share{}, map[string]*share{}
	both, adverts := map[zoeklicht.IndicatorID]int{}, map[zoeklicht.AdvertID]bool{}
	prices := crawl.Prices{Usual: archive.UsualPrices}
	err := archive.EachInput(ctx, func(v store.AssessInput) error {
		in, err := prices.Input(ctx, &v)
		if err != nil {
			return err
		}
		hit, err := rules.Try(r.Indicator, in)
		flagged := 0
		switch {
		case err != nil:
			r.Stopped++
		case hit != nil:
			flagged = 1
		}
		r.Versions++
		tally(sources, string(v.Source), flagged)
		tally(languages, v.Lang, flagged)
		if flagged == 0 {
			return nil
		}
		adverts[v.Advert] = true
		if r.Flagged++; len(r.Sample) < backtestSample {
			r.Sample = append(r.Sample, v.Version)
		} else if k := draw.IntN(r.Flagged); k < backtestSample {
			r.Sample[k] = v.Version
		}
		all, err := rules.Assess(in)
		if stopped := (*assess.Stopped)(nil); err != nil && !errors.As(err, &stopped) {
			return err
		}
		for _, h := range all.Hits {
			if h.Indicator != r.Indicator {
				both[h.Indicator]++
			}
		}
		return nil
	})
	slices.Sort(r.Sample)
	r.Adverts, r.Sources, r.Languages = len(adverts), shares(sources), shares(languages)
	r.Overlap = []overlap{}
	for _, id := range slices.Sorted(maps.Keys(both)) {
		r.Overlap = append(r.Overlap, overlap{id, both[id]})
	}
	slices.SortStableFunc(r.Overlap, func(a, b overlap) int { return cmp.Compare(b.Both, a.Both) })
	return err
}

func tally(by map[string]*share, name string, flagged int) {
	if by[name] == nil {
		by[name] = &share{Name: name}
	}
	by[name].Versions++
	by[name].Flagged += flagged
}

func shares(by map[string]*share) []share {
	out := []share{}
	for _, name := range slices.Sorted(maps.Keys(by)) {
		out = append(out, *by[name])
	}
	return out
}

func (r *backtestResult) print(out *Out) error {
	if err := out.say("%s, version %d, would flag %d of %s, of %s.", r.Indicator, r.Rule, r.Flagged, count(r.Versions, "version"), count(r.Adverts, "advert")); err != nil {
		return err
	}
	if r.Stopped > 0 {
		if err := out.say("On %s its condition failed or cost too much.", count(r.Stopped, "version")); err != nil {
			return err
		}
	}
	var table [][]string
	add := func(what string, all []share) {
		for _, s := range all {
			table = append(table, []string{what, cmp.Or(s.Name, "not clear"), fmt.Sprint(s.Flagged), fmt.Sprint(s.Versions)})
		}
	}
	add("source", r.Sources)
	add("language", r.Languages)
	for _, o := range r.Overlap {
		table = append(table, []string{"also flagged by", string(o.Indicator), fmt.Sprint(o.Both), fmt.Sprint(r.Flagged)})
	}
	if err := out.table([]string{"BY", "WHICH", "FLAGGED", "OF"}, table); err != nil {
		return err
	}
	return out.say("To read, drawn at random: versions %s.", joinIDs(r.Sample))
}

func joinIDs(ids []zoeklicht.VersionID) string {
	if len(ids) == 0 {
		return "none"
	}
	out := ""
	for i, id := range ids {
		if i > 0 {
			out += ", "
		}
		out += fmt.Sprint(id)
	}
	return out
}
