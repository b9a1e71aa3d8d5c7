package postgrestest_test

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"zoeklicht/internal/postgres/postgrestest"
)

var migrations = fstest.MapFS{
	"001_notes.sql": {Data: []byte("CREATE TABLE note (id bigint PRIMARY KEY, text text NOT NULL);")},
	"002_first.sql": {Data: []byte("INSERT INTO note VALUES (1, 'made by a migration');")},
}

// Every test has a database of its own: what one writes no other sees.
func TestDatabasesAreSeparate(t *testing.T) {
	for _, name := range []string{"one", "two", "three", "four"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			conn, err := pgx.Connect(ctx, postgrestest.Database(t, migrations))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(ctx)
			if _, err := conn.Exec(ctx, "INSERT INTO note VALUES (2, $1)", name); err != nil {
				t.Fatal(err)
			}
			var got string
			if err := conn.QueryRow(ctx, "SELECT string_agg(text, ', ' ORDER BY id) FROM note").Scan(&got); err != nil {
				t.Fatal(err)
			}
			if want := "made by a migration, " + name; got != want {
				t.Errorf("notes are %q, want %q", got, want)
			}
		})
	}
}

// BenchmarkDatabase measures what a test pays for its database.
func BenchmarkDatabase(b *testing.B) {
	for b.Loop() {
		name, err := pgx.ParseConfig(postgrestest.Database(b, migrations))
		if err != nil {
			b.Fatal(err)
		}
		postgrestest.Drop(b, name.Database)
	}
}
