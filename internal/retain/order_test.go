package retain_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/capture"
	"zoeklicht/internal/search"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/storetest"
)

// unscrubbed carries an erasure out but for the files of the database, which a shared
// server would write anew for everybody.
func (w *world) unscrubbed(id zoeklicht.ErasureID) error {
	_, err := w.eraser(func(step string) error {
		if step == "scrub" {
			return errKilled
		}
		return nil
	}).Carry(w.t.Context(), id)
	if errors.Is(err, errKilled) {
		return nil
	}
	return err
}

func wantCode(t *testing.T, what string, err error, want zoeklicht.Code) {
	t.Helper()
	if zoeklicht.CodeOf(err) != want {
		t.Errorf("%s: got %v, want code %q", what, err, want)
	}
}

// TestTwoPersons: one asks, another approves, and the database holds to it whatever the
// code does.
func TestTwoPersons(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t, storetest.New(t)), t.Context()
	w.add(plain(1), plain(2))
	one := zoeklicht.Erasure{Scope: zoeklicht.EraseCapture, Capture: w.captures[0], Ground: "order 12"}
	specialist, prosecutor := w.th.Person("case 9", zoeklicht.Specialist), w.th.Person("case 9", zoeklicht.Prosecutor)
	for _, r := range zoeklicht.Roles {
		if r.May(zoeklicht.ActErase) {
			continue
		}
		_, _, err := w.th.Person("case 9", r).AskErase(ctx, one)
		wantCode(t, string(r), err, zoeklicht.Denied)
	}
	_, _, err := w.th.Person("", zoeklicht.Specialist).AskErase(ctx, one)
	wantCode(t, "without a purpose", err, zoeklicht.Invalid)
	for what, e := range map[string]zoeklicht.Erasure{
		"no ground":        {Scope: zoeklicht.EraseCapture, Capture: w.captures[0], Ground: "  "},
		"no capture":       {Scope: zoeklicht.EraseCapture, Ground: "x"},
		"an item unnamed":  {Scope: zoeklicht.EraseItem, Capture: w.captures[0], Ground: "x"},
		"two things":       {Scope: zoeklicht.EraseAdvert, Capture: w.captures[0], Advert: 1, Ground: "x"},
		"an unknown scope": {Scope: "all", Capture: w.captures[0], Ground: "x"},
	} {
		_, _, err := specialist.AskErase(ctx, e)
		wantCode(t, what, err, zoeklicht.Invalid)
	}
	for what, e := range map[string]zoeklicht.Erasure{
		"no such capture": {Scope: zoeklicht.EraseCapture, Capture: zoeklicht.CaptureID{1}, Ground: "x"},
		"no such item":    {Scope: zoeklicht.EraseItem, Capture: w.captures[0], Item: "picture:7", Ground: "x"},
		"no such advert":  {Scope: zoeklicht.EraseAdvert, Advert: 999, Ground: "x"},
	} {
		_, _, err := specialist.AskErase(ctx, e)
		wantCode(t, what, err, zoeklicht.NotFound)
	}
	asked, left, err := specialist.AskErase(ctx, one)
	must(t, err)
	if asked.State() != zoeklicht.EraseAsked || len(left) > 0 {
		t.Errorf("asked: %+v, left %v", asked, left)
	}
	wantCode(t, "carried out before it is approved", w.unscrubbed(asked.ID), zoeklicht.Conflict)
	_, err = specialist.ApproveErase(ctx, asked.ID)
	wantCode(t, "the same person approves", err, zoeklicht.Conflict)
	_, err = specialist.Destroy(ctx, asked.ID, capture.Forget, nil)
	wantCode(t, "a person destroys", err, zoeklicht.Denied)
	_, err = prosecutor.ApproveErase(ctx, asked.ID)
	must(t, err)
	_, err = prosecutor.ApproveErase(ctx, asked.ID)
	wantCode(t, "approved twice", err, zoeklicht.Conflict)
	_, err = prosecutor.WithdrawErase(ctx, asked.ID)
	must(t, err)
	wantCode(t, "carried out after it was withdrawn", w.unscrubbed(asked.ID), zoeklicht.Conflict)
	var items int
	must(t, w.th.Owner.QueryRow(ctx, `SELECT count(*) FROM item`).Scan(&items))
	if items != 6 {
		t.Errorf("%d items are left of 6", items)
	}
}

