package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/backup"
	"zoeklicht/internal/extract"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/postgres"
	"zoeklicht/internal/search"
	"zoeklicht/internal/store"
	"zoeklicht/internal/theme"
	"zoeklicht/themes"

	"github.com/jackc/pgx/v5"
)

// platform is an installation with its databases open. Every verb that needs one
// opens it, and leaves it by close; the last one to leave stops the cluster.
type platform struct {
	cfg    Config
	log    *slog.Logger
	pg     *postgres.Server
	creds  *access.Credentials
	door   *access.Door
	stores *store.Compartments
	packs  map[zoeklicht.ThemeName]*zoeklicht.Theme

	organ organ
}

// open opens the installation in the data folder. create says that a folder with
// nothing in it may be set up; otherwise that is an error which says what to do.
func open(ctx context.Context, cfg Config, log *slog.Logger, create bool) (*platform, error) {
	if backup.Unfinished(cfg.Data) {
		return nil, zoeklicht.Errorf(zoeklicht.Conflict, "a backup was being restored into %s, and that was not finished: it may hold what was erased", cfg.Data).
			With("the backup is untouched", "remove the folder, and restore into an empty one")
	}
	return openFolder(ctx, cfg, log, create)
}

// openFolder is open for who restores into the folder.
func openFolder(ctx context.Context, cfg Config, log *slog.Logger, create bool) (*platform, error) {
	data, err := filepath.Abs(cfg.Data)
	if err != nil {
		return nil, err
	}
	cfg.Data = data
	marker := filepath.Join(data, "keys")
	if _, err := os.Stat(marker); errors.Is(err, os.ErrNotExist) && !create {
		return nil, zoeklicht.Errorf(zoeklicht.NotFound, "there is no installation in %s", data).
			With("nothing was made", "run `zoeklicht init` first, or `zoeklicht practice` to try it out")
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, zoeklicht.Errorf(zoeklicht.Unavailable, "the data folder: %w", err).With("nothing was made", "choose another with --data")
	}
	p := &platform{cfg: cfg, log: log}
	ok := false
	defer func() {
		if !ok {
			p.close()
		}
	}()
	if p.packs, err = loadPacks(); err != nil {
		return nil, err
	}
	p.pg, err = postgres.Start(ctx, postgres.Config{DSN: cfg.Database, Bin: cfg.PgBin, Dir: filepath.Join(data, "postgres")}, log)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(marker, 0o700); err != nil {
		return nil, err
	}
	if p.creds, err = access.OpenCredentials(filepath.Join(marker, "db")); err != nil {
		return nil, err
	}
	if err := p.openCommon(ctx); err != nil {
		return nil, err
	}
	p.stores = store.New(time.Now, 0)
	p.stores.Build = sync.OnceValues(buildHash)
	ok = true
	return p, nil
}

// close leaves the installation.
func (p *platform) close() {
	if p.stores != nil {
		p.stores.Close()
	}
	if p.door != nil {
		p.door.Close()
	}
	if p.pg != nil {
		if err := p.pg.Close(); err != nil {
			p.log.Error("leaving PostgreSQL", "err", err)
		}
	}
}

// loadPacks reads the theme packs that the binary carries.
func loadPacks() (map[zoeklicht.ThemeName]*zoeklicht.Theme, error) {
	names, err := theme.Names(themes.Packs)
	if err != nil {
		return nil, err
	}
	packs := map[zoeklicht.ThemeName]*zoeklicht.Theme{}
	for _, n := range names {
		t, problems, err := theme.Load(themes.Packs, n)
		if err := errors.Join(err, problems.Err()); err != nil {
			return nil, fmt.Errorf("theme pack %s: %w", n, err)
		}
		packs[n] = t
	}
	return packs, nil
}

// carried gives a theme that the program carries; no installation is needed.
func carried(name string) (*zoeklicht.Theme, error) {
	packs, err := loadPacks()
	if err != nil {
		return nil, err
	}
	return named(packs, name)
}

func named(packs map[zoeklicht.ThemeName]*zoeklicht.Theme, name string) (*zoeklicht.Theme, error) {
	if t := packs[zoeklicht.ThemeName(name)]; t != nil {
		return t, nil
	}
	return nil, zoeklicht.Errorf(zoeklicht.NotFound, "there is no theme %q", name).
		With("nothing was changed", "`zoeklicht theme list` shows them")
}

func (p *platform) pack(name zoeklicht.ThemeName) (*zoeklicht.Theme, error) {
	return named(p.packs, string(name))
}

