package retain

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/store"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func listed(id zoeklicht.ErasureID, day int) *store.Destroying {
	at := time.Date(2026, 1, day, 12, 0, 0, 0, time.UTC)
	return &store.Destroying{
		Theme: "practice", Erasure: id, Scope: zoeklicht.EraseItem, Ground: "order 12", Purpose: "case 9", At: at,
		Items: []store.ErasedItem{{Capture: "01020304-0506-4708-890a-0b0c0d0e0f10", Item: "picture:0"}},
		Asked: zoeklicht.EraseStep{Person: 1, Name: "A", At: at}, Approved: zoeklicht.EraseStep{Person: 2, Name: "B", At: at},
	}
}

var compare = cmpopts.IgnoreUnexported(store.Destroying{})

// TestList adds lines, tears one off, and adds another: what was whole is read.
func TestList(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), ListName)
	if all, err := ReadList(path); err != nil || len(all) > 0 {
		t.Errorf("a list that is not there has %d lines: %v", len(all), err)
	}
	want := []store.Destroying{*listed(1, 1), *listed(2, 2), *listed(3, 3)}
	for i := range want[:2] {
		if err := appendList(path, &want[i]); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	torn, err := json.Marshal(listed(9, 9))
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(torn) {
		if err := os.WriteFile(path, append(bytes.Clone(whole), torn[:cut]...), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := appendList(path, &want[2]); err != nil {
			t.Fatal(err)
		}
		got, err := ReadList(path)
		if err != nil {
			t.Fatalf("torn after %d bytes: %v", cut, err)
		}
		if diff := cmp.Diff(want, got, compare); diff != "" {
			t.Fatalf("torn after %d bytes (-want +got):\n%s", cut, diff)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the list's mode is %v: %v", info.Mode(), err)
	}
}

// TestMergeList: each erasure once, in the order in which they were carried out.
func TestMergeList(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), ListName)
	for _, id := range []int{1, 3} {
		if err := appendList(path, listed(zoeklicht.ErasureID(id), id)); err != nil {
			t.Fatal(err)
		}
	}
	// Number 3 of another history is another erasure.
	other := []store.Destroying{*listed(1, 1), *listed(2, 2), *listed(3, 4), *listed(2, 2)}
	want := []store.Destroying{*listed(1, 1), *listed(2, 2), *listed(3, 3), *listed(3, 4)}
	for range 2 { // merging again changes nothing
		got, err := MergeList(path, other)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, compare); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// TestUnsoundList: a list that no erasure of ours wrote destroys nothing.
func TestUnsoundList(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]func(*store.Destroying){
		"one person":        func(d *store.Destroying) { d.Approved = d.Asked },
		"a process":         func(d *store.Destroying) { d.Asked.Person = -5 },
		"no ground":         func(d *store.Destroying) { d.Ground = "" },
		"no theme":          func(d *store.Destroying) { d.Theme = "" },
		"no items":          func(d *store.Destroying) { d.Items = nil },
		"no capture's name": func(d *store.Destroying) { d.Items[0].Capture = "x" },
	} {
		d := listed(1, 1)
		change(d)
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := readList(bytes.NewReader(append(b, '\n'))); err == nil {
			t.Errorf("%s: %v was read", what, got)
		}
	}
	if _, err := readList(strings.NewReader("{\"theme\": practice}\n")); err == nil {
		t.Error("a line that was changed by hand was passed over")
	}
}

// FuzzList: whatever a list holds, what is read of it was decided by two people.
func FuzzList(f *testing.F) {
	b, err := json.Marshal(listed(1, 1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(b, '\n'))
	f.Add(append(append(b[:len(b)/2:len(b)/2], '\n'), b...))
	f.Add([]byte("\n\n{}\n[]\nnull\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := readList(bytes.NewReader(b))
		if err != nil {
			return
		}
		for i := range all {
			if err := sound(&all[i]); err != nil {
				t.Errorf("%+v: %v", all[i], err)
			}
		}
	})
}
