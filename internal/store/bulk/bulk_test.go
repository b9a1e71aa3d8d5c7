package bulk_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/practice"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/bulk"
	"zoeklicht/internal/store/storetest"
)

// filled gives a compartment with a corpus.
func filled(t testing.TB, versions int) (*storetest.Theme, *practice.Corpus) {
	t.Helper()
	th := storetest.New(t)
	corpus, err := practice.NewCorpus(1, versions)
	if err != nil {
		t.Fatal(err)
	}
	f, err := bulk.Fill(t.Context(), th.OwnerDSN, corpus, bulk.Config{Told: func(step string, took time.Duration) { t.Logf("%-45s %6.1f s", step, took.Seconds()) }})
	if err != nil {
		t.Fatal(err)
	}
	th.Clock.T = f.Last.Add(time.Hour)
	begun := time.Now()
	if err := th.Service(zoeklicht.Analysis).Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := th.Owner.Exec(t.Context(), `VACUUM (ANALYZE) current_advert, daily, lead`); err != nil {
		t.Fatal(err)
	}
	t.Logf("%-45s %6.1f s", "projections", time.Since(begun).Seconds())
	return th, corpus
}

// TestFilled holds a small corpus to what the package says of it.
func TestFilled(t *testing.T) {
	t.Parallel()
	th, corpus := filled(t, 4000)
	desk := th.Person("test", zoeklicht.Analyst)
	all, err := desk.Leads(t.Context(), zoeklicht.LeadQuery{}, 1, 100)
	if err != nil {
		t.Fatal(err)
	}
	of := 0
	for _, unit := range bulk.Units {
		l, err := desk.Leads(t.Context(), zoeklicht.LeadQuery{Unit: unit}, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		of += l.All
	}
	if all.All < 100 || of != all.All || len(all.Leads) != 100 || len(all.Leads[0].Hits) == 0 {
		t.Errorf("%d rows in all, %d of the units", all.All, of)
	}
	card, err := desk.Number(t.Context(), "", []string{corpus.At(3).Phone}, time.Time{})
	if err != nil || card.Versions == 0 || card.Newest[0].Assessment == nil {
		t.Errorf("%+v: %v", card, err)
	}
	facets, err := desk.Facets(t.Context(), time.Time{})
	if err != nil || len(facets.Units) != len(bulk.Units) {
		t.Errorf("units %v: %v", facets.Units, err)
	}
	var versions, assessed int
	if err := th.Owner.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM version), (SELECT count(DISTINCT version) FROM assessment)`).Scan(&versions, &assessed); err != nil {
		t.Fatal(err)
	}
	if versions != 4000 || assessed != versions {
		t.Errorf("%d versions, %d assessed", versions, assessed)
	}
}

// BenchmarkDesk measures number card, list, worklist, and reading what indicators look
// at, over as many versions as ZOEKLICHT_VERSIONS says (20,000 where it does not).
func BenchmarkDesk(b *testing.B) {
	versions := 20_000
	if v := os.Getenv("ZOEKLICHT_VERSIONS"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			b.Fatal(err)
		}
		versions = n
	}
	th, corpus := filled(b, versions)
	ctx, r := b.Context(), rand.New(rand.NewPCG(1, 2))
	desk, analysis := th.Person("test", zoeklicht.Analyst), th.Service(zoeklicht.Analysis)
	phone := func() string { return corpus.At(r.IntN(corpus.Len())).Phone }
	measure := func(name string, do func() error) {
		b.Run(name, func(b *testing.B) {
			var all []time.Duration
			for b.Loop() {
				begun := time.Now()
				if err := do(); err != nil {
					b.Fatal(err)
				}
				all = append(all, time.Since(begun))
			}
			slices.Sort(all)
			b.ReportMetric(float64(all[len(all)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
	card := func(asOf time.Time) func() error {
		return func() error {
			_, err := desk.Number(ctx, "", []string{phone()}, asOf)
			return err
		}
	}
	measure("card", card(time.Time{}))
	measure("card of the past", card(th.Clock.T.AddDate(0, 0, -100)))
	for _, q := range []zoeklicht.LeadQuery{{}, {New: true}, {Unit: bulk.Units[2]}, {Show: "mine"}, {Show: "finished"}} {
		measure(fmt.Sprintf("worklist %+v", q), func() error {
			_, err := desk.Leads(ctx, q, 1+r.IntN(3), 50)
			return err
		})
	}
	measure("list of 300", func() error {
		lines := make([]store.Line, 300)
		for i := range lines {
			lines[i].Values = []string{phone()}
		}
		_, err := desk.List(ctx, lines, time.Time{})
		return err
	})
	b.Run("inputs", func(b *testing.B) {
		if err := analysis.RegisterSet(ctx, "bench", nil); err != nil {
			b.Fatal(err)
		}
		read, stored, begun := 0, time.Duration(0), time.Now()
		for b.Loop() {
			in, err := analysis.NextAssess(ctx, "bench", 1000)
			if err != nil {
				b.Fatal(err)
			}
			all := make([]zoeklicht.Assessment, len(in))
			for i := range in {
				all[i] = zoeklicht.Assessment{Version: in[i].Version, Hits: []zoeklicht.Hit{{Indicator: "some", Weight: 1, Trace: "adverts = 3"}}}
			}
			at := time.Now()
			if err := analysis.StoreAssessments(ctx, "bench", all); err != nil {
				b.Fatal(err)
			}
			stored += time.Since(at)
			read += len(in)
		}
		b.ReportMetric(float64(read)/(time.Since(begun)-stored).Seconds(), "read/s")
		b.ReportMetric(float64(read)/stored.Seconds(), "stored/s")
	})
}
