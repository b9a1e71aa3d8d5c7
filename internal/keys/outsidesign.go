package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"sync"
)

// outside is a key that a program of the operator's choice reaches.
type outside struct {
	config SigningConfig
	public crypto.PublicKey
	env    Lookup

	// A smart card takes one request at a time, and modules count sessions.
	one     sync.Mutex
	refused [sha256.Size]byte // of the environment with which a token refused its PIN
}

// NewOutside gives a signer whose signatures an outside program makes, and that is safe
// for concurrent use: it asks for one signature at a time. The program is not run yet.
//
// For each signature the command is run once, in a session of its own, without a
// terminal. On standard input it gets, for a key on an elliptic curve, the digest, cut to
// the size of the curve; for an RSA key the DigestInfo (RFC 8017, 9.2) that PKCS#1 v1.5
// pads, which is what the mechanism RSA-PKCS of PKCS#11 takes. It prints the signature and
// nothing else: r ‖ s as PKCS#11 has it, or an ECDSA-Sig-Value in DER; for RSA the bytes of
// the signature. Sign gives DER or those bytes, as crypto.Signer wants it, and only what
// public verifies. PSS is refused.
//
// What the command says on standard error is thrown away, but for the PKCS#11 return
// values of a fixed list: a PIN in it reaches neither an error nor a log. A command that
// takes too long or prints too much is killed with what it started. Once a token refused
// its PIN the command is not run again before the PIN is another, because tokens lock
// after a few wrong ones.
func NewOutside(c *SigningConfig, public crypto.PublicKey, env Lookup) (crypto.Signer, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if _, err := Kind(public); err != nil {
		return nil, err
	}
	o := &outside{config: *c, public: public, env: env}
	if o.config.Timeout == 0 {
		o.config.Timeout = defaultTimeout
	}
	return o, nil
}

// Public gives the public half.
func (o *outside) Public() crypto.PublicKey { return o.public }

// Sign has the command sign a digest.
func (o *outside) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	input, err := o.input(digest, opts)
	if err != nil {
		return nil, fmt.Errorf("sign outside: %w", err)
	}
	o.one.Lock()
	defer o.one.Unlock()
	a, err := o.ask(input)
	if err != nil {
		return nil, err
	}
	defer clear(a.said)
	if a.failed != nil {
		return nil, o.told(a, a.failed, a.do)
	}
	for _, sig := range readings(o.public, a.printed) {
		if verifies(o.public, opts.HashFunc(), digest, sig) {
			return sig, nil
		}
	}
	return nil, o.told(a, fmt.Errorf("it printed %d bytes, which are no signature by the key of the certificate", len(a.printed)),
		"see that it names the key that the certificate is of, and prints the bare signature")
}

// hashOIDs names the hashes that are signed (RFC 5754).
var hashOIDs = map[crypto.Hash]asn1.ObjectIdentifier{
	crypto.SHA256: {2, 16, 840, 1, 101, 3, 4, 2, 1},
	crypto.SHA384: {2, 16, 840, 1, 101, 3, 4, 2, 2},
	crypto.SHA512: {2, 16, 840, 1, 101, 3, 4, 2, 3},
}

// input gives what the command is to sign.
func (o *outside) input(digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	hash := opts.HashFunc()
	oid, ok := hashOIDs[hash]
	if !ok || len(digest) != hash.Size() {
		return nil, fmt.Errorf("%d bytes are no digest by %v that can be signed", len(digest), hash)
	}
	switch k := o.public.(type) {
	case *ecdsa.PublicKey:
		return digest[:min(len(digest), (k.Params().BitSize+7)/8)], nil
	case *rsa.PublicKey:
		if _, pss := opts.(*rsa.PSSOptions); pss {
			return nil, errors.New("an outside RSA key signs by PKCS#1 v1.5 only")
		}
		return asn1.Marshal(struct {
			Algorithm pkix.AlgorithmIdentifier
			Digest    []byte
		}{pkix.AlgorithmIdentifier{Algorithm: oid, Parameters: asn1.NullRawValue}, digest})
	}
	return nil, fmt.Errorf("a key of type %T", o.public)
}

// readings gives what bytes may mean as a signature: a raw one in DER as well. Which
// reading is right shows in whether it verifies, so that a raw signature that happens to
// look like DER, or is shorter because of zeros in front, is read well.
func readings(public crypto.PublicKey, b []byte) [][]byte {
	k, ok := public.(*ecdsa.PublicKey)
	if !ok {
		return [][]byte{b}
	}
	all := [][]byte{b}
	if half := len(b) / 2; len(b)%2 == 0 && half <= (k.Params().BitSize+7)/8 {
		der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(b[:half]), new(big.Int).SetBytes(b[half:])})
		if err == nil {
			all = append(all, der)
		}
	}
	return all
}

// verifies reports whether a key signed a digest; ECDSA in DER, RSA by PKCS#1 v1.5.
func verifies(public crypto.PublicKey, hash crypto.Hash, digest, sig []byte) bool {
	switch k := public.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(k, digest, sig)
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(k, hash, digest, sig) == nil
	}
	return false
}
