package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/storetest"

	"github.com/google/go-cmp/cmp"
)

// assess registers a set of rules and lets it go through what it has not come to, in
// batches of n. Its rules look at nothing but words and what is beside a version.
func (w *world) assess(set string, n int) {
	t, ctx := w.t, w.t.Context()
	t.Helper()
	must(t, w.an.RegisterSet(ctx, set, []zoeklicht.Indicator{{ID: "evening-hours", Version: 1}}))
	for {
		in, err := w.an.NextAssess(ctx, set, n)
		must(t, err)
		if len(in) == 0 {
			return
		}
		all := judged(in, set)
		for i := range all {
			if w.trace != nil {
				all[i].Hits = append(all[i].Hits, zoeklicht.Hit{Indicator: "traced", Weight: 1, Trace: w.trace(&in[i])})
			}
		}
		must(t, w.an.StoreAssessments(ctx, set, all))
	}
}

// judged applies three rules. The weights are such that sums in another order differ.
func judged(in []store.AssessInput, set string) (out []zoeklicht.Assessment) {
	for i := range in {
		a := zoeklicht.Assessment{Version: in[i].Version, Set: set, Score: -1}
		if at := strings.Index(in[i].Body, "evening"); at >= 0 {
			at += len(in[i].Title) + 1
			a.Hits = append(a.Hits, zoeklicht.Hit{Indicator: "evening-hours", Rule: 1, Weight: 0.1, Where: []zoeklicht.Offset{{Start: at, End: at + 7, Word: "evening"}}, Trace: "evening"})
		}
		if n := in[i].Beside.Adverts; n > 3 {
			a.Hits = append(a.Hits, zoeklicht.Hit{Indicator: "many-adverts", Rule: 1, Weight: 0.7, Trace: fmt.Sprintf("adverts = %d", n)})
		}
		if set != "rules0" && strings.Contains(in[i].Body, "weekend") {
			a.Hits = append(a.Hits, zoeklicht.Hit{Indicator: "weekend-work", Rule: 2, Weight: 0.2, Trace: "weekend"})
		}
		out = append(out, a)
	}
	return out
}

// TestAssessEachOnce goes through all versions with a set, with another, and with the
// first one again: each round comes to each version once, in order, and the score is the
// sum of what is kept.
func TestAssessEachOnce(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(0)
	for round, set := range []string{"one", "two", "one"} {
		w.assess(set, 7)
		must(t, w.an.RegisterSet(ctx, set, nil)) // no other round
		var versions, assessed int
		must(t, th.Owner.QueryRow(ctx, `SELECT (SELECT count(*) FROM version), (SELECT count(*) FROM assessment)`).Scan(&versions, &assessed))
		if versions == 0 || assessed != versions*(round+1) {
			t.Errorf("after round %d: %d assessments of %d versions", round+1, assessed, versions)
		}
	}
	var wrong int
	must(t, th.Owner.QueryRow(ctx, `
		SELECT count(*) FROM assessment a WHERE score <> (SELECT coalesce(sum((h ->> 'weight')::float8), 0) FROM jsonb_array_elements(hits) h)`).Scan(&wrong))
	if wrong > 0 {
		t.Errorf("%d scores are not the sum of their hits' weights", wrong)
	}
}

// TestAssessAgain stores a batch twice, as a process killed after its commit does, and a
// batch of a set that another one replaced meanwhile.
func TestAssessAgain(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(0)
	must(t, w.an.RegisterSet(ctx, "one", nil))
	in, err := w.an.NextAssess(ctx, "one", 10)
	must(t, err)
	count := func() (n int) {
		must(t, th.Owner.QueryRow(ctx, `SELECT count(*) FROM assessment`).Scan(&n))
		return n
	}
	for range 2 {
		must(t, w.an.StoreAssessments(ctx, "one", judged(in, "one")))
		if n := count(); n != 10 {
			t.Fatalf("%d assessments of 10 versions", n)
		}
	}
	must(t, w.an.RegisterSet(ctx, "two", nil))
	if err := w.an.StoreAssessments(ctx, "one", judged(in, "one")); zoeklicht.CodeOf(err) != zoeklicht.Conflict || count() != 10 {
		t.Errorf("a set that was replaced: %v", err)
	}
	if _, err := w.an.NextAssess(ctx, "one", 10); zoeklicht.CodeOf(err) != zoeklicht.Conflict {
		t.Errorf("asked for what a set that was replaced has not come to: %v", err)
	}
	if _, err := th.Person("case 7", zoeklicht.Analyst).NextAssess(ctx, "two", 10); zoeklicht.CodeOf(err) != zoeklicht.Denied {
		t.Errorf("a person reads what indicators look at: %v", err)
	}
}

