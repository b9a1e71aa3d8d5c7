package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// newestOfNumber is how many adverts a number's card lists.
const newestOfNumber = 50

// Number gives the card of a number that a person typed, as of a moment (zero: now), in
// the clear. values are what it may be, in E.164, the likeliest first: the first that is
// known is it, or else the first. Nothing found is an answer, and audited as one.
func (s *Store) Number(ctx context.Context, asked string, values []string, asOfTime time.Time) (*zoeklicht.NumberCard, error) {
	card := &zoeklicht.NumberCard{Asked: asked}
	row := &zoeklicht.Audit{Act: "number"}
	trail, err := s.trail(ctx)
	if err != nil {
		return nil, err
	}
	err = s.serve(ctx, zoeklicht.ActSearch, row, func(tx pgx.Tx) error {
		m, err := s.at(ctx, tx, asOfTime, card)
		if err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `
			SELECT u.value FROM unnest($1::text[]) WITH ORDINALITY u(value, n)
			ORDER BY EXISTS (SELECT 1 FROM phone_as_of($2) p JOIN version v ON v.id = p.version WHERE p.value = u.value AND v.seq <= $2 AND `+visible+`) DESC, u.n
			LIMIT 1`, values, m).Scan(&card.Value)
		if err != nil {
			return err
		}
		row.Object = trail.number(card.Value)
		return s.card(ctx, tx, row, card)
	})
	if err != nil {
		return nil, err
	}
	return card, nil
}

// NumberOf gives the card of a version's first number as of a moment, masked unless it is
// revealed, for the pass's purpose. NotFound where the version has none.
func (s *Store) NumberOf(ctx context.Context, id zoeklicht.VersionID, reveal bool, asOfTime time.Time) (*zoeklicht.NumberCard, error) {
	card := &zoeklicht.NumberCard{}
	row, allowed := &zoeklicht.Audit{Act: "number-of", Object: objectVersion(id)}, zoeklicht.ActSearch
	if reveal {
		row.Act, allowed = "reveal-number", zoeklicht.ActReveal
	}
	err := s.serve(ctx, allowed, row, func(tx pgx.Tx) error {
		if _, err := s.at(ctx, tx, asOfTime, card); err != nil {
			return err
		}
		v, err := shownVersion(ctx, tx, id)
		if err != nil {
			return err
		}
		if card.Value = v.subject.Phone(); card.Value == "" {
			return zoeklicht.Errorf(zoeklicht.NotFound, "version %d has no number", id)
		}
		return s.card(ctx, tx, row, card)
	})
	if err != nil {
		return nil, err
	}
	if !reveal {
		card.Value = zoeklicht.Mask(card.Value)
		spellings := map[string]int{}
		for _, c := range card.Spellings {
			spellings[zoeklicht.Mask(c.Value)] += c.Count
		}
		card.Spellings = counted(spellings)
	}
	return card, nil
}

// at resolves the moment of a card.
func (s *Store) at(ctx context.Context, tx pgx.Tx, t time.Time, card *zoeklicht.NumberCard) (zoeklicht.Seq, error) {
	m, err := asOf(ctx, tx, t)
	card.Seq, card.AsOf = m.Seq, t
	if t.IsZero() {
		card.AsOf = m.At
	}
	return m.Seq, err
}

// carrier is a version that carries a number.
type carrier struct {
	id                         zoeklicht.VersionID
	advert                     zoeklicht.AdvertID
	n                          int
	source, municipality, unit string
	seen                       time.Time
}

// card fills the card of card.Value as of card.Seq, but for masking, and its audit row.
func (s *Store) card(ctx context.Context, tx pgx.Tx, row *zoeklicht.Audit, card *zoeklicht.NumberCard) error {
	rows, err := tx.Query(ctx, `
		SELECT v.id, v.advert, v.n, v.source, coalesce(r.municipality, v.municipality), coalesce(r.unit, v.unit), v.seen_at
		FROM (SELECT DISTINCT version FROM phone_as_of($2) p WHERE p.value = $1) p JOIN version v ON v.id = p.version
		LEFT JOIN place_as_of($2) r ON r.version = v.id
		WHERE v.seq <= $2 AND `+visible+` ORDER BY v.seen_at DESC, v.id DESC`, card.Value, card.Seq)
	if err != nil {
		return err
	}
	carriers, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (c carrier, err error) {
		return c, r.Scan(&c.id, &c.advert, &c.n, &c.source, &c.municipality, &c.unit, &c.seen)
	})
	if err != nil {
		return err
	}
	entries := countCarriers(card, carriers)
	ids := make([]zoeklicht.VersionID, len(carriers))
	for i, c := range carriers {
		ids[i] = c.id
	}
	if err := spoken(ctx, tx, card, ids); err != nil {
		return err
	}
	res := &zoeklicht.Result{Seq: card.Seq}
	if err := fill(ctx, tx, res, entries, 0, newestOfNumber); err != nil {
		return err
	}
	card.Newest = res.Rows
	if err := s.worked(ctx, tx, card); err != nil {
		return err
	}
	row.Count = len(card.Newest)
	row.Detail = detail(map[string]any{"seq": card.Seq, "adverts": card.Adverts, "versions": card.Versions})
	return nil
}

