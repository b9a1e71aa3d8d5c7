package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/tern/v2/migrate"

	"zoeklicht"
)

// versionTable holds one row with one number: the migrations applied so far.
const versionTable = "public.schema_version"

// Migrate brings a database up to date with the files NNN_name.sql of files,
// numbered from 1 without gaps. Each runs in a transaction of its own; several
// processes take turns by an advisory lock. It gives the versions before and
// after. A database that is newer than files is refused.
//
// The files are templates of text/template to tern, so "{{" cannot stand in
// them.
func Migrate(ctx context.Context, conn *pgx.Conn, files fs.FS) (from, to int32, err error) {
	m, err := migrate.NewMigrator(ctx, conn, versionTable)
	if err != nil {
		return 0, 0, err
	}
	if err := m.LoadMigrations(files); err != nil {
		return 0, 0, fmt.Errorf("migrations: %w", err)
	}
	first := int32(-1)
	m.OnStart = func(number int32, _, _, _ string) {
		if first < 0 {
			first = number - 1
		}
	}
	err = m.Migrate(ctx)
	to, versionErr := m.GetCurrentVersion(ctx)
	from = to
	if first >= 0 {
		from = first
	}
	var bad migrate.BadVersionError
	if errors.As(err, &bad) {
		return from, to, zoeklicht.Errorf(zoeklicht.Conflict,
			"database %q is at version %d, and this program knows %d versions", conn.Config().Database, to, len(m.Migrations)).
			With("nothing was changed", "use the program that wrote it, or a newer one")
	}
	if err != nil {
		return from, to, fmt.Errorf("migrate database %q: %w", conn.Config().Database, err)
	}
	return from, to, versionErr
}
