package access

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"zoeklicht"
	"zoeklicht/internal/postgres"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Locator gives the connection string of a theme's database for one phase, with
// that phase's role and password. Location is the theme's own as AddTheme
// recorded it; empty means the server of the common database. A process whose
// Locator knows one phase lets nobody into another.
type Locator func(theme zoeklicht.ThemeName, location string, phase zoeklicht.Phase) (dsn string, err error)

// Config says how a Door is opened.
type Config struct {
	// DSN of the common database, with the role CommonRole.
	DSN string
	// Locate is needed for Enter. Without one nobody is let in anywhere, which
	// does for `person`, `grant` and the like.
	Locate Locator
	// Clock tells the time for everything here; nil means time.Now. Grants and
	// sessions live in real time, also in a theme whose clock is simulated.
	Clock zoeklicht.Clock
	// PassLife bounds how long a pass holds [15 minutes]. A pass is taken for
	// each request or job, so that a revoked grant is felt at once.
	PassLife time.Duration
	// Conns bounds the connections to the common database [8].
	Conns int32
}

// Door guards all themes of an installation. It is safe for concurrent use.
type Door struct {
	pool    *pgxpool.Pool
	clock   zoeklicht.Clock
	locate  Locator
	life    time.Duration
	log     *slog.Logger
	hashing chan struct{} // has a place for each password that may be checked at once
	dummy   string        // a hash that no password has, for names that do not exist
}

// Migrations gives the migrations of the common database, for test kits that
// make such databases themselves. Prepare is what everyone else needs.
func Migrations() fs.FS {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded: only a slip in this file gets here
	}
	return sub
}

// Prepare brings the common database up to date: its tables, and the rights of
// CommonRole, which from then on signs in with password. An empty password
// leaves signing in as it is, and makes the role without it. Prepare needs a
// connection of the database's owner, and may be run at every start.
func Prepare(ctx context.Context, owner *pgx.Conn, password string) error {
	if _, _, err := postgres.Migrate(ctx, owner, Migrations()); err != nil {
		return fmt.Errorf("the common database: %w", err)
	}
	if password != "" {
		if err := postgres.EnsureRole(ctx, owner, CommonRole, password); err != nil {
			return err
		}
	}
	grants, err := migrations.ReadFile("migrations/grants.sql")
	if err != nil {
		return err
	}
	err = pgx.BeginFunc(ctx, owner, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1, 0)", lockAdminister); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, string(grants))
		return err
	})
	if err != nil {
		return fmt.Errorf("rights in the common database: %w", err)
	}
	return nil
}

// Open connects to the common database. It fails with zoeklicht.Unavailable
// when the database cannot be reached.
func Open(ctx context.Context, c Config, log *slog.Logger) (*Door, error) {
	pc, err := pgxpool.ParseConfig(c.DSN)
	if err != nil {
		// pgx takes the password out of its message.
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "the common database: %w", err)
	}
	pc.MaxConns = c.Conns
	if pc.MaxConns == 0 {
		pc.MaxConns = 8
	}
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err == nil {
		if err = pool.Ping(ctx); err != nil {
			pool.Close()
		}
	}
	if err != nil {
		return nil, zoeklicht.Errorf(zoeklicht.Unavailable, "the common database cannot be reached: %w", err).
			With("nothing was changed", "see whether PostgreSQL runs: `zoeklicht doctor`")
	}
	d := &Door{pool: pool, clock: c.Clock, locate: c.Locate, life: c.PassLife, log: log, hashing: make(chan struct{}, 2)}
	if d.clock == nil {
		d.clock = time.Now
	}
	if d.locate == nil {
		d.locate = noLocation
	}
	if d.life == 0 {
		d.life = 15 * time.Minute
	}
	d.dummy = hashPassword(randomPhrase())
	return d, nil
}

// Close ends the connections to the common database.
func (d *Door) Close() { d.pool.Close() }

