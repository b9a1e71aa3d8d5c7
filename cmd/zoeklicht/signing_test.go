package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"zoeklicht"
	paper "zoeklicht/internal/export/report"
	"zoeklicht/internal/export/report/pades"
	"zoeklicht/internal/export/report/papertest"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/keys/hsmtest"

	"github.com/spf13/pflag"
)

// TestSignedInToken has a report signed by a key in a token, through the configuration
// that an operator writes, and read by pdfsig and the others.
func TestSignedInToken(t *testing.T) {
	t.Parallel()
	token := hsmtest.New(t)
	for _, c := range []struct{ kind, mechanism string }{{"EC:prime256v1", "ECDSA"}, {"EC:secp384r1", "ECDSA"}, {"rsa:2048", "RSA-PKCS"}} {
		id, public := token.Key(c.kind)
		cfg := token.Config(id, c.mechanism)
		key, err := keys.NewOutside(cfg, public, token.Env)
		if err != nil {
			t.Fatal(err)
		}
		own, err := keys.SelfSigned(key, "Practice unit", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		cfg.Certificates = papertest.Write(t, "chain.pem", pem.EncodeToMemory(own))
		s, err := keys.OpenSigning(cfg, t.TempDir(), "", time.Now(), token.Env)
		if err != nil {
			t.Fatal(err)
		}
		d := &paper.Document{
			ID: "x-2026-0042", Lang: "nl", Organisation: "Practice unit", Theme: "Oefening", Practice: true, Purpose: "Zaak 2026-000123", Ground: "Wpg 9, oefening",
			By: "A. Analist", Made: time.Now(), AsOf: time.Now(), Result: &zoeklicht.Result{},
		}
		pdf, err := paper.PDF(t.Context(), d, &pades.Signer{Key: s.Key, Chain: append([]*x509.Certificate{s.Certificate}, s.Chain...)})
		if err != nil {
			t.Fatal(err)
		}
		t.Run(c.kind, func(t *testing.T) {
			papertest.Sound(t, pdf)
			papertest.Signed(t, pdf)
		})
	}
}

var guideBlock = regexp.MustCompile("(?ms)^```(sh|yaml)\n(.*?)^```$")

// TestSigningGuide types the guide to the signing key, word by word, in both languages.
func TestSigningGuide(t *testing.T) {
	t.Parallel()
	hsmtest.New(t) // or skip
	papertest.Need(t, "openssl", "openssl")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"en", "nl"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			guide, err := os.ReadFile("../../docs/" + lang + "/signing-key.md")
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(guide, []byte("/usr/lib/softhsm/libsofthsm2.so")) {
				t.Fatal("the guide names another library of SoftHSM")
			}
			if _, err := os.Stat("/usr/lib/softhsm/libsofthsm2.so"); err != nil {
				t.Skip("SoftHSM is not where Debian has it")
			}
			dir, bin := t.TempDir(), t.TempDir()
			if err := os.Symlink(self, filepath.Join(bin, "zoeklicht")); err != nil {
				t.Fatal(err)
			}
			script := "set -e\n"
			for _, m := range guideBlock.FindAllSubmatch(guide, -1) {
				if string(m[1]) == "sh" {
					script += string(m[2])
				} else if err := os.WriteFile(filepath.Join(dir, "zoeklicht.yaml"), m[2], 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", script)
			cmd.Dir = dir
			cmd.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + dir, insideEnv + "=1"}
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for _, want := range []string{"verify OK", "answers    yes", "key        ECDSA P-256, the command pkcs11-tool", "64\n"} {
				if !bytes.Contains(out, []byte(want)) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
		})
	}
}

