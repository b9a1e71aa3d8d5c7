package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"os/exec"
	"syscall"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/crawl"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/ledger"
	"zoeklicht/internal/store"
)

// openLog is a log in possession, with what reads it.
type openLog struct {
	*ledger.Log
	*ledger.Reader
}

// recorder wires the recording of a theme. It reads every file that it needs, but for the
// logs themselves.
func recorder(cfg Config, name zoeklicht.ThemeName, instance string, ring *keys.LogRing, st *store.Store, log *slog.Logger) (*crawl.Recorder, error) {
	policy, err := logPolicy(cfg)
	if err != nil {
		return nil, err
	}
	hosts, err := witnessHosts(policy)
	if err != nil {
		return nil, err
	}
	for _, a := range cfg.Ledger.Authorities {
		host, err := endpoint(a.URL)
		if err != nil {
			return nil, err
		}
		hosts = append(hosts, host)
	}
	client := onlyTo(hosts)
	if policy == nil {
		log.Warn("no witness is configured: what is captured is logged, and nobody else has seen the log", "key", "ledger.policy")
	}
	r := &crawl.Recorder{
		Config: cfg.Ledger, Store: st, Witnesses: policy != nil, Clock: time.Now, Log: log,
		Open: func(ctx context.Context, year int) (crawl.Log, error) {
			return takeLog(ctx, cfg, name, instance, year, ring, policy, client, log)
		},
	}
	for _, a := range cfg.Ledger.Authorities {
		authority, err := crawl.NewAuthority(a, client)
		if err != nil {
			return nil, err
		}
		r.Authorities = append(r.Authorities, authority)
	}
	return r, nil
}

// takeLog takes the log of a year into possession.
func takeLog(ctx context.Context, cfg Config, name zoeklicht.ThemeName, instance string, year int, ring *keys.LogRing, policy []byte, client *http.Client, log *slog.Logger) (crawl.Log, error) {
	origin, dir, defaults := logOrigin(instance, name, year), logFolder(cfg.Data, name, year), cfg.Ledger.WithDefaults()
	signers, err := ring.Signers(origin, time.Now())
	if err != nil {
		return nil, err
	}
	l, err := ledger.Open(ctx, ledger.Config{Dir: dir, Origin: origin, Policy: policy, Interval: defaults.Publish, Patience: defaults.Patience}, signers, client, log)
	if err != nil {
		return nil, err
	}
	return openLog{l, ledger.NewReader(dir)}, nil
}

// record is the stage that fills the log. Its keys come with its credential, and it reaches
// the logs' folder, the database, the witnesses and the authorities.
func record(ctx context.Context, cfg Config, pass *access.Pass, st *store.Store, log *slog.Logger) error {
	ring, err := keys.ParseLogKeys(pass.Theme(), pass.Keys())
	if err != nil {
		return err
	}
	r, err := recorder(cfg, pass.Theme(), cfg.Ledger.Instance, ring, st, log)
	if err != nil {
		return err
	}
	if err := shield(log, ledgerFolder(cfg.Data, pass.Theme())); err != nil {
		return err
	}
	return r.Serve(ctx)
}

// keysEvery is how often it is looked whether other keys sign the logs than before.
const keysEvery = 2 * time.Second

// newKeys waits until other keys sign a theme's logs than the recording process was given,
// because one was rotated, or the overlap of a rotation or the year ended; then it ends the
// process, which is started again with the keys of now.
func (p *platform) newKeys(ctx context.Context, name zoeklicht.ThemeName, given []byte, cmd *exec.Cmd) {
	tick := time.NewTicker(keysEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		ring, err := p.logKeys(name, time.Now())
		if err != nil {
			p.log.Error("the keys of the logs cannot be looked at", "theme", name, "err", err)
			continue
		}
		now, err := ring.Signing(time.Now())
		if err != nil || bytes.Equal(now, given) {
			continue
		}
		p.log.Info("other keys sign the logs from now on: recording begins anew", "theme", name)
		_ = cmd.Process.Signal(syscall.SIGTERM) // or it has ended already
		return
	}
}
