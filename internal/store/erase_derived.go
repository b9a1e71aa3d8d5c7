package store

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"zoeklicht"
	"zoeklicht/internal/text"

	"github.com/jackc/pgx/v5"
)

// lostText is a version that loses its text, with what people could have repeated of it.
type lostText struct {
	id      int64
	advert  int64
	content string
}

// versions gives the versions that were read from what is destroyed, but for those that
// were destroyed before.
func (d *destroying) versions(ctx context.Context) ([]lostText, error) {
	if d.e.Scope == zoeklicht.EraseItem && d.e.Item != "page" {
		return nil, nil
	}
	rows, err := d.tx.Query(ctx, `
		SELECT v.id, v.advert, v.title || ' ' || v.body || ' ' || v.place || ' ' || v.price || ' ' || v.url || ' ' || v.fields::text || ' ' ||
		       coalesce((SELECT string_agg(e.value || ' ' || e.raw, ' ') FROM entity e WHERE e.version = v.id), '')
		FROM version v WHERE (v.capture = ANY($1) OR v.advert = $2) AND NOT EXISTS (SELECT 1 FROM tombstone t WHERE t.version = v.id)
		ORDER BY v.id`, d.told.captures, d.e.Advert)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (v lostText, err error) {
		return v, r.Scan(&v.id, &v.advert, &v.content)
	})
}

// derived destroys what was read from the page, what was found in that, and what people
// repeated of it; their answers stay. The version's row stays without content, so that
// counts stay exact.
func (d *destroying) derived(ctx context.Context, lost []lostText) error {
	if d.e.Scope == zoeklicht.EraseItem && d.e.Item != "page" {
		_, err := d.tx.Exec(ctx, `
			UPDATE version_picture p SET picture = 0, failure = $3, detail = '' FROM version v
			WHERE v.id = p.version AND v.capture = $1 AND p.item = $2`, d.e.Capture, d.e.Item, zoeklicht.FailDestroyed)
		return err
	}
	if len(lost) == 0 {
		return nil
	}
	var ids, adverts []int64
	for _, v := range lost {
		ids, adverts = append(ids, v.id), append(adverts, v.advert)
	}
	contacts, subjects, err := d.contacts(ctx, ids, adverts)
	if err != nil {
		return err
	}
	if err := d.repeated(ctx, lost, append(slices.Clone(subjects), advertSubjects(adverts)...)); err != nil {
		return err
	}
	if err := d.exec(
		ctx, ids,
		// Counts by day stay; they are of no place any more, as a rebuilding makes them.
		`UPDATE daily d SET versions = d.versions - v.n, adverts = d.adverts - v.first FROM (
			SELECT day, source, place, lang, unit, count(*) AS n, count(*) FILTER (WHERE n = 1) AS first FROM version
			WHERE id = ANY($1) AND place <> '' GROUP BY 1, 2, 3, 4, 5) v
		WHERE (d.day, d.source, d.place, d.lang, d.unit) = (v.day, v.source, v.place, v.lang, v.unit)`,
		`INSERT INTO daily AS d (day, source, place, lang, unit, versions, adverts)
		SELECT day, source, '', lang, unit, count(*), count(*) FILTER (WHERE n = 1) FROM version WHERE id = ANY($1) AND place <> '' GROUP BY 1, 2, 4, 5
		ON CONFLICT (day, source, place, lang, unit) DO UPDATE SET versions = d.versions + excluded.versions, adverts = d.adverts + excluded.adverts`,
	); err != nil {
		return err
	}
	if _, err := d.tx.Exec(ctx, `INSERT INTO tombstone (version, seq, at, rule) SELECT unnest($1::bigint[]), $2, $3, $4`, ids, d.m.Seq, d.m.At, d.e.Ground); err != nil {
		return err
	}
	if err := d.exec(
		ctx, ids,
		`DELETE FROM entity WHERE version = ANY($1)`,
		`DELETE FROM assessment WHERE version = ANY($1)`,
		`DELETE FROM found WHERE version = ANY($1)`,
		`DELETE FROM version_picture WHERE version = ANY($1)`,
		`UPDATE correction SET value = '', raw = '', start = 0, stop = 0, corrected = '', wording = '', municipality = '', unit = '' WHERE version = ANY($1)`,
		`UPDATE version SET url = '', price = '', place = '', title = '', body = '', folded = '', fields = '[]', digest = '', template = 0 WHERE id = ANY($1)`,
		`UPDATE current_advert SET digest = '' WHERE version = ANY($1)`,
	); err != nil {
		return err
	}
	if err := d.forgotten(ctx, contacts, subjects); err != nil {
		return err
	}
	slices.Sort(adverts)
	return relead(ctx, d.tx, slices.Compact(adverts))
}

