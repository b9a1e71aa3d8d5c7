package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/crawl/crawltest"
	"zoeklicht/internal/fetch"
	"zoeklicht/internal/practice"

	"github.com/jackc/pgx/v5"
)

// shop is a site of the test's own: one listing of one advert.
func shop(t *testing.T, advert http.HandlerFunc, more map[string]http.HandlerFunc) (*httptest.Server, string) {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `<html><body><h1>Shop</h1><a class="advert" href="/ad/1">Relaxing massage</a></body></html>`)
	})
	mux.HandleFunc("GET /ad/1", advert)
	for pattern, f := range more {
		mux.HandleFunc(pattern, f)
	}
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s, `
source: shop
version: 1
template: test
listing: {match: ^/$, start: [/], links: a.advert}
advert:
  match: ^/ad/\d+$
  id: ^/ad/(\d+)$
  fields:
    title: {select: h1, do: [trim]}
    body: {select: p, do: [text]}
    images: {select: img, attr: src, all: true, do: [url]}
  require: [title, body]
`
}

// approveShop puts the shop through the register.
func approveShop(b *crawltest.Bench, s *httptest.Server, recipe string) {
	host := s.Listener.Addr().String()
	b.Approve(&zoeklicht.Source{
		ID: "shop", Title: "Shop", Home: s.URL + "/", Priority: 1,
		Scope: zoeklicht.Scope{Hosts: []string{host}, Private: []string{"127.0.0.1/32"}}, Schedule: zoeklicht.Schedule{Delay: -1},
		Considerations: b.Theme.Sources[0].Considerations,
	}, recipe)
}

// TestMemoryIsBounded measures the most memory that a collecting process takes, wired and
// limited as the stage is, while a source sends pages without end, or bombs, or a page
// with fifty pictures of the greatest size.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	const most = 500 << 20
	b := crawltest.New(t, practice.Config{Seed: 9, Adverts: 30, NoBarriers: true})
	b.Day(0)
	b.Visit(t.Context()) // so that all pages are known
	if err := b.Collector.Vault.(*blob.Writer).Close(); err != nil {
		t.Fatal(err)
	}
	big := make([]byte, 15<<20)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range big {
		big[i] = byte(r.Uint32())
	}
	copy(big, "\xff\xd8\xff\xe0")
	site, recipe := shop(t, func(w http.ResponseWriter, _ *http.Request) {
		page := `<html><body><h1>Relaxing massage</h1><p>By appointment, in a quiet studio near the station.</p>`
		for i := range 50 {
			page += fmt.Sprintf(`<img src="/%d.jpg">`, i)
		}
		_, _ = io.WriteString(w, page)
	}, map[string]http.HandlerFunc{"GET /{picture}": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/jpeg")
		_, _ = w.Write(big)
	}})
	approveShop(b, site, recipe)
	for _, c := range []struct {
		name   string
		source zoeklicht.SourceID
		fault  practice.FaultKind
		failed zoeklicht.Fail
	}{
		{"pages without end", "admarkt", practice.FaultHuge, zoeklicht.FailTooLarge},
		{"bombs", "admarkt", practice.FaultBomb, zoeklicht.FailTooLarge},
		{"fifty great pictures", "shop", "", ""},
	} {
		b.Store.Clock.T = b.Store.Clock.T.Add(time.Hour)
		var faults []practice.Fault
		if c.fault != "" {
			faults = append(faults, practice.Fault{Site: "admarkt", Kind: c.fault})
		}
		if err := b.Web.SetFaults(faults); err != nil {
			t.Fatal(err)
		}
		peak := collectApart(t, death{
			DSN: b.Store.DSN(zoeklicht.Technical), Public: b.Ring.Public().Marshal(), Data: b.Dir, Source: c.source, Now: b.Store.Clock.T,
		})
		runs, err := b.Store.Service(zoeklicht.Technical).Runs(t.Context(), c.source, 1)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d MB at the most; the run: %d captures, %d MB, failed %v, pictures %d of which %d missing",
			c.name, peak>>20, runs[0].Captured, runs[0].Bytes>>20, runs[0].Failed, runs[0].Pictures, runs[0].Missing)
		if peak > most {
			t.Errorf("%s: %d MB at the most, more than %d", c.name, peak>>20, most>>20)
		}
		if c.failed != "" && runs[0].Failed[c.failed] == 0 {
			t.Errorf("%s: failed %v", c.name, runs[0].Failed)
		}
		if c.source == "shop" && (runs[0].Adverts != 1 || runs[0].Pictures != 50 || runs[0].Missing < 40) {
			t.Errorf("%s: the record: %+v", c.name, runs[0])
		}
	}
	if err := b.Web.SetFaults(nil); err != nil {
		t.Fatal(err)
	}
	if err := b.Analyser.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	whole(t, b.Store.Owner, b.Dir, b.Ring)
}

