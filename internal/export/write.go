package export

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"zoeklicht"
	"zoeklicht/internal/export/parcel"
	"zoeklicht/internal/export/report"
	"zoeklicht/internal/store"

	"filippo.io/age"
)

// write makes the order's form and gives its line for the register, but for its bytes.
func (m *making) write(ctx context.Context, w io.Writer) (*zoeklicht.Exported, error) {
	if err := m.gather(ctx); err != nil {
		return nil, err
	}
	if m.order.Kind != zoeklicht.ExportResult && len(m.captures()) == 0 {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "everything that the order names was sealed or destroyed").With("nothing left", "")
	}
	if err := m.drawable(); err != nil {
		return nil, err
	}
	d, err := m.document(ctx)
	if err != nil {
		return nil, err
	}
	e := &zoeklicht.Exported{
		Ground: m.order.Ground, Form: m.order.Form, Kind: m.order.Kind, What: m.what(), Versions: len(d.Versions), Pictures: shown(d),
		File: m.file(m.name(), &m.order),
	}
	if m.order.Form == zoeklicht.FormPackage {
		err = m.pack(ctx, w, d)
	} else {
		err = m.single(ctx, w, d)
	}
	return e, err
}

// Name gives a name for the file of an order.
func (o *Office) Name(order *zoeklicht.ExportOrder) string {
	return o.file(nameOf(order, o.Now()), order)
}

func (o *Office) file(name string, order *zoeklicht.ExportOrder) string {
	name = "zoeklicht-" + name + extensions[order.Form]
	if len(order.Recipients) > 0 {
		name += ".age"
	}
	return name
}

var extensions = map[zoeklicht.ExportForm]string{
	zoeklicht.FormPackage: ".zip", zoeklicht.FormPDF: ".pdf", zoeklicht.FormFindings: ".txt", zoeklicht.FormDOCX: ".docx",
}

// what says for the register what left, without content and in no language:
// "100005/3 100005/5" for versions 3 and 5 of advert 100005.
func (m *making) what() string {
	if m.result != nil {
		return string(m.result.ID)
	}
	const most = 20
	var all []string
	for i := range m.leaving[:min(most, len(m.leaving))] {
		v := &m.leaving[i].Version
		all = append(all, fmt.Sprintf("%d/%d", v.Advert, v.N))
	}
	if n := len(m.leaving) - most; n > 0 {
		all = append(all, fmt.Sprintf("+%d", n))
	}
	return strings.Join(all, " ")
}

// title says to the reader of a package what is in it.
func (m *making) title() string {
	w := m.words()
	switch {
	case m.result != nil:
		return w.N("office.rows", len(m.leaving), string(m.result.ID))
	case m.order.Kind == zoeklicht.ExportComparison:
		a, b := &m.leaving[0].Version, &m.leaving[1].Version
		return w.T("office.two", strconv.FormatInt(int64(b.Advert), 10), strconv.Itoa(b.N), strconv.Itoa(a.N))
	case len(m.leaving) == 1:
		return describe(w, &m.leaving[0].Version)
	}
	return w.N("office.many", len(m.leaving))
}

// shown counts the pictures that can be seen in what leaves.
func shown(d *report.Document) (n int) {
	for i := range d.Versions {
		for _, p := range d.Versions[i].Pictures {
			if p.Read != nil {
				n++
			}
		}
	}
	return n
}

// single writes a document that leaves by itself, encrypted where the order has
// recipients.
func (m *making) single(ctx context.Context, w io.Writer, d *report.Document) error {
	body, err := m.render(ctx, d, m.order.Form)
	if err != nil {
		return err
	}
	if len(m.order.Recipients) == 0 {
		_, err = w.Write(body)
		return err
	}
	m.tell(zoeklicht.StepEncrypt, 0, 1)
	to, err := parcel.Recipients(m.order.Recipients)
	if err != nil {
		return err
	}
	sealed, err := age.Encrypt(w, to...)
	if err != nil {
		return err
	}
	if _, err := io.Copy(sealed, bytes.NewReader(body)); err != nil {
		return err
	}
	return sealed.Close()
}

// render makes a document of a form.
func (m *making) render(ctx context.Context, d *report.Document, form zoeklicht.ExportForm) ([]byte, error) {
	m.tell(zoeklicht.StepDraw, 0, 0)
	switch form {
	case zoeklicht.FormFindings:
		return report.Findings(d)
	case zoeklicht.FormDOCX:
		return report.DOCX(d)
	}
	return report.PDF(ctx, d, m.signer())
}

