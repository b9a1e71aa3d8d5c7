package crawl_test

import (
	"testing"

	"zoeklicht"
	"zoeklicht/internal/crawl/crawltest"
	"zoeklicht/internal/practice"
)

// BenchmarkCollect collects one source of the practice web, whose server runs in the
// same process: for profiles, and to compare one change with another.
func BenchmarkCollect(b *testing.B) {
	bench := crawltest.New(b, practice.Config{Seed: 1, Adverts: 3000, NoBarriers: true})
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
}
