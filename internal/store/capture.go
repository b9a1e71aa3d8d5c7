package store

import (
	"context"
	"errors"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

const captureSelect = `
	SELECT id, seq, source, run, kind, url, canonical, final_url, status, at, digest, unchanged, not_content, failed,
	       had, missing, outside,
	       bytes, manifest
	FROM capture`

func scanCapture(r pgx.CollectableRow) (c zoeklicht.Capture, err error) {
	var digest []byte
	err = r.Scan(&c.ID, &c.Seq, &c.Source, &c.Run, &c.Kind, &c.URL, &c.Canonical, &c.FinalURL, &c.Status, &c.At, &digest,
		&c.Unchanged, &c.NotContent, &c.Failed, &c.Pictures, &c.Missing, &c.Outside, &c.Bytes, &c.Manifest)
	copy(c.Digest[:], digest)
	return c, err
}

// withItems adds where the captures' items lie.
func withItems(ctx context.Context, q querier, cs []zoeklicht.Capture) error {
	ids := make([]zoeklicht.CaptureID, len(cs))
	at := make(map[zoeklicht.CaptureID]*zoeklicht.Capture, len(cs))
	for i := range cs {
		ids[i] = cs[i].ID
		cs[i].Items = map[string]zoeklicht.Place{}
		cs[i].LeafIndex = -1
		at[cs[i].ID] = &cs[i]
	}
	rows, err := q.Query(ctx, `SELECT capture, name, segment, off, len, wrapped FROM item WHERE capture = ANY($1::uuid[])`, ids)
	if err != nil {
		return err
	}
	var id zoeklicht.CaptureID
	var name string
	var p zoeklicht.Place
	_, err = pgx.ForEachRow(rows, []any{&id, &name, &p.Segment, &p.Offset, &p.Length, &p.Key}, func() error {
		at[id].Items[name] = p
		return nil
	})
	return err
}

// Work is what a stage has to read next: captures, and runs that ended, in the
// order of their seq.
type Work struct {
	From, To zoeklicht.Seq // the batch covers From < seq ≤ To
	Captures []zoeklicht.Capture
	Pictures map[zoeklicht.CaptureID][]PictureRow
	Ended    []zoeklicht.Run
	known    zoeklicht.Seq // the last of the truth when the batch was read
}

// Next gives a stage's next batch: whole commits of about n captures after its
// cursor. An empty batch (From = To) means that the stage is up to date.
func (s *Store) Next(ctx context.Context, stage string, n int) (*Work, error) {
	from, err := s.Cursor(ctx, stage)
	if err != nil {
		return nil, err
	}
	w := &Work{From: from, To: from, Pictures: map[zoeklicht.CaptureID][]PictureRow{}}
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		// The batch ends with the commit in which the n-th capture lies, or at the end.
		err := tx.QueryRow(ctx, `
			SELECT (SELECT coalesce(max(seq), 0) FROM moment), coalesce((SELECT seq FROM capture WHERE seq > $1 ORDER BY seq OFFSET $2 LIMIT 1),
			                greatest($1, (SELECT max(seq) FROM capture), (SELECT max(seq) FROM run_end)))`, from, n-1).Scan(&w.known, &w.To)
		if err != nil || w.To == from {
			return err
		}
		rows, err := tx.Query(ctx, captureSelect+` WHERE seq > $1 AND seq <= $2 ORDER BY seq, id`, from, w.To)
		if err != nil {
			return err
		}
		if w.Captures, err = pgx.CollectRows(rows, scanCapture); err != nil {
			return err
		}
		if err := withItems(ctx, tx, w.Captures); err != nil {
			return err
		}
		rows, err = tx.Query(ctx, `SELECT id, pictures FROM capture WHERE seq > $1 AND seq <= $2 AND pictures <> '[]'`, from, w.To)
		if err != nil {
			return err
		}
		var id zoeklicht.CaptureID
		var pics []PictureRow
		if _, err = pgx.ForEachRow(rows, []any{&id, &pics}, func() error {
			w.Pictures[id] = pics
			pics = nil
			return nil
		}); err != nil {
			return err
		}
		rows, err = tx.Query(ctx, runSelect+` WHERE e.seq > $1 AND e.seq <= $2 ORDER BY e.seq`, from, w.To)
		if err != nil {
			return err
		}
		w.Ended, err = pgx.CollectRows(rows, scanRun)
		return err
	})
	if err != nil {
		return nil, problem(err)
	}
	return w, nil
}

