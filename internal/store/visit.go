package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

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
	rows, err := rowsOf(group)
	if err != nil {
		return Moment{}, err
	}
	m, err := s.write(ctx, func(tx pgx.Tx, m Moment) error { return rows.insert(ctx, tx, m) })
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23505" && pg.ConstraintName == "capture_pkey" {
		return s.stored(ctx, group, err)
	}
	return m, err
}

// visitRows are the rows of a group, made before the lock is taken.
type visitRows struct {
	captures, items, leaves [][]any
	pages                   pageStates
	links                   map[runOf][]Link
	order                   []runOf // of links
}

// runOf names a run of a source.
type runOf struct {
	source zoeklicht.SourceID
	run    int64
}

// pageStates are the columns of where the frontier's pages stand after the visits.
type pageStates struct {
	sources, states, fails []string
	pages, digests         [][]byte
	statuses               []int32
	runs                   []int64
	full                   []bool
	waits                  []float64
}

// Places in a row of captures that the commit fills.
const (
	captureSeq = 1
	captureAt  = 10
)

func rowsOf(group []Visited) (*visitRows, error) {
	rows := &visitRows{links: map[runOf][]Link{}}
	for i := range group {
		v := &group[i]
		c := &v.Capture
		page := keyOfPage(c.Canonical)
		pics := []byte("[]")
		if v.Pictures != nil {
			var err error
			if pics, err = json.Marshal(v.Pictures); err != nil {
				return nil, err
			}
		}
		var at any // the commit's moment where the visit has none of its own
		if !c.At.IsZero() {
			at = c.At
		}
		rows.captures = append(rows.captures, []any{
			c.ID, nil, string(c.Source), c.Run, string(c.Kind), page, c.URL, c.Canonical, c.FinalURL, c.Status, at,
			c.Digest[:], c.Unchanged, string(c.NotContent), string(c.Failed), v.Detail, keyOfPage(v.Final), pics,
			c.Pictures, c.Missing, c.Outside, c.Bytes, c.Manifest, v.Salts, v.Total,
		})
		for name, p := range c.Items {
			rows.items = append(rows.items, []any{c.ID, name, p.Segment, p.Offset, p.Length, p.Key})
		}
		rows.leaves = append(rows.leaves, []any{nil, "capture", c.ID.String(), c.Leaf})
		rows.pages.add(v, page)
		if len(v.Links) > 0 {
			k := runOf{c.Source, c.Run}
			if _, ok := rows.links[k]; !ok {
				rows.order = append(rows.order, k)
			}
			rows.links[k] = append(rows.links[k], v.Links...)
		}
	}
	return rows, nil
}

func (p *pageStates) add(v *Visited, page []byte) {
	c := &v.Capture
	content := c.Failed == "" && c.NotContent == ""
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
	var digest []byte
	if content {
		digest = c.Digest[:]
	}
	p.sources, p.pages, p.states = append(p.sources, string(c.Source)), append(p.pages, page), append(p.states, state)
	p.fails, p.statuses, p.digests = append(p.fails, fail), append(p.statuses, int32(c.Status)), append(p.digests, digest)
	p.full, p.waits, p.runs = append(p.full, v.Full && content), append(p.waits, v.Wait), append(p.runs, c.Run)
}

func (rows *visitRows) insert(ctx context.Context, tx pgx.Tx, m Moment) error {
	for i := range rows.captures {
		rows.captures[i][captureSeq], rows.leaves[i][0] = m.Seq, m.Seq
		if rows.captures[i][captureAt] == nil {
			rows.captures[i][captureAt] = m.At
		}
	}
	for _, t := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{
		{"capture", []string{
			"id", "seq", "source", "run", "kind", "page", "url", "canonical", "final_url", "status", "at",
			"digest", "unchanged", "not_content", "failed", "detail", "final_page", "pictures",
			"had", "missing", "outside", "bytes", "manifest", "salts", "total",
		}, rows.captures},
		{"item", []string{"capture", "name", "segment", "off", "len", "wrapped"}, rows.items},
		{"outbox", []string{"seq", "kind", "ref", "leaf"}, rows.leaves},
	} {
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{t.table}, t.columns, pgx.CopyFromRows(t.rows)); err != nil {
			return err
		}
	}
	if err := rows.pages.update(ctx, tx, m.At); err != nil {
		return err
	}
	for _, k := range rows.order {
		if err := addLinks(ctx, tx, k.source, k.run, rows.links[k]); err != nil {
			return err
		}
	}
	return nil
}

// update puts the pages where the visits leave them. last_full is the moment of the
// commit on the theme's clock.
func (p *pageStates) update(ctx context.Context, tx pgx.Tx, at time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE frontier f SET state = u.state, fail = u.fail, status = u.status, lease_until = NULL,
			next_at = CASE WHEN u.state = 'waiting' THEN clock_timestamp() + make_interval(secs => u.wait) ELSE f.next_at END,
			last_digest = coalesce(u.digest, f.last_digest),
			last_full = CASE WHEN u.full_capture THEN $9 ELSE f.last_full END
		FROM unnest($1::text[], $2::bytea[], $3::text[], $4::text[], $5::int[], $6::bytea[], $7::bool[], $8::float8[], $10::bigint[])
			AS u(source, page, state, fail, status, digest, full_capture, wait, run)
		WHERE f.source = u.source AND f.page = u.page AND f.run = u.run -- a single run has no pages here`,
		p.sources, p.pages, p.states, p.fails, p.statuses, p.digests, p.full, p.waits, at, p.runs)
	return err
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
