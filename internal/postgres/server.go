package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"zoeklicht"
)

// Server is a PostgreSQL server that is there to be used.
type Server struct {
	own     *cluster // nil for a server that was given
	given   string
	version Version
	close   func() error
}

// Version is the version of a server.
type Version struct {
	Number int    // as server_version_num: 180004
	Text   string // "18.4"
}

// Major gives the part of the version that decides about the cluster's format.
func (v Version) Major() int { return v.Number / 10000 }

// Start gives the server that cfg asks for. Our own is made and started if need
// be, or attached to when another process runs it already; Close leaves it. An
// *zoeklicht.Error says what a person can do about a failure.
func Start(ctx context.Context, cfg Config, log *slog.Logger) (*Server, error) {
	cfg = cfg.withDefaults()
	s := &Server{given: cfg.DSN}
	if cfg.DSN == "" {
		own, err := join(ctx, cfg, log)
		if err != nil {
			return nil, err
		}
		s.own = own
	}
	s.close = sync.OnceValue(func() error {
		if s.own == nil {
			return nil
		}
		return s.own.leave()
	})
	if err := s.greet(ctx); err != nil {
		_ = s.close() // the first failure is the one to tell
		return nil, err
	}
	return s, nil
}

// greet signs in for the first time: is it a server for us, and may we do there
// what we need to do?
func (s *Server) greet(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.Admin(""))
	if err != nil {
		do := "check --database"
		if s.own != nil {
			do = "see the log in " + filepath.Join(s.own.door.Load().home, "log")
		}
		return (&zoeklicht.Error{Code: zoeklicht.Unavailable, What: "PostgreSQL does not let us in", Err: withoutSecrets(err)}).
			With("nothing was changed", do)
	}
	defer conn.Close(ctx)
	var super, may bool
	if err := conn.QueryRow(ctx, `
		SELECT current_setting('server_version_num')::int, split_part(current_setting('server_version'), ' ', 1),
		       rolsuper, rolcreatedb AND rolcreaterole
		FROM pg_roles WHERE rolname = current_user`).
		Scan(&s.version.Number, &s.version.Text, &super, &may); err != nil {
		return err
	}
	if s.version.Major() < oldestMajor {
		return zoeklicht.Errorf(zoeklicht.Unavailable, "this server is PostgreSQL %s", s.version.Text).
			With("nothing was changed", fmt.Sprintf("use PostgreSQL %d or newer", oldestMajor))
	}
	if !super && !may {
		return zoeklicht.Errorf(zoeklicht.Denied, "the role in --database may not make databases and roles").
			With("nothing was changed", "ALTER ROLE … CREATEDB CREATEROLE")
	}
	return nil
}

// withoutSecrets keeps a DSN's password out of what is shown: pgx names host,
// user and database in its connect errors and hides the password, but a parse
// error can quote the string.
func withoutSecrets(err error) error {
	var parse *pgconn.ParseConfigError
	if errors.As(err, &parse) {
		return errors.New("the connection string cannot be read")
	}
	return err
}

// Version gives the server's version.
func (s *Server) Version() Version { return s.version }

// Own reports whether the server is one of our own, under the data folder.
func (s *Server) Own() bool { return s.own != nil }

// DSN gives a URL or keyword string, for pgx and libpq, that opens a database
// as a role.
func (s *Server) DSN(database, role, password string) string {
	if s.own != nil {
		return s.own.door.Load().url(database, role, password)
	}
	dsn, err := redirect(s.given, database, role, password)
	if err != nil {
		return s.given // it was read once at Start, so this does not happen
	}
	return dsn
}

// Admin gives a DSN that opens a database as the role that may make databases
// and roles. An empty database means the one to connect to when no other is
// there yet.
func (s *Server) Admin(database string) string {
	if s.own == nil {
		return s.DSN(database, "", "")
	}
	if database == "" {
		database = "postgres"
	}
	d := s.own.door.Load()
	return d.url(database, superuser, d.password)
}

// Close leaves the server. One of our own is stopped when no other process uses
// it. Calling it again does nothing.
func (s *Server) Close() error { return s.close() }
