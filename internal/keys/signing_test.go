package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"os"
	"strings"
	"sync"
	"testing"

	"zoeklicht"
)

func TestSigning(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := LoadSigning(dir, "Practice police unit", now)
	if err != nil {
		t.Fatal(err)
	}
	again, err := LoadSigning(dir, "Another name", now)
	if err != nil || !again.Certificate.Equal(s.Certificate) {
		t.Errorf("made again: %v", err)
	}
	digest := sha256.Sum256([]byte("a document"))
	sig, err := again.Key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Certificate.CheckSignature(x509.ECDSAWithSHA256, []byte("a document"), sig); err != nil {
		t.Error(err)
	}
	if nobody, err := LoadSigning(t.TempDir(), "", now); err != nil || nobody.Certificate.Subject.String() != "CN=Zoeklicht" {
		t.Errorf("without an organisation: %v, %v", nobody, err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewSigning(other, []*x509.Certificate{s.Certificate}); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("the certificate of another key: %v", err)
	}
	if _, err := NewSigning(other, nil); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("no certificate: %v", err)
	}
	b, err := os.ReadFile(SigningPath(dir))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty": "", "no key": string(b[:strings.Index(string(b), "-----BEGIN PRIVATE KEY")]), "torn": string(b[:len(b)/3]),
		"foreign": "-----BEGIN NOTHING-----\nAAAA\n-----END NOTHING-----\n",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(SigningPath(dir), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadSigning(dir, "x", now); zoeklicht.CodeOf(err) != zoeklicht.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWACZ: of many processes that need the key at once, all get the same.
func TestWACZ(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	got := make([]*ecdsa.PrivateKey, 8)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			k, err := LoadWACZ(dir)
			if err != nil {
				t.Error(err)
			}
			got[i] = k
		})
	}
	wg.Wait()
	for _, k := range got {
		if !k.Equal(got[0]) || k.Curve != elliptic.P384() {
			t.Error("another key")
		}
	}
	if err := os.WriteFile(WACZPath(dir), []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadWACZ(dir); zoeklicht.CodeOf(err) != zoeklicht.Unavailable {
		t.Error(err)
	}
}
