package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// Forget gives the salts of a manifest with those of an item's lines destroyed, "" for all
// of them; see capture.Forget.
type Forget func(manifest, salts []byte, item string) ([]byte, error)

// Destroying is what an erasure destroys, as it is about to be committed: what must be
// done again to a copy of the database that is older than it. It holds no content.
type Destroying struct {
	Theme    zoeklicht.ThemeName   `json:"theme"`
	Erasure  zoeklicht.ErasureID   `json:"erasure"`
	Scope    zoeklicht.EraseScope  `json:"scope"`
	Advert   zoeklicht.AdvertID    `json:"advert,omitempty"`
	Items    []ErasedItem          `json:"items"`
	Captures []string              `json:"captures,omitempty"` // of an advert of which no item was left
	Ground   string                `json:"ground"`
	Purpose  string                `json:"purpose"`
	Asked    zoeklicht.EraseStep   `json:"asked"`
	Approved zoeklicht.EraseStep   `json:"approved"`
	At       time.Time             `json:"at"`
	captures []zoeklicht.CaptureID // of Items, each once
}

// ErasedItem is an item that was destroyed.
type ErasedItem struct {
	Capture string `json:"capture"`
	Item    string `json:"item"`
}

// Hole is a place in the segments of which the bytes are to be destroyed.
type Hole struct {
	Folder string // "vault" or "working"
	Place  zoeklicht.Place
	Owner  zoeklicht.CaptureID
	Name   string
}

