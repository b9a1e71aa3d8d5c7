// Package papertest has reports read by programs of others, in tests: pdfcpu, qpdf,
// poppler (pdfsig, pdftotext), OpenSSL and LibreOffice. A program that is not there skips
// the test that needs it, with the Debian package that brings it.
package papertest

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"zoeklicht/internal/export/report/pades"
)

// Need skips a test where a program is not there.
func Need(t testing.TB, program, debian string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("%s is not there: it is in Debian's package %s", program, debian)
	}
}

// Write writes a file into a folder of the test and gives its path.
func Write(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Run runs a program and gives what it printed; a failure ends the test.
func Run(t testing.TB, program string, args ...string) string {
	t.Helper()
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Sound has the structure of PDFs checked by qpdf, and by pdfcpu with everything that it
// is strict about. Two readers, because a document that others found sound was not.
func Sound(t *testing.T, pdfs ...[]byte) {
	t.Helper()
	var paths []string
	for i, pdf := range pdfs {
		paths = append(paths, Write(t, fmt.Sprintf("report-%d.pdf", i), pdf))
	}
	t.Run("qpdf", func(t *testing.T) {
		Need(t, "qpdf", "qpdf")
		for _, path := range paths {
			if out := Run(t, "qpdf", "--check", path); !strings.Contains(out, "No syntax or stream encoding errors found") || strings.Contains(out, "WARNING") {
				t.Errorf("qpdf --check:\n%s", out)
			}
		}
	})
	t.Run("pdfcpu", func(t *testing.T) {
		out := pdfcpu(t, append([]string{"validate", "--mode", "strict"}, paths...)...)
		if n := strings.Count(out, "validation ok"); n != len(paths) {
			t.Errorf("pdfcpu finds %d of %d sound:\n%s", n, len(paths), out)
		}
	})
}

// pdfcpu runs pdfcpu as tools/pdf/go.mod pins it.
func pdfcpu(t testing.TB, args ...string) string {
	t.Helper()
	mod, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		t.Fatalf("go env GOMOD: %v", err)
	}
	pinned := filepath.Join(filepath.Dir(strings.TrimSpace(string(mod))), "tools", "pdf", "go.mod")
	cmd := exec.Command("go", append([]string{"tool", "-modfile=" + pinned, "pdfcpu", "--conf", "disable", "--offline"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil && strings.HasPrefix(string(out), "go: ") {
		t.Skipf("pdfcpu cannot be had from the module proxy: %s", out)
	}
	if err != nil {
		t.Fatalf("pdfcpu %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Text gives what pdftotext reads, page by page in reading order.
func Text(t testing.TB, pdf []byte) string {
	t.Helper()
	Need(t, "pdftotext", "poppler-utils")
	return Run(t, "pdftotext", "-enc", "UTF-8", Write(t, "report.pdf", pdf), "-")
}

// Attached gives the files attached to a PDF, by name, as pdfdetach saves them.
func Attached(t testing.TB, pdf []byte) map[string][]byte {
	t.Helper()
	Need(t, "pdfdetach", "poppler-utils")
	dir := t.TempDir()
	Run(t, "pdfdetach", "-saveall", "-o", dir, Write(t, "report.pdf", pdf))
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, e := range entries {
		if out[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// Identity is a signer for tests, with what checks its signatures.
type Identity struct {
	pades.Signer
	Root     *x509.Certificate
	RootFile string // in PEM
	dir      string
}

// Keys are the kinds of keys that documents are signed with.
var Keys = map[string]func() (crypto.Signer, error){
	"P-256":    func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) },
	"P-384":    func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P384(), rand.Reader) },
	"RSA 2048": func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) },
}

// NewIdentity makes a root, a signer of an organisation and a timestamping authority
// under it. The authority is OpenSSL's.
func NewIdentity(t testing.TB, key string) *Identity {
	t.Helper()
	id := &Identity{dir: t.TempDir()}
	make := func(name string, key crypto.Signer, parent *x509.Certificate, by crypto.Signer, extend func(*x509.Certificate)) *x509.Certificate {
		serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
		if err != nil {
			t.Fatal(err)
		}
		c := &x509.Certificate{
			SerialNumber: serial, Subject: pkix.Name{CommonName: name, Organization: []string{"Practice unit"}, Country: []string{"NL"}},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
			KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		}
		extend(c)
		if parent == nil {
			parent, by = c, key
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), by)
		if err != nil {
			t.Fatal(err)
		}
		out, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	generate := func(kind string) crypto.Signer {
		k, err := Keys[kind]()
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	rootKey, stampKey := generate("P-256"), generate("RSA 2048")
	id.Key = generate(key)
	id.Root = make("Practice root", rootKey, nil, nil, func(c *x509.Certificate) {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	})
	id.Chain = []*x509.Certificate{make("Practice unit, reports", id.Key, id.Root, rootKey, func(*x509.Certificate) {}), id.Root}
	stamp := make("Practice timestamps", stampKey, id.Root, rootKey, func(c *x509.Certificate) {
		c.KeyUsage = x509.KeyUsageDigitalSignature
		// Critical, which ExtKeyUsage does not make it: 1.3.6.1.5.5.7.3.8 alone.
		c.ExtraExtensions = []pkix.Extension{{Id: []int{2, 5, 29, 37}, Critical: true, Value: []byte{0x30, 0x0a, 0x06, 0x08, 0x2b, 6, 1, 5, 5, 7, 3, 8}}}
	})
	der, err := x509.MarshalPKCS8PrivateKey(stampKey)
	if err != nil {
		t.Fatal(err)
	}
	save := func(name, kind string, der []byte) string {
		path := filepath.Join(id.dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	id.RootFile = save("root.pem", "CERTIFICATE", id.Root.Raw)
	conf := fmt.Sprintf("[tsa]\ndefault_tsa = t\n[t]\nserial = %s/serial\ncrypto_device = builtin\nsigner_cert = %s\ncerts = %s\nsigner_key = %s\n"+
		"signer_digest = sha256\ndefault_policy = 1.3.6.1.4.1.13762.3\ndigests = sha256\naccuracy = secs:1\nordering = no\ntsa_name = no\ness_cert_id_chain = no\ness_cert_id_alg = sha256\n",
		id.dir, save("stamp.pem", "CERTIFICATE", stamp.Raw), id.RootFile, save("stamp.key", "PRIVATE KEY", der))
	for name, content := range map[string]string{"tsa.conf": conf, "serial": "01\n"} {
		if err := os.WriteFile(filepath.Join(id.dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	id.Stamp = func(_ context.Context, digest [32]byte) ([]byte, error) { return id.stamp(t, digest), nil }
	return id
}

// stamp has OpenSSL make a timestamp.
func (id *Identity) stamp(t testing.TB, digest [32]byte) []byte {
	t.Helper()
	Need(t, "openssl", "openssl")
	query, token := filepath.Join(id.dir, "query"), filepath.Join(id.dir, "token")
	Run(t, "openssl", "ts", "-query", "-digest", fmt.Sprintf("%x", digest), "-sha256", "-cert", "-out", query)
	Run(t, "openssl", "ts", "-reply", "-config", filepath.Join(id.dir, "tsa.conf"), "-queryfile", query, "-token_out", "-out", token)
	out, err := os.ReadFile(token)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Signed has a signature checked by pdfsig, which must find that it is right and covers
// the whole document.
func Signed(t *testing.T, pdf []byte) {
	t.Helper()
	t.Run("pdfsig", func(t *testing.T) {
		Need(t, "pdfsig", "poppler-utils")
		out := PDFSig(t, pdf)
		for _, want := range []string{"Signature is Valid.", "Total document signed", "ETSI.CAdES.detached"} {
			if !strings.Contains(out, want) {
				t.Errorf("pdfsig does not say %q:\n%s", want, out)
			}
		}
		if strings.Contains(out, "Not total document signed") {
			t.Errorf("pdfsig:\n%s", out)
		}
	})
}

// PDFSig gives what pdfsig says of a document's signatures.
func PDFSig(t testing.TB, pdf []byte) string {
	t.Helper()
	// Without a database of certificates: whether a practice root is trusted is no question.
	cmd := exec.Command("pdfsig", "-nocert", Write(t, "report.pdf", pdf))
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	out, _ := cmd.CombinedOutput() // its exit code says how many signatures are not right
	return string(out)
}

var (
	byteRange = regexp.MustCompile(`/ByteRange \[(\d+) (\d+) (\d+) (\d+) *\]`)
	contents  = regexp.MustCompile(`/Contents <([0-9a-f]+)>`)
)

// Parts gives a document's signature and the bytes that it covers.
func Parts(t testing.TB, pdf []byte) (signature, covered []byte) {
	t.Helper()
	r, c := byteRange.FindSubmatch(pdf), contents.FindSubmatch(pdf)
	if r == nil || c == nil {
		t.Fatal("there is no signature")
	}
	var n [4]int
	for i := range n {
		if _, err := fmt.Sscan(string(r[i+1]), &n[i]); err != nil {
			t.Fatal(err)
		}
	}
	if n[0] != 0 || n[2]+n[3] != len(pdf) || n[2]-n[1] != len(c[1])+2 {
		t.Fatalf("the signature covers %v of %d bytes, and its value has %d digits", n, len(pdf), len(c[1]))
	}
	if _, err := fmt.Sscanf(string(c[1]), "%x", &signature); err != nil {
		t.Fatal(err)
	}
	return signature, append(append([]byte{}, pdf[:n[1]]...), pdf[n[2]:]...)
}
