package store

import (
	"context"
	"strings"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// hold keeps captures for a case: nothing of them is destroyed until LiftHold. What the
// case holds already stays as it is.
func (s *Store) hold(ctx context.Context, tx pgx.Tx, m Moment, number string, captures []zoeklicht.CaptureID, exported *int64) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO hold (case_number, capture, seq, exported, person, name, at)
		SELECT DISTINCT $1, u.id, $3::bigint, $4::bigint, $5::bigint, $6, $7::timestamptz FROM unnest($2::uuid[]) AS u(id)
		WHERE NOT EXISTS (SELECT 1 FROM held h WHERE h.case_number = $1 AND h.capture = u.id)`,
		number, captures, m.Seq, exported, s.pass.Person(), s.pass.Name(), m.At)
	return err
}

// HoldAdvert keeps every capture of an advert for the case that the pass's purpose names,
// as an export does for what it takes out. It gives how many it keeps.
func (s *Store) HoldAdvert(ctx context.Context, id zoeklicht.AdvertID) (n int, err error) {
	if s.pass.Purpose() == "" {
		return 0, zoeklicht.Errorf(zoeklicht.Invalid, "to hold needs a purpose: the case number").With("nothing is held", "")
	}
	row := &zoeklicht.Audit{Act: "hold", Object: objectAdvert(id)}
	err = s.act(ctx, zoeklicht.ActErase, row, func(tx pgx.Tx, m Moment) error {
		rows, err := tx.Query(ctx, `
			SELECT c.id FROM capture c WHERE c.id IN (SELECT capture FROM sighting WHERE advert = $1 UNION SELECT capture FROM version WHERE advert = $1)`, id)
		if err != nil {
			return err
		}
		captures, err := pgx.CollectRows(rows, pgx.RowTo[zoeklicht.CaptureID])
		if err != nil {
			return err
		}
		if len(captures) == 0 {
			return zoeklicht.Errorf(zoeklicht.NotFound, "advert %d is not in this theme", id).With("nothing is held", "")
		}
		n, row.Count = len(captures), len(captures)
		return s.hold(ctx, tx, m, s.pass.Purpose(), captures, nil)
	})
	return n, err
}

// LiftHold ends what is held for a case, when the case has ended, and gives how many
// captures that frees. What another case holds stays held.
func (s *Store) LiftHold(ctx context.Context, number, reason string) (n int, err error) {
	number, reason = strings.TrimSpace(number), strings.TrimSpace(reason)
	if number == "" {
		return 0, zoeklicht.Errorf(zoeklicht.Invalid, "which case is not said").With("the hold stands", "give its number")
	}
	if reason == "" {
		return 0, zoeklicht.Errorf(zoeklicht.Invalid, "why the hold ends is not said").With("the hold stands", "")
	}
	if err := bounded("the reason", reason, maxReason); err != nil {
		return 0, err
	}
	row := &zoeklicht.Audit{Act: "hold-lift", Object: number}
	err = s.act(ctx, zoeklicht.ActErase, row, func(tx pgx.Tx, m Moment) error {
		if err := tx.QueryRow(ctx, `SELECT count(DISTINCT capture) FROM held WHERE of_case(case_number, $1)`, number).Scan(&n); err != nil {
			return err
		}
		if n == 0 {
			return zoeklicht.Errorf(zoeklicht.NotFound, "nothing is held for case %s", number).With("nothing was changed", "`zoeklicht retain list` shows what is")
		}
		row.Count = n
		_, err := tx.Exec(ctx, `
			INSERT INTO hold_end (case_number, seq, reason, person, name, at)
			SELECT DISTINCT case_number, $2::bigint, $3, $4::bigint, $5, $6::timestamptz FROM held WHERE of_case(case_number, $1)`,
			number, m.Seq, reason, s.pass.Person(), s.pass.Name(), m.At)
		return err
	})
	return n, err
}

// Hold is what is held for a case.
type Hold struct {
	Case     string
	Since    time.Time
	By       string // "" where exports set it
	Captures int
}

// Holds gives what is held, by case.
func (s *Store) Holds(ctx context.Context) ([]Hold, error) {
	var out []Hold
	row := &zoeklicht.Audit{Act: "holds"}
	err := s.serve(ctx, zoeklicht.ActErase, row, func(tx pgx.Tx) (err error) {
		out, err = holds(ctx, tx, `true OR $1 = ''`, "")
		row.Count = len(out)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// holds reads what is held; cond is a condition on h with its argument as $1.
func holds(ctx context.Context, q querier, cond string, arg any) ([]Hold, error) {
	rows, err := q.Query(ctx, `
		SELECT h.case_number, min(h.at), coalesce(min(h.name) FILTER (WHERE h.exported IS NULL), ''), count(DISTINCT h.capture)
		FROM held h WHERE `+cond+` GROUP BY 1 ORDER BY 1`, arg)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Hold])
}
