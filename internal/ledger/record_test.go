package ledger_test

import (
	"bytes"
	"strings"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/ledger"

	"github.com/google/go-cmp/cmp"
)

func record() ledger.Record {
	r := ledger.Record{Kind: zoeklicht.LeafDecision, Content: []byte(`{"source":"a","decision":"approved"}`), Build: strings.Repeat("0b", 32)}
	for i := range r.ID {
		r.ID[i] = byte(i)
	}
	for i := range r.Salt {
		r.Salt[i] = byte(100 + i)
	}
	return r
}

// TestRecordLeaf holds the format to a golden file, which sha256sum made as well.
func TestRecordLeaf(t *testing.T) {
	t.Parallel()
	r := record()
	leaf := r.Leaf()
	golden(t, "record.leaf", leaf)
	got, err := ledger.ParseRecordLeaf(leaf)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Holds(r.Content, r.Salt) || got.Holds([]byte("another"), r.Salt) || got.Holds(r.Content, [32]byte{}) {
		t.Error("it holds something else")
	}
	if d := cmp.Diff(&ledger.RecordLeaf{Kind: r.Kind, ID: r.ID, Content: got.Content, Build: r.Build}, got); d != "" {
		t.Error(d)
	}
	for name, bad := range map[string][]byte{
		"a capture's":  bytes.Replace(leaf, []byte("source-decision"), []byte("capture"), 1),
		"capitals":     bytes.ToUpper(leaf),
		"cut short":    leaf[:len(leaf)-1],
		"more":         append(bytes.Clone(leaf), '\n'),
		"version 2":    bytes.Replace(leaf, []byte("/v1"), []byte("/v2"), 1),
		"another line": bytes.Replace(leaf, []byte("build"), []byte("built"), 1),
		"empty":        nil,
	} {
		if _, err := ledger.ParseRecordLeaf(bad); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzParseRecordLeaf: what is read is written again as it was.
func FuzzParseRecordLeaf(f *testing.F) {
	f.Add(record().Leaf())
	f.Add([]byte("zoeklicht/capture/v1\n"))
	f.Fuzz(func(t *testing.T, leaf []byte) {
		l, err := ledger.ParseRecordLeaf(leaf)
		if err != nil {
			return
		}
		fields := bytes.Fields(leaf)
		again := ledger.Record{Kind: l.Kind, ID: l.ID, Build: l.Build}.Leaf()
		want := bytes.Replace(leaf, fields[4], bytes.Fields(again)[4], 1)
		if l.Kind == zoeklicht.LeafCapture || !bytes.Equal(again, want) {
			t.Errorf("%q is read as %+v", leaf, l)
		}
	})
}
