package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/crawl"
	"zoeklicht/internal/crawl/crawltest"
	"zoeklicht/internal/fetch"
	"zoeklicht/internal/fetch/http1"
	"zoeklicht/internal/frontier"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/practice"
)

// TestUnknownKey gives configuration that nobody knows. The error names it, says that
// nothing was started, and the exit code is that of wrong use.
func TestUnknownKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range []struct{ name, file, flag, want string }{
		{"a key", "addr: 127.0.0.1:8080\nadress: 127.0.0.1:8081\n", "", `unknown field "adress"`},
		{"a key of a room", "collect:\n  group: 10\n  linger_ms: 5\n", "", `unknown field "linger_ms"`},
		{"a value of another kind", "collect:\n  group: many\n", "", "config.yaml: [2:10]"},
		{"no YAML", "data: [\n", "", "config.yaml"},
		{"a word that is not allowed", "lang: fr\n", "", `lang is "fr": one of nl, en`},
		{"a flag", "", "--collect.groop=3", "collect.groop"},
		{"a flag's value", "", "--collect.group=many", "not a whole number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := []string{"serve", "--data", filepath.Join(dir, "none")}
			if c.file != "" {
				file := filepath.Join(t.TempDir(), "config.yaml")
				if err := os.WriteFile(file, []byte(c.file), 0o600); err != nil {
					t.Fatal(err)
				}
				args = append(args, "--config", file)
			}
			if c.flag != "" {
				args = append(args, c.flag)
			}
			var out, errs strings.Builder
			code := run(t.Context(), args, strings.NewReader(""), &out, &errs)
			if code != exitUsage || !strings.Contains(errs.String(), c.want) || strings.Count(errs.String(), "\n") != 1 {
				t.Errorf("exit %d, want %d and one line with %q: %q", code, exitUsage, c.want, errs.String())
			}
		})
	}
	if !missing(filepath.Join(dir, "none")) {
		t.Error("a folder was made")
	}
}

