// Package backup writes a whole installation as one consistent set, and puts it
// back: databases, segments, keys and what else lies in the data folder.
//
// # Format
//
// A backup is a tar file. Its members, in this order:
//
//	database/<name>/<table>.copy   rows of each table, COPY text format, zstd
//	files/<path>                   files of the data folder: keys, segments, settings
//	manifest.json                  Manifest: what there is, with SHA-256 of each member
//
// The databases are read first, each as of one moment, and the segments after them.
// Segments only grow, and a row is committed after its bytes, so every row's bytes
// are in the set. A set without its manifest, or with one that does not match, is
// refused whole.
//
// A backup holds the keys that open it: keep it where only the operator can read, or have
// it encrypted to a key of its own (see Seal), an age file around the tar file.
//
// # What is sealed
//
// What somebody sealed is not in a backup: no text of it, nothing that was found or said in
// it, and no key of its captures and pictures, whose bytes in the segments are noise without
// (Source.Withhold; the front door gives store.Withhold). A backup from before the seal has
// it, as one from before an erasure has what was erased: destroy its key with Expire, or
// keep it as what it holds. And what is sealed cannot be had back from a backup.
//
// # What was erased
//
// What was erased before a backup is not in it: rows and keys are gone, and the segments
// have holes. A backup from before an erasure holds the thing, with its key, and cannot be
// changed. So what was erased since is erased again while it is restored, from a list that
// is kept outside of it (see package retain), before anybody can read anything: until that
// is done the data folder has a file "restoring", with which no installation opens. And
// the backup is worth nothing once its key is destroyed, which Expire does by a clock.
package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/keys/durable"
	"zoeklicht/internal/postgres/pgcopy"

	"github.com/jackc/pgx/v5"
	"github.com/klauspost/compress/zstd"
)

// Manifest says what a backup holds. It is its last member.
type Manifest struct {
	Format    int                 `json:"format"` // 1
	Made      time.Time           `json:"made"`
	Build     string              `json:"build"` // SHA-256 of the binary that made it
	Databases map[string]Database `json:"databases"`
	Members   map[string]string   `json:"members"` // name → SHA-256 of its bytes, hex
}

// Database is one database of a backup.
type Database struct {
	Tables []pgcopy.Table `json:"tables"`
	Schema int32          `json:"schema"` // migration that it stood at
	// Withheld are the tables that the set does not have as they were: see Source.Withhold.
	Withheld []string `json:"withheld,omitempty"`
}

// Source is what is backed up.
type Source struct {
	Data      string   // data folder
	Databases []string // names
	Build     string
	Now       time.Time
	// Connect opens a database as its owner; Schema tells its migration.
	Connect func(ctx context.Context, database string) (*pgx.Conn, error)
	Schema  func(ctx context.Context, conn *pgx.Conn) (int32, error)
	// Withhold gives a SELECT that is read instead of a table's columns, "" for the table as
	// it is: for what must be in no backup. [every table is read as it is]
	Withhold func(ctx context.Context, tx pgx.Tx, database, table string, columns []string) (sql string, err error)
	// Tell is told about progress.
	Tell func(member string, bytes int64)
}

// left reports whether a folder of the data folder is not part of a set: the cluster's
// rows come through COPY, runtimes are unpacked anew, and what jobs made goes within a
// day and can be made again.
func left(rel string) bool {
	out, err := filepath.Match(filepath.Join("themes", "*", "out"), rel)
	return rel == "postgres" || rel == "tmp" || out && err == nil
}

// passes reports whether a file may be gone when it is its turn: a log that is being
// filled has temporary files, and replaces partial tiles by whole ones. A log that was
// copied while it grew goes on whole: see ledger.Open.
func passes(rel string) bool {
	for dir := filepath.Dir(rel); dir != "."; dir = filepath.Dir(dir) {
		if is, err := filepath.Match(filepath.Join("themes", "*", "ledger"), dir); is && err == nil {
			return true
		}
	}
	return false
}

