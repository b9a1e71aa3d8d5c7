package store_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/search"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/storetest"

	"github.com/google/go-cmp/cmp"
)

// say lets people classify, correct and undo at random.
func (w *world) say(people ...*store.Store) {
	t, ctx := w.t, w.t.Context()
	t.Helper()
	var newest, answers, corrections int64
	must(t, w.th.Owner.QueryRow(ctx, `SELECT (SELECT max(id) FROM version), (SELECT coalesce(max(id), 0) FROM feedback), (SELECT coalesce(max(id), 0) FROM correction)`).
		Scan(&newest, &answers, &corrections))
	for range 12 {
		by, id := people[w.rand.IntN(len(people))], zoeklicht.VersionID(1+w.rand.Int64N(newest))
		switch w.rand.IntN(4) {
		case 0, 1:
			if _, err := by.Classify(ctx, id, zoeklicht.Answers[w.rand.IntN(3)], "as seen"); err != nil && zoeklicht.CodeOf(err) != zoeklicht.NotFound {
				t.Fatal(err)
			}
		case 2:
			n, kind, right := 0, zoeklicht.Phone, zoeklicht.Right{Value: []string{"", "+31600099999", "+31600011234"}[w.rand.IntN(3)]}
			if w.rand.IntN(2) == 0 { // heads where the page leaves open where it is
				n, kind = -1, zoeklicht.PlaceName
				right = zoeklicht.Right{Value: "GM0193", Wording: "Zwolle", Municipality: "GM0193", Unit: "oost-nederland"}
			}
			switch err := by.Correct(ctx, id, n, kind, right); zoeklicht.CodeOf(err) {
			case "", zoeklicht.Conflict, zoeklicht.Invalid, zoeklicht.NotFound:
			default:
				t.Fatal(err)
			}
		case 3:
			if corrections > 0 && w.rand.IntN(2) == 0 {
				must(t, by.UndoCorrection(ctx, 1+w.rand.Int64N(corrections)))
			} else if answers > 0 {
				if err := by.UndoClassify(ctx, 1+w.rand.Int64N(answers)); err != nil && zoeklicht.CodeOf(err) != zoeklicht.NotFound {
					t.Fatal(err)
				}
			}
		}
	}
}

// steps lets people take, park, finish and release some of what is there.
func (w *world) steps(people ...*store.Store) {
	t, ctx := w.t, w.t.Context()
	t.Helper()
	var newest int64
	must(t, w.th.Owner.QueryRow(ctx, `SELECT max(id) FROM version`).Scan(&newest))
	kinds := []zoeklicht.ClaimKind{zoeklicht.Claimed, zoeklicht.Parked, zoeklicht.Finished, zoeklicht.Released}
	for range 4 {
		by, id := people[w.rand.IntN(len(people))], zoeklicht.VersionID(1+w.rand.Int64N(newest))
		c := zoeklicht.Claim{Kind: kinds[w.rand.IntN(len(kinds))], Until: w.th.Clock.T.Add(36 * time.Hour)}
		switch err := by.Step(ctx, id, c); zoeklicht.CodeOf(err) {
		case "", zoeklicht.Conflict, zoeklicht.NotFound:
		default:
			t.Fatal(err)
		}
	}
}

// pick gives the newest version that a condition holds for, and its advert.
func (w *world) pick(where string) (id zoeklicht.VersionID, advert zoeklicht.AdvertID) {
	w.t.Helper()
	must(w.t, w.th.Owner.QueryRow(w.t.Context(), `SELECT v.id, v.advert FROM version v WHERE `+where+` ORDER BY v.id DESC LIMIT 1`).Scan(&id, &advert))
	return id, advert
}

func code(t *testing.T, want zoeklicht.Code, err error) {
	t.Helper()
	if got := zoeklicht.CodeOf(err); got != want {
		t.Errorf("got %v, want code %q", err, want)
	}
}

