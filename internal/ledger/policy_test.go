package ledger_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/ledger"
	"zoeklicht/internal/ledger/witness"

	"github.com/google/go-cmp/cmp"
	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

var update = flag.Bool("update", false, "write golden files anew")

// vkeys makes verifier keys of n logs and n witnesses.
func vkeys(t testing.TB, n int) (logs, witnesses []string) {
	t.Helper()
	for i := range n {
		_, l := key(t, fmt.Sprintf("log%d.invalid", i))
		w, err := witness.Open(witness.Config{Dir: t.TempDir(), Name: fmt.Sprintf("w%d.invalid", i)}, time.Now, discard())
		if err != nil {
			t.Fatal(err)
		}
		w.Close()
		logs, witnesses = append(logs, l), append(witnesses, w.VKey())
	}
	return logs, witnesses
}

// TestParsePolicy holds policies to C2SP tlog-policy. In the texts, L0, L1 … are keys of
// logs and W0, W1 … of witnesses.
func TestParsePolicy(t *testing.T) {
	t.Parallel()
	logs, witnesses := vkeys(t, 4)
	for _, tc := range []struct{ name, text, wrong string }{
		{"none", "quorum none\n", ""},
		{"one", "log L0\nwitness a W0\nquorum a\n", ""},
		{"addresses", "log L0 https://log.invalid/\nwitness a W0 https://w.invalid/x\nquorum a\n", ""},
		{"groups", "# hello\n\nlog L0\nlog L1\nwitness a W0\n\twitness b  W1\t\ngroup g any a b\nwitness c W2\ngroup h 2 g c\nquorum h", ""},
		{"all", "witness a W0\nwitness b W1\ngroup g all a b\nquorum g\n", ""},
		{"odd names", "witness é#! W0\nwitness all W1\ngroup quorum 1 é#! all\nquorum quorum\n", ""},
		{"comment in a line is none", "witness a W0 # hello\nquorum a\n", "line 1: a line of 5 fields with witness"},
		{"empty", "", "no quorum"},
		{"no quorum", "log L0\n", "no quorum"},
		{"two quorums", "quorum none\nquorum none\n", "line 2: a second"},
		{"unknown quorum", "quorum a\n", "no \"a\" above"},
		{"quorum before", "quorum a\nwitness a W0\n", "no \"a\" above"},
		{"keyword", "Log L0\nquorum none\n", "no keyword"},
		{"no key", "log hello\nquorum none\n", "line 1: the log's key"},
		{"a witness's key for a log", "log W0\nquorum none\n", "the log's key"},
		{"a log's key for a witness", "witness a L0\nquorum a\n", "not one for cosignatures"},
		{"damaged key of a witness", "witness a X" + "W0\nquorum a\n", "damaged"},
		{"a log twice", "log L0\nlog L0\nquorum none\n", "named before"},
		{"a witness twice", "witness a W0\nwitness b W0\nquorum a\n", "named before"},
		{"a name twice", "witness a W0\nwitness a W1\nquorum a\n", "taken"},
		{"the name none", "witness none W0\nquorum none\n", "taken"},
		{"no member", "group g any\nquorum g\n", "a line of 3 fields with group"},
		{"unknown member", "group g any a\nquorum g\n", "no \"a\" above"},
		{"member twice", "witness a W0\ngroup g any a a\nquorum g\n", "in a group already"},
		{"member of two", "witness a W0\ngroup g any a\ngroup h any a\nquorum g\n", "in a group already"},
		{"more than there are", "witness a W0\ngroup g 2 a\nquorum g\n", "cannot be"},
		{"zero", "witness a W0\ngroup g 0 a\nquorum g\n", "cannot be"},
		{"leading zero", "witness a W0\ngroup g 01 a\nquorum g\n", "cannot be"},
		{"no address", "witness a W0 ftp://x/\nquorum a\n", "web address"},
		{"control character", "quorum none\r\n", "control character 0xd"},
	} {
		var given []string
		for i := range logs {
			given = append(given, fmt.Sprint("L", i), logs[i], fmt.Sprint("W", i), witnesses[i])
		}
		_, err := ledger.ParsePolicy([]byte(strings.NewReplacer(given...).Replace(tc.text)))
		if tc.wrong == "" && err != nil || tc.wrong != "" && (zoeklicht.CodeOf(err) != zoeklicht.Invalid || !strings.Contains(err.Error(), tc.wrong)) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	if _, err := ledger.ParsePolicy(bytes.Repeat([]byte("#\n"), 200<<10)); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("too long: %v", err)
	}
}

