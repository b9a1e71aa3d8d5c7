package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// abandonedSelect gives the files in the database's folder that have bytes and that no
// table or index has, as it is committed now. Files of temporary tables are named otherwise.
const abandonedSelect = `
	WITH dir AS (SELECT regexp_replace(pg_relation_filepath('pg_catalog.pg_class'), '/[^/]*$', '') AS path),
	     file AS (SELECT d.path || '/' || f AS name, substring(f FROM '^[0-9]+')::bigint AS node
	              FROM dir d, pg_ls_dir(d.path) f WHERE f ~ '^[0-9]+(_[a-z]+)?([.][0-9]+)?$')
	SELECT name FROM file
	WHERE node NOT IN (SELECT pg_relation_filenode(oid)::bigint FROM pg_catalog.pg_class WHERE pg_relation_filenode(oid) IS NOT NULL)
	  AND (pg_stat_file(name, true)).size > 0 ORDER BY name`

// ClearAbandoned empties files that the server has forgotten. One that is killed, or whose
// machine goes out, while it writes a table anew keeps what it had written, under a name
// that nothing refers to and nothing removes: rows that were live then, in the clear, which
// an erasure after that would not find. The connection is the owner's.
//
// A file is forgotten when no table has it after every transaction has ended that there was
// when it was first seen without one. Their end is waited for as Scrub does, and only where
// there is such a file. remains is as for Scrub.
func ClearAbandoned(ctx context.Context, owner *pgx.Conn, patience time.Duration) (remains []string, err error) {
	seen, err := abandoned(ctx, owner)
	if refused(err) {
		return []string{"rows in files that the server forgot when it was killed, if it ever was: its administrator can look for files without a table"}, nil
	}
	if err != nil || len(seen) == 0 {
		return nil, problem(err)
	}
	if err := othersEnded(ctx, owner, patience); err != nil {
		return nil, err
	}
	still, err := abandoned(ctx, owner)
	if err != nil {
		return nil, problem(err)
	}
	var home string
	if err := owner.QueryRow(ctx, `SELECT current_setting('data_directory')`).Scan(&home); err != nil {
		return nil, problem(err)
	}
	for _, name := range still {
		if !slices.Contains(seen, name) {
			continue // a table that is being made now
		}
		// No rows: the server opens the file for writing, which empties it. The name stays,
		// so that no new table is given it.
		_, err := owner.Exec(ctx, fmt.Sprintf(`COPY (SELECT 1 WHERE false) TO '%s'`, strings.ReplaceAll(home+"/"+name, "'", "''")))
		if refused(err) {
			remains = append(remains, "rows in a file that the server forgot when it was killed: "+name)
		} else if err != nil {
			return nil, problem(err)
		}
	}
	return remains, nil
}

func abandoned(ctx context.Context, owner *pgx.Conn) ([]string, error) {
	rows, err := owner.Query(ctx, abandonedSelect)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// othersEnded waits until every transaction in the database has ended that began before
// now: what one of them made has a table then, or is gone.
func othersEnded(ctx context.Context, owner *pgx.Conn, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var now time.Time
	if err := owner.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return problem(err)
	}
	for {
		var going bool
		err := owner.QueryRow(ctx, `
			SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start <= $1)
			    OR EXISTS (SELECT 1 FROM pg_prepared_xacts WHERE database = current_database())`, now).Scan(&going)
		if err != nil || !going {
			return problem(err)
		}
		select {
		case <-ctx.Done():
			return inUse(ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}
