package store

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"sort"
	"strings"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// answering gathers the newest versions that match a question, in the order of the
// answer: newest seen first.
type answering struct {
	asked   *Asked
	most    int // versions to list
	led     leading
	where   *where
	res     *zoeklicht.Result
	entries []entry
	at      map[zoeklicht.AdvertID]int // where each advert's entry is
	days    map[int32]int              // by days since 2000
	units   map[string]int
	moved   map[zoeklicht.VersionID]placed // whose places were corrected
}

// ask runs the question. Nothing was seen after the moment at which it became known
// (see writeAfter), so an answer as of the past begins at that moment and not at the
// newest version.
//
// A question that the index on words narrows is asked for the newest stretch of time
// first, and for the rest only if that was not enough: where a common word matches a
// hundred thousand versions, few more are looked at than are listed. A question of what a
// rule found, and of no words, goes through what it found, newest first.
func (s *Store) ask(ctx context.Context, tx pgx.Tx, a *Asked, m Moment) (*zoeklicht.Result, []entry, error) {
	led, err := rarest(ctx, tx, a)
	if err != nil {
		return nil, nil, err
	}
	moved, err := placesAsOf(ctx, tx, m.Seq)
	if err != nil {
		return nil, nil, err
	}
	g := &answering{
		asked: a, most: a.limit(), led: led, moved: moved, where: a.conditions(m.Seq, s.pass.Person(), led, moved), at: map[zoeklicht.AdvertID]int{}, days: map[int32]int{}, units: map[string]int{},
		res: &zoeklicht.Result{Question: a.Question, Seq: m.Seq, Asked: s.clock(), By: s.pass.Person()},
	}
	// Several processes for one question would make it faster at the cost of who asks
	// beside it.
	if _, err := tx.Exec(ctx, `SET LOCAL max_parallel_workers_per_gather = 0`); err != nil {
		return nil, nil, err
	}
	from, to := a.From, m.At.Add(time.Microsecond) // which is the database's resolution
	if !a.To.IsZero() && a.To.Before(to) {
		to = a.To
	}
	begin, err := g.begin(ctx, tx, from, to)
	if err != nil {
		return nil, nil, err
	}
	if err := g.stretch(ctx, tx, begin, to); err != nil {
		return nil, nil, err
	}
	if begin.After(from) && !g.res.More {
		if err := g.stretch(ctx, tx, from, begin); err != nil {
			return nil, nil, err
		}
	}
	g.res.Adverts = len(g.entries)
	epoch := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for d, n := range g.days {
		g.res.Days = append(g.res.Days, zoeklicht.DayCount{Day: epoch.AddDate(0, 0, int(d)).Format(time.DateOnly), Count: n})
	}
	sort.Slice(g.res.Days, func(i, j int) bool { return g.res.Days[i].Day < g.res.Days[j].Day })
	g.res.Units = counted(g.units)
	return g.res, g.entries, nil
}

// counted gives values by count, largest first, then by value. The empty value is left
// out; nil for none.
func counted(counts map[string]int) (out []zoeklicht.Counted) {
	for v, n := range counts {
		if v != "" {
			out = append(out, zoeklicht.Counted{Value: v, Count: n})
		}
	}
	slices.SortFunc(out, func(a, b zoeklicht.Counted) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
	})
	return out
}

// stretch adds what matches from a time (zero: the first) up to another.
func (g *answering) stretch(ctx context.Context, tx pgx.Tx, from, to time.Time) error {
	w := g.where.also()
	of, id, tables := "v", "v.id", "version v"
	if g.led.by {
		of, id, tables = "f", "f.version", "found f JOIN version v ON v.id = f.version"
		// The planner takes a version's time and its seq to be independent, expects few rows,
		// and would rather order all there are than read them in their order.
		if _, err := tx.Exec(ctx, `SET LOCAL enable_sort = off`); err != nil {
			return err
		}
	}
	w.between(of, from, to)
	limit := w.arg(g.most + 1)
	// What an index narrows is found first and ordered then: OFFSET 0 has the planner
	// not walk through the versions by time and make each one's words. What no index
	// narrows is walked through by time, as far as need be.
	end := "OFFSET 0"
	if !g.asked.narrow() {
		end = "ORDER BY " + of + ".seen_at DESC, " + id + " DESC LIMIT " + limit
	}
	rows, err := tx.Query(ctx, `
		SELECT id, advert, day - '2000-01-01'::date, unit
		FROM (SELECT `+id+` AS id, v.advert, v.day, `+of+`.seen_at, v.unit FROM `+tables+` WHERE `+strings.Join(w.conds, " AND ")+" "+end+`) hit
		ORDER BY seen_at DESC, id DESC LIMIT `+limit, w.planned()...)
	if err != nil {
		return err
	}
	var version, advert int64
	var day int32
	var unit string
	_, err = pgx.ForEachRow(rows, []any{&version, &advert, &day, &unit}, func() error {
		g.add(zoeklicht.VersionID(version), zoeklicht.AdvertID(advert), day, unit)
		return nil
	})
	if err != nil || !g.led.by {
		return err
	}
	_, err = tx.Exec(ctx, `SET LOCAL enable_sort = on`)
	return err
}

func (g *answering) add(id zoeklicht.VersionID, advert zoeklicht.AdvertID, day int32, unit string) {
	if g.res.Versions == g.most {
		g.res.More = true
		return
	}
	g.res.Versions++
	g.days[day]++
	if p, ok := g.moved[id]; ok {
		unit = p.unit
	}
	g.units[unit]++
	if i, ok := g.at[advert]; ok {
		g.entries[i].matches++
		return
	}
	g.at[advert] = len(g.entries)
	g.entries = append(g.entries, entry{id, 1})
}

// sampled is which of the versions are in the index version_sample: one in so many.
const sampled = 32

// begin guesses since when as many versions match as are listed, or gives from if
// there are no more than those. It looks at a sample: words of one language go
// together, and what the planner takes from how often each occurs is wrong by far. A
// bad guess costs time and changes no answer.
func (g *answering) begin(ctx context.Context, tx pgx.Tx, from, to time.Time) (begin time.Time, err error) {
	if !g.asked.worded() {
		return from, nil
	}
	w := g.where.also()
	w.between("v", from, to)
	w.add("v.id %% %d = 0", sampled)
	// Two standard deviations more than are needed on average: nearly always enough.
	mean := float64(g.most) / sampled
	skip := w.arg(int(mean + 2*math.Sqrt(mean)))
	err = tx.QueryRow(ctx, `
		SELECT v.seen_at FROM version v WHERE `+strings.Join(w.conds, " AND ")+`
		ORDER BY v.seen_at DESC OFFSET `+skip+` LIMIT 1`, w.planned()...).Scan(&begin)
	if errors.Is(err, pgx.ErrNoRows) {
		return from, nil
	}
	return begin, err
}
