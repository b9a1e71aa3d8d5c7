package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/storetest"

	"github.com/google/go-cmp/cmp"
)

// versionsOf gives the versions of a list, and holds its counts to what it lists.
func versionsOf(t *testing.T, by *store.Store, q zoeklicht.LeadQuery) (ids []zoeklicht.VersionID) {
	t.Helper()
	l, err := by.Leads(t.Context(), q, 1, 1000)
	must(t, err)
	if l.Shown != len(l.Leads) {
		t.Errorf("%+v: %d rows are said to be shown, %d are", q, l.Shown, len(l.Leads))
	}
	for i, lead := range l.Leads {
		ids = append(ids, lead.Version)
		if before := l.Leads[max(0, i-1)]; before.Score < lead.Score && !(before.Claim != nil && before.Claim.Kind == zoeklicht.Handed && before.Claim.Person == by.Pass().Person()) {
			t.Errorf("%+v: %v after %v", q, lead.Score, l.Leads[i-1].Score)
		}
	}
	return ids
}

// TestWorklist goes through all steps on a subject and back.
func TestWorklist(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.bare = true // many subjects
	w.run(0)
	must(t, w.an.RegisterSet(ctx, "rules1", nil))
	in, err := w.an.NextAssess(ctx, "rules1", 1000)
	must(t, err)
	var all []zoeklicht.Assessment
	for i := range in {
		a := zoeklicht.Assessment{Version: in[i].Version}
		if i%4 > 0 {
			a.Hits = []zoeklicht.Hit{{Indicator: "some", Weight: float64(i % 4)}}
		}
		all = append(all, a)
	}
	must(t, w.an.StoreAssessments(ctx, "rules1", all))
	one, two := th.Person("", zoeklicht.Analyst), th.Person("", zoeklicht.Analyst)
	list := func(by *store.Store, show string) []zoeklicht.VersionID {
		t.Helper()
		return versionsOf(t, by, zoeklicht.LeadQuery{Show: show})
	}
	free := list(one, "")
	if len(free) < 3 {
		t.Fatalf("%d rows: the test shows nothing", len(free))
	}
	id := free[1]
	without := slices.Delete(slices.Clone(free), 1, 2)
	only := []zoeklicht.VersionID{id}
	at := func(when string, c zoeklicht.Claim, by *store.Store, want map[string][2][]zoeklicht.VersionID) {
		t.Helper()
		must(t, by.Step(ctx, id, c))
		for show, lists := range want {
			for i, who := range []*store.Store{one, two} {
				if diff := cmp.Diff(lists[i], list(who, show)); diff != "" {
					t.Errorf("%s: list %q of person %d (-want +got):\n%s", when, show, i+1, diff)
				}
			}
		}
	}
	type lists = map[string][2][]zoeklicht.VersionID
	at("claimed", zoeklicht.Claim{Kind: zoeklicht.Claimed}, one, lists{"": {free, without}, "mine": {only, nil}, "others": {nil, only}})
	code(t, zoeklicht.Conflict, two.Step(ctx, id, zoeklicht.Claim{Kind: zoeklicht.Claimed}))
	code(t, zoeklicht.Conflict, two.Step(ctx, id, zoeklicht.Claim{Kind: zoeklicht.Finished}))
	at("handed over", zoeklicht.Claim{Kind: zoeklicht.Handed, Person: two.Pass().Person(), Name: two.Pass().Name()}, one, lists{
		// What somebody was given stands first in their list.
		"": {without, slices.Concat(only, without)}, "mine": {nil, only}, "others": {only, nil}, "handed": {nil, only},
	})
	at("taken back", zoeklicht.Claim{Kind: zoeklicht.Claimed}, one, lists{"mine": {only, nil}})
	at("parked", zoeklicht.Claim{Kind: zoeklicht.Parked, Until: th.Clock.T.Add(time.Hour)}, one, lists{"": {without, without}, "mine": {nil, nil}, "parked": {only, nil}, "others": {nil, only}})
	th.Clock.T = th.Clock.T.Add(2 * time.Hour)
	if diff := cmp.Diff(free, list(two, "")); diff != "" {
		t.Errorf("its time is up (-want +got):\n%s", diff)
	}
	at("finished", zoeklicht.Claim{Kind: zoeklicht.Finished}, two, lists{"": {without, without}, "finished": {only, only}, "others": {nil, nil}})
	at("released", zoeklicht.Claim{Kind: zoeklicht.Released}, one, lists{"": {free, free}, "finished": {nil, nil}})
	must(t, one.Step(ctx, id, zoeklicht.Claim{Kind: zoeklicht.Finished}))
	if _, err := th.Owner.Exec(ctx, `INSERT INTO moment (seq, at) SELECT max(seq) + 1, max(at) FROM moment; UPDATE version SET seq = (SELECT max(seq) FROM moment) WHERE id = `+fmt.Sprint(id)); err != nil {
		t.Fatal(err)
	}
	must(t, w.an.Rebuild(ctx))
	if diff := cmp.Diff(free, list(two, "")); diff != "" {
		t.Errorf("something new became known of what was finished (-want +got):\n%s", diff)
	}

	for _, c := range []zoeklicht.Claim{{Kind: "lose"}, {Kind: zoeklicht.Parked, Until: th.Clock.T}, {Kind: zoeklicht.Handed}} {
		code(t, zoeklicht.Invalid, one.Step(ctx, id, c))
	}
	_, err = one.Leads(ctx, zoeklicht.LeadQuery{Show: "all"}, 1, 10)
	code(t, zoeklicht.Invalid, err)
	_, err = th.Person("", zoeklicht.Operator).Leads(ctx, zoeklicht.LeadQuery{}, 1, 10)
	code(t, zoeklicht.Denied, err)
}

