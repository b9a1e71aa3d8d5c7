package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
)

// A backup has nothing of what is sealed: neither texts, nor what was found or said in them,
// nor the keys of captures and pictures, without which their bytes in the segments are
// noise. So it cannot be had back from a backup either. There is no custody yet that could
// keep it a second time; until there is one, what is sealed is in the installation itself
// and nowhere else.
//
// What says that there is something, and what it must be known by again, is in a backup:
// rows and their numbers, seals, leaves and manifests, digests of pictures and texts, and
// the addresses that are visited.

// shutCaptures are the captures with sealed content; pictureCaptures those of other adverts
// that have a sealed picture, of which the pages stay.
const (
	shutCaptures = `
		SELECT s.capture FROM seal s
		UNION SELECT v.capture FROM sealed s JOIN version v ON v.id = s.version
		UNION SELECT g.capture FROM sealed s JOIN sighting g ON g.version = s.version
		UNION SELECT c.id FROM sealed s JOIN advert_page a ON a.advert = s.advert JOIN capture c ON c.source = a.source AND c.page = a.page
		WHERE NOT EXISTS (SELECT 1 FROM sighting g WHERE g.capture = c.id AND NOT EXISTS (SELECT 1 FROM sealed b WHERE b.version = g.version))`
	pictureCaptures = `
		SELECT v.capture FROM seal_picture p JOIN version_picture q ON q.picture = p.picture AND q.picture <> 0 JOIN version v ON v.id = q.version
		UNION SELECT g.capture FROM seal_picture p JOIN version_picture q ON q.picture = p.picture AND q.picture <> 0 JOIN sighting g ON g.version = q.version`
	shutVersions = `SELECT version FROM sealed`
	shutPictures = `SELECT picture FROM seal_picture`
)

// blanked says of a table which of its rows a backup leaves out, and which columns are blank
// in which rows.
type blanked struct {
	without string            // condition on t; "" leaves none out
	of      string            // condition on t: rows with blank columns
	columns map[string]string // what they hold instead
}

// withheld is what of which tables a backup has not.
var withheld = map[string]blanked{
	"version": {of: `t.id IN (` + shutVersions + `)`, columns: map[string]string{
		"title": `''`, "body": `''`, "folded": `''`, "fields": `'[]'::jsonb`, "price": `''`, "place": `''`, "url": `''`, "template": `0`,
	}},
	"entity": {without: `t.version IN (` + shutVersions + `)`},
	"contact": {without: `EXISTS (SELECT 1 FROM entity e JOIN sealed s ON s.version = e.version WHERE e.type = t.type AND e.value = t.value)
		AND NOT EXISTS (SELECT 1 FROM entity e WHERE e.type = t.type AND e.value = t.value AND NOT EXISTS (SELECT 1 FROM sealed s WHERE s.version = e.version))`},
	"assessment": {of: `t.version IN (` + shutVersions + `)`, columns: map[string]string{"hits": `'[]'::jsonb`}},
	"version_picture": {of: `t.version IN (` + shutVersions + `) OR t.picture IN (` + shutPictures + `)`, columns: map[string]string{
		"url": `''`, "canonical": `''`, "detail": `''`,
	}},
	"picture": {of: `t.id IN (` + shutPictures + `)`, columns: map[string]string{"wrapped": `''::bytea`}},
	"item":    {without: `t.capture IN (` + shutCaptures + `) OR t.name LIKE 'picture%' AND t.capture IN (` + pictureCaptures + `)`},
	"capture": {of: `t.id IN (` + shutCaptures + `)`, columns: map[string]string{
		"salts": `''::bytea`, "url": `''`, "canonical": `''`, "final_url": `''`, "detail": `''`, "pictures": `'[]'::jsonb`,
	}},
	"feedback":     {of: `t.version IN (` + shutVersions + `)`, columns: map[string]string{"reason": `''`}},
	"version_name": {of: `t.version IN (` + shutVersions + `)`, columns: map[string]string{"name": `''`}},
	"correction": {of: `t.version IN (` + shutVersions + `)`, columns: map[string]string{
		"value": `''`, "raw": `''`, "start": `0`, "stop": `0`, "corrected": `''`, "wording": `''`, "municipality": `''`, "unit": `''`,
	}},
	"current_advert": {of: `t.version IN (` + shutVersions + `)`, columns: map[string]string{"subject": `'advert:' || t.advert`}},
}

// Withhold gives what a backup reads instead of a table's columns, a SELECT of them all; ""
// where it reads the table as it is, because it has nothing that is sealed.
func Withhold(ctx context.Context, tx pgx.Tx, table string, columns []string) (sql string, err error) {
	w, ok := withheld[table]
	if !ok {
		return "", nil
	}
	var some bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM sealed) OR EXISTS (SELECT 1 FROM seal)`).Scan(&some); err != nil || !some {
		return "", err
	}
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = "t." + pgx.Identifier{c}.Sanitize()
		if blank, ok := w.columns[c]; ok {
			list[i] = "CASE WHEN " + w.of + " THEN " + blank + " ELSE " + list[i] + " END"
		}
	}
	sql = "SELECT " + strings.Join(list, ", ") + " FROM " + pgx.Identifier{table}.Sanitize() + " t"
	if w.without != "" {
		sql += " WHERE NOT (" + w.without + ")"
	}
	return sql, nil
}
