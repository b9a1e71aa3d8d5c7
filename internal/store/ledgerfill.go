package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"time"

	"zoeklicht"
	"zoeklicht/internal/ledger"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// appenderLock is the advisory lock that elects the one appender of a theme's logs. It is
// per database, as seqLock is.
const appenderLock = 7042

// Appender is the right to fill a theme's logs, which one process has at a time. It is a
// connection that holds a lock, and everything is written over that very connection: who
// lost the lock, because the connection broke, can write nothing any more. It is for one
// goroutine.
type Appender struct{ conn *pgxpool.Conn }

// Elect makes this process the appender of the theme's logs; Conflict when another is.
func (s *Store) Elect(ctx context.Context) (*Appender, error) {
	if s.pass.Phase() != zoeklicht.Recording {
		return nil, zoeklicht.Errorf(zoeklicht.Denied, "only the recording process fills the log").With("nothing was changed", "")
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, problem(err)
	}
	var got bool
	if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, appenderLock).Scan(&got); err != nil || !got {
		conn.Release()
		if err == nil {
			err = zoeklicht.Errorf(zoeklicht.Conflict, "another process fills the log of theme %s", s.pass.Theme()).With("nothing was changed", "end it first, or let it work")
		}
		return nil, problem(err)
	}
	return &Appender{conn: conn}, nil
}

// Close gives the right up. The connection is ended with it, because it must not go back to
// the others with the lock on it.
func (a *Appender) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, _ = a.conn.Exec(ctx, `SELECT pg_advisory_unlock($1)`, appenderLock) // at once; else it ends with the session
	_ = a.conn.Conn().Close(ctx)                                           // nothing is lost with it
	a.conn.Release()
}

// WaitingLeaf is a leaf that no log has taken yet.
type WaitingLeaf struct {
	ID   int64
	Leaf []byte
}

