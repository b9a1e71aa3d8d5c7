package store

import (
	"context"
	"slices"
	"strconv"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// The most bytes that a person writes in a field.
const (
	maxReason = 4000
	maxName   = 200
)

// Classify answers the theme's question about a version, in the person's name. An earlier
// answer of theirs no longer stands.
func (s *Store) Classify(ctx context.Context, id zoeklicht.VersionID, answer zoeklicht.Answer, reason string) (*zoeklicht.Feedback, error) {
	if !slices.Contains(zoeklicht.Answers, answer) {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "%q is no answer", answer).With("nothing was stored", "answer yes, no or unclear")
	}
	if err := bounded("the reason", reason, maxReason); err != nil {
		return nil, err
	}
	f := &zoeklicht.Feedback{Version: id, Answer: answer, Reason: reason, Person: s.pass.Person(), Name: s.pass.Name()}
	row := &zoeklicht.Audit{Act: "classify", Object: objectVersion(id), Count: 1}
	err := s.act(ctx, zoeklicht.ActJudge, row, func(tx pgx.Tx, m Moment) error {
		v, err := shownVersion(ctx, tx, id)
		if err != nil {
			return err
		}
		f.Advert, f.At = v.advert, m.At
		return tx.QueryRow(ctx, `
			INSERT INTO feedback (seq, version, advert, answer, reason, person, name, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
			m.Seq, id, v.advert, answer, reason, f.Person, f.Name, m.At).Scan(&f.ID)
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// UndoClassify takes back an answer of the person's own; the one before it stands again.
// One that was taken back already stays so.
func (s *Store) UndoClassify(ctx context.Context, id int64) error {
	row := &zoeklicht.Audit{Act: "classify-undo", Object: "feedback " + strconv.FormatInt(id, 10), Count: 1}
	return s.act(ctx, zoeklicht.ActJudge, row, func(tx pgx.Tx, m Moment) error {
		var own bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM feedback WHERE id = $1 AND person = $2)`, id, s.pass.Person()).Scan(&own); err != nil {
			return err
		}
		if !own {
			return zoeklicht.Errorf(zoeklicht.NotFound, "there is no answer %d of yours", id).With("nothing was changed", "")
		}
		_, err := tx.Exec(ctx, `INSERT INTO feedback_undo (feedback, seq, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, id, m.Seq, m.At)
		return err
	})
}

// Classified gives the answers about an advert's versions that stand, oldest first. Those
// of others about a version come without answer and reason until the person's own about
// it stands.
func (s *Store) Classified(ctx context.Context, id zoeklicht.AdvertID) ([]zoeklicht.Feedback, error) {
	var out []zoeklicht.Feedback
	row := &zoeklicht.Audit{Act: "classified", Object: objectAdvert(id)}
	err := s.serve(ctx, zoeklicht.ActJudge, row, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT f.id, f.version, f.advert, f.answer, f.reason, f.person, f.name, f.at FROM feedback_as_of($2) f JOIN version v ON v.id = f.version
			WHERE f.advert = $1 AND `+visible+` ORDER BY f.id`, id, everything)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (f zoeklicht.Feedback, err error) {
			return f, r.Scan(&f.ID, &f.Version, &f.Advert, &f.Answer, &f.Reason, &f.Person, &f.Name, &f.At)
		})
		row.Count = len(out)
		return err
	})
	if err != nil {
		return nil, err
	}
	mine := map[zoeklicht.VersionID]bool{}
	for _, f := range out {
		mine[f.Version] = mine[f.Version] || f.Person == s.pass.Person()
	}
	for i := range out {
		if f := &out[i]; !mine[f.Version] {
			f.Answer, f.Reason = "", ""
		}
	}
	return out, nil
}

// Assessed gives the assessments of an advert's versions in force as of a moment (zero:
// now). Hits point at the text as Advert gives it: masked.
func (s *Store) Assessed(ctx context.Context, id zoeklicht.AdvertID, asOfTime time.Time) (map[zoeklicht.VersionID]zoeklicht.Assessment, error) {
	var out map[zoeklicht.VersionID]zoeklicht.Assessment
	row := &zoeklicht.Audit{Act: "assessed", Object: objectAdvert(id)}
	err := s.serve(ctx, zoeklicht.ActSearch, row, func(tx pgx.Tx) error {
		m, err := asOf(ctx, tx, asOfTime)
		if err != nil {
			return err
		}
		_, out, err = assessed(ctx, tx, `v.advert = $1`, m.Seq, id)
		row.Count, row.Detail = len(out), detail(map[string]any{"seq": m.Seq})
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Name gives a version a name; "" takes it away.
func (s *Store) Name(ctx context.Context, id zoeklicht.VersionID, name string) error {
	if err := bounded("the name", name, maxName); err != nil {
		return err
	}
	row := &zoeklicht.Audit{Act: "name", Object: objectVersion(id), Count: 1}
	return s.act(ctx, zoeklicht.ActJudge, row, func(tx pgx.Tx, m Moment) error {
		v, err := shownVersion(ctx, tx, id)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO version_name (seq, version, advert, name, person, by_name, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			m.Seq, id, v.advert, name, s.pass.Person(), s.pass.Name(), m.At)
		return err
	})
}

// Names gives the names of an advert's versions, newest version first.
func (s *Store) Names(ctx context.Context, id zoeklicht.AdvertID) ([]zoeklicht.VersionName, error) {
	var out []zoeklicht.VersionName
	row := &zoeklicht.Audit{Act: "names", Object: objectAdvert(id)}
	err := s.serve(ctx, zoeklicht.ActSearch, row, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT n.version, n.name, n.by_name, n.at
			FROM (SELECT DISTINCT ON (version) * FROM version_name WHERE advert = $1 ORDER BY version, id DESC) n JOIN version v ON v.id = n.version
			WHERE n.name <> '' AND `+visible+` ORDER BY v.n DESC`, id)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (n zoeklicht.VersionName, err error) {
			return n, r.Scan(&n.Version, &n.Name, &n.Person, &n.At)
		})
		row.Count = len(out)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
