package parcel

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"testing"

	"zoeklicht"

	"filippo.io/age"
)

// verified gives the checks of a package, and the error.
func verified(t testing.TB, pack, policy []byte) ([]Check, error) {
	t.Helper()
	var out []Check
	err := Verify(t.Context(), bytes.NewReader(pack), int64(len(pack)), policy, func(c Check) { out = append(out, c) })
	return out, err
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, 2, 3000)
	pack := w.packed(w.contents())
	for name, policy := range map[string][]byte{"inside": nil, "deposited": w.policy} {
		checks, err := verified(t, pack, policy)
		for _, c := range checks {
			t.Log(name, c)
			if c.State == Fails {
				t.Errorf("%s: %+v", name, c)
			}
		}
		if err != nil {
			t.Errorf("%s: %v (%s)", name, err, zoeklicht.CodeOf(err))
		}
	}
}

// TestSame: the same contents give the same package but for what signs it.
func TestSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 1, 300)
	c := w.contents()
	one, two := files(t, w.packed(c)), files(t, w.packed(c))
	for i := range one {
		switch one[i].Name {
		case waczName, sumsName, sigName, datedName: // signed, or naming what is
			continue
		}
		if one[i].Name != two[i].Name || !bytes.Equal(one[i].Bytes, two[i].Bytes) {
			t.Errorf("%s and %s differ", one[i].Name, two[i].Name)
		}
	}
}

// TestLeftOut leaves out every item and every record in turn: the rest verifies, and
// nothing of what was left out is in the package.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 2, 300)
	c := w.captures[0]
	names, err := lines(c.Sealed.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	all := []string{"page", "picture:0", "picture:1", "context"}
	parts := map[string][]byte{}
	for _, item := range c.Sealed.Items {
		records, err := split(item)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			parts[r.name] = r.member
		}
	}
	for _, out := range append(all, names...) {
		c.LeftOut = map[string]string{out: "reason <of> test"}
		pack := w.packed(w.contents())
		if checks, err := verified(t, pack, w.policy); err != nil {
			t.Errorf("without %s: %v\n%v", out, err, checks)
		}
		gone := 0
		for i, name := range names {
			if name != out && !partOf(name, out) {
				continue
			}
			gone++
			if bytes.Contains(pack, parts[name]) || bytes.Contains(pack, c.Sealed.Salts[i*saltSize:(i+1)*saltSize]) {
				t.Errorf("without %s: record %s or its salt is there all the same", out, name)
			}
		}
		if gone == 0 || !bytes.Contains(pack, []byte("reason <of> test")) {
			t.Errorf("without %s: %d records are gone, or nothing says why", out, gone)
		}
	}
	c.LeftOut = map[string]string{"page": "", "picture:0": "", "picture:1": "", "context": ""}
	if checks, err := verified(t, w.packed(w.contents()), w.policy); err != nil {
		t.Errorf("without anything: %v\n%v", err, checks)
	}
}

