package job

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"zoeklicht"
	"zoeklicht/internal/keys"

	"github.com/google/go-cmp/cmp"
)

// anna and bea are two owners.
const (
	anna zoeklicht.PersonID = 11
	bea  zoeklicht.PersonID = 12
)

// runner gives a Runner on a folder of its own, inside a bubble whose time it lives by.
func runner(t *testing.T, cfg Config) *Runner {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = filepath.Join(t.TempDir(), "out")
	}
	ring, err := keys.NewRing("practice", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return open(t, cfg, ring)
}

// open gives a Runner on a folder that others may have used.
func open(t *testing.T, cfg Config, ring *keys.Ring) *Runner {
	t.Helper()
	r, err := New(cfg, ring, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// annas is a job of anna's.
var annas = Ask{Owner: anna, Kind: "export", Title: "advert 100005, version 3", Purpose: "case 26-0417", Order: []byte("an order")}

// begin runs work as anna.
func begin(t *testing.T, r *Runner, work Work) *zoeklicht.Job {
	t.Helper()
	j, err := r.Run(t.Context(), annas, work)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// now gives a job as it stands, once nothing moves any more.
func now(t *testing.T, r *Runner, id zoeklicht.JobID) *zoeklicht.Job {
	t.Helper()
	synctest.Wait()
	j, err := r.Get(anna, id)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// writes gives work that writes a text.
func writes(text string) Work {
	return func(_ context.Context, out io.Writer, _ Progress) (Result, error) {
		_, err := io.WriteString(out, text)
		return Result{Name: "findings.txt", Type: "text/plain; charset=utf-8"}, err
	}
}

// held gives work that goes on until it is told to stop: by its context, or by the
// function.
func held() (Work, func()) {
	stop := make(chan struct{})
	return func(ctx context.Context, out io.Writer, _ Progress) (Result, error) {
		select {
		case <-stop:
			return writes("done")(ctx, out, nil)
		case <-ctx.Done():
			return Result{}, fmt.Errorf("gave up: %w", ctx.Err())
		}
	}, func() { close(stop) }
}

// files gives the results in a Runner's folder, and all what lies in it.
func files(t *testing.T, r *Runner) []string { return matching(t, r, "*.job") }
func all(t *testing.T, r *Runner) []string   { return matching(t, r, "*") }

func matching(t *testing.T, r *Runner, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(r.cfg.Dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func code(t *testing.T, err error, want zoeklicht.Code) {
	t.Helper()
	if got := zoeklicht.CodeOf(err); got != want {
		t.Errorf("the error is %v (%q), want %q", err, got, want)
	}
}

// TestFinished: what was written comes out, for its owner alone, until its end date; on
// the disk it is noise all the while.
func TestFinished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner(t, Config{})
		const text = "Relaxing massage by appointment, 06 0001 2345."
		start := time.Now()
		id := begin(t, r, writes(text)).ID
		j := now(t, r, id)
		want := &zoeklicht.Job{
			ID: id, Owner: anna, Kind: "export", Title: "advert 100005, version 3", State: zoeklicht.JobFinished, Purpose: "case 26-0417", Again: true,
			Asked: start, Begun: start, Ended: start, Until: start.Add(24 * time.Hour),
			File: &zoeklicht.JobFile{Name: "findings.txt", Type: "text/plain; charset=utf-8", Bytes: int64(len(text)), SHA256: sha256.Sum256([]byte(text))},
		}
		if diff := cmp.Diff(want, j); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		names := files(t, r)
		if len(names) != 1 {
			t.Fatalf("files: %v", names)
		}
		if info, err := os.Stat(names[0]); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v %v", info, err)
		}
		raw, err := os.ReadFile(names[0])
		if err != nil || bytes.Contains(raw, []byte("massage")) {
			t.Errorf("the text is on the disk: %v", err)
		}
		body, file, err := r.Open(anna, id)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(body)
		if err := errors.Join(err, body.Close()); err != nil || string(got) != text || file.Name != "findings.txt" {
			t.Errorf("%q %v %v", got, file, err)
		}

		// To others it does not exist.
		_, err = r.Get(bea, id)
		code(t, err, zoeklicht.NotFound)
		_, _, err = r.Open(bea, id)
		code(t, err, zoeklicht.NotFound)
		code(t, r.Cancel(bea, id), zoeklicht.NotFound)
		if list := r.List(bea); len(list) != 0 {
			t.Errorf("bea has %v", list)
		}
		code(t, r.Cancel(anna, id), zoeklicht.Conflict)

		// A changed file is not given out as what it was.
		raw[len(raw)-1] ^= 1
		if err := os.WriteFile(names[0], raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if body, _, err := r.Open(anna, id); err == nil {
			if _, err := io.ReadAll(body); err == nil {
				t.Error("a changed file was read")
			}
			_ = body.Close()
		}

		<-time.After(24*time.Hour - time.Nanosecond)
		if _, err := r.Get(anna, id); err != nil {
			t.Errorf("gone before its end date: %v", err)
		}
		<-time.After(time.Nanosecond)
		synctest.Wait()
		_, err = r.Get(anna, id)
		code(t, err, zoeklicht.NotFound)
		if left := all(t, r); len(left) != 0 {
			t.Errorf("left on the disk: %v", left)
		}
	})
}

// TestTurns: as many run at once as may, the others in the order in which they came, and
// whoever waits knows how many are before.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner(t, Config{AtOnce: 2, Each: 10})
		var at, most atomic.Int32
		var order []int
		for i := range 7 {
			begin(t, r, func(ctx context.Context, out io.Writer, p Progress) (Result, error) {
				n := at.Add(1)
				defer at.Add(-1)
				for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
				}
				if i%2 == 0 { // one of the two that run at once
					order = append(order, i)
				}
				<-time.After(time.Minute)
				return writes("x")(ctx, out, p)
			})
			synctest.Wait()
		}
		var states []string
		for _, j := range r.List(anna) {
			states = append(states, fmt.Sprint(j.State, " ", j.Ahead))
		}
		if diff := cmp.Diff([]string{"waiting 4", "waiting 3", "waiting 2", "waiting 1", "waiting 0", "running 0", "running 0"}, states); diff != "" {
			t.Error(diff)
		}
		<-time.After(5 * time.Minute)
		synctest.Wait()
		for _, j := range r.List(anna) {
			if j.State != zoeklicht.JobFinished {
				t.Errorf("%s is %s", j.ID, j.State)
			}
		}
		if most.Load() != 2 {
			t.Errorf("%d ran at once", most.Load())
		}
		if diff := cmp.Diff([]int{0, 2, 4, 6}, order); diff != "" {
			t.Error(diff)
		}
	})
}

