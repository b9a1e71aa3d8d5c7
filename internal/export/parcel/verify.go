package parcel

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/ledger/stamp"
)

// State is what came of a check.
type State string

// The states. Only Fails means that the package does not hold.
const (
	Holds State = "holds"
	Fails State = "FAILS"
	Noted State = "noted" // nothing to check, and what that means
)

// Check is one thing that was checked.
type Check struct {
	Name  string `json:"check"` // one of Checks
	Of    string `json:"of"`    // a file, a capture's identifier; "" for the whole package
	State State  `json:"state"`
	Text  string `json:"text"` // what was found
}

// The names of checks, in their order.
const (
	checkZip        = "zip"              // every byte belongs to a file, and is where it must be
	checkSums       = "sums"             // each file is the one that SHA256SUMS names
	checkContents   = "contents"         // the files are those that parcel.json describes, in that order
	checkTexts      = "texts"            // README.txt, VERIFY.txt and verify.py are those of the format
	checkPolicy     = "policy"           // whom to believe, and who says so
	checkTimestamp  = "timestamp"        // an authority dated the checkpoint
	checkCheckpoint = "log-signature"    // log and witnesses signed the checkpoint
	checkWitnesses  = "witnesses"        // who cosigned it, and when
	checkDated      = "signature-time"   // an authority dated the signature under SHA256SUMS
	checkSigned     = "signature"        // the organisation signed SHA256SUMS
	checkReport     = "report-signature" // the signature of a PDF covers all of it
	checkLeaf       = "leaf"             // the leaf is that of the capture, and names its manifest
	checkManifest   = "manifest"         // each record is the one that the manifest names
	checkContent    = "content"          // the content is the one that another leaf names
	checkInclusion  = "inclusion"        // the leaf stands in the log of the checkpoint
	checkAfter      = "after"            // the token that the leaf names was there before it
	checkWACZ       = "wacz-digests"     // each file of capture.wacz is the one that it names
	checkWACZSigned = "wacz-signature"   // capture.wacz is signed
	checkWACZSame   = "wacz-records"     // capture.wacz holds the records of the captures, and no others
)

// Verify checks a package and reports each check as it is made. The policy is the one that
// was deposited; nil takes the one in the package, which only shows that the package
// agrees with itself. The error is nil if all checks hold, of code Invalid if one fails,
// and that of ctx or of reading otherwise.
//
// Nothing in the package is believed before it is checked: hostile bytes cost time in
// proportion to their number, and memory for some times the largest capture.
func Verify(ctx context.Context, file io.ReaderAt, size int64, policy []byte, report func(Check)) error {
	v := &verifying{file: file, size: size, deposited: policy, report: report, at: map[string]*io.SectionReader{}, sums: map[string][32]byte{}}
	if err := v.all(ctx); err != nil {
		return err
	}
	if v.failed > 0 {
		return zoeklicht.Errorf(zoeklicht.Invalid, "%d of %d checks fail", v.failed, v.made)
	}
	return nil
}

type verifying struct {
	file         io.ReaderAt
	size         int64
	deposited    []byte
	report       func(Check)
	made, failed int

	names []string // in the order of the zip
	at    map[string]*io.SectionReader
	sums  map[string][32]byte
	index *index
	trust *Trust
	notes [][]byte // the checkpoints
	// times are the moments of tokens that hold, by their file; newest is that of the
	// youngest over a checkpoint.
	times  map[string]time.Time
	newest time.Time
	signed time.Time // when an authority saw the signature of the package; zero for never
}

// check reports a check; a nil error holds.
func (v *verifying) check(name, of string, err error, text string) bool {
	c := Check{Name: name, Of: of, State: Holds, Text: text}
	if err != nil {
		c.State, c.Text = Fails, strings.Join(strings.Fields(err.Error()), " ")
		v.failed++
	}
	v.made++
	v.report(c)
	return err == nil
}

func (v *verifying) note(name, of, text string) {
	v.made++
	v.report(Check{Name: name, Of: of, State: Noted, Text: text})
}

