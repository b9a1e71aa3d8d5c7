package job

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"zoeklicht"
	"zoeklicht/internal/keys"

	"github.com/google/go-cmp/cmp"
)

// killed gives a Runner on a copy of another's folder as it is now: what the next process
// finds if the one of now is killed.
func killed(t *testing.T, r *Runner) *Runner {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "out"), os.DirFS(r.cfg.Dir)); err != nil {
		t.Fatal(err)
	}
	cfg := r.cfg
	cfg.Dir = filepath.Join(dir, "out")
	return open(t, cfg, r.ring)
}

// read gives what a job of anna's made.
func read(t *testing.T, r *Runner, id zoeklicht.JobID) string {
	t.Helper()
	body, _, err := r.Open(anna, id)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(body)
	if err := errors.Join(err, body.Close()); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestRestart: what is finished outlives its process, killed or closed, for its owner, until
// the end date that it had; how others ended is told still, and in the same order.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner(t, Config{})
		id := begin(t, r, writes("what leaves")).ID
		synctest.Wait()
		<-time.After(time.Hour)
		begin(t, r, func(context.Context, io.Writer, Progress) (Result, error) {
			return Result{}, zoeklicht.Errorf(zoeklicht.Unavailable, "no timestamping authority answers").With("the captures are safe", "try again later")
		})
		synctest.Wait()
		was := r.List(anna)
		for _, name := range all(t, r) {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range []string{"what leaves", "advert", "26-0417", "an order", "AGE-SECRET", "findings", "timestamping"} {
				if bytes.Contains(b, []byte(word)) {
					t.Errorf("%q stands in %s", word, name)
				}
			}
		}
		other := killed(t, r)
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Hour)
		for what, next := range map[string]*Runner{"killed": other, "closed": open(t, r.cfg, r.ring)} {
			if diff := cmp.Diff(was, next.List(anna)); diff != "" {
				t.Errorf("%s (-before +after)\n%s", what, diff)
			}
			if got := read(t, next, id); got != "what leaves" {
				t.Errorf("%s: %q", what, got)
			}
			_, err := next.Get(bea, id)
			code(t, err, zoeklicht.NotFound)
			_, _, err = next.Open(bea, id)
			code(t, err, zoeklicht.NotFound)
			code(t, next.Cancel(anna, id), zoeklicht.Conflict)
			later := begin(t, next, writes("x")).ID
			synctest.Wait()
			if list := next.List(anna); len(list) != 3 || list[0].ID != later {
				t.Errorf("%s: a new one is not the newest of %v", what, list)
			}
		}
		<-time.After(22*time.Hour - time.Nanosecond)
		if _, err := other.Get(anna, id); err != nil {
			t.Errorf("gone before its end date: %v", err)
		}
		late := killed(t, other)
		<-time.After(time.Nanosecond)
		synctest.Wait()
		for what, next := range map[string]*Runner{"while it runs": other, "since it began again": late, "at its start": killed(t, late)} {
			_, err := next.Get(anna, id)
			code(t, err, zoeklicht.NotFound)
			if _, err := os.Stat(next.path(id)); err == nil {
				t.Errorf("%s: the file is there after its end date", what)
			}
			if _, err := os.Stat(next.recordPath(id)); err == nil {
				t.Errorf("%s: the record is there after its end date", what)
			}
		}
	})
}

