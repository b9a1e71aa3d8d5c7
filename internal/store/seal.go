package store

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// sealedVersion are the versions whose captures nobody may take out: sealed ones, and
// those that show a picture that was sealed with one.
const sealedVersion = `
	SELECT version, advert FROM seal
	UNION SELECT v.id, v.advert FROM seal_picture p JOIN version_picture q ON q.picture = p.picture AND q.picture <> 0 JOIN version v ON v.id = q.version`

// sealedCapture says of a capture that it may hold sealed content: it is of a page of an
// advert that has some, and is not known to show another version. So it holds for
// captures that analysis has not read yet.
const sealedCapture = `(
	EXISTS (SELECT 1 FROM seal s WHERE s.capture = capture.id)
	OR EXISTS (SELECT 1 FROM advert_page a JOIN (` + sealedVersion + `) b ON b.advert = a.advert WHERE a.source = capture.source AND a.page = capture.page)
	AND NOT EXISTS (SELECT 1 FROM sighting g WHERE g.run = capture.run AND g.capture = capture.id
		AND NOT EXISTS (SELECT 1 FROM (` + sealedVersion + `) b WHERE b.version = g.version)))`

// sealRecord is what the ledger's record says of a seal: facts, no content.
type sealRecord struct {
	Seal     zoeklicht.SealID     `json:"seal"`
	Version  zoeklicht.VersionID  `json:"version"`
	Capture  string               `json:"capture"`
	Pictures int                  `json:"pictures"`
	Why      zoeklicht.SealReason `json:"why"`
	Person   zoeklicht.PersonID   `json:"person"`
	At       time.Time            `json:"at"`
}

