package store_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/ledger"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/storetest"

	"github.com/google/go-cmp/cmp"
)

// elect makes the test the appender of the theme's logs.
func elect(t *testing.T, th *storetest.Theme) *store.Appender {
	t.Helper()
	a, err := th.Service(zoeklicht.Recording).Elect(t.Context())
	must(t, err)
	t.Cleanup(a.Close)
	return a
}

// leaves puts n record leaves in the outbox.
func leaves(t *testing.T, th *storetest.Theme, n int) {
	t.Helper()
	for i := range n {
		added, err := th.Service(zoeklicht.Analysis).KeepRecord(t.Context(), zoeklicht.LeafConfig, fmt.Sprint(i), []byte(`{}`))
		must(t, err)
		if !added {
			t.Fatalf("record %d was not added", i)
		}
	}
}

func ids(waiting []store.WaitingLeaf) (out []int64) {
	for _, l := range waiting {
		out = append(out, l.ID)
	}
	return out
}

// TestLowestPlaceCounts says again and again where leaves stand, as recorders do that died
// in between: a row moves to a lower place and to nothing else, whoever asks.
func TestLowestPlaceCounts(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	leaves(t, th, 3)
	a := elect(t, th)
	waiting, err := a.WaitingLeaves(ctx, 10)
	must(t, err)
	at := ids(waiting)
	if len(at) != 3 || !slices.IsSorted(at) {
		t.Fatalf("waiting: %v", at)
	}
	for _, step := range []struct {
		year    int
		indices []int64
		want    string
	}{
		{2026, []int64{5, 6, 7}, "2026/5 2026/6 2026/7"},
		{2026, []int64{8, 9, 10}, "2026/5 2026/6 2026/7"},
		{2026, []int64{2, 9, 3}, "2026/2 2026/6 2026/3"},
		{2027, []int64{0, 1, 2}, "2026/2 2026/6 2026/3"},
		{2025, []int64{0, 1, 2}, "2025/0 2025/1 2025/2"},
	} {
		must(t, a.LeavesPlaced(ctx, step.year, at, step.indices))
		var got string
		must(t, th.Owner.QueryRow(ctx, `SELECT string_agg(year || '/' || idx, ' ' ORDER BY id) FROM outbox`).Scan(&got))
		if got != step.want {
			t.Errorf("after %d %v: %s, not %s", step.year, step.indices, got, step.want)
		}
	}
	if rest, err := a.WaitingLeaves(ctx, 10); err != nil || len(rest) != 0 {
		t.Errorf("still waiting: %v, %v", rest, err)
	}
	if _, err := th.Owner.Exec(ctx, `UPDATE outbox SET year = NULL, idx = NULL`); err != nil {
		t.Fatal(err)
	}
	logs, err := a.Logs(ctx)
	must(t, err)
	if diff := cmp.Diff([]store.LogState{{Year: 2025, Next: 3}}, logs); diff != "" {
		t.Errorf("a placed leaf waits again (-want +got):\n%s", diff)
	}
}

// TestOneAppender elects one process at a time, and lets nothing be written by who lost.
func TestOneAppender(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	leaves(t, th, 1)
	recording := th.Service(zoeklicht.Recording)
	first, err := recording.Elect(ctx)
	must(t, err)
	_, err = recording.Elect(ctx)
	code(t, zoeklicht.Conflict, err)
	for _, phase := range []zoeklicht.Phase{zoeklicht.Technical, zoeklicht.Analysis} {
		_, err = th.Service(phase).Elect(ctx)
		code(t, zoeklicht.Denied, err)
	}
	// The server ends the session: the lock is free, and the one who had it cannot go on.
	if _, err := th.Owner.Exec(ctx, `SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7042
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`); err != nil {
		t.Fatal(err)
	}
	code(t, zoeklicht.Unavailable, first.LeavesPlaced(ctx, 2026, []int64{1}, []int64{0}))
	first.Close()
	second, err := recording.Elect(ctx)
	must(t, err)
	second.Close()
	third, err := recording.Elect(ctx)
	must(t, err)
	third.Close()
}

