package job

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"zoeklicht"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/keys/durable"
)

// The names of files: a result, and the record beside it.
const (
	resultSuffix = ".job"
	recordSuffix = ".rec"
)

// recordMagic begins a record.
const recordMagic = "ZLJ1"

// record is what is kept of a job, sealed; see the package comment.
type record struct {
	Job   zoeklicht.Job `json:"job"`
	Order []byte        `json:"order,omitempty"`
	Key   string        `json:"key,omitempty"` // the age identity of a finished job's file
}

// recordLabel says to keys what is sealed: a record opens under its own name only.
func recordLabel(id zoeklicht.JobID) string { return "job/" + string(id) }

// seal gives the stored form of a record.
func (c *record) seal(p keys.Public) ([]byte, error) {
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	label := recordLabel(c.Job.ID)
	s, header, err := keys.NewSealer(p, label)
	if err != nil {
		return nil, err
	}
	sealed, wrapped, err := s.Seal(nil, plain, []byte(label))
	if err != nil {
		return nil, err
	}
	head := binary.BigEndian.AppendUint16([]byte(recordMagic), uint16(len(header))) // keys.MaxHeader at most
	return slices.Concat(head, header, wrapped, sealed), nil
}

// openRecord reads what seal wrote for a job.
func openRecord(ring *keys.Ring, id zoeklicht.JobID, b []byte) (*record, error) {
	b, ours := bytes.CutPrefix(b, []byte(recordMagic))
	if !ours || len(b) < 2 {
		return nil, errors.New("not the record of a job")
	}
	n := int(binary.BigEndian.Uint16(b))
	if b = b[2:]; len(b) < n+keys.WrappedSize {
		return nil, errors.New("the record of a job is cut short")
	}
	label := recordLabel(id)
	o, err := ring.Opener(b[:n], label)
	if err != nil {
		return nil, err
	}
	plain, err := o.Open(b[n+keys.WrappedSize:], b[n:n+keys.WrappedSize], []byte(label))
	if err != nil {
		return nil, err
	}
	var c record
	if err := json.Unmarshal(plain, &c); err != nil {
		return nil, err
	}
	if c.Job.ID != id {
		return nil, fmt.Errorf("the record is of job %s", c.Job.ID)
	}
	return &c, nil
}

// keep makes the record of a job be what it is now. The key is kept with a file that may be
// fetched, and with nothing else.
func (r *Runner) keep(j zoeklicht.Job, order []byte, key *age.X25519Identity) error {
	c := &record{Job: j, Order: order}
	if j.File != nil {
		c.Key = key.String()
	}
	b, err := c.seal(r.ring.Public())
	if err != nil {
		return err
	}
	return durable.Replace(r.recordPath(j.ID), b)
}

// wipe removes a file after writing zeros over it, because a name that is removed leaves
// the bytes where they are. One that is not there is no error.
func wipe(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("job: %w", err)
	}
	info, err := f.Stat()
	zeros := make([]byte, 64<<10)
	for at := int64(0); err == nil && at < info.Size(); at += int64(len(zeros)) {
		_, err = f.Write(zeros[:min(int64(len(zeros)), info.Size()-at)])
	}
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("job: %w", err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("job: %w", err)
	}
	return nil
}

// takeUp reads what an earlier Runner left: it keeps what is finished, says of what went on
// that it was cut off, and removes everything else.
func (r *Runner) takeUp() error {
	all, err := os.ReadDir(r.cfg.Dir)
	if err != nil {
		return err
	}
	var found []*entry
	for _, f := range all {
		id, is := strings.CutSuffix(f.Name(), recordSuffix)
		if !is {
			continue
		}
		e, err := r.takeUpOne(zoeklicht.JobID(id))
		if err != nil {
			return err
		}
		if e != nil {
			found = append(found, e)
		}
	}
	slices.SortStableFunc(found, func(a, b *entry) int { return a.job.Asked.Compare(b.job.Asked) })
	now := r.clock()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range found {
		id := e.job.ID
		r.asked++
		e.n = r.asked
		e.forget = time.AfterFunc(e.job.Until.Sub(now), func() { r.forget(id) })
		r.jobs[id] = e
	}
	for _, f := range all {
		id, is := strings.CutSuffix(f.Name(), resultSuffix)
		e := r.jobs[zoeklicht.JobID(id)]
		if half := strings.HasPrefix(f.Name(), ".new-"); half || is && (e == nil || e.job.File == nil) {
			if err := os.Remove(filepath.Join(r.cfg.Dir, f.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// takeUpOne reads one record; nil for a job that is over and done with. A record that
// cannot be read is removed: nobody can be told whose it was.
func (r *Runner) takeUpOne(id zoeklicht.JobID) (*entry, error) {
	path := r.recordPath(id)
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c, err := openRecord(r.ring, id, b)
	if err != nil {
		r.log.Error("the record of a job cannot be read, and is removed", slog.String("job", string(id)), slog.Any("err", err))
		return nil, wipe(path)
	}
	e := &entry{job: c.Job, order: c.Order, cancel: func(error) {}}
	if !e.job.Over() {
		now := r.clock()
		e.job.State, e.job.Problem, e.job.Ended, e.job.Until = zoeklicht.JobCut, errCut, now, now.Add(r.cfg.Keep)
		return e, r.keep(e.job, e.order, nil)
	}
	if !r.clock().Before(e.job.Until) {
		return nil, wipe(path)
	}
	if e.job.File != nil {
		if e.key, err = age.ParseX25519Identity(c.Key); err != nil {
			r.log.Error("the key of a job's file cannot be read", slog.String("job", string(id)), slog.Any("err", err))
			return nil, wipe(path)
		}
	}
	return e, nil
}

// Withdraw destroys every file that jobs made, or are making, in a folder of a Runner's, in
// whatever process that is. Their owners see that the files were withdrawn. A job that has
// not begun to read when Withdraw is called is not touched.
func Withdraw(dir string) error {
	all, err := filepath.Glob(filepath.Join(dir, "*"+resultSuffix))
	if err != nil {
		return fmt.Errorf("job: %w", err)
	}
	if len(all) == 0 {
		return nil
	}
	for _, path := range all {
		if err := wipe(path); err != nil {
			return err
		}
	}
	if err := durable.Sync(dir); err != nil {
		return fmt.Errorf("job: %w", err)
	}
	return nil
}

func (r *Runner) path(id zoeklicht.JobID) string {
	return filepath.Join(r.cfg.Dir, string(id)+resultSuffix)
}

func (r *Runner) recordPath(id zoeklicht.JobID) string {
	return filepath.Join(r.cfg.Dir, string(id)+recordSuffix)
}
