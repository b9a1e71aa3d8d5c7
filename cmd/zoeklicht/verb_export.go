package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/cli"
	"zoeklicht/internal/export"
	warcfile "zoeklicht/internal/export/warc"
)

const exportUsage = `package|pdf|findings|docx --theme T --version N[,N…] [--compare] --ground G --purpose TEXT [--out FILE] [--json]
       zoeklicht export package|pdf|findings|docx --theme T --result r-… --ground G --purpose TEXT …
       zoeklicht export warc --theme T --run N --purpose TEXT [--ground G] [--out FILE] [--json]

package is what a court's expert checks without us: report, findings, the captured bytes and what proves them, in one
zip (zoeklicht verify). pdf, findings and docx are its parts alone. What leaves stands in the register of exports first,
and is held for the case that the purpose names. warc is one file with the captures of a run, byte for byte as they were
sealed: everything that was captured, nothing masked. A file that is there is never written over.
` + asHelp

// runExport is the verb export.
func runExport(ctx context.Context, c *call) error {
	return parts(ctx, c, []part{
		{"package", runExportForm(zoeklicht.FormPackage)},
		{"pdf", runExportForm(zoeklicht.FormPDF)},
		{"findings", runExportForm(zoeklicht.FormFindings)},
		{"docx", runExportForm(zoeklicht.FormDOCX)},
		{"warc", runExportWARC},
	})
}

func runExportWARC(ctx context.Context, c *call) error {
	s := c.seat()
	run := c.flags.Int64("run", 0, "number of the run")
	ground := c.flags.String("ground", zoeklicht.GroundTheme, "legal ground: an article of the theme's terms, or theme")
	file := c.flags.String("out", "", "file to write")
	if err := c.begin(0, 0); err != nil {
		return err
	}
	if *run <= 0 {
		return usage(errors.New("--run N is needed: crawl and source show name runs"))
	}
	if err := needed("--purpose (the task or case number for which this leaves)", *s.purpose); err != nil {
		return err
	}
	t, err := c.sit(ctx, s, zoeklicht.ActExport, "export warc", strconv.FormatInt(*run, 10))
	if err != nil {
		return err
	}
	defer t.close()
	named, err := export.Ground(t.theme, *ground, c.cfg.Lang)
	if err != nil {
		return err
	}
	var captures []zoeklicht.Capture
	sealed, err := t.store.EachCapture(ctx, *run, func(c *zoeklicht.Capture) error { captures = append(captures, *c); return nil })
	if err != nil {
		return err
	}
	if len(captures) == 0 {
		return zoeklicht.Errorf(zoeklicht.NotFound, "run %d has no captures in theme %s", *run, t.theme.Name).With("nothing was written", "")
	}
	now := time.Now()
	name := *file
	if name == "" {
		name = warcfile.Name(t.theme.Name, captures[0].Source, *run, now)
	}
	info := warcfile.Info{
		Filename: filepath.Base(name), Created: now, Software: "zoeklicht", UserAgent: c.cfg.Fetch.WithDefaults().UserAgent,
		Theme: t.theme.Name, Source: captures[0].Source, Run: *run, Ground: named, Purpose: *s.purpose,
	}
	ring, err := t.p.ring(t.theme.Name)
	if err != nil {
		return err
	}
	vault, err := blob.In(t.p.cfg.Data, t.theme.Name, blob.Vault).Reader(ring)
	if err != nil {
		return err
	}
	e := &cli.Exported{File: name, Run: *run, Source: captures[0].Source, Captures: len(captures), Sealed: sealed}
	err = cli.WriteNew(name, func(w io.Writer) error {
		sum := sha256.New()
		stats, err := warcfile.Write(ctx, io.MultiWriter(w, sum), info, opened(ctx, vault, captures, e))
		e.Items, e.Records, e.Bytes = stats.Items, stats.Records, stats.Bytes
		if err != nil {
			return err
		}
		return noteRun(ctx, t, info, *ground, captures, e, [sha256.Size]byte(sum.Sum(nil)))
	})
	if err != nil {
		return err
	}
	return e.Print(t.out)
}

// noteRun enters the captures of a run into the register of what left, before the file is
// there under its name: no line, no file.
func noteRun(ctx context.Context, t *taken, info warcfile.Info, ground string, captures []zoeklicht.Capture, e *cli.Exported, sum [sha256.Size]byte) error {
	x := &zoeklicht.Exported{
		Ground: ground, Form: zoeklicht.FormWARC, Kind: zoeklicht.ExportRun, What: fmt.Sprintf("run %d of %s", info.Run, info.Source),
		File: info.Filename, Bytes: e.Bytes, SHA256: sum,
	}
	ids := make([]zoeklicht.CaptureID, 0, len(captures))
	for i := range captures {
		// One that was destroyed whole has nothing in the file.
		if c := &captures[i]; len(c.Items) > 0 {
			ids = append(ids, c.ID)
			x.Pictures += c.Pictures - c.Missing
		}
	}
	return t.store.NoteExport(ctx, x, ids, nil)
}

// opened gives the items of captures in the clear, those of a capture together. An item
// that was destroyed is left out and counted.
func opened(ctx context.Context, vault *blob.Reader, captures []zoeklicht.Capture, e *cli.Exported) iter.Seq2[zoeklicht.Item, error] {
	return func(yield func(zoeklicht.Item, error) bool) {
		for i := range captures {
			c := &captures[i]
			e.Destroyed += len(c.Erased)
			for _, name := range slices.SortedFunc(maps.Keys(c.Items), itemOrder) {
				body, err := vault.Read(ctx, c.Items[name], c.ID, name)
				if errors.Is(err, blob.ErrErased) {
					e.Destroyed++
					continue
				}
				if err != nil {
					yield(zoeklicht.Item{}, fmt.Errorf("capture %s: %w", c.ID, err))
					return
				}
				if !yield(zoeklicht.Item{Name: name, Bytes: body}, nil) {
					return
				}
			}
		}
	}
}

// itemOrder puts a capture's page first, then its pictures by number, then the rest.
func itemOrder(a, b string) int {
	rank := func(name string) (int, int) {
		number, picture := strings.CutPrefix(name, "picture:")
		n, err := strconv.Atoi(number)
		switch {
		case name == "page":
			return 0, 0
		case picture && err == nil:
			return 1, n
		}
		return 2, 0
	}
	ra, na := rank(a)
	rb, nb := rank(b)
	return cmp.Or(cmp.Compare(ra, rb), cmp.Compare(na, nb), cmp.Compare(a, b))
}