// WaitingLeaves gives the oldest n leaves that wait, in the order in which they were
// committed.
func (a *Appender) WaitingLeaves(ctx context.Context, n int) ([]WaitingLeaf, error) {
	rows, err := a.conn.Query(ctx, `SELECT id, leaf FROM outbox WHERE idx IS NULL ORDER BY id LIMIT $1`, n)
	if err != nil {
		return nil, problem(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[WaitingLeaf])
	return all, problem(err)
}

// LeavesPlaced says where leaves stand in the log of a year. The lowest place counts: one
// that is there already moves to a lower index, and is left alone by a higher one.
func (a *Appender) LeavesPlaced(ctx context.Context, year int, ids, indices []int64) error {
	_, err := a.conn.Exec(ctx, `
		UPDATE outbox o SET year = $1, idx = u.idx FROM unnest($2::bigint[], $3::bigint[]) AS u(id, idx) WHERE o.id = u.id`, year, ids, indices)
	return problem(err)
}

// LeavesFound says what stands in the log of a year from an index on, as it was read from
// the log. Rows whose leaf stands there, and at no lower place that is known, are placed
// there: a process that died after appending left them waiting, or placed higher.
func (a *Appender) LeavesFound(ctx context.Context, year int, from int64, leaves [][]byte) (placed int64, err error) {
	refs, indices := make([]string, len(leaves)), make([]int64, len(leaves))
	for i, leaf := range leaves {
		refs[i], indices[i] = refOf(leaf), from+int64(i)
	}
	// Of a leaf that stands there twice, the lower index.
	tag, err := a.conn.Exec(ctx, `
		UPDATE outbox o SET year = $1, idx = u.idx
		FROM (SELECT DISTINCT ON (leaf) ref, leaf, idx FROM unnest($2::text[], $3::bytea[], $4::bigint[]) AS u(ref, leaf, idx) ORDER BY leaf, idx) u
		WHERE o.ref = u.ref AND o.leaf = u.leaf AND (o.idx IS NULL OR (o.year, o.idx) > ($1, u.idx))`, year, refs, leaves, indices)
	return tag.RowsAffected(), problem(err)
}

// refOf gives the identifier in the second line of a leaf, which all kinds of leaves have
// there, "" if there is none.
func refOf(leaf []byte) string {
	_, rest, _ := bytes.Cut(leaf, []byte("\nid "))
	id, _, _ := bytes.Cut(rest, []byte("\n"))
	return string(id)
}

// Span is a run of indices of a log, From up to but without To.
type Span struct{ From, To int64 }

// Gaps gives the indices of the log of a year, below an index, at which no leaf is known
// to stand. It looks at all that are.
func (a *Appender) Gaps(ctx context.Context, year int, below int64) ([]Span, error) {
	rows, err := a.conn.Query(ctx, `
		SELECT prev + 1, idx FROM (
			SELECT idx, lag(idx, 1, -1::bigint) OVER (ORDER BY idx) AS prev FROM outbox WHERE year = $1 AND idx < $2) p
		WHERE idx > prev + 1 ORDER BY idx`, year, below)
	if err != nil {
		return nil, problem(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Span])
	return all, problem(err)
}

// LogState is how far the database knows the log of a year.
type LogState struct {
	Year int
	Next int64 // the index after the last one that a leaf stands at
	Size int64 // of the newest checkpoint that was kept; 0 before the first
}

// Logs gives the logs that the database knows of, by year.
func (a *Appender) Logs(ctx context.Context) ([]LogState, error) {
	rows, err := a.conn.Query(ctx, `
		WITH RECURSIVE y AS (
			SELECT min(year) AS year FROM outbox WHERE idx IS NOT NULL
			UNION ALL SELECT (SELECT min(year) FROM outbox WHERE idx IS NOT NULL AND year > y.year) FROM y WHERE y.year IS NOT NULL)
		SELECT year, (SELECT max(idx) + 1 FROM outbox WHERE year = y.year AND idx IS NOT NULL),
		       coalesce((SELECT max(size) FROM checkpoint WHERE year = y.year), 0)
		FROM y WHERE year IS NOT NULL ORDER BY year`)
	if err != nil {
		return nil, problem(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[LogState])
	return all, problem(err)
}

// KeepCheckpoint keeps a published checkpoint of the log of a year. One that was kept
// already is given again.
func (a *Appender) KeepCheckpoint(ctx context.Context, year int, c *ledger.Checkpoint) (id int64, err error) {
	err = a.conn.QueryRow(ctx, `
		WITH new AS (INSERT INTO checkpoint (year, size, root, note) VALUES ($1, $2, $3, $4) ON CONFLICT (year, size) DO NOTHING RETURNING id)
		SELECT id FROM new UNION ALL SELECT id FROM checkpoint WHERE year = $1 AND size = $2 LIMIT 1`, year, c.Size, c.Root[:], c.Note).Scan(&id)
	return id, problem(err)
}

// KeepToken keeps an authority's timestamp of a checkpoint. A second one of the same
// authority is not kept.
func (a *Appender) KeepToken(ctx context.Context, checkpoint int64, t zoeklicht.Token) error {
	sum := sha256.Sum256(t.DER)
	_, err := a.conn.Exec(ctx, `
		INSERT INTO token (checkpoint, authority, at, der, sha256) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		checkpoint, t.Authority, t.At, t.DER, sum[:])
	return problem(err)
}

// Undated gives the newest checkpoint of each log that an authority has not dated, the
// newest log first.
func (a *Appender) Undated(ctx context.Context, authority string) ([]Checkpoint, error) {
	rows, err := a.conn.Query(ctx, checkpointSelect+`
		WHERE NOT EXISTS (SELECT 1 FROM checkpoint l WHERE l.year = c.year AND l.size > c.size)
		  AND NOT EXISTS (SELECT 1 FROM token t WHERE t.checkpoint = c.id AND t.authority = $1)
		ORDER BY c.year DESC`, authority)
	if err != nil {
		return nil, problem(err)
	}
	all, err := pgx.CollectRows(rows, scanCheckpoint)
	return all, problem(err)
}

// Tell says how every part of recording goes, now. Parts that are not among them are not
// configured any more: they are kept as "none", since nobody may delete.
func (a *Appender) Tell(ctx context.Context, parts []zoeklicht.LedgerPart) error {
	names, states, details, wells := make([]string, len(parts)), make([]string, len(parts)), make([]string, len(parts)), make([]*time.Time, len(parts))
	whys := make([][]byte, len(parts))
	for i, p := range parts {
		names[i], states[i], details[i], wells[i] = p.Name, string(p.State), p.Detail, orNull(p.Well)
		why, err := json.Marshal(p.Whys)
		if err != nil {
			return err
		}
		whys[i] = why
	}
	_, err := a.conn.Exec(ctx, `
		WITH told AS (
			INSERT INTO recording AS r (part, state, detail, well, why, told)
			SELECT u.part, u.state, u.detail, u.well, u.why, clock_timestamp()
			FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::jsonb[]) AS u(part, state, detail, well, why)
			ON CONFLICT (part) DO UPDATE SET state = excluded.state, detail = excluded.detail, why = excluded.why, told = excluded.told,
				well = coalesce(excluded.well, r.well))
		UPDATE recording SET state = 'none', detail = '', why = 'null' WHERE part <> ALL($1) AND state <> 'none'`, names, states, details, wells, whys)
	return problem(err)
}