// TestKeysSigning: the verb shows a key, makes none, and says why one does not answer.
func TestKeysSigning(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	do := func(args ...string) (int, string) {
		t.Helper()
		var said bytes.Buffer
		code := run(context.Background(), append([]string{"keys"}, append(args, "--data", data)...), strings.NewReader(""), &said, &said)
		return code, said.String()
	}
	if code, said := do("signing"); code != exitFailed || !strings.Contains(said, "has no signing key yet") {
		t.Errorf("%d: %s", code, said)
	}
	if _, err := os.Stat(filepath.Join(data, "keys")); err == nil {
		t.Error("it made a key")
	}
	s, err := keys.LoadSigning(filepath.Join(data, "keys"), "Practice unit", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if code, said := do("signing"); code != exitDone || !strings.Contains(said, "answers    yes") {
		t.Errorf("%d: %s", code, said)
	}
	chain := papertest.Write(t, "chain.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate.Raw}))
	if code, said := do("signing", "--signing.command", "false", "--signing.certificates", chain); code != exitFailed || !strings.Contains(said, "answers    no") || !strings.Contains(said, "command false gave no signature: exit status 1") {
		t.Errorf("%d: %s", code, said)
	}
	if code, said := do("signing", "--signing.certificates", chain); code != exitFailed || !strings.Contains(said, "signing.command names no program") {
		t.Errorf("%d: %s", code, said)
	}
	if code, said := do("request"); code != exitUsage || !strings.Contains(said, "--public-key is needed") {
		t.Errorf("%d: %s", code, said)
	}
	if code, said := do("request", "--public-key", chain); code != exitFailed || !strings.Contains(said, "no public key") {
		t.Errorf("%d: %s", code, said)
	}
	der, err := x509.MarshalPKIXPublicKey(s.Key.Public())
	if err != nil {
		t.Fatal(err)
	}
	public := papertest.Write(t, "public.der", der)
	if code, said := do("request", "--public-key", public); code != exitFailed || !strings.Contains(said, "names no program") {
		t.Errorf("%d: %s", code, said)
	}
	sign := `["openssl", "pkeyutl", "-sign", "-inkey", "` + keys.SigningPath(filepath.Join(data, "keys")) + `"]`
	papertest.Need(t, "openssl", "openssl")
	if code, said := do("request", "--public-key", public, "--signing.command", sign); code != exitDone || !strings.HasPrefix(said, "-----BEGIN CERTIFICATE REQUEST-----") {
		t.Errorf("%d: %s", code, said)
	}
}

// TestSigningSettings reads the command from YAML, and refuses a number there, of which
// YAML makes another one.
func TestSigningSettings(t *testing.T) {
	t.Parallel()
	read := func(text string) (Config, error) {
		file := papertest.Write(t, "z.yaml", []byte(text))
		return load(pflag.NewFlagSet("x", pflag.ContinueOnError), []string{"--config", file}, func(string) (string, bool) { return "", false })
	}
	cfg, err := read("signing:\n  command: [tool, --id, \"010\"]\n  timeout: 5s\n")
	if err != nil || strings.Join(cfg.Signing.Command, "|") != "tool|--id|010" || cfg.Signing.Timeout != 5*time.Second {
		t.Errorf("%+v, %v", cfg.Signing, err)
	}
	for text, says := range map[string]string{
		"signing:\n  command: [tool, --id, 010]\n":      "between quotes",
		"signing:\n  comand: [tool]\n":                  "comand",
		"signing:\n  command: tool --pin 648219-secret": "",
	} {
		if cfg, err := read(text); zoeklicht.CodeOf(err) != zoeklicht.Invalid || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "648219") {
			t.Errorf("%q: %+v, %v", text, cfg.Signing, err)
		}
	}
}

// TestOneSigner: all themes sign through one signer, whoever needs it first.
func TestOneSigner(t *testing.T) {
	t.Parallel()
	p := &platform{cfg: Config{Data: t.TempDir()}}
	got := make([]*keys.Signing, 8)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			s, err := p.organisation()
			if err != nil {
				t.Error(err)
			}
			got[i] = s
		})
	}
	wg.Wait()
	for _, s := range got {
		if s != got[0] {
			t.Error("themes have signers of their own")
		}
	}
}
