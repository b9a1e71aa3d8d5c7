package crawl_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/assess"
	"zoeklicht/internal/crawl"
	"zoeklicht/internal/crawl/crawltest"
	"zoeklicht/internal/practice"
	"zoeklicht/internal/store"
)

// TestSignals crawls a practice world day by day and holds the numbers that were found,
// and the head of the worklist, against the truth: adverts with planted signals stand
// there, and independent workers who use the wording of safety do not. ZOEKLICHT_SEED
// repeats one; ZOEKLICHT_ADVERTS=3000 ZOEKLICHT_DAYS=20 is the long form, in which the
// worklist's bars hold too: there are too few planted adverts in a small world.
func TestSignals(t *testing.T) {
	seed := number(t, "ZOEKLICHT_SEED", int(time.Now().UnixNano()%1e6))
	adverts, days := number(t, "ZOEKLICHT_ADVERTS", 300), number(t, "ZOEKLICHT_DAYS", 4)
	t.Logf("ZOEKLICHT_SEED=%d, %d adverts, %d days", seed, adverts, days)
	b := crawltest.New(t, practice.Config{Seed: uint64(seed), Adverts: adverts, NoBarriers: true})
	for day := range days {
		b.Day(day)
		b.Visit(t.Context())
	}
	truth := map[string]*practice.TrueAdvert{}
	for _, a := range truthOf(t, b, days) {
		truth[fmt.Sprintf("%s/%d", a.Site, a.Number)] = &a
	}
	right, wrong, missed := numbers(t, b, truth)
	precision, recall := share(right, right+wrong), share(right, right+missed)
	t.Logf("numbers: %d right, %d wrong, %d missed: precision %.3f, recall %.3f", right, wrong, missed, precision, recall)
	if precision < 0.98 || recall < 0.95 {
		t.Errorf("precision %.3f of 0.98, recall %.3f of 0.95", precision, recall)
	}
	n, hits := recomputed(t, b)
	t.Logf("scores: %d versions with %d hits, each the sum of what is shown and the same when computed again from what is stored", n, hits)
	h := head(t, b, truth, 50)
	t.Logf("worklist: of the first %d rows, %d have planted signals, %d of them three or more; %d are independent workers without; the first without three is row %d",
		h.listed, h.signals, h.planted, h.independent, h.first)
	if adverts >= 3000 && (h.signals < 40 || h.independent > 5) {
		t.Errorf("in the first 50 rows are %d with planted signals, of 40, and %d of independent workers without, of 5 at the most", h.signals, h.independent)
	}
}

