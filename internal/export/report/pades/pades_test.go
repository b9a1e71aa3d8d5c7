package pades_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/digitorus/pkcs7"
	"github.com/google/go-cmp/cmp"

	"zoeklicht/internal/export/report/pades"
	"zoeklicht/internal/export/report/papertest"
	"zoeklicht/internal/ledger/stamp"
)

var at = time.Date(2026, 11, 22, 9, 15, 0, 0, time.UTC)

// paper makes a PDF as fpdf does; links gives its first page an annotation.
func paper(t testing.TB, links, bookmarks bool) []byte {
	t.Helper()
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(at)
	pdf.SetModificationDate(at)
	font, err := os.ReadFile("../font/DejaVuSansMono.ttf")
	if err != nil {
		t.Fatal(err)
	}
	pdf.AddUTF8FontFromBytes("mono", "", font)
	for n := range 3 {
		pdf.AddPage()
		pdf.SetFont("mono", "", 12)
		pdf.Text(20, 30, fmt.Sprintf("Page %d", n+1))
		if bookmarks {
			pdf.Bookmark("Part", 0, 20)
		}
	}
	if links {
		link := pdf.AddLink()
		pdf.SetLink(link, 20, 3)
		pdf.SetPage(1)
		pdf.Link(20, 20, 50, 10, link)
		pdf.SetPage(3)
	}
	var b bytes.Buffer
	if err := pdf.Output(&b); err != nil {
		t.Fatal(err)
	}
	copy(b.Bytes(), "%PDF-1.7") // what is added to it needs a newer version than fpdf's
	return b.Bytes()
}

var files = []pades.File{
	{Name: "b.txt", What: "het tweede bestand, met é", Media: "text/plain", Bytes: []byte("tweede\n")},
	{Name: "a.txt", What: "het eerste bestand", Media: "text/plain", Bytes: []byte("eerste \x00\xff\n")},
	{Name: "c.txt", What: "een leeg bestand", Media: "text/plain"},
}

func TestAttach(t *testing.T) {
	t.Parallel()
	base := paper(t, false, true)
	out, err := pades.Finish(context.Background(), base, pades.Update{Files: files, At: at})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(out, base) {
		t.Error("the document was changed, not added to")
	}
	again, err := pades.Finish(context.Background(), base, pades.Update{Files: files, At: at})
	if err != nil || !bytes.Equal(out, again) {
		t.Errorf("the same input gives other bytes (%v)", err)
	}
	papertest.Sound(t, out)
	t.Run("pdfdetach", func(t *testing.T) {
		want := map[string][]byte{}
		for _, f := range files {
			want[f.Name] = append([]byte{}, f.Bytes...)
		}
		if diff := cmp.Diff(want, papertest.Attached(t, out)); diff != "" {
			t.Errorf("attached (-want +got):\n%s", diff)
		}
	})
}

// TestSign signs with every kind of key, with and without bookmarks.
func TestSign(t *testing.T) {
	t.Parallel()
	papertest.Need(t, "openssl", "openssl")
	for key := range papertest.Keys {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			id := papertest.NewIdentity(t, key)
			base := paper(t, false, key != "P-384")
			out, err := pades.Finish(context.Background(), base, pades.Update{Files: files, Signer: &id.Signer, At: at, Name: "Practice unit", Reason: "Rapport x-1"})
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(out, base) {
				t.Error("the document was changed, not added to")
			}
			papertest.Sound(t, out)
			papertest.Signed(t, out)
			signature, covered := papertest.Parts(t, out)
			t.Run("openssl cms", func(t *testing.T) {
				papertest.Run(t, "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", papertest.Write(t, "sig", signature),
					"-content", papertest.Write(t, "covered", covered), "-CAfile", id.RootFile, "-purpose", "any", "-out", "/dev/null")
			})
			t.Run("openssl ts", func(t *testing.T) {
				value, token := stamped(t, signature)
				papertest.Run(t, "openssl", "ts", "-verify", "-digest", fmt.Sprintf("%x", sha256.Sum256(value)),
					"-token_in", "-in", papertest.Write(t, "token", token), "-CAfile", id.RootFile)
			})
		})
	}
}

