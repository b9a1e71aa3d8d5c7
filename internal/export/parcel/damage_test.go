package parcel

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"zoeklicht"
)

// TestFlips flips single bits at random places all over a package: each is found.
func TestFlips(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, 2, 3000)
	w.captures[1].LeftOut = map[string]string{"picture:0": "a person is in it"}
	pack := w.packed(w.contents())
	n := 2000
	if testing.Short() {
		n = 200
	}
	r := rand.New(rand.NewPCG(4, 2026))
	found := map[string]int{}
	for range n {
		at, bit := r.IntN(len(pack)), r.IntN(8)
		pack[at] ^= 1 << bit
		var first Check
		err := Verify(t.Context(), bytes.NewReader(pack), int64(len(pack)), w.policy, func(c Check) {
			if c.State == Fails && first.Name == "" {
				first = c
			}
		})
		if zoeklicht.CodeOf(err) != zoeklicht.Invalid {
			t.Errorf("bit %d of byte %d of %d was flipped, and nothing failed: %v", bit, at, len(pack), err)
		}
		found[first.Name]++
		pack[at] ^= 1 << bit
	}
	t.Logf("%d flips in %d bytes, found by %v", n, len(pack), found)
	if _, err := verified(t, pack, w.policy); err != nil {
		t.Errorf("put right again: %v", err)
	}
}

// files gives a package's files in their order.
func files(t testing.TB, pack []byte) (out []File) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(pack), int64(len(pack)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.File {
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(rc)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, File{f.Name, b})
	}
	return out
}

// rebuilt makes a package of files, its sums right, signed with a key and dated now: what
// somebody does who knows the format.
func (w *world) rebuilt(all []File, key crypto.Signer) []byte {
	w.t.Helper()
	var out, sums bytes.Buffer
	var sig []byte
	a := newArchive(&out)
	for _, f := range all {
		var err error
		switch f.Name {
		case sumsName:
			sums.Write(a.sums.Bytes())
			f.Bytes = sums.Bytes()
		case sigName:
			if sig, err = signSums(key, sums.Bytes()); err != nil {
				w.t.Fatal(err)
			}
			f.Bytes = sig
		case datedName:
			if f.Bytes, err = w.stamp(w.t.Context(), sha256.Sum256(sig)); err != nil {
				w.t.Fatal(err)
			}
		}
		if err := a.add(f.Name, f.Bytes); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := a.zip.Close(); err != nil {
		w.t.Fatal(err)
	}
	return out.Bytes()
}

// fails verifies a package with the deposited policy and wants a check to fail, at least.
func fails(t *testing.T, what string, pack, policy []byte, want string) {
	t.Helper()
	checks, err := verified(t, pack, policy)
	if !slices.ContainsFunc(checks, func(c Check) bool { return c.State == Fails && c.Name == want }) || zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("%s: %q does not fail: %v\n%v", what, want, err, checks)
	}
}

