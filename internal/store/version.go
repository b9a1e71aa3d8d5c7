package store

import (
	"context"
	"strconv"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

func objectVersion(id zoeklicht.VersionID) string {
	return "version " + strconv.FormatInt(int64(id), 10)
}

func objectAdvert(id zoeklicht.AdvertID) string { return "advert " + strconv.FormatInt(int64(id), 10) }

// versions reads versions as known at a seq, masked. cond is a condition on v with
// its argument as $1. Destroyed and sealed ones come without content.
func versions(ctx context.Context, q querier, cond string, seq zoeklicht.Seq, arg any) ([]zoeklicht.Version, error) {
	vs, err := unmasked(ctx, q, cond, seq, arg)
	if err != nil {
		return nil, err
	}
	for i := range vs {
		mask(&vs[i])
	}
	return vs, headed(ctx, q, vs, seq)
}

// assessed reads versions as versions does, with their assessments in force as of the seq:
// these point at the text as it is given, masked.
func assessed(ctx context.Context, q querier, cond string, seq zoeklicht.Seq, arg any) ([]zoeklicht.Version, map[zoeklicht.VersionID]zoeklicht.Assessment, error) {
	vs, err := unmasked(ctx, q, cond, seq, arg)
	if err != nil {
		return nil, nil, err
	}
	if err := headed(ctx, q, vs, seq); err != nil {
		return nil, nil, err
	}
	ids := make([]zoeklicht.VersionID, len(vs))
	for i := range vs {
		ids[i] = vs[i].ID
	}
	as, err := assessments(ctx, q, ids, seq)
	for i := range vs {
		m := mask(&vs[i])
		if a, ok := as[vs[i].ID]; ok {
			as[vs[i].ID] = m.assessed(a)
		}
	}
	return vs, as, err
}

// unmasked reads versions with their entities and pictures as they are, on their pages.
// Only Reveal gives them to a person.
func unmasked(ctx context.Context, q querier, cond string, seq zoeklicht.Seq, arg any) ([]zoeklicht.Version, error) {
	rows, err := q.Query(ctx, `
		SELECT v.id, v.advert, v.source, v.n, v.seq, v.seen_at, coalesce(l.at, v.seen_at), v.capture, v.url,
		       v.title, v.body, v.price, v.place, v.lang, v.fields, v.digest, v.reader, v.municipality, v.unit,
		       t.version IS NOT NULL, coalesce(t.rule, ''), EXISTS (SELECT 1 FROM sealed s WHERE s.version = v.id)
		FROM version v
		LEFT JOIN tombstone t ON t.version = v.id
		LEFT JOIN LATERAL (SELECT at FROM sighting s WHERE s.version = v.id AND s.seq <= $2 ORDER BY run DESC LIMIT 1) l ON true
		WHERE `+cond+` AND v.seq <= $2 ORDER BY v.advert, v.n DESC`, arg, seq)
	if err != nil {
		return nil, err
	}
	vs, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (v zoeklicht.Version, err error) {
		var digest []byte
		err = r.Scan(&v.ID, &v.Advert, &v.Source, &v.N, &v.Seq, &v.SeenAt, &v.LastSeen, &v.Capture, &v.URL,
			&v.Title, &v.Body, &v.Price, &v.Place, &v.Lang, &v.Fields, &digest, &v.Reader,
			&v.Municipality, &v.Unit, &v.Destroyed, &v.Rule, &v.Sealed)
		copy(v.Digest[:], digest)
		if v.Destroyed || v.Sealed {
			v = zoeklicht.Version{
				ID: v.ID, Advert: v.Advert, Source: v.Source, N: v.N, Seq: v.Seq, SeenAt: v.SeenAt,
				LastSeen: v.LastSeen, Destroyed: v.Destroyed, Rule: v.Rule, Sealed: v.Sealed,
			}
		}
		return v, err
	})
	if err != nil {
		return nil, err
	}
	return vs, withParts(ctx, q, vs)
}

// withParts adds entities and pictures to versions that have content. A picture that was
// sealed, with this version or another, is not there.
func withParts(ctx context.Context, q querier, vs []zoeklicht.Version) error {
	ids := make([]zoeklicht.VersionID, 0, len(vs))
	byID := map[zoeklicht.VersionID]*zoeklicht.Version{}
	for i := range vs {
		if !vs[i].Destroyed && !vs[i].Sealed {
			ids = append(ids, vs[i].ID)
			byID[vs[i].ID] = &vs[i]
		}
	}
	rows, err := q.Query(ctx, `
		SELECT version, type, raw, start, stop, value, obfuscated, valid FROM entity
		WHERE version = ANY($1) ORDER BY version, start, stop, type, value`, ids)
	if err != nil {
		return err
	}
	var id zoeklicht.VersionID
	var e zoeklicht.Entity
	if _, err = pgx.ForEachRow(rows, []any{&id, &e.Type, &e.Raw, &e.Start, &e.End, &e.Value, &e.Obfuscated, &e.Valid}, func() error {
		byID[id].Entities = append(byID[id].Entities, e)
		return nil
	}); err != nil {
		return err
	}
	rows, err = q.Query(ctx, `
		SELECT version, n, url, picture, failure, detail, item, EXISTS (SELECT 1 FROM seal_picture s WHERE s.picture = p.picture)
		FROM version_picture p WHERE version = ANY($1) ORDER BY version, n`, ids)
	if err != nil {
		return err
	}
	var p zoeklicht.VersionPicture
	var sealed bool
	_, err = pgx.ForEachRow(rows, []any{&id, &p.N, &p.URL, &p.Picture, &p.Failure, &p.Detail, &p.Item, &sealed}, func() error {
		if sealed {
			byID[id].Pictures = append(byID[id].Pictures, zoeklicht.VersionPicture{N: p.N, Failure: zoeklicht.FailSealed})
			return nil
		}
		byID[id].Pictures = append(byID[id].Pictures, p)
		return nil
	})
	return err
}

