package store

import (
	"context"
	"fmt"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// project brings the projections up to the batch that was inserted.
func (p *plan) project(ctx context.Context, tx pgx.Tx, day func(time.Time) time.Time) error {
	var ids, versions, ns, runs, absences []int64
	var sources []string
	var digests [][]byte
	var first, last []time.Time
	var gone []*time.Time
	for _, a := range p.byID {
		if !a.changed {
			continue
		}
		ids, versions, ns = append(ids, int64(a.id)), append(versions, int64(a.version)), append(ns, int64(a.n))
		runs, absences = append(runs, a.lastRun), append(absences, int64(a.absences))
		sources, digests = append(sources, string(a.source)), append(digests, a.digest[:])
		first, last, gone = append(first, a.firstSeen), append(last, a.lastSeen), append(gone, orNull(a.goneAt))
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO current_advert (advert, source, version, n, digest, first_seen, last_seen, last_run, absences, gone_at)
		SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::int[], $5::bytea[], $6::timestamptz[], $7::timestamptz[], $8::bigint[], $9::int[], $10::timestamptz[])
		ON CONFLICT (advert) DO UPDATE SET version = excluded.version, n = excluded.n, digest = excluded.digest,
			last_seen = excluded.last_seen, last_run = excluded.last_run, absences = excluded.absences, gone_at = excluded.gone_at`,
		ids, sources, versions, ns, digests, first, last, runs, absences, gone)
	if err != nil {
		return err
	}
	if err := relead(ctx, tx, p.moved()); err != nil || len(p.versions) == 0 {
		return err
	}
	return p.count(ctx, tx, day)
}

// moved gives the adverts with a new version, and those that went or came back.
func (p *plan) moved() []int64 {
	var ids []int64
	for _, v := range p.versions {
		ids = append(ids, int64(v.advert))
	}
	for _, list := range [][]newAbsence{p.gone, p.relisted} {
		for _, a := range list {
			ids = append(ids, int64(a.advert))
		}
	}
	return ids
}

// count adds the batch's versions to the daily counts.
func (p *plan) count(ctx context.Context, tx pgx.Tx, day func(time.Time) time.Time) error {
	var days []time.Time
	var srcs, places, langs, units []string
	var firsts []int64
	for _, v := range p.versions {
		days = append(days, day(v.read.Capture.At))
		srcs, places = append(srcs, string(v.read.Capture.Source)), append(places, placeOf(&v.read.Reading))
		langs, units = append(langs, v.read.Reading.Lang), append(units, v.read.Reading.Unit)
		if v.n == 1 {
			firsts = append(firsts, 1)
		} else {
			firsts = append(firsts, 0)
		}
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO daily AS d (day, source, place, lang, unit, versions, adverts)
		SELECT day, source, place, lang, unit, count(*), sum(f)
		FROM unnest($1::date[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[]) AS u(day, source, place, lang, unit, f)
		GROUP BY 1, 2, 3, 4, 5
		ON CONFLICT (day, source, place, lang, unit) DO UPDATE SET versions = d.versions + excluded.versions, adverts = d.adverts + excluded.adverts`,
		days, srcs, places, langs, units, firsts)
	return err
}

