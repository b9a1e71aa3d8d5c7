package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/capture"
	"zoeklicht/internal/keys"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
)

var discard = slog.New(slog.DiscardHandler)

// contents says, table by table, what a theme's compartment holds, without what may
// differ between two installations that saw the same: row numbers, identifiers, times of
// the wall, addresses with session values, places in segments. Runs are counted per
// source.
var contents = []struct{ name, sql string }{
	{"run", `
		SELECT o.source, o.n, o.begun::date, o.cause, e.urls, e.captured, e.failed, e.pictures, e.missing, e.outside, e.expected, e.adverts,
		       e.complete, e.drift, e.stopped
		FROM ord o LEFT JOIN run_end e ON e.run = o.id`},
	{"capture", `
		SELECT c.source, o.n, c.kind, c.canonical, c.status, c.unchanged, c.not_content, c.failed, c.had, c.missing, c.outside, c.total,
		       (SELECT string_agg(coalesce(p->>'item', '') || coalesce(p->>'failure', ''), ',') FROM jsonb_array_elements(c.pictures) p),
		       (SELECT string_agg(i.name, ',' ORDER BY i.name) FROM item i WHERE i.capture = c.id),
		       (SELECT count(*) FROM outbox b WHERE b.kind = 'capture' AND b.ref = c.id::text)
		FROM capture c JOIN ord o ON o.id = c.run`},
	{"robots", `SELECT host, state, encode(sha256, 'hex'), row_number() OVER (PARTITION BY host ORDER BY id) FROM robots`},
	{"absent", `SELECT o.source, o.n, f.canonical, a.why FROM absent a JOIN ord o ON o.id = a.run JOIN frontier f ON f.source = o.source AND f.page = a.page`},
	{"advert", `SELECT source, key, canonical FROM advert`},
	{"advert_page", `SELECT a.source, a.key, f.canonical FROM advert_page p JOIN advert a ON a.id = p.advert JOIN frontier f ON f.source = p.source AND f.page = p.page`},
	{"version", `
		SELECT a.source, a.key, v.n, v.day, v.lang, v.price, v.place, v.has_picture, v.reader, v.title, v.body, v.folded, v.fields
		FROM version v JOIN advert a ON a.id = v.advert`},
	{"entity", `
		SELECT a.source, a.key, v.n, e.type, e.value, e.raw, e.start, e.stop, e.obfuscated, e.valid
		FROM entity e JOIN version v ON v.id = e.version JOIN advert a ON a.id = v.advert`},
	{"contact", `SELECT type, value FROM contact`},
	{"version_picture", `
		SELECT a.source, a.key, v.n, p.n, p.url, p.canonical, p.failure, p.item, encode(i.sha256, 'hex')
		FROM version_picture p JOIN version v ON v.id = p.version JOIN advert a ON a.id = v.advert LEFT JOIN picture i ON i.id = p.picture`},
	{"picture", `SELECT encode(sha256, 'hex'), format, width, height, problem, mime, len FROM picture`},
	{"sighting", `
		SELECT a.source, a.key, v.n, o.n FROM sighting s JOIN version v ON v.id = s.version JOIN advert a ON a.id = s.advert
		JOIN ord o ON o.id = s.run`},
	{"absence", `SELECT a.source, a.key, o.n, b.why FROM absence b JOIN advert a ON a.id = b.advert JOIN ord o ON o.id = b.run`},
	{"gone", `SELECT a.source, a.key, o.n FROM gone g JOIN advert a ON a.id = g.advert JOIN ord o ON o.id = g.run`},
	{"current_advert", `
		SELECT a.source, a.key, v.n, o.n, c.absences, c.gone_at IS NOT NULL
		FROM current_advert c JOIN advert a ON a.id = c.advert JOIN version v ON v.id = c.version JOIN ord o ON o.id = c.last_run`},
	{"daily", `SELECT day, source, place, lang, versions, adverts FROM daily`},
	{"frontier", `
		SELECT f.source, f.canonical, f.kind, o.n, f.state, f.fail, f.status, f.absent, l.n
		FROM frontier f JOIN ord o ON o.id = f.run LEFT JOIN ord l ON l.id = f.listed_run`},
}

// dump gives what a compartment holds, as sorted lines by table.
func dump(t testing.TB, conn *pgx.Conn, names *strings.Replacer) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, c := range contents {
		rows, err := conn.Query(context.WithoutCancel(t.Context()), `
			WITH ord AS (SELECT id, source, begun, cause, row_number() OVER (PARTITION BY source ORDER BY id) AS n FROM run)
			SELECT q::text FROM (`+c.sql+`) q`)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for i := range lines {
			lines[i] = names.Replace(lines[i])
		}
		slices.Sort(lines)
		out[c.name] = lines
	}
	return out
}

