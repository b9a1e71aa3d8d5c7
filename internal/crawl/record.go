package crawl

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"zoeklicht"
	"zoeklicht/internal/ledger"
	"zoeklicht/internal/store"
)

// LedgerConfig is how the logs of themes are filled, witnessed and dated. Zero values take
// the defaults in brackets.
type LedgerConfig struct {
	// Instance begins the names of this installation's logs: a name on the internet that is
	// ours, or something nobody else has. [zoeklicht.invalid/<from the log's first key>]
	Instance string `yaml:"instance"`
	// Policy is a file that names the witnesses, with the addresses at which they are asked,
	// and how many of them must cosign, as C2SP tlog-policy. Without one nothing is witnessed,
	// and screens and doctor say so. []
	Policy string `yaml:"policy"`
	// Authorities date checkpoints. []
	Authorities AuthorityList `yaml:"authorities"`
	// Every is how often each authority dates the newest checkpoint, if there is a new one.
	// [10m]
	Every time.Duration `yaml:"every"`
	// Publish is how often at most a checkpoint is made and brought to the witnesses. [5s]
	Publish time.Duration `yaml:"publish"`
	// Patience is how long a witness or an authority may take to answer. [10s]
	Patience time.Duration `yaml:"patience"`
	// Batch is how many leaves are appended and placed together at most. [1000]
	Batch int `yaml:"batch"`
	// Poll is how often waiting leaves and new checkpoints are looked for. [500ms]
	Poll time.Duration `yaml:"poll"`
}

// WithDefaults fills the zero values but Instance.
func (c LedgerConfig) WithDefaults() LedgerConfig {
	for _, d := range []struct {
		of *time.Duration
		v  time.Duration
	}{{&c.Every, 10 * time.Minute}, {&c.Publish, 5 * time.Second}, {&c.Patience, 10 * time.Second}, {&c.Poll, 500 * time.Millisecond}} {
		if *d.of == 0 {
			*d.of = d.v
		}
	}
	if c.Batch == 0 {
		c.Batch = 1000
	}
	return c
}

// Log is a log that this process appends to, and reads. See package ledger.
type Log interface {
	Append(ctx context.Context, leaves [][]byte) ([]int64, error)
	Published(ctx context.Context) (*ledger.Checkpoint, error)
	State(ctx context.Context) (*ledger.State, error)
	Leaf(ctx context.Context, index int64) ([]byte, error)
	Close(ctx context.Context) error
}

// Recorder fills a theme's logs: it appends the leaves that wait, writes down where they
// stand, keeps each checkpoint that the witnesses cosigned, and has it dated. The order is
// that of what may be lost: whatever it dies in between, the next one goes on from what the
// database knows, and at worst a leaf stands in the log twice, of which the lower index
// counts. A witness or an authority that is down delays nothing but its own part.
type Recorder struct {
	Config LedgerConfig
	Store  *store.Store // of the recording phase
	// Open takes the log of a year into possession, and makes it where there is none.
	Open        func(ctx context.Context, year int) (Log, error)
	Witnesses   bool // whether the logs' policy names any
	Authorities []Authority
	Clock       zoeklicht.Clock // the wall's, which says which year's log is filled
	Log         *slog.Logger
}

// Serve records until ctx ends. While another process does, or the database is away, it
// waits; with any other error it ends, having said how the log is.
func (r *Recorder) Serve(ctx context.Context) error {
	r.Config = r.Config.WithDefaults()
	told := false
	for ctx.Err() == nil {
		err := r.term(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case zoeklicht.CodeOf(err) == zoeklicht.Conflict:
			if !told {
				r.Log.Info("another process records in this theme; this one waits", "err", err)
			}
			told = true
		case transient(err):
			r.Log.Warn("recording waits; what was captured is safe", "err", err)
			told = false
		default:
			return err
		}
		_ = sleep(ctx, time.Second)
	}
	return nil
}

