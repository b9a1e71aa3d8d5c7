package picture

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// child is a running child process, asked by one goroutine at a time.
type child struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    io.Reader
	stderr *lastWords
	done   int   // pictures
	limit  int64 // bytes of a shown form
}

// start starts a child and tells it its limits.
func start(cfg Config) (*child, error) {
	if len(cfg.Command) == 0 {
		return nil, errors.New("no command is configured")
	}
	c := &child{stderr: &lastWords{}}
	c.cmd = exec.Command(cfg.Command[0], cfg.Command[1:]...)
	// Of the environment nothing is needed and nothing is told; one thread and a
	// short trace keep a child small.
	c.cmd.Env = []string{"GOMAXPROCS=1", "GOTRACEBACK=none", "GOMEMLIMIT=" + strconv.FormatInt(cfg.Memory*3/4, 10)}
	c.cmd.Dir = "/"
	c.cmd.Stderr = c.stderr
	apart(c.cmd)
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if c.out, err = c.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	// A shown form of Side × Side pixels without any compression.
	c.limit = int64(cfg.Side)*int64(cfg.Side)*4 + 1<<20
	head, err := json.Marshal(limits{
		Memory: cfg.Memory, Pixels: cfg.Pixels, Bytes: cfg.Bytes, Side: cfg.Side,
		Seconds: 2*int(cfg.Timeout/time.Second) + 1,
	})
	if err == nil {
		err = writeFrame(c.in, head)
	}
	if err != nil {
		_, said := c.loss(err)
		return nil, fmt.Errorf("%w: %s", err, said)
	}
	return c, nil
}

// ask has one picture decoded. After an error the child is of no further use.
func (c *child) ask(ctx context.Context, body []byte, timeout time.Duration) (a answer, shown []byte, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout)
	defer cancel()
	type result struct {
		a     answer
		shown []byte
		err   error
	}
	got := make(chan result, 1)
	go func() {
		var r result
		r.a, r.shown, r.err = c.talk(body)
		got <- r
	}()
	select {
	case r := <-got:
		c.done++
		return r.a, r.shown, r.err
	case <-ctx.Done():
		// Killing closes the pipes, so that the talk ends too.
		_ = c.cmd.Process.Kill()
		<-got
		return a, nil, context.Cause(ctx)
	}
}

var errTimeout = errors.New("the time for one picture is over")

func (c *child) talk(body []byte) (a answer, shown []byte, err error) {
	if err := writeFrame(c.in, body); err != nil {
		return a, nil, err
	}
	head, err := readFrame(c.out, 1<<16)
	if err != nil {
		return a, nil, err
	}
	if err := json.Unmarshal(head, &a); err != nil {
		return a, nil, err
	}
	shown, err = readFrame(c.out, c.limit)
	return a, shown, err
}

// loss ends a child that is of no further use, and tells why it was lost: a
// problem, and what it said last.
func (c *child) loss(err error) (problem, said string) {
	_ = c.cmd.Process.Kill()
	_ = c.end()
	said = c.stderr.String()
	switch {
	case errors.Is(err, errTimeout):
		return TimedOut, said
	case strings.Contains(said, "out of memory"), strings.Contains(said, "cannot allocate memory"),
		strings.Contains(said, "failed to reserve"), strings.Contains(said, "memory limit"):
		return OutOfMemory, said
	}
	return Crashed, said
}

// end lets a child end by closing its input, and waits for it.
func (c *child) end() error {
	err := c.in.Close()
	return errors.Join(err, c.cmd.Wait())
}

// lastWords keeps the beginning of what a dying child says: the runtime tells
// first what happened, and then at length where.
type lastWords struct{ b []byte }

const enoughWords = 2048

func (w *lastWords) Write(p []byte) (int, error) {
	w.b = append(w.b, p[:min(len(p), enoughWords-len(w.b))]...)
	return len(p), nil
}

func (w *lastWords) String() string { return string(w.b) }
