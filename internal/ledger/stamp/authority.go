package stamp

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"zoeklicht"
	"zoeklicht/internal/keys/durable"

	"github.com/digitorus/timestamp"
)

// Authority answers timestamp requests over HTTP, for tests and for practice. It is no
// authority in the sense of the law: it vouches for the clock of the machine that it
// runs on, to people who made its key themselves.
type Authority struct {
	Signer *x509.Certificate   // for timestamps
	Key    crypto.Signer       // of Signer
	Chain  []*x509.Certificate // from Signer's issuer to the root
	Clock  zoeklicht.Clock
}

// practicePolicy is the policy of our tokens: an arc for documentation (RFC 5612's
// enterprise number), which no authority has.
func practicePolicy() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 1}
}

// NewAuthority makes an authority with a root and a key of its own, in memory. Its
// certificates are valid from a year before the clock's time, for 20 years.
func NewAuthority(name string, clock zoeklicht.Clock) (*Authority, error) {
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	from := clock().AddDate(-1, 0, 0)
	usage, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		return nil, err
	}
	root := &x509.Certificate{
		Subject: pkix.Name{CommonName: name + " root"}, SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: from.AddDate(20, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, SerialNumber: big.NewInt(2), NotBefore: from, NotAfter: root.NotAfter,
		KeyUsage:        x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: usage}},
	}
	rootCert, err := issue(root, root, &rootKey.PublicKey, rootKey)
	if err != nil {
		return nil, err
	}
	signer, err := issue(leaf, rootCert, &key.PublicKey, rootKey)
	if err != nil {
		return nil, err
	}
	return &Authority{Signer: signer, Key: key, Chain: []*x509.Certificate{rootCert}, Clock: clock}, nil
}

func issue(c, by *x509.Certificate, key crypto.PublicKey, with crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, c, by, key, with)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// OpenAuthority reads an authority that is kept in a file, mode 0600, and makes it
// where there is none.
func OpenAuthority(path, name string, clock zoeklicht.Clock) (*Authority, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		a, err := NewAuthority(name, clock)
		if err != nil {
			return nil, err
		}
		return a, a.write(path)
	}
	if err != nil {
		return nil, err
	}
	a := &Authority{Clock: clock}
	for {
		var block *pem.Block
		if block, b = pem.Decode(b); block == nil {
			break
		}
		if block.Type == "CERTIFICATE" {
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("authority %s: %w", path, err)
			}
			a.Chain = append(a.Chain, c)
			continue
		}
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("authority %s: %w", path, err)
		}
		a.Key, _ = key.(crypto.Signer)
	}
	if a.Key == nil || len(a.Chain) < 2 {
		return nil, fmt.Errorf("authority %s: a key and two certificates should be there", path)
	}
	a.Signer, a.Chain = a.Chain[0], a.Chain[1:]
	return a, nil
}

func (a *Authority) write(path string) error {
	key, err := x509.MarshalPKCS8PrivateKey(a.Key)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	for _, c := range append([]*x509.Certificate{a.Signer}, a.Chain...) {
		if err := pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}); err != nil {
			return err
		}
	}
	if err := pem.Encode(&b, &pem.Block{Type: "PRIVATE KEY", Bytes: key}); err != nil {
		return err
	}
	if err := durable.Mkdir(filepath.Dir(path)); err != nil {
		return err
	}
	return durable.Replace(path, b.Bytes())
}

// Root gives the certificate that whoever believes this authority believes.
func (a *Authority) Root() *x509.Certificate {
	if len(a.Chain) == 0 {
		return a.Signer
	}
	return a.Chain[len(a.Chain)-1]
}

// Roots gives a pool with Root alone.
func (a *Authority) Roots() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.Root())
	return p
}

// ServeHTTP answers a request in the body of a POST.
func (a *Authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != typeQuery {
		http.Error(w, "POST a timestamp query", http.StatusBadRequest)
		return
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 4096))
	if err != nil {
		http.Error(w, "the query is too long", http.StatusRequestEntityTooLarge)
		return
	}
	answer, err := a.answer(b)
	if err != nil {
		http.Error(w, "no timestamp could be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", typeReply)
	w.Write(answer) //nolint:errcheck // whoever asked is gone
}

func (a *Authority) answer(query []byte) ([]byte, error) {
	q, err := timestamp.ParseRequest(query)
	if err != nil {
		return timestamp.CreateErrorResponse(timestamp.Rejection, timestamp.BadDataFormat)
	}
	if q.HashAlgorithm != crypto.SHA256 || len(q.HashedMessage) != crypto.SHA256.Size() {
		return timestamp.CreateErrorResponse(timestamp.Rejection, timestamp.BadAlgorithm)
	}
	stamp := timestamp.Timestamp{
		HashAlgorithm: q.HashAlgorithm, HashedMessage: q.HashedMessage, Time: a.Clock().UTC().Truncate(time.Second),
		Accuracy: time.Second, Policy: practicePolicy(), Nonce: q.Nonce,
		AddTSACertificate: q.Certificates, Certificates: a.Chain,
	}
	return stamp.CreateResponseWithOpts(a.Signer, a.Key, crypto.SHA256)
}
