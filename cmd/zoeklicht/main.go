// Command zoeklicht is the platform's front door: it reads the configuration,
// wires the rooms by hand and runs one verb. `zoeklicht help` lists the verbs.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/pflag"
)

// The exit codes: done, failed, used wrongly.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// verb is one thing that the command does.
type verb struct {
	name  string
	usage string // after the name
	text  string // one line
	// flags adds the verb's own; run gets the arguments that are left.
	run func(ctx context.Context, c *call) error
}

// call is one use of a verb.
type call struct {
	flags  *pflag.FlagSet
	cfg    Config
	args   []string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	log    *slog.Logger
	raw    []string
}

// usageError is wrong use: exit 2.
type usageError struct{ err error }

func (u usageError) Error() string { return u.err.Error() }
func (u usageError) Unwrap() error { return u.err }

func usage(err error) error { return usageError{err} }

// run is main with its surroundings handed in.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		if len(args) > 1 {
			return help(args[1], stdout, stderr)
		}
		overview(stdout)
		return exitDone
	}
	v := find(args[0])
	if v == nil {
		fmt.Fprintf(stderr, "zoeklicht: there is no verb %q; `zoeklicht help` lists them\n", args[0])
		return exitUsage
	}
	c := &call{flags: pflag.NewFlagSet(v.name, pflag.ContinueOnError), stdin: stdin, stdout: stdout, stderr: stderr, raw: args[1:]}
	c.flags.SetOutput(io.Discard)
	err := v.run(ctx, c)
	code := report(err, v, stdout, stderr)
	if errors.Is(err, pflag.ErrHelp) {
		c.describe()
	}
	return code
}

// report prints an error in one line and gives the exit code.
func report(err error, v *verb, stdout, stderr io.Writer) int {
	var wrong usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, pflag.ErrHelp):
		return help(v.name, stdout, stderr)
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "zoeklicht %s: %s; `zoeklicht help %s` shows its use\n", v.name, oneLine(err), v.name)
		return exitUsage
	case errors.Is(err, context.Canceled):
		fmt.Fprintf(stderr, "zoeklicht %s: interrupted; what was committed is safe; run it again to go on\n", v.name)
		return exitFailed
	}
	fmt.Fprintf(stderr, "zoeklicht %s: %s\n", v.name, oneLine(err))
	return exitFailed
}

func oneLine(err error) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), "\n", "; ")), " ")
}

// parse reads configuration and the verb's flags. It must be called once, after the
// verb has added its own flags.
func (c *call) parse() error {
	cfg, err := load(c.flags, c.raw, os.LookupEnv)
	if err != nil {
		return usage(err)
	}
	c.cfg, c.args = cfg, c.flags.Args()
	c.cfg.Ledger = withNotary(c.cfg.Ledger, c.cfg.Data)
	c.log = logger(cfg, c.stderr)
	return nil
}

// want checks how many arguments were given.
func (c *call) want(least, most int) error {
	if len(c.args) < least || len(c.args) > most {
		return usage(fmt.Errorf("%d arguments were given, it takes %d to %d", len(c.args), least, most))
	}
	return nil
}

func logger(cfg Config, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	opt := &slog.HandlerOptions{Level: level}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, opt))
	}
	return slog.New(slog.NewTextHandler(w, opt))
}
