package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/search"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/storetest"

	"github.com/google/go-cmp/cmp"
)

// mark puts a word into every version of an advert, wherever words stand.
func (w *world) mark(advert zoeklicht.AdvertID, word string) {
	w.t.Helper()
	for _, sql := range []string{
		`UPDATE version SET title = title || ' ' || $1, body = body || ' ' || $1, folded = folded || ' ' || $1, price = $1, place = $1, url = url || '/' || $1,
			fields = jsonb_build_array(jsonb_build_object('name', 'name', 'value', $1::text, 'from', '')) WHERE advert = $2`,
		`UPDATE entity SET raw = 'raw ' || $1, value = '+31600077777' WHERE version IN (SELECT id FROM version WHERE advert = $2) AND $1 <> ''`,
		`UPDATE advert SET canonical = canonical || '/' || $1 WHERE id = $2`,
	} {
		if _, err := w.th.Owner.Exec(w.t.Context(), sql, word, advert); err != nil {
			w.t.Fatal(err)
		}
	}
	must(w.t, w.an.Rebuild(w.t.Context()))
}

// changing gives an advert with several versions and a picture, and its versions, oldest
// first.
func (w *world) changing() (advert zoeklicht.AdvertID, ids []zoeklicht.VersionID) {
	w.t.Helper()
	must(w.t, w.th.Owner.QueryRow(w.t.Context(), `
		SELECT v.advert, array_agg(v.id ORDER BY v.n) FROM version v JOIN current_advert c ON c.advert = v.advert AND c.gone_at IS NULL
		WHERE EXISTS (SELECT 1 FROM version_picture p WHERE p.version = v.id AND p.picture <> 0)
		GROUP BY v.advert HAVING count(*) > 1 ORDER BY count(*) DESC, v.advert LIMIT 1`).Scan(&advert, &ids))
	return advert, ids
}

