package stamp

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"zoeklicht"
)

// MaxToken bounds the length of a token: certificates of a long chain included, they
// have some 10 KB.
const MaxToken = 256 << 10

// Stamp is a token that was verified.
type Stamp struct {
	At       time.Time     // when the authority had seen the digest, in UTC
	Accuracy time.Duration // how far At may be off, as the authority says; 0 if it does not
	Signer   *x509.Certificate
	Chain    []*x509.Certificate // from Signer to the root
	Policy   string              // the authority's policy, an object identifier
	Serial   *big.Int            // of the token, at this authority
}

// The structures of RFC 3161.
type (
	imprint struct {
		Method pkix.AlgorithmIdentifier
		Digest []byte
	}
	tstInfo struct {
		Version  int
		Policy   asn1.ObjectIdentifier
		Imprint  imprint
		Serial   *big.Int
		At       time.Time `asn1:"generalized"`
		Accuracy struct {
			Seconds int64 `asn1:"optional"`
			Millis  int64 `asn1:"optional,tag:0"`
			Micros  int64 `asn1:"optional,tag:1"`
		} `asn1:"optional"`
		Ordering   bool             `asn1:"optional"`
		Nonce      *big.Int         `asn1:"optional"`
		Authority  asn1.RawValue    `asn1:"optional,tag:0"`
		Extensions []pkix.Extension `asn1:"optional,tag:1"`
	}
)

// Verify checks a token over a digest against the roots that are believed, as the
// package comment says. What does not hold comes as an error of code Invalid.
func Verify(der []byte, digest [32]byte, roots *x509.CertPool) (*Stamp, error) {
	t, info, err := read(der, digest)
	if err != nil {
		return nil, refuse(err)
	}
	if roots == nil {
		return nil, refuse(errors.New("there is no root to believe")) // nil would mean those of this machine
	}
	others := x509.NewCertPool()
	for _, c := range t.others {
		others.AddCert(c)
	}
	chains, err := t.signer.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: others, CurrentTime: info.At,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
	})
	if err != nil {
		return nil, refuse(fmt.Errorf("no chain to a root that is believed, at %s: %w", info.At.UTC().Format(time.RFC3339), err))
	}
	a := &info.Accuracy
	return &Stamp{
		At:       info.At.UTC(),
		Accuracy: time.Duration(a.Seconds)*time.Second + time.Duration(a.Millis)*time.Millisecond + time.Duration(a.Micros)*time.Microsecond,
		Signer:   t.signer, Chain: chains[0], Policy: info.Policy.String(), Serial: info.Serial,
	}, nil
}

func refuse(err error) error {
	return zoeklicht.Errorf(zoeklicht.Invalid, "timestamp: %w", err)
}

// read checks all of a token but the chain of its signer.
func read(der []byte, digest [32]byte) (*signed, *tstInfo, error) {
	if len(der) > MaxToken {
		return nil, nil, fmt.Errorf("it is longer than %d bytes", MaxToken)
	}
	t, err := open(der)
	if err != nil {
		return nil, nil, err
	}
	var info tstInfo
	if err := exactly(t.content, &info); err != nil {
		return nil, nil, fmt.Errorf("its time: %w", err)
	}
	switch {
	case info.Version != 1:
		return nil, nil, fmt.Errorf("it has version %d", info.Version)
	case !info.Imprint.Method.Algorithm.Equal(oidSHA256) || !bytes.Equal(info.Imprint.Digest, digest[:]):
		return nil, nil, errors.New("it is of another digest")
	}
	for _, e := range info.Extensions {
		if e.Critical {
			return nil, nil, fmt.Errorf("it has the critical extension %s, which is not known", e.Id)
		}
	}
	return t, &info, forStamping(t.signer)
}

// forStamping checks that a certificate is for timestamps and nothing else (RFC 3161,
// section 2.3): its key signs nothing that could be taken for one.
func forStamping(c *x509.Certificate) error {
	critical := 0
	for _, e := range c.Extensions {
		if e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 37}) && e.Critical {
			critical++
		}
	}
	switch {
	case len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageTimeStamping || len(c.UnknownExtKeyUsage) > 0:
		return errors.New("its signer's certificate is not for timestamps alone")
	case critical != 1:
		return errors.New("its signer's certificate does not say as critical that it is for timestamps")
	case c.KeyUsage != 0 && c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0:
		return errors.New("its signer's certificate is not for signatures")
	}
	return nil
}
