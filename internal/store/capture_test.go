package store_test

import (
	"testing"

	"zoeklicht"
	"zoeklicht/internal/store/storetest"
)

// TestEachCaptureInOrder gives every capture of a run once and in order, over all pages, and
// none of another; what is sealed is counted.
func TestEachCaptureInOrder(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(0)
	w.run(1)
	// Many at one seq, on pages of no advert.
	if _, err := th.Owner.Exec(ctx, `
		INSERT INTO capture (id, seq, source, run, kind, page, url, canonical, final_url, status, at, digest, unchanged, not_content, failed, detail,
			final_page, pictures, had, missing, outside, bytes, manifest, salts, total)
		SELECT gen_random_uuid(), 10000 + g / 700, 's', $1, 'advert', '\x00', '', '', '', 200, now(), '', false, '', '', '', '\x00', '[]', 0, 0, 0, 0, '', '', 0
		FROM generate_series(1, 1400) g`, w.lastRun); err != nil {
		t.Fatal(err)
	}
	var all []zoeklicht.CaptureID
	must(t, th.Owner.QueryRow(ctx, `SELECT array_agg(id ORDER BY seq, id) FROM capture WHERE run = $1`, w.lastRun).Scan(&all))
	var page int64
	must(t, th.Owner.QueryRow(ctx, `SELECT version FROM sighting WHERE run = $1 LIMIT 1`, w.lastRun).Scan(&page))
	seal, err := th.Person("", zoeklicht.Analyst).Seal(ctx, zoeklicht.VersionID(page), zoeklicht.SealMinor, zoeklicht.SealAdvert)
	must(t, err)
	specialist := th.Person("case 7", zoeklicht.Specialist)
	next := 0
	hidden := w.shows(seal.Advert)
	sealed, err := specialist.EachCapture(ctx, w.lastRun, func(c *zoeklicht.Capture) error {
		for hidden(all[next]) {
			next++
		}
		if c.ID != all[next] {
			t.Fatalf("place %d: %s, want %s", next, c.ID, all[next])
		}
		next++
		return nil
	})
	must(t, err)
	for next < len(all) && hidden(all[next]) {
		next++
	}
	var told int
	must(t, th.Owner.QueryRow(ctx, `SELECT count FROM audit WHERE act = 'export-warc'`).Scan(&told))
	if next != len(all) || sealed == 0 || told != len(all)-sealed {
		t.Errorf("%d of %d were given, %d are sealed, the trail says %d", next, len(all), sealed, told)
	}
}
