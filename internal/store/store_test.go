package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/search"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/storetest"
	"zoeklicht/internal/text"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var whole = zoeklicht.Considerations{Public: "yes", Real: "yes", Need: "yes", Proportionate: "yes", Against: "little"}

// approve brings a source into force by three people.
func approve(t *testing.T, th *storetest.Theme, id zoeklicht.SourceID) {
	t.Helper()
	ctx := t.Context()
	proposer, vetter, approver := th.Person("p", zoeklicht.Analyst), th.Person("v", zoeklicht.SourceManager), th.Person("a", zoeklicht.Prosecutor)
	src := &zoeklicht.Source{ID: id, Title: string(id), Home: "http://127.0.0.1:1/", Priority: 1}
	must(t, proposer.Propose(ctx, src, zoeklicht.Decision{Reason: "seen", Considerations: whole}))
	must(t, vetter.Decide(ctx, zoeklicht.Decision{Source: id, Kind: zoeklicht.Vet, Reason: "public", Considerations: whole}))
	must(t, approver.Decide(ctx, zoeklicht.Decision{Source: id, Kind: zoeklicht.Approve, Reason: "needed", ReviewBy: th.Clock.Now().AddDate(1, 0, 0)}))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTwoPeopleDecide(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	analyst, manager, other := th.Person("", zoeklicht.Analyst), th.Person("", zoeklicht.SourceManager), th.Person("", zoeklicht.SourceManager)
	must(t, analyst.Propose(ctx, &zoeklicht.Source{ID: "s", Title: "S", Home: "http://127.0.0.1:1/"}, zoeklicht.Decision{Reason: "seen"}))
	later := th.Clock.Now().AddDate(1, 0, 0)
	steps := []struct {
		name string
		by   *store.Store
		d    zoeklicht.Decision
		code zoeklicht.Code
	}{
		{"approval before vetting", manager, zoeklicht.Decision{Kind: zoeklicht.Approve, Reason: "x", ReviewBy: later, Considerations: whole}, zoeklicht.Conflict},
		{"analyst vets", analyst, zoeklicht.Decision{Kind: zoeklicht.Vet, Reason: "x", Considerations: whole}, zoeklicht.Denied},
		{"considerations open", manager, zoeklicht.Decision{Kind: zoeklicht.Vet, Reason: "x", Considerations: zoeklicht.Considerations{Public: "yes"}}, zoeklicht.Invalid},
		{"no reason", manager, zoeklicht.Decision{Kind: zoeklicht.Vet, Considerations: whole}, zoeklicht.Invalid},
		{"vetting", manager, zoeklicht.Decision{Kind: zoeklicht.Vet, Reason: "x", Considerations: whole}, ""},
		{"the same person approves", manager, zoeklicht.Decision{Kind: zoeklicht.Approve, Reason: "x", ReviewBy: later}, zoeklicht.Conflict},
		{"no review date", other, zoeklicht.Decision{Kind: zoeklicht.Approve, Reason: "x"}, zoeklicht.Conflict},
		{"approval", other, zoeklicht.Decision{Kind: zoeklicht.Approve, Reason: "x", ReviewBy: later}, ""},
	}
	for _, s := range steps {
		s.d.Source = "s"
		if err := s.by.Decide(ctx, s.d); zoeklicht.CodeOf(err) != s.code {
			t.Fatalf("%s: got %v, want code %q", s.name, err, s.code)
		}
	}
	src, err := manager.Source(ctx, "s")
	must(t, err)
	if !src.Active(th.Clock.Now()) || src.Active(later) {
		t.Errorf("active now %v, at its review date %v", src.Active(th.Clock.Now()), src.Active(later))
	}
	if len(src.Decisions) != 3 {
		t.Errorf("the register has %d decisions, want the 3 that were allowed", len(src.Decisions))
	}
}

// TestStandingIsNoReading: what screens say of sources beside other things has nothing
// of their considerations, and leaves no row among those of readings.
func TestStandingIsNoReading(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	approve(t, th, "s")
	audit := th.Service(zoeklicht.Auditing)
	before, err := audit.Audit(ctx, store.AuditQuery{})
	must(t, err)
	got, err := th.Person("", zoeklicht.Analyst).Standing(ctx)
	must(t, err)
	want := []zoeklicht.Source{{ID: "s", Title: "s", State: zoeklicht.Approved, ReviewBy: th.Clock.Now().AddDate(1, 0, 0)}}
	if diff := cmp.Diff(want, got, cmpopts.EquateApproxTime(0)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	after, err := audit.Audit(ctx, store.AuditQuery{})
	must(t, err)
	if len(after) != len(before)+1 { // reading the trail is in the trail
		t.Errorf("%d audit rows, then %d", len(before), len(after))
	}
}

// TestPhasesAreSeparate holds the database to migrations/grants.sql: what a phase
// must not do, it refuses, whatever the code says.
func TestPhasesAreSeparate(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	for _, c := range []struct {
		phase zoeklicht.Phase
		sql   string
	}{
		{zoeklicht.Technical, `SELECT body FROM version`},
		{zoeklicht.Technical, `SELECT value FROM entity`},
		{zoeklicht.Technical, `SELECT salts FROM capture`},
		{zoeklicht.Technical, `SELECT wrapped FROM item`},
		{zoeklicht.Technical, `SELECT object FROM audit`},
		{zoeklicht.Technical, `DELETE FROM frontier`},
		{zoeklicht.Technical, `INSERT INTO decision (seq, source, kind, person, person_name, at, reason) VALUES (1, 'x', 'vet', 1, '', now(), '')`},
		{zoeklicht.Analysis, `UPDATE version SET body = ''`},
		{zoeklicht.Analysis, `DELETE FROM version`},
		{zoeklicht.Analysis, `DELETE FROM capture`},
		{zoeklicht.Analysis, `UPDATE decision SET person = 2`},
		{zoeklicht.Analysis, `DELETE FROM audit`},
		{zoeklicht.Analysis, `UPDATE audit SET act = ''`},
		{zoeklicht.Analysis, `SELECT object FROM audit`},
		{zoeklicht.Operational, `SELECT body FROM version`},
		{zoeklicht.Operational, `SELECT url FROM capture`},
		{zoeklicht.Auditing, `SELECT body FROM version`},
		{zoeklicht.Auditing, `UPDATE audit SET act = ''`},
		{zoeklicht.Auditing, `SELECT key FROM trail_key`},
		{zoeklicht.Technical, `SELECT key FROM trail_key`},
		{zoeklicht.Retain, `SELECT key FROM trail_key`},
		{zoeklicht.Analysis, `UPDATE trail_key SET key = ''`},
		{zoeklicht.Analysis, `DELETE FROM sealed`},
		{zoeklicht.Retain, `DELETE FROM sealed`},
		{zoeklicht.Retain, `UPDATE version SET body = ''`},
		{zoeklicht.Retain, `DELETE FROM audit`},
		{zoeklicht.Technical, `UPDATE outbox SET year = 2026, idx = 0`},
		{zoeklicht.Technical, `SELECT content FROM record`},
		{zoeklicht.Technical, `INSERT INTO token (checkpoint, authority, at, der, sha256) VALUES (1, '', now(), '', '')`},
		{zoeklicht.Analysis, `UPDATE outbox SET year = 2026, idx = 0`},
		{zoeklicht.Analysis, `INSERT INTO checkpoint (year, size, root, note) VALUES (2026, 1, '', '')`},
		{zoeklicht.Analysis, `UPDATE record SET content = ''`},
		{zoeklicht.Recording, `INSERT INTO outbox (seq, kind, ref, leaf) VALUES (1, 'export', '', '')`},
		{zoeklicht.Recording, `UPDATE outbox SET leaf = ''`},
		{zoeklicht.Recording, `SELECT kind FROM outbox`},
		{zoeklicht.Recording, `SELECT id FROM capture`},
		{zoeklicht.Recording, `SELECT content FROM record`},
		{zoeklicht.Recording, `SELECT id FROM version`},
		{zoeklicht.Recording, `SELECT id FROM source`},
		{zoeklicht.Recording, `SELECT id FROM audit`},
		{zoeklicht.Recording, `INSERT INTO audit (at, person, name, role, act, object, purpose, detail, count) VALUES (now(), 1, '', '', '', '', '', '{}', 0)`},
		{zoeklicht.Recording, `UPDATE checkpoint SET note = ''`},
		{zoeklicht.Recording, `UPDATE token SET der = ''`},
		{zoeklicht.Recording, `DELETE FROM checkpoint`},
		{zoeklicht.Recording, `DELETE FROM token`},
		{zoeklicht.Recording, `DELETE FROM recording`},
		{zoeklicht.Recording, `INSERT INTO moment (seq, at) VALUES (1000, now())`},
		{zoeklicht.Technical, `CREATE TABLE mine (x int)`},
	} {
		tx, err := th.Owner.Begin(ctx)
		must(t, err)
		if _, err := tx.Exec(ctx, `SET LOCAL ROLE `+"zl_practice_"+string(c.phase)); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(ctx, c.sql); err == nil {
			t.Errorf("%s may: %s", c.phase, c.sql)
		}
		must(t, tx.Rollback(ctx))
	}
}

// TestNoRowNoData breaks the audit trail: nothing may be served without it.
func TestNoRowNoData(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(1)
	analyst := th.Person("case 7", zoeklicht.Analyst)
	engine := search.New(search.Config{})
	if res, err := engine.Ask(ctx, analyst, zoeklicht.Question{}, time.Time{}, 0, 10); err != nil || len(res.Rows) == 0 {
		t.Fatalf("before: %v", err)
	}
	if _, err := th.Owner.Exec(ctx, `REVOKE INSERT ON audit FROM zl_practice_analysis`); err != nil {
		t.Fatal(err)
	}
	if res, err := engine.Ask(ctx, analyst, zoeklicht.Question{}, time.Time{}, 0, 10); err == nil {
		t.Errorf("served %d rows without an audit row", len(res.Rows))
	}
	if _, err := analyst.Advert(ctx, 1, 1<<40); err == nil {
		t.Error("served an advert without an audit row")
	}
	if _, err := analyst.Reveal(ctx, 1); err == nil {
		t.Error("revealed without an audit row")
	}
	must(t, store.ApplyGrants(ctx, th.Owner, "practice"))
	var n int
	must(t, th.Owner.QueryRow(ctx, `SELECT count(*) FROM audit WHERE act = 'search'`).Scan(&n))
	if n != 1 {
		t.Errorf("%d rows for one search served", n)
	}
}

// TestAsOfStays is the promise of the whole store: a result asked for again, and a
// question as of a past moment, give the same rows and counts after any number of
// later runs, and after all projections were rebuilt.
func TestAsOfStays(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	analyst := th.Person("case 7", zoeklicht.Analyst)
	engine := search.New(search.Config{})
	questions := []zoeklicht.Question{
		{},
		{Text: "garden"},
		{Text: `"by appointment" -evening`},
		{State: "gone"},
		{State: "online"},
		{Newest: true},
		{Phone: "06-0001 2345"},
		{Phone: "000123"},
		{Place: "Utrecht", Picture: "missing"},
		{Lang: "nl", Newest: true, State: "online"},
		{Indicators: []zoeklicht.IndicatorID{"evening-hours"}},
		{Indicators: []zoeklicht.IndicatorID{"evening-hours", "many-adverts"}, Newest: true},
		{Indicators: []zoeklicht.IndicatorID{"weekend-work"}, MinScore: 0.25, State: "online"},
		{Indicators: []zoeklicht.IndicatorID{"many-adverts"}, Text: "garden"},
		{MinScore: 0.75},
		{Feedback: "none", Text: "garden"},
		{Feedback: "yes"},
		{Feedback: "unclear", State: "online"},
		{Unit: "oost-nederland", MinScore: 0.1},
		{Unit: "oost-nederland", Newest: true},
		{Place: "Zwolle"},
	}
	colleague := th.Person("", zoeklicht.Analyst)
	type asked struct {
		q   zoeklicht.Question
		at  time.Time
		res *zoeklicht.Result
	}
	var past []asked
	for day := range 8 {
		w.run(day)
		w.assess(fmt.Sprintf("rules%d", day/3), 17)
		w.say(analyst, colleague)
		w.steps(analyst, colleague)
		now, _, err := analyst.Now(ctx)
		must(t, err)
		for _, q := range questions {
			res, err := engine.Ask(ctx, analyst, q, now, 0, 1000)
			must(t, err)
			past = append(past, asked{q, now, res})
		}
	}
	check := func(when string) {
		t.Helper()
		for _, p := range past {
			again, err := engine.Again(ctx, analyst, p.res.ID, 0, 1000)
			must(t, err)
			if diff := cmp.Diff(p.res, again, cmpopts.IgnoreFields(zoeklicht.Result{}, "Asked")); diff != "" {
				t.Fatalf("%s: result %s of %+v differs (-then +now):\n%s", when, p.res.ID, p.q, diff)
			}
		}
		// As of, answered anew rather than read back: the kept lists are set aside.
		if _, err := th.Owner.Exec(ctx, `DELETE FROM result`); err != nil {
			t.Fatal(err)
		}
		for _, p := range past {
			again, err := engine.Ask(ctx, analyst, p.q, p.at, 0, 1000)
			must(t, err)
			if again.ID != p.res.ID {
				t.Fatalf("%s: %+v as of %v is %s now, was %s", when, p.q, p.at, again.ID, p.res.ID)
			}
			if diff := cmp.Diff(p.res.Rows, again.Rows); diff != "" {
				t.Fatalf("%s: %+v as of %v differs (-then +now):\n%s", when, p.q, p.at, diff)
			}
		}
	}
	check("after later runs")
	before := dump(t, th)
	must(t, th.Service(zoeklicht.Analysis).Rebuild(ctx))
	if diff := cmp.Diff(before, dump(t, th)); diff != "" {
		t.Fatalf("rebuilding changed the projections (-kept up +rebuilt):\n%s", diff)
	}
	check("after rebuilding")
	// What an older program's backup lacks.
	if _, err := th.Owner.Exec(ctx, `DELETE FROM found; UPDATE lead SET kind = '', person = 0, until = NULL, known = 0`); err != nil {
		t.Fatal(err)
	}
	must(t, store.ApplyGrants(ctx, th.Owner, "practice"))
	if diff := cmp.Diff(before, dump(t, th)); diff != "" {
		t.Fatalf("projections that were made up differ (-kept up +made up):\n%s", diff)
	}
	var n int
	for _, p := range past {
		n += len(p.res.Rows)
	}
	if n < 200 {
		t.Fatalf("the world gave %d rows in all: the test shows nothing", n)
	}
}

// dump reads the projections as text.
func dump(t *testing.T, th *storetest.Theme) (out []string) {
	t.Helper()
	for _, sql := range []string{
		`SELECT c::text FROM current_advert c ORDER BY advert`,
		`SELECT d::text FROM daily d ORDER BY day, source, place, lang, unit`,
		`SELECT l::text FROM lead l ORDER BY subject`,
		`SELECT f::text FROM found f ORDER BY version, indicator, since`,
	} {
		rows, err := th.Owner.Query(t.Context(), sql)
		must(t, err)
		for rows.Next() {
			var s string
			must(t, rows.Scan(&s))
			out = append(out, s)
		}
		must(t, rows.Err())
	}
	return out
}

// world makes runs of a source with adverts that change, vanish and return.
type world struct {
	t      *testing.T
	th     *storetest.Theme
	rand   *rand.Rand
	tech   *store.Store
	an     *store.Store
	source zoeklicht.SourceID
	bodies map[int]string
	bare   bool // texts of few kinds, some without a number; names and ages
	trace  func(in *store.AssessInput) string

	pictures bool // every third advert shows one of two pictures
	captured map[zoeklicht.CaptureID]zoeklicht.PictureID
	lastRun  int64
}

func newWorld(t *testing.T, th *storetest.Theme) *world {
	approve(t, th, "s")
	return &world{
		t: t, th: th, rand: rand.New(rand.NewPCG(7, 7)), tech: th.Service(zoeklicht.Technical), an: th.Service(zoeklicht.Analysis),
		source: "s", bodies: map[int]string{}, captured: map[zoeklicht.CaptureID]zoeklicht.PictureID{},
	}
}

var words = []string{"garden", "massage", "evening", "parking", "studio", "quiet", "by appointment", "weekend"}

// run makes one run of a simulated day, and analyses it.
func (w *world) run(day int) {
	t, ctx := w.t, w.t.Context()
	t.Helper()
	w.th.Clock.T = time.Date(2026, 1, 5+day, 12, 0, 0, 0, time.UTC)
	run, _, err := w.tech.BeginRun(ctx, w.source, "test", []store.Link{{Canonical: "http://s/list", URL: "http://s/list", Kind: zoeklicht.KindListing}})
	must(t, err)
	var links []store.Link
	online := map[string]int{}
	for i := range 30 {
		if w.rand.IntN(4) == 0 {
			continue // not there today
		}
		u := fmt.Sprintf("http://s/ad/%d", i)
		online[u] = i
		links = append(links, store.Link{Canonical: u, URL: u, Kind: zoeklicht.KindAdvert, Listed: true})
	}
	for {
		tasks, err := w.tech.Claim(ctx, w.source, run.ID, 7, time.Minute)
		must(t, err)
		if len(tasks) == 0 {
			break
		}
		var group []store.Visited
		for _, task := range tasks {
			v := store.Visited{Task: task, Done: true, Full: true, Salts: []byte{}, Capture: zoeklicht.Capture{
				ID: w.id(), Source: w.source, Run: run.ID,
				Kind: task.Kind, URL: task.URL, Canonical: task.Canonical, FinalURL: task.URL, Status: 200, At: w.th.Clock.T, Manifest: []byte{}, Leaf: []byte("leaf"),
			}}
			if task.Kind == zoeklicht.KindListing {
				v.Links = links
			} else if _, ok := online[task.URL]; !ok {
				v.Capture.Status = 404
			} else if w.rand.IntN(8) == 0 {
				v.Capture.NotContent = zoeklicht.Captcha // there, and hidden today
			}
			group = append(group, v)
		}
		_, err = w.tech.CommitVisits(ctx, group)
		must(t, err)
	}
	run.Complete = true
	must(t, w.tech.EndRun(ctx, &run, 1))
	w.lastRun = run.ID
	w.analyse()
}

func (w *world) id() (id zoeklicht.CaptureID) {
	for i := range id {
		id[i] = byte(w.rand.Uint32())
	}
	return id
}

func (w *world) analyse() {
	t, ctx := w.t, w.t.Context()
	t.Helper()
	for {
		work, err := w.an.Next(ctx, "analyse", 11)
		must(t, err)
		if work.From == work.To {
			return
		}
		var reads []store.Read
		for i := range work.Captures {
			c := &work.Captures[i]
			if c.Kind != zoeklicht.KindAdvert || c.Status != 200 || c.NotContent != "" {
				continue
			}
			reads = append(reads, w.reading(c))
		}
		_, err = w.an.StoreReadings(ctx, "analyse", work, reads, w.newPictures(), func(t time.Time) time.Time {
			y, m, d := t.Date()
			return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
		})
		must(t, err)
	}
}

func (w *world) reading(c *zoeklicht.Capture) store.Read {
	var n int
	if _, err := fmt.Sscanf(c.URL, "http://s/ad/%d", &n); err != nil {
		w.t.Fatal(err)
	}
	if _, ok := w.bodies[n]; !ok || w.rand.IntN(3) == 0 {
		phone := fmt.Sprintf("06-0001%04d", w.rand.IntN(3)*1111+1234)
		w.bodies[n] = fmt.Sprintf("%s and %s, call %s", words[w.rand.IntN(len(words))], words[w.rand.IntN(len(words))], phone)
	}
	body := w.bodies[n]
	at := len(body) - 11
	r := zoeklicht.Reading{
		Title: fmt.Sprintf("Advert %d", n), Body: body, Lang: []string{"nl", "en"}[n%2], Reader: "test/1",
		Municipality: []string{"GM0344", "GM0193", ""}[n%3], Unit: []string{"midden-nederland", "oost-nederland", ""}[n%3],
		Fields: []zoeklicht.FieldValue{{Name: zoeklicht.FieldPlace, Value: []string{"Utrecht", "Zwolle"}[n%2], From: "css"}},
	}
	off := len(r.Title) + 1 + at
	r.Entities = []zoeklicht.Entity{{Type: zoeklicht.Phone, Raw: body[at:], Start: off, End: off + 11, Value: "+316" + body[at+3:], Valid: true}}
	if w.bare {
		w.vary(n, &r)
	}
	read := store.Read{Capture: c, Reading: r, Folded: text.FoldString(r.Title + "\n" + r.Body)}
	if n%3 == 0 {
		read.Pictures = []store.ReadPicture{{Canonical: "http://p/x", VersionPicture: zoeklicht.VersionPicture{URL: "http://p/x", Failure: zoeklicht.FailOutside}}}
	}
	if w.pictures && n%3 == 1 {
		id := zoeklicht.PictureID(n%2 + 1)
		read.Pictures = []store.ReadPicture{{Canonical: "http://p/y", SHA256: [32]byte{byte(id)}, VersionPicture: zoeklicht.VersionPicture{URL: "http://p/y", Picture: id, Item: "picture:0"}}}
		w.captured[c.ID] = id
	}
	return read
}

// newPictures gives the two pictures once.
func (w *world) newPictures() (out []store.NewPicture) {
	if !w.pictures || len(w.captured) == 0 {
		return nil
	}
	have, err := w.an.KnownPictures(w.t.Context(), [][32]byte{{1}, {2}})
	must(w.t, err)
	for id := byte(1); id <= 2 && len(have) == 0; id++ {
		p := store.NewPicture{MIME: "image/jpeg"}
		p.ID, p.SHA256, p.Format, p.Width, p.Height = zoeklicht.PictureID(id), [32]byte{id}, "jpeg", 1, 1
		out = append(out, p)
	}
	return out
}

// vary makes a reading one of few texts, by what the advert's text was before.
func (w *world) vary(n int, r *zoeklicht.Reading) {
	kind := len(w.bodies[n])
	title, tail := "A quiet studio with parking", r.Body[len(r.Body)-11:]
	shift := len(title) - len(r.Title) + 5 - len(r.Body) + 11
	r.Title, r.Body = title, "call "+tail
	r.Entities[0].Start, r.Entities[0].End = r.Entities[0].Start+shift, r.Entities[0].End+shift
	switch kind % 5 {
	case 0:
		r.Entities = nil
	case 1:
		r.Title = "A quiet studio with a garden"
		r.Entities[0].Start, r.Entities[0].End = r.Entities[0].Start+1, r.Entities[0].End+1
	}
	r.Entities = append(r.Entities, zoeklicht.Entity{Type: zoeklicht.Age, Value: fmt.Sprint(30 + kind%3), Raw: "x"})
	r.Fields = append(r.Fields, zoeklicht.FieldValue{Name: zoeklicht.FieldName, Value: []string{"Anna", "Bea"}[kind%2]})
}

// TestSameBatchTwice stores one batch twice, as a process killed after its commit
// would: the second is refused, nothing is doubled.
func TestSameBatchTwice(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(0)
	work := &store.Work{From: 0, To: 3}
	if _, err := w.an.StoreReadings(ctx, "analyse", work, nil, nil, func(t time.Time) time.Time { return t }); zoeklicht.CodeOf(err) != zoeklicht.Conflict {
		t.Fatalf("got %v, want a conflict", err)
	}
}

// TestMasked holds the store to masking: no version that a person gets, but by
// Reveal for a purpose, holds a number in the clear.
func TestMasked(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(0)
	analyst := th.Person("", zoeklicht.Analyst)
	res, err := search.New(search.Config{}).Ask(ctx, analyst, zoeklicht.Question{}, time.Time{}, 0, 10)
	must(t, err)
	v := res.Rows[0].Version
	e := v.Entities[0]
	if got := (v.Title + "\n" + v.Body)[e.Start:e.End]; got != e.Raw || got != zoeklicht.Mask(e.Raw) {
		t.Errorf("the entity points at %q, its raw form is %q", got, e.Raw)
	}
	if _, err := analyst.Reveal(ctx, v.ID); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("revealed without a purpose: %v", err)
	}
	clear, err := th.Person("case 7", zoeklicht.Analyst).Reveal(ctx, v.ID)
	must(t, err)
	if clear.Entities[0].Value == e.Value || clear.Body == v.Body {
		t.Error("revealing changed nothing")
	}
	if _, err := th.Person("case 7", zoeklicht.Auditor).Reveal(ctx, v.ID); zoeklicht.CodeOf(err) != zoeklicht.Denied {
		t.Errorf("an auditor revealed: %v", err)
	}
}

// TestCommitOrderIsSeqOrder commits from many writers at once: whoever reads the
// newest moment sees everything of it and before.
func TestCommitOrderIsSeqOrder(t *testing.T) {
	t.Parallel()
	th := storetest.New(t)
	approve(t, th, "s")
	tech := th.Service(zoeklicht.Technical)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	errs := make(chan error, 8)
	for i := range 8 {
		go func() {
			for k := range 40 {
				sum := [32]byte{byte(i), byte(k)}
				if err := tech.KeepRobots(ctx, fmt.Sprintf("host%d", i), "rules", sum, nil); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	done := 0
	for done < 8 {
		select {
		case err := <-errs:
			must(t, err)
			done++
		default:
		}
		var last, n int64
		// One snapshot: every moment up to the newest must be there.
		must(t, th.Owner.QueryRow(ctx, `SELECT coalesce(max(seq), 0), count(*) FROM moment`).Scan(&last, &n))
		if last != n {
			t.Fatalf("moment %d is visible and %d moments are: one is to come later in the past", last, n)
		}
	}
}

// TestSameQuestionTogether asks one question from many sides at one moment: all get
// the same result, none an error.
func TestSameQuestionTogether(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(0)
	analyst := th.Person("", zoeklicht.Analyst)
	engine := search.New(search.Config{})
	ids, errs := make(chan zoeklicht.ResultID, 64), make(chan error, 64)
	for range 8 {
		go func() {
			for k := range 8 {
				res, err := engine.Ask(ctx, analyst, zoeklicht.Question{Text: words[k]}, time.Time{}, 0, 5)
				if errs <- err; err == nil && k == 0 {
					ids <- res.ID
				}
			}
		}()
	}
	for range 64 {
		must(t, <-errs)
	}
	first := <-ids
	for range 7 {
		if id := <-ids; id != first {
			t.Errorf("results %s and %s for one question at one moment", first, id)
		}
	}
}
