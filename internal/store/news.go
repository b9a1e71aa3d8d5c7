package store

import (
	"context"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// away is how long someone must have been away from the theme's home for what came
// meanwhile to count as new at their next look.
const away = 30 * time.Minute

// News gives the newest versions that became known since the person was last here,
// at most n, newest first, and when that was; the zero time means a first visit.
// Reloading the page within half an hour gives the same news.
func (s *Store) News(ctx context.Context, n int) (since time.Time, res *zoeklicht.Result, err error) {
	row := &zoeklicht.Audit{Act: "news"}
	err = s.serve(ctx, zoeklicht.ActSearch, row, func(tx pgx.Tx) error {
		m, err := asOf(ctx, tx, time.Time{})
		if err != nil {
			return err
		}
		var after zoeklicht.Seq
		if after, since, err = s.visit(ctx, tx, m); err != nil {
			return err
		}
		res = &zoeklicht.Result{Seq: m.Seq, AsOf: m.At, Asked: s.clock(), By: s.pass.Person()}
		rows, err := tx.Query(ctx, `
			SELECT id FROM version v WHERE seq > $1 AND `+visible+`
			ORDER BY seen_at DESC, id DESC LIMIT $2`, after, n)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[zoeklicht.VersionID])
		if err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `SELECT count(*), count(DISTINCT advert) FROM version v WHERE seq > $1 AND `+visible, after).Scan(&res.Versions, &res.Adverts)
		if err != nil {
			return err
		}
		entries := make([]entry, len(ids))
		for i, id := range ids {
			entries[i] = entry{id, 1}
		}
		row.Detail, row.Count = detail(map[string]any{"after": after}), len(ids)
		return fill(ctx, tx, res, entries, 0, n)
	})
	if err != nil {
		return time.Time{}, nil, err
	}
	return since, res, nil
}

// visit notes that the person is here, and gives what they knew when they were here
// before: the last seq of then, and when that was, zero for a first visit.
func (s *Store) visit(ctx context.Context, tx pgx.Tx, m Moment) (after zoeklicht.Seq, since time.Time, err error) {
	var at *time.Time
	// Noted once a minute at most: who opens several pages at once would make them wait for
	// each other.
	err = tx.QueryRow(ctx, `
		WITH just AS (
			SELECT since_seq, since_at FROM looked WHERE person = $1 AND $3 - wall BETWEEN interval '0' AND interval '1 minute'
		), put AS (
			INSERT INTO looked AS l (person, seq, at, wall, since_seq)
			SELECT $1, $2, theme_now($3), $3, 0 WHERE NOT EXISTS (SELECT 1 FROM just)
			ON CONFLICT (person) DO UPDATE SET seq = excluded.seq, at = excluded.at, wall = excluded.wall,
				since_seq = CASE WHEN excluded.wall - l.wall > make_interval(secs => $4) THEN l.seq ELSE l.since_seq END,
				since_at = CASE WHEN excluded.wall - l.wall > make_interval(secs => $4) THEN l.at ELSE l.since_at END
			RETURNING since_seq, since_at
		)
		SELECT since_seq, since_at FROM put UNION ALL SELECT since_seq, since_at FROM just`,
		s.pass.Person(), m.Seq, s.clock(), away.Seconds()).Scan(&after, &at)
	if at != nil {
		since = *at
	}
	return after, since, err
}
