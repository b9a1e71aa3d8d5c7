package retain_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/crawl"
	"zoeklicht/internal/postgres/pgcopy"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/storetest"

	"github.com/jackc/pgx/v5"
)

// rows gives every row of the theme's database as text, by table.
func (w *world) rows() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	err := pgcopy.Snapshot(w.t.Context(), w.th.Owner, func(tx pgx.Tx) error {
		tables, err := pgcopy.Tables(w.t.Context(), tx)
		for i := range tables {
			var b bytes.Buffer
			if err := pgcopy.Out(w.t.Context(), tx, &tables[i], &b); err != nil {
				return err
			}
			out[tables[i].Name] = b.String()
		}
		return err
	})
	must(w.t, err)
	return out
}

// TestBlankAdvertGone: when all of an advert's captures were destroyed one by one, its address
// and its number at the source still go, also in a copy of the database from before.
func TestBlankAdvertGone(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t, storetest.New(t)), t.Context()
	w.add(plain(1), plain(5001), plain(2))
	id := w.captures[1]
	advert := w.advert(id)
	has := func() (where []string) {
		for table, rows := range w.rows() {
			if table != "audit" && strings.Contains(rows, "/ad/5001") {
				where = append(where, table)
			}
		}
		return where
	}
	must(t, w.unscrubbed(w.decide(zoeklicht.Erasure{Scope: zoeklicht.EraseCapture, Capture: id})))
	orders, err := w.th.Person("", zoeklicht.Analyst).ErasuresOf(ctx, id)
	if err != nil || len(orders) != 1 || len(orders[0].Items) == 0 || orders[0].Ground == "" || orders[0].At.IsZero() || orders[0].Leaf != -1 {
		t.Errorf("the capture went by %+v: %v", orders, err)
	}
	if len(has()) == 0 {
		t.Fatal("nothing is left: the test tests nothing")
	}
	must(t, w.unscrubbed(w.decide(zoeklicht.Erasure{Scope: zoeklicht.EraseAdvert, Advert: advert})))
	if where := has(); len(where) > 0 {
		t.Errorf("its address stands in %v", where)
	}
	_, _, err = w.th.Person("case 9", zoeklicht.Specialist).AskErase(ctx, zoeklicht.Erasure{Scope: zoeklicht.EraseAdvert, Advert: advert, Ground: "x"})
	wantCode(t, "erasing what is gone", err, zoeklicht.NotFound)
	rebuilt(t, w.th)
}

// TestAdvertGone erases everything of an advert that people worked on in every way there
// is, and looks for its text, address and number in every table.
func TestAdvertGone(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t, storetest.New(t)), t.Context()
	mine := plain(5001)
	mine.text += " " + inText
	w.add(plain(1), mine, plain(2))
	w.th.Clock.T = w.th.Clock.T.Add(time.Hour)
	changed := mine
	changed.text += " as of now"
	w.add(changed)
	id := w.captures[1]
	advert, version := w.advert(id), w.version(id)
	const url, phone = "http://127.0.0.1:1/ad/5001", "31600015001"

	analyst := w.th.Person("case 9", zoeklicht.Analyst)
	_, err := analyst.Classify(ctx, version, zoeklicht.Unclear, "as in "+inText)
	must(t, err)
	must(t, analyst.Name(ctx, version, "06 0001 5001"))
	v, err := analyst.Reveal(ctx, version)
	must(t, err)
	at := -1
	for i, e := range v.Entities {
		if e.Type == zoeklicht.Phone {
			at = i
		}
	}
	must(t, analyst.Correct(ctx, version, at, zoeklicht.Phone, zoeklicht.Right{Value: "+31600015009"}))
	must(t, analyst.Step(ctx, version, zoeklicht.Claim{Kind: zoeklicht.Claimed, Note: "calls from 06 0001 5001"}))
	_, err = analyst.Advert(ctx, advert, 1<<40)
	must(t, err)
	wanted, err := analyst.Want(ctx, url, "s")
	must(t, err)
	_, err = w.tech.NextWanted(ctx, time.Minute)
	must(t, err)
	must(t, w.tech.EndWanted(ctx, wanted.ID, zoeklicht.CaptureID{}, zoeklicht.FailTimeout, "no answer from "+url))
	_, err = w.th.Owner.Exec(ctx, `
		INSERT INTO frontier (source, page, canonical, url, kind, depth, run, state) SELECT 's', page, $1, $1, 'advert', 1, 1, 'waiting' FROM capture WHERE id = $2`, url, id)
	must(t, err)
	_, err = w.th.Owner.Exec(ctx, `INSERT INTO absent (run, seq, page, why) SELECT run, seq, page, 'not-listed' FROM capture WHERE id = $1`, id)
	must(t, err)

	telling := []string{inText, "/ad/5001", phone, "31600015009", "06 0001 5001"}
	// What an erasure leaves on purpose: what people did and typed, and what left.
	kept := map[string]bool{"audit": true, "result": true}
	found := func() (n int, where []string) {
		for table, rows := range w.rows() {
			for _, what := range telling {
				if !kept[table] && strings.Contains(rows, what) {
					n++
					where = append(where, table+" has "+what)
				}
			}
		}
		return n, where
	}
	before, where := found()
	if before < 12 {
		t.Errorf("only these have it before: %v", where)
	}
	must(t, w.unscrubbed(w.decide(zoeklicht.Erasure{Scope: zoeklicht.EraseAdvert, Advert: advert})))
	if n, where := found(); n > 0 {
		t.Errorf("still: %v", where)
	}
	verify(t, w, map[zoeklicht.CaptureID]int{id: 0, w.captures[3]: 0})
	rebuilt(t, w.th)
	var answers, corrections, steps int
	must(t, w.th.Owner.QueryRow(ctx, `SELECT (SELECT count(*) FROM feedback), (SELECT count(*) FROM correction), (SELECT count(*) FROM claim)`).Scan(&answers, &corrections, &steps))
	if answers != 1 || corrections != 1 || steps != 1 {
		t.Errorf("%d answers, %d corrections and %d steps are left, want one each", answers, corrections, steps)
	}
	a, err := analyst.Advert(ctx, advert, 1<<40)
	if err != nil || len(a.Versions) != 2 || !a.Versions[0].Destroyed || !a.Versions[1].Destroyed || a.Canonical != "" {
		t.Errorf("the advert is %+v: %v", a, err)
	}
	// Online still, it is another advert from now on.
	w.add(changed)
	if again := w.advert(w.captures[4]); again == advert {
		t.Error("it was taken for the advert that was erased")
	}
	rebuilt(t, w.th)
}