// same holds what one compartment has against what another has.
func same(t testing.TB, want, got map[string][]string) {
	t.Helper()
	for _, c := range contents {
		if len(want[c.name]) == 0 && c.name != "absent" && c.name != "absence" && c.name != "gone" {
			t.Errorf("%s is empty: the comparison shows nothing", c.name)
		}
		if diff := cmp.Diff(want[c.name], got[c.name]); diff != "" {
			if len(diff) > 3000 {
				diff = diff[:3000] + "…"
			}
			t.Errorf("%s: %d rows, want %d (-undisturbed +this):\n%s", c.name, len(got[c.name]), len(want[c.name]), diff)
		}
	}
}

// whole checks what must hold in any compartment: no URL is left or lost, nothing is
// there twice, moments are without gap, and every item that a row names opens.
func whole(t testing.TB, conn *pgx.Conn, dir string, ring *keys.Ring) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	for what, sql := range map[string]string{
		"URLs not done": `SELECT count(*) FROM frontier WHERE state IN ('waiting', 'leased')`,
		"URLs done without a capture in their run": `SELECT count(*) FROM frontier f WHERE state = 'done' AND NOT EXISTS (SELECT FROM capture c WHERE c.run = f.run AND c.page = f.page)`,
		"runs not ended":                 `SELECT count(*) FROM run r WHERE NOT EXISTS (SELECT FROM run_end e WHERE e.run = r.id)`,
		"pages captured twice in a run":  `SELECT count(*) FROM (SELECT FROM capture WHERE failed = '' GROUP BY run, page HAVING count(*) > 1) d`,
		"captures without items":         `SELECT count(*) FROM capture c WHERE NOT EXISTS (SELECT FROM item i WHERE i.capture = c.id AND i.name = 'context')`,
		"items of no capture":            `SELECT count(*) FROM item i WHERE NOT EXISTS (SELECT FROM capture c WHERE c.id = i.capture)`,
		"captures without one leaf":      `SELECT count(*) FROM capture c WHERE (SELECT count(*) FROM outbox b WHERE b.kind = 'capture' AND b.ref = c.id::text) <> 1`,
		"leaves of no capture":           `SELECT count(*) FROM outbox b WHERE b.kind = 'capture' AND NOT EXISTS (SELECT FROM capture c WHERE c.id::text = b.ref)`,
		"sightings of no capture":        `SELECT count(*) FROM sighting s WHERE NOT EXISTS (SELECT FROM capture c WHERE c.id = s.capture AND c.run = s.run)`,
		"adverts sighted twice in a run": `SELECT count(*) FROM (SELECT FROM sighting GROUP BY advert, run, version HAVING count(*) > 1) d`,
		"versions like the one before": `SELECT count(*) FROM version a JOIN version b ON b.advert = a.advert AND b.n = a.n + 1 AND b.digest = a.digest
			AND (SELECT array_agg(DISTINCT CASE p.picture WHEN 0 THEN p.canonical ELSE p.picture::text END) FROM version_picture p WHERE p.version = a.id)
			    IS NOT DISTINCT FROM
			    (SELECT array_agg(DISTINCT CASE p.picture WHEN 0 THEN p.canonical ELSE p.picture::text END) FROM version_picture p WHERE p.version = b.id)`,
		"gaps in the versions of an advert": `SELECT count(*) FROM (SELECT FROM version GROUP BY advert HAVING max(n) <> count(*) OR min(n) <> 1) d`,
		"gaps between moments":              `SELECT max(seq) - count(*) FROM moment`,
		"moments that go back":              `SELECT count(*) FROM moment a JOIN moment b ON b.seq = a.seq + 1 WHERE b.at < a.at`,
		"captures not analysed":             `SELECT count(*) FROM capture WHERE seq > (SELECT seq FROM cursor WHERE stage = 'analyse')`,
	} {
		var n int
		if err := conn.QueryRow(ctx, sql).Scan(&n); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if n != 0 {
			t.Errorf("%d %s", n, what)
		}
	}
	openAll(t, conn, dir, ring)
}