// TestLostKey moves a theme's key file away. What needs it says so and makes no other; put
// back, everything is there again. A process that runs goes on, and one that is started
// meanwhile waits for the file. It is not parallel: houses that start would take the ports
// of those that are about to start again.
func TestLostKey(t *testing.T) {
	h := newHouse(t, 12, 0, 3)
	h.start()
	h.said(t.Context(), "is today")
	file := keys.Path(filepath.Join(h.data, "keys"), practiceTheme)
	away := file + ".away"
	move := func(from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	logged := func() string {
		b, _ := os.ReadFile(h.log)
		return string(b)
	}

	move(file, away)
	if err := syscall.Kill(h.pid(stageCollect), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	h.until(t.Context(), func() bool { return strings.Contains(logged(), "the key file of theme practice is missing") })
	move(away, file)
	h.until(t.Context(), func() bool { return h.pid(stageCollect) != 0 })
	h.stop()

	move(file, away)
	for _, verb := range [][]string{{"serve", "--addr", "127.0.0.1:0"}, {"practice"}, {"crawl", "--theme", "practice", "--source", "kiosk"}} {
		out, errs, code := h.verb(verb[0], verb[1:]...)
		for _, want := range []string{"the key file of theme practice is missing: " + file, "nothing was changed", "put back practice.key"} {
			if code != exitFailed || !strings.Contains(errs, want) {
				t.Errorf("%s: exit %d, want %d and %q: %s%s", verb[0], code, exitFailed, want, out, errs)
			}
		}
	}
	if !missing(file) {
		t.Error("another key was made")
	}
	move(away, file)
	ring, err := keys.Load(filepath.Dir(file), practiceTheme)
	if err != nil {
		t.Fatal(err)
	}
	whole(t, h.open(), h.data, ring)
}

// dialled are the addresses that sockets were connected to.
type dialled struct {
	mu  sync.Mutex
	all map[netip.AddrPort]int
}

func (d *dialled) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all[to]++
	return err
}

func (d *dialled) times(url string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.all[netip.MustParseAddrPort(hostPort(url))]
}

// impatient gives a bench whose collector waits for nothing long, and what it connects to.
func impatient(t *testing.T, world practice.Config) (*crawltest.Bench, *dialled) {
	t.Helper()
	b, d := crawltest.New(t, world), &dialled{all: map[netip.AddrPort]int{}}
	anew(t, b, fetch.Config{Idle: 400 * time.Millisecond}, d.control)
	return b, d
}

// impatience waits for no host long.
var impatience = frontier.PacerConfig{Backoff: time.Millisecond, MaxBackoff: 4 * time.Millisecond, DownFor: time.Millisecond}

// anew gives a bench another collector.
func anew(t *testing.T, b *crawltest.Bench, cfg fetch.Config, control func(string, string, syscall.RawConn) error) {
	t.Helper()
	if err := b.Collector.Vault.(*blob.Writer).Close(); err != nil {
		t.Fatal(err)
	}
	b.Collector = b.NewCollector(http1.New(cfg, &fetch.Direct{
		Clock: time.Now, Resolver: fetch.System{Clock: time.Now}, Control: control,
	}, b.Store.Clock.Now, nil))
	b.Collector.Config = crawl.Config{Linger: 2 * time.Millisecond, Attempts: 2}
	b.Collector.Pacer = frontier.NewPacer(impatience)
}

// TestSourceGoesWrong lets one source of five go wrong in each way: three in ten of its
// addresses, or all of them. The run's record must name the reason, the other sources
// must not notice, and afterwards everything is as it was: nothing is called gone,
// nothing that a broken page held became a version.
func TestSourceGoesWrong(t *testing.T) {
	t.Parallel()
	b, d := impatient(t, practice.Config{Seed: 5, Adverts: 75, NoBarriers: true})
	b.Day(0)
	first := b.Visit(t.Context())
	names := siteNames(b.Web.Hosts())
	before := dump(t, b.Store.Owner, names)
	const all = 1000
	// Slow pages that are tried again in a row must not make the host one that is down.
	patient := impatience
	patient.DownAfter = all
	b.Collector.Pacer = frontier.NewPacer(patient)
	for _, c := range []struct {
		kind     practice.FaultKind
		permille int
		want     zoeklicht.Fail // counted in the record, "" for none
		stopped  string         // what the record says of a run that ended early
	}{
		{practice.FaultVanish, 300, zoeklicht.FailDisconnect, ""},
		{practice.FaultSlow, 300, zoeklicht.FailTimeout, ""},
		{practice.FaultErrors, 300, zoeklicht.FailStatus, ""},
		{practice.FaultElsewhere, 300, zoeklicht.FailOutside, ""},
		{practice.FaultHuge, 300, zoeklicht.FailTooLarge, ""},
		{practice.FaultBomb, 300, zoeklicht.FailTooLarge, ""},
		{practice.FaultTorn, 300, zoeklicht.FailDisconnect, ""},
		{practice.FaultCharset, 300, zoeklicht.FailNotContent, ""},
		// robots.txt as well: where it cannot be had, nothing else is asked for.
		{practice.FaultVanish, all, zoeklicht.FailCancelled, "robots.txt (unreachable)"},
		{practice.FaultSlow, all, zoeklicht.FailCancelled, "the server fell silent"},
		{practice.FaultErrors, all, zoeklicht.FailCancelled, "the server answered 500"},
		{practice.FaultRedirects, all, zoeklicht.FailCancelled, "more than 10 redirects"},
		{practice.FaultElsewhere, all, zoeklicht.FailCancelled, "is not in the approval of source admarkt"},
		{practice.FaultTorn, all, zoeklicht.FailCancelled, "it broke off"},
		// A robots.txt of any size or content is one.
		{practice.FaultHuge, all, zoeklicht.FailTooLarge, ""},
		{practice.FaultBomb, all, zoeklicht.FailTooLarge, ""},
		{practice.FaultCharset, all, zoeklicht.FailNotContent, ""},
	} {
		name := fmt.Sprintf("%s, %d of 1000", c.kind, c.permille)
		b.Store.Clock.T = b.Store.Clock.T.Add(time.Hour)
		if err := b.Web.SetFaults([]practice.Fault{{Site: "admarkt", Kind: c.kind, Permille: c.permille, DelayMS: 1000}}); err != nil {
			t.Fatal(err)
		}
		for i, run := range b.Visit(t.Context()) {
			switch {
			case run.Source != "admarkt":
				if !run.Complete || run.Adverts != first[i].Adverts || len(run.Failed) > 0 {
					t.Errorf("%s: %s noticed it: %+v", name, run.Source, run)
				}
			case run.Failed[c.want] == 0 || len(run.Failed) != 1:
				t.Errorf("%s: failed %v, want some of %s and nothing else; ended early: %q", name, run.Failed, c.want, run.Stopped)
			case !strings.Contains(run.Stopped, c.stopped) || c.stopped == "" && run.Stopped != "":
				t.Errorf("%s: the run says it ended early because %q, want %q", name, run.Stopped, c.stopped)
			case c.permille == all && (run.Complete || run.Adverts > 0):
				t.Errorf("%s: complete %v with %d adverts", name, run.Complete, run.Adverts)
			case c.permille < all && run.Adverts+run.Failed[c.want] < first[i].Adverts:
				t.Errorf("%s: %d adverts seen and %d failures: fewer than the %d there are", name, run.Adverts, run.Failed[c.want], first[i].Adverts)
			}
		}
	}
	if n := d.times(b.Web.Addresses().Truth); n > 0 {
		t.Errorf("%d connections to the truth port, where redirects led to", n)
	}
	if err := b.Web.SetFaults(nil); err != nil {
		t.Fatal(err)
	}
	b.Store.Clock.T = b.Store.Clock.T.Add(time.Hour)
	for i, run := range b.Visit(t.Context()) {
		if !run.Complete || run.Adverts != first[i].Adverts {
			t.Errorf("afterwards %s has %d adverts, complete %v", run.Source, run.Adverts, run.Complete)
		}
	}
	after := dump(t, b.Store.Owner, names)
	for _, table := range []string{"advert", "version", "entity", "version_picture", "gone", "daily"} {
		if len(before[table]) != len(after[table]) {
			t.Errorf("%s had %d rows before it went wrong, and %d after", table, len(before[table]), len(after[table]))
		}
	}
	whole(t, b.Store.Owner, b.Dir, b.Ring)
}

// TestSourceVanishesMidway drops a source in the middle of its run. The run ends, and says
// why; what was captured stays.
func TestSourceVanishesMidway(t *testing.T) {
	t.Parallel()
	// Many more pages than may be on their way to the vault, so that some are left.
	b, _ := impatient(t, practice.Config{Seed: 6, Adverts: 2000, NoBarriers: true})
	b.Day(0)
	b.Collector.Vault = &after{Vault: b.Collector.Vault, captures: 10, do: func() {
		if err := b.Web.SetFaults([]practice.Fault{{Site: "kiosk", Kind: practice.FaultVanish}}); err != nil {
			t.Error(err)
		}
	}}
	run, err := b.Collector.Once(t.Context(), "kiosk", "test", func(zoeklicht.Run) {})
	if err != nil {
		t.Fatal(err)
	}
	if run.Complete || !strings.Contains(run.Stopped, "the host does not answer") || run.Adverts < 5 || run.Failed[zoeklicht.FailCancelled] == 0 {
		t.Errorf("the record: %+v", run)
	}
	if err := b.Analyser.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	whole(t, b.Store.Owner, b.Dir, b.Ring)
}

// TestSlowSource visits a source that takes longer for a page than a page is lent for. No
// page is asked for twice: whoever is slow must not be asked more.
func TestSlowSource(t *testing.T) {
	t.Parallel()
	b, _ := impatient(t, practice.Config{Seed: 14, Adverts: 60, NoBarriers: true})
	b.Day(0)
	b.Collector.Config.Lease = 300 * time.Millisecond
	if err := b.Web.SetFaults([]practice.Fault{{Site: "admarkt", Kind: practice.FaultSlow, DelayMS: 40}}); err != nil {
		t.Fatal(err)
	}
	run, err := b.Collector.Once(t.Context(), "admarkt", "test", func(zoeklicht.Run) {})
	if err != nil {
		t.Fatal(err)
	}
	asked := b.Web.Stats()[0]
	if pages := asked.Listings + asked.Adverts; !run.Complete || run.Captured != run.URLs || pages != int64(run.URLs) {
		t.Errorf("%d pages were asked for %d times; the run: %+v", run.URLs, pages, run)
	}
}

// after is a vault that does something once so many captures are in it.
type after struct {
	crawl.Vault
	captures int
	do       func()
}

func (a *after) Append(ctx context.Context, owner zoeklicht.CaptureID, items []zoeklicht.Item) ([]zoeklicht.Place, error) {
	if a.captures--; a.captures == 0 {
		a.do()
	}
	return a.Vault.Append(ctx, owner, items)
}

// failing is a vault whose disk fails.
type failing struct {
	crawl.Vault
	appends, syncs map[int]error // by their number, from 1
	a, s           int
}

func (f *failing) Append(ctx context.Context, owner zoeklicht.CaptureID, items []zoeklicht.Item) ([]zoeklicht.Place, error) {
	if f.a++; f.appends[f.a] != nil {
		return nil, f.appends[f.a]
	}
	return f.Vault.Append(ctx, owner, items)
}

func (f *failing) Sync(ctx context.Context) error {
	if f.s++; f.syncs[f.s] != nil {
		return f.syncs[f.s]
	}
	return f.Vault.Sync(ctx)
}

// TestVaultFails fails a vault's writes and syncs. A full disk is waited for, with what
// was captured in hand; another failure ends collecting, and the run is taken up again.
// In the end nothing is missing.
func TestVaultFails(t *testing.T) {
	t.Parallel()
	world := practice.Config{Seed: 8, Adverts: 50}
	quiet, hit := crawltest.New(t, world), crawltest.New(t, world)
	quiet.Day(0)
	quiet.Visit(t.Context())
	hit.Day(0)
	full := zoeklicht.Errorf(zoeklicht.Limit, "the disk is full")
	broken := errors.New("input/output error")
	real := hit.Collector.Vault
	for _, c := range []struct {
		id zoeklicht.SourceID
		*failing
	}{
		{"admarkt", &failing{appends: map[int]error{1: full, 5: full, 6: full}}},
		{"stadsgids", &failing{syncs: map[int]error{1: full, 3: full}}},
		{"wellkompass", &failing{}},
		{"corso", &failing{}},
		{"kiosk", &failing{appends: map[int]error{4: broken}}}, // last: serving would begin with the others
	} {
		id, f := c.id, c.failing
		f.Vault = real
		hit.Collector.Vault = f
		_, err := hit.Collector.Once(t.Context(), id, "test", func(zoeklicht.Run) {})
		if id != "kiosk" {
			if err != nil {
				t.Fatalf("%s did not wait for room: %v", id, err)
			}
			continue
		}
		if !errors.Is(err, broken) {
			t.Fatalf("%s: got %v, want %v", id, err, broken)
		}
		serve, cancel := context.WithTimeout(t.Context(), time.Minute)
		f.a = 3
		if err := hit.Collector.Serve(serve); !errors.Is(err, broken) {
			t.Fatalf("serving went on after %v: %v", broken, err)
		}
		cancel()
		if _, err := hit.Collector.Once(t.Context(), id, "test", func(zoeklicht.Run) {}); err != nil {
			t.Fatal(err)
		}
	}
	if err := hit.Analyser.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, dump(t, quiet.Store.Owner, siteNames(quiet.Web.Hosts())), dump(t, hit.Store.Owner, siteNames(hit.Web.Hosts())))
	whole(t, hit.Store.Owner, hit.Dir, hit.Ring)
}
