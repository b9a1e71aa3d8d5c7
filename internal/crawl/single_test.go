package crawl_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/crawl/crawltest"
	"zoeklicht/internal/practice"
)

// TestWanted has pages captured that a person asks for, while nothing is due: one that is
// known, one that vanished, and one of a source whose approval ended meanwhile.
func TestWanted(t *testing.T) {
	b := crawltest.New(t, practice.Config{Seed: 4, Adverts: 60, NoBarriers: true})
	b.Day(0)
	b.Visit(t.Context())
	person := b.Store.Person("test", zoeklicht.Analyst)
	runs, err := person.LatestRuns(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	online := lines[practice.OnlineAdvert](t, truthURL(b, "/.truth/online?day=0"))
	ask := func(url string, source zoeklicht.SourceID) int64 {
		w, err := person.Want(t.Context(), url, source)
		if err != nil {
			t.Fatal(err)
		}
		return w.ID
	}
	known := ask(online[0].URL, zoeklicht.SourceID(online[0].Site))
	vanished := ask(online[0].URL+"9999", zoeklicht.SourceID(online[0].Site))
	outside := ask("http://127.0.0.1:9/advert", zoeklicht.SourceID(online[0].Site))
	// Nothing speaks TLS there, so its robots.txt cannot be had.
	tls := ask(strings.Replace(online[0].URL, "http://", "https://", 1), zoeklicht.SourceID(online[0].Site))
	nobody := ask("http://127.0.0.1:9/advert", "")

	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Collector.Serve(ctx) }()
	got := map[int64]*zoeklicht.Wanted{}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for _, id := range []int64{known, vanished, outside, tls} {
		for got[id] == nil || got[id].Done.IsZero() {
			if got[id], err = person.Wanted(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			select {
			case <-tick.C:
			case <-t.Context().Done():
				t.Fatal("the test ends before the page is captured")
			}
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	none := zoeklicht.CaptureID{}
	for _, c := range []struct {
		what     string
		id       int64
		why      zoeklicht.Fail
		captured bool
	}{
		{"a known advert", known, "", true},
		{"a page that is not there", vanished, zoeklicht.FailStatus, true},
		{"an address outside the approval", outside, zoeklicht.FailOutside, false},
		{"an address whose robots.txt cannot be had", tls, zoeklicht.FailNoRobots, false},
	} {
		if w := got[c.id]; w.Failure != c.why || (w.Capture != none) != c.captured {
			t.Errorf("%s: %+v", c.what, w)
		}
	}
	if detail := got[tls].Detail; !strings.Contains(detail, "/robots.txt could not be read: tls") {
		t.Errorf("who asked is told %q", detail)
	}
	if got[known].Advert == 0 {
		t.Error("the known advert is not found by its page")
	}
	if w, err := person.Wanted(t.Context(), nobody); err != nil || !w.Taken.IsZero() {
		t.Errorf("a page that no source covers: %+v, %v", w, err)
	}
	if err := b.Analyser.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	// A second sighting of the same version, in a run that no schedule knows of.
	var sightings int
	err = b.Store.Owner.QueryRow(t.Context(), `
		SELECT count(*) FROM sighting s JOIN version v ON v.id = s.version WHERE v.advert = $1 AND s.capture IN (v.capture, $2)`,
		got[known].Advert, got[known].Capture).Scan(&sightings)
	if err != nil || sightings != 2 {
		t.Errorf("%d sightings of the known advert, want 2: %v", sightings, err)
	}
	after, err := person.LatestRuns(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range runs {
		if runs[i].ID != after[i].ID {
			t.Errorf("the latest run of %s was %d and is %d", runs[i].Source, runs[i].ID, after[i].ID)
		}
	}
}
