package main

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"zoeklicht"
	"zoeklicht/internal/crawl"
	"zoeklicht/internal/keys/durable"
	"zoeklicht/internal/ledger/stamp"
	"zoeklicht/internal/ledger/witness"
)

// notaryVerb is the process that plays the others in practice: a witness and two
// timestamping authorities. A real installation has them at other organisations.
const notaryVerb = "practice-notary"

// notaryAuthorities are the names of the authorities.
var notaryAuthorities = []string{"practice-one", "practice-two"}

// notaryFolder is where a practice installation keeps what is theirs.
func notaryFolder(data string) string { return filepath.Join(data, "practice") }

func notaryPolicy(data string) string { return filepath.Join(notaryFolder(data), "witness.policy") }

func notaryRoot(data, name string) string { return filepath.Join(notaryFolder(data), name+".pem") }

// notaryState says where the notary was last, in <data>/practice/notary.json.
type notaryState struct {
	Addr string `json:"addr"`
}

// withNotary gives the configuration of the ledger in a data folder where somebody
// practises and nothing else is configured.
func withNotary(cfg crawl.LedgerConfig, data string) crawl.LedgerConfig {
	var s notaryState
	b, err := os.ReadFile(filepath.Join(notaryFolder(data), "notary.json"))
	if err != nil || json.Unmarshal(b, &s) != nil || cfg.Policy != "" || len(cfg.Authorities) > 0 {
		return cfg
	}
	if _, err := os.Stat(notaryPolicy(data)); err != nil {
		return cfg
	}
	cfg.Policy = notaryPolicy(data)
	for _, name := range notaryAuthorities {
		cfg.Authorities = append(cfg.Authorities, crawl.AuthorityConfig{Name: name, URL: "http://" + s.Addr + "/" + name, Roots: notaryRoot(data, name)})
	}
	cfg.Every, cfg.Publish = orDefault(cfg.Every, 5*time.Second), orDefault(cfg.Publish, time.Second)
	return cfg
}

// startNotary starts the notary as a process of its own and configures the ledger with it,
// unless the ledger is configured otherwise. One that dies is started again, until stop.
func (r *practiceRun) startNotary(ctx context.Context) (stop func(), err error) {
	data := r.p.cfg.Data
	if r.p.cfg.Ledger.Policy != "" && r.p.cfg.Ledger.Policy != notaryPolicy(data) {
		return func() {}, nil
	}
	ring, err := r.p.logKeys(practiceTheme, time.Now())
	if err != nil {
		return nil, err
	}
	args := []string{notaryVerb, "--data", data}
	for _, k := range ring.Keys("") {
		args = append(args, "--log", k.VKey)
	}
	cmd, _, err := beside(args...)
	if err != nil {
		end(cmd)
		return nil, zoeklicht.Errorf(zoeklicht.Unavailable, "the practice witness did not start: %w", err)
	}
	r.p.cfg.Ledger.Policy, r.p.cfg.Ledger.Authorities = "", nil
	r.p.cfg.Ledger = withNotary(r.p.cfg.Ledger, data)
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) // it ends after those who ask it
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.keepNotary(ctx, cmd, args)
	}()
	return func() { cancel(); <-ended }, nil
}

// keepNotary starts the notary again whenever it ends, with growing pauses, until ctx ends.
func (r *practiceRun) keepNotary(ctx context.Context, cmd *exec.Cmd, args []string) {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 10*time.Second) {
		if cmd != nil {
			began, exited := time.Now(), make(chan struct{})
			go func() {
				defer close(exited)
				_ = cmd.Wait() // that it ended is what matters
			}()
			select {
			case <-ctx.Done():
				_ = cmd.Process.Signal(syscall.SIGTERM)
				<-exited
				return
			case <-exited:
			}
			if time.Since(began) > 10*time.Second {
				pause = 100 * time.Millisecond
			}
		}
		r.p.log.Warn("the practice witness ended and is started again")
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		var err error
		if cmd, _, err = beside(args...); err != nil {
			r.p.log.Error("the practice witness did not start", "err", err)
			end(cmd)
			cmd = nil
		}
	}
}

// runPracticeNotary is the process: it serves until standard input ends.
func runPracticeNotary(ctx context.Context, c *call) (err error) {
	logs := c.flags.StringArray("log", nil, "key of a log to watch")
	if err := c.parse(); err != nil {
		return err
	}
	data := c.cfg.Data
	if err := os.MkdirAll(notaryFolder(data), 0o700); err != nil {
		return err
	}
	w, err := witness.Open(witness.Config{Dir: filepath.Join(notaryFolder(data), "witness"), Name: "zoeklicht.invalid/practice-witness", Logs: *logs}, time.Now, c.log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	mux := http.NewServeMux()
	mux.Handle("/witness/", w)
	for _, name := range notaryAuthorities {
		a, err := stamp.OpenAuthority(filepath.Join(notaryFolder(data), name+".key"), "Zoeklicht practice: "+name, time.Now)
		if err != nil {
			return err
		}
		root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Root().Raw})
		if err := durable.Replace(notaryRoot(data, name), root); err != nil {
			return err
		}
		mux.Handle("/"+name, a)
	}
	l, err := notaryListen(ctx, data)
	if err != nil {
		return err
	}
	at := l.Addr().String()
	policy := fmt.Sprintf("witness practice-witness %s http://%s/witness/\nquorum practice-witness\n", w.VKey(), at)
	state, err := json.Marshal(notaryState{Addr: at})
	if err != nil {
		return err
	}
	if err := errors.Join(durable.Replace(notaryPolicy(data), []byte(policy)), durable.Replace(filepath.Join(notaryFolder(data), "notary.json"), append(state, '\n'))); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(c.stdout, "%s\n", state); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, c.stdin)
		cancel()
	}()
	defer cancel()
	return serveUntil(ctx, l, mux)
}

// notaryListen listens where the notary was before, if that port is still free.
func notaryListen(ctx context.Context, data string) (net.Listener, error) {
	var s notaryState
	if b, err := os.ReadFile(filepath.Join(notaryFolder(data), "notary.json")); err == nil && json.Unmarshal(b, &s) == nil {
		if l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.Addr); err == nil {
			return l, nil
		}
	}
	return (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
}
