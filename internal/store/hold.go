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

// AskLift asks that what is held for a case be held no more, because the case has ended, and
// gives how many captures that would free. Nothing is freed before another person grants it:
// see LiftHold.
func (s *Store) AskLift(ctx context.Context, number, reason string) (n int, err error) {
	number, reason = strings.TrimSpace(number), strings.TrimSpace(reason)
	if reason == "" {
		return 0, zoeklicht.Errorf(zoeklicht.Invalid, "why the hold ends is not said").With("the hold stands", "")
	}
	if err := bounded("the reason", reason, maxReason); err != nil {
		return 0, err
	}
	err = s.lifting(ctx, "hold-lift-ask", number, func(tx pgx.Tx, m Moment) error {
		return tx.QueryRow(ctx, `
			WITH asked AS (
				INSERT INTO hold_lift (case_number, seq, reason, person, name, at)
				SELECT DISTINCT case_number, $2::bigint, $3, $4::bigint, $5, $6::timestamptz FROM held WHERE of_case(case_number, $1))
			SELECT count(DISTINCT capture) FROM held WHERE of_case(case_number, $1)`,
			number, m.Seq, reason, s.pass.Person(), s.pass.Name(), m.At).Scan(&n)
	})
	return n, err
}

// LiftHold ends what is held for a case, as somebody else asked, and gives how many captures
// that frees. What another case holds stays held.
//
// Conflict where nobody asked, where who asked is who grants, and where more was held for
// the case since.
func (s *Store) LiftHold(ctx context.Context, number string) (n int, err error) {
	number = strings.TrimSpace(number)
	err = s.lifting(ctx, "hold-lift", number, func(tx pgx.Tx, m Moment) error {
		wishes, err := liftsAsked(ctx, tx, number)
		if err != nil {
			return err
		}
		for _, w := range wishes {
			refuse := func(format string, args ...any) error {
				return zoeklicht.Errorf(zoeklicht.Conflict, format, args...).
					With("the hold stands", "`zoeklicht retain lift --reason` asks, and another person grants it")
			}
			switch {
			case w.by == 0:
				return refuse("nobody asked to lift the hold of case %s", w.of)
			case w.newer:
				return refuse("more was held for case %s since %s asked to lift its hold", w.of, w.name)
			case w.by == s.pass.Person():
				return refuse("%s asked to lift the hold of case %s: another person grants it", w.name, w.of)
			}
		}
		return tx.QueryRow(ctx, `
			WITH ended AS (
				INSERT INTO hold_end (case_number, seq, reason, person, name, at)
				SELECT DISTINCT ON (l.case_number) l.case_number, $2::bigint, l.reason, $3::bigint, $4, $5::timestamptz FROM hold_lift l
				WHERE l.case_number IN (SELECT case_number FROM held WHERE of_case(case_number, $1)) ORDER BY l.case_number, l.seq DESC)
			SELECT count(DISTINCT capture) FROM held WHERE of_case(case_number, $1)`,
			number, m.Seq, s.pass.Person(), s.pass.Name(), m.At).Scan(&n)
	})
	return n, err
}

// lifting does something about what is held for a case, with its audit row.
func (s *Store) lifting(ctx context.Context, act, number string, do func(tx pgx.Tx, m Moment) error) error {
	if number == "" {
		return zoeklicht.Errorf(zoeklicht.Invalid, "which case is not said").With("the hold stands", "give its number")
	}
	row := &zoeklicht.Audit{Act: act, Object: number}
	return s.act(ctx, zoeklicht.ActErase, row, func(tx pgx.Tx, m Moment) error {
		if err := tx.QueryRow(ctx, `SELECT count(DISTINCT capture) FROM held WHERE of_case(case_number, $1)`, number).Scan(&row.Count); err != nil {
			return err
		}
		if row.Count == 0 {
			return zoeklicht.Errorf(zoeklicht.NotFound, "nothing is held for case %s", number).With("nothing was changed", "`zoeklicht retain list` shows what is")
		}
		return do(tx, m)
	})
}

// liftAsked is the newest wish about the holds of a case that stand.
type liftAsked struct {
	of    string
	by    zoeklicht.PersonID // 0 for none
	name  string
	newer bool // more was held since
}

func liftsAsked(ctx context.Context, q querier, number string) ([]liftAsked, error) {
	rows, err := q.Query(ctx, `
		SELECT h.case_number, coalesce(l.person, 0), coalesce(l.name, ''), coalesce(max(h.seq) > l.seq, false)
		FROM held h LEFT JOIN LATERAL (
			SELECT l.person, l.name, l.seq FROM hold_lift l
			WHERE l.case_number = h.case_number AND NOT EXISTS (SELECT 1 FROM hold_end e WHERE e.case_number = l.case_number AND e.seq > l.seq)
			ORDER BY l.seq DESC LIMIT 1) l ON true
		WHERE of_case(h.case_number, $1) GROUP BY h.case_number, l.person, l.name, l.seq ORDER BY 1`, number)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (w liftAsked, err error) {
		return w, r.Scan(&w.of, &w.by, &w.name, &w.newer)
	})
}

// Hold is what is held for a case.
type Hold struct {
	Case     string
	Since    time.Time
	By       string // "" where exports set it
	Captures int
	Lift     string // who asked to lift it, "" for nobody
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
		SELECT h.case_number, min(h.at), coalesce(min(h.name) FILTER (WHERE h.exported IS NULL), ''), count(DISTINCT h.capture),
		       coalesce((SELECT l.name FROM hold_lift l WHERE l.case_number = h.case_number
		                 AND NOT EXISTS (SELECT 1 FROM hold_end e WHERE e.case_number = l.case_number AND e.seq > l.seq)
		                 ORDER BY l.seq DESC LIMIT 1), '')
		FROM held h WHERE `+cond+` GROUP BY 1 ORDER BY 1`, arg)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Hold])
}
