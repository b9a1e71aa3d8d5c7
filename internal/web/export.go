package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// maxRecipients bounds to how many an export can be encrypted.
const maxRecipients = 20

// exportPage is the form that begins an export: of an advert's versions, or of a kept
// answer.
type exportPage struct {
	page
	Form    exportForm
	Errors  formErrors
	Grounds []groundChoice
	Ask     bool // a purpose is still to be stated
	Most    int  // versions in one export

	Advert   *zoeklicht.Advert // nil for an answer
	Shown    *zoeklicht.Version
	With     *zoeklicht.Version // what it is compared with, nil for nothing
	Versions []exportChoice     // all that can leave, where there are several

	Result *zoeklicht.Result // nil for an advert
	TooBig bool
	Back   string // where the reader came from
}

// exportForm is what stands in the form.
type exportForm struct {
	Kind       zoeklicht.ExportKind
	Versions   []string // ordinals in the advert
	Form       zoeklicht.ExportForm
	Lang       string
	Dossier    bool
	Pictures   zoeklicht.ExportPictures
	Recipients string // a line each
	AnnexTo    string // the same, of the annex
	Ground     string
}

// exportChoice is a version that can be chosen.
type exportChoice struct {
	N      int
	SeenAt time.Time
	Chosen bool
	Gone   wording.Key // why it cannot leave, "" for one that can
}

// groundChoice is one of the theme's legal grounds.
type groundChoice struct {
	Value, Label string
	Chosen       bool
}

// exportNew shows the form.
func (s *site) exportNew(q *request) error {
	d := exportPage{page: q.page("export.title", "exports")}
	if !d.MayExport() {
		return notThere()
	}
	if err := s.exportSubject(q, &d, q.URL.Query()); err != nil {
		return err
	}
	d.Form = exportForm{
		Kind: zoeklicht.ExportVersion, Form: zoeklicht.FormPackage, Lang: q.words.Lang(),
		Pictures: zoeklicht.PicturesOut, Ground: grounds(q.theme, d.Lang)[0].Value,
	}
	if d.With != nil && q.URL.Query().Get("with") != "" {
		d.Form.Kind = zoeklicht.ExportComparison
	}
	if d.TooBig {
		d.Errors = append(d.Errors, formError{Field: "export-what", What: "export.too-many", Args: []any{d.Result.Adverts, d.Most}})
	}
	return s.showExport(q, &d)
}

// exportSubject reads what an export is about, from an address or a form.
func (s *site) exportSubject(q *request, d *exportPage, v url.Values) error {
	d.Most = s.cfg.ExportMost
	if id := zoeklicht.ResultID(v.Get("result")); id != "" {
		r, err := s.Search.Result(q.Context(), q.pass, id, 1)
		if err != nil {
			return hide(err)
		}
		d.Result, d.TooBig, d.Back = r, r.More || r.Adverts > d.Most, permanent(q, r.ID, 1)
		d.bar.At, d.bar.Fixed = r.AsOf, true
		return nil
	}
	a, err := s.advertOf(q, v.Get("advert"))
	if err != nil {
		return err
	}
	d.Advert, d.Shown = a, versionN(a, v.Get("v"))
	if d.Shown == nil {
		d.Shown = &a.Versions[0]
	}
	if d.With = versionN(a, v.Get("with")); d.With == nil || d.With.N >= d.Shown.N {
		if d.With != nil {
			return notThere() // an older and a newer one, in that order
		}
		d.With = versionN(a, strconv.Itoa(d.Shown.N-1))
	}
	if gone(d.Shown) {
		return notThere() // nothing leads here
	}
	if d.With != nil && gone(d.With) {
		d.With = nil
	}
	d.Back = q.to("adverts/"+strconv.FormatInt(int64(a.ID), 10), "v", strconv.Itoa(d.Shown.N))
	return nil
}

// versionN gives the version of an advert with a typed number, nil for none.
func versionN(a *zoeklicht.Advert, n string) *zoeklicht.Version {
	for i := range a.Versions {
		if strconv.Itoa(a.Versions[i].N) == n {
			return &a.Versions[i]
		}
	}
	return nil
}

