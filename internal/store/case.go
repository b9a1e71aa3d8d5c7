package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// Case gives what the record says about a case number as of a moment (zero: now): what was
// captured, missed, destroyed, seen by whom, exported, and what speaks for the other side.
// The case is whatever was done for a purpose in which the number stands as a whole. Asked
// again as of the same moment it says the same, but for what was destroyed since and where
// leaves stand. It needs ActAudit, and the phase that reads the audit trail; what it gives
// holds no content.
func (s *Store) Case(ctx context.Context, number string, asOfTime time.Time) (*zoeklicht.Case, error) {
	if s.pass.Phase() != zoeklicht.Auditing {
		return nil, zoeklicht.Errorf(zoeklicht.Denied, "what was done for a case is read from the audit trail").With("nothing was shown", "")
	}
	if err := bounded("the case number", number, maxReason); err != nil {
		return nil, err
	}
	if strings.TrimSpace(number) == "" {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "which case is not said").With("nothing was shown", "give its number")
	}
	c := &zoeklicht.Case{Number: number, AsOf: asOfTime}
	row := &zoeklicht.Audit{Act: "case", Object: number}
	err := s.serve(ctx, zoeklicht.ActAudit, row, func(tx pgx.Tx) error {
		m, err := asOf(ctx, tx, asOfTime)
		if err != nil {
			return err
		}
		if c.AsOf.IsZero() {
			if err := tx.QueryRow(ctx, `SELECT theme_now($1)`, s.clock()).Scan(&c.AsOf); err != nil {
				return err
			}
		}
		g := &gathering{tx: tx, c: c, seq: m.Seq}
		if err := g.touch(ctx); err != nil {
			return err
		}
		for _, part := range []func(context.Context) error{g.captured, g.missed, g.destroyed, g.seen, g.exported, g.other, g.hold} {
			if err := part(ctx); err != nil {
				return err
			}
		}
		row.Count = len(c.Captured)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// gathering is a case on its way. Temporary tables would need a right that the phase does
// not have, so what it touches is held here.
type gathering struct {
	tx       pgx.Tx
	c        *zoeklicht.Case
	seq      zoeklicht.Seq
	purposes []string
	adverts  []int64
	versions []int64               // that were looked at
	captures []zoeklicht.CaptureID // asked for, looked at or exported
	asked    []zoeklicht.CaptureID // of these, asked for
	left     []zoeklicht.CaptureID // of these, exported
	wanted   []int64               // numbers of what was asked for
}

// touch finds what the case touched: by the objects of its audit rows, and the register of
// exports.
func (g *gathering) touch(ctx context.Context) error {
	// A loose scan of the index: purposes are few, rows are many.
	rows, err := g.tx.Query(ctx, `
		WITH RECURSIVE p AS (
			SELECT min(purpose) AS purpose FROM audit WHERE purpose <> ''
			UNION ALL SELECT (SELECT min(purpose) FROM audit WHERE purpose <> '' AND purpose > p.purpose) FROM p WHERE p.purpose IS NOT NULL)
		SELECT purpose FROM p WHERE purpose IS NOT NULL AND of_case(purpose, $1) ORDER BY 1`, g.c.Number)
	if err != nil {
		return err
	}
	if g.purposes, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return err
	}
	const mine = ` FROM audit WHERE purpose = ANY($1) AND at <= $2`
	var adverts []int64
	for _, q := range []struct {
		sql  string
		into any
	}{
		{`SELECT DISTINCT substr(object, 9)::bigint` + mine + ` AND object ~ '^version [0-9]+$'
			UNION SELECT jsonb_array_elements_text(detail -> 'versions')::bigint` + mine + ` AND jsonb_typeof(detail -> 'versions') = 'array'`, &g.versions},
		{`SELECT DISTINCT substr(object, 8)::bigint` + mine + ` AND object ~ '^advert [0-9]+$'`, &adverts},
		{`SELECT DISTINCT object::uuid` + mine + ` AND object ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'`, &g.captures},
		{`SELECT DISTINCT (detail ->> 'wanted')::bigint` + mine + ` AND act = 'want' AND detail ? 'wanted'`, &g.wanted},
	} {
		if err := g.collect(ctx, q.into, q.sql, g.purposes, g.c.AsOf); err != nil {
			return err
		}
	}
	for _, q := range []struct {
		sql  string
		into any
		arg  any
	}{
		{`SELECT DISTINCT capture FROM wanted WHERE id = ANY($1) AND capture IS NOT NULL`, &g.asked, g.wanted},
		{`SELECT DISTINCT c.capture FROM exported x JOIN exported_capture c ON c.exported = x.id WHERE of_case(x.case_number, $1) AND x.at <= $2`, &g.left, g.c.Number},
	} {
		args := []any{q.arg}
		if q.into == any(&g.left) {
			args = append(args, g.c.AsOf)
		}
		if err := g.collect(ctx, q.into, q.sql, args...); err != nil {
			return err
		}
	}
	g.captures = slices.Concat(g.captures, g.asked, g.left)
	// Whoever looks at an advert sees its versions, and whoever sees a version its capture.
	if err := g.collect(ctx, &g.captures, `
		SELECT capture FROM version WHERE (id = ANY($1) OR advert = ANY($2)) AND seq <= $3 UNION SELECT unnest($4::uuid[])`,
		g.versions, adverts, g.seq, g.captures); err != nil {
		return err
	}
	return g.collect(ctx, &g.adverts, `
		SELECT advert FROM version WHERE (id = ANY($1) OR capture = ANY($2)) AND seq <= $3
		UNION SELECT advert FROM sighting WHERE capture = ANY($2) AND seq <= $3 UNION SELECT unnest($4::bigint[]) ORDER BY 1`,
		g.versions, g.captures, g.seq, adverts)
}

// collect reads one column into a slice of numbers or captures.
func (g *gathering) collect(ctx context.Context, into any, sql string, args ...any) error {
	rows, err := g.tx.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	switch into := into.(type) {
	case *[]int64:
		*into, err = pgx.CollectRows(rows, pgx.RowTo[int64])
	case *[]zoeklicht.CaptureID:
		*into, err = pgx.CollectRows(rows, pgx.RowTo[zoeklicht.CaptureID])
	default:
		rows.Close()
		err = errors.New("a column of an unknown type")
	}
	return err
}

// bound cuts a list to what a case holds, and says so.
func bound[T any](g *gathering, name string, list []T) []T {
	if len(list) <= zoeklicht.CaseRows {
		return list
	}
	g.c.More = append(g.c.More, name)
	return list[:zoeklicht.CaseRows]
}

func (g *gathering) captured(ctx context.Context) error {
	rows, err := g.tx.Query(ctx, `
		SELECT c.id, c.at, c.source, coalesce(v.advert, s.advert, 0), coalesce(v.id, s.version, 0), coalesce(v.n, 0), c.had,
		       coalesce((SELECT idx FROM outbox o WHERE o.ref = c.id::text AND o.kind = 'capture' ORDER BY o.id LIMIT 1), -1),
		       c.id = ANY($2), c.id = ANY($3)
		FROM capture c
		LEFT JOIN LATERAL (SELECT advert, version FROM sighting s WHERE s.capture = c.id AND s.run = c.run ORDER BY version LIMIT 1) s ON true
		LEFT JOIN LATERAL (SELECT id, advert, n FROM version v WHERE v.capture = c.id AND v.id = coalesce(s.version, v.id) ORDER BY id LIMIT 1) v ON true
		WHERE c.id = ANY($1) AND c.seq <= $4 ORDER BY c.at, c.id LIMIT $5`, g.captures, g.asked, g.left, g.seq, zoeklicht.CaseRows+1)
	if err != nil {
		return err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[zoeklicht.CaseCapture])
	g.c.Captured = bound(g, "captured", list)
	return err
}

// missed gives what was to be captured at the sources of the case's adverts, since the
// first of these was seen.
func (g *gathering) missed(ctx context.Context) error {
	rows, err := g.tx.Query(ctx, `
		WITH here AS (SELECT source, min(seen_at) AS since FROM version WHERE advert = ANY($1) AND seq <= $2 GROUP BY source)
		SELECT at, source, run, capture, advert, fail, count FROM (
			SELECT c.at, c.source, c.run, NULL::uuid AS capture, p.advert, CASE WHEN c.failed <> '' THEN c.failed ELSE 'not-content' END AS fail, 1 AS count
			FROM advert_page p JOIN capture c ON c.source = p.source AND c.page = p.page
			WHERE p.advert = ANY($1) AND c.seq <= $2 AND (c.failed <> '' OR c.not_content <> '')
			UNION ALL
			SELECT c.at, c.source, c.run, c.id, v.advert, q.failure, count(*)
			FROM version v JOIN capture c ON c.id = v.capture JOIN version_picture q ON q.version = v.id
			WHERE v.advert = ANY($1) AND v.seq <= $2 AND q.failure NOT IN ('', 'destroyed', 'sealed') GROUP BY c.id, v.advert, q.failure
			UNION ALL
			SELECT e.ended, r.source, r.id, NULL, 0, 'cancelled', greatest(e.urls - e.captured, 0)
			FROM here h JOIN run r ON r.source = h.source JOIN run_end e ON e.run = r.id
			WHERE e.seq <= $2 AND e.ended >= h.since AND (e.stopped <> '' OR NOT e.complete) AND NOT r.single
			UNION ALL
			SELECT w.done, w.source, 0, NULL, 0, w.failure, 1 FROM wanted w WHERE w.id = ANY($3) AND w.failure <> '' AND w.done <= $4
		) m ORDER BY at, source, run, capture, advert, fail LIMIT $5`, g.adverts, g.seq, g.wanted, g.c.AsOf, zoeklicht.CaseRows+1)
	if err != nil {
		return err
	}
	list, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (m zoeklicht.CaseMiss, err error) {
		var capture *zoeklicht.CaptureID
		err = r.Scan(&m.At, &m.Source, &m.Run, &capture, &m.Advert, &m.Fail, &m.Count)
		if capture != nil {
			m.Capture = *capture
		}
		return m, err
	})
	g.c.Missed = bound(g, "missed", list)
	return err
}