// advertsAsOf reads adverts as they were known at a seq, without versions; one that was
// sealed as a whole comes without its key and address.
func advertsAsOf(ctx context.Context, q querier, ids []zoeklicht.AdvertID, seq zoeklicht.Seq) (map[zoeklicht.AdvertID]zoeklicht.Advert, error) {
	rows, err := q.Query(ctx, `
		SELECT a.id, a.source, CASE WHEN w.shut THEN '' ELSE a.key END, CASE WHEN w.shut THEN '' ELSE a.canonical END, a.first_seen, l.at,
		       (SELECT min(g.at) FROM gone g WHERE g.advert = a.id AND g.seq <= $2 AND g.run > l.run
		        AND NOT EXISTS (SELECT 1 FROM relisted b WHERE b.advert = a.id AND b.run > g.run AND b.seq <= $2))
		FROM advert a
		JOIN LATERAL (SELECT at, run FROM sighting s WHERE s.advert = a.id AND s.seq <= $2 ORDER BY run DESC, at DESC LIMIT 1) l ON true
		CROSS JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM seal s WHERE s.advert = a.id AND s.whole) AS shut) w
		WHERE a.id = ANY($1) AND a.seq <= $2`, ids, seq)
	if err != nil {
		return nil, err
	}
	out := map[zoeklicht.AdvertID]zoeklicht.Advert{}
	list, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (a zoeklicht.Advert, err error) {
		var gone *time.Time
		err = r.Scan(&a.ID, &a.Source, &a.Key, &a.Canonical, &a.FirstSeen, &a.LastSeen, &gone)
		if gone != nil {
			a.GoneAt = *gone
		}
		return a, err
	})
	for _, a := range list {
		out[a.ID] = a
	}
	return out, err
}

// Advert gives one advert with its versions, newest first, as known at a seq, to
// someone who may read it. What did not exist then is not found.
func (s *Store) Advert(ctx context.Context, id zoeklicht.AdvertID, seq zoeklicht.Seq) (*zoeklicht.Advert, error) {
	var a zoeklicht.Advert
	row := &zoeklicht.Audit{Act: "advert", Object: objectAdvert(id), Detail: detail(map[string]any{"seq": seq})}
	err := s.serve(ctx, zoeklicht.ActSearch, row, func(tx pgx.Tx) error {
		as, err := advertsAsOf(ctx, tx, []zoeklicht.AdvertID{id}, seq)
		if err != nil {
			return err
		}
		var ok bool
		if a, ok = as[id]; !ok {
			return zoeklicht.Errorf(zoeklicht.NotFound, "advert %d is not in this theme as of this moment", id)
		}
		if a.Versions, err = versions(ctx, tx, `v.advert = $1`, seq, id); err != nil {
			return err
		}
		row.Count = len(a.Versions)
		return s.look(ctx, tx, `SELECT subject FROM current_advert WHERE advert = $2`, id)
	})
	if err != nil {
		return nil, err
	}
	return &a, nil
}

// Reveal gives a version in the clear, and audits that the person saw it so. The
// purpose is the pass's; without one it is refused.
func (s *Store) Reveal(ctx context.Context, id zoeklicht.VersionID) (*zoeklicht.Version, error) {
	var out *zoeklicht.Version
	row := &zoeklicht.Audit{Act: "reveal-entities", Object: objectVersion(id)}
	err := s.serve(ctx, zoeklicht.ActReveal, row, func(tx pgx.Tx) error {
		vs, err := unmasked(ctx, tx, `v.id = $1`, everything, id)
		if err != nil {
			return err
		}
		if len(vs) == 0 {
			return zoeklicht.Errorf(zoeklicht.NotFound, "version %d is not in this theme", id)
		}
		if vs[0].Destroyed {
			return zoeklicht.Errorf(zoeklicht.NotFound, "version %d was destroyed: %s", id, vs[0].Rule)
		}
		if vs[0].Sealed {
			return errSealed(id)
		}
		out, row.Count = &vs[0], 1
		return headed(ctx, tx, vs, everything)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// errSealed says that a version was taken out of sight.
func errSealed(id zoeklicht.VersionID) error {
	return zoeklicht.Errorf(zoeklicht.NotFound, "version %d was sealed", id).With("nobody can see it any more", "")
}
