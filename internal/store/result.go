package store

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// entry is one line of a result: the newest matching version of one advert, and how
// many of its versions match.
type entry struct {
	version zoeklicht.VersionID
	matches int
}

// Answer asks the question as of a moment, keeps the result under its identifier,
// and gives its rows from..from+n. The same question as of the same moment is the
// same result, for ever; asking it again reads the list that was kept.
func (s *Store) Answer(ctx context.Context, a *Asked, asOfTime time.Time, from, n int) (*zoeklicht.Result, error) {
	var res *zoeklicht.Result
	row := &zoeklicht.Audit{Act: "search"}
	err := s.serve(ctx, zoeklicht.ActSearch, row, func(tx pgx.Tx) error {
		m, err := asOf(ctx, tx, asOfTime)
		if err != nil {
			return err
		}
		id, err := resultID(a, m.Seq)
		if err != nil {
			return err
		}
		var entries []entry
		res, entries, err = s.kept(ctx, tx, id)
		if zoeklicht.CodeOf(err) == zoeklicht.NotFound {
			res, entries, err = s.ask(ctx, tx, a, m)
			if err == nil {
				res.ID = id
				if asOfTime.IsZero() {
					res.AsOf = m.At
				} else {
					res.AsOf = asOfTime
				}
				err = s.keep(ctx, tx, a, res, entries)
			}
		}
		if err != nil {
			return err
		}
		if err := fill(ctx, tx, res, entries, from, n); err != nil {
			return err
		}
		row.Object, row.Count = string(id), len(res.Rows)
		row.Detail = detail(map[string]any{"question": a.Question, "seq": m.Seq, "adverts": res.Adverts, "from": from})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return res, nil
}

// Result gives rows of a kept result. Rows destroyed since are marked and counted.
func (s *Store) Result(ctx context.Context, id zoeklicht.ResultID, from, n int) (*zoeklicht.Result, error) {
	var res *zoeklicht.Result
	row := &zoeklicht.Audit{Act: "result", Object: string(id)}
	err := s.serve(ctx, zoeklicht.ActSearch, row, func(tx pgx.Tx) error {
		r, entries, err := s.kept(ctx, tx, id)
		if err != nil {
			return err
		}
		res = r
		row.Detail = detail(map[string]any{"from": from})
		if err := fill(ctx, tx, res, entries, from, n); err != nil {
			return err
		}
		row.Count = len(res.Rows)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return res, nil
}

// resultID names the answer to a question as of a seq: 50 bits of their SHA-256.
func resultID(a *Asked, seq zoeklicht.Seq) (zoeklicht.ResultID, error) {
	q, err := json.Marshal(a.Question)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n%d\n", a.Engine, q, seq)
	return zoeklicht.ResultID("r-" + strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil))[:10])), nil
}

// ask runs the question. The matching versions are found first, by the index that
// fits, and ordered afterwards: a planner that walks the versions by time and folds
// each one's text takes minutes where this takes milliseconds.
func (s *Store) ask(ctx context.Context, tx pgx.Tx, a *Asked, m Moment) (*zoeklicht.Result, []entry, error) {
	res := &zoeklicht.Result{Question: a.Question, Seq: m.Seq, Asked: s.clock(), By: s.pass.Person()}
	w := a.conditions(m.Seq)
	// The planner reckons that a common word is cheap to check row by row; it is
	// not, so plans that walk all versions are left out where an index narrows.
	if a.narrow() {
		if _, err := tx.Exec(ctx, `SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = on`); err != nil {
			return nil, nil, err
		}
	}
	limit := w.arg(ResultLimit + 1)
	rows, err := tx.Query(ctx, `
		WITH hit AS MATERIALIZED (
			SELECT v.id, v.advert, v.day, v.seen_at FROM version v WHERE `+strings.Join(w.conds, " AND ")+`
			`+ordered(a, limit)+`
		)
		SELECT id, advert, day FROM hit ORDER BY seen_at DESC, id DESC LIMIT `+limit, w.args...)
	if err != nil {
		return nil, nil, err
	}
	var id zoeklicht.VersionID
	var advert zoeklicht.AdvertID
	var day time.Time
	var entries []entry
	at := map[zoeklicht.AdvertID]int{}
	days := map[string]int{}
	_, err = pgx.ForEachRow(rows, []any{&id, &advert, &day}, func() error {
		if res.Versions == ResultLimit {
			res.More = true
			return nil
		}
		res.Versions++
		days[day.Format(time.DateOnly)]++
		if i, ok := at[advert]; ok {
			entries[i].matches++
			return nil
		}
		at[advert] = len(entries)
		entries = append(entries, entry{id, 1})
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	res.Adverts = len(entries)
	for d, n := range days {
		res.Days = append(res.Days, zoeklicht.DayCount{Day: d, Count: n})
	}
	sort.Slice(res.Days, func(i, j int) bool { return res.Days[i].Day < res.Days[j].Day })
	return res, entries, nil
}

// ordered lets the time index cut a question that no other index narrows.
func ordered(a *Asked, limit string) string {
	if a.narrow() {
		return ""
	}
	return "ORDER BY v.seen_at DESC, v.id DESC LIMIT " + limit
}

func (s *Store) keep(ctx context.Context, tx pgx.Tx, a *Asked, res *zoeklicht.Result, entries []entry) error {
	packed, err := pack(entries)
	if err != nil {
		return err
	}
	days, err := json.Marshal(res.Days)
	if err != nil {
		return err
	}
	if res.Days == nil {
		days = []byte("[]")
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO result (id, question, seq, as_of, asked, person, adverts, versions, more, days, engine, rows)
		VALUES ($1, $2, $3, $4, theme_now($5), $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (id) DO NOTHING`,
		res.ID, res.Question, res.Seq, res.AsOf, s.clock(), res.By, res.Adverts, res.Versions, res.More, days, a.Engine, packed)
	return err
}

// kept reads a kept result.
func (s *Store) kept(ctx context.Context, tx pgx.Tx, id zoeklicht.ResultID) (*zoeklicht.Result, []entry, error) {
	res := &zoeklicht.Result{ID: id}
	var days, packed []byte
	err := tx.QueryRow(ctx, `
		SELECT question, seq, as_of, asked, person, adverts, versions, more, days, rows FROM result WHERE id = $1`, id).
		Scan(&res.Question, &res.Seq, &res.AsOf, &res.Asked, &res.By, &res.Adverts, &res.Versions, &res.More, &days, &packed)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil, zoeklicht.Errorf(zoeklicht.NotFound, "there is no result %s in this theme", id)
	}
	if err != nil {
		return nil, nil, err
	}
	if err := json.Unmarshal(days, &res.Days); err != nil {
		return nil, nil, err
	}
	if len(res.Days) == 0 {
		res.Days = nil // as a fresh answer has it
	}
	entries, err := unpack(packed)
	return res, entries, err
}

// fill reads the rows from..from+n as they were as of the result's seq.
func fill(ctx context.Context, tx pgx.Tx, res *zoeklicht.Result, entries []entry, from, n int) error {
	all := make([]zoeklicht.VersionID, len(entries))
	for i, e := range entries {
		all[i] = e.version
	}
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM tombstone WHERE version = ANY($1)`, all).Scan(&res.Destroyed); err != nil {
		return err
	}
	from = max(0, min(from, len(entries)))
	to := min(from+n, len(entries))
	ids := all[from:to]
	vs, err := versions(ctx, tx, `v.id = ANY($1)`, res.Seq, ids)
	if err != nil {
		return err
	}
	byID := map[zoeklicht.VersionID]*zoeklicht.Version{}
	adverts := make([]zoeklicht.AdvertID, 0, len(vs))
	for i := range vs {
		byID[vs[i].ID] = &vs[i]
		adverts = append(adverts, vs[i].Advert)
	}
	as, err := advertsAsOf(ctx, tx, adverts, res.Seq)
	if err != nil {
		return err
	}
	for i, e := range entries[from:to] {
		row := zoeklicht.Row{Position: from + i + 1, Matches: e.matches}
		if v := byID[e.version]; v != nil {
			row.Version, row.Advert = *v, as[v.Advert]
		} else {
			// The row is gone altogether, tombstone kept: say so, and keep its place.
			row.Version = zoeklicht.Version{ID: e.version, Destroyed: true}
		}
		res.Rows = append(res.Rows, row)
	}
	return nil
}

// pack writes entries as deflated varints: the difference of each version to the
// one before, zigzag, and its matches. Format 1.
func pack(entries []entry) ([]byte, error) {
	var raw []byte
	raw = append(raw, 1)
	raw = binary.AppendUvarint(raw, uint64(len(entries)))
	last := int64(0)
	for _, e := range entries {
		raw = binary.AppendVarint(raw, int64(e.version)-last)
		raw = binary.AppendUvarint(raw, uint64(e.matches))
		last = int64(e.version)
	}
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(raw); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// unpack reads what pack wrote.
func unpack(b []byte) ([]entry, error) {
	raw, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(b)), 64*ResultLimit))
	if err != nil {
		return nil, fmt.Errorf("a kept result is damaged: %w", err)
	}
	if len(raw) == 0 || raw[0] != 1 {
		return nil, fmt.Errorf("a kept result has an unknown format")
	}
	r := bytes.NewReader(raw[1:])
	n, err := binary.ReadUvarint(r)
	if err != nil || n > ResultLimit {
		return nil, fmt.Errorf("a kept result is damaged: %d rows", n)
	}
	out := make([]entry, 0, n)
	last := int64(0)
	for range n {
		d, err := binary.ReadVarint(r)
		if err != nil {
			return nil, fmt.Errorf("a kept result is damaged: %w", err)
		}
		m, err := binary.ReadUvarint(r)
		if err != nil {
			return nil, fmt.Errorf("a kept result is damaged: %w", err)
		}
		last += d
		out = append(out, entry{zoeklicht.VersionID(last), int(m)})
	}
	return out, nil
}

// DaysWithoutRun gives the days in a period that no complete run of any of the
// sources (all for none) covered, as of a seq: a low count there means nothing.
func (s *Store) DaysWithoutRun(ctx context.Context, days []string, place *time.Location, seq zoeklicht.Seq, only []zoeklicht.SourceID) (map[string]bool, error) {
	out := map[string]bool{}
	if len(days) == 0 {
		return out, nil
	}
	rows, err := s.pool.Query(ctx, `
		SELECT DISTINCT to_char(e.ended AT TIME ZONE $1, 'YYYY-MM-DD') FROM run_end e JOIN run r ON r.id = e.run
		WHERE e.complete AND e.seq <= $2 AND (cardinality($3::text[]) = 0 OR r.source = ANY($3))`, place.String(), seq, slices.Clip(append([]zoeklicht.SourceID{}, only...)))
	if err != nil {
		return nil, problem(err)
	}
	covered, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, problem(err)
	}
	for _, d := range days {
		if !slices.Contains(covered, d) {
			out[d] = true
		}
	}
	return out, nil
}
