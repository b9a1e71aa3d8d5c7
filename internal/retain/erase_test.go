package retain_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/capture"
	"zoeklicht/internal/retain"
	"zoeklicht/internal/search"
	"zoeklicht/internal/store/storetest"

	"github.com/jackc/pgx/v5"
)

// The words that must go. No word of any language, so that nothing else has them.
const (
	inText    = "qwzkvbxpljrfwqnd"
	inPlace   = "zvxkqjwpbnmrtlgh"
	inHeader  = "xqvjzkwpfbdmngrl"
	inPicture = "jxqzvwkbpfmdrnlt"
	inOther   = "wvqxzjkpbrdfgmnl" // the picture of another capture
)

// TestErased destroys one capture, and one picture of another, of a hundred, and looks for
// what they had in every byte of the data folder and of the database's cluster: tables,
// indexes, statistics and write-ahead log.
func TestErased(t *testing.T) {
	t.Parallel()
	dsn, files := cluster(t)
	th := storetest.On(t, dsn)
	w, ctx := newWorld(t, th), t.Context()
	ads := make([]advert, 100)
	for i := range ads {
		ads[i] = plain(i)
	}
	ads[17].text += " " + inText + " in every sentence"
	ads[17].place, ads[17].header, ads[17].picture = inPlace, inHeader, drawing(17, inPicture)
	ads[42].picture = drawing(42, inOther)
	w.add(ads[:50]...)
	w.add(ads[50:]...)
	text, pic := w.captures[17], w.captures[42]

	analyst := th.Person("case 9", zoeklicht.Analyst)
	res, err := search.New(search.Config{}).Ask(ctx, analyst, zoeklicht.Question{}, time.Time{}, 0, 200)
	must(t, err)
	if len(res.Rows) != 100 {
		t.Fatalf("the world has %d adverts", len(res.Rows))
	}
	var version, other zoeklicht.Version
	for _, r := range res.Rows {
		switch r.Version.Capture {
		case text:
			version = r.Version
		case pic:
			other = r.Version
		}
	}
	_, err = analyst.Classify(ctx, version.ID, zoeklicht.No, "it says "+inText)
	must(t, err)
	must(t, analyst.Name(ctx, version.ID, "the one of "+inPlace))
	_, err = th.Person("case 9", zoeklicht.Analyst).Classify(ctx, version.ID, zoeklicht.No, "works alone")
	must(t, err)

	gone := needles{}
	for what, word := range map[string]string{"text": inText, "place": inPlace, "header": inHeader} {
		gone.word(what, word)
	}
	w.secrets(gone, text, "")
	w.secrets(gone, pic, "picture:0")
	_, err = th.Owner.Exec(ctx, `ANALYZE; CHECKPOINT`) // values get into the planner's statistics, and all of it into files
	must(t, err)
	before := gone.found(t, w.data, files)
	for what := range gone {
		if what != "" && len(before[what]) == 0 && !strings.Contains(what, " at ") {
			t.Errorf("nothing has the %s before: it shows nothing that nothing has it after", what)
		}
	}
	for _, what := range []string{"text", "place", "header"} {
		if !slices.ContainsFunc(keysOf(before), func(k string) bool { return strings.HasPrefix(k, what+" at ") }) {
			t.Errorf("nothing has the %s before", what)
		}
	}

	e := w.eraser(nil)
	one, err := e.Carry(ctx, w.decide(zoeklicht.Erasure{Scope: zoeklicht.EraseCapture, Capture: text}))
	must(t, err)
	two, err := e.Carry(ctx, w.decide(zoeklicht.Erasure{Scope: zoeklicht.EraseItem, Capture: pic, Item: "picture:0"}))
	must(t, err)
	for _, r := range []*retain.Report{one, two} {
		if r.Erasure.State() != zoeklicht.EraseDone || len(r.Remains) > 0 {
			t.Errorf("erasure %d is %s; remains: %v", r.Erasure.ID, r.Erasure.State(), r.Remains)
		}
	}
	want := zoeklicht.Erased{Captures: 1, Items: 3, Versions: 1, Pictures: 1, Values: 1, Notes: 2, Bytes: one.Erasure.Count.Bytes}
	if one.Erasure.Count != want {
		t.Errorf("destroyed %+v, want %+v", one.Erasure.Count, want)
	}
	if c := two.Erasure.Count; c.Items != 1 || c.Pictures != 1 || c.Versions != 0 {
		t.Errorf("of the picture: %+v", c)
	}
	for what, where := range gone.found(t, w.data, files) {
		t.Errorf("%s is still in %v", what, where)
	}
	verify(t, w, map[zoeklicht.CaptureID]int{text: 0, pic: 2})

	// Two people's decision is in the ledger, by leaves that tell nothing.
	rows, err := th.Owner.Query(ctx, `SELECT o.leaf FROM record r JOIN outbox o ON o.ref = r.id::text WHERE r.kind = 'erase' AND o.kind = 'erase' ORDER BY o.id`)
	must(t, err)
	leaves, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	must(t, err)
	if len(leaves) != 2 {
		t.Errorf("%d leaves say that something was erased", len(leaves))
	}
	for _, leaf := range leaves {
		if bytes.Contains(leaf, []byte(text.String())) || bytes.Contains(leaf, []byte(pic.String())) || bytes.Contains(leaf, []byte("order")) {
			t.Errorf("a leaf tells what was erased: %q", leaf)
		}
	}

	// A past result says what was destroyed, and its counts stay.
	again, err := analyst.Result(ctx, res.ID, 0, 200)
	must(t, err)
	if again.Destroyed != 1 || again.Versions != res.Versions || again.Adverts != res.Adverts {
		t.Errorf("the result has %d destroyed, %d versions of %d", again.Destroyed, again.Versions, res.Versions)
	}
	for _, r := range again.Rows {
		v := r.Version
		switch {
		case v.ID == version.ID:
			if !v.Destroyed || v.Rule != "order 12 of the prosecutor" || v.Title != "" || len(v.Pictures) > 0 {
				t.Errorf("of the destroyed version: %+v", v)
			}
		case v.ID == other.ID:
			if v.Destroyed || v.Title == "" || len(v.Pictures) != 1 || v.Pictures[0].Failure != zoeklicht.FailDestroyed {
				t.Errorf("of the version whose picture was destroyed: %+v", v)
			}
		case v.Destroyed || v.Title == "" || len(v.Pictures) != 1 || v.Pictures[0].Failure != "":
			t.Errorf("of another version: %+v", v)
		}
	}
	for id, want := range map[zoeklicht.CaptureID][]string{text: {"context", "page", "picture:0"}, pic: {"picture:0"}, w.captures[3]: nil} {
		c, err := analyst.Capture(ctx, id)
		must(t, err)
		if !slices.Equal(c.Erased, want) || (c.URL == "") != (id == text) {
			t.Errorf("capture %s: %v were destroyed, want %v; at %q", id, c.Erased, want, c.URL)
		}
	}
	var reasons []string
	must(t, th.Owner.QueryRow(ctx, `SELECT array_agg(reason ORDER BY id) FROM feedback WHERE answer = 'no'`).Scan(&reasons))
	if !slices.Equal(reasons, []string{"", "works alone"}) {
		t.Errorf("the reasons of answers are %q", reasons)
	}
	rebuilt(t, th)
}