// TestDatabaseRefuses what no code of ours does: one person in two roles, rows that go
// without an erasure, and an erasure that takes more than was decided.
func TestDatabaseRefuses(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t, storetest.New(t)), t.Context()
	w.add(plain(1), plain(2))
	id := w.decide(zoeklicht.Erasure{Scope: zoeklicht.EraseItem, Capture: w.captures[0], Item: "picture:0"})
	asked, _, err := w.th.Person("case 9", zoeklicht.Specialist).AskErase(ctx, zoeklicht.Erasure{Scope: zoeklicht.EraseCapture, Capture: w.captures[1], Ground: "x"})
	must(t, err)
	_, err = w.th.Owner.Exec(ctx, `CREATE FUNCTION pg_temp.begun(of bigint) RETURNS void LANGUAGE sql AS $$
		INSERT INTO erasure_step (erasure, kind, seq, person, name, at) SELECT of, 'destroy', max(seq), -5, 'retain', now() FROM moment $$`)
	must(t, err)
	for _, c := range []struct{ role, what, sql string }{
		{"analysis", "the same person", fmt.Sprintf(`INSERT INTO erasure_step (erasure, kind, seq, person, name, at) VALUES (%d, 'approve', 1, %d, 'x', now())`, asked.ID, asked.Asked.Person)},
		{"analysis", "a process", fmt.Sprintf(`INSERT INTO erasure_step (erasure, kind, seq, person, name, at) VALUES (%d, 'approve', 1, -3, 'x', now())`, asked.ID)},
		{"analysis", "asked by a process", `INSERT INTO erasure (seq, scope, advert, ground, purpose, person, name, at) VALUES (1, 'advert', 1, 'x', 'x', -3, 'x', now())`},
		{"analysis", "a step that is taken back", `DELETE FROM erasure_step`},
		{"analysis", "an erasure that is changed", `UPDATE erasure SET person = 99`},
		{"retain", "carried out unapproved", fmt.Sprintf(`INSERT INTO erasure_step (erasure, kind, seq, person, name, at) VALUES (%d, 'destroy', 1, -5, 'x', now())`, asked.ID)},
		{"retain", "items without an erasure", `DELETE FROM item`},
		{"retain", "salts without an erasure", `UPDATE capture SET salts = ''`},
		{"retain", "texts without an erasure", `UPDATE version SET body = ''`},
		{"retain", "captures", `DELETE FROM capture`},
		{"retain", "records", `UPDATE record SET salt = ''`},
		{"retain", "another item", fmt.Sprintf(`SELECT pg_temp.begun(%d); INSERT INTO erased VALUES ('%s', 'page', %d, false)`, id, w.captures[0], id)},
		{"retain", "another capture", fmt.Sprintf(`SELECT pg_temp.begun(%d); INSERT INTO erased VALUES ('%s', 'picture:0', %d, false)`, id, w.captures[1], id)},
		{"retain", "a whole capture", fmt.Sprintf(`SELECT pg_temp.begun(%d); INSERT INTO erased VALUES ('%s', 'picture:0', %d, true)`, id, w.captures[0], id)},
		{"retain", "an item that is not noted", fmt.Sprintf(`SELECT pg_temp.begun(%d); DELETE FROM item WHERE name = 'page'`, id)},
		{"retain", "salts of another capture", fmt.Sprintf(`SELECT pg_temp.begun(%d); UPDATE capture SET salts = '' WHERE id = '%s'`, id, w.captures[1])},
		{"retain", "a text that has no tombstone", fmt.Sprintf(`SELECT pg_temp.begun(%d); UPDATE version SET body = ''`, id)},
		{"retain", "who saw what", `DELETE FROM audit`},
		{"retain", "that it was destroyed", `DELETE FROM erased`},
	} {
		tx, err := w.th.Owner.Begin(ctx)
		must(t, err)
		_, err = tx.Exec(ctx, `SET LOCAL ROLE zl_practice_`+c.role)
		must(t, err)
		if _, err := tx.Exec(ctx, c.sql); err == nil {
			t.Errorf("%s may: %s", c.role, c.what)
		}
		must(t, tx.Rollback(ctx))
	}
	must(t, w.unscrubbed(id))
}

