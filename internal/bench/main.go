// Command bench measures what the platform promises about speed and memory, on
// whatever machine it runs, and prints a table of what was measured beside the bar
// that was set. `make bench` calls it; BENCH=collect, BENCH=analyse,
// BENCH=search or BENCH=evidence does one part.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/pprof"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"
)

// options are what can be chosen on the command line.
type options struct {
	dir       string
	pgBin     string
	seed      uint64
	versions  int
	questions int
	clients   int
	patience  time.Duration
	only      string
	adverts   int
	binary    string
	part      string // "collect", "analyse", "search", "evidence" or "" for all
}

// matches reports whether a measurement of this name is wanted.
func (o options) matches(name string) bool { return strings.Contains(name, o.only) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (err error) {
	var opt options
	flags := pflag.NewFlagSet("bench", pflag.ContinueOnError)
	keep := flags.String("keep", "", "folder for the data, which stays there and is used again [a temporary one]")
	flags.StringVar(&opt.pgBin, "pg-bin", "", "folder of PostgreSQL's programs [the embedded ones]")
	flags.Uint64Var(&opt.seed, "seed", 1, "seed of corpus, world and questions")
	flags.IntVar(&opt.versions, "versions", 1_000_000, "versions to search in")
	flags.IntVar(&opt.questions, "questions", 200, "questions of each kind")
	flags.IntVar(&opt.clients, "clients", 8, "clients that ask at once, in the second round")
	flags.DurationVar(&opt.patience, "patience", 20*time.Second, "how long to ask questions of one kind")
	flags.StringVar(&opt.only, "only", "", "measure only what has this in its name")
	flags.IntVar(&opt.adverts, "adverts", 18000, "adverts of the practice web; two thirds are collected, about four captures each")
	flags.StringVar(&opt.binary, "binary", "bin/zoeklicht", "the product's binary, for collecting")
	flags.StringVar(&opt.part, "part", "", "collect, analyse, search or evidence [all]")
	profile := flags.String("profile", "", "file for a processor profile of this process [none]")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer func() {
			pprof.StopCPUProfile()
			err = errors.Join(err, f.Close())
		}()
	}
	if opt.dir = *keep; opt.dir == "" {
		if opt.dir, err = os.MkdirTemp("", "zoeklicht-bench-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(opt.dir)) }()
	}
	if err := os.MkdirAll(opt.dir, 0o700); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	about, err := machine(opt.dir)
	if err != nil {
		return err
	}
	fmt.Println(about)
	for _, part := range []struct {
		name string
		run  func(context.Context, options, io.Writer, *slog.Logger) ([]figure, error)
	}{{"collect", runCollect}, {"analyse", runAnalyse}, {"search", runSearch}, {"evidence", runEvidence}} {
		if opt.part != "" && opt.part != part.name {
			continue
		}
		figures, err := part.run(ctx, opt, os.Stdout, log)
		if err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		if err := printTable(os.Stdout, part.name, figures); err != nil {
			return err
		}
	}
	return nil
}
