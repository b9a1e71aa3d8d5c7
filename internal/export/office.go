// Package export makes what leaves: it reads versions, captures and proofs, and has the
// rooms below it write the report, the findings and the package of them.
//
// What holds, whatever is asked for:
//
//   - Everything is read as of one moment, and the order's moment stands in the report.
//   - What was sealed or destroyed does not leave. It is named, with the reason, in the
//     report and in the package.
//   - A case file that suspects read has no contact details in its text. What has them, or a
//     hash without salt of what has them, is not in its package: the page as it was sent,
//     the pictures, an older context and the records about other people's work. Their salted
//     hashes are.
//   - An annex with pictures is in a package encrypted to recipients of its own.
//   - Nothing leaves before its line stands in the register of exports, with the SHA-256 of
//     its bytes: see Made.Record.
package export

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/export/parcel"
	"zoeklicht/internal/ledger"
	"zoeklicht/internal/store"
)

// MaxVersions is how many versions one export may hold.
const MaxVersions = 1000

// Office is what an export needs beside the person who orders it. It is not changed by
// use and is safe for concurrent use.
type Office struct {
	Theme        *zoeklicht.Theme
	Organisation string
	Vault        *blob.Reader // captures
	Working      *blob.Reader // re-encoded pictures
	// Log gives the log of a year.
	Log func(year int) *ledger.Reader
	// Policy gives the policy file as it is deposited: which logs, witnesses and authorities
	// are believed. See parcel.Deposit.
	Policy func() ([]byte, error)
	// Key signs reports and packages; Chain is its certificate and those above it.
	Key   crypto.Signer
	Chain []*x509.Certificate
	// Authorities date signatures, the first that can. Where none can, what leaves is signed
	// without a date and says so.
	Authorities []Authority
	// Patience is how long each may take [10s].
	Patience time.Duration
	// Person gives the name of a person.
	Person   func(ctx context.Context, id zoeklicht.PersonID) (string, error)
	Logger   *slog.Logger
	WACZ     *ecdsa.PrivateKey
	Build    string // SHA-256 of the program, hex
	Software string // name and version
	Temp     string // folder for temporary files, which are encrypted
	Now      zoeklicht.Clock
}

// Authority dates digests. It gives an RFC 3161 TimeStampToken (DER) that holds.
type Authority struct {
	Name  string
	Stamp func(ctx context.Context, digest [32]byte) ([]byte, error)
}

// Progress is told what is done now and how far that is; a total of 0 says that it is not
// known.
type Progress func(step zoeklicht.JobStep, done, total int)

// Made is what was written for an order, and not handed out yet.
type Made struct {
	// Exported is its line for the register: without number, person and time until it was
	// recorded.
	Exported zoeklicht.Exported
	Type     string // media type

	st         *store.Store
	captures   []zoeklicht.CaptureID
	recipients []string
}

// Record enters what was made in the register of what left. Nothing may be handed out
// before it returned nil.
func (m *Made) Record(ctx context.Context) error {
	return m.st.NoteExport(ctx, &m.Exported, m.captures, m.recipients)
}

// Make makes what an order asks for and writes it to w. The store is that of who orders,
// whose pass must allow ActExport for a purpose. What was written may be handed out once
// it was recorded, and not at all after an error.
//
// Invalid for an order that cannot be filled as it stands, Limit for one of more than
// MaxVersions versions.
func (o *Office) Make(ctx context.Context, st *store.Store, order zoeklicht.ExportOrder, w io.Writer, tell Progress) (*Made, error) {
	if err := o.Check(&order); err != nil {
		return nil, err
	}
	m := &making{Office: o, order: order, st: st, made: o.Now(), tell: tell}
	out := &counting{w: w, sum: sha256.New()}
	e, err := m.write(ctx, out)
	if err != nil {
		return nil, err
	}
	e.Bytes = out.n
	out.sum.Sum(e.SHA256[:0])
	return &Made{Exported: *e, Type: mediaType(&order), st: st, captures: m.captures(), recipients: order.Recipients}, nil
}

