package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/assess"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/capture"
	"zoeklicht/internal/crawl"
	"zoeklicht/internal/extract"
	"zoeklicht/internal/fetch"
	"zoeklicht/internal/fetch/http1"
	"zoeklicht/internal/frontier"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/picture"
	"zoeklicht/internal/search"
	"zoeklicht/internal/store"
	"zoeklicht/themes"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// Descriptors that a stage's process inherits.
const (
	credentialFD = 3 // its credential, readable once
	lifelineFD   = 4 // ends when the parent is gone, however it went
)

// The stages that run as processes of their own.
const (
	stageCollect = "collect"
	stageAnalyse = "analyse"
	stageRecord  = "record"
)

// allStages are what serve starts for each theme.
var allStages = []string{stageCollect, stageAnalyse, stageRecord}

var phaseOf = map[string]zoeklicht.Phase{stageCollect: zoeklicht.Technical, stageAnalyse: zoeklicht.Analysis, stageRecord: zoeklicht.Recording}

// noStage says that there is no such stage.
func noStage(stage string) error {
	return usage(fmt.Errorf("there is no stage %q: collect, analyse or record", stage))
}

// credential makes what a stage's process is given: its own database role, and the
// public key to seal, the ring to open, or the keys that sign the logs.
func (p *platform) credential(ctx context.Context, name zoeklicht.ThemeName, stage string) (access.Credential, error) {
	phase, ok := phaseOf[stage]
	if !ok {
		return access.Credential{}, noStage(stage)
	}
	dsn, err := p.locate(name, "", phase)
	if err != nil {
		return access.Credential{}, err
	}
	if stage == stageRecord {
		ring, err := p.logKeys(name, time.Now())
		if err != nil {
			return access.Credential{}, err
		}
		if err := p.noteKeys(ctx, name, ring); err != nil {
			return access.Credential{}, err
		}
		signing, err := ring.Signing(time.Now())
		return access.Credential{Theme: name, Phase: phase, Name: stage, DSN: dsn, Keys: signing}, err
	}
	ring, err := p.ring(name)
	if err != nil {
		return access.Credential{}, err
	}
	c := access.Credential{Theme: name, Phase: phase, Name: stage, DSN: dsn, Keys: ring.Public().Marshal()}
	if stage == stageAnalyse {
		c.Keys, err = ring.Marshal()
	}
	return c, err
}

// startStage starts a stage's process with its credential and nothing else: no
// environment but what names the configuration, no descriptor but two. It lives no longer
// than ctx. once may name a source and a cause, for a process that collects one run of it.
func (p *platform) startStage(ctx context.Context, name zoeklicht.ThemeName, stage string, lifeline *os.File, once ...string) (*exec.Cmd, error) {
	cred, err := p.credential(ctx, name, stage)
	if err != nil {
		return nil, err
	}
	pipe, err := cred.Pipe()
	if err != nil {
		return nil, err
	}
	defer pipe.Close() // the child has it
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	bare := p.cfg
	bare.Database = ""                  // the owner's address, with its password: a stage has its own in its credential
	bare.Signing = keys.SigningConfig{} // no stage signs in the organisation's name
	if bare.Ledger.Instance, err = p.instance(); err != nil {
		return nil, err
	}
	cfg, err := json.Marshal(bare)
	if err != nil {
		return nil, err
	}
	build := func(isolated bool) *exec.Cmd {
		cmd := exec.CommandContext(ctx, self, append([]string{"stage", stage}, once...)...)
		cmd.Env = []string{"ZOEKLICHT_STAGE=" + string(cfg), "PATH=/usr/bin:/bin", "TZ=UTC", "HOME=/nonexistent", "SSL_CERT_FILE=" + os.Getenv("SSL_CERT_FILE")}
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		cmd.ExtraFiles = []*os.File{pipe, lifeline}
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		cmd.WaitDelay = 30 * time.Second
		// A group of its own: Ctrl-C reaches the parent, which then ends it in order.
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if isolated {
			// Analysis has no network at all: a network namespace with nothing in it.
			cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET
			uid, gid := os.Getuid(), os.Getgid()
			cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: 1}}
			cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: gid, HostID: gid, Size: 1}}
		}
		return cmd
	}
	isolate := stage == stageAnalyse && p.pg.Own()
	cmd := build(isolate)
	err = cmd.Start()
	if err != nil && isolate {
		p.log.Warn("this machine gives no network namespace: analysis runs without one, and makes no connection all the same", "err", err)
		cmd = build(false)
		err = cmd.Start()
	}
	if err == nil && stage == stageRecord {
		go p.newKeys(ctx, name, cred.Keys, cmd)
	}
	return cmd, err
}

// supervise keeps a theme's stages running until ctx ends: one that dies is started
// again, at once the first time, then with growing pauses.
func (p *platform) supervise(ctx context.Context, name zoeklicht.ThemeName) (wait func(), err error) {
	lifeline, held, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	var wg sync.WaitGroup
	for _, stage := range allStages {
		wg.Add(1)
		go func() {
			defer wg.Done()
			p.keep(ctx, name, stage, lifeline)
		}()
	}
	return func() {
		wg.Wait()
		_ = held.Close()
		_ = lifeline.Close()
	}, nil
}

