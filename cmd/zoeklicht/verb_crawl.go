package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/cli"
	"zoeklicht/internal/crawl"
	"zoeklicht/internal/store"
)

const crawlUsage = `--theme T --source S [--once] [--json]

One run of an approved source, with a line of progress; the result comes when everything captured was read. Where serve
or work runs already, it is asked for the run, and Ctrl-C only stops looking; otherwise the stages are started for
this run, and Ctrl-C ends it: what was captured is safe, and the next crawl takes the run up again.
new_versions and sightings count adverts with new content and with the content that was known. Exit 1 for a run that
ended early; its result is printed all the same.
` + asHelp

// runCrawl is the verb crawl.
func runCrawl(ctx context.Context, c *call) error {
	s := c.seat()
	source := c.flags.String("source", "", "the source")
	_ = c.flags.Bool("once", false, "one run and no more, which is what happens anyway")
	if err := c.begin(0, 0); err != nil {
		return err
	}
	if err := needed("--source", *source); err != nil {
		return err
	}
	t, err := c.sit(ctx, s, zoeklicht.ActCrawl, "crawl", *source)
	if err != nil {
		return err
	}
	defer t.close()
	r, err := t.crawl(ctx, zoeklicht.SourceID(*source))
	if err != nil {
		return err
	}
	return errors.Join(r.Print(t.out), r.Err())
}

// crawl makes one run of a source, by whoever collects in the theme, and follows it.
func (t *taken) crawl(ctx context.Context, id zoeklicht.SourceID) (*cli.CrawlResult, error) {
	src, err := t.store.Source(ctx, id)
	if err != nil {
		return nil, err
	}
	if !src.Active(t.now) {
		why := string(src.State)
		if src.State == zoeklicht.Approved {
			why = "no longer approved: its review was due on " + src.ReviewBy.UTC().Format(time.DateOnly)
		}
		return nil, zoeklicht.Errorf(zoeklicht.Conflict, "source %s is %s; nothing is connected to", id, why).
			With("nothing was fetched", "have it vetted and approved by two people")
	}
	before, err := cli.Newest(ctx, t.store, id)
	if err != nil {
		return nil, err
	}
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	f := &cli.Follow{Source: id, Before: before, Stage: crawl.AnalyseStage, Tick: tick.C, Clock: time.Now}
	busy, err := t.busy(blob.Vault)
	if err != nil {
		return nil, err
	}
	if busy {
		if before == nil || before.EndSeq != 0 {
			err = t.store.Wish(ctx, id, "run", t.store.Pass().Name())
		}
		t.out.Notice("A process collects in this theme already: it is asked for the run. Ctrl-C stops looking, not the run.")
		if err != nil {
			return nil, err
		}
		return f.Run(ctx, t.store, t.out)
	}
	stages, err := t.start(ctx, id)
	if err != nil {
		return nil, err
	}
	defer stages.stop()
	f.Alive = stages.failed
	return f.Run(ctx, t.store, t.out)
}

