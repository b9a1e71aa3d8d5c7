package web

import (
	"fmt"
	"testing"

	"zoeklicht"

	"golang.org/x/mod/sumdb/tlog"
)

// tree gives the hashes of a log of so many made-up leaves.
func tree(t testing.TB, leaves [][]byte) tlog.HashReader {
	t.Helper()
	var stored []tlog.Hash
	read := tlog.HashReaderFunc(func(at []int64) (out []tlog.Hash, err error) {
		for _, i := range at {
			out = append(out, stored[i])
		}
		return out, nil
	})
	for i, l := range leaves {
		more, err := tlog.StoredHashes(int64(i), l, read)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, more...)
	}
	return read
}

// prove gives the proof of a leaf in a log of made-up leaves, and the root.
func prove(t testing.TB, leaves [][]byte, index int64) (zoeklicht.Proof, [32]byte) {
	t.Helper()
	read := tree(t, leaves)
	path, err := tlog.ProveRecord(int64(len(leaves)), index, read)
	if err != nil {
		t.Fatal(err)
	}
	root, err := tlog.TreeHash(int64(len(leaves)), read)
	if err != nil {
		t.Fatal(err)
	}
	p := zoeklicht.Proof{Leaf: leaves[index], Index: index}
	for _, h := range path {
		p.Inclusion = append(p.Inclusion, h)
	}
	return p, root
}

func madeLeaves(n int) (out [][]byte) {
	for i := range n {
		out = append(out, fmt.Appendf(nil, "zoeklicht/capture/v1\nleaf %d\n", i))
	}
	return out
}

// TestClimb: every proof of another implementation leads to its root, and none that was
// changed in one bit, or that is for another place, does.
func TestClimb(t *testing.T) {
	t.Parallel()
	for size := int64(1); size <= 40; size++ {
		leaves := madeLeaves(int(size))
		for index := range size {
			p, want := prove(t, leaves, index)
			rungs, root, ok := climb(&p, size)
			if !ok || root != want || len(rungs) != len(p.Inclusion) {
				t.Fatalf("leaf %d of %d: %v %x, want %x", index, size, ok, root, want)
			}
			for i := range p.Inclusion {
				p.Inclusion[i][i%32] ^= 1 << (i % 8)
				if _, root, ok := climb(&p, size); ok && root == want {
					t.Errorf("leaf %d of %d holds with step %d changed", index, size, i)
				}
				p.Inclusion[i][i%32] ^= 1 << (i % 8)
			}
			if size > 1 {
				p.Index = (index + 1) % size
				if _, root, ok := climb(&p, size); ok && root == want {
					t.Errorf("leaf %d of %d holds at %d", index, size, p.Index)
				}
				p.Index, p.Inclusion = index, p.Inclusion[:len(p.Inclusion)-1]
				if _, root, ok := climb(&p, size); ok && root == want {
					t.Errorf("leaf %d of %d holds with a step less", index, size)
				}
			}
		}
	}
	for _, p := range []zoeklicht.Proof{{Index: -1}, {Index: 5}, {Index: 0, Inclusion: make([][32]byte, 9)}} {
		if _, _, ok := climb(&p, 5); ok {
			t.Errorf("%d of 5 with %d steps is taken for a proof", p.Index, len(p.Inclusion))
		}
	}
}
