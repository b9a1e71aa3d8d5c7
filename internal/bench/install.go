package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/postgres"
	"zoeklicht/internal/store"
	"zoeklicht/internal/theme"
	"zoeklicht/themes"

	"github.com/jackc/pgx/v5"
)

// practiceTheme is the theme that everything is measured in.
const practiceTheme = zoeklicht.ThemeName("practice")

// installation is what an operator would have made: a cluster with its durability
// as it comes, the common database with people in it, and one theme's compartment.
type installation struct {
	dir    string
	pg     *postgres.Server
	creds  *access.Credentials
	door   *access.Door
	stores *store.Compartments
	theme  *zoeklicht.Theme
}

// install makes an installation in dir, or opens the one that is there.
func install(ctx context.Context, dir, pgBin string, log *slog.Logger) (_ *installation, err error) {
	in := &installation{dir: dir, stores: store.New(time.Now, 0)}
	defer func() {
		if err != nil {
			err = errors.Join(err, in.close())
		}
	}()
	t, problems, err := theme.Load(themes.Packs, practiceTheme)
	if err := errors.Join(err, problems.Err()); err != nil {
		return nil, err
	}
	in.theme = t
	if in.pg, err = postgres.Start(ctx, postgres.Config{Dir: filepath.Join(dir, "postgres"), Bin: pgBin}, log); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, "keys"), 0o700); err != nil {
		return nil, err
	}
	if in.creds, err = access.OpenCredentials(filepath.Join(dir, "keys", "db")); err != nil {
		return nil, err
	}
	if err := in.openCommon(ctx, log); err != nil {
		return nil, err
	}
	return in, in.openTheme(ctx)
}

// close leaves the cluster, which stops it.
func (in *installation) close() error {
	in.stores.Close()
	if in.door != nil {
		in.door.Close()
	}
	if in.pg != nil {
		return in.pg.Close()
	}
	return nil
}

// owner runs fn with the owner's connection to a database.
func (in *installation) owner(ctx context.Context, database string, fn func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, in.pg.Admin(database))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) // nothing is lost with it
	return fn(conn)
}

func (in *installation) openCommon(ctx context.Context, log *slog.Logger) error {
	password, _, err := in.creds.LoadOrCreate(access.CommonRole)
	if err != nil {
		return err
	}
	err = in.owner(ctx, "", func(conn *pgx.Conn) error {
		if err := postgres.EnsureRole(ctx, conn, access.CommonRole, password); err != nil {
			return err
		}
		_, err := postgres.EnsureDatabase(ctx, conn, access.CommonDatabase, "", access.CommonRole)
		return err
	})
	if err != nil {
		return err
	}
	err = in.owner(ctx, access.CommonDatabase, func(conn *pgx.Conn) error { return access.Prepare(ctx, conn, password) })
	if err != nil {
		return err
	}
	in.door, err = access.Open(ctx, access.Config{
		DSN: in.pg.DSN(access.CommonDatabase, access.CommonRole, password), Locate: in.locate,
		PassLife: 24 * time.Hour, // as long as the longest measurement
	}, log)
	return err
}

// locate gives the address of the theme's database for a phase, as that phase's role.
func (in *installation) locate(t zoeklicht.ThemeName, _ string, phase zoeklicht.Phase) (string, error) {
	role := access.RoleName(t, phase)
	password, err := in.creds.Load(role)
	if err != nil {
		return "", err
	}
	return in.pg.DSN(access.DatabaseName(t), role, password), nil
}

func (in *installation) openTheme(ctx context.Context) error {
	if err := in.door.AddTheme(ctx, access.Console, in.theme, ""); err != nil {
		return err
	}
	if err := in.door.Activate(ctx, access.Console, in.theme, "to measure"); err != nil && zoeklicht.CodeOf(err) != zoeklicht.Conflict {
		return err
	}
	if _, err := in.door.SeedPractice(ctx, practiceTheme, "four dry words suffice"); err != nil {
		return err
	}
	roles := make([]string, 0, len(zoeklicht.Phases))
	database := access.DatabaseName(practiceTheme)
	err := in.owner(ctx, "", func(conn *pgx.Conn) error {
		for _, phase := range zoeklicht.Phases {
			role := access.RoleName(practiceTheme, phase)
			password, _, err := in.creds.LoadOrCreate(role)
			if err != nil {
				return err
			}
			if err := postgres.EnsureRole(ctx, conn, role, password); err != nil {
				return err
			}
			roles = append(roles, role)
		}
		_, err := postgres.EnsureDatabase(ctx, conn, database, "", roles...)
		return err
	})
	if err != nil {
		return err
	}
	return in.owner(ctx, database, func(conn *pgx.Conn) error {
		if _, _, err := postgres.Migrate(ctx, conn, store.Migrations()); err != nil {
			return err
		}
		return store.ApplyGrants(ctx, conn, practiceTheme)
	})
}

// as opens the compartment as one of the practice people, for a purpose.
func (in *installation) as(ctx context.Context, login string) (*store.Store, error) {
	person, err := in.door.PersonByLogin(ctx, login)
	if err != nil {
		return nil, err
	}
	pass, err := in.door.Enter(ctx, person.ID, practiceTheme, "measuring")
	if err != nil {
		return nil, err
	}
	return in.stores.Open(ctx, pass)
}

// service opens the compartment as the platform's own process of a phase.
func (in *installation) service(ctx context.Context, phase zoeklicht.Phase) (*store.Store, error) {
	dsn, err := in.locate(practiceTheme, "", phase)
	if err != nil {
		return nil, err
	}
	pass, err := access.Service(access.Credential{Theme: practiceTheme, Phase: phase, Name: "bench", DSN: dsn})
	if err != nil {
		return nil, err
	}
	return in.stores.Open(ctx, pass)
}
