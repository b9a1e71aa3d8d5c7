package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/crawl/crawltest"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/practice"
	"zoeklicht/internal/search"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"
)

// answered is a question with what was answered when it was asked.
type answered struct {
	question zoeklicht.Question
	result   *zoeklicht.Result
}

// asking makes questions of what a theme holds: a word or two of a text, a number or part
// of one, a place, a period, and so on, or several of these.
type asking struct {
	rng                   *rand.Rand
	words, phones, places []string
	days                  []string
	sources               []zoeklicht.SourceID
}

// learn reads from the store what can be asked about.
func learn(t testing.TB, conn *pgx.Conn, seed uint64) *asking {
	t.Helper()
	a := &asking{rng: rand.New(rand.NewPCG(seed, 3))}
	for sql, into := range map[string]*[]string{
		`SELECT DISTINCT regexp_split_to_table(left(folded, 300), '[^a-z0-9]+') FROM version ORDER BY 1`: &a.words,
		`SELECT value FROM contact WHERE type = 'phone' ORDER BY 1`:                                      &a.phones,
		`SELECT DISTINCT place FROM version WHERE place <> '' ORDER BY 1`:                                &a.places,
		`SELECT DISTINCT day::text FROM version ORDER BY 1`:                                              &a.days,
	} {
		rows, err := conn.Query(t.Context(), sql)
		if err != nil {
			t.Fatal(err)
		}
		if *into, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			t.Fatal(err)
		}
	}
	a.words = slices.DeleteFunc(a.words, func(w string) bool { return len(w) < 3 })
	a.sources = []zoeklicht.SourceID{"admarkt", "stadsgids", "kiosk", "wellkompass", "corso"}
	return a
}

func one[T any](rng *rand.Rand, of []T) T { return of[rng.IntN(len(of))] }

// question makes one at random.
func (a *asking) question() (q zoeklicht.Question) {
	r := a.rng
	switch r.IntN(5) {
	case 0:
		q.Text = one(r, a.words)
	case 1:
		q.Text = one(r, a.words) + " -" + one(r, a.words)
	case 2:
		phone := one(r, a.phones)
		if q.Phone = phone; r.IntN(2) == 0 {
			from := r.IntN(len(phone) - 6)
			q.Phone = strings.TrimPrefix(phone[from:from+6], "+")
		}
	}
	if r.IntN(3) == 0 {
		q.Place = one(r, a.places)
	}
	if r.IntN(4) == 0 {
		q.Sources = []zoeklicht.SourceID{one(r, a.sources)}
	}
	if r.IntN(4) == 0 {
		q.State = one(r, []string{"online", "gone"})
	}
	if r.IntN(5) == 0 {
		q.Picture = one(r, []string{"with", "without", "missing"})
	}
	if r.IntN(5) == 0 {
		q.Lang = one(r, []string{"nl", "en", "de"})
	}
	if r.IntN(4) == 0 {
		q.From = one(r, a.days)
		if r.IntN(2) == 0 {
			q.To = max(q.From, one(r, a.days))
		}
	}
	q.Newest = r.IntN(3) == 0
	return q
}

// sameAnswer compares two answers but for who asked, and when.
func sameAnswer(want, got *zoeklicht.Result) string {
	return cmp.Diff(want, got, cmpopts.IgnoreFields(zoeklicht.Result{}, "Asked", "By"), cmpopts.EquateEmpty())
}

// TestSameAnswerForEver asks many questions over three simulated days, lets five further
// days pass, and asks each again: by its identifier; the question itself as of that moment;
// and that with the kept answer taken away, so that it is found anew. Then once more
// with every projection dropped and rebuilt.
func TestSameAnswerForEver(t *testing.T) {
	t.Parallel()
	seed := uint64(number(t, "ZOEKLICHT_SEED", int(time.Now().UnixNano()%1e6)))
	t.Logf("ZOEKLICHT_SEED=%d", seed)
	ctx := t.Context()
	b := crawltest.New(t, practice.Config{Seed: seed, Adverts: 60})
	engine, analyst := search.New(search.Config{}), b.Store.Person("case 7", zoeklicht.Analyst)
	var all []answered
	for day := range 3 {
		b.Day(day)
		b.Visit(ctx)
		asking := learn(t, b.Store.Owner, seed+uint64(day))
		for range 40 {
			q := asking.question()
			res, err := engine.Ask(ctx, analyst, q, time.Time{}, 0, 1000)
			if err != nil {
				t.Fatalf("%+v: %v", q, err)
			}
			all = append(all, answered{q, res})
		}
	}
	for day := 3; day < 8; day++ {
		b.Day(day)
		b.Visit(ctx)
	}
	check := func(when string, ask func(a answered) (*zoeklicht.Result, error)) {
		t.Helper()
		bad := 0
		for _, a := range all {
			got, err := ask(a)
			if err != nil {
				t.Fatalf("%s: %+v: %v", when, a.question, err)
			}
			if diff := sameAnswer(a.result, got); diff != "" {
				if bad++; bad <= 2 {
					t.Errorf("%s: %+v as of %d (-then +now):\n%s", when, a.question, a.result.Seq, diff)
				}
			}
		}
		if bad > 0 {
			t.Errorf("%s: %d of %d answers changed", when, bad, len(all))
		}
	}
	again := func(a answered) (*zoeklicht.Result, error) { return engine.Again(ctx, analyst, a.result.ID, 0, 1000) }
	asOf := func(a answered) (*zoeklicht.Result, error) {
		return engine.Ask(ctx, analyst, a.question, a.result.AsOf, 0, 1000)
	}
	forget := func() {
		t.Helper()
		if _, err := b.Store.Owner.Exec(ctx, `DELETE FROM result`); err != nil {
			t.Fatal(err)
		}
	}
	check("by its identifier, five days later", again)
	check("as of then, five days later", asOf)
	forget()
	check("as of then, found anew", asOf)

	names := siteNames(b.Web.Hosts())
	before := dump(t, b.Store.Owner, names)
	if err := b.Store.Service(zoeklicht.Analysis).Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	same(t, before, dump(t, b.Store.Owner, names))
	check("by its identifier, after rebuilding", again)
	forget()
	check("as of then, found anew after rebuilding", asOf)

	full, rows := 0, 0
	for _, a := range all {
		rows += len(a.result.Rows)
		if len(a.result.Rows) > 0 {
			full++
		}
	}
	t.Logf("%d answers, %d of them with rows, %d rows", len(all), full, rows)
	if full*3 < len(all) {
		t.Errorf("%d of %d answers have rows: the test shows little", full, len(all))
	}
}

