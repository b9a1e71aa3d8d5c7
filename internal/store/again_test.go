package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/storetest"

	"github.com/jackc/pgx/v5"
)

// visits claims pages of a run and gives them as visited.
func (w *world) visits(run zoeklicht.Run, n int) []store.Visited {
	w.t.Helper()
	tasks, err := w.tech.Claim(w.t.Context(), w.source, run.ID, n, time.Minute)
	must(w.t, err)
	var group []store.Visited
	for _, task := range tasks {
		group = append(group, store.Visited{Task: task, Done: true, Salts: []byte{}, Final: task.Canonical, Capture: zoeklicht.Capture{
			ID: w.id(), Source: w.source, Run: run.ID, Kind: task.Kind, URL: task.URL, Canonical: task.Canonical, FinalURL: task.URL,
			Status: 200, At: w.th.Clock.T, Manifest: []byte{}, Leaf: []byte("leaf"),
			Items: map[string]zoeklicht.Place{"page": {Segment: 1, Length: 64, Key: []byte{1}}},
		}})
	}
	return group
}

func links(n int) (out []store.Link) {
	for i := range n {
		u := fmt.Sprintf("http://s/ad/%d", i)
		out = append(out, store.Link{Canonical: u, URL: u, Kind: zoeklicht.KindAdvert})
	}
	return out
}

// TestCommitAgain gives a group twice, as a collector does that was not told whether it
// was stored.
func TestCommitAgain(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	run, _, err := w.tech.BeginRun(ctx, w.source, "test", links(6))
	must(t, err)
	group := w.visits(run, 4)
	first, err := w.tech.CommitVisits(ctx, group)
	must(t, err)
	again, err := w.tech.CommitVisits(ctx, group)
	must(t, err)
	if !again.At.Equal(first.At) || again.Seq != first.Seq {
		t.Errorf("stored at %v, told %v when asked again", first, again)
	}
	mixed := append(w.visits(run, 1), group[0])
	if _, err := w.tech.CommitVisits(ctx, mixed); err == nil {
		t.Error("a group was stored of which a part was stored before")
	}
	var captures, items, leaves, moments int
	must(t, th.Owner.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM capture), (SELECT count(*) FROM item), (SELECT count(*) FROM outbox WHERE kind = 'capture'), (SELECT count(*) FROM moment WHERE seq > $1)`, first.Seq).
		Scan(&captures, &items, &leaves, &moments))
	if captures != 4 || items != 4 || leaves != 4 || moments != 0 {
		t.Errorf("%d captures, %d items, %d leaves, %d moments after the first: want 4, 4, 4, 0", captures, items, leaves, moments)
	}
}

// TestConnectionsBreak ends the collector's connections at random while it commits. Each
// break must be told as one that may pass, and what is tried again is stored once.
func TestConnectionsBreak(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	const pages = 600
	run, _, err := w.tech.BeginRun(ctx, w.source, "test", links(pages))
	must(t, err)
	var groups [][]store.Visited
	for {
		g := w.visits(run, 5)
		if len(g) == 0 {
			break
		}
		groups = append(groups, g)
	}
	done, stopped := make(chan struct{}), make(chan int)
	go func() { stopped <- breakConnections(th, done) }()
	breaks := 0
	for _, g := range groups {
		for {
			_, err := w.tech.CommitVisits(ctx, g)
			if err == nil {
				break
			}
			breaks++
			if zoeklicht.CodeOf(err) != zoeklicht.Unavailable {
				t.Errorf("a broken connection is told as %q: %v", zoeklicht.CodeOf(err), err)
			}
			if t.Failed() {
				break
			}
		}
	}
	close(done)
	ended := <-stopped
	t.Logf("%d connections ended, %d commits broken of %d", ended, breaks, len(groups))
	if breaks == 0 {
		t.Error("nothing broke: the test shows nothing")
	}
	var captures, leaves, left int
	must(t, th.Owner.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM capture), (SELECT count(*) FROM outbox WHERE kind = 'capture'), (SELECT count(*) FROM frontier WHERE state <> 'done')`).
		Scan(&captures, &leaves, &left))
	if captures != pages || leaves != pages || left != 0 {
		t.Errorf("%d captures and %d leaves of %d pages, %d not done", captures, leaves, pages, left)
	}
}

// breakConnections ends the connections of the collecting role to this database, over and
// over, and gives how many.
func breakConnections(th *storetest.Theme, done <-chan struct{}) (n int) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, th.OwnerDSN)
	if err != nil {
		return 0
	}
	defer conn.Close(ctx) // read only
	for {
		select {
		case <-done:
			return n
		case <-time.After(time.Duration(rand.IntN(25)) * time.Millisecond):
		}
		var ended int
		err := conn.QueryRow(ctx, `
			SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = 'zoeklicht technical'`).Scan(&ended)
		if err != nil {
			return n
		}
		n += ended
	}
}

// TestTakenUpAgain takes back the leases of a run that was cut off: a visit that was cut
// off is no attempt.
func TestTakenUpAgain(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	for want := range 3 {
		run, resumed, err := w.tech.BeginRun(ctx, w.source, "test", links(3))
		must(t, err)
		if resumed != (want > 0) {
			t.Fatalf("the %d. time: taken up again %v", want+1, resumed)
		}
		tasks, err := w.tech.Claim(ctx, w.source, run.ID, 10, time.Minute)
		must(t, err)
		if len(tasks) != 3 || tasks[0].Attempt != 1 {
			t.Fatalf("the %d. time: %d pages, the first at attempt %d: want 3, 1", want+1, len(tasks), tasks[0].Attempt)
		}
	}
}

// TestListingTriedAgain judges a listing that failed and was tried again by how it ended,
// whether the run was taken up in between or not.
func TestListingTriedAgain(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	start := []store.Link{
		{Canonical: "http://s/1", URL: "http://s/1", Kind: zoeklicht.KindListing},
		{Canonical: "http://s/2", URL: "http://s/2", Kind: zoeklicht.KindListing},
	}
	run, _, err := w.tech.BeginRun(ctx, w.source, "test", start)
	must(t, err)
	commit := func(change func(*store.Visited)) store.RunKnowledge {
		t.Helper()
		group := w.visits(run, 1)
		change(&group[0])
		_, err := w.tech.CommitVisits(ctx, group)
		must(t, err)
		k, err := w.tech.RunKnowledge(ctx, w.source, run.ID)
		must(t, err)
		return k
	}
	k := commit(func(v *store.Visited) {
		v.Done, v.Capture.Status, v.Capture.Failed = false, 503, zoeklicht.FailStatus
	})
	if k.Listings != 0 || k.BadListings != 0 {
		t.Errorf("while it waits for its second try: %+v", k)
	}
	commit(func(v *store.Visited) {
		v.Total, v.Links = 40, []store.Link{{Canonical: "http://s/ad/1", URL: "http://s/ad/1", Kind: zoeklicht.KindAdvert, Listed: true}}
	})
	k = commit(func(v *store.Visited) { v.Capture.Status, v.Capture.Failed = 0, zoeklicht.FailTimeout })
	if k.Listings != 1 || k.BadListings != 1 || k.Expected != 40 || len(k.Listed) != 1 {
		t.Errorf("one listing in the end, one that could not be had, 40 adverts of which one was listed: got %+v", k)
	}
}
