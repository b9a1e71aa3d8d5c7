package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/practice"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/bulk"
)

// errand is something that an analyst does at the desk, over and over.
type errand struct {
	name string
	bar  time.Duration // p95; 0 where none is set
	do   func(ctx context.Context, desk *store.Store, r *rand.Rand) error
}

// errands are measured after the questions, over the same versions.
func (b *searchBench) errands(corpus *practice.Corpus) []errand {
	phone := func(r *rand.Rand) string { return corpus.At(r.IntN(corpus.Len())).Phone }
	list := func(unit func(*rand.Rand) string) func(context.Context, *store.Store, *rand.Rand) error {
		return func(ctx context.Context, desk *store.Store, r *rand.Rand) error {
			_, err := desk.Leads(ctx, zoeklicht.LeadQuery{Unit: unit(r)}, 1+r.IntN(3), pageSize)
			return err
		}
	}
	return []errand{
		{"number card", 150 * time.Millisecond, func(ctx context.Context, desk *store.Store, r *rand.Rand) error {
			_, err := b.engine.Number(ctx, desk, phone(r), time.Time{})
			return err
		}},
		{"number card, as of the past", 150 * time.Millisecond, func(ctx context.Context, desk *store.Store, r *rand.Rand) error {
			past := b.filled.Moments[len(b.filled.Moments)/2+r.IntN(len(b.filled.Moments)/4)]
			_, err := b.engine.Number(ctx, desk, phone(r), past)
			return err
		}},
		{"worklist of a unit", 300 * time.Millisecond, list(func(r *rand.Rand) string { return bulk.Units[r.IntN(len(bulk.Units))] })},
		{"worklist of all units", 300 * time.Millisecond, list(func(*rand.Rand) string { return "" })},
		{"list of 300 numbers", 0, func(ctx context.Context, desk *store.Store, r *rand.Rand) error {
			lines := make([]string, 300)
			for i := range lines {
				lines[i] = phone(r)
			}
			_, err := b.engine.Numbers(ctx, desk, lines, time.Time{})
			return err
		}},
	}
}

// desk measures errands, with one client and with several.
func (b *searchBench) desk(ctx context.Context, corpus *practice.Corpus) (out []figure, err error) {
	for _, e := range b.errands(corpus) {
		if !b.opt.matches(e.name) {
			continue
		}
		for _, clients := range []int{1, b.opt.clients} {
			before, _, err := b.used()
			if err != nil {
				return nil, err
			}
			t, err := b.run(ctx, e, clients)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", e.name, err)
			}
			after, _, err := b.used()
			if err != nil {
				return nil, err
			}
			each := func(k int) float64 { return ms(after[k]-before[k]) / float64(len(t)+warmup*clients) }
			f := figure{
				name:     fmt.Sprintf("%s, %d client(s)", e.name, clients),
				measured: fmt.Sprintf("%s, processor %.0f + %.0f ms each", t, each(0), each(1)),
			}
			if e.bar > 0 {
				f.bar, f.verdict = fmt.Sprintf("p95 < %.0f ms", ms(e.bar)), verdictOf(t.p95() < e.bar)
			}
			fmt.Fprintf(b.out, "  %-72s %s\n", f.name, f.measured)
			out = append(out, f)
		}
	}
	return out, nil
}

// run does an errand for a while, and gives what each took.
func (b *searchBench) run(ctx context.Context, e errand, clients int) (times, error) {
	return b.time(clients, func(c int) func() (time.Duration, error) {
		r := rand.New(rand.NewPCG(b.opt.seed, uint64(c)<<32|uint64(len(strings.Fields(e.name)))))
		return func() (time.Duration, error) {
			begun := time.Now()
			err := e.do(ctx, b.desks[c], r)
			return time.Since(begun), err
		}
	})
}
