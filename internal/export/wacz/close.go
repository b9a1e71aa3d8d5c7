package wacz

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"path"
	"strings"
	"time"
)

// Close writes the index, the list of pages and the signed digest, and ends the file. It
// gives how many responses and pages there are.
func (z *Writer) Close() (responses, pages int, err error) {
	z.finish(ArchiveFile, z.archive)
	s, err := z.begin(indexFile)
	if err != nil {
		return 0, 0, err
	}
	blocks, err := writeIndex(s, z.lines)
	if err != nil {
		return 0, 0, fmt.Errorf("WACZ file, %s: %w", indexFile, err)
	}
	z.finish(indexFile, s)
	if err := z.file(blocksFile, blocks); err != nil {
		return 0, 0, err
	}
	pages = strings.Count(z.pages.String(), "\n") - 1
	if err := z.file(pagesFile, z.pages.Bytes()); err != nil {
		return 0, 0, err
	}
	about, err := z.datapackage()
	if err != nil {
		return 0, 0, err
	}
	if err := z.file(packageFile, about); err != nil {
		return 0, 0, err
	}
	digest, err := z.digest(about)
	if err != nil {
		return 0, 0, err
	}
	if err := z.file(digestFile, digest); err != nil {
		return 0, 0, err
	}
	return len(z.lines), pages, z.zip.Close()
}

// file writes a small file.
func (z *Writer) file(path string, body []byte) error {
	s, err := z.begin(path)
	if err != nil {
		return err
	}
	if _, err := s.Write(body); err != nil {
		return fmt.Errorf("WACZ file, %s: %w", path, err)
	}
	z.finish(path, s)
	return nil
}

func (z *Writer) finish(name string, s *summed) {
	z.files = append(z.files, file{Name: path.Base(name), Path: name, Hash: s.hash(), Bytes: s.n})
}

// datapackage gives datapackage.json.
func (z *Writer) datapackage() ([]byte, error) {
	about := struct {
		Profile      string `json:"profile"`
		Version      string `json:"wacz_version"`
		Title        string `json:"title"`
		Description  string `json:"description,omitempty"`
		Created      string `json:"created"`
		Software     string `json:"software"`
		MainPageURL  string `json:"mainPageUrl,omitempty"`
		MainPageDate string `json:"mainPageDate,omitempty"`
		Resources    []file `json:"resources"`
	}{
		Profile: "data-package", Version: Version, Title: z.info.Title, Description: z.info.Description,
		Created: moment(z.info.Created), Software: z.info.Software, Resources: z.files,
	}
	if z.first != nil {
		about.MainPageURL, about.MainPageDate = z.first.URL, z.first.TS
	}
	return json.MarshalIndent(about, "", "  ")
}

// digest gives datapackage-digest.json.
func (z *Writer) digest(about []byte) ([]byte, error) {
	d := Digest{Path: packageFile, Hash: fmt.Sprintf("sha256:%x", sha256.Sum256(about))}
	public, err := publicKey(z.key)
	if err != nil {
		return nil, err
	}
	signature, err := sign(z.key, d.Hash)
	if err != nil {
		return nil, fmt.Errorf("WACZ file, signature: %w", err)
	}
	d.SignedData = SignedData{Hash: d.Hash, Created: moment(z.info.Created), Software: z.info.Software, PublicKey: public, Signature: signature}
	return json.MarshalIndent(d, "", "  ")
}

// Digest is datapackage-digest.json.
type Digest struct {
	Path       string     `json:"path"`
	Hash       string     `json:"hash"` // "sha256:<hex>" of the file at Path
	SignedData SignedData `json:"signedData"`
}

// SignedData is an anonymous signature.
type SignedData struct {
	Hash      string `json:"hash"` // what is signed
	Created   string `json:"created"`
	Software  string `json:"software"`
	PublicKey []byte `json:"publicKey"` // SubjectPublicKeyInfo, DER
	Signature []byte `json:"signature"` // r ‖ s, 48 bytes each
}

// Verify checks the signature, and gives the key that made it.
func (s *SignedData) Verify() (*ecdsa.PublicKey, error) {
	parsed, err := x509.ParsePKIXPublicKey(s.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("the key of the WACZ file: %w", err)
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P384() {
		return nil, errors.New("the key of the WACZ file is not an ECDSA key on P-384")
	}
	half := (key.Params().BitSize + 7) / 8
	if len(s.Signature) != 2*half {
		return nil, fmt.Errorf("the signature of the WACZ file has %d bytes, not %d", len(s.Signature), 2*half)
	}
	sum := sha256.Sum256([]byte(s.Hash))
	if !ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(s.Signature[:half]), new(big.Int).SetBytes(s.Signature[half:])) {
		return nil, errors.New("the signature of the WACZ file is wrong")
	}
	return key, nil
}

// sign gives r ‖ s.
func sign(key crypto.Signer, text string) ([]byte, error) {
	sum := sha256.Sum256([]byte(text))
	der, err := key.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	var rs struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(der, &rs); err != nil || len(rest) > 0 {
		return nil, errors.New("the key gave no ECDSA signature")
	}
	out := make([]byte, 96)
	rs.R.FillBytes(out[:48])
	rs.S.FillBytes(out[48:])
	return out, nil
}

// publicKey gives the public half of a P-384 key, DER.
func publicKey(key crypto.Signer) ([]byte, error) {
	if key == nil {
		return nil, errors.New("a WACZ file needs a key to sign with")
	}
	public, ok := key.Public().(*ecdsa.PublicKey)
	if !ok || public.Curve != elliptic.P384() {
		return nil, errors.New("a WACZ file is signed with an ECDSA key on P-384")
	}
	return x509.MarshalPKIXPublicKey(public)
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