// countCarriers counts carriers, and gives the newest of each advert, newest first.
func countCarriers(card *zoeklicht.NumberCard, carriers []carrier) (entries []entry) {
	at := map[zoeklicht.AdvertID]int{}
	sources, places, units := map[string]map[zoeklicht.AdvertID]bool{}, map[string]map[zoeklicht.AdvertID]bool{}, map[string]map[zoeklicht.AdvertID]bool{}
	add := func(to map[string]map[zoeklicht.AdvertID]bool, value string, c carrier) {
		if to[value] == nil {
			to[value] = map[zoeklicht.AdvertID]bool{}
		}
		to[value][c.advert] = true
	}
	for _, c := range carriers {
		add(sources, c.source, c)
		add(places, c.municipality, c)
		add(units, c.unit, c)
		if i, ok := at[c.advert]; ok {
			entries[i].matches++
		} else {
			at[c.advert] = len(entries)
			entries = append(entries, entry{c.id, 1})
		}
		card.First = c.seen // they come newest first
	}
	card.Versions, card.Adverts = len(carriers), len(entries)
	for _, f := range []struct {
		into *[]zoeklicht.Counted
		from map[string]map[zoeklicht.AdvertID]bool
	}{{&card.Sources, sources}, {&card.Places, places}, {&card.Units, units}} {
		counts := map[string]int{}
		for v, adverts := range f.from {
			counts[v] = len(adverts)
		}
		*f.into = counted(counts)
	}
	return entries
}

// spoken adds what the versions say: spellings and names, when they were seen, and which
// of their adverts are online with one of them as the newest.
func spoken(ctx context.Context, tx pgx.Tx, card *zoeklicht.NumberCard, ids []zoeklicht.VersionID) error {
	if len(ids) == 0 {
		return nil
	}
	var gap float64
	err := tx.QueryRow(ctx, `
		SELECT max(at), coalesce(extract(epoch FROM max(gap)), 0)::float8 FROM (
			SELECT at, at - lag(at) OVER (ORDER BY at) AS gap FROM sighting WHERE version = ANY($1) AND seq <= $2) s`, ids, card.Seq).
		Scan(orNullTime{&card.Last}, &gap)
	if err != nil {
		return err
	}
	card.Gap = time.Duration(gap * float64(time.Second)).Round(time.Second)
	if card.Last.IsZero() { // no sighting was stored beside the versions
		card.Last = card.First
	}
	err = tx.QueryRow(ctx, `
		SELECT count(*) FROM version v WHERE v.id = ANY($1)
		AND NOT EXISTS (SELECT 1 FROM version y WHERE y.advert = v.advert AND y.n = v.n + 1 AND y.seq <= $2)
		AND NOT EXISTS (SELECT 1 FROM gone g WHERE g.advert = v.advert AND g.seq <= $2
			AND NOT EXISTS (SELECT 1 FROM relisted b WHERE b.advert = g.advert AND b.run > g.run AND b.seq <= $2))`, ids, card.Seq).Scan(&card.Online)
	if err != nil {
		return err
	}
	for _, q := range []struct {
		into *[]zoeklicht.Counted
		sql  string
		args []any
	}{
		{&card.Spellings, `SELECT p.raw, count(DISTINCT p.version) FROM phone_as_of($2) p
			WHERE p.value = $3 AND p.version = ANY($1) AND p.raw <> '' GROUP BY 1`, []any{ids, card.Seq, card.Value}},
		{&card.Names, `SELECT trim(f ->> 'value'), count(DISTINCT v.advert) FROM version v, jsonb_array_elements(v.fields) f
			WHERE v.id = ANY($1) AND f ->> 'name' = $2 AND trim(f ->> 'value') <> '' GROUP BY 1`, []any{ids, zoeklicht.FieldName}},
	} {
		rows, err := tx.Query(ctx, q.sql, q.args...)
		if err != nil {
			return err
		}
		if *q.into, err = pgx.CollectRows(rows, pgx.RowToStructByPos[zoeklicht.Counted]); err != nil {
			return err
		}
		slices.SortFunc(*q.into, func(a, b zoeklicht.Counted) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
		})
		*q.into = (*q.into)[:min(len(*q.into), newestOfNumber)]
	}
	return nil
}