func (p *platform) keep(ctx context.Context, name zoeklicht.ThemeName, stage string, lifeline *os.File) {
	pause := 100 * time.Millisecond
	for ctx.Err() == nil {
		began := time.Now()
		life, end := context.WithCancel(ctx)
		cmd, err := p.startStage(life, name, stage, lifeline)
		if err == nil {
			err = cmd.Wait()
		}
		end()
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			p.log.Error("a stage ended and is started again", "theme", name, "stage", stage, "err", err)
		}
		if time.Since(began) > 10*time.Second {
			pause = 100 * time.Millisecond
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, 30*time.Second)
	}
}

// stageMain is a stage's process. Its arguments are the stage and, for a single run,
// source and cause.
func stageMain(ctx context.Context, args []string, stderr io.Writer) error {
	stage, once := args[0], args[1:]
	var cfg Config
	if err := json.Unmarshal([]byte(os.Getenv("ZOEKLICHT_STAGE")), &cfg); err != nil {
		return usage(fmt.Errorf("stages are started by `serve`, `work` or `practice`"))
	}
	log := logger(cfg, stderr).With("stage", stage)
	pass, err := access.Inherit(credentialFD)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, os.NewFile(lifelineFD, "lifeline"))
		cancel() // at once: what it visits may go with the parent
		log.Warn("the parent is gone: this stage ends")
	}()
	boundMemory()
	stores := store.New(time.Now, 0)
	stores.Build = sync.OnceValues(buildHash)
	defer stores.Close()
	st, err := openPatiently(ctx, stores, pass, log)
	if err != nil {
		return err
	}
	if stage == stageRecord {
		return record(ctx, cfg, pass, st, log)
	}
	packs, err := loadPacks()
	if err != nil {
		return err
	}
	t := packs[pass.Theme()]
	if stage == stageAnalyse {
		return analyse(ctx, cfg, t, pass, st, log)
	}
	return collect(ctx, cfg, t, pass, st, log, once)
}

// openPatiently opens the store, waiting for a database that starts.
func openPatiently(ctx context.Context, stores *store.Compartments, pass *access.Pass, log *slog.Logger) (*store.Store, error) {
	st, err := stores.Open(ctx, pass)
	if err != nil {
		return nil, err
	}
	for {
		err := st.Ping(ctx)
		if err == nil || ctx.Err() != nil || zoeklicht.CodeOf(err) != zoeklicht.Unavailable {
			return st, err
		}
		log.Warn("waiting for the database", "err", err)
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// boundMemory keeps a stage that reads hostile bytes from taking the machine with
// it. RLIMIT_DATA, because a Go program dies at start under RLIMIT_AS.
func boundMemory() {
	debug.SetMemoryLimit(256 << 20)
	limit := unix.Rlimit{Cur: 1 << 30, Max: 1 << 30}
	_ = unix.Setrlimit(unix.RLIMIT_DATA, &limit) // a lower limit from outside stands
	_ = unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
}

func optionsOf(t *zoeklicht.Theme) extract.Options {
	return extract.Options{Regions: t.Regions, PhonePatterns: t.PhonePatterns, Fields: t.Fields, Languages: t.Languages}
}

// collector wires the collecting of a theme.
func collector(cfg Config, t *zoeklicht.Theme, st *store.Store, public keys.Public, log *slog.Logger) (*crawl.Collector, func(), error) {
	folder := blob.In(cfg.Data, t.Name, blob.Vault)
	vault, err := folder.Writer(blob.Config{}, public)
	if err != nil {
		return nil, nil, err
	}
	build, err := buildHash()
	if err != nil {
		return nil, nil, err
	}
	_, config, err := plainConfig(cfg)
	if err != nil {
		return nil, nil, err
	}
	policy, err := themePolicy(t.Name)
	if err != nil {
		return nil, nil, err
	}
	clock, now := "system", time.Now
	if t.Practice {
		clock, now = "simulated", simulatedClock(st)
	}
	driver := http1.New(cfg.Fetch, &fetch.Direct{Resolver: fetch.System{Clock: time.Now}, Clock: time.Now}, now, nil)
	c := &crawl.Collector{
		Config: cfg.Collect, Store: st, Vault: vault, Driver: driver, Pacer: frontier.NewPacer(frontier.PacerConfig{DownAfter: cfg.Collect.HostDown}), Sealer: capture.New(capture.Config{}),
		Context: zoeklicht.Context{Theme: t.Name, Ground: t.Ground.NL, Build: build, Config: config, Policy: policy, Clock: clock},
		Agent:   cfg.Fetch.WithDefaults().UserAgent, Options: optionsOf(t), Recipe: parseRecipe,
		Free:      func() (uint64, uint64, error) { return blob.Free(folder.Dir) },
		ClockKept: clockKept, Clock: time.Now, Log: log,
	}
	return c, func() {
		_ = driver.Close()
		if err := vault.Close(); err != nil {
			log.Error("closing the vault", "err", err)
		}
	}, nil
}

// plainConfig gives a configuration as JSON, and the SHA-256 of that in hex.
func plainConfig(cfg Config) (plain []byte, sum string, err error) {
	if plain, err = json.Marshal(cfg); err != nil {
		return nil, "", err
	}
	h := sha256.Sum256(plain)
	return plain, hex.EncodeToString(h[:]), nil
}

// themePolicy gives the SHA-256 of the theme's policy: the file that says what it is for,
// on what ground, which fields are kept and for how long.
func themePolicy(name zoeklicht.ThemeName) (string, error) {
	b, err := fs.ReadFile(themes.Packs, string(name)+"/theme.yaml")
	if err != nil {
		return "", err
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:]), nil
}

// clockKept says what keeps the machine's clock right, as the kernel has it.
func clockKept() string {
	var t unix.Timex
	if _, err := unix.Adjtimex(&t); err != nil || t.Status&unsynchronised != 0 {
		return "nothing"
	}
	return fmt.Sprintf("within %.3fs of the network's", float64(t.Maxerror)/1e6)
}

// simulatedClock tells a practice theme's time, by which approvals lapse and exchanges are
// dated. It is asked for each exchange, so it looks at the database twenty times a second
// at most: a day of practice may last a few seconds.
func simulatedClock(st *store.Store) zoeklicht.Clock {
	var mu sync.Mutex
	var offset time.Duration
	var looked time.Time
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		if now := time.Now(); now.Sub(looked) > 50*time.Millisecond {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			if t, _, err := st.Now(ctx); err == nil {
				offset, looked = t.Sub(now), now
			}
			cancel()
		}
		return time.Now().Add(offset)
	}
}

