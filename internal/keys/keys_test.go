package keys

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"zoeklicht"

	"github.com/google/go-cmp/cmp"
)

var now = time.Date(2026, 11, 5, 10, 20, 30, 999, time.FixedZone("", 3600))

func ring(t testing.TB, theme zoeklicht.ThemeName) *Ring {
	t.Helper()
	r, err := NewRing(theme, now)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func marshal(t testing.TB, r *Ring) []byte {
	t.Helper()
	b, err := r.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// describe gives what can be told of a ring without its private halves.
func describe(r *Ring) (s []string) {
	for _, k := range r.Keys() {
		s = append(s, fmt.Sprint(k.Theme(), k.ID(), k.Created()))
	}
	return s
}

func TestFile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	made, err := Create(dir, "practice", now)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Load(dir, "practice")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(describe(made), describe(got)); d != "" {
		t.Error(d)
	}
	if c := got.Public().Created(); !c.Equal(now.Truncate(time.Second)) || c.Location() != time.UTC {
		t.Errorf("created %v", c)
	}
	info, err := os.Stat(Path(dir, "practice"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder's mode %v, %v", info.Mode(), err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}

	before, _ := os.ReadFile(Path(dir, "practice"))
	if _, err := Create(dir, "practice", now); zoeklicht.CodeOf(err) != zoeklicht.Conflict {
		t.Errorf("made again: %v", err)
	}
	if after, _ := os.ReadFile(Path(dir, "practice")); !bytes.Equal(before, after) {
		t.Error("the key file was touched")
	}
}

// TestCreateTogether: of many processes that make the same key, one does.
func TestCreateTogether(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rings := make([]*Ring, 8)
	var wg sync.WaitGroup
	for i := range rings {
		wg.Go(func() {
			r, err := Create(dir, "practice", now)
			if err != nil && zoeklicht.CodeOf(err) != zoeklicht.Conflict {
				t.Error(err)
			}
			rings[i] = r
		})
	}
	wg.Wait()
	stored, err := Load(dir, "practice")
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	for _, r := range rings {
		if r != nil {
			made++
			if r.Public().ID() != stored.Public().ID() {
				t.Error("a key was handed out that is not the stored one")
			}
		}
	}
	if made != 1 {
		t.Errorf("%d keys were made", made)
	}
}

func TestLoadErrors(t *testing.T) {
	t.Parallel()
	good, other := marshal(t, ring(t, "practice")), marshal(t, ring(t, "other"))
	line := func(name, value string) []byte {
		var out []string
		for l := range strings.SplitSeq(string(good), "\n") {
			if strings.HasPrefix(l, name) {
				l = name + value
			}
			out = append(out, l)
		}
		return []byte(strings.Join(out, "\n"))
	}
	for _, tc := range []struct {
		name  string
		file  []byte // nil for none
		mode  os.FileMode
		wants []string
	}{
		{"missing", nil, 0, []string{"key file of theme practice is missing", "nothing was changed", "put back practice.key"}},
		{"empty", []byte{}, 0o600, []string{"damaged", "no key in it", "put back"}},
		{"torn", good[:len(good)/2], 0o600, []string{"damaged"}},
		{"text before", append([]byte("hello\n"), good...), 0o600, []string{"damaged", "does not begin with"}},
		{"text after", append(bytes.Clone(good), "hello\n"...), 0o600, []string{"key 2", "does not begin with"}},
		{"damaged, then whole", append(bytes.Replace(good, []byte("Suite"), []byte("-----"), 1), good...), 0o600, []string{"damaged"}},
		{"another theme's", other, 0o600, []string{"holds the key of theme other"}},
		{"two themes'", append(bytes.Clone(good), other...), 0o600, []string{"key 2 is of theme other"}},
		{"another key's id", line("Key-Id: ", "0011223344556677"), 0o600, []string{"says it is key", "damaged"}},
		{"no date", line("Created: ", "yesterday"), 0o600, []string{"creation date"}},
		{"later suite", line("Suite: ", "something else"), 0o600, []string{"suite"}},
		{"theme that is a path", line("Theme: ", "../x"), 0o600, []string{"not the name of a theme"}},
		{"open to others", good, 0o640, []string{"read by others", "0640", "chmod 600"}},
		{"huge", make([]byte, maxFile+1), 0o600, []string{"not a key file"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if tc.file != nil {
				if err := os.WriteFile(Path(dir, "practice"), tc.file, tc.mode); err != nil {
					t.Fatal(err)
				}
			}
			_, err := Load(dir, "practice")
			if zoeklicht.CodeOf(err) != zoeklicht.Unavailable {
				t.Fatalf("code %q of %v", zoeklicht.CodeOf(err), err)
			}
			for _, want := range tc.wants {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
		})
	}
	for _, bad := range []zoeklicht.ThemeName{"", "..", "a/b", "A", zoeklicht.ThemeName(strings.Repeat("a", 33))} {
		if _, err := Load(t.TempDir(), bad); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
			t.Errorf("load %q: %v", bad, err)
		}
		if _, err := Create(t.TempDir(), bad, now); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
			t.Errorf("create %q: %v", bad, err)
		}
	}
}

func TestSeal(t *testing.T) {
	t.Parallel()
	r := ring(t, "practice")
	pub, err := ParsePublic(r.Public().Marshal()) // as the collect process gets it
	if err != nil {
		t.Fatal(err)
	}
	s, header, err := NewSealer(pub, "vault/00000001")
	if err != nil {
		t.Fatal(err)
	}
	if len(header) > MaxHeader {
		t.Errorf("header of %d bytes", len(header))
	}
	again, err := ParseRing(marshal(t, r)) // as the analyse process gets it
	if err != nil {
		t.Fatal(err)
	}
	o, err := again.Opener(header, "vault/00000001")
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 1, 100, 70_000} {
		plain := bytes.Repeat([]byte("x"), size)
		sealed, wrapped, err := s.Seal([]byte("before"), plain, []byte("aad"))
		if err != nil {
			t.Fatal(err)
		}
		sealed, ok := bytes.CutPrefix(sealed, []byte("before"))
		if !ok || len(sealed) != size+Overhead || len(wrapped) != WrappedSize {
			t.Errorf("%d bytes: sealed %d, wrapped %d", size, len(sealed), len(wrapped))
		}
		got, err := o.Open(sealed, wrapped, []byte("aad"))
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	one, w1, _ := s.Seal(nil, []byte("same"), nil)
	two, w2, _ := s.Seal(nil, []byte("same"), nil)
	if bytes.Equal(one, two) || bytes.Equal(w1, w2) {
		t.Error("two seals of one text are equal")
	}
}

// TestEveryBit flips each bit of a header, a sealed item, its wrapped key and
// its associated data, and wants each one noticed.
func TestEveryBit(t *testing.T) {
	t.Parallel()
	r := ring(t, "practice")
	s, header, err := NewSealer(r.Public(), "vault/00000001")
	if err != nil {
		t.Fatal(err)
	}
	aad := []byte("practice/vault/1/id/page")
	sealed, wrapped, err := s.Seal(nil, []byte("Relaxing massage by appointment"), aad)
	if err != nil {
		t.Fatal(err)
	}
	o, err := r.Opener(header, "vault/00000001")
	if err != nil {
		t.Fatal(err)
	}
	flip := func(b []byte, try func() error, wantAuth bool, what string) {
		for i := range len(b) * 8 {
			b[i/8] ^= 1 << (i % 8)
			err := try()
			if err == nil || wantAuth && !errors.Is(err, ErrAuth) {
				t.Errorf("%s, bit %d: %v", what, i, err)
			}
			b[i/8] ^= 1 << (i % 8)
		}
	}
	open := func() error { _, err := o.Open(sealed, wrapped, aad); return err }
	flip(sealed, open, true, "sealed")
	flip(wrapped, open, true, "wrapped")
	flip(aad, open, true, "associated data")
	reopen := func() error { _, err := r.Opener(header, "vault/00000001"); return err }
	flip(header, reopen, false, "header")
	if err := errors.Join(open(), reopen()); err != nil {
		t.Errorf("after all flips were undone: %v", err)
	}
	for _, n := range []int{0, 1, 12, WrappedSize - 1} {
		if _, err := o.Open(sealed, wrapped[:n], aad); !errors.Is(err, ErrAuth) {
			t.Errorf("wrapped key of %d bytes: %v", n, err)
		}
	}
}

func TestWrongKeys(t *testing.T) {
	t.Parallel()
	r := ring(t, "practice")
	s, header, err := NewSealer(r.Public(), "vault/00000001")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Opener(header, "working/00000001"); !errors.Is(err, ErrAuth) {
		t.Errorf("another label: %v", err)
	}
	_, err = ring(t, "practice").Opener(header, "vault/00000001")
	if zoeklicht.CodeOf(err) != zoeklicht.Unavailable || !strings.Contains(err.Error(), r.Public().ID().String()) {
		t.Errorf("another ring: %v", err)
	}
	_, other, err := NewSealer(r.Public(), "vault/00000001")
	if err != nil {
		t.Fatal(err)
	}
	o, err := r.Opener(other, "vault/00000001")
	if err != nil {
		t.Fatal(err)
	}
	sealed, wrapped, err := s.Seal(nil, []byte("text"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Open(sealed, wrapped, nil); !errors.Is(err, ErrAuth) {
		t.Errorf("another segment's key: %v", err)
	}
}

// TestRotated: a ring of two keys seals with the newest and opens with both.
func TestRotated(t *testing.T) {
	t.Parallel()
	first, second := ring(t, "practice"), ring(t, "practice")
	_, old, err := NewSealer(first.Public(), "vault/00000001")
	if err != nil {
		t.Fatal(err)
	}
	both, err := ParseRing(append(marshal(t, first), marshal(t, second)...))
	if err != nil {
		t.Fatal(err)
	}
	if len(both.Keys()) != 2 || both.Public().ID() != second.Public().ID() {
		t.Errorf("seals with %v of %v", both.Public().ID(), both.Keys())
	}
	_, fresh, err := NewSealer(both.Public(), "vault/00000002")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := both.Opener(old, "vault/00000001"); err != nil {
		t.Errorf("sealed before: %v", err)
	}
	if _, err := both.Opener(fresh, "vault/00000002"); err != nil {
		t.Errorf("sealed after: %v", err)
	}
	if _, err := first.Opener(fresh, "vault/00000002"); err == nil {
		t.Error("the old key opens what the new one sealed")
	}
}

func TestParsePublicErrors(t *testing.T) {
	t.Parallel()
	r := ring(t, "practice")
	good := r.Public().Marshal()
	for name, b := range map[string][]byte{
		"nothing": nil, "private": marshal(t, r), "two": append(bytes.Clone(good), good...),
		"flipped": bytes.Replace(good, good[400:410], []byte("AAAAAAAAAA"), 1),
	} {
		if _, err := ParsePublic(b); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if bytes.Contains(good, []byte(blockPrivate)) {
		t.Error("the public key looks like a private one")
	}
}

func FuzzParseRing(f *testing.F) {
	one := marshal(f, ring(f, "practice"))
	f.Add(one)
	f.Add(append(bytes.Clone(one), marshal(f, ring(f, "practice"))...))
	f.Add([]byte("-----BEGIN ZOEKLICHT THEME KEY-----\nTheme: a\n\nAAAA\n-----END ZOEKLICHT THEME KEY-----\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ParseRing(b)
		if err != nil {
			return
		}
		again, err := ParseRing(marshal(t, r))
		if err != nil {
			t.Fatalf("read, written and not read again: %v", err)
		}
		if d := cmp.Diff(describe(r), describe(again)); d != "" {
			t.Error(d)
		}
	})
}

func FuzzOpener(f *testing.F) {
	r := ring(f, "practice")
	_, header, err := NewSealer(r.Public(), "vault/00000001")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(header)
	f.Add(header[:headerFixed])
	f.Add([]byte(headerMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := r.Opener(b, "vault/00000001"); err == nil && !bytes.Equal(b, header) {
			t.Error("opened a header that nobody sealed")
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	r := ring(b, "practice")
	s, header, err := NewSealer(r.Public(), "vault/00000001")
	if err != nil {
		b.Fatal(err)
	}
	for _, size := range []int{1 << 10, 64 << 10, 1 << 20} {
		plain, dst := make([]byte, size), make([]byte, 0, size+Overhead)
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := s.Seal(dst, plain, []byte("aad")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("NewSealer", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := NewSealer(r.Public(), "vault/00000001"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Opener", func(b *testing.B) {
		for b.Loop() {
			if _, err := r.Opener(header, "vault/00000001"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
