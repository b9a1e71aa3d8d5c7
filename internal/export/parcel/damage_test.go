package parcel

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
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

// rebuilt makes a package of files, its sums right and signed with a key: what somebody
// does who knows the format.
func rebuilt(t testing.TB, all []File, key crypto.Signer) []byte {
	t.Helper()
	var out bytes.Buffer
	a := newArchive(&out)
	for _, f := range all {
		switch f.Name {
		case sumsName:
			f.Bytes = bytes.Clone(a.sums.Bytes())
		case sigName:
			var err error
			if f.Bytes, err = signSums(key, a.sums.Bytes()[:bytes.LastIndexByte(bytes.TrimSuffix(a.sums.Bytes(), []byte("\n")), '\n')+1]); err != nil {
				t.Fatal(err)
			}
		}
		if err := a.add(f.Name, f.Bytes); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.zip.Close(); err != nil {
		t.Fatal(err)
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

// TestTampered changes a package as somebody does who holds the organisation's key, and
// makes sums and signature right again.
func TestTampered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, 2, 3000)
	w.captures[1].LeftOut = map[string]string{"picture:0": "a person is in it"}
	pack := w.packed(w.contents())
	if _, err := verified(t, rebuilt(t, files(t, pack), w.organKey), w.policy); err != nil {
		t.Fatalf("a package built again: %v", err)
	}
	other := newWorld(t, 3, 2, 3000)
	foreign := files(t, other.packed(other.contents()))
	id, hidden := w.captures[0].Sealed.ID.String(), w.captures[1].Sealed.ID.String()
	dir := "captures/" + id + "/"
	replace := func(name string, with func([]byte) []byte) func([]File) []File {
		return func(all []File) []File {
			for i := range all {
				if all[i].Name == name {
					all[i].Bytes = with(bytes.Clone(all[i].Bytes))
				}
			}
			return all
		}
	}
	flip := func(at int) func([]byte) []byte {
		return func(b []byte) []byte { b[at] ^= 1; return b }
	}
	text := func(old, new string) func([]byte) []byte {
		return func(b []byte) []byte { return bytes.Replace(b, []byte(old), []byte(new), 1) }
	}
	take := func(name string) func([]byte) []byte {
		return func([]byte) []byte {
			return foreign[slices.IndexFunc(foreign, func(f File) bool { return f.Name == name })].Bytes
		}
	}
	without := func(drop func(string) bool) func([]File) []File {
		return func(all []File) []File { return slices.DeleteFunc(all, func(f File) bool { return drop(f.Name) }) }
	}
	for _, tc := range []struct {
		what string
		do   func([]File) []File
		want string
	}{
		{"a record is edited", replace(dir+"response.warc.gz", flip(200)), checkManifest},
		{"a record is swapped for another's", replace(dir+"image-0.warc.gz", take("captures/"+other.captures[0].Sealed.ID.String()+"/image-0.warc.gz")), checkManifest},
		{"a salt is edited", replace(dir+"salts", flip(3)), checkManifest},
		{"a salt of a record that was left out is there", replace("captures/"+hidden+"/salts", func(b []byte) []byte { return bytes.ReplaceAll(b, make([]byte, 32), bytes.Repeat([]byte{1}, 32)) }), checkManifest},
		{"the manifest is edited", replace(dir+"manifest", text("context ", "contexu ")), checkLeaf},
		{"the leaf is edited", replace(dir+"leaf", text("after ", "after  ")), checkLeaf},
		{"the leaf's build is edited", replace(dir+"leaf", text("build 0", "build 1")), checkInclusion},
		{"the index in the proof is another", replace(dir+"proof.tlog-proof", text("index 1\n", "index 2\n")), checkInclusion},
		{"the proof has more than it needs", replace(dir+"proof.tlog-proof", text("@v1\n", "@v1\nextra AAAA\n")), checkInclusion},
		{"the proof leads to a log of its own", replace(dir+"proof.tlog-proof", take("captures/"+other.captures[0].Sealed.ID.String()+"/proof.tlog-proof")), checkInclusion},
		{"the checkpoint is edited", replace("checkpoints/1/checkpoint", text("\n5\n", "\n6\n")), checkCheckpoint},
		{"the checkpoint is of another log", replace("checkpoints/1/checkpoint", take("checkpoints/1/checkpoint")), checkCheckpoint},
		{"a token is damaged", replace("checkpoints/1/tsa-one.tst", func(b []byte) []byte { b[len(b)-1] ^= 1; return b }), checkTimestamp},
		{"a token is of an authority that nobody named", replace("checkpoints/1/tsa-one.tst", take("checkpoints/1/tsa-one.tst")), checkTimestamp},
		{"the token that the leaf names is another", replace("checkpoints/2/tsa-one.tst", func([]byte) []byte {
			return files(t, pack)[slices.IndexFunc(files(t, pack), func(f File) bool { return f.Name == "checkpoints/1/tsa-one.tst" })].Bytes
		}), checkAfter},
		{"a decision is edited", replace("records/source-decision-00000000-0000-4000-8000-000000000001/content", text("approved", "rejected")), checkContent},
		{"the report is edited", replace("report.pdf", text("/Count 1", "/Count 2")), checkReport},
		{"the report has more after its signature", replace("report.pdf", func(b []byte) []byte { return append(b, "%more\n"...) }), checkReport},
		{"the report has no signature", replace("report.pdf", func([]byte) []byte { return []byte("%PDF-1.7\n") }), checkReport},
		{"the report is signed by somebody else", replace("report.pdf", take("report.pdf")), checkReport},
		{"the WACZ file is another, and whole", replace("capture.wacz", take("capture.wacz")), checkWACZSame},
		{"the WACZ file is damaged", replace("capture.wacz", flip(500)), checkWACZ},
		{"a certificate is not that of the policy", replace("certificates/organisation.pem", take("certificates/organisation.pem")), checkContents},
		{"the policy is another's", replace(policyName, take(policyName)), checkContents},
		{"a file is missing", without(func(n string) bool { return n == dir+"image-0.warc.gz" }), checkContents},
		{"a capture is missing", without(func(n string) bool { return strings.HasPrefix(n, dir) }), checkContents},
		{"a file is too many", func(all []File) []File { return slices.Insert(all, 3, File{"more.txt", []byte("more")}) }, checkContents},
		{"files have changed places", func(all []File) []File { all[0], all[1] = all[1], all[0]; return all }, checkContents},
		{"the index hides what was left out", replace(indexName, text(`"a person is in it"`, `""`)), ""},
		{"the index names no such record as left out", replace(indexName, text(`"name": "image:0",
     "reason"`, `"name": "image:7",
     "reason"`)), checkManifest},
		{"the index is no JSON", replace(indexName, flip(0)), checkContents},
	} {
		bad := rebuilt(t, tc.do(files(t, pack)), w.organKey)
		if tc.want == "" { // whoever signs it may say so; the policy is not believed
			if _, err := verified(t, bad, w.policy); err != nil {
				t.Errorf("%s: %v", tc.what, err)
			}
			fails(t, tc.what+", signed by somebody else", rebuilt(t, tc.do(files(t, pack)), other.organKey), w.policy, checkSigned)
			continue
		}
		fails(t, tc.what, bad, w.policy, tc.want)
		fails(t, tc.what+", the policy inside", bad, nil, tc.want)
	}
	// Without the organisation's key nothing at all can be changed.
	fails(t, "built again by somebody else", rebuilt(t, files(t, pack), other.organKey), w.policy, checkSigned)
	fails(t, "another installation's package", rebuilt(t, foreign, other.organKey), w.policy, checkSigned)
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

// TestFork: the operator rebuilds the log with one leaf changed and signs it anew. Without
// the witnesses it is found.
func TestFork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 0, 0)
	w.leaves, w.hashes = w.leaves[:1], w.hashes[:1]
	witnesses := w.witness
	w.witness = nil
	for _, c := range w.captures {
		w.append(c.Sealed.Leaf)
	}
	w.append([]byte("another leaf\n"))
	note, tokens := w.publish()
	for i, c := range w.captures {
		c.Proof = w.prove(1+i, note, tokens)
	}
	w.records = nil
	fails(t, "a log that no witness saw", w.packed(w.contents()), w.policy, checkCheckpoint)
	w.witness = witnesses[:1]
	note, tokens = w.publish()
	for i, c := range w.captures {
		c.Proof = w.prove(1+i, note, tokens)
	}
	fails(t, "a log that one of two witnesses saw", w.packed(w.contents()), w.policy, checkCheckpoint)
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
