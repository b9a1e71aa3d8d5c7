package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// BeginRun starts a run of a source: its start pages and every advert page that is
// still watched become due. A run of the source that was not ended is taken up
// again instead; resumed says so.
func (s *Store) BeginRun(ctx context.Context, id zoeklicht.SourceID, cause string, start []Link) (run zoeklicht.Run, resumed bool, err error) {
	_, err = s.write(ctx, func(tx pgx.Tx, m Moment) error {
		run = zoeklicht.Run{Source: id, Cause: cause}
		err := tx.QueryRow(ctx, `
			SELECT r.id, r.seq, r.begun, r.cause FROM run r LEFT JOIN run_end e ON e.run = r.id
			WHERE r.source = $1 AND e.run IS NULL AND NOT r.single ORDER BY r.id DESC LIMIT 1`, id).
			Scan(&run.ID, &run.Seq, &run.Begun, &run.Cause)
		if err == nil {
			resumed = true
			// Whoever held leases of this run is gone: there is one collector per theme. A
			// visit that was cut off says nothing about the page, so it is no attempt.
			_, err = tx.Exec(ctx, `
				UPDATE frontier SET state = 'waiting', lease_until = NULL, next_at = clock_timestamp(), attempts = greatest(attempts - 1, 0)
				WHERE source = $1 AND run = $2 AND state = 'leased'`, id, run.ID)
			return err
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		run.Seq, run.Begun = m.Seq, m.At
		err = tx.QueryRow(ctx, `INSERT INTO run (seq, source, begun, cause) VALUES ($1, $2, $3, $4) RETURNING id`,
			m.Seq, id, m.At, cause).Scan(&run.ID)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			UPDATE frontier SET run = $2, state = 'waiting', status = 0, attempts = 0, next_at = clock_timestamp(), lease_until = NULL, fail = ''
			WHERE source = $1 AND kind = 'advert' AND state <> 'retired'`, id, run.ID)
		if err != nil {
			return err
		}
		return addLinks(ctx, tx, id, run.ID, start)
	})
	return run, resumed, err
}

// BeginSingle starts a run that visits one page and nothing else, because a person asked
// for it. The frontier is left alone: a run of the source that goes on meanwhile visits
// the page all the same.
func (s *Store) BeginSingle(ctx context.Context, id zoeklicht.SourceID, cause string) (run zoeklicht.Run, err error) {
	_, err = s.write(ctx, func(tx pgx.Tx, m Moment) error {
		run = zoeklicht.Run{Source: id, Cause: cause, Seq: m.Seq, Begun: m.At}
		return tx.QueryRow(ctx, `INSERT INTO run (seq, source, begun, cause, single) VALUES ($1, $2, $3, $4, true) RETURNING id`,
			m.Seq, id, m.At, cause).Scan(&run.ID)
	})
	return run, err
}

// retireAfter is after how many absences in a row a page is no longer visited, unless
// a listing leads to it. Two make an advert gone; it is looked for on some days more,
// because many return within the week, and on a day on which the listing is broken
// nothing else would show it.
const retireAfter = 9

// EndRun closes a run with its completeness record. In a complete run the advert
// pages that it did not see become absences; a page absent for long is no longer
// visited unless a listing leads to it again.
func (s *Store) EndRun(ctx context.Context, run *zoeklicht.Run, seconds float64) error {
	m, err := s.write(ctx, func(tx pgx.Tx, m Moment) error {
		failed, err := json.Marshal(run.Failed)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `
			INSERT INTO run_end (run, seq, ended, urls, captured, failed, pictures, missing, outside, bytes, expected, adverts, complete, drift, stopped, seconds)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16) ON CONFLICT (run) DO NOTHING`,
			run.ID, m.Seq, m.At, run.URLs, run.Captured, failed, run.Pictures, run.Missing, run.Outside, run.Bytes,
			run.Expected, run.Adverts, run.Complete, run.Drift, run.Stopped, seconds)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		if err := presences(ctx, tx, m, run); err != nil || !run.Complete {
			return err
		}
		return absences(ctx, tx, m, run)
	})
	run.EndSeq, run.Ended = m.Seq, m.At
	return err
}

// presences ends the absences of pages that a run, complete or not, saw or was led
// to. One that was led to and could not be read is noted for analysis, which hears of
// the others by their sightings.
func presences(ctx context.Context, tx pgx.Tx, m Moment, run *zoeklicht.Run) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO absent (run, seq, page, why)
		SELECT $2, $3, page, $4 FROM frontier
		WHERE source = $1 AND kind = 'advert' AND absent > 0 AND listed_run = $2 AND status NOT IN (404, 410)`,
		run.Source, run.ID, m.Seq, zoeklicht.ListedAgain)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE frontier SET absent = 0
		WHERE source = $1 AND kind = 'advert' AND absent > 0 AND run = $2
		  AND (listed_run = $2 AND status NOT IN (404, 410) OR fail = '' AND status BETWEEN 200 AND 299)`,
		run.Source, run.ID)
	return err
}

// absences notes what a complete run did not see: pages that it was not led to and
// that gave no content, and pages that said 404 or 410. A page that was "not
// content" for another reason proves nothing.
func absences(ctx context.Context, tx pgx.Tx, m Moment, run *zoeklicht.Run) error {
	_, err := tx.Exec(ctx, `
		WITH missed AS (
			SELECT page, CASE WHEN status IN (404, 410) THEN 'page-404' ELSE 'not-listed' END AS why
			FROM frontier
			WHERE source = $1 AND kind = 'advert' AND run = $2 AND state IN ('done', 'failed')
			  AND (status IN (404, 410)
			       OR (listed_run <> $2 AND fail IN ('not-content:soft-404', 'not-content:empty-template')))
		), counted AS (
			UPDATE frontier f SET absent = f.absent + 1,
				state = CASE WHEN f.absent + 1 >= $4 THEN 'retired' ELSE f.state END
			FROM missed WHERE f.source = $1 AND f.page = missed.page
			RETURNING f.page, missed.why
		)
		INSERT INTO absent (run, seq, page, why) SELECT $2, $3, page, why FROM counted`,
		run.Source, run.ID, m.Seq, retireAfter)
	return err
}

const runSelect = `
	SELECT r.id, r.source, r.seq, r.begun, r.cause,
	       coalesce(e.seq, 0), e.ended, coalesce(e.urls, 0), coalesce(e.captured, 0), coalesce(e.failed, '{}'),
	       coalesce(e.pictures, 0), coalesce(e.missing, 0), coalesce(e.outside, 0), coalesce(e.bytes, 0),
	       coalesce(e.expected, 0), coalesce(e.adverts, 0), coalesce(e.complete, false), coalesce(e.drift, ''), coalesce(e.stopped, '')
	FROM run r LEFT JOIN run_end e ON e.run = r.id`

func scanRun(r pgx.CollectableRow) (run zoeklicht.Run, err error) {
	var ended *time.Time
	err = r.Scan(&run.ID, &run.Source, &run.Seq, &run.Begun, &run.Cause,
		&run.EndSeq, &ended, &run.URLs, &run.Captured, &run.Failed, &run.Pictures, &run.Missing, &run.Outside, &run.Bytes,
		&run.Expected, &run.Adverts, &run.Complete, &run.Drift, &run.Stopped)
	if ended != nil {
		run.Ended = *ended
	}
	return run, err
}

// Runs gives the newest runs of a source, or of all sources for "", newest first, but
// for single ones. Running ones have live counts. It holds no content and is not audited.
func (s *Store) Runs(ctx context.Context, id zoeklicht.SourceID, limit int) ([]zoeklicht.Run, error) {
	rows, err := s.pool.Query(ctx, runSelect+` WHERE ($1 = '' OR r.source = $1) AND NOT r.single ORDER BY r.id DESC LIMIT $2`, id, limit)
	if err != nil {
		return nil, problem(err)
	}
	runs, err := pgx.CollectRows(rows, scanRun)
	if err != nil {
		return nil, problem(err)
	}
	return runs, s.complete(ctx, runs)
}

// complete adds to runs what is not in their records: live counts of those that go
// on, and what analysis found in all of them.
func (s *Store) complete(ctx context.Context, runs []zoeklicht.Run) error {
	ids, at := make([]int64, len(runs)), map[int64]*zoeklicht.Run{}
	for i := range runs {
		ids[i], at[runs[i].ID] = runs[i].ID, &runs[i]
		if runs[i].EndSeq == 0 {
			if err := s.live(ctx, &runs[i]); err != nil {
				return err
			}
		}
	}
	if s.pass.Phase() != zoeklicht.Analysis {
		return nil // the collecting process may not read what analysis found
	}
	rows, err := s.pool.Query(ctx, `
		SELECT r.id,
		       (SELECT count(*) FROM sighting s JOIN version v ON v.id = s.version WHERE s.run = r.id AND v.capture = s.capture),
		       (SELECT count(*) FROM sighting s WHERE s.run = r.id),
		       (SELECT count(*) FROM gone g WHERE g.run = r.id)
		FROM unnest($1::bigint[]) AS r(id)`, ids)
	if err != nil {
		return problem(err)
	}
	var id int64
	var fresh, seen, gone int
	_, err = pgx.ForEachRow(rows, []any{&id, &fresh, &seen, &gone}, func() error {
		at[id].New, at[id].Seen, at[id].Gone = fresh, seen-fresh, gone
		return nil
	})
	return problem(err)
}

// LatestRuns gives the newest run of each source.
func (s *Store) LatestRuns(ctx context.Context) ([]zoeklicht.Run, error) {
	rows, err := s.pool.Query(ctx, runSelect+` WHERE r.id IN (SELECT max(id) FROM run WHERE NOT single GROUP BY source) ORDER BY r.source`)
	if err != nil {
		return nil, problem(err)
	}
	runs, err := pgx.CollectRows(rows, scanRun)
	if err != nil {
		return nil, problem(err)
	}
	return runs, s.complete(ctx, runs)
}

// live fills the counts of a run that goes on from the frontier.
func (s *Store) live(ctx context.Context, run *zoeklicht.Run) error {
	rows, err := s.pool.Query(ctx, `SELECT state, split_part(fail, ':', 1), count(*) FROM frontier WHERE source = $1 AND run = $2 GROUP BY 1, 2`, run.Source, run.ID)
	if err != nil {
		return problem(err)
	}
	run.Failed = map[zoeklicht.Fail]int{}
	var state string
	var fail zoeklicht.Fail
	var n int
	_, err = pgx.ForEachRow(rows, []any{&state, &fail, &n}, func() error {
		run.URLs += n
		switch state {
		case "waiting", "leased":
			run.Waiting += n
		default:
			run.Captured += n
		}
		if fail != "" && state != "waiting" && state != "leased" {
			run.Failed[fail] += n
		}
		return nil
	})
	return problem(err)
}

// Wish asks the collecting process for something: a "run" of a source now, or a
// "stop" of the one that runs.
func (s *Store) Wish(ctx context.Context, id zoeklicht.SourceID, kind, cause string) error {
	if err := s.pass.Allow(zoeklicht.ActCrawl); err != nil {
		return err
	}
	return problem(pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO wish (source, kind, person, cause) VALUES ($1, $2, $3, $4)`, id, kind, s.pass.Person(), cause)
		if err != nil {
			return err
		}
		return s.note(ctx, tx, &zoeklicht.Audit{Act: "crawl-" + kind, Object: string(id), Count: 1})
	}))
}

// TakeWishes gives what was asked since the last time, and takes it.
func (s *Store) TakeWishes(ctx context.Context) (runs map[zoeklicht.SourceID]string, stops map[zoeklicht.SourceID]bool, err error) {
	rows, err := s.pool.Query(ctx, `UPDATE wish SET taken = clock_timestamp() WHERE taken IS NULL RETURNING source, kind, cause`)
	if err != nil {
		return nil, nil, problem(err)
	}
	runs, stops = map[zoeklicht.SourceID]string{}, map[zoeklicht.SourceID]bool{}
	var id zoeklicht.SourceID
	var kind, cause string
	_, err = pgx.ForEachRow(rows, []any{&id, &kind, &cause}, func() error {
		if kind == "stop" {
			stops[id] = true
		} else {
			runs[id] = cause
		}
		return nil
	})
	return runs, stops, problem(err)
}
