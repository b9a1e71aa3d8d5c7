package ledger_test

import (
	"bufio"
	"bytes"
	"context"
	crand "crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"zoeklicht/internal/ledger"

	"golang.org/x/mod/sumdb/note"
)

// childVar tells a process of this test binary that it is to be killed:
// "<key>\n<folder>\n<policy>".
const childVar = "ZOEKLICHT_TEST_LEDGER_CHILD"

func TestMain(m *testing.M) {
	if given, ok := os.LookupEnv(childVar); ok {
		if err := child(given); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child appends from several goroutines until it is killed, and prints the index of
// each leaf once Append has given it.
func child(given string) error {
	skey, rest, _ := strings.Cut(given, "\n")
	dir, policy, _ := strings.Cut(rest, "\n")
	signer, err := note.NewSigner(skey)
	if err != nil {
		return err
	}
	cfg := ledger.Config{Dir: dir, Origin: origin, Policy: []byte(policy), Interval: 100 * time.Millisecond, BatchAge: time.Millisecond}
	l, err := ledger.Open(context.Background(), cfg, []note.Signer{signer}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	failed := make(chan error)
	var mu sync.Mutex
	for who := range 8 {
		go func() {
			for i := 0; ; i += 3 {
				var all [][]byte
				for k := range 1 + rand.IntN(40) {
					all = append(all, fmt.Appendf(nil, "leaf %d.%d.%d.%d", os.Getpid(), who, i, k))
				}
				at, err := l.Append(context.Background(), all)
				if err != nil {
					failed <- err
					return
				}
				var b bytes.Buffer
				for i := range at {
					fmt.Fprintf(&b, "%d %s\n", at[i], all[i])
				}
				mu.Lock()
				_, err = os.Stdout.Write(b.Bytes())
				mu.Unlock()
				if err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	return <-failed
}

// TestKilled kills processes in the middle of their appends, many times: no leaf whose
// index was given is lost or moved, the log stays whole, and it always continues what
// its witness, who is not killed, cosigned last.
func TestKilled(t *testing.T) {
	t.Parallel()
	rounds := 60
	if testing.Short() {
		rounds = 8
	}
	skey, vkey, err := note.GenerateKey(crand.Reader, origin)
	if err != nil {
		t.Fatal(err)
	}
	w := newPost(t, "one.invalid", vkey)
	policy := w.line("w") + "quorum w\n"
	dir := t.TempDir()
	given := map[string]string{} // index → leaf
	for range rounds {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childVar+"="+skey+"\n"+dir+"\n"+policy)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		enough := rand.IntN(1200)
		lines := bufio.NewReader(out)
		for n := 0; ; n++ {
			if n == enough {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			line, err := lines.ReadString('\n')
			if err == io.EOF {
				break // what was torn was not given
			} else if err != nil {
				t.Fatal(err)
			}
			at, leaf, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
			if was, ok := given[at]; ok {
				t.Fatalf("index %s was given to %q, and now to %q", at, was, leaf)
			}
			given[at] = leaf
		}
		if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
			t.Fatalf("it ended by itself: %v", err)
		}
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	asked := w.hits.Load()
	l := open(t, ledger.Config{Dir: dir, Policy: []byte(policy)}, signer)
	at, err := l.Append(t.Context(), leaves(0, 1))
	if err != nil {
		t.Fatal(err)
	}
	c := published(t, l, at[0]+1)
	if c.Size != at[0]+1 || int64(len(given)) > at[0] {
		t.Errorf("%d leaves, %d given", c.Size, len(given))
	}
	t.Logf("%d rounds, %d leaves given, %d in the log, the witness was asked %d times", rounds, len(given), at[0], asked)
	r := ledger.NewReader(dir)
	if err := r.Check(t.Context(), c, nil); err != nil {
		t.Error(err)
	}
	for at, want := range given {
		var i int64
		if _, err := fmt.Sscan(at, &i); err != nil {
			t.Fatal(err)
		}
		if leaf, err := r.Leaf(t.Context(), i); err != nil || string(leaf) != want {
			t.Fatalf("leaf %d is %q instead of %q: %v", i, leaf, want, err)
		}
	}
}
