package crawl_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/crawl"
	"zoeklicht/internal/ledger"
	"zoeklicht/internal/ledger/stamp"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/storetest"

	"golang.org/x/mod/sumdb/note"
)

// records is a theme whose logs are filled, with two authorities on loopback.
type records struct {
	instance string // begins the names of the logs
	t        testing.TB
	th       *storetest.Theme
	dir      string
	logKeys
	ahead   atomic.Int64 // of the recorder's clock, in nanoseconds
	added   int
	roots   map[string]*stamp.Authority
	servers map[string]*httptest.Server
}

// logKeys are those of the logs, by year: what signs, the newest first, and what it is
// believed by, the oldest first.
type logKeys struct {
	keys  map[int][]note.Signer
	vkeys map[int][]string
}

func newKeys() logKeys { return logKeys{map[int][]note.Signer{}, map[int][]string{}} }

func newRecords(t *testing.T) *records {
	t.Helper()
	h := &records{
		t: t, th: storetest.New(t), instance: "test.invalid", dir: t.TempDir(), logKeys: newKeys(),
		roots: map[string]*stamp.Authority{}, servers: map[string]*httptest.Server{},
	}
	h.set(time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC))
	for _, name := range []string{"first", "second"} {
		a, err := stamp.NewAuthority(name, h.clock)
		if err != nil {
			t.Fatal(err)
		}
		h.roots[name], h.servers[name] = a, httptest.NewServer(a)
		t.Cleanup(h.servers[name].Close)
	}
	return h
}

// set puts the recorder's clock at a moment, from which it runs on.
func (h *records) set(at time.Time) { h.ahead.Store(int64(time.Until(at))) }

func (h *records) clock() time.Time { return time.Now().Add(time.Duration(h.ahead.Load())).UTC() }

func (h *records) origin(year int) string { return h.instance + "/practice/" + strconv.Itoa(year) }

// rotate gives the log of a year a new key, the first included.
func (h *records) rotate(year int) {
	h.t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, h.origin(year))
	if err != nil {
		h.t.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		h.t.Fatal(err)
	}
	h.keys[year], h.vkeys[year] = append([]note.Signer{s}, h.keys[year]...), append(h.vkeys[year], vkey)
}

func (h *records) folder(year int) string { return filepath.Join(h.dir, strconv.Itoa(year)) }

// logOf is a log in possession, with what reads it.
type logOf struct {
	*ledger.Log
	*ledger.Reader
}

func (h *records) open(ctx context.Context, year int) (crawl.Log, error) {
	if h.keys[year] == nil {
		h.rotate(year)
	}
	l, err := ledger.Open(ctx, ledger.Config{Dir: h.folder(year), Origin: h.origin(year), Interval: 100 * time.Millisecond}, h.keys[year], nil, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return logOf{l, ledger.NewReader(h.folder(year))}, nil
}

// recorder makes a recorder that a test may change before it runs.
func (h *records) recorder() *crawl.Recorder {
	r := &crawl.Recorder{
		Config: crawl.LedgerConfig{Poll: 5 * time.Millisecond, Batch: 7, Every: time.Millisecond, Publish: 100 * time.Millisecond, Patience: 5 * time.Second},
		Store:  h.th.Service(zoeklicht.Recording), Open: h.open, Clock: h.clock, Log: slog.New(slog.DiscardHandler),
	}
	for name, s := range h.servers {
		r.Authorities = append(r.Authorities, crawl.Authority{Name: name, Stamp: func(ctx context.Context, digest [32]byte) (zoeklicht.Token, error) {
			der, err := stamp.Fetch(ctx, s.Client(), s.URL, digest)
			if err != nil {
				return zoeklicht.Token{}, err
			}
			is, err := stamp.Verify(der, digest, h.roots[name].Roots())
			if err != nil {
				return zoeklicht.Token{}, err
			}
			return zoeklicht.Token{Authority: name, At: is.At, DER: der}, nil
		}})
	}
	return r
}

// add puts n leaves in the outbox.
func (h *records) add(n int) {
	h.t.Helper()
	for range n {
		h.added++
		if _, err := h.th.Service(zoeklicht.Analysis).KeepRecord(h.t.Context(), zoeklicht.LeafConfig, strconv.Itoa(h.added), []byte(`{}`)); err != nil {
			h.t.Fatal(err)
		}
	}
}

// during runs a recorder until f returns.
func (h *records) during(r *crawl.Recorder, f func()) {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Serve(ctx) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			h.t.Errorf("the recorder ended with %v", err)
		}
	}()
	f()
}