// admin runs f with the owner's connection to a database.
func (p *platform) admin(ctx context.Context, database string, f func(*pgx.Conn) error) error {
	away := func(err error) error {
		return zoeklicht.Errorf(zoeklicht.Unavailable, "database %s does not answer its owner: %w", cmp.Or(database, "postgres"), err).
			With("what was committed is safe", "see that PostgreSQL runs, and start again")
	}
	conn, err := pgx.Connect(ctx, p.pg.Admin(database))
	if err != nil {
		return away(err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) // nothing is lost with it
	if err = f(conn); err != nil && conn.IsClosed() && ctx.Err() == nil {
		return away(err)
	}
	return err
}

// openCommon brings the common database up to date and opens the door.
func (p *platform) openCommon(ctx context.Context) error {
	password, _, err := p.creds.LoadOrCreate(access.CommonRole)
	if err != nil {
		return err
	}
	err = p.admin(ctx, "", func(conn *pgx.Conn) error {
		if err := postgres.EnsureRole(ctx, conn, access.CommonRole, password); err != nil {
			return err
		}
		_, err := postgres.EnsureDatabase(ctx, conn, access.CommonDatabase, "", access.CommonRole)
		return err
	})
	if err != nil {
		return err
	}
	err = p.admin(ctx, access.CommonDatabase, func(conn *pgx.Conn) error { return access.Prepare(ctx, conn, password) })
	if err != nil {
		return err
	}
	p.door, err = access.Open(ctx, access.Config{
		DSN: p.pg.DSN(access.CommonDatabase, access.CommonRole, password), Clock: time.Now, Locate: p.locate,
	}, p.log)
	return err
}

// locate gives the address of a theme's database for one phase.
func (p *platform) locate(t zoeklicht.ThemeName, location string, phase zoeklicht.Phase) (string, error) {
	if location != "" {
		return "", zoeklicht.Errorf(zoeklicht.Unavailable, "theme %s lies on another server, which is not built yet", t)
	}
	role := access.RoleName(t, phase)
	password, err := p.creds.Load(role)
	if err != nil {
		return "", err
	}
	return p.pg.DSN(access.DatabaseName(t), role, password), nil
}

// openTheme makes a theme's compartment and keys, or brings them up to date, and
// makes the theme known.
func (p *platform) openTheme(ctx context.Context, name zoeklicht.ThemeName) (*zoeklicht.Theme, error) {
	t, err := p.pack(name)
	if err != nil {
		return nil, err
	}
	if err := p.door.AddTheme(ctx, access.Console, t, ""); err != nil {
		return nil, err
	}
	if err := p.makeCompartment(ctx, name); err != nil {
		return nil, err
	}
	_, err = p.ring(name)
	if _, missing := os.Stat(keys.Path(p.keyDir(), name)); !errors.Is(missing, os.ErrNotExist) {
		return t, err
	}
	if used, uerr := p.sealed(ctx, name); uerr != nil || used {
		return nil, errors.Join(err, uerr) // a lost key file is no reason to make another
	}
	_, err = keys.Create(p.keyDir(), name, time.Now())
	return t, err
}

// makeCompartment makes a theme's database and roles, or brings them up to date.
func (p *platform) makeCompartment(ctx context.Context, name zoeklicht.ThemeName) error {
	roles := make([]string, 0, len(zoeklicht.Phases))
	database := access.DatabaseName(name)
	err := p.admin(ctx, "", func(conn *pgx.Conn) error {
		for _, phase := range zoeklicht.Phases {
			role := access.RoleName(name, phase)
			password, _, err := p.creds.LoadOrCreate(role)
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
	return p.admin(ctx, database, func(conn *pgx.Conn) error {
		if _, _, err := postgres.Migrate(ctx, conn, store.Migrations()); err != nil {
			return err
		}
		return store.ApplyGrants(ctx, conn, name)
	})
}

// sealed reports whether anything was sealed with a theme's key.
func (p *platform) sealed(ctx context.Context, name zoeklicht.ThemeName) (bool, error) {
	var n bool
	err := p.admin(ctx, access.DatabaseName(name), func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM item)`).Scan(&n)
	})
	return n, err
}

func (p *platform) keyDir() string { return filepath.Join(p.cfg.Data, "keys") }

func (p *platform) ring(name zoeklicht.ThemeName) (*keys.Ring, error) {
	return keys.Load(p.keyDir(), name)
}

// service opens a theme's store as the platform's own process of a phase.
func (p *platform) service(ctx context.Context, name zoeklicht.ThemeName, phase zoeklicht.Phase, who string) (*store.Store, error) {
	dsn, err := p.locate(name, "", phase)
	if err != nil {
		return nil, err
	}
	pass, err := access.Service(access.Credential{Theme: name, Phase: phase, Name: who, DSN: dsn})
	if err != nil {
		return nil, err
	}
	return p.stores.Open(ctx, pass)
}

// as opens a theme's store as a person, for a purpose.
func (p *platform) as(ctx context.Context, login string, name zoeklicht.ThemeName, purpose string) (*store.Store, error) {
	person, err := p.door.PersonByLogin(ctx, login)
	if err != nil {
		return nil, err
	}
	pass, err := p.door.Enter(ctx, person.ID, name, purpose)
	if err != nil {
		return nil, err
	}
	return p.stores.Open(ctx, pass)
}

// engine gives what answers a theme's questions.
func engine(t *zoeklicht.Theme) (*search.Engine, error) {
	phones, err := extract.NewPhones(t.Regions, t.PhonePatterns)
	if err != nil {
		return nil, err
	}
	return search.New(search.Config{Place: t.Locale, Regions: t.Regions, Typed: phones.Typed}), nil
}

// parseRecipe reads a stored recipe, which was checked when it was stored.
func parseRecipe(name string, body []byte) (*zoeklicht.Recipe, error) {
	r, problems := theme.ParseRecipe(name, body)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return r, nil
}
