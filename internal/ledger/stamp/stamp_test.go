package stamp_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/ledger/stamp"
)

var now = time.Date(2026, 11, 5, 10, 20, 30, 0, time.UTC)

func authority(t testing.TB) *stamp.Authority {
	t.Helper()
	a, err := stamp.NewAuthority("Practice authority", func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func digestOf(text string) [32]byte { return sha256.Sum256([]byte(text)) }

// fetch gets a token from an authority.
func fetch(t testing.TB, a http.Handler, digest [32]byte) ([]byte, error) {
	t.Helper()
	s := httptest.NewServer(a)
	defer s.Close()
	return stamp.Fetch(t.Context(), s.Client(), s.URL, digest)
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "practice", "authority.pem")
	a, err := stamp.OpenAuthority(path, "Practice authority", func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	again, err := stamp.OpenAuthority(path, "Practice authority", func() time.Time { return now.Add(time.Hour) })
	if err != nil {
		t.Fatal(err)
	}
	for at, who := range map[time.Time]*stamp.Authority{now: a, now.Add(time.Hour): again} {
		token, err := fetch(t, who, digestOf("a checkpoint"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := stamp.Verify(token, digestOf("a checkpoint"), a.Roots())
		if err != nil {
			t.Fatal(err)
		}
		if !got.At.Equal(at) || !got.Signer.Equal(a.Signer) || len(got.Chain) != 2 || got.Accuracy != time.Second {
			t.Errorf("%+v", got)
		}
	}
}

// made is an authority whose signer's certificate was changed before it was issued.
func made(t testing.TB, change func(c *x509.Certificate)) *stamp.Authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	issue := func(c, by *x509.Certificate) *x509.Certificate {
		der, err := x509.CreateCertificate(rand.Reader, c, by, &key.PublicKey, key)
		if err != nil {
			t.Fatal(err)
		}
		out, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	root := &x509.Certificate{
		Subject: pkix.Name{CommonName: "root"}, SerialNumber: big.NewInt(1), NotBefore: now.AddDate(-10, 0, 0), NotAfter: now.AddDate(10, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	root = issue(root, root)
	leaf := &x509.Certificate{
		Subject: pkix.Name{CommonName: "signer"}, SerialNumber: big.NewInt(2), NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtraExtensions: []pkix.Extension{usage(t, true, 8)},
	}
	change(leaf)
	return &stamp.Authority{Signer: issue(leaf, root), Key: key, Chain: []*x509.Certificate{root}, Clock: func() time.Time { return now }}
}

// usage makes an extended key usage of numbers below id-kp; 8 is for timestamps.
func usage(t testing.TB, critical bool, of ...int) pkix.Extension {
	t.Helper()
	var all []asn1.ObjectIdentifier
	for _, n := range of {
		all = append(all, asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, n})
	}
	b, err := asn1.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: critical, Value: b}
}

// TestSigners: whose tokens are believed, and whose are not.
func TestSigners(t *testing.T) {
	t.Parallel()
	digest := digestOf("a checkpoint")
	for _, tc := range []struct {
		name    string
		change  func(*x509.Certificate)
		fetches string // what Fetch says; "" if it gives the token
		wrong   string // what Verify says
	}{
		{"as it should be", func(*x509.Certificate) {}, "", ""},
		{"not critical", func(c *x509.Certificate) { c.ExtraExtensions = []pkix.Extension{usage(t, false, 8)} }, "critical", ""},
		{"for code as well", func(c *x509.Certificate) { c.ExtraExtensions = []pkix.Extension{usage(t, true, 8, 3)} }, "timestamps alone", ""},
		{"for servers", func(c *x509.Certificate) { c.ExtraExtensions = []pkix.Extension{usage(t, true, 1)} }, "timestamps alone", ""},
		{"for something unknown as well", func(c *x509.Certificate) { c.ExtraExtensions = []pkix.Extension{usage(t, true, 8, 99)} }, "timestamps alone", ""},
		{"for anything", func(c *x509.Certificate) { c.ExtraExtensions = nil }, "timestamps alone", ""},
		{"not for signatures", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }, "not for signatures", ""},
		{"expired when it stamped", func(c *x509.Certificate) { c.NotAfter = now.Add(-time.Hour) }, "", "expired"},
		{"not valid yet when it stamped", func(c *x509.Certificate) { c.NotBefore = now.Add(time.Hour) }, "", "not yet valid"},
		{"expired since", func(c *x509.Certificate) { c.NotBefore, c.NotAfter = now.Add(-time.Hour), now.Add(time.Minute) }, "", ""},
	} {
		a := made(t, tc.change)
		token, err := fetch(t, a, digest)
		if tc.fetches != "" {
			if zoeklicht.CodeOf(err) != zoeklicht.Invalid || !strings.Contains(err.Error(), tc.fetches) {
				t.Errorf("%s: fetched with %v", tc.name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		_, err = stamp.Verify(token, digest, a.Roots())
		if tc.wrong == "" && err != nil || tc.wrong != "" && (zoeklicht.CodeOf(err) != zoeklicht.Invalid || !strings.Contains(err.Error(), tc.wrong)) {
			t.Errorf("%s: verified with %v", tc.name, err)
		}
	}
	good := made(t, func(*x509.Certificate) {})
	token, err := fetch(t, good, digest)
	if err != nil {
		t.Fatal(err)
	}
	for name, roots := range map[string]*x509.CertPool{"another root": authority(t).Roots(), "no root": x509.NewCertPool(), "nil": nil} {
		if _, err := stamp.Verify(token, digest, roots); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := stamp.Verify(token, digestOf("another"), good.Roots()); err == nil || !strings.Contains(err.Error(), "another digest") {
		t.Errorf("another digest: %v", err)
	}
	if _, err := stamp.Verify(append(token, 0), digest, good.Roots()); err == nil {
		t.Error("a byte more was accepted")
	}
}

// TestAnswers: what an authority may answer, and a stranger in its place.
func TestAnswers(t *testing.T) {
	t.Parallel()
	a := authority(t)
	digest := digestOf("a checkpoint")
	var kept []byte // an answer of before
	record := httptest.NewRecorder()
	keep := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.ServeHTTP(record, r)
		kept = record.Body.Bytes()
		w.Write(kept)
	})
	if _, err := fetch(t, keep, digest); err != nil {
		t.Fatal(err)
	}
	answer := func(b []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { w.Write(b) }
	}
	for _, tc := range []struct {
		name string
		h    http.HandlerFunc
		code zoeklicht.Code
		says string
	}{
		{"an answer of before", answer(kept), zoeklicht.Invalid, "another question"},
		{"nothing", answer(nil), zoeklicht.Unavailable, "cannot be read"},
		{"a page", answer([]byte("<html>")), zoeklicht.Unavailable, "cannot be read"},
		{"endless", answer(make([]byte, stamp.MaxToken+2)), zoeklicht.Unavailable, "too long"},
		{"an error", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", http.StatusBadGateway) }, zoeklicht.Unavailable, "502"},
		{"rejected", answer([]byte{0x30, 0x0a, 0x30, 0x08, 2, 1, 2, 0x30, 3, 0x0c, 1, 'x'}), zoeklicht.Unavailable, "status 2: \"x\""},
		{"granted nothing", answer([]byte{0x30, 5, 0x30, 3, 2, 1, 0}), zoeklicht.Unavailable, "no token"},
		{"another digest", func(w http.ResponseWriter, r *http.Request) {
			b, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			other := digestOf("another")
			r.Body = io.NopCloser(strings.NewReader(strings.Replace(string(b), string(digest[:]), string(other[:]), 1)))
			a.ServeHTTP(w, r)
		}, zoeklicht.Invalid, "another digest"},
	} {
		if _, err := fetch(t, tc.h, digest); zoeklicht.CodeOf(err) != tc.code || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	if _, err := stamp.Fetch(t.Context(), http.DefaultClient, "http://127.0.0.1:1/", digest); zoeklicht.CodeOf(err) != zoeklicht.Unavailable {
		t.Errorf("nobody there: %v", err)
	}
	s := httptest.NewServer(a)
	defer s.Close()
	for name, body := range map[string]string{"garbage": "hello", "empty": ""} {
		r, err := s.Client().Post(s.URL, "application/timestamp-query", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil || r.StatusCode != http.StatusOK || len(b) == 0 || len(b) > 40 {
			t.Errorf("%s: %s, %x, %v", name, r.Status, b, err)
		}
	}
	if r, err := s.Client().Get(s.URL); err != nil || r.StatusCode != http.StatusBadRequest {
		t.Errorf("GET: %v, %v", r.Status, err)
	}
}

// TestEveryBit flips each bit of a token. All are found but those of the root that the
// authority sends along: the root that is believed is ours.
func TestEveryBit(t *testing.T) {
	t.Parallel()
	a := authority(t)
	digest := digestOf("a checkpoint")
	token, err := fetch(t, a, digest)
	if err != nil {
		t.Fatal(err)
	}
	roots := a.Roots()
	want, err := stamp.Verify(token, digest, roots)
	if err != nil {
		t.Fatal(err)
	}
	from := bytes.Index(token, a.Root().Raw)
	to := from + len(a.Root().Raw)
	for i := range len(token) * 8 {
		token[i/8] ^= 1 << (i % 8)
		got, err := stamp.Verify(token, digest, roots)
		if err == nil && (i/8 < from || i/8 >= to) {
			t.Errorf("bit %d of byte %d was not found", i%8, i/8)
		}
		if err == nil && (!got.At.Equal(want.At) || !got.Signer.Equal(want.Signer) || got.Serial.Cmp(want.Serial) != 0 || got.Policy != want.Policy) {
			t.Errorf("bit %d of byte %d makes it say %+v", i%8, i/8, got)
		}
		token[i/8] ^= 1 << (i % 8)
	}
}

// FuzzVerify: whatever is given, nothing but the token itself is accepted for a digest
// that it is not of, and nothing panics.
func FuzzVerify(f *testing.F) {
	a := authority(f)
	digest := digestOf("a checkpoint")
	token, err := fetch(f, a, digest)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add(token[:len(token)/2])
	f.Add([]byte{0x30, 0x80, 0, 0})
	roots, other := a.Roots(), digestOf("another")
	f.Fuzz(func(t *testing.T, der []byte) {
		if _, err := stamp.Verify(der, other, roots); err == nil {
			t.Error("a token of another digest was accepted")
		} else if zoeklicht.CodeOf(err) != zoeklicht.Invalid {
			t.Error(err)
		}
		if s, err := stamp.Verify(der, digest, roots); err == nil && !s.At.Equal(now) {
			t.Errorf("it says %v", s.At)
		}
	})
}
