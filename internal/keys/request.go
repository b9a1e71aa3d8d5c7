package keys

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"time"

	"zoeklicht"
)

// whose names an organisation in a certificate.
func whose(organisation string) pkix.Name {
	if organisation == "" {
		return pkix.Name{CommonName: "Zoeklicht"}
	}
	return pkix.Name{Organization: []string{organisation}, CommonName: organisation + " (Zoeklicht)"}
}

// SelfSigned makes a certificate for ten years that a key signs itself, as a PEM block:
// it proves that documents come from one place, and not whose place that is.
func SelfSigned(key crypto.Signer, organisation string, now time.Time) (*pem.Block, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	c := &x509.Certificate{
		SerialNumber: serial.Add(serial, big.NewInt(1)), Subject: whose(organisation),
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(10, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return &pem.Block{Type: "CERTIFICATE", Bytes: der}, nil
}

// Request makes a request for a certificate (PKCS#10), as a PEM block, for an authority to
// sign. The authority decides which name and which uses the certificate gets.
func Request(key crypto.Signer, organisation string) (*pem.Block, error) {
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: whose(organisation)}, key)
	if err != nil {
		return nil, err
	}
	return &pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}, nil
}

// ParsePublicKey reads the public half of a key that documents can be signed with: a
// SubjectPublicKeyInfo in DER or PEM, as `pkcs11-tool --read-object --type pubkey` writes
// it, or, for a key on an elliptic curve, what pkcs11-tool says of it when it makes or
// lists one (that of OpenSC 0.23 cannot write most of them). Invalid for anything else.
func ParsePublicKey(b []byte) (crypto.PublicKey, error) {
	wrong := func(format string, args ...any) error {
		return zoeklicht.Errorf(zoeklicht.Invalid, format, args...).With("nothing was signed", "")
	}
	if points := ecPoint.FindAllSubmatch(b, -1); len(points) > 0 {
		params := ecParams.FindAllSubmatch(b, -1)
		if len(points) != 1 || len(params) != 1 {
			return nil, wrong("it tells of %d public keys: leave one in it", len(points))
		}
		var err error
		if b, err = described11(points[0][1], params[0][1]); err != nil {
			return nil, wrong("what it says of the key is damaged: %w", err)
		}
	}
	if blk, _ := pem.Decode(b); blk != nil {
		b = blk.Bytes
	}
	public, err := x509.ParsePKIXPublicKey(b)
	if err != nil {
		return nil, wrong("it is no public key in DER or PEM: %w", err)
	}
	if _, err := Kind(public); err != nil {
		return nil, err
	}
	return public, nil
}

// How pkcs11-tool shows CKA_EC_POINT, an OCTET STRING in DER, and CKA_EC_PARAMS, the
// curve's object identifier in DER.
var (
	ecPoint  = regexp.MustCompile(`(?m)^\s*EC_POINT:\s+([0-9a-fA-F]+)\s*$`)
	ecParams = regexp.MustCompile(`(?m)^\s*EC_PARAMS:\s+([0-9a-fA-F]+)\s*(?:\(.*)?$`)
)

// described11 makes a SubjectPublicKeyInfo of what PKCS#11 says of an elliptic key, in hex.
func described11(point, params []byte) ([]byte, error) {
	curve, err := hex.DecodeString(string(params))
	if err != nil {
		return nil, err
	}
	wrapped, err := hex.DecodeString(string(point))
	if err != nil {
		return nil, err
	}
	var bare []byte
	if _, err := asn1.Unmarshal(wrapped, &bare); err != nil {
		return nil, err
	}
	return asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}{
		pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}, Parameters: asn1.RawValue{FullBytes: curve}},
		asn1.BitString{Bytes: bare, BitLength: 8 * len(bare)},
	})
}

// trial is what Try has signed. Nobody can mistake it for a document.
const trial = "Zoeklicht: a trial of the key that signs reports. This is no document.\n"

// Try has the key sign something that is no document, and checks the signature: nil says
// that the key answers, and is that of the certificate.
func (s *Signing) Try() error {
	digest := sha256.Sum256([]byte(trial))
	sig, err := s.Key.Sign(rand.Reader, digest[:], crypto.SHA256)
	var told *zoeklicht.Error
	switch {
	case errors.As(err, &told):
		return err
	case err != nil:
		return fmt.Errorf("a trial signature: %w", err)
	case !verifies(s.Certificate.PublicKey, crypto.SHA256, digest[:], sig):
		return zoeklicht.Errorf(zoeklicht.Unavailable, "a trial signature is not by the key of the certificate of %s", s.Certificate.Subject).With(
			"no document was signed", "put the key and its own certificate together")
	}
	return nil
}