func keysOf(m map[string][]string) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}

// verify checks every capture against its leaf. left says how many items those have that
// something was destroyed of.
func verify(t *testing.T, w *world, left map[zoeklicht.CaptureID]int) {
	t.Helper()
	for _, id := range w.captures {
		s := w.sealed(id)
		r, err := capture.Verify(s)
		if err != nil {
			t.Errorf("capture %s: %v", id, err)
			continue
		}
		want, part := left[id]
		switch {
		case part && len(s.Items) != want:
			t.Errorf("capture %s has %d items left, want %d", id, len(s.Items), want)
		case part && len(r.Withheld) == 0, !part && len(r.Withheld) > 0:
			t.Errorf("capture %s: proved %v, withheld %v", id, r.Proved, r.Withheld)
		}
	}
}

// rebuilt makes sure that the projections are as a rebuilding makes them.
func rebuilt(t *testing.T, th *storetest.Theme) {
	t.Helper()
	dump := func() (out string) {
		for _, sql := range []string{
			`SELECT coalesce(string_agg(c::text, E'\n' ORDER BY advert), '') FROM current_advert c`,
			`SELECT coalesce(string_agg(d::text, E'\n' ORDER BY day, source, place, lang, unit), '') FROM daily d`,
			`SELECT coalesce(string_agg(l::text, E'\n' ORDER BY subject), '') FROM lead l`,
		} {
			var s string
			must(t, th.Owner.QueryRow(t.Context(), sql).Scan(&s))
			out += s + "\n"
		}
		return out
	}
	before := dump()
	must(t, th.Service(zoeklicht.Analysis).Rebuild(t.Context()))
	if after := dump(); after != before {
		t.Errorf("rebuilding changed the projections from\n%s\nto\n%s", before, after)
	}
}

