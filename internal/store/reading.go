package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// Found counts what a batch of readings brought.
type Found struct {
	Adverts, Versions, Sightings, Gone int
}

// StoreReadings adds what analysis read in one batch of work: adverts, versions,
// entities, sightings, absences, and moves the stage's cursor, all in one
// transaction. reads are in the order of their captures' seq. day gives the day of
// a time in the theme's place. Storing the same batch again is refused by the
// cursor, so nothing is ever doubled.
func (s *Store) StoreReadings(ctx context.Context, stage string, w *Work, reads []Read, pictures []NewPicture, day func(time.Time) time.Time) (Found, error) {
	p, absent, err := s.prepare(ctx, w, reads)
	if err != nil {
		return Found{}, err
	}
	// Captures and ends of runs in the order in which they became known.
	next := 0
	for i := range w.Ended {
		run := &w.Ended[i]
		for next < len(reads) && reads[next].Capture.Seq <= run.EndSeq {
			p.read(&reads[next])
			next++
		}
		for _, a := range absent[run.ID] {
			p.absent(run.Source, run.ID, run.Ended, a.page, a.why)
		}
	}
	for ; next < len(reads); next++ {
		p.read(&reads[next])
	}
	_, err = s.writeAfter(ctx, p.seenBy(), func(tx pgx.Tx, m Moment) error {
		if err := setCursor(ctx, tx, stage, w.From, w.To); err != nil {
			return err
		}
		if err := noErasureSince(ctx, tx, w.known); err != nil {
			return err
		}
		if err := p.insert(ctx, tx, m, day); err != nil {
			return err
		}
		if err := insertPictures(ctx, tx, m, pictures); err != nil {
			return err
		}
		if err := p.project(ctx, tx, day); err != nil {
			return err
		}
		return s.sealArrived(ctx, tx, p)
	})
	if err != nil {
		return Found{}, err
	}
	return Found{len(p.adverts), len(p.versions), len(p.sightings), len(p.gone)}, nil
}

// seenBy gives when the newest version of the batch was seen.
func (p *plan) seenBy() (at time.Time) {
	for _, v := range p.versions {
		if v.read.Capture.At.After(at) {
			at = v.read.Capture.At
		}
	}
	return at
}

// placeOf gives a reading's place as it is filtered by. What fills a screen is no
// place, and no index takes it; the reading's fields keep it whole.
func placeOf(r *zoeklicht.Reading) string { return cut(r.Field(zoeklicht.FieldPlace), 200) }

type absentPage struct {
	page []byte
	why  string
}

// prepare loads where the adverts of a batch stand, outside the lock. That is safe
// because the cursor refuses the batch if another process stored one meanwhile.
func (s *Store) prepare(ctx context.Context, w *Work, reads []Read) (*plan, map[int64][]absentPage, error) {
	p := &plan{
		byKey: map[advertKey]*advertState{}, byID: map[zoeklicht.AdvertID]*advertState{},
		byPage: map[pageKey]map[zoeklicht.AdvertID]bool{}, seen: map[runAdvert]bool{}, has: map[runVersion]bool{},
	}
	absent, pages, err := s.absentPages(ctx, w)
	if err != nil {
		return nil, nil, err
	}
	var srcs, keys []string
	var hashes [][]byte
	for i := range reads {
		pages[pageKey{reads[i].Capture.Source, string(keyOfPage(reads[i].Capture.Canonical))}] = true
		if reads[i].Same {
			continue
		}
		k := keyOf(&reads[i])
		sum := sha256.Sum256([]byte(k.key))
		srcs, keys, hashes = append(srcs, string(k.source)), append(keys, k.key), append(hashes, sum[:])
	}
	var ids []zoeklicht.AdvertID
	rows, err := s.pool.Query(ctx, `
		SELECT a.id, a.source, a.key FROM unnest($1::text[], $2::bytea[]) AS u(source, keyhash)
		JOIN advert a ON a.source = u.source AND a.keyhash = u.keyhash`, srcs, hashes)
	if err != nil {
		return nil, nil, problem(err)
	}
	var id zoeklicht.AdvertID
	var src zoeklicht.SourceID
	var key string
	keyed := map[zoeklicht.AdvertID]advertKey{}
	if _, err := pgx.ForEachRow(rows, []any{&id, &src, &key}, func() error {
		ids = append(ids, id)
		keyed[id] = advertKey{src, key}
		return nil
	}); err != nil {
		return nil, nil, problem(err)
	}
	if ids, err = s.pagesOf(ctx, p, pages, ids); err != nil {
		return nil, nil, err
	}
	if err := s.states(ctx, p, ids); err != nil {
		return nil, nil, err
	}
	for id, k := range keyed {
		p.byKey[k] = p.byID[id]
	}
	if err := s.sightedIn(ctx, p, w); err != nil {
		return nil, nil, err
	}
	if err := s.sightedBefore(ctx, p, reads); err != nil {
		return nil, nil, err
	}
	adverts, err := s.allocate(ctx, "advert_id_seq", len(keys))
	if err != nil {
		return nil, nil, err
	}
	versions, err := s.allocate(ctx, "version_id_seq", len(keys))
	if err != nil {
		return nil, nil, err
	}
	p.newAdvert = func() zoeklicht.AdvertID { id := adverts[0]; adverts = adverts[1:]; return zoeklicht.AdvertID(id) }
	p.newVersion = func() zoeklicht.VersionID { id := versions[0]; versions = versions[1:]; return zoeklicht.VersionID(id) }
	return p, absent, nil
}