// term records for as long as this process is the appender.
func (r *Recorder) term(ctx context.Context) error {
	a, err := r.Store.Elect(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	t := &term{r: r, a: a, logs: map[int]*yearLog{}, stamped: make(chan stamped)}
	defer t.end(cancel)
	for i := range r.Authorities {
		t.daters = append(t.daters, &dater{Authority: r.Authorities[i], fresh: true})
	}
	err = t.begin(ctx)
	for err == nil && ctx.Err() == nil {
		var more bool
		if more, err = t.round(ctx); err == nil && !more {
			err = t.rest(ctx)
		}
	}
	if err != nil && ctx.Err() == nil {
		t.trouble = err.Error()
		_ = t.tell(ctx) // the error itself goes up
	}
	return err
}

// term is what one appender knows.
type term struct {
	r       *Recorder
	a       *store.Appender
	known   map[int]store.LogState // of the database, when it began
	logs    map[int]*yearLog       // that are open, by year
	daters  []*dater
	stamped chan stamped

	trouble  string // of the log itself
	last     string // what was told
	lastTold time.Time
}

// yearLog is the log of a year in possession.
type yearLog struct {
	Log
	year  int
	next  int64     // the index after the last one that a leaf is known to stand at
	kept  int64     // size of the newest checkpoint that was kept
	left  int64     // leaves below it were appended by others, who may have died before they were placed
	since time.Time // since when something waits to be published; zero for nothing
}

// begin opens the logs of years that have ended and are not published whole.
func (t *term) begin(ctx context.Context) error {
	states, err := t.a.Logs(ctx)
	if err != nil {
		return err
	}
	t.known = map[int]store.LogState{}
	this := t.r.Clock().UTC().Year()
	for _, s := range states {
		t.known[s.Year] = s
	}
	for _, s := range states {
		if s.Next <= s.Size || s.Year == this {
			continue
		}
		_, err := t.log(ctx, s.Year)
		switch {
		case err == nil:
		case ctx.Err() != nil, transient(err), zoeklicht.CodeOf(err) == zoeklicht.Conflict:
			return err
		default: // its key is lost, say: that must not keep this year's leaves waiting
			t.trouble = err.Error()
			t.r.Log.Error("the log of a year that has ended cannot be published whole", "year", s.Year, "err", err)
		}
	}
	return nil
}

// end gives everything up.
func (t *term) end(cancel context.CancelFunc) {
	cancel()
	for _, d := range t.daters {
		if d.busy {
			<-t.stamped // its context has ended
			d.busy = false
		}
	}
	ctx, done := context.WithTimeout(context.Background(), 10*time.Second)
	defer done()
	for _, l := range t.logs {
		if err := l.Close(ctx); err != nil {
			t.r.Log.Error("closing a log", "year", l.year, "err", err)
		}
	}
	t.a.Close()
}

// log gives the log of a year, in possession. What an earlier process appended and did not
// place is placed first, as far as it is published.
func (t *term) log(ctx context.Context, year int) (*yearLog, error) {
	if l := t.logs[year]; l != nil {
		return l, nil
	}
	log, err := t.r.Open(ctx, year)
	if err != nil {
		return nil, err
	}
	l := &yearLog{Log: log, year: year, next: t.known[year].Next, kept: t.known[year].Size}
	if err := t.takeUp(ctx, l); err != nil {
		return nil, errors.Join(err, l.Close(context.WithoutCancel(ctx)))
	}
	t.logs[year] = l
	return l, nil
}

// takeUp looks where a log stands that was just opened.
func (t *term) takeUp(ctx context.Context, l *yearLog) error {
	state, err := l.State(ctx)
	if err != nil {
		return err
	}
	if state.Size < max(l.next, l.kept) {
		return zoeklicht.Errorf(zoeklicht.Internal, "the log of %d holds %d leaves, and the database knows of %d", l.year, state.Size, max(l.next, l.kept)).
			With("nothing was appended; what was captured is safe", "put the log's own folder back: the one that is there is older than the database")
	}
	l.left = state.Size
	if state.Size > l.kept {
		l.since = t.r.Clock()
	}
	return t.found(ctx, l, store.Span{From: l.next, To: state.Published})
}

// round does what is to be done now; more says that there is more of it.
func (t *term) round(ctx context.Context) (more bool, err error) {
	if more, err = t.append(ctx); err != nil {
		return false, err
	}
	for _, l := range t.logs {
		if err := t.publish(ctx, l); err != nil {
			return false, err
		}
	}
	if err := t.date(ctx); err != nil {
		return false, err
	}
	return more, t.tell(ctx)
}

// append appends a batch of waiting leaves, and writes down where they stand.
func (t *term) append(ctx context.Context) (more bool, err error) {
	l, err := t.log(ctx, t.r.Clock().UTC().Year())
	if err != nil {
		return false, err
	}
	waiting, err := t.a.WaitingLeaves(ctx, t.r.Config.Batch)
	if err != nil || len(waiting) == 0 {
		return false, err
	}
	ids, leaves := make([]int64, len(waiting)), make([][]byte, len(waiting))
	for i, w := range waiting {
		ids[i], leaves[i] = w.ID, w.Leaf
	}
	indices, err := l.Append(ctx, leaves)
	if err != nil {
		return false, err
	}
	if err := t.a.LeavesPlaced(ctx, l.year, ids, indices); err != nil {
		return false, err
	}
	for _, at := range indices {
		l.next = max(l.next, at+1)
	}
	if l.since.IsZero() {
		l.since = t.r.Clock()
	}
	return len(waiting) == t.r.Config.Batch, nil
}

// publish keeps the newest checkpoint of a log, if there is a new one. A log whose year has
// ended is left once all of it is published.
func (t *term) publish(ctx context.Context, l *yearLog) error {
	c, err := l.Published(ctx)
	if err != nil {
		return err
	}
	if c != nil && c.Size > l.kept {
		if _, err := t.a.KeepCheckpoint(ctx, l.year, c); err != nil {
			return err
		}
		l.kept, l.since = c.Size, time.Time{}
		if l.kept < l.next {
			l.since = t.r.Clock()
		}
		for _, d := range t.daters {
			d.fresh = true
		}
	}
	if l.left > 0 && l.kept >= l.left {
		if err := t.repair(ctx, l); err != nil {
			return err
		}
	}
	if l.left == 0 && l.kept >= l.next && l.year != t.r.Clock().UTC().Year() {
		delete(t.logs, l.year)
		return l.Close(ctx)
	}
	return nil
}

// repair gives leaves that stand in the log twice their lower index: a process that died
// after appending left the first where no row says that anything stands.
func (t *term) repair(ctx context.Context, l *yearLog) error {
	gaps, err := t.a.Gaps(ctx, l.year, l.next)
	if err != nil {
		return err
	}
	for _, g := range gaps {
		if err := t.found(ctx, l, store.Span{From: g.From, To: min(g.To, l.left)}); err != nil {
			return err
		}
	}
	l.left = 0
	return nil
}

// found reads a part of the log and places the leaves that stand there.
func (t *term) found(ctx context.Context, l *yearLog, s store.Span) error {
	for from := s.From; from < s.To; {
		var leaves [][]byte
		for at := from; at < min(s.To, from+int64(t.r.Config.Batch)); at++ {
			leaf, err := l.Leaf(ctx, at)
			if err != nil {
				return err
			}
			leaves = append(leaves, leaf)
		}
		n, err := t.a.LeavesFound(ctx, l.year, from, leaves)
		if err != nil {
			return err
		}
		if n > 0 {
			t.r.Log.Info("leaves of a process that died before it placed them were found in the log", "year", l.year, "leaves", n)
		}
		from += int64(len(leaves))
		l.next = max(l.next, from)
	}
	return nil
}

// rest waits for the next look, or for an authority's answer.
func (t *term) rest(ctx context.Context) error {
	timer := time.NewTimer(t.r.Config.Poll)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case s := <-t.stamped:
		return t.keep(ctx, s)
	}
	return nil
}

// lateAfter is how long after its turn a checkpoint may come before the witnesses count as
// down.
func (c LedgerConfig) lateAfter() time.Duration { return 2*c.Publish + c.Patience }
