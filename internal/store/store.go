// Package store is one theme's compartment: all SQL of a theme's database lives
// here, one file per noun.
//
// # Invariants
//
//   - No pass, no handle: a Store is opened with an *access.Pass, uses the database
//     role of the pass's phase, and reads nothing of another theme.
//   - Every method that serves content to a person writes its audit row in the same
//     transaction; if the row cannot be written, nothing is served.
//   - Truth is append-only. Each commit of truth takes the next seq under an advisory
//     lock held until COMMIT, so that commit order is seq order: whoever reads
//     "as of seq s" reads the same for ever. Rows are prepared before the lock is
//     taken.
//   - What two people had destroyed is the exception: the database lets rows go in the
//     transaction of such an erasure only, and their places stay, marked.
//   - What is current (current_advert, daily, lead), and when rules had found what (found),
//     is a projection: Rebuild drops it and makes it again from the truth, with the same
//     outcome.
//   - What was sealed, as what was destroyed, is given to nobody, whatever the moment
//     that is asked about: no text, no pictures, no capture.
//   - What leads to a person is given masked, unless they typed it or reveal it for a
//     purpose.
//   - What the ledger must hold gets its leaf in the transaction that makes it true: a
//     capture, a decision, a seal. The leaf waits in the outbox until the one appender of
//     the theme's logs has written down where it stands.
//   - What a crash may undo is one whole batch: stages move their cursor in the
//     transaction that stores what they made, so nothing is done twice or lost.
//
// The schema, table by table, is in migrations/001_theme.sql, 002_desk.sql, 004_ledger.sql,
// 005_erase.sql and 006_desk_fast.sql; what each role may do is in migrations/grants.sql.
package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// seqLock is the advisory lock that orders the commits of truth. It is per
// database, so themes do not wait for each other.
const seqLock = 7041

// Compartments opens themes' stores and keeps their connections. One serves a
// whole process. The zero value is not usable; see New.
type Compartments struct {
	// Build gives the SHA-256 of the running binary, hex, which the leaves of records name.
	// [zeros, for tests]
	Build func() (string, error)

	clock zoeklicht.Clock
	max   int32

	mu    sync.Mutex
	pools map[string]*pgxpool.Pool // by DSN, which names theme and phase
	keys  trailKeys
}

// New gives Compartments that tell the time by clock and keep at most perTheme
// connections for each theme and phase (0 means 12).
func New(clock zoeklicht.Clock, perTheme int) *Compartments {
	if perTheme == 0 {
		perTheme = 12
	}
	return &Compartments{clock: clock, max: int32(perTheme), pools: map[string]*pgxpool.Pool{}}
}

// Open gives the compartment that the pass is for. The handle acts and is audited
// as the pass says; opening is cheap after the first time.
func (c *Compartments) Open(ctx context.Context, pass *access.Pass) (*Store, error) {
	if err := pass.Check(c.clock()); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	pool, ok := c.pools[pass.DSN()]
	if !ok {
		cfg, err := pgxpool.ParseConfig(pass.DSN())
		if err != nil {
			return nil, fmt.Errorf("the database address of theme %s: %w", pass.Theme(), err)
		}
		cfg.MaxConns = c.max
		cfg.MaxConnIdleTime = 5 * time.Minute
		// Bitmaps over a million versions must stay exact, or every row is checked again.
		cfg.ConnConfig.RuntimeParams["work_mem"] = "64MB"
		cfg.ConnConfig.RuntimeParams["jit"] = "off"
		cfg.ConnConfig.RuntimeParams["application_name"] = "zoeklicht " + string(pass.Phase())
		cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
		pool, err = pgxpool.NewWithConfig(ctx, cfg)
		if err != nil {
			return nil, fmt.Errorf("connect to the store of theme %s: %w", pass.Theme(), err)
		}
		c.pools[pass.DSN()] = pool
	}
	build := c.Build
	if build == nil {
		build = func() (string, error) { return strings.Repeat("0", 64), nil }
	}
	return &Store{pool: pool, pass: pass, clock: c.clock, build: build, keys: &c.keys}, nil
}

// Close closes every connection.
func (c *Compartments) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for dsn, p := range c.pools {
		p.Close()
		delete(c.pools, dsn)
	}
}

// Store is one theme's compartment as one pass sees it. It is safe for use by
// several goroutines.
type Store struct {
	pool  *pgxpool.Pool
	pass  *access.Pass
	clock zoeklicht.Clock
	build func() (string, error)
	keys  *trailKeys
}

// Pass gives the pass that the store was opened with.
func (s *Store) Pass() *access.Pass { return s.pass }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return problem(s.pool.Ping(ctx)) }

// Moment is a commit of truth: its number, and its time on the theme's clock.
type Moment struct {
	Seq zoeklicht.Seq
	At  time.Time
}

