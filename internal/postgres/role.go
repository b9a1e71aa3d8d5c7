package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"zoeklicht"
)

// SQLSTATEs that are met on the way.
const (
	stateUniqueViolation = "23505" // two made the same role or database at once
	stateDuplicateObject = "42710"
	stateDuplicateDB     = "42P04"
	stateInternal        = "XX000" // "tuple concurrently updated"
	stateWrongObject     = "42809" // a locale that the server's machine lacks, up to 16
	stateInvalidParam    = "22023" // the same, since 17
	stateNotAllowed      = "42501"
	stateBadPassword     = "28P01"
)

// stateOf gives the SQLSTATE of an error, "" when it has none.
func stateOf(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// EnsureRole sees to it that a role is there and signs in with password; with
// an empty password it cannot sign in. The role gets no other right here. The
// password is sent as its scram verifier only.
func EnsureRole(ctx context.Context, conn *pgx.Conn, name, password string) error {
	login := "NOLOGIN PASSWORD NULL"
	if password != "" {
		verifier, err := scramVerifier(password)
		if err != nil {
			return err
		}
		login = "LOGIN PASSWORD '" + verifier + "'" // base64, digits, $ and : only
	}
	err := ensureRole(ctx, conn, name, login)
	if stateOf(err) == stateNotAllowed {
		return (&zoeklicht.Error{Code: zoeklicht.Denied, What: fmt.Sprintf("role %q cannot be set up", name), Err: err}).
			With("nothing was changed", "GRANT "+quote(name)+" TO the role in --database WITH ADMIN OPTION, or drop it if it is not in use")
	}
	return err
}

func ensureRole(ctx context.Context, conn *pgx.Conn, name, login string) error {
	for attempt := 0; ; attempt++ {
		var super bool
		err := conn.QueryRow(ctx, "SELECT rolsuper FROM pg_roles WHERE rolname = $1", name).Scan(&super)
		verb := "ALTER"
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			verb = "CREATE"
		case err != nil:
			return err
		case super:
			return zoeklicht.Errorf(zoeklicht.Conflict, "role %q is there already and is a superuser", name).
				With("it was not changed", "drop it, or take away SUPERUSER")
		}
		err = Patiently(ctx, conn, verb+" ROLE "+quote(name)+" "+login)
		state := stateOf(err)
		if again := state == stateUniqueViolation || state == stateDuplicateObject; !again || attempt == 10 {
			return err
		} // another process made it at this moment
	}
}

// EnsureDatabase sees to it that a database is there, in UTF-8 and ordered by
// code point, that owner owns it if it is made now (empty: whoever conn signed
// in as), that PUBLIC may not connect, and that the roles in connect may. It
// reports whether it made it.
func EnsureDatabase(ctx context.Context, conn *pgx.Conn, name, owner string, connect ...string) (created bool, err error) {
	if err := conn.QueryRow(ctx, "SELECT NOT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&created); err != nil {
		return false, err
	}
	if created {
		created, err = createDatabase(ctx, conn, name, owner)
		if err != nil {
			return false, err
		}
	}
	err = Patiently(ctx, conn, "REVOKE ALL ON DATABASE "+quote(name)+" FROM PUBLIC")
	for _, role := range connect {
		if err == nil {
			err = Patiently(ctx, conn, "GRANT CONNECT ON DATABASE "+quote(name)+" TO "+quote(role))
		}
	}
	return created, err
}

// Patiently executes a statement on what all databases of a server share (roles,
// databases, who may connect) again for as long as another session changes the
// same row: the server refuses those that meet ("tuple concurrently updated")
// instead of having one wait. Pauses of random length, growing to at most
// 64 ms, take apart those that met.
func Patiently(ctx context.Context, conn *pgx.Conn, sql string) error {
	const tries, longest = 50, 6
	for try := 1; ; try++ {
		_, err := conn.Exec(ctx, sql)
		if stateOf(err) != stateInternal || try == tries {
			return err
		}
		if err := sleep(ctx, rand.N(time.Millisecond<<min(try, longest))); err != nil {
			return err
		}
	}
}

func createDatabase(ctx context.Context, conn *pgx.Conn, name, owner string) (created bool, err error) {
	sql := "CREATE DATABASE " + quote(name)
	if owner != "" {
		if err := joinRole(ctx, conn, owner); err != nil {
			return false, err
		}
		sql += " OWNER " + quote(owner)
	}
	// A server that is given may have any default, and its machine may lack C.UTF-8.
	sql += " TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE "
	_, err = conn.Exec(ctx, sql+"'C.UTF-8'")
	if state := stateOf(err); state == stateWrongObject || state == stateInvalidParam {
		_, err = conn.Exec(ctx, sql+"'C'")
	}
	if state := stateOf(err); state == stateDuplicateDB || state == stateUniqueViolation {
		return false, nil // another process was faster
	}
	return err == nil, err
}

// joinRole makes whoever conn signed in as a member of a role that it made:
// owning a database in a role's name takes that, except for a superuser.
func joinRole(ctx context.Context, conn *pgx.Conn, role string) error {
	var member bool
	if err := conn.QueryRow(ctx, `
		SELECT rolsuper OR pg_has_role(current_user, $1, 'USAGE') FROM pg_roles WHERE rolname = current_user`, role).
		Scan(&member); err != nil || member {
		return err
	}
	_, err := conn.Exec(ctx, "GRANT "+quote(role)+" TO CURRENT_USER")
	return err
}