// TestWorklistPages: pages of the units' lists make the whole, each row once; what is new
// is what became known since the last visit.
func TestWorklistPages(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.bare = true
	for day := range 4 {
		w.run(day)
	}
	w.assess("rules1", 40)
	if _, err := th.Owner.Exec(ctx, `UPDATE assessment SET score = 1 + version % 3`); err != nil {
		t.Fatal(err)
	}
	must(t, w.an.Rebuild(ctx))
	one := th.Person("", zoeklicht.Analyst)
	must(t, one.SetUnit(ctx, "oost-nederland"))
	unit, err := one.Unit(ctx)
	must(t, err)
	all := versionsOf(t, one, zoeklicht.LeadQuery{})
	var paged, units []zoeklicht.VersionID
	for page := 1; ; page++ {
		l, err := one.Leads(ctx, zoeklicht.LeadQuery{}, page, 2)
		must(t, err)
		if len(l.Leads) == 0 {
			break
		}
		for _, lead := range l.Leads {
			paged = append(paged, lead.Version)
			if lead.Adverts < 1 || lead.Versions < lead.Adverts || lead.First.IsZero() || lead.Last.Before(lead.First) {
				t.Errorf("%+v", lead)
			}
		}
	}
	if diff := cmp.Diff(all, paged); diff != "" || len(all) < 5 {
		t.Errorf("%d rows (-at once +by pages):\n%s", len(all), diff)
	}
	must(t, one.SetUnit(ctx, "")) // the own list, row by row
	walked := []zoeklicht.VersionID{}
	for at, after := 0, zoeklicht.VersionID(0); ; {
		l, place, err := one.NextLead(ctx, after, at, 3)
		must(t, err)
		if l == nil {
			break
		}
		if walked = append(walked, l.Version); place != len(walked)-1 || l.Advert == 0 {
			t.Errorf("row %d: %+v at %d", len(walked), l, place)
		}
		at, after = place, l.Version
	}
	if diff := cmp.Diff(all, walked); diff != "" {
		t.Errorf("the rows one after another (-at once +walked):\n%s", diff)
	}
	if l, at, err := one.NextLead(ctx, -1, 2, 3); err != nil || l == nil || l.Version != all[2] || at != 2 {
		t.Errorf("after a row that left the list: %+v at %d, %v", l, at, err)
	}
	for _, u := range []string{unit, "midden-nederland"} {
		units = append(units, versionsOf(t, one, zoeklicht.LeadQuery{Unit: u})...)
	}
	slices.Sort(units)
	slices.Sort(all)
	for _, id := range units {
		if _, ok := slices.BinarySearch(all, id); !ok {
			t.Errorf("version %d is on a unit's list only", id)
		}
	}
	if len(units) == 0 || len(units) >= len(all) {
		t.Errorf("%d rows in two units of %d: some have no unit", len(units), len(all))
	}
	first, err := one.Leads(ctx, zoeklicht.LeadQuery{}, 1, 10)
	must(t, err)
	if first.New != first.All || !first.Since.IsZero() {
		t.Errorf("at a first visit %d of %d are new, since %v", first.New, first.All, first.Since)
	}
	th.Clock.T = th.Clock.T.Add(time.Hour)
	second, err := one.Leads(ctx, zoeklicht.LeadQuery{New: true}, 1, 10)
	must(t, err)
	if second.New != 0 || second.Shown != 0 || len(second.Leads) != 0 || second.All != first.All || second.Since.IsZero() {
		t.Errorf("an hour later: %+v", second)
	}
	w.run(5)
	w.assess("rules1", 40)
	th.Clock.T = th.Clock.T.Add(time.Hour)
	third, err := one.Leads(ctx, zoeklicht.LeadQuery{New: true}, 1, 100)
	must(t, err)
	for _, l := range third.Leads {
		if !l.New {
			t.Errorf("version %d is on the list of what is new and is not", l.Version)
		}
	}
	if len(third.Leads) == 0 || len(third.Leads) != third.New {
		t.Errorf("%d new rows, %d counted", len(third.Leads), third.New)
	}
}

