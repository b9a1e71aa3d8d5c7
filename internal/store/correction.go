package store

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// forms are the forms of the values of types, as zoeklicht says them. Whether there is such a
// number, place or price is for the caller to find out, with what finds them in texts.
var forms = map[zoeklicht.EntityType]*regexp.Regexp{
	zoeklicht.Phone:     regexp.MustCompile(`^\+[1-9][0-9]{5,14}$`),
	zoeklicht.Email:     regexp.MustCompile(`^[^\s@]+@[^\s@]+$`),
	zoeklicht.Link:      regexp.MustCompile(`^[a-z]+:\S+$`),
	zoeklicht.Handle:    regexp.MustCompile(`^[^\s:]*:\S+$`),
	zoeklicht.Price:     regexp.MustCompile(`^[A-Z]{3} [0-9]+(\.[0-9]{2})?(/[1-9][0-9]*min)?$`),
	zoeklicht.Age:       regexp.MustCompile(`^[1-9][0-9]?$`),
	zoeklicht.PlaceName: regexp.MustCompile(`^[A-Z]{2}[0-9]{4}(\|[A-Z]{2}[0-9]{4})*$`),
}

// Correct says that the n-th entity of a version (from 0, in the order of
// Version.Entities) is wrong, and what is right, without a value for nothing; n = -1 adds
// one of a type that was missed. From this moment on a number that was taken away leads to
// the version no longer, and one that was added does; and the place and the price that the
// version is known by are what is right. What was stored stays as it is. Conflict where a
// correction of the same entity stands.
func (s *Store) Correct(ctx context.Context, id zoeklicht.VersionID, n int, t zoeklicht.EntityType, right zoeklicht.Right) error {
	for _, text := range []string{right.Value, right.Wording} {
		if err := bounded("the right value", text, maxName); err != nil {
			return err
		}
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
		stored := vs[0]
		if err := headed(ctx, tx, vs, everything); err != nil {
			return err
		}
		e, err := wrong(&stored, n, t, right.Value)
		if err != nil {
			return err
		}
		row.Detail = detail(map[string]any{"n": n, "type": e.Type})
		var standing bool
		err = tx.QueryRow(ctx, `
			SELECT EXISTS (SELECT 1 FROM correction_as_of($1) c
			WHERE c.version = $2 AND c.type = $3 AND c.value = $4 AND c.start = $5 AND (c.value <> '' OR c.corrected = $6))`,
			everything, id, e.Type, e.Value, e.Start, right.Value).Scan(&standing)
		if err != nil {
			return err
		}
		if standing {
			return zoeklicht.Errorf(zoeklicht.Conflict, "this was corrected already").With("nothing was changed", "undo that correction first")
		}
		if right.Wording == "" || e.Type.Identifies() {
			right.Wording = right.Value
		}
		if _, err := tx.Exec(ctx, `
			INSERT INTO correction (seq, version, advert, type, value, raw, start, stop, obfuscated, valid, corrected, person, name, at, heads, wording, municipality, unit)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
			m.Seq, id, v.advert, e.Type, e.Value, e.Raw, e.Start, e.End, e.Obfuscated, e.Valid, right.Value, s.pass.Person(), s.pass.Name(), m.At,
			heads(&stored, &vs[0], e), right.Wording, right.Municipality, right.Unit); err != nil {
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
	if form := forms[e.Type]; form != nil && right != "" && !form.MatchString(right) {
		return e, invalid("the right value is not in the form of a %s", e.Type)
	}
	return e, nil
}

// heads reports whether a version is known by what is right instead of an entity: the
// entity is its place or price, or was missed where it is known by none. stored is the
// version as the page has it, now as it is known.
func heads(stored, now *zoeklicht.Version, e zoeklicht.Entity) bool {
	missed := e.Value == ""
	switch e.Type {
	case zoeklicht.PlaceName:
		if missed {
			return now.Place == "" || now.Municipality == "" && now.Unit == ""
		}
		return e.Value == stored.Municipality || strings.EqualFold(strings.TrimSpace(e.Raw), strings.TrimSpace(stored.Place)) ||
			e.End == 0 && stored.Municipality == "" && stored.Place != ""
	case zoeklicht.Price:
		if missed {
			return now.Price == ""
		}
		return stored.Price != "" && (e.End == 0 || strings.Contains(stored.Price, e.Raw))
	}
	return false
}

// headed gives versions the places and prices that they are known by as of a seq, instead of
// those on their pages. Those of an export keep theirs: see leave.
func headed(ctx context.Context, q querier, vs []zoeklicht.Version, seq zoeklicht.Seq) error {
	at := make(map[zoeklicht.VersionID]*zoeklicht.Version, len(vs))
	ids := make([]zoeklicht.VersionID, 0, len(vs))
	for i := range vs {
		if v := &vs[i]; !v.Destroyed && !v.Sealed {
			at[v.ID], ids = v, append(ids, v.ID)
		}
	}
	rows, err := q.Query(ctx, `
		SELECT c.version, c.type, c.raw, c.wording, c.municipality, c.unit
		FROM correction_as_of($1) c WHERE c.heads AND c.version = ANY($2) ORDER BY c.id`, seq, ids)
	if err != nil {
		return err
	}
	var id zoeklicht.VersionID
	var t zoeklicht.EntityType
	var raw, wording, municipality, unit string
	_, err = pgx.ForEachRow(rows, []any{&id, &t, &raw, &wording, &municipality, &unit}, func() error {
		switch v := at[id]; t {
		case zoeklicht.PlaceName:
			v.Place, v.Municipality, v.Unit = wording, municipality, unit
		case zoeklicht.Price:
			if raw != "" && strings.Contains(v.Price, raw) { // one of several
				v.Price = strings.TrimSpace(strings.Replace(v.Price, raw, wording, 1))
			} else {
				v.Price = wording
			}
		}
		return nil
	})
	return err
}

// placed is where a version is known to be instead of what its page has.
type placed struct{ place, municipality, unit string }

// placesAsOf gives the versions whose places were corrected as of a seq.
func placesAsOf(ctx context.Context, q querier, seq zoeklicht.Seq) (map[zoeklicht.VersionID]placed, error) {
	rows, err := q.Query(ctx, `SELECT version, place, municipality, unit FROM place_as_of($1)`, seq)
	if err != nil {
		return nil, err
	}
	out := map[zoeklicht.VersionID]placed{}
	var id zoeklicht.VersionID
	var p placed
	_, err = pgx.ForEachRow(rows, []any{&id, &p.place, &p.municipality, &p.unit}, func() error { out[id] = p; return nil })
	return out, err
}

// known adds the condition that versions v are known by a value of a column, which those
// whose places were corrected have from there.
func (w *where) known(column, value string, moved map[zoeklicht.VersionID]placed, of func(placed) string) {
	have, others := []zoeklicht.VersionID{}, []zoeklicht.VersionID{}
	for id, p := range moved {
		if of(p) == value {
			have = append(have, id)
		} else {
			others = append(others, id)
		}
	}
	cond := "v." + column + " = " + w.arg(value)
	if len(others) > 0 {
		cond += " AND v.id <> ALL(" + w.arg(others) + ")"
	}
	if len(have) > 0 {
		cond = "(" + cond + " OR v.id = ANY(" + w.arg(have) + "))"
	}
	w.add("%s", cond)
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
			SELECT c.id, c.version, c.type, c.value, c.raw, c.start, c.stop, c.obfuscated, c.valid, c.corrected, c.heads, c.name, c.at, u.at
			FROM correction c JOIN version v ON v.id = c.version LEFT JOIN correction_undo u ON u.correction = c.id
			WHERE c.advert = $1 AND `+visible+` ORDER BY c.id`, id)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (c zoeklicht.Correction, err error) {
			var undone *time.Time
			e := &c.Entity
			err = r.Scan(&c.ID, &c.Version, &e.Type, &e.Value, &e.Raw, &e.Start, &e.End, &e.Obfuscated, &e.Valid, &c.Right, &c.Heads, &c.Person, &c.At, &undone)
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
