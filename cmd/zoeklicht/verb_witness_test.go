package main

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"zoeklicht/internal/keys"
	"zoeklicht/internal/ledger"

	"golang.org/x/mod/sumdb/note"
)

const witnessedOrigin = "test.invalid/practice/2026"

// ownWitness starts the verb as a process of its own, and gives what it prints.
func ownWitness(t *testing.T, args ...string) (cmd *exec.Cmd, told struct {
	URL    string
	Policy []string
},
) {
	t.Helper()
	cmd = exec.Command(os.Args[0], append([]string{"witness", "--json"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(line, &told); err != nil {
		t.Fatal(err)
	}
	return cmd, told
}

// watched opens a log that the witness watches, and appends until it is published or, as
// a fork, refused.
func watched(t *testing.T, dir string, policy []string, signer note.Signer, leaves ...string) (*ledger.Checkpoint, error) {
	t.Helper()
	cfg := ledger.Config{Dir: dir, Origin: witnessedOrigin, Policy: []byte(strings.Join(policy, "\n") + "\n"), Interval: 100 * time.Millisecond}
	l, err := ledger.Open(t.Context(), cfg, []note.Signer{signer}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer l.Close(t.Context())
	var all [][]byte
	for _, leaf := range leaves {
		all = append(all, []byte(leaf))
	}
	at, err := l.Append(t.Context(), all)
	if err != nil {
		return nil, err
	}
	for tick := time.NewTicker(20 * time.Millisecond); ; <-tick.C {
		s, err := l.State(t.Context())
		if err != nil {
			return nil, err
		}
		if s.Published > at[len(at)-1] {
			return l.Published(t.Context())
		}
		if s.Witnesses[0].Reason.Refusal() {
			return nil, fmt.Errorf("refused: %s", s.Witnesses[0].Trouble)
		}
	}
}

// TestWitness has a witness in a process of its own watch a log, kills it, starts it
// again, and offers it a log that was built anew.
func TestWitness(t *testing.T) {
	t.Parallel()
	skey, vkey, err := note.GenerateKey(rand.Reader, witnessedOrigin)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	state, dir := filepath.Join(t.TempDir(), "state"), t.TempDir()
	cmd, told := ownWitness(t, "--addr", "127.0.0.1:0", "--state", state, "--name", "witness.invalid/one", "--log", vkey)
	text, err := ledger.Deposit([]ledger.LogKey{{VKey: vkey}}, []byte(strings.Join(told.Policy, "\n")+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	policy, err := ledger.ParsePolicy(text)
	if err != nil {
		t.Fatal(err)
	}
	c, err := watched(t, dir, told.Policy, signer, "a", "b", "c")
	if err != nil {
		t.Fatal(err)
	}
	if _, who, err := policy.Verify(c.Note); err != nil || len(who) != 1 || who[0] != "witness.invalid" {
		t.Errorf("cosigned by %v, %v", who, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	addr := strings.TrimSuffix(strings.TrimPrefix(told.URL, "http://"), "/")
	cmd, again := ownWitness(t, "--addr", addr, "--state", state, "--log", vkey)
	if fmt.Sprint(again) != fmt.Sprint(told) {
		t.Errorf("started again it says %v instead of %v", again, told)
	}
	if _, err := watched(t, t.TempDir(), told.Policy, signer, "a", "x", "c", "d"); err == nil || !strings.Contains(err.Error(), "does not continue") {
		t.Errorf("a log with one leaf replaced: %v", err)
	}
	if c, err := watched(t, dir, told.Policy, signer, "d"); err != nil || c.Size != 4 {
		t.Errorf("the log itself: %v, %v", c, err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

// TestKeys lists, rotates and deposits.
func TestKeys(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	dir := filepath.Join(data, "keys")
	if _, err := keys.Create(dir, "practice", time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.LoadSigning(dir, "Practice police unit", time.Now()); err != nil {
		t.Fatal(err)
	}
	do := func(args string, code int) string {
		t.Helper()
		var stdout, stderr strings.Builder
		if got := run(t.Context(), append(strings.Fields(args), "--data", data), nil, &stdout, &stderr); got != code {
			t.Fatalf("%s: exit %d, %s", args, got, stderr.String())
		}
		return stdout.String() + stderr.String()
	}
	if n := strings.Count(do("keys list --theme practice --json", exitDone), "\n"); n != 2 {
		t.Errorf("%d keys instead of this year's and next year's", n)
	}
	before := do("keys policy --theme practice", exitDone)
	if said := do("keys rotate --theme practice --overlap 24h", exitDone); !strings.Contains(said, "has a new key") || !strings.Contains(said, "signs beside it until") {
		t.Error(said)
	}
	if said := do("keys rotate --theme practice --compromised", exitDone); strings.Contains(said, "signs beside it") {
		t.Error(said)
	}
	after := do("keys policy --theme practice", exitDone)
	if n := strings.Count(after, "\nlog "); n != 4 || strings.Count(before, "\nlog ") != 2 || !strings.Contains(after, "# organisation") {
		t.Errorf("%d keys in\n%s", n, after)
	}
	table := do("keys list --theme practice", exitDone)
	if strings.Count(table, " no ") != 2 || strings.Count(table, " yes ") != 2 {
		t.Error(table)
	}
	for args, says := range map[string]string{
		"keys":      "one of list, policy, rotate, signing, request",
		"keys list": "--theme is needed",
		"keys rotate --theme practice --overlap -1h":              "--overlap is a time",
		"keys rotate --theme practice --overlap 1h --compromised": "--overlap is a time",
	} {
		if said := do(args, exitUsage); !strings.Contains(said, says) {
			t.Errorf("%s: %s", args, said)
		}
	}
	for args, says := range map[string]string{
		"keys list --theme other":                  "no theme",
		"keys rotate --theme practice --year 2020": "no key of the log",
	} {
		if said := do(args, exitFailed); !strings.Contains(said, says) {
			t.Errorf("%s: %s", args, said)
		}
	}
}
