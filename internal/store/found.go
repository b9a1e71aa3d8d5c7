package store

import (
	"context"
	"fmt"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// The projection found: which rules' findings were in force for which versions, from which
// seq until which, in the order of answers. A frequent rule's newest ten thousand versions
// are read off it, where the assessments of all its versions would have to be gone through.

// ofScore is the rule whose rows say the score.
const ofScore = zoeklicht.IndicatorID("")

// leading is the rule whose findings a question goes through, if by one.
type leading struct {
	by   bool
	rule zoeklicht.IndicatorID
}

// rarest chooses the rule whose findings a question goes through: the rarest of those asked
// for, counted no further than it pays. Where words or a number narrow the question, none
// leads.
func rarest(ctx context.Context, tx pgx.Tx, a *Asked) (led leading, err error) {
	rules := a.Question.Indicators
	switch {
	case a.narrow() || len(rules) == 0 && a.Question.MinScore <= 0:
		return leading{}, nil
	case len(rules) == 0:
		return leading{true, ofScore}, nil
	case len(rules) == 1:
		return leading{true, rules[0]}, nil
	}
	err = tx.QueryRow(ctx, `
		SELECT r.rule FROM unnest($1::text[]) WITH ORDINALITY AS r(rule, k)
		ORDER BY (SELECT count(*) FROM (SELECT 1 FROM found f WHERE f.indicator = r.rule LIMIT $2) few), r.k LIMIT 1`,
		rules, 5*resultLimit).Scan(&led.rule)
	led.by = true
	return led, err
}

// foundRows gives what assessments a say: a row for each rule that fired, and one for a
// score of more than 0. It has their seq, and the columns of a.
const foundRows = `
	SELECT i AS indicator, a.version, 0::float8 AS score, a.seq, a.until FROM a, unnest(a.indicators) i
	UNION ALL
	SELECT '', a.version, a.score, a.seq, a.until FROM a WHERE a.score > 0`

// foundAll makes the projection. What one assessment says and the next says again is one
// row: the islands of seqs that touch.
const foundAll = `
	WITH a AS (
		SELECT version, indicators, score, seq, lead(seq, 1, 9223372036854775807) OVER (PARTITION BY version ORDER BY seq) AS until FROM assessment
	), said AS (` + foundRows + `
	), begun AS (
		SELECT *, CASE WHEN lag(until) OVER w = seq THEN 0 ELSE 1 END AS anew FROM said WINDOW w AS (PARTITION BY version, indicator, score ORDER BY seq)
	), island AS (
		SELECT *, sum(anew) OVER (PARTITION BY version, indicator, score ORDER BY seq) AS k FROM begun
	)
	INSERT INTO found (indicator, version, score, seen_at, since, until)
	SELECT f.indicator, f.version, f.score, v.seen_at, f.since, f.until
	FROM (SELECT indicator, version, score, min(seq) AS since, max(until) AS until FROM island GROUP BY indicator, version, score, k) f
	JOIN version v ON v.id = f.version
	ORDER BY v.seen_at, f.version`

// refound brings the projection up to the assessments of versions that became known with a
// seq.
func refound(ctx context.Context, tx pgx.Tx, m Moment, versions []int64) error {
	const said = `WITH a AS (
			SELECT version, indicators, score, seq, 9223372036854775807 AS until FROM assessment WHERE version = ANY($1) AND seq = $2
		), said AS (` + foundRows + `)`
	for _, sql := range []string{
		said + `
		UPDATE found f SET until = $2 WHERE f.version IN (SELECT version FROM a) AND f.until > $2
			AND NOT EXISTS (SELECT 1 FROM said s WHERE s.version = f.version AND s.indicator = f.indicator AND s.score = f.score)`,
		said + `
		INSERT INTO found (indicator, version, score, seen_at, since, until)
		SELECT s.indicator, s.version, s.score, v.seen_at, s.seq, s.until FROM said s JOIN version v ON v.id = s.version
		WHERE NOT EXISTS (SELECT 1 FROM found f WHERE f.version = s.version AND f.indicator = s.indicator AND f.until > $2)
		ORDER BY v.seen_at, s.version`,
	} {
		if _, err := tx.Exec(ctx, sql, versions, m.Seq); err != nil {
			return err
		}
	}
	return nil
}

// fillMissing makes what an older program did not keep, and a backup of it does not hold: the
// projection found, and the newest steps of leads. Where they are there it costs little.
func fillMissing(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `
		UPDATE lead l SET kind = c.kind, person = c.person, until = c.until, known = c.known
		FROM (SELECT DISTINCT ON (subject) * FROM claim ORDER BY subject, id DESC) c WHERE c.subject = l.subject AND l.kind = ''`); err != nil {
		return fmt.Errorf("steps of leads: %w", err)
	}
	var missing bool
	err := tx.QueryRow(ctx, `
		SELECT NOT EXISTS (SELECT 1 FROM found) AND EXISTS (SELECT 1 FROM assessment WHERE indicators <> '{}' OR score > 0)`).Scan(&missing)
	if err != nil || !missing {
		return err
	}
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, seqLock); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, foundAll); err != nil {
		return fmt.Errorf("what rules found: %w", err)
	}
	_, err = tx.Exec(ctx, `ANALYZE found`)
	return err
}