// TestCorrected: a number that was taken away leads to the version no longer from then on,
// one that was added does; before, and after the correction was undone, it is as it was.
func TestCorrected(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(0)
	w.assess("rules1", 40)
	analyst := th.Person("case 7", zoeklicht.Analyst)
	id, advert := w.pick("EXISTS (SELECT 1 FROM current_advert c WHERE c.version = v.id AND c.gone_at IS NULL)")
	var wrong string
	must(t, th.Owner.QueryRow(ctx, `SELECT value FROM entity WHERE version = $1`, id).Scan(&wrong))
	const right = "+31600099999"
	carried := func(value string, at time.Time) bool {
		t.Helper()
		card, err := analyst.Number(ctx, value, []string{value}, at)
		must(t, err)
		known, err := analyst.List(ctx, []store.Line{{Raw: value, Values: []string{value}}}, at)
		must(t, err)
		if known[0].Adverts != card.Adverts || known[0].Online != card.Online || !known[0].First.Equal(card.First) || !known[0].Last.Equal(card.Last) {
			t.Errorf("the list says %+v, the card %+v", known[0], card)
		}
		res, err := analyst.Answer(ctx, &store.Asked{Question: zoeklicht.Question{Phone: value, Text: fmt.Sprint(w.rand.Int64())}, Phones: []string{value}}, at, 0, 1000)
		must(t, err)
		part, err := analyst.Answer(ctx, &store.Asked{Question: zoeklicht.Question{Phone: value, Text: fmt.Sprint(w.rand.Int64())}, Digits: value[4:]}, at, 0, 1000)
		must(t, err)
		if res.Versions != part.Versions || res.Versions != card.Versions {
			t.Errorf("%s: %d versions by the number, %d by a part of it, %d on its card", value, res.Versions, part.Versions, card.Versions)
		}
		return slices.ContainsFunc(res.Rows, func(r zoeklicht.Row) bool { return r.Advert.ID == advert })
	}
	subject := func() (s string) {
		must(t, th.Owner.QueryRow(ctx, `SELECT subject FROM current_advert WHERE advert = $1`, advert).Scan(&s))
		return s
	}
	before := th.Clock.T
	expect := func(when string, has map[string]bool, at time.Time) {
		t.Helper()
		for value, want := range has {
			if got := carried(value, at); got != want {
				t.Errorf("%s: %s leads to the version: %v", when, value, got)
			}
		}
	}
	original, corrected, removed := map[string]bool{wrong: true, right: false}, map[string]bool{wrong: false, right: true}, map[string]bool{wrong: false, right: false}
	expect("as found", original, time.Time{})
	th.Clock.T = th.Clock.T.Add(time.Minute)
	must(t, analyst.Correct(ctx, id, 0, zoeklicht.Phone, zoeklicht.Right{Value: right}))
	expect("corrected", corrected, time.Time{})
	expect("as of before", original, before)
	if s := subject(); s != "phone:"+right {
		t.Errorf("the subject is %s", s)
	}
	code(t, zoeklicht.Conflict, analyst.Correct(ctx, id, 0, zoeklicht.Phone, zoeklicht.Right{Value: "+31600088888"}))
	all, err := analyst.Corrections(ctx, advert)
	must(t, err)
	if len(all) != 1 || all[0].Right != zoeklicht.Mask(right) || !all[0].Undone.IsZero() {
		t.Fatalf("%+v", all)
	}
	must(t, analyst.UndoCorrection(ctx, all[0].ID))
	expect("undone", original, time.Time{})
	must(t, analyst.Correct(ctx, id, 0, "", zoeklicht.Right{}))
	expect("taken away", removed, time.Time{})
	if s := subject(); s != string(zoeklicht.AdvertSubject(advert)) {
		t.Errorf("the subject is %s", s)
	}
	must(t, analyst.Correct(ctx, id, -1, zoeklicht.Phone, zoeklicht.Right{Value: right}))
	expect("and another found", corrected, time.Time{})
	for _, bad := range []struct {
		n     int
		kind  zoeklicht.EntityType
		right string
	}{{5, zoeklicht.Phone, ""}, {0, zoeklicht.Email, ""}, {-1, zoeklicht.Phone, ""}, {-1, zoeklicht.Phone, "06 0009 9999"}, {0, zoeklicht.Phone, wrong}, {-2, zoeklicht.Phone, right}} {
		code(t, zoeklicht.Invalid, analyst.Correct(ctx, id, bad.n, bad.kind, zoeklicht.Right{Value: bad.right}))
	}
}

