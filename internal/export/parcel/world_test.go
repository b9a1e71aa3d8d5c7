package parcel

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"iter"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/capture"
	"zoeklicht/internal/ledger"
	"zoeklicht/internal/ledger/stamp"

	"github.com/digitorus/pkcs7"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const origin = "zoeklicht.invalid/test/practice/2026"

var at = time.Date(2026, 11, 5, 9, 8, 7, 0, time.UTC)

// world is an installation in small: captures in a log that two witnesses cosigned and two
// authorities dated. The log is Go's sumdb one, which shares no code with ours.
type world struct {
	t        testing.TB
	waczKey  *ecdsa.PrivateKey
	organKey *ecdsa.PrivateKey
	organ    *x509.Certificate
	log      note.Signer
	witness  []note.Signer
	signKey  *ecdsa.PrivateKey   // signs packages, where that is not organKey
	chain    []*x509.Certificate // above organ
	trusted  []byte              // the policy without certificates
	named    []Authority
	policy   []byte
	tsa      []*httptest.Server
	names    []string
	hashes   []tlog.Hash
	leaves   [][]byte
	captures []*Capture
	records  []Record
}

// newWorld makes a world with so many captures, each with so many pictures of some size.
func newWorld(t testing.TB, captures, pictures, size int) *world {
	t.Helper()
	w := bareWorld(t)
	first := w.anchor()
	sealer := capture.New(capture.Config{})
	for i := range captures {
		v := w.visit(i, pictures, size)
		v.After = fmt.Sprintf("%x", sha256.Sum256(first.Token.DER))
		s, err := sealer.Seal(v, &zoeklicht.Context{Theme: "practice", Build: strings.Repeat("0", 64), Clock: "simulated"})
		if err != nil {
			t.Fatal(err)
		}
		c := &Capture{Sealed: s, At: v.At, Title: fmt.Sprintf("Relaxing massage by appointment %d", i), After: first}
		w.captures = append(w.captures, c)
		w.append(s.Leaf)
	}
	r := ledger.Record{Kind: zoeklicht.LeafDecision, ID: [16]byte{6: 0x40, 8: 0x80, 15: 1}, Content: []byte("the source was approved\n"), Salt: [32]byte{1, 2, 3}, Build: strings.Repeat("0", 64)}
	w.append(r.Leaf())
	note, tokens := w.publish()
	for i, c := range w.captures {
		c.Proof = w.prove(1+i, note, tokens)
	}
	w.records = []Record{{Record: r, Proof: w.prove(1+captures, note, tokens)}}
	return w
}

func bareWorld(t testing.TB) *world {
	w := &world{t: t}
	var err error
	if w.waczKey, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	w.organKey, w.organ = organisation(t, "Example police unit", at.AddDate(-1, 0, 0), at.AddDate(5, 0, 0), nil, nil)
	skey, vkey, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		t.Fatal(err)
	}
	if w.log, err = note.NewSigner(skey); err != nil {
		t.Fatal(err)
	}
	var witnesses strings.Builder
	for _, name := range []string{"court", "university"} {
		public, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		signer := cosigner{name: name + ".invalid/witness", key: private}
		typed := append([]byte{4}, public...)
		sum := sha256.Sum256(append([]byte(signer.name+"\n"), typed...))
		signer.hash = binary.BigEndian.Uint32(sum[:])
		w.witness = append(w.witness, signer)
		vkey := fmt.Sprintf("%s+%08x+%s", signer.name, signer.hash, base64.StdEncoding.EncodeToString(typed))
		fmt.Fprintf(&witnesses, "witness %s %s\n", name, vkey)
	}
	witnesses.WriteString("group both all court university\nquorum both\n")
	w.trusted, err = ledger.Deposit([]ledger.LogKey{{VKey: vkey, From: at}}, []byte(witnesses.String()))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"tsa-one", "tsa-two"} {
		a, err := stamp.NewAuthority(name, func() time.Time { return at })
		if err != nil {
			t.Fatal(err)
		}
		s := httptest.NewServer(a)
		t.Cleanup(s.Close)
		w.tsa, w.names = append(w.tsa, s), append(w.names, name)
		w.named = append(w.named, Authority{Name: name, Certificates: []*x509.Certificate{a.Root()}})
	}
	w.deposit()
	return w
}

// cosigner is a witness (C2SP tlog-cosignature, version 1) whose clock stands still.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PrivateKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }

