package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"zoeklicht"

	"github.com/google/go-cmp/cmp"
)

const testPIN = "31415926-secret"

// bare is an environment with a search path and nothing of the machine's.
func bare(name string) (string, bool) { return "/usr/bin:/bin", name == "PATH" }

func ecKey(t testing.TB, c elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// put writes a file of mode 0600 and gives its path.
func put(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// shell is a command that the shell reads, with a PIN. Arguments follow the script.
func shell(t testing.TB, script string, args ...string) *SigningConfig {
	t.Helper()
	return &SigningConfig{Command: append(Words{"/bin/sh", "-c", script, "sh"}, args...), PinFile: put(t, "pin", []byte(testPIN+"\nnot the PIN\n"))}
}

// openssl is a command that signs with a key in a file.
func openssl(t testing.TB, key crypto.Signer) *SigningConfig {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not there: it is in Debian's package openssl")
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return &SigningConfig{Command: Words{"openssl", "pkeyutl", "-sign", "-inkey", put(t, "key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))}}
}

var digest = sha256.Sum256([]byte("a document"))

// ask has a command sign the digest for a key.
func ask(t testing.TB, c *SigningConfig, public crypto.PublicKey) ([]byte, error) {
	t.Helper()
	s, err := NewOutside(c, public, bare)
	if err != nil {
		t.Fatal(err)
	}
	return s.Sign(rand.Reader, digest[:], crypto.SHA256)
}

// TestOutside signs through OpenSSL, another program than PKCS#11's.
func TestOutside(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.Signer{
		"P-256": ecKey(t, elliptic.P256()), "P-384": ecKey(t, elliptic.P384()), "P-521": ecKey(t, elliptic.P521()), "RSA": rsaKey,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sig, err := ask(t, openssl(t, key), key.Public())
			if err != nil || !verifies(key.Public(), crypto.SHA256, digest[:], sig) {
				t.Errorf("%x, %v", sig, err)
			}
		})
	}
}

// TestOutsideFails: a command that does anything else than sign gives an error that says
// what, what is safe and what to do, and never the PIN, though the command tells it
// everywhere.
func TestOutsideFails(t *testing.T) {
	t.Parallel()
	key := ecKey(t, elliptic.P256())
	private := openssl(t, ecKey(t, elliptic.P256())).Command
	for _, c := range []struct {
		name string
		cfg  *SigningConfig
		says []string
	}{
		{"nothing", shell(t, "cat >/dev/null"), []string{"printed 0 bytes", "no signature by the key"}},
		{"text", shell(t, `echo "$ZOEKLICHT_SIGNING_PIN"`), []string{"printed 16 bytes", "names the key"}},
		{"zeros of the right size", shell(t, "head -c 64 /dev/zero"), []string{"printed 64 bytes"}},
		{"noise of the right size", shell(t, "head -c 64 /dev/urandom"), []string{"printed 64 bytes"}},
		{"another key", shell(t, `exec "$@"`, private...), []string{"no signature by the key of the certificate"}},
		{"a signature and more", shell(t, `"$@"; echo`, private...), []string{"no signature by the key"}},
		{"without end", shell(t, "exec cat /dev/zero"), []string{"more than 4096 bytes"}},
		{"without end on standard error", shell(t, "head -c 9000000 /dev/zero >&2; exit 7"), []string{"exit status 7"}},
		{"PIN in all it says", shell(t, `echo "$ZOEKLICHT_SIGNING_PIN"; echo "PIN $ZOEKLICHT_SIGNING_PIN is wrong, $ZOEKLICHT_SIGNING_PIN" >&2; exit 5`), []string{"exit status 5", "type the command"}},
		{"PIN as a return value", shell(t, `echo "CKR_$ZOEKLICHT_SIGNING_PIN CKR_SECRET" >&2; exit 5`), []string{"exit status 5;", "type the command"}},
		{"killed", shell(t, "kill -9 $$"), []string{"signal: killed"}},
		{"token away", shell(t, "echo 'rv = CKR_TOKEN_NOT_PRESENT (0xe0)' >&2; exit 1"), []string{"exit status 1: the token is not there (CKR_TOKEN_NOT_PRESENT)", "module is connected"}},
		{"not there", &SigningConfig{Command: Words{"/nonexistent/signer"}}, []string{"/nonexistent/signer", "no such file"}},
		{"not on the path", &SigningConfig{Command: Words{"no-such-signer"}}, []string{"no-such-signer", "not found"}},
		{"no PIN file", &SigningConfig{Command: Words{"true"}, PinFile: "/nonexistent/pin"}, []string{"its PIN", "signing.pin-file"}},
		{"empty PIN file", &SigningConfig{Command: Words{"true"}, PinFile: put(t, "pin", []byte("\nsecond"))}, []string{"first line", "no PIN"}},
		{"PIN in the command", &SigningConfig{Command: Words{"true", "-p", testPIN}, PinFile: put(t, "pin", []byte(testPIN+"\r\n"))}, []string{"stands in signing.command"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sig, err := ask(t, c.cfg, key.Public())
			if sig != nil || zoeklicht.CodeOf(err) != zoeklicht.Unavailable {
				t.Fatalf("%x, code %q of %v", sig, zoeklicht.CodeOf(err), err)
			}
			for _, want := range append(c.says, "gave no signature", "no document was signed and nothing left") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), testPIN) || strings.Contains(err.Error(), "CKR_SECRET") {
				t.Errorf("the PIN stands in %q", err)
			}
		})
	}
	open := shell(t, "true")
	if err := os.Chmod(open.PinFile, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ask(t, open, key.Public()); err == nil || !strings.Contains(err.Error(), "can be read by others") {
		t.Errorf("a PIN that others can read: %v", err)
	}
}

// TestOutsideHangs: a command that does not answer is killed with what it started. The
// pipe ends when the last process that holds it is gone.
func TestOutsideHangs(t *testing.T) {
	t.Parallel()
	fifo := filepath.Join(t.TempDir(), "held")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		f, err := os.Open(fifo) // once the command opens it
		if err == nil {
			_, err = io.Copy(io.Discard, f)
			f.Close()
		}
		ended <- err
	}()
	c := shell(t, `exec 9>"$1"; (sleep 3600; echo) & sleep 3600; wait`, fifo)
	c.Timeout = 500 * time.Millisecond
	_, err := ask(t, c, ecKey(t, elliptic.P256()).Public())
	if zoeklicht.CodeOf(err) != zoeklicht.Unavailable || !strings.Contains(err.Error(), "did not answer within 500ms") {
		t.Error(err)
	}
	// Where it was killed before it opened the pipe, nobody else lets the reader go on.
	if w, err := os.OpenFile(fifo, os.O_RDWR, 0); err != nil { // which waits for nobody
		t.Error(err)
	} else {
		w.Close()
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestOutsideRefused: a PIN that the token refused is not tried again, however the
// command ended, until it is another one.
func TestOutsideRefused(t *testing.T) {
	t.Parallel()
	for _, exit := range []string{"exit 0", "exit 1", "cat /dev/zero"} {
		runs := filepath.Join(t.TempDir(), "runs")
		c := shell(t, `echo run >>"$1"; echo "C_Login failed: rv = CKR_PIN_INCORRECT (0xa0), $ZOEKLICHT_SIGNING_PIN" >&2; `+exit, runs)
		s, err := NewOutside(c, ecKey(t, elliptic.P256()).Public(), bare)
		if err != nil {
			t.Fatal(err)
		}
		try := func(times int, says string) {
			t.Helper()
			_, err := s.Sign(rand.Reader, digest[:], crypto.SHA256)
			if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), testPIN) {
				t.Errorf("%v does not say %q", err, says)
			}
			if b, err := os.ReadFile(runs); err != nil || strings.Count(string(b), "run") != times {
				t.Errorf("%s: it ran %d times and not %d, %v", exit, strings.Count(string(b), "run"), times, err)
			}
		}
		try(1, "CKR_PIN_INCORRECT")
		try(1, "not asked again")
		try(1, "not asked again")
		if err := os.WriteFile(c.PinFile, []byte("another"), 0o600); err != nil {
			t.Fatal(err)
		}
		try(2, "CKR_PIN_INCORRECT")
	}
}

// TestOutsideGets: a command gets its arguments as they are, the digest, and of the
// environment what it was promised.
func TestOutsideGets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := shell(t, `cd "$1" && shift && printf '%s\n' "$@" >args && tr '\0' '\n' </proc/$$/environ >env && cat >input`, dir, "a b", "$HOME", "*", "'; exit 9", "")
	c.Environment = Words{"MODULE_CONF"}
	key := ecKey(t, elliptic.P256())
	s, err := NewOutside(c, key.Public(), func(name string) (string, bool) {
		v, ok := map[string]string{"PATH": "/usr/bin:/bin", "MODULE_CONF": "/etc/module.conf", "ZOEKLICHT_DATABASE": "postgres://owner:secret@db/"}[name]
		return v, ok
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Sign(rand.Reader, digest[:], crypto.SHA256); err == nil {
		t.Error("nothing was printed, and it was a signature")
	}
	for name, want := range map[string]string{
		"args": "a b\n$HOME\n*\n'; exit 9\n\n", "input": string(digest[:]),
		"env": "LC_ALL=C\nPATH=/usr/bin:/bin\nMODULE_CONF=/etc/module.conf\nZOEKLICHT_SIGNING_PIN=" + testPIN + "\n",
	} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s: %q instead of %q, %v", name, got, want, err)
		}
	}
	if _, err := s.Sign(rand.Reader, digest[:20], crypto.SHA256); err == nil || zoeklicht.CodeOf(err) != zoeklicht.Internal {
		t.Errorf("a digest that is too short: %v", err)
	}
	if _, err := s.Sign(rand.Reader, digest[:20], crypto.SHA1); err == nil {
		t.Error("SHA-1 was signed")
	}
}