// showExport completes the form and shows it.
func (s *site) showExport(q *request, d *exportPage) error {
	d.Grounds = grounds(q.theme, d.Lang)
	for i := range d.Grounds {
		d.Grounds[i].Chosen = d.Grounds[i].Value == d.Form.Ground
	}
	d.Ask = q.pass.Purpose() == ""
	if d.Advert != nil && len(d.Advert.Versions) > 1 {
		for i := range d.Advert.Versions {
			v := &d.Advert.Versions[i]
			c := exportChoice{N: v.N, SeenAt: v.SeenAt, Chosen: slices.Contains(d.Form.Versions, strconv.Itoa(v.N))}
			switch {
			case v.Sealed:
				c.Gone = "seal.short"
			case v.Destroyed:
				c.Gone = "advert.destroyed-short"
			}
			d.Versions = append(d.Versions, c)
		}
	}
	status := http.StatusOK
	if len(d.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return q.show(status, "export", *d)
}

// grounds lists the theme's legal grounds: its articles, or else its ground as a whole.
func grounds(t *zoeklicht.Theme, lang string) (out []groundChoice) {
	for _, term := range t.Terms {
		out = append(out, groundChoice{Value: term.Article, Label: term.Article + ": " + term.Title.In(lang)})
	}
	if len(out) == 0 {
		out = append(out, groundChoice{Value: zoeklicht.GroundTheme, Label: t.Ground.In(lang)})
	}
	return out
}

// exportBegin takes the form and begins the export.
func (s *site) exportBegin(q *request) error {
	d := exportPage{page: q.page("export.title", "exports")}
	if !d.MayExport() {
		return notThere()
	}
	if err := q.ParseForm(); err != nil {
		return zoeklicht.Errorf(zoeklicht.Invalid, "the form cannot be read: %w", err)
	}
	if err := s.exportSubject(q, &d, q.Form); err != nil {
		return err
	}
	d.Form = readExportForm(q.Form)
	problem, err := s.takePurpose(q)
	if err != nil {
		return err
	}
	order, title := d.order(q)
	switch {
	case problem != "":
		d.wrong("purpose-export", problem)
	case zoeklicht.CodeOf(q.pass.Allow(zoeklicht.ActExport)) == zoeklicht.Invalid:
		d.wrong("purpose-export", "export.purpose-first")
	}
	if len(d.Errors) > 0 {
		return s.showExport(q, &d)
	}
	job, err := s.Exports.Export(q.Context(), q.pass, order, title)
	switch zoeklicht.CodeOf(err) {
	case "":
	case zoeklicht.Invalid, zoeklicht.Limit, zoeklicht.Conflict:
		d.Errors = append(d.Errors, formError{Field: "export-what", What: "export.refused", Detail: err.Error()})
		return s.showExport(q, &d)
	default:
		return err
	}
	return q.redirect(q.to("exports/" + string(job.ID)))
}

func (d *exportPage) wrong(field string, what wording.Key, args ...any) {
	d.Errors = append(d.Errors, formError{Field: field, What: what, Args: args})
}

func readExportForm(v url.Values) exportForm {
	return exportForm{
		Kind: zoeklicht.ExportKind(v.Get("kind")), Versions: v["version"], Form: zoeklicht.ExportForm(v.Get("form")), Lang: v.Get("lang"),
		Dossier: v.Get("dossier") != "", Pictures: zoeklicht.ExportPictures(v.Get("pictures")), Recipients: oneText(v.Get("recipients")), AnnexTo: oneText(v.Get("annex-to")), Ground: v.Get("ground"),
	}
}

// order makes the order that the form asks for, and what its job is called. What is
// wrong with it is in d.Errors.
func (d *exportPage) order(q *request) (o zoeklicht.ExportOrder, title string) {
	f := &d.Form
	o = zoeklicht.ExportOrder{Form: f.Form, Lang: f.Lang, Dossier: f.Dossier, Pictures: f.Pictures, Ground: f.Ground}
	if q.asOf.past() {
		o.AsOf = q.asOf.At
	}
	if d.Result != nil {
		o.Kind, o.Result, o.AsOf = zoeklicht.ExportResult, d.Result.ID, d.Result.AsOf
		title = q.words.T("export.of-result", string(d.Result.ID))
		if d.TooBig {
			d.wrong("export-what", "export.too-many", d.Result.Adverts, d.Most)
		}
	} else {
		title = d.orderVersions(q, &o)
	}
	if !slices.Contains(zoeklicht.ExportForms, f.Form) {
		d.wrong("export-form", "export.choose-form")
	}
	if f.Lang != "nl" && f.Lang != "en" {
		d.wrong("export-lang", "export.choose-lang")
	}
	switch {
	case !slices.Contains(zoeklicht.ExportPictureChoices, f.Pictures):
		d.wrong("export-pictures", "export.choose-pictures")
	case f.Dossier && f.Pictures == zoeklicht.PicturesIn:
		d.wrong("export-pictures", "export.dossier-pictures")
	}
	if !slices.ContainsFunc(grounds(q.theme, d.Lang), func(g groundChoice) bool { return g.Value == f.Ground }) {
		d.wrong("export-ground", "export.choose-ground")
	}
	o.Recipients = d.recipients("recipients", f.Recipients)
	if f.Pictures == zoeklicht.PicturesAnnex {
		switch o.AnnexTo = d.recipients("annex-to", f.AnnexTo); {
		case f.Form != zoeklicht.FormPackage:
			d.wrong("export-pictures", "export.annex-form")
		case len(o.AnnexTo) == 0 && len(d.Errors) == 0:
			d.wrong("annex-to", "export.annex-key")
		}
	}
	return o, title
}

// orderVersions puts the versions of an advert into an order.
func (d *exportPage) orderVersions(q *request, o *zoeklicht.ExportOrder) (title string) {
	id := strconv.FormatInt(int64(d.Advert.ID), 10)
	o.Kind = d.Form.Kind
	switch d.Form.Kind {
	case zoeklicht.ExportVersion:
		o.Versions = []zoeklicht.VersionID{d.Shown.ID}
		return q.words.T("export.of-version", id, d.Shown.N)
	case zoeklicht.ExportComparison:
		if d.With == nil {
			d.wrong("export-what", "export.no-comparison")
			return ""
		}
		o.Versions = []zoeklicht.VersionID{d.With.ID, d.Shown.ID}
		return q.words.T("export.of-comparison", id, d.With.N, d.Shown.N)
	case zoeklicht.ExportVersions:
		for _, n := range d.Form.Versions {
			v := versionN(d.Advert, n)
			if v == nil || gone(v) {
				d.wrong("export-what", "export.version-gone", n)
				return ""
			}
			if !slices.Contains(o.Versions, v.ID) {
				o.Versions = append(o.Versions, v.ID)
			}
		}
		slices.Sort(o.Versions) // as they became known
		switch {
		case len(o.Versions) == 0:
			d.wrong("export-what", "export.no-versions")
		case len(o.Versions) > d.Most:
			d.wrong("export-what", "export.too-many", len(o.Versions), d.Most)
		}
		return q.words.N("export.of-versions", len(o.Versions), id)
	}
	d.wrong("export-what", "export.choose-what")
	return ""
}

// recipientForm is how an age recipient looks; whether it is one is found when it is
// used.
var recipientForm = regexp.MustCompile(`^age1[a-z0-9]{20,}$`)

// recipients reads a line each; what cannot be one is told, so that nothing is sent to
// nobody.
func (d *exportPage) recipients(field, text string) (out []string) {
	for l := range strings.SplitSeq(text, "\n") {
		l = strings.TrimSpace(l)
		switch {
		case l == "":
		case !recipientForm.MatchString(l):
			d.wrong(field, "export.no-recipient", cut(l, 40))
			return nil
		case !slices.Contains(out, l):
			out = append(out, l)
		}
	}
	if len(out) > maxRecipients {
		d.wrong(field, "export.many-recipients", len(out), maxRecipients)
		return nil
	}
	return out
}

// Forms, PictureChoices and Langs are what the form offers.
func (d exportPage) Forms() []zoeklicht.ExportForm { return zoeklicht.ExportForms }

// PictureChoices are what can become of pictures.
func (d exportPage) PictureChoices() []zoeklicht.ExportPictures {
	return zoeklicht.ExportPictureChoices
}

// Action is where the form goes: as of the moment of this page.
func (d exportPage) Action() string { return d.q.to("exports") }

// Several reports whether there are versions to choose from.
func (d exportPage) Several() bool { return len(d.Versions) > 1 }

// AdvertID is the advert's number as addresses have it.
func (d exportPage) AdvertID() string { return fmt.Sprint(int64(d.Advert.ID)) }