// openAll opens and verifies every capture of the vault against its leaf.
func openAll(t testing.TB, conn *pgx.Conn, dir string, ring *keys.Ring) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	vault, err := blob.In(dir, practiceTheme, blob.Vault).Reader(ring)
	if err != nil {
		t.Fatal(err)
	}
	type sealed struct {
		zoeklicht.Sealed
		names  []string
		places []zoeklicht.Place
	}
	var all []*sealed
	rows, err := conn.Query(ctx, `
		SELECT c.id, c.manifest, c.salts, b.leaf, i.name, i.segment, i.off, i.len, i.wrapped
		FROM capture c JOIN item i ON i.capture = c.id JOIN outbox b ON b.kind = 'capture' AND b.ref = c.id::text ORDER BY i.segment, i.off`)
	if err != nil {
		t.Fatal(err)
	}
	byID := map[zoeklicht.CaptureID]*sealed{}
	var s zoeklicht.Sealed
	var name string
	var at zoeklicht.Place
	if _, err := pgx.ForEachRow(rows, []any{&s.ID, &s.Manifest, &s.Salts, &s.Leaf, &name, &at.Segment, &at.Offset, &at.Length, &at.Key}, func() error {
		one := byID[s.ID]
		if one == nil {
			one = &sealed{Sealed: s}
			byID[s.ID] = one
			all = append(all, one)
		}
		one.names, one.places = append(one.names, name), append(one.places, at)
		s, at = zoeklicht.Sealed{}, zoeklicht.Place{}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	bad := 0
	for _, one := range all {
		var failed error
		for i, name := range one.names {
			b, err := vault.Read(ctx, one.places[i], one.ID, name)
			failed = errors.Join(failed, err)
			one.Items = append(one.Items, zoeklicht.Item{Name: name, Bytes: b})
		}
		if failed == nil {
			_, failed = capture.Verify(&one.Sealed)
		}
		one.Items = nil
		if failed != nil {
			if bad++; bad <= 3 {
				t.Errorf("capture %s: %v", one.ID, failed)
			}
		}
	}
	if bad > 0 {
		t.Errorf("%d of %d captures do not verify", bad, len(all))
	}
}

// leftover is what processes left in a vault that died between append and commit.
type leftover struct {
	frames, captures int // whole, and known to no row
	torn             int // segments whose end is no whole frame
	bytes            int64
}

func (l leftover) String() string {
	return fmt.Sprintf("%d frames of %d captures that no row knows, %d torn ends, %d bytes", l.frames, l.captures, l.torn, l.bytes)
}

// committed gives where the committed bytes of each segment end.
func committed(t testing.TB, conn *pgx.Conn) map[int64]int64 {
	t.Helper()
	rows, err := conn.Query(context.WithoutCancel(t.Context()), `SELECT segment, max(off + len) FROM item GROUP BY segment`)
	if err != nil {
		t.Fatal(err)
	}
	ends := map[int64]int64{}
	var segment, end int64
	if _, err := pgx.ForEachRow(rows, []any{&segment, &end}, func() error { ends[segment] = end; return nil }); err != nil {
		t.Fatal(err)
	}
	return ends
}

// orphans scans a vault and holds its frames against the rows. Bytes that no row knows
// must lie behind where the committed ones of their segment end, a torn frame at the
// very end, and none of them may count as a capture.
func orphans(t testing.TB, conn *pgx.Conn, dir string, ends map[int64]int64) (l leftover) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	type place struct{ segment, offset int64 }
	known := map[place]bool{}
	rows, err := conn.Query(ctx, `SELECT segment, off FROM item`)
	if err != nil {
		t.Fatal(err)
	}
	var p place
	if _, err := pgx.ForEachRow(rows, []any{&p.segment, &p.offset}, func() error { known[p] = true; return nil }); err != nil {
		t.Fatal(err)
	}
	folder := blob.In(dir, practiceTheme, blob.Vault)
	segments, err := folder.Segments()
	if err != nil {
		t.Fatal(err)
	}
	owners := map[zoeklicht.CaptureID]bool{}
	for _, n := range segments {
		for f, err := range folder.Scan(n) {
			var d *blob.Damage
			switch {
			case errors.As(err, &d):
				if !d.Tail || d.Offset < ends[n] {
					t.Errorf("damage that is no torn end: %v", d)
				}
				l.torn++
				l.bytes += d.Length
			case err != nil:
				t.Fatal(err)
			case known[place{n, f.Offset}]:
				delete(known, place{n, f.Offset})
			default:
				if f.Offset < ends[n] {
					t.Errorf("segment %d: a frame that no row knows at %d, before committed bytes", n, f.Offset)
				}
				owners[f.Owner] = true
				l.frames++
				l.bytes += f.Length
			}
		}
	}
	if len(known) > 0 {
		t.Errorf("%d rows name frames that are not in the vault", len(known))
	}
	l.captures = len(owners)
	var taken int
	if err := conn.QueryRow(ctx, `SELECT count(*) FROM capture WHERE id = ANY($1::uuid[])`, slices.Collect(maps.Keys(owners))).Scan(&taken); err != nil {
		t.Fatal(err)
	}
	if taken > 0 {
		t.Errorf("%d captures are known whose bytes were never committed", taken)
	}
	return l
}
