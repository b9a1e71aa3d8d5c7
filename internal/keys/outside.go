package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"zoeklicht"
)

// SigningConfig says where the organisation's signing key lies. The zero value is the
// file signing.pem in the folder of keys; with a command it is a security module, a smart
// card or a service, whatever that command reaches.
type SigningConfig struct {
	// Command is the program that signs and its arguments, one by one; no shell reads it.
	// It gets what is to be signed on standard input and prints the signature, see
	// NewOutside. Secrets do not belong in it: every user of the machine can read the
	// arguments of a process. As a flag or variable: words, or a JSON list. [none]
	Command Words `yaml:"command"`
	// Certificates is a file of certificates, PEM: the key's own first, then those of its
	// issuers. [none; a command needs it]
	Certificates string `yaml:"certificates"`
	// PinFile is a file, mode 0600, whose first line the command gets in the variable
	// ZOEKLICHT_SIGNING_PIN. It is read for each signature. [none]
	PinFile string `yaml:"pin-file"`
	// Environment names variables of this program's that the command gets as well. All
	// that it gets unasked is PATH, HOME and LC_ALL=C. [none]
	Environment Words `yaml:"environment"`
	// Timeout is how long one signature may take. [30s]
	Timeout time.Duration `yaml:"timeout"`
}

// PinVariable is the variable in which a signing command gets its PIN.
const PinVariable = "ZOEKLICHT_SIGNING_PIN"

// Lookup finds a variable of the environment, as os.LookupEnv does.
type Lookup func(name string) (string, bool)

// Words is a list of words that a configuration gives.
type Words []string

// Set reads the form of a flag: words with white space between them, or, where a word
// has white space itself, a JSON list of strings.
func (w *Words) Set(text string) error {
	*w = nil
	if !strings.HasPrefix(strings.TrimSpace(text), "[") {
		*w = strings.Fields(text)
		return nil
	}
	if err := json.Unmarshal([]byte(text), (*[]string)(w)); err != nil {
		return fmt.Errorf("it is no JSON list of words: %w", err)
	}
	return nil
}

// UnmarshalYAML reads a list of strings and nothing else. What looks like a number must
// stand between quotes: YAML reads 010 as 8, and so would name another key of a module.
func (w *Words) UnmarshalYAML(unmarshal func(any) error) error {
	var all []any
	if err := unmarshal(&all); err != nil {
		return err
	}
	*w = make(Words, len(all))
	for i, v := range all {
		s, ok := v.(string)
		if !ok {
			return fmt.Errorf("word %d of the list is a %T: put it between quotes", i+1, v)
		}
		(*w)[i] = s
	}
	return nil
}

// defaultTimeout leaves a smart card its time, and a module that was asleep.
const defaultTimeout = 30 * time.Second

// check says what is wrong with a configuration. It repeats no argument of the command:
// one of them may be a secret that should not be there.
func (c *SigningConfig) check() error {
	wrong := func(format string, args ...any) error {
		return zoeklicht.Errorf(zoeklicht.Invalid, format, args...).With("nothing was signed", "correct the keys signing.… of the configuration")
	}
	switch {
	case len(c.Command) == 0 || c.Command[0] == "":
		return wrong("signing.command names no program, and other keys of signing are set")
	case c.Timeout < 0:
		return wrong("signing.timeout is %s", c.Timeout)
	}
	for i, word := range c.Command {
		if strings.ContainsRune(word, 0) {
			return wrong("word %d of signing.command has a zero byte", i+1)
		}
		if i > 0 && carriesSecret(c.Command[i-1], word) {
			return wrong("word %d of signing.command seems to be a PIN or a password, which every user of this machine could read; "+
				"put it into signing.pin-file and have the command take it from the variable %s", i+1, PinVariable)
		}
	}
	return nil
}

// carriesSecret knows the ways in which the usual programs take a secret as an argument:
// pkcs11-tool's --pin, OpenSSL's pass:, and the attribute of a PKCS#11 URI.
func carriesSecret(before, word string) bool {
	names := []string{"--pin", "--so-pin", "--password", "--passphrase"}
	secret := func(value string) bool {
		return !strings.HasPrefix(value, "env:") && !strings.HasPrefix(value, "file:")
	}
	name, value, joined := strings.Cut(word, "=")
	return slices.Contains(names, before) && secret(word) || joined && slices.Contains(names, name) && secret(value) ||
		strings.HasPrefix(word, "pass:") || strings.Contains(word, "pin-value=")
}

// Zero reports whether a configuration says nothing: the key is in the folder of keys.
func (c *SigningConfig) Zero() bool {
	return len(c.Command) == 0 && c.Certificates == "" && c.PinFile == "" && len(c.Environment) == 0 && c.Timeout == 0
}

// OpenSigning gives what the organisation signs with: the command that is configured,
// with its certificates, or else the key in the folder dir, see LoadSigning. A command is
// not run for that, so that a module that is away holds nothing up but signing.
//
// Invalid for a configuration that cannot be right, such as certificates that do not
// follow each other.
func OpenSigning(c *SigningConfig, dir, organisation string, now time.Time, env Lookup) (*Signing, error) {
	if c.Zero() {
		return LoadSigning(dir, organisation, now)
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	wrong := func(err error) error {
		return zoeklicht.Errorf(zoeklicht.Invalid, "signing.certificates %q: %w", c.Certificates, err).With(
			"nothing was signed", "give a file of certificates as PEM, that of the signing key first, each followed by its issuer's")
	}
	chain, err := readChain(c.Certificates)
	if err != nil {
		return nil, wrong(err)
	}
	key, err := NewOutside(c, chain[0].PublicKey, env)
	if err != nil {
		return nil, err
	}
	s, err := NewSigning(key, chain)
	if err != nil {
		return nil, wrong(err)
	}
	s.Place = "the command " + c.Command[0]
	return s, nil
}

// readChain reads certificates of which each one is followed by its issuer's.
func readChain(path string) ([]*x509.Certificate, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var chain []*x509.Certificate
	for {
		var blk *pem.Block
		if blk, b = pem.Decode(b); blk == nil {
			break
		}
		if blk.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("a block of type %.40q", blk.Type)
		}
		c, err := x509.ParseCertificate(blk.Bytes)
		if err != nil {
			return nil, err
		}
		if n := len(chain); n > 0 {
			if err := chain[n-1].CheckSignatureFrom(c); err != nil {
				return nil, fmt.Errorf("certificate %d was not issued by the next: %w", n, err)
			}
		}
		chain = append(chain, c)
	}
	if len(chain) == 0 {
		return nil, fmt.Errorf("there is no certificate in it")
	}
	return chain, nil
}

// Kind names the kind of a key that documents are signed with: "ECDSA P-256",
// "RSA 3072". Invalid for a key that reports cannot be signed with.
func Kind(public crypto.PublicKey) (string, error) {
	switch k := public.(type) {
	case *rsa.PublicKey:
		if bits := k.N.BitLen(); bits >= 2048 {
			return fmt.Sprintf("RSA %d", bits), nil
		}
	case *ecdsa.PublicKey:
		switch k.Params().BitSize {
		case 256, 384, 521:
			return "ECDSA " + k.Params().Name, nil
		}
	}
	return "", zoeklicht.Errorf(zoeklicht.Invalid, "no document can be signed with a key of type %T and this size", public).With(
		"nothing was signed", "take a key on P-256, P-384 or P-521, or RSA of 2048 bits or more")
}