// TestRecords keeps records beside what they are about: the leaf is that of the content
// and its salt, and shows neither.
func TestRecords(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	must(t, w.an.RegisterSet(ctx, "set-1", []zoeklicht.Indicator{{ID: "parking", Weight: 1}}))
	must(t, w.an.RegisterSet(ctx, "set-1", []zoeklicht.Indicator{{ID: "parking", Weight: 1}}))
	run, _, err := w.tech.BeginRun(ctx, "s", "test", links(1))
	must(t, err)
	tasks, err := w.tech.Claim(ctx, "s", run.ID, 1, time.Minute)
	must(t, err)
	must(t, w.tech.Refuse(ctx, tasks[0], zoeklicht.FailRobots))
	must(t, w.tech.Refuse(ctx, tasks[0], zoeklicht.FailRobots)) // it is no longer leased: nothing happens
	for range 2 {
		_, err := w.tech.KeepRecord(ctx, zoeklicht.LeafConfig, "abc", []byte(`{"data":"./data"}`))
		must(t, err)
	}
	specialist := th.Person("case 7", zoeklicht.Specialist)
	_, err = specialist.KeepRecord(ctx, zoeklicht.LeafConfig, "x", nil)
	code(t, zoeklicht.Denied, err)
	for _, want := range []struct {
		kind     zoeklicht.LeafKind
		ref      string
		n        int
		contains string
	}{
		{zoeklicht.LeafDecision, "s", 3, `"kind":"propose"`}, // and vet, approve
		{zoeklicht.LeafIndicators, "set-1", 1, `"parking"`},
		{zoeklicht.LeafCaptureFailed, fmt.Sprintf("s %d", run.ID), 1, `"why":"robots"`},
		{zoeklicht.LeafConfig, "abc", 1, `{"data":"./data"}`},
	} {
		got, err := specialist.Records(ctx, want.kind, want.ref)
		must(t, err)
		if len(got) != want.n {
			t.Fatalf("%d records of kind %s about %q, not %d", len(got), want.kind, want.ref, want.n)
		}
		if !bytes.Contains(got[0].Content, []byte(want.contains)) {
			t.Errorf("the content of %s: %s", want.kind, got[0].Content)
		}
		for _, r := range got {
			leaf, err := ledger.ParseRecordLeaf(r.Leaf)
			must(t, err)
			if leaf.Kind != want.kind || leaf.ID != r.ID || !leaf.Holds(r.Content, [32]byte(r.Salt)) {
				t.Errorf("the leaf of %s %s is not its own:\n%s", want.kind, r.ID, r.Leaf)
			}
			if r.LeafIndex != -1 || r.LeafYear != 0 || r.Checkpoint != nil {
				t.Errorf("%s %s waits, and stands at %d/%d", want.kind, r.ID, r.LeafYear, r.LeafIndex)
			}
		}
	}
	analyst := th.Person("case 7", zoeklicht.Analyst)
	_, err = analyst.Records(ctx, zoeklicht.LeafDecision, "s")
	code(t, zoeklicht.Denied, err)
}

// TestMatter: a capture comes with its approval, its set, its run's failures, what left of
// it for this case, and the keys; with nothing of other sets and cases.
func TestMatter(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(1)
	var id zoeklicht.CaptureID
	must(t, th.Owner.QueryRow(ctx, `SELECT id FROM capture ORDER BY seq, id LIMIT 1`).Scan(&id))
	run, _, err := w.tech.BeginRun(ctx, "s", "test", links(1))
	must(t, err)
	tasks, err := w.tech.Claim(ctx, "s", run.ID, 1, time.Minute)
	must(t, err)
	must(t, w.tech.Refuse(ctx, tasks[0], zoeklicht.FailRobots))
	if _, err := th.Owner.Exec(ctx, `UPDATE capture SET run = $2 WHERE id = $1`, id, run.ID); err != nil {
		t.Fatal(err)
	}
	specialist := th.Person("case 7", zoeklicht.Specialist)
	must(t, w.an.RegisterSet(ctx, "set-1", []zoeklicht.Indicator{{ID: "parking", Weight: 1}}))
	must(t, w.an.RegisterSet(ctx, "set-2", []zoeklicht.Indicator{{ID: "parking", Weight: 2}}))
	_, err = w.tech.KeepRecord(ctx, zoeklicht.LeafKey, "key", []byte(`{"keys":[]}`))
	must(t, err)
	leaves := func(st *store.Store) {
		t.Helper()
		must(t, st.NoteExport(ctx, &zoeklicht.Exported{
			Ground: "theme", Form: zoeklicht.FormPDF, Kind: zoeklicht.ExportVersion, What: "1/1", File: "x.pdf", Bytes: 1, SHA256: [32]byte{1}, Versions: 1,
		}, []zoeklicht.CaptureID{id}, nil))
	}
	leaves(specialist)
	leaves(th.Person("case 8", zoeklicht.Specialist))
	m, err := specialist.Matter(ctx, []zoeklicht.CaptureID{id}, []string{"set-1"})
	must(t, err)
	got := map[zoeklicht.LeafKind]string{}
	for _, r := range m.Records {
		got[r.Kind] += string(r.Content)
	}
	for kind, want := range map[zoeklicht.LeafKind]string{
		zoeklicht.LeafDecision: `"kind":"approve"`, zoeklicht.LeafIndicators: `"set":"set-1"`, zoeklicht.LeafCaptureFailed: `"why":"robots"`,
		zoeklicht.LeafExport: `"case":"case 7"`, zoeklicht.LeafKey: `"keys"`,
	} {
		if !strings.Contains(got[kind], want) {
			t.Errorf("of kind %s it has %q", kind, got[kind])
		}
	}
	if len(m.Records) != 5 || m.Others != 1 || m.Failed != 0 {
		t.Errorf("%d records, %d other exports, %d failures beyond: %v", len(m.Records), m.Others, m.Failed, got)
	}
}

