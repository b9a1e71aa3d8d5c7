package store

import (
	"context"
	"slices"
	"strconv"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// Report says that something is wrong on a screen. Everybody may.
func (s *Store) Report(ctx context.Context, screen, report string) error {
	if report == "" {
		return zoeklicht.Errorf(zoeklicht.Invalid, "what is wrong is not said").With("nothing was reported", "")
	}
	if err := bounded("the report", report, maxReason); err != nil {
		return err
	}
	if err := bounded("the screen", screen, maxName); err != nil {
		return err
	}
	return s.change(ctx, &zoeklicht.Audit{Act: "report", Object: screen, Count: 1}, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO trouble (person, name, at, screen, report) VALUES ($1, $2, theme_now($3), $4, $5)`,
			s.pass.Person(), s.pass.Name(), s.clock(), screen, report)
		return err
	})
}

// Reports gives reports with where they stand, newest first, 500 at most: everybody's to
// who may answer them, and else one's own.
func (s *Store) Reports(ctx context.Context) ([]zoeklicht.Trouble, error) {
	var out []zoeklicht.Trouble
	all := s.pass.May(zoeklicht.ActTrouble)
	err := s.change(ctx, &zoeklicht.Audit{Act: "reports", Detail: detail(map[string]any{"all": all})}, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT t.id, t.name, t.at, t.screen, t.report, coalesce(s.state, 'new'), coalesce(s.answer, ''), coalesce(s.name, ''), coalesce(s.at, t.at)
			FROM trouble t LEFT JOIN LATERAL (SELECT * FROM trouble_state s WHERE s.trouble = t.id ORDER BY id DESC LIMIT 1) s ON true
			WHERE $1 OR t.person = $2 ORDER BY t.id DESC LIMIT 500`, all, s.pass.Person())
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (t zoeklicht.Trouble, err error) {
			return t, r.Scan(&t.ID, &t.Person, &t.At, &t.Screen, &t.Text, &t.State, &t.Answer, &t.By, &t.Since)
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// AnswerReport says how far a report has come, and what is answered.
func (s *Store) AnswerReport(ctx context.Context, id int64, state zoeklicht.TroubleState, answer string) error {
	if err := s.pass.Allow(zoeklicht.ActTrouble); err != nil {
		return err
	}
	if !slices.Contains([]zoeklicht.TroubleState{zoeklicht.TroubleSeen, zoeklicht.TroubleMended, zoeklicht.TroubleDeclined}, state) {
		return zoeklicht.Errorf(zoeklicht.Invalid, "a report cannot become %q", state).With("nothing was changed", "")
	}
	if err := bounded("the answer", answer, maxReason); err != nil {
		return err
	}
	row := &zoeklicht.Audit{Act: "report-answer", Object: "report " + strconv.FormatInt(id, 10), Count: 1, Role: s.pass.RoleFor(zoeklicht.ActTrouble)}
	return s.change(ctx, row, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			INSERT INTO trouble_state (trouble, state, answer, person, name, at)
			SELECT id, $2, $3, $4, $5, theme_now($6) FROM trouble WHERE id = $1`, id, state, answer, s.pass.Person(), s.pass.Name(), s.clock())
		if err == nil && tag.RowsAffected() == 0 {
			err = zoeklicht.Errorf(zoeklicht.NotFound, "there is no report %d", id)
		}
		return err
	})
}
