package parcel

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/export/wacz"
	"zoeklicht/internal/ledger"

	"filippo.io/age"
)

// Write writes a package to w, and tells after each capture how many of Contents.Total
// are done. It ends when ctx does; what was written by then is no package. With recipients
// what is written is an age file with the package in it.
func Write(ctx context.Context, w io.Writer, c *Contents, progress func(done, total int)) (*Summary, error) {
	if len(c.Recipients) == 0 {
		return write(ctx, w, c, progress)
	}
	to, err := Recipients(c.Recipients)
	if err != nil {
		return nil, err
	}
	sealed, err := age.Encrypt(w, to...)
	if err != nil {
		return nil, fmt.Errorf("package, encryption: %w", err)
	}
	s, err := write(ctx, sealed, c, progress)
	if err != nil {
		return nil, err
	}
	return s, sealed.Close()
}

// Recipients reads age recipients: keys only, one in each name. Anything else is an error of
// code Invalid.
func Recipients(names []string) ([]age.Recipient, error) {
	var out []age.Recipient
	for _, name := range names {
		r, err := age.ParseRecipients(strings.NewReader(name))
		if err != nil || len(r) != 1 {
			return nil, zoeklicht.Errorf(zoeklicht.Invalid, "%.80q is not an age recipient", name).
				With("nothing left", "give the recipient's public key, which begins with age1")
		}
		out = append(out, r...)
	}
	return out, nil
}

// writing is a package of which something has been written.
type writing struct {
	c       *Contents
	zip     *archive
	wacz    *wacz.Writer
	index   index
	notes   map[string]int // checkpoints by their bytes → their number
	tokens  []map[string][]byte
	bytes   [][]byte // of the checkpoints
	summary Summary
}

func write(ctx context.Context, out io.Writer, c *Contents, progress func(done, total int)) (*Summary, error) {
	w := &writing{c: c, zip: newArchive(out), notes: map[string]int{}}
	w.index = index{
		Format: formatHead + strconv.Itoa(newest), About: c.About, Documents: []string{}, Certificates: []string{},
		Captures: []indexCapture{}, Records: []indexRecord{}, Checkpoints: []indexCheckpoint{},
	}
	if err := w.top(); err != nil {
		return nil, err
	}
	spooled, err := newSpool(c.Temp)
	if err != nil {
		return nil, err
	}
	defer spooled.close()
	w.wacz, err = wacz.NewWriter(spooled, wacz.Info{
		Title: c.About.Title, Description: c.About.What, Software: c.About.Software, Created: c.About.Made,
	}, c.WACZKey)
	if err != nil {
		return nil, err
	}
	if err := w.captures(ctx, progress); err != nil {
		return nil, err
	}
	for i := range c.Records {
		if err := w.record(&c.Records[i]); err != nil {
			return nil, err
		}
	}
	if err := w.checkpoints(); err != nil {
		return nil, err
	}
	if w.index.WACZ.Responses, w.index.WACZ.Pages, err = w.wacz.Close(); err != nil {
		return nil, err
	}
	w.summary.WACZPages = w.index.WACZ.Pages
	r, err := spooled.reader()
	if err != nil {
		return nil, fmt.Errorf("package, %s: %w", waczName, err)
	}
	if err := w.zip.copy(waczName, r, spooled.n, spooled.crc.Sum32(), [sha256.Size]byte(spooled.sum.Sum(nil))); err != nil {
		return nil, err
	}
	return w.end(ctx)
}

// top writes the documents, the policy and the certificates.
func (w *writing) top() error {
	for _, d := range w.c.Documents {
		if !documentForm.MatchString(d.Name) {
			return fmt.Errorf("package: %q cannot be the name of a document", d.Name)
		}
		w.index.Documents = append(w.index.Documents, d.Name)
		if err := w.zip.add(d.Name, d.Bytes); err != nil {
			return err
		}
	}
	trust, err := ParseTrust(w.c.Policy)
	if err != nil {
		return err
	}
	if err := w.zip.add(policyName, w.c.Policy); err != nil {
		return err
	}
	for _, f := range trust.certificates() {
		w.index.Certificates = append(w.index.Certificates, f.Name)
		if err := w.zip.add("certificates/"+f.Name, f.Bytes); err != nil {
			return err
		}
	}
	return nil
}

func (w *writing) captures(ctx context.Context, progress func(done, total int)) error {
	for c, err := range w.c.Captures {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("package, after %d captures: %w", w.summary.Captures, err)
		}
		if err := w.capture(c); err != nil {
			return fmt.Errorf("package, capture %s: %w", c.Sealed.ID, err)
		}
		if w.summary.Captures++; progress != nil {
			progress(w.summary.Captures, max(w.c.Total, w.summary.Captures))
		}
	}
	return nil
}

// record writes a leaf of another kind with what it stands for.
func (w *writing) record(r *Record) error {
	leaf := r.Leaf()
	at := indexRecord{Kind: string(r.Kind), ID: zoeklicht.CaptureID(r.ID).String()}
	dir := recordFolder(at.Kind, at.ID)
	if _, err := ledger.ParseRecordLeaf(leaf); err != nil {
		return fmt.Errorf("package, %s: %w", dir, err)
	}
	for _, f := range []File{{leafName, leaf}, {contentName, r.Content}, {saltName, r.Salt[:]}} {
		if err := w.zip.add(dir+f.Name, f.Bytes); err != nil {
			return err
		}
	}
	var err error
	if at.Checkpoint, err = w.proof(dir, leaf, r.Proof); err != nil {
		return fmt.Errorf("package, %s: %w", dir, err)
	}
	w.summary.Records++
	w.index.Records = append(w.index.Records, at)
	return nil
}

