package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// sourceSelect reads sources with the state that their decisions, in order, leave
// them in. $1 narrows to one source when not empty; $2 is the newest seq that counts.
const sourceSelect = `
	SELECT s.id, s.title, s.home, s.scope, s.schedule, s.priority, s.expected,
	       coalesce(d.kind, 'propose'), a.review_by, coalesce(c.considerations, '{}'), coalesce(r.recipe, 0)
	FROM source s
	LEFT JOIN LATERAL (SELECT kind FROM decision WHERE source = s.id AND kind <> 'recipe' AND seq <= $2 ORDER BY id DESC LIMIT 1) d ON true
	LEFT JOIN LATERAL (SELECT review_by FROM decision WHERE source = s.id AND kind = 'approve' AND seq <= $2 ORDER BY id DESC LIMIT 1) a ON true
	LEFT JOIN LATERAL (SELECT considerations FROM decision WHERE source = s.id AND considerations IS NOT NULL AND seq <= $2 ORDER BY id DESC LIMIT 1) c ON true
	LEFT JOIN LATERAL (SELECT recipe FROM decision WHERE source = s.id AND kind = 'recipe' AND seq <= $2 ORDER BY id DESC LIMIT 1) r ON true
	WHERE ($1 = '' OR s.id = $1) AND s.seq <= $2
	ORDER BY s.priority, s.id`

// stateAfter is the state that a decision leaves its source in.
var stateAfter = map[zoeklicht.DecisionKind]zoeklicht.SourceState{
	zoeklicht.Propose: zoeklicht.Proposed, zoeklicht.Vet: zoeklicht.Vetted, zoeklicht.Approve: zoeklicht.Approved,
	zoeklicht.Suspend: zoeklicht.Suspended, zoeklicht.Reject: zoeklicht.Rejected, zoeklicht.Retire: zoeklicht.Retired,
}

// mayFollow says from which states a decision may be taken. A proposal made again
// starts the considerations anew.
var mayFollow = map[zoeklicht.DecisionKind][]zoeklicht.SourceState{
	zoeklicht.Propose: {zoeklicht.Rejected, zoeklicht.Suspended, zoeklicht.Retired},
	zoeklicht.Vet:     {zoeklicht.Proposed, zoeklicht.Suspended, zoeklicht.Approved},
	zoeklicht.Approve: {zoeklicht.Vetted},
	zoeklicht.Suspend: {zoeklicht.Approved, zoeklicht.Vetted, zoeklicht.Proposed},
	zoeklicht.Reject:  {zoeklicht.Proposed, zoeklicht.Vetted},
	zoeklicht.Retire:  {zoeklicht.Approved, zoeklicht.Suspended, zoeklicht.Rejected},
	zoeklicht.Recast:  {zoeklicht.Proposed, zoeklicht.Vetted, zoeklicht.Approved, zoeklicht.Suspended},
}

const everything = zoeklicht.Seq(1<<63 - 1)

func sources(ctx context.Context, q querier, id zoeklicht.SourceID, seq zoeklicht.Seq) ([]zoeklicht.Source, error) {
	rows, err := q.Query(ctx, sourceSelect, id, seq)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (s zoeklicht.Source, err error) {
		var kind zoeklicht.DecisionKind
		var review *time.Time // null: never approved
		err = r.Scan(&s.ID, &s.Title, &s.Home, &s.Scope, &s.Schedule, &s.Priority, &s.Expected,
			&kind, &review, &s.Considerations, &s.Recipe)
		s.State = stateAfter[kind]
		if review != nil {
			s.ReviewBy = *review
		}
		return s, err
	})
}

