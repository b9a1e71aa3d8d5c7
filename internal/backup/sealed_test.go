package backup_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/backup"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/storetest"

	"github.com/jackc/pgx/v5"
	"github.com/klauspost/compress/zstd"
)

// sealedSQL fills a theme with two adverts. The first says "zilverreiger" wherever anything
// is said of it, and the keys of its captures begin with feed5ea1; the second says
// "roodborst", has keys with 600dcafe, and one of the pictures of the first.
const sealedSQL = `
	INSERT INTO moment (seq, at) SELECT g, '2026-01-05'::timestamptz + g * interval '1 second' FROM generate_series(1, 20) g;
	INSERT INTO source VALUES ('s', 1, 'S', 'http://127.0.0.1:1/', '{}', '{}', 1, '', 1, now());
	INSERT INTO run (seq, source, begun, cause) VALUES (2, 's', now(), 'test');
	INSERT INTO capture (id, seq, source, run, kind, page, url, canonical, final_url, status, at, digest, unchanged, not_content, failed, detail,
		final_page, pictures, had, missing, outside, bytes, manifest, salts, total)
	SELECT c.id::uuid, 3, 's', 1, 'advert', c.page, 'http://s/' || c.word, 'http://s/' || c.word, 'http://s/' || c.word, 200, now(), 'd', false, '', '', c.word,
		c.page, jsonb_build_array(jsonb_build_object('url', c.word)), 1, 0, 0, 1, 'm', convert_to('salt ' || c.word, 'UTF8'), 0
	FROM (VALUES ('00000000-0000-0000-0000-000000000001', '\x01'::bytea, 'zilverreiger'), ('00000000-0000-0000-0000-000000000002', '\x01', 'zilverreiger'),
		('00000000-0000-0000-0000-000000000003', '\x02', 'roodborst'), ('00000000-0000-0000-0000-000000000004', '\x01', 'zilverreiger')) c (id, page, word);
	INSERT INTO item SELECT c.id, i.name, 1, 0, 1, CASE WHEN c.page = '\x01' THEN '\xfeed5ea1'::bytea || convert_to(i.name, 'UTF8') ELSE '\x600dcafe'::bytea || convert_to(i.name, 'UTF8') END
		FROM capture c, (VALUES ('page'), ('picture:0')) i (name);
	INSERT INTO advert (id, seq, source, key, keyhash, canonical, first_seen) VALUES (1, 4, 's', '1', 'a', 'x', now()), (2, 4, 's', '2', 'b', 'y', now());
	INSERT INTO advert_page (page, source, advert, seq) VALUES ('\x01', 's', 1, 4), ('\x02', 's', 2, 4);
	INSERT INTO version (id, seq, advert, n, source, seen_at, day, capture, url, lang, price, place, has_picture, digest, reader, title, body, folded, fields)
	SELECT v.id, 4, v.advert, v.n, 's', now(), now(), v.capture::uuid, v.word, 'nl', v.word, v.word, 1, 'd', 'r', v.word, v.word, v.word, jsonb_build_array(jsonb_build_object('name', 'x', 'value', v.word, 'from', ''))
	FROM (VALUES (1, 1, 1, '00000000-0000-0000-0000-000000000001', 'zilverreiger'), (2, 1, 2, '00000000-0000-0000-0000-000000000002', 'zilverreiger'),
		(3, 2, 1, '00000000-0000-0000-0000-000000000003', 'roodborst')) v (id, advert, n, capture, word);
	INSERT INTO sighting (version, run, advert, seq, at, capture) SELECT id, 1, advert, 4, now(), capture FROM version;
	INSERT INTO entity SELECT id, 4, 'phone', body, body, 0, 1, false, true FROM version;
	INSERT INTO entity SELECT 3, 4, 'phone', 'shared', 'shared', 0, 1, false, true UNION ALL SELECT 1, 4, 'phone', 'shared', 'shared', 0, 1, false, true;
	INSERT INTO contact (type, value, seq) SELECT DISTINCT type, value, 4 FROM entity;
	INSERT INTO indicator_set (id, seq, at, rules) VALUES ('r', 4, now(), '[]');
	INSERT INTO round (seq, rules) VALUES (4, 'r');
	INSERT INTO assessment SELECT 1, id, 4, 1, '{x}', jsonb_build_array(jsonb_build_object('trace', body)) FROM version;
	INSERT INTO feedback (seq, version, advert, answer, reason, person, name, at) SELECT 4, id, advert, 'yes', body, 1, 'A', now() FROM version;
	INSERT INTO version_name (seq, version, advert, name, person, by_name, at) SELECT 4, id, advert, body, 1, 'A', now() FROM version;
	INSERT INTO correction (seq, version, advert, type, value, raw, start, stop, obfuscated, valid, corrected, person, name, at, wording)
		SELECT 4, id, advert, 'place', body, body, 1, 2, false, true, body, 1, 'A', now(), body FROM version;
	INSERT INTO picture (id, seq, sha256, format, width, height, problem, mime, segment, off, len, wrapped) VALUES
		(1, 4, 'p1', 'jpeg', 1, 1, '', 'image/jpeg', 1, 0, 1, '\xfeed5ea1'), (2, 4, 'p2', 'jpeg', 1, 1, '', 'image/jpeg', 1, 0, 1, '\x600dcafe');
	INSERT INTO version_picture (version, n, seq, url, canonical, picture, failure, detail, item) VALUES
		(1, 0, 4, 'zilverreiger', 'zilverreiger', 1, '', 'zilverreiger', 'picture:0'), (3, 0, 4, 'zilverreiger', 'zilverreiger', 1, '', '', 'picture:0'),
		(3, 1, 4, 'roodborst', 'roodborst', 2, '', '', 'picture:1');`