func (c cosigner) Sign(text []byte) ([]byte, error) {
	body := fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at.Unix(), text)
	return append(binary.BigEndian.AppendUint64(nil, uint64(at.Unix())), ed25519.Sign(c.key, body)...), nil
}

// deposit makes the policy of what the world is now.
func (w *world) deposit() {
	w.t.Helper()
	var err error
	if w.policy, err = Deposit(w.trusted, w.named, append([]*x509.Certificate{w.organ}, w.chain...)); err != nil {
		w.t.Fatal(err)
	}
}

// organisation makes a key with a certificate: its own, or one that somebody issued. Of
// like, the key usage is taken.
func organisation(t testing.TB, name string, from, to time.Time, by *issuedBy, like *x509.Certificate) (*ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, SerialNumber: big.NewInt(7), NotBefore: from, NotAfter: to,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true,
	}
	if like != nil {
		tmpl.KeyUsage = like.KeyUsage
	}
	if by == nil {
		by = &issuedBy{tmpl, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, by.cert, &key.PublicKey, by.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return key, cert
}

// visit is one advert with its pictures: the page chunked and compressed, a picture that
// failed at the end.
func (w *world) visit(i, pictures, size int) *zoeklicht.Visit {
	site := "http://site.test"
	var html strings.Builder
	fmt.Fprintf(&html, "<!doctype html><html lang=en><title>Advert %d</title><h1>Relaxing massage by appointment %d</h1><p>06 0001 %04d</p>", i, i, i%10000)
	v := &zoeklicht.Visit{Task: zoeklicht.Task{URL: fmt.Sprintf("%s/ad/%d", site, i), Kind: zoeklicht.KindAdvert}, At: at.Add(time.Duration(i) * time.Second)}
	for n := range pictures {
		u := fmt.Sprintf("%s/img/%d-%d.jpg", site, i, n)
		fmt.Fprintf(&html, "<img src=%q>", u)
		body := make([]byte, size)
		_, _ = rand.Read(body)
		v.Pictures = append(v.Pictures, zoeklicht.PictureVisit{URL: u, Chain: []*zoeklicht.Exchange{exchange(u, "image/jpeg", body, v.At)}})
	}
	v.Pictures = append(v.Pictures, zoeklicht.PictureVisit{URL: site + "/gone.jpg", Failure: zoeklicht.FailConnect, Detail: "connection refused"})
	v.Chain = []*zoeklicht.Exchange{exchange(v.Task.URL, "text/html; charset=utf-8", []byte(html.String()), v.At)}
	return v
}

func exchange(url, kind string, body []byte, at time.Time) *zoeklicht.Exchange {
	head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\nDate: %s\r\n\r\n", kind, len(body), at.Format(http.TimeFormat))
	return &zoeklicht.Exchange{
		URL: url, Method: "GET", Driver: "http/1", Started: at, Peer: netip.MustParseAddrPort("192.0.2.7:80"), Status: 200,
		Request:  fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: site.test\r\n\r\n", strings.TrimPrefix(url, "http://site.test")),
		Response: append([]byte(head), body...), HeadLen: len(head), Header: http.Header{"Content-Type": {kind}}, Body: body,
	}
}

// append puts a leaf in the log.
func (w *world) append(leaf []byte) {
	w.t.Helper()
	more, err := tlog.StoredHashes(int64(len(w.leaves)), leaf, w)
	if err != nil {
		w.t.Fatal(err)
	}
	w.leaves, w.hashes = append(w.leaves, leaf), append(w.hashes, more...)
}

// ReadHashes makes the world a tlog.HashReader.
func (w *world) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, n := range indexes {
		out[i] = w.hashes[n]
	}
	return out, nil
}

// publish signs, cosigns and dates the log as it is.
func (w *world) publish() (checkpoint []byte, tokens []zoeklicht.Token) {
	w.t.Helper()
	root, err := tlog.TreeHash(int64(len(w.leaves)), w)
	if err != nil {
		w.t.Fatal(err)
	}
	n := &note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", origin, len(w.leaves), root)}
	checkpoint, err = note.Sign(n, append([]note.Signer{w.log}, w.witness...)...)
	if err != nil {
		w.t.Fatal(err)
	}
	for i, s := range w.tsa {
		der, err := stamp.Fetch(context.Background(), s.Client(), s.URL, sha256.Sum256(checkpoint))
		if err != nil {
			w.t.Fatal(err)
		}
		tokens = append(tokens, zoeklicht.Token{Authority: w.names[i], At: at, DER: der})
	}
	return checkpoint, tokens
}