// worked adds who works on the number and who looked at it, as of now, and notes this
// look where there was something to see.
func (s *Store) worked(ctx context.Context, tx pgx.Tx, card *zoeklicht.NumberCard) error {
	subject := zoeklicht.PhoneSubject(card.Value)
	var now time.Time
	err := tx.QueryRow(ctx, `SELECT theme_now($1)`, s.clock()).Scan(&now)
	if err != nil {
		return err
	}
	if card.Claim, _, err = claimOn(ctx, tx, subject, now); err != nil {
		return err
	}
	if err := looks(ctx, tx, s.pass.Person(), []string{string(subject)}, func(_ zoeklicht.Subject, k zoeklicht.Look) {
		card.Looked = append(card.Looked, k)
	}); err != nil || card.Versions == 0 {
		return err
	}
	return s.look(ctx, tx, `SELECT $2::text AS subject`, string(subject))
}

// orNullTime scans a time that may be null as zero.
type orNullTime struct{ t *time.Time }

// Scan takes what the database gives.
func (o orNullTime) Scan(v any) error {
	if t, ok := v.(time.Time); ok {
		*o.t = t
	}
	return nil
}

// Line is one line of a list of numbers: as it was pasted, and what number it may be, in
// E.164, the likeliest first; none where it holds no number.
type Line struct {
	Raw    string
	Values []string
}

// MaxLines is how many lines a list may have.
const MaxLines = 1000

// List looks a list of numbers up as of a moment (zero: now), for the pass's purpose,
// which it needs: a row for each line, in their order.
func (s *Store) List(ctx context.Context, lines []Line, asOfTime time.Time) ([]zoeklicht.Known, error) {
	if len(lines) > MaxLines {
		return nil, zoeklicht.Errorf(zoeklicht.Limit, "%d lines; %d is the most", len(lines), MaxLines).With("nothing was looked up", "paste the list in parts")
	}
	out := make([]zoeklicht.Known, len(lines))
	var at []int
	var values []string
	for i, l := range lines {
		out[i] = zoeklicht.Known{Line: i + 1, Raw: l.Raw}
		if len(l.Values) > 0 {
			out[i].Value = l.Values[0]
		}
		for _, v := range l.Values {
			at, values = append(at, i), append(values, v)
		}
	}
	row := &zoeklicht.Audit{Act: "number-list", Object: "list"}
	err := s.serve(ctx, zoeklicht.ActReveal, row, func(tx pgx.Tx) error {
		m, err := asOf(ctx, tx, asOfTime)
		if err != nil {
			return err
		}
		found, err := known(ctx, tx, values, m.Seq)
		if err != nil {
			return err
		}
		hits := 0
		for k := len(values) - 1; k >= 0; k-- { // the likeliest last: it stays
			if f, ok := found[values[k]]; ok {
				o := &out[at[k]]
				o.Value, o.Adverts, o.Online, o.First, o.Last, o.Score = values[k], f.Adverts, f.Online, f.First, f.Last, f.Score
			}
		}
		for i := range out {
			if out[i].Adverts > 0 {
				hits++
			}
		}
		row.Count, row.Detail = len(out), detail(map[string]any{"seq": m.Seq, "lines": len(lines), "known": hits})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// known gives what is known of numbers as of a seq; those of which nothing is are left
// out.
func known(ctx context.Context, tx pgx.Tx, values []string, seq zoeklicht.Seq) (map[string]zoeklicht.Known, error) {
	rows, err := tx.Query(ctx, `
		SELECT p.value, count(DISTINCT v.advert),
		       count(DISTINCT v.advert) FILTER (WHERE NOT EXISTS (SELECT 1 FROM version y WHERE y.advert = v.advert AND y.n = v.n + 1 AND y.seq <= $2)
				AND NOT EXISTS (SELECT 1 FROM gone g WHERE g.advert = v.advert AND g.seq <= $2
					AND NOT EXISTS (SELECT 1 FROM relisted b WHERE b.advert = g.advert AND b.run > g.run AND b.seq <= $2))),
		       min(v.seen_at), max(coalesce(l.at, v.seen_at)), coalesce(max(a.score), 0)
		FROM phone_as_of($2) p JOIN version v ON v.id = p.version
		LEFT JOIN LATERAL (SELECT at FROM sighting s WHERE s.version = v.id AND s.seq <= $2 ORDER BY run DESC LIMIT 1) l ON true
		LEFT JOIN LATERAL (SELECT score FROM assessment a WHERE a.version = v.id AND a.seq <= $2 ORDER BY a.seq DESC LIMIT 1) a ON true
		WHERE p.value = ANY($1) AND v.seq <= $2 AND `+visible+` GROUP BY p.value`, values, seq)
	if err != nil {
		return nil, err
	}
	out := map[string]zoeklicht.Known{}
	list, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (k zoeklicht.Known, err error) {
		return k, r.Scan(&k.Value, &k.Adverts, &k.Online, &k.First, &k.Last, &k.Score)
	})
	for _, k := range list {
		out[k.Value] = k
	}
	return out, err
}