var errKilled = errors.New("killed")

// TestKilledBetweenSteps ends the work at each step in turn, and has Finish go on.
func TestKilledBetweenSteps(t *testing.T) {
	t.Parallel()
	for n := 0; ; n++ {
		dsn := postgresFor(t)
		w, ctx := newWorld(t, storetest.On(t, dsn)), t.Context()
		w.add(plain(1), plain(2))
		id := w.decide(zoeklicht.Erasure{Scope: zoeklicht.EraseCapture, Capture: w.captures[0]})
		steps := 0
		_, err := w.eraser(func(string) error {
			if steps++; steps > n {
				return errKilled
			}
			return nil
		}).Carry(ctx, id)
		if err == nil {
			if n < 6 {
				t.Errorf("it took %d steps only", n)
			}
			return
		}
		if !errors.Is(err, errKilled) {
			t.Fatalf("step %d: %v", n, err)
		}
		// Nothing is half destroyed: keys and rows are all there, or all gone.
		var items, texts int
		must(t, w.th.Owner.QueryRow(ctx, `
			SELECT (SELECT count(*) FROM item WHERE capture = $1), (SELECT count(*) FROM version WHERE capture = $1 AND body <> '')`, w.captures[0]).Scan(&items, &texts))
		if !(items == 3 && texts == 1) && !(items == 0 && texts == 0) {
			t.Errorf("step %d: %d items and %d texts are left", n, items, texts)
		}
		done, remains, err := w.eraser(nil).Finish(ctx)
		if err != nil || len(remains) > 0 || steps <= 6 && len(done) > 1 {
			t.Errorf("step %d: finish did %v, remains %v: %v", n, done, remains, err)
		}
		verify(t, w, map[zoeklicht.CaptureID]int{w.captures[0]: 0})
		if open, err := w.th.Service(zoeklicht.Retain).Unfinished(ctx); err != nil || len(open) > 0 {
			t.Errorf("step %d: %d erasures are unfinished: %v", n, len(open), err)
		}
	}
}

// TestHoles: the bytes of what was destroyed are zeros in the segments.
func TestHoles(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t, storetest.On(t, postgresFor(t))), t.Context()
	w.add(plain(1), plain(2))
	var off, length, segment int64
	must(t, w.th.Owner.QueryRow(ctx, `SELECT segment, off, len FROM item WHERE capture = $1 AND name = 'page'`, w.captures[1]).Scan(&segment, &off, &length))
	_, err := w.eraser(nil).Carry(ctx, w.decide(zoeklicht.Erasure{Scope: zoeklicht.EraseItem, Capture: w.captures[1], Item: "page"}))
	must(t, err)
	b, err := os.ReadFile(filepath.Join(w.data, "themes", "practice", "vault", fmt.Sprintf("%08d.seg", segment)))
	must(t, err)
	if got := b[off+64 : off+length]; len(bytes.Trim(got, "\x00")) > 0 {
		t.Errorf("bytes are left in the hole of %d", len(got))
	}
	verify(t, w, map[zoeklicht.CaptureID]int{w.captures[1]: 2})
}

// TestInUse: while somebody looks at the theme as it was, the last step waits, gives up, and
// is done later.
func TestInUse(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t, storetest.On(t, postgresFor(t))), t.Context()
	w.add(plain(1), plain(2))
	id := w.decide(zoeklicht.Erasure{Scope: zoeklicht.EraseCapture, Capture: w.captures[0]})
	looker, err := pgx.Connect(ctx, w.th.OwnerDSN)
	must(t, err)
	defer looker.Close(context.WithoutCancel(ctx)) // it only looks
	tx, err := looker.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	must(t, err)
	var n int
	must(t, tx.QueryRow(ctx, `SELECT count(*) FROM version`).Scan(&n))
	e := w.eraser(nil)
	e.Patience = 50 * time.Millisecond
	_, err = e.Carry(ctx, id)
	wantCode(t, "while somebody looks", err, zoeklicht.Unavailable)
	must(t, tx.Rollback(ctx))
	if _, err := looker.Exec(ctx, `BEGIN; LOCK TABLE version IN ROW EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	_, err = e.Carry(ctx, id)
	wantCode(t, "while somebody writes", err, zoeklicht.Unavailable)
	must(t, looker.Close(ctx))
	r, err := w.eraser(nil).Carry(ctx, id)
	if err != nil || r.Erasure.State() != zoeklicht.EraseDone {
		t.Errorf("later: %+v: %v", r, err)
	}
}
