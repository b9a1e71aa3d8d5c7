package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"strconv"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// Link is a URL that a page led to.
type Link struct {
	Canonical string
	URL       string
	Kind      zoeklicht.PageKind
	Depth     int
	// Listed says that a listing of the run led to it: the advert is there today.
	Listed bool
}

// keyOfPage gives the key of a page in frontier, capture and advert_page: SHA-256 of
// its canonical URL, because URLs may be longer than an index takes.
func keyOfPage(canonical string) []byte {
	sum := sha256.Sum256([]byte(canonical))
	return sum[:]
}

// addLinks makes pages due in a run. Pages that the run had already, done or not,
// stay as they are, but for being marked as listed.
func addLinks(ctx context.Context, tx pgx.Tx, id zoeklicht.SourceID, run int64, links []Link) error {
	if len(links) == 0 {
		return nil
	}
	n := len(links)
	pages, canonicals, urls := make([][]byte, 0, n), make([]string, 0, n), make([]string, 0, n)
	kinds, depths, listed := make([]string, 0, n), make([]int32, 0, n), make([]int64, 0, n)
	seen := make(map[string]int, n)
	for _, l := range links {
		if at, twice := seen[l.Canonical]; twice {
			if l.Listed {
				listed[at] = run
			}
			continue
		}
		seen[l.Canonical] = len(pages)
		pages, canonicals, urls = append(pages, keyOfPage(l.Canonical)), append(canonicals, l.Canonical), append(urls, l.URL)
		kinds, depths = append(kinds, string(l.Kind)), append(depths, int32(l.Depth))
		if l.Listed {
			listed = append(listed, run)
		} else {
			listed = append(listed, 0)
		}
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO frontier AS f (source, page, canonical, url, kind, depth, run, state, listed_run)
		SELECT $1, u.page, u.canonical, u.url, u.kind, u.depth, $2, 'waiting', u.listed
		FROM unnest($3::bytea[], $4::text[], $5::text[], $6::text[], $7::int[], $8::bigint[])
			AS u(page, canonical, url, kind, depth, listed)
		ORDER BY u.page
		ON CONFLICT (source, page) DO UPDATE SET
			url = CASE WHEN f.run <> excluded.run OR f.state IN ('waiting', 'retired') THEN excluded.url ELSE f.url END,
			kind = CASE WHEN f.kind = 'other' THEN excluded.kind ELSE f.kind END,
			state = CASE WHEN f.run <> excluded.run OR f.state = 'retired' THEN 'waiting' ELSE f.state END,
			attempts = CASE WHEN f.run <> excluded.run OR f.state = 'retired' THEN 0 ELSE f.attempts END,
			next_at = CASE WHEN f.run <> excluded.run OR f.state = 'retired' THEN clock_timestamp() ELSE f.next_at END,
			fail = CASE WHEN f.run <> excluded.run OR f.state = 'retired' THEN '' ELSE f.fail END,
			status = CASE WHEN f.run <> excluded.run OR f.state = 'retired' THEN 0 ELSE f.status END,
			run = excluded.run,
			listed_run = greatest(f.listed_run, excluded.listed_run)`,
		id, run, pages, canonicals, urls, kinds, depths, listed)
	return err
}

// Claim hands out up to n pages of a run that are due, listings first, under a
// lease. A page whose lease expires is handed out again.
func (s *Store) Claim(ctx context.Context, id zoeklicht.SourceID, run int64, n int, lease time.Duration) ([]zoeklicht.Task, error) {
	rows, err := s.pool.Query(ctx, `
		WITH due AS (
			SELECT source, page FROM frontier
			WHERE source = $1 AND run = $2 AND next_at <= clock_timestamp()
			  AND (state = 'waiting' OR (state = 'leased' AND lease_until < clock_timestamp()))
			ORDER BY kind = 'advert', depth, next_at
			LIMIT $3 FOR UPDATE SKIP LOCKED
		)
		UPDATE frontier f SET state = 'leased', attempts = f.attempts + 1,
			lease_until = clock_timestamp() + make_interval(secs => $4)
		FROM due WHERE f.source = due.source AND f.page = due.page
		RETURNING f.source, f.run, f.canonical, f.url, f.kind, f.depth, f.attempts, f.last_digest, coalesce(f.last_full, 'epoch')`,
		id, run, n, lease.Seconds())
	if err != nil {
		return nil, problem(err)
	}
	tasks, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (t zoeklicht.Task, err error) {
		var digest []byte
		err = r.Scan(&t.Source, &t.Run, &t.Canonical, &t.URL, &t.Kind, &t.Depth, &t.Attempt, &digest, &t.LastFull)
		copy(t.LastDigest[:], digest)
		if digest == nil {
			t.LastFull = time.Time{}
		}
		return t, err
	})
	return tasks, problem(err)
}

// Extend lends the pages of a run that are under way for longer, counted from now. Only
// whoever makes the run may, as long as it does.
func (s *Store) Extend(ctx context.Context, id zoeklicht.SourceID, run int64, lease time.Duration) error {
	_, err := s.pool.Exec(ctx, `
		UPDATE frontier SET lease_until = clock_timestamp() + make_interval(secs => $3)
		WHERE source = $1 AND run = $2 AND state = 'leased'`, id, run, lease.Seconds())
	return problem(err)
}

// Release gives a page back to be visited again not before next.
func (s *Store) Release(ctx context.Context, t zoeklicht.Task, wait time.Duration, why zoeklicht.Fail) error {
	_, err := s.pool.Exec(ctx, `
		UPDATE frontier SET state = 'waiting', lease_until = NULL, fail = $4,
			next_at = clock_timestamp() + make_interval(secs => $3)
		WHERE source = $1 AND page = $2 AND state = 'leased'`, t.Source, keyOfPage(t.Canonical), wait.Seconds(), string(why))
	return problem(err)
}

// Refuse ends a page that must not be asked for: nothing was connected to. There is no
// capture, and the ledger's record says so.
func (s *Store) Refuse(ctx context.Context, t zoeklicht.Task, why zoeklicht.Fail) error {
	_, err := s.write(ctx, func(tx pgx.Tx, m Moment) error {
		tag, err := tx.Exec(ctx, `
			UPDATE frontier SET state = 'failed', lease_until = NULL, fail = $3, status = 0
			WHERE source = $1 AND page = $2 AND state = 'leased'`, t.Source, keyOfPage(t.Canonical), string(why))
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return s.logFailed(ctx, tx, m, &failedRecord{t.Source, t.Run, t.URL, t.Kind, why, m.At.UTC()})
	})
	return err
}

// failedRecord is what the ledger's record says of a page of which there is no capture.
type failedRecord struct {
	Source zoeklicht.SourceID `json:"source"`
	Run    int64              `json:"run"` // 0: none was made, a person asked for the page
	URL    string             `json:"url"`
	Kind   zoeklicht.PageKind `json:"kind"`
	Why    zoeklicht.Fail     `json:"why"`
	At     time.Time          `json:"at"`
}

// logFailed adds the record of a page of which there is no capture. It is found by source
// and run.
func (s *Store) logFailed(ctx context.Context, tx pgx.Tx, m Moment, r *failedRecord) error {
	content, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = s.AddRecord(ctx, tx, m, zoeklicht.LeafCaptureFailed, string(r.Source)+" "+strconv.FormatInt(r.Run, 10), content)
	return err
}

// RunKnowledge is what the committed pages of a run told. A run is judged by it and by
// nothing that only a process knew, so one that was cut off and taken up again ends with
// the same record as one that was not.
type RunKnowledge struct {
	Listed      []string // canonical addresses of adverts that listings led to
	Listings    int      // listing pages that were content
	BadListings int      // listing pages that were not, or could not be had
	Expected    int      // adverts that a listing says there are, 0 if none says
}

// RunKnowledge gives what a run knows.
func (s *Store) RunKnowledge(ctx context.Context, id zoeklicht.SourceID, run int64) (k RunKnowledge, err error) {
	rows, err := s.pool.Query(ctx, `SELECT canonical FROM frontier WHERE source = $1 AND listed_run = $2`, id, run)
	if err != nil {
		return k, problem(err)
	}
	if k.Listed, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return k, problem(err)
	}
	// A listing that was tried again counts by how it ended.
	err = s.pool.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE ok), count(*) FILTER (WHERE NOT ok),
		       (SELECT coalesce(max(total), 0) FROM capture WHERE run = $2 AND kind = 'listing' AND failed = '' AND not_content = '')
		FROM (SELECT state = 'done' AND fail = '' AND status BETWEEN 200 AND 299 AS ok FROM frontier
			WHERE source = $1 AND run = $2 AND kind = 'listing' AND state IN ('done', 'failed')) l`, id, run).
		Scan(&k.Listings, &k.BadListings, &k.Expected)
	return k, problem(err)
}