// TestBounds: too many unfinished are refused, of one person and of all, and ended ones
// do not count.
func TestBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner(t, Config{Each: 2, All: 3})
		work, stop := held()
		begin(t, r, work)
		begin(t, r, work)
		_, err := r.Run(t.Context(), annas, work)
		code(t, err, zoeklicht.Limit)
		if _, err := r.Run(t.Context(), Ask{Owner: bea}, work); err != nil {
			t.Fatal(err)
		}
		_, err = r.Run(t.Context(), Ask{Owner: bea}, work)
		code(t, err, zoeklicht.Limit)
		if !strings.Contains(err.Error(), "nothing was begun") {
			t.Errorf("%v does not say what is safe", err)
		}
		stop()
		synctest.Wait()
		begin(t, r, writes("x"))
	})
}

// TestProgress: what the work tells is seen while it runs, with a pace and a time left.
func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner(t, Config{})
		id := begin(t, r, func(ctx context.Context, out io.Writer, progress Progress) (Result, error) {
			for i := range 100 {
				progress(i, 100, zoeklicht.StepGather)
				<-time.After(time.Second)
			}
			return writes("x")(ctx, out, progress)
		}).ID
		<-time.After(20*time.Second + time.Millisecond)
		j := now(t, r, id)
		left, ok := j.Left(time.Now())
		if j.Done != 20 || j.Total != 100 || j.Step != zoeklicht.StepGather || !ok || left.Round(time.Second) != 80*time.Second {
			t.Errorf("%d of %d, %s, %v left", j.Done, j.Total, j.Step, left)
		}
		<-time.After(time.Hour)
		if _, ok := now(t, r, id).Left(time.Now()); ok {
			t.Error("a finished job has time left")
		}
	})
}

