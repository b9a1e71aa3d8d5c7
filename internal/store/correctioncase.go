package store

import (
	"context"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// CorrectionCase is a correction that stands as a test case of the finder: what a person
// said of a text, in the clear, and the text.
type CorrectionCase struct {
	Correction zoeklicht.Correction
	Text       string // title, line end, body: what offsets point into
	Lang       string
}

// CorrectionCases gives the corrections that stand, oldest first, of what may be seen, for
// who runs the finder over them and shows none of it in the clear. It holds every text
// once for each of its corrections.
func (s *Store) CorrectionCases(ctx context.Context) ([]CorrectionCase, error) {
	var out []CorrectionCase
	row := &zoeklicht.Audit{Act: "correction-cases"}
	err := s.serve(ctx, zoeklicht.ActJudge, row, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT c.id, c.version, c.type, c.value, c.raw, c.start, c.stop, c.obfuscated, c.valid, c.corrected, c.heads, c.name, c.at,
			       v.title || E'\n' || v.body, v.lang
			FROM correction_as_of($1) c JOIN version v ON v.id = c.version WHERE `+visible+` ORDER BY c.id`, everything)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (k CorrectionCase, err error) {
			c := &k.Correction
			e := &c.Entity
			return k, r.Scan(&c.ID, &c.Version, &e.Type, &e.Value, &e.Raw, &e.Start, &e.End, &e.Obfuscated, &e.Valid, &c.Right, &c.Heads, &c.Person, &c.At,
				&k.Text, &k.Lang)
		})
		row.Count = len(out)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
