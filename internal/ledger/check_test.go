package ledger_test

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/ledger"
)

// closed makes a log of n leaves whose folder nobody writes to any more.
func closed(t testing.TB, n int) (dir, vkey string, c *ledger.Checkpoint) {
	t.Helper()
	signer, vkey := key(t, origin)
	dir = t.TempDir()
	l := open(t, ledger.Config{Dir: dir}, signer)
	// In two steps, so that there are partial tiles of an older checkpoint as well.
	for _, part := range [][][]byte{leaves(0, n/2), leaves(n/2, n-n/2)} {
		if _, err := l.Append(t.Context(), part); err != nil {
			t.Fatal(err)
		}
	}
	c = published(t, l, int64(n))
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return dir, vkey, c
}

// claimed lists the files that a checkpoint of 600 leaves rests on.
func claimed(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	for _, name := range []string{
		"checkpoint",
		"tile/entries/000", "tile/entries/001", "tile/entries/002.p/88",
		"tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2",
	} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		out = append(out, filepath.Join(dir, name))
	}
	return out
}

// whole checks a folder as somebody does who trusts the policy alone.
func whole(ctx context.Context, dir string, p *ledger.Policy) error {
	r := ledger.NewReader(dir)
	c, err := r.Checkpoint(ctx)
	if err != nil {
		return err
	}
	if c == nil {
		return errors.New("there is no checkpoint")
	}
	if _, _, err := p.Verify(c.Note); err != nil {
		return err
	}
	return r.Check(ctx, c, nil)
}