// contacts gives the values that lead to a person in versions, and the subjects that
// adverts had because of them.
func (d *destroying) contacts(ctx context.Context, ids, adverts []int64) (contacts []contact, subjects []string, err error) {
	rows, err := d.tx.Query(ctx, `
		SELECT DISTINCT type, value FROM entity WHERE version = ANY($1)
		UNION SELECT type, value FROM correction WHERE version = ANY($1)
		UNION SELECT type, corrected FROM correction WHERE version = ANY($1)`, ids)
	if err != nil {
		return nil, nil, err
	}
	if contacts, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (c contact, err error) {
		return c, r.Scan(&c.kind, &c.value)
	}); err != nil {
		return nil, nil, err
	}
	for _, c := range contacts {
		if c.kind == string(zoeklicht.Phone) && c.value != "" {
			subjects = append(subjects, "phone:"+c.value)
		}
	}
	return contacts, subjects, nil
}

// forgotten destroys the values that nothing has any more, and takes their name from the
// work on them: who had it stays.
func (d *destroying) forgotten(ctx context.Context, contacts []contact, subjects []string) error {
	var kinds, values []string
	for _, c := range contacts {
		kinds, values = append(kinds, c.kind), append(values, c.value)
	}
	tag, err := d.tx.Exec(ctx, `
		DELETE FROM contact c USING unnest($1::text[], $2::text[]) AS u(type, value)
		WHERE c.type = u.type AND c.value = u.value AND NOT EXISTS (SELECT 1 FROM entity e WHERE e.value = c.value AND e.type = c.type)`, kinds, values)
	if err != nil {
		return err
	}
	d.count.Values = int(tag.RowsAffected())
	const unknown = ` s.subject = ANY($1)
		AND NOT EXISTS (SELECT 1 FROM entity e WHERE e.value = substr(s.subject, 7) AND e.type = 'phone')
		AND NOT EXISTS (SELECT 1 FROM correction k WHERE k.corrected = substr(s.subject, 7) AND k.type = 'phone')`
	return d.exec(ctx, subjects,
		`DELETE FROM look s WHERE`+unknown,
		`UPDATE claim s SET subject = 'destroyed', note = '' WHERE`+unknown)
}

func advertSubjects(adverts []int64) []string {
	out := make([]string, len(adverts))
	for i, id := range adverts {
		out[i] = string(zoeklicht.AdvertSubject(zoeklicht.AdvertID(id)))
	}
	return out
}