// TestReadings reads raw signatures and those in DER, short ones among them, and takes
// what looks like both for what verifies.
func TestReadings(t *testing.T) {
	t.Parallel()
	for curve, times := range map[elliptic.Curve]int{
		elliptic.P256(): 600, // of which four or five have a zero in front of r or s
		elliptic.P384(): 20,
		elliptic.P521(): 40, // of which ten have one in front of both
	} {
		key, size := ecKey(t, curve), (curve.Params().BitSize+7)/8
		for range times {
			der, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
			if err != nil {
				t.Fatal(err)
			}
			r, s := split(t, der)
			forms := [][]byte{der, slices.Concat(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size)))}
			if half := (max(r.BitLen(), s.BitLen()) + 7) / 8; half < size { // as PKCS#11 lets a token shorten it
				forms = append(forms, slices.Concat(r.FillBytes(make([]byte, half)), s.FillBytes(make([]byte, half))))
			}
			for _, b := range forms {
				if !slices.ContainsFunc(readings(key.Public(), b), func(sig []byte) bool { return verifies(key.Public(), crypto.SHA256, digest[:], sig) }) {
					t.Fatalf("%s: %x is not read", curve.Params().Name, b)
				}
			}
		}
	}
}

// split takes an ECDSA-Sig-Value apart: SEQUENCE { INTEGER r, INTEGER s }.
func split(t testing.TB, der []byte) (r, s *big.Int) {
	t.Helper()
	at := 2
	if der[1] >= 0x80 {
		at = 3
	}
	rest := der[at:]
	r, rest = new(big.Int).SetBytes(rest[2:2+rest[1]]), rest[2+rest[1]:]
	return r, new(big.Int).SetBytes(rest[2 : 2+rest[1]])
}

