package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"zoeklicht"
	"zoeklicht/internal/access"

	"github.com/jackc/pgx/v5"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations gives the numbered migrations of a theme's database.
func Migrations() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the embedded folder is part of the program
	}
	return numbered{sub}
}

// numbered hides files without a number, such as grants.sql, from the migrator.
type numbered struct{ fs.FS }

// ReadDir lists the migrations.
func (n numbered) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(n.FS, name)
	if err != nil {
		return nil, err
	}
	var out []fs.DirEntry
	for _, e := range all {
		if e.Name()[0] >= '0' && e.Name()[0] <= '9' {
			out = append(out, e)
		}
	}
	return out, nil
}

// ApplyGrants gives the theme's roles exactly what migrations/grants.sql says; the
// connection is the owner's. It may be run again at any time, by several at once. It also
// makes what an older program did not keep, which takes half a minute for a million
// versions, once.
func ApplyGrants(ctx context.Context, owner *pgx.Conn, theme zoeklicht.ThemeName) error {
	b, err := files.ReadFile("migrations/grants.sql")
	if err != nil {
		return err
	}
	sql := string(b)
	for _, p := range zoeklicht.Phases {
		role := pgx.Identifier{access.RoleName(theme, p)}.Sanitize()
		sql = strings.ReplaceAll(sql, ":"+string(p), role)
	}
	return pgx.BeginFunc(ctx, owner, func(tx pgx.Tx) error {
		// Processes that start together take turns: two at once would change the same rows of
		// the catalogue, which PostgreSQL refuses.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, hashtext('grants'))`, seqLock); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("grants of theme %s: %w", theme, err)
		}
		if err := fillMissing(ctx, tx); err != nil {
			return fmt.Errorf("projections of theme %s: %w", theme, err)
		}
		if err := coverAll(ctx, tx); err != nil {
			return fmt.Errorf("seals of theme %s: %w", theme, err)
		}
		return nil
	})
}

// SetSimulatedDay puts a practice theme's clock at a moment, from which it runs on
// with the wall's. It never moves the truth's time backwards: moments only grow.
func SetSimulatedDay(ctx context.Context, owner *pgx.Conn, m Simulated) error {
	_, err := owner.Exec(ctx, `
		INSERT INTO simulated (one, at, wall, day) VALUES (true, $1, clock_timestamp(), $2)
		ON CONFLICT (one) DO UPDATE SET at = excluded.at, wall = excluded.wall, day = excluded.day`, m.At, m.Day)
	return problem(err)
}
