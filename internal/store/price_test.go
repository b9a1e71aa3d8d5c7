package store_test

import (
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/storetest"

	"github.com/google/go-cmp/cmp"
)

// TestUsualPrices writes prices of some versions down and asks what is usual on a day.
func TestUsualPrices(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	day := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	id := 0
	add := func(municipality string, seen time.Time, prices ...string) {
		id++
		_, err := th.Owner.Exec(ctx, `
			INSERT INTO version (id, seq, advert, n, source, seen_at, day, capture, url, lang, price, place, has_picture, digest, reader, title, body, folded, fields, municipality)
			VALUES ($1, 1, $1, 1, 's', $2, '2026-01-01', gen_random_uuid(), '', '', '', '', 0, '', '', '', '', '', '[]', $3)`, id, seen, municipality)
		must(t, err)
		for _, p := range prices {
			_, err := th.Owner.Exec(ctx, `
				INSERT INTO entity (version, seq, type, value, raw, start, stop, obfuscated, valid) VALUES ($1, 1, 'price', $2, '', 0, 0, false, true)`, id, p)
			must(t, err)
		}
	}
	for range store.PriceLeast {
		add("GM0363", day.AddDate(0, 0, -1), "EUR 75/30min", "EUR 170/60min") // 150 and 170 an hour
		add("GM0518", day.AddDate(0, 0, -store.PriceDays), "EUR 90.50/60min")
	}
	add("GM0363", day, "EUR 1/60min")                                   // not before the day
	add("GM0363", day.AddDate(0, 0, -1-store.PriceDays), "EUR 1/60min") // too long ago
	add("GM0599", day.AddDate(0, 0, -2), "EUR 100/60min")               // too few
	add("GM0599", day.AddDate(0, 0, -2), "EUR 100", "USD 5/60min")      // no price an hour in euros
	got, err := th.Service(zoeklicht.Analysis).UsualPrices(ctx, day)
	must(t, err)
	if diff := cmp.Diff(map[string]float64{"GM0363": 150, "GM0518": 90.5, "": 100}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := th.Person("", zoeklicht.Analyst).UsualPrices(ctx, day); zoeklicht.CodeOf(err) != zoeklicht.Denied {
		t.Errorf("a person: %v", err)
	}
}