// TestOwnAuthority: what the ledger's rooms fetch and verify fits, with their practice
// authority on the other side.
func TestOwnAuthority(t *testing.T) {
	t.Parallel()
	authority, err := stamp.NewAuthority("practice", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(authority)
	defer server.Close()
	id := papertest.NewIdentity(t, "P-384")
	id.Stamp = func(ctx context.Context, digest [32]byte) ([]byte, error) {
		return stamp.Fetch(ctx, server.Client(), server.URL, digest)
	}
	out, err := pades.Finish(context.Background(), paper(t, false, false), pades.Update{Signer: &id.Signer, At: at})
	if err != nil {
		t.Fatal(err)
	}
	papertest.Sound(t, out)
	papertest.Signed(t, out)
	cms, _ := papertest.Parts(t, out)
	value, token := stamped(t, cms)
	if _, err := stamp.Verify(token, sha256.Sum256(value), authority.Roots()); err != nil {
		t.Error(err)
	}
}

// stamped gives the value of a signature, and the timestamp over it. There is no signing
// time among what is signed: PAdES has it in the PDF.
func stamped(t testing.TB, cms []byte) (value, token []byte) {
	t.Helper()
	p7, err := pkcs7.Parse(cms)
	if err != nil {
		t.Fatal(err)
	}
	s := p7.Signers[0]
	for _, a := range s.AuthenticatedAttributes {
		if a.Type.Equal(pkcs7.OIDAttributeSigningTime) {
			t.Error("the signing time is a signed attribute")
		}
	}
	if len(p7.Signers) != 1 || len(s.UnauthenticatedAttributes) != 1 {
		t.Fatalf("%d signers, %d attributes that are not signed", len(p7.Signers), len(s.UnauthenticatedAttributes))
	}
	return s.EncryptedDigest, s.UnauthenticatedAttributes[0].Value.Bytes
}

// TestSignatureBreaks: a bit that flips anywhere is found by pdfsig, or is in the
// signature's own room, after its end.
func TestSignatureBreaks(t *testing.T) {
	t.Parallel()
	papertest.Need(t, "pdfsig", "poppler-utils")
	id := papertest.NewIdentity(t, "P-256")
	out, err := pades.Finish(context.Background(), paper(t, false, true), pades.Update{Files: files, Signer: &id.Signer, At: at})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 8 {
		where := 10 + i*len(out)/9
		if out[where] == '0' && out[where-1] == '0' && out[where+1] == '0' {
			continue // room that the signature did not need
		}
		broken := bytes.Clone(out)
		broken[where] ^= 0x02
		if strings.Contains(papertest.PDFSig(t, broken), "Signature is Valid.") {
			t.Errorf("a flipped bit at %d of %d is not found", where, len(out))
		}
	}
}

// TestRoom: a chain and a token that need more room than others get it.
func TestRoom(t *testing.T) {
	t.Parallel()
	id := papertest.NewIdentity(t, "P-256")
	token := append([]byte{0x30, 0x83, 0x00, 0xea, 0x60}, make([]byte, 60000)...) // a SEQUENCE that is no token
	id.Stamp = func(context.Context, [32]byte) ([]byte, error) { return token, nil }
	out, err := pades.Finish(context.Background(), paper(t, false, false), pades.Update{Signer: &id.Signer, At: at})
	if err != nil {
		t.Fatal(err)
	}
	papertest.Sound(t, out)
	cms, _ := papertest.Parts(t, out)
	if !bytes.Contains(cms, token) {
		t.Error("the token is not in the signature")
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	id := papertest.NewIdentity(t, "P-256")
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, young, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	self := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, self, self, young.Public(), young)
	if err != nil {
		t.Fatal(err)
	}
	edwards, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	base := paper(t, false, false)
	down := errors.New("the authority is down")
	for name, c := range map[string]struct {
		pdf  []byte
		u    pades.Update
		want string
	}{
		"not a PDF":            {[]byte("hello"), pades.Update{}, "no PDF"},
		"cut off":              {base[:len(base)-40], pades.Update{}, "does not end as"},
		"finished before":      {nil, pades.Update{}, "does not end as"},
		"annotations":          {paper(t, true, false), pades.Update{}, "annotations"},
		"moved objects":        {bytes.Replace(base, []byte("\n3 0 obj"), []byte("\n\n3 0 obj"), 1), pades.Update{}, "cross-reference table"},
		"another key":          {base, pades.Update{Signer: &pades.Signer{Key: other, Chain: id.Chain}}, "not that of the key"},
		"no certificate":       {base, pades.Update{Signer: &pades.Signer{Key: other}}, "no certificate"},
		"a kind without PDF":   {base, pades.Update{Signer: &pades.Signer{Key: young, Chain: []*x509.Certificate{edwards}}}, "kind"},
		"a chain that is none": {base, pades.Update{Signer: &pades.Signer{Key: id.Key, Chain: []*x509.Certificate{id.Chain[0], id.Chain[0]}}}, "not under the next"},
		"two of a name":        {base, pades.Update{Files: []pades.File{{Name: "a.txt"}, {Name: "a.txt"}}}, "two files"},
		"a name to escape by":  {base, pades.Update{Files: []pades.File{{Name: "a) /JS (x.txt"}}}, "no name"},
		"no timestamp": {base, pades.Update{Signer: &pades.Signer{Key: id.Key, Chain: id.Chain, Stamp: func(context.Context, [32]byte) ([]byte, error) {
			return nil, down
		}}}, "authority is down"},
	} {
		if name == "finished before" {
			if c.pdf, err = pades.Finish(context.Background(), base, pades.Update{At: at}); err != nil {
				t.Fatal(err)
			}
			// A second update would need what the first left: it is refused.
			c.pdf = bytes.Replace(c.pdf, []byte("trailer\n<<\n"), []byte("trailer <<\n"), 2)
		}
		_, err := pades.Finish(context.Background(), c.pdf, c.u)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
