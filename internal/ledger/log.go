package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"zoeklicht"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

// MaxLeaf is the length of the longest leaf (C2SP tlog-tiles).
const MaxLeaf = 1<<16 - 1

// Config says where a log lies, what it is called and how eagerly it works.
type Config struct {
	// Dir is the folder of this one log, <data>/themes/<theme>/ledger/<year>. It is
	// made where it is missing. It must be on a disk of this machine: not on NFS.
	Dir string
	// Origin names the log for ever, in its checkpoints and to its witnesses:
	// "<instance>/<theme>/<year>". It is the name of its signers as well.
	Origin string
	// Policy names the witnesses, with the addresses at which to ask them, and the
	// quorum, as C2SP tlog-policy. [no witness]
	Policy []byte
	// BatchSize is how many leaves are written together at most, and BatchAge how
	// long the first of them waits for others. [1024, 10ms]
	BatchSize int
	BatchAge  time.Duration
	// Interval is the time between checkpoints, and between attempts to get one
	// witnessed. At least 100ms. [1s]
	Interval time.Duration
	// Patience is how long an attempt waits for witnesses. [5s]
	Patience time.Duration
}

func (c Config) withDefaults() Config {
	if c.BatchSize == 0 {
		c.BatchSize = 1024
	}
	if c.BatchAge == 0 {
		c.BatchAge = 10 * time.Millisecond
	}
	if c.Interval == 0 {
		c.Interval = time.Second
	}
	if c.Patience == 0 {
		c.Patience = 5 * time.Second
	}
	return c
}

// Log is a log that this process appends to. Its methods may be called by several
// goroutines at once.
type Log struct {
	cfg    Config
	policy *Policy
	reader *Reader
	tree   tessera.LogReader
	add    tessera.AddFn
	asked  *observer
	lock   *os.File
	stop   context.CancelFunc // ends Tessera's goroutines

	mu      sync.Mutex
	closing bool           // no append begins any more
	gone    bool           // the lock was given up
	busy    sync.WaitGroup // appends under way; Add only under mu while not closing
}

// Open takes a log into possession, and makes it where there is none. The first of the
// signers is the newest key; others sign as well while a rotation lasts. Client asks
// the witnesses. Close the log.
//
// An error of code Conflict says that another process appends to it. Witnesses need
// not be there.
func Open(ctx context.Context, cfg Config, signers []note.Signer, client *http.Client, log *slog.Logger) (_ *Log, err error) {
	cfg = cfg.withDefaults()
	if len(signers) == 0 {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "the log %s has no key to sign with", cfg.Origin)
	}
	for _, s := range signers {
		if s.Name() != cfg.Origin {
			return nil, zoeklicht.Errorf(zoeklicht.Invalid, "the log %s cannot be signed with a key of %s", cfg.Origin, s.Name())
		}
	}
	l := &Log{cfg: cfg, reader: NewReader(cfg.Dir), policy: &Policy{quorum: none}}
	if len(cfg.Policy) > 0 {
		if l.policy, err = ParsePolicy(cfg.Policy); err != nil {
			return nil, err
		}
	}
	witnesses, err := l.policy.plain()
	if err != nil {
		return nil, err
	}
	group, err := tessera.NewWitnessGroupFromPolicy(witnesses)
	if err != nil {
		return nil, fmt.Errorf("the policy of log %s: %w", cfg.Origin, err)
	}
	if l.lock, err = take(cfg); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.lock.Close())
		}
	}()
	quiet(log)
	l.asked = newObserver(client, l.policy, log)
	ctx, l.stop = context.WithCancel(context.WithoutCancel(ctx)) // a log outlives the call that opens it
	if err := l.begin(ctx, signers, group); err != nil {
		l.stop()
		return nil, fmt.Errorf("open the log %s: %w", cfg.Origin, err)
	}
	return l, nil
}