// TestCut: what goes on when the process ends, at whatever moment before it is finished, is
// shown to its owner as cut off, leaves no file, and can be begun again in its place.
func TestCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner(t, Config{AtOnce: 2})
		begin(t, r, func(_ context.Context, out io.Writer, _ Progress) (Result, error) {
			return Result{Name: "x.zip", Type: "application/zip", Record: func(ctx context.Context, _ zoeklicht.JobFile) error {
				<-time.After(30 * time.Second)
				return ctx.Err()
			}}, nil
		})
		begin(t, r, func(ctx context.Context, out io.Writer, _ Progress) (Result, error) {
			_, _ = io.WriteString(out, strings.Repeat("half of it", 1<<14)) // more than is held back
			<-ctx.Done()
			return Result{}, ctx.Err()
		})
		begin(t, r, writes("waits its turn"))
		synctest.Wait()
		if n := len(files(t, r)); n != 2 {
			t.Fatalf("%d files", n)
		}
		if err := os.WriteFile(filepath.Join(r.cfg.Dir, ".new-1"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		next := killed(t, r)
		if n, left := len(files(t, next)), len(all(t, next)); n != 0 || left != 3 {
			t.Errorf("%d results of what was cut off, %d files", n, left)
		}
		now := time.Now()
		list := next.List(anna)
		if len(list) != 3 {
			t.Fatalf("%d jobs", len(list))
		}
		for _, j := range list {
			if j.State != zoeklicht.JobCut || j.Problem == nil || j.Problem.Do == "" || !j.Over() || !j.Until.Equal(now.Add(24*time.Hour)) || !j.Again || j.Title != annas.Title {
				t.Errorf("%+v: %v", j, j.Problem)
			}
			_, _, err := next.Open(anna, j.ID)
			code(t, err, zoeklicht.Conflict)
		}
		// Stopping again does not cut it off again.
		<-time.After(time.Hour)
		if diff := cmp.Diff(list, killed(t, next).List(anna)); diff != "" {
			t.Errorf("a second restart changed it (-before +after)\n%s", diff)
		}
		_, err := next.Again(bea, list[0].ID)
		code(t, err, zoeklicht.NotFound)
		ask, err := next.Again(anna, list[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		want := annas
		want.Instead = list[0].ID
		if diff := cmp.Diff(&want, ask); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		j, err := next.Run(t.Context(), *ask, writes("done after all"))
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := read(t, next, j.ID); got != "done after all" {
			t.Errorf("%q", got)
		}
		_, err = next.Get(anna, list[0].ID)
		code(t, err, zoeklicht.NotFound)
		_, err = next.Again(anna, j.ID)
		code(t, err, zoeklicht.Conflict)
		if n := len(killed(t, next).List(anna)); n != 3 {
			t.Errorf("%d jobs after one took the place of another", n)
		}
	})
}

// TestInstead: a job takes the place of no job of another's, and of none that goes on or
// has a file.
func TestInstead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner(t, Config{})
		work, stop := held()
		goes, has := begin(t, r, work).ID, begin(t, r, writes("x")).ID
		failed := begin(t, r, func(context.Context, io.Writer, Progress) (Result, error) { return Result{}, io.ErrUnexpectedEOF }).ID
		synctest.Wait()
		for _, ask := range []Ask{{Owner: bea, Instead: failed}, {Owner: anna, Instead: goes}, {Owner: anna, Instead: has}, {Owner: anna, Instead: "nothing"}} {
			if _, err := r.Run(t.Context(), ask, writes("y")); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		for _, id := range []zoeklicht.JobID{goes, has, failed} {
			if _, err := r.Get(anna, id); err != nil {
				t.Error(err)
			}
		}
		_, err := r.Again(anna, goes)
		code(t, err, zoeklicht.Conflict)
		stop()
	})
}

// TestClose: closing stops what runs and waits for it, and takes nothing more. What an
// earlier process left without saying whose it is, is removed by the next.
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		for name, content := range map[string]string{"OLD.job": "noise", "OTHER.rec": "of another time", "TORN.rec": recordMagic + "\x04", "EMPTY.rec": ""} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		r := runner(t, Config{Dir: dir, AtOnce: 1})
		if left := all(t, r); len(left) != 0 {
			t.Errorf("the next process left %v", left)
		}
		begin(t, r, writes("done before"))
		<-time.After(time.Second) // jobs of one moment have no order after a restart
		work, _ := held()
		stopped := false
		begin(t, r, func(ctx context.Context, out io.Writer, p Progress) (Result, error) {
			defer func() { stopped = true }()
			return work(ctx, out, p)
		})
		begin(t, r, work)
		synctest.Wait()
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if !stopped || len(files(t, r)) != 1 {
			t.Errorf("stopped %t, left %v", stopped, files(t, r))
		}
		_, err := r.Run(t.Context(), annas, work)
		code(t, err, zoeklicht.Unavailable)
		var states []zoeklicht.JobState
		for _, j := range open(t, r.cfg, r.ring).List(anna) {
			states = append(states, j.State)
		}
		if diff := cmp.Diff([]zoeklicht.JobState{zoeklicht.JobCut, zoeklicht.JobCut, zoeklicht.JobFinished}, states); diff != "" {
			t.Error(diff)
		}
	})
}

