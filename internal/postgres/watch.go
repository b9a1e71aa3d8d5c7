package postgres

import (
	"context"
	"errors"
	"os"
	"time"
)

// Watch keeps a server of our own alive until ctx ends: it starts it again when
// its process or its socket is gone, in turn with the other processes that use
// it. Connections break, and succeed again once it recovered. One Watch in each
// process that runs for long is enough; end ctx before Close. For a server that
// was given, Watch only waits. It returns nil.
//
// The server inherits the limits and the sandbox of the process that starts it,
// so a process that has confined itself must leave Start and Watch to others.
func (s *Server) Watch(ctx context.Context) error {
	if s.own == nil {
		<-ctx.Done()
		return nil
	}
	const look, most = 200 * time.Millisecond, 10 * time.Second
	for pause := look; sleep(ctx, pause) == nil; {
		if s.own.works() {
			pause = look
			continue
		}
		s.own.log.Warn("PostgreSQL is gone; starting it again")
		err := s.own.locked(ctx, func() error { return s.own.run(ctx) })
		switch {
		case errors.Is(err, errLeft):
			return nil
		case err == nil:
			pause = look
		case ctx.Err() == nil:
			pause = min(2*pause, most)
			s.own.log.Error("PostgreSQL does not start again", "err", err, "next try in", pause)
		}
	}
	return nil
}

// works reports whether the server's process is alive and its socket is there.
func (c *cluster) works() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok := readPidFile(c.data)
	if !ok || !works(p.pid, c.data) {
		return false
	}
	if p.status != "ready" {
		return true // on its way up or down: neither is ours to disturb
	}
	_, err := os.Stat(socketFile(p.socket))
	return err == nil
}