// FuzzReadings: whatever a command prints, what is taken for a signature is one.
func FuzzReadings(f *testing.F) {
	key := ecKey(f, elliptic.P256())
	der, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{nil, der, der[:len(der)-1], make([]byte, 64), []byte("PIN: "), {0x30, 0x06, 2, 1, 1, 2, 1, 1}, {0x30, 0x80, 0, 0}} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		all := readings(key.Public(), b)
		if len(all) == 0 || len(all) > 2 {
			t.Fatalf("%d readings of %x", len(all), b)
		}
		for _, sig := range all {
			if !verifies(key.Public(), crypto.SHA256, digest[:], sig) {
				continue
			}
			if r, s := split(t, sig); !ecdsa.Verify(&key.PublicKey, digest[:], r, s) {
				t.Fatalf("%x was taken for a signature", b)
			}
		}
	})
}

// authority makes one, and has it certify a key; both as PEM.
func authority(t testing.TB, public crypto.PublicKey) (root, issued []byte) {
	t.Helper()
	key := ecKey(t, elliptic.P384())
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: whose("Practice authority"), NotBefore: now, NotAfter: now.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: whose("Practice unit"), NotBefore: now, NotAfter: now.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature}
	for _, made := range []struct {
		c      *x509.Certificate
		public crypto.PublicKey
		to     *[]byte
	}{{ca, key.Public(), &root}, {c, public, &issued}} {
		der, err := x509.CreateCertificate(rand.Reader, made.c, ca, made.public, key)
		if err != nil {
			t.Fatal(err)
		}
		*made.to = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	return root, issued
}

