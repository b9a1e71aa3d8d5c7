package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"zoeklicht"
	"zoeklicht/internal/cli"

	"github.com/spf13/pflag"
)

// exportFlags say what is taken out.
type exportFlags struct {
	versions   []int64
	compare    bool
	result     string
	asOf       string
	language   string
	ground     string
	dossier    bool
	pictures   string
	recipients []string
	annexTo    []string
	out        string
}

func (f *exportFlags) add(to *pflag.FlagSet) {
	to.Int64SliceVar(&f.versions, "version", nil, "versions, as search --json names them")
	to.BoolVar(&f.compare, "compare", false, "of two versions: tell what differs")
	to.StringVar(&f.result, "result", "", "a kept result, with all its rows")
	to.StringVar(&f.asOf, "as-of", "", "the moment whose knowledge is reported")
	to.StringVar(&f.language, "report-lang", "", "nl or en, of report and findings (that of --lang)")
	to.StringVar(&f.ground, "ground", "", "legal ground: an article of the theme's terms, or theme")
	to.BoolVar(&f.dossier, "dossier", false, "for a case file that suspects read: contact details masked, no page as it was sent")
	to.StringVar(&f.pictures, "pictures", string(zoeklicht.PicturesOut), "out, in, or annex: encrypted in the package to recipients of its own")
	to.StringSliceVar(&f.annexTo, "annex-to", nil, "age recipients (age1…) of the annex, who alone open it")
	to.StringSliceVar(&f.recipients, "to", nil, "age recipients (age1…) that the file is encrypted to")
	to.StringVar(&f.out, "out", "", "file to write")
}

// order makes of the flags what is asked of the office.
func (f *exportFlags) order(form zoeklicht.ExportForm, lang string, now time.Time, zone *time.Location) (o zoeklicht.ExportOrder, err error) {
	o = zoeklicht.ExportOrder{
		Form: form, Lang: lang, Dossier: f.dossier, Pictures: zoeklicht.ExportPictures(f.pictures), Recipients: f.recipients, AnnexTo: f.annexTo,
		Ground: f.ground, Result: zoeklicht.ResultID(f.result), Kind: zoeklicht.ExportResult,
	}
	if f.language != "" {
		o.Lang = f.language
	}
	for _, v := range f.versions {
		o.Versions = append(o.Versions, zoeklicht.VersionID(v))
	}
	switch {
	case (f.result == "") == (len(o.Versions) == 0):
		return o, usage(errors.New("one of --version and --result is needed"))
	case f.compare && len(o.Versions) != 2:
		return o, usage(errors.New("--compare needs two versions"))
	case o.Lang != "nl" && o.Lang != "en":
		return o, usage(fmt.Errorf("--report-lang is %q: one of nl, en", o.Lang))
	case f.compare:
		o.Kind = zoeklicht.ExportComparison
	case len(o.Versions) == 1:
		o.Kind = zoeklicht.ExportVersion
	case len(o.Versions) > 1:
		o.Kind = zoeklicht.ExportVersions
	}
	o.AsOf, err = cli.AsOf(f.asOf, now, zone)
	return o, err
}

// runExportForm is the verb export for what the office makes: a package, a report, or
// findings.
func runExportForm(form zoeklicht.ExportForm) func(context.Context, *call) error {
	return func(ctx context.Context, c *call) error {
		s := c.seat()
		var f exportFlags
		f.add(c.flags)
		if err := c.begin(0, 0); err != nil {
			return err
		}
		if err := needed("--purpose (the task or case number for which this leaves)", *s.purpose); err != nil {
			return err
		}
		if err := needed("--ground (an article of the theme's terms, or theme)", f.ground); err != nil {
			return err
		}
		t, err := c.sit(ctx, s, zoeklicht.ActExport, "export "+string(form), "")
		if err != nil {
			return err
		}
		defer t.close()
		order, err := f.order(form, c.cfg.Lang, t.now, t.theme.Locale)
		if err != nil {
			return err
		}
		office, err := t.p.office(t.theme)
		if err != nil {
			return err
		}
		told := &cli.Taken{Out: t.out}
		name := f.out
		if name == "" {
			name = office.Name(&order)
		}
		err = cli.WriteNew(name, func(w io.Writer) error {
			made, err := office.Make(ctx, t.store, order, w, told.Progress)
			if err != nil {
				return err
			}
			told.Made = &made.Exported
			return made.Record(ctx)
		})
		if err != nil {
			return err
		}
		return told.Print(name)
	}
}