// TestWithdraw: what was made, and what is being made, is gone for good, and its owners are
// told, by this process and the next.
func TestWithdraw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner(t, Config{})
		made := begin(t, r, writes("made")).ID
		goOn := make(chan struct{})
		making := begin(t, r, func(ctx context.Context, out io.Writer, p Progress) (Result, error) {
			<-goOn
			return writes("read before")(ctx, out, p)
		}).ID
		synctest.Wait()
		if err := Withdraw(r.cfg.Dir); err != nil {
			t.Fatal(err)
		}
		close(goOn)
		later := begin(t, r, writes("read after")).ID
		synctest.Wait()
		for what, r := range map[string]*Runner{"this process": r, "the next": killed(t, r)} {
			for _, id := range []zoeklicht.JobID{made, making} {
				j, err := r.Get(anna, id)
				if err != nil || j.State != zoeklicht.JobWithdrawn || j.File != nil || j.Problem == nil {
					t.Errorf("%s: %+v, %v", what, j, err)
				}
				_, _, err = r.Open(anna, id)
				code(t, err, zoeklicht.Conflict)
				if _, err := r.Again(anna, id); err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
			if got := read(t, r, later); got != "read after" {
				t.Errorf("%s: %q", what, got)
			}
		}
		if err := Withdraw(filepath.Join(t.TempDir(), "none")); err != nil {
			t.Errorf("where no job was ever done: %v", err)
		}
	})
}

// TestNotKept: a job that the disk does not take is not begun, and one whose end it does not
// take is there as long as the process is.
func TestNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner(t, Config{})
		id := begin(t, r, func(ctx context.Context, out io.Writer, p Progress) (Result, error) {
			res, err := writes("made")(ctx, out, p)
			res.Record = func(context.Context, zoeklicht.JobFile) error {
				name := all(t, r)
				if err := os.Remove(name[len(name)-1]); err != nil { // the record
					return err
				}
				return os.Mkdir(name[len(name)-1], 0o700)
			}
			return res, err
		}).ID
		if j := now(t, r, id); j.State != zoeklicht.JobFinished || read(t, r, id) != "made" {
			t.Errorf("%+v", j)
		}
		if err := os.RemoveAll(r.cfg.Dir); err != nil {
			t.Fatal(err)
		}
		_, err := r.Run(t.Context(), annas, func(context.Context, io.Writer, Progress) (Result, error) {
			t.Error("it began")
			return Result{}, nil
		})
		code(t, err, zoeklicht.Internal)
		synctest.Wait()
		if n := len(r.List(anna)); n != 1 {
			t.Errorf("%d jobs", n)
		}
	})
}

// TestRecordSealed: a record opens with the theme's key, under its own name, and not after
// any change of a bit.
func TestRecordSealed(t *testing.T) {
	t.Parallel()
	ring, err := keys.NewRing("practice", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	other, err := keys.NewRing("practice", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	want := &record{Job: zoeklicht.Job{ID: "A", Owner: anna, Title: "x"}, Order: []byte{1}, Key: "k"}
	b, err := want.seal(ring.Public())
	if err != nil {
		t.Fatal(err)
	}
	got, err := openRecord(ring, "A", b)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Fatalf("%v\n%s", err, diff)
	}
	if _, err := openRecord(ring, "B", b); err == nil {
		t.Error("it opens as another job's")
	}
	if _, err := openRecord(other, "A", b); err == nil {
		t.Error("it opens with another key")
	}
	for i := range b {
		b[i] ^= 1
		if _, err := openRecord(ring, "A", b); err == nil {
			t.Errorf("it opens with byte %d changed", i)
		}
		b[i] ^= 1
		if _, err := openRecord(ring, "A", b[:i]); err == nil {
			t.Errorf("it opens cut to %d bytes", i)
		}
	}
}

func FuzzOpenRecord(f *testing.F) {
	ring, err := keys.NewRing("practice", time.Unix(0, 0))
	if err != nil {
		f.Fatal(err)
	}
	b, err := (&record{Job: zoeklicht.Job{ID: "A"}}).seal(ring.Public())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(recordMagic))
	f.Add([]byte(recordMagic + "\xff\xff"))
	f.Fuzz(func(t *testing.T, in []byte) {
		if c, err := openRecord(ring, "A", in); err == nil && (c.Job.ID != "A" || !bytes.Equal(in, b)) {
			t.Errorf("a record that nobody sealed: %+v", c)
		}
	})
}
