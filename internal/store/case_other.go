package store

import (
	"context"
	"slices"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// remarks are the statements that give what speaks for the other side, or what the court
// should know: $1 are the case's adverts and $2 the seq. Their columns are kind, at,
// advert, version, n, name, text and count.
var remarks = []string{
	// What readers answered; only "no" and "unclear" speak for the other side.
	`SELECT CASE f.answer WHEN 'no' THEN 'answered-no' ELSE 'answered-unclear' END, f.at, v.advert, v.id, v.n, f.name, f.reason, 0
	FROM feedback_as_of($2) f JOIN version v ON v.id = f.version WHERE v.advert = ANY($1) AND f.answer <> 'yes'`,

	// What the platform read wrongly.
	`SELECT 'mended', c.at, v.advert, v.id, v.n, c.name, c.type, 0
	FROM correction c JOIN version v ON v.id = c.version WHERE v.advert = ANY($1) AND c.seq <= $2
		AND NOT EXISTS (SELECT 1 FROM correction_undo u WHERE u.correction = c.id AND u.seq <= $2)`,

	// Wording by which independent workers protect themselves.
	`WITH found AS (` + inForce + `)
	SELECT 'safety', f.at, f.advert, f.id, f.n, '', r -> 'Title' ->> 'nl', 0
	FROM found f JOIN indicator_set i ON i.id = f.rules, jsonb_array_elements(i.rules) r
	WHERE r ->> 'ID' = ANY(f.indicators) AND (r ->> 'Safety')::boolean`,

	// Versions in which nothing that weighs was found.
	`WITH found AS (` + inForce + `) SELECT 'no-signal', at, advert, id, n, '', '', 0 FROM found WHERE score <= 0`,

	// An advert that was away for long may have come back as somebody else's.
	`SELECT 'gap', at, advert, 0, 0, '', '', extract(epoch FROM gap)::bigint / 86400
	FROM (SELECT advert, at, at - lag(at) OVER (PARTITION BY advert ORDER BY at) AS gap FROM sighting WHERE advert = ANY($1) AND seq <= $2) s
	WHERE gap > make_interval(secs => $3)`,

	// Pictures that nobody can look at.
	`SELECT 'pictures', c.at, v.advert, v.id, v.n, '', '', c.missing FROM version v JOIN capture c ON c.id = v.capture
	WHERE v.advert = ANY($1) AND v.seq <= $2 AND c.missing > 0`,

	// Days on which what is absent may have been there.
	`WITH seen AS (
		SELECT v.source, min(s.at)::date AS first, max(s.at)::date AS last, max(s.at) AS at FROM sighting s JOIN version v ON v.id = s.version
		WHERE s.advert = ANY($1) AND s.seq <= $2 GROUP BY v.source)
	SELECT 'run', at, 0, 0, 0, '', source, count(*) FROM seen, generate_series(first, last, '1 day') d
	WHERE NOT EXISTS (SELECT 1 FROM run_end e JOIN run r ON r.id = e.run
		WHERE r.source = seen.source AND e.complete AND e.seq <= $2 AND e.ended >= d AND e.ended < d + interval '1 day')
	GROUP BY source, at`,

	// What was said against watching the sources, when that was decided last.
	`SELECT DISTINCT ON (d.source) 'against', d.at, 0, 0, 0, d.person_name, d.source || ': ' || (d.considerations ->> 'against'), 0 FROM decision d
	WHERE d.source IN (SELECT source FROM version WHERE advert = ANY($1)) AND d.seq <= $2 AND d.considerations ->> 'against' <> ''
	ORDER BY d.source, d.id DESC`,
}

// inForce gives the assessments of the case's versions that were in force.
const inForce = `
	SELECT v.id, v.advert, v.n, v.seen_at AS at, a.score, a.indicators, o.rules
	FROM version v JOIN LATERAL (SELECT round, score, indicators FROM assessment a WHERE a.version = v.id AND a.seq <= $2 ORDER BY a.seq DESC LIMIT 1) a ON true
	JOIN round o ON o.id = a.round WHERE v.advert = ANY($1) AND v.seq <= $2`

// other gives what speaks for the other side, oldest first within each kind.
func (g *gathering) other(ctx context.Context) error {
	var list []zoeklicht.CaseRemark
	for i, sql := range remarks {
		args := []any{g.adverts, g.seq}
		if i == gapRemark {
			args = append(args, zoeklicht.OtherUserAfter.Seconds())
		}
		rows, err := g.tx.Query(ctx, sql, args...)
		if err != nil {
			return err
		}
		some, err := pgx.CollectRows(rows, pgx.RowToStructByPos[zoeklicht.CaseRemark])
		if err != nil {
			return err
		}
		list = append(list, some...)
	}
	slices.SortStableFunc(list, func(a, b zoeklicht.CaseRemark) int {
		return a.At.Compare(b.At)
	})
	g.c.Other = bound(g, "other", list)
	return nil
}

// gapRemark is the place of the statement that has a third argument.
const gapRemark = 4