// TestSigningConfig holds what a configuration may not say, and that no secret in it is
// told on.
func TestSigningConfig(t *testing.T) {
	t.Parallel()
	key := ecKey(t, elliptic.P256())
	own, err := SelfSigned(key, "Practice unit", now)
	if err != nil {
		t.Fatal(err)
	}
	other, err := SelfSigned(ecKey(t, elliptic.P256()), "Another unit", now)
	if err != nil {
		t.Fatal(err)
	}
	good := put(t, "chain.pem", pem.EncodeToMemory(own))
	for _, c := range []struct {
		name string
		cfg  SigningConfig
		says string
	}{
		{"certificates without a command", SigningConfig{Certificates: good}, "signing.command names no program"},
		{"an empty program", SigningConfig{Command: Words{""}, Certificates: good}, "names no program"},
		{"a negative time", SigningConfig{Command: Words{"x"}, Certificates: good, Timeout: -1}, "signing.timeout"},
		{"a zero byte", SigningConfig{Command: Words{"x", "a\x00b"}, Certificates: good}, "word 2"},
		{"a PIN", SigningConfig{Command: Words{"pkcs11-tool", "--pin", testPIN}, Certificates: good}, "word 3 of signing.command seems to be a PIN"},
		{"a PIN with =", SigningConfig{Command: Words{"pkcs11-tool", "--pin=" + testPIN}, Certificates: good}, "word 2"},
		{"a PIN with = in it", SigningConfig{Command: Words{"pkcs11-tool", "--pin", testPIN + "="}, Certificates: good}, "word 3"},
		{"OpenSSL's password", SigningConfig{Command: Words{"openssl", "-passin", "pass:" + testPIN}, Certificates: good}, "word 3"},
		{"a URI's PIN", SigningConfig{Command: Words{"p11tool", "pkcs11:token=x?pin-value=" + testPIN}, Certificates: good}, "word 2"},
		{"no certificates", SigningConfig{Command: Words{"x"}}, "signing.certificates"},
		{"a file that is none", SigningConfig{Command: Words{"x"}, Certificates: put(t, "empty", nil)}, "no certificate in it"},
		{"a key among them", SigningConfig{Command: Words{"x"}, Certificates: put(t, "key", []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"))}, `a block of type "PRIVATE KEY"`},
		{"not in order", SigningConfig{Command: Words{"x"}, Certificates: put(t, "two", slices.Concat(pem.EncodeToMemory(own), pem.EncodeToMemory(other)))}, "certificate 1 was not issued by the next"},
	} {
		_, err := OpenSigning(&c.cfg, t.TempDir(), "", now, bare)
		if zoeklicht.CodeOf(err) != zoeklicht.Invalid || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), testPIN) {
			t.Errorf("%s: %q of %v", c.name, zoeklicht.CodeOf(err), err)
		}
	}
	s, err := OpenSigning(&SigningConfig{Command: Words{"x", "--pin", "env:" + PinVariable, "--pin=file:/run/pin"}, Certificates: good}, t.TempDir(), "", now, bare)
	if err != nil || s.Place != "the command x" || !key.PublicKey.Equal(s.Certificate.PublicKey) {
		t.Errorf("a good one: %v, %v", s, err)
	}
	root, issued := authority(t, key.Public())
	chained, err := OpenSigning(&SigningConfig{Command: Words{"x"}, Certificates: put(t, "chain", slices.Concat(issued, root))}, t.TempDir(), "", now, bare)
	if err != nil || len(chained.Chain) != 1 || chained.Certificate.Issuer.String() != chained.Chain[0].Subject.String() {
		t.Errorf("under an authority: %+v, %v", chained, err)
	}
	if _, err := OpenSigning(&SigningConfig{Command: Words{"x"}, Certificates: put(t, "chain", slices.Concat(root, issued))}, t.TempDir(), "", now, bare); err == nil || !strings.Contains(err.Error(), "not issued by the next") {
		t.Errorf("the root first: %v", err)
	}
	if _, err := OpenSigning(&SigningConfig{Command: Words{"x"}, Certificates: put(t, "chain", root)}, t.TempDir(), "", now, bare); err == nil || !strings.Contains(err.Error(), "certificate authority") {
		t.Errorf("an authority that signs documents: %v", err)
	}
	dir := t.TempDir()
	s, err = OpenSigning(&SigningConfig{}, dir, "Practice unit", now, bare)
	if err != nil || s.Place != "the file "+SigningPath(dir) || s.Try() != nil {
		t.Errorf("none: %v, %v", s, err)
	}
	s.Certificate.PublicKey = key.Public() // as if the file were put together wrongly
	if err := s.Try(); zoeklicht.CodeOf(err) != zoeklicht.Unavailable {
		t.Errorf("a trial with another key: %v", err)
	}
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	young, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, public := range map[string]crypto.PublicKey{"a short RSA key": weak.Public(), "Ed25519": young, "P-224": ecKey(t, elliptic.P224()).Public()} {
		if _, err := NewOutside(&SigningConfig{Command: Words{"x"}}, public, bare); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWords reads a command from a flag, and from YAML, where a number is refused.
func TestWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Words{
		"a --id  01 ": {"a", "--id", "01"}, `["a b", "--id", "01"]`: {"a b", "--id", "01"}, "": {}, ` [ ]`: {},
	} {
		var w Words
		if err := w.Set(text); err != nil || !slices.Equal(w, want) {
			t.Errorf("%q: %q, %v", text, w, err)
		}
	}
	for _, text := range []string{`["a"`, `[1]`, `["a"] b`} {
		var w Words
		if err := w.Set(text); err == nil {
			t.Errorf("%q: %q", text, w)
		}
	}
	var w Words
	given := func(all ...any) func(any) error {
		return func(v any) error { *v.(*[]any) = all; return nil }
	}
	if err := w.UnmarshalYAML(given("a", "01")); err != nil || cmp.Diff(Words{"a", "01"}, w) != "" {
		t.Errorf("%q, %v", w, err)
	}
	if err := w.UnmarshalYAML(given("a", uint64(8))); err == nil || !strings.Contains(err.Error(), "word 2") {
		t.Errorf("a number: %v", err)
	}
}

// TestPublicKey reads what tools say of a public key.
func TestPublicKey(t *testing.T) {
	t.Parallel()
	key := ecKey(t, elliptic.P384())
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	said := "Key pair generated:\nPublic Key Object; EC  EC_POINT 384 bits\n  EC_POINT:   0461" + hex.EncodeToString(point) + "\n  EC_PARAMS:  06052b81040022"
	for name, b := range map[string][]byte{
		"DER": der, "PEM": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}),
		"pkcs11-tool 0.23": []byte(said + "\n  label:  sign\n"), "pkcs11-tool 0.26": []byte(said + " (OID 1.3.132.0.34)\n"),
	} {
		if public, err := ParsePublicKey(b); err != nil || !key.PublicKey.Equal(public) {
			t.Errorf("%s: %v, %v", name, public, err)
		}
	}
	for name, b := range map[string][]byte{
		"nothing": nil, "two": []byte(said + "\n" + said + "\n"), "cut off": []byte(strings.Replace(said, "0461", "0462", 1) + "\n"), "odd": []byte(strings.Replace(said, "0461", "461", 1) + "\n"),
		"off the curve": []byte(strings.Replace(said, "22", "23", 1) + "\n"), "text": []byte("hello"), "half": der[:40],
	} {
		if public, err := ParsePublicKey(b); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
			t.Errorf("%s: %v, %v", name, public, err)
		}
	}
}
