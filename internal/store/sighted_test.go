package store_test

import (
	"fmt"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/storetest"
	"zoeklicht/internal/text"

	"github.com/google/go-cmp/cmp"
)

// TestSeenTwiceInARun has adverts stand at two addresses, which runs visit hours apart, and
// has people ask for some of them while a run is under way. What is kept up then is what
// rebuilding makes of the truth, however the readings fall into batches.
func TestSeenTwiceInARun(t *testing.T) {
	t.Parallel()
	for _, batch := range []int{1, 3, 100} {
		t.Run(fmt.Sprintf("batches of %d", batch), func(t *testing.T) {
			t.Parallel()
			th, ctx := storetest.New(t), t.Context()
			w := newWorld(t, th)
			twice := 0
			for day := range 12 {
				w.th.Clock.T = time.Date(2026, 1, 5+day, 6, 0, 0, 0, time.UTC)
				twice += w.addresses(8, batch)
				before := dump(t, th)
				must(t, w.an.Rebuild(ctx))
				if diff := cmp.Diff(before, dump(t, th)); diff != "" {
					t.Fatalf("day %d: rebuilding changed the projections (-kept up +rebuilt):\n%s", day, diff)
				}
			}
			var gone, back int
			must(t, th.Owner.QueryRow(ctx, `SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM relisted)`).Scan(&gone, &back))
			if twice < 10 || gone == 0 || back == 0 {
				t.Errorf("%d seen twice in a run, %d gone, %d back: the test shows little", twice, gone, back)
			}
		})
	}
}

// addresses makes one run over n adverts, each at two addresses of which some are away, and
// reads it in batches. Some adverts are asked for in the midst of it. It gives how many
// were seen twice.
func (w *world) addresses(n, batch int) (twice int) {
	t, ctx := w.t, w.t.Context()
	t.Helper()
	var start []store.Link
	for i := range 2 * n {
		u := fmt.Sprintf("http://s/%d/%d", i%n, i/n)
		start = append(start, store.Link{Canonical: u, URL: u, Kind: zoeklicht.KindAdvert, Listed: true})
	}
	run, _, err := w.tech.BeginRun(ctx, w.source, "test", start)
	must(t, err)
	var single *zoeklicht.Run
	seen, away := map[string]int{}, map[byte]bool{}
	for i := range n {
		away[byte('0'+i)] = w.rand.IntN(2) == 0
	}
	for {
		group := w.visits(run, 3)
		if len(group) == 0 {
			break
		}
		w.th.Clock.T = w.th.Clock.T.Add(time.Hour)
		for i := range group {
			c := &group[i].Capture
			if c.At = w.th.Clock.T; away[c.URL[len("http://s/")]] || w.rand.IntN(4) == 0 {
				c.Status = 404
				continue
			}
			seen[c.URL[:len(c.URL)-2]]++
		}
		_, err := w.tech.CommitVisits(ctx, group)
		must(t, err)
		if single == nil && w.rand.IntN(3) == 0 {
			single = w.asked(fmt.Sprintf("http://s/%d/0", w.rand.IntN(n)))
		}
	}
	run.Complete = true
	must(t, w.tech.EndRun(ctx, &run, 1))
	if single != nil {
		must(t, w.tech.EndRun(ctx, single, 1))
	}
	for w.readSome(batch) {
	}
	for _, k := range seen {
		if k == 2 {
			twice++
		}
	}
	return twice
}

// asked captures a page at once, in a run of its own that goes on.
func (w *world) asked(url string) *zoeklicht.Run {
	t, ctx := w.t, w.t.Context()
	t.Helper()
	run, err := w.tech.BeginSingle(ctx, w.source, "test")
	must(t, err)
	v := store.Visited{
		Task: zoeklicht.Task{Source: w.source, Run: run.ID, URL: url, Canonical: url, Kind: zoeklicht.KindAdvert}, Done: true, Salts: []byte{}, Final: url,
		Capture: zoeklicht.Capture{
			ID: w.id(), Source: w.source, Run: run.ID, Kind: zoeklicht.KindAdvert, URL: url, Canonical: url, FinalURL: url,
			Status: 200, At: w.th.Clock.T, Manifest: []byte{}, Leaf: []byte("leaf"),
		},
	}
	_, err = w.tech.CommitVisits(ctx, []store.Visited{v})
	must(t, err)
	return &run
}

// readSome reads one batch; false where there was nothing to read.
func (w *world) readSome(batch int) bool {
	t, ctx := w.t, w.t.Context()
	t.Helper()
	work, err := w.an.Next(ctx, "analyse", batch)
	must(t, err)
	if work.From == work.To {
		return false
	}
	var reads []store.Read
	for i := range work.Captures {
		c := &work.Captures[i]
		if c.Status != 200 {
			continue
		}
		r := zoeklicht.Reading{
			Key: c.URL[len("http://s/"):][:1], Title: "Advert", Body: "the same as ever", Lang: "en", Reader: "test/1",
			Fields: []zoeklicht.FieldValue{{Name: zoeklicht.FieldPlace, Value: "Utrecht", From: "css"}},
		}
		if w.rand.IntN(4) == 0 {
			r.Body = fmt.Sprintf("changed %d times", w.rand.IntN(100))
		}
		reads = append(reads, store.Read{Capture: c, Reading: r, Folded: text.FoldString(r.Title + "\n" + r.Body)})
	}
	_, err = w.an.StoreReadings(ctx, "analyse", work, reads, nil, func(t time.Time) time.Time { return t.Truncate(24 * time.Hour) })
	must(t, err)
	return true
}
