// Package hsmtest gives tests a PKCS#11 token: SoftHSM's, reached by OpenSC's
// pkcs11-tool, as an operator reaches a real one. Where either is not there the test is
// skipped.
package hsmtest

import (
	"crypto"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"zoeklicht/internal/keys"
)

// PIN opens the tokens of this package.
const PIN = "648219-practice"

// Label names them.
const Label = "practice-unit"

// modules are where SoftHSM's library lies, on Debian and others.
var modules = []string{
	"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so", "/usr/lib/pkcs11/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so",
}

// Token is a token of a test's own, in a folder of the test.
type Token struct {
	t       testing.TB
	dir     string
	module  string
	pinFile string
	keys    int
}

// New makes a token without keys.
func New(t testing.TB) *Token {
	t.Helper()
	for program, debian := range map[string]string{"softhsm2-util": "softhsm2", "pkcs11-tool": "opensc"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not there: it is in Debian's package %s", program, debian)
		}
	}
	k := &Token{t: t, dir: t.TempDir()}
	for _, m := range modules {
		if _, err := os.Stat(m); err == nil {
			k.module = m
			break
		}
	}
	if k.module == "" {
		t.Skipf("SoftHSM's library is at none of %q", modules)
	}
	if err := os.Mkdir(filepath.Join(k.dir, "tokens"), 0o700); err != nil {
		t.Fatal(err)
	}
	k.write("softhsm2.conf", "directories.tokendir = "+filepath.Join(k.dir, "tokens")+"\nobjectstore.backend = file\nlog.level = ERROR\n")
	k.pinFile = k.write("pin", PIN+"\n")
	k.run("softhsm2-util", "--init-token", "--free", "--label", Label, "--so-pin", "0000-practice", "--pin", PIN)
	return k
}

func (k *Token) write(name, content string) string {
	k.t.Helper()
	path := filepath.Join(k.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		k.t.Fatal(err)
	}
	return path
}

func (k *Token) run(program string, args ...string) []byte {
	k.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "SOFTHSM2_CONF="+filepath.Join(k.dir, "softhsm2.conf"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		k.t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return out
}

// Key makes a key in the token, of a kind as pkcs11-tool names it (EC:prime256v1,
// EC:secp384r1, rsa:2048), and gives its number and its public half.
func (k *Token) Key(kind string) (id string, public crypto.PublicKey) {
	k.t.Helper()
	k.keys++
	id = fmt.Sprintf("%02d", k.keys)
	b := k.run("pkcs11-tool", "--module", k.module, "--token-label", Label, "--login", "--pin", PIN, "--keypairgen", "--key-type", kind, "--id", id, "--label", "key-"+id)
	if strings.HasPrefix(kind, "rsa:") { // of which it does not say all
		path := filepath.Join(k.dir, id+".pub")
		k.run("pkcs11-tool", "--module", k.module, "--token-label", Label, "--read-object", "--type", "pubkey", "--id", id, "--output-file", path)
		var err error
		if b, err = os.ReadFile(path); err != nil {
			k.t.Fatal(err)
		}
	}
	public, err := keys.ParsePublicKey(b)
	if err != nil {
		k.t.Fatalf("%v in\n%s", err, b)
	}
	return id, public
}

// Config is what an operator writes to sign with a key of the token by a mechanism (ECDSA,
// RSA-PKCS), with more arguments for pkcs11-tool; without certificates.
func (k *Token) Config(id, mechanism string, more ...string) *keys.SigningConfig {
	return &keys.SigningConfig{
		Command: append(keys.Words{
			"pkcs11-tool", "--module", k.module, "--token-label", Label, "--login", "--pin", "env:" + keys.PinVariable,
			"--sign", "--mechanism", mechanism, "--id", id,
		}, more...),
		PinFile: k.pinFile, Environment: keys.Words{"SOFTHSM2_CONF"},
	}
}

// Env is the environment in which the token is found.
func (k *Token) Env(name string) (string, bool) {
	if name == "SOFTHSM2_CONF" {
		return filepath.Join(k.dir, "softhsm2.conf"), true
	}
	return os.LookupEnv(name)
}

// SetPIN replaces the PIN in the file that the configuration names. The token's own stays.
func (k *Token) SetPIN(pin string) { k.t.Helper(); k.write("pin", pin+"\n") }