func (s *Store) absentPages(ctx context.Context, w *Work) (map[int64][]absentPage, map[pageKey]bool, error) {
	absent, pages := map[int64][]absentPage{}, map[pageKey]bool{}
	runs, source := make([]int64, 0, len(w.Ended)), map[int64]zoeklicht.SourceID{}
	for i := range w.Ended {
		runs, source[w.Ended[i].ID] = append(runs, w.Ended[i].ID), w.Ended[i].Source
	}
	if len(runs) == 0 {
		return absent, pages, nil
	}
	rows, err := s.pool.Query(ctx, `SELECT run, page, why FROM absent WHERE run = ANY($1) ORDER BY run, page`, runs)
	if err != nil {
		return nil, nil, problem(err)
	}
	var run int64
	var page []byte
	var why string
	_, err = pgx.ForEachRow(rows, []any{&run, &page, &why}, func() error {
		absent[run] = append(absent[run], absentPage{append([]byte(nil), page...), why})
		pages[pageKey{source[run], string(page)}] = true
		return nil
	})
	return absent, pages, problem(err)
}

// pagesOf loads which adverts the pages are known to show, and adds those adverts
// to the ids to load.
func (s *Store) pagesOf(ctx context.Context, p *plan, pages map[pageKey]bool, ids []zoeklicht.AdvertID) ([]zoeklicht.AdvertID, error) {
	var srcs []string
	var keys [][]byte
	for k := range pages {
		srcs, keys = append(srcs, string(k.source)), append(keys, []byte(k.page))
	}
	rows, err := s.pool.Query(ctx, `
		SELECT p.source, p.page, p.advert FROM unnest($1::text[], $2::bytea[]) AS u(source, page)
		JOIN advert_page p ON p.source = u.source AND p.page = u.page`, srcs, keys)
	if err != nil {
		return nil, problem(err)
	}
	have := map[zoeklicht.AdvertID]bool{}
	for _, id := range ids {
		have[id] = true
	}
	var src zoeklicht.SourceID
	var page []byte
	var id zoeklicht.AdvertID
	_, err = pgx.ForEachRow(rows, []any{&src, &page, &id}, func() error {
		k := pageKey{src, string(page)}
		if p.byPage[k] == nil {
			p.byPage[k] = map[zoeklicht.AdvertID]bool{}
		}
		p.byPage[k][id] = true
		if !have[id] {
			have[id] = true
			ids = append(ids, id)
		}
		return nil
	})
	return ids, problem(err)
}