// until waits for a condition in the database.
func (h *records) until(what, condition string, args ...any) {
	h.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		var is bool
		if err := h.th.Owner.QueryRow(h.t.Context(), `SELECT coalesce((`+condition+`), false)`, args...).Scan(&is); err != nil {
			h.t.Fatal(err)
		}
		if is {
			return
		}
		select {
		case <-tick.C:
		case <-h.t.Context().Done():
			h.t.Fatalf("never: %s", what)
		}
	}
}

// opened waits until the log of a year is there.
func (h *records) opened(year int) {
	h.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := os.Stat(h.folder(year)); err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-h.t.Context().Done():
			h.t.Fatalf("the log of %d is never opened", year)
		}
	}
}

const (
	allPlaced    = `SELECT NOT EXISTS (SELECT FROM outbox WHERE idx IS NULL)`
	allPublished = allPlaced + ` AND (SELECT bool_and(o.idx < coalesce((SELECT max(size) FROM checkpoint c WHERE c.year = o.year), 0)) FROM outbox o)`
	allDated     = allPublished + ` AND NOT EXISTS (SELECT FROM (SELECT DISTINCT ON (year) id FROM checkpoint ORDER BY year, size DESC) c
		WHERE (SELECT count(*) FROM token t WHERE t.checkpoint = c.id) < 2)`
)

