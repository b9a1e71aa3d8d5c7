package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/cli"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/ledger"
	"zoeklicht/internal/ledger/witness"
	"zoeklicht/internal/postgres"
	"zoeklicht/internal/store/storetest"

	"github.com/jackc/pgx/v5"
)

// published says that every leaf stands in a log and under a checkpoint that was kept.
const published = `SELECT count(*) > 0 AND bool_and(o.idx IS NOT NULL AND o.idx < coalesce((SELECT max(size) FROM checkpoint c WHERE c.year = o.year), 0)) FROM outbox o`

// inBase waits for something to be so in a database.
func inBase(t testing.TB, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		var is bool
		if err := conn.QueryRow(t.Context(), `SELECT coalesce((`+sql+`), false)`, args...).Scan(&is); err != nil {
			t.Fatal(err)
		}
		if is {
			return
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatalf("never: %s", sql)
		}
	}
}

// recorded waits until a house that runs has every leaf in the log, and published.
func (h *house) recorded() {
	h.t.Helper()
	ctx := h.t.Context()
	pg, err := postgres.Start(ctx, postgres.Config{Bin: h.bin, Dir: filepath.Join(h.data, "postgres")}, discard)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() {
		if err := pg.Close(); err != nil {
			h.t.Error(err)
		}
	}()
	conn, err := pgx.Connect(ctx, pg.Admin(access.DatabaseName(practiceTheme)))
	if err != nil {
		h.t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) // nothing is lost with it
	inBase(h.t, conn, published)
	inBase(h.t, conn, `SELECT max(told) > $1 FROM recording`, time.Now()) // it has put right what stands twice, too
}

