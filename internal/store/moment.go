package store

import (
	"context"
	"errors"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// Simulated is where a practice theme's clock was put: a moment of a simulated day.
type Simulated struct {
	At  time.Time
	Day int
}

// SimulatedDay gives the practice theme's day; ok is false in a theme that lives on
// the system's clock.
func (s *Store) SimulatedDay(ctx context.Context) (sim Simulated, ok bool, err error) {
	err = s.pool.QueryRow(ctx, `SELECT at, day FROM simulated`).Scan(&sim.At, &sim.Day)
	if errors.Is(err, pgx.ErrNoRows) {
		return sim, false, nil
	}
	return sim, err == nil, problem(err)
}

// AsOf resolves a time to the last moment that was known by then. The zero time
// means now. A time before the first moment gives seq 0: nothing was known.
func (s *Store) AsOf(ctx context.Context, t time.Time) (Moment, error) {
	return asOf(ctx, s.pool, t)
}

type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func asOf(ctx context.Context, q querier, t time.Time) (Moment, error) {
	var m Moment
	err := q.QueryRow(ctx, `
		SELECT seq, at FROM moment WHERE $1::timestamptz IS NULL OR at <= $1 ORDER BY seq DESC LIMIT 1`, orNull(t)).
		Scan(&m.Seq, &m.At)
	if errors.Is(err, pgx.ErrNoRows) {
		return Moment{At: t}, nil
	}
	return m, problem(err)
}

// Cursor gives how far a stage has come: everything up to and including that seq.
func (s *Store) Cursor(ctx context.Context, stage string) (zoeklicht.Seq, error) {
	var seq zoeklicht.Seq
	err := s.pool.QueryRow(ctx, `SELECT seq FROM cursor WHERE stage = $1`, stage).Scan(&seq)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return seq, problem(err)
}

// Lag gives how far a stage is behind the truth that it reads, in captures.
func (s *Store) Lag(ctx context.Context, stage string) (int, error) {
	var n int
	err := s.pool.QueryRow(ctx, `
		SELECT count(*) FROM capture WHERE seq > coalesce((SELECT seq FROM cursor WHERE stage = $1), 0)`, stage).Scan(&n)
	return n, problem(err)
}

func setCursor(ctx context.Context, tx pgx.Tx, stage string, from, to zoeklicht.Seq) error {
	tag, err := tx.Exec(ctx, `
		INSERT INTO cursor (stage, seq) VALUES ($1, $3)
		ON CONFLICT (stage) DO UPDATE SET seq = $3, at = clock_timestamp() WHERE cursor.seq = $2`, stage, from, to)
	if err == nil && tag.RowsAffected() == 0 {
		// Another process did this batch: what we made of it must not be stored again.
		err = zoeklicht.Errorf(zoeklicht.Conflict, "stage %s was moved on by another process", stage).
			With("nothing was stored twice", "run one process per stage")
	}
	return err
}

// UpToDate reports whether a stage has read everything there is to read.
func (s *Store) UpToDate(ctx context.Context, stage string) (bool, error) {
	var behind bool
	err := s.pool.QueryRow(ctx, `
		WITH c AS (SELECT coalesce((SELECT seq FROM cursor WHERE stage = $1), 0) AS seq)
		SELECT EXISTS (SELECT 1 FROM capture, c WHERE capture.seq > c.seq) OR EXISTS (SELECT 1 FROM run_end, c WHERE run_end.seq > c.seq)`, stage).
		Scan(&behind)
	return !behind, problem(err)
}
