package store

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// scrubbed are the tables in which an erasure changes or deletes rows.
var scrubbed = []string{
	"absent", "advert", "advert_page", "assessment", "capture", "claim", "contact", "correction", "current_advert", "daily",
	"entity", "erase_hole", "feedback", "found", "frontier", "item", "lead", "look", "picture", "record", "version", "version_name",
	"version_picture", "wanted",
}

// Scrub removes from the database's own files what erasures left in them: rows that
// nobody sees any more lie in a table's file until something is written over them, in its
// indexes, in the statistics that plans are made with, and in the write-ahead log. So the
// tables are written anew with their indexes, the statistics made anew, and the log's
// files replaced. The connection is the owner's.
//
// While a table is written anew nobody reads or writes it. It waits, for patience at most
// each time, for transactions that began before, because they may still look at the rows,
// and for the tables; then it fails with Unavailable, and can be done again.
//
// remains says in words what could not be removed, and what ends that; it is empty where
// the server is our own.
func Scrub(ctx context.Context, owner *pgx.Conn, patience time.Duration) (remains []string, err error) {
	if _, err := owner.Exec(ctx, `SELECT set_config('lock_timeout', $1, false)`, strconv.FormatInt(patience.Milliseconds(), 10)); err != nil {
		return nil, problem(err)
	}
	if err := outwait(ctx, owner, patience); err != nil {
		return nil, err
	}
	told := func(err error, what string) error {
		if refused(err) {
			remains = append(remains, what)
			return nil
		}
		return err
	}
	// Of a table without rows nothing is analysed, and old statistics stay.
	_, err = owner.Exec(ctx, `
		DELETE FROM pg_statistic WHERE starelid IN (
			SELECT c.oid FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY($1)
			UNION SELECT i.indexrelid FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY($1))`,
		scrubbed)
	if err := told(err, "values in the planner's statistics, until every table was analysed anew"); err != nil {
		return nil, problem(err)
	}
	for _, table := range scrubbed {
		if _, err := owner.Exec(ctx, `VACUUM (FULL, ANALYZE) `+pgx.Identifier{"public", table}.Sanitize()); err != nil {
			return nil, busy(err)
		}
	}
	_, err = owner.Exec(ctx, `VACUUM (FULL) pg_catalog.pg_statistic`)
	if err := told(err, "values in the free room of the planner's statistics"); err != nil {
		return nil, problem(err)
	}
	left, err := replaceLog(ctx, owner)
	if err := told(err, "rows in the server's write-ahead log, until it has removed or reused the files of today"); err != nil {
		return nil, problem(err)
	}
	if len(left) > 0 {
		remains = append(remains, "rows in the server's write-ahead log, which it was told to keep: "+left[0]+" and later files")
	}
	var archived string
	if err := owner.QueryRow(ctx, `SELECT current_setting('archive_mode')`).Scan(&archived); err == nil && archived != "off" {
		remains = append(remains, "rows in the archive of the server's write-ahead log, until that expires")
	}
	return remains, nil
}

// refused reports whether the server refuses what only its administrator may do.
func refused(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "42501" || pg.Code == "42883" || pg.Code == "0A000") // no right, no such function, switched off
}

// busy words that a table was in use for longer than the patience.
func busy(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "55P03" {
		return inUse(err)
	}
	return problem(err)
}

func inUse(err error) error {
	return zoeklicht.Errorf(zoeklicht.Unavailable, "the theme is in use, so that its tables cannot be written anew: %w", err).
		With("nobody can read what was destroyed", "run `zoeklicht retain finish` when it is quieter")
}

// outwait waits until nobody looks at the database as it was before now: their rows would
// be written anew as well.
func outwait(ctx context.Context, owner *pgx.Conn, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var now string
	if err := owner.QueryRow(ctx, `SELECT pg_current_xact_id()::text`).Scan(&now); err != nil {
		return problem(err)
	}
	for {
		var looking bool
		err := owner.QueryRow(ctx, `
			SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
				AND age(backend_xmin) >= age($1::text::xid8::xid))`, now).Scan(&looking)
		if err != nil || !looking {
			return problem(err)
		}
		select {
		case <-ctx.Done():
			return inUse(ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// replaceLog has the server write on in new files of its write-ahead log and remove all
// that are there now, which it would rename and write over later otherwise. left are those
// that it keeps.
func replaceLog(ctx context.Context, owner *pgx.Conn) (left []string, err error) {
	if _, err := owner.Exec(ctx, `ALTER SYSTEM SET wal_recycle = off`); err != nil {
		return nil, err
	}
	defer func() {
		ctx := context.WithoutCancel(ctx)
		_, reset := owner.Exec(ctx, `ALTER SYSTEM RESET wal_recycle`)
		_, reload := owner.Exec(ctx, `SELECT pg_reload_conf()`)
		err = errors.Join(err, reset, reload)
	}()
	if _, err := owner.Exec(ctx, `SELECT pg_reload_conf()`); err != nil {
		return nil, err
	}
	// Twice: the server learns of the setting a moment later, and may have renamed a file
	// in the first round.
	for range 2 {
		old, err := logFiles(ctx, owner)
		if err != nil {
			return nil, err
		}
		for {
			var now string
			if err := owner.QueryRow(ctx, `SELECT pg_walfile_name(pg_current_wal_insert_lsn())`).Scan(&now); err != nil {
				return nil, err
			}
			if len(old) == 0 || now > old[len(old)-1] {
				break
			}
			// A switch does nothing where nothing was written since the last one.
			if _, err := owner.Exec(ctx, `SELECT pg_logical_emit_message(false, 'zoeklicht', 'erase')`); err != nil {
				return nil, err
			}
			if _, err := owner.Exec(ctx, `SELECT pg_switch_wal()`); err != nil {
				return nil, err
			}
		}
		if _, err := owner.Exec(ctx, `CHECKPOINT`); err != nil {
			return nil, err
		}
		there, err := logFiles(ctx, owner)
		if err != nil {
			return nil, err
		}
		left = slices.DeleteFunc(there, func(f string) bool { return !slices.Contains(old, f) })
	}
	return left, nil
}

// logFiles gives the names of the write-ahead log's files, in their order.
func logFiles(ctx context.Context, owner *pgx.Conn) ([]string, error) {
	rows, err := owner.Query(ctx, `SELECT name FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$' ORDER BY name COLLATE "C"`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// OpenErasures counts the erasures of a theme that were approved and are not done, for
// doctor. The connection is the owner's.
func OpenErasures(ctx context.Context, owner *pgx.Conn) (n int, err error) {
	err = owner.QueryRow(ctx, `
		SELECT count(*) FROM erasure_step a WHERE a.kind = 'approve'
		AND NOT EXISTS (SELECT 1 FROM erasure_step s WHERE s.erasure = a.erasure AND s.kind IN ('withdraw', 'scrub'))`).Scan(&n)
	return n, problem(err)
}
