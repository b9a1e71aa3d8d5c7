package store

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// sealedVersion are the versions whose captures nobody may take out: sealed ones, and
// those that show a picture that was sealed with one.
const sealedVersion = `
	SELECT version, advert FROM sealed
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
	Scope    zoeklicht.SealScope  `json:"scope"`
	Versions int                  `json:"versions"`
	Person   zoeklicht.PersonID   `json:"person"`
	At       time.Time            `json:"at"`
}

// Seal takes a version, or all of its advert, out of everybody's sight at once, with its
// pictures wherever they are. A reason that cannot wait covers the whole advert, whatever
// the scope. What a seal covers already stays so, and that seal is given, unless this one
// covers more or is the first that cannot wait.
func (s *Store) Seal(ctx context.Context, id zoeklicht.VersionID, why zoeklicht.SealReason, scope zoeklicht.SealScope) (*zoeklicht.Seal, error) {
	if !slices.Contains([]zoeklicht.SealReason{zoeklicht.SealMinor, zoeklicht.SealAbuse, zoeklicht.SealOther}, why) {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "%q is no reason to seal", why).With("nothing was sealed", "")
	}
	if !slices.Contains([]zoeklicht.SealScope{zoeklicht.SealVersion, zoeklicht.SealAdvert}, scope) {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "%q is not what a seal covers", scope).With("nothing was sealed", "")
	}
	if why.Least() == zoeklicht.SealAdvert {
		scope = zoeklicht.SealAdvert
	}
	var out *zoeklicht.Seal
	row := &zoeklicht.Audit{Act: "seal", Object: objectVersion(id), Count: 1, Detail: detail(map[string]any{"why": why, "scope": scope})}
	err := s.act(ctx, zoeklicht.ActSeal, row, func(tx pgx.Tx, m Moment) error {
		v, err := sealable(ctx, tx, id)
		if err != nil {
			return err
		}
		have, err := seals(ctx, tx, `WHERE s.advert = $1 ORDER BY s.whole DESC, s.id`, v.advert)
		if err != nil {
			return err
		}
		for i, h := range have {
			covers := h.Scope == zoeklicht.SealAdvert || h.Version == id && scope == zoeklicht.SealVersion
			if covers && (h.Why.Urgent() || !why.Urgent()) {
				out = &have[i]
				return nil
			}
		}
		out = &zoeklicht.Seal{
			Seq: m.Seq, Version: id, Advert: v.advert, Capture: v.capture, Why: why, Scope: scope,
			Person: s.pass.Person(), Name: s.pass.Name(), At: m.At,
		}
		return s.seal(ctx, tx, m, out)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// sealable gives a version that may be sealed, also again; NotFound where there is none, or
// it was destroyed.
func sealable(ctx context.Context, tx pgx.Tx, id zoeklicht.VersionID) (v shown, err error) {
	err = tx.QueryRow(ctx, `
		SELECT id, advert, capture FROM version v WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM tombstone t WHERE t.version = v.id)`, id).
		Scan(&v.id, &v.advert, &v.capture)
	if errors.Is(err, pgx.ErrNoRows) {
		err = zoeklicht.Errorf(zoeklicht.NotFound, "version %d is not in this theme", id)
	}
	return v, err
}

// seal adds a seal with its record, and takes what it covers out of counts and worklist.
func (s *Store) seal(ctx context.Context, tx pgx.Tx, m Moment, made *zoeklicht.Seal) error {
	err := tx.QueryRow(ctx, `
		INSERT INTO seal (seq, version, advert, capture, why, asked_whole, person, name, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
		made.Seq, made.Version, made.Advert, made.Capture, made.Why, made.Scope == zoeklicht.SealAdvert, made.Person, made.Name, made.At).Scan(&made.ID)
	if err != nil {
		return err
	}
	if _, err := cover(ctx, tx, []int64{int64(made.Advert)}); err != nil {
		return err
	}
	have, err := seals(ctx, tx, `WHERE s.id = $1`, made.ID)
	if err != nil {
		return err
	}
	made.Pictures, made.Versions = have[0].Pictures, have[0].Versions
	content, err := json.Marshal(sealRecord{
		made.ID, made.Version, made.Capture.String(), len(made.Pictures), made.Why, made.Scope, made.Versions, made.Person, made.At.UTC(),
	})
	if err != nil {
		return err
	}
	_, err = s.AddRecord(ctx, tx, m, zoeklicht.LeafSeal, objectSeal(made.ID), content)
	return err
}