// Destroy carries out an approved erasure in the database, in one transaction: data keys,
// salts, plain digests, what was read from them, the pictures that nothing else shows,
// with a tombstone for each version that lost its text, the erase record with its leaf,
// and the audit row. What lies in the segments is left as holes to be punched: see Holes.
//
// Before the commit tell is called, if it is given, with what is destroyed; when it fails
// nothing is. Only the process of the retain phase may do this. An erasure that was
// carried out already stays so, and is given.
func (s *Store) Destroy(ctx context.Context, id zoeklicht.ErasureID, forget Forget, tell func(*Destroying) error) (*zoeklicht.Erasure, error) {
	if err := s.retaining(); err != nil {
		return nil, err
	}
	var out *zoeklicht.Erasure
	_, err := s.write(ctx, func(tx pgx.Tx, m Moment) error {
		e, err := erasure(ctx, tx, id)
		if err != nil {
			return err
		}
		switch e.State() {
		case zoeklicht.EraseApproved:
		case zoeklicht.EraseDestroyed, zoeklicht.ErasePunched, zoeklicht.EraseDone:
			out = e
			return nil
		default:
			return zoeklicht.Errorf(zoeklicht.Conflict, "erasure %d is %s, and not approved", id, e.State()).With("nothing was destroyed", "")
		}
		d := &destroying{tx: tx, m: m, e: e, forget: forget}
		if err := d.run(ctx, s); err != nil {
			return err
		}
		if tell != nil {
			if err := tell(d.told); err != nil {
				return fmt.Errorf("note what is destroyed: %w", err)
			}
		}
		out, err = erasure(ctx, tx, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// retaining refuses everybody but the platform's own process of the retain phase.
func (s *Store) retaining() error {
	if s.pass.Person() >= 0 || s.pass.Phase() != zoeklicht.Retain {
		return zoeklicht.Errorf(zoeklicht.Denied, "only the process of the retain phase destroys").With("nothing was destroyed", "")
	}
	return nil
}

// destroying is one erasure on its way.
type destroying struct {
	tx     pgx.Tx
	m      Moment
	e      *zoeklicht.Erasure
	forget Forget
	told   *Destroying
	count  zoeklicht.Erased
}

func (d *destroying) run(ctx context.Context, s *Store) error {
	captures, err := erasable(ctx, d.tx, d.e)
	if err != nil {
		return err
	}
	d.told = &Destroying{
		Theme: s.pass.Theme(), Erasure: d.e.ID, Scope: d.e.Scope, Advert: d.e.Advert, Ground: d.e.Ground, Purpose: d.e.Purpose,
		Asked: d.e.Asked, Approved: d.e.Approved, At: d.m.At.UTC(), captures: captures,
	}
	// First, because the database lets nothing go without it.
	if err := s.eraseStep(ctx, d.tx, d.m, d.e.ID, "destroy"); err != nil {
		return err
	}
	versions, err := d.versions(ctx)
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		d.items, d.salts, func(ctx context.Context) error { return d.derived(ctx, versions) }, d.advert, d.captures, d.pictures,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if len(d.told.Items) == 0 {
		for _, id := range captures {
			d.told.Captures = append(d.told.Captures, id.String())
		}
	}
	d.count.Captures, d.count.Items, d.count.Versions = len(captures), len(d.told.Items), len(versions)
	if _, err := d.tx.Exec(ctx, `DELETE FROM daily WHERE versions = 0 AND adverts = 0`); err != nil {
		return err
	}
	return d.record(ctx, s)
}

// items notes the items, keeps where their bytes lie, and deletes them with their keys.
func (d *destroying) items(ctx context.Context) error {
	rows, err := d.tx.Query(ctx, `
		SELECT capture, name, segment, off, len FROM item WHERE capture = ANY($1) AND ($2 = '' OR name = $2) ORDER BY capture, name`,
		d.told.captures, d.e.Item)
	if err != nil {
		return err
	}
	holes, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (h Hole, err error) {
		h.Folder = "vault"
		return h, r.Scan(&h.Owner, &h.Name, &h.Place.Segment, &h.Place.Offset, &h.Place.Length)
	})
	if err != nil {
		return err
	}
	for _, h := range holes {
		if _, err := d.tx.Exec(ctx, `INSERT INTO erased (capture, item, erasure, whole) VALUES ($1, $2, $3, $4)`,
			h.Owner, h.Name, d.e.ID, d.e.Scope != zoeklicht.EraseItem); err != nil {
			return err
		}
		d.told.Items = append(d.told.Items, ErasedItem{h.Owner.String(), h.Name})
	}
	if err := d.holes(ctx, holes); err != nil {
		return err
	}
	_, err = d.tx.Exec(ctx, `DELETE FROM item i USING erased e WHERE e.erasure = $1 AND i.capture = e.capture AND i.name = e.item`, d.e.ID)
	return err
}

func (d *destroying) holes(ctx context.Context, holes []Hole) error {
	for _, h := range holes {
		if _, err := d.tx.Exec(ctx, `INSERT INTO erase_hole (erasure, folder, segment, off, len, owner, name) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			d.e.ID, h.Folder, h.Place.Segment, h.Place.Offset, h.Place.Length, h.Owner, h.Name); err != nil {
			return err
		}
		d.count.Bytes += h.Place.Length
	}
	return nil
}

// salts destroys those of the items' lines: without them the manifest, which stays so
// that the leaf still verifies, tells nothing.
func (d *destroying) salts(ctx context.Context) error {
	rows, err := d.tx.Query(ctx, `SELECT id, manifest, salts FROM capture WHERE id = ANY($1)`, d.told.captures)
	if err != nil {
		return err
	}
	type row struct {
		id              zoeklicht.CaptureID
		manifest, salts []byte
	}
	all, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (c row, err error) {
		return c, r.Scan(&c.id, &c.manifest, &c.salts)
	})
	if err != nil {
		return err
	}
	gone := map[string]bool{}
	for _, i := range d.told.Items {
		gone[i.Capture] = true
	}
	for _, c := range all {
		if !gone[c.id.String()] {
			continue // destroyed before
		}
		salts, err := d.forget(c.manifest, c.salts, d.e.Item)
		if err != nil {
			return fmt.Errorf("salts of capture %s: %w", c.id, err)
		}
		if _, err := d.tx.Exec(ctx, `UPDATE capture SET salts = $2 WHERE id = $1`, c.id, salts); err != nil {
			return err
		}
	}
	return nil
}

// captures blanks what rows of captures tell of the page, and what was kept to recognise
// it by.
func (d *destroying) captures(ctx context.Context) error {
	if d.e.Scope == zoeklicht.EraseItem && d.e.Item != "page" {
		return d.pictureRow(ctx)
	}
	sql := []string{
		`UPDATE frontier f SET last_digest = NULL, last_full = NULL FROM capture c
			WHERE c.id = ANY($1) AND f.source = c.source AND f.page = c.page`,
		`UPDATE capture SET digest = '' WHERE id = ANY($1)`,
	}
	if d.e.Scope != zoeklicht.EraseItem {
		sql = append(
			sql,
			`UPDATE wanted SET url = '', page = '', detail = '' WHERE capture = ANY($1)`,
			`UPDATE capture SET page = '', final_page = '', url = '', canonical = '', final_url = '', pictures = '[]', detail = ''
				WHERE id = ANY($1)`,
		)
	}
	return d.exec(ctx, d.told.captures, sql...)
}

// pictureRow says in the capture's list of pictures that one was destroyed, so that who
// reads the capture later does not ask for it. Its address stands in the page as well, and
// stays.
func (d *destroying) pictureRow(ctx context.Context) error {
	_, err := d.tx.Exec(ctx, `
		UPDATE capture SET pictures = (
			SELECT jsonb_agg(CASE WHEN p ->> 'item' = $2 THEN (p - 'item') || jsonb_build_object('failure', $3::text) ELSE p END ORDER BY n)
			FROM jsonb_array_elements(pictures) WITH ORDINALITY AS u(p, n))
		WHERE id = $1 AND pictures @> jsonb_build_array(jsonb_build_object('item', $2::text))`, d.e.Capture, d.e.Item, zoeklicht.FailDestroyed)
	return err
}

// exec runs statements that all have one argument.
func (d *destroying) exec(ctx context.Context, arg any, sql ...string) error {
	for _, q := range sql {
		if _, err := d.tx.Exec(ctx, q, arg); err != nil {
			return err
		}
	}
	return nil
}

// pictures destroys the re-encoded forms that no version shows any more. One that was
// sealed keeps its row, by which it is known again.
func (d *destroying) pictures(ctx context.Context) error {
	rows, err := d.tx.Query(ctx, `
		DELETE FROM picture p WHERE NOT EXISTS (SELECT 1 FROM version_picture v WHERE v.picture = p.id)
			AND NOT EXISTS (SELECT 1 FROM seal_picture s WHERE s.picture = p.id)
		RETURNING id, segment, off, len`)
	if err != nil {
		return err
	}
	var holes []Hole
	var id zoeklicht.PictureID
	var h Hole
	if _, err := pgx.ForEachRow(rows, []any{&id, &h.Place.Segment, &h.Place.Offset, &h.Place.Length}, func() error {
		d.count.Pictures++
		h.Folder, h.Owner, h.Name = "working", id.Owner(), zoeklicht.PictureItem
		if h.Place.Length > 0 { // one that could not be decoded lies nowhere
			holes = append(holes, h)
		}
		return nil
	}); err != nil {
		return err
	}
	slices.SortFunc(holes, func(a, b Hole) int { return int(a.Place.Offset - b.Place.Offset) })
	return d.holes(ctx, holes)
}

// record adds what was destroyed to the truth, and the audit row.
func (d *destroying) record(ctx context.Context, s *Store) error {
	content, err := json.Marshal(d.told)
	if err != nil {
		return err
	}
	if _, err := s.AddRecord(ctx, d.tx, d.m, zoeklicht.LeafErase, objectErasure(d.e.ID), content); err != nil {
		return err
	}
	count := packErased(d.count)
	if _, err := d.tx.Exec(ctx, `UPDATE erasure_step SET count = $2 WHERE erasure = $1 AND kind = 'destroy'`, d.e.ID, count); err != nil {
		return err
	}
	return s.note(ctx, d.tx, &zoeklicht.Audit{Act: "erase", Object: objectErasure(d.e.ID), Count: d.count.Items, Detail: string(count)})
}

// Holes gives the places in the segments that an erasure is still to destroy.
func (s *Store) Holes(ctx context.Context, id zoeklicht.ErasureID) ([]Hole, error) {
	if err := s.retaining(); err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, `SELECT folder, segment, off, len, owner, name FROM erase_hole WHERE erasure = $1 ORDER BY folder, segment, off`, id)
	if err != nil {
		return nil, problem(err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (h Hole, err error) {
		return h, r.Scan(&h.Folder, &h.Place.Segment, &h.Place.Offset, &h.Place.Length, &h.Owner, &h.Name)
	})
	return out, problem(err)
}

// Punched says that the holes of an erasure were punched, and Scrubbed that the database's
// own files were written anew since. Saying so twice is saying so once.
func (s *Store) Punched(ctx context.Context, id zoeklicht.ErasureID) error {
	return s.eraseProgress(ctx, id, "punch")
}

// Scrubbed is described at Punched.
func (s *Store) Scrubbed(ctx context.Context, id zoeklicht.ErasureID) error {
	return s.eraseProgress(ctx, id, "scrub")
}

func (s *Store) eraseProgress(ctx context.Context, id zoeklicht.ErasureID, kind string) error {
	if err := s.retaining(); err != nil {
		return err
	}
	_, err := s.write(ctx, func(tx pgx.Tx, m Moment) error {
		e, err := erasure(ctx, tx, id)
		if err != nil {
			return err
		}
		if kind == "punch" && e.Punched.Taken() || kind == "scrub" && e.Scrubbed.Taken() {
			return nil
		}
		if err := s.eraseStep(ctx, tx, m, id, kind); err != nil {
			return err
		}
		if kind == "punch" {
			if _, err := tx.Exec(ctx, `DELETE FROM erase_hole WHERE erasure = $1`, id); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, &zoeklicht.Audit{Act: "erase-" + kind, Object: objectErasure(id), Count: 1})
	})
	return err
}

// Unfinished gives the erasures that were approved and are not done, oldest first, for the
// process that carries them out.
func (s *Store) Unfinished(ctx context.Context) ([]zoeklicht.Erasure, error) {
	if err := s.retaining(); err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, erasureSelect+` WHERE a.at IS NOT NULL AND w.at IS NULL AND s.at IS NULL ORDER BY e.id`)
	if err != nil {
		return nil, problem(err)
	}
	out, err := pgx.CollectRows(rows, scanErasure)
	return out, problem(err)
}

// noErasureSince refuses to store what was read from captures before an erasure: it could
// hold what was destroyed. The batch is read anew.
func noErasureSince(ctx context.Context, tx pgx.Tx, seq zoeklicht.Seq) error {
	var since bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM erasure_step WHERE kind = 'destroy' AND seq > $1)`, seq).Scan(&since)
	if err == nil && since {
		err = zoeklicht.Errorf(zoeklicht.Unavailable, "something was destroyed while captures were read").With("nothing was stored", "they are read again")
	}
	return err
}

// ErasureOf gives an erasure to the process that carries it out.
func (s *Store) ErasureOf(ctx context.Context, id zoeklicht.ErasureID) (*zoeklicht.Erasure, error) {
	if err := s.retaining(); err != nil {
		return nil, err
	}
	e, err := erasure(ctx, s.pool, id)
	return e, problem(err)
}
