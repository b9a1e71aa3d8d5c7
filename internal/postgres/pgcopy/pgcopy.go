// Package pgcopy moves the rows of a whole database out and in by COPY, as one
// snapshot, without pg_dump: the embedded PostgreSQL has none, and what it writes
// must load into any later version.
//
// A dump holds rows, not structure: the structure comes from the migrations, which
// are run before loading. Tables are dumped in COPY's text format, one after the
// other, parents of foreign keys first.
package pgcopy

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Table is a table of a dump.
type Table struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
	Rows    int64    `json:"rows"`
}

// bookkeeping is the migrator's own table; loading leaves it as the migrations made it.
const bookkeeping = "schema_version"

// Snapshot runs f in a transaction that sees the database as of one moment.
func Snapshot(ctx context.Context, conn *pgx.Conn, f func(pgx.Tx) error) error {
	return pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, f)
}

// Tables lists the tables of the public schema with their stored columns, so that a
// table comes after those that its foreign keys lead to.
func Tables(ctx context.Context, tx pgx.Tx) ([]Table, error) {
	rows, err := tx.Query(ctx, `
		SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum),
		       array(SELECT p.relname::text FROM pg_constraint k JOIN pg_class p ON p.oid = k.confrelid
		             WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
		GROUP BY c.oid, c.relname ORDER BY c.relname`)
	if err != nil {
		return nil, err
	}
	type node struct {
		Table
		parents []string
	}
	nodes, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (n node, err error) {
		err = r.Scan(&n.Name, &n.Columns, &n.parents)
		return n, err
	})
	if err != nil {
		return nil, err
	}
	done := map[string]bool{bookkeeping: true}
	var out []Table
	for progress := true; progress; {
		progress = false
		for _, n := range nodes {
			ready := !done[n.Name]
			for _, p := range n.parents {
				ready = ready && done[p]
			}
			if ready {
				done[n.Name], progress = true, true
				out = append(out, n.Table)
			}
		}
	}
	for _, n := range nodes {
		if !done[n.Name] {
			return nil, fmt.Errorf("table %s is in a circle of foreign keys", n.Name)
		}
	}
	return out, nil
}

// Out writes a table's rows, in COPY's text format, and counts them.
func Out(ctx context.Context, tx pgx.Tx, t *Table, w io.Writer) error {
	return out(ctx, tx, t, name(t.Name)+" ("+names(t.Columns)+")", w)
}

// OutOf is Out with the rows that a SELECT gives instead, with the table's columns in their
// order.
func OutOf(ctx context.Context, tx pgx.Tx, t *Table, sql string, w io.Writer) error {
	return out(ctx, tx, t, "("+sql+")", w)
}

func out(ctx context.Context, tx pgx.Tx, t *Table, from string, w io.Writer) error {
	tag, err := tx.Conn().PgConn().CopyTo(ctx, w, "COPY "+from+" TO STDOUT")
	t.Rows = tag.RowsAffected()
	return err
}

// In loads what Out wrote into a table of the same name, which must be empty, and
// checks the number of rows. Triggers of ours do not fire: the rows passed them once.
func In(ctx context.Context, tx pgx.Tx, t Table, r io.Reader) error {
	var filled bool
	if err := tx.QueryRow(ctx, fmt.Sprintf("SELECT EXISTS (SELECT 1 FROM %s)", name(t.Name))).Scan(&filled); err != nil {
		return err
	}
	if filled {
		return fmt.Errorf("table %s is not empty", t.Name)
	}
	if _, err := tx.Exec(ctx, fmt.Sprintf("ALTER TABLE %s DISABLE TRIGGER USER", name(t.Name))); err != nil {
		return err
	}
	tag, err := tx.Conn().PgConn().CopyFrom(ctx, r, fmt.Sprintf("COPY %s (%s) FROM STDIN", name(t.Name), names(t.Columns)))
	if err != nil {
		return fmt.Errorf("load table %s: %w", t.Name, err)
	}
	if tag.RowsAffected() != t.Rows {
		return fmt.Errorf("table %s: %d rows were loaded of %d", t.Name, tag.RowsAffected(), t.Rows)
	}
	_, err = tx.Exec(ctx, fmt.Sprintf("ALTER TABLE %s ENABLE TRIGGER USER", name(t.Name)))
	return err
}

// Sequences puts every identity column's sequence behind the highest value loaded.
func Sequences(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `
		SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attidentity <> ''`)
	if err != nil {
		return err
	}
	type column struct{ Table, Column string }
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[column])
	if err != nil {
		return err
	}
	for _, c := range columns {
		_, err := tx.Exec(ctx, fmt.Sprintf(
			"SELECT setval(pg_get_serial_sequence($1, $2), coalesce(max(%s), 0) + 1, false) FROM %s", name(c.Column), name(c.Table)),
			name(c.Table), c.Column)
		if err != nil {
			return err
		}
	}
	return nil
}

func name(s string) string { return pgx.Identifier{s}.Sanitize() }

func names(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = name(s)
	}
	return strings.Join(out, ", ")
}