// TestQuorum asks of every subset of four witnesses whether it is enough.
func TestQuorum(t *testing.T) {
	t.Parallel()
	signer, vkey := key(t, origin)
	text := fmt.Sprintf("%s\n1\n%s\n", origin, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
	plain, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string // of witnesses
	var signatures []string
	for i := range 4 {
		p := newPost(t, fmt.Sprintf("w%d.invalid", i), vkey)
		lines = append(lines, p.line(fmt.Sprintf("w%d", i)))
		status, body := ask(t, p, "old 0\n\n"+string(plain))
		if status != 200 {
			t.Fatal(body)
		}
		signatures = append(signatures, body)
	}
	all := strings.Join(lines, "")
	for _, tc := range []struct {
		quorum string
		enough func(w [4]bool) bool
	}{
		{"quorum none\n", func([4]bool) bool { return true }},
		{"quorum w2\n", func(w [4]bool) bool { return w[2] }},
		{"group g all w0 w1 w2 w3\nquorum g\n", func(w [4]bool) bool { return w == [4]bool{true, true, true, true} }},
		{"group g any w0 w3\nquorum g\n", func(w [4]bool) bool { return w[0] || w[3] }},
		{"group x 2 w0 w1 w2\ngroup g all x w3\nquorum g\n", func(w [4]bool) bool {
			n := 0
			for _, ok := range w[:3] {
				if ok {
					n++
				}
			}
			return n >= 2 && w[3]
		}},
	} {
		p := deposit(t, all+tc.quorum, vkey)
		for set := range 16 {
			var did [4]bool
			msg, names := string(plain), []string{}
			for i := range 4 {
				if did[i] = set>>i&1 == 1; did[i] {
					msg += signatures[i]
					names = append(names, fmt.Sprint("w", i))
				}
			}
			c, who, err := p.Verify([]byte(msg))
			if want := tc.enough(did); (err == nil) != want {
				t.Errorf("%q with %v: %v", tc.quorum, did, err)
			}
			if err == nil && (c.Size != 1 || !cmp.Equal(names, append([]string{}, who...))) {
				t.Errorf("%q with %v: %v", tc.quorum, did, who)
			}
		}
	}
	// A cosignature of a known witness that is wrong is never passed over.
	p := deposit(t, all+"quorum none\n", vkey)
	if _, _, err := p.Verify([]byte(strings.Replace(string(plain), "\n1\n", "\n2\n", 1))); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("another size: %v", err)
	}
	other, _ := key(t, origin)
	foreign, err := note.Sign(&note.Note{Text: text}, other)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Verify([]byte(string(foreign) + signatures[0])); err == nil || !strings.Contains(err.Error(), "not signed by its log") {
		t.Errorf("cosigned and signed by another log: %v", err)
	}
	if _, _, err := p.Verify(foreign); err == nil || !strings.Contains(err.Error(), "no key") {
		t.Errorf("signed by another log: %v", err)
	}
	if d := cmp.Diff([]string{origin}, p.Logs()); d != "" {
		t.Error(d)
	}
}

// goldenKeys are keys of two logs of one name and of a witness, from a fixed seed.
func goldenKeys(t *testing.T) (logs []string, cosigner string) {
	t.Helper()
	for i := range byte(2) {
		_, vkey, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{i}, 64)), origin)
		if err != nil {
			t.Fatal(err)
		}
		logs = append(logs, vkey)
	}
	_, vkey, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{7}, 64)), "witness.invalid")
	if err != nil {
		t.Fatal(err)
	}
	cosigner, err = fnote.VKeyToCosignatureV1(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return logs, cosigner
}

// TestDeposit holds the text that is deposited to a golden file.
func TestDeposit(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	vkey, cosigner := goldenKeys(t)
	text, err := ledger.Deposit([]ledger.LogKey{
		{VKey: vkey[0], From: from, Until: from.AddDate(0, 6, 7)}, {VKey: vkey[1], From: from.AddDate(0, 6, 0)},
	}, []byte("witness court "+cosigner+" https://witness.invalid/\nquorum court\n"))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "policy.txt", text)
	if _, err := ledger.Deposit([]ledger.LogKey{{VKey: vkey[0]}, {VKey: vkey[0]}}, nil); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("a key twice: %v", err)
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (run with -update if this is right):\n%s", path, d)
	}
}