// collectApart makes one run in a process of its own and gives the most memory it had.
func collectApart(t *testing.T, d death) (peak int64) {
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
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
}

// TestRobotsElsewhere crawls a site whose robots.txt redirects, once within the site and
// once to where no approval reaches.
func TestRobotsElsewhere(t *testing.T) {
	t.Parallel()
	var canary atomic.Int64
	outside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { canary.Add(1) }))
	defer outside.Close()
	var robots atomic.Value
	robots.Store("/rules")
	b, _ := impatient(t, practice.Config{Seed: 1, Adverts: 10})
	b.Day(0)
	site, recipe := shop(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `<html><body><h1>Relaxing massage</h1><p>By appointment, in a quiet studio near the station.</p><img src="`+outside.URL+`/1.jpg"></body></html>`)
	}, map[string]http.HandlerFunc{
		"GET /robots.txt": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, robots.Load().(string), http.StatusFound)
		},
		"GET /rules": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "User-agent: *\nDisallow: /secret\n")
		},
	})
	approveShop(b, site, recipe)
	run, err := b.Collector.Once(t.Context(), "shop", "test", func(zoeklicht.Run) {})
	if err != nil {
		t.Fatal(err)
	}
	if !run.Complete || run.Adverts != 1 || run.Outside != 1 {
		t.Errorf("with a robots.txt that redirects within the site: %+v", run)
	}
	robots.Store(outside.URL + "/robots.txt")
	b.Store.Clock.T = b.Store.Clock.T.Add(time.Hour)
	if run, err = b.Collector.Once(t.Context(), "shop", "test", func(zoeklicht.Run) {}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(run.Stopped, "is not in the approval") || run.Captured != 0 {
		t.Errorf("with a robots.txt that redirects outside: %+v", run)
	}
	if n := canary.Load(); n > 0 {
		t.Errorf("%d requests to where no approval reaches", n)
	}
}

// TestDiskNearlyFull tells the collector that less than the least share of the disk is
// free, and then that there is room again.
func TestDiskNearlyFull(t *testing.T) {
	t.Parallel()
	b, _ := impatient(t, practice.Config{Seed: 2, Adverts: 20})
	b.Day(0)
	var looks atomic.Int64
	b.Collector.Free = func() (uint64, uint64, error) {
		switch looks.Add(1) {
		case 1:
			return 99, 1000, nil
		case 2:
			return 0, 0, fmt.Errorf("no such device")
		}
		for _, s := range b.Web.Stats() {
			if looks.Load() == 3 && s.Listings+s.Adverts > 0 {
				t.Errorf("%s was asked for %d pages while the disk was nearly full", s.Site, s.Listings+s.Adverts)
			}
		}
		return 101, 1000, nil
	}
	run, err := b.Collector.Once(t.Context(), "kiosk", "test", func(zoeklicht.Run) {})
	if err != nil {
		t.Fatal(err)
	}
	if looks.Load() < 3 || !run.Complete || run.Adverts == 0 {
		t.Errorf("looked %d times; the run: %+v", looks.Load(), run)
	}
}

// heard tells a test once when something is logged.
type heard struct {
	slog.Handler
	text string
	once sync.Once
	told chan struct{}
}

