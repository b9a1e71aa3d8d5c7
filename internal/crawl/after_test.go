package crawl_test

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/capture"
	"zoeklicht/internal/crawl/crawltest"
	"zoeklicht/internal/ledger"
	"zoeklicht/internal/practice"
)

// TestCapturesNameTheNewestToken captures before there is a timestamp token and after: the
// leaves name none, and then the newest that was held when the visit began.
func TestCapturesNameTheNewestToken(t *testing.T) {
	t.Parallel()
	ctx, b := t.Context(), crawltest.New(t, practice.Config{Seed: 3, Adverts: 12, NoBarriers: true})
	visit := func(day int) map[string]int {
		t.Helper()
		b.Day(day)
		run, err := b.Collector.Once(ctx, "admarkt", "test", nil)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := b.Store.Owner.Query(ctx, `SELECT o.leaf FROM capture c JOIN outbox o ON o.ref = c.id::text WHERE c.run = $1`, run.ID)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		named := map[string]int{}
		for rows.Next() {
			var b []byte
			if err := rows.Scan(&b); err != nil {
				t.Fatal(err)
			}
			leaf, err := capture.ParseLeaf(b)
			if err != nil {
				t.Fatal(err)
			}
			named[leaf.After]++
		}
		return named
	}
	if got := visit(0); len(got) != 1 || got["none"] == 0 {
		t.Errorf("before the first token: %v", got)
	}
	fill, err := b.Store.Service(zoeklicht.Recording).Elect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer fill.Close()
	for n := range 2 {
		id, err := fill.KeepCheckpoint(ctx, 2026, &ledger.Checkpoint{Size: int64(n + 1), Note: []byte("log\n")})
		if err == nil {
			err = fill.KeepToken(ctx, id, zoeklicht.Token{Authority: "first", At: b.Store.Clock.T, DER: fmt.Appendf(nil, "token %d", n)})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	b.Collector.Clock = func() time.Time { return time.Now().Add(time.Hour) } // it looks for a newer one once a minute
	want := fmt.Sprintf("%x", sha256.Sum256([]byte("token 1")))
	if got := visit(1); len(got) != 1 || got[want] == 0 {
		t.Errorf("after it: %v, not %s", got, want)
	}
}