// begin starts Tessera on the folder.
//
// Where there is no log yet, Tessera would first publish the empty tree, and fail if
// the witnesses are not there. So a new log is made without them. Its first checkpoint
// is of no leaf, and Reader does not give it to anybody.
func (l *Log) begin(ctx context.Context, signers []note.Signer, group tessera.WitnessGroup) error {
	driver, err := posix.New(ctx, posix.Config{Path: l.cfg.Dir, HTTPClient: l.asked.client()})
	if err != nil {
		return err
	}
	options := func() *tessera.AppendOptions {
		return tessera.NewAppendOptions().
			WithCheckpointSigner(signers[0], signers[1:]...).
			WithBatching(uint(l.cfg.BatchSize), l.cfg.BatchAge).
			WithCheckpointInterval(l.cfg.Interval).
			WithCheckpointRepublishInterval(0) // a tree that has not grown needs no second checkpoint
	}
	found, err := mend(ctx, l.reader)
	if err != nil {
		return err
	}
	if !found {
		once, stop := context.WithCancel(ctx)
		_, _, _, err := tessera.NewAppender(once, driver, options())
		stop()
		if err != nil {
			return err
		}
	}
	a, _, tree, err := tessera.NewAppender(ctx, driver,
		options().WithWitnesses(group, &tessera.WitnessOptions{Timeout: l.cfg.Patience}))
	if err != nil {
		return err
	}
	l.add, l.tree = a.Add, tree
	return nil
}

// Append adds leaves and gives the index of each, in their order. When it returns
// without an error they are durable at these indices. With an error, of ctx for
// instance, some may be in the log: append them all again.
func (l *Log) Append(ctx context.Context, leaves [][]byte) ([]int64, error) {
	for i, leaf := range leaves {
		if len(leaf) == 0 || len(leaf) > MaxLeaf {
			return nil, zoeklicht.Errorf(zoeklicht.Invalid, "leaf %d of %d has %d bytes: 1 to %d are possible", i+1, len(leaves), len(leaf), MaxLeaf)
		}
	}
	l.mu.Lock()
	if l.closing {
		l.mu.Unlock()
		return nil, zoeklicht.Errorf(zoeklicht.Unavailable, "the log %s is closed", l.cfg.Origin)
	}
	l.busy.Add(1)
	l.mu.Unlock()

	type placed struct {
		indices []int64
		err     error
	}
	done := make(chan placed, 1)
	go func() { // a future cannot be waited for with a context
		defer l.busy.Done()
		futures := make([]tessera.IndexFuture, len(leaves))
		for i, leaf := range leaves {
			futures[i] = l.add(ctx, tessera.NewEntry(leaf))
		}
		out := placed{indices: make([]int64, len(leaves))}
		for i, future := range futures {
			at, err := future()
			if out.indices[i] = int64(at.Index); err != nil && out.err == nil {
				out.err = err
			}
		}
		done <- out
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case p := <-done:
		if p.err != nil {
			return nil, fmt.Errorf("append to the log %s: %w", l.cfg.Origin, p.err)
		}
		return p.indices, nil
	}
}

// Published gives the newest checkpoint that has the cosignatures that the policy
// wants, nil before there is one.
func (l *Log) Published(ctx context.Context) (*Checkpoint, error) {
	c, err := l.reader.Checkpoint(ctx)
	if err != nil || c == nil {
		return nil, err
	}
	if c.Origin != l.cfg.Origin {
		return nil, nil // the tree goes on under another name; the next leaf brings a checkpoint
	}
	ok, err := l.policy.witnessed(c)
	if err != nil || !ok {
		return nil, err // published under another policy; the next leaf brings a new one
	}
	return c, nil
}

// Close waits for appends under way, lets the witnesses cosign them if they are there
// (for a second and an interval at most), and gives the log up. Unpublished leaves are
// durable, and are published when the log is opened again. Where ctx ends before the
// appends do, the log stays in the possession of this process until it ends. Closing
// twice does no harm.
func (l *Log) Close(ctx context.Context) error {
	l.mu.Lock()
	l.closing = true
	l.mu.Unlock()
	idle := make(chan struct{})
	go func() {
		l.busy.Wait()
		close(idle)
	}()
	select {
	case <-ctx.Done():
		return fmt.Errorf("close the log %s: %w", l.cfg.Origin, ctx.Err())
	case <-idle:
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gone {
		return nil
	}
	l.settle(ctx)
	l.gone = true
	l.stop()
	return l.lock.Close()
}

// settle waits until all that was appended is published, unless a witness is in
// trouble. Tessera's publisher cannot be waited for, and has nothing to write then.
func (l *Log) settle(ctx context.Context) {
	enough := time.NewTimer(l.cfg.Interval + time.Second)
	defer enough.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		s, err := l.State(ctx)
		if err != nil || s.Published >= s.Size || slices.ContainsFunc(s.Witnesses, func(w WitnessState) bool { return w.Trouble != "" }) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-enough.C:
			return
		case <-tick.C:
		}
	}
}
