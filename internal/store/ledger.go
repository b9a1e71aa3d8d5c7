package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/ledger"

	"github.com/jackc/pgx/v5"
)

// RecordID names a record, in its leaf as well: a random version 4 UUID.
type RecordID [16]byte

// String gives the usual form with hyphens.
func (id RecordID) String() string { return zoeklicht.CaptureID(id).String() }

// AddRecord adds a record and its leaf in the transaction of what it is about: a decision,
// a set of indicators, a change of configuration or keys, an export, an erasure, a seal.
// The leaf names the record by a salted hash; content, JSON as a rule, is kept as it is and
// may hold what the log must not. ref says what it is about, to find it by.
func (s *Store) AddRecord(ctx context.Context, tx pgx.Tx, m Moment, kind zoeklicht.LeafKind, ref string, content []byte) (RecordID, error) {
	build, err := s.build()
	if err != nil {
		return RecordID{}, err
	}
	r := ledger.Record{Kind: kind, Content: content, Build: build}
	_, _ = rand.Read(r.ID[:]) // never fails: see crypto/rand
	_, _ = rand.Read(r.Salt[:])
	r.ID[6], r.ID[8] = r.ID[6]&0x0f|0x40, r.ID[8]&0x3f|0x80 // version 4, the usual variant
	id := RecordID(r.ID)
	if _, err := tx.Exec(ctx, `INSERT INTO record (id, seq, kind, ref, build, content, salt) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, m.Seq, kind, ref, build, content, r.Salt[:]); err != nil {
		return id, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO outbox (seq, kind, ref, leaf) VALUES ($1, $2, $3, $4)`, m.Seq, kind, id.String(), r.Leaf())
	return id, err
}

// KeepRecord adds a record in a commit of its own, unless the newest of its kind has the
// same ref and was made by the same binary: so a configuration, say, is logged once for as
// long as it stays. It is for the platform's own processes.
func (s *Store) KeepRecord(ctx context.Context, kind zoeklicht.LeafKind, ref string, content []byte) (added bool, err error) {
	if s.pass.Person() >= 0 {
		return false, zoeklicht.Errorf(zoeklicht.Denied, "only the platform itself logs a %s", kind).With("nothing was stored", "")
	}
	build, err := s.build()
	if err != nil {
		return false, err
	}
	known := func(q querier) (same bool, err error) {
		var last, by string
		err = q.QueryRow(ctx, `SELECT ref, build FROM record WHERE kind = $1 ORDER BY seq DESC LIMIT 1`, kind).Scan(&last, &by)
		if errors.Is(err, pgx.ErrNoRows) {
			return false, nil
		}
		return last == ref && by == build, err
	}
	if same, err := known(s.pool); err != nil || same {
		return false, problem(err)
	}
	_, err = s.write(ctx, func(tx pgx.Tx, m Moment) error {
		same, err := known(tx)
		if err != nil || same {
			return err
		}
		added = true
		_, err = s.AddRecord(ctx, tx, m, kind, ref, content)
		return err
	})
	return added && err == nil, err
}

// NewestToken gives the SHA-256 of the newest timestamp token that is held; ok is false
// when there is none yet.
func (s *Store) NewestToken(ctx context.Context) (sum [32]byte, ok bool, err error) {
	var b []byte
	err = s.pool.QueryRow(ctx, `SELECT sha256 FROM token ORDER BY id DESC LIMIT 1`).Scan(&b)
	if errors.Is(err, pgx.ErrNoRows) {
		return sum, false, nil
	}
	copy(sum[:], b)
	return sum, err == nil, problem(err)
}

// Checkpoint is a published checkpoint of a log, as it was kept.
type Checkpoint struct {
	ID   int64
	Year int // of the log
	ledger.Checkpoint
	Kept   time.Time         // on the wall's clock
	Tokens []zoeklicht.Token // by authority
}

const checkpointSelect = `SELECT c.id, c.year, c.size, c.root, c.note, c.kept FROM checkpoint c`

func scanCheckpoint(r pgx.CollectableRow) (c Checkpoint, err error) {
	var root []byte
	err = r.Scan(&c.ID, &c.Year, &c.Size, &root, &c.Note, &c.Kept)
	copy(c.Root[:], root)
	// A signed note begins with the log's origin.
	c.Origin, _, _ = strings.Cut(string(c.Note), "\n")
	return c, err
}

// covering gives the checkpoint that a leaf is best proved with, nil if none is there yet:
// the first that authorities dated, because it bounds the leaf's age best; else the first
// of all.
func covering(ctx context.Context, q querier, year int, index int64) (*Checkpoint, error) {
	var found []Checkpoint
	// Each stops at the first row that it finds in the index: a dated one comes within
	// minutes, where there are any.
	for _, which := range []string{
		` AND EXISTS (SELECT 1 FROM token) AND EXISTS (SELECT 1 FROM token t WHERE t.checkpoint = c.id)`,
		``,
	} {
		rows, err := q.Query(ctx, checkpointSelect+` WHERE c.year = $1 AND c.size > $2`+which+` ORDER BY c.size LIMIT 1`, year, index)
		if err != nil {
			return nil, err
		}
		if found, err = pgx.CollectRows(rows, scanCheckpoint); err != nil {
			return nil, err
		}
		if len(found) > 0 {
			break
		}
	}
	if len(found) == 0 {
		return nil, nil
	}
	c := &found[0]
	rows, err := q.Query(ctx, `SELECT authority, at, der FROM token WHERE checkpoint = $1 ORDER BY authority`, c.ID)
	if err != nil {
		return nil, err
	}
	c.Tokens, err = pgx.CollectRows(rows, scanToken)
	return c, err
}

