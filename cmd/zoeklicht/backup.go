package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/backup"

	"github.com/jackc/pgx/v5"
)

// runBackup is the verb backup.
func runBackup(ctx context.Context, c *call) error {
	out := c.flags.String("out", "", "file to write")
	if err := c.parse(); err != nil {
		return err
	}
	if *out == "" {
		return usage(errors.New("--out FILE is needed"))
	}
	p, err := open(ctx, c.cfg, c.log, false)
	if err != nil {
		return err
	}
	defer p.close()
	databases := []string{access.CommonDatabase}
	states, err := p.door.Themes(ctx)
	if err != nil {
		return err
	}
	for _, s := range states {
		databases = append(databases, access.DatabaseName(s.Name))
	}
	abs, err := filepath.Abs(*out)
	if err != nil {
		return err
	}
	if rel, err := filepath.Rel(p.cfg.Data, abs); err == nil && filepath.IsLocal(rel) {
		return usage(fmt.Errorf("--out lies in the data folder itself: choose a place outside of %s", p.cfg.Data))
	}
	f, err := os.OpenFile(abs, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return zoeklicht.Errorf(zoeklicht.Unavailable, "the backup's file: %w", err).With("nothing was written", "")
	}
	build, err := buildHash()
	if err != nil {
		return err
	}
	show := progressLine(c, "backing up")
	m, err := backup.Write(ctx, f, backup.Source{
		Data: p.cfg.Data, Databases: databases, Build: build, Now: time.Now(), Connect: p.connect, Schema: schemaOf, Tell: show,
	})
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(abs)
		return fmt.Errorf("the backup was not finished and was removed; the installation is untouched: %w", err)
	}
	info, err := os.Stat(abs)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "%s: %d databases, %d members, %d bytes. It holds the keys: keep it where only you can read.\n", abs, len(m.Databases), len(m.Members), info.Size())
	return nil
}

// runRestore is the verb restore.
func runRestore(ctx context.Context, c *call) error {
	from := c.flags.String("from", "", "backup to restore")
	if err := c.parse(); err != nil {
		return err
	}
	if *from == "" {
		return usage(errors.New("--from FILE is needed"))
	}
	f, err := os.Open(*from)
	if err != nil {
		return zoeklicht.Errorf(zoeklicht.Unavailable, "the backup: %w", err).With("nothing was changed", "")
	}
	defer f.Close() // read only
	var p *platform
	defer func() {
		if p != nil {
			p.close()
		}
	}()
	data, err := filepath.Abs(c.cfg.Data)
	if err != nil {
		return err
	}
	m, err := backup.Restore(ctx, f, backup.Target{
		Data: data, Tell: progressLine(c, "restoring"),
		Prepare: func(ctx context.Context, m *backup.Manifest) (err error) {
			if p, err = open(ctx, c.cfg, c.log, true); err != nil {
				return err
			}
			for name := range m.Databases {
				if name == access.CommonDatabase {
					continue // opening the installation made it
				}
				theme, ok := themeOf(p, name)
				if !ok {
					return zoeklicht.Errorf(zoeklicht.Conflict, "the backup has a database %s of a theme that this program does not carry", name)
				}
				if err := p.makeCompartment(ctx, theme); err != nil {
					return err
				}
			}
			return nil
		},
		Connect: func(ctx context.Context, database string) (*pgx.Conn, error) { return p.connect(ctx, database) },
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "Restored the backup of %s into %s: %d databases, %d members.\n", m.Made.Format(time.RFC3339), data, len(m.Databases), len(m.Members))
	return nil
}

// connect opens a database as its owner.
func (p *platform) connect(ctx context.Context, database string) (*pgx.Conn, error) {
	return pgx.Connect(ctx, p.pg.Admin(database))
}

func schemaOf(ctx context.Context, conn *pgx.Conn) (v int32, err error) {
	err = conn.QueryRow(ctx, `SELECT version FROM public.schema_version`).Scan(&v)
	return v, err
}

func themeOf(p *platform, database string) (zoeklicht.ThemeName, bool) {
	for name := range p.packs {
		if access.DatabaseName(name) == database {
			return name, true
		}
	}
	return "", false
}

// progressLine tells on stderr what is being done, one line a second at most.
func progressLine(c *call, what string) func(string, int64) {
	var bytes int64
	var members int
	last := time.Now()
	return func(member string, n int64) {
		bytes += n
		members++
		if time.Since(last) < time.Second {
			return
		}
		last = time.Now()
		fmt.Fprintf(c.stderr, "%s: %d members, %d MB, now %s\n", what, members, bytes>>20, strings.TrimPrefix(member, "files/"))
	}
}