// mediaType is that of an order's file.
func mediaType(o *zoeklicht.ExportOrder) string {
	if len(o.Recipients) > 0 {
		return "application/octet-stream"
	}
	return map[zoeklicht.ExportForm]string{
		zoeklicht.FormPackage: "application/zip", zoeklicht.FormPDF: "application/pdf", zoeklicht.FormFindings: "text/plain; charset=utf-8",
		zoeklicht.FormDOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	}[o.Form]
}

// Check refuses an order that nobody could fill, before anything is read.
func (o *Office) Check(order *zoeklicht.ExportOrder) error {
	invalid := func(format string, args ...any) error {
		return zoeklicht.Errorf(zoeklicht.Invalid, format, args...).With("nothing left", "change the order")
	}
	switch {
	case order.Kind == zoeklicht.ExportResult && order.Result == "":
		return invalid("the order names no result")
	case order.Kind == zoeklicht.ExportVersion && len(order.Versions) != 1, order.Kind == zoeklicht.ExportComparison && len(order.Versions) != 2:
		return invalid("%d versions for an order of kind %s", len(order.Versions), order.Kind)
	case order.Kind == zoeklicht.ExportVersions && len(order.Versions) == 0:
		return invalid("the order names no version")
	case len(order.Versions) > MaxVersions:
		return zoeklicht.Errorf(zoeklicht.Limit, "%d versions; %d is the most for one export", len(order.Versions), MaxVersions).
			With("nothing left", "order it in parts")
	case order.Dossier && order.Pictures == zoeklicht.PicturesIn:
		return invalid("a case file that suspects read has no pictures in its report")
	case order.Pictures == zoeklicht.PicturesAnnex && order.Form != zoeklicht.FormPackage:
		return invalid("an annex goes with a package alone; with form %s pictures are in it or left out", order.Form)
	case (order.Pictures == zoeklicht.PicturesAnnex) != (len(order.AnnexTo) > 0):
		return invalid("an annex needs a recipient of its own, whose key (age1…) alone opens it, and that recipient an annex")
	case o.ground(order) == "":
		_, err := Ground(o.Theme, order.Ground, order.Lang)
		return err
	}
	if _, err := parcel.Recipients(order.AnnexTo); err != nil {
		return err
	}
	_, err := parcel.Recipients(order.Recipients)
	return err
}

// ground gives the legal ground of an order in words, "" when the theme has none such.
func (o *Office) ground(order *zoeklicht.ExportOrder) string {
	said, err := Ground(o.Theme, order.Ground, order.Lang)
	if err != nil {
		return ""
	}
	return said
}

// Ground gives a legal ground of a theme in words: zoeklicht.GroundTheme, or an article of
// its terms. Invalid for any other, naming those that there are.
func Ground(t *zoeklicht.Theme, ground, lang string) (string, error) {
	if ground == zoeklicht.GroundTheme {
		return strings.TrimSuffix(t.Ground.In(lang), "."), nil // it stands in a sentence
	}
	var known []string
	for _, term := range t.Terms {
		if term.Article == ground {
			return fmt.Sprintf("%s: %s", term.Article, term.Title.In(lang)), nil
		}
		known = append(known, strconv.Quote(term.Article))
	}
	known = append(known, strconv.Quote(zoeklicht.GroundTheme))
	return "", zoeklicht.Errorf(zoeklicht.Invalid, "%q is no ground of theme %s; its grounds are %s", ground, t.Name, strings.Join(known, ", ")).
		With("nothing left", "give one of them")
}

// making is an export on its way.
type making struct {
	*Office
	order zoeklicht.ExportOrder
	st    *store.Store
	made  time.Time
	tell  Progress

	moment   store.Moment
	result   *zoeklicht.Result
	leaving  []store.Leaving
	evidence map[zoeklicht.CaptureID]*store.Evidence
	proofs   map[zoeklicht.CaptureID]*zoeklicht.Proof

	beside      int      // records beside the captures
	said        []string // what whoever opens a package must know first
	sealedAnnex []byte
	undated     bool // no authority could date a signature, and none is asked again
}

// counting counts and hashes what it passes on.
type counting struct {
	w   io.Writer
	sum hash.Hash
	n   int64
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	c.sum.Write(p[:n])
	return n, err
}
