package ledger_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/ledger"
)

// copied copies what is below a folder's parts, in place of what is there.
func copied(t *testing.T, to, from string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		err := filepath.WalkDir(filepath.Join(from, part), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			rel, err := filepath.Rel(from, path)
			if err != nil {
				return err
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if err := os.MkdirAll(filepath.Dir(filepath.Join(to, rel)), 0o700); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(to, rel), b, 0o600)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// swept removes the partial files of full tiles, as Tessera does after a while.
func swept(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(dir, "tile"), func(path string, d fs.DirEntry, err error) error {
		if full := strings.TrimSuffix(path, ".p"); err == nil && d.IsDir() && full != path {
			if _, err := os.Stat(full); err == nil {
				return errorOr(os.RemoveAll(path), fs.SkipDir)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func errorOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// TestCopied goes on with folders that were copied part by part while a log grew from
// 300 leaves over 700 to 900.
func TestCopied(t *testing.T) {
	t.Parallel()
	signer, vkey := key(t, origin)
	w := newPost(t, "one.invalid", vkey)
	text := []byte(w.line("w") + "quorum w\n")
	dir := t.TempDir()
	stateFirst, stateAlone := t.TempDir(), t.TempDir()
	l := open(t, ledger.Config{Dir: dir}, signer)
	grow := func(from, n int) *ledger.Checkpoint {
		if _, err := l.Append(t.Context(), leaves(from, n)); err != nil {
			t.Fatal(err)
		}
		return published(t, l, int64(from+n))
	}
	grow(0, 300)
	copied(t, stateFirst, dir, ".state")
	copied(t, stateAlone, dir, ".state", "checkpoint")
	newest := grow(300, 400)
	copied(t, stateFirst, dir, "checkpoint")
	grow(700, 200)
	for _, to := range []string{stateFirst, stateAlone} {
		copied(t, to, dir, "tile")
		swept(t, to)
	}
	if _, err := os.Stat(filepath.Join(stateAlone, "tile", "entries", "001.p")); err == nil {
		t.Fatal("the partial bundle is still there")
	}

	for name, tc := range map[string]struct {
		dir  string
		size int64
	}{"a checkpoint ahead of the state": {stateFirst, 700}, "partial tiles swept away": {stateAlone, 300}} {
		cfg := ledger.Config{Dir: tc.dir}
		if tc.dir == stateFirst {
			cfg.Policy = text
		}
		copy := open(t, cfg, signer)
		at, err := copy.Append(t.Context(), leaves(5000, 3))
		if err != nil || at[0] != tc.size {
			t.Fatalf("%s: appended at %v, %v", name, at, err)
		}
		c := published(t, copy, tc.size+3)
		r := ledger.NewReader(tc.dir)
		if err := r.Check(t.Context(), c, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if tc.dir == stateFirst {
			if err := r.Continues(t.Context(), newest, c); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for i := range tc.size {
			if leaf, err := r.Leaf(t.Context(), i); err != nil || string(leaf) != string(leaves(int(i), 1)[0]) {
				t.Fatalf("%s: leaf %d is %q, %v", name, i, leaf, err)
			}
		}
	}
}

// TestUnfit: a folder that is damaged where the next leaf would go is not appended to,
// and not changed.
func TestUnfit(t *testing.T) {
	t.Parallel()
	dir, _, _ := closed(t, 600)
	signer, _ := key(t, origin)
	older := t.TempDir()
	copied(t, older, dir, ".state", "tile", "checkpoint")
	for _, name := range []string{".state/treeState", "tile/entries/002.p/88", "tile/0/002.p/88", "tile/1/000.p/2"} {
		path := filepath.Join(dir, name)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for what, with := range map[string][]byte{"another byte": flipped(b), "cut short": b[:len(b)-1], "gone": nil} {
			if what == "gone" && strings.HasPrefix(name, ".state") {
				continue // see below
			}
			if err := os.WriteFile(path, with, 0o600); err != nil {
				t.Fatal(err)
			}
			if with == nil {
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
			}
			l, err := ledger.Open(t.Context(), ledger.Config{Dir: dir, Origin: origin}, signersOf(signer, false), nil, discard())
			if err == nil {
				t.Errorf("%s, %s: it was opened", name, what)
				l.Close(t.Context())
			} else if zoeklicht.CodeOf(err) == zoeklicht.Conflict {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// Without a state the checkpoint is believed, but only if the leaves lead to it.
	if err := os.RemoveAll(filepath.Join(older, ".state")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(older, "tile", "entries", "000")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, flipped(b), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Open(t.Context(), ledger.Config{Dir: older, Origin: origin}, signersOf(signer, false), nil, discard()); zoeklicht.CodeOf(err) != zoeklicht.Unavailable {
		t.Errorf("leaves that do not lead to the checkpoint: %v", err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	l := open(t, ledger.Config{Dir: older}, signer)
	if at, err := l.Append(t.Context(), leaves(600, 1)); err != nil || at[0] != 600 {
		t.Errorf("with all leaves, and no state: %v, %v", at, err)
	}
}

func flipped(b []byte) []byte {
	out := append([]byte(nil), b...)
	out[len(out)/2] ^= 1
	return out
}