// write runs fn in a transaction that holds the next seq. What fn inserts becomes
// known at that moment, all or nothing. fn must do no work but SQL: the lock is held.
func (s *Store) write(ctx context.Context, fn func(pgx.Tx, Moment) error) (Moment, error) {
	return s.writeAfter(ctx, time.Time{}, fn)
}

// writeAfter is write for what reports of something that was seen by a time: it does
// not become known before, even where the clock of another machine is ahead of ours.
// So whoever asks as of a moment need not look at what was seen after it.
func (s *Store) writeAfter(ctx context.Context, seen time.Time, fn func(pgx.Tx, Moment) error) (Moment, error) {
	var m Moment
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, seqLock); err != nil {
			return err
		}
		// A statement of its own: its snapshot is taken after the lock, so it sees
		// the seq of whoever held the lock before.
		err := tx.QueryRow(ctx, `
			INSERT INTO moment (seq, at)
			SELECT coalesce(max(seq), 0) + 1,
			       greatest(theme_now($1), $2, (SELECT at FROM moment ORDER BY seq DESC LIMIT 1))
			FROM moment RETURNING seq, at`, s.clock(), orNull(seen)).Scan(&m.Seq, &m.At)
		if err != nil {
			return err
		}
		return fn(tx, m)
	})
	return m, problem(err)
}

// serve runs fn in a read transaction with one snapshot and writes the audit row
// that fn fills, in the same transaction: no row, no data. The caller must not use
// what fn read when serve gives an error.
func (s *Store) serve(ctx context.Context, a zoeklicht.Act, row *zoeklicht.Audit, fn func(pgx.Tx) error) error {
	if err := s.pass.Allow(a); err != nil {
		return err
	}
	row.Role = s.pass.RoleFor(a)
	// Two people who ask the same at the same moment keep the same result; in one
	// snapshot the second cannot see the first's, and asks again.
	for attempt := 1; ; attempt++ {
		err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead}, func(tx pgx.Tx) error {
			if err := fn(tx); err != nil {
				return err
			}
			return s.note(ctx, tx, row)
		})
		var pg *pgconn.PgError
		if attempt < 10 && errors.As(err, &pg) && pg.Code == serializationFailure {
			continue
		}
		return problem(err)
	}
}

// serializationFailure is PostgreSQL's code for a transaction that must be done again.
const serializationFailure = "40001"

// Now gives the time on the theme's clock, and the last moment of its truth.
func (s *Store) Now(ctx context.Context) (now time.Time, last Moment, err error) {
	err = s.pool.QueryRow(ctx, `
		SELECT theme_now($1), coalesce(m.seq, 0), coalesce(m.at, theme_now($1))
		FROM (SELECT 1) one LEFT JOIN (SELECT seq, at FROM moment ORDER BY seq DESC LIMIT 1) m ON true`,
		s.clock()).Scan(&now, &last.Seq, &last.At)
	return now, last, problem(err)
}

// problem turns a database's error into one that a person can read. Errors of ours
// pass as they are.
func problem(err error) error {
	var ours *zoeklicht.Error
	var pg *pgconn.PgError
	switch {
	case err == nil, errors.As(err, &ours), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, pgx.ErrNoRows):
		return zoeklicht.Errorf(zoeklicht.NotFound, "not found")
	case errors.As(err, &pg):
		switch pg.Code {
		case "ZL001", "ZL002", "ZL003", "ZL004":
			return zoeklicht.Errorf(zoeklicht.Conflict, "%s", pg.Message).With("nothing was decided", "")
		case "42501":
			return &zoeklicht.Error{Code: zoeklicht.Denied, What: "the database refuses this to this phase", Err: err}
		case "53100":
			return &zoeklicht.Error{Code: zoeklicht.Limit, What: "the database's disk is full", Safe: "what was committed is safe", Do: "free space, then start again", Err: err}
		case "57P01", "57P02", "57P03", "53300":
			return lost(err) // it ends, starts, or has no connection to spare
		}
		return fmt.Errorf("database: %w", err)
	}
	if broken(err) {
		return lost(err)
	}
	return fmt.Errorf("database: %w", err)
}

// broken reports whether an error says that the connection to the database failed,
// before a statement or in the midst of one. What a transaction did whose COMMIT broke is
// not known: whoever tries it again must find out.
func broken(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || pgconn.SafeToRetry(err) || pgconn.Timeout(err) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

func lost(err error) error {
	return &zoeklicht.Error{
		Code: zoeklicht.Unavailable, What: "the database does not answer",
		Safe: "what was committed is safe", Do: "it is tried again; see `zoeklicht doctor` if this lasts", Err: err,
	}
}
