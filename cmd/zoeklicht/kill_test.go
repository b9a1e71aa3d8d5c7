package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"zoeklicht/internal/keys"
)

// blow is one kill -9.
type blow struct {
	target string
	after  int64         // not before the vault has so many bytes
	delay  time.Duration // and then so much later
}

// blows deals n kills over a run, the same number to each process, at random moments. One
// of those that meet the parent comes while it sets itself up: PostgreSQL runs, and
// nothing was captured.
func blows(rng *rand.Rand, n int, bytes int64, setup time.Duration) []blow {
	targets := []string{stageCollect, stageAnalyse, theParent, thePostmaster, stageRecord}
	out := make([]blow, n)
	for i := range out {
		out[i] = blow{targets[i%len(targets)], rng.Int64N(bytes*95/100) + 1, time.Duration(rng.Int64N(int64(300 * time.Millisecond)))}
	}
	if n > 2 {
		out[2].after, out[2].delay = 0, time.Duration(rng.Int64N(int64(setup)))
	}
	slices.SortFunc(out, func(a, b blow) int { return int(a.after - b.after) })
	return out
}

// strike waits for the moment of a blow and deals it. The parent is started again, with
// the same command; the others must be by the house itself.
func (h *house) strike(ctx context.Context, b blow) {
	h.t.Helper()
	h.until(ctx, func() bool { return h.vaultBytes() >= b.after && h.postmaster() != 0 })
	moment := time.Now().Add(b.delay)
	h.until(ctx, func() bool { return time.Now().After(moment) })
	h.until(ctx, func() bool {
		pid := h.pid(b.target)
		return pid > 1 && syscall.Kill(pid, syscall.SIGKILL) == nil
	})
	if b.target != theParent {
		h.early = h.early || b.target == thePostmaster && !h.greeted()
		return
	}
	<-h.exited
	_ = h.stdin.Close()
	h.start()
}

// TestKill kills the collecting process, the analysing one, the recording one, their parent
// and PostgreSQL's own, at random moments over a run of some simulated days, with -9.
// Afterwards the installation must hold what an undisturbed one holds that saw the same
// sites on the same days: no URL lost, no version or sighting doubled, the same completeness
// records, and a whole log with every leaf in it.
// ZOEKLICHT_KILLS=40 ZOEKLICHT_ADVERTS=2000 is the long form; ZOEKLICHT_SEED repeats one.
func TestKill(t *testing.T) {
	n, adverts, days := number(t, "ZOEKLICHT_KILLS", 10), number(t, "ZOEKLICHT_ADVERTS", 200), number(t, "ZOEKLICHT_DAYS", 3)
	seed := uint64(number(t, "ZOEKLICHT_SEED", int(time.Now().UnixNano()%1e6)))
	t.Logf("ZOEKLICHT_SEED=%d ZOEKLICHT_KILLS=%d ZOEKLICHT_ADVERTS=%d ZOEKLICHT_DAYS=%d", seed, n, adverts, days)
	ctx := t.Context()

	quiet := newHouse(t, adverts, days, seed)
	begun := time.Now()
	quiet.start()
	quiet.until(ctx, func() bool { return quiet.postmaster() != 0 })
	up := time.Now()
	quiet.until(ctx, func() bool { return quiet.vaultBytes() > 0 })
	setup := time.Since(up)
	quiet.said(ctx, "is today")
	took := time.Since(begun)
	quiet.stop()
	bytes := quiet.vaultBytes()

	hit := newHouse(t, adverts, days, seed)
	hit.likeAnother(quiet)
	begun = time.Now()
	hit.start()
	dealt := map[string]int{}
	for _, b := range blows(rand.New(rand.NewPCG(seed, 1)), n, bytes, setup) {
		hit.strike(ctx, b)
		dealt[b.target]++
	}
	// What it says next may be from before the last blow: let it begin once more.
	hit.said(ctx, "Sign in as")
	hit.stop()
	hit.start()
	hit.said(ctx, "is today")
	hit.recorded()
	hit.stop()
	t.Logf("undisturbed %.1f s, %d bytes; killed %v, gave up on the way up %d times: %.1f s, %d bytes",
		took.Seconds(), bytes, dealt, hit.gave, time.Since(begun).Seconds(), hit.vaultBytes())

	names := siteNames(siteHosts(quiet.state().Addresses))
	want := dump(t, quiet.open(), names)
	conn := hit.open()
	same(t, want, dump(t, conn, names))
	ring, err := keys.Load(hit.data+"/keys", practiceTheme)
	if err != nil {
		t.Fatal(err)
	}
	whole(t, conn, hit.data, ring)
	logged(t, conn, hit.data)
	t.Logf("%d captures, %d adverts, %d versions, %d sightings; left in the vault: %v",
		len(want["capture"]), len(want["advert"]), len(want["version"]), len(want["sighting"]), orphans(t, conn, hit.data, committed(t, conn)))
}