// note enters captures in the register of exports.
func note(w *world, st *store.Store, captures ...zoeklicht.CaptureID) (*zoeklicht.Exported, error) {
	e := &zoeklicht.Exported{
		Ground: "Article 8", Form: zoeklicht.FormPackage, Kind: zoeklicht.ExportVersions, What: "a version", File: "x.zip",
		Bytes: 10, SHA256: [32]byte{1}, Versions: len(captures), Pictures: 1,
	}
	return e, st.NoteExport(w.t.Context(), e, captures, nil)
}

// TestHold: what was exported for a case is held for it, at every step of an erasure, until
// the hold is lifted.
func TestHold(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t, storetest.New(t)), t.Context()
	w.add(plain(1), plain(2), plain(3))
	capture := func(n int) zoeklicht.Erasure {
		return zoeklicht.Erasure{Scope: zoeklicht.EraseCapture, Capture: w.captures[n], Ground: "order 12"}
	}
	asker, approver := w.th.Person("term ended", zoeklicht.Specialist), w.th.Person("term ended", zoeklicht.Prosecutor)
	exporter := w.th.Person("case 26-0417, hearing", zoeklicht.Specialist)
	held := func(what string, err error) {
		t.Helper()
		wantCode(t, what, err, zoeklicht.Conflict)
		if err != nil && !strings.Contains(err.Error(), "case 26-0417, hearing") {
			t.Errorf("%s: %v does not name the case", what, err)
		}
	}
	first, _, err := asker.AskErase(ctx, capture(0))
	must(t, err)
	second, _, err := asker.AskErase(ctx, capture(1))
	must(t, err)
	_, err = approver.ApproveErase(ctx, second.ID)
	must(t, err)
	e, err := note(w, exporter, w.captures[0], w.captures[1])
	must(t, err)
	if e.ID == 0 || e.Case != "case 26-0417, hearing" || e.Name == "" {
		t.Errorf("the line is %+v", e)
	}
	_, _, err = asker.AskErase(ctx, capture(0))
	held("asking", err)
	_, err = approver.ApproveErase(ctx, first.ID)
	held("approving", err)
	held("carrying out", w.unscrubbed(second.ID))
	_, err = w.th.Owner.Exec(ctx, fmt.Sprintf(`
		INSERT INTO erasure_step (erasure, kind, seq, person, name, at) VALUES (%d, 'destroy', 1, -5, 'x', now());
		INSERT INTO erased VALUES ('%s', 'page', %d, true)`, second.ID, w.captures[1], second.ID))
	if err == nil || !strings.Contains(err.Error(), "held for case") {
		t.Errorf("the database lets go of what is held: %v", err)
	}
	lifter := w.th.Person("", zoeklicht.Specialist)
	stands := func(what string, err error, says string) {
		t.Helper()
		wantCode(t, what, err, zoeklicht.Conflict)
		if err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err = approver.LiftHold(ctx, "26-0417")
	stands("lifting what nobody asked to lift", err, "nobody asked")
	if n, err := lifter.AskLift(ctx, "26-0417", "final judgment"); err != nil || n != 2 {
		t.Errorf("asked to lift %d: %v", n, err)
	}
	_, err = lifter.LiftHold(ctx, "26-0417")
	stands("lifting alone", err, "another person grants it")
	_, err = approver.ApproveErase(ctx, first.ID)
	held("approving while lifting is only asked for", err)
	tx, err := w.th.Owner.Begin(ctx)
	must(t, err)
	_, err = tx.Exec(ctx, `SET LOCAL ROLE zl_practice_analysis`)
	must(t, err)
	_, err = tx.Exec(ctx, `
		INSERT INTO hold_end (case_number, seq, reason, person, name, at) SELECT case_number, seq + 100, reason, person, name, at FROM hold_lift`)
	if err == nil || !strings.Contains(err.Error(), "lifted by two people") {
		t.Errorf("the database lifts a hold by one person: %v", err)
	}
	must(t, tx.Rollback(ctx))
	if n, err := approver.LiftHold(ctx, "26-0417"); err != nil || n != 2 {
		t.Errorf("lifted %d: %v", n, err)
	}
	must(t, w.unscrubbed(second.ID))
	left, err := asker.LeftWith(ctx, second.ID)
	if err != nil || len(left) != 1 || left[0].Export != e.ID || left[0].Captures != 1 {
		t.Errorf("what left is %v: %v", left, err)
	}
	exports, err := exporter.Exports(ctx, "26-0417")
	if err != nil || len(exports) != 1 || exports[0].Erased != 3 {
		t.Errorf("the register says %+v: %v", exports, err)
	}
	_, err = note(w, exporter, w.captures[1])
	wantCode(t, "exporting what was destroyed", err, zoeklicht.Conflict)
	_, err = note(w, w.th.Person("case 8", zoeklicht.Analyst), w.captures[2])
	wantCode(t, "an analyst exports", err, zoeklicht.Denied)
	// Exported again after the hold was lifted, it is held again.
	_, err = note(w, exporter, w.captures[0])
	must(t, err)
	_, err = approver.ApproveErase(ctx, first.ID)
	held("approving after a second export", err)
	_, err = approver.LiftHold(ctx, "26-0417")
	stands("lifting by what was asked before", err, "nobody asked")
	_, err = lifter.AskLift(ctx, "26-0417", "final judgment")
	must(t, err)
	_, err = note(w, exporter, w.captures[2])
	must(t, err)
	_, err = approver.LiftHold(ctx, "26-0417")
	stands("lifting what was held since", err, "more was held")
	if _, err := w.th.Person("case 77", zoeklicht.Specialist).HoldAdvert(ctx, w.advert(w.captures[2])); err != nil {
		t.Error(err)
	}
	_, _, err = asker.AskErase(ctx, zoeklicht.Erasure{Scope: zoeklicht.EraseAdvert, Advert: w.advert(w.captures[2]), Ground: "x"})
	wantCode(t, "an advert that a person holds", err, zoeklicht.Conflict)
	holds, err := asker.Holds(ctx)
	if err != nil || len(holds) != 2 || holds[0].Captures != 2 || holds[0].Lift == "" || holds[0].By != "" || holds[1].By == "" {
		t.Errorf("held is %+v: %v", holds, err)
	}
}