// destroyed gives what went of the captures of the case's adverts, on order or by a clock.
// It is told whenever it went: who asks as of an earlier moment must know as well.
func (g *gathering) destroyed(ctx context.Context) error {
	rows, err := g.tx.Query(ctx, `
		WITH mine AS (
			SELECT unnest($1::uuid[]) AS capture UNION SELECT capture FROM version WHERE advert = ANY($2) UNION SELECT capture FROM sighting WHERE advert = ANY($2)
		), gone AS (
			SELECT DISTINCT d.capture, CASE WHEN d.whole THEN '' ELSE d.item END AS item, d.erasure FROM erased d JOIN mine ON mine.capture = d.capture)
		SELECT at, capture, advert, item, rule, asked, approved, leaf FROM (
			SELECT s.at, d.capture, coalesce((SELECT min(advert) FROM sighting g WHERE g.capture = d.capture), 0) AS advert, d.item, e.ground AS rule,
			       e.name AS asked, a.name AS approved,
			       coalesce((SELECT o.idx FROM record r JOIN outbox o ON o.ref = r.id::text WHERE r.kind = 'erase' AND r.ref = 'erasure ' || e.id LIMIT 1), -1) AS leaf
			FROM gone d JOIN erasure e ON e.id = d.erasure JOIN erasure_step s ON s.erasure = e.id AND s.kind = 'destroy'
			JOIN erasure_step a ON a.erasure = e.id AND a.kind = 'approve'
			UNION ALL
			SELECT t.at, v.capture, v.advert, '', t.rule, '', '', -1 FROM tombstone t JOIN version v ON v.id = t.version
			WHERE v.advert = ANY($2) AND NOT EXISTS (SELECT 1 FROM erased d WHERE d.capture = v.capture)
		) d ORDER BY at, capture, item LIMIT $3`, g.captures, g.adverts, zoeklicht.CaseRows+1)
	if err != nil {
		return err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[zoeklicht.CaseDestroyed])
	g.c.Destroyed = bound(g, "destroyed", list)
	return err
}