// busy reports whether a process writes to the theme's segments of a kind.
func (t *taken) busy(kind blob.Kind) (bool, error) {
	ring, err := t.p.ring(t.theme.Name)
	if err != nil {
		return false, err
	}
	w, err := blob.In(t.p.cfg.Data, t.theme.Name, kind).Writer(blob.Config{}, ring.Public())
	if zoeklicht.CodeOf(err) == zoeklicht.Conflict {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, w.Close()
}

// stages are the processes of one run: one that collects it, and one that analyses what
// comes, unless another process does.
type stages struct {
	cancel   context.CancelFunc
	wait     sync.WaitGroup
	lifeline [2]*os.File

	mu  sync.Mutex
	err error
}

// start starts the processes of one run. They hold their own credentials and nothing
// else, as the stages of serve do.
func (t *taken) start(ctx context.Context, id zoeklicht.SourceID) (*stages, error) {
	s := &stages{}
	var err error
	if s.lifeline[0], s.lifeline[1], err = os.Pipe(); err != nil {
		return nil, err
	}
	ctx, s.cancel = context.WithCancel(ctx)
	elsewhere, err := t.busy(blob.Working)
	if err == nil && !elsewhere {
		err = s.run(ctx, t.p, t.theme.Name, stageAnalyse)
	}
	if err == nil {
		err = s.run(ctx, t.p, t.theme.Name, stageCollect, string(id), t.store.Pass().Name())
	}
	if err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func (s *stages) run(ctx context.Context, p *platform, name zoeklicht.ThemeName, stage string, args ...string) error {
	cmd, err := p.startStage(ctx, name, stage, s.lifeline[0], args...)
	if err != nil {
		return err
	}
	s.wait.Add(1)
	go func() {
		defer s.wait.Done()
		s.ended(ctx, stage, cmd.Wait())
	}()
	return nil
}

// ended notes that a process ended other than it should: the one that collects ends well
// when its run does, the one that analyses when it is told to.
func (s *stages) ended(ctx context.Context, stage string, err error) {
	if ctx.Err() != nil || err == nil && stage == stageCollect {
		return
	}
	var exit *exec.ExitError
	if err == nil || errors.As(err, &exit) {
		err = zoeklicht.Errorf(zoeklicht.Unavailable, "the process that has to %s ended; it has said why", stage).
			With("what was captured is safe", "crawl again to go on")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
}

func (s *stages) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// stop ends the processes in order and waits for them.
func (s *stages) stop() {
	s.cancel()
	s.wait.Wait()
	for _, f := range s.lifeline {
		_ = f.Close()
	}
}

// collectOnce makes one run of one source, in a process of its own.
func collectOnce(ctx context.Context, c *crawl.Collector, id zoeklicht.SourceID, cause string) error {
	_, err := c.Once(ctx, id, cause, func(zoeklicht.Run) {})
	if ctx.Err() != nil {
		return nil // told to end: the run is taken up again
	}
	return err
}

const workUsage = `--stages collect,analyse,record [--theme T]

The stages as processes of their own, each with its own database role, without the dashboard: for serve --workers 0, or
for a machine that only collects. Without --theme it works in all active themes. Ctrl-C ends them in order.`

// runWork is the verb work.
func runWork(ctx context.Context, c *call) error {
	list := c.flags.StringSlice("stages", allStages, "which stages")
	name := c.flags.String("theme", "", "in this theme only")
	if err := c.parse(); err != nil {
		return err
	}
	if err := c.want(0, 0); err != nil {
		return err
	}
	for _, stage := range *list {
		if _, ok := phaseOf[stage]; !ok {
			return noStage(stage)
		}
	}
	p, err := open(ctx, c.cfg, c.log, false)
	if err != nil {
		return err
	}
	defer p.close()
	active, err := p.openActive(ctx)
	if err != nil {
		return err
	}
	var names []zoeklicht.ThemeName
	for _, t := range active {
		if *name == "" || string(t.Name) == *name {
			names = append(names, t.Name)
		}
	}
	if len(names) == 0 {
		return zoeklicht.Errorf(zoeklicht.Conflict, "no such theme is active").With("nothing was started", "`zoeklicht theme list` shows the themes, `theme activate` activates one")
	}
	return p.work(ctx, c, names, *list)
}

// work keeps stages of themes running until ctx ends.
func (p *platform) work(ctx context.Context, c *call, names []zoeklicht.ThemeName, list []string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lifeline, held, err := os.Pipe()
	if err != nil {
		return err
	}
	defer held.Close()     // its end is what tells the stages
	defer lifeline.Close() // nothing is read from it here
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := p.pg.Watch(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("the cluster is no longer watched", "err", err)
		}
	})
	for _, name := range names {
		for _, stage := range list {
			wg.Go(func() { p.keep(ctx, name, stage, lifeline) })
		}
		fmt.Fprintf(c.stderr, "theme %s: %s\n", name, strings.Join(list, ", "))
	}
	<-ctx.Done()
	wg.Wait()
	return nil
}

// The verbs' own store is what a run is followed through.
var (
	_ cli.Runs     = (*store.Store)(nil)
	_ cli.Register = (*store.Store)(nil)
	_ cli.Trail    = (*store.Store)(nil)
	_ cli.People   = (*access.Door)(nil)
	_ cli.Grants   = (*access.Door)(nil)
)