// Ping reports whether the common database answers.
func (d *Door) Ping(ctx context.Context) error {
	return told(d.pool.Ping(ctx))
}

func noLocation(theme zoeklicht.ThemeName, _ string, phase zoeklicht.Phase) (string, error) {
	return "", zoeklicht.Errorf(zoeklicht.Unavailable, "this process has no credential for phase %s of theme %s", phase, theme)
}

// now is the clock's time with PostgreSQL's resolution, so that a moment is the
// same moment after it was stored.
func (d *Door) now() time.Time { return d.clock().UTC().Truncate(time.Microsecond) }

// administer runs an act of administration: by must be an active administrator
// or the console, the change and its row in act are one transaction, and such
// acts take place one after another, so that what one of them checked still
// holds when it commits.
func (d *Door) administer(ctx context.Context, by zoeklicht.PersonID, do func(tx pgx.Tx, now time.Time) (Act, error)) error {
	return d.transact(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1, 0)", lockAdminister); err != nil {
			return err
		}
		if err := mayAdminister(ctx, tx, by); err != nil {
			return err
		}
		now := d.now()
		a, err := do(tx, now)
		if err != nil {
			return err
		}
		a.At, a.Person = now, by
		return record(ctx, tx, a)
	})
}

func (d *Door) transact(ctx context.Context, do func(tx pgx.Tx) error) error {
	return told(pgx.BeginFunc(ctx, d.pool, do))
}

// The first keys of the advisory locks taken in the common database.
const (
	lockAdminister = 0x7a6c0001 // second key 0
	lockLogin      = 0x7a6c0002 // second key: bucket of a login
	lockNetwork    = 0x7a6c0003 // second key: bucket of a network
)

func mayAdminister(ctx context.Context, tx pgx.Tx, by zoeklicht.PersonID) error {
	if by == Console {
		return nil
	}
	var ok bool
	err := tx.QueryRow(ctx, "SELECT admin AND disabled IS NULL FROM person WHERE id = $1", by).Scan(&ok)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	if !ok {
		return zoeklicht.Errorf(zoeklicht.Denied, "this is for administrators").
			With("nothing was changed", "ask an administrator, or use `zoeklicht` on the machine itself")
	}
	return nil
}

// record adds a row to act.
func record(ctx context.Context, tx pgx.Tx, a Act) error {
	detail, err := json.Marshal(a.Detail)
	if err != nil {
		return err
	}
	if a.Detail == nil {
		detail = []byte("{}")
	}
	_, err = tx.Exec(ctx, "INSERT INTO act (at, person, kind, object, detail) VALUES ($1, $2, $3, $4, $5)",
		a.At, a.Person, a.Kind, a.Object, detail)
	return err
}

// querier is what a pool and a transaction have in common here.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// collect gives what scan makes of each row of a query.
func collect[T any](ctx context.Context, q querier, scan pgx.RowToFunc[T], sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, told(err)
	}
	out, err := pgx.CollectRows(rows, scan)
	return out, told(err)
}

// told makes an Unavailable of an error that says that the database is down or
// went away; any other error stays as it is.
func told(err error) error {
	var (
		dial *pgconn.ConnectError
		pg   *pgconn.PgError
		mine *zoeklicht.Error
		nete net.Error
	)
	var away bool
	switch {
	case err == nil, errors.As(err, &mine), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &pg):
		// Classes 08 (connection), 57P (shutdown) and 53 (no resources).
		away = strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "57P") || strings.HasPrefix(pg.Code, "53")
	default:
		away = errors.As(err, &dial) || errors.As(err, &nete) || errors.Is(err, io.ErrUnexpectedEOF) || pgconn.SafeToRetry(err)
	}
	if !away {
		return err
	}
	return zoeklicht.Errorf(zoeklicht.Unavailable, "the common database does not answer: %w", err).
		With("nothing was changed", "try again; see `zoeklicht doctor` if it lasts")
}

// violates reports whether err is PostgreSQL's refusal with an SQLSTATE.
func violates(err error, state string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == state
}