// TestBlind: what others answered is withheld until one's own answer stands.
func TestBlind(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(0)
	one, two := th.Person("", zoeklicht.Analyst), th.Person("", zoeklicht.Specialist)
	id, advert := w.pick("true")
	first, err := one.Classify(ctx, id, zoeklicht.Unclear, "first thought")
	must(t, err)
	second, err := one.Classify(ctx, id, zoeklicht.Yes, "plural voice")
	must(t, err)
	seen := func(by *store.Store) []string {
		t.Helper()
		all, err := by.Classified(ctx, advert)
		must(t, err)
		var out []string
		for _, f := range all {
			out = append(out, string(f.Answer)+":"+f.Reason)
		}
		return out
	}
	expect := func(when string, by *store.Store, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, seen(by)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	expect("to its author", one, "yes:plural voice")
	expect("to a colleague", two, ":")
	own, err := two.Classify(ctx, id, zoeklicht.No, "usual")
	must(t, err)
	expect("to a colleague who answered", two, "yes:plural voice", "no:usual")
	code(t, zoeklicht.NotFound, one.UndoClassify(ctx, own.ID))
	must(t, two.UndoClassify(ctx, own.ID))
	expect("to a colleague who took it back", two, ":")
	must(t, one.UndoClassify(ctx, second.ID))
	expect("after an undo the answer before it stands", one, "unclear:first thought")
	must(t, one.UndoClassify(ctx, first.ID))
	must(t, one.UndoClassify(ctx, first.ID))
	expect("after all were undone", one)
	_, err = one.Classify(ctx, id, "perhaps", "")
	code(t, zoeklicht.Invalid, err)
	_, err = one.Classify(ctx, 1<<40, zoeklicht.No, "")
	code(t, zoeklicht.NotFound, err)
	_, err = th.Person("", zoeklicht.Operator).Classify(ctx, id, zoeklicht.No, "")
	code(t, zoeklicht.Denied, err)
}

// TestFilterIsBlind: who asks for versions by what people answered learns no more of others'
// answers than Classified gives: nothing of a version that they did not answer, now and as
// of the past, in rows and counts, and not from a colleague's result either.
func TestFilterIsBlind(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(0)
	one, two := th.Person("", zoeklicht.Analyst), th.Person("", zoeklicht.Analyst)
	engine := search.New(search.Config{})
	ask := func(by *store.Store, feedback string, at time.Time) *zoeklicht.Result {
		t.Helper()
		res, err := engine.Ask(ctx, by, zoeklicht.Question{Feedback: feedback}, at, 0, 1000)
		must(t, err)
		n := 0
		for _, u := range res.Days {
			n += u.Count
		}
		if res.Versions != n || res.Adverts != len(res.Rows) {
			t.Errorf("%q: %d versions, %d by day; %d adverts, %d rows", feedback, res.Versions, n, res.Adverts, len(res.Rows))
		}
		return res
	}
	all := ask(two, "", time.Time{}).Versions
	id, _ := w.pick("true")
	// expect tells how many versions the reader finds with yes, no and unclear; the rest
	// but own are those without.
	expect := func(when string, by *store.Store, at time.Time, own, yes, no int) {
		t.Helper()
		got := []int{ask(by, "yes", at).Versions, ask(by, "no", at).Versions, ask(by, "unclear", at).Versions, ask(by, "none", at).Versions}
		if diff := cmp.Diff([]int{yes, no, 0, all - own}, got); diff != "" {
			t.Errorf("%s: yes, no, unclear, none (-want +got):\n%s", when, diff)
		}
	}
	tick := func() time.Time {
		now := th.Clock.T
		th.Clock.T = now.Add(time.Minute)
		return now
	}
	tick()
	_, err := one.Classify(ctx, id, zoeklicht.Yes, "")
	must(t, err)
	before := tick()
	expect("to its author", one, time.Time{}, 1, 1, 0)
	expect("to a colleague", two, time.Time{}, 0, 0, 0)
	own, err := two.Classify(ctx, id, zoeklicht.No, "")
	must(t, err)
	between := tick()
	expect("to a colleague who answered", two, time.Time{}, 1, 1, 1)
	expect("to them, as of before they did", two, before, 0, 0, 0)
	must(t, two.UndoClassify(ctx, own.ID))
	expect("to a colleague who took it back", two, time.Time{}, 0, 0, 0)
	expect("to them, as of before they did", two, between, 1, 1, 1)

	theirs := ask(one, "yes", time.Time{})
	if mine := ask(two, "yes", time.Time{}); mine.ID == theirs.ID {
		t.Errorf("both readers' answers are the result %s", mine.ID)
	}
	_, err = engine.Again(ctx, two, theirs.ID, 0, 10)
	code(t, zoeklicht.Denied, err)
	again, err := engine.Again(ctx, one, theirs.ID, 0, 10)
	must(t, err)
	if again.Versions != 1 {
		t.Errorf("its own reader finds %d versions again", again.Versions)
	}
	shared := ask(one, "", time.Time{})
	_, err = engine.Again(ctx, two, shared.ID, 0, 10)
	must(t, err)
}

// TestNames: the newest name is a version's, and an empty one takes it away.
func TestNames(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(0)
	analyst := th.Person("", zoeklicht.Analyst)
	id, advert := w.pick("true")
	for _, name := range []string{"before the move", "after the move", ""} {
		must(t, analyst.Name(ctx, id, name))
		names, err := analyst.Names(ctx, advert)
		must(t, err)
		var got string
		if len(names) == 1 {
			got = names[0].Name
		}
		if got != name || len(names) > 1 {
			t.Errorf("named %q, got %v", name, names)
		}
	}
	code(t, zoeklicht.Limit, analyst.Name(ctx, id, strings.Repeat("x", 1000)))
}

// leaks reports which of the secrets stand in what was returned.
func leaks(t *testing.T, secrets []string, returned ...any) (out []string) {
	t.Helper()
	for _, r := range returned {
		b, err := json.Marshal(r)
		must(t, err)
		for _, s := range secrets {
			if strings.Contains(string(b), s) {
				out = append(out, fmt.Sprintf("%q in %T: %s", s, r, b))
			}
		}
	}
	return out
}

// everythingShown gives all that a person can be given about a version without asking to
// see it in the clear.
func everythingShown(t *testing.T, by *store.Store, id zoeklicht.VersionID, advert zoeklicht.AdvertID) (out []any) {
	t.Helper()
	ctx := t.Context()
	add := func(v any, err error) {
		t.Helper()
		if err != nil && zoeklicht.CodeOf(err) != zoeklicht.NotFound {
			t.Fatal(err)
		}
		out = append(out, v)
		if err != nil {
			out = append(out, err.Error())
		}
	}
	a, err := by.Advert(ctx, advert, 1<<40)
	add(a, err)
	res, err := search.New(search.Config{}).Ask(ctx, by, zoeklicht.Question{}, time.Time{}, 0, 1000)
	add(res, err)
	kept, err := search.New(search.Config{}).Again(ctx, by, res.ID, 0, 1000)
	add(kept, err)
	for _, show := range []string{"", "mine", "parked", "others", "finished"} {
		l, err := by.Leads(ctx, zoeklicht.LeadQuery{Show: show}, 1, 1000)
		add(l, err)
	}
	_, news, err := by.News(ctx, 100)
	add(news, err)
	card, err := by.NumberOf(ctx, id, false, time.Time{})
	add(card, err)
	assessed, err := by.Assessed(ctx, advert, time.Time{})
	add(assessed, err)
	classified, err := by.Classified(ctx, advert)
	add(classified, err)
	names, err := by.Names(ctx, advert)
	add(names, err)
	corrections, err := by.Corrections(ctx, advert)
	add(corrections, err)
	return out
}

// TestMaskedEverywhere: a number stands in nothing that was not revealed or typed, not in
// any of its forms.
func TestMaskedEverywhere(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(0)
	w.trace = func(in *store.AssessInput) string {
		return "number = " + in.Entities[0].Value + " as " + in.Entities[0].Raw
	}
	w.assess("rules1", 50)
	colleague, analyst := th.Person("case 7", zoeklicht.Analyst), th.Person("case 8", zoeklicht.Analyst)
	var subject string
	var id zoeklicht.VersionID
	var advert zoeklicht.AdvertID
	must(t, th.Owner.QueryRow(ctx, `SELECT l.version, l.advert, l.subject FROM lead l WHERE online ORDER BY score DESC LIMIT 1`).Scan(&id, &advert, &subject))
	must(t, colleague.Step(ctx, id, zoeklicht.Claim{Kind: zoeklicht.Claimed}))
	must(t, colleague.Correct(ctx, id, -1, zoeklicht.Phone, zoeklicht.Right{Value: "+31600099999"}))
	rows, err := th.Owner.Query(ctx, `SELECT DISTINCT value FROM entity UNION SELECT DISTINCT raw FROM entity UNION SELECT '+31600099999'`)
	must(t, err)
	var secrets []string
	for rows.Next() {
		var s string
		must(t, rows.Scan(&s))
		secrets = append(secrets, s)
	}
	must(t, rows.Err())
	shown := everythingShown(t, analyst, id, advert)
	if found := leaks(t, secrets, shown...); len(found) > 0 {
		t.Errorf("%d leaks, the first: %s", len(found), found[0])
	}
	// The look at it was noted, and who works on it is told.
	list, err := colleague.Leads(ctx, zoeklicht.LeadQuery{Show: "mine"}, 1, 10)
	must(t, err)
	if len(list.Leads) != 1 || len(list.Leads[0].Looked) != 1 || list.Leads[0].Claim == nil || list.Leads[0].Masked != zoeklicht.Mask(zoeklicht.Subject(subject).Phone()) {
		t.Errorf("the colleague's list: %+v", list.Leads)
	}
	card, err := analyst.NumberOf(ctx, id, true, time.Time{})
	must(t, err)
	if card.Value != zoeklicht.Subject(subject).Phone() {
		t.Errorf("revealed, and got %q", card.Value)
	}
	_, err = th.Person("", zoeklicht.Analyst).NumberOf(ctx, id, true, time.Time{})
	code(t, zoeklicht.Invalid, err)
	var told int
	must(t, th.Owner.QueryRow(ctx, `SELECT count(*) FROM audit WHERE detail::text || object ~ '6000|06-'`).Scan(&told))
	if told > 0 {
		t.Errorf("%d audit rows say a number", told)
	}
}

// TestHitsPointAtMaskedText: the words of a hit stand where it points, in the text as it
// is given.
func TestHitsPointAtMaskedText(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(0)
	must(t, w.an.RegisterSet(ctx, "words", nil))
	in, err := w.an.NextAssess(ctx, "words", 1000)
	must(t, err)
	var all []zoeklicht.Assessment
	for _, v := range in {
		whole, phone := v.Title+"\n"+v.Body, v.Entities[0]
		call := strings.Index(whole, "call ")
		all = append(all, zoeklicht.Assessment{Version: v.Version, Hits: []zoeklicht.Hit{{Indicator: "word", Where: []zoeklicht.Offset{
			{Start: call, End: call + 4},
			{Start: phone.Start, End: phone.End},
			{Start: call, End: phone.Start + 4}, // into the number
		}}}})
	}
	must(t, w.an.StoreAssessments(ctx, "words", all))
	res, err := search.New(search.Config{}).Ask(ctx, th.Person("", zoeklicht.Analyst), zoeklicht.Question{}, time.Time{}, 0, 1000)
	must(t, err)
	if len(res.Rows) < 5 {
		t.Fatalf("%d rows", len(res.Rows))
	}
	for _, r := range res.Rows {
		whole := r.Version.Title + "\n" + r.Version.Body
		var got []string
		for _, o := range r.Assessment.Hits[0].Where {
			got = append(got, whole[o.Start:o.End])
		}
		masked := r.Version.Entities[0].Raw
		if diff := cmp.Diff([]string{"call", masked, "call " + masked}, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	}
}

// TestSealed plants a word in a version and seals it: nothing that anybody is given has
// the word, nor a picture that it showed, from then on and as of any moment.
func TestSealed(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.pictures = true
	w.run(0)
	w.run(1)
	w.assess("rules1", 50)
	analyst, duty := th.Person("case 7", zoeklicht.Analyst), th.Person("case 8", zoeklicht.Specialist)
	const canary = "zilverreiger"
	id, advert := w.pick("EXISTS (SELECT 1 FROM current_advert c WHERE c.version = v.id AND c.gone_at IS NULL) AND EXISTS (SELECT 1 FROM version_picture p WHERE p.version = v.id)")
	for _, sql := range []string{
		`UPDATE version SET title = title || ' ' || $1, body = body || ' ' || $1, folded = folded || ' ' || $1, fields = jsonb_build_array(jsonb_build_object('name', 'name', 'value', $1::text, 'from', '')) WHERE id = $2`,
		`UPDATE entity SET value = '+31600077777', raw = 'zilverreiger ' || $1 WHERE version = $2`,
	} {
		if _, err := th.Owner.Exec(ctx, sql, canary, id); err != nil {
			t.Fatal(err)
		}
	}
	must(t, w.an.Rebuild(ctx))
	must(t, analyst.Name(ctx, id, canary))
	_, err := analyst.Classify(ctx, id, zoeklicht.Yes, canary)
	must(t, err)
	must(t, analyst.Correct(ctx, id, -1, zoeklicht.Handle, zoeklicht.Right{Value: "telegram:" + canary}))
	engine := search.New(search.Config{})
	before, err := engine.Ask(ctx, analyst, zoeklicht.Question{Text: canary}, time.Time{}, 0, 10)
	must(t, err)
	now, _, err := analyst.Now(ctx)
	must(t, err)
	if len(before.Rows) != 1 || len(leaks(t, []string{canary}, everythingShown(t, analyst, id, advert)...)) == 0 {
		t.Fatal("the word is not there before: the test shows nothing")
	}
	run := w.lastRun
	captures, items := w.exported(duty, run)
	s, err := analyst.Seal(ctx, id, zoeklicht.SealMinor, zoeklicht.SealVersion)
	must(t, err)
	again, err := duty.Seal(ctx, id, zoeklicht.SealOther, zoeklicht.SealVersion)
	must(t, err)
	if diff := cmp.Diff(s, again); diff != "" {
		t.Errorf("sealed again (-first +second):\n%s", diff)
	}

	if found := leaks(t, []string{canary, "31600077777"}, everythingShown(t, duty, id, advert)...); len(found) > 0 {
		t.Errorf("%d leaks, the first: %s", len(found), found[0])
	}
	kept, err := engine.Again(ctx, analyst, before.ID, 0, 10)
	must(t, err)
	if kept.Sealed != 1 || len(kept.Rows) != 1 || !kept.Rows[0].Version.Sealed || kept.Rows[0].Version.Body != "" || kept.Rows[0].Assessment != nil {
		t.Errorf("the result from before: %+v", kept)
	}
	if found := leaks(t, []string{canary}, kept.Rows); len(found) > 0 {
		t.Error(found)
	}
	for _, at := range []time.Time{{}, now, th.Clock.T.AddDate(0, 0, 1)} {
		res, err := engine.Ask(ctx, analyst, zoeklicht.Question{Text: canary, To: "2026-01-31"}, at, 0, 10)
		must(t, err)
		if res.Versions != 0 {
			t.Errorf("found as of %v", at)
		}
	}
	card, err := analyst.Number(ctx, "", []string{"+31600077777"}, time.Time{})
	must(t, err)
	if card.Versions != 0 || len(card.Newest) != 0 {
		t.Errorf("its number has a card: %+v", card)
	}
	_, err = analyst.Reveal(ctx, id)
	code(t, zoeklicht.NotFound, err)
	must(t, w.an.EachInput(ctx, func(in store.AssessInput) error {
		if in.Version == id {
			t.Error("indicators look at it")
		}
		return nil
	}))

	// Its pictures are nowhere any more.
	if len(s.Pictures) == 0 {
		t.Fatal("no pictures: the test shows nothing")
	}
	rows, err := th.Owner.Query(ctx, `SELECT p.version, p.n, v.advert, picture = ANY($1) FROM version_picture p JOIN version v ON v.id = p.version WHERE picture <> 0`, s.Pictures)
	must(t, err)
	refused, given := 0, 0
	type place struct {
		version zoeklicht.VersionID
		n       int
		advert  zoeklicht.AdvertID
		sealed  bool
	}
	var places []place
	for rows.Next() {
		var p place
		must(t, rows.Scan(&p.version, &p.n, &p.advert, &p.sealed))
		places = append(places, p)
	}
	must(t, rows.Err())
	for _, p := range places {
		_, _, err := analyst.ShownPicture(ctx, p.version, p.n)
		switch {
		case p.sealed:
			refused++
			code(t, zoeklicht.NotFound, err)
			a, err := analyst.Advert(ctx, p.advert, 1<<40)
			must(t, err)
			for _, v := range a.Versions {
				for _, pic := range v.Pictures {
					if slices.Contains(s.Pictures, pic.Picture) {
						t.Errorf("version %d lists picture %d", v.ID, pic.Picture)
					}
				}
			}
		case p.version != id:
			given++
			must(t, err)
		}
	}
	if refused < 2 || given < 1 {
		t.Errorf("%d refused, %d given: the test shows nothing", refused, given)
	}

	// Its captures leave no more, nor those of other pages with its pictures.
	fewer, left := w.exported(duty, run)
	if fewer >= captures || fewer == 0 {
		t.Errorf("%d captures before, %d after", captures, fewer)
	}
	for _, c := range left {
		if slices.Contains(w.holding(s.Pictures), c) {
			t.Errorf("capture %s holds a sealed picture and leaves", c)
		}
	}
	if len(items) != captures {
		t.Errorf("%d captures, %d exported", captures, len(items))
	}
	c, err := analyst.Capture(ctx, s.Capture)
	must(t, err)
	if !c.Sealed || c.URL+c.Canonical+c.FinalURL != "" || len(c.Items) != 0 || len(c.Leaf) != 0 {
		t.Errorf("the register gives %+v", c)
	}
	evidence, err := th.Person("case 7", zoeklicht.Specialist).Evidence(ctx, zoeklicht.ActExport, []zoeklicht.CaptureID{s.Capture})
	must(t, err)
	if e := evidence[0]; !e.Capture.Sealed || e.Capture.URL != "" || len(e.Capture.Items)+len(e.Capture.Leaf)+len(e.Capture.Manifest)+len(e.Salts) != 0 {
		t.Errorf("evidence of a sealed capture: %+v", e)
	}
	kept2 := dump(t, th)
	must(t, w.an.Rebuild(ctx))
	if diff := cmp.Diff(kept2, dump(t, th)); diff != "" {
		t.Errorf("(-kept up +rebuilt):\n%s", diff)
	}
	var leaf, content string
	must(t, th.Owner.QueryRow(ctx, `
		SELECT convert_from(o.leaf, 'UTF8'), convert_from(r.content, 'UTF8') FROM outbox o JOIN record r ON r.id::text = o.ref WHERE o.kind = 'seal'`).Scan(&leaf, &content))
	if !strings.Contains(content, `"why":"suspected-minor"`) || strings.Contains(content, canary) {
		t.Errorf("the record: %s", content)
	}
	if !strings.HasPrefix(leaf, "zoeklicht/seal/v1\nid ") || strings.Contains(leaf, "suspected") {
		t.Errorf("the leaf: %s", leaf)
	}
}

// exported counts the captures of a run that leave, and names them.
func (w *world) exported(by *store.Store, run int64) (n int, ids []zoeklicht.CaptureID) {
	w.t.Helper()
	_, err := by.EachCapture(w.t.Context(), run, func(c *zoeklicht.Capture) error {
		ids = append(ids, c.ID)
		return nil
	})
	must(w.t, err)
	return len(ids), ids
}

// holding gives the captures that were read and held one of the pictures.
func (w *world) holding(pictures []zoeklicht.PictureID) (out []zoeklicht.CaptureID) {
	for c, p := range w.captured {
		if slices.Contains(pictures, p) {
			out = append(out, c)
		}
	}
	return out
}

// TestSealLane walks a seal through the duty role's hands.
func TestSealLane(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(0)
	analyst, duty, other := th.Person("", zoeklicht.Analyst), th.Person("", zoeklicht.Specialist), th.Person("", zoeklicht.Specialist)
	var ids []zoeklicht.SealID
	for i, why := range []zoeklicht.SealReason{zoeklicht.SealOther, zoeklicht.SealMinor, zoeklicht.SealAbuse} {
		s, err := analyst.Seal(ctx, zoeklicht.VersionID(i+1), why, zoeklicht.SealVersion)
		must(t, err)
		ids = append(ids, s.ID)
	}
	_, err := analyst.Seal(ctx, 9, "because", zoeklicht.SealVersion)
	code(t, zoeklicht.Invalid, err)
	_, err = analyst.Seals(ctx)
	code(t, zoeklicht.Denied, err)
	_, err = analyst.Alarm(ctx)
	code(t, zoeklicht.Denied, err)
	sealed, err := duty.Seals(ctx)
	must(t, err)
	alarm := func(want zoeklicht.Alarm) {
		t.Helper()
		got, err := duty.Alarm(ctx)
		must(t, err)
		if !got.Oldest.Equal(want.Oldest) || got.Waiting != want.Waiting || got.Taken != want.Taken {
			t.Errorf("alarm %+v, want %+v", got, want)
		}
	}
	alarm(zoeklicht.Alarm{Waiting: 2, Oldest: sealed[0].At})
	order := func(want ...zoeklicht.SealID) {
		t.Helper()
		all, err := duty.Seals(ctx)
		must(t, err)
		var got []zoeklicht.SealID
		for _, s := range all {
			got = append(got, s.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	order(ids[1], ids[2], ids[0])
	code(t, zoeklicht.Conflict, duty.EndSeal(ctx, ids[1], "passed on"))
	must(t, duty.TakeSeal(ctx, ids[1]))
	code(t, zoeklicht.Conflict, other.TakeSeal(ctx, ids[1]))
	alarm(zoeklicht.Alarm{Waiting: 1, Taken: 1, Oldest: sealed[1].At})
	code(t, zoeklicht.Invalid, duty.EndSeal(ctx, ids[1], ""))
	must(t, duty.EndSeal(ctx, ids[1], "passed on"))
	alarm(zoeklicht.Alarm{Waiting: 1, Oldest: sealed[1].At})
	code(t, zoeklicht.Conflict, duty.EndSeal(ctx, ids[1], "again"))
	code(t, zoeklicht.NotFound, duty.TakeSeal(ctx, 77))
	order(ids[2], ids[0], ids[1])
	all, err := duty.Seals(ctx)
	must(t, err)
	if s := all[2]; s.TakenBy != duty.Pass().Name() || s.Taken.IsZero() || s.Done.IsZero() || s.Outcome != "passed on" {
		t.Errorf("%+v", s)
	}
}