// TestSealedWhole: what cannot wait takes the whole advert, whichever of its versions was on
// the screen and whatever scope was asked for, and what comes of it later.
func TestSealedWhole(t *testing.T) {
	t.Parallel()
	for _, why := range []zoeklicht.SealReason{zoeklicht.SealMinor, zoeklicht.SealAbuse} {
		t.Run(string(why), func(t *testing.T) {
			t.Parallel()
			th, ctx := storetest.New(t), t.Context()
			w := newWorld(t, th)
			w.pictures = true
			for day := range 4 {
				w.run(day)
			}
			w.assess("rules1", 50)
			analyst, duty := th.Person("case 7", zoeklicht.Analyst), th.Person("case 8", zoeklicht.Specialist)
			const canary = "zilverreiger"
			advert, ids := w.changing()
			w.mark(advert, canary)
			engine := search.New(search.Config{})
			before, err := engine.Ask(ctx, analyst, zoeklicht.Question{Text: canary}, time.Time{}, 0, 10)
			must(t, err)
			then, _, err := analyst.Now(ctx)
			must(t, err)
			if before.Versions != len(ids) {
				t.Fatalf("%d versions have the word, %d were marked", before.Versions, len(ids))
			}
			made, err := analyst.Seal(ctx, ids[0], why, zoeklicht.SealVersion)
			must(t, err)
			if made.Scope != zoeklicht.SealAdvert || made.Versions != len(ids) || made.Later != 0 || len(made.Pictures) == 0 {
				t.Errorf("sealed: %+v, of %d versions", made, len(ids))
			}
			shut := func(when string) {
				t.Helper()
				for _, id := range ids {
					if found := leaks(t, []string{canary, "31600077777"}, everythingShown(t, duty, id, advert)...); len(found) > 0 {
						t.Errorf("%s: %d leaks, the first: %s", when, len(found), found[0])
					}
					_, err := analyst.Reveal(ctx, id)
					code(t, zoeklicht.NotFound, err)
				}
				for _, at := range []time.Time{{}, then} {
					res, err := engine.Ask(ctx, analyst, zoeklicht.Question{Text: canary, Lang: "nl", To: "2026-02-28"}, at, 0, 10)
					must(t, err)
					card, err := analyst.Number(ctx, "", []string{"+31600077777"}, at)
					must(t, err)
					if res.Versions+card.Versions != 0 {
						t.Errorf("%s, as of %v: found %d times, its number %d times", when, at, res.Versions, card.Versions)
					}
				}
				a, err := analyst.Advert(ctx, advert, 1<<40)
				must(t, err)
				for _, v := range a.Versions {
					if !v.Sealed || v.Title+v.Body+v.URL+v.Place+v.Price != "" || len(v.Fields)+len(v.Entities)+len(v.Pictures) > 0 {
						t.Errorf("%s: version %d is open", when, v.N)
					}
				}
				if a.Key+a.Canonical != "" {
					t.Errorf("%s: the advert has an address", when)
				}
				if counts := dump(t, th); !slices.Equal(counts, w.rebuilt()) {
					t.Errorf("%s: rebuilding changes the projections", when)
				}
				for _, run := range w.runs() {
					if _, left := w.exported(duty, run); slices.ContainsFunc(left, w.shows(advert)) {
						t.Errorf("%s: captures of it leave with run %d", when, run)
					}
				}
			}
			shut("at once")
			kept, err := engine.Again(ctx, analyst, before.ID, 0, 10)
			must(t, err)
			if kept.Sealed != len(kept.Rows) || kept.Sealed == 0 {
				t.Errorf("the result from before says %d of %d are sealed", kept.Sealed, len(kept.Rows))
			}

			// Later versions are shut when they become known.
			old := len(ids)
			for day := 4; len(ids) == old && day < 40; day++ {
				w.run(day)
				must(t, th.Owner.QueryRow(ctx, `SELECT array_agg(id ORDER BY n) FROM version WHERE advert = $1`, advert).Scan(&ids))
			}
			if len(ids) == old {
				t.Fatal("no later version: the test shows nothing")
			}
			then, _, err = analyst.Now(ctx)
			must(t, err)
			shut("later")
			all, err := duty.Seals(ctx)
			must(t, err)
			if len(all) != 1 || all[0].Versions != len(ids) || all[0].Later != len(ids)-old {
				t.Errorf("the lane: %+v", all)
			}
			var told, people int
			must(t, th.Owner.QueryRow(ctx, `SELECT coalesce(sum(count), 0), count(*) FILTER (WHERE person > 0) FROM audit WHERE act = 'seal-arrived' AND object = $1`,
				fmt.Sprintf("advert %d", advert)).Scan(&told, &people))
			if told != len(ids)-old || people != 0 {
				t.Errorf("the trail tells of %d versions that arrived, %d times of a person", told, people)
			}
			must(t, w.an.EachInput(ctx, func(in store.AssessInput) error {
				if in.Advert == advert {
					t.Errorf("indicators look at version %d", in.Version)
				}
				return nil
			}))
		})
	}
}

// rebuilt gives the projections made anew.
func (w *world) rebuilt() []string {
	w.t.Helper()
	must(w.t, w.an.Rebuild(w.t.Context()))
	return dump(w.t, w.th)
}

// runs gives all runs.
func (w *world) runs() (out []int64) {
	w.t.Helper()
	must(w.t, w.th.Owner.QueryRow(w.t.Context(), `SELECT array_agg(id) FROM run`).Scan(&out))
	return out
}

// shows tells which captures show an advert.
func (w *world) shows(advert zoeklicht.AdvertID) func(zoeklicht.CaptureID) bool {
	w.t.Helper()
	var ids []zoeklicht.CaptureID
	must(w.t, w.th.Owner.QueryRow(w.t.Context(), `SELECT array_agg(id) FROM capture WHERE shows(id, $1)`, advert).Scan(&ids))
	return func(id zoeklicht.CaptureID) bool { return slices.Contains(ids, id) }
}

