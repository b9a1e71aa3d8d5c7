// Package bulk fills a theme's compartment with a synthetic corpus, for measuring:
// the rows that store.StoreReadings would have written had the corpus been crawled,
// in minutes where crawling takes days. It writes as the database's owner and no
// part of the platform uses it.
//
// # What a filled compartment holds
//
//   - Three sources, a run of each on every day, all complete.
//   - Commits ("moments") of Batch versions each. Version i has the row number i+1
//     and becomes known in commit i/Batch+1; it is first seen at Start plus i/Len of
//     the corpus's days.
//   - Two sightings more of each version, a sixteenth and an eighth of all commits
//     later, as far as there are so many.
//   - Every fifth advert is gone for a while after its second version, three
//     sixteenths of all commits after it; every seventh is gone for good after its
//     fourth. Both were missed in two complete runs.
//   - A telephone number in each version, a picture in two of three. Each place lies in
//     one of ten units.
//   - One round of assessing, known with each version: no hit in a fifth of the versions,
//     one in half of them, two in a fifth, three in a tenth. A third of the rules weigh
//     nothing.
//   - Steps in the work on 5,000 numbers, of four people.
//
// Indexes are dropped before and built after, and the tables are vacuumed and
// analysed as autovacuum would have; but the last Tail versions come afterwards, a
// commit at a time, so that indexes have the unsorted ends that they have in daily
// use.
package bulk

import (
	"context"
	"fmt"
	"time"

	"zoeklicht"
	"zoeklicht/internal/practice"

	"github.com/jackc/pgx/v5"
)

// Config says how a compartment is filled. Zero values take the defaults in
// brackets.
type Config struct {
	// Start is the first day of the corpus. [1 January 2025, UTC]
	Start time.Time
	// Batch is how many versions one commit has. [200]
	Batch int
	// Tail is how many versions are added after the indexes are there. [5000, or
	// less in a small corpus]
	Tail int
	// Told is told of each step when it is done. [nobody]
	Told func(step string, took time.Duration)
}

func (c Config) withDefaults(n int) Config {
	if c.Start.IsZero() {
		c.Start = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if c.Batch == 0 {
		c.Batch = 200
	}
	if c.Tail == 0 {
		c.Tail = 5000
	}
	c.Tail = min(c.Tail, n/10)
	if c.Told == nil {
		c.Told = func(string, time.Duration) {}
	}
	return c
}

// Filled says what a compartment was filled with.
type Filled struct {
	Versions, Adverts, Sightings int
	First, Last                  time.Time // when the first and the last version were seen
	// Moments are the commits' times, seq 1 first.
	Moments []time.Time
}

// Sources are the three sources of a filled compartment.
var sources = [...]zoeklicht.SourceID{"admarkt", "stadsgids", "kiosk"}

// Fill writes the corpus into an empty compartment, whose owner's connection string
// is dsn. The projections are left to store.Store.Rebuild.
func Fill(ctx context.Context, dsn string, corpus *practice.Corpus, cfg Config) (*Filled, error) {
	cfg = cfg.withDefaults(corpus.Len())
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx)) // nothing is lost with it
	f := newFiller(corpus, cfg)
	var rebuild []string
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"drop the indexes", func() (err error) { rebuild, err = dropIndexes(ctx, conn); return err }},
		{"sources, runs, moments", func() error { return f.register(ctx, conn) }},
		{"versions", func() error { return f.copyVersions(ctx, conn, 0, f.tail()) }},
		{"sightings, absences", func() error { return f.copySightings(ctx, conn, 1, f.seq(f.tail()-1)) }},
		{"contacts", func() error { return exec(ctx, conn, contacts, steps) }},
		{"assessments", func() error { return exec(ctx, conn, register, fmt.Sprintf(assessments, Rules, 0)) }},
		{"build the indexes", func() error { return exec(ctx, conn, rebuild...) }},
		{"vacuum and analyse", func() error { return exec(ctx, conn, `VACUUM (ANALYZE)`) }},
		{"the last versions, one commit at a time", func() error { return f.addTail(ctx, conn) }},
	} {
		begun := time.Now()
		if err := step.do(); err != nil {
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
		cfg.Told(step.name, time.Since(begun))
	}
	return f.filled(), nil
}