// cover seals what the seals of adverts (nil: of all) cover and is not sealed yet: versions,
// with their pictures, which it takes out of the daily counts and the worklist. It gives
// them.
func cover(ctx context.Context, tx pgx.Tx, adverts []int64) (covered []coveredVersion, err error) {
	rows, err := tx.Query(ctx, `
		INSERT INTO sealed (version, advert, seal, seq)
		SELECT DISTINCT ON (v.id) v.id, v.advert, s.id, greatest(s.seq, v.seq)
		FROM seal s JOIN version v ON v.advert = s.advert AND (s.whole OR v.id = s.version)
		WHERE ($1::bigint[] IS NULL OR s.advert = ANY($1)) AND NOT EXISTS (SELECT 1 FROM sealed have WHERE have.version = v.id)
		ORDER BY v.id, s.id
		RETURNING version, advert`, adverts)
	if err != nil {
		return nil, err
	}
	if covered, err = pgx.CollectRows(rows, pgx.RowToStructByPos[coveredVersion]); err != nil {
		return nil, err
	}
	// A version may show a picture that its seal did not come with: where a second seal covers
	// what a first did, each has them.
	if _, err := tx.Exec(ctx, `
		INSERT INTO seal_picture (picture, seal)
		SELECT DISTINCT p.picture, s.id FROM seal s JOIN sealed c ON c.advert = s.advert AND (s.whole OR c.version = s.version)
		JOIN version_picture p ON p.version = c.version
		WHERE ($1::bigint[] IS NULL OR s.advert = ANY($1)) AND p.picture <> 0 ON CONFLICT DO NOTHING`, adverts); err != nil || len(covered) == 0 {
		return covered, err
	}
	versions, of := make([]int64, len(covered)), make([]int64, len(covered))
	for i, c := range covered {
		versions[i], of[i] = c.Version, c.Advert
	}
	if err := uncount(ctx, tx, versions); err != nil {
		return nil, err
	}
	return covered, relead(ctx, tx, of)
}

// coverAll is cover for what an older program sealed, and a backup of it holds. Where that
// is done it costs little.
func coverAll(ctx context.Context, tx pgx.Tx) error {
	var open bool
	err := tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT 1 FROM seal s JOIN version v ON v.advert = s.advert AND (s.whole OR v.id = s.version)
		WHERE NOT EXISTS (SELECT 1 FROM sealed c WHERE c.version = v.id))`).Scan(&open)
	if err != nil || !open {
		return err
	}
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, seqLock); err != nil {
		return err
	}
	_, err = cover(ctx, tx, nil)
	return err
}

// coveredVersion is a version that a seal covers.
type coveredVersion struct{ Version, Advert int64 }

// uncount takes versions out of the daily counts.
func uncount(ctx context.Context, tx pgx.Tx, versions []int64) error {
	const counted = `
		WITH v AS (SELECT day, source, place, lang, unit, count(*) AS versions, count(*) FILTER (WHERE n = 1) AS adverts FROM version WHERE id = ANY($1) GROUP BY 1, 2, 3, 4, 5)`
	const same = `d.day = v.day AND d.source = v.source AND d.place = v.place AND d.lang = v.lang AND d.unit = v.unit`
	for _, sql := range []string{
		counted + ` UPDATE daily d SET versions = d.versions - v.versions, adverts = d.adverts - v.adverts FROM v WHERE ` + same,
		counted + ` DELETE FROM daily d USING v WHERE ` + same + ` AND d.versions = 0`,
	} {
		if _, err := tx.Exec(ctx, sql, versions); err != nil {
			return err
		}
	}
	return nil
}

// sealArrived seals what a batch brought of adverts that were sealed as a whole: versions,
// and pictures that came with a sighting of an older one.
func (s *Store) sealArrived(ctx context.Context, tx pgx.Tx, p *plan) error {
	adverts := make([]int64, 0, len(p.byID))
	for id := range p.byID {
		adverts = append(adverts, int64(id))
	}
	rows, err := tx.Query(ctx, `SELECT advert, min(id) FROM seal WHERE whole AND advert = ANY($1) GROUP BY advert`, adverts)
	if err != nil {
		return err
	}
	of := map[zoeklicht.AdvertID]zoeklicht.SealID{}
	var advert zoeklicht.AdvertID
	var seal zoeklicht.SealID
	if _, err := pgx.ForEachRow(rows, []any{&advert, &seal}, func() error { of[advert] = seal; return nil }); err != nil || len(of) == 0 {
		return err
	}
	var pictures, by []int64
	for _, seen := range p.shown {
		if seal, sealed := of[seen.advert]; sealed {
			for _, pic := range seen.read.Pictures {
				if pic.Picture != 0 {
					pictures, by = append(pictures, int64(pic.Picture)), append(by, int64(seal))
				}
			}
		}
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO seal_picture (picture, seal) SELECT DISTINCT * FROM unnest($1::bigint[], $2::bigint[]) ON CONFLICT DO NOTHING`, pictures, by); err != nil {
		return err
	}
	whole := make([]int64, 0, len(of))
	for id := range of {
		whole = append(whole, int64(id))
	}
	covered, err := cover(ctx, tx, whole)
	if err != nil {
		return err
	}
	arrived := map[zoeklicht.AdvertID]int{}
	for _, c := range covered {
		arrived[zoeklicht.AdvertID(c.Advert)]++
	}
	for _, id := range slices.Sorted(maps.Keys(arrived)) {
		row := &zoeklicht.Audit{Act: "seal-arrived", Object: objectAdvert(id), Count: arrived[id], Detail: detail(map[string]any{"seal": of[id]})}
		if err := s.note(ctx, tx, row); err != nil {
			return err
		}
	}
	return nil
}