func (h *heard) Enabled(context.Context, slog.Level) bool { return true }

func (h *heard) Handle(_ context.Context, r slog.Record) error {
	if strings.Contains(r.Message, h.text) {
		h.once.Do(func() { close(h.told) })
	}
	return nil
}

// TestDiskFull puts the vault on a disk that is too small. Collecting waits with what it
// captured; when the disk grows it goes on, and nothing is missing.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	world := practice.Config{Seed: 12, Adverts: 50}
	quiet, hit := crawltest.New(t, world), crawltest.New(t, world)
	quiet.Day(0)
	quiet.Visit(t.Context())
	hit.Day(0)
	if err := hit.Collector.Vault.(*blob.Writer).Close(); err != nil {
		t.Fatal(err)
	}
	dir := blob.In(hit.Dir, practiceTheme, blob.Vault).Dir
	mount := func(flags uintptr, size string) error {
		return syscall.Mount("tmpfs", dir, "tmpfs", flags, "size="+size)
	}
	if err := mount(0, "1m"); err != nil {
		t.Skipf("a small disk cannot be mounted here, which needs root: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	h := &heard{Handler: slog.DiscardHandler, text: "captures wait for room", told: make(chan struct{})}
	hit.Log = slog.New(h)
	anew(t, hit, fetch.Config{}, nil)
	grown := make(chan error, 1)
	go func() {
		<-h.told
		grown <- mount(syscall.MS_REMOUNT, "64m")
	}()
	hit.Visit(t.Context())
	select {
	case err := <-grown:
		if err != nil {
			t.Fatal(err)
		}
	default:
		t.Error("the disk was never full: the test shows nothing")
	}
	same(t, dump(t, quiet.Store.Owner, siteNames(quiet.Web.Hosts())), dump(t, hit.Store.Owner, siteNames(hit.Web.Hosts())))
	whole(t, hit.Store.Owner, hit.Dir, hit.Ring)
}

// TestDatabaseLost breaks the database's connections over and over in the middle of runs
// and of their analysis. The result is that of an undisturbed run.
func TestDatabaseLost(t *testing.T) {
	t.Parallel()
	world := practice.Config{Seed: 13, Adverts: 36}
	quiet, hit := crawltest.New(t, world), crawltest.New(t, world)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() { ended <- breakConnections(ctx, hit.Store.OwnerDSN) }()
	for day := range 2 {
		quiet.Day(day)
		quiet.Visit(t.Context())
		hit.Day(day)
		for i := range hit.Theme.Sources {
			for { // the source is looked up before there is a run to be patient for
				_, err := hit.Collector.Once(t.Context(), hit.Theme.Sources[i].ID, "test", func(zoeklicht.Run) {})
				if err == nil {
					break
				}
				if zoeklicht.CodeOf(err) != zoeklicht.Unavailable {
					t.Fatal(err)
				}
			}
		}
		for err := hit.Analyser.CatchUp(t.Context()); err != nil; err = hit.Analyser.CatchUp(t.Context()) {
			if zoeklicht.CodeOf(err) != zoeklicht.Unavailable {
				t.Fatal(err)
			}
		}
	}
	cancel()
	t.Logf("%d connections broken", <-ended)
	same(t, dump(t, quiet.Store.Owner, siteNames(quiet.Web.Hosts())), dump(t, hit.Store.Owner, siteNames(hit.Web.Hosts())))
	whole(t, hit.Store.Owner, hit.Dir, hit.Ring)
}

// breakConnections ends the connections of collecting and analysing to a database until
// ctx ends, and gives how many.
func breakConnections(ctx context.Context, dsn string) (n int) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return 0
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for {
		select {
		case <-ctx.Done():
			return n
		case <-time.After(time.Duration(rand.IntN(400)) * time.Millisecond):
		}
		var ended int
		if err := conn.QueryRow(ctx, `
			SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE datname = current_database() AND application_name IN ('zoeklicht technical', 'zoeklicht analysis')`).Scan(&ended); err == nil {
			n += ended
		}
	}
}