// TestZip changes the zip and none of its files.
func TestZip(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 1, 300)
	pack := w.packed(w.contents())
	all := files(t, pack)
	again := func(change func(*zip.FileHeader), comment string) []byte {
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		if err := z.SetComment(comment); err != nil {
			t.Fatal(err)
		}
		for _, f := range all {
			h := &zip.FileHeader{Name: f.Name}
			change(h)
			fw, err := z.CreateHeader(h)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := fw.Write(f.Bytes); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	end := bytes.LastIndex(pack, []byte("PK\x05\x06"))
	commented := append(bytes.Clone(pack), "hidden"...)
	commented[end+20] = 6
	for what, bad := range map[string][]byte{
		"compressed":              again(func(h *zip.FileHeader) { h.Method = zip.Deflate }, ""),
		"with descriptors":        again(func(*zip.FileHeader) {}, ""),
		"with a field":            again(func(h *zip.FileHeader) { h.Extra = []byte{0xff, 0xff, 1, 0, 7} }, ""),
		"with comments":           again(func(h *zip.FileHeader) { h.Comment = "hidden" }, "hidden"),
		"with a comment":          commented,
		"with bytes before it":    append([]byte("hidden"), pack...),
		"with bytes after it":     append(bytes.Clone(pack), "hidden"...),
		"without its last byte":   pack[:len(pack)-1],
		"without its end":         pack[:end],
		"cut in the middle":       pack[:len(pack)/2],
		"empty":                   {},
		"something else entirely": []byte("age-encryption.org/v1\n"),
	} {
		fails(t, what, bad, w.policy, checkZip)
	}
}

// TestUnwitnessed: a capture without a proof is packed, says so, and does not verify.
func TestUnwitnessed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 0, 0)
	w.captures[1].Proof = nil
	pack := w.packed(w.contents())
	fails(t, "not yet witnessed", pack, w.policy, checkInclusion)
	for _, f := range files(t, pack) {
		if f.Name == readmeName && (!bytes.Contains(f.Bytes, []byte("LET OP: 1 van de vastleggingen")) || !bytes.Contains(f.Bytes, []byte("NOTE: 1 of the captures"))) {
			t.Errorf("README.txt does not say so:\n%s", f.Bytes)
		}
	}
}

// TestWriteRefuses: nothing is packed that would not verify.
func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	gone := errors.New("segment lost")
	for what, change := range map[string]func(w *world, c *Contents){
		"a damaged item": func(w *world, _ *Contents) { w.captures[0].Sealed.Items[0].Bytes[300] ^= 1 },
		"a damaged leaf": func(w *world, _ *Contents) { w.captures[0].Sealed.Leaf[60] ^= 1 },
		"a damaged salt": func(w *world, _ *Contents) { w.captures[0].Sealed.Salts[5] ^= 1 },
		"another proof":  func(w *world, _ *Contents) { w.captures[0].Proof = w.captures[1].Proof },
		"a wrong proof": func(w *world, _ *Contents) {
			p := *w.captures[0].Proof
			p.Index++
			w.captures[0].Proof = &p
		},
		"a capture twice":    func(w *world, _ *Contents) { w.captures[1] = w.captures[0] },
		"no key":             func(_ *world, c *Contents) { c.Signer = nil },
		"no key for WACZ":    func(_ *world, c *Contents) { c.WACZKey = nil },
		"a key on P-256":     func(w *world, c *Contents) { c.WACZKey = w.organKey },
		"no policy":          func(_ *world, c *Contents) { c.Policy = nil },
		"a path for a name":  func(_ *world, c *Contents) { c.Documents[0].Name = "../report.pdf" },
		"an unreadable item": func(_ *world, c *Contents) { c.Captures = func(yield func(*Capture, error) bool) { yield(nil, gone) } },
		"no recipient":       func(_ *world, c *Contents) { c.Recipients = []string{"age1nobody"} },
		"a name for a key":   func(_ *world, c *Contents) { c.Recipients = []string{"ssh-ed25519 AAAA"} },
		"no folder":          func(_ *world, c *Contents) { c.Temp = "/nowhere" },
	} {
		w := newWorld(t, 2, 1, 300)
		c := w.contents()
		change(w, c)
		if _, err := Write(t.Context(), io.Discard, c, nil); err == nil || what == "an unreadable item" && !errors.Is(err, gone) {
			t.Errorf("%s: %v", what, err)
		}
	}
	w := newWorld(t, 3, 0, 0)
	ctx, cancel := context.WithCancel(t.Context())
	done := 0
	_, err := Write(ctx, io.Discard, w.contents(), func(n, total int) {
		if done = n; n == 2 || total != 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || done != 2 {
		t.Errorf("cancelled after 2: %d, %v", done, err)
	}
	if err := Verify(ctx, bytes.NewReader(w.packed(w.contents())), 1, nil, func(Check) {}); err == nil {
		t.Error("verified while cancelled")
	}
}
