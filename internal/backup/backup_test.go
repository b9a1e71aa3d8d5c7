package backup_test

import (
	"archive/tar"
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/backup"
	"zoeklicht/internal/postgres/pgcopy"
	"zoeklicht/internal/postgres/postgrestest"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/storetest"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
)

// set is a database with something of everything in it, and a data folder.
func set(t *testing.T) (src backup.Source, dsn string) {
	t.Helper()
	th := storetest.New(t)
	_, err := th.Owner.Exec(t.Context(), `
		INSERT INTO moment (seq, at) SELECT g, '2026-01-05'::timestamptz + g * interval '1 second' FROM generate_series(1, 50) g;
		INSERT INTO source VALUES ('s', 1, 'S', 'http://127.0.0.1:1/', '{}', '{}', 1, '', 1, now());
		INSERT INTO decision (seq, source, kind, person, person_name, at, reason) VALUES (1, 's', 'propose', 1, 'A', now(), E'tab\tand\nline');
		INSERT INTO decision (seq, source, kind, person, person_name, at, reason) VALUES (2, 's', 'vet', 2, 'B', now(), 'x');
		INSERT INTO decision (seq, source, kind, person, person_name, at, reason, review_by) VALUES (3, 's', 'approve', 3, 'C', now(), 'x', now() + interval '1 day');
		INSERT INTO run (seq, source, begun, cause) VALUES (4, 's', now(), 'test');
		INSERT INTO outbox (seq, kind, ref, leaf) SELECT g, 'capture', g::text, '\x00ff0a09' FROM generate_series(1, 40) g;
		INSERT INTO audit (at, person, name, role, act, object, purpose, detail, count) VALUES (now(), 1, 'é €', 'analyst', 'search', '', '', '{"a": [1, null]}', 3);`)
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	for name, body := range map[string]string{"keys/practice.key": "key", "themes/practice/vault/00000001.seg": strings.Repeat("sealed", 5000), "postgres/cluster/PG_VERSION": "18", "themes/practice/out/1.job": "noise", "tmp/spool": "noise"} {
		path := filepath.Join(data, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dsn = th.OwnerDSN
	return backup.Source{
		Data: data, Databases: []string{"zl_practice"}, Build: "b", Now: time.Date(2026, 1, 6, 0, 0, 0, 0, time.UTC),
		Connect: connect(dsn), Schema: func(context.Context, *pgx.Conn) (int32, error) { return 1, nil },
	}, dsn
}

func connect(dsn string) func(context.Context, string) (*pgx.Conn, error) {
	return func(ctx context.Context, _ string) (*pgx.Conn, error) { return pgx.Connect(ctx, dsn) }
}

func write(t *testing.T, src backup.Source) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := backup.Write(t.Context(), &out, src); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// target gives an empty place to restore to.
func target(t *testing.T) (backup.Target, string) {
	t.Helper()
	dsn := postgrestest.Database(t, store.Migrations())
	return backup.Target{
		Data: filepath.Join(t.TempDir(), "data"), Connect: connect(dsn),
		Prepare: func(context.Context, *backup.Manifest) error { return nil },
	}, dsn
}

// dump reads every table as text.
func dump(t *testing.T, dsn string) map[string]string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context())) // read only
	out := map[string]string{}
	err = pgcopy.Snapshot(t.Context(), conn, func(tx pgx.Tx) error {
		tables, err := pgcopy.Tables(t.Context(), tx)
		for i := range tables {
			var b bytes.Buffer
			if err := pgcopy.Out(t.Context(), tx, &tables[i], &b); err != nil {
				return err
			}
			out[tables[i].Name] = b.String()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestThereAndBack(t *testing.T) {
	t.Parallel()
	src, dsn := set(t)
	b := write(t, src)
	to, fresh := target(t)
	m, err := backup.Restore(t.Context(), bytes.NewReader(b), to)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(dump(t, dsn), dump(t, fresh)); diff != "" {
		t.Errorf("rows differ (-backed up +restored):\n%s", diff)
	}
	if len(m.Databases["zl_practice"].Tables) < 20 {
		t.Errorf("%d tables are in the manifest", len(m.Databases["zl_practice"].Tables))
	}
	for _, name := range []string{"keys/practice.key", "themes/practice/vault/00000001.seg"} {
		want, _ := os.ReadFile(filepath.Join(src.Data, name))
		got, err := os.ReadFile(filepath.Join(to.Data, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, left := range []string{"postgres", "tmp", "themes/practice/out"} {
		if _, err := os.Stat(filepath.Join(to.Data, left)); err == nil {
			t.Errorf("%s was backed up", left)
		}
	}
	// Life goes on: the next rows take numbers behind those that were loaded, and
	// the two-person rule holds again.
	conn, err := pgx.Connect(t.Context(), fresh)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context())) // the test is over
	var id int64
	if err := conn.QueryRow(t.Context(), `INSERT INTO outbox (seq, kind, ref, leaf) VALUES (50, 'x', 'x', '') RETURNING id`).Scan(&id); err != nil || id != 41 {
		t.Errorf("the next row got number %d: %v", id, err)
	}
	_, err = conn.Exec(t.Context(), `INSERT INTO decision (seq, source, kind, person, person_name, at, reason, review_by) VALUES (9, 's', 'approve', 3, 'C', now(), 'x', now() + interval '1 day')`)
	if err == nil {
		t.Error("an approval without vetting was taken after restoring")
	}
}

// TestDamage flips bytes, cuts and adds members: a set that is not whole is refused
// before a row is loaded.
func TestDamage(t *testing.T) {
	t.Parallel()
	src, _ := set(t)
	whole := write(t, src)
	refuse := func(name string, b []byte) {
		t.Helper()
		to, fresh := target(t)
		if _, err := backup.Restore(t.Context(), bytes.NewReader(b), to); err == nil {
			t.Errorf("%s: was restored", name)
		}
		if rows := dump(t, fresh); rows["moment"] != "" {
			t.Errorf("%s: rows were loaded", name)
		}
	}
	refuse("cut before the manifest", whole[:len(whole)/2])
	refuse("nothing", nil)
	r := rand.New(rand.NewPCG(1, 2))
	for _, at := range members(t, whole, r) {
		b := bytes.Clone(whole)
		b[at] ^= 1
		refuse("a flipped bit", b)
	}
	for _, name := range []string{"files/../../elsewhere", "/etc/passwd", "files//abs", "other/x", "database/../x.copy"} {
		var out bytes.Buffer
		w := tar.NewWriter(&out)
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: 1}); err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte("x"))
		_ = w.Close()
		refuse("member "+name, out.Bytes())
	}
}

// members gives a random place within the bytes of some members.
func members(t *testing.T, b []byte, r *rand.Rand) (at []int) {
	t.Helper()
	read := bytes.NewReader(b)
	tr := tar.NewReader(read)
	for {
		h, err := tr.Next()
		if err == io.EOF {
			return at
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 && h.Name != "manifest.json" && len(at) < 6 && r.IntN(3) == 0 {
			at = append(at, len(b)-read.Len()+r.IntN(int(h.Size)))
		}
	}
}

func TestNotEmpty(t *testing.T) {
	t.Parallel()
	src, _ := set(t)
	to, _ := target(t)
	to.Data = src.Data
	if _, err := backup.Restore(t.Context(), bytes.NewReader(write(t, src)), to); zoeklicht.CodeOf(err) != zoeklicht.Conflict {
		t.Errorf("got %v, want a conflict", err)
	}
}