// Seal takes a version out of everybody's sight, with its pictures wherever they are, at
// once. A version that was sealed already stays so, and its seal is given.
func (s *Store) Seal(ctx context.Context, id zoeklicht.VersionID, why zoeklicht.SealReason) (*zoeklicht.Seal, error) {
	if !slices.Contains([]zoeklicht.SealReason{zoeklicht.SealMinor, zoeklicht.SealAbuse, zoeklicht.SealOther}, why) {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "%q is no reason to seal", why).With("nothing was sealed", "")
	}
	var out *zoeklicht.Seal
	row := &zoeklicht.Audit{Act: "seal", Object: objectVersion(id), Count: 1, Detail: detail(map[string]any{"why": why})}
	err := s.act(ctx, zoeklicht.ActSeal, row, func(tx pgx.Tx, m Moment) error {
		have, err := seals(ctx, tx, `WHERE s.version = $1`, id)
		if err != nil {
			return err
		}
		if len(have) > 0 {
			out = &have[0]
			return nil
		}
		v, err := shownVersion(ctx, tx, id)
		if err != nil {
			return err
		}
		out = &zoeklicht.Seal{Seq: m.Seq, Version: id, Advert: v.advert, Capture: v.capture, Why: why, Person: s.pass.Person(), Name: s.pass.Name(), At: m.At}
		return s.seal(ctx, tx, m, out)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// seal adds a seal with its record, and takes the version out of counts and worklist.
func (s *Store) seal(ctx context.Context, tx pgx.Tx, m Moment, made *zoeklicht.Seal) error {
	err := tx.QueryRow(ctx, `
		INSERT INTO seal (seq, version, advert, capture, why, person, name, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
		made.Seq, made.Version, made.Advert, made.Capture, made.Why, made.Person, made.Name, made.At).Scan(&made.ID)
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `
		INSERT INTO seal_picture (picture, seal) SELECT DISTINCT picture, $2::bigint FROM version_picture WHERE version = $1 AND picture <> 0
		RETURNING picture`, made.Version, made.ID)
	if err != nil {
		return err
	}
	if made.Pictures, err = pgx.CollectRows(rows, pgx.RowTo[zoeklicht.PictureID]); err != nil {
		return err
	}
	slices.Sort(made.Pictures)
	content, err := json.Marshal(sealRecord{made.ID, made.Version, made.Capture.String(), len(made.Pictures), made.Why, made.Person, made.At.UTC()})
	if err != nil {
		return err
	}
	if _, err := s.AddRecord(ctx, tx, m, zoeklicht.LeafSeal, objectSeal(made.ID), content); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		UPDATE daily d SET versions = d.versions - 1, adverts = d.adverts - (v.n = 1)::int FROM version v
		WHERE v.id = $1 AND d.day = v.day AND d.source = v.source AND d.place = v.place AND d.lang = v.lang AND d.unit = v.unit`, made.Version); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM daily WHERE versions = 0`); err != nil {
		return err
	}
	return relead(ctx, tx, []int64{int64(made.Advert)})
}

func objectSeal(id zoeklicht.SealID) string { return "seal " + strconv.FormatInt(int64(id), 10) }

// seals reads seals; where is a clause on s with its argument as $1.
func seals(ctx context.Context, q querier, where string, arg any) ([]zoeklicht.Seal, error) {
	rows, err := q.Query(ctx, `
		SELECT s.id, s.seq, s.version, s.advert, s.capture, ARRAY(SELECT picture FROM seal_picture p WHERE p.seal = s.id ORDER BY picture),
		       s.why, s.person, s.name, s.at, coalesce(t.name, ''), t.at, d.at, coalesce(d.outcome, '')
		FROM seal s LEFT JOIN seal_step t ON t.seal = s.id AND t.kind = 'take' LEFT JOIN seal_step d ON d.seal = s.id AND d.kind = 'done' `+where, arg)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (s zoeklicht.Seal, err error) {
		var taken, done *time.Time
		err = r.Scan(&s.ID, &s.Seq, &s.Version, &s.Advert, &s.Capture, &s.Pictures, &s.Why, &s.Person, &s.Name, &s.At, &s.TakenBy, &taken, &done, &s.Outcome)
		if taken != nil {
			s.Taken = *taken
		}
		if done != nil {
			s.Done = *done
		}
		return s, err
	})
}

// Seals gives what was sealed, for the duty role: first what waits, the urgent before the
// rest and the oldest first, then what is done, the newest first, 200 of these at most.
// It has no content.
func (s *Store) Seals(ctx context.Context) ([]zoeklicht.Seal, error) {
	var out []zoeklicht.Seal
	row := &zoeklicht.Audit{Act: "seals"}
	err := s.serve(ctx, zoeklicht.ActDuty, row, func(tx pgx.Tx) error {
		waiting, err := seals(ctx, tx, `WHERE d.id IS NULL ORDER BY s.why <> ALL($1), s.id`, []string{string(zoeklicht.SealMinor), string(zoeklicht.SealAbuse)})
		if err != nil {
			return err
		}
		done, err := seals(ctx, tx, `WHERE d.id IS NOT NULL ORDER BY d.id DESC LIMIT $1`, 200)
		out = append(waiting, done...)
		row.Count = len(out)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// TakeSeal says that the duty role has a seal in hand. Conflict when somebody else has.
func (s *Store) TakeSeal(ctx context.Context, id zoeklicht.SealID) error {
	return s.sealStep(ctx, id, "take", "")
}

// EndSeal says that the duty role is done with a seal, and with what outcome, in words
// and without content. Conflict where it was not taken, or is done.
func (s *Store) EndSeal(ctx context.Context, id zoeklicht.SealID, outcome string) error {
	if outcome == "" {
		return zoeklicht.Errorf(zoeklicht.Invalid, "the outcome is not said").With("nothing was changed", "")
	}
	if err := bounded("the outcome", outcome, maxReason); err != nil {
		return err
	}
	return s.sealStep(ctx, id, "done", outcome)
}

func (s *Store) sealStep(ctx context.Context, id zoeklicht.SealID, kind, outcome string) error {
	row := &zoeklicht.Audit{Act: "seal-" + kind, Object: objectSeal(id), Count: 1}
	return s.act(ctx, zoeklicht.ActDuty, row, func(tx pgx.Tx, m Moment) error {
		all, err := seals(ctx, tx, `WHERE s.id = $1`, id)
		if err != nil {
			return err
		}
		conflict := func(why string) error {
			return zoeklicht.Errorf(zoeklicht.Conflict, "seal %d %s", id, why).With("nothing was changed", "")
		}
		switch {
		case len(all) == 0:
			return zoeklicht.Errorf(zoeklicht.NotFound, "there is no seal %d", id)
		case !all[0].Done.IsZero():
			return conflict("is done")
		case kind == "take" && !all[0].Taken.IsZero():
			return conflict("was taken by " + all[0].TakenBy)
		case kind == "done" && all[0].Taken.IsZero():
			return conflict("was not taken")
		}
		_, err = tx.Exec(ctx, `INSERT INTO seal_step (seal, kind, seq, person, name, at, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			id, kind, m.Seq, s.pass.Person(), s.pass.Name(), m.At, outcome)
		return err
	})
}

// sealedAmong tells which captures may hold sealed content.
func sealedAmong(ctx context.Context, q querier, ids []zoeklicht.CaptureID) (map[zoeklicht.CaptureID]bool, error) {
	out := map[zoeklicht.CaptureID]bool{}
	var some bool
	err := q.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM seal)`).Scan(&some)
	if err != nil || !some {
		return out, err
	}
	rows, err := q.Query(ctx, `SELECT id FROM capture WHERE id = ANY($1::uuid[]) AND `+sealedCapture, ids)
	if err != nil {
		return nil, err
	}
	var id zoeklicht.CaptureID
	_, err = pgx.ForEachRow(rows, []any{&id}, func() error { out[id] = true; return nil })
	return out, err
}
