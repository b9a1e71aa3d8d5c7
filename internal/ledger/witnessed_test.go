package ledger_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/ledger"
	"zoeklicht/internal/ledger/witness"

	"golang.org/x/mod/sumdb/note"
)

// post is a witness on loopback that can be down.
type post struct {
	*witness.Witness
	url  string
	down atomic.Bool
	hits atomic.Int64
}

func newPost(t testing.TB, name string, vkeys ...string) *post {
	t.Helper()
	w, err := witness.Open(witness.Config{Dir: t.TempDir(), Name: name, Logs: vkeys}, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	p := &post{Witness: w}
	s := httptest.NewServer(http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		p.hits.Add(1)
		if p.down.Load() {
			panic(http.ErrAbortHandler)
		}
		w.ServeHTTP(to, r)
	}))
	p.url = s.URL
	t.Cleanup(func() {
		s.Close()
		w.Close()
	})
	return p
}

// asks waits until the witness was asked once more.
func (p *post) asks(t *testing.T) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for before := p.hits.Load(); p.hits.Load() == before; <-tick.C {
	}
}

func (p *post) line(name string) string {
	return fmt.Sprintf("witness %s %s %s/\n", name, p.VKey(), p.url)
}

// ask puts a request to a witness.
func ask(t testing.TB, p *post, body string) (int, string) {
	t.Helper()
	r, err := http.Post(p.url+"/add-checkpoint", "", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

func deposit(t testing.TB, witnesses string, vkeys ...string) *ledger.Policy {
	t.Helper()
	var logs []ledger.LogKey
	for _, k := range vkeys {
		logs = append(logs, ledger.LogKey{VKey: k, From: time.Unix(0, 0)})
	}
	text, err := ledger.Deposit(logs, []byte(witnesses))
	if err != nil {
		t.Fatal(err)
	}
	p, err := ledger.ParsePolicy(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestWitnessDown begins a log while one of two witnesses is down, and takes the other
// away later: appending goes on, publication waits, and catches up.
func TestWitnessDown(t *testing.T) {
	t.Parallel()
	signer, vkey := key(t, origin)
	one, two := newPost(t, "one.invalid", vkey), newPost(t, "two.invalid", vkey)
	one.down.Store(true)
	two.down.Store(true)
	text := one.line("one") + two.line("two") + "group both all one two\nquorum both\n"
	l := open(t, ledger.Config{Dir: t.TempDir(), Policy: []byte(text)}, signer)
	if _, err := l.Append(t.Context(), leaves(0, 10)); err != nil {
		t.Fatal(err)
	}
	two.down.Store(false)
	one.asks(t)
	one.asks(t) // what the first asked for is over
	if c, err := l.Published(t.Context()); c != nil || err != nil {
		t.Fatalf("published with one of two witnesses: %v, %v", c, err)
	}
	s, err := l.State(t.Context())
	if err != nil || s.Size != 10 || s.Published != 0 || s.Witnesses[0].Trouble == "" || s.Witnesses[0].Reason.Refusal() || s.Witnesses[1].Trouble != "" {
		t.Errorf("%+v, %v", s, err)
	}
	one.down.Store(false)
	c := published(t, l, 10)
	policy := deposit(t, text, vkey)
	if _, who, err := policy.Verify(c.Note); err != nil || len(who) != 2 {
		t.Errorf("cosigned by %v, %v", who, err)
	}
	// Both go; nothing is lost meanwhile.
	one.down.Store(true)
	two.down.Store(true)
	if at, err := l.Append(t.Context(), leaves(10, 300)); err != nil || at[299] != 309 {
		t.Fatal(at, err)
	}
	two.asks(t)
	two.asks(t)
	if c, err := l.Published(t.Context()); err != nil || c.Size != 10 {
		t.Fatalf("published %v, %v", c, err)
	}
	one.down.Store(false)
	two.down.Store(false)
	c = published(t, l, 310)
	if _, _, err := policy.Verify(c.Note); err != nil {
		t.Error(err)
	}
	if s, err := l.State(t.Context()); err != nil || s.Published != 310 || s.Witnesses[0].Trouble != "" {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestRebuilt builds a log anew with the same key and one leaf replaced: it can be
// appended to, and its witness sees to it that it is never published.
func TestRebuilt(t *testing.T) {
	t.Parallel()
	signer, vkey := key(t, origin)
	w := newPost(t, "one.invalid", vkey)
	text := []byte(w.line("w") + "quorum w\n")
	l := open(t, ledger.Config{Dir: t.TempDir(), Policy: text}, signer)
	if _, err := l.Append(t.Context(), leaves(0, 300)); err != nil {
		t.Fatal(err)
	}
	published(t, l, 300)

	forged := leaves(0, 300)
	forged[42] = []byte("leaf 42, altered")
	for name, all := range map[string][][]byte{
		"one leaf replaced":     forged,
		"and longer":            append(forged[:300:300], leaves(300, 50)...),
		"one leaf left out":     append(leaves(0, 42), leaves(43, 257)...),
		"left out, and as long": append(leaves(0, 42), leaves(43, 258)...),
		"the order changed":     append(leaves(1, 1), append(leaves(0, 1), leaves(2, 298)...)...),
		"restored from before":  leaves(0, 200),
		"restored, and gone on": append(leaves(0, 200), leaves(1000, 200)...),
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t, ledger.Config{Dir: t.TempDir(), Policy: text}, signer)
			if _, err := f.Append(t.Context(), all); err != nil {
				t.Fatal(err)
			}
			w.asks(t)
			w.asks(t)
			w.asks(t)
			if c, err := f.Published(t.Context()); c != nil || err != nil {
				t.Fatalf("published: %v, %v", c, err)
			}
			if s, err := f.State(t.Context()); err != nil || !s.Witnesses[0].Reason.Refusal() {
				t.Errorf("%+v, %v", s, err)
			}
		})
	}
	if _, err := l.Append(t.Context(), leaves(300, 1)); err != nil {
		t.Fatal(err)
	}
	published(t, l, 301) // the honest one goes on
}

// TestStrangers asks witnesses that are not what the policy says, or do not know the
// log: each is named with its reason, and nothing is published.
func TestStrangers(t *testing.T) {
	t.Parallel()
	signer, vkey := key(t, origin)
	_, other := key(t, origin)
	known, twin := newPost(t, "one.invalid", vkey), newPost(t, "one.invalid", vkey)
	for says, line := range map[string]string{
		"the key that the policy names":    fmt.Sprintf("witness w %s %s/\n", twin.VKey(), known.url),
		"does not know a log by this name": newPost(t, "two.invalid").line("w"),
		"does not know the log's key":      newPost(t, "three.invalid", other).line("w"),
		"it answered 503":                  "", // see below
		"connection refused":               fmt.Sprintf("witness w %s http://127.0.0.1:1/\n", twin.VKey()),
	} {
		if line == "" {
			s := httptest.NewServer(http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) { http.Error(to, "busy", http.StatusServiceUnavailable) }))
			defer s.Close()
			line = fmt.Sprintf("witness w %s %s/\n", twin.VKey(), s.URL)
		}
		l := open(t, ledger.Config{Dir: t.TempDir(), Policy: []byte(line + "quorum w\n")}, signer)
		if _, err := l.Append(t.Context(), leaves(0, 3)); err != nil {
			t.Fatal(err)
		}
		tick := time.NewTicker(10 * time.Millisecond)
		for {
			s, err := l.State(t.Context())
			if err != nil || s.Published != 0 {
				t.Fatalf("%+v, %v", s, err)
			}
			if w := s.Witnesses[0]; w.Trouble != "" {
				refused := !strings.Contains(says, "answered") && !strings.Contains(says, "refused")
				if !strings.Contains(w.Trouble, says) || w.Reason.Refusal() != refused || w.Name != "w" {
					t.Errorf("%+v instead of %q", w, says)
				}
				break
			}
			<-tick.C
		}
		tick.Stop()
	}
}

// TestRestored goes on with a log that was restored from before its last checkpoint: not
// under its name, which its witness guards, but under another.
func TestRestored(t *testing.T) {
	t.Parallel()
	const second = origin + "-restored"
	signer, vkey := key(t, origin)
	again, nextKey := key(t, second)
	w := newPost(t, "one.invalid", vkey, nextKey)
	text := w.line("w") + "quorum w\n"
	dir, lost := t.TempDir(), t.TempDir()
	l := open(t, ledger.Config{Dir: dir, Policy: []byte(text)}, signer)
	if _, err := l.Append(t.Context(), leaves(0, 300)); err != nil {
		t.Fatal(err)
	}
	before := published(t, l, 300)
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(lost, os.DirFS(dir)); err != nil { // the backup stays as it is
		t.Fatal(err)
	}
	l = open(t, ledger.Config{Dir: lost, Policy: []byte(text)}, signer)
	if _, err := l.Append(t.Context(), leaves(300, 50)); err != nil {
		t.Fatal(err)
	}
	published(t, l, 350)

	l = open(t, ledger.Config{Dir: dir, Origin: second, Policy: []byte(text)}, again)
	if c, err := l.Published(t.Context()); c != nil || err != nil {
		t.Errorf("published under the new name: %v, %v", c, err)
	}
	if at, err := l.Append(t.Context(), leaves(1000, 1)); err != nil || at[0] != 300 {
		t.Fatal(at, err)
	}
	after := published(t, l, 301)
	policy, r := deposit(t, text, vkey, nextKey), ledger.NewReader(dir)
	for _, c := range []*ledger.Checkpoint{before, after} {
		hashes, err := r.Prove(t.Context(), 42, c)
		if err != nil {
			t.Fatal(err)
		}
		if err := ledger.Included(&zoeklicht.Proof{Leaf: leaves(42, 1)[0], Index: 42, Inclusion: hashes, Checkpoint: c.Note}); err != nil {
			t.Error(err)
		}
		if _, who, err := policy.Verify(c.Note); err != nil || len(who) != 1 {
			t.Errorf("%s: cosigned by %v, %v", c.Origin, who, err)
		}
	}
}

// TestRotation changes the log's key with overlap: checkpoints of before, during and
// after verify against the deposited policy, and their proofs hold.
func TestRotation(t *testing.T) {
	t.Parallel()
	older, oldKey := key(t, origin)
	newer, newKey := key(t, origin)
	w := newPost(t, "one.invalid", oldKey, newKey)
	text := w.line("w") + "quorum w\n"
	dir := t.TempDir()
	var notes []*ledger.Checkpoint
	for i, signers := range [][]note.Signer{{older}, {newer, older}, {newer}} {
		l, err := ledger.Open(t.Context(), ledger.Config{Dir: dir, Origin: origin, Policy: []byte(text), Interval: 100 * time.Millisecond}, signers, nil, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Append(t.Context(), leaves(100*i, 100)); err != nil {
			t.Fatal(err)
		}
		notes = append(notes, published(t, l, int64(100*(i+1))))
		if err := l.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	both, first, second := deposit(t, text, oldKey, newKey), deposit(t, text, oldKey), deposit(t, text, newKey)
	r := ledger.NewReader(dir)
	for i, c := range notes {
		if _, _, err := both.Verify(c.Note); err != nil {
			t.Errorf("checkpoint %d by the deposited policy: %v", i, err)
		}
		for name, p := range map[string]*ledger.Policy{"old": first, "new": second} {
			_, _, err := p.Verify(c.Note)
			if want := i == 1 || (i == 0) == (name == "old"); (err == nil) != want {
				t.Errorf("checkpoint %d by the %s key alone: %v", i, name, err)
			}
		}
		hashes, err := r.Prove(t.Context(), 7, c)
		if err != nil {
			t.Fatal(err)
		}
		if err := ledger.Included(&zoeklicht.Proof{Leaf: leaves(7, 1)[0], Index: 7, Inclusion: hashes, Checkpoint: c.Note}); err != nil {
			t.Error(err)
		}
		if err := r.Continues(t.Context(), notes[0], c); err != nil {
			t.Error(err)
		}
	}
}