func collect(ctx context.Context, cfg Config, t *zoeklicht.Theme, pass *access.Pass, st *store.Store, log *slog.Logger, once []string) error {
	public, err := keys.ParsePublic(pass.Keys())
	if err != nil {
		return err
	}
	if err := shield(log, filepath.Join(cfg.Data, "themes", string(t.Name), string(blob.Vault))); err != nil {
		return err
	}
	c, done, err := collector(cfg, t, st, public, log)
	if err != nil {
		return err
	}
	defer done()
	// Captures name the configuration by its hash: the ledger's record has it in full.
	plain, config, err := plainConfig(cfg)
	if err != nil {
		return err
	}
	if _, err := st.KeepRecord(ctx, zoeklicht.LeafConfig, config, plain); err != nil {
		return err
	}
	if len(once) > 0 {
		return collectOnce(ctx, c, zoeklicht.SourceID(once[0]), once[1])
	}
	return c.Serve(ctx)
}

// analyser wires the analysis of a theme.
func analyser(cfg Config, t *zoeklicht.Theme, st *store.Store, ring *keys.Ring, log *slog.Logger) (*crawl.Analyser, func(), error) {
	vault := blob.In(cfg.Data, t.Name, blob.Vault).Reader
	reader, err := vault(ring)
	if err != nil {
		return nil, nil, err
	}
	working, err := blob.In(cfg.Data, t.Name, blob.Working).Writer(blob.Config{}, ring.Public())
	if err != nil {
		return nil, nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	decoder := picture.NewDecoder(picture.Config{Command: []string{self, pictureVerb}}, log)
	a := &crawl.Analyser{
		Config: cfg.Collect, Store: st, Vault: reader, Working: working, Decoder: decoder,
		Options: optionsOf(t), Recipe: parseRecipe, Day: search.New(search.Config{Place: t.Locale}).Day, Log: log,
	}
	return a, func() {
		_ = decoder.Close()
		if err := working.Close(); err != nil {
			log.Error("closing the working pictures", "err", err)
		}
	}, nil
}

func analyse(ctx context.Context, cfg Config, t *zoeklicht.Theme, pass *access.Pass, st *store.Store, log *slog.Logger) error {
	ring, err := keys.ParseRing(pass.Keys())
	if err != nil {
		return err
	}
	a, done, err := analyser(cfg, t, st, ring, log)
	if err != nil {
		return err
	}
	defer done()
	rules, err := assess.New(t.Indicators, t.Lexicons, assess.Config{})
	if err != nil {
		return fmt.Errorf("the rules of theme %s: %w", t.Name, err)
	}
	// Reading and assessing go on side by side: a new rule is applied to the whole archive
	// without new adverts waiting for it.
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.Serve(ctx) })
	group.Go(func() error {
		as := &crawl.Assessor{Config: cfg.Collect, Store: st, Rules: rules, Indicators: t.Indicators, Log: log}
		return as.Serve(ctx)
	})
	return group.Wait()
}

// buildHash gives the SHA-256 of the running binary, which every capture names.
func buildHash() (string, error) {
	f, err := os.Open("/proc/self/exe")
	if err != nil {
		return "", fmt.Errorf("the running binary cannot be read: %w", err)
	}
	defer f.Close() // read only
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
