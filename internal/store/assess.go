package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// AssessInput is what indicators look at: a version as it is, in the clear, and what was
// known beside it when it became known.
type AssessInput struct {
	Version zoeklicht.VersionID
	Advert  zoeklicht.AdvertID
	Source  zoeklicht.SourceID
	Seq     zoeklicht.Seq
	SeenAt  time.Time
	Title   string
	Body    string
	Lang    string
	Place   string // as the page has it
	Price   string // as the page has it
	// Municipality and Unit are as in zoeklicht.Version.
	Municipality string
	Unit         string
	Entities     []zoeklicht.Entity // by offset, into Title + "\n" + Body
	Beside       zoeklicht.Beside
}

// RegisterSet makes a set of rules the one that versions are assessed with from now on.
// Where it is so already nothing happens; a set that was replaced and returns assesses
// all versions once more.
func (s *Store) RegisterSet(ctx context.Context, set string, rules []zoeklicht.Indicator) error {
	if err := s.assessing(); err != nil {
		return err
	}
	if _, last, err := newestRound(ctx, s.pool); err != nil || last == set {
		return problem(err)
	}
	body, err := json.Marshal(rules)
	if err != nil {
		return err
	}
	_, err = s.write(ctx, func(tx pgx.Tx, m Moment) error {
		if _, last, err := newestRound(ctx, tx); err != nil || last == set {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO indicator_set (id, seq, at, rules) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
			set, m.Seq, m.At, body); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO round (seq, rules) VALUES ($1, $2)`, m.Seq, set); err != nil {
			return err
		}
		content, err := json.Marshal(setRecord{set, m.At.UTC(), body})
		if err != nil {
			return err
		}
		_, err = s.AddRecord(ctx, tx, m, zoeklicht.LeafIndicators, set, content)
		return err
	})
	return err
}

// setRecord is what the ledger's record says of a set of indicators that comes into force.
type setRecord struct {
	Set   string          `json:"set"`
	At    time.Time       `json:"at"`
	Rules json.RawMessage `json:"rules"`
}

// assessing refuses everybody but the platform's own process of the analysis phase: what
// indicators look at is in the clear.
func (s *Store) assessing() error {
	if s.pass.Person() >= 0 || s.pass.Phase() != zoeklicht.Analysis {
		return zoeklicht.Errorf(zoeklicht.Denied, "only the process of the analysis phase assesses").With("nothing was shown or changed", "")
	}
	return nil
}

// newestRound gives the round that goes on, and its set; 0 before the first.
func newestRound(ctx context.Context, q querier) (id int, set string, err error) {
	err = q.QueryRow(ctx, `SELECT id, rules FROM round ORDER BY id DESC LIMIT 1`).Scan(&id, &set)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, "", nil
	}
	return id, set, err
}

// roundOf gives the round that goes on if it is of a set.
func roundOf(ctx context.Context, q querier, set string) (int, error) {
	id, last, err := newestRound(ctx, q)
	if err == nil && last != set {
		err = zoeklicht.Errorf(zoeklicht.Conflict, "the set of rules %s is not the newest, which is %q", set, last).
			With("nothing was stored", "register it, or assess with the newest")
	}
	return id, err
}

// NextAssess gives the next versions, at most n, that the set, which must be the newest,
// has not come to, in the order in which they became known. Destroyed and sealed ones are
// left out.
func (s *Store) NextAssess(ctx context.Context, set string, n int) ([]AssessInput, error) {
	if err := s.assessing(); err != nil {
		return nil, err
	}
	round, err := roundOf(ctx, s.pool, set)
	if err != nil {
		return nil, problem(err)
	}
	var after int64
	err = s.pool.QueryRow(ctx, `SELECT coalesce(max(version), 0) FROM assessment WHERE round = $1`, round).Scan(&after)
	if err != nil {
		return nil, problem(err)
	}
	return s.inputs(ctx, after, n)
}

// Unassessed counts the versions that the newest set has not come to.
func (s *Store) Unassessed(ctx context.Context) (n int, err error) {
	err = s.pool.QueryRow(ctx, `
		SELECT count(*) FROM version v WHERE v.id > coalesce((SELECT max(version) FROM assessment WHERE round = (SELECT max(id) FROM round)), 0)
		  AND NOT EXISTS (SELECT 1 FROM tombstone t WHERE t.version = v.id) AND NOT EXISTS (SELECT 1 FROM sealed s WHERE s.version = v.id)`).Scan(&n)
	return n, problem(err)
}

// EachInput calls fn with every version, in the order in which they became known: for
// testing rules on the archive. What becomes known meanwhile may be left out.
func (s *Store) EachInput(ctx context.Context, fn func(AssessInput) error) error {
	if err := s.assessing(); err != nil {
		return err
	}
	const batch = 1000
	for after := int64(0); ; {
		in, err := s.inputs(ctx, after, batch)
		if err != nil || len(in) == 0 {
			return err
		}
		for i := range in {
			if err := fn(in[i]); err != nil {
				return err
			}
		}
		after = int64(in[len(in)-1].Version)
	}
}

// inputs reads up to n versions after one. Versions become known in the order of their
// numbers.
func (s *Store) inputs(ctx context.Context, after int64, n int) ([]AssessInput, error) {
	var out []AssessInput
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT id, advert, source, seq, seen_at, title, body, lang, place, price, municipality, unit FROM version v
			WHERE id > $1 AND NOT EXISTS (SELECT 1 FROM tombstone t WHERE t.version = v.id)
			  AND NOT EXISTS (SELECT 1 FROM sealed s WHERE s.version = v.id)
			ORDER BY id LIMIT $2`, after, n)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (in AssessInput, err error) {
			err = r.Scan(&in.Version, &in.Advert, &in.Source, &in.Seq, &in.SeenAt, &in.Title, &in.Body, &in.Lang, &in.Place, &in.Price,
				&in.Municipality, &in.Unit)
			return in, err
		})
		if err != nil || len(out) == 0 {
			return err
		}
		ids := make([]int64, len(out))
		at := make(map[zoeklicht.VersionID]*AssessInput, len(out))
		for i := range out {
			ids[i], at[out[i].Version] = int64(out[i].Version), &out[i]
		}
		rows, err = tx.Query(ctx, `
			SELECT version, type, raw, start, stop, value, obfuscated, valid FROM entity
			WHERE version = ANY($1) ORDER BY version, start, stop, type, value`, ids)
		if err != nil {
			return err
		}
		var id zoeklicht.VersionID
		var e zoeklicht.Entity
		if _, err := pgx.ForEachRow(rows, []any{&id, &e.Type, &e.Raw, &e.Start, &e.End, &e.Value, &e.Obfuscated, &e.Valid}, func() error {
			at[id].Entities = append(at[id].Entities, e)
			return nil
		}); err != nil {
			return err
		}
		return beside(ctx, tx, ids, func(id zoeklicht.VersionID, b zoeklicht.Beside) { at[id].Beside = b })
	})
	return out, problem(err)
}