// Due tells how many pages of a run are left, and when the next one is due.
// Leased ones are counted as left.
func (s *Store) Due(ctx context.Context, id zoeklicht.SourceID, run int64) (left int, wait time.Duration, err error) {
	var secs float64
	err = s.pool.QueryRow(ctx, `
		SELECT count(*), coalesce(extract(epoch FROM min(CASE WHEN state = 'leased' THEN lease_until ELSE next_at END) - clock_timestamp()), 0)
		FROM frontier WHERE source = $1 AND run = $2 AND state IN ('waiting', 'leased')`, id, run).Scan(&left, &secs)
	return left, max(0, time.Duration(secs*float64(time.Second))), problem(err)
}

// Drop ends the waiting pages of a run that is stopped early: they were not
// visited, which is no failure and no absence.
func (s *Store) Drop(ctx context.Context, id zoeklicht.SourceID, run int64) error {
	_, err := s.pool.Exec(ctx, `
		UPDATE frontier SET state = 'failed', fail = 'cancelled', lease_until = NULL
		WHERE source = $1 AND run = $2 AND state IN ('waiting', 'leased')`, id, run)
	return problem(err)
}

// Tally gives the counts of a run from what was committed, so that a run taken up
// after a crash ends with the same record as one that was not disturbed.
func (s *Store) Tally(ctx context.Context, run *zoeklicht.Run) error {
	run.URLs, run.Captured, run.Waiting, run.Adverts = 0, 0, 0, 0
	if err := s.live(ctx, run); err != nil {
		return err
	}
	// Two addresses of one advert, one leading to the other, are one advert.
	err := s.pool.QueryRow(ctx, `
		SELECT count(*), coalesce(sum(bytes), 0), coalesce(sum(had), 0), coalesce(sum(missing), 0), coalesce(sum(outside), 0),
		       count(DISTINCT final_page) FILTER (WHERE kind = 'advert' AND status BETWEEN 200 AND 299 AND failed = '' AND not_content = '')
		FROM capture WHERE run = $1`, run.ID).
		Scan(&run.Captured, &run.Bytes, &run.Pictures, &run.Missing, &run.Outside, &run.Adverts)
	return problem(err)
}