// logged checks the logs under a folder against the database: whole, continuing what was
// published, every leaf where its row says and at no lower place.
func logged(t testing.TB, conn *pgx.Conn, data string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	var waiting int
	if err := conn.QueryRow(ctx, `SELECT count(*) FROM outbox WHERE idx IS NULL`).Scan(&waiting); err != nil || waiting != 0 {
		t.Errorf("%d leaves wait, %v", waiting, err)
	}
	rows, err := conn.Query(ctx, `SELECT DISTINCT year FROM outbox ORDER BY year`)
	if err != nil {
		t.Fatal(err)
	}
	years, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		t.Fatal(err)
	}
	for _, year := range years {
		var note []byte
		if err := conn.QueryRow(ctx, `SELECT note FROM checkpoint WHERE year = $1 ORDER BY size DESC LIMIT 1`, year).Scan(&note); err != nil {
			t.Fatal(err)
		}
		kept, err := ledger.ParseCheckpoint(note)
		if err != nil {
			t.Fatal(err)
		}
		check := &cli.LogCheck{Year: year, Reader: ledger.NewReader(logFolder(data, practiceTheme, year)), Kept: kept}
		check.Placed = func(fn func(int64, []byte) error) error {
			rows, err := conn.Query(ctx, `SELECT idx, leaf FROM outbox WHERE year = $1 ORDER BY idx`, year)
			if err != nil {
				return err
			}
			var at int64
			var leaf []byte
			_, err = pgx.ForEachRow(rows, []any{&at, &leaf}, func() error { return fn(at, bytes.Clone(leaf)) })
			return err
		}
		f := check.Check(ctx)
		t.Logf("%s: %s", f.Check, f.Is)
		if f.Grade != cli.OK {
			t.Errorf("%+v", f)
		}
		lowest := map[string]int64{}
		if err := check.Reader.Each(ctx, kept, func(at int64, leaf []byte) error {
			if _, there := lowest[string(leaf)]; !there {
				lowest[string(leaf)] = at
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := check.Placed(func(at int64, leaf []byte) error {
			if low, there := lowest[string(leaf)]; there && low != at {
				t.Errorf("a leaf is said to stand at %d/%d, and stands at %d as well", year, at, low)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// recordStage starts the recording process of a theme under test as serve does: its
// credential on a descriptor, nothing else.
func recordStage(t testing.TB, th *storetest.Theme, cfg Config, ring *keys.LogRing) *exec.Cmd {
	t.Helper()
	signing, err := ring.Signing(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pipe, err := access.Credential{Theme: practiceTheme, Phase: zoeklicht.Recording, Name: stageRecord, DSN: th.DSN(zoeklicht.Recording), Keys: signing}.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close() // the child has it
	lifeline, held, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = held.Close() })
	defer lifeline.Close() // the child has it
	plain, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "stage", stageRecord)
	cmd.Env = []string{"ZOEKLICHT_STAGE=" + string(plain), "TZ=UTC"}
	cmd.Stderr = os.Stderr
	cmd.ExtraFiles = []*os.File{pipe, lifeline}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// TestKillRecorder kills the recording process with -9 at random moments, again and again,
// while leaves come, and rotates its key in between. No leaf may be lost, the log must be
// whole and its witness agree, and all of it without a hand. ZOEKLICHT_KILLS=200 is the
// long form.
func TestKillRecorder(t *testing.T) {
	t.Parallel()
	n, seed := number(t, "ZOEKLICHT_KILLS", 16), uint64(number(t, "ZOEKLICHT_SEED", int(time.Now().UnixNano()%1e6)))
	t.Logf("ZOEKLICHT_SEED=%d ZOEKLICHT_KILLS=%d", seed, n)
	rng, th, ctx := rand.New(rand.NewPCG(seed, 2)), storetest.New(t), t.Context()
	cfg := defaults()
	cfg.Data, cfg.LogLevel = t.TempDir(), "error"
	cfg.Ledger.Instance, cfg.Ledger.Publish, cfg.Ledger.Poll, cfg.Ledger.Batch = "test.invalid", 100*time.Millisecond, 5*time.Millisecond, 5
	year := time.Now().UTC().Year()
	origin := logOrigin(cfg.Ledger.Instance, practiceTheme, year)
	ring, _, err := keys.EnsureLogKey(cfg.Data, practiceTheme, origin, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	seen := serveWitness(t, ring)
	cfg.Ledger.Policy = filepath.Join(cfg.Data, "policy")
	if err := os.WriteFile(cfg.Ledger.Policy, seen.policy, 0o600); err != nil {
		t.Fatal(err)
	}
	added := 0
	add := func(n int) {
		for range n {
			added++
			if _, err := th.Service(zoeklicht.Analysis).KeepRecord(ctx, zoeklicht.LeafConfig, strconv.Itoa(added), []byte(`{}`)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range n {
		add(1 + rng.IntN(10))
		if i == n/2 {
			if ring, err = keys.RotateLogKey(cfg.Data, practiceTheme, origin, time.Now(), time.Hour); err != nil {
				t.Fatal(err)
			}
			seen.learn(t, ring)
		}
		cmd := recordStage(t, th, cfg, ring)
		moment := time.NewTimer(time.Duration(rng.Int64N(int64(400 * time.Millisecond))))
		add(rng.IntN(5))
		<-moment.C
		_ = cmd.Process.Kill()
		var exit *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("before it was killed it ended with %v", err)
		}
	}
	cmd := recordStage(t, th, cfg, ring)
	inBase(t, th.Owner, published)
	inBase(t, th.Owner, `SELECT max(told) > $1 FROM recording`, time.Now())
	_ = cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Errorf("told to end, it ended with %v", err)
	}
	logged(t, th.Owner, cfg.Data)
	var rows int
	if err := th.Owner.QueryRow(ctx, `SELECT count(*) FROM outbox WHERE year = $1`, year).Scan(&rows); err != nil || rows != added {
		t.Errorf("%d of %d leaves stand in the log, %v", rows, added, err)
	}
	var note []byte
	if err := th.Owner.QueryRow(ctx, `SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1`).Scan(&note); err != nil {
		t.Fatal(err)
	}
	if _, cosigners, err := seen.deposited(t, ring).Verify(note); err != nil || len(cosigners) != 1 {
		t.Errorf("the newest checkpoint: cosigned by %v, %v", cosigners, err)
	}
	state, err := th.Service(zoeklicht.Analysis).LedgerHealth(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range state.Parts {
		if p.Name == zoeklicht.PartWitnesses && p.State != zoeklicht.LedgerWell {
			t.Errorf("%+v", p)
		}
	}
}

// seenBy is a witness on loopback, and the policy that names it.
type seenBy struct {
	mu     sync.RWMutex
	dir    string
	w      *witness.Witness
	srv    *httptest.Server
	policy []byte
}

func serveWitness(t testing.TB, ring *keys.LogRing) *seenBy {
	t.Helper()
	s := &seenBy{dir: t.TempDir()}
	s.open(t, ring)
	s.srv = httptest.NewServer(s)
	t.Cleanup(func() {
		s.srv.Close()
		if err := s.w.Close(); err != nil {
			t.Error(err)
		}
	})
	s.policy = fmt.Appendf(nil, "witness court %s %s\nquorum court\n", s.w.VKey(), s.srv.URL)
	return s
}

func (s *seenBy) open(t testing.TB, ring *keys.LogRing) {
	t.Helper()
	var logs []string
	for _, k := range ring.Keys("") {
		logs = append(logs, k.VKey)
	}
	var err error
	if s.w, err = witness.Open(witness.Config{Dir: s.dir, Name: "court.invalid", Logs: logs}, time.Now, discard); err != nil {
		t.Fatal(err)
	}
}

// learn starts the witness again with the keys of now, as its operator does.
func (s *seenBy) learn(t testing.TB, ring *keys.LogRing) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.w.Close(); err != nil {
		t.Fatal(err)
	}
	s.open(t, ring)
}

// ServeHTTP answers as the witness that there is now.
func (s *seenBy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.w.ServeHTTP(w, r)
}

// deposited gives the policy that a stranger has.
func (s *seenBy) deposited(t testing.TB, ring *keys.LogRing) *ledger.Policy {
	t.Helper()
	var logs []ledger.LogKey
	for _, k := range ring.Keys("") {
		logs = append(logs, ledger.LogKey{VKey: k.VKey, From: k.Created, Until: k.Until})
	}
	text, err := ledger.Deposit(logs, s.policy)
	if err != nil {
		t.Fatal(err)
	}
	policy, err := ledger.ParsePolicy(text)
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

// TestRotateWhileRunning rotates the key of a log in a house that runs. The recording
// process takes it up by itself: the log goes on, signed with both, and the change is in it.
func TestRotateWhileRunning(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	h := newHouse(t, 20, 0, 5)
	h.start()
	h.said(ctx, "is today")
	h.recorded()
	signatures := func() int {
		b, err := os.ReadFile(filepath.Join(logFolder(h.data, practiceTheme, time.Now().UTC().Year()), "checkpoint"))
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Count(b, []byte("/practice/"+strconv.Itoa(time.Now().UTC().Year())+" ")) // the log's own, and no witness's
	}
	if n := signatures(); n != 1 {
		t.Errorf("%d signatures before the rotation", n)
	}
	var said bytes.Buffer
	if code := run(ctx, append([]string{"keys", "rotate", "--theme", string(practiceTheme), "--overlap", "1h"}, h.flags()...), strings.NewReader(""), &said, &said); code != 0 {
		t.Fatalf("keys rotate: %d %s", code, said.String())
	}
	h.until(ctx, func() bool { return signatures() == 2 })
	h.recorded()
	h.stop()
	conn := h.open()
	logged(t, conn, h.data)
	var changes int
	if err := conn.QueryRow(context.WithoutCancel(ctx), `SELECT count(*) FROM record WHERE kind = 'key-change'`).Scan(&changes); err != nil || changes != 2 {
		t.Errorf("%d records of the keys, %v", changes, err)
	}
}
