package store

import (
	"context"
	"slices"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// near bounds versions w to what was known beside a version x, in the days before it was
// seen: first seen in them, or seen again in them. Not EXISTS, which the planner may turn
// into a table of all sightings of those days, for each x.
const near = `w.seq <= x.seq AND w.seen_at <= x.seen_at AND (w.seen_at > x.seen_at - make_interval(days => $2)
	OR (SELECT true FROM sighting s WHERE s.version = w.id AND s.seq <= x.seq AND s.at <= x.seen_at AND s.at > x.seen_at - make_interval(days => $2) LIMIT 1))`

// others bounds versions w of other adverts to those that have numbers, and none of x's.
const others = `w.advert <> x.advert AND EXISTS (SELECT 1 FROM entity e WHERE e.version = w.id AND e.type = 'phone' AND e.valid)
	AND NOT EXISTS (SELECT 1 FROM entity e JOIN entity mine ON mine.value = e.value AND mine.version = x.id AND mine.type = 'phone' AND mine.valid
		WHERE e.version = w.id AND e.type = 'phone' AND e.valid)`

// besideSQL counts what was known beside the versions $1, over $2 days. What is counted
// is what was found, whatever was corrected or sealed since: it is the same whenever it is
// asked, but for what was destroyed, which nobody can count any more.
const besideSQL = `
	WITH x AS MATERIALIZED (
		SELECT id, advert, n, seq, seen_at, template FROM version WHERE id = ANY($1)
	), number AS MATERIALIZED (
		SELECT DISTINCT x.id, x.seq, x.seen_at, e.value FROM x JOIN entity e ON e.version = x.id AND e.type = 'phone' AND e.valid
	), beside AS MATERIALIZED (
		SELECT DISTINCT x.id, x.value, w.id AS version, w.advert, w.source, w.municipality
		FROM number x JOIN entity e ON e.value = x.value AND e.type = 'phone' AND e.valid JOIN version w ON w.id = e.version
		WHERE ` + near + `
		UNION ALL
		SELECT x.id, '', w.id, w.advert, w.source, w.municipality
		FROM x JOIN version w ON w.advert = x.advert
		WHERE NOT EXISTS (SELECT 1 FROM number n WHERE n.id = x.id) AND ` + near + `
	), counted AS (
		SELECT id, max(adverts) AS adverts, max(sources) AS sources, max(cities) AS cities FROM (
			SELECT id, count(DISTINCT advert) AS adverts, count(DISTINCT source) AS sources, count(DISTINCT nullif(municipality, '')) AS cities
			FROM beside GROUP BY id, value) c GROUP BY id
	), names AS (
		SELECT id, max(n) AS n FROM (
			SELECT b.id, count(DISTINCT lower(trim(f ->> 'value'))) AS n
			FROM beside b JOIN version w ON w.id = b.version, jsonb_array_elements(w.fields) f
			WHERE f ->> 'name' = 'name' AND trim(f ->> 'value') <> '' GROUP BY b.id, b.value) c GROUP BY id
	), ages AS (
		SELECT id, max(n) AS n FROM (
			SELECT b.id, count(DISTINCT e.value) AS n
			FROM beside b JOIN entity e ON e.version = b.version AND e.type = 'age' GROUP BY b.id, b.value) c GROUP BY id
	), elsewhere AS ( -- version by version, and the few found first (OFFSET 0): any other order goes through everything
		SELECT x.id, t.n AS texts, p.n AS pictures FROM x
		CROSS JOIN LATERAL (
			SELECT count(DISTINCT w.advert) AS n
			FROM (SELECT * FROM version w WHERE w.template = x.template AND w.template <> 0 OFFSET 0) w
			WHERE ` + near + ` AND ` + others + `) t
		CROSS JOIN LATERAL (
			SELECT count(DISTINCT w.advert) AS n
			FROM (SELECT w.* FROM version w JOIN (
					SELECT DISTINCT q.version FROM version_picture p JOIN version_picture q ON q.picture = p.picture AND q.picture <> 0
					WHERE p.version = x.id AND p.picture <> 0 OFFSET 0) q ON w.id = q.version OFFSET 0) w
			WHERE ` + near + ` AND ` + others + `) p
	)
	SELECT x.id, coalesce(c.adverts, 0), coalesce(c.sources, 0), coalesce(c.cities, 0), coalesce(names.n, 0), coalesce(ages.n, 0), x.n,
	       elsewhere.texts, elsewhere.pictures
	FROM x LEFT JOIN counted c USING (id) LEFT JOIN names USING (id) LEFT JOIN ages USING (id) JOIN elsewhere USING (id)`

// elsewhereSQL lists what besideSQL counts as elsewhere for the one version $1, newest
// version of each advert first, but for what is sealed or destroyed.
const elsewhereSQL = `
	WITH x AS MATERIALIZED (
		SELECT v.id, v.advert, v.seq, v.seen_at, v.template FROM version v WHERE v.id = $1 AND ` + visible + `
	), shared AS (
		SELECT w.id, true AS text, false AS picture
		FROM x CROSS JOIN LATERAL (SELECT * FROM version w WHERE w.template = x.template AND w.template <> 0 OFFSET 0) w
		WHERE ` + near + ` AND ` + others + `
		UNION ALL
		SELECT w.id, false, true
		FROM x CROSS JOIN LATERAL (SELECT w.* FROM version w JOIN (
			SELECT DISTINCT q.version FROM version_picture p JOIN version_picture q ON q.picture = p.picture AND q.picture <> 0
			WHERE p.version = x.id AND p.picture <> 0 OFFSET 0) q ON w.id = q.version OFFSET 0) w
		WHERE ` + near + ` AND ` + others + `
	)
	SELECT v.advert, v.id, v.n, v.source, v.seen_at, bool_or(f.text), bool_or(f.picture)
	FROM shared f JOIN version v ON v.id = f.id
	WHERE ` + visible + ` GROUP BY v.id ORDER BY v.advert, v.id DESC`

// Elsewhere lists the adverts that a version shares its text or a picture with, under
// other numbers, as the rules count them: in the days before the version was seen. Newest
// first. Empty for a version that is sealed, destroyed or not there.
func (s *Store) Elsewhere(ctx context.Context, id zoeklicht.VersionID) (out []zoeklicht.Elsewhere, err error) {
	row := &zoeklicht.Audit{Act: "elsewhere", Object: objectVersion(id)}
	err = s.serve(ctx, zoeklicht.ActSearch, row, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, elsewhereSQL, id, zoeklicht.BesideDays)
		if err != nil {
			return err
		}
		var e zoeklicht.Elsewhere
		out = nil
		_, err = pgx.ForEachRow(rows, []any{&e.Advert, &e.Version, &e.N, &e.Source, &e.SeenAt, &e.Text, &e.Picture}, func() error {
			if n := len(out); n > 0 && out[n-1].Advert == e.Advert { // an older version of the same advert
				out[n-1].Text, out[n-1].Picture = out[n-1].Text || e.Text, out[n-1].Picture || e.Picture
				return nil
			}
			out = append(out, e)
			return nil
		})
		slices.SortStableFunc(out, func(a, b zoeklicht.Elsewhere) int { return b.SeenAt.Compare(a.SeenAt) })
		row.Count = len(out)
		return err
	})
	return out, err
}

// beside tells what was known beside each of the versions, as zoeklicht.Beside says.
func beside(ctx context.Context, q querier, ids []int64, tell func(zoeklicht.VersionID, zoeklicht.Beside)) error {
	rows, err := q.Query(ctx, besideSQL, ids, zoeklicht.BesideDays)
	if err != nil {
		return err
	}
	var id zoeklicht.VersionID
	var b zoeklicht.Beside
	_, err = pgx.ForEachRow(rows, []any{
		&id, &b.Adverts, &b.Sources, &b.Cities, &b.Names, &b.Ages, &b.Versions, &b.TextElsewhere, &b.PictureElsewhere,
	}, func() error {
		tell(id, b)
		return nil
	})
	return err
}