// unpacked gives what a backup's members hold.
func unpacked(t *testing.T, b []byte) map[string]string {
	t.Helper()
	out := map[string]string{}
	r := tar.NewReader(bytes.NewReader(b))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		var from io.Reader = r
		if strings.HasSuffix(h.Name, ".copy") {
			z, err := zstd.NewReader(r)
			if err != nil {
				t.Fatal(err)
			}
			defer z.Close()
			from = z
		}
		body, err := io.ReadAll(from)
		if err != nil {
			t.Fatal(err)
		}
		out[h.Name] = string(body)
	}
}

// TestSealedIsInNoBackup: after sealing, a backup has no text, no number and no key of what
// was sealed, and all of the rest; restored, what was sealed is there as sealed.
func TestSealedIsInNoBackup(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	if _, err := th.Owner.Exec(ctx, sealedSQL); err != nil {
		t.Fatal(err)
	}
	if err := th.Service(zoeklicht.Analysis).Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	src := backup.Source{
		Data: t.TempDir(), Databases: []string{"zl_practice"}, Connect: connect(th.OwnerDSN), Schema: func(context.Context, *pgx.Conn) (int32, error) { return 1, nil },
		Withhold: func(ctx context.Context, tx pgx.Tx, _, table string, columns []string) (string, error) {
			return store.Withhold(ctx, tx, table, columns)
		},
	}
	secrets := []string{"zilverreiger", "feed5ea1"}
	holding := func(members map[string]string, secret string) (tables []string) {
		for name, body := range members {
			if strings.Contains(body, secret) {
				tables = append(tables, name)
			}
		}
		return tables
	}
	before := unpacked(t, write(t, src))
	if len(holding(before, secrets[0])) < 10 || len(holding(before, secrets[1])) != 2 {
		t.Fatalf("before: %v and %v: the test shows nothing", holding(before, secrets[0]), holding(before, secrets[1]))
	}
	if _, err := th.Person("", zoeklicht.Analyst).Seal(ctx, 2, zoeklicht.SealMinor, zoeklicht.SealVersion); err != nil {
		t.Fatal(err)
	}
	set := write(t, src)
	after := unpacked(t, set)
	for _, secret := range secrets {
		if in := holding(after, secret); len(in) > 0 {
			t.Errorf("%q is in %v", secret, in)
		}
	}
	// The other advert is there as it was, but for the picture that it shares.
	for table, lines := range map[string]int{"version": 1, "entity": 2, "contact": 2, "assessment": 1, "feedback": 1, "correction": 1, "picture": 1, "item": 1} {
		count := func(members map[string]string) (n int) {
			for line := range strings.Lines(members["database/zl_practice/"+table+".copy"]) {
				if strings.Contains(line, "roodborst") || strings.Contains(line, "shared") && !strings.HasPrefix(line, "1\t") || strings.Contains(line, "600dcafe") && !strings.Contains(line, "picture:0") {
					n++
				}
			}
			return n
		}
		if was, is := count(before), count(after); was != lines || is != lines {
			t.Errorf("table %s: %d lines of the other advert before, %d after, want %d", table, was, is, lines)
		}
	}
	to, fresh := target(t)
	m, err := backup.Restore(ctx, bytes.NewReader(set), to)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Databases["zl_practice"].Withheld) < 10 {
		t.Errorf("the manifest says that %v are not as they were", m.Databases["zl_practice"].Withheld)
	}
	back := storetest.On(t, fresh)
	kept := dump(t, fresh)
	if err := back.Service(zoeklicht.Analysis).Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	again := dump(t, fresh)
	for _, table := range []string{"current_advert", "lead", "found", "sealed"} {
		if sorted(kept[table]) != sorted(again[table]) {
			t.Errorf("%s, restored and rebuilt:\n%s\n%s", table, kept[table], again[table])
		}
	}
	a, err := back.Person("", zoeklicht.Analyst).Advert(ctx, 1, 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range a.Versions {
		if !v.Sealed {
			t.Errorf("version %d is open", v.ID)
		}
	}
	b, err := back.Person("", zoeklicht.Analyst).Advert(ctx, 2, 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	if v := b.Versions[0]; v.Body != "roodborst" || len(v.Pictures) != 2 || v.Pictures[0].Failure != zoeklicht.FailSealed || v.Pictures[1].Picture != 2 {
		t.Errorf("the other advert: %+v", v)
	}
}

// TestNothingSealed: where nothing is, every table is read as it is.
func TestNothingSealed(t *testing.T) {
	t.Parallel()
	src, _ := set(t)
	plain := unpacked(t, write(t, src))
	src.Withhold = func(ctx context.Context, tx pgx.Tx, _, table string, columns []string) (string, error) {
		return store.Withhold(ctx, tx, table, columns)
	}
	for name, body := range unpacked(t, write(t, src)) {
		if plain[name] != body {
			t.Errorf("%s differs", name)
		}
	}
}

func sorted(lines string) string {
	all := strings.Split(lines, "\n")
	slices.Sort(all)
	return strings.Join(all, "\n")
}
