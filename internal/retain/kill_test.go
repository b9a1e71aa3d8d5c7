package retain_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/retain"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/storetest"

	"github.com/jackc/pgx/v5"
)

// erasingArg makes this test binary a process that erases, as its next argument says.
const erasingArg = "retaintest-erase"

// erasing is what such a process is told. It prints the name of each step before it takes
// it.
type erasing struct {
	DSN, Owner string
	Data       string
	At         time.Time
	Erasure    zoeklicht.ErasureID // 0 to finish all that is open
	Hold       int                 // the step, counted from 0, before which it waits to be killed; -1 for none
}

// erasingMain is such a process, from its arguments to its end.
func erasingMain() {
	var e erasing
	err := json.Unmarshal([]byte(os.Args[2]), &e)
	if err == nil {
		err = e.run(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func (e *erasing) run(ctx context.Context) error {
	pass, err := access.Service(access.Credential{Theme: "practice", Phase: zoeklicht.Retain, Name: "retain", DSN: e.DSN})
	if err != nil {
		return err
	}
	c := store.New(func() time.Time { return e.At }, 2)
	defer c.Close()
	st, err := c.Open(ctx, pass)
	if err != nil {
		return err
	}
	steps := 0
	eraser := &retain.Eraser{
		Store: st, Vault: blob.In(e.Data, "practice", blob.Vault), Working: blob.In(e.Data, "practice", blob.Working),
		Out: filepath.Join(e.Data, "themes", "practice", "out"), List: retain.ListFile(e.Data),
		Owner: e.owner, Log: slog.New(slog.DiscardHandler),
		Step: func(name string) error {
			if _, err := fmt.Println(name); err != nil {
				return err
			}
			if steps++; steps-1 == e.Hold {
				_, err := io.Copy(io.Discard, os.Stdin) // until it is killed, or who started it is gone
				return errors.Join(err, errors.New("nobody killed it"))
			}
			return nil
		},
	}
	if e.Erasure != 0 {
		_, err = eraser.Carry(ctx, e.Erasure)
		return err
	}
	_, remains, err := eraser.Finish(ctx)
	if err == nil && len(remains) > 0 {
		err = fmt.Errorf("remains: %v", remains)
	}
	return err
}

// owner opens the database as its owner, and prints which process of the server works for
// it.
func (e *erasing) owner(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, e.Owner)
	if err == nil {
		_, err = fmt.Printf("%s%d\n", serverSays, conn.PgConn().PID())
	}
	return conn, err
}

// serverSays begins the line that tells the server's process.
const serverSays = "server process "

// moment is when a process that erases is killed: so long after it has named a step. A
// step of -1 is never, and one at which it waits comes with no delay.
type moment struct {
	step   int
	waits  bool
	delay  time.Duration
	server bool // the server's process that works for it is killed as well, if there is one
}

// taken is a step that a process named, and how long it was at it before the next.
type taken struct {
	name string
	took time.Duration
}

// erase runs a process that carries an erasure out, or finishes all, and kills it at a
// moment. It gives the steps that it took, and whether it was killed and did not end.
func (w *condemned) erase(id zoeklicht.ErasureID, at moment) (steps []taken, killed bool) {
	t := w.t
	t.Helper()
	told := erasing{DSN: w.th.DSN(zoeklicht.Retain), Owner: w.th.OwnerDSN, Data: w.data, At: w.th.Clock.Now(), Erasure: id, Hold: -1}
	if at.waits {
		told.Hold = at.step
	}
	arg, err := json.Marshal(told)
	must(t, err)
	self, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), self, erasingArg, string(arg))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	must(t, err)
	stdout, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	defer stdin.Close() // the process has ended
	began := time.Now()
	var blow *time.Timer
	var server atomic.Int64
	crashed, struck := false, make(chan struct{})
	for lines := bufio.NewScanner(stdout); lines.Scan(); began = time.Now() {
		if pid, is := strings.CutPrefix(lines.Text(), serverSays); is {
			n, err := strconv.ParseInt(pid, 10, 32)
			must(t, err)
			server.Store(n)
			continue
		}
		if n := len(steps); n > 0 {
			steps[n-1].took = time.Since(began)
		}
		steps = append(steps, taken{name: lines.Text()})
		if len(steps)-1 == at.step {
			blow = time.AfterFunc(at.delay, func() {
				defer close(struck)
				if at.server {
					crashed = w.killServer(int(server.Load()))
				}
				_ = cmd.Process.Kill() // it may have ended
			})
		}
	}
	if n := len(steps); n > 0 {
		steps[n-1].took = time.Since(began)
	}
	err = cmd.Wait()
	if blow != nil && !blow.Stop() {
		<-struck
		if crashed {
			w.reopen()
		}
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return steps, true
	}
	if crashed && errors.As(err, &exit) {
		return steps, true // it saw its server go before it went itself
	}
	if err != nil {
		t.Fatalf("the process that erases ended with %v: %s", err, stderr.Bytes())
	}
	return steps, false
}