// TestAge encrypts a package to two recipients: each can open it, and nobody else.
func TestAge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 1, 300)
	c := w.contents()
	var keys []*age.X25519Identity
	for range 3 {
		k, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	c.Recipients = []string{keys[0].Recipient().String(), keys[1].Recipient().String()}
	sealed := w.packed(c)
	if bytes.Contains(sealed, []byte("Evidence in case")) || !bytes.HasPrefix(sealed, []byte("age-encryption.org/v1\n")) {
		t.Error("it is not encrypted")
	}
	for i, k := range keys {
		r, err := age.Decrypt(bytes.NewReader(sealed), k)
		if i == 2 {
			if err == nil {
				t.Error("a stranger opens it")
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		pack, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := verified(t, pack, w.policy); err != nil {
			t.Error(err)
		}
	}
}

// TestSpool: what waits in the temporary file is not readable in it.
func TestSpool(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := newSpool(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	plain := bytes.Repeat([]byte("Relaxing massage by appointment. "), 10_000)
	if _, err := s.Write(plain); err != nil {
		t.Fatal(err)
	}
	r, err := s.reader()
	if err != nil {
		t.Fatal(err)
	}
	raw := make([]byte, len(plain))
	if n, err := s.file.ReadAt(raw, 0); n != len(plain) || err != nil || bytes.Contains(raw, []byte("Relaxing")) {
		t.Errorf("%d bytes, %v, or it is readable", n, err)
	}
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("read back: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("it has a name: %v, %v", left, err)
	}
}

// FuzzVerify gives it anything: it neither panics nor holds what is no package of ours.
func FuzzVerify(f *testing.F) {
	w := newWorld(f, 1, 1, 300)
	pack := w.packed(w.contents())
	somebody, _ := organisation(f, "somebody else", at.AddDate(-1, 0, 0), at.AddDate(5, 0, 0), nil, nil)
	f.Add(pack)
	f.Add(pack[:len(pack)/2])
	for _, name := range []string{indexName, policyName, "report.pdf", "capture.wacz", "checkpoints/1/checkpoint", "checkpoints/1/tsa-one.tst"} {
		all := files(f, pack)
		for i := range all {
			if all[i].Name == name {
				all[i].Bytes[len(all[i].Bytes)/2] ^= 1
			}
		}
		f.Add(w.rebuilt(all, somebody))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n := 0
		err := Verify(t.Context(), bytes.NewReader(b), int64(len(b)), w.policy, func(c Check) { n++ })
		if n == 0 || err == nil && !bytes.Equal(b, pack) {
			t.Errorf("%d checks, %v", n, err)
		}
	})
}

// FuzzTrust reads any policy file; what it takes can be written and read again.
func FuzzTrust(f *testing.F) {
	f.Add(bareWorld(f).policy)
	f.Add([]byte("quorum none\n# authority a\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	f.Add([]byte("quorum none\n# organisation\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		trust, err := ParseTrust(b)
		if err != nil {
			return
		}
		again, err := Deposit([]byte("quorum none\n"), trust.Authorities, trust.Organisation)
		if err != nil {
			t.Fatal(err)
		}
		other, err := ParseTrust(again)
		if err != nil || len(other.Authorities) != len(trust.Authorities) || len(other.Organisation) != len(trust.Organisation) {
			t.Errorf("%v, %+v", err, other)
		}
	})
}

// FuzzPDF looks at any PDF.
func FuzzPDF(f *testing.F) {
	w := bareWorld(f)
	trust, err := ParseTrust(w.policy)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(w.pdf())
	f.Add([]byte("/ByteRange [0 1 3 1]<>x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		covered, der, err := pdfParts(b)
		if err != nil {
			return
		}
		if len(covered) >= len(b) || len(der) == 0 {
			t.Errorf("%d of %d bytes, a signature of %d", len(covered), len(b), len(der))
		}
		_, _ = pdfSigned(b, trust, at, at)
	})
}

func BenchmarkWrite(b *testing.B) {
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprintf("captures=%d", n), func(b *testing.B) {
			w := newWorld(b, n, 4, 40_000)
			c := w.contents()
			b.ResetTimer()
			for range b.N {
				out := &summingWriter{}
				if _, err := Write(b.Context(), out, c, nil); err != nil {
					b.Fatal(err)
				}
				b.SetBytes(out.n)
			}
		})
	}
}

type summingWriter struct{ n int64 }

func (s *summingWriter) Write(p []byte) (int, error) { s.n += int64(len(p)); return len(p), nil }

func BenchmarkVerify(b *testing.B) {
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprintf("captures=%d", n), func(b *testing.B) {
			w := newWorld(b, n, 4, 40_000)
			pack := w.packed(w.contents())
			b.SetBytes(int64(len(pack)))
			b.ResetTimer()
			for range b.N {
				if err := Verify(b.Context(), bytes.NewReader(pack), int64(len(pack)), w.policy, func(Check) {}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