// StoreAssessments adds what the newest set found in versions, in one commit, and brings
// the worklist up to it. What is there already stays, so a batch may be stored again by
// whoever does not know whether it was. The score that is kept is the sum of the hits'
// weights; a.Seq and a.Score are not looked at.
func (s *Store) StoreAssessments(ctx context.Context, set string, all []zoeklicht.Assessment) error {
	if err := s.assessing(); err != nil || len(all) == 0 {
		return err
	}
	versions, scores, hits := make([]int64, len(all)), make([]float64, len(all)), make([]string, len(all))
	for i := range all {
		a := ordered(&all[i])
		body, err := json.Marshal(a.Hits)
		if err != nil {
			return err
		}
		versions[i], scores[i], hits[i] = int64(a.Version), a.Score, string(body)
	}
	_, err := s.write(ctx, func(tx pgx.Tx, m Moment) error {
		round, err := roundOf(ctx, tx, set)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			INSERT INTO assessment (round, version, seq, score, indicators, hits)
			SELECT $1, u.version, $2, u.score, ARRAY(SELECT DISTINCT h ->> 'indicator' FROM jsonb_array_elements(u.hits) h ORDER BY 1), u.hits
			FROM unnest($3::bigint[], $4::float8[], $5::jsonb[]) AS u(version, score, hits)
			WHERE NOT EXISTS (SELECT 1 FROM tombstone t WHERE t.version = u.version) -- destroyed since it was read
			ON CONFLICT DO NOTHING`, round, m.Seq, versions, scores, hits); err != nil {
			return err
		}
		if err := refound(ctx, tx, m, versions); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `
			SELECT c.advert FROM version v JOIN current_advert c ON c.advert = v.advert AND c.version = v.id WHERE v.id = ANY($1)`, versions)
		if err != nil {
			return err
		}
		adverts, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return err
		}
		return relead(ctx, tx, adverts)
	})
	return err
}

// ordered gives an assessment with its hits by weight, largest first, then by indicator,
// and their sum in that order.
func ordered(a *zoeklicht.Assessment) zoeklicht.Assessment {
	out := zoeklicht.Assessment{Version: a.Version, Set: a.Set, Hits: append([]zoeklicht.Hit{}, a.Hits...)}
	slices.SortStableFunc(out.Hits, func(x, y zoeklicht.Hit) int {
		return cmp.Or(cmp.Compare(y.Weight, x.Weight), cmp.Compare(x.Indicator, y.Indicator))
	})
	for _, h := range out.Hits {
		out.Score += h.Weight
	}
	return out
}

// assessments gives those in force as of a seq, by version.
func assessments(ctx context.Context, q querier, ids []zoeklicht.VersionID, seq zoeklicht.Seq) (map[zoeklicht.VersionID]zoeklicht.Assessment, error) {
	rows, err := q.Query(ctx, `
		SELECT a.version, r.rules, a.seq, a.score, a.hits
		FROM unnest($1::bigint[]) AS u(id)
		JOIN LATERAL (SELECT * FROM assessment a WHERE a.version = u.id AND a.seq <= $2 ORDER BY a.seq DESC LIMIT 1) a ON true
		JOIN round r ON r.id = a.round
		WHERE NOT EXISTS (SELECT 1 FROM sealed s WHERE s.version = u.id) AND NOT EXISTS (SELECT 1 FROM tombstone t WHERE t.version = u.id)`, ids, seq)
	if err != nil {
		return nil, err
	}
	out := map[zoeklicht.VersionID]zoeklicht.Assessment{}
	list, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (a zoeklicht.Assessment, err error) {
		err = r.Scan(&a.Version, &a.Set, &a.Seq, &a.Score, &a.Hits)
		for i := range a.Hits {
			a.Hits[i].Version = a.Version
		}
		return a, err
	})
	for _, a := range list {
		out[a.Version] = a
	}
	return out, err
}
