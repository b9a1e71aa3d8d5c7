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

// headedBy is what a version is known by, as each screen gets it.
type headedBy struct {
	Place, Municipality, Unit, Price string // advert and result
	InPlaces, InUnits                []string
	CardPlaces                       []string
	LeadUnit, LeadPlace              string // "" where it is as of the past: the worklist is of now
}

// TestCorrectedPlace: a corrected place and price are what the version is known by from then
// on, everywhere; before, and once that is undone, it is known by what its page has. What is
// stored is never touched.
func TestCorrectedPlace(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(0)
	w.assess("rules1", 60)
	analyst := th.Person("case 7", zoeklicht.Analyst)
	// The only advert of its number, in Utrecht.
	id, advert := w.pick(`v.municipality = 'GM0344' AND v.place = 'Utrecht'`)
	const number = "+31600077001"
	for _, sql := range []string{
		`UPDATE entity SET value = '` + number + `' WHERE version = $1`,
		`INSERT INTO entity SELECT id, seq, 'place', 'GM0344', 'Utrecht', 0, 0, false, true FROM version WHERE id = $1`,
		`INSERT INTO entity SELECT id, seq, 'price', 'EUR 150', '150 euro', 0, 0, false, true FROM version WHERE id = $1`,
		`UPDATE version SET price = 'from 150 euro, or 280 euro' WHERE id = $1`,
		`UPDATE assessment SET score = 5 WHERE version = $1`,
	} {
		if _, err := th.Owner.Exec(ctx, sql, id); err != nil {
			t.Fatal(err)
		}
	}
	must(t, w.an.Rebuild(ctx))
	stored := func() (s string) {
		must(t, th.Owner.QueryRow(ctx, `SELECT v::text || (SELECT string_agg(e::text, '' ORDER BY e::text) FROM entity e WHERE e.version = v.id) FROM version v WHERE id = $1`, id).Scan(&s))
		return s
	}
	find := func(t zoeklicht.EntityType) int {
		v, err := analyst.Reveal(ctx, id)
		must(w.t, err)
		return slices.IndexFunc(v.Entities, func(e zoeklicht.Entity) bool { return e.Type == t })
	}
	known := func(at time.Time) (k headedBy) {
		t.Helper()
		m, err := analyst.AsOf(ctx, at)
		must(t, err)
		a, err := analyst.Advert(ctx, advert, m.Seq)
		must(t, err)
		v := a.Versions[0]
		k.Place, k.Municipality, k.Unit, k.Price = v.Place, v.Municipality, v.Unit, v.Price
		for _, q := range []struct {
			into *[]string
			ask  func(value string) zoeklicht.Question
			of   []string
		}{
			{&k.InPlaces, func(s string) zoeklicht.Question { return zoeklicht.Question{Place: s} }, []string{"Utrecht", "Zwolle"}},
			{&k.InUnits, func(s string) zoeklicht.Question { return zoeklicht.Question{Unit: s} }, []string{"midden-nederland", "oost-nederland"}},
		} {
			for _, value := range q.of {
				res, err := analyst.Answer(ctx, &store.Asked{Question: q.ask(value)}, at, 0, 1000)
				must(t, err)
				at := slices.IndexFunc(res.Rows, func(r zoeklicht.Row) bool { return r.Version.ID == id })
				if at >= 0 {
					*q.into = append(*q.into, value)
					if got := res.Rows[at].Version; got.Place != v.Place || got.Unit != v.Unit {
						t.Errorf("a result has it in %s, its page in %s", got.Place, v.Place)
					}
					if res.Question.Unit != "" && !cmp.Equal(res.Units, []zoeklicht.Counted{{Value: value, Count: res.Versions}}) {
						t.Errorf("found in unit %s: %v", value, res.Units)
					}
				}
			}
		}
		card, err := analyst.Number(ctx, number, []string{number}, at)
		must(t, err)
		for _, c := range append(card.Places, card.Units...) {
			k.CardPlaces = append(k.CardPlaces, c.Value)
		}
		if at.IsZero() {
			for _, unit := range []string{"midden-nederland", "oost-nederland"} {
				list, err := analyst.Leads(ctx, zoeklicht.LeadQuery{Unit: unit}, 1, 1000)
				must(t, err)
				for _, l := range list.Leads {
					if l.Version == id {
						k.LeadUnit, k.LeadPlace = l.Unit, l.Place
					}
				}
			}
		}
		return k
	}
	facet := func() (f map[string]int) {
		t.Helper()
		all, err := analyst.Facets(ctx, time.Time{})
		must(t, err)
		f = map[string]int{}
		for _, one := range append(all.Places, all.Units...) {
			f[one.Value] = one.Count
		}
		return f
	}
	utrecht := headedBy{
		Place: "Utrecht", Municipality: "GM0344", Unit: "midden-nederland", Price: "from 150 euro, or 280 euro",
		InPlaces: []string{"Utrecht"}, InUnits: []string{"midden-nederland"}, CardPlaces: []string{"GM0344", "midden-nederland"},
		LeadUnit: "midden-nederland", LeadPlace: "GM0344",
	}
	zwolle := headedBy{
		Place: "Zwolle", Municipality: "GM0193", Unit: "oost-nederland", Price: "from 100 euro, or 280 euro",
		InPlaces: []string{"Zwolle"}, InUnits: []string{"oost-nederland"}, CardPlaces: []string{"GM0193", "oost-nederland"},
		LeadUnit: "oost-nederland", LeadPlace: "GM0193",
	}
	past := func(k headedBy) headedBy { k.LeadUnit, k.LeadPlace = "", ""; return k }
	expect := func(when string, want headedBy, at time.Time) {
		t.Helper()
		if diff := cmp.Diff(want, known(at)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
		if diff := cmp.Diff(dump(t, th), w.rebuilt()); diff != "" {
			t.Errorf("%s: rebuilding changes the projections (-kept up +rebuilt):\n%s", when, diff)
		}
	}
	was, counts, before := stored(), facet(), th.Clock.T
	expect("as found", utrecht, time.Time{})
	th.Clock.T = th.Clock.T.Add(time.Minute)
	right := zoeklicht.Right{Value: "GM0193", Wording: "Zwolle", Municipality: "GM0193", Unit: "oost-nederland"}
	must(t, analyst.Correct(ctx, id, find(zoeklicht.PlaceName), zoeklicht.PlaceName, right))
	must(t, analyst.Correct(ctx, id, find(zoeklicht.Price), zoeklicht.Price, zoeklicht.Right{Value: "EUR 100", Wording: "100 euro"}))
	then := th.Clock.T
	expect("corrected", zwolle, time.Time{})
	expect("as of before", past(utrecht), before)
	if f := facet(); f["Utrecht"] != counts["Utrecht"]-1 || f["Zwolle"] != counts["Zwolle"]+1 || f["oost-nederland"] != counts["oost-nederland"]+1 {
		t.Errorf("counts before %v, after %v", counts, f)
	}
	left, _, err := th.Person("case 9", zoeklicht.Specialist).Leave(ctx, []zoeklicht.VersionID{id}, time.Time{}, false)
	must(t, err)
	if v := left[0].Version; v.Place != "Utrecht" || v.Unit != "midden-nederland" || v.Price != utrecht.Price {
		t.Errorf("what leaves is not as its page has it: %s, %s, %s", v.Place, v.Unit, v.Price)
	}
	all, err := analyst.Corrections(ctx, advert)
	must(t, err)
	th.Clock.T = th.Clock.T.Add(time.Minute)
	for _, c := range all {
		if !c.Heads {
			t.Errorf("the correction does not head: %+v", c)
		}
		must(t, analyst.UndoCorrection(ctx, c.ID))
	}
	expect("undone", utrecht, time.Time{})
	expect("as of while it stood", past(zwolle), then)
	if f := facet(); !cmp.Equal(counts, f) {
		t.Errorf("counts before %v, undone %v", counts, f)
	}
	// That it is nowhere, and then that it is somewhere after all.
	must(t, analyst.Correct(ctx, id, find(zoeklicht.PlaceName), zoeklicht.PlaceName, zoeklicht.Right{}))
	if k := known(time.Time{}); k.Place+k.Municipality+k.Unit+k.LeadUnit+k.LeadPlace != "" || len(k.InPlaces)+len(k.InUnits)+len(k.CardPlaces) > 0 {
		t.Errorf("taken away: %+v", k)
	}
	must(t, analyst.Correct(ctx, id, -1, zoeklicht.PlaceName, right))
	zwolle.Price = utrecht.Price
	expect("missed", zwolle, time.Time{})
	if stored() != was {
		t.Error("what was stored changed")
	}
}

// TestCorrectionOfAnother: a place that stands somewhere in the text is corrected, and the
// version is known by its own all the same.
func TestCorrectionOfAnother(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(0)
	analyst := th.Person("case 7", zoeklicht.Analyst)
	id, advert := w.pick(`v.municipality = 'GM0344' AND v.place = 'Utrecht'`)
	if _, err := th.Owner.Exec(ctx, `INSERT INTO entity SELECT id, seq, 'place', 'GM0228', 'Ede', 3, 6, false, true FROM version WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	right := zoeklicht.Right{Value: "GM0193", Wording: "Zwolle", Municipality: "GM0193", Unit: "oost-nederland"}
	must(t, analyst.Correct(ctx, id, 0, zoeklicht.PlaceName, right))
	must(t, analyst.Correct(ctx, id, -1, zoeklicht.PlaceName, right))
	a, err := analyst.Advert(ctx, advert, 1<<40)
	must(t, err)
	if v := a.Versions[0]; v.Place != "Utrecht" || v.Unit != "midden-nederland" {
		t.Errorf("known by %s in %s", v.Place, v.Unit)
	}
}

// TestCorrectionForms: what is right has the form of its type.
func TestCorrectionForms(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(0)
	analyst := th.Person("case 7", zoeklicht.Analyst)
	id, _ := w.pick(`true`)
	for kind, values := range map[zoeklicht.EntityType]struct{ good, bad []string }{
		zoeklicht.Phone:        {[]string{"+31600012399"}, []string{"06 0001 032", "+0600012345", "31600012345", "+3160001234567890"}},
		zoeklicht.Email:        {[]string{"a@example.org"}, []string{"a", "a@", "@example.org", "a b@example.org"}},
		zoeklicht.Link:         {[]string{"https://example.org/"}, []string{"example.org", "https://a b"}},
		zoeklicht.Handle:       {[]string{"telegram:anna", ":anna"}, []string{"anna", "telegram:"}},
		zoeklicht.Price:        {[]string{"EUR 150", "EUR 150/60min", "EUR 12.50"}, []string{"150", "EUR", "EUR -5", "EUR 150/uur", "EUR 150/0min"}},
		zoeklicht.Age:          {[]string{"24", "9"}, []string{"-5", "0", "130", "24 jaar", "abc"}},
		zoeklicht.PlaceName:    {[]string{"GM0193", "GM0193|GM0344"}, []string{"Zwolle", "GM019", "GM0193|"}},
		zoeklicht.Availability: {[]string{"24/7"}, nil},
	} {
		for _, v := range values.bad {
			if err := analyst.Correct(ctx, id, -1, kind, zoeklicht.Right{Value: v}); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
				t.Errorf("%s %q: %v", kind, v, err)
			}
		}
		for _, v := range values.good {
			if err := analyst.Correct(ctx, id, -1, kind, zoeklicht.Right{Value: v}); err != nil {
				t.Errorf("%s %q: %v", kind, v, err)
			}
		}
	}
	var n int
	must(t, th.Owner.QueryRow(ctx, `SELECT count(*) FROM correction`).Scan(&n))
	if n != 13 {
		t.Error(fmt.Sprint(n, " corrections were kept"))
	}
}

// TestCorrectionCases gives what stands, in the clear, with its text; nothing of what was
// undone or sealed.
func TestCorrectionCases(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(0)
	analyst := th.Person("case 7", zoeklicht.Analyst)
	for id := zoeklicht.VersionID(1); id <= 3; id++ {
		must(t, analyst.Correct(ctx, id, 0, zoeklicht.Phone, zoeklicht.Right{Value: "+31600099999"}))
	}
	must(t, analyst.UndoCorrection(ctx, 2))
	_, err := analyst.Seal(ctx, 3, zoeklicht.SealMinor, zoeklicht.SealAdvert)
	must(t, err)
	all, err := analyst.CorrectionCases(ctx)
	must(t, err)
	if len(all) != 1 || all[0].Correction.Version != 1 || all[0].Correction.Right != "+31600099999" {
		t.Fatalf("%+v", all)
	}
	if e := all[0].Correction.Entity; all[0].Text[e.Start:e.End] != e.Raw {
		t.Errorf("%q stands at %d-%d of %q", e.Raw, e.Start, e.End, all[0].Text)
	}
	_, err = th.Person("", zoeklicht.SourceManager).CorrectionCases(ctx)
	code(t, zoeklicht.Denied, err)
}