// Units are the police units of a filled compartment.
var Units = [...]string{
	"noord-nederland", "oost-nederland", "midden-nederland", "noord-holland", "amsterdam",
	"den-haag", "rotterdam", "zeeland-west-brabant", "oost-brabant", "limburg",
}

// Rules is how many rules assessed a filled compartment: "rule-0" and so on.
const Rules = 12

// register makes the set of rules that assessed.
const register = `
	INSERT INTO indicator_set (id, seq, at, rules) SELECT '0123456789ab', seq, at, '[]' FROM moment WHERE seq = 1;
	INSERT INTO round (seq, rules) VALUES (1, '0123456789ab')`

// assessments of the versions after one: up to three of twelve rules, by hashes of the
// version's number.
const assessments = `
	INSERT INTO assessment (round, version, seq, score, indicators, hits)
	SELECT 1, v.id, v.seq, h.score, h.names, h.hits
	FROM (SELECT id, seq, (hashint8(id)::bigint & 1048575) AS h FROM version WHERE id > %[2]d ORDER BY id) v
	CROSS JOIN LATERAL (
		SELECT coalesce(sum(weight), 0)::float8 AS score, coalesce(array_agg(name ORDER BY name), '{}') AS names,
		       coalesce(jsonb_agg(jsonb_build_object('indicator', name, 'rule', 1, 'weight', weight, 'where', '[{"start": 0, "end": 5}]'::jsonb, 'trace', 'cities = 4')
			ORDER BY weight DESC, name), '[]') AS hits
		FROM (SELECT 'rule-' || (v.h / 100 + k) %% %[1]d AS name, ((v.h / 100 + k) %% 3 * 0.5) AS weight
			FROM generate_series(1, CASE WHEN v.h %% 10 < 2 THEN 0 WHEN v.h %% 10 < 7 THEN 1 WHEN v.h %% 10 < 9 THEN 2 ELSE 3 END) k) r) h`

// steps in the work on numbers.
const steps = `
	INSERT INTO claim (subject, kind, person, name, by, by_name, at, until, note, known)
	SELECT 'phone:' || value, (ARRAY['claim', 'park', 'release', 'finish'])[n % 4 + 1], n % 4 + 1, 'somebody', n % 4 + 1, 'somebody', m.at, m.at + interval '3 days', '', m.seq
	FROM (SELECT value, row_number() OVER (ORDER BY value) AS n FROM contact WHERE type = 'phone' ORDER BY value LIMIT 5000) c,
	     (SELECT seq, at FROM moment ORDER BY seq DESC LIMIT 1) m`

// contacts are each number once, with the commit that brought it.
const contacts = `
	INSERT INTO contact (type, value, seq) SELECT type, value, min(seq) FROM entity GROUP BY 1, 2
	ON CONFLICT DO NOTHING`

func exec(ctx context.Context, conn *pgx.Conn, sqls ...string) error {
	for _, sql := range sqls {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// dropIndexes drops the indexes of the tables that are filled, but for those of
// constraints, and gives the statements that make them again.
func dropIndexes(ctx context.Context, conn *pgx.Conn) ([]string, error) {
	rows, err := conn.Query(ctx, `
		SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
		FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
		WHERE c.relname IN ('version', 'entity', 'contact', 'assessment', 'sighting', 'absence', 'gone', 'version_picture')
		  AND c.relnamespace = 'public'::regnamespace
		  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)
		ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	var drop, make []string
	var name, def string
	if _, err := pgx.ForEachRow(rows, []any{&name, &def}, func() error {
		drop, make = append(drop, "DROP INDEX "+name), append(make, def)
		return nil
	}); err != nil {
		return nil, err
	}
	return make, exec(ctx, conn, drop...)
}
