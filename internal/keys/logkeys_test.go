package keys

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"zoeklicht"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"
)

const logOrigin = "test.invalid/practice/2026"

// signedBy signs a text with the keys that sign now, and gives the keys that verify.
func signedBy(t *testing.T, r *LogRing, at time.Time) []uint32 {
	t.Helper()
	signers, err := r.Signers(logOrigin, at)
	if err != nil {
		t.Fatal(err)
	}
	msg, err := note.Sign(&note.Note{Text: "a text\n"}, signers...)
	if err != nil {
		t.Fatal(err)
	}
	var known []note.Verifier
	for _, k := range r.Keys(logOrigin) {
		v, err := note.NewVerifier(k.VKey)
		if err != nil {
			t.Fatal(err)
		}
		known = append(known, v)
	}
	n, err := note.Open(msg, note.VerifierList(known...))
	if err != nil {
		t.Fatal(err)
	}
	var out []uint32
	for _, s := range n.Sigs {
		out = append(out, s.Hash)
	}
	return out
}

// TestLogKeys makes a key, rotates it with overlap, and follows who signs when.
func TestLogKeys(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	none, err := LoadLogKeys(dir, "practice")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := none.Signers(logOrigin, now); zoeklicht.CodeOf(err) != zoeklicht.NotFound {
		t.Errorf("signers of no file: %v", err)
	}
	first, made, err := EnsureLogKey(dir, "practice", logOrigin, now)
	if err != nil || !made {
		t.Fatal(made, err)
	}
	if _, made, err := EnsureLogKey(dir, "practice", logOrigin, now); made || err != nil {
		t.Errorf("made a second time: %v, %v", made, err)
	}
	if _, made, err := EnsureLogKey(dir, "practice", "test.invalid/practice/2027", now); !made || err != nil {
		t.Errorf("next year's: %v, %v", made, err)
	}
	if info, err := os.Stat(LogPath(dir, "practice")); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	later := now.Add(30 * 24 * time.Hour)
	if _, err := RotateLogKey(dir, "practice", logOrigin, later, 7*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	r, err := LoadLogKeys(dir, "practice")
	if err != nil {
		t.Fatal(err)
	}
	mine := r.Keys(logOrigin)
	if len(mine) != 2 || len(r.Keys("")) != 3 || mine[0].VKey != first.Keys(logOrigin)[0].VKey || !mine[1].Until.IsZero() {
		t.Fatalf("%+v", r.Keys(""))
	}
	if want := later.Add(7 * 24 * time.Hour).UTC().Truncate(time.Second); !mine[0].Until.Equal(want) {
		t.Errorf("the old key signs until %v instead of %v", mine[0].Until, want)
	}
	before := signedBy(t, r, now)
	during := signedBy(t, r, later.Add(time.Hour))
	after := signedBy(t, r, later.Add(8*24*time.Hour))
	if len(during) != 2 || len(after) != 1 || during[0] != after[0] || during[1] != before[len(before)-1] {
		t.Errorf("signed by %x, then %x, then %x", before, during, after)
	}
	// The private half of what signs no more goes at the next change, the public one stays.
	gone, err := RotateLogKey(dir, "practice", logOrigin, later.Add(8*24*time.Hour), 0)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(LogPath(dir, "practice"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(b), "-----BEGIN "+blockLogPublic); n != 2 {
		t.Errorf("%d public keys in\n%s", n, b)
	}
	if d := cmp.Diff(mine[0], gone.Keys(logOrigin)[0]); d != "" {
		t.Error(d)
	}
	if got := signedBy(t, gone, later.Add(9*24*time.Hour)); len(got) != 1 || got[0] == after[0] {
		t.Errorf("after a rotation without overlap %x signs", got)
	}
}

// TestLogKeysTogether: of many processes that need a key, one makes it.
func TestLogKeysTogether(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, _, err := EnsureLogKey(dir, "practice", logOrigin, now); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	r, err := LoadLogKeys(dir, "practice")
	if err != nil || len(r.Keys("")) != 1 {
		t.Errorf("%+v, %v", r.Keys(""), err)
	}
}

func TestLogKeysDamaged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, _, err := EnsureLogKey(dir, "practice", logOrigin, now); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(LogPath(dir, "practice"))
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		file []byte
		mode os.FileMode
		says string
	}{
		"torn":           {good[:len(good)/2], 0o600, "damaged"},
		"another theme":  {bytes.Replace(good, []byte("Theme: practice"), []byte("Theme: other"), 1), 0o600, "of theme"},
		"another log":    {bytes.Replace(good, []byte("practice/2026"), []byte("practice/2027"), 1), 0o600, "put together wrongly"},
		"no log":         {bytes.Replace(good, []byte(logOrigin), []byte("a b"), 1), 0o600, "name of a log"},
		"no date":        {bytes.Replace(good, []byte("Created: "), []byte("Created: x"), 1), 0o600, "creation date"},
		"text around":    {append([]byte("hello\n"), good...), 0o600, "damaged"},
		"another type":   {bytes.ReplaceAll(good, []byte("LOG KEY"), []byte("THEME KEY")), 0o600, "no log key"},
		"open to others": {good, 0o644, "chmod 600"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(LogPath(dir, "practice"), tc.file, tc.mode); err != nil {
				t.Fatal(err)
			}
			_, err := LoadLogKeys(dir, "practice")
			if zoeklicht.CodeOf(err) != zoeklicht.Unavailable || !strings.Contains(err.Error(), tc.says) || !strings.Contains(err.Error(), "backup") {
				t.Errorf("%v", err)
			}
			if _, err := RotateLogKey(dir, "practice", logOrigin, now, 0); err == nil {
				t.Error("a damaged file was replaced")
			}
		})
	}
	if _, _, err := EnsureLogKey(dir, "practice", "a+b", now); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("a name with a plus: %v", err)
	}
	if _, err := RotateLogKey(dir, "practice", "other", now, 0); zoeklicht.CodeOf(err) != zoeklicht.NotFound {
		t.Errorf("rotate what is not there: %v", err)
	}
}
