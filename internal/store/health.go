package store

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"

	"github.com/jackc/pgx/v5"
)

// Health is what an operator must know about a theme's database. It holds no content.
type Health struct {
	// Excess and Lacking are rights in which the database differs from
	// migrations/grants.sql: "zl_practice_audit DELETE version".
	Excess, Lacking []string
	Now             time.Time // by the database's clock
	Last            time.Time // newest commit of truth, by the clock of then; zero if none
	Size            int64     // bytes of the database
	Captures        int       // in all
	Recent          int       // captures of the last seven days
	RecentBytes     int64     // and how many bytes they take in the segments
	// Vault and Working say, for each segment, where its committed bytes end.
	Vault, Working map[int64]int64
	// Samples are items to try the keys on: of the oldest segment and of the newest.
	Samples []Sample
}

// Sample is one item of the vault and where it lies.
type Sample struct {
	Capture zoeklicht.CaptureID
	Name    string
	Place   zoeklicht.Place
}

// Examine looks at a theme's database over a connection of its owner. It changes
// nothing.
func Examine(ctx context.Context, owner *pgx.Conn, theme zoeklicht.ThemeName) (*Health, error) {
	h := &Health{Vault: map[int64]int64{}, Working: map[int64]int64{}}
	err := pgx.BeginTxFunc(ctx, owner, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if err := h.rights(ctx, tx, theme); err != nil {
			return err
		}
		var last *time.Time
		err := tx.QueryRow(ctx, `
			SELECT clock_timestamp(), (SELECT wall FROM moment ORDER BY seq DESC LIMIT 1), pg_database_size(current_database()),
			       (SELECT count(*) FROM capture)`).
			Scan(&h.Now, &last, &h.Size, &h.Captures)
		if err != nil {
			return err
		}
		if last != nil {
			h.Last = *last
		}
		err = tx.QueryRow(ctx, `
			WITH old AS (SELECT coalesce(max(seq), 0) AS seq FROM moment WHERE wall < clock_timestamp() - interval '7 days')
			SELECT (SELECT count(*) FROM capture, old WHERE capture.seq > old.seq),
			       (SELECT coalesce(sum(len), 0) FROM item JOIN capture ON capture.id = item.capture, old WHERE capture.seq > old.seq)`).
			Scan(&h.Recent, &h.RecentBytes)
		if err != nil {
			return err
		}
		return h.segments(ctx, tx)
	})
	if err != nil {
		return nil, fmt.Errorf("examine the database of theme %s: %w", theme, problem(err))
	}
	return h, nil
}

func (h *Health) segments(ctx context.Context, tx pgx.Tx) error {
	for _, q := range []struct {
		sql  string
		into map[int64]int64
	}{
		{`SELECT segment, max(off + len) FROM item GROUP BY segment`, h.Vault},
		{`SELECT segment, max(off + len) FROM picture WHERE len > 0 GROUP BY segment`, h.Working},
	} {
		rows, err := tx.Query(ctx, q.sql)
		if err != nil {
			return err
		}
		var segment, end int64
		if _, err := pgx.ForEachRow(rows, []any{&segment, &end}, func() error { q.into[segment] = end; return nil }); err != nil {
			return err
		}
	}
	rows, err := tx.Query(ctx, `
		SELECT DISTINCT ON (segment) capture, name, segment, off, len, wrapped FROM item
		WHERE segment IN ((SELECT min(segment) FROM item), (SELECT max(segment) FROM item)) ORDER BY segment, off DESC`)
	if err != nil {
		return err
	}
	h.Samples, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (s Sample, err error) {
		err = r.Scan(&s.Capture, &s.Name, &s.Place.Segment, &s.Place.Offset, &s.Place.Length, &s.Place.Key)
		return s, err
	})
	return err
}

// right is that a role may do something to a table, or to some of its columns.
type right struct{ role, privilege, table string }

func (r right) String() string { return r.role + " " + r.privilege + " " + r.table }

// rights compares what the theme's roles may do with what they should.
func (h *Health) rights(ctx context.Context, tx pgx.Tx, theme zoeklicht.ThemeName) error {
	want, err := wantedRights(theme)
	if err != nil {
		return err
	}
	roles := make([]string, len(zoeklicht.Phases))
	for i, p := range zoeklicht.Phases {
		roles[i] = access.RoleName(theme, p)
	}
	rows, err := tx.Query(ctx, `
		SELECT r.rolname, p.name, t.relname
		FROM pg_roles r, pg_class t, unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p(name)
		WHERE r.rolname = ANY($1) AND t.relkind IN ('r', 'p', 'v', 'm') AND t.relnamespace = 'public'::regnamespace
		  AND CASE WHEN p.name IN ('DELETE', 'TRUNCATE') THEN has_table_privilege(r.oid, t.oid, p.name)
		           ELSE has_any_column_privilege(r.oid, t.oid, p.name) END`, roles)
	if err != nil {
		return err
	}
	have := map[right]bool{}
	var r right
	if _, err := pgx.ForEachRow(rows, []any{&r.role, &r.privilege, &r.table}, func() error { have[r] = true; return nil }); err != nil {
		return err
	}
	for r := range have {
		if !want[r] {
			h.Excess = append(h.Excess, r.String())
		}
	}
	for r := range want {
		if !have[r] {
			h.Lacking = append(h.Lacking, r.String())
		}
	}
	slices.Sort(h.Excess)
	slices.Sort(h.Lacking)
	return nil
}

var (
	grantForm   = regexp.MustCompile(`^GRANT (.+) ON (.+) TO (.+)$`)
	columnsForm = regexp.MustCompile(`\([^)]*\)`)
)

// wantedRights reads migrations/grants.sql, which is the one place that says who may
// do what. Rights on schemas and sequences are left out.
func wantedRights(theme zoeklicht.ThemeName) (map[right]bool, error) {
	b, err := files.ReadFile("migrations/grants.sql")
	if err != nil {
		return nil, err
	}
	var sql strings.Builder
	for line := range strings.Lines(string(b)) {
		if !strings.HasPrefix(strings.TrimSpace(line), "--") {
			sql.WriteString(line)
		}
	}
	roles := map[string]string{}
	for _, p := range zoeklicht.Phases {
		roles[":"+string(p)] = access.RoleName(theme, p)
	}
	want := map[right]bool{}
	for statement := range strings.SplitSeq(sql.String(), ";") {
		m := grantForm.FindStringSubmatch(strings.Join(strings.Fields(statement), " "))
		if m == nil || strings.HasPrefix(m[2], "SCHEMA ") || strings.HasPrefix(m[2], "SEQUENCE ") {
			continue
		}
		for _, privilege := range names(columnsForm.ReplaceAllString(m[1], "")) {
			for _, table := range names(m[2]) {
				for _, role := range names(m[3]) {
					want[right{roles[role], privilege, table}] = true
				}
			}
		}
	}
	return want, nil
}

func names(list string) []string {
	out := strings.Split(list, ",")
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out
}
