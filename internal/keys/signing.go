package keys

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"zoeklicht"
	"zoeklicht/internal/keys/durable"
)

// Signing is what the organisation signs documents with: a key, wherever it is kept, and
// the certificate that says whose it is. A key in a security module is an outside one,
// see NewOutside.
type Signing struct {
	Key         crypto.Signer
	Certificate *x509.Certificate   // of Key
	Chain       []*x509.Certificate // from the issuer upwards; without the root, or empty
	Place       string              // where the key lies, in words: "the file …", "the command …"
}

// NewSigning puts a signer together with its certificate, which comes first in chain.
// A certificate of another key, of a certificate authority, or one that is not for
// signatures, is an error of code Invalid.
func NewSigning(key crypto.Signer, chain []*x509.Certificate) (*Signing, error) {
	if len(chain) == 0 {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "the signing key has no certificate")
	}
	c := chain[0]
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	switch {
	case !ok || !public.Equal(c.PublicKey):
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "the certificate of %s is of another key", c.Subject)
	case c.IsCA:
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "the certificate of %s is that of a certificate authority", c.Subject)
	case c.KeyUsage != 0 && c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0:
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "the certificate of %s is not for signatures", c.Subject)
	}
	return &Signing{Key: key, Certificate: c, Chain: chain[1:]}, nil
}

// SigningPath gives the name of the file of the organisation's signing key in the
// folder dir: certificates as PEM, the key's own first, and the key as PKCS#8.
func SigningPath(dir string) string { return filepath.Join(dir, "signing.pem") }

// LoadSigning reads the organisation's signing key, and where there is none makes one
// with a certificate that it signs itself. Such a certificate proves that documents
// come from one place, and not whose place that is: replace the file by one with a
// certificate of an authority that courts know.
func LoadSigning(dir, organisation string, now time.Time) (*Signing, error) {
	path := SigningPath(dir)
	b, err := firstNeed(path, func() ([]byte, error) { return selfSigned(organisation, now) })
	if err != nil {
		return nil, signingLost(err, path)
	}
	var key crypto.Signer
	var chain []*x509.Certificate
	for {
		var blk *pem.Block
		if blk, b = pem.Decode(b); blk == nil {
			break
		}
		switch blk.Type {
		case "CERTIFICATE":
			c, err := x509.ParseCertificate(blk.Bytes)
			if err != nil {
				return nil, signingLost(err, path)
			}
			chain = append(chain, c)
		case "PRIVATE KEY":
			parsed, err := x509.ParsePKCS8PrivateKey(blk.Bytes)
			if err != nil {
				return nil, signingLost(err, path)
			}
			key, _ = parsed.(crypto.Signer)
		default:
			return nil, signingLost(fmt.Errorf("a block of type %.40q", blk.Type), path)
		}
	}
	if key == nil {
		return nil, signingLost(errors.New("there is no key in it that signs"), path)
	}
	s, err := NewSigning(key, chain)
	if err != nil {
		return nil, signingLost(err, path)
	}
	s.Place = "the file " + path
	return s, nil
}

func signingLost(err error, path string) error {
	return zoeklicht.Errorf(zoeklicht.Unavailable, "signing key %s: %w", path, err).With(
		"documents that were signed stay valid", "put back the file, or move it away and a new key is made")
}

// selfSigned makes a signing key and its certificate. P-256 with SHA-256 is what every
// reader of signed PDFs knows.
func selfSigned(organisation string, now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	c, err := SelfSigned(key, organisation, now)
	if err != nil {
		return nil, err
	}
	return pemKey(key, c)
}

func pemKey(key *ecdsa.PrivateKey, before ...*pem.Block) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, blk := range append(before, &pem.Block{Type: "PRIVATE KEY", Bytes: der}) {
		if err := pem.Encode(&b, blk); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// WACZPath gives the name of the file of the key that signs WACZ files in the folder
// dir: PKCS#8 as PEM.
func WACZPath(dir string) string { return filepath.Join(dir, "wacz.key") }

// LoadWACZ reads the key that signs WACZ files, ECDSA on P-384 as their anonymous
// signatures want it, and makes it where there is none.
func LoadWACZ(dir string) (*ecdsa.PrivateKey, error) {
	path := WACZPath(dir)
	lost := func(err error) error {
		return zoeklicht.Errorf(zoeklicht.Unavailable, "WACZ key %s: %w", path, err).With(
			"files that were signed stay valid", "put back the file, or move it away and a new key is made")
	}
	b, err := firstNeed(path, func() ([]byte, error) {
		key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
		if err != nil {
			return nil, err
		}
		return pemKey(key)
	})
	if err != nil {
		return nil, lost(err)
	}
	blk, rest := pem.Decode(b)
	if blk == nil || blk.Type != "PRIVATE KEY" || len(bytes.TrimSpace(rest)) > 0 {
		return nil, lost(errors.New("it is not one key"))
	}
	parsed, err := x509.ParsePKCS8PrivateKey(blk.Bytes)
	if err != nil {
		return nil, lost(err)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P384() {
		return nil, lost(errors.New("it is no key on P-384"))
	}
	return key, nil
}

// firstNeed reads a key file, made first where there is none. Of several processes that
// need it at once, one makes it.
func firstNeed(path string, make func() ([]byte, error)) (b []byte, err error) {
	if b, err = readPrivate(path); !errors.Is(err, fs.ErrNotExist) {
		return b, err
	}
	err = locked(filepath.Dir(path), func() error {
		if b, err = readPrivate(path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if b, err = make(); err != nil {
			return err
		}
		return durable.Once(path, b)
	})
	return b, err
}
