package store

import (
	"context"
	"encoding/json"
	"errors"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Visited is one visit whose bytes are durable in the vault and whose rows are to
// be committed.
type Visited struct {
	Task     zoeklicht.Task
	Capture  zoeklicht.Capture // ID, Source … Outside as they will be kept
	Final    string            // canonical form of the address after redirects
	Detail   string            // a failure in words
	Pictures []PictureRow
	Salts    []byte
	Links    []Link
	Total    int     // adverts that a listing says there are
	Done     bool    // false: the page stays due and is visited again (the attempt is kept all the same)
	Wait     float64 // seconds until then
	Full     bool    // pictures were fetched as well, or there are none
}

// PictureRow is what a capture's register says of one picture of the page.
type PictureRow struct {
	URL     string         `json:"url"`
	Item    string         `json:"item,omitempty"`
	Failure zoeklicht.Fail `json:"failure,omitempty"`
	Detail  string         `json:"detail,omitempty"`
}

// CommitVisits stores a group of visits in one transaction: captures, items, leaves
// for the ledger, links found, and the pages' state. A page is done only by this
// commit, after its bytes were synced; so a process killed at any moment loses no
// page, and at most does one again. The same group may be given again when the
// connection broke and nobody knows whether it was stored: it is stored once.
func (s *Store) CommitVisits(ctx context.Context, group []Visited) (Moment, error) {
	captures := make([][]any, 0, len(group))
	var items, leaves [][]any
	pages, states, fails, statuses := make([][]byte, 0, len(group)), make([]string, 0, len(group)), make([]string, 0, len(group)), make([]int32, 0, len(group))
	digests, full, waits, sources := make([][]byte, 0, len(group)), make([]bool, 0, len(group)), make([]float64, 0, len(group)), make([]string, 0, len(group))
	type key struct {
		source zoeklicht.SourceID
		run    int64
	}
	links := map[key][]Link{}
	var order []key
	for i := range group {
		v := &group[i]
		c := &v.Capture
		page := PageKey(c.Canonical)
		pics, err := json.Marshal(v.Pictures)
		if err != nil {
			return Moment{}, err
		}
		if v.Pictures == nil {
			pics = []byte("[]")
		}
		captures = append(captures, []any{
			c.ID, nil, string(c.Source), c.Run, string(c.Kind), page, c.URL, c.Canonical, c.FinalURL,
			c.Status, nil, c.Digest[:], c.Unchanged, string(c.NotContent), string(c.Failed), v.Detail, PageKey(v.Final), pics, c.Pictures, c.Missing, c.Outside, c.Bytes, c.Manifest, v.Salts, v.Total,
		})
		for name, p := range c.Items {
			items = append(items, []any{c.ID, name, p.Segment, p.Offset, p.Length, p.Key})
		}
		leaves = append(leaves, []any{nil, "capture", c.ID.String(), c.Leaf})

		state, fail := "done", string(c.Failed)
		if c.NotContent != "" {
			fail = string(zoeklicht.FailNotContent) + ":" + string(c.NotContent)
		}
		switch {
		case !v.Done:
			state = "waiting"
		case c.Failed != "" && c.Status == 0:
			state = "failed"
		}
		pages, states, fails, statuses = append(pages, page), append(states, state), append(fails, fail), append(statuses, int32(c.Status))
		sources = append(sources, string(c.Source))
		waits = append(waits, v.Wait)
		if c.Failed == "" && c.NotContent == "" {
			digests = append(digests, c.Digest[:])
		} else {
			digests = append(digests, nil)
		}
		full = append(full, v.Full && c.Failed == "" && c.NotContent == "")
		if len(v.Links) > 0 {
			k := key{c.Source, c.Run}
			if _, ok := links[k]; !ok {
				order = append(order, k)
			}
			links[k] = append(links[k], v.Links...)
		}
	}
	m, err := s.write(ctx, func(tx pgx.Tx, m Moment) error {
		for _, row := range captures {
			row[1], row[10] = m.Seq, m.At
		}
		for _, row := range leaves {
			row[0] = m.Seq
		}
		for i := range group {
			if !group[i].Capture.At.IsZero() {
				captures[i][10] = group[i].Capture.At
			}
		}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"capture"}, []string{
			"id", "seq", "source", "run", "kind", "page", "url", "canonical", "final_url",
			"status", "at", "digest", "unchanged", "not_content", "failed", "detail", "final_page", "pictures", "had", "missing", "outside", "bytes", "manifest", "salts", "total",
		}, pgx.CopyFromRows(captures)); err != nil {
			return err
		}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"item"}, []string{"capture", "name", "segment", "off", "len", "wrapped"}, pgx.CopyFromRows(items)); err != nil {
			return err
		}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"outbox"}, []string{"seq", "kind", "ref", "leaf"}, pgx.CopyFromRows(leaves)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			UPDATE frontier f SET state = u.state, fail = u.fail, status = u.status, lease_until = NULL,
				next_at = CASE WHEN u.state = 'waiting' THEN clock_timestamp() + make_interval(secs => u.wait) ELSE f.next_at END,
				last_digest = coalesce(u.digest, f.last_digest),
				last_full = CASE WHEN u.full_capture THEN $9 ELSE f.last_full END
			FROM unnest($1::text[], $2::bytea[], $3::text[], $4::text[], $5::int[], $6::bytea[], $7::bool[], $8::float8[])
				AS u(source, page, state, fail, status, digest, full_capture, wait)
			WHERE f.source = u.source AND f.page = u.page`,
			sources, pages, states, fails, statuses, digests, full, waits, m.At)
		if err != nil {
			return err
		}
		for _, k := range order {
			if err := addLinks(ctx, tx, k.source, k.run, links[k]); err != nil {
				return err
			}
		}
		return nil
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23505" && pg.ConstraintName == "capture_pkey" {
		return s.stored(ctx, group, err)
	}
	return m, err
}

// stored gives the moment at which a group was stored before, by a commit of which the
// connection broke before it could be told. why is the error if it was not this group.
func (s *Store) stored(ctx context.Context, group []Visited, why error) (m Moment, err error) {
	ids := make([]zoeklicht.CaptureID, len(group))
	for i := range group {
		ids[i] = group[i].Capture.ID
	}
	var n int
	err = s.pool.QueryRow(ctx, `
		SELECT count(*), max(c.seq), max(m.at) FROM capture c JOIN moment m ON m.seq = c.seq WHERE c.id = ANY($1::uuid[])`, ids).
		Scan(&n, &m.Seq, &m.At)
	if err == nil && n != len(group) {
		err = why
	}
	return m, problem(err)
}

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
			SELECT coalesce((SELECT seq FROM capture WHERE seq > $1 ORDER BY seq OFFSET $2 LIMIT 1),
			                greatest($1, (SELECT max(seq) FROM capture), (SELECT max(seq) FROM run_end)))`, from, n-1).Scan(&w.To)
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