func (g *gathering) seen(ctx context.Context) error {
	rows, err := g.tx.Query(ctx, `
		SELECT min(at), max(at), name, role, act, count(*), coalesce(sum(count), 0) FROM audit
		WHERE purpose = ANY($1) AND at <= $2 AND person > 0
		GROUP BY (at AT TIME ZONE 'UTC')::date, person, name, role, act ORDER BY 1, 3, 5 LIMIT $3`, g.purposes, g.c.AsOf, zoeklicht.CaseRows+1)
	if err != nil {
		return err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[zoeklicht.CaseLook])
	g.c.Seen = bound(g, "seen", list)
	return err
}

func (g *gathering) exported(ctx context.Context) error {
	list, err := exports(ctx, g.tx, `WHERE of_case(x.case_number, $1) AND x.at <= $2 ORDER BY x.id LIMIT $3`, g.c.Number, g.c.AsOf, zoeklicht.CaseRows+1)
	g.c.Exported = bound(g, "exported", list)
	return err
}

// hold gives what is held for the case, now: a moment in the past has no hold.
func (g *gathering) hold(ctx context.Context) error {
	all, err := holds(ctx, g.tx, `of_case(h.case_number, $1)`, g.c.Number)
	for _, h := range all {
		if g.c.Hold == nil {
			g.c.Hold = &zoeklicht.CaseHold{Since: h.Since, By: h.By}
		}
		if h.Since.Before(g.c.Hold.Since) {
			g.c.Hold.Since = h.Since
		}
		g.c.Hold.Captures += h.Captures
	}
	return err
}