// states loads where adverts stand from the projection, with the pictures of their
// newest version.
func (s *Store) states(ctx context.Context, p *plan, ids []zoeklicht.AdvertID) error {
	rows, err := s.pool.Query(ctx, `
		SELECT advert, source, version, n, digest, first_seen, last_seen, last_run, absences, gone_at
		FROM current_advert WHERE advert = ANY($1)`, ids)
	if err != nil {
		return problem(err)
	}
	byVersion := map[zoeklicht.VersionID]*advertState{}
	states, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (*advertState, error) {
		a := &advertState{}
		var digest []byte
		var gone *time.Time
		err := r.Scan(&a.id, &a.source, &a.version, &a.n, &digest, &a.firstSeen, &a.lastSeen, &a.lastRun, &a.absences, &gone)
		copy(a.digest[:], digest)
		if gone != nil {
			a.goneAt = *gone
		}
		return a, err
	})
	if err != nil {
		return problem(err)
	}
	versions := make([]zoeklicht.VersionID, 0, len(states))
	for _, a := range states {
		p.byID[a.id] = a
		byVersion[a.version] = a
		versions = append(versions, a.version)
	}
	rows, err = s.pool.Query(ctx, `
		SELECT v.version, v.url, v.canonical, coalesce(p.sha256, '') FROM version_picture v LEFT JOIN picture p ON p.id = v.picture
		WHERE v.version = ANY($1) ORDER BY v.version, v.n`, versions)
	if err != nil {
		return problem(err)
	}
	var version zoeklicht.VersionID
	var url, canonical string
	var sum []byte
	_, err = pgx.ForEachRow(rows, []any{&version, &url, &canonical, &sum}, func() error {
		rp := ReadPicture{Canonical: canonical}
		rp.URL = url
		copy(rp.SHA256[:], sum)
		a := byVersion[version]
		a.pictures = append(a.pictures, rp)
		return nil
	})
	return problem(err)
}

// sightedIn loads which adverts were seen in the runs that ended in the batch.
func (s *Store) sightedIn(ctx context.Context, p *plan, w *Work) error {
	runs := make([]int64, 0, len(w.Ended))
	for i := range w.Ended {
		runs = append(runs, w.Ended[i].ID)
	}
	if len(runs) == 0 {
		return nil
	}
	rows, err := s.pool.Query(ctx, `SELECT run, advert FROM sighting WHERE run = ANY($1)`, runs)
	if err != nil {
		return problem(err)
	}
	var run int64
	var id zoeklicht.AdvertID
	_, err = pgx.ForEachRow(rows, []any{&run, &id}, func() error { p.seen[runAdvert{run, id}] = true; return nil })
	return problem(err)
}

// sightedBefore loads which of the readings' runs saw the adverts' newest versions before.
// Few did, and mostly none: an advert's last run says whether one may have.
func (s *Store) sightedBefore(ctx context.Context, p *plan, reads []Read) error {
	var runs []int64
	for i := range reads {
		if run := reads[i].Capture.Run; !slices.Contains(runs, run) {
			runs = append(runs, run)
		}
	}
	var versions []int64
	for _, a := range p.byID {
		if len(runs) > 0 && a.lastRun >= slices.Min(runs) {
			versions = append(versions, int64(a.version))
		}
	}
	if len(versions) == 0 {
		return nil
	}
	rows, err := s.pool.Query(ctx, `SELECT run, version FROM sighting WHERE version = ANY($1) AND run = ANY($2)`, versions, runs)
	if err != nil {
		return problem(err)
	}
	var g runVersion
	_, err = pgx.ForEachRow(rows, []any{&g.run, &g.version}, func() error { p.has[g] = true; return nil })
	return problem(err)
}