// all makes every check. It gives an error only where checking itself cannot go on.
func (v *verifying) all(ctx context.Context) error {
	sums, err := v.rewrite(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if !v.check(checkZip, "", err, fmt.Sprintf("%d bytes in %d files, nothing between them", v.size, len(v.names))) {
		return nil // what is not laid out as a package is none, and nothing else is looked at
	}
	if !v.checkSums(sums) {
		return nil
	}
	told, err := v.contents()
	if !v.check(checkContents, indexName, err, told) {
		return nil
	}
	v.texts()
	if !v.policy() {
		return nil
	}
	v.checkpoints()
	v.signed = v.dated()
	v.signature()
	for _, name := range v.index.Documents {
		if strings.HasSuffix(name, ".pdf") {
			v.pdf(name)
		}
	}
	for i := range v.index.Captures {
		if err := ctx.Err(); err != nil {
			return err
		}
		v.capture(&v.index.Captures[i])
	}
	for i := range v.index.Records {
		v.record(&v.index.Records[i])
	}
	return v.wacz(ctx)
}

// The most bytes that are read of a file into memory.
const (
	maxIndex  = 256 << 20
	maxSmall  = 1 << 20
	maxRecord = 512 << 20
)

// rewrite writes the zip again from its files, compares it with what is there, and gives
// the text of SHA256SUMS that belongs to them.
func (v *verifying) rewrite(ctx context.Context) ([]byte, error) {
	r, err := zip.NewReader(v.file, v.size)
	if err != nil {
		return nil, fmt.Errorf("not a package: %w", err)
	}
	same := &comparing{r: v.file}
	w := zip.NewWriter(same)
	var sums bytes.Buffer
	for _, f := range r.File {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v.names = append(v.names, f.Name)
		if _, twice := v.at[f.Name]; twice {
			return nil, fmt.Errorf("%.200q is there twice", f.Name)
		}
		off, err := f.DataOffset()
		if err != nil || f.UncompressedSize64 > uint64(v.size) {
			return nil, fmt.Errorf("%.200q is damaged", f.Name)
		}
		n := int64(f.UncompressedSize64)
		v.at[f.Name] = io.NewSectionReader(v.file, off, n)
		part, err := w.CreateRaw(header(f.Name, n, f.CRC32))
		if err != nil {
			return nil, err
		}
		s := newSumming()
		if _, err := io.CopyN(io.MultiWriter(part, s), v.at[f.Name], n); err != nil {
			return nil, fmt.Errorf("at %.200q: %w", f.Name, err)
		}
		sum := [32]byte(s.sum.Sum(nil))
		// What is in SHA256SUMS is checked there, and named.
		if _, covered := v.sums[f.Name]; covered || f.CRC32 != s.crc.Sum32() {
			return nil, fmt.Errorf("%.200q is not what its checksum says", f.Name)
		}
		if v.sums[f.Name] = sum; f.Name != sumsName && f.Name != sigName && f.Name != datedName {
			sumLine(&sums, sum, f.Name)
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if same.at != v.size {
		return nil, fmt.Errorf("%d bytes stand after its end", v.size-same.at)
	}
	return sums.Bytes(), nil
}

// comparing compares what is written to it with a file.
type comparing struct {
	r  io.ReaderAt
	at int64
	b  []byte
}

func (c *comparing) Write(p []byte) (int, error) {
	c.b = slices.Grow(c.b[:0], len(p))[:len(p)]
	if n, err := c.r.ReadAt(c.b, c.at); n < len(p) {
		return 0, fmt.Errorf("it ends too early, at byte %d: %w", c.at+int64(n), err)
	}
	if !bytes.Equal(c.b, p) {
		for i := range p {
			if p[i] != c.b[i] {
				return 0, fmt.Errorf("byte %d is not as it must be", c.at+int64(i))
			}
		}
	}
	c.at += int64(len(p))
	return len(p), nil
}

// checkSums compares SHA256SUMS with the sums of the files, and names each that differs.
func (v *verifying) checkSums(want []byte) bool {
	got, err := v.read(sumsName, maxIndex)
	if err != nil {
		return v.check(checkSums, sumsName, err, "")
	}
	if bytes.Equal(got, want) {
		return v.check(checkSums, sumsName, nil, count(bytes.Count(got, []byte("\n")), "file")+" as it says")
	}
	told := map[string]bool{}
	for line := range strings.Lines(string(got)) {
		told[line] = true
	}
	n := 0
	for line := range strings.Lines(string(want)) {
		if !told[line] {
			_, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
			v.check(checkSums, name, errors.New("it is not the file that SHA256SUMS names"), "")
			n++
		}
	}
	if n == 0 {
		v.check(checkSums, sumsName, errors.New("it does not list the files in their order, each once, and no others"), "")
	}
	return false
}

// read gives a small file.
func (v *verifying) read(name string, most int64) ([]byte, error) {
	r, ok := v.at[name]
	if !ok {
		return nil, fmt.Errorf("there is no %s", name)
	}
	if r.Size() > most {
		return nil, fmt.Errorf("%s has %d bytes where %d are allowed", name, r.Size(), most)
	}
	b := make([]byte, r.Size())
	if _, err := r.ReadAt(b, 0); err != nil && !(err == io.EOF && len(b) == 0) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return b, nil
}

// contents reads parcel.json, holds the files against it, and words what there is.
func (v *verifying) contents() (string, error) {
	body, err := v.read(indexName, maxIndex)
	if err != nil {
		return "", err
	}
	if v.index, err = parseIndex(body); err != nil {
		return "", err
	}
	for _, name := range v.index.Documents {
		if !documentForm.MatchString(name) {
			return "", fmt.Errorf("%.60q cannot be the name of a document", name)
		}
	}
	for _, name := range v.index.Certificates {
		if !certificateForm.MatchString(name) {
			return "", fmt.Errorf("%.60q cannot be the name of a certificate", name)
		}
	}
	want := v.index.names()
	if v.at[datedName] != nil && v.index.version() > 1 {
		want = append(want, datedName)
	}
	for i := range max(len(want), len(v.names)) {
		switch {
		case i >= len(want):
			return "", fmt.Errorf("it does not name %.200q", v.names[i])
		case i >= len(v.names):
			return "", fmt.Errorf("it names %.200q, which is not there", want[i])
		case want[i] != v.names[i]:
			return "", fmt.Errorf("it names %.200q where %.200q is", want[i], v.names[i])
		}
	}
	told := fmt.Sprintf("%s, %s; %s", count(len(v.index.Captures), "capture"), count(len(v.index.Records), "other record"), v.left())
	return told, v.certificates()
}

// texts checks that the texts are those that this program writes for the package: who
// believes them is told nothing else by whoever signed it.
func (v *verifying) texts() {
	n := v.index.version()
	for _, f := range []File{{readmeName, readme(v.index)}, {verifyName, instructions(v.index)}, {scriptName, script(n)}} {
		got, err := v.read(f.Name, maxIndex)
		if err == nil && !bytes.Equal(got, f.Bytes) {
			err = errors.New("it is not the one that belongs to such a package: do not follow it")
		}
		if err != nil {
			v.check(checkTexts, f.Name, err, "")
			return
		}
	}
	v.check(checkTexts, "", nil, fmt.Sprintf("%s, %s and %s are those of format %d; SHA-256 of %s %x", readmeName, verifyName, scriptName, n, scriptName, v.sums[scriptName]))
}

// certificates checks that the certificates are those of the policy beside them, so that
// who types commands with the ones need not compare them with the other.
func (v *verifying) certificates() error {
	text, err := v.read(policyName, maxTrust)
	if err != nil {
		return err
	}
	inside, err := ParseTrust(text)
	if err != nil {
		return fmt.Errorf("the policy in the package: %w", err)
	}
	want := inside.certificates()
	if len(want) != len(v.index.Certificates) {
		return fmt.Errorf("it names %s, the policy has %d", count(len(v.index.Certificates), "certificate"), len(want))
	}
	for i, f := range want {
		got, err := v.read("certificates/"+v.index.Certificates[i], maxTrust)
		if err != nil {
			return err
		}
		if v.index.Certificates[i] != f.Name || !bytes.Equal(got, f.Bytes) {
			return fmt.Errorf("certificates/%s is not that of the policy", v.index.Certificates[i])
		}
	}
	return nil
}

// left words what was left out.
func (v *verifying) left() string {
	n := 0
	for i := range v.index.Captures {
		n += len(v.index.Captures[i].LeftOut)
	}
	if n == 0 {
		return "nothing was left out"
	}
	return count(n, "record") + " left out, and parcel.json says why"
}

// count words a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// policy chooses whom to believe.
func (v *verifying) policy() bool {
	text, of := v.deposited, "deposited"
	if text == nil {
		of = policyName
		var err error
		if text, err = v.read(policyName, maxTrust); err != nil {
			return v.check(checkPolicy, of, err, "")
		}
	}
	var err error
	if v.trust, err = ParseTrust(text); err != nil {
		return v.check(checkPolicy, of, err, "")
	}
	who := fmt.Sprintf("%s, %s, %s of the organisation", count(len(v.trust.Policy.Logs()), "log"),
		count(len(v.trust.Authorities), "timestamp service"), count(len(v.trust.Organisation), "certificate"))
	if v.deposited != nil {
		if inside, err := v.read(policyName, maxTrust); err != nil || !bytes.Equal(inside, v.deposited) {
			who += "; the package has another one, which is not believed"
		}
		return v.check(checkPolicy, of, nil, who)
	}
	v.note(checkPolicy, of, who+"; it is the one in the package: what follows only shows that the package agrees with itself. Give the deposited one with --policy")
	return true
}

// dated checks the token over the signature and gives its moment, zero for none.
func (v *verifying) dated() (at time.Time) {
	if v.at[datedName] == nil {
		v.note(checkDated, sigName, "no authority dated it: it is younger than the checkpoints, and that is all that is known")
		return at
	}
	der, err := v.read(datedName, maxSmall)
	text := ""
	if err == nil {
		var s *stamp.Stamp
		if s, err = stamp.Verify(der, v.sums[sigName], v.trust.times()); err == nil {
			at, text = s.At, fmt.Sprintf("there at %s, says %s", stampText(s.At), s.Signer.Subject)
		}
	}
	v.check(checkDated, sigName, err, text)
	return at
}

// signature checks who signed SHA256SUMS, and whether he could at that moment.
func (v *verifying) signature() {
	sums, err := v.read(sumsName, maxIndex)
	if err != nil {
		v.check(checkSigned, sumsName, err, "")
		return
	}
	sig, err := v.read(sigName, maxSmall)
	if err != nil {
		v.check(checkSigned, sumsName, err, "")
		return
	}
	err = errors.New("no certificate of the organisation in the policy, other than those that issued one, has the key that made its signature")
	for _, c := range v.trust.signers() {
		if !signedBy(c.PublicKey, sums, sig) {
			continue
		}
		if err = v.trust.could(c, v.signed, v.newest); err == nil {
			v.check(checkSigned, sumsName, nil, "by "+c.Subject.String())
			return
		}
	}
	v.check(checkSigned, sumsName, err, "")
}
