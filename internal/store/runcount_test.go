package store_test

import (
	"testing"

	"zoeklicht/internal/store/storetest"
)

// TestRunCount adds up: what all runs together found is what the store holds.
func TestRunCount(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	var versions, seen, gone int
	for day := range 6 {
		w.run(day)
		runs, err := w.an.Runs(ctx, w.source, 1)
		must(t, err)
		c, err := w.an.RunCount(ctx, runs[0].ID)
		must(t, err)
		if day == 0 && (c.Versions == 0 || c.Sightings != 0 || c.Seconds != 1) {
			t.Errorf("the first run: %+v: everything is new in it", c)
		}
		versions, seen, gone = versions+c.Versions, seen+c.Sightings, gone+c.Gone
	}
	var all, sightings, left int
	must(t, th.Owner.QueryRow(ctx, `SELECT (SELECT count(*) FROM version), (SELECT count(*) FROM sighting), (SELECT count(*) FROM gone)`).
		Scan(&all, &sightings, &left))
	if versions != all || versions+seen != sightings || gone != left || seen == 0 || gone == 0 {
		t.Errorf("runs: %d versions, %d as before, %d gone; store: %d versions, %d sightings, %d gone", versions, seen, gone, all, sightings, left)
	}
	if c, err := w.an.RunCount(ctx, 4711); err != nil || c.Versions+c.Sightings+c.Gone != 0 {
		t.Errorf("a run that is not there: %+v, %v", c, err)
	}
}
