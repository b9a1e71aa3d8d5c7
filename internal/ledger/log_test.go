package ledger_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/ledger"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"
)

const origin = "test.invalid/practice/2026"

// key makes a key to sign a log with.
func key(t testing.TB, name string) (note.Signer, string) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	return s, vkey
}

// open takes a log into possession for the time of a test.
func open(t testing.TB, cfg ledger.Config, signers ...note.Signer) *ledger.Log {
	t.Helper()
	if cfg.Origin == "" {
		cfg.Origin = origin
	}
	cfg.Interval = 100 * time.Millisecond
	l, err := ledger.Open(t.Context(), cfg, signers, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return l
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func signersOf(s note.Signer, none bool) []note.Signer {
	if none {
		return nil
	}
	return []note.Signer{s}
}

func leaves(from, n int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		out[i] = fmt.Appendf(nil, "leaf %d", from+i)
	}
	return out
}

// published waits until a checkpoint covers so many leaves.
func published(t testing.TB, l *ledger.Log, size int64) *ledger.Checkpoint {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		c, err := l.Published(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if c != nil && c.Size >= size {
			return c
		}
		select {
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-tick.C:
		}
	}
}

// TestRoundTrip appends, waits for publication, proves, writes the proof and reads it
// back, and verifies it with what a stranger has.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	signer, vkey := key(t, origin)
	dir := t.TempDir() + "/ledger/2026"
	l := open(t, ledger.Config{Dir: dir}, signer)
	if c, err := l.Published(t.Context()); c != nil || err != nil {
		t.Fatalf("published before the first leaf: %v, %v", c, err)
	}
	const n = 300 // more than a tile
	at, err := l.Append(t.Context(), leaves(0, n))
	if err != nil {
		t.Fatal(err)
	}
	for i := range at {
		if at[i] != int64(i) {
			t.Fatalf("leaf %d stands at %d", i, at[i])
		}
	}
	c := published(t, l, n)
	text, err := ledger.Deposit([]ledger.LogKey{{VKey: vkey, From: time.Unix(0, 0)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	policy, err := ledger.ParsePolicy(text)
	if err != nil {
		t.Fatal(err)
	}
	r := ledger.NewReader(dir)
	for _, i := range []int64{0, 1, 255, 256, n - 1} {
		leaf, err := r.Leaf(t.Context(), i)
		if err != nil || !bytes.Equal(leaf, fmt.Appendf(nil, "leaf %d", i)) {
			t.Fatalf("leaf %d is %q: %v", i, leaf, err)
		}
		hashes, err := r.Prove(t.Context(), i, c)
		if err != nil {
			t.Fatal(err)
		}
		written := ledger.MarshalProof(&zoeklicht.Proof{Index: i, Inclusion: hashes, Checkpoint: c.Note})
		p, err := ledger.ParseProof(written)
		if err != nil {
			t.Fatal(err)
		}
		p.Leaf = leaf
		if err := ledger.Included(p); err != nil {
			t.Error(err)
		}
		got, cosigners, err := policy.Verify(p.Checkpoint)
		if err != nil || len(cosigners) != 0 {
			t.Errorf("cosigners %v, %v", cosigners, err)
		}
		if d := cmp.Diff(c, got); d != "" {
			t.Error(d)
		}
		p.Leaf = append(bytes.Clone(leaf), '!')
		if err := ledger.Included(p); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
			t.Errorf("another leaf: %v", err)
		}
	}
	var told []int64
	if err := r.Check(t.Context(), c, func(done int64) { told = append(told, done) }); err != nil {
		t.Error(err)
	}
	if d := cmp.Diff([]int64{256, n}, told); d != "" {
		t.Error(d)
	}
}

// TestManyWriters appends from many goroutines at once: each index is given once, none
// is left out, and each leaf stands where Append said.
func TestManyWriters(t *testing.T) {
	t.Parallel()
	signer, _ := key(t, origin)
	dir := t.TempDir()
	l := open(t, ledger.Config{Dir: dir, BatchSize: 50, BatchAge: time.Millisecond}, signer)
	var mu sync.Mutex
	where := map[int64]string{}
	var wg sync.WaitGroup
	for who := range 40 {
		wg.Go(func() {
			for round := range 5 {
				mine := leaves(1000*who+100*round, 1+(who+round)%20)
				at, err := l.Append(t.Context(), mine)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				for i := range at {
					if was, ok := where[at[i]]; ok {
						t.Errorf("index %d was given to %q and %q", at[i], was, mine[i])
					}
					where[at[i]] = string(mine[i])
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	c := published(t, l, int64(len(where)))
	if c.Size != int64(len(where)) {
		t.Errorf("%d leaves, %d given", c.Size, len(where))
	}
	r := ledger.NewReader(dir)
	for at, want := range where {
		if leaf, err := r.Leaf(t.Context(), at); err != nil || string(leaf) != want {
			t.Errorf("leaf %d is %q instead of %q: %v", at, leaf, want, err)
		}
	}
}