// TestSealedStays: what was sealed is not destroyed outside its custody.
func TestSealedStays(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t, storetest.New(t)), t.Context()
	same := plain(2)
	same.n, same.picture = 3, plain(2).picture
	w.add(plain(1), plain(2), same)
	id := w.decide(zoeklicht.Erasure{Scope: zoeklicht.EraseCapture, Capture: w.captures[1]})
	_, err := w.th.Person("", zoeklicht.Analyst).Seal(ctx, w.version(w.captures[1]), zoeklicht.SealOther, zoeklicht.SealVersion)
	must(t, err)
	wantCode(t, "sealed since it was approved", w.unscrubbed(id), zoeklicht.Conflict)
	_, _, err = w.th.Person("case 9", zoeklicht.Specialist).AskErase(ctx, zoeklicht.Erasure{Scope: zoeklicht.EraseItem, Capture: w.captures[2], Item: "picture:0", Ground: "x"})
	wantCode(t, "a picture that was sealed with another", err, zoeklicht.Conflict)
	must(t, w.unscrubbed(w.decide(zoeklicht.Erasure{Scope: zoeklicht.EraseCapture, Capture: w.captures[0]})))
}

// TestAnyErasures makes random captures and erasures and holds them to what must hold
// after any: captures verify, counts and projections are exact, what was destroyed is in
// no answer, and nothing that is left was touched.
func TestAnyErasures(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	w, ctx := newWorld(t, storetest.New(t)), t.Context()
	analyst, engine := w.th.Person("case 9", zoeklicht.Analyst), search.New(search.Config{})
	asker, approver := w.th.Person("case 9", zoeklicht.Specialist), w.th.Person("case 9", zoeklicht.Prosecutor)
	items := map[zoeklicht.CaptureID]int{}
	for step := range 24 {
		w.th.Clock.T = w.th.Clock.T.Add(time.Hour)
		if step%3 == 0 {
			w.nextRun() // one run sees an advert once
			a := plain(rng.IntN(4))
			a.text += fmt.Sprintf(" as of round %d", rng.IntN(3))
			a.place = []string{"Utrecht", "Zwolle", ""}[rng.IntN(3)]
			if rng.IntN(4) == 0 {
				a.picture = nil
			}
			w.add(a, plain(10+step))
			for _, id := range w.captures[len(w.captures)-2:] {
				items[id] = len(w.sealed(id).Items)
			}
		}
		res, err := engine.Ask(ctx, analyst, zoeklicht.Question{}, time.Time{}, 0, 1000)
		must(t, err)
		var versions, total int
		must(t, w.th.Owner.QueryRow(ctx, `SELECT (SELECT count(*) FROM version), (SELECT sum(versions) FROM daily)`).Scan(&versions, &total))
		e := zoeklicht.Erasure{Scope: zoeklicht.EraseCapture, Capture: w.captures[rng.IntN(len(w.captures))]}
		switch rng.IntN(3) {
		case 0:
			e.Scope, e.Item = zoeklicht.EraseItem, []string{"page", "picture:0", "context"}[rng.IntN(3)]
		case 1:
			e = zoeklicht.Erasure{Scope: zoeklicht.EraseAdvert, Advert: zoeklicht.AdvertID(1 + rng.IntN(6))}
		}
		e.Ground = "order 12 of the prosecutor"
		asked, _, err := asker.AskErase(ctx, e)
		if zoeklicht.CodeOf(err) == zoeklicht.NotFound {
			continue // gone already
		}
		must(t, err)
		_, err = approver.ApproveErase(ctx, asked.ID)
		must(t, err)
		must(t, w.unscrubbed(asked.ID))
		var gone []zoeklicht.CaptureID
		must(t, w.th.Owner.QueryRow(ctx, `SELECT array_agg(DISTINCT capture) FROM erased`).Scan(&gone))
		left := map[zoeklicht.CaptureID]int{}
		for _, id := range gone {
			var n int
			must(t, w.th.Owner.QueryRow(ctx, `SELECT count(*) FROM erased WHERE capture = $1`, id).Scan(&n))
			left[id] = items[id] - n
		}
		verify(t, w, left)
		rebuilt(t, w.th)
		var versionsNow, totalNow, tomb, dangling int
		must(t, w.th.Owner.QueryRow(ctx, `
			SELECT (SELECT count(*) FROM version), (SELECT sum(versions) FROM daily), (SELECT count(*) FROM tombstone),
			       (SELECT count(*) FROM tombstone t JOIN version v ON v.id = t.version WHERE v.body || v.title || v.folded || v.url || v.place <> '' OR v.digest <> '')
			     + (SELECT count(*) FROM entity e JOIN tombstone t ON t.version = e.version)
			     + (SELECT count(*) FROM contact c WHERE NOT EXISTS (SELECT 1 FROM entity e WHERE e.type = c.type AND e.value = c.value))
			     + (SELECT count(*) FROM version_picture p WHERE p.picture <> 0 AND NOT EXISTS (SELECT 1 FROM picture q WHERE q.id = p.picture))
			     + (SELECT count(*) FROM picture q WHERE NOT EXISTS (SELECT 1 FROM version_picture p WHERE p.picture = q.id))
			     + (SELECT count(*) FROM erase_hole)`).Scan(&versionsNow, &totalNow, &tomb, &dangling))
		if versionsNow != versions || totalNow != total || dangling > 0 {
			t.Fatalf("step %d, %+v: %d versions of %d, counted %d of %d, %d rows hold what they should not", step, e, versionsNow, versions, totalNow, total, dangling)
		}
		again, err := analyst.Result(ctx, res.ID, 0, 1000)
		must(t, err)
		if again.Versions != res.Versions || again.Adverts != res.Adverts || len(again.Rows) != len(res.Rows) {
			t.Fatalf("step %d: the result has %d rows of %d", step, len(again.Rows), len(res.Rows))
		}
		fresh, err := engine.Ask(ctx, analyst, zoeklicht.Question{}, time.Time{}, 0, 1000)
		must(t, err)
		for _, r := range fresh.Rows {
			if r.Version.Destroyed || r.Version.Title == "" {
				t.Fatalf("step %d: %+v is in an answer", step, r.Version)
			}
		}
		if fresh.Versions != versions-tomb {
			t.Fatalf("step %d: a question finds %d versions of %d, %d of them destroyed", step, fresh.Versions, versions, tomb)
		}
	}
}