// TestFlips flips single bits all over a log's folder, and cuts, removes and exchanges
// files: each is found.
func TestFlips(t *testing.T) {
	t.Parallel()
	dir, vkey, _ := closed(t, 600)
	p := deposit(t, "", vkey)
	if err := whole(t.Context(), dir, p); err != nil {
		t.Fatal(err)
	}
	files := claimed(t, dir)
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		spoil := func(what string, with []byte) {
			if err := os.WriteFile(name, with, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := whole(t.Context(), dir, p); err == nil {
				t.Errorf("%s: %s was not found", name, what)
			}
		}
		bits := rand.Perm(len(b) * 8)
		if len(b) > 500 {
			bits = bits[:250]
		} // else all: a checkpoint has no bit that may flip unseen
		for _, i := range bits {
			b[i/8] ^= 1 << (i % 8)
			spoil("a flipped bit", b)
			b[i/8] ^= 1 << (i % 8)
		}
		spoil("cut short", b[:len(b)-1])
		spoil("empty", nil)
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
		if err := whole(t.Context(), dir, p); err == nil {
			t.Errorf("%s: its absence was not found", name)
		}
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := whole(t.Context(), dir, p); err != nil {
		t.Fatalf("after all was undone: %v", err)
	}
	if err := os.Rename(files[1], files[1]+"x"); err != nil {
		t.Fatal(err)
	}
	for _, move := range [][2]string{{files[2], files[1]}, {files[1] + "x", files[2]}} {
		if err := os.Rename(move[0], move[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := whole(t.Context(), dir, p); zoeklicht.CodeOf(err) != zoeklicht.Internal || !strings.Contains(err.Error(), "tile/0/000") {
		t.Errorf("leaves that changed places: %v", err)
	}
}

// TestProveDamaged: from a damaged folder come errors, never proofs that do not hold.
func TestProveDamaged(t *testing.T) {
	t.Parallel()
	dir, _, c := closed(t, 600)
	r := ledger.NewReader(dir)
	for _, name := range claimed(t, dir)[1:] {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		refused := 0
		for range 50 {
			i := rand.IntN(len(b) * 8)
			b[i/8] ^= 1 << (i % 8)
			if err := os.WriteFile(name, b, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, index := range []int64{0, 255, 256, 511, 599} {
				hashes, err := r.Prove(t.Context(), index, c)
				if err != nil {
					refused++
					continue
				}
				p := &zoeklicht.Proof{Leaf: leaves(int(index), 1)[0], Index: index, Inclusion: hashes, Checkpoint: c.Note}
				if err := ledger.Included(p); err != nil {
					t.Errorf("%s: a proof that does not hold: %v", name, err)
				}
			}
			b[i/8] ^= 1 << (i % 8)
		}
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(name, "/tile/0/") && refused == 0 {
			t.Errorf("%s: nothing was refused", name)
		}
	}
	for _, index := range []int64{-1, 600, 1 << 40} {
		if _, err := r.Prove(t.Context(), index, c); zoeklicht.CodeOf(err) != zoeklicht.NotFound {
			t.Errorf("proof of leaf %d: %v", index, err)
		}
		if _, err := r.Leaf(t.Context(), index); zoeklicht.CodeOf(err) != zoeklicht.NotFound {
			t.Errorf("leaf %d: %v", index, err)
		}
	}
	if _, err := ledger.NewReader(t.TempDir()).Leaf(t.Context(), 0); zoeklicht.CodeOf(err) != zoeklicht.NotFound {
		t.Errorf("a leaf of an empty folder: %v", err)
	}
}

// TestContinues tells a log that goes on from one that was changed.
func TestContinues(t *testing.T) {
	t.Parallel()
	dir, _, c := closed(t, 600)
	r := ledger.NewReader(dir)
	other := *c
	other.Root[0] ^= 1
	larger := *c
	larger.Size++
	renamed := *c
	renamed.Origin = "other.invalid/log"
	for name, older := range map[string]*ledger.Checkpoint{"same": c, "changed": &other, "smaller": &larger, "same, renamed": &renamed} {
		if err := r.Continues(t.Context(), older, c); (err == nil) != strings.HasPrefix(name, "same") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOpen: who may not take a log into possession.
func TestOpen(t *testing.T) {
	t.Parallel()
	signer, vkey := key(t, origin)
	dir := t.TempDir()
	l := open(t, ledger.Config{Dir: dir}, signer)
	ctx := t.Context()
	cases := map[string]struct {
		cfg  ledger.Config
		none bool
		code zoeklicht.Code
	}{
		"twice":               {ledger.Config{Dir: dir, Origin: origin}, false, zoeklicht.Conflict},
		"no key":              {ledger.Config{Dir: t.TempDir(), Origin: origin}, true, zoeklicht.Invalid},
		"the key of another":  {ledger.Config{Dir: t.TempDir(), Origin: "other.invalid/log"}, false, zoeklicht.Invalid},
		"no policy":           {ledger.Config{Dir: t.TempDir(), Origin: origin, Policy: []byte("hello\n")}, false, zoeklicht.Invalid},
		"no witness address":  {ledger.Config{Dir: t.TempDir(), Origin: origin, Policy: []byte("witness w " + newPost(t, "w.invalid", vkey).VKey() + "\nquorum w\n")}, false, zoeklicht.Invalid},
		"too short intervals": {ledger.Config{Dir: t.TempDir(), Origin: origin, Interval: 1}, false, zoeklicht.Internal},
	}
	for name, tc := range cases {
		signers := signersOf(signer, tc.none)
		if got, err := ledger.Open(ctx, tc.cfg, signers, nil, discard()); got != nil || zoeklicht.CodeOf(err) != tc.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := l.Append(ctx, [][]byte{{}}); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("an empty leaf: %v", err)
	}
	if _, err := l.Append(ctx, [][]byte{make([]byte, ledger.MaxLeaf+1)}); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("too long a leaf: %v", err)
	}
	if at, err := l.Append(ctx, [][]byte{make([]byte, ledger.MaxLeaf)}); err != nil || at[0] != 0 {
		t.Errorf("the longest leaf: %v, %v", at, err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := l.Append(cancelled, leaves(0, 1)); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := l.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(ctx, leaves(0, 1)); zoeklicht.CodeOf(err) != zoeklicht.Unavailable {
		t.Errorf("after Close: %v", err)
	}
	again := open(t, ledger.Config{Dir: dir}, signer)
	if _, err := again.Append(ctx, leaves(1, 1)); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "lock")); err != nil || info.Mode()&fs.ModePerm != 0o600 {
		t.Error(info, err)
	}
}
