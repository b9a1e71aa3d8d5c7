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
	"strconv"
	"strings"
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
		Owner: func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, e.Owner) }, Log: slog.New(slog.DiscardHandler),
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

// moment is when a process that erases is killed: so long after it has named a step. A
// step of -1 is never, and one at which it waits comes with no delay.
type moment struct {
	step  int
	waits bool
	delay time.Duration
}

// taken is a step that a process named, and how long it was at it before the next.
type taken struct {
	name string
	took time.Duration
}

// erase runs a process that carries an erasure out, or finishes all, and kills it at a
// moment. It gives the steps that it took, and whether it was killed and did not end.
func (w *world) erase(id zoeklicht.ErasureID, at moment) (steps []taken, killed bool) {
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
	for lines := bufio.NewScanner(stdout); lines.Scan(); began = time.Now() {
		if n := len(steps); n > 0 {
			steps[n-1].took = time.Since(began)
		}
		steps = append(steps, taken{name: lines.Text()})
		if len(steps)-1 == at.step {
			blow = time.AfterFunc(at.delay, func() { _ = cmd.Process.Kill() }) // it may have ended
		}
	}
	if n := len(steps); n > 0 {
		steps[n-1].took = time.Since(began)
	}
	err = cmd.Wait()
	if blow != nil {
		blow.Stop()
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return steps, true
	}
	if err != nil {
		t.Fatalf("the process that erases ended with %v: %s", err, stderr.Bytes())
	}
	return steps, false
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
