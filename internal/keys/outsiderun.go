package keys

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"zoeklicht"
)

const (
	mostPrinted = 4 << 10  // an RSA key of 16384 bits signs with 2 KiB
	mostSaid    = 64 << 10 // of standard error that is looked at
)

// answer is what came of running the command.
type answer struct {
	printed, said []byte            // on standard output and on standard error
	with          [sha256.Size]byte // of the environment that it ran in
	failed        error             // how it ended, where that was not well
	do            string            // and what to do about it
}

// ask runs the command on an input.
func (o *outside) ask(input []byte) (*answer, error) {
	env, err := o.environment()
	if err != nil {
		return nil, o.failed(err, "see signing.pin-file and signing.environment in the configuration")
	}
	a := &answer{with: sha256.Sum256([]byte(strings.Join(env, "\x00")))}
	if a.with == o.refused {
		return nil, o.failed(errors.New("the token refused this PIN before, and is not asked again: it may lock"),
			"correct the PIN; where it is in no file, start the program again")
	}
	ctx, cancel := context.WithTimeout(context.Background(), o.config.Timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, o.config.Command[0], o.config.Command[1:]...)
	printed, said := &gauge{most: mostPrinted, full: cancel}, &gauge{most: mostSaid}
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = env, bytes.NewReader(input), printed, said
	// A session of its own: it cannot ask on somebody's terminal, and what it started can
	// be killed with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 2 * time.Second
	a.failed = cmd.Run()
	a.printed, a.said = printed.b, said.b
	a.do = "type the command yourself to see what it says; the guide to the signing key shows how"
	switch {
	case printed.over:
		a.failed, a.do = fmt.Errorf("it printed more than %d bytes", mostPrinted), "see that it prints the bare signature"
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		a.failed, a.do = fmt.Errorf("it did not answer within %s", o.config.Timeout), "see that the module can be reached, and that the command asks nothing"
	}
	return a, nil
}

// told words why the command gave no signature: as the token has it, or else as given.
func (o *outside) told(a *answer, err error, do string) error {
	r := returned(a.said)
	if r == nil {
		return o.failed(err, do)
	}
	if r.pin {
		o.refused = a.with
	}
	return o.failed(fmt.Errorf("%w: %s (%s)", err, r.means, r.name), r.do)
}

// failed words why there is no signature. It names the program and none of its arguments.
func (o *outside) failed(err error, do string) *zoeklicht.Error {
	return zoeklicht.Errorf(zoeklicht.Unavailable, "the signing command %s gave no signature: %w", o.config.Command[0], err).With(
		"no document was signed and nothing left; what was captured is not concerned", do)
}

// environment gives what the command runs in.
func (o *outside) environment() ([]string, error) {
	env := []string{"LC_ALL=C"}
	for _, name := range []string{"PATH", "HOME"} {
		if v, ok := o.env(name); ok {
			env = append(env, name+"="+v)
		}
	}
	for _, name := range o.config.Environment {
		v, ok := o.env(name)
		if !ok {
			return nil, fmt.Errorf("the variable %.60q, which it is to get, is not set", name)
		}
		env = append(env, name+"="+v)
	}
	if o.config.PinFile == "" {
		return env, nil
	}
	b, err := readPrivate(o.config.PinFile)
	if err != nil {
		return nil, fmt.Errorf("its PIN: %w", err)
	}
	line, _, _ := bytes.Cut(b, []byte("\n"))
	pin := string(bytes.TrimSuffix(line, []byte("\r")))
	clear(b)
	switch {
	case pin == "" || strings.ContainsRune(pin, 0):
		return nil, fmt.Errorf("the first line of %s is no PIN", o.config.PinFile)
	case slices.ContainsFunc(o.config.Command, func(word string) bool {
		return word == pin || strings.HasSuffix(word, "="+pin) || strings.HasSuffix(word, ":"+pin)
	}):
		return nil, errors.New("its PIN stands in signing.command as well, which every user of this machine could read")
	}
	return append(env, PinVariable+"="+pin), nil
}

// gauge keeps the first bytes that are written to it.
type gauge struct {
	b    []byte
	most int
	over bool
	full func() // called when more was written
}

func (g *gauge) Write(p []byte) (int, error) {
	room := g.most - len(g.b)
	g.b = append(g.b, p[:min(len(p), room)]...)
	if len(p) > room {
		g.over = true
		if g.full != nil {
			g.full()
		}
	}
	return len(p), nil
}
