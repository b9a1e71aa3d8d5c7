package job

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"filippo.io/age"

	"zoeklicht"
)

// Work makes something and writes it to out. It ends soon after ctx does, and tells how
// far it is as often as it likes. What it wrote counts only if it returns no error.
type Work func(ctx context.Context, out io.Writer, progress Progress) (Result, error)

// Progress says that so much of total is done (0 for a total that is not known), and
// what is being done. It never waits, and may be called by several goroutines.
type Progress func(done, total int, step zoeklicht.JobStep)

// Result says what was written.
type Result struct {
	Name string // for the reader's disk: letters, digits, '-', '_' and '.', at most 120
	Type string // media type
	// Record, if any, enters the file where it must be known before somebody has it. An
	// error from it fails the job, and nobody gets the file.
	Record func(ctx context.Context, file zoeklicht.JobFile) error
}

// Runner does jobs.
type Runner struct {
	cfg   Config
	clock zoeklicht.Clock
	log   *slog.Logger
	wg    sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	jobs    map[zoeklicht.JobID]*entry
	queue   []*entry // those that wait, in order
	running int
	asked   int // how many were asked for so far
}

// entry is a job at work. All of it is guarded by the Runner's mutex but the key, which
// never changes.
type entry struct {
	job    zoeklicht.Job
	n      int // which it is of all that were asked for
	key    *age.X25519Identity
	turn   chan struct{} // closed when it may run
	cancel context.CancelCauseFunc
	final  bool        // being recorded: it cannot be cancelled any more
	forget *time.Timer // since it ended
}

// suffix ends the names of result files.
const suffix = ".job"

// New gives a Runner, and removes what an earlier one left in its folder: nobody can
// open that any more.
func New(cfg Config, clock zoeklicht.Clock, log *slog.Logger) (*Runner, error) {
	r := &Runner{cfg: cfg.withDefaults(), clock: clock, log: log, jobs: map[zoeklicht.JobID]*entry{}}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("job: %w", err)
	}
	old, err := filepath.Glob(filepath.Join(cfg.Dir, "*"+suffix))
	if err != nil {
		return nil, fmt.Errorf("job: %w", err)
	}
	for _, path := range old {
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("job: remove what was left of an earlier process: %w", err)
		}
	}
	return r, nil
}

// Run has work done for its owner, at once or when its turn comes, and gives the job as
// it stands. The work gets ctx's values and not its end: the request that asks may go.
// Limit when the owner, or everybody together, has too many unfinished.
func (r *Runner) Run(ctx context.Context, owner zoeklicht.PersonID, kind, title string, work Work) (*zoeklicht.Job, error) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("job: %w", err)
	}
	// The work's own end: the caller's is not passed on.
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	e := &entry{
		key: key, turn: make(chan struct{}), cancel: cancel,
		job: zoeklicht.Job{ID: zoeklicht.JobID(rand.Text()), Owner: owner, Kind: kind, Title: title, State: zoeklicht.JobWaiting, Asked: r.clock()},
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.room(owner); err != nil {
		cancel(err)
		return nil, err
	}
	r.asked++
	e.n = r.asked
	r.jobs[e.job.ID] = e
	r.queue = append(r.queue, e)
	r.next()
	r.wg.Add(1)
	go func() {
		defer r.wg.Done()
		defer cancel(nil)
		r.live(ctx, e, work)
	}()
	return r.seen(e), nil
}

// room says whether one more unfinished job of an owner is too many.
func (r *Runner) room(owner zoeklicht.PersonID) error {
	if r.closed {
		return errClosing
	}
	own, all := 0, 0
	for _, e := range r.jobs {
		if e.job.Over() {
			continue
		}
		if all++; e.job.Owner == owner {
			own++
		}
	}
	switch {
	case own >= r.cfg.Each:
		return zoeklicht.Errorf(zoeklicht.Limit, "you have %d unfinished jobs, as many as one person may have", own).
			With("nothing was begun", "wait until one is done, or cancel one")
	case all >= r.cfg.All:
		return zoeklicht.Errorf(zoeklicht.Limit, "%d jobs are unfinished, as many as there may be", all).
			With("nothing was begun", "try again later")
	}
	return nil
}

