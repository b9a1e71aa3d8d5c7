package pades

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	_ "crypto/sha512" // for the hashes of P-384 and P-521
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
)

// Object identifiers of RFC 5652, 5035, 3161 and 5754.
var (
	oidData          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidCertificateV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidStampToken    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}
	oidRSA           = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
)

// oids has what names a hash, and ECDSA with it.
var oids = map[crypto.Hash]struct{ hash, ecdsa asn1.ObjectIdentifier }{
	crypto.SHA256: {asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}},
	crypto.SHA384: {asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}},
	crypto.SHA512: {asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}},
}

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue // [0] EXPLICIT
}

type signedData struct {
	Version      int
	Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
	Content      struct{ Type asn1.ObjectIdentifier }
	Certificates asn1.RawValue
	Signers      []signerInfo `asn1:"set"`
}

type signerInfo struct {
	Version   int
	ID        issuerAndSerial
	Digest    pkix.AlgorithmIdentifier
	Signed    asn1.RawValue
	Algorithm pkix.AlgorithmIdentifier
	Signature []byte
	Unsigned  []attribute `asn1:"optional,omitempty,set,tag:1"`
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

// certificateV2 is SigningCertificateV2 with the default hash, SHA-256.
type certificateV2 struct {
	Certificates []struct{ Hash []byte }
}

// check reports what is wrong with a signer, and gives the hash that goes with its key.
func (s *Signer) check() (crypto.Hash, error) {
	if s.Key == nil || len(s.Chain) == 0 {
		return 0, errors.New("the signer has no key or no certificate")
	}
	type comparable interface{ Equal(crypto.PublicKey) bool }
	if k, ok := s.Chain[0].PublicKey.(comparable); !ok || !k.Equal(s.Key.Public()) {
		return 0, errors.New("the first certificate is not that of the key")
	}
	for i, c := range s.Chain[1:] {
		if err := s.Chain[i].CheckSignatureFrom(c); err != nil {
			return 0, fmt.Errorf("certificate %d is not under the next: %w", i, err)
		}
	}
	switch k := s.Key.Public().(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < 2048 {
			return 0, fmt.Errorf("an RSA key of %d bits is too short", k.N.BitLen())
		}
		return crypto.SHA256, nil
	case *ecdsa.PublicKey:
		switch k.Params().BitSize {
		case 256:
			return crypto.SHA256, nil
		case 384:
			return crypto.SHA384, nil
		case 521:
			return crypto.SHA512, nil
		}
	}
	return 0, fmt.Errorf("no signature of a PDF can be made with a key of the kind %T", s.Key.Public())
}

// sign gives the SignedData over the parts of a file.
func (s *Signer) sign(ctx context.Context, hash crypto.Hash, parts [2][]byte) ([]byte, error) {
	h := hash.New()
	for _, p := range parts {
		h.Write(p)
	}
	attributes, err := s.attributes(h.Sum(nil))
	if err != nil {
		return nil, err
	}
	h.Reset()
	h.Write(attributes)
	signature, err := s.Key.Sign(rand.Reader, h.Sum(nil), hash)
	if err != nil {
		return nil, err
	}
	algorithm := pkix.AlgorithmIdentifier{Algorithm: oids[hash].ecdsa}
	if _, ok := s.Key.Public().(*rsa.PublicKey); ok {
		algorithm = pkix.AlgorithmIdentifier{Algorithm: oidRSA, Parameters: asn1.NullRawValue}
	}
	signer := signerInfo{
		Version:   1,
		ID:        issuerAndSerial{asn1.RawValue{FullBytes: s.Chain[0].RawIssuer}, s.Chain[0].SerialNumber},
		Digest:    pkix.AlgorithmIdentifier{Algorithm: oids[hash].hash},
		Signed:    asn1.RawValue{FullBytes: append([]byte{0xa0}, attributes[1:]...)}, // SET, as [0] IMPLICIT
		Algorithm: algorithm,
		Signature: signature,
	}
	if s.Stamp != nil {
		token, err := s.Stamp(ctx, sha256.Sum256(signature))
		if err != nil {
			return nil, fmt.Errorf("its timestamp: %w", err)
		}
		if token != nil {
			signer.Unsigned = []attribute{{oidStampToken, []asn1.RawValue{{FullBytes: token}}}}
		}
	}
	var certificates []byte
	for _, c := range s.Chain {
		certificates = append(certificates, c.Raw...)
	}
	data := signedData{
		Version:      1,
		Digests:      []pkix.AlgorithmIdentifier{signer.Digest},
		Certificates: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: certificates},
		Signers:      []signerInfo{signer},
	}
	data.Content.Type = oidData
	inner, err := asn1.Marshal(data)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(contentInfo{oidSignedData, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: inner}})
}

// attributes gives the signed attributes, as the SET that is signed.
func (s *Signer) attributes(digest []byte) ([]byte, error) {
	sum := sha256.Sum256(s.Chain[0].Raw)
	values := []struct {
		oid   asn1.ObjectIdentifier
		value any
	}{
		{oidContentType, oidData},
		{oidMessageDigest, digest},
		{oidCertificateV2, certificateV2{[]struct{ Hash []byte }{{sum[:]}}}},
	}
	var out []attribute
	for _, v := range values {
		der, err := asn1.Marshal(v.value)
		if err != nil {
			return nil, err
		}
		out = append(out, attribute{v.oid, []asn1.RawValue{{FullBytes: der}}})
	}
	return asn1.MarshalWithParams(out, "set")
}
