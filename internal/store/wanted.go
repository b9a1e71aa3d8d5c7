package store

import (
	"context"
	"errors"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// Want asks for a page, by its canonical address, to be captured now. source is whose
// approval covers it, "" for none: then it is kept, and nothing is fetched.
func (s *Store) Want(ctx context.Context, canonical string, source zoeklicht.SourceID) (*zoeklicht.Wanted, error) {
	if err := s.pass.Allow(zoeklicht.ActCapture); err != nil {
		return nil, err
	}
	if err := bounded("the address", canonical, maxReason); err != nil {
		return nil, err
	}
	w := &zoeklicht.Wanted{URL: canonical, Source: source, Person: s.pass.Name()}
	row := &zoeklicht.Audit{Act: "want", Object: string(source), Count: 1, Role: s.pass.RoleFor(zoeklicht.ActCapture)}
	err := s.change(ctx, row, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `
			INSERT INTO wanted (url, page, source, person, name, asked) VALUES ($1, $2, $3, $4, $5, theme_now($6)) RETURNING id, asked`,
			canonical, keyOfPage(canonical), source, s.pass.Person(), w.Person, s.clock()).Scan(&w.ID, &w.Asked)
		row.Detail = detail(map[string]any{"wanted": w.ID})
		return err
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

// Wanted gives a page that the person asked for, as far as it has come; Advert is there
// as soon as the page is known to show one, which it may be already. It says nothing but
// what they gave and how it fares, and is not audited.
func (s *Store) Wanted(ctx context.Context, id int64) (*zoeklicht.Wanted, error) {
	if err := s.pass.Allow(zoeklicht.ActCapture); err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, wantedSelect+`
		LEFT JOIN LATERAL (SELECT max(advert) AS advert FROM advert_page a WHERE a.source = w.source AND a.page = w.page) a ON true
		WHERE w.id = $1 AND w.person = $2`, id, s.pass.Person())
	if err != nil {
		return nil, problem(err)
	}
	w, err := pgx.CollectExactlyOneRow(rows, scanWanted)
	if err != nil {
		return nil, problem(err)
	}
	return w, nil
}

const wantedSelect = `
	SELECT w.id, w.url, w.source, w.name, w.asked, w.taken, w.done, w.capture, w.failure, w.detail, coalesce(a.advert, 0) FROM wanted w`

func scanWanted(r pgx.CollectableRow) (*zoeklicht.Wanted, error) {
	w := &zoeklicht.Wanted{}
	var capture *zoeklicht.CaptureID
	var taken, done *time.Time
	err := r.Scan(&w.ID, &w.URL, &w.Source, &w.Person, &w.Asked, &taken, &done, &capture, &w.Failure, &w.Detail, &w.Advert)
	w.Taken, w.Done = orZero(taken), orZero(done)
	if capture != nil {
		w.Capture = *capture
	}
	return w, err
}

// NextWanted leases the oldest page that was asked for and whose source is known, to
// the collecting process; nil where there is none. One whose lease ended without
// EndWanted is given again.
func (s *Store) NextWanted(ctx context.Context, lease time.Duration) (*zoeklicht.Wanted, error) {
	rows, err := s.pool.Query(ctx, `
		WITH w AS (
			UPDATE wanted SET taken = coalesce(taken, theme_now($1)), lease_until = clock_timestamp() + make_interval(secs => $2)
			WHERE id = (SELECT id FROM wanted WHERE done IS NULL AND source <> '' AND (lease_until IS NULL OR lease_until < clock_timestamp())
				ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
			RETURNING *)
		SELECT w.id, w.url, w.source, w.name, w.asked, w.taken, w.done, w.capture, w.failure, w.detail, 0::bigint FROM w`, s.clock(), lease.Seconds())
	if err != nil {
		return nil, problem(err)
	}
	all, err := pgx.CollectRows(rows, scanWanted)
	if err != nil || len(all) == 0 {
		return nil, problem(err)
	}
	return all[0], nil
}

// EndWanted says how a page that was asked for fared: it was captured, or why not. A zero
// capture means that there is none, and the ledger's record says so.
func (s *Store) EndWanted(ctx context.Context, id int64, capture zoeklicht.CaptureID, failure zoeklicht.Fail, why string) error {
	var of *zoeklicht.CaptureID
	if capture != (zoeklicht.CaptureID{}) {
		of = &capture
	}
	_, err := s.write(ctx, func(tx pgx.Tx, m Moment) error {
		r := failedRecord{Kind: zoeklicht.KindAdvert, Why: failure, At: m.At.UTC()}
		err := tx.QueryRow(ctx, `
			UPDATE wanted SET done = $2, lease_until = NULL, capture = $3, failure = $4, detail = $5 WHERE id = $1 AND done IS NULL
			RETURNING source, url`, id, m.At, of, failure, why).Scan(&r.Source, &r.URL)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && of != nil {
			return nil
		}
		if err != nil {
			return err
		}
		return s.logFailed(ctx, tx, m, &r)
	})
	return err
}
