package store

import (
	"context"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// act is a person's addition to the truth: it runs fn in a commit with the next seq, if
// the pass allows the act, and writes the audit row in the same transaction.
func (s *Store) act(ctx context.Context, a zoeklicht.Act, row *zoeklicht.Audit, fn func(pgx.Tx, Moment) error) error {
	if err := s.pass.Allow(a); err != nil {
		return err
	}
	row.Role = s.pass.RoleFor(a)
	_, err := s.write(ctx, func(tx pgx.Tx, m Moment) error {
		if err := fn(tx, m); err != nil {
			return err
		}
		return s.note(ctx, tx, row)
	})
	return err
}

// change is act for what is no truth about adverts and needs no seq.
func (s *Store) change(ctx context.Context, row *zoeklicht.Audit, fn func(pgx.Tx) error) error {
	return problem(pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return s.note(ctx, tx, row)
	}))
}

// shown is a version that a person works on: one that exists and may be seen.
type shown struct {
	id      zoeklicht.VersionID
	advert  zoeklicht.AdvertID
	capture zoeklicht.CaptureID
	subject zoeklicht.Subject
}

// shownVersion gives a version, NotFound where there is nothing to be seen.
func shownVersion(ctx context.Context, q querier, id zoeklicht.VersionID) (v shown, err error) {
	var destroyed, sealed bool
	rows, err := q.Query(ctx, `
		SELECT v.id, v.advert, v.capture, `+subjectOf("v.id", "v.advert")+`,
		       EXISTS (SELECT 1 FROM tombstone t WHERE t.version = v.id), EXISTS (SELECT 1 FROM sealed s WHERE s.version = v.id)
		FROM version v WHERE v.id = $1`, id)
	if err != nil {
		return v, err
	}
	found := false
	_, err = pgx.ForEachRow(rows, []any{&v.id, &v.advert, &v.capture, &v.subject, &destroyed, &sealed}, func() error {
		found = true
		return nil
	})
	switch {
	case err != nil:
		return v, err
	case !found || destroyed:
		return v, zoeklicht.Errorf(zoeklicht.NotFound, "version %d is not in this theme", id)
	case sealed:
		return v, errSealed(id)
	}
	return v, nil
}

// bounded refuses what is longer than a person writes in a field.
func bounded(what, text string, most int) error {
	if len(text) > most {
		return zoeklicht.Errorf(zoeklicht.Limit, "%s has %d bytes; %d is the most", what, len(text), most).With("nothing was stored", "shorten it")
	}
	return nil
}

// look notes that the person looked at the subject that a statement gives, of which $1 is
// the person and $2 the argument. The audit trail has the look besides.
func (s *Store) look(ctx context.Context, tx pgx.Tx, subject string, arg any) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO look (subject, person, name, at)
		SELECT q.subject, $1::bigint, $3, theme_now($4) FROM (`+subject+`) q WHERE $1::bigint > 0
		ON CONFLICT (subject, person) DO UPDATE SET at = excluded.at, name = excluded.name`,
		s.pass.Person(), arg, s.pass.Name(), s.clock())
	return err
}
