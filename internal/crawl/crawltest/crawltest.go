// Package crawltest gives tests the whole of collecting and analysing in one
// process: a practice web over real HTTP, a theme's compartment on a real
// PostgreSQL, a vault on disk, and the sources of the practice theme approved.
package crawltest

import (
	"context"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/assess"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/capture"
	"zoeklicht/internal/crawl"
	"zoeklicht/internal/extract"
	"zoeklicht/internal/fetch"
	"zoeklicht/internal/fetch/http1"
	"zoeklicht/internal/frontier"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/picture"
	"zoeklicht/internal/practice"
	"zoeklicht/internal/search"
	"zoeklicht/internal/store/storetest"
	"zoeklicht/internal/theme"
	"zoeklicht/themes"
)

// PictureChild is the argument by which the test binary becomes a picture decoder;
// TestMain must hand it to Main.
const PictureChild = "crawltest-picture-decoder"

// Main runs the tests, or the picture decoder's process.
func Main(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == PictureChild {
		if err := picture.Child(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// Bench is a practice world with a platform on it.
type Bench struct {
	Store     *storetest.Theme
	Web       *practice.Server
	Theme     *zoeklicht.Theme
	Ring      *keys.Ring
	Dir       string
	Collector *crawl.Collector
	Analyser  *crawl.Analyser
	Assessor  *crawl.Assessor
	Log       *slog.Logger
	epoch     time.Time
	t         testing.TB
}

// New starts a world and a platform on it, at noon of its day 0.
func New(t testing.TB, cfg practice.Config) *Bench {
	t.Helper()
	b := &Bench{t: t, Store: storetest.New(t), Dir: t.TempDir(), Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	if testing.Verbose() {
		b.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	b.epoch = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	cfg.Epoch = b.epoch
	var err error
	if b.Web, err = practice.Serve(t.Context(), cfg, b.Log); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Web.Close() }) // the test is over
	pack, problems, err := theme.Load(themes.Packs, "practice")
	if err != nil || problems.Err() != nil {
		t.Fatal(err, problems)
	}
	if b.Theme, err = theme.Fill(pack, b.Web.Hosts()); err != nil {
		t.Fatal(err)
	}
	if b.Ring, err = keys.NewRing("practice", b.epoch); err != nil {
		t.Fatal(err)
	}
	b.Theme.Sources = slices.DeleteFunc(b.Theme.Sources, func(s zoeklicht.Source) bool { return s.Recipe == 0 }) // fakes
	for i := range b.Theme.Sources {
		src := &b.Theme.Sources[i]
		body, err := themes.Packs.ReadFile("practice/recipes/" + string(src.ID) + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		b.Approve(src, string(body))
	}
	b.Collector, b.Analyser = b.NewCollector(http1.New(fetch.Config{}, &fetch.Direct{Clock: time.Now, Resolver: fetch.System{Clock: time.Now}}, b.Store.Clock.Now, nil)), b.NewAnalyser()
	rules, err := assess.New(b.Theme.Indicators, b.Theme.Lexicons, assess.Config{})
	if err != nil {
		t.Fatal(err)
	}
	b.Assessor = &crawl.Assessor{Store: b.Store.Service(zoeklicht.Analysis), Rules: rules, Indicators: b.Theme.Indicators, Log: b.Log}
	return b
}

// Approve puts a source and its recipe through the register, by three people.
func (b *Bench) Approve(src *zoeklicht.Source, recipe string) {
	b.t.Helper()
	ctx := b.t.Context()
	must := func(err error) {
		b.t.Helper()
		if err != nil {
			b.t.Fatal(err)
		}
	}
	proposer, vetter, approver := b.Store.Person("p", zoeklicht.Analyst), b.Store.Person("v", zoeklicht.SourceManager), b.Store.Person("a", zoeklicht.Prosecutor)
	must(proposer.Propose(ctx, src, zoeklicht.Decision{Reason: "test", Considerations: src.Considerations}))
	if recipe != "" {
		_, err := vetter.AddRecipe(ctx, src.ID, recipe, "test")
		must(err)
	}
	must(vetter.Decide(ctx, zoeklicht.Decision{Source: src.ID, Kind: zoeklicht.Vet, Reason: "test", Considerations: src.Considerations}))
	must(approver.Decide(ctx, zoeklicht.Decision{Source: src.ID, Kind: zoeklicht.Approve, Reason: "test", ReviewBy: b.epoch.AddDate(1, 0, 0)}))
}

// Recipe parses a recipe's YAML.
func Recipe(name string, body []byte) (*zoeklicht.Recipe, error) {
	r, problems := theme.ParseRecipe(name, body)
	return r, problems.Err()
}

// Options are the theme's for reading pages.
func (b *Bench) Options() extract.Options {
	return extract.Options{Regions: b.Theme.Regions, PhonePatterns: b.Theme.PhonePatterns, Fields: b.Theme.Fields, Languages: b.Theme.Languages}
}

// NewCollector wires a collector on a driver; its vault is closed with the test.
func (b *Bench) NewCollector(driver fetch.Driver) *crawl.Collector {
	b.t.Helper()
	vault, err := blob.In(b.Dir, "practice", blob.Vault).Writer(blob.Config{}, b.Ring.Public())
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { vault.Close(); driver.Close() }) // the test is over
	return &crawl.Collector{
		Config: crawl.Config{Linger: 2 * time.Millisecond}, Store: b.Store.Service(zoeklicht.Technical), Vault: vault, Driver: driver,
		Pacer: frontier.NewPacer(frontier.PacerConfig{}), Sealer: capture.New(capture.Config{}),
		Context: zoeklicht.Context{Theme: "practice", Ground: "test", Build: strings.Repeat("0", 64), Config: strings.Repeat("0", 64), Clock: "simulated"},
		Agent:   "Zoeklicht/1", Options: b.Options(), Recipe: Recipe,
		Free:  func() (uint64, uint64, error) { return 90, 100, nil },
		Clock: time.Now, Log: b.Log,
	}
}

// NewAnalyser wires an analyser; its working store is closed with the test.
func (b *Bench) NewAnalyser() *crawl.Analyser {
	b.t.Helper()
	reader, err := blob.In(b.Dir, "practice", blob.Vault).Reader(b.Ring)
	if err != nil {
		b.t.Fatal(err)
	}
	working, err := blob.In(b.Dir, "practice", blob.Working).Writer(blob.Config{}, b.Ring.Public())
	if err != nil {
		b.t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		b.t.Fatal(err)
	}
	decoder := picture.NewDecoder(picture.Config{Command: []string{self, PictureChild}}, b.Log)
	b.t.Cleanup(func() { working.Close(); decoder.Close() }) // the test is over
	return &crawl.Analyser{
		Store: b.Store.Service(zoeklicht.Analysis), Vault: reader, Working: working, Decoder: decoder, Options: b.Options(), Recipe: Recipe,
		Day: search.New(search.Config{Place: b.Theme.Locale}).Day, Log: b.Log,
	}
}

// Day moves the world and the platform's clock to a day.
func (b *Bench) Day(day int) {
	b.t.Helper()
	if err := b.Web.SetDay(day); err != nil {
		b.t.Fatal(err)
	}
	b.Store.Clock.T = b.epoch.AddDate(0, 0, day).Add(12 * time.Hour)
}

// Visit makes a run of every source of the theme, analyses it and assesses it.
func (b *Bench) Visit(ctx context.Context) []*zoeklicht.Run {
	b.t.Helper()
	var runs []*zoeklicht.Run
	for i := range b.Theme.Sources {
		run, err := b.Collector.Once(ctx, b.Theme.Sources[i].ID, "test", func(zoeklicht.Run) {})
		if err != nil {
			b.t.Fatal(err)
		}
		runs = append(runs, run)
	}
	if err := b.Analyser.CatchUp(ctx); err != nil {
		b.t.Fatal(err)
	}
	if err := b.Assessor.CatchUp(ctx); err != nil {
		b.t.Fatal(err)
	}
	return runs
}
