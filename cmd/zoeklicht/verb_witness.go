package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"zoeklicht"
	"zoeklicht/internal/cli"
	"zoeklicht/internal/ledger/witness"
)

const witnessUsage = `--addr HOST:PORT [--state DIR] [--name NAME] [--log KEY]... [--url URL] [--json]

A witness of another organisation's logs. It needs no installation and no database: a folder, an address, and the keys
of the logs to watch, as their operator gives them; two keys of one name are a log's old and new one. The first start
makes the witness's own key, under --name. It prints that key and the lines that the platform is configured with, and
then cosigns what continues what it cosigned before, until it is ended. Keep --state: a witness that forgets is none.
It speaks plain HTTP; put a proxy with TLS in front, and give that one's address as --url.
`

// runWitness is the verb witness.
func runWitness(ctx context.Context, c *call) error {
	asJSON := c.asJSON()
	dir := c.flags.String("state", "", "folder of the key and of what was cosigned (<data>/witness)")
	name := c.flags.String("name", "", "what the witness is called, for ever; needed the first time (this machine's name)")
	logs := c.flags.StringArray("log", nil, "key of a log to watch; once for each")
	url := c.flags.String("url", "", "address at which platforms reach it (http://<addr>/)")
	if err := c.parse(); err != nil {
		return err
	}
	if err := c.want(0, 0); err != nil {
		return err
	}
	cfg := witness.Config{Dir: *dir, Name: *name, Logs: *logs}
	if cfg.Dir == "" {
		cfg.Dir = filepath.Join(c.cfg.Data, "witness")
	}
	w, err := witness.Open(cfg, time.Now, c.log)
	if err != nil {
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.cfg.Addr)
	if err != nil {
		return errors.Join(zoeklicht.Errorf(zoeklicht.Unavailable, "listen: %w", err).With("nothing was cosigned", "choose another --addr"), w.Close())
	}
	if *url == "" {
		*url = "http://" + l.Addr().String() + "/"
	}
	told := &cli.Witness{Name: w.Name(), VKey: w.VKey(), URL: *url, Logs: w.Origins()}
	if err := told.Show(c.out(*asJSON, nil)); err != nil {
		return errors.Join(err, l.Close(), w.Close())
	}
	return errors.Join(serveUntil(ctx, l, w), w.Close())
}

// serveUntil serves until ctx ends, and then for as long as requests that are under way
// take, five seconds at most.
func serveUntil(ctx context.Context, l net.Listener, h http.Handler) error {
	srv := &http.Server{Handler: h, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	grace, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	return srv.Shutdown(grace)
}
