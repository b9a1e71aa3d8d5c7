package retain_test

import (
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/search"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/storetest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestCase works on a case, destroys some of it, and asks for it by its number: as of then
// it is as it was.
func TestCase(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t, storetest.New(t)), t.Context()
	w.add(plain(1), plain(2), plain(3))
	w.run.Complete = true
	must(t, w.tech.EndRun(ctx, &w.run, 1))
	must(t, w.analyser.CatchUp(ctx))
	later := func() { w.th.Clock.T = w.th.Clock.T.Add(time.Hour) }
	later()
	one, two := w.captures[0], w.captures[1]
	analyst := w.th.Person("Case 26-0417", zoeklicht.Analyst)
	res, err := search.New(search.Config{}).Ask(ctx, analyst, zoeklicht.Question{}, time.Time{}, 0, 10)
	must(t, err)
	_, err = analyst.Advert(ctx, w.advert(one), res.Seq)
	must(t, err)
	_, err = analyst.Reveal(ctx, w.version(two))
	must(t, err)
	_, err = analyst.Classify(ctx, w.version(one), zoeklicht.No, "works alone")
	must(t, err)
	_, err = analyst.Classify(ctx, w.version(two), zoeklicht.Yes, "")
	must(t, err)
	later()
	exporter := w.th.Person("case  26-0417, for the hearing", zoeklicht.Specialist)
	_, err = note(w, exporter, two)
	must(t, err)
	elsewhere := w.th.Person("case 26-04", zoeklicht.Analyst)
	_, err = elsewhere.Reveal(ctx, w.version(w.captures[2]))
	must(t, err)
	later()

	auditor := w.th.Auditor("", zoeklicht.Prosecutor)
	then := w.th.Clock.T
	c, err := auditor.Case(ctx, " CASE 26-0417 ", time.Time{})
	must(t, err)
	sorted := cmpopts.SortSlices(func(a, b zoeklicht.CaseCapture) bool { return a.Capture.String() < b.Capture.String() })
	at := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	want := []zoeklicht.CaseCapture{
		{Capture: one, At: at, Source: "s", Advert: w.advert(one), Version: w.version(one), N: 1, Pictures: 1, LeafIndex: -1},
		{Capture: two, At: at, Source: "s", Advert: w.advert(two), Version: w.version(two), N: 1, Pictures: 1, LeafIndex: -1, Exported: true},
	}
	if diff := cmp.Diff(want, c.Captured, sorted, cmpopts.EquateApproxTime(0)); diff != "" {
		t.Errorf("captured (-want +got):\n%s", diff)
	}
	acts := map[string]int{}
	for _, l := range c.Seen {
		acts[l.Act] += l.Times
	}
	if diff := cmp.Diff(map[string]int{"search": 1, "advert": 1, "reveal-entities": 1, "classify": 2, "export": 1}, acts); diff != "" {
		t.Errorf("seen (-want +got):\n%s", diff)
	}
	if len(c.Exported) != 1 || c.Exported[0].Case != "case  26-0417, for the hearing" || c.Hold == nil || c.Hold.Captures != 1 || len(c.Destroyed) > 0 {
		t.Errorf("exported %+v, held %+v, destroyed %+v", c.Exported, c.Hold, c.Destroyed)
	}
	remarks := map[zoeklicht.RemarkKind]string{}
	for _, r := range c.Other {
		remarks[r.Kind] += r.Text
	}
	if diff := cmp.Diff(map[zoeklicht.RemarkKind]string{zoeklicht.RemarkNo: "works alone", zoeklicht.RemarkAgainst: "s: little"}, remarks); diff != "" {
		t.Errorf("what speaks for the other side (-want +got):\n%s", diff)
	}
	if len(c.Missed) > 0 {
		t.Errorf("missed %+v", c.Missed)
	}

	// Years later, with another run that stopped, and one capture destroyed.
	later()
	_, err = exporter.Reveal(ctx, w.version(one))
	must(t, err)
	must(t, w.unscrubbed(w.decide(zoeklicht.Erasure{Scope: zoeklicht.EraseCapture, Capture: one})))
	again, err := auditor.Case(ctx, "26-0417", then)
	must(t, err)
	if len(again.Destroyed) != 1 || again.Destroyed[0].Capture != one || again.Destroyed[0].Rule != "order 12 of the prosecutor" || again.Destroyed[0].Asked == "" || again.Destroyed[0].By == again.Destroyed[0].Asked {
		t.Errorf("destroyed %+v", again.Destroyed)
	}
	again.Number, again.Destroyed = c.Number, c.Destroyed
	if diff := cmp.Diff(c, again, cmpopts.EquateApproxTime(0)); diff != "" {
		t.Errorf("as of then (-then +now):\n%s", diff)
	}
	none, err := auditor.Case(ctx, "26-0418", time.Time{})
	if err != nil || !none.Empty() || none.Hold != nil {
		t.Errorf("of a number that nobody stated: %+v: %v", none, err)
	}
	_, err = analyst.Case(ctx, "26-0417", time.Time{})
	wantCode(t, "an analyst", err, zoeklicht.Denied)
	rows, err := auditor.Audit(ctx, store.AuditQuery{Act: "case"})
	if err != nil || len(rows) != 3 {
		t.Errorf("%d questions after a case were audited: %v", len(rows), err)
	}
}

// TestOfCase: which purposes name a case.
func TestOfCase(t *testing.T) {
	t.Parallel()
	th := storetest.New(t)
	for _, c := range []struct {
		purpose, number string
		want            bool
	}{
		{"26-0417", "26-0417", true},
		{"Case 26-0417, hearing", "26-0417", true},
		{"case  26-0417", " CASE 26-0417", true},
		{"(26-0417)", "26-0417", true},
		{"26-04170", "26-0417", false},
		{"26-0417-B", "26-0417", false},
		{"126-0417", "26-0417", false},
		{"26-0417", "26.0417", false},
		{"26.0417", "26.0417", true},
		{"26x0417", "26.0417", false},
		{"a [x", "[x", true},
		{"", "26-0417", false},
	} {
		var got bool
		must(t, th.Owner.QueryRow(t.Context(), `SELECT of_case($1, $2)`, c.purpose, c.number).Scan(&got))
		if got != c.want {
			t.Errorf("%q of %q: %v", c.purpose, c.number, got)
		}
	}
}
