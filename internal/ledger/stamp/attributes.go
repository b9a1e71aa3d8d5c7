package stamp

import (
	"bytes"
	"crypto/sha1" // SigningCertificate of RFC 2634 has no other digest; chain and signature do not rest on it
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
)

var (
	oidSigningCert   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	oidSigningCertV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
)

// signedAttributes are what a signature is over, each with its one value.
type signedAttributes map[string][]byte

// attributes reads the set of signed attributes.
func attributes(b []byte) (signedAttributes, error) {
	out := signedAttributes{}
	for len(b) > 0 {
		var a attribute
		rest, err := asn1.Unmarshal(b, &a)
		if err != nil {
			return nil, errors.New("its signed attributes cannot be read")
		}
		if a.Values.Tag != asn1.TagSet {
			return nil, errors.New("a signed attribute is not a set")
		}
		if out[a.Type.String()] != nil {
			return nil, errors.New("it has a signed attribute twice")
		}
		out[a.Type.String()], b = a.Values.Bytes, rest
	}
	return out, nil
}

// get decodes an attribute that has one value.
func (s signedAttributes) get(oid asn1.ObjectIdentifier, into any) error {
	b, ok := s[oid.String()]
	if !ok {
		return errors.New("a signed attribute is missing")
	}
	return exactly(b, into)
}

// names reports, as an error, that the attributes do not name the certificate as the
// signer's. Without this, whoever gets a second certificate for the same key could put
// it in the place of the first.
func (s signedAttributes) names(c *x509.Certificate) error {
	var v2 struct {
		Certs    []asn1.RawValue
		Policies asn1.RawValue `asn1:"optional"`
	}
	var id struct {
		Digest pkix.AlgorithmIdentifier `asn1:"optional"`
		Hash   []byte
		Issuer asn1.RawValue `asn1:"optional"`
	}
	if _, ok := s[oidSigningCertV2.String()]; ok {
		if err := s.get(oidSigningCertV2, &v2); err != nil || len(v2.Certs) == 0 || exactly(v2.Certs[0].FullBytes, &id) != nil {
			return errors.New("it does not say which certificate is its signer's")
		}
		if id.Digest.Algorithm == nil {
			id.Digest.Algorithm = oidSHA256
		}
		digest, err := digestOf(id.Digest.Algorithm)
		if err != nil {
			return err
		}
		h := digest.New()
		h.Write(c.Raw)
		if !bytes.Equal(h.Sum(nil), id.Hash) {
			return errors.New("it names another certificate as its signer's")
		}
		return nil
	}
	var v1 struct {
		Certs    []asn1.RawValue
		Policies asn1.RawValue `asn1:"optional"`
	}
	var old struct {
		Hash   []byte
		Issuer asn1.RawValue `asn1:"optional"`
	}
	if err := s.get(oidSigningCert, &v1); err != nil || len(v1.Certs) == 0 || exactly(v1.Certs[0].FullBytes, &old) != nil {
		return errors.New("it does not say which certificate is its signer's")
	}
	if sum := sha1.Sum(c.Raw); !bytes.Equal(sum[:], old.Hash) { //nolint:gosec // see the import: an old attribute that binds, and proves nothing
		return errors.New("it names another certificate as its signer's")
	}
	return nil
}