func objectSeal(id zoeklicht.SealID) string { return "seal " + strconv.FormatInt(int64(id), 10) }

// seals reads seals; where is a clause on s with its argument as $1.
func seals(ctx context.Context, q querier, where string, arg any) ([]zoeklicht.Seal, error) {
	rows, err := q.Query(ctx, `
		SELECT s.id, s.seq, s.version, s.advert, s.capture, ARRAY(SELECT picture FROM seal_picture p WHERE p.seal = s.id ORDER BY picture),
		       CASE WHEN s.whole THEN 'advert' ELSE 'version' END, c.n, c.later, s.why, s.person, s.name, s.at, coalesce(t.name, ''), t.at, d.at, coalesce(d.outcome, '')
		FROM seal s
		CROSS JOIN LATERAL (SELECT count(*) AS n, count(*) FILTER (WHERE v.seq > s.seq) AS later FROM version v WHERE v.advert = s.advert AND (s.whole OR v.id = s.version)) c
		LEFT JOIN seal_step t ON t.seal = s.id AND t.kind = 'take' LEFT JOIN seal_step d ON d.seal = s.id AND d.kind = 'done' `+where, arg)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (s zoeklicht.Seal, err error) {
		var taken, done *time.Time
		err = r.Scan(&s.ID, &s.Seq, &s.Version, &s.Advert, &s.Capture, &s.Pictures, &s.Scope, &s.Versions, &s.Later, &s.Why, &s.Person, &s.Name, &s.At, &s.TakenBy, &taken, &done, &s.Outcome)
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

// Alarm tells the duty role what waits in the urgent lane. It is no content, and each page
// says it: no audit row.
func (s *Store) Alarm(ctx context.Context) (a zoeklicht.Alarm, err error) {
	if err := s.pass.Allow(zoeklicht.ActDuty); err != nil {
		return a, err
	}
	var oldest *time.Time
	err = s.pool.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE t.id IS NULL), count(t.id), coalesce(min(s.at) FILTER (WHERE t.id IS NULL), min(s.at))
		FROM seal s LEFT JOIN seal_step t ON t.seal = s.id AND t.kind = 'take'
		WHERE s.why = ANY($1) AND NOT EXISTS (SELECT 1 FROM seal_step d WHERE d.seal = s.id AND d.kind = 'done')`,
		[]string{string(zoeklicht.SealMinor), string(zoeklicht.SealAbuse)}).Scan(&a.Waiting, &a.Taken, &oldest)
	a.Oldest = orZero(oldest)
	return a, problem(err)
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
