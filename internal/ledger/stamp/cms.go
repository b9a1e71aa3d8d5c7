package stamp

import (
	"bytes"
	"crypto"
	_ "crypto/sha256" // the digests that signers use
	_ "crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// The structures of CMS (RFC 5652) and of its signed attributes that tokens are made of.
type (
	contentInfo struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"explicit,tag:0"`
	}
	signedData struct {
		Version int
		Digests []pkix.AlgorithmIdentifier `asn1:"set"`
		Encap   struct {
			Type    asn1.ObjectIdentifier
			Content []byte `asn1:"explicit,tag:0"`
		}
		Certificates asn1.RawValue `asn1:"optional,tag:0"`
		CRLs         asn1.RawValue `asn1:"optional,tag:1"`
		Signers      []signerInfo  `asn1:"set"`
	}
	signerInfo struct {
		Version  int
		ID       asn1.RawValue // issuerAndSerial, or a key identifier [0]
		Digest   pkix.AlgorithmIdentifier
		Signed   asn1.RawValue `asn1:"tag:0"`
		Method   pkix.AlgorithmIdentifier
		Bytes    []byte
		Unsigned asn1.RawValue `asn1:"optional,tag:1"`
	}
	issuerAndSerial struct {
		Issuer asn1.RawValue
		Serial *big.Int
	}
	attribute struct {
		Type   asn1.ObjectIdentifier
		Values asn1.RawValue `asn1:"set"`
	}
)

var (
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidTSTInfo       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}

	oidSHA256 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidSHA384 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	oidSHA512 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
)

// exactly decodes one DER value with nothing after it.
func exactly(b []byte, into any) error {
	rest, err := asn1.Unmarshal(b, into)
	if err == nil && len(rest) > 0 {
		err = errors.New("more follows")
	}
	return err
}

// signed is a token taken apart, its signature verified.
type signed struct {
	content []byte // DER of the TSTInfo
	signer  *x509.Certificate
	others  []*x509.Certificate
}

// open takes a token apart and verifies its signature with the certificate that the
// token itself brings along; whether that one is to be believed is another question.
func open(der []byte) (*signed, error) {
	var info contentInfo
	if err := exactly(der, &info); err != nil {
		return nil, fmt.Errorf("not a token: %w", err)
	}
	var data signedData
	if !info.Type.Equal(oidSignedData) {
		return nil, errors.New("not signed data")
	}
	if err := exactly(info.Content.Bytes, &data); err != nil {
		return nil, fmt.Errorf("signed data: %w", err)
	}
	// Go's decoder passes over some of what DER forbids; what it read must be all there is.
	again, err := asn1.Marshal(data)
	switch {
	case err != nil || !bytes.Equal(again, info.Content.Bytes):
		return nil, errors.New("it is not DER")
	case data.Version != 3:
		return nil, fmt.Errorf("it has version %d", data.Version)
	case !data.Encap.Type.Equal(oidTSTInfo):
		return nil, errors.New("it signs something else than a time")
	case len(data.Signers) != 1:
		return nil, fmt.Errorf("it has %d signers instead of one", len(data.Signers))
	case !data.Certificates.IsCompound || !data.Signers[0].Signed.IsCompound:
		return nil, errors.New("it is not DER")
	case !slices.ContainsFunc(data.Digests, func(a pkix.AlgorithmIdentifier) bool { return a.Algorithm.Equal(data.Signers[0].Digest.Algorithm) }):
		return nil, errors.New("it does not list its signer's digest")
	}
	certs, err := x509.ParseCertificates(data.Certificates.Bytes)
	if err != nil {
		return nil, fmt.Errorf("certificates: %w", err)
	}
	out := &signed{content: data.Encap.Content}
	by := &data.Signers[0]
	for _, c := range certs {
		if out.signer == nil && by.is(c) {
			out.signer = c
		} else {
			out.others = append(out.others, c)
		}
	}
	if out.signer == nil {
		return nil, errors.New("it does not bring its signer's certificate")
	}
	return out, by.verify(out)
}

// is reports whether a certificate is the one that the signer names.
func (s *signerInfo) is(c *x509.Certificate) bool {
	if s.ID.Class == asn1.ClassContextSpecific && s.ID.Tag == 0 {
		return s.Version == 3 && len(c.SubjectKeyId) > 0 && bytes.Equal(s.ID.Bytes, c.SubjectKeyId)
	}
	var id issuerAndSerial
	return s.Version == 1 && exactly(s.ID.FullBytes, &id) == nil && bytes.Equal(id.Issuer.FullBytes, c.RawIssuer) && id.Serial.Cmp(c.SerialNumber) == 0
}

// verify checks the signature and the attributes that it is over.
func (s *signerInfo) verify(t *signed) error {
	digest, err := digestOf(s.Digest.Algorithm)
	if err != nil {
		return err
	}
	attrs, err := attributes(s.Signed.Bytes)
	if err != nil {
		return err
	}
	var kind asn1.ObjectIdentifier
	if err := attrs.get(oidContentType, &kind); err != nil || !kind.Equal(oidTSTInfo) {
		return errors.New("its signature is not for a time")
	}
	h := digest.New()
	h.Write(t.content)
	var sum []byte
	if err := attrs.get(oidMessageDigest, &sum); err != nil || !bytes.Equal(sum, h.Sum(nil)) {
		return errors.New("its signature is over another content")
	}
	if err := attrs.names(t.signer); err != nil {
		return err
	}
	method, err := methodOf(s.Method.Algorithm, digest)
	if err != nil {
		return err
	}
	// What is signed is the set of attributes as a SET, not under the tag [0] that it
	// has here.
	set := bytes.Clone(s.Signed.FullBytes)
	set[0] = 0x31
	if err := t.signer.CheckSignature(method, set, s.Bytes); err != nil {
		return fmt.Errorf("its signature does not hold: %w", err)
	}
	return nil
}

func digestOf(oid asn1.ObjectIdentifier) (crypto.Hash, error) {
	switch {
	case oid.Equal(oidSHA256):
		return crypto.SHA256, nil
	case oid.Equal(oidSHA384):
		return crypto.SHA384, nil
	case oid.Equal(oidSHA512):
		return crypto.SHA512, nil
	}
	return 0, fmt.Errorf("its signer uses the digest %s", oid)
}

// methodOf gives the signature algorithm of a signer with a digest.
func methodOf(oid asn1.ObjectIdentifier, digest crypto.Hash) (x509.SignatureAlgorithm, error) {
	type method struct {
		oid    string
		digest crypto.Hash
	}
	const (
		rsaKey = "1.2.840.113549.1.1.1"
		pss    = "1.2.840.113549.1.1.10"
	)
	m, ok := map[method]x509.SignatureAlgorithm{
		{rsaKey, crypto.SHA256}:                  x509.SHA256WithRSA,
		{rsaKey, crypto.SHA384}:                  x509.SHA384WithRSA,
		{rsaKey, crypto.SHA512}:                  x509.SHA512WithRSA,
		{"1.2.840.113549.1.1.11", crypto.SHA256}: x509.SHA256WithRSA,
		{"1.2.840.113549.1.1.12", crypto.SHA384}: x509.SHA384WithRSA,
		{"1.2.840.113549.1.1.13", crypto.SHA512}: x509.SHA512WithRSA,
		{pss, crypto.SHA256}:                     x509.SHA256WithRSAPSS,
		{pss, crypto.SHA384}:                     x509.SHA384WithRSAPSS,
		{pss, crypto.SHA512}:                     x509.SHA512WithRSAPSS,
		{"1.2.840.10045.4.3.2", crypto.SHA256}:   x509.ECDSAWithSHA256,
		{"1.2.840.10045.4.3.3", crypto.SHA384}:   x509.ECDSAWithSHA384,
		{"1.2.840.10045.4.3.4", crypto.SHA512}:   x509.ECDSAWithSHA512,
		{"1.3.101.112", crypto.SHA512}:           x509.PureEd25519,
	}[method{oid.String(), digest}]
	if !ok {
		return 0, fmt.Errorf("its signer uses the method %s with %s", oid, digest)
	}
	return m, nil
}