// proof writes the proof of a leaf, and gives the number of its checkpoint; 0 for none.
func (w *writing) proof(dir string, leaf []byte, p *zoeklicht.Proof) (int, error) {
	if p == nil {
		return 0, nil
	}
	if !bytes.Equal(p.Leaf, leaf) {
		return 0, errors.New("its proof is that of another leaf")
	}
	if err := ledger.Included(p); err != nil {
		return 0, err
	}
	if err := w.zip.add(dir+proofName, ledger.MarshalProof(p)); err != nil {
		return 0, err
	}
	n := w.checkpoint(p.Checkpoint)
	for _, t := range p.Tokens {
		w.token(n, t)
	}
	return n, nil
}

// checkpoint gives the number of a checkpoint, a new one if it was not there.
func (w *writing) checkpoint(note []byte) int {
	n, ok := w.notes[string(note)]
	if !ok {
		n = len(w.notes) + 1
		w.notes[string(note)], w.bytes, w.tokens = n, append(w.bytes, note), append(w.tokens, map[string][]byte{})
	}
	return n
}

// token adds a token to a checkpoint and gives the name of its file. One authority may
// have stamped a checkpoint more than once.
func (w *writing) token(n int, t zoeklicht.Token) string {
	base := plainName(t.Authority)
	name := base + tokenEnd
	for i := 2; ; i++ {
		old, taken := w.tokens[n-1][name]
		if !taken || bytes.Equal(old, t.DER) {
			w.tokens[n-1][name] = t.DER
			return name
		}
		name = fmt.Sprintf("%s-%d%s", base, i, tokenEnd)
	}
}

// plainName makes a name fit for a file: what is not a letter or a digit becomes a hyphen.
func plainName(s string) string {
	parts := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	if len(parts) == 0 {
		return "authority"
	}
	return strings.Join(parts, "-")
}

func (w *writing) checkpoints() error {
	for i, note := range w.bytes {
		dir := checkpointFolder(i + 1)
		if err := w.zip.add(dir+noteName, note); err != nil {
			return err
		}
		c, err := ledger.ParseCheckpoint(note)
		if err != nil {
			return fmt.Errorf("package, %s: %w", dir, err)
		}
		at := indexCheckpoint{Origin: c.Origin, Size: c.Size, Tokens: []string{}}
		for name := range w.tokens[i] {
			at.Tokens = append(at.Tokens, name)
		}
		slices.Sort(at.Tokens)
		for _, name := range at.Tokens {
			if err := w.zip.add(dir+name, w.tokens[i][name]); err != nil {
				return err
			}
		}
		w.index.Checkpoints = append(w.index.Checkpoints, at)
	}
	return nil
}

// end writes the texts and the sums, signs them, and has the signature dated.
func (w *writing) end(ctx context.Context) (*Summary, error) {
	w.index.WACZ.File = waczName
	body, err := w.index.marshal()
	if err != nil {
		return nil, fmt.Errorf("package, %s: %w", indexName, err)
	}
	if _, err := parseIndex(body); err != nil {
		return nil, fmt.Errorf("package, %s: %w", indexName, err)
	}
	for _, f := range []File{
		{indexName, body}, {readmeName, readme(&w.index)}, {verifyName, instructions(&w.index)}, {scriptName, script(newest)},
	} {
		if err := w.zip.add(f.Name, f.Bytes); err != nil {
			return nil, err
		}
	}
	sums := bytes.Clone(w.zip.sums.Bytes())
	signature, err := signSums(w.c.Signer, sums)
	if err != nil {
		return nil, err
	}
	last := []File{{sumsName, sums}, {sigName, signature}}
	if w.c.Stamp != nil {
		token, err := w.c.Stamp(ctx, sha256.Sum256(signature))
		if err != nil {
			return nil, fmt.Errorf("package, %s: %w", datedName, err)
		}
		if w.summary.Dated = token != nil; w.summary.Dated {
			last = append(last, File{datedName, token})
		}
	}
	for _, f := range last {
		if err := w.zip.add(f.Name, f.Bytes); err != nil {
			return nil, err
		}
	}
	w.summary.Files = w.zip.files
	if err := w.zip.zip.Close(); err != nil {
		return nil, fmt.Errorf("package: %w", err)
	}
	return &w.summary, nil
}

// signSums signs as `openssl dgst -sha256 -sign` does.
func signSums(key crypto.Signer, sums []byte) ([]byte, error) {
	if key == nil {
		return nil, errors.New("package: there is no key to sign it with")
	}
	switch key.Public().(type) {
	case *ecdsa.PublicKey, *rsa.PublicKey:
	default:
		return nil, fmt.Errorf("package: a key of type %T cannot sign it", key.Public())
	}
	sum := sha256.Sum256(sums)
	sig, err := key.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("package, %s: %w", sigName, err)
	}
	return sig, nil
}

// signedBy reports whether the key made what signSums gave.
func signedBy(public crypto.PublicKey, sums, sig []byte) bool {
	sum := sha256.Sum256(sums)
	switch key := public.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(key, sum[:], sig)
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], sig) == nil
	}
	return false
}

func encodePEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func stampText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