func scanToken(r pgx.CollectableRow) (t zoeklicht.Token, err error) {
	err = r.Scan(&t.Authority, &t.At, &t.DER)
	return t, err
}

// NewestCheckpoint gives the newest checkpoint of a log that was kept, without tokens; nil
// before the first. It holds no content and is not audited.
func (s *Store) NewestCheckpoint(ctx context.Context, year int) (*Checkpoint, error) {
	rows, err := s.pool.Query(ctx, checkpointSelect+` WHERE c.year = $1 ORDER BY c.size DESC LIMIT 1`, year)
	if err != nil {
		return nil, problem(err)
	}
	found, err := pgx.CollectRows(rows, scanCheckpoint)
	if err != nil || len(found) == 0 {
		return nil, problem(err)
	}
	return &found[0], nil
}

// LogYears gives the years whose logs hold leaves, in order.
func (s *Store) LogYears(ctx context.Context) ([]int, error) {
	// A loose scan of the index: it asks for the next year, not for every leaf.
	rows, err := s.pool.Query(ctx, `
		WITH RECURSIVE y AS (
			SELECT min(year) AS year FROM outbox WHERE idx IS NOT NULL
			UNION ALL SELECT (SELECT min(year) FROM outbox WHERE idx IS NOT NULL AND year > y.year) FROM y WHERE y.year IS NOT NULL)
		SELECT year FROM y WHERE year IS NOT NULL ORDER BY year`)
	if err != nil {
		return nil, problem(err)
	}
	years, err := pgx.CollectRows(rows, pgx.RowTo[int])
	return years, problem(err)
}

// EachPlaced calls fn with every leaf that stands in the log of a year, by its index, to
// compare them with the log. Only the platform itself may, and leaves hold nothing but
// hashes.
func (s *Store) EachPlaced(ctx context.Context, year int, fn func(index int64, leaf []byte) error) error {
	if s.pass.Person() >= 0 {
		return zoeklicht.Errorf(zoeklicht.Denied, "only the platform itself reads all leaves").With("nothing was shown", "")
	}
	const batch = 10000
	for next := int64(0); ; {
		rows, err := s.pool.Query(ctx, `SELECT idx, leaf FROM outbox WHERE year = $1 AND idx >= $2 ORDER BY idx LIMIT $3`, year, next, batch)
		if err != nil {
			return problem(err)
		}
		n := 0
		var index int64
		var leaf []byte
		var told error
		if _, err := pgx.ForEachRow(rows, []any{&index, &leaf}, func() error {
			n, next = n+1, index+1
			told = fn(index, leaf)
			return told
		}); told != nil || err != nil {
			return cmp.Or(told, problem(err))
		}
		if n < batch {
			return nil
		}
	}
}

// LedgerHealth tells how the theme's ledger goes. It holds no content and is not audited.
func (s *Store) LedgerHealth(ctx context.Context) (*zoeklicht.LedgerHealth, error) {
	if err := s.pass.Allow(zoeklicht.ActHealth); err != nil {
		return nil, err
	}
	h := &zoeklicht.LedgerHealth{}
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		var witnessed, stamped, told *time.Time
		err := tx.QueryRow(ctx, `
			WITH last AS (SELECT year, size, kept FROM checkpoint ORDER BY year DESC, size DESC LIMIT 1)
			SELECT (SELECT count(*) FROM outbox WHERE idx IS NULL),
			       (SELECT count(*) FROM outbox WHERE idx IS NOT NULL
			        AND (year, idx) >= (coalesce((SELECT year FROM last), 0::smallint), coalesce((SELECT size FROM last), 0))),
			       (SELECT kept FROM last), (SELECT at FROM token ORDER BY id DESC LIMIT 1), (SELECT max(told) FROM recording), clock_timestamp()`).
			Scan(&h.Waiting, &h.Unwitnessed, &witnessed, &stamped, &told, &h.Now)
		if err != nil {
			return err
		}
		h.Witnessed, h.Stamped, h.Told = orZero(witnessed), orZero(stamped), orZero(told)
		rows, err := tx.Query(ctx, `SELECT part, state, detail, well, why FROM recording ORDER BY part`)
		if err != nil {
			return err
		}
		h.Parts, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (p zoeklicht.LedgerPart, err error) {
			var well *time.Time
			err = r.Scan(&p.Name, &p.State, &p.Detail, &well, &p.Whys)
			p.Well = orZero(well)
			if p.Name == zoeklicht.PartWitnesses && !h.Witnessed.IsZero() {
				p.Well = h.Witnessed // where nothing waits for them nobody knows how they are
			}
			return p, err
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("how the ledger goes: %w", problem(err))
	}
	return h, nil
}
