package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"zoeklicht"
	"zoeklicht/internal/practice"
)

// startWeb starts the practice web as a process of its own, so that what the
// platform fetches comes over real HTTP from somebody else.
func (r *practiceRun) startWeb(ctx context.Context, again bool) error {
	addr := r.sites
	if again {
		addr = firstSite(r.state.Addresses)
		if err := awaitFree(ctx, r.state.Addresses); err != nil {
			return err
		}
	}
	args := []string{
		"practice-web", "--addr", addr, "--adverts", fmt.Sprint(r.state.Adverts), "--seed", fmt.Sprint(r.state.Seed),
		"--day", fmt.Sprint(max(r.state.Day, 0)), "--epoch", r.state.Epoch.Format(time.DateOnly), "--until-eof",
	}
	cmd, line, err := beside(args...)
	r.web = cmd
	if err != nil {
		return zoeklicht.Errorf(zoeklicht.Unavailable, "the practice web did not start: %w", err)
	}
	var a practice.Addresses
	if err := json.Unmarshal(line, &a); err != nil {
		return err
	}
	if again {
		for site, home := range siteHosts(r.state.Addresses) {
			if siteHosts(a)[site] != home {
				return zoeklicht.Errorf(zoeklicht.Conflict, "the practice site %s was approved at %s, and that port is taken now", site, home).
					With("what was captured is safe", "end the program that has the port, or practise in another --data folder")
			}
		}
	}
	r.state.Addresses = a
	return r.save()
}

// beside starts a process of this program beside the practice, in a group of its own, which
// ends when its standard input does: with us, however that happens. It gives the line by
// which the process says that it is there.
func beside(args ...string) (cmd *exec.Cmd, line []byte, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	cmd = exec.Command(self, args...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if _, err := cmd.StdinPipe(); err != nil {
		return nil, nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	line, err = bufio.NewReader(out).ReadBytes('\n')
	return cmd, line, err
}

// end ends a process that beside started.
func end(cmd *exec.Cmd) {
	if cmd != nil && cmd.Process != nil {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}
}

// awaitFree waits a little for the ports of the practice sites: after a kill the web of
// before is still there for a moment.
func awaitFree(ctx context.Context, a practice.Addresses) error {
	for range 100 {
		free := true
		for _, host := range siteHosts(a) {
			l, err := net.Listen("tcp", host)
			if err == nil {
				err = l.Close()
			}
			free = free && err == nil
		}
		if free {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil // it will be said which one is taken
}

// siteHosts gives host:port by the placeholders of the theme pack.
func siteHosts(a practice.Addresses) map[string]string {
	out := map[string]string{"beeldbank": hostPort(a.Pictures)}
	for site, home := range a.Sites {
		out[site] = hostPort(home)
	}
	return out
}

func hostPort(home string) string {
	return strings.TrimSuffix(strings.TrimPrefix(home, "http://"), "/")
}

// firstSite gives where the first site lies: the others follow on the next ports.
func firstSite(a practice.Addresses) string {
	first := ""
	for _, home := range a.Sites {
		if h := hostPort(home); first == "" || len(h) < len(first) || len(h) == len(first) && h < first {
			first = h
		}
	}
	return first
}

// runPracticeWeb is the verb practice-web.
func runPracticeWeb(ctx context.Context, c *call) error {
	adverts := c.flags.Int("adverts", 300, "adverts over the sites")
	seed := c.flags.Uint64("seed", 1, "seed of the world")
	day := c.flags.Int("day", 0, "simulated day")
	epoch := c.flags.String("epoch", "", "date of day 0")
	untilEOF := c.flags.Bool("until-eof", false, "end when standard input does")
	if err := c.parse(); err != nil {
		return err
	}
	cfg := practice.Config{Seed: *seed, Adverts: *adverts, Day: *day, Addr: c.cfg.Addr}
	if *epoch != "" {
		t, err := time.Parse(time.DateOnly, *epoch)
		if err != nil {
			return usage(fmt.Errorf("--epoch %q is not a date such as 2026-11-22", *epoch))
		}
		cfg.Epoch = t
	}
	srv, err := practice.Serve(ctx, cfg, c.log)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(c.stdout).Encode(srv.Addresses()); err != nil {
		return err
	}
	ended := make(chan struct{})
	if *untilEOF {
		go func() {
			_, _ = io.Copy(io.Discard, c.stdin)
			close(ended)
		}()
	}
	select {
	case <-ctx.Done():
	case <-ended:
		// Whoever asks is about to end as well, and gets an answer until then.
		select {
		case <-ctx.Done():
		case <-time.After(500 * time.Millisecond):
		}
	}
	return srv.Close()
}