// TestBeside counts what is beside each version by going through everything, and again
// after more became known: it stays as it was.
func TestBeside(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.bare, w.pictures = true, true
	all := func() map[zoeklicht.VersionID]zoeklicht.Beside {
		out := map[zoeklicht.VersionID]zoeklicht.Beside{}
		must(t, w.an.EachInput(ctx, func(in store.AssessInput) error {
			out[in.Version] = in.Beside
			return nil
		}))
		return out
	}
	for day := range 5 {
		w.run(day)
	}
	before := all()
	if diff := cmp.Diff(w.besides(), before); diff != "" {
		t.Fatalf("(-one by one +counted):\n%s", diff)
	}
	for _, day := range []int{6, 9, 14, 15} {
		w.run(day)
	}
	after := all()
	for id, b := range before {
		if after[id] != b {
			t.Fatalf("version %d: %+v, and later %+v", id, b, after[id])
		}
	}
	if diff := cmp.Diff(w.besides(), after); diff != "" {
		t.Fatalf("(-one by one +counted):\n%s", diff)
	}
	most := zoeklicht.Beside{}
	for _, b := range after {
		most.Adverts, most.Cities, most.Ages = max(most.Adverts, b.Adverts), max(most.Cities, b.Cities), max(most.Ages, b.Ages)
		most.TextElsewhere, most.Names = max(most.TextElsewhere, b.TextElsewhere), max(most.Names, b.Names)
		most.PictureElsewhere = max(most.PictureElsewhere, b.PictureElsewhere)
	}
	if most.Adverts < 3 || most.Cities < 2 || most.Ages < 2 || most.TextElsewhere < 1 || most.PictureElsewhere < 1 || most.Names < 2 {
		t.Errorf("at most %+v: the test shows nothing", most)
	}
	// What a reader is shown as elsewhere is what was counted.
	reader := th.Person("reader", zoeklicht.Analyst)
	for id, b := range after {
		found, err := reader.Elsewhere(ctx, id)
		must(t, err)
		var texts, pictures int
		for _, e := range found {
			if e.Text {
				texts++
			}
			if e.Picture {
				pictures++
			}
		}
		if texts != b.TextElsewhere || pictures != b.PictureElsewhere {
			t.Fatalf("version %d: %d texts and %d pictures elsewhere, %+v was counted", id, texts, pictures, b)
		}
		if len(found) > 0 && found[0].Text {
			_, err := reader.Seal(ctx, found[0].Version, zoeklicht.SealMinor, zoeklicht.SealAdvert)
			must(t, err)
			again, err := reader.Elsewhere(ctx, id)
			must(t, err)
			if len(again) >= len(found) || slices.ContainsFunc(again, func(e zoeklicht.Elsewhere) bool { return e.Advert == found[0].Advert }) {
				t.Errorf("version %d: advert %d is sealed, and still among %+v", id, found[0].Advert, again)
			}
			break // the others are counted with what is sealed
		}
	}
	stop := errors.New("stop")
	if err := w.an.EachInput(ctx, func(store.AssessInput) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("going through all was not stopped: %v", err)
	}
}

// fact is what besides looks at of a version.
type fact struct {
	id            zoeklicht.VersionID
	advert        zoeklicht.AdvertID
	seq, template int64
	n             int
	source, city  string
	seen          time.Time
	phones        map[string]bool
	names, ages   map[string]bool
	sightings     []time.Time
	sightingSeqs  []int64
	pictures      map[string]bool
}

