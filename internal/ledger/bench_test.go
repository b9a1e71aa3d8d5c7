package ledger_test

import (
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"zoeklicht/internal/ledger"
)

// BenchmarkAppend measures durable appends from many writers that each wait for the
// index of one leaf, and of one writer with batches.
func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{2, 32, 1024} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			signer, _ := key(b, origin)
			l := open(b, ledger.Config{Dir: b.TempDir()}, signer)
			var n atomic.Int64
			b.SetParallelism(max(1, writers/runtime.GOMAXPROCS(0)))
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := l.Append(b.Context(), leaves(int(n.Add(1)), 1)); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "leaves/s")
		})
	}
	b.Run("batches=256", func(b *testing.B) {
		signer, _ := key(b, origin)
		l := open(b, ledger.Config{Dir: b.TempDir()}, signer)
		var took []time.Duration
		for i := 0; b.Loop(); i++ {
			begun := time.Now()
			if _, err := l.Append(b.Context(), leaves(256*i, 256)); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(begun))
		}
		slices.Sort(took)
		b.ReportMetric(256*float64(len(took))/b.Elapsed().Seconds(), "leaves/s")
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
	})
}

// BenchmarkProve measures a proof from tiles, its own check included.
func BenchmarkProve(b *testing.B) {
	const size = 20_000
	dir, _, c := closed(b, size)
	r := ledger.NewReader(dir)
	i := int64(0)
	for b.Loop() {
		if _, err := r.Prove(b.Context(), i%size, c); err != nil {
			b.Fatal(err)
		}
		i += 7919
	}
}

// BenchmarkCheck measures the check of a whole log, per leaf.
func BenchmarkCheck(b *testing.B) {
	const size = 20_000
	dir, _, c := closed(b, size)
	r := ledger.NewReader(dir)
	for b.Loop() {
		if err := r.Check(b.Context(), c, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(size*float64(b.N)/b.Elapsed().Seconds(), "leaves/s")
}