// TestAnswersSurviveRestore asks at the command line, lets five simulated days pass, and
// makes a backup that is restored into an empty folder. There, as before, each result's
// identifier gives the rows and counts that it had, and every table and file is the same.
func TestAnswersSurviveRestore(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	h := newHouse(t, 45, 2, 11)
	h.start()
	h.said(ctx, "day  2 is today")
	search := func(data string, args ...string) (a shownAnswer) {
		t.Helper()
		out, errs, code := h.verbOn(data, "search", append([]string{"--theme", "practice", "--json", "--limit", "1000"}, args...)...)
		if code != exitDone {
			t.Fatalf("search %v: exit %d: %s", args, code, errs)
		}
		if err := json.Unmarshal([]byte(out), &a); err != nil {
			t.Fatal(err)
		}
		return a
	}
	var asked []shownAnswer
	for _, args := range [][]string{
		{}, {"massage"}, {"--", "massage", "-studio"}, {"--phone", "0600"}, {"--newest", "--state", "online"}, {"--picture", "missing"}, {"--source", "kiosk"},
	} {
		asked = append(asked, search(h.data, args...))
	}
	h.stop()
	h.args[slices.Index(h.args, "--days")+1] = "7"
	h.start()
	h.said(ctx, "day  7 is today")
	check := func(when, data string) {
		t.Helper()
		for _, want := range asked {
			if diff := cmp.Diff(want, search(data, "--result", want.ID)); diff != "" {
				t.Errorf("%s: %s (-then +now):\n%s", when, want.ID, diff)
			}
		}
	}
	check("five days later", h.data)
	if now := search(h.data); now.Total == asked[0].Total && cmp.Equal(now.Rows, asked[0].Rows) {
		t.Error("nothing has changed in five days: the test shows nothing")
	}
	h.stop()
	old := h.open() // PostgreSQL stays, so that not every verb has to start it
	if out, errs, code := h.verb("rebuild", "--theme", "practice"); code != exitDone {
		t.Fatalf("rebuild: %s%s", out, errs)
	}
	check("after rebuilding", h.data)

	file, empty := filepath.Join(t.TempDir(), "set.tar"), filepath.Join(t.TempDir(), "data")
	if out, errs, code := h.verb("backup", "--out", file); code != exitDone {
		t.Fatalf("backup: %s%s", out, errs)
	}
	if out, errs, code := h.verbOn(empty, "restore", "--from", file); code != exitDone {
		t.Fatalf("restore: %s%s", out, errs)
	}
	r := &house{t: t, data: empty, bin: h.bin}
	restored := r.open()
	if diff := cmp.Diff(tables(t, old), tables(t, restored)); diff != "" {
		t.Errorf("tables (-original +restored):\n%s", diff)
	}
	ring, err := keys.Load(filepath.Join(empty, "keys"), practiceTheme)
	if err != nil {
		t.Fatal(err)
	}
	whole(t, restored, empty, ring)
	check("after restoring", empty)
}

// shownAnswer is what search --json prints, as far as it must stay.
type shownAnswer struct {
	ID       string            `json:"result_id"`
	Seq      int64             `json:"seq"`
	AsOf     string            `json:"as_of"`
	Total    int               `json:"total"`
	Versions int               `json:"versions"`
	Rows     []json.RawMessage `json:"rows"`
}

// tables gives, for each table of a theme's database, how many rows it has and what they
// come to.
func tables(t testing.TB, conn *pgx.Conn) map[string]string {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	rows, err := conn.Query(ctx, `SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, name := range all {
		var n int
		var sum string
		err := conn.QueryRow(ctx, fmt.Sprintf(`SELECT count(*), coalesce(md5(string_agg(r::text, E'\n' ORDER BY r::text)), '') FROM %s r`, pgx.Identifier{name}.Sanitize())).Scan(&n, &sum)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = fmt.Sprintf("%d rows, %s", n, sum)
	}
	return out
}