// Capture gives one capture with where its items lie, to someone who may see it. One with
// sealed content comes without addresses, items and leaf.
func (s *Store) Capture(ctx context.Context, id zoeklicht.CaptureID) (*zoeklicht.Capture, error) {
	var out *zoeklicht.Capture
	row := &zoeklicht.Audit{Act: "capture", Object: id.String(), Count: 1}
	err := s.serve(ctx, zoeklicht.ActSearch, row, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, captureSelect+` WHERE id = $1`, id)
		if err != nil {
			return err
		}
		cs, err := pgx.CollectRows(rows, scanCapture)
		if err != nil {
			return err
		}
		if len(cs) == 0 {
			return pgx.ErrNoRows
		}
		if err := withItems(ctx, tx, cs); err != nil {
			return err
		}
		if err := withErased(ctx, tx, cs); err != nil {
			return err
		}
		out = &cs[0]
		sealed, err := sealedAmong(ctx, tx, []zoeklicht.CaptureID{id})
		if err != nil {
			return err
		}
		if sealed[id] {
			hideSealed(out)
			return nil
		}
		err = tx.QueryRow(ctx, `SELECT leaf, coalesce(idx, -1), coalesce(year, 0) FROM outbox WHERE ref = $1 ORDER BY id LIMIT 1`, id.String()).
			Scan(&out.Leaf, &out.LeafIndex, &out.LeafYear)
		if errors.Is(err, pgx.ErrNoRows) {
			out.LeafIndex = -1
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// hideSealed takes out of a capture what must not be seen of one with sealed content.
func hideSealed(c *zoeklicht.Capture) {
	c.Sealed, c.URL, c.Canonical, c.FinalURL = true, "", "", ""
	c.Items, c.Manifest, c.Leaf, c.LeafIndex, c.LeafYear = nil, nil, nil, -1, 0
}

// capturesPage is how many captures of a run are read at once.
const capturesPage = 500

// EachCapture calls fn for every capture of a run in the order of their seq, for an
// export, which is audited first. Those that may hold sealed content are left out and
// counted. They are read a page at a time: a run may have tens of thousands. What is sealed
// while fn goes through them is left out of the pages that are still to come, and counted.
func (s *Store) EachCapture(ctx context.Context, run int64, fn func(*zoeklicht.Capture) error) (sealed int, err error) {
	row := &zoeklicht.Audit{Act: "export-warc", Object: "run"}
	err = s.serve(ctx, zoeklicht.ActExport, row, func(tx pgx.Tx) error {
		var all, shut int
		err := tx.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE `+sealedCapture+`) FROM capture WHERE run = $1`, run).Scan(&all, &shut)
		row.Count, row.Detail = all-shut, detail(map[string]any{"run": run, "sealed": shut})
		return err
	})
	if err != nil {
		return 0, err
	}
	var after struct {
		seq zoeklicht.Seq
		id  zoeklicht.CaptureID
	}
	for {
		page, shut, err := s.capturesAfter(ctx, run, after.seq, after.id)
		if err != nil {
			return sealed, problem(err)
		}
		for i := range page {
			c := &page[i]
			after.seq, after.id = c.Seq, c.ID
			if shut[c.ID] {
				sealed++
			} else if err := fn(c); err != nil {
				return sealed, err
			}
		}
		if len(page) < capturesPage {
			return sealed, nil
		}
	}
}

// capturesAfter gives the next captures of a run, as one moment has them, and which of them
// may hold sealed content.
func (s *Store) capturesAfter(ctx context.Context, run int64, seq zoeklicht.Seq, id zoeklicht.CaptureID) (cs []zoeklicht.Capture, sealed map[zoeklicht.CaptureID]bool, err error) {
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, captureSelect+` WHERE run = $1 AND (seq, id) > ($2, $3) ORDER BY seq, id LIMIT $4`, run, seq, id, capturesPage)
		if err != nil {
			return err
		}
		if cs, err = pgx.CollectRows(rows, scanCapture); err != nil {
			return err
		}
		ids := make([]zoeklicht.CaptureID, len(cs))
		for i := range cs {
			ids[i] = cs[i].ID
		}
		if sealed, err = sealedAmong(ctx, tx, ids); err != nil {
			return err
		}
		if err := withErased(ctx, tx, cs); err != nil {
			return err
		}
		return withItems(ctx, tx, cs)
	})
	return cs, sealed, err
}