// stamp has the first authority date a digest.
func (w *world) stamp(ctx context.Context, digest [32]byte) ([]byte, error) {
	return stamp.Fetch(ctx, w.tsa[0].Client(), w.tsa[0].URL, digest)
}

// anchor puts a first leaf in the log and publishes it: what captures come after.
func (w *world) anchor() *Anchor {
	w.append([]byte("the log begins\n"))
	note, tokens := w.publish()
	return &Anchor{Token: tokens[0], Checkpoint: note}
}

func (w *world) prove(index int, checkpoint []byte, tokens []zoeklicht.Token) *zoeklicht.Proof {
	w.t.Helper()
	path, err := tlog.ProveRecord(int64(len(w.leaves)), int64(index), w)
	if err != nil {
		w.t.Fatal(err)
	}
	p := &zoeklicht.Proof{Leaf: w.leaves[index], Index: int64(index), Checkpoint: checkpoint, Tokens: tokens}
	for _, h := range path {
		p.Inclusion = append(p.Inclusion, [32]byte(h))
	}
	return p
}

// contents gives what a package of all captures is made of.
func (w *world) contents() *Contents {
	signer := w.organKey
	if w.signKey != nil {
		signer = w.signKey
	}
	return &Contents{
		About: About{
			Title: "Evidence in case 2026-014", Theme: "practice", Purpose: "case 2026-014", Ground: "Wpg 8", What: "advert 1, version 1",
			Made: at.Add(time.Hour), By: "D. Example", Software: "zoeklicht test", Lang: "nl", AsOf: at, Notes: []string{"The clock was simulated."},
		},
		Documents: []File{{"report.pdf", w.pdf()}, {"findings.txt", []byte("Ik, verbalisant, zag het volgende.\n")}},
		Policy:    w.policy,
		Captures:  w.each(),
		Total:     len(w.captures),
		Records:   w.records,
		WACZKey:   w.waczKey,
		Signer:    signer,
		Stamp:     w.stamp,
		Temp:      w.t.TempDir(),
	}
}

func (w *world) each() iter.Seq2[*Capture, error] {
	return func(yield func(*Capture, error) bool) {
		for _, c := range w.captures {
			if !yield(c, nil) {
				return
			}
		}
	}
}

// packed writes a package.
func (w *world) packed(c *Contents) []byte {
	w.t.Helper()
	var out bytes.Buffer
	if _, err := Write(w.t.Context(), &out, c, nil); err != nil {
		w.t.Fatal(err)
	}
	return out.Bytes()
}

// pdf gives a small PDF with a signature of the organisation and a time.
func (w *world) pdf() []byte {
	w.t.Helper()
	const room = 12000
	var b bytes.Buffer
	offsets := []int{}
	object := func(format string, args ...any) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(offsets), fmt.Sprintf(format, args...))
	}
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	object("<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[4 0 R]>>>>")
	object("<</Type/Pages/Kids[3 0 R]/Count 1>>")
	object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots[4 0 R]>>")
	object("<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/V 5 0 R/Rect[0 0 0 0]/F 132/P 3 0 R>>")
	object("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 %010d %010d %010d]/Contents<%s>>>", 0, 0, 0, strings.Repeat("0", room))
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, xref)
	doc := b.Bytes()
	first := bytes.Index(doc, []byte("/Contents<")) + len("/Contents")
	gap := first + room + 2
	copy(doc[bytes.Index(doc, []byte("/ByteRange[")):], fmt.Sprintf("/ByteRange[0 %010d %010d %010d]", first, gap, len(doc)-gap))
	s, err := pkcs7.NewSignedData(append(bytes.Clone(doc[:first]), doc[gap:]...))
	if err != nil {
		w.t.Fatal(err)
	}
	s.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	if err := s.AddSigner(w.organ, crypto.Signer(w.organKey), pkcs7.SignerInfoConfig{}); err != nil {
		w.t.Fatal(err)
	}
	s.Detach()
	der, err := s.Finish()
	if err != nil {
		w.t.Fatal(err)
	}
	copy(doc[first+1:], hex.EncodeToString(der))
	return doc
}
