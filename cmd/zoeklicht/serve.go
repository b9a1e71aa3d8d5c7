package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"zoeklicht"
	"zoeklicht/internal/web"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// runServe is the verb serve: the dashboard, and the stages as its children.
func runServe(ctx context.Context, c *call) error {
	if err := c.parse(); err != nil {
		return err
	}
	if err := c.want(0, 0); err != nil {
		return err
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
	l, err := net.Listen("tcp", c.cfg.Addr)
	if err != nil {
		return zoeklicht.Errorf(zoeklicht.Unavailable, "listen on %s: %w", c.cfg.Addr, err).With("nothing was started", "choose another with --addr")
	}
	if err := plainly(l.Addr(), c.cfg.Secure); err != nil {
		return errors.Join(err, l.Close())
	}
	fmt.Fprintf(c.stdout, "Zoeklicht: http://%s/\n", l.Addr())
	return p.serve(ctx, l, active)
}

// openActive opens the themes that are active.
func (p *platform) openActive(ctx context.Context) ([]*zoeklicht.Theme, error) {
	states, err := p.door.Themes(ctx)
	if err != nil {
		return nil, err
	}
	var out []*zoeklicht.Theme
	for _, s := range states {
		if !s.Active {
			continue
		}
		t, err := p.openTheme(ctx, s.Name)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// serve serves the dashboard on l and keeps the stages and the cluster running,
// until ctx ends. Then requests under way are finished, stages end in order, and
// the cluster is left.
func (p *platform) serve(ctx context.Context, l net.Listener, active []*zoeklicht.Theme) (err error) {
	d, err := newDesk(p, rowsOnPage, active)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	handler, err := p.handler(d)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var waits []func()
	defer func() { // before PostgreSQL is left, also where only some of the stages were started
		cancel()
		for _, wait := range waits {
			wait()
		}
	}()
	go p.sweep(ctx)
	go func() {
		if err := p.pg.Watch(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("the cluster is no longer watched", "err", err)
		}
	}()
	if p.cfg.Workers > 0 {
		for _, t := range active {
			wait, err := p.supervise(ctx, t.Name)
			if err != nil {
				return err
			}
			waits = append(waits, wait)
		}
	}
	srv := web.Server(web.Config{Addr: l.Addr().String()}, handler, p.log)
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
		end, done := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		err = srv.Shutdown(end)
		done()
	}
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, context.DeadlineExceeded) {
		err = nil
	}
	return err
}

// sweepEvery is how often what the door keeps for a time only is removed.
const sweepEvery = time.Hour

// sweep removes sessions that expired, now and then, until ctx ends.
func (p *platform) sweep(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if n, err := p.door.SweepSessions(ctx); err != nil && ctx.Err() == nil {
			p.log.Warn("expired sessions stay for now", "err", err)
		} else if n > 0 {
			p.log.Info("expired sessions were removed", "count", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// plainly refuses to serve people over the network in plain HTTP: their session, and with it
// all that they may see, would go in clear.
func plainly(l net.Addr, secure bool) error {
	at, ok := l.(*net.TCPAddr)
	if secure || ok && at.IP.IsLoopback() {
		return nil
	}
	return zoeklicht.Errorf(zoeklicht.Invalid, "%s can be reached from elsewhere, and sessions would go there in clear", l).
		With("nothing was started", "put a proxy with TLS in front and give --secure, or listen on a loopback address such as 127.0.0.1:8080")
}

// rowsOnPage is how many rows a page of results has.
const rowsOnPage = 50

// handler wires the dashboard.
func (p *platform) handler(d *desk) (http.Handler, error) {
	cfg := web.Config{Addr: p.cfg.Addr, Secure: p.cfg.Secure, Lang: p.cfg.Lang, PageSize: rowsOnPage}
	if p.cfg.HouseStyle != "" {
		css, err := os.ReadFile(p.cfg.HouseStyle)
		if err != nil {
			return nil, zoeklicht.Errorf(zoeklicht.Invalid, "the house style: %w", err)
		}
		cfg.HouseStyle = css
	}
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return web.New(cfg, web.Deps{
		Door: p.door, Sessions: p.door.Sessions(sessionConfig(p.cfg)), Themes: d, Search: d, Adverts: d, Register: d, Runs: d,
		Work: d, Numbers: d, Judge: d, Mender: d, Sealer: d, Wants: d,
		Exports: d, Jobs: d, Proofs: d, Cases: d, Ledger: d,
		Clock: time.Now, Log: p.log, Metrics: metrics, Ready: p.door.Ping,
	})
}

// listenNear listens on addr or, where its port is taken, on one of the next ten;
// tell is told about each port that was taken.
func listenNear(addr string, tell func(taken string)) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "--addr %q: %w", addr, err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "--addr %q: the port is not a number", addr)
	}
	for i := range 11 {
		l, lerr := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(n+i)))
		if lerr == nil {
			return l, nil
		}
		err = lerr
		tell(net.JoinHostPort(host, strconv.Itoa(n+i)))
	}
	return nil, zoeklicht.Errorf(zoeklicht.Unavailable, "no port from %d to %d is free: %w", n, n+10, err).With("nothing was started", "choose another with --addr")
}
