package keys_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/keys/hsmtest"
)

var today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// TestToken signs with keys in a token: trial, certificate and request, as an operator
// goes about it, and what the token did is checked by Go's own verification.
func TestToken(t *testing.T) {
	t.Parallel()
	token := hsmtest.New(t)
	for _, c := range []struct {
		name, kind, mechanism string
		more                  []string
	}{
		{"ECDSA P-256", "EC:prime256v1", "ECDSA", nil},
		{"ECDSA P-256, as DER", "EC:prime256v1", "ECDSA", []string{"--signature-format", "sequence"}},
		{"ECDSA P-384", "EC:secp384r1", "ECDSA", nil},
		{"ECDSA P-521", "EC:secp521r1", "ECDSA", nil},
		{"RSA 2048", "rsa:2048", "RSA-PKCS", nil},
	} {
		// One after another: of two processes at once SoftHSM lets one find no token.
		id, public := token.Key(c.kind)
		t.Run(c.name, func(t *testing.T) {
			cfg := token.Config(id, c.mechanism, c.more...)
			key, err := keys.NewOutside(cfg, public, token.Env)
			if err != nil {
				t.Fatal(err)
			}
			own, err := keys.SelfSigned(key, "Practice unit", today)
			if err != nil {
				t.Fatal(err)
			}
			cfg.Certificates = filepath.Join(t.TempDir(), "chain.pem")
			if err := os.WriteFile(cfg.Certificates, pem.EncodeToMemory(own), 0o644); err != nil {
				t.Fatal(err)
			}
			s, err := keys.OpenSigning(cfg, t.TempDir(), "", today, token.Env)
			if err != nil {
				t.Fatal(err)
			}
			if kind, err := keys.Kind(s.Key.Public()); err != nil || !strings.HasPrefix(c.name, kind) || s.Place != "the command pkcs11-tool" {
				t.Errorf("%q at %q, %v", kind, s.Place, err)
			}
			if err := s.Try(); err != nil {
				t.Error(err)
			}
			short, long := sha256.Sum256([]byte("a document")), sha512.Sum512([]byte("a document"))
			for hash, digest := range map[crypto.Hash][]byte{crypto.SHA256: short[:], crypto.SHA512: long[:]} {
				if sig, err := s.Key.Sign(rand.Reader, digest, hash); err != nil || len(sig) < 64 {
					t.Errorf("%v: %d bytes, %v", hash, len(sig), err)
				}
			}
			asked, err := keys.Request(key, "Practice unit")
			if err != nil {
				t.Fatal(err)
			}
			r, err := x509.ParseCertificateRequest(asked.Bytes)
			if err != nil || r.CheckSignature() != nil || r.Subject.Organization[0] != "Practice unit" {
				t.Errorf("the request: %v, %v", r, err)
			}
			if _, rsaKey := public.(*rsa.PublicKey); rsaKey {
				if _, err := key.Sign(rand.Reader, short[:], &rsa.PSSOptions{Hash: crypto.SHA256}); err == nil {
					t.Error("PSS was asked for, and PKCS#1 v1.5 given")
				}
			}
		})
	}
}

// TestTokenRefuses has the token refuse, and holds what the person reads.
func TestTokenRefuses(t *testing.T) {
	t.Parallel()
	token := hsmtest.New(t)
	id, public := token.Key("EC:prime256v1")
	other, _ := token.Key("EC:prime256v1")
	digest := sha256.Sum256([]byte("a document"))
	sign := func(cfg *keys.SigningConfig) error {
		t.Helper()
		key, err := keys.NewOutside(cfg, public, token.Env)
		if err != nil {
			t.Fatal(err)
		}
		_, err = key.Sign(rand.Reader, digest[:], crypto.SHA256)
		return err
	}
	says := func(name string, err error, wants ...string) {
		t.Helper()
		if zoeklicht.CodeOf(err) != zoeklicht.Unavailable {
			t.Errorf("%s: code %q of %v", name, zoeklicht.CodeOf(err), err)
			return
		}
		for _, want := range append(wants, "no document was signed") {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q does not say %q", name, err, want)
			}
		}
		if strings.Contains(err.Error(), hsmtest.PIN) || strings.Contains(err.Error(), "--module") {
			t.Errorf("%s: a PIN or arguments in %q", name, err)
		}
	}
	says("another key of the token", sign(token.Config(other, "ECDSA")), "64 bytes, which are no signature by the key")
	says("no such key", sign(token.Config("99", "ECDSA")), "exit status", "type the command yourself")
	says("a mechanism of another kind of key", sign(token.Config(id, "RSA-PKCS")), "exit status")
	unset := token.Config(id, "ECDSA")
	unset.Environment = append(unset.Environment, "NOT_SET_BY_ANYBODY")
	says("a variable that is not there", sign(unset), "NOT_SET_BY_ANYBODY", "signing.environment")
	silent := token.Config(id, "ECDSA")
	silent.PinFile = ""
	says("no PIN", sign(silent), "gave no signature") // pkcs11-tool would ask, and has nobody to ask

	key, err := keys.NewOutside(token.Config(id, "ECDSA"), public, token.Env)
	if err != nil {
		t.Fatal(err)
	}
	token.SetPIN("wrong-and-wrong")
	_, err = key.Sign(rand.Reader, digest[:], crypto.SHA256)
	says("a wrong PIN", err, "refuses the PIN (CKR_PIN_INCORRECT)", "locks after a few")
	if strings.Contains(err.Error(), "wrong-and-wrong") {
		t.Errorf("the wrong PIN in %q", err)
	}
	_, err = key.Sign(rand.Reader, digest[:], crypto.SHA256)
	says("the wrong PIN again", err, "not asked again")
	token.SetPIN(hsmtest.PIN)
	if _, err := key.Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
		t.Errorf("with the right PIN: %v", err)
	}
}
