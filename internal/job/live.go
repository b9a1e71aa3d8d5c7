package job

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	"filippo.io/age"

	"zoeklicht"
)

// Why a job ended that its work did not end.
var (
	errCancelled = &zoeklicht.Error{
		Code: zoeklicht.Conflict, What: "cancelled by who began it",
		Safe: "nobody got a file, and none is kept", Do: "begin it again if it is still needed",
	}
	errCut = &zoeklicht.Error{
		Code: zoeklicht.Unavailable, What: "the platform was stopped before it was done",
		Safe: "no file is kept; if it stands in the register of what left all the same, nobody got the file",
		Do:   "begin it again if it is still needed",
	}
	errWithdrawn = &zoeklicht.Error{
		Code: zoeklicht.Conflict, What: "something in the theme was destroyed since, and with it every file that was made before",
		Safe: "nothing that was made before can be fetched any more", Do: "begin it again if it is still needed",
	}
)

// live brings a job from its turn to its end.
func (r *Runner) live(ctx context.Context, e *entry, work Work) {
	id := slog.String("job", string(e.job.ID)) // set once, before this began
	select {
	case <-e.turn:
	case <-ctx.Done():
		r.end(e, nil, context.Cause(ctx))
		return
	}
	ctx, stop := context.WithTimeoutCause(ctx, r.cfg.Longest, &zoeklicht.Error{
		Code: zoeklicht.Limit, What: fmt.Sprintf("it took longer than %s, which is as long as a job may take", r.cfg.Longest),
		Safe: "nobody got a file, and none is kept", Do: "ask for less at once",
	})
	defer stop()
	file, err := r.do(ctx, e, work)
	if err != nil {
		if rm := r.remove(e.job.ID); rm != nil {
			r.log.WarnContext(ctx, "a job's file was not removed", id, slog.Any("err", rm))
		}
		if zoeklicht.CodeOf(err) == zoeklicht.Internal {
			r.log.ErrorContext(ctx, "a job failed", id, slog.Any("err", err))
		}
	}
	r.end(e, file, err)
}

// do has the work done and keeps what it made.
func (r *Runner) do(ctx context.Context, e *entry, work Work) (file *zoeklicht.JobFile, err error) {
	defer func() {
		if v := recover(); v != nil {
			file, err = nil, fmt.Errorf("job: panic: %v\n%s", v, debug.Stack())
		}
	}()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	f, err := os.OpenFile(r.path(e.job.ID), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, told(ctx, err)
	}
	sealed, err := age.Encrypt(f, e.key.Recipient())
	if err != nil {
		return nil, closing(f, err)
	}
	out := &meter{ended: func() error { return context.Cause(ctx) }, w: sealed, sum: sha256.New(), most: r.cfg.Largest}
	res, err := work(ctx, out, func(done, total int, step zoeklicht.JobStep) { r.progress(e, done, total, step) })
	if err == nil {
		err = sealed.Close()
	}
	if err == nil {
		err = f.Sync() // its name is synced with that of its record
	}
	if err = closing(f, err); err != nil {
		return nil, told(ctx, err)
	}
	file = &zoeklicht.JobFile{Name: res.Name, Type: res.Type, Bytes: out.n, SHA256: [32]byte(out.sum.Sum(nil))}
	if err := named(file); err != nil {
		return nil, err
	}
	if err := r.finalise(ctx, e); err != nil {
		return nil, err
	}
	if res.Record == nil {
		return file, nil
	}
	recording, stop := context.WithTimeout(context.WithoutCancel(ctx), recordingTakes)
	defer stop()
	if err := res.Record(recording, *file); err != nil {
		return nil, fmt.Errorf("record what was made: %w", err)
	}
	return file, nil
}

// told prefers why the context ended to what the work made of that, and names a full
// disk.
func told(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, syscall.ENOSPC):
		return &zoeklicht.Error{
			Code: zoeklicht.Limit, What: "the disk on which results are kept is full", Err: err,
			Safe: "nobody got a file, and none is kept", Do: "ask the operator to make room, and begin again",
		}
	}
	return err
}

// closing closes a file and gives the first error.
func closing(f *os.File, err error) error {
	if c := f.Close(); err == nil {
		return c
	}
	return err
}

var fileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$`)

// named refuses names and types that a header could not carry: they are ours to make.
func named(f *zoeklicht.JobFile) error {
	if !fileName.MatchString(f.Name) {
		return fmt.Errorf("job: %q is no name for a file", f.Name)
	}
	if _, _, err := mime.ParseMediaType(f.Type); err != nil {
		return fmt.Errorf("job: %q is no media type: %w", f.Type, err)
	}
	return nil
}

// finalise takes the step after which a job cannot be cancelled, unless it was.
func (r *Runner) finalise(ctx context.Context, e *entry) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	e.final = true
	return nil
}

// progress keeps how far a job is.
func (r *Runner) progress(e *entry, done, total int, step zoeklicht.JobStep) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.job.State == zoeklicht.JobRunning {
		e.job.Done, e.job.Total, e.job.Step = max(0, done), max(0, total), step
	}
}

// end ends a job, in whatever way, and starts the time that it and its file stay. What
// is finished is on the disk before anybody sees that it is; if that fails the file is there
// as long as this process is. Of a job that was cut off the disk says so already.
func (r *Runner) end(e *entry, file *zoeklicht.JobFile, err error) {
	now := r.clock()
	state, why := zoeklicht.JobFailed, (*zoeklicht.Error)(nil)
	switch {
	case err == nil:
		state = zoeklicht.JobFinished
	case errors.Is(err, errCancelled):
		state = zoeklicht.JobCancelled
	case errors.Is(err, errCut):
		state = zoeklicht.JobCut
	}
	if err != nil {
		why = problem(err)
	}
	set := func(j *zoeklicht.Job) {
		j.State, j.Problem, j.File, j.Ended, j.Until = state, why, file, now, now.Add(r.cfg.Keep)
	}
	id := e.job.ID // never changes
	if state != zoeklicht.JobCut {
		r.mu.Lock()
		j := e.job
		r.mu.Unlock()
		set(&j)
		if err := r.keep(j, e.order, e.key); err != nil {
			r.log.Error("a job is kept as long as this process only", slog.String("job", string(id)), slog.Any("err", err))
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.job.State == zoeklicht.JobRunning {
		r.running--
	} else {
		r.leave(e)
	}
	set(&e.job)
	e.forget = time.AfterFunc(r.cfg.Keep, func() { r.forget(id) })
	r.log.Info("job ended", slog.String("job", string(id)), slog.String("kind", e.job.Kind), slog.String("state", string(state)))
	r.next()
}

// leave takes a job that waits out of the queue.
func (r *Runner) leave(e *entry) {
	r.queue = slices.DeleteFunc(r.queue, func(q *entry) bool { return q == e })
}

// problem tells why, as a person may read it: of a fault of ours only that it was one.
func problem(err error) *zoeklicht.Error {
	var e *zoeklicht.Error
	if !errors.As(err, &e) || e.Code == zoeklicht.Internal {
		return &zoeklicht.Error{
			Code: zoeklicht.Internal, Safe: "no file is kept, and what was looked at was not changed", Do: "begin it again; if it fails again, report the number of the job",
		}
	}
	p := *e
	if p.What == "" && p.Err != nil {
		p.What = p.Err.Error()
	}
	p.Err = nil
	if p.Safe == "" {
		p.Safe = "no file is kept, and what was looked at was not changed"
	}
	return &p
}

// forget drops a job, its record and its file. With the record goes the key, so that a file
// that could not be removed is noise.
func (r *Runner) forget(id zoeklicht.JobID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.jobs, id)
	if err := errors.Join(wipe(r.recordPath(id)), r.remove(id)); err != nil {
		r.log.Warn("what a job left was not removed", slog.String("job", string(id)), slog.Any("err", err))
	}
}

func (r *Runner) remove(id zoeklicht.JobID) error {
	if err := os.Remove(r.path(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("job: %w", err)
	}
	return nil
}

// meter is what work writes to: it counts, hashes, and ends with the job.
type meter struct {
	ended func() error // why the job is to stop, nil while it goes on
	w     io.Writer
	sum   hash.Hash
	n     int64
	most  int64
}

// Write is not for several goroutines at once.
func (m *meter) Write(b []byte) (int, error) {
	if err := m.ended(); err != nil {
		return 0, err
	}
	if m.n+int64(len(b)) > m.most {
		return 0, &zoeklicht.Error{
			Code: zoeklicht.Limit, What: fmt.Sprintf("it became larger than %d bytes, which is as large as a result may be", m.most),
			Safe: "nobody got a file, and none is kept", Do: "ask for less at once",
		}
	}
	n, err := m.w.Write(b)
	m.sum.Write(b[:n])
	m.n += int64(n)
	return n, err
}