func (s *Store) allocate(ctx context.Context, sequence string, n int) ([]int64, error) {
	if n == 0 {
		return nil, nil
	}
	rows, err := s.pool.Query(ctx, `SELECT nextval($1::text::regclass) FROM generate_series(1, $2)`, sequence, n)
	if err != nil {
		return nil, problem(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	return ids, problem(err)
}

// insert adds the truth of the batch.
func (p *plan) insert(ctx context.Context, tx pgx.Tx, m Moment, day func(time.Time) time.Time) error {
	copyIn := func(table string, columns []string, rows [][]any) error {
		if len(rows) == 0 {
			return nil
		}
		_, err := tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
		return err
	}
	var rows [][]any
	for _, a := range p.adverts {
		sum := sha256.Sum256([]byte(a.key.key))
		rows = append(rows, []any{int64(a.id), int64(m.Seq), string(a.key.source), a.key.key, sum[:], a.canonical, a.at})
	}
	if err := copyIn("advert", []string{"id", "seq", "source", "key", "keyhash", "canonical", "first_seen"}, rows); err != nil {
		return err
	}
	rows = nil
	for _, g := range p.pages {
		rows = append(rows, []any{[]byte(g.key.page), string(g.key.source), int64(g.advert), int64(m.Seq)})
	}
	if err := copyIn("advert_page", []string{"page", "source", "advert", "seq"}, rows); err != nil {
		return err
	}
	if err := p.insertVersions(ctx, tx, m, day, copyIn); err != nil {
		return err
	}
	var vs, as, rs []int64
	var at []time.Time
	var cs []zoeklicht.CaptureID
	for _, g := range p.sightings {
		vs, as, rs, at, cs = append(vs, int64(g.version)), append(as, int64(g.advert)), append(rs, g.run), append(at, g.at), append(cs, g.capture)
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO sighting (version, run, advert, seq, at, capture)
		SELECT u.version, u.run, u.advert, $1, u.at, u.capture
		FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::uuid[]) AS u(version, run, advert, at, capture)
		ON CONFLICT DO NOTHING -- none here that p.has knows; where older programs kept current_advert, a last run may be too low`, m.Seq, vs, rs, as, at, cs)
	if err != nil {
		return err
	}
	rows = nil
	for _, a := range p.absences {
		rows = append(rows, []any{int64(a.advert), a.run, int64(m.Seq), a.at, a.why})
	}
	if err := copyIn("absence", []string{"advert", "run", "seq", "at", "why"}, rows); err != nil {
		return err
	}
	rows = nil
	for _, a := range p.gone {
		rows = append(rows, []any{int64(a.advert), a.run, int64(m.Seq), a.at})
	}
	if err := copyIn("gone", []string{"advert", "run", "seq", "at"}, rows); err != nil {
		return err
	}
	rows = nil
	for _, a := range p.relisted {
		rows = append(rows, []any{int64(a.advert), a.run, int64(m.Seq), a.at})
	}
	return copyIn("relisted", []string{"advert", "run", "seq", "at"}, rows)
}

func (p *plan) insertVersions(ctx context.Context, tx pgx.Tx, m Moment, day func(time.Time) time.Time, copyIn func(string, []string, [][]any) error) error {
	var rows, entities, pics [][]any
	contacts := map[contact]bool{}
	for _, v := range p.versions {
		r, c := &v.read.Reading, v.read.Capture
		fields, err := json.Marshal(r.Fields)
		if err != nil {
			return err
		}
		if r.Fields == nil {
			fields = []byte("[]")
		}
		has := 0
		for _, pic := range v.read.Pictures {
			if pic.Failure != "" {
				has = 2
			} else if has == 0 {
				has = 1
			}
			pics = append(pics, []any{int64(v.id), pic.N, int64(m.Seq), pic.URL, pic.Canonical, int64(pic.Picture), string(pic.Failure), pic.Detail, pic.Item})
		}
		rows = append(rows, []any{
			int64(v.id), int64(m.Seq), int64(v.advert), v.n, string(c.Source), c.At, day(c.At), c.ID, c.URL, r.Lang,
			r.Field(zoeklicht.FieldPrice), placeOf(r), has, v.digest[:], r.Reader, r.Title, r.Body, searchable(v.read.Folded), fields,
			r.Municipality, r.Unit, Template(r),
		})
		for _, e := range r.Entities {
			value := cut(e.Value, maxWord) // which the indexes take
			entities = append(entities, []any{int64(v.id), int64(m.Seq), string(e.Type), value, e.Raw, e.Start, e.End, e.Obfuscated, e.Valid})
			if e.Type.Identifies() {
				contacts[contact{string(e.Type), value}] = true
			}
		}
	}
	if err := copyIn("version", []string{
		"id", "seq", "advert", "n", "source", "seen_at", "day", "capture", "url", "lang",
		"price", "place", "has_picture", "digest", "reader", "title", "body", "folded", "fields", "municipality", "unit", "template",
	}, rows); err != nil {
		return err
	}
	if err := copyIn("entity", []string{"version", "seq", "type", "value", "raw", "start", "stop", "obfuscated", "valid"}, entities); err != nil {
		return err
	}
	if err := copyIn("version_picture", []string{"version", "n", "seq", "url", "canonical", "picture", "failure", "detail", "item"}, pics); err != nil {
		return err
	}
	return insertContacts(ctx, tx, m, contacts)
}

// contact is a value that leads to a person, kept once for looking parts of it up.
type contact struct{ kind, value string }

func insertContacts(ctx context.Context, tx pgx.Tx, m Moment, contacts map[contact]bool) error {
	if len(contacts) == 0 {
		return nil
	}
	var kinds, values []string
	for _, c := range slices.SortedFunc(maps.Keys(contacts), func(a, b contact) int {
		return cmp.Or(strings.Compare(a.value, b.value), strings.Compare(a.kind, b.kind))
	}) {
		kinds, values = append(kinds, c.kind), append(values, c.value)
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO contact (type, value, seq) SELECT u.type, u.value, $3 FROM unnest($1::text[], $2::text[]) AS u(type, value)
		ON CONFLICT DO NOTHING`, kinds, values, m.Seq)
	return err
}