// Capture gives one capture with where its items lie, to someone who may see it.
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
		out = &cs[0]
		err = tx.QueryRow(ctx, `SELECT leaf, coalesce(idx, -1) FROM outbox WHERE ref = $1 ORDER BY id LIMIT 1`, id.String()).Scan(&out.Leaf, &out.LeafIndex)
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

// EachCapture calls fn for every capture of a run in the order of their seq, for an
// export, which is audited first.
func (s *Store) EachCapture(ctx context.Context, run int64, fn func(*zoeklicht.Capture) error) error {
	var cs []zoeklicht.Capture
	row := &zoeklicht.Audit{Act: "export-warc", Object: "run"}
	err := s.serve(ctx, zoeklicht.ActExport, row, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, captureSelect+` WHERE run = $1 ORDER BY seq, id`, run)
		if err != nil {
			return err
		}
		if cs, err = pgx.CollectRows(rows, scanCapture); err != nil {
			return err
		}
		row.Count = len(cs)
		row.Detail = detail(map[string]any{"run": run})
		return withItems(ctx, tx, cs)
	})
	if err != nil {
		return err
	}
	for i := range cs {
		if err := fn(&cs[i]); err != nil {
			return err
		}
	}
	return nil
}

// KnownSegments gives, for each segment of the vault, where its committed bytes
// end; what lies beyond was never acknowledged.
func (s *Store) KnownSegments(ctx context.Context) (map[int64]int64, error) {
	rows, err := s.pool.Query(ctx, `SELECT segment, max(off + len) FROM item GROUP BY segment`)
	if err != nil {
		return nil, problem(err)
	}
	out := map[int64]int64{}
	var seg, end int64
	_, err = pgx.ForEachRow(rows, []any{&seg, &end}, func() error { out[seg] = end; return nil })
	return out, problem(err)
}
