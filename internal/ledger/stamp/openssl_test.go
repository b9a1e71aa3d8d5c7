package stamp_test

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/ledger/stamp"
)

// openssl runs OpenSSL in a folder.
func openssl(t testing.TB, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("openssl", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

const tsaConfig = `
[tsa]
serial = serial
signer_digest = %s
default_policy = 1.3.6.1.4.1.32473.2
digests = sha256, sha384
accuracy = secs:1, millisecs:500
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = %s
clock_precision_digits = %d
[ext]
extendedKeyUsage = critical, timeStamping
keyUsage = critical, digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
`

// opensslAuthority makes a real authority with OpenSSL: a root, an issuer below it and
// a signer, with keys of a kind, and serves it.
func opensslAuthority(t testing.TB, newkey []string, digest, ess string, precision int) (url string, roots *x509.CertPool) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("tsa.cnf", fmt.Sprintf(tsaConfig, digest, ess, precision))
	write("req.cnf", "[req]\ndistinguished_name = dn\n[dn]\n")
	write("serial", "01\n")
	newReq := func(name string) {
		args := append([]string{"req", "-config", "req.cnf", "-new", "-nodes", "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=Practice " + name}, newkey...)
		openssl(t, dir, args...)
	}
	for _, name := range []string{"root", "issuer", "signer"} {
		newReq(name)
	}
	ext := func(section string) []string {
		return []string{"-days", "3650", "-extfile", "tsa.cnf", "-extensions", section}
	}
	openssl(t, dir, append([]string{"x509", "-req", "-in", "root.csr", "-key", "root.key", "-out", "root.pem"}, ext("ca")...)...)
	openssl(t, dir, append([]string{"x509", "-req", "-in", "issuer.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-out", "issuer.pem"}, ext("ca")...)...)
	openssl(t, dir, append([]string{"x509", "-req", "-in", "signer.csr", "-CA", "issuer.pem", "-CAkey", "issuer.key", "-CAcreateserial", "-out", "signer.pem"}, ext("ext")...)...)

	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		write("q.tsq", string(q))
		openssl(t, dir, "ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-queryfile", "q.tsq",
			"-signer", "signer.pem", "-inkey", "signer.key", "-chain", "issuer.pem", "-out", "reply.tsr")
		b, err := os.ReadFile(filepath.Join(dir, "reply.tsr"))
		if err != nil {
			t.Error(err)
		}
		w.Write(b)
	}))
	t.Cleanup(s.Close)
	b, err := os.ReadFile(filepath.Join(dir, "root.pem"))
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM(b)
	return s.URL, roots
}

// TestOpenSSL takes tokens from real authorities of several makes, and verifies them.
func TestOpenSSL(t *testing.T) {
	t.Parallel()
	rsa := []string{"-newkey", "rsa:2048"}
	ec := func(curve string) []string {
		return []string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:" + curve}
	}
	for _, tc := range []struct {
		name        string
		newkey      []string
		digest, ess string
		precision   int
	}{
		{"RSA, SHA-256", rsa, "sha256", "sha256", 0},
		{"RSA, SHA-512, old attribute", rsa, "sha512", "sha1", 3},
		{"P-256, SHA-256", ec("P-256"), "sha256", "sha256", 6},
		{"P-384, SHA-384", ec("P-384"), "sha384", "sha512", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			url, roots := opensslAuthority(t, tc.newkey, tc.digest, tc.ess, tc.precision)
			digest := sha256.Sum256([]byte("a checkpoint"))
			token, err := stamp.Fetch(t.Context(), http.DefaultClient, url, digest)
			if err != nil {
				t.Fatal(err)
			}
			got, err := stamp.Verify(token, digest, roots)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Chain) != 3 || got.Accuracy != 1500*time.Millisecond || got.Policy != "1.3.6.1.4.1.32473.2" || got.Serial.Sign() <= 0 || got.Signer.Subject.CommonName != "Practice signer" {
				t.Errorf("%+v", got)
			}
			if since := time.Since(got.At); since < -time.Minute || since > time.Hour {
				t.Errorf("stamped at %v", got.At)
			}
			if _, err := stamp.Verify(token, sha256.Sum256([]byte("another")), roots); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
				t.Errorf("another digest: %v", err)
			}
			if _, err := stamp.Verify(token, digest, authority(t).Roots()); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
				t.Errorf("another root: %v", err)
			}
		})
	}
}

// TestByOpenSSL has OpenSSL verify a token of our authority, as VERIFY.txt does.
func TestByOpenSSL(t *testing.T) {
	t.Parallel()
	a := authority(t)
	s := httptest.NewServer(a)
	defer s.Close()
	digest := sha256.Sum256([]byte("a checkpoint"))
	token, err := stamp.Fetch(t.Context(), s.Client(), s.URL, digest)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, b := range map[string][]byte{
		"token.der":  token,
		"root.pem":   pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Root().Raw}),
		"checkpoint": []byte("a checkpoint"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	at := fmt.Sprint(now.Unix())
	openssl(t, dir, "ts", "-verify", "-token_in", "-in", "token.der", "-digest", hex.EncodeToString(digest[:]), "-CAfile", "root.pem", "-attime", at)
	openssl(t, dir, "ts", "-verify", "-token_in", "-in", "token.der", "-data", "checkpoint", "-CAfile", "root.pem", "-attime", at)
	cmd := exec.Command("openssl", "ts", "-verify", "-token_in", "-in", "token.der", "-digest", strings.Repeat("00", 32), "-CAfile", "root.pem", "-attime", at)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err == nil {
		t.Errorf("another digest: %s", out)
	}
}