// killServer kills a process of the world's own server, if it is there still.
func (w *condemned) killServer(pid int) bool {
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	return pid > 1 && err == nil && cwd == w.home && syscall.Kill(pid, syscall.SIGKILL) == nil
}

// fromEnv reads a number of a longer run from the environment.
func fromEnv(t *testing.T, key string, usual int) int {
	t.Helper()
	text := os.Getenv(key)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

// canaries are words that one advert alone has.
type canaries struct{ text, place, header string }

// letters gives a word of sixteen letters that no language has.
func letters(rng *rand.Rand) string {
	b := make([]byte, 16)
	for i := range b {
		b[i] = "bcdfghjklmnpqrstvwxz"[rng.IntN(20)]
	}
	return string(b)
}

// condemned is a world on a server of its own in which one advert after the other is
// destroyed by processes that are killed.
type condemned struct {
	*world
	files string // of the cluster
	home  string // the cluster itself, in which its processes live
	rng   *rand.Rand
	words []canaries                  // of the adverts, in the order of the captures
	next  int                         // advert to be destroyed
	left  map[zoeklicht.CaptureID]int // how many items those have that were
}

func newCondemned(t *testing.T, rng *rand.Rand) *condemned {
	t.Helper()
	dsn, files := cluster(t)
	w := &condemned{world: newWorld(t, storetest.On(t, dsn)), files: files, rng: rng, left: map[zoeklicht.CaptureID]int{}}
	must(t, os.MkdirAll(w.out(), 0o700))
	must(t, w.th.Owner.QueryRow(t.Context(), `SELECT current_setting('data_directory')`).Scan(&w.home))
	w.more()
	return w
}

// more adds adverts, each with its canaries.
func (w *condemned) more() {
	w.t.Helper()
	var ads []advert
	for range 50 {
		c, a := canaries{letters(w.rng), letters(w.rng), letters(w.rng)}, plain(len(w.words))
		a.text += " " + c.text + " in every sentence"
		a.place, a.header, a.picture = c.place, c.header, drawing(a.n, c.text)
		w.words, ads = append(w.words, c), append(ads, a)
	}
	w.add(ads...)
	_, err := w.th.Owner.Exec(w.t.Context(), `ANALYZE; CHECKPOINT`) // values get into the planner's statistics, and all of it into files
	must(w.t, err)
}

// condemn has the next advert's erasure decided, and notes what must be gone after.
func (w *condemned) condemn(scope zoeklicht.EraseScope) (zoeklicht.ErasureID, needles) {
	t, n := w.t, w.next
	t.Helper()
	if w.next++; w.next == len(w.captures) {
		w.more() // something is always left that verifies
	}
	id, gone := w.captures[n], needles{}
	e := zoeklicht.Erasure{Scope: scope, Capture: id}
	switch scope {
	case zoeklicht.EraseItem:
		e.Item, w.left[id] = "picture:0", 2
	case zoeklicht.EraseAdvert:
		e.Capture, e.Advert = zoeklicht.CaptureID{}, w.advert(id)
		fallthrough
	default:
		w.left[id] = 0
		gone.word("text", w.words[n].text)
		gone.word("place", w.words[n].place)
		gone.word("header", w.words[n].header)
	}
	w.secrets(gone, id, e.Item)
	// What a job made of it before. In the clear here, so that it is seen whether it goes.
	made := letters(w.rng)
	gone["a job's file"] = []byte(made)
	must(t, os.WriteFile(filepath.Join(w.out(), fmt.Sprintf("MADE%d.job", n)), []byte(made), 0o600))
	before := gone.found(t, w.data, w.files)
	for what := range gone {
		if len(before[what]) == 0 && !strings.Contains(what, " at ") { // of a word some parts may be cut by compression
			t.Errorf("nothing has the %s before: it shows nothing that nothing has it after", what)
		}
	}
	return w.decide(e), gone
}

// gone makes sure of what must hold after an erasure was taken up and ended.
func (w *condemned) gone(what string, n needles) {
	t, ctx := w.t, w.t.Context()
	t.Helper()
	for needle, where := range n.found(t, w.data, w.files) {
		t.Errorf("%s: %s is still in %v", what, needle, where)
	}
	var records, leaves, erasures, undone, dangling int
	var recycle string
	must(t, w.th.Owner.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM record WHERE kind = 'erase'), (SELECT count(DISTINCT ref) FROM outbox WHERE kind = 'erase'),
		       (SELECT count(*) FROM erasure), (SELECT count(*) FROM erasure e WHERE NOT EXISTS (SELECT 1 FROM erasure_step s WHERE s.erasure = e.id AND s.kind = 'scrub')),
		       (SELECT count(*) FROM erase_hole), current_setting('wal_recycle')`).Scan(&records, &leaves, &erasures, &undone, &dangling, &recycle))
	if records != erasures || leaves != erasures || undone > 0 || dangling > 0 || recycle != "on" {
		t.Errorf("%s: %d erasures have %d records and %d leaves, %d are not done, %d holes are open, wal_recycle is %s", what, erasures, records, leaves, undone, dangling, recycle)
	}
	list, err := retain.ReadList(retain.ListFile(w.data))
	must(t, err)
	listed := map[zoeklicht.ErasureID]bool{}
	for _, d := range list {
		listed[d.Erasure] = true
	}
	if len(listed) != erasures {
		t.Errorf("%s: %d of %d erasures are in the list", what, len(listed), erasures)
	}
}

// TestErasedThoughKilled kills the process that erases with SIGKILL: before each of its
// steps in turn, and at random moments, several processes one after the other some of the
// time. A new process takes the erasure up each time. Afterwards nothing has what was
// destroyed, each erasure has one leaf, and everything else verifies as before.
// ZOEKLICHT_KILLS=200 is the long form; ZOEKLICHT_SEED repeats one.
func TestErasedThoughKilled(t *testing.T) {
	t.Parallel()
	kills, seed := fromEnv(t, "ZOEKLICHT_KILLS", 6), uint64(fromEnv(t, "ZOEKLICHT_SEED", int(time.Now().UnixNano()%1e6)))
	t.Logf("ZOEKLICHT_SEED=%d ZOEKLICHT_KILLS=%d", seed, kills)
	rng := rand.New(rand.NewPCG(seed, 4))
	w := newCondemned(t, rng)
	scopes := []zoeklicht.EraseScope{zoeklicht.EraseCapture, zoeklicht.EraseItem, zoeklicht.EraseAdvert}
	dealt := map[string]int{}

	// Undisturbed, to know what it does and how long it is at it.
	id, n := w.condemn(zoeklicht.EraseCapture)
	quiet, _ := w.erase(id, moment{step: -1})
	w.gone("undisturbed", n)
	for _, s := range quiet {
		t.Logf("undisturbed it is %v at %q", s.took, s.name)
	}

	for _, scope := range scopes[:2] {
		for step := 0; ; step++ {
			id, n := w.condemn(scope)
			steps, killed := w.erase(id, moment{step: step, waits: true})
			if !killed {
				if step < 6 {
					t.Errorf("to erase a %s takes %d steps only", scope, len(steps))
				}
				break
			}
			dealt["before "+steps[step].name]++
			again, _ := w.erase(0, moment{step: -1})
			w.gone(fmt.Sprintf("%s, killed before %q, which left %d steps", scope, steps[step].name, len(again)), n)
		}
	}

	for killed := 0; killed < kills; {
		scope := scopes[rng.IntN(len(scopes))]
		id, n := w.condemn(scope)
		var story []string
		for again := true; again && killed < kills; again = rng.IntN(2) == 0 {
			step := rng.IntN(len(quiet) - 1) // after the last one nothing is done
			at := moment{step: step, delay: time.Duration(rng.Int64N(int64(quiet[step].took) + 1))}
			steps, hit := w.erase(id, at)
			if !hit {
				dealt["too late"]++
				break
			}
			killed++
			dealt["in "+steps[len(steps)-1].name]++
			story = append(story, fmt.Sprintf("%v after %q", at.delay, steps[step].name))
			id = 0 // the next one takes it up
		}
		_, _ = w.erase(0, moment{step: -1})
		w.gone(fmt.Sprintf("%s, killed %s", scope, strings.Join(story, ", then ")), n)
	}
	t.Logf("killed %v", dealt)
	verify(t, w.world, w.left)
	rebuilt(t, w.th)
}

// TestErasedThoughServerDies kills, with the process that erases, the server's process that
// writes tables anew for it. The server begins again within itself and forgets the files
// that it was writing; what was live then lies in them, and is destroyed by the erasures
// that follow.
func TestErasedThoughServerDies(t *testing.T) {
	t.Parallel()
	kills, seed := fromEnv(t, "ZOEKLICHT_KILLS", 4), uint64(fromEnv(t, "ZOEKLICHT_SEED", int(time.Now().UnixNano()%1e6)))
	t.Logf("ZOEKLICHT_SEED=%d ZOEKLICHT_KILLS=%d", seed, kills)
	rng := rand.New(rand.NewPCG(seed, 5))
	w := newCondemned(t, rng)
	id, n := w.condemn(zoeklicht.EraseCapture)
	quiet, _ := w.erase(id, moment{step: -1})
	w.gone("undisturbed", n)
	scrub := slices.IndexFunc(quiet, func(s taken) bool { return s.name == "scrub" })
	late := 0
	for killed := 0; killed < kills; {
		id, n := w.condemn(zoeklicht.EraseCapture)
		at := moment{step: scrub, delay: time.Duration(rng.Int64N(int64(quiet[scrub].took) + 1)), server: true}
		_, hit := w.erase(id, at)
		if hit {
			killed++
			_, _ = w.erase(0, moment{step: -1})
		} else {
			late++
		}
		w.gone(fmt.Sprintf("killed %v after the scrub began: %t", at.delay, hit), n)
	}
	t.Logf("killed %d, too late %d", kills, late)
	verify(t, w.world, w.left)
	rebuilt(t, w.th)
}

// TestAbandoned: files that no table has are emptied, and those of a table that is being
// made are not, whoever makes it and however long that takes.
func TestAbandoned(t *testing.T) {
	t.Parallel()
	dsn, _ := cluster(t)
	ctx := t.Context()
	owner, err := pgx.Connect(ctx, dsn)
	must(t, err)
	defer owner.Close(context.WithoutCancel(ctx)) // nothing is lost with it
	other, err := pgx.Connect(ctx, dsn)
	must(t, err)
	defer other.Close(context.WithoutCancel(ctx)) // nothing is lost with it
	clear := func(what string, want zoeklicht.Code) {
		t.Helper()
		remains, err := store.ClearAbandoned(ctx, owner, 50*time.Millisecond)
		if wantCode(t, what, err, want); len(remains) > 0 {
			t.Errorf("%s: remains %v", what, remains)
		}
	}
	clear("with nothing there", "")
	var dir, making string
	must(t, owner.QueryRow(ctx, `SELECT current_setting('data_directory') || '/' || regexp_replace(pg_relation_filepath('pg_class'), '/[^/]*$', '')`).Scan(&dir))
	var left []string
	for _, name := range []string{"4000000001", "4000000001.1", "4000000002_vm"} {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte("canary"), 0o600))
		must(t, os.Chmod(path, 0o666)) // the server may run as somebody else
		left = append(left, path)
	}
	size := func(path string) int64 {
		info, err := os.Stat(path)
		must(t, err)
		return info.Size()
	}
	_, err = other.Exec(ctx, `BEGIN; CREATE TABLE made AS SELECT repeat('x', 100) FROM generate_series(1, 1000)`)
	must(t, err)
	must(t, other.QueryRow(ctx, `SELECT current_setting('data_directory') || '/' || pg_relation_filepath('made')`).Scan(&making))
	_, err = owner.Exec(ctx, `CHECKPOINT`)
	must(t, err)
	whole := size(making)
	clear("while a table is made", zoeklicht.Unavailable)
	if size(left[0]) == 0 || size(making) != whole || whole == 0 {
		t.Errorf("while a table is made: %d and %d bytes of %d", size(left[0]), size(making), whole)
	}
	_, err = other.Exec(ctx, `COMMIT`)
	must(t, err)
	clear("after", "")
	for _, path := range left {
		if size(path) != 0 {
			t.Errorf("%s has %d bytes", path, size(path))
		}
	}
	if size(making) != whole {
		t.Errorf("the table has %d bytes of %d", size(making), whole)
	}
	_, err = owner.Exec(ctx, `CREATE ROLE nobody_else; SET ROLE nobody_else`)
	must(t, err)
	if remains, err := store.ClearAbandoned(ctx, owner, time.Second); err != nil || len(remains) != 1 {
		t.Errorf("where only an administrator may look: %v, %v", remains, err)
	}
}

// reopen opens the world again after a process of its server was killed: the server ends
// all of them and begins again within itself.
func (w *condemned) reopen() {
	t, ctx, dsn, clock := w.t, w.t.Context(), w.th.OwnerDSN, w.th.Clock
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	until := func(so func() bool) {
		for !so() {
			select {
			case <-tick.C:
			case <-ctx.Done():
				t.Fatal(ctx.Err())
			}
		}
	}
	until(func() bool { return w.th.Owner.Ping(ctx) != nil })
	until(func() bool {
		conn, err := pgx.Connect(ctx, dsn)
		return err == nil && conn.Close(ctx) == nil
	})
	w.th = storetest.On(t, dsn)
	w.th.Clock.T = clock.T
	w.tech, w.analyser.Store = w.th.Service(zoeklicht.Technical), w.th.Service(zoeklicht.Analysis)
}
