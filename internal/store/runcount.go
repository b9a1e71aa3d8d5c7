package store

import (
	"context"
	"errors"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// RunCount is what analysis made of a run. It is final once the cursor of the stage
// has passed the run's EndSeq.
type RunCount struct {
	Versions  int // contents that were new
	Sightings int // adverts seen with the content that they had
	Gone      int // adverts whose second absence in a row was in this run
	Seconds   float64
}

// RunCount counts what analysis made of a run so far, and how many seconds the run took
// on the wall's clock (0 while it goes on). It holds no content and is not audited.
func (s *Store) RunCount(ctx context.Context, run int64) (c RunCount, err error) {
	// A version is made by the very capture that its first sighting names.
	err = s.pool.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE v.capture = s.capture), count(*) FILTER (WHERE v.capture <> s.capture),
		       (SELECT count(*) FROM gone g WHERE g.run = $1)
		FROM sighting s JOIN version v ON v.id = s.version WHERE s.run = $1`, run).
		Scan(&c.Versions, &c.Sightings, &c.Gone)
	if err != nil {
		return c, problem(err)
	}
	err = s.pool.QueryRow(ctx, `SELECT seconds FROM run_end WHERE run = $1`, run).Scan(&c.Seconds)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return c, problem(err)
}

// NoteConsole adds an audit row that says that what follows is done in this person's
// name at the machine itself: which verb of the command line about what, and which
// account of the machine ran it. A verb that acts for a person writes it first, so that
// an act that nobody signed in for can be told from one that somebody did.
func (s *Store) NoteConsole(ctx context.Context, what, account string) error {
	return problem(pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		return s.note(ctx, tx, &zoeklicht.Audit{Act: "console", Object: what, Detail: detail(map[string]any{"account": account})})
	}))
}
