// Package export makes what leaves: it reads versions, captures and proofs, and has the
// rooms below it write the report, the findings and the package of them.
//
// What holds, whatever is asked for:
//
//   - Everything is read as of one moment, and the order's moment stands in the report.
//   - What was sealed or destroyed does not leave. It is named, with the reason, in the
//     report and in the package.
//   - A case file that suspects read has no contact details in its text, and the page as it
//     was sent, which has them, is not in its package; its salted hash is.
//   - Nothing leaves before its line stands in the register of exports, with the SHA-256 of
//     its bytes: see Office.Make.
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
	"time"

	"zoeklicht"
	"zoeklicht/internal/blob"
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
	// Stamp dates a signature; nil where no authority is configured.
	Stamp    func(ctx context.Context, digest [32]byte) ([]byte, error)
	WACZ     *ecdsa.PrivateKey
	Build    string // SHA-256 of the program, hex
	Software string // name and version
	Temp     string // folder for temporary files, which are encrypted
	Now      zoeklicht.Clock
}

// Progress is told what is done now and how far that is; a total of 0 says that it is not
// known.
type Progress func(step zoeklicht.JobStep, done, total int)

// Make makes what an order asks for, writes it to w, and enters it in the register of
// what left. The store is that of who orders, whose pass must allow ActExport for a
// purpose. With an error nothing may be handed out of what was written: the register does
// not know it.
//
// Invalid for an order that cannot be filled as it stands, Limit for one of more than
// MaxVersions versions.
func (o *Office) Make(ctx context.Context, st *store.Store, order zoeklicht.ExportOrder, w io.Writer, tell Progress) (*zoeklicht.Exported, error) {
	if err := o.check(&order); err != nil {
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
	tell(zoeklicht.StepRecord, 0, 1)
	if err := st.NoteExport(ctx, e, m.captures(), order.Recipients); err != nil {
		return nil, err
	}
	tell(zoeklicht.StepRecord, 1, 1)
	return e, nil
}

// check refuses an order that nobody could fill.
func (o *Office) check(order *zoeklicht.ExportOrder) error {
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
	case o.ground(order) == "":
		return invalid("%q is no ground of theme %s", order.Ground, o.Theme.Name)
	}
	return nil
}

// ground gives the legal ground of an order in words, "" when the theme has none such.
func (o *Office) ground(order *zoeklicht.ExportOrder) string {
	if order.Ground == zoeklicht.GroundTheme {
		return o.Theme.Ground.In(order.Lang)
	}
	for _, t := range o.Theme.Terms {
		if t.Article == order.Ground {
			return fmt.Sprintf("%s: %s", t.Article, t.Title.In(order.Lang))
		}
	}
	return ""
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