// TestEnds: every way in which a job does not finish keeps no file and says why.
func TestEnds(t *testing.T) {
	waits := func(ctx context.Context, out io.Writer, _ Progress) (Result, error) {
		_, _ = io.WriteString(out, "half of it")
		<-ctx.Done()
		return Result{}, errors.New("some error of a room below")
	}
	for name, c := range map[string]struct {
		work  Work
		after func(*testing.T, *Runner, zoeklicht.JobID)
		state zoeklicht.JobState
		code  zoeklicht.Code
		what  string
	}{
		"cancelled": {waits, func(t *testing.T, r *Runner, id zoeklicht.JobID) {
			if err := r.Cancel(anna, id); err != nil {
				t.Error(err)
			}
		}, zoeklicht.JobCancelled, zoeklicht.Conflict, "cancelled by who began it"},
		"too long": {
			waits, func(*testing.T, *Runner, zoeklicht.JobID) { <-time.After(11 * time.Minute) },
			zoeklicht.JobFailed, zoeklicht.Limit, "it took longer than 10m0s, which is as long as a job may take",
		},
		"goes on writing": {
			func(ctx context.Context, out io.Writer, _ Progress) (Result, error) {
				for {
					if _, err := out.Write(make([]byte, 10)); err != nil {
						return Result{}, err
					}
					<-time.After(time.Minute)
				}
			}, func(_ *testing.T, r *Runner, id zoeklicht.JobID) { _ = r.Cancel(anna, id); <-time.After(time.Minute) },
			zoeklicht.JobCancelled, zoeklicht.Conflict, "cancelled by who began it",
		},
		"too large": {func(_ context.Context, out io.Writer, _ Progress) (Result, error) {
			_, err := out.Write(make([]byte, 1001))
			return Result{}, err
		}, nil, zoeklicht.JobFailed, zoeklicht.Limit, "it became larger than 1000 bytes, which is as large as a result may be"},
		"said why": {func(context.Context, io.Writer, Progress) (Result, error) {
			return Result{}, zoeklicht.Errorf(zoeklicht.Unavailable, "no timestamping authority answers").With("the captures are safe", "try again later")
		}, nil, zoeklicht.JobFailed, zoeklicht.Unavailable, "no timestamping authority answers"},
		"a fault of ours": {func(context.Context, io.Writer, Progress) (Result, error) {
			return Result{}, errors.New("pgx: secret of a table")
		}, nil, zoeklicht.JobFailed, zoeklicht.Internal, ""},
		"a panic": {
			func(context.Context, io.Writer, Progress) (Result, error) { panic("secret of a stack") },
			nil, zoeklicht.JobFailed, zoeklicht.Internal, "",
		},
		"a name for a header": {func(context.Context, io.Writer, Progress) (Result, error) {
			return Result{Name: "a\r\nb", Type: "text/plain"}, nil
		}, nil, zoeklicht.JobFailed, zoeklicht.Internal, ""},
		"not recorded": {func(context.Context, io.Writer, Progress) (Result, error) {
			return Result{Name: "a.zip", Type: "application/zip", Record: func(context.Context, zoeklicht.JobFile) error {
				return zoeklicht.Errorf(zoeklicht.Unavailable, "the database does not answer")
			}}, nil
		}, nil, zoeklicht.JobFailed, zoeklicht.Unavailable, "the database does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := runner(t, Config{Longest: 10 * time.Minute, Largest: 1000})
				id := begin(t, r, c.work).ID
				synctest.Wait()
				if c.after != nil {
					c.after(t, r, id)
				}
				j := now(t, r, id)
				if j.State != c.state || j.File != nil || j.Until.IsZero() {
					t.Errorf("%s, file %v, until %v", j.State, j.File, j.Until)
				}
				p := j.Problem
				if p == nil {
					t.Fatal("it does not say why")
				}
				if p.Code != c.code || p.What != c.what || p.Safe == "" || p.Err != nil || strings.Contains(p.Error(), "secret") {
					t.Errorf("it says %q %q, safe %q", p.Code, p.What, p.Safe)
				}
				if left := files(t, r); len(left) != 0 {
					t.Errorf("left on the disk: %v", left)
				}
				_, _, err := r.Open(anna, id)
				code(t, err, zoeklicht.Conflict)
				<-time.After(24 * time.Hour)
				synctest.Wait()
				if list, left := r.List(anna), all(t, r); len(list) != 0 || len(left) != 0 {
					t.Errorf("it is kept for ever: %v, %v", list, left)
				}
			})
		})
	}
}

