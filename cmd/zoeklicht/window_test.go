package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/crawl"
	"zoeklicht/internal/crawl/crawltest"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/practice"
	"zoeklicht/internal/store"

	"github.com/jackc/pgx/v5"
)

// dyingArg makes the test binary a collecting process that kills itself, with dyingEnv
// to say where.
const (
	dyingArg = "e2e-dying-collector"
	dyingEnv = "ZOEKLICHT_E2E_DYING"
)

// death says which run a process makes and where it kills itself.
type death struct {
	DSN    string // as the technical role
	Public []byte // key to seal with
	Data   string
	Source zoeklicht.SourceID
	Now    time.Time
	Moment moment
	Nth    int // of these moments; 0 for never
}

// moment is a place on the way of a capture into the vault.
type moment string

const (
	afterAppend moment = "after append" // the bytes are in our memory, or written and not synced
	beforeSync  moment = "before sync"  // of the whole group
	afterSync   moment = "after sync"   // synced, and their rows not committed
)

// dying is a vault that takes its process with it.
type dying struct {
	crawl.Vault
	moment moment
	left   int
}

func (d *dying) at(m moment) {
	if m != d.moment {
		return
	}
	if d.left--; d.left == 0 {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // it is on its way
	}
}

func (d *dying) Append(ctx context.Context, owner zoeklicht.CaptureID, items []zoeklicht.Item) ([]zoeklicht.Place, error) {
	places, err := d.Vault.Append(ctx, owner, items)
	d.at(afterAppend)
	return places, err
}

func (d *dying) Sync(ctx context.Context) error {
	d.at(beforeSync)
	err := d.Vault.Sync(ctx)
	d.at(afterSync)
	return err
}

// dyingMain makes one run, wired as the collecting stage is, unless it dies on the way.
func dyingMain() {
	if err := collectAndDie(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func collectAndDie(ctx context.Context) error {
	var d death
	if err := json.Unmarshal([]byte(os.Getenv(dyingEnv)), &d); err != nil {
		return err
	}
	pass, err := access.Service(access.Credential{Theme: practiceTheme, Phase: zoeklicht.Technical, Name: "collect", DSN: d.DSN})
	if err != nil {
		return err
	}
	stores := store.New(func() time.Time { return d.Now }, 4)
	defer stores.Close()
	st, err := stores.Open(ctx, pass)
	if err != nil {
		return err
	}
	public, err := keys.ParsePublic(d.Public)
	if err != nil {
		return err
	}
	packs, err := loadPacks()
	if err != nil {
		return err
	}
	cfg := defaults()
	cfg.Data = d.Data
	cfg.Collect.Linger = 20 * time.Millisecond
	if d.Nth > 0 {
		cfg.Collect.Group = 5 // so that there are many
	}
	boundMemory()
	c, done, err := collector(cfg, packs[practiceTheme], st, public, discard)
	if err != nil {
		return err
	}
	defer done()
	c.Vault = &dying{c.Vault, d.Moment, d.Nth}
	_, err = c.Once(ctx, d.Source, "test", func(zoeklicht.Run) {})
	return err
}

// TestBetweenAppendAndCommit kills the collecting process again and again at the moments
// at which a capture is half in the vault. The result must be that of an undisturbed
// run, and what was appended in vain must be told from what was committed.
func TestBetweenAppendAndCommit(t *testing.T) {
	t.Parallel()
	seed := uint64(number(t, "ZOEKLICHT_SEED", int(time.Now().UnixNano()%1e6)))
	t.Logf("ZOEKLICHT_SEED=%d", seed)
	rng := rand.New(rand.NewPCG(seed, 2))
	world := practice.Config{Seed: seed, Adverts: 36}
	quiet, hit := crawltest.New(t, world), crawltest.New(t, world)
	// The vault has one writer at a time, and here it is another process.
	if err := hit.Collector.Vault.(*blob.Writer).Close(); err != nil {
		t.Fatal(err)
	}
	moments, deaths := []moment{afterAppend, beforeSync, afterSync}, map[moment]int{}
	for day := range 2 {
		quiet.Day(day)
		quiet.Visit(t.Context())
		hit.Day(day)
		for i := range hit.Theme.Sources {
			for {
				d := death{
					DSN: hit.Store.DSN(zoeklicht.Technical), Public: hit.Ring.Public().Marshal(), Data: hit.Dir,
					Source: hit.Theme.Sources[i].ID, Now: hit.Store.Clock.T, Moment: moments[rng.IntN(len(moments))],
				}
				d.Nth = 1 + rng.IntN(3)
				if d.Moment == afterAppend {
					d.Nth = 1 + rng.IntN(15)
				}
				if !runAndDie(t, d) {
					break
				}
				deaths[d.Moment]++
			}
		}
		if err := hit.Analyser.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want := dump(t, quiet.Store.Owner, siteNames(quiet.Web.Hosts()))
	same(t, want, dump(t, hit.Store.Owner, siteNames(hit.Web.Hosts())))
	whole(t, hit.Store.Owner, hit.Dir, hit.Ring)
	known := map[int64]int64{} // where the committed bytes of each segment end
	rows, err := hit.Store.Owner.Query(t.Context(), `SELECT segment, max(off + len) FROM item GROUP BY segment`)
	if err != nil {
		t.Fatal(err)
	}
	var segment, end int64
	if _, err := pgx.ForEachRow(rows, []any{&segment, &end}, func() error { known[segment] = end; return nil }); err != nil {
		t.Fatal(err)
	}
	l := orphans(t, hit.Store.Owner, hit.Dir, known)
	t.Logf("died %v; left in the vault: %v", deaths, l)
	if deaths[afterSync] == 0 || l.captures < deaths[afterSync] {
		t.Errorf("%d deaths between sync and commit left %d captures: the test shows nothing", deaths[afterSync], l.captures)
	}
}

// runAndDie runs a process and reports whether it died by its own hand; else it must
// have finished its run.
func runAndDie(t *testing.T, d death) bool {
	t.Helper()
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, dyingArg)
	cmd.Env = append(os.Environ(), dyingEnv+"="+string(b))
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGKILL {
			return true
		}
	}
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return false
}