// check holds the logs against the database: every leaf stands where its row says, at no
// lower place, and is proved by the checkpoint and the tokens that an export would take.
func (h *records) check() {
	h.t.Helper()
	ctx := h.t.Context()
	analysis := h.th.Service(zoeklicht.Analysis)
	years, err := analysis.LogYears(ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	rows := 0
	for _, year := range years {
		var keys []ledger.LogKey
		for _, k := range h.vkeys[year] {
			keys = append(keys, ledger.LogKey{VKey: k, From: time.Unix(0, 0)})
		}
		text, err := ledger.Deposit(keys, nil)
		if err != nil {
			h.t.Fatal(err)
		}
		policy, err := ledger.ParsePolicy(text)
		if err != nil {
			h.t.Fatal(err)
		}
		kept, err := analysis.NewestCheckpoint(ctx, year)
		if err != nil || kept == nil {
			h.t.Fatalf("newest checkpoint of %d: %v, %v", year, kept, err)
		}
		reader := ledger.NewReader(h.folder(year))
		if err := reader.Check(ctx, &kept.Checkpoint, nil); err != nil {
			h.t.Error(err)
		}
		lowest := map[string]int64{}
		for at := range kept.Size {
			leaf, err := reader.Leaf(ctx, at)
			if err != nil {
				h.t.Fatal(err)
			}
			if _, ok := lowest[string(leaf)]; !ok {
				lowest[string(leaf)] = at
			}
		}
		if err := analysis.EachPlaced(ctx, year, func(at int64, leaf []byte) error {
			rows++
			if low, ok := lowest[string(leaf)]; !ok || low != at {
				h.t.Errorf("a row says %d/%d; the log has its leaf at %d (%v)", year, at, low, ok)
			}
			return nil
		}); err != nil {
			h.t.Fatal(err)
		}
		if _, _, err := policy.Verify(kept.Note); err != nil {
			h.t.Error(err)
		}
	}
	if rows != h.added {
		h.t.Errorf("%d leaves stand in the logs, %d were added", rows, h.added)
	}
	specialist := h.th.Person("case 7", zoeklicht.Specialist)
	for i := 1; i <= h.added; i += 5 {
		all, err := specialist.Records(ctx, zoeklicht.LeafConfig, strconv.Itoa(i))
		if err != nil || len(all) != 1 {
			h.t.Fatalf("record %d: %d, %v", i, len(all), err)
		}
		h.proved(&all[0])
	}
}

// proved proves a record as a stranger would.
func (h *records) proved(r *store.RecordEvidence) {
	h.t.Helper()
	if r.Checkpoint == nil {
		h.t.Errorf("record %s at %d/%d has no checkpoint", r.ID, r.LeafYear, r.LeafIndex)
		return
	}
	hashes, err := ledger.NewReader(h.folder(r.LeafYear)).Prove(h.t.Context(), r.LeafIndex, &r.Checkpoint.Checkpoint)
	if err != nil {
		h.t.Error(err)
		return
	}
	p := &zoeklicht.Proof{Leaf: r.Leaf, Index: r.LeafIndex, Inclusion: hashes, Checkpoint: r.Checkpoint.Note, Tokens: r.Checkpoint.Tokens}
	if err := ledger.Included(p); err != nil {
		h.t.Error(err)
	}
	for _, token := range p.Tokens {
		if _, err := stamp.Verify(token.DER, sha256.Sum256(p.Checkpoint), h.roots[token.Authority].Roots()); err != nil {
			h.t.Errorf("token of %s: %v", token.Authority, err)
		}
	}
}

// TestRecord takes leaves all the way: appended, placed, published and dated twice.
func TestRecord(t *testing.T) {
	t.Parallel()
	h := newRecords(t)
	h.add(20)
	h.during(h.recorder(), func() {
		h.until("dated", allDated)
		h.add(3)
		h.set(h.clock().Add(time.Second)) // the authorities' turn comes again
		h.until("dated again", allDated)
	})
	h.check()
	sum, ok, err := h.th.Service(zoeklicht.Technical).NewestToken(t.Context())
	if err != nil || !ok || sum == ([32]byte{}) {
		t.Errorf("the newest token: %x, %v, %v", sum, ok, err)
	}
	health, err := h.th.Service(zoeklicht.Analysis).LedgerHealth(t.Context())
	if err != nil || health.Silent() || health.Waiting+health.Unwitnessed != 0 {
		t.Errorf("%+v, %v", health, err)
	}
	var parts []string
	for _, p := range health.Parts {
		parts = append(parts, p.Name+" "+string(p.State))
	}
	if want := []string{"authority first well", "authority second well", "log well", "witnesses none"}; !slices.Equal(parts, want) {
		t.Errorf("the parts: %q, not %q", parts, want)
	}
}

var errDied = errors.New("it died")

// dying is a log whose process dies at a step, once what the step does is done.
type dying struct {
	crawl.Log
	append, publish func()
}

func (d dying) Append(ctx context.Context, leaves [][]byte) ([]int64, error) {
	at, err := d.Log.Append(ctx, leaves)
	if d.append != nil && err == nil {
		d.append()
		return nil, errDied
	}
	return at, err
}

func (d dying) Published(ctx context.Context) (*ledger.Checkpoint, error) {
	c, err := d.Log.Published(ctx)
	if d.publish != nil && c != nil {
		d.publish()
		return nil, errDied
	}
	return c, err
}

// TestRecorderDies ends the recorder between append and index, between index and
// checkpoint, and between checkpoint and token, again and again, with new leaves each time;
// the next one goes on by itself, and every leaf ends at the lowest place it has.
func TestRecorderDies(t *testing.T) {
	t.Parallel()
	h := newRecords(t)
	steps := []string{"append", "publish", "stamp"}
	for i := range 12 {
		h.add(1 + i%9)
		r := h.recorder()
		ctx, die := context.WithCancel(t.Context())
		defer die()
		switch step := steps[i%len(steps)]; step {
		case "append", "publish":
			r.Open = func(ctx context.Context, year int) (crawl.Log, error) {
				l, err := h.open(ctx, year)
				if step == "append" {
					return dying{Log: l, append: die}, err
				}
				return dying{Log: l, publish: die}, err
			}
		case "stamp":
			for n := range r.Authorities {
				ask := r.Authorities[n].Stamp
				r.Authorities[n].Stamp = func(ctx context.Context, digest [32]byte) (zoeklicht.Token, error) {
					token, err := ask(ctx, digest)
					die()
					return token, err
				}
			}
		}
		if err := r.Serve(ctx); err != nil {
			t.Fatal(err)
		}
		if ctx.Err() == nil {
			t.Fatalf("%s: it ended alive", steps[i%len(steps)])
		}
	}
	h.during(h.recorder(), func() { h.until("dated", allDated) })
	// What stands twice is found only when all is published; one more begins from there.
	h.during(h.recorder(), func() { h.until("told", `SELECT max(told) > $1 FROM recording`, time.Now()) })
	h.check()
}

// blind is a log whose witnesses do not answer while it is blind.
type blind struct {
	crawl.Log
	down *atomic.Bool
}

func (b blind) Published(ctx context.Context) (*ledger.Checkpoint, error) {
	if b.down.Load() {
		return nil, nil
	}
	return b.Log.Published(ctx)
}

func (b blind) State(ctx context.Context) (*ledger.State, error) {
	s, err := b.Log.State(ctx)
	if err == nil && b.down.Load() {
		s.Published, s.Witnesses = 0, []ledger.WitnessState{{Name: "court", Trouble: "it does not answer"}}
	}
	return s, err
}

// TestWitnessAndAuthorityDown goes on without them, says so, and catches up.
func TestWitnessAndAuthorityDown(t *testing.T) {
	t.Parallel()
	h := newRecords(t)
	var down atomic.Bool
	down.Store(true)
	r := h.recorder()
	r.Witnesses = true
	r.Open = func(ctx context.Context, year int) (crawl.Log, error) {
		l, err := h.open(ctx, year)
		return blind{l, &down}, err
	}
	for i := range r.Authorities {
		if r.Authorities[i].Name == "second" {
			ask := r.Authorities[i].Stamp
			r.Authorities[i].Stamp = func(ctx context.Context, digest [32]byte) (zoeklicht.Token, error) {
				if down.Load() {
					return zoeklicht.Token{}, errors.New("it does not answer")
				}
				return ask(ctx, digest)
			}
		}
	}
	part := `SELECT state = $2 AND detail LIKE $3 FROM recording WHERE part = $1`
	h.add(30)
	h.during(r, func() {
		h.until("placed without a witness", allPlaced)
		h.set(h.clock().Add(time.Minute))
		h.until("told of the witness", part, "witnesses", "down", "court: it does not answer")
		var n int
		if err := h.th.Owner.QueryRow(t.Context(), `SELECT count(*) FROM checkpoint`).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d checkpoints without a witness, %v", n, err)
		}
		h.add(5)
		h.until("goes on", allPlaced)
		down.Store(false)
		h.until("published", allPublished)
		h.until("told that the witness is back", part, "witnesses", "well", "")
	})
	down.Store(true)
	h.add(1)
	r.Open = h.open
	h.during(r, func() {
		h.until("published without an authority", allPublished)
		h.until("told of the authority", part, "authority second", "down", "it does not answer")
		h.until("told of the other", part, "authority first", "well", "")
		down.Store(false)
		h.set(h.clock().Add(time.Minute))
		h.until("dated", allDated)
		h.until("told that it is back", part, "authority second", "well", "")
	})
	h.check()
}

