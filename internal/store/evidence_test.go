package store_test

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/ledger"
	"zoeklicht/internal/store/storetest"

	"github.com/google/go-cmp/cmp"
)

// TestEvidenceOfMany: the proof of a capture is the same whatever it is asked for with, and
// in the order asked for, among checkpoints that are dated and not.
func TestEvidenceOfMany(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	w := newWorld(t, th)
	w.run(0)
	w.run(1)
	specialist, a := th.Person("case 7", zoeklicht.Specialist), elect(t, th)
	waiting, err := a.WaitingLeaves(ctx, 1000)
	must(t, err)
	some := waiting[:len(waiting)-5] // the last have no place yet
	at := make([]int64, len(some))
	for i := range at {
		at[i] = int64(i)
	}
	must(t, a.LeavesPlaced(ctx, 2026, ids(some), at))
	var tokens [][32]byte
	for size := int64(3); size < int64(len(some))-2; size += 1 + w.rand.Int64N(5) {
		id, err := a.KeepCheckpoint(ctx, 2026, &ledger.Checkpoint{Size: size, Root: [32]byte{byte(size)}, Note: fmt.Appendf(nil, "log\n%d\n", size)})
		must(t, err)
		if w.rand.IntN(3) == 0 && size < int64(len(some))/2 {
			der := fmt.Appendf(nil, "token of %d", size)
			must(t, a.KeepToken(ctx, id, zoeklicht.Token{Authority: "first", At: time.Date(2026, 1, 6, 13, 0, 0, 0, time.UTC), DER: der}))
			tokens = append(tokens, sha256.Sum256(der))
		}
	}
	var captures []zoeklicht.CaptureID
	must(t, th.Owner.QueryRow(ctx, `SELECT array_agg(id ORDER BY md5(id::text)) FROM capture`).Scan(&captures))
	for i, id := range captures {
		if i%3 == 0 {
			continue // names no token
		}
		leaf := fmt.Appendf(nil, "zoeklicht/capture/v1\nid %s\nafter %x\n", id, tokens[w.rand.IntN(len(tokens))])
		if _, err := th.Owner.Exec(ctx, `UPDATE outbox SET leaf = $2 WHERE ref = $1::text`, id.String(), leaf); err != nil {
			t.Fatal(err)
		}
		if _, err := th.Owner.Exec(ctx, `UPDATE capture SET salts = $2 WHERE id = $1`, id, []byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
	}
	_, err = th.Person("", zoeklicht.Analyst).Seal(ctx, 1, zoeklicht.SealMinor, zoeklicht.SealAdvert)
	must(t, err)
	asked := append(captures, captures[0], captures[7])
	all, err := specialist.Evidence(ctx, zoeklicht.ActExport, asked)
	must(t, err)
	var dated, undated, none, after, sealed int
	for i, e := range all {
		one, err := specialist.Evidence(ctx, zoeklicht.ActExport, asked[i:i+1])
		must(t, err)
		if diff := cmp.Diff(one[0], e); diff != "" || e.Capture.ID != asked[i] {
			t.Fatalf("capture %s (-alone +with others):\n%s", asked[i], diff)
		}
		if want := w.covering(e.Capture.LeafIndex); e.Capture.LeafIndex >= 0 && (e.Checkpoint == nil && want > 0 || e.Checkpoint != nil && e.Checkpoint.Size != want) {
			t.Errorf("leaf %d: checkpoint %+v, want that of %d leaves", e.Capture.LeafIndex, e.Checkpoint, want)
		}
		switch {
		case e.Capture.Sealed:
			sealed++
		case e.Checkpoint == nil:
			none++
		case len(e.Checkpoint.Tokens) > 0:
			dated++
		default:
			undated++
		}
		if e.After != nil {
			after++
		}
	}
	if dated < 5 || undated < 5 || none < 2 || after < 10 || sealed == 0 {
		t.Errorf("%d dated, %d undated, %d without a checkpoint, %d after a token, %d sealed: the test shows nothing", dated, undated, none, after, sealed)
	}
}

// covering gives the size of the checkpoint that proves a leaf best, by looking at all; 0
// for none.
func (w *world) covering(index int64) (best int64) {
	w.t.Helper()
	rows, err := w.th.Owner.Query(w.t.Context(), `SELECT c.size, EXISTS (SELECT 1 FROM token t WHERE t.checkpoint = c.id) FROM checkpoint c WHERE c.size > $1 ORDER BY c.size DESC`, index)
	must(w.t, err)
	defer rows.Close()
	any := false
	for rows.Next() {
		var size int64
		var is bool
		must(w.t, rows.Scan(&size, &is))
		if is || !any {
			best, any = size, any || is
		}
	}
	return best
}