// pack writes the package: the documents, and the captures one after another.
func (m *making) pack(ctx context.Context, w io.Writer, d *report.Document) error {
	c := &parcel.Contents{
		About: parcel.About{
			Title: d.Theme + ": " + m.title(), Theme: string(m.Theme.Name), Purpose: d.Purpose, Ground: d.Ground, What: m.title(), AsOf: d.AsOf,
			Made: d.Made, By: d.By, Software: m.Software, Lang: d.Lang, Result: string(m.order.Result),
		},
		Total: len(m.evidence), WACZKey: m.WACZ, Signer: m.Key, Stamp: m.stamp, Recipients: m.order.Recipients, Temp: m.Temp, Captures: m.sealed(ctx),
	}
	var err error
	if c.Policy, err = m.Policy(); err != nil {
		return err
	}
	if c.Records, err = m.records(ctx); err != nil {
		return err
	}
	if c.Documents, err = m.documents(ctx, d); err != nil {
		return err
	}
	c.About.Notes = m.notes(d)
	_, err = parcel.Write(ctx, w, c, func(done, total int) { m.tell(zoeklicht.StepPack, done, total) })
	return err
}

// notes are what whoever opens the package must know first.
func (m *making) notes(d *report.Document) (out []string) {
	if m.Theme.Practice {
		out = append(out, m.words().T("office.practice"))
	}
	out = append(out, m.said...)
	if m.sealedAnnex != nil {
		out = append(out, m.words().T("office.annex-open", annexName, annexName))
	}
	if m.signer().Stamp == nil {
		out = append(out, m.words().T("office.undated"))
	}
	for _, a := range d.Absent {
		out = append(out, a.What+": "+a.Why)
	}
	return out
}

// sealed gives the captures as the package holds them.
func (m *making) sealed(ctx context.Context) iter.Seq2[*parcel.Capture, error] {
	first := map[zoeklicht.CaptureID]*zoeklicht.Version{}
	for i := range m.leaving {
		if v := &m.leaving[i].Version; open(v) && first[v.Capture] == nil {
			first[v.Capture] = v
		}
	}
	return func(yield func(*parcel.Capture, error) bool) {
		for _, id := range m.captures() {
			e := m.evidence[id]
			if e == nil {
				continue
			}
			c, err := m.one(ctx, first[id], e)
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// one gives one capture as the package holds it.
func (m *making) one(ctx context.Context, v *zoeklicht.Version, e *store.Evidence) (*parcel.Capture, error) {
	out := &parcel.Capture{
		Sealed: &zoeklicht.Sealed{ID: e.Capture.ID, Manifest: e.Capture.Manifest, Salts: e.Salts, Leaf: e.Capture.Leaf},
		At:     e.Capture.At, Title: describe(m.words(), v), LeftOut: map[string]string{}, Proof: m.proofs[v.Capture],
	}
	w, names := m.words(), slices.Sorted(maps.Keys(e.Capture.Items))
	for _, name := range names {
		switch picture := strings.HasPrefix(name, "picture:"); {
		case picture && m.order.Pictures == zoeklicht.PicturesOut:
			out.LeftOut[name] = w.T("office.no-pictures")
		case picture && m.order.Dossier:
			out.LeftOut[name] = w.T("office.annexed")
		case name == "page" && m.order.Dossier:
			out.LeftOut[name] = w.T("office.page-masked")
		}
	}
	items, err := m.items(ctx, &e.Capture, slices.DeleteFunc(names, func(n string) bool { return out.LeftOut[n] != "" }))
	if err != nil {
		return nil, err
	}
	if m.order.Dossier && items["context"] != nil && recognises(items["context"]) {
		delete(items, "context")
		out.LeftOut["context"] = w.T("office.context-masked")
	}
	for name := range e.Capture.Items {
		if items[name] == nil && out.LeftOut[name] == "" {
			out.LeftOut[name] = w.T("office.item-is-gone")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(items)) {
		out.Sealed.Items = append(out.Sealed.Items, zoeklicht.Item{Name: name, Bytes: items[name]})
	}
	if e.After != nil {
		out.After = &parcel.Anchor{Token: *e.After, Checkpoint: e.Before}
	}
	return out, nil
}

// recognises reports whether a context has hashes by which somebody could try out what the
// page said, as those of captures before November 2026 have (see capture.Facts), or cannot be
// read.
func recognises(item []byte) bool {
	r, err := gzip.NewReader(bytes.NewReader(item))
	if err != nil {
		return true
	}
	const most = 64 << 20
	body, err := io.ReadAll(io.LimitReader(r, most))
	if err != nil || len(body) == most {
		return true
	}
	body = bytes.ToLower(body)
	return bytes.Contains(body, []byte(`"digest":`)) || bytes.Contains(body, []byte(`"etag":`))
}