// TestEvidence gives for captures what proves them: nothing before a checkpoint covers the
// leaf, then the first checkpoint that does, then the first that was dated.
func TestEvidence(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(1)
	var id zoeklicht.CaptureID
	must(t, th.Owner.QueryRow(ctx, `SELECT id FROM capture ORDER BY seq, id LIMIT 1`).Scan(&id))
	token := []byte("the newest token at the start")
	sum := sha256.Sum256(token)
	leaf := fmt.Appendf(nil, "zoeklicht/capture/v1\nid %s\nmanifest %x\nafter %x\nbuild %x\n", id, sum, sum, sum)
	for _, q := range []string{
		`UPDATE capture SET salts = '\x0102' WHERE id = $1`,
		`UPDATE outbox SET leaf = '` + "\\x" + fmt.Sprintf("%x", leaf) + `' WHERE ref = $1::text`,
	} {
		if _, err := th.Owner.Exec(ctx, q, id); err != nil {
			t.Fatal(err)
		}
	}
	specialist := th.Person("case 7", zoeklicht.Specialist)
	get := func(act zoeklicht.Act) store.Evidence {
		t.Helper()
		all, err := specialist.Evidence(ctx, act, []zoeklicht.CaptureID{id})
		must(t, err)
		return all[0]
	}
	e := get(zoeklicht.ActExport)
	if e.Capture.LeafIndex != -1 || e.Checkpoint != nil || e.After != nil || !bytes.Equal(e.Capture.Leaf, leaf) || !bytes.Equal(e.Salts, []byte{1, 2}) {
		t.Errorf("before anything: %+v", e)
	}
	if e := get(zoeklicht.ActSearch); e.Salts != nil {
		t.Error("salts are given to who only looks")
	}

	a := elect(t, th)
	waiting, err := a.WaitingLeaves(ctx, 1000)
	must(t, err)
	at := make([]int64, len(waiting))
	for i := range at {
		at[i] = int64(i)
	}
	must(t, a.LeavesPlaced(ctx, 2026, ids(waiting), at))
	index := get(zoeklicht.ActSearch).Capture.LeafIndex
	if index < 0 {
		t.Fatal("the leaf has no place")
	}
	keep := func(size int64) int64 {
		t.Helper()
		id, err := a.KeepCheckpoint(ctx, 2026, &ledger.Checkpoint{Size: size, Root: [32]byte{byte(size)}, Note: fmt.Appendf(nil, "log\n%d\n", size)})
		must(t, err)
		return id
	}
	keep(index) // does not cover it
	if e := get(zoeklicht.ActSearch); e.Checkpoint != nil {
		t.Errorf("a checkpoint of %d leaves is said to cover leaf %d", e.Checkpoint.Size, index)
	}
	first := keep(index + 1)
	dated := keep(index + 2)
	keep(index + 3)
	if again := keep(index + 1); again != first {
		t.Errorf("a checkpoint that is kept twice has numbers %d and %d", first, again)
	}
	if e := get(zoeklicht.ActSearch); e.Checkpoint == nil || e.Checkpoint.ID != first || e.Checkpoint.Origin != "log" || len(e.Checkpoint.Tokens) != 0 {
		t.Errorf("undated: %+v", e.Checkpoint)
	}
	when := time.Date(2026, 1, 6, 13, 0, 0, 0, time.UTC)
	for _, name := range []string{"second", "first", "first"} {
		must(t, a.KeepToken(ctx, dated, zoeklicht.Token{Authority: name, At: when, DER: append([]byte(name), token...)}))
	}
	must(t, a.KeepToken(ctx, first, zoeklicht.Token{Authority: "first", At: when, DER: token}))
	e = get(zoeklicht.ActSearch)
	if e.Checkpoint.ID != first || len(e.Checkpoint.Tokens) != 1 {
		t.Errorf("of two that are dated the first counts: %+v", e.Checkpoint)
	}
	if e.After == nil || !bytes.Equal(e.After.DER, token) || e.After.Authority != "first" {
		t.Errorf("after: %+v", e.After)
	}
	newest, ok, err := w.tech.NewestToken(ctx)
	must(t, err)
	if !ok || newest != sum {
		t.Errorf("the newest token is %x, %v", newest, ok)
	}
	undated, err := a.Undated(ctx, "first")
	must(t, err)
	if len(undated) != 1 || undated[0].Size != index+3 {
		t.Errorf("undated: %+v", undated)
	}

	_, err = specialist.Evidence(ctx, zoeklicht.ActReveal, []zoeklicht.CaptureID{id})
	code(t, zoeklicht.Invalid, err)
	_, err = specialist.Evidence(ctx, zoeklicht.ActExport, []zoeklicht.CaptureID{{1}})
	code(t, zoeklicht.NotFound, err)
	_, err = th.Person("case 7", zoeklicht.Analyst).Evidence(ctx, zoeklicht.ActExport, []zoeklicht.CaptureID{id})
	code(t, zoeklicht.Denied, err)
}

