package store

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
)

// subjectOf is what a version of an advert is about: its first valid number, those in
// the text before those that stand in a field only, or else the advert. The arguments are
// columns. See zoeklicht.Subject.
func subjectOf(version, advert string) string {
	return `coalesce((
	SELECT 'phone:' || p.value FROM phone_as_of(9223372036854775807) p WHERE p.version = ` + version + ` AND p.valid
	ORDER BY p.stop = 0, p.start, p.value LIMIT 1), 'advert:' || ` + advert + `)`
}

// leads makes the rows of the projection; a condition on c may follow its WHERE.
const leads = `
	INSERT INTO lead (subject, version, advert, unit, score, online, seen_at, seq, kind, person, until, known)
	SELECT DISTINCT ON (c.subject) c.subject, c.version, c.advert, coalesce(r.unit, v.unit), coalesce(a.score, 0), c.gone_at IS NULL, v.seen_at,
	       max(v.seq) OVER (PARTITION BY c.subject), coalesce(k.kind, ''), coalesce(k.person, 0), k.until, coalesce(k.known, 0)
	FROM current_advert c
	JOIN version v ON v.id = c.version
	LEFT JOIN place_as_of(9223372036854775807) r ON r.version = c.version
	LEFT JOIN LATERAL (SELECT * FROM claim k WHERE k.subject = c.subject ORDER BY k.id DESC LIMIT 1) k ON true
	LEFT JOIN LATERAL (SELECT score FROM assessment a WHERE a.version = c.version ORDER BY a.seq DESC LIMIT 1) a ON true
	WHERE NOT EXISTS (SELECT 1 FROM tombstone t WHERE t.version = c.version)
	  AND NOT EXISTS (SELECT 1 FROM sealed s WHERE s.version = c.version)`

const leadOrder = ` ORDER BY c.subject, c.gone_at IS NULL DESC, coalesce(a.score, 0) DESC, v.seen_at DESC, c.version DESC`

// relead brings the projection of leads up to adverts that changed: their versions,
// whether they are online, their scores, what is said or hidden of them.
func relead(ctx context.Context, tx pgx.Tx, adverts []int64) error {
	if len(adverts) == 0 {
		return nil
	}
	subjects := func() ([]string, error) {
		rows, err := tx.Query(ctx, `SELECT DISTINCT subject FROM current_advert WHERE advert = ANY($1)`, adverts)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, pgx.RowTo[string])
	}
	before, err := subjects()
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		UPDATE current_advert c SET subject = n.subject
		FROM (SELECT c.advert, `+subjectOf("c.version", "c.advert")+` AS subject FROM current_advert c WHERE c.advert = ANY($1)) n
		WHERE c.advert = n.advert AND c.subject <> n.subject`, adverts); err != nil {
		return err
	}
	after, err := subjects()
	if err != nil {
		return err
	}
	changed := slices.Concat(before, after)
	if _, err := tx.Exec(ctx, `DELETE FROM lead WHERE subject = ANY($1)`, changed); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, leads+` AND c.subject = ANY($1)`+leadOrder, changed)
	return err
}
