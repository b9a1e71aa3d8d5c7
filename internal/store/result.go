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
// same result, for ever; asking it again reads the list that was kept. What depends on
// who asks is each person's own.
func (s *Store) Answer(ctx context.Context, a *Asked, asOfTime time.Time, from, n int) (*zoeklicht.Result, error) {
	var res *zoeklicht.Result
	row := &zoeklicht.Audit{Act: "search"}
	trail, err := s.trail(ctx)
	if err != nil {
		return nil, err
	}
	err = s.serve(ctx, zoeklicht.ActSearch, row, func(tx pgx.Tx) error {
		m, err := asOf(ctx, tx, asOfTime)
		if err != nil {
			return err
		}
		id, err := resultID(a, m.Seq, s.pass.Person())
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
		} else if err == nil {
			err = unavailable(ctx, tx, res, entries)
		}
		if err != nil {
			return err
		}
		if err := fill(ctx, tx, res, entries, from, n); err != nil {
			return err
		}
		row.Object, row.Count = string(id), len(res.Rows)
		row.Detail = detail(map[string]any{"question": trail.question(a), "seq": m.Seq, "adverts": res.Adverts, "from": from})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return res, nil
}

// Result gives rows of a kept result. Rows destroyed or sealed since are marked and
// counted. Denied where the question is about people's answers and somebody else asked it:
// the list tells what they answered.
func (s *Store) Result(ctx context.Context, id zoeklicht.ResultID, from, n int) (*zoeklicht.Result, error) {
	var res *zoeklicht.Result
	row := &zoeklicht.Audit{Act: "result", Object: string(id)}
	err := s.serve(ctx, zoeklicht.ActSearch, row, func(tx pgx.Tx) error {
		r, entries, err := s.kept(ctx, tx, id)
		if err != nil {
			return err
		}
		if personal(&r.Question) && r.By != s.pass.Person() {
			return zoeklicht.Errorf(zoeklicht.Denied, "result %s tells what somebody else answered", id).
				With("nothing was shown", "ask the question yourself")
		}
		res = r
		if err := unavailable(ctx, tx, res, entries); err != nil {
			return err
		}
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

// resultID names the answer to a reader's question as of a seq: 50 bits of their SHA-256.
func resultID(a *Asked, seq zoeklicht.Seq, reader zoeklicht.PersonID) (zoeklicht.ResultID, error) {
	q, err := json.Marshal(a.Question)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n%d\n", a.Engine, q, seq)
	if personal(&a.Question) {
		fmt.Fprintf(h, "%d\n", reader)
	}
	return zoeklicht.ResultID("r-" + strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil))[:10])), nil
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
	units, err := json.Marshal(append([]zoeklicht.Counted{}, res.Units...))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO result (id, question, seq, as_of, asked, person, adverts, versions, more, days, units, engine, rows)
		VALUES ($1, $2, $3, $4, theme_now($5), $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (id) DO NOTHING`,
		res.ID, res.Question, res.Seq, res.AsOf, s.clock(), res.By, res.Adverts, res.Versions, res.More, days, units, a.Engine, packed)
	return err
}

// kept reads a kept result.
func (s *Store) kept(ctx context.Context, tx pgx.Tx, id zoeklicht.ResultID) (*zoeklicht.Result, []entry, error) {
	res := &zoeklicht.Result{ID: id}
	var days, packed []byte
	err := tx.QueryRow(ctx, `
		SELECT question, seq, as_of, asked, person, adverts, versions, more, days, units, rows FROM result WHERE id = $1`, id).
		Scan(&res.Question, &res.Seq, &res.AsOf, &res.Asked, &res.By, &res.Adverts, &res.Versions, &res.More, &days, &res.Units, &packed)
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
	if len(res.Units) == 0 {
		res.Units = nil
	}
	entries, err := unpack(packed)
	return res, entries, err
}

func versionsOf(entries []entry) []zoeklicht.VersionID {
	ids := make([]zoeklicht.VersionID, len(entries))
	for i, e := range entries {
		ids[i] = e.version
	}
	return ids
}

// unavailable counts the entries of a kept result that were destroyed or sealed since.
func unavailable(ctx context.Context, tx pgx.Tx, res *zoeklicht.Result, entries []entry) error {
	return tx.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM tombstone WHERE version = ANY($1)),
		       (SELECT count(*) FROM sealed s WHERE version = ANY($1) AND NOT EXISTS (SELECT 1 FROM tombstone t WHERE t.version = s.version))`,
		versionsOf(entries)).Scan(&res.Destroyed, &res.Sealed)
}

// fill reads the rows from..from+n as they were as of the result's seq.
func fill(ctx context.Context, tx pgx.Tx, res *zoeklicht.Result, entries []entry, from, n int) error {
	from = max(0, min(from, len(entries)))
	to := min(from+n, len(entries))
	ids := versionsOf(entries[from:to])
	vs, assessments, err := assessed(ctx, tx, `v.id = ANY($1)`, res.Seq, ids)
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
			if a, ok := assessments[v.ID]; ok {
				row.Assessment = &a
			}
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
	raw, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(b)), 64*resultLimit))
	if err != nil {
		return nil, fmt.Errorf("a kept result is damaged: %w", err)
	}
	if len(raw) == 0 || raw[0] != 1 {
		return nil, fmt.Errorf("a kept result has an unknown format")
	}
	r := bytes.NewReader(raw[1:])
	n, err := binary.ReadUvarint(r)
	if err != nil || n > resultLimit {
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
	begin, end := make([]time.Time, len(days)), make([]time.Time, len(days))
	for i, d := range days {
		t, err := time.ParseInLocation(time.DateOnly, d, place)
		if err != nil {
			return nil, err
		}
		begin[i], end[i] = t, t.AddDate(0, 0, 1)
	}
	rows, err := s.pool.Query(ctx, `
		SELECT d.n FROM unnest($1::timestamptz[], $2::timestamptz[]) WITH ORDINALITY AS d(begin, until, n)
		WHERE (
			SELECT true FROM run_end e JOIN run r ON r.id = e.run
			WHERE e.complete AND e.seq <= $3 AND e.ended >= d.begin AND e.ended < d.until AND (cardinality($4::text[]) = 0 OR r.source = ANY($4))
			LIMIT 1) IS NULL -- what NOT EXISTS says, but for a plan that compares each day with each run`,
		begin, end, seq, slices.Clip(append([]zoeklicht.SourceID{}, only...)))
	if err != nil {
		return nil, problem(err)
	}
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&n}, func() error { out[days[n-1]] = true; return nil }); err != nil {
		return nil, problem(err)
	}
	return out, nil
}
