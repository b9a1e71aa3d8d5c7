package store_test

import (
	"sync"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/store/storetest"
)

// TestRobotsKeptOnce: sources that share a host tell of the same robots.txt at once.
func TestRobotsKeptOnce(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	technical := th.Service(zoeklicht.Technical)
	for round := range 3 {
		sum := [32]byte{byte(round)}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := technical.KeepRobots(ctx, "host", "rules", sum, []byte("User-agent: *")); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var n int
		must(t, th.Owner.QueryRow(ctx, `SELECT count(*) FROM robots WHERE host = 'host'`).Scan(&n))
		if n != round+1 {
			t.Errorf("round %d: %d versions are kept, want %d", round, n, round+1)
		}
	}
}