// TestCardCounts holds the counts of a number's card, now and as of the past, to what going
// through everything gives.
func TestCardCounts(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.bare = true
	for _, day := range []int{0, 1, 2, 100, 101} {
		w.run(day)
	}
	analyst := th.Person("case 7", zoeklicht.Analyst)
	for _, number := range []string{"+31600011234", "+31600012345", "+31600013456"} {
		for _, at := range []time.Time{time.Date(2026, 1, 6, 13, 0, 0, 0, time.UTC), {}} {
			card, err := analyst.Number(ctx, number, []string{"+3100", number}, at)
			must(t, err)
			m, err := analyst.AsOf(ctx, at)
			must(t, err)
			want := zoeklicht.NumberCard{Value: number}
			var adverts []zoeklicht.AdvertID
			cities := map[string][]zoeklicht.AdvertID{}
			var seen []time.Time
			for _, f := range w.facts(ctx) {
				if f.seq > int64(m.Seq) || !f.phones[number] {
					continue
				}
				want.Versions++
				if !slices.Contains(adverts, f.advert) {
					adverts = append(adverts, f.advert)
				}
				if f.city != "" && !slices.Contains(cities[f.city], f.advert) {
					cities[f.city] = append(cities[f.city], f.advert)
				}
				for i, at := range f.sightings {
					if f.sightingSeqs[i] <= int64(m.Seq) {
						seen = append(seen, at)
					}
				}
			}
			slices.SortFunc(seen, time.Time.Compare)
			for i := range seen {
				if i > 0 {
					want.Gap = max(want.Gap, seen[i].Sub(seen[i-1]))
				}
			}
			got := map[string]int{}
			for _, c := range card.Places {
				got[c.Value] = c.Count
			}
			cityCounts := map[string]int{}
			for c, of := range cities {
				cityCounts[c] = len(of)
			}
			if card.Value != number || card.Versions != want.Versions || card.Adverts != len(adverts) || card.Gap != want.Gap || len(seen) == 0 ||
				!card.First.Equal(seen[0]) || !card.Last.Equal(seen[len(seen)-1]) || len(card.Newest) != len(adverts) || !cmp.Equal(got, cityCounts) {
				t.Errorf("%s as of %v: %+v\nwant %d adverts, %+v, seen %d times, places %v", number, at, card, len(adverts), want, len(seen), cityCounts)
			}
			// Online, as search has it.
			res, err := analyst.Answer(ctx, &store.Asked{
				Question: zoeklicht.Question{State: "online", Newest: true, Phone: number}, Phones: []string{number},
			}, at, 0, 1000)
			must(t, err)
			if card.Online != res.Adverts {
				t.Errorf("%s as of %v: %d online, search finds %d", number, at, card.Online, res.Adverts)
			}
		}
	}
	var object string
	nobody, err := analyst.Number(ctx, "06 0007 7777", []string{"+31600077777"}, time.Time{})
	must(t, err)
	if nobody.Adverts != 0 || !nobody.First.IsZero() || nobody.Value != "+31600077777" || len(nobody.Newest) != 0 {
		t.Errorf("%+v", nobody)
	}
	must(t, th.Owner.QueryRow(ctx, `SELECT object FROM audit WHERE act = 'number' AND count = 0 ORDER BY id DESC LIMIT 1`).Scan(&object))
	if len(object) != len("number ")+16 {
		t.Errorf("nothing found is audited as %q", object)
	}
	_, err = th.Person("", zoeklicht.Analyst).List(ctx, nil, time.Time{})
	code(t, zoeklicht.Invalid, err)
	_, err = analyst.List(ctx, make([]store.Line, store.MaxLines+1), time.Time{})
	code(t, zoeklicht.Limit, err)
}