// TestLogKeyRotates rotates the log's key in the middle of a run: with both keys while it
// lasts, then with the new one alone. What was published before verifies as what came
// after.
func TestLogKeyRotates(t *testing.T) {
	t.Parallel()
	h := newRecords(t)
	for range 3 {
		h.add(10)
		h.during(h.recorder(), func() { h.until("dated", allDated) })
		h.rotate(2026)
	}
	h.keys[2026] = h.keys[2026][:1]
	h.add(10)
	h.during(h.recorder(), func() { h.until("dated", allDated) })
	h.check()
}

// TestLogRenamed goes on under another name, as after a disaster: with all leaves, in the
// same folder. What was published before stays provable under the old name.
func TestLogRenamed(t *testing.T) {
	t.Parallel()
	h := newRecords(t)
	h.add(10)
	h.during(h.recorder(), func() { h.until("dated", allDated) })
	h.instance = "test.invalid/2"
	old := h.keys[2026]
	h.keys[2026] = nil
	h.rotate(2026)
	if old[0].Name() == h.keys[2026][0].Name() {
		t.Fatal("it has the same name")
	}
	h.add(3)
	h.during(h.recorder(), func() { h.until("dated", allDated) })
	h.check()
	first, last := "", ""
	if err := h.th.Owner.QueryRow(t.Context(), `SELECT split_part(convert_from((SELECT note FROM checkpoint ORDER BY size LIMIT 1), 'UTF8'), E'\n', 1),
		split_part(convert_from((SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1), 'UTF8'), E'\n', 1)`).Scan(&first, &last); err != nil {
		t.Fatal(err)
	}
	if first != "test.invalid/practice/2026" || last != "test.invalid/2/practice/2026" {
		t.Errorf("it was called %s, and is called %s", first, last)
	}
}