// recomputed holds the score of every version against the sum of the contributions that a
// reader is shown, and against what the stored rules make of the stored version.
func recomputed(t *testing.T, b *crawltest.Bench) (versions, hits int) {
	t.Helper()
	ctx := t.Context()
	var set string
	var stored []zoeklicht.Indicator
	if err := b.Store.Owner.QueryRow(ctx, `SELECT s.id, s.rules FROM indicator_set s JOIN round r ON r.rules = s.id ORDER BY r.id DESC LIMIT 1`).
		Scan(&set, &stored); err != nil {
		t.Fatal(err)
	}
	rules, err := assess.New(stored, b.Theme.Lexicons, assess.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if rules.Set() != set {
		t.Fatalf("the rules stored as set %s make set %s", set, rules.Set())
	}
	reader, service := b.Store.Person("test", zoeklicht.Analyst), b.Store.Service(zoeklicht.Analysis)
	prices := crawl.Prices{Usual: service.UsualPrices}
	shown := map[zoeklicht.AdvertID]map[zoeklicht.VersionID]zoeklicht.Assessment{}
	err = service.EachInput(ctx, func(v store.AssessInput) error {
		if shown[v.Advert] == nil {
			if shown[v.Advert], err = reader.Assessed(ctx, v.Advert, time.Time{}); err != nil {
				return err
			}
		}
		is, sum := shown[v.Advert][v.Version], 0.0
		for _, h := range is.Hits {
			sum += h.Weight
		}
		in, err := prices.Input(ctx, &v)
		if err != nil {
			return err
		}
		again, err := rules.Assess(in)
		if err != nil {
			return err
		}
		if versions, hits = versions+1, hits+len(is.Hits); is.Score != sum || is.Score != again.Score || is.Set != set || fired(is) != fired(again) {
			t.Errorf("version %d: score %g of set %s, of which %g is shown (%s); again: %g (%s)", v.Version, is.Score, is.Set, sum, fired(is), again.Score, fired(again))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return versions, hits
}

// fired names the hits of an assessment, with their weights and how often each has words.
// Where the words stand differs: a reader's text is masked.
func fired(a zoeklicht.Assessment) string {
	var b strings.Builder
	for _, h := range a.Hits {
		fmt.Fprintf(&b, "%s/%d %g ×%d; ", h.Indicator, h.Rule, h.Weight, len(h.Where))
	}
	return b.String()
}

func share(n, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}

// numbers compares the valid numbers of every version that was found with those that its
// advert ever had.
func numbers(t *testing.T, b *crawltest.Bench, truth map[string]*practice.TrueAdvert) (right, wrong, missed int) {
	t.Helper()
	rows, err := b.Store.Owner.Query(t.Context(), `
		SELECT a.source || '/' || a.key, v.title || E'\n' || v.body,
		       coalesce((SELECT array_agg(DISTINCT e.value) FROM entity e WHERE e.version = v.id AND e.type = 'phone' AND e.valid), '{}')
		FROM version v JOIN advert a ON a.id = v.advert`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	told := 0
	for rows.Next() {
		var key, text string
		var found []string
		if err := rows.Scan(&key, &text, &found); err != nil {
			t.Fatal(err)
		}
		a := truth[key]
		if a == nil {
			t.Errorf("%s is in no truth", key)
			continue
		}
		want, ok := phonesOf(a, text, found)
		if !ok {
			continue // which TestAgainstTheTruth holds against the truth
		}
		for _, p := range want {
			if slices.Contains(found, p) {
				right++
			} else if missed++; told < 20 {
				told++
				t.Logf("missed %s in %s: %q", p, key, text)
			}
		}
		for _, p := range found {
			if !slices.Contains(want, p) {
				if wrong++; told < 20 {
					told++
					t.Logf("wrong %s in %s: %q", p, key, text)
				}
			}
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return right, wrong, missed
}

// phonesOf gives the numbers of the true version with a text: where a number changed in a
// field only, of the one that has those found.
func phonesOf(a *practice.TrueAdvert, text string, found []string) (phones []string, ok bool) {
	fold := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	for i := range a.Versions {
		if v := &a.Versions[i]; fold(v.Title+"\n"+v.Body) == fold(text) {
			if phones, ok = v.Phones, true; slices.Equal(phones, found) {
				break
			}
		}
	}
	return phones, ok
}

// heading counts whom the first rows of the worklist are about.
type heading struct {
	listed, signals, planted, independent int
	first                                 int // row without three planted signals or more
}

func head(t *testing.T, b *crawltest.Bench, truth map[string]*practice.TrueAdvert, n int) (h heading) {
	t.Helper()
	list, err := b.Store.Person("test", zoeklicht.Analyst).Leads(t.Context(), zoeklicht.LeadQuery{}, 1, n)
	if err != nil {
		t.Fatal(err)
	}
	h.listed = len(list.Leads)
	for i, l := range list.Leads {
		var key string
		if err := b.Store.Owner.QueryRow(t.Context(), `SELECT source || '/' || key FROM advert WHERE id = $1`, l.Advert).Scan(&key); err != nil {
			t.Fatal(err)
		}
		a := truth[key]
		if a == nil {
			t.Errorf("%s is in no truth", key)
			continue
		}
		switch {
		case a.Planted:
			h.planted++
		case h.first == 0:
			h.first = i + 1
		}
		if len(a.Signals) > 0 {
			h.signals++
			continue
		}
		if a.Independent {
			h.independent++
		}
		var names []string
		for _, hit := range l.Hits {
			names = append(names, string(hit.Indicator))
		}
		t.Logf("row %d, score %.2f: %s has no planted signals, safety %v; fired %v", i+1, l.Score, key, a.Safety, names)
	}
	return h
}