// TestStepsUndone takes each step back, and only one's own newest.
func TestStepsUndone(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.bare = true
	w.run(0)
	must(t, w.an.RegisterSet(ctx, "rules1", nil))
	in, err := w.an.NextAssess(ctx, "rules1", 1)
	must(t, err)
	must(t, w.an.StoreAssessments(ctx, "rules1", []zoeklicht.Assessment{{Version: in[0].Version, Hits: []zoeklicht.Hit{{Indicator: "some", Weight: 1}}}}))
	one, two := th.Person("", zoeklicht.Analyst), th.Person("", zoeklicht.Analyst)
	id := in[0].Version
	undo := zoeklicht.Claim{Kind: zoeklicht.Undone}
	code(t, zoeklicht.Conflict, one.Step(ctx, id, undo)) // there is none
	where := func(by *store.Store) (out []string) {
		t.Helper()
		for _, show := range []string{"", "mine", "handed", "parked", "others", "finished"} {
			l, err := by.Leads(ctx, zoeklicht.LeadQuery{Show: show}, 1, 100)
			must(t, err)
			for _, lead := range l.Leads {
				s := fmt.Sprintf("%q handed %d", show, l.Handed)
				if c := lead.Claim; c != nil {
					s += fmt.Sprintf(" %s %d by %d until %s %q", c.Kind, c.Person, c.Giver, c.Until.Format(time.DateOnly), c.Note)
				}
				out = append(out, s)
			}
		}
		return out
	}
	l, err := one.Leads(ctx, zoeklicht.LeadQuery{}, 1, 1)
	must(t, err)
	until := l.AsOf.Add(100 * 24 * time.Hour)
	to := func(s *store.Store, note string) zoeklicht.Claim {
		return zoeklicht.Claim{Kind: zoeklicht.Handed, Person: s.Pass().Person(), Name: s.Pass().Name(), Note: note}
	}
	// Each step is taken back at once, and then taken to stay.
	for _, step := range []struct {
		by *store.Store
		c  zoeklicht.Claim
	}{
		{one, zoeklicht.Claim{Kind: zoeklicht.Parked, Until: until, Note: "waits"}},
		{one, zoeklicht.Claim{Kind: zoeklicht.Claimed}},
		{one, to(two, "for you")},
		{two, zoeklicht.Claim{Kind: zoeklicht.Finished}},
		{two, zoeklicht.Claim{Kind: zoeklicht.Released}},
	} {
		before := [2][]string{where(one), where(two)}
		must(t, step.by.Step(ctx, id, step.c))
		if cmp.Equal(before, [2][]string{where(one), where(two)}) {
			t.Errorf("%s changes nothing", step.c.Kind)
		}
		other := map[*store.Store]*store.Store{one: two, two: one}[step.by]
		code(t, zoeklicht.Conflict, other.Step(ctx, id, undo))
		must(t, step.by.Step(ctx, id, undo))
		if diff := cmp.Diff(before, [2][]string{where(one), where(two)}); diff != "" {
			t.Errorf("%s, undone (-before +after):\n%s", step.c.Kind, diff)
		}
		must(t, step.by.Step(ctx, id, step.c))
	}
}

