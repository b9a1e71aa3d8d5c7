package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/backup"
	"zoeklicht/internal/retain"
	"zoeklicht/internal/store"

	"github.com/jackc/pgx/v5"
)

const backupUsage = `--out FILE [--keys FOLDER]
       zoeklicht backup expire --keys FOLDER --days N

With --keys the backup is encrypted to a key of its own, which is put into that folder: outside of the data folder, and
not where the backups are. expire destroys the keys that are older than N days, and with each its backup, in every copy:
so what was erased outlives it by N days at most.`

const restoreUsage = `--from FILE --data EMPTY-FOLDER [--keys FOLDER] [--erased LIST]

LIST is the newest copy of erased.jsonl, from the data folder that was lost or from where copies of it are kept. What was
erased after the backup was made is erased again before the installation can be opened.`

// runBackup is the verb backup.
func runBackup(ctx context.Context, c *call) error {
	if len(c.raw) > 0 && c.raw[0] == "expire" {
		c.raw = c.raw[1:]
		return runExpire(c)
	}
	out := c.flags.String("out", "", "file to write")
	keyDir := c.flags.String("keys", "", "folder for the backup's key")
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
	if err := errors.Join(outside("--out", abs, p.cfg.Data), outside("--keys", *keyDir, p.cfg.Data)); err != nil {
		return err
	}
	build, err := buildHash()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(abs, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return zoeklicht.Errorf(zoeklicht.Unavailable, "the backup's file: %w", err).With("nothing was written", "")
	}
	show := progressLine(c, "backing up")
	src := backup.Source{
		Data: p.cfg.Data, Databases: databases, Build: build, Now: time.Now(), Connect: p.connect, Schema: schemaOf, Withhold: withhold, Tell: show,
	}
	m, err := writeBackup(ctx, f, src, *keyDir)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(abs)
		return fmt.Errorf("the backup was not finished and was removed; the installation is untouched: %w", err)
	}
	info, err := os.Stat(abs)
	if err != nil {
		return err
	}
	keep := "It holds the keys: keep it where only you can read."
	if *keyDir != "" {
		keep = fmt.Sprintf("Its key is in %s: without that nobody opens it.", *keyDir)
	}
	fmt.Fprintf(c.stdout, "%s: %d databases, %d members, %d bytes. %s\n", abs, len(m.Databases), len(m.Members), info.Size(), keep)
	for name, d := range m.Databases {
		if len(d.Withheld) > 0 {
			fmt.Fprintf(c.stdout, "What is sealed in %s is not in it: that is in this installation only.\n", name)
		}
	}
	return nil
}

// withhold keeps what is sealed in a theme out of a backup.
func withhold(ctx context.Context, tx pgx.Tx, database, table string, columns []string) (string, error) {
	if database == access.CommonDatabase {
		return "", nil
	}
	return store.Withhold(ctx, tx, table, columns)
}

// outside refuses a place in the data folder: it would be part of the backup.
func outside(flag, path, data string) error {
	if path == "" {
		return nil
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if rel, err := filepath.Rel(data, abs); err == nil && filepath.IsLocal(rel) {
		return usage(fmt.Errorf("%s lies in the data folder itself: choose a place outside of %s", flag, data))
	}
	return nil
}

// writeBackup writes a backup, encrypted if there is a folder for its key.
func writeBackup(ctx context.Context, f io.Writer, src backup.Source, keyDir string) (*backup.Manifest, error) {
	if keyDir == "" {
		return backup.Write(ctx, f, src)
	}
	sealed, err := backup.Seal(f, keyDir, src.Now)
	if err != nil {
		return nil, err
	}
	m, err := backup.Write(ctx, sealed, src)
	if err != nil {
		return nil, err // left without its end, it is no backup
	}
	return m, sealed.Close()
}

// runExpire is the verb backup expire.
func runExpire(c *call) error {
	keyDir := c.flags.String("keys", "", "folder of the backups' keys")
	days := c.flags.Int("days", 0, "how old a key may be")
	if err := c.begin(0, 0); err != nil {
		return err
	}
	if err := needed("--keys", *keyDir); err != nil {
		return err
	}
	if *days <= 0 {
		return usage(errors.New("--days N is needed"))
	}
	gone, left, err := backup.Expire(*keyDir, time.Now().AddDate(0, 0, -*days))
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "%d keys were destroyed, %d are left. What a destroyed key opened is noise, wherever it lies.\n", gone, left)
	return nil
}

// runRestore is the verb restore.
func runRestore(ctx context.Context, c *call) error {
	from := c.flags.String("from", "", "backup to restore")
	keyDir := c.flags.String("keys", "", "folder of the backups' keys")
	listed := c.flags.String("erased", "", "the newest list of what was erased")
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
	list, err := readErased(*listed)
	if err != nil {
		return err
	}
	set, err := backup.Unseal(f, *keyDir)
	if err != nil {
		return err
	}
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
	erased, themes := 0, []zoeklicht.ThemeName{}
	m, err := backup.Restore(ctx, set, backup.Target{
		Data: data, Tell: progressLine(c, "restoring"),
		Prepare: func(ctx context.Context, m *backup.Manifest) (err error) {
			if p, err = openFolder(ctx, c.cfg, c.log, true); err != nil {
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
				themes = append(themes, theme)
			}
			return nil
		},
		Connect: func(ctx context.Context, database string) (*pgx.Conn, error) { return p.connect(ctx, database) },
		Erase:   func(ctx context.Context) (err error) { erased, err = p.eraseAgain(ctx, c, themes, list); return err },
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "Restored the backup of %s into %s: %d databases, %d members. Erased again: %d.\n", m.Made.Format(time.RFC3339), data, len(m.Databases), len(m.Members), erased)
	if *listed == "" {
		fmt.Fprintf(c.stderr, "What was erased after %s is not known here, and is back: restore anew with --erased if anything was.\n", m.Made.Format(time.RFC3339))
	}
	return nil
}

// readErased reads a list of erasures that must be there, if one was named.
func readErased(path string) ([]store.Destroying, error) {
	if path == "" {
		return nil, nil
	}
	if _, err := os.Stat(path); err != nil {
		return nil, zoeklicht.Errorf(zoeklicht.NotFound, "the list of what was erased: %w", err).With("nothing was changed", "")
	}
	return retain.ReadList(path)
}

// eraseAgain does again in themes what was erased since the backup that was put back, and
// gives how many erasures that were.
func (p *platform) eraseAgain(ctx context.Context, c *call, themes []zoeklicht.ThemeName, list []store.Destroying) (n int, err error) {
	all, err := retain.MergeList(retain.ListFile(p.cfg.Data), list)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	for _, name := range themes {
		e, err := p.eraser(ctx, name)
		if err != nil {
			return n, err
		}
		again, remains, err := e.Again(ctx, all)
		if err != nil {
			return n, err
		}
		for _, what := range remains {
			fmt.Fprintf(c.stderr, "Unreadable remains in theme %s: %s.\n", name, what)
		}
		n += again
	}
	return n, nil
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
