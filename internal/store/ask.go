package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	where   *where
	limit   string // the argument that bounds a query's rows
	res     *zoeklicht.Result
	entries []entry
	at      map[zoeklicht.AdvertID]int // where each advert's entry is
	days    map[int32]int              // by days since 2000
}

// ask runs the question. Nothing was seen after the moment at which it became known
// (see writeAfter), so an answer as of the past begins at that moment and not at the
// newest version.
//
// A question that an index on words narrows is asked for a stretch of time after
// another, newest first, until there are enough: where a common word matches a
// hundred thousand versions, only those that are listed are looked at.
func (s *Store) ask(ctx context.Context, tx pgx.Tx, a *Asked, m Moment) (*zoeklicht.Result, []entry, error) {
	g := &answering{
		asked: a, most: a.limit(), where: a.conditions(m.Seq), at: map[zoeklicht.AdvertID]int{}, days: map[int32]int{},
		res: &zoeklicht.Result{Question: a.Question, Seq: m.Seq, Asked: s.clock(), By: s.pass.Person()},
	}
	g.limit = g.where.arg(g.most + 1)
	// Several processes for one question would make it faster at the cost of who asks
	// beside it.
	if _, err := tx.Exec(ctx, `SET LOCAL max_parallel_workers_per_gather = 0`); err != nil {
		return nil, nil, err
	}
	from, to := a.From, m.At.Add(time.Microsecond) // which is the database's resolution
	if !a.To.IsZero() && a.To.Before(to) {
		to = a.To
	}
	share, err := g.share(ctx, tx, from, to)
	if err != nil {
		return nil, nil, err
	}
	for begin := to; begin.After(from) && !g.res.More; share *= g.more() {
		until := begin
		if begin, err = back(ctx, tx, from, to, share); err != nil {
			return nil, nil, err
		}
		if !begin.Before(until) {
			begin = from // the guess leads nowhere
		}
		if err := g.stretch(ctx, tx, begin, until); err != nil {
			return nil, nil, err
		}
	}
	g.res.Adverts = len(g.entries)
	epoch := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for d, n := range g.days {
		g.res.Days = append(g.res.Days, zoeklicht.DayCount{Day: epoch.AddDate(0, 0, int(d)).Format(time.DateOnly), Count: n})
	}
	sort.Slice(g.res.Days, func(i, j int) bool { return g.res.Days[i].Day < g.res.Days[j].Day })
	return g.res, g.entries, nil
}

// stretch adds what matches from a time (zero: the first) up to another.
func (g *answering) stretch(ctx context.Context, tx pgx.Tx, from, to time.Time) error {
	w := g.where.also()
	w.add("v.seen_at < %s", w.arg(to))
	if !from.IsZero() {
		w.add("v.seen_at >= %s", w.arg(from))
	}
	// What an index narrows is found first and ordered then: OFFSET 0 has the planner
	// not walk through the versions by time and make each one's words. What no index
	// narrows is walked through by time, as far as need be.
	end := "OFFSET 0"
	if !g.asked.narrow() {
		end = "ORDER BY v.seen_at DESC, v.id DESC LIMIT " + g.limit
	}
	rows, err := tx.Query(ctx, `
		SELECT id, advert, day - '2000-01-01'::date
		FROM (SELECT v.id, v.advert, v.day, v.seen_at FROM version v WHERE `+strings.Join(w.conds, " AND ")+" "+end+`) hit
		ORDER BY seen_at DESC, id DESC LIMIT `+g.limit, w.planned()...)
	if err != nil {
		return err
	}
	var id, advert int64
	var day int32
	_, err = pgx.ForEachRow(rows, []any{&id, &advert, &day}, func() error {
		g.add(zoeklicht.VersionID(id), zoeklicht.AdvertID(advert), day)
		return nil
	})
	return err
}

func (g *answering) add(id zoeklicht.VersionID, advert zoeklicht.AdvertID, day int32) {
	if g.res.Versions == g.most {
		g.res.More = true
		return
	}
	g.res.Versions++
	g.days[day]++
	if i, ok := g.at[advert]; ok {
		g.entries[i].matches++
		return
	}
	g.at[advert] = len(g.entries)
	g.entries = append(g.entries, entry{id, 1})
}

// share guesses which share of the versions seen from..to, the newest of them, holds as
// many matches as are listed. A bad guess costs time and changes no answer.
func (g *answering) share(ctx context.Context, tx pgx.Tx, from, to time.Time) (float64, error) {
	if !g.asked.worded() {
		return 1, nil
	}
	expected, err := g.expect(ctx, tx, from, to)
	return 1.2 * float64(g.most) / expected, err
}

// more guesses by how much the share that was looked at must grow.
func (g *answering) more() float64 {
	return min(max(1.2*float64(g.most)/float64(max(g.res.Versions, 1)), 1.5), 8)
}

// expect gives how many versions the planner thinks have the question's words, from..to.
func (g *answering) expect(ctx context.Context, tx pgx.Tx, from, to time.Time) (float64, error) {
	var out []byte
	w := where{args: []any{tsquery(g.asked.Words), to, from}}
	err := tx.QueryRow(ctx, `
		EXPLAIN (FORMAT JSON) SELECT FROM version v
		WHERE words(v.folded) @@ $1::tsquery AND v.seen_at < $2 AND v.seen_at >= $3`, w.planned()...).Scan(&out)
	if err != nil {
		return 0, err
	}
	var plans []struct {
		Plan struct {
			Rows float64 `json:"Plan Rows"`
		}
	}
	if err := json.Unmarshal(out, &plans); err != nil || len(plans) == 0 {
		return 0, fmt.Errorf("the planner's estimate: %w", err)
	}
	return max(1, plans[0].Plan.Rows), nil
}

// back gives about when the newest share of the versions seen from..to begins, and from
// for most of them. Rows are numbered about as they are seen.
func back(ctx context.Context, tx pgx.Tx, from, to time.Time, share float64) (begin time.Time, err error) {
	if share > 0.6 {
		return from, nil
	}
	err = tx.QueryRow(ctx, `
		WITH ends AS (
			SELECT (SELECT id FROM version WHERE seen_at < $1 ORDER BY seen_at DESC, id DESC LIMIT 1) AS last,
			       (SELECT id FROM version WHERE seen_at >= $2 ORDER BY seen_at, id LIMIT 1) AS first
		)
		SELECT seen_at FROM version
		WHERE id <= (SELECT last - ((last - first) * $3::float8)::bigint FROM ends) ORDER BY id DESC LIMIT 1`,
		to, from, share).Scan(&begin)
	if errors.Is(err, pgx.ErrNoRows) || begin.Before(from) {
		return from, nil
	}
	return begin, err
}