// Sources gives the register, by priority. The platform's own processes read it
// without an audit row; people with one.
func (s *Store) Sources(ctx context.Context) ([]zoeklicht.Source, error) {
	if s.pass.Person() < 0 {
		all, err := sources(ctx, s.pool, "", everything)
		return all, problem(err)
	}
	var all []zoeklicht.Source
	row := &zoeklicht.Audit{Act: "sources"}
	err := s.serve(ctx, zoeklicht.ActSources, row, func(tx pgx.Tx) (err error) {
		all, err = sources(ctx, tx, "", everything)
		row.Count = len(all)
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Standing gives of each source, by priority, what screens say beside other things:
// identifier, title, state and the end of its approval. That is no content and no
// consideration, and live screens ask for it every few seconds: no audit row.
func (s *Store) Standing(ctx context.Context) ([]zoeklicht.Source, error) {
	if s.pass.Allow(zoeklicht.ActHealth) != nil && s.pass.Allow(zoeklicht.ActSources) != nil {
		if err := s.pass.Allow(zoeklicht.ActSearch); err != nil {
			return nil, err
		}
	}
	all, err := sources(ctx, s.pool, "", everything)
	for i, src := range all {
		all[i] = zoeklicht.Source{ID: src.ID, Title: src.Title, State: src.State, ReviewBy: src.ReviewBy}
	}
	return all, problem(err)
}

// Source gives one source with its decisions, oldest first.
func (s *Store) Source(ctx context.Context, id zoeklicht.SourceID) (*zoeklicht.Source, error) {
	var src *zoeklicht.Source
	row := &zoeklicht.Audit{Act: "source", Object: string(id), Count: 1}
	read := func(q querier) error {
		all, err := sources(ctx, q, id, everything)
		if err != nil {
			return err
		}
		if len(all) == 0 || id == "" {
			return zoeklicht.Errorf(zoeklicht.NotFound, "source %q is not in this theme's register", id)
		}
		src = &all[0]
		src.Decisions, err = decisions(ctx, q, id)
		return err
	}
	var err error
	if s.pass.Person() < 0 {
		err = problem(read(s.pool))
	} else {
		err = s.serve(ctx, zoeklicht.ActSources, row, func(tx pgx.Tx) error { return read(tx) })
	}
	if err != nil {
		return nil, err
	}
	return src, nil
}

func decisions(ctx context.Context, q querier, id zoeklicht.SourceID) ([]zoeklicht.Decision, error) {
	rows, err := q.Query(ctx, `
		SELECT source, kind, person, person_name, at, seq, reason, answer, review_by,
		       coalesce(considerations, '{}'), coalesce(recipe, 0)
		FROM decision WHERE source = $1 ORDER BY id`, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (d zoeklicht.Decision, err error) {
		var review *time.Time
		err = r.Scan(&d.Source, &d.Kind, &d.Person, &d.PersonName, &d.At, &d.Seq, &d.Reason, &d.Answer,
			&review, &d.Considerations, &d.Recipe)
		if review != nil {
			d.ReviewBy = *review
		}
		return d, err
	})
}

// Propose enters a source into the register. Nothing is connected to by that.
// d carries reason and considerations; a source that is there already is a Conflict.
func (s *Store) Propose(ctx context.Context, src *zoeklicht.Source, d zoeklicht.Decision) error {
	if err := s.pass.Allow(zoeklicht.ActPropose); err != nil {
		return err
	}
	if err := cmp.Or(boundedSource(src), boundedDecision(&d)); err != nil {
		return err
	}
	_, err := s.write(ctx, func(tx pgx.Tx, m Moment) error {
		tag, err := tx.Exec(ctx, `
			INSERT INTO source (id, seq, title, home, scope, schedule, priority, expected, proposed_by, proposed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING`,
			src.ID, m.Seq, src.Title, src.Home, src.Scope, src.Schedule, src.Priority, src.Expected, s.pass.Person(), m.At)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return zoeklicht.Errorf(zoeklicht.Conflict, "source %s is in the register already", src.ID).
				With("nothing was changed", "choose another name, or decide on the one that is there")
		}
		d.Source, d.Kind = src.ID, zoeklicht.Propose
		return s.decide(ctx, tx, m, d)
	})
	return err
}

// What a person writes into the register at most, in bytes, and how many hosts, paths and
// private ranges a scope has.
const (
	maxAddress = 2000
	maxRecipe  = 256 << 10
	maxScope   = 200
)

// boundedSource refuses a source that says more than a person writes.
func boundedSource(src *zoeklicht.Source) error {
	err := cmp.Or(
		bounded("the source's name", string(src.ID), maxName), bounded("the title", src.Title, maxName), bounded("the home page", src.Home, maxAddress),
		bounded("what is expected", src.Expected, maxReason), bounded("the user agent", src.Schedule.UserAgent, maxName),
		bounded("the accepted languages", src.Schedule.AcceptLang, maxName))
	if err != nil {
		return err
	}
	for what, list := range map[string][]string{
		"hosts": src.Scope.Hosts, "paths": src.Scope.Paths, "hosts of pictures": src.Scope.PictureHosts, "private ranges": src.Scope.Private,
	} {
		if len(list) > maxScope {
			return zoeklicht.Errorf(zoeklicht.Limit, "the scope has %d %s; %d is the most", len(list), what, maxScope).With("nothing was stored", "")
		}
		for _, s := range list {
			if err := bounded("one of the scope's "+what, s, maxAddress); err != nil {
				return err
			}
		}
	}
	return nil
}

// boundedDecision refuses a decision that says more than a person writes.
func boundedDecision(d *zoeklicht.Decision) error {
	c := &d.Considerations
	return cmp.Or(
		bounded("the reason", d.Reason, maxReason), bounded("the answer", d.Answer, maxReason),
		bounded("whether it is public", c.Public, maxReason), bounded("whether it is real", c.Real, maxReason), bounded("the need", c.Need, maxReason),
		bounded("whether it is proportionate", c.Proportionate, maxReason), bounded("what speaks against it", c.Against, maxReason),
		bounded("the ground about robots.txt", c.Robots, maxReason))
}

// actFor is what a person must be allowed to do to take a decision.
var actFor = map[zoeklicht.DecisionKind]zoeklicht.Act{
	zoeklicht.Propose: zoeklicht.ActPropose, zoeklicht.Vet: zoeklicht.ActVet, zoeklicht.Recast: zoeklicht.ActVet,
	zoeklicht.Approve: zoeklicht.ActApprove, zoeklicht.Suspend: zoeklicht.ActApprove,
	zoeklicht.Reject: zoeklicht.ActApprove, zoeklicht.Retire: zoeklicht.ActApprove,
}

// Decide takes the next step in a source's register, in the name of the pass.
// Vetting and approving need all considerations; approving needs a review date and
// somebody else than who vetted.
func (s *Store) Decide(ctx context.Context, d zoeklicht.Decision) error {
	act, ok := actFor[d.Kind]
	if !ok {
		return zoeklicht.Errorf(zoeklicht.Invalid, "%q is not a decision about a source", d.Kind)
	}
	if err := s.pass.Allow(act); err != nil {
		return err
	}
	if err := boundedDecision(&d); err != nil {
		return err
	}
	_, err := s.write(ctx, func(tx pgx.Tx, m Moment) error {
		all, err := sources(ctx, tx, d.Source, everything)
		if err != nil {
			return err
		}
		if len(all) == 0 || d.Source == "" {
			return zoeklicht.Errorf(zoeklicht.NotFound, "source %q is not in this theme's register", d.Source)
		}
		if err := allowed(&all[0], &d); err != nil {
			return err
		}
		return s.decide(ctx, tx, m, d)
	})
	return err
}

// allowed checks a decision against where the source stands.
func allowed(src *zoeklicht.Source, d *zoeklicht.Decision) error {
	ok := false
	for _, from := range mayFollow[d.Kind] {
		ok = ok || from == src.State
	}
	if !ok {
		return zoeklicht.Errorf(zoeklicht.Conflict, "source %s is %s: it cannot be given the decision %q", src.ID, src.State, d.Kind).
			With("nothing was changed", "")
	}
	if d.Reason == "" {
		return zoeklicht.Errorf(zoeklicht.Invalid, "a decision needs a reason").With("nothing was changed", "say why")
	}
	if d.Kind == zoeklicht.Vet || d.Kind == zoeklicht.Approve {
		c := d.Considerations
		if c == (zoeklicht.Considerations{}) {
			c = src.Considerations
		}
		if missing := c.Complete(); len(missing) > 0 {
			return zoeklicht.Errorf(zoeklicht.Invalid, "considerations without an answer: %v", missing).
				With("nothing was changed", "answer them; they are what the decision stands on")
		}
		d.Considerations = c
	}
	return nil
}

// decide adds the row, its leaf for the ledger and its audit row.
func (s *Store) decide(ctx context.Context, tx pgx.Tx, m Moment, d zoeklicht.Decision) error {
	var considerations any
	if d.Considerations != (zoeklicht.Considerations{}) {
		considerations = d.Considerations
	}
	var recipe any
	if d.Kind == zoeklicht.Recast {
		recipe = d.Recipe
	}
	var id int64
	err := tx.QueryRow(ctx, `
		INSERT INTO decision (seq, source, kind, person, person_name, at, reason, answer, review_by, considerations, recipe)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id`,
		m.Seq, d.Source, d.Kind, s.pass.Person(), s.pass.Name(), m.At, d.Reason, d.Answer, orNull(d.ReviewBy), considerations, recipe).
		Scan(&id)
	if err != nil {
		return err
	}
	if err := s.logDecision(ctx, tx, m, id, d); err != nil {
		return err
	}
	return s.note(ctx, tx, &zoeklicht.Audit{
		Act: "source-" + string(d.Kind), Object: string(d.Source), Count: 1,
		Detail: detail(map[string]any{"decision": id, "review_by": d.ReviewBy}),
	})
}

// decisionRecord is what the ledger's record says of a decision: who decided what about
// which scope, and why.
type decisionRecord struct {
	Decision int64                    `json:"decision"`
	Source   zoeklicht.SourceID       `json:"source"`
	Kind     zoeklicht.DecisionKind   `json:"kind"`
	Person   zoeklicht.PersonID       `json:"person"`
	Name     string                   `json:"name"`
	At       time.Time                `json:"at"`
	Reason   string                   `json:"reason"`
	ReviewBy *time.Time               `json:"review_by,omitempty"`
	Reasons  zoeklicht.Considerations `json:"considerations"`
	Home     string                   `json:"home"`
	Scope    zoeklicht.Scope          `json:"scope"`
	Schedule zoeklicht.Schedule       `json:"schedule"`
	Recipe   int                      `json:"recipe"`
}

// logDecision adds a decision's record.
func (s *Store) logDecision(ctx context.Context, tx pgx.Tx, m Moment, id int64, d zoeklicht.Decision) error {
	all, err := sources(ctx, tx, d.Source, everything)
	if err != nil {
		return err
	}
	r := decisionRecord{
		Decision: id, Source: d.Source, Kind: d.Kind, Person: s.pass.Person(), Name: s.pass.Name(), At: m.At.UTC(), Reason: d.Reason, ReviewBy: orNull(d.ReviewBy),
		Reasons: all[0].Considerations, Home: all[0].Home, Scope: all[0].Scope, Schedule: all[0].Schedule, Recipe: all[0].Recipe,
	}
	content, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = s.AddRecord(ctx, tx, m, zoeklicht.LeafDecision, string(d.Source), content)
	return err
}

// AddRecipe stores a recipe's YAML as the source's next version and puts it in
// force, in one step: for what is analysed from then on. The past is not read again, and
// nothing is fetched.
func (s *Store) AddRecipe(ctx context.Context, id zoeklicht.SourceID, body, reason string) (version int, err error) {
	if err := s.pass.Allow(zoeklicht.ActVet); err != nil {
		return 0, err
	}
	if err := cmp.Or(bounded("the recipe", body, maxRecipe), bounded("the reason", reason, maxReason)); err != nil {
		return 0, err
	}
	sum := sha256.Sum256([]byte(body))
	_, err = s.write(ctx, func(tx pgx.Tx, m Moment) error {
		err := tx.QueryRow(ctx, `
			INSERT INTO recipe (source, version, seq, body, sha256, person, at)
			SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5, $6 FROM recipe WHERE source = $1
			RETURNING version`, id, m.Seq, body, sum[:], s.pass.Person(), m.At).Scan(&version)
		if err != nil {
			return err
		}
		return s.decide(ctx, tx, m, zoeklicht.Decision{Source: id, Kind: zoeklicht.Recast, Recipe: version, Reason: reason})
	})
	return version, err
}

// RecipeBody gives a stored recipe's YAML and its SHA-256.
func (s *Store) RecipeBody(ctx context.Context, id zoeklicht.SourceID, version int) (body string, sum [32]byte, err error) {
	var b []byte
	err = s.pool.QueryRow(ctx, `SELECT body, sha256 FROM recipe WHERE source = $1 AND version = $2`, id, version).Scan(&body, &b)
	copy(sum[:], b)
	return body, sum, problem(err)
}

// Approval gives the seq of the approval in force, for the captures made under it.
func (s *Store) Approval(ctx context.Context, id zoeklicht.SourceID) (seq zoeklicht.Seq, err error) {
	err = s.pool.QueryRow(ctx, `SELECT seq FROM decision WHERE source = $1 AND kind = 'approve' ORDER BY id DESC LIMIT 1`, id).Scan(&seq)
	return seq, problem(err)
}
