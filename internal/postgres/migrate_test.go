package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"zoeklicht"
	"zoeklicht/internal/postgres"
	"zoeklicht/internal/postgres/postgrestest"
)

func migrations(sql ...string) fs.FS {
	files := fstest.MapFS{}
	for i, text := range sql {
		files[fmt.Sprintf("%03d_step.sql", i+1)] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

var oneTable = migrations("CREATE TABLE note (id bigint PRIMARY KEY)")

// Migrations are applied once, in order; one that fails changes nothing, and
// those before it stay.
func TestMigrate(t *testing.T) {
	t.Parallel()
	dsn := postgrestest.Database(t, nil)
	conn := connect(t, dsn)
	const first, second = "CREATE TABLE note (id bigint)", "SET search_path = nowhere; INSERT INTO public.note VALUES (2)"
	for _, step := range []struct {
		name     string
		files    fs.FS
		from, to int32
		fails    string
		notes    int
	}{
		{"first", migrations(first), 0, 1, "", 0},
		{"again", migrations(first), 1, 1, "", 0},
		{"a third that fails", migrations(first, second, "INSERT INTO note VALUES (3); SELECT nonsense"), 1, 2, "003_step", 1},
		{"mended", migrations(first, second, "INSERT INTO note VALUES (3); INSERT INTO note VALUES (4)"), 2, 3, "", 3},
		{"an older program", migrations(first), 3, 3, "knows 1 versions", 3},
		{"none", fstest.MapFS{}, 0, 0, "migrations", 3},
	} {
		from, to, err := postgres.Migrate(t.Context(), conn, step.files)
		if from != step.from || to != step.to || (err == nil) != (step.fails == "") {
			t.Errorf("%s: from %d to %d, %v; want from %d to %d, failing %q", step.name, from, to, err, step.from, step.to, step.fails)
		}
		if err != nil && !strings.Contains(err.Error(), step.fails) {
			t.Errorf("%s: %q does not say %q", step.name, err, step.fails)
		}
		if got := query[int](t, dsn, "SELECT count(*)::int FROM note"); got != step.notes {
			t.Errorf("%s: %d notes, want %d", step.name, got, step.notes)
		}
	}
	_, _, err := postgres.Migrate(t.Context(), conn, oneTable)
	if zoeklicht.CodeOf(err) != zoeklicht.Conflict {
		t.Errorf("older program: got %v, want a conflict", err)
	}
}

// Processes that start at once migrate once.
func TestMigrateTogether(t *testing.T) {
	t.Parallel()
	dsn := postgrestest.Database(t, nil)
	files := migrations("CREATE TABLE note (id bigint PRIMARY KEY)", "INSERT INTO note SELECT generate_series(1, 1000)")
	type outcome struct {
		from, to int32
		err      error
	}
	const many = 5
	done := make(chan outcome, many)
	for range many {
		go func() {
			conn, err := pgx.Connect(t.Context(), dsn)
			if err != nil {
				done <- outcome{err: err}
				return
			}
			from, to, err := postgres.Migrate(t.Context(), conn, files)
			done <- outcome{from, to, errors.Join(err, conn.Close(context.Background()))}
		}()
	}
	steps := int32(0)
	for range many {
		o := <-done
		if o.err != nil || o.to != 2 {
			t.Errorf("%+v", o)
		}
		steps += o.to - o.from
	}
	if steps != 2 {
		t.Errorf("%d steps were made by all together, want 2", steps)
	}
}