// TestYearEnds fills the log of the next year from its first moment, and publishes what was
// left of the old one, also where the process was not there when the year ended.
func TestYearEnds(t *testing.T) {
	t.Parallel()
	for _, alive := range []bool{true, false} {
		t.Run(fmt.Sprint(alive), func(t *testing.T) {
			t.Parallel()
			h := newRecords(t)
			h.set(time.Date(2026, 12, 31, 12, 0, 0, 0, time.UTC))
			var down atomic.Bool
			down.Store(true)
			r := h.recorder()
			r.Open = func(ctx context.Context, year int) (crawl.Log, error) {
				l, err := h.open(ctx, year)
				return blind{l, &down}, err
			}
			next := func() {
				h.set(time.Date(2027, 1, 1, 0, 0, 1, 0, time.UTC))
				h.opened(2027) // a batch that was begun before goes to the old year's log
				h.add(4)
				h.until("placed", allPlaced)
				down.Store(false)
				h.until("dated", allDated)
			}
			h.add(10)
			h.during(r, func() {
				h.until("placed", allPlaced)
				if alive {
					next()
				}
			})
			if !alive {
				h.during(r, next)
			}
			h.check()
			var logs string
			if err := h.th.Owner.QueryRow(t.Context(), `SELECT string_agg(year || ':' || n, ' ' ORDER BY year) FROM (SELECT year, count(*) AS n FROM outbox GROUP BY year) y`).Scan(&logs); err != nil || logs != "2026:10 2027:4" {
				t.Errorf("the logs hold %s, %v", logs, err)
			}
		})
	}
}

// TestOldKeyLost goes on with this year's log where last year's cannot be opened any more,
// and says so.
func TestOldKeyLost(t *testing.T) {
	t.Parallel()
	h := newRecords(t)
	r := h.recorder()
	r.Open = func(ctx context.Context, year int) (crawl.Log, error) {
		l, err := h.open(ctx, year)
		down := &atomic.Bool{}
		down.Store(true)
		return blind{l, down}, err
	}
	h.add(5)
	h.during(r, func() { h.until("placed", allPlaced) })
	h.set(time.Date(2027, 1, 1, 0, 0, 1, 0, time.UTC))
	r = h.recorder()
	r.Open = func(ctx context.Context, year int) (crawl.Log, error) {
		if year == 2026 {
			return nil, zoeklicht.Errorf(zoeklicht.NotFound, "there is no key")
		}
		return h.open(ctx, year)
	}
	h.add(5)
	h.during(r, func() {
		h.until("this year's are published", `SELECT (SELECT max(size) FROM checkpoint WHERE year = 2027) = 5`)
		h.until("told", `SELECT state = 'down' AND detail = 'there is no key' FROM recording WHERE part = 'log'`)
	})
	h.during(h.recorder(), func() { h.until("dated, once the key is back", allDated) })
	h.check()
}

// TestOneRecorder lets a second recorder wait, and take over when the first one ends.
func TestOneRecorder(t *testing.T) {
	t.Parallel()
	h := newRecords(t)
	var opened sync.Map
	watched := func(name string) *crawl.Recorder {
		r := h.recorder()
		r.Open = func(ctx context.Context, year int) (crawl.Log, error) {
			opened.Store(name, true)
			return h.open(ctx, year)
		}
		return r
	}
	h.add(10)
	h.during(watched("first"), func() {
		h.until("dated", allDated)
		h.during(watched("second"), func() {
			h.add(10)
			h.until("dated", allDated)
			if _, both := opened.Load("second"); both {
				t.Error("two recorders had a log in possession")
			}
		})
	})
	h.during(watched("third"), func() {
		h.add(1)
		h.until("dated", allDated)
	})
	h.check()
}

// TestOlderLog refuses to append to a log that is older than the database: what would get
// an index there has one already.
func TestOlderLog(t *testing.T) {
	t.Parallel()
	h := newRecords(t)
	h.add(10)
	h.during(h.recorder(), func() { h.until("dated", allDated) })
	h.dir = t.TempDir()
	h.add(1)
	err := h.recorder().Serve(t.Context())
	if zoeklicht.CodeOf(err) != zoeklicht.Internal || !bytes.Contains([]byte(err.Error()), []byte("holds 0 leaves, and the database knows of 10")) {
		t.Errorf("it ended with %v", err)
	}
	h.until("told", `SELECT state = 'down' AND detail LIKE '%database knows of 10%' FROM recording WHERE part = 'log'`)
}
