package witness_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/ledger"
	"zoeklicht/internal/ledger/witness"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const origin = "test.invalid/practice/2026"

var now = time.Date(2026, 11, 5, 10, 20, 30, 0, time.UTC)

// fake is a log in memory, by another implementation of the tree than the product's.
type fake struct {
	t      *testing.T
	signer note.Signer
	vkey   string
	stored []tlog.Hash
	size   int64
}

func newFake(t *testing.T) *fake {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	return &fake{t: t, signer: s, vkey: vkey}
}

// fork gives a log with the same key and none of the leaves.
func (f *fake) fork() *fake { return &fake{t: f.t, signer: f.signer, vkey: f.vkey} }

func (f *fake) hashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, n := range at {
		out[i] = f.stored[n]
	}
	return out, nil
}

func (f *fake) add(leaves ...string) *fake {
	for _, leaf := range leaves {
		h, err := tlog.StoredHashes(f.size, []byte(leaf), tlog.HashReaderFunc(f.hashes))
		if err != nil {
			f.t.Fatal(err)
		}
		f.stored, f.size = append(f.stored, h...), f.size+1
	}
	return f
}

func (f *fake) checkpoint(signers ...note.Signer) string {
	f.t.Helper()
	root, err := tlog.TreeHash(f.size, tlog.HashReaderFunc(f.hashes))
	if err != nil {
		f.t.Fatal(err)
	}
	if f.size == 0 {
		root, _ = tlog.ParseHash("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
	}
	if signers == nil {
		signers = []note.Signer{f.signer}
	}
	b, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", origin, f.size, root)}, signers...)
	if err != nil {
		f.t.Fatal(err)
	}
	return string(b)
}

// body makes a request with a proof from the old size.
func (f *fake) body(old int64) string {
	f.t.Helper()
	b := fmt.Sprintf("old %d\n", old)
	if old > 0 && old < f.size {
		p, err := tlog.ProveTree(f.size, old, tlog.HashReaderFunc(f.hashes))
		if err != nil {
			f.t.Fatal(err)
		}
		for _, h := range p {
			b += h.String() + "\n"
		}
	}
	return b + "\n" + f.checkpoint()
}

func start(t *testing.T, dir string, vkeys ...string) (*witness.Witness, *httptest.Server) {
	t.Helper()
	w, err := witness.Open(witness.Config{Dir: dir, Name: "witness.invalid/test", Logs: vkeys},
		func() time.Time { return now }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(w)
	t.Cleanup(func() {
		s.Close()
		w.Close()
	})
	return w, s
}

func post(t *testing.T, s *httptest.Server, body string) (int, string, string) {
	t.Helper()
	r, err := s.Client().Post(s.URL+"/some/where/add-checkpoint", "", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, r.Header.Get("Content-Type"), string(b)
}

// cosigned posts a checkpoint that must be cosigned, and verifies the cosignature.
func cosigned(t *testing.T, w *witness.Witness, s *httptest.Server, f *fake, old int64) {
	t.Helper()
	status, _, line := post(t, s, f.body(old))
	if status != http.StatusOK {
		t.Fatalf("size %d from %d: %d %s", f.size, old, status, line)
	}
	text := fmt.Sprintf("log %s\nwitness w %s\nquorum w\n", f.vkey, w.VKey())
	p, err := ledger.ParsePolicy([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Cosignatures([]byte(f.checkpoint() + line))
	if err != nil || len(got) != 1 || !got[0].At.Equal(now) || got[0].Key != "witness.invalid/test" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestProtocol goes through what C2SP tlog-witness says of each answer.
func TestProtocol(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	w, s := start(t, t.TempDir(), f.vkey)
	cosigned(t, w, s, f, 0) // the empty tree
	cosigned(t, w, s, f.add("a", "b", "c"), 0)
	cosigned(t, w, s, f.add("d", "e"), 3)
	cosigned(t, w, s, f, 5) // once more

	other := newFake(t).add("a", "b", "c", "d", "e")
	forked := f.fork().add("a", "b", "x", "d", "e")
	longer := f.fork().add("a", "b", "x", "d", "e", "f", "g")
	shorter := f.fork().add("a", "b", "c")
	honest := f.fork().add("a", "b", "c", "d", "e", "f")
	flipped := []byte(honest.body(5))
	if flipped[10]++; flipped[10] > 'Z' { // another letter of base64
		flipped[10] = 'A'
	}
	stranger, _, err := note.GenerateKey(rand.Reader, "elsewhere.invalid/log")
	if err != nil {
		t.Fatal(err)
	}
	else1, err := note.NewSigner(stranger)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		body   string
		status int
		kind   string
		says   string
	}{
		{"behind", honest.body(3), http.StatusConflict, "text/x.tlog.size", "5\n"},
		{"begun anew", honest.body(0), http.StatusConflict, "text/x.tlog.size", "5\n"},
		{"a smaller tree", shorter.body(3), http.StatusConflict, "text/x.tlog.size", "5\n"},
		{"another tree of the same size", forked.body(5), http.StatusConflict, "", "another tree"},
		{"another tree, larger", longer.body(5), http.StatusUnprocessableEntity, "", "not proven"},
		{"a damaged proof", string(flipped), http.StatusUnprocessableEntity, "", "not proven"},
		{"old beyond new", shorter.body(5), http.StatusBadRequest, "", "larger than"},
		{"another key", other.body(5), http.StatusForbidden, "", "signature"},
		{"unknown log", strings.ReplaceAll(honest.body(5), origin, "nobody.invalid/x"), http.StatusNotFound, "", "does not know"},
		{"signed by another name", "old 5\n\n" + honest.checkpoint(else1), http.StatusForbidden, "", "signature"},
		{"no proof", "old 5\n\n" + honest.checkpoint(), http.StatusUnprocessableEntity, "", "not proven"},
		{"proof of nothing", strings.Replace(honest.body(5), "\n\n", "\n"+strings.Repeat(strings.Repeat("A", 43)+"=\n", 60)+"\n", 1), http.StatusUnprocessableEntity, "", "not proven"},
		{"too many hashes", "old 5\n" + strings.Repeat(strings.Repeat("A", 43)+"=\n", 64) + "\n" + honest.checkpoint(), http.StatusBadRequest, "", "more than 63"},
		{"no hash", "old 5\nxyz\n\n" + honest.checkpoint(), http.StatusBadRequest, "", "no hash"},
		{"a leading zero", strings.Replace(honest.body(5), "old 5", "old 05", 1), http.StatusBadRequest, "", "old size"},
		{"a minus", strings.Replace(honest.body(5), "old 5", "old -5", 1), http.StatusBadRequest, "", "old size"},
		{"no checkpoint", "old 5\n", http.StatusBadRequest, "", "no checkpoint"},
		{"no signature", "old 5\n\n" + origin + "\n6\n", http.StatusBadRequest, "", "checkpoint"},
		{"too long", "old 5\n\n" + strings.Repeat("x", 1<<20), http.StatusBadRequest, "", "too long"},
	} {
		status, kind, says := post(t, s, tc.body)
		if status != tc.status || tc.kind != "" && kind != tc.kind || !strings.Contains(says, tc.says) {
			t.Errorf("%s: %d %q %q", tc.name, status, kind, says)
		}
	}
	cosigned(t, w, s, honest, 5) // nothing of all that was remembered
}

// TestRemembers restarts a witness, with a second key of the log, and without a name.
func TestRemembers(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	f := newFake(t).add("a", "b", "c")
	w, s := start(t, dir, f.vkey)
	vkey := w.VKey()
	cosigned(t, w, s, f, 0)
	if _, err := witness.Open(witness.Config{Dir: dir}, time.Now, slog.New(slog.DiscardHandler)); zoeklicht.CodeOf(err) != zoeklicht.Conflict {
		t.Errorf("a second process: %v", err)
	}
	s.Close()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	next := newFake(t)
	w, s = start(t, dir, next.vkey, f.vkey)
	if w.VKey() != vkey {
		t.Errorf("the key is %s, it was %s", w.VKey(), vkey)
	}
	if status, _, says := post(t, s, f.fork().add("x", "y", "z", "0").body(3)); status != http.StatusUnprocessableEntity {
		t.Errorf("a fork after a restart: %d %s", status, says)
	}
	next.add("a", "b", "c", "d") // the same leaves under the new key
	cosigned(t, w, s, next, 3)
	r, err := s.Client().Get(s.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if b, _ := io.ReadAll(r.Body); !strings.HasPrefix(string(b), vkey+"\n\n"+origin+"\n4\n") {
		t.Errorf("it shows\n%s", b)
	}
	s.Close()
	w.Close()
	if _, err := witness.Open(witness.Config{Dir: dir, Name: "another"}, time.Now, slog.New(slog.DiscardHandler)); zoeklicht.CodeOf(err) != zoeklicht.Conflict {
		t.Errorf("another name: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.checkpoint"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for i := range b {
		b[i] ^= 1
		if err := os.WriteFile(files[0], b, 0o600); err != nil {
			t.Fatal(err)
		}
		opened, err := witness.Open(witness.Config{Dir: dir, Logs: []string{f.vkey}}, time.Now, slog.New(slog.DiscardHandler))
		if err == nil {
			opened.Close()
		}
		signature := strings.Count(string(b[:i]), "— ") == 1 // of the log, which our own follows
		if err == nil && !signature || err != nil && zoeklicht.CodeOf(err) != zoeklicht.Unavailable {
			t.Errorf("with byte %d of its memory changed: %v", i, err)
		}
		b[i] ^= 1
	}
}

// TestCannotRemember: a cosignature that cannot be made durable is not given.
func TestCannotRemember(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	f := newFake(t).add("a")
	w, s := start(t, dir, f.vkey)
	cosigned(t, w, s, f, 0)
	away := dir + ".away"
	if err := os.Rename(dir, away); err != nil {
		t.Fatal(err)
	}
	f.add("b")
	if status, _, says := post(t, s, f.body(1)); status != http.StatusInternalServerError || strings.Contains(says, "—") {
		t.Errorf("%d %s", status, says)
	}
	if err := os.Rename(away, dir); err != nil {
		t.Fatal(err)
	}
	cosigned(t, w, s, f, 1) // what it did not cosign it does not count as cosigned
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a b", "a+b"} {
		if _, err := witness.Open(witness.Config{Dir: t.TempDir(), Name: name}, time.Now, slog.New(slog.DiscardHandler)); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
			t.Errorf("name %q: %v", name, err)
		}
	}
	dir := t.TempDir()
	if _, err := witness.Open(witness.Config{Dir: dir, Logs: []string{"x"}}, time.Now, slog.New(slog.DiscardHandler)); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("no key: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "witness.key")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a key was made for wrong use: %v", err)
	}
	w, err := witness.Open(witness.Config{Dir: dir}, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if host, err := os.Hostname(); err != nil || w.Name() != host {
		t.Errorf("called %s instead of %s, %v", w.Name(), host, err)
	}
	w.Close()
	if err := os.WriteFile(filepath.Join(dir, "witness.key"), []byte("PRIVATE+KEY+x+00000000+"+base64.StdEncoding.EncodeToString(make([]byte, 33))), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := witness.Open(witness.Config{Dir: dir}, time.Now, slog.New(slog.DiscardHandler)); zoeklicht.CodeOf(err) != zoeklicht.Unavailable {
		t.Errorf("damaged key: %v", err)
	}
}

// TestRace has two branches of a log ask at once, many times: never are both cosigned.
func TestRace(t *testing.T) {
	t.Parallel()
	f := newFake(t).add("a")
	w, s := start(t, t.TempDir(), f.vkey)
	cosigned(t, w, s, f, 0)
	left, right := f.fork().add("a"), f.fork().add("a")
	for i := range 20 {
		var got [2]int
		var wg sync.WaitGroup
		for k, b := range []string{left.add(fmt.Sprint("left ", i)).body(left.size - 1), right.add(fmt.Sprint("right ", i)).body(right.size - 1)} {
			wg.Go(func() {
				r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, s.URL+"/add-checkpoint", strings.NewReader(b))
				if err != nil {
					t.Error(err)
					return
				}
				resp, err := s.Client().Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				resp.Body.Close()
				got[k] = resp.StatusCode
			})
		}
		wg.Wait()
		if (got[0] == http.StatusOK) == (got[1] == http.StatusOK) {
			t.Fatalf("round %d: %v", i, got)
		}
		if got[0] == http.StatusOK {
			right = copyOf(left)
		} else {
			left = copyOf(right)
		}
	}
}

func copyOf(f *fake) *fake {
	c := *f
	c.stored = append([]tlog.Hash(nil), f.stored...)
	return &c
}

// FuzzAddCheckpoint: whatever is asked, what is cosigned is signed by the log.
func FuzzAddCheckpoint(f *testing.F) {
	skey, vkey, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		f.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		f.Fatal(err)
	}
	good, err := note.Sign(&note.Note{Text: origin + "\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"}, signer)
	if err != nil {
		f.Fatal(err)
	}
	known, err := note.NewVerifier(vkey)
	if err != nil {
		f.Fatal(err)
	}
	w, err := witness.Open(witness.Config{Dir: f.TempDir(), Name: "w.invalid", Logs: []string{vkey}}, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append([]byte("old 0\n\n"), good...))
	f.Add([]byte("old 0\n\n" + origin + "\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— " + origin + " AAAAAAAA\n"))
	f.Add([]byte("old 3\n" + strings.Repeat("A", 43) + "=\n\n" + origin + "\n5\n" + strings.Repeat("A", 43) + "=\n\n— x AAAAAAA=\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRecorder()
		w.ServeHTTP(r, httptest.NewRequest(http.MethodPost, "/add-checkpoint", bytes.NewReader(body)))
		if r.Code != http.StatusOK {
			return
		}
		_, signed, _ := bytes.Cut(body, []byte("\n\n"))
		if _, err := note.Open(signed, note.VerifierList(known)); err != nil {
			t.Errorf("%q was cosigned: %v", body, err)
		}
	})
}
