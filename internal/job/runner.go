package job

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"filippo.io/age"

	"zoeklicht"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/keys/durable"
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

// Ask is what a job is to be, as its owner asks for it.
type Ask struct {
	Owner   zoeklicht.PersonID
	Kind    string // "export"
	Title   string // what the job is called, in the owner's language; no content
	Purpose string // what it is done for
	// Order is what it takes to have the same done again, in the asker's own form; nil
	// where it cannot be. It is kept, sealed, for as long as the job is.
	Order []byte
	// Instead is a job of the same owner's that ended without a file, whose place this one
	// takes; "" for none.
	Instead zoeklicht.JobID
}

// Runner does jobs.
type Runner struct {
	cfg   Config
	ring  *keys.Ring
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

// entry is a job. All of it is guarded by the Runner's mutex but the order, which never
// changes, and the key, which is set before the job ends and never after.
type entry struct {
	job    zoeklicht.Job
	order  []byte
	key    *age.X25519Identity // nil for one that an earlier process began and that made nothing
	n      int                 // which it is of all that were asked for
	turn   chan struct{}       // closed when it may run
	cancel context.CancelCauseFunc
	final  bool        // being recorded: it cannot be cancelled any more
	forget *time.Timer // since it ended
}

// New gives a Runner that goes on from what an earlier one left in its folder: finished
// jobs as they were, and those that its end cut off as cut off. Records are sealed with the
// newest key of the ring.
func New(cfg Config, ring *keys.Ring, clock zoeklicht.Clock, log *slog.Logger) (*Runner, error) {
	r := &Runner{cfg: cfg.withDefaults(), ring: ring, clock: clock, log: log, jobs: map[zoeklicht.JobID]*entry{}}
	if err := durable.Mkdir(cfg.Dir); err != nil {
		return nil, fmt.Errorf("job: %w", err)
	}
	if err := r.takeUp(); err != nil {
		return nil, fmt.Errorf("job: take up what an earlier process left: %w", err)
	}
	return r, nil
}

// Run has work done for its owner, at once or when its turn comes, and gives the job as
// it stands; from then on it is not forgotten, whatever happens to the process. The work
// gets ctx's values and not its end: the request that asks may go. Limit when the owner,
// or everybody together, has too many unfinished.
func (r *Runner) Run(ctx context.Context, ask Ask, work Work) (*zoeklicht.Job, error) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("job: %w", err)
	}
	// The work's own end: the caller's is not passed on.
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	e := &entry{
		key: key, order: ask.Order, turn: make(chan struct{}), cancel: cancel,
		job: zoeklicht.Job{
			ID: zoeklicht.JobID(rand.Text()), Owner: ask.Owner, Kind: ask.Kind, Title: ask.Title, Purpose: ask.Purpose, Again: ask.Order != nil,
			State: zoeklicht.JobWaiting, Asked: r.clock(),
		},
	}
	if err := r.enter(e); err != nil {
		cancel(err)
		return nil, err
	}
	// Beside the mutex: the disk takes its time.
	if err := r.keep(e.job, e.order, nil); err != nil {
		cancel(err)
		r.forget(e.job.ID)
		r.wg.Done()
		return nil, fmt.Errorf("job: note that it was asked for: %w", err)
	}
	if ask.Instead != "" {
		r.drop(ask.Owner, ask.Instead)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queue = append(r.queue, e)
	r.next()
	go func() {
		defer r.wg.Done()
		defer cancel(nil)
		r.live(ctx, e, work)
	}()
	return r.seen(e), nil
}

// enter gives a new job its place among the others, if there is room. The group that Close
// waits for has one more from then on.
func (r *Runner) enter(e *entry) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.room(e.job.Owner); err != nil {
		return err
	}
	r.asked++
	e.n = r.asked
	r.jobs[e.job.ID] = e
	r.wg.Add(1)
	return nil
}

// room says whether one more unfinished job of an owner is too many.
func (r *Runner) room(owner zoeklicht.PersonID) error {
	if r.closed {
		return errCut
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

// find gives an owner's job. Whoever else asks learns nothing. One whose file is gone from
// the folder is one whose file was withdrawn.
func (r *Runner) find(owner zoeklicht.PersonID, id zoeklicht.JobID) (*entry, error) {
	e, ok := r.jobs[id]
	if !ok || e.job.Owner != owner || e.job.Over() && !r.clock().Before(e.job.Until) {
		return nil, zoeklicht.Errorf(zoeklicht.NotFound, "there is no job %s", id)
	}
	if e.job.File != nil {
		if _, err := os.Stat(r.path(id)); errors.Is(err, fs.ErrNotExist) {
			e.job.State, e.job.Problem, e.job.File = zoeklicht.JobWithdrawn, errWithdrawn, nil
		}
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

// Again gives what to ask for to have an ended job of an owner's done again, in its place.
// Conflict for one that goes on, has a file, or cannot be done again.
func (r *Runner) Again(owner zoeklicht.PersonID, id zoeklicht.JobID) (*Ask, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, err := r.find(owner, id)
	if err != nil {
		return nil, err
	}
	if !e.job.Over() || e.job.File != nil || e.order == nil {
		return nil, zoeklicht.Errorf(zoeklicht.Conflict, "the job cannot be begun again").With("nothing was begun", "")
	}
	return &Ask{Owner: owner, Kind: e.job.Kind, Title: e.job.Title, Purpose: e.job.Purpose, Order: e.order, Instead: id}, nil
}

// drop forgets an owner's job that ended without a file.
func (r *Runner) drop(owner zoeklicht.PersonID, id zoeklicht.JobID) {
	r.mu.Lock()
	e, err := r.find(owner, id)
	gone := err == nil && e.job.Over() && e.job.File == nil
	if gone {
		e.forget.Stop()
	}
	r.mu.Unlock()
	if gone {
		r.forget(id)
	}
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
		return nil, nil, zoeklicht.Errorf(zoeklicht.Conflict, "there is no file of this job").With("nothing was changed", "")
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

// Close cuts off the jobs that go on and waits for their work to stop. Nothing runs after
// it. What is finished stays, and the next Runner on the folder takes up from there.
func (r *Runner) Close() error {
	r.mu.Lock()
	r.closed = true
	for _, e := range r.jobs {
		if !e.job.Over() {
			e.cancel(errCut)
		}
	}
	r.mu.Unlock()
	r.wg.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.jobs {
		e.forget.Stop()
	}
	clear(r.jobs)
	return nil
}
