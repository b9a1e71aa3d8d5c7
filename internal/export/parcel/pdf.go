package parcel

import (
	"bytes"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"zoeklicht/internal/ledger/stamp"

	"github.com/digitorus/pkcs7"
)

// pdf checks the signature of a document: that it covers every byte but its own, that the
// organisation made it, and that an authority dated it.
func (v *verifying) pdf(name string) {
	body, err := v.read(name, maxRecord)
	if err != nil {
		v.check(checkReport, name, err, "")
		return
	}
	text, err := pdfSigned(body, v.trust, v.signed, v.newest)
	v.check(checkReport, name, err, text)
}

// pdfSigned checks the one signature of a PDF (PAdES, ETSI EN 319 142) and tells who
// signed it and when. Where it has no time of its own, it is older than packed, the moment
// at which the package was signed. Newest is that of the newest checkpoint beside it.
func pdfSigned(pdf []byte, trust *Trust, packed, newest time.Time) (string, error) {
	covered, der, err := pdfParts(pdf)
	if err != nil {
		return "", err
	}
	p, err := pkcs7.Parse(der)
	if err != nil {
		return "", fmt.Errorf("its signature cannot be read: %w", err)
	}
	if len(p.Signers) != 1 || len(p.Content) > 0 {
		return "", errors.New("its signature is not one of one signer over the document")
	}
	p.Content = covered
	who := p.GetOnlySigner()
	if who == nil {
		return "", errors.New("its signature does not have the signer's certificate")
	}
	if err := p.Verify(); err != nil {
		return "", fmt.Errorf("its signature: %w", err)
	}
	var at time.Time
	dated := "without a timestamp"
	for _, a := range p.Signers[0].UnauthenticatedAttributes {
		if !a.Type.Equal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}) {
			continue
		}
		if !at.IsZero() {
			return "", errors.New("its signature has two timestamps")
		}
		s, err := stamp.Verify(a.Value.Bytes, sha256.Sum256(p.Signers[0].EncryptedDigest), trust.times())
		if err != nil {
			return "", fmt.Errorf("the time of its signature: %w", err)
		}
		at, dated = s.At, fmt.Sprintf("at %s, says %s", stampText(s.At), s.Signer.Subject)
	}
	signers := trust.signers()
	i := slices.IndexFunc(signers, who.Equal)
	if i < 0 {
		return "", fmt.Errorf("its signature is by %s, whose certificate does not sign for the organisation in the policy", who.Subject)
	}
	if at.IsZero() {
		at = packed
	}
	if err := trust.could(signers[i], at, newest); err != nil {
		return "", fmt.Errorf("its signature: %w", err)
	}
	return fmt.Sprintf("all %d bytes, by %s, %s", len(pdf), who.Subject, dated), nil
}

// byteRange is how a signature says what it covers.
var byteRange = regexp.MustCompile(`/ByteRange\s*\[\s*(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*\]`)

// pdfParts gives the bytes that the signature of a PDF covers, and the signature. A PDF
// with more or less than one signature, or with a byte outside it, is refused: "valid" and
// "all of it" are two things.
func pdfParts(pdf []byte) (covered, signature []byte, err error) {
	ranges := byteRange.FindAllSubmatch(pdf, -1)
	if len(ranges) != 1 || bytes.Count(pdf, []byte("/ByteRange")) != 1 {
		return nil, nil, fmt.Errorf("it has %d signatures, not one", bytes.Count(pdf, []byte("/ByteRange")))
	}
	var n [4]int
	for i := range n {
		n[i], _ = strconv.Atoi(string(ranges[0][i+1])) // twelve digits at most
	}
	first, gap, second := n[1], n[2], n[3]
	if n[0] != 0 || first > gap || gap > len(pdf) || second != len(pdf)-gap {
		return nil, nil, errors.New("its signature does not cover all of it")
	}
	between := pdf[first:gap]
	if len(between) < 2 || between[0] != '<' || between[len(between)-1] != '>' {
		return nil, nil, errors.New("its signature leaves out more than itself")
	}
	raw := make([]byte, hex.DecodedLen(len(between)-2))
	if _, err := hex.Decode(raw, between[1:len(between)-1]); err != nil {
		return nil, nil, fmt.Errorf("its signature is not hexadecimal: %w", err)
	}
	var value asn1.RawValue
	rest, err := asn1.Unmarshal(raw, &value)
	if err != nil {
		return nil, nil, fmt.Errorf("its signature cannot be read: %w", err)
	}
	if len(bytes.Trim(rest, "\x00")) > 0 {
		return nil, nil, errors.New("something stands after its signature")
	}
	return append(bytes.Clone(pdf[:first]), pdf[gap:]...), value.FullBytes, nil
}