// Rebuild drops every projection and makes it again from the truth. Answers are the
// same before and after.
func (s *Store) Rebuild(ctx context.Context) error {
	return problem(pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// No batch may be stored meanwhile.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, seqLock); err != nil {
			return err
		}
		for _, sql := range []string{
			`DELETE FROM current_advert`,
			`INSERT INTO current_advert (subject, advert, source, version, n, digest, first_seen, last_seen, last_run, absences, gone_at)
			SELECT ` + subjectOf("c.version", "c.advert") + `, c.* FROM (SELECT a.id AS advert, a.source, v.id AS version, v.n, v.digest, a.first_seen, l.at, l.run,
			       (SELECT count(*) FROM absence b WHERE b.advert = a.id AND b.run > p.run),
			       (SELECT min(g.at) FROM gone g WHERE g.advert = a.id AND g.run > p.run)
			FROM advert a
			JOIN LATERAL (SELECT id, n, digest FROM version WHERE advert = a.id ORDER BY n DESC LIMIT 1) v ON true
			JOIN LATERAL (SELECT max(at) AS at, max(run) AS run FROM sighting WHERE advert = a.id) l ON true
			JOIN LATERAL (SELECT greatest(l.run, (SELECT max(run) FROM relisted WHERE advert = a.id)) AS run) p ON true) c`,
			`DELETE FROM daily`,
			`INSERT INTO daily (day, source, place, lang, unit, versions, adverts)
			SELECT day, source, place, lang, unit, count(*), count(*) FILTER (WHERE n = 1) FROM version v
			WHERE NOT EXISTS (SELECT 1 FROM sealed s WHERE s.version = v.id) GROUP BY 1, 2, 3, 4, 5`,
			`DELETE FROM lead`,
			leads + leadOrder,
			`DELETE FROM found`,
			foundAll,
		} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return nil
	}))
}

// Facets gives the sources, the hundred most frequent places, the languages and the
// police units of the versions that were new in the ninety days before a moment (zero: now), from
// the daily counts. A place's count is of advertisements, never of persons.
func (s *Store) Facets(ctx context.Context, asOf time.Time) (*zoeklicht.Facets, error) {
	if err := s.pass.Allow(zoeklicht.ActSearch); err != nil {
		return nil, err
	}
	f := &zoeklicht.Facets{}
	for _, q := range []struct {
		column, moved string
		into          *[]zoeklicht.Facet
	}{{"source", "", &f.Sources}, {"place", movedBy("place"), &f.Places}, {"lang", "", &f.Langs}, {"unit", movedBy("unit"), &f.Units}} {
		rows, err := s.pool.Query(ctx, `
			WITH last AS (SELECT coalesce($1::timestamptz::date, max(day)) AS day FROM daily), counted AS (
				SELECT day, `+q.column+` AS value, versions FROM daily`+q.moved+`
			)
			SELECT value, sum(versions)::int FROM counted, last
			WHERE value <> '' AND counted.day > last.day - 90 AND counted.day <= last.day
			GROUP BY 1 HAVING sum(versions) > 0 ORDER BY 2 DESC, 1 LIMIT 100`, orNull(asOf))
		if err != nil {
			return nil, problem(err)
		}
		if *q.into, err = pgx.CollectRows(rows, pgx.RowToStructByPos[zoeklicht.Facet]); err != nil {
			return nil, problem(err)
		}
	}
	return f, nil
}

// movedBy gives, with the daily counts by a column of version, those of the versions whose
// places were corrected by a moment ($1): out of the one value and into the other.
func movedBy(column string) string {
	moved := ` UNION ALL SELECT v.day, %s, %s FROM place_as_of((SELECT coalesce(max(seq), 0) FROM moment WHERE $1::timestamptz IS NULL OR at <= $1)) r
		JOIN version v ON v.id = r.version WHERE ` + visible
	return fmt.Sprintf(moved, "v."+column, "-1") + fmt.Sprintf(moved, "r."+column, "1")
}

// Totals are the theme's counts as of now, for its home.
type Totals struct {
	Adverts, Online, Versions, Captures int
	Waiting                             int // leaves that the ledger has not taken yet
}

// Totals counts adverts and versions from the projections and captures from the
// register. It holds no content and is not audited.
func (s *Store) Totals(ctx context.Context) (t Totals, err error) {
	err = s.pool.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM current_advert), (SELECT count(*) FROM current_advert WHERE gone_at IS NULL),
		       (SELECT coalesce(sum(versions), 0) FROM daily), (SELECT count(*) FROM capture),
		       (SELECT count(*) FROM outbox WHERE idx IS NULL)`).
		Scan(&t.Adverts, &t.Online, &t.Versions, &t.Captures, &t.Waiting)
	return t, problem(err)
}