// Write writes a backup to w. Cancelling ctx leaves a file without a manifest, which
// Restore refuses.
func Write(ctx context.Context, w io.Writer, src Source) (*Manifest, error) {
	out := &archive{
		tar: tar.NewWriter(w), data: src.Data, now: src.Now, tell: src.Tell,
		manifest: Manifest{Format: 1, Made: src.Now.UTC(), Build: src.Build, Databases: map[string]Database{}, Members: map[string]string{}},
	}
	for _, name := range src.Databases {
		if err := out.database(ctx, src, name); err != nil {
			return nil, fmt.Errorf("back up database %s: %w", name, err)
		}
	}
	if err := out.files(ctx, src.Data); err != nil {
		return nil, err
	}
	b, err := json.MarshalIndent(out.manifest, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := out.tar.WriteHeader(&tar.Header{Name: "manifest.json", Mode: 0o600, Size: int64(len(b)), ModTime: src.Now}); err != nil {
		return nil, err
	}
	if _, err := out.tar.Write(b); err != nil {
		return nil, err
	}
	return &out.manifest, out.tar.Close()
}

type archive struct {
	tar      *tar.Writer
	data     string // data folder
	now      time.Time
	tell     func(string, int64)
	manifest Manifest
}

// member adds a member of known size.
func (a *archive) member(name string, size int64, modified time.Time, r io.Reader) error {
	if err := a.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: modified}); err != nil {
		return err
	}
	h := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(a.tar, h), r, size); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	a.manifest.Members[name] = hex.EncodeToString(h.Sum(nil))
	if a.tell != nil {
		a.tell(name, size)
	}
	return nil
}

func (a *archive) database(ctx context.Context, src Source, name string) error {
	conn, err := src.Connect(ctx, name)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) // read only
	schema, err := src.Schema(ctx, conn)
	if err != nil {
		return err
	}
	d := Database{Schema: schema}
	err = pgcopy.Snapshot(ctx, conn, func(tx pgx.Tx) error {
		tables, err := pgcopy.Tables(ctx, tx)
		if err != nil {
			return err
		}
		for i := range tables {
			sql := ""
			if src.Withhold != nil {
				if sql, err = src.Withhold(ctx, tx, name, tables[i].Name, tables[i].Columns); err != nil {
					return err
				}
			}
			if sql != "" {
				d.Withheld = append(d.Withheld, tables[i].Name)
			}
			if err := a.table(ctx, tx, name, &tables[i], sql); err != nil {
				return err
			}
		}
		d.Tables = tables
		return nil
	})
	a.manifest.Databases[name] = d
	return err
}