// TestReports: everybody may report; who may answer sees all, others their own.
func TestReports(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	one, two, operator := th.Person("", zoeklicht.Analyst), th.Person("", zoeklicht.Auditor), th.Person("", zoeklicht.Operator)
	must(t, one.Report(ctx, "/search", "the count is wrong"))
	must(t, two.Report(ctx, "/audit", "a row is missing"))
	code(t, zoeklicht.Invalid, one.Report(ctx, "/search", ""))
	of := func(by *store.Store) (out []string) {
		all, err := by.Reports(ctx)
		must(t, err)
		for _, r := range all {
			out = append(out, fmt.Sprintf("%s %s %s", r.Text, r.State, r.Answer))
		}
		return out
	}
	all, err := operator.Reports(ctx)
	must(t, err)
	must(t, operator.AnswerReport(ctx, all[1].ID, zoeklicht.TroubleSeen, ""))
	must(t, operator.AnswerReport(ctx, all[1].ID, zoeklicht.TroubleMended, "counted again"))
	code(t, zoeklicht.Denied, one.AnswerReport(ctx, all[1].ID, zoeklicht.TroubleMended, ""))
	code(t, zoeklicht.Invalid, operator.AnswerReport(ctx, all[1].ID, zoeklicht.TroubleNew, ""))
	code(t, zoeklicht.NotFound, operator.AnswerReport(ctx, 99, zoeklicht.TroubleSeen, ""))
	for _, c := range []struct {
		by   *store.Store
		want []string
	}{
		{one, []string{"the count is wrong mended counted again"}},
		{two, []string{"a row is missing new "}},
		{operator, []string{"a row is missing new ", "the count is wrong mended counted again"}},
	} {
		if diff := cmp.Diff(c.want, of(c.by)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// TestWanted walks pages that were asked for through the collecting process.
func TestWanted(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(0)
	analyst, colleague := th.Person("", zoeklicht.Analyst), th.Person("", zoeklicht.Analyst)
	uncovered, err := analyst.Want(ctx, "http://elsewhere/1", "")
	must(t, err)
	first, err := analyst.Want(ctx, "http://s/new", "s")
	must(t, err)
	second, err := analyst.Want(ctx, "http://s/ad/1", "s")
	must(t, err)
	_, err = colleague.Wanted(ctx, first.ID)
	code(t, zoeklicht.NotFound, err)
	next := func(want *zoeklicht.Wanted, lease time.Duration) {
		t.Helper()
		got, err := w.tech.NextWanted(ctx, lease)
		must(t, err)
		switch {
		case want == nil && got != nil, want != nil && got == nil:
			t.Fatalf("got %+v, want %+v", got, want)
		case want != nil && (got.ID != want.ID || got.URL != want.URL || got.Source != want.Source || got.Taken.IsZero()):
			t.Fatalf("got %+v, want %+v", got, want)
		}
	}
	next(first, -time.Second) // its lease is over at once
	next(first, time.Hour)
	next(second, time.Hour)
	next(nil, time.Hour)
	capture := w.id()
	must(t, w.tech.EndWanted(ctx, first.ID, capture, "", ""))
	must(t, w.tech.EndWanted(ctx, second.ID, zoeklicht.CaptureID{}, zoeklicht.FailTimeout, "nothing came"))
	for id, want := range map[int64]zoeklicht.Wanted{
		uncovered.ID: {},
		first.ID:     {Capture: capture},
		second.ID:    {Failure: zoeklicht.FailTimeout, Detail: "nothing came"},
	} {
		got, err := analyst.Wanted(ctx, id)
		must(t, err)
		if got.Done.IsZero() != (id == uncovered.ID) || got.Capture != want.Capture || got.Failure != want.Failure || got.Detail != want.Detail {
			t.Errorf("%+v", got)
		}
		if (got.Advert != 0) != (id == second.ID) {
			t.Errorf("%s shows advert %d", got.URL, got.Advert)
		}
	}
	_, err = th.Person("", zoeklicht.Auditor).Want(ctx, "http://s/new", "s")
	code(t, zoeklicht.Denied, err)
	if _, err := w.tech.Wanted(ctx, first.ID); zoeklicht.CodeOf(err) != zoeklicht.Denied {
		t.Errorf("the process reads what people asked for: %v", err)
	}
}

// TestClaimTogether: of several who reach for one subject at once, one gets it.
func TestClaimTogether(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(0)
	id, _ := w.pick("true")
	const people = 6
	errs := make(chan error, people)
	for range people {
		by := th.Person("", zoeklicht.Analyst)
		go func() { errs <- by.Step(ctx, id, zoeklicht.Claim{Kind: zoeklicht.Claimed}) }()
	}
	got := map[zoeklicht.Code]int{}
	for range people {
		got[zoeklicht.CodeOf(<-errs)]++
	}
	if diff := cmp.Diff(map[zoeklicht.Code]int{"": 1, zoeklicht.Conflict: people - 1}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