// TestLedgerHealth counts what waits and what is not witnessed, and keeps how parts went
// well when they went.
func TestLedgerHealth(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	leaves(t, th, 5)
	by := th.Person("", zoeklicht.Operator)
	health := func() *zoeklicht.LedgerHealth {
		t.Helper()
		h, err := by.LedgerHealth(ctx)
		must(t, err)
		return h
	}
	if h := health(); h.Waiting != 5 || h.Unwitnessed != 0 || !h.Silent() || len(h.Parts) != 0 {
		t.Errorf("at first: %+v", h)
	}
	a := elect(t, th)
	waiting, err := a.WaitingLeaves(ctx, 4)
	must(t, err)
	must(t, a.LeavesPlaced(ctx, 2026, ids(waiting), []int64{0, 1, 2, 3}))
	if h := health(); h.Waiting != 1 || h.Unwitnessed != 4 {
		t.Errorf("placed: %+v", h)
	}
	_, err = a.KeepCheckpoint(ctx, 2026, &ledger.Checkpoint{Size: 3, Note: []byte("log\n")})
	must(t, err)
	well := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	must(t, a.Tell(ctx, []zoeklicht.LedgerPart{{Name: "log", State: zoeklicht.LedgerWell, Well: well}, {Name: "authority a", State: zoeklicht.LedgerWell, Well: well}}))
	must(t, a.Tell(ctx, []zoeklicht.LedgerPart{{Name: "log", State: zoeklicht.LedgerDown, Detail: "no room"}}))
	h := health()
	if h.Waiting != 1 || h.Unwitnessed != 1 || h.Silent() || h.Witnessed.IsZero() {
		t.Errorf("witnessed: %+v", h)
	}
	if diff := cmp.Diff([]zoeklicht.LedgerPart{
		{Name: "authority a", State: zoeklicht.LedgerNone, Well: well}, {Name: "log", State: zoeklicht.LedgerDown, Detail: "no room", Well: well},
	}, h.Parts); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	years, err := th.Service(zoeklicht.Analysis).LogYears(ctx)
	must(t, err)
	if diff := cmp.Diff([]int{2026}, years); diff != "" {
		t.Error(diff)
	}
	n := int64(0)
	must(t, th.Service(zoeklicht.Analysis).EachPlaced(ctx, 2026, func(index int64, leaf []byte) error {
		if index != n || len(leaf) == 0 {
			t.Errorf("leaf %d: %d bytes at %d", n, len(leaf), index)
		}
		n++
		return nil
	}))
	if n != 4 {
		t.Errorf("%d placed leaves", n)
	}
}