// table goes through a file, because tar wants the size first. It reads the rows of sql, or
// without that of the table.
func (a *archive) table(ctx context.Context, tx pgx.Tx, database string, t *pgcopy.Table, sql string) error {
	f, err := newSpool(a.data)
	if err != nil {
		return err
	}
	defer f.Close() // a temporary file
	z, err := zstd.NewWriter(f, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	if sql != "" {
		err = pgcopy.OutOf(ctx, tx, t, sql, z)
	} else {
		err = pgcopy.Out(ctx, tx, t, z)
	}
	if err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	r, err := f.reader()
	if err != nil {
		return err
	}
	return a.member("database/"+database+"/"+t.Name+".copy", f.size, a.now, r)
}

func (a *archive) files(ctx context.Context, data string) error {
	return filepath.WalkDir(data, func(path string, d fs.DirEntry, walked error) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		rel, err := filepath.Rel(data, path)
		if err != nil {
			return err
		}
		if walked != nil {
			if errors.Is(walked, fs.ErrNotExist) && passes(rel) {
				return nil
			}
			return walked
		}
		if d.IsDir() {
			if left(rel) {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		f, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) && passes(rel) {
			return nil
		}
		if err != nil {
			return err
		}
		defer f.Close() // read only
		info, err := f.Stat()
		if err != nil {
			return err
		}
		return a.member("files/"+filepath.ToSlash(rel), info.Size(), info.ModTime(), f)
	})
}

// Target is where a backup is restored to.
type Target struct {
	Data string // must be empty or absent
	// Prepare opens the server and makes the backup's databases with today's
	// migrations and roles, once the files are in place.
	Prepare func(ctx context.Context, m *Manifest) error
	Connect func(ctx context.Context, database string) (*pgx.Conn, error)
	// Erase does again, once everything is loaded, what was erased since the backup was
	// made. Nothing opens the installation before it has. [nothing]
	Erase func(ctx context.Context) error
	Tell  func(member string, bytes int64)
}

// marker says that a restore into the data folder is not done.
const marker = "restoring"

// Unfinished reports whether a restore into a data folder was not done: it may hold what
// was erased.
func Unfinished(data string) bool {
	_, err := os.Lstat(filepath.Join(data, marker))
	return err == nil
}

// Restore puts a backup back into an empty data folder. Everything is checked
// against the manifest before a row is loaded; when anything fails, what was put in
// the folder stays there for a look, and the backup is untouched.
func Restore(ctx context.Context, r io.Reader, to Target) (*Manifest, error) {
	if entries, err := os.ReadDir(to.Data); err == nil && len(entries) > 0 {
		return nil, zoeklicht.Errorf(zoeklicht.Conflict, "%s is not empty", to.Data).With("nothing was changed", "restore into an empty folder")
	}
	if err := os.MkdirAll(to.Data, 0o700); err != nil {
		return nil, err
	}
	if err := mark(to.Data); err != nil {
		return nil, err
	}
	spool, err := os.MkdirTemp(to.Data, ".restore-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(spool) // temporary
	m, sums, err := unpack(ctx, r, to, spool)
	if err != nil {
		return nil, err
	}
	if err := m.check(sums); err != nil {
		return nil, err
	}
	if err := to.Prepare(ctx, m); err != nil {
		return nil, err
	}
	for name, d := range m.Databases {
		if err := load(ctx, to, spool, name, d); err != nil {
			return nil, fmt.Errorf("restore database %s: %w", name, err)
		}
	}
	// It holds every row as it was: gone before what was erased is looked for.
	if err := os.RemoveAll(spool); err != nil {
		return nil, err
	}
	if to.Erase != nil {
		if err := to.Erase(ctx); err != nil {
			return nil, fmt.Errorf("erase again what was erased since the backup: %w", err)
		}
	}
	return m, errors.Join(os.Remove(filepath.Join(to.Data, marker)), durable.Sync(to.Data))
}

func mark(data string) error {
	f, err := os.OpenFile(filepath.Join(data, marker), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close(), durable.Sync(data))
}

// unpack spools the databases' members and puts the files in place.
func unpack(ctx context.Context, r io.Reader, to Target, spool string) (m *Manifest, sums map[string]string, err error) {
	sums = map[string]string{}
	t := tar.NewReader(r)
	for {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		head, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, zoeklicht.Errorf(zoeklicht.Invalid, "this is no whole backup: %w", err).With("the backup was not changed", "take another copy of it")
		}
		if head.Name == "manifest.json" {
			m = &Manifest{}
			if err := json.NewDecoder(io.LimitReader(t, 1<<30)).Decode(m); err != nil {
				return nil, nil, zoeklicht.Errorf(zoeklicht.Invalid, "the backup's manifest: %w", err)
			}
			continue
		}
		path, err := where(head.Name, to.Data, spool)
		if err != nil {
			return nil, nil, err
		}
		h := sha256.New()
		if err := put(path, t, h); err != nil {
			return nil, nil, err
		}
		sums[head.Name] = hex.EncodeToString(h.Sum(nil))
		if to.Tell != nil {
			to.Tell(head.Name, head.Size)
		}
	}
	if m == nil {
		return nil, nil, zoeklicht.Errorf(zoeklicht.Invalid, "this backup has no manifest: it was not finished").With("the backup was not changed", "take another one")
	}
	return m, sums, nil
}

// where gives the place of a member, and refuses names that lead elsewhere.
func where(member, data, spool string) (string, error) {
	for prefix, root := range map[string]string{"files/": data, "database/": filepath.Join(spool, "database")} {
		if rel, ok := strings.CutPrefix(member, prefix); ok && filepath.IsLocal(filepath.FromSlash(rel)) {
			return filepath.Join(root, filepath.FromSlash(rel)), nil
		}
	}
	return "", zoeklicht.Errorf(zoeklicht.Invalid, "the backup has a member %q that does not belong in one", member)
}

func put(path string, r io.Reader, h hash.Hash) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.MultiWriter(f, h), r)
	return errors.Join(err, f.Sync(), f.Close())
}

// check holds the members read against the manifest.
func (m *Manifest) check(sums map[string]string) error {
	if m.Format != 1 {
		return zoeklicht.Errorf(zoeklicht.Invalid, "the backup has format %d, this program reads 1", m.Format).With("", "use the program that made it, or a newer one")
	}
	for name, sum := range m.Members {
		if sums[name] != sum {
			return zoeklicht.Errorf(zoeklicht.Invalid, "member %s of the backup is damaged or missing", name).With("no row was loaded", "take another copy of the backup")
		}
	}
	for name := range sums {
		if _, ok := m.Members[name]; !ok {
			return zoeklicht.Errorf(zoeklicht.Invalid, "member %s is not in the backup's manifest", name).With("no row was loaded", "")
		}
	}
	return nil
}

func load(ctx context.Context, to Target, spool, name string, d Database) error {
	conn, err := to.Connect(ctx, name)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) // committed already
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, t := range d.Tables {
			if err := loadTable(ctx, tx, filepath.Join(spool, "database", name, t.Name+".copy"), t); err != nil {
				return err
			}
		}
		return pgcopy.Sequences(ctx, tx)
	})
}

func loadTable(ctx context.Context, tx pgx.Tx, path string, t pgcopy.Table) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() // read only
	z, err := zstd.NewReader(f)
	if err != nil {
		return err
	}
	defer z.Close()
	return pgcopy.In(ctx, tx, t, z)
}
