package crawl_test

import (
	"context"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/crawl"
	"zoeklicht/internal/crawl/crawltest"
	"zoeklicht/internal/practice"
)

// BenchmarkCollect collects one source of the practice web, whose server runs in the
// same process: for profiles, and to compare one change with another. Once without anybody
// who records, and once with a recorder beside it that keeps up.
func BenchmarkCollect(b *testing.B) {
	for _, recorded := range []bool{false, true} {
		name := "alone"
		if recorded {
			name = "recorded"
		}
		b.Run(name, func(b *testing.B) {
			bench := crawltest.New(b, practice.Config{Seed: 1, Adverts: 3000, NoBarriers: true})
			if recorded {
				h := &records{t: b, th: bench.Store, instance: "test.invalid", dir: b.TempDir(), logKeys: newKeys()}
				r := h.recorder()
				r.Config = crawl.LedgerConfig{Publish: time.Second}
				ctx, cancel := context.WithCancel(b.Context())
				done := make(chan error, 1)
				go func() { done <- r.Serve(ctx) }()
				defer func() {
					cancel()
					if err := <-done; err != nil {
						b.Error(err)
					}
				}()
			}
			captures := 0
			for i := 0; b.Loop(); i++ {
				bench.Day(i)
				run, err := bench.Collector.Once(b.Context(), "admarkt", "benchmark", func(zoeklicht.Run) {})
				if err != nil {
					b.Fatal(err)
				}
				captures += run.Captured + run.Pictures
			}
			b.ReportMetric(float64(captures)/b.Elapsed().Seconds(), "captures/s")
			var waiting, all int
			if err := bench.Store.Owner.QueryRow(b.Context(), `SELECT count(*) FILTER (WHERE idx IS NULL), count(*) FROM outbox`).Scan(&waiting, &all); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(all-waiting), "placed")
		})
	}
}