// next lets those that wait run, as many as may.
func (r *Runner) next() {
	for r.running < r.cfg.AtOnce && len(r.queue) > 0 {
		e := r.queue[0]
		r.queue = slices.Delete(r.queue, 0, 1)
		r.running++
		e.job.State, e.job.Begun = zoeklicht.JobRunning, r.clock()
		close(e.turn)
	}
}

// seen gives a job as it stands, for its owner.
func (r *Runner) seen(e *entry) *zoeklicht.Job {
	j := e.job
	j.Ahead = max(0, slices.Index(r.queue, e))
	return &j
}

// find gives an owner's job. Whoever else asks learns nothing.
func (r *Runner) find(owner zoeklicht.PersonID, id zoeklicht.JobID) (*entry, error) {
	e, ok := r.jobs[id]
	if !ok || e.job.Owner != owner || e.job.Over() && !r.clock().Before(e.job.Until) {
		return nil, zoeklicht.Errorf(zoeklicht.NotFound, "there is no job %s", id)
	}
	return e, nil
}

// List gives an owner's jobs, newest first.
func (r *Runner) List(owner zoeklicht.PersonID) []zoeklicht.Job {
	r.mu.Lock()
	defer r.mu.Unlock()
	var own []*entry
	for id := range r.jobs {
		if e, err := r.find(owner, id); err == nil {
			own = append(own, e)
		}
	}
	slices.SortFunc(own, func(a, b *entry) int { return b.n - a.n })
	out := make([]zoeklicht.Job, len(own))
	for i, e := range own {
		out[i] = *r.seen(e)
	}
	return out
}

// Get gives an owner's job; NotFound for any other.
func (r *Runner) Get(owner zoeklicht.PersonID, id zoeklicht.JobID) (*zoeklicht.Job, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, err := r.find(owner, id)
	if err != nil {
		return nil, err
	}
	return r.seen(e), nil
}

// Cancel ends an owner's job. Its work stops soon after; nothing of what it made stays.
// Conflict when it has ended, or is being recorded.
func (r *Runner) Cancel(owner zoeklicht.PersonID, id zoeklicht.JobID) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, err := r.find(owner, id)
	switch {
	case err != nil:
		return err
	case e.job.Over():
		return zoeklicht.Errorf(zoeklicht.Conflict, "the job has ended already").With("nothing was changed", "")
	case e.final:
		return zoeklicht.Errorf(zoeklicht.Conflict, "the job is made and is being recorded").With("nothing was changed", "wait a moment")
	}
	e.cancel(errCancelled)
	return nil
}

// Open gives what an owner's job made, in the clear, and about it; the caller closes it.
// A read fails if the file was changed on the disk. Conflict for a job without a file.
func (r *Runner) Open(owner zoeklicht.PersonID, id zoeklicht.JobID) (io.ReadCloser, *zoeklicht.JobFile, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, err := r.find(owner, id)
	if err != nil {
		return nil, nil, err
	}
	if e.job.File == nil {
		return nil, nil, zoeklicht.Errorf(zoeklicht.Conflict, "the job has made no file").With("nothing was changed", "")
	}
	f, err := os.Open(r.path(id))
	if err != nil {
		return nil, nil, fmt.Errorf("job: %w", err)
	}
	clear, err := age.Decrypt(f, e.key)
	if err != nil {
		return nil, nil, fmt.Errorf("job: %w", closing(f, err))
	}
	file := *e.job.File
	return struct {
		io.Reader
		io.Closer
	}{clear, f}, &file, nil
}

// Close cancels all jobs, waits for their work to stop and removes their files. Nothing
// runs after it.
func (r *Runner) Close() error {
	r.mu.Lock()
	r.closed = true
	for _, e := range r.jobs {
		e.cancel(errClosing)
	}
	r.mu.Unlock()
	r.wg.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	var failed error
	for id, e := range r.jobs {
		e.forget.Stop()
		delete(r.jobs, id)
		if err := r.remove(id); err != nil {
			failed = err
		}
	}
	return failed
}

func (r *Runner) path(id zoeklicht.JobID) string {
	return filepath.Join(r.cfg.Dir, string(id)+suffix)
}
