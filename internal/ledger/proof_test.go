package ledger_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/ledger"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// proven makes a proof with another implementation of the tree than the product's.
func proven(t testing.TB, size, index int64) *zoeklicht.Proof {
	t.Helper()
	var stored []tlog.Hash
	read := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(at))
		for i, n := range at {
			out[i] = stored[n]
		}
		return out, nil
	})
	for i := range size {
		h, err := tlog.StoredHashes(i, fmt.Appendf(nil, "leaf %d", i), read)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, h...)
	}
	root, err := tlog.TreeHash(size, read)
	if err != nil {
		t.Fatal(err)
	}
	hashes, err := tlog.ProveRecord(size, index, read)
	if err != nil {
		t.Fatal(err)
	}
	signer, _ := key(t, origin)
	text := fmt.Sprintf("%s\n%d\n%s\n", origin, size, root)
	checkpoint, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		t.Fatal(err)
	}
	p := &zoeklicht.Proof{Leaf: fmt.Appendf(nil, "leaf %d", index), Index: index, Checkpoint: checkpoint}
	for _, h := range hashes {
		p.Inclusion = append(p.Inclusion, h)
	}
	return p
}

// TestIncluded goes through all leaves of all small trees, and spoils each part of
// their proofs.
func TestIncluded(t *testing.T) {
	t.Parallel()
	for size := int64(1); size <= 20; size++ {
		for index := range size {
			p := proven(t, size, index)
			got, err := ledger.ParseProof(ledger.MarshalProof(p))
			if err != nil {
				t.Fatal(err)
			}
			got.Leaf = p.Leaf
			if d := cmp.Diff(p, got); d != "" {
				t.Fatal(d)
			}
			if err := ledger.Included(got); err != nil {
				t.Errorf("leaf %d of %d: %v", index, size, err)
			}
			for what, spoil := range map[string]func(*zoeklicht.Proof){
				"another leaf":    func(p *zoeklicht.Proof) { p.Leaf = []byte("no leaf") },
				"the next index":  func(p *zoeklicht.Proof) { p.Index++ },
				"minus one":       func(p *zoeklicht.Proof) { p.Index = -1 },
				"a hash too many": func(p *zoeklicht.Proof) { p.Inclusion = append(p.Inclusion, [32]byte{}) },
				"another root": func(p *zoeklicht.Proof) {
					p.Checkpoint = proven(t, size+1, 0).Checkpoint
				},
			} {
				bad := *got
				bad.Inclusion = append([][32]byte(nil), got.Inclusion...)
				spoil(&bad)
				if err := ledger.Included(&bad); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
					t.Errorf("leaf %d of %d with %s: %v", index, size, what, err)
				}
			}
			for i := range got.Inclusion {
				got.Inclusion[i][i] ^= 1
				if err := ledger.Included(got); err == nil {
					t.Errorf("leaf %d of %d with hash %d changed", index, size, i)
				}
				got.Inclusion[i][i] ^= 1
			}
		}
	}
}

func TestParseProof(t *testing.T) {
	t.Parallel()
	good := string(ledger.MarshalProof(proven(t, 7, 2)))
	withExtra := strings.Replace(good, "\nindex", "\nextra aGVsbG8=\nindex", 1)
	if p, err := ledger.ParseProof([]byte(withExtra)); err != nil || string(ledger.MarshalProof(p)) != good {
		t.Errorf("with extra data: %v", err)
	}
	for name, bad := range map[string]string{
		"empty":              "",
		"another version":    strings.Replace(good, "@v1", "@v2", 1),
		"no index":           strings.Replace(good, "index 2\n", "", 1),
		"index 02":           strings.Replace(good, "index 2", "index 02", 1),
		"index -2":           strings.Replace(good, "index 2", "index -2", 1),
		"index +2":           strings.Replace(good, "index 2", "index +2", 1),
		"huge index":         strings.Replace(good, "index 2", "index 99999999999999999999", 1),
		"extra twice":        strings.Replace(withExtra, "\nindex", "\nextra aGVsbG8=\nindex", 1),
		"extra no base64":    strings.Replace(withExtra, "aGVsbG8=", "hello!", 1),
		"no hash":            strings.Replace(good, "index 2\n", "index 2\nhello\n", 1),
		"sloppy hash":        strings.Replace(good, "=\n", "==\n", 1),
		"too many hashes":    strings.Replace(good, "index 2\n", "index 2\n"+strings.Repeat(strings.Repeat("A", 43)+"=\n", 64), 1),
		"no checkpoint":      good[:strings.Index(good, "\n\n")+2],
		"carriage returns":   strings.ReplaceAll(good, "\n", "\r\n"),
		"an empty line":      strings.Replace(good, "\n\n— ", "\n\nx\n\n— ", 1),
		"size with a zero":   strings.Replace(good, "\n7\n", "\n07\n", 1),
		"no signature":       good[:strings.Index(good, "— ")],
		"sloppy signature":   good[:len(good)-1] + "=\n",
		"no end":             good[:len(good)-1],
		"signature in a row": good + "\n",
	} {
		if _, err := ledger.ParseProof([]byte(bad)); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzParseProof: what is read is written again as it was, but for extra data.
func FuzzParseProof(f *testing.F) {
	good := ledger.MarshalProof(proven(f, 7, 2))
	f.Add(good)
	f.Add(bytes.Replace(good, []byte("\nindex"), []byte("\nextra aGVsbG8=\nindex"), 1))
	f.Add(ledger.MarshalProof(proven(f, 1, 0)))
	f.Add([]byte("c2sp.org/tlog-proof@v1\nindex 0\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ledger.ParseProof(b)
		if err != nil {
			return
		}
		if again := ledger.MarshalProof(p); !bytes.Equal(again, b) && !bytes.Contains(b, []byte("\nextra ")) {
			t.Errorf("%q is written again as %q", b, again)
		}
		_ = ledger.Included(p) // must not panic
	})
}

// FuzzParsePolicy: a policy that is read says of any checkpoint whether it is enough.
func FuzzParsePolicy(f *testing.F) {
	logs, witnesses := vkeys(f, 3)
	f.Add([]byte("quorum none\n"), []byte("x\n"))
	f.Add([]byte("log "+logs[0]+"\nwitness a "+witnesses[0]+" http://w.invalid/\nquorum a\n"), proven(f, 3, 0).Checkpoint)
	f.Add([]byte("# x\nlog "+logs[0]+" http://l.invalid/\nwitness a "+witnesses[0]+"\nwitness b "+witnesses[1]+"\ngroup g any a b\nwitness c "+witnesses[2]+"\ngroup h all g c\nquorum h\n"), []byte{})
	f.Fuzz(func(t *testing.T, text, checkpoint []byte) {
		p, err := ledger.ParsePolicy(text)
		if err != nil {
			if zoeklicht.CodeOf(err) != zoeklicht.Invalid {
				t.Error(err)
			}
			return
		}
		if c, _, err := p.Verify(checkpoint); err == nil && len(p.Logs()) == 0 {
			t.Errorf("%v of no log", c)
		}
	})
}