// repeated takes away what people wrote about the versions where it repeats what is
// destroyed; that they wrote, when, and what they answered stays.
func (d *destroying) repeated(ctx context.Context, lost []lostText, subjects []string) error {
	content := map[int64]*echo{}
	all := &echo{}
	var ids []int64
	for _, v := range lost {
		ids = append(ids, v.id)
		content[v.id] = newEcho(v.content)
		all.add(v.content)
	}
	for _, q := range []struct {
		list, blank string
		arg         any
	}{
		{`SELECT id, version, reason FROM feedback WHERE version = ANY($1) AND reason <> ''`, `UPDATE feedback SET reason = '' WHERE id = ANY($1)`, ids},
		{`SELECT id, version, name FROM version_name WHERE version = ANY($1) AND name <> ''`, `UPDATE version_name SET name = '' WHERE id = ANY($1)`, ids},
		{`SELECT id, 0::bigint, note FROM claim WHERE subject = ANY($1) AND note <> ''`, `UPDATE claim SET note = '' WHERE id = ANY($1)`, subjects},
	} {
		rows, err := d.tx.Query(ctx, q.list, q.arg)
		if err != nil {
			return err
		}
		var blank []int64
		var id, version int64
		var words string
		if _, err := pgx.ForEachRow(rows, []any{&id, &version, &words}, func() error {
			about := content[version]
			if about == nil {
				about = all
			}
			if about.in(words) {
				blank = append(blank, id)
			}
			return nil
		}); err != nil {
			return err
		}
		if _, err := d.tx.Exec(ctx, q.blank, blank); err != nil {
			return err
		}
		d.count.Notes += len(blank)
	}
	return nil
}

// echo tells whether words repeat a content. It would rather see too much than too little:
// four digits are enough, a word of eight letters that the content has, or three words of
// it in a row.
type echo struct {
	words  map[string]bool
	triple map[[3]string]bool
}

func newEcho(content string) *echo {
	s := &echo{}
	s.add(content)
	return s
}

func (s *echo) add(content string) {
	if s.words == nil {
		s.words, s.triple = map[string]bool{}, map[[3]string]bool{}
	}
	words := strings.Fields(text.FoldString(content))
	for i, w := range words {
		s.words[w] = true
		if i >= 2 {
			s.triple[[3]string{words[i-2], words[i-1], w}] = true
		}
	}
}

func (s *echo) in(note string) bool {
	digits := 0
	for _, r := range note {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	if digits >= 4 {
		return true
	}
	words := strings.Fields(text.FoldString(note))
	for i, w := range words {
		if len(w) >= 8 && s.words[w] || i >= 2 && s.triple[[3]string{words[i-2], words[i-1], w}] {
			return true
		}
	}
	return false
}

// advert destroys, for an erasure of everything of an advert, what says where it stood and
// which one it was there. If it is online still it will be found again, as another one.
func (d *destroying) advert(ctx context.Context) error {
	if d.e.Scope != zoeklicht.EraseAdvert {
		return nil
	}
	return d.exec(
		ctx, d.e.Advert,
		// The ledger's records of pages that could not be had name them.
		`UPDATE record r SET content = '', salt = '' WHERE r.kind = 'capture-failed' AND length(r.content) > 0
			AND convert_from(r.content, 'UTF8')::jsonb ->> 'url' IN (
				SELECT canonical FROM advert WHERE id = $1
				UNION SELECT unnest(ARRAY[f.url, f.canonical]) FROM frontier f JOIN advert_page p ON p.source = f.source AND p.page = f.page WHERE p.advert = $1
				UNION SELECT w.url FROM wanted w JOIN advert_page p ON p.source = w.source AND p.page = w.page WHERE p.advert = $1
				UNION SELECT unnest(ARRAY[c.url, c.canonical]) FROM capture c JOIN advert_page p ON p.source = c.source AND p.page = c.page WHERE p.advert = $1)`,
		`UPDATE wanted w SET url = '', page = '', detail = '' FROM advert_page p WHERE p.advert = $1 AND w.source = p.source AND w.page = p.page`,
		`DELETE FROM absent a USING advert_page p, run r WHERE p.advert = $1 AND a.page = p.page AND r.id = a.run AND r.source = p.source`,
		`DELETE FROM frontier f USING advert_page p WHERE p.advert = $1 AND f.source = p.source AND f.page = p.page`,
		`DELETE FROM advert_page WHERE advert = $1`,
		// A random key: nothing comes to it any more, and another advert's is another.
		`UPDATE advert SET key = '', canonical = '', keyhash = sha256(convert_to(gen_random_uuid()::text, 'UTF8')) WHERE id = $1`,
	)
}