// TestCancelledWhileWaiting: its work never begins, and the next in line moves up.
func TestCancelledWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner(t, Config{AtOnce: 1})
		work, stop := held()
		begin(t, r, work)
		second := begin(t, r, func(context.Context, io.Writer, Progress) (Result, error) {
			t.Error("it began")
			return Result{}, nil
		}).ID
		third := begin(t, r, writes("third")).ID
		if err := r.Cancel(anna, second); err != nil {
			t.Fatal(err)
		}
		if j := now(t, r, third); j.State != zoeklicht.JobWaiting || j.Ahead != 0 {
			t.Errorf("%s, %d ahead", j.State, j.Ahead)
		}
		stop()
		if j := now(t, r, third); j.State != zoeklicht.JobFinished {
			t.Errorf("the third is %s", j.State)
		}
		if j := now(t, r, second); j.State != zoeklicht.JobCancelled || !j.Begun.IsZero() {
			t.Errorf("the second is %s, begun %v", j.State, j.Begun)
		}
	})
}

// TestRecord: nobody gets a file before it is recorded, the record has what leaves, and
// from there on nothing cancels it.
func TestRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner(t, Config{})
		goOn := make(chan struct{})
		var recorded zoeklicht.JobFile
		id := begin(t, r, func(ctx context.Context, out io.Writer, p Progress) (Result, error) {
			res, err := writes("what leaves")(ctx, out, p)
			res.Record = func(ctx context.Context, f zoeklicht.JobFile) error {
				<-goOn
				recorded = f
				return ctx.Err()
			}
			return res, err
		}).ID
		synctest.Wait()
		_, _, err := r.Open(anna, id)
		code(t, err, zoeklicht.Conflict)
		code(t, r.Cancel(anna, id), zoeklicht.Conflict)
		close(goOn)
		j := now(t, r, id)
		if j.State != zoeklicht.JobFinished || *j.File != recorded || recorded.SHA256 != sha256.Sum256([]byte("what leaves")) {
			t.Errorf("%s: file %v, recorded %v", j.State, j.File, recorded)
		}
	})
}

// TestLeave: the request that asked may end; the work goes on with what it knew.
func TestLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		r := runner(t, Config{})
		ctx, leave := context.WithCancel(context.WithValue(t.Context(), key{}, "ref"))
		work, stop := held()
		j, err := r.Run(ctx, annas, func(ctx context.Context, out io.Writer, p Progress) (Result, error) {
			if ctx.Value(key{}) != "ref" {
				t.Error("the context's values are lost")
			}
			return work(ctx, out, p)
		})
		if err != nil {
			t.Fatal(err)
		}
		leave()
		if j := now(t, r, j.ID); j.State != zoeklicht.JobRunning {
			t.Errorf("after leaving it is %s", j.State)
		}
		stop()
		if j := now(t, r, j.ID); j.State != zoeklicht.JobFinished {
			t.Errorf("on return it is %s", j.State)
		}
	})
}
