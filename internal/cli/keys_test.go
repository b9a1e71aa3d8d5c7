package cli_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/cli"
	"zoeklicht/internal/keys"
)

// silent is a key that does not answer.
type silent struct {
	crypto.Signer
	err error
}

func (s silent) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, s.err }

// signing is a key with a certificate of its own for ten years from made on.
func signing(t *testing.T, made time.Time) *keys.Signing {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b, err := keys.SelfSigned(key, "Practice\x1b[31m unit", made)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(b.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	s, err := keys.NewSigning(key, []*x509.Certificate{c})
	if err != nil {
		t.Fatal(err)
	}
	s.Place = "the file x"
	return s
}

// away is what a key in a module says that is not there.
var away = zoeklicht.Errorf(zoeklicht.Unavailable, "the signing command x gave no signature: the token is not there").
	With("nothing was signed and nothing left", "connect the module")

func TestSigning(t *testing.T) {
	t.Parallel()
	s := signing(t, now)
	var b bytes.Buffer
	if err := cli.Signing(s, &cli.Out{To: &b}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"whose      CN=Practice", "valid      from 2026-11-22 to 2036-11-22\n", "key        ECDSA P-256, the file x\n", "answers    yes"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "\x1b") {
		t.Errorf("%q moves the cursor", b.String())
	}
	s.Key = silent{s.Key, away}
	b.Reset()
	if err := cli.Signing(s, &cli.Out{To: &b}); !errors.Is(err, away) || !strings.Contains(b.String(), "answers    no\n") {
		t.Errorf("%v after\n%s", err, b.String())
	}
	b.Reset()
	err := cli.Signing(s, &cli.Out{To: &b, JSON: true})
	var row struct {
		SHA256, Kind, Place, Problem string
		Answers                      bool
	}
	if json := json.Unmarshal(b.Bytes(), &row); json != nil || !errors.Is(err, away) || row.Answers || row.Problem == "" || row.Kind != "ECDSA P-256" || len(row.SHA256) != 64 {
		t.Errorf("%+v, %v, %v", row, json, err)
	}
}

func TestCheckSigning(t *testing.T) {
	t.Parallel()
	s := signing(t, now)
	expect(t, cli.CheckSigning(s, nil, now), cli.OK, "the file x answers", "until 2036-11-22")
	expect(t, cli.CheckSigning(nil, nil, now), cli.OK, "none yet")
	expect(t, cli.CheckSigning(s, nil, now.AddDate(10, 0, -30)), cli.Warn, "until 2036-11-22")
	expect(t, cli.CheckSigning(s, nil, now.AddDate(11, 0, 0)), cli.Fail, "ran out on 2036-11-22")
	expect(t, cli.CheckSigning(s, nil, now.AddDate(-1, 0, 0)), cli.Fail, "not valid before")
	expect(t, cli.CheckSigning(nil, errors.New("open x: no such file"), now), cli.Fail, "no such file")
	s.Key = silent{s.Key, away}
	f := cli.CheckSigning(s, nil, now)
	expect(t, f, cli.Fail, "the token is not there")
	if f.Do != "connect the module" || strings.Contains(f.Is, "nothing left") {
		t.Errorf("%+v", f)
	}
}