// TestSealScope: for another reason the reader chooses, and what covers more may follow.
func TestSealScope(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.pictures = true
	for day := range 4 {
		w.run(day)
	}
	analyst, duty := th.Person("case 7", zoeklicht.Analyst), th.Person("", zoeklicht.Specialist)
	advert, ids := w.changing()
	open := func() (out []zoeklicht.VersionID) {
		t.Helper()
		a, err := analyst.Advert(ctx, advert, 1<<40)
		must(t, err)
		for _, v := range a.Versions {
			if !v.Sealed {
				out = append(out, v.ID)
			}
		}
		slices.Sort(out)
		return out
	}
	_, err := analyst.Seal(ctx, ids[0], zoeklicht.SealOther, "")
	code(t, zoeklicht.Invalid, err)
	_, err = analyst.Seal(ctx, 1<<40, zoeklicht.SealMinor, zoeklicht.SealAdvert)
	code(t, zoeklicht.NotFound, err)
	one, err := analyst.Seal(ctx, ids[0], zoeklicht.SealOther, zoeklicht.SealVersion)
	must(t, err)
	if diff := cmp.Diff(ids[1:], open()); diff != "" || one.Scope != zoeklicht.SealVersion || one.Versions != 1 {
		t.Errorf("one version: %+v, open (-want +got):\n%s", one, diff)
	}
	whole, err := analyst.Seal(ctx, ids[0], zoeklicht.SealOther, zoeklicht.SealAdvert)
	must(t, err)
	if len(open()) > 0 || whole.ID == one.ID || whole.Versions != len(ids) {
		t.Errorf("the whole: %+v, open %v", whole, open())
	}
	same, err := analyst.Seal(ctx, ids[1], zoeklicht.SealOther, zoeklicht.SealVersion)
	must(t, err)
	if same.ID != whole.ID {
		t.Errorf("covered already, and sealed anew: %+v", same)
	}
	// Sealed for another reason by mistake: the duty role is told all the same.
	urgent, err := analyst.Seal(ctx, ids[1], zoeklicht.SealAbuse, zoeklicht.SealVersion)
	must(t, err)
	all, err := duty.Seals(ctx)
	must(t, err)
	if len(all) != 3 || all[0].ID != urgent.ID || urgent.Scope != zoeklicht.SealAdvert {
		t.Errorf("the lane: %+v", all)
	}
	if diff := cmp.Diff(w.rebuilt(), dump(t, th)); diff != "" {
		t.Errorf("rebuilding changes the projections:\n%s", diff)
	}
}

// TestSealsOfOlderPrograms: what was sealed as one version, for a reason that cannot wait,
// is sealed as a whole once this program has the database.
func TestSealsOfOlderPrograms(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.pictures = true
	for day := range 4 {
		w.run(day)
	}
	advert, ids := w.changing()
	if _, err := th.Owner.Exec(ctx, `
		INSERT INTO seal (seq, version, advert, capture, why, person, name, at) SELECT 1000, id, advert, capture, 'abuse', 1, 'A', now() FROM version WHERE id = $1`, ids[0]); err != nil {
		t.Fatal(err)
	}
	must(t, store.ApplyGrants(ctx, th.Owner, "practice"))
	a, err := th.Person("", zoeklicht.Analyst).Advert(ctx, advert, 1<<40)
	must(t, err)
	for _, v := range a.Versions {
		if !v.Sealed {
			t.Errorf("version %d is open", v.N)
		}
	}
	if diff := cmp.Diff(w.rebuilt(), dump(t, th)); diff != "" {
		t.Errorf("rebuilding changes the projections:\n%s", diff)
	}
}

// TestPictureArrivesSealed: a picture that comes with a sighting of a sealed advert is sealed
// with it, though the version is an old one.
func TestPictureArrivesSealed(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(0)
	w.run(1)
	analyst := th.Person("case 7", zoeklicht.Analyst)
	id, advert := w.pick(`v.url = 'http://s/ad/4' OR v.url = 'http://s/ad/10'`)
	made, err := analyst.Seal(ctx, id, zoeklicht.SealAbuse, zoeklicht.SealAdvert)
	must(t, err)
	if len(made.Pictures) != 0 {
		t.Fatal("it has pictures: the test shows nothing")
	}
	w.pictures = true
	for day := 2; day < 12; day++ {
		w.run(day)
	}
	var elsewhere []zoeklicht.VersionID
	must(t, th.Owner.QueryRow(ctx, `
		SELECT array_agg(DISTINCT q.version) FROM version_picture p JOIN version_picture q ON q.picture = p.picture JOIN version v ON v.id = q.version
		WHERE p.picture <> 0 AND v.advert <> $1 AND p.version IN (SELECT id FROM version WHERE advert = $1)`, advert).Scan(&elsewhere))
	if len(elsewhere) == 0 {
		t.Fatal("the pictures are nowhere else: the test shows nothing")
	}
	for _, v := range elsewhere {
		_, _, err := analyst.ShownPicture(ctx, v, 0)
		code(t, zoeklicht.NotFound, err)
	}
}
