package store

import (
	"context"
	"regexp"
	"strconv"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// e164 is the form of a number's value.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{5,14}$`)

// Correct says that the n-th entity of a version (from 0, in the order of
// Version.Entities) is wrong, and what is right, "" for nothing; n = -1 adds one of a
// type that was missed. A number is given in E.164. From this moment on a number that was
// taken away leads to the version no longer, and one that was added does. Conflict where
// a correction of the same entity stands.
func (s *Store) Correct(ctx context.Context, id zoeklicht.VersionID, n int, t zoeklicht.EntityType, right string) error {
	if err := bounded("the right value", right, maxName); err != nil {
		return err
	}
	row := &zoeklicht.Audit{Act: "correct", Object: objectVersion(id), Count: 1}
	return s.act(ctx, zoeklicht.ActJudge, row, func(tx pgx.Tx, m Moment) error {
		v, err := shownVersion(ctx, tx, id)
		if err != nil {
			return err
		}
		vs, err := unmasked(ctx, tx, `v.id = $1`, everything, id)
		if err != nil {
			return err
		}
		e, err := wrong(&vs[0], n, t, right)
		if err != nil {
			return err
		}
		row.Detail = detail(map[string]any{"n": n, "type": e.Type})
		var standing bool
		err = tx.QueryRow(ctx, `
			SELECT EXISTS (SELECT 1 FROM correction_as_of($1) c
			WHERE c.version = $2 AND c.type = $3 AND c.value = $4 AND c.start = $5 AND (c.value <> '' OR c.corrected = $6))`,
			everything, id, e.Type, e.Value, e.Start, right).Scan(&standing)
		if err != nil {
			return err
		}
		if standing {
			return zoeklicht.Errorf(zoeklicht.Conflict, "this was corrected already").With("nothing was changed", "undo that correction first")
		}
		if _, err := tx.Exec(ctx, `
			INSERT INTO correction (seq, version, advert, type, value, raw, start, stop, obfuscated, valid, corrected, person, name, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
			m.Seq, id, v.advert, e.Type, e.Value, e.Raw, e.Start, e.End, e.Obfuscated, e.Valid, right, s.pass.Person(), s.pass.Name(), m.At); err != nil {
			return err
		}
		return relead(ctx, tx, []int64{int64(v.advert)})
	})
}

// wrong gives the entity that a correction is about.
func wrong(v *zoeklicht.Version, n int, t zoeklicht.EntityType, right string) (e zoeklicht.Entity, err error) {
	invalid := func(format string, args ...any) error {
		return zoeklicht.Errorf(zoeklicht.Invalid, format, args...).With("nothing was changed", "")
	}
	switch {
	case n < -1 || n >= len(v.Entities):
		return e, invalid("version %d has no entity %d", v.ID, n)
	case n >= 0:
		if e = v.Entities[n]; t != "" && t != e.Type {
			return e, invalid("entity %d of version %d is a %s, not a %s", n, v.ID, e.Type, t)
		}
	case right == "":
		return e, invalid("what was missed is not said")
	default:
		e.Type = t
	}
	if right != "" && right == e.Value {
		return e, invalid("the right value is the one that was found")
	}
	if e.Type == zoeklicht.Phone && right != "" && !e164.MatchString(right) {
		return e, invalid("the right number is not in its international form")
	}
	return e, nil
}

// UndoCorrection takes a correction back, whoever made it.
func (s *Store) UndoCorrection(ctx context.Context, id int64) error {
	row := &zoeklicht.Audit{Act: "correct-undo", Object: "correction " + strconv.FormatInt(id, 10), Count: 1}
	return s.act(ctx, zoeklicht.ActJudge, row, func(tx pgx.Tx, m Moment) error {
		var advert int64
		if err := tx.QueryRow(ctx, `SELECT advert FROM correction WHERE id = $1`, id).Scan(&advert); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO correction_undo (correction, seq, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, id, m.Seq, m.At); err != nil {
			return err
		}
		return relead(ctx, tx, []int64{advert})
	})
}

// Corrections gives all corrections of an advert's versions, oldest first, those that
// were undone as well. What leads to a person is masked.
func (s *Store) Corrections(ctx context.Context, id zoeklicht.AdvertID) ([]zoeklicht.Correction, error) {
	var out []zoeklicht.Correction
	row := &zoeklicht.Audit{Act: "corrections", Object: objectAdvert(id)}
	err := s.serve(ctx, zoeklicht.ActSearch, row, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT c.id, c.version, c.type, c.value, c.raw, c.start, c.stop, c.obfuscated, c.valid, c.corrected, c.name, c.at, u.at
			FROM correction c JOIN version v ON v.id = c.version LEFT JOIN correction_undo u ON u.correction = c.id
			WHERE c.advert = $1 AND `+visible+` ORDER BY c.id`, id)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (c zoeklicht.Correction, err error) {
			var undone *time.Time
			e := &c.Entity
			err = r.Scan(&c.ID, &c.Version, &e.Type, &e.Value, &e.Raw, &e.Start, &e.End, &e.Obfuscated, &e.Valid, &c.Right, &c.Person, &c.At, &undone)
			if undone != nil {
				c.Undone = *undone
			}
			if e.Type.Identifies() {
				for _, v := range []*string{&e.Value, &e.Raw, &c.Right} {
					if *v != "" {
						*v = zoeklicht.Mask(*v)
					}
				}
			}
			return c, err
		})
		row.Count = len(out)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