// TestReadMeanwhile: what analysis read before an erasure is not stored after it.
func TestReadMeanwhile(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t, storetest.New(t)), t.Context()
	w.add(plain(1), plain(2))
	an := w.th.Service(zoeklicht.Analysis)
	must(t, an.RegisterSet(ctx, "set", nil))
	inputs, err := an.NextAssess(ctx, "set", 10)
	must(t, err)
	w.capture(plain(3), plain(4))
	work, err := an.Next(ctx, crawl.AnalyseStage, 100)
	must(t, err)
	if len(work.Captures) != 2 {
		t.Fatalf("%d captures are to be read", len(work.Captures))
	}
	var reads []store.Read
	for i := range work.Captures {
		c := &work.Captures[i]
		reads = append(reads, store.Read{Capture: c, Reading: zoeklicht.Reading{Capture: c.ID, Source: "s", Title: inText, Reader: "test/1"}, Folded: inText})
	}
	first, gone := w.captures[0], w.captures[2]
	must(t, w.unscrubbed(w.decide(zoeklicht.Erasure{Scope: zoeklicht.EraseCapture, Capture: gone})))
	must(t, w.unscrubbed(w.decide(zoeklicht.Erasure{Scope: zoeklicht.EraseCapture, Capture: first})))
	_, err = an.StoreReadings(ctx, crawl.AnalyseStage, work, reads, nil, w.analyser.Day)
	wantCode(t, "storing what was read before", err, zoeklicht.Unavailable)
	must(t, w.analyser.CatchUp(ctx))
	var versions int
	must(t, w.th.Owner.QueryRow(ctx, `SELECT count(*) FROM version WHERE capture = $1 OR body LIKE '%' || $2 || '%'`, gone, inText).Scan(&versions))
	if versions != 0 {
		t.Errorf("%d versions were made of what was destroyed", versions)
	}
	found := make([]zoeklicht.Assessment, len(inputs))
	for i, in := range inputs {
		found[i] = zoeklicht.Assessment{Version: in.Version, Set: "set", Hits: []zoeklicht.Hit{{Indicator: "x", Weight: 1, Trace: inText}}}
	}
	must(t, an.StoreAssessments(ctx, "set", found))
	var hits []zoeklicht.VersionID
	must(t, w.th.Owner.QueryRow(ctx, `SELECT array_agg(version) FROM assessment`).Scan(&hits))
	if len(hits) != 1 || hits[0] != w.version(w.captures[1]) {
		t.Errorf("assessed are %v", hits)
	}
}