func (w *world) facts(ctx context.Context) (out []*fact) {
	t := w.t
	rows, err := w.th.Owner.Query(ctx, `SELECT id, advert, seq, template, n, source, municipality, seen_at FROM version ORDER BY id`)
	must(t, err)
	byID := map[zoeklicht.VersionID]*fact{}
	for rows.Next() {
		f := &fact{phones: map[string]bool{}, names: map[string]bool{}, ages: map[string]bool{}, pictures: map[string]bool{}}
		must(t, rows.Scan(&f.id, &f.advert, &f.seq, &f.template, &f.n, &f.source, &f.city, &f.seen))
		byID[f.id] = f
		out = append(out, f)
	}
	must(t, rows.Err())
	set := func(sql string, put func(f *fact, v string)) {
		rows, err := w.th.Owner.Query(ctx, sql)
		must(t, err)
		for rows.Next() {
			var id zoeklicht.VersionID
			var v string
			must(t, rows.Scan(&id, &v))
			put(byID[id], v)
		}
		must(t, rows.Err())
	}
	set(`SELECT version, value FROM entity WHERE type = 'phone' AND valid`, func(f *fact, v string) { f.phones[v] = true })
	set(`SELECT version, value FROM entity WHERE type = 'age'`, func(f *fact, v string) { f.ages[v] = true })
	set(`SELECT v.id, f ->> 'value' FROM version v, jsonb_array_elements(fields) f WHERE f ->> 'name' = 'name'`, func(f *fact, v string) { f.names[v] = true })
	set(`SELECT version, picture::text FROM version_picture WHERE picture <> 0`, func(f *fact, v string) { f.pictures[v] = true })
	rows, err = w.th.Owner.Query(ctx, `SELECT version, at, seq FROM sighting`)
	must(t, err)
	for rows.Next() {
		var id zoeklicht.VersionID
		var at time.Time
		var seq int64
		must(t, rows.Scan(&id, &at, &seq))
		byID[id].sightings, byID[id].sightingSeqs = append(byID[id].sightings, at), append(byID[id].sightingSeqs, seq)
	}
	must(t, rows.Err())
	return out
}

// near reports whether x was seen in the days before v was, and that was known by then.
func (v *fact) near(x *fact) bool {
	from := v.seen.AddDate(0, 0, -zoeklicht.BesideDays)
	if x.seq > v.seq || x.seen.After(v.seen) {
		return false
	}
	for i, at := range x.sightings {
		if x.sightingSeqs[i] <= v.seq && at.After(from) && !at.After(v.seen) {
			return true
		}
	}
	return x.seen.After(from)
}

// besides gives what is beside each version, one by one.
func (w *world) besides() map[zoeklicht.VersionID]zoeklicht.Beside {
	facts := w.facts(w.t.Context())
	out := map[zoeklicht.VersionID]zoeklicht.Beside{}
	for _, v := range facts {
		b := zoeklicht.Beside{Versions: v.n}
		numbers := []string{}
		for p := range v.phones {
			numbers = append(numbers, p)
		}
		if len(numbers) == 0 {
			numbers = []string{""}
		}
		for _, p := range numbers {
			adverts, sources, cities, names, ages := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
			for _, x := range facts {
				if !v.near(x) || (p != "" && !x.phones[p]) || (p == "" && x.advert != v.advert) {
					continue
				}
				adverts[fmt.Sprint(x.advert)], sources[x.source] = true, true
				if x.city != "" {
					cities[x.city] = true
				}
				for n := range x.names {
					names[n] = true
				}
				for a := range x.ages {
					ages[a] = true
				}
			}
			b.Adverts, b.Sources, b.Cities = max(b.Adverts, len(adverts)), max(b.Sources, len(sources)), max(b.Cities, len(cities))
			b.Names, b.Ages = max(b.Names, len(names)), max(b.Ages, len(ages))
		}
		texts, pictures := map[zoeklicht.AdvertID]bool{}, map[zoeklicht.AdvertID]bool{}
		for _, x := range facts {
			if !v.near(x) || x.advert == v.advert || len(x.phones) == 0 || shared(v.phones, x.phones) {
				continue
			}
			if x.template == v.template && v.template != 0 {
				texts[x.advert] = true
			}
			if shared(v.pictures, x.pictures) {
				pictures[x.advert] = true
			}
		}
		b.TextElsewhere, b.PictureElsewhere = len(texts), len(pictures)
		out[v.id] = b
	}
	return out
}

func shared(a, b map[string]bool) bool {
	for k := range a {
		if b[k] {
			return true
		}
	}
	return false
}

// TestTemplate: the same words under another number, and what is too short to say
// anything.
func TestTemplate(t *testing.T) {
	t.Parallel()
	of := func(title, body, phone string) int64 {
		r := &zoeklicht.Reading{Title: title, Body: body + phone}
		at := len(title) + 1 + len(body)
		if phone != "" {
			r.Entities = []zoeklicht.Entity{{Type: zoeklicht.Phone, Start: at, End: at + len(phone)}}
		}
		return store.Template(r)
	}
	a := of("Relaxing massage", "by appointment in the evening, ", "06 0001 2345")
	if a == 0 || a != of("Relaxing MASSAGE", "by appointment in the evening. ", "0600054321") {
		t.Error("the same words under another number are another text")
	}
	if a == of("Relaxing massage", "by appointment in the morning, ", "06 0001 2345") {
		t.Error("other words are the same text")
	}
	if of("Massage", "in Utrecht ", "0600012345") != 0 {
		t.Error("three words say something")
	}
}
