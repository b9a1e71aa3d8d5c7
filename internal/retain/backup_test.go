package retain_test

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/backup"
	"zoeklicht/internal/retain"
	"zoeklicht/internal/store/storetest"

	"github.com/jackc/pgx/v5"
	"github.com/klauspost/compress/zstd"
)

// backedUp gives a backup of the world.
func (w *world) backedUp() []byte {
	w.t.Helper()
	var out bytes.Buffer
	_, err := backup.Write(w.t.Context(), &out, backup.Source{
		Data: w.data, Databases: []string{"zl_practice"}, Build: "b", Now: w.th.Clock.Now(), Connect: connect(w.th.OwnerDSN),
		Schema: func(context.Context, *pgx.Conn) (int32, error) { return 1, nil },
	})
	must(w.t, err)
	return out.Bytes()
}

func connect(dsn string) func(context.Context, string) (*pgx.Conn, error) {
	return func(ctx context.Context, _ string) (*pgx.Conn, error) { return pgx.Connect(ctx, dsn) }
}

// in gives which needles a backup has, in its files as they are and in its rows, where
// bytes are hexadecimal.
func (n needles) in(t *testing.T, b []byte) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	r := tar.NewReader(bytes.NewReader(b))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		must(t, err)
		var body []byte
		if strings.HasSuffix(h.Name, ".copy") {
			z, err := zstd.NewReader(r)
			must(t, err)
			body, err = io.ReadAll(z)
			must(t, err)
			z.Close()
		} else {
			body, err = io.ReadAll(r)
			must(t, err)
		}
		for what, needle := range n {
			if bytes.Contains(body, needle) || bytes.Contains(body, []byte(hex.EncodeToString(needle))) {
				found[what] = true
			}
		}
	}
}

// TestBackups: a backup from after an erasure has nothing of what was erased; one from
// before has it, and does not bring it back.
func TestBackups(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t, storetest.On(t, postgresFor(t))), t.Context()
	ads := []advert{plain(0), plain(1), plain(2), plain(3), plain(4)}
	ads[1].text += " " + inText
	ads[2].picture = drawing(2, inPicture)
	ads[4].text += " " + inPlace
	w.add(ads...)
	gone := needles{"text": []byte(inText), "the advert's text": []byte(inPlace)}
	for _, n := range []int{1, 4} {
		w.secrets(gone, w.captures[n], "")
	}
	w.secrets(gone, w.captures[2], "picture:0")
	before := w.backedUp()
	if got := gone.in(t, before); len(got) != len(gone) {
		t.Errorf("the backup from before has %d of %d", len(got), len(gone))
	}

	// Held when the backup is made, and not when it is erased.
	_, err := note(w, w.th.Person("case 5", zoeklicht.Specialist), w.captures[4])
	must(t, err)
	held := w.backedUp()
	_, err = w.th.Person("case 5", zoeklicht.Specialist).AskLift(ctx, "5", "closed")
	must(t, err)
	_, err = w.th.Person("case 5", zoeklicht.Prosecutor).LiftHold(ctx, "5")
	must(t, err)
	// Asked for when the last of the old backups is made, and not approved.
	asked, _, err := w.th.Person("case 9", zoeklicht.Specialist).AskErase(ctx, zoeklicht.Erasure{Scope: zoeklicht.EraseCapture, Capture: w.captures[1], Ground: "x"})
	must(t, err)
	waiting := w.backedUp()
	_, err = w.th.Person("case 9", zoeklicht.Prosecutor).ApproveErase(ctx, asked.ID)
	must(t, err)

	e := w.eraser(nil)
	for _, id := range []zoeklicht.ErasureID{
		asked.ID, w.decide(zoeklicht.Erasure{Scope: zoeklicht.EraseItem, Capture: w.captures[2], Item: "picture:0"}),
		w.decide(zoeklicht.Erasure{Scope: zoeklicht.EraseAdvert, Advert: w.advert(w.captures[4])}),
	} {
		_, err := e.Carry(ctx, id)
		must(t, err)
	}
	after := w.backedUp()
	for what := range gone.in(t, after) {
		t.Errorf("the backup from after has the %s", what)
	}
	list, err := retain.ReadList(retain.ListFile(w.data))
	if err != nil || len(list) != 3 {
		t.Fatalf("%d erasures are listed: %v", len(list), err)
	}
	for name, b := range map[string][]byte{"before": before, "held": held, "waiting": waiting, "after": after} {
		t.Run(name, func(t *testing.T) { restored(t, w, b, gone, name == "after") })
	}
}

// restored puts a backup back with the list of erasures, and looks for what was erased.
func restored(t *testing.T, w *world, b []byte, gone needles, after bool) {
	ctx := t.Context()
	dsn, files := cluster(t)
	th := storetest.On(t, dsn)
	again := &world{t: t, data: filepath.Join(t.TempDir(), "data"), th: th, ring: w.ring, leaves: w.leaves, captures: w.captures}
	list, err := retain.ReadList(retain.ListFile(w.data))
	must(t, err)
	n := 0
	to := backup.Target{
		Data: again.data, Connect: connect(dsn), Prepare: func(context.Context, *backup.Manifest) error { return nil },
		Erase: func(ctx context.Context) error {
			if !backup.Unfinished(again.data) {
				t.Error("the installation would open before what was erased is erased again")
			}
			all, err := retain.MergeList(retain.ListFile(again.data), list)
			if err != nil {
				return err
			}
			var remains []string
			n, remains, err = again.eraser(nil).Again(ctx, all)
			if len(remains) > 0 {
				t.Errorf("remains: %v", remains)
			}
			return err
		},
	}
	_, err = backup.Restore(ctx, bytes.NewReader(b), to)
	must(t, err)
	if want := map[bool]int{false: 3, true: 0}[after]; n != want || backup.Unfinished(again.data) {
		t.Errorf("%d erasures were done again, want %d; unfinished: %v", n, want, backup.Unfinished(again.data))
	}
	for what, where := range gone.found(t, again.data, files) {
		t.Errorf("%s is in %v", what, where)
	}
	verify(t, again, map[zoeklicht.CaptureID]int{w.captures[1]: 0, w.captures[2]: 2, w.captures[4]: 0})
	if open, err := th.Service(zoeklicht.Retain).Unfinished(ctx); err != nil || len(open) > 0 {
		t.Errorf("%d erasures are unfinished: %v", len(open), err)
	}
	if all, err := retain.ReadList(retain.ListFile(again.data)); err != nil || len(all) < 3 {
		t.Errorf("the list has %d erasures: %v", len(all), err)
	}
}

// TestKilledRestore: a restore that ends before what was erased is erased again leaves an
// installation that does not open.
func TestKilledRestore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.On(t, postgresFor(t)))
	w.add(plain(1))
	b := w.backedUp()
	data := filepath.Join(t.TempDir(), "data")
	_, err := backup.Restore(t.Context(), bytes.NewReader(b), backup.Target{
		Data: data, Connect: connect(postgresFor(t)), Prepare: func(context.Context, *backup.Manifest) error { return nil },
		Erase: func(context.Context) error { return errKilled },
	})
	if !errors.Is(err, errKilled) || !backup.Unfinished(data) {
		t.Errorf("%v, unfinished: %v", err, backup.Unfinished(data))
	}
}
