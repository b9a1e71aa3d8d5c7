package crawl

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"zoeklicht"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/capture"
	"zoeklicht/internal/extract"
	"zoeklicht/internal/frontier"
	"zoeklicht/internal/picture"
	"zoeklicht/internal/place"
	"zoeklicht/internal/store"
	"zoeklicht/internal/text"
)

// Opener gives the sealed bytes of an item back.
type Opener interface {
	Read(ctx context.Context, at zoeklicht.Place, owner zoeklicht.CaptureID, name string) ([]byte, error)
}

// Analyser reads captures into adverts and versions. It makes no connection but to
// its database.
type Analyser struct {
	Config  Config
	Store   *store.Store
	Vault   Opener
	Working Vault // re-encoded pictures
	Decoder *picture.Decoder
	Options extract.Options
	Recipe  func(name string, body []byte) (*zoeklicht.Recipe, error)
	Day     func(time.Time) time.Time
	Log     *slog.Logger

	readers map[zoeklicht.SourceID]*sourceReader
}

type sourceReader struct {
	version int
	reader  *extract.Reader
	session []string
}

// Serve analyses what comes until ctx ends.
func (a *Analyser) Serve(ctx context.Context) error {
	return step(a.Step).serve(ctx, a.Config.WithDefaults().Poll/4, a.Log)
}

// CatchUp analyses until nothing is left to read.
func (a *Analyser) CatchUp(ctx context.Context) error { return step(a.Step).catchUp(ctx) }

// Step analyses one batch; did is false when there was nothing to do. A batch is
// stored whole, with the cursor, or not at all.
func (a *Analyser) Step(ctx context.Context) (did bool, err error) {
	a.Config = a.Config.WithDefaults()
	w, err := a.Store.Next(ctx, AnalyseStage, a.Config.Batch)
	if err != nil || w.From == w.To {
		return false, err
	}
	if err := a.loadReaders(ctx); err != nil {
		return false, err
	}
	var reads []store.Read
	b := newPictureBatch(a)
	for i := range w.Captures {
		c := &w.Captures[i]
		read, ok, err := a.read(ctx, c, w.Pictures[c.ID], b)
		if err != nil {
			return false, err
		}
		if ok {
			reads = append(reads, read)
		}
	}
	if err := b.finish(ctx, reads); err != nil {
		return false, err
	}
	found, err := a.Store.StoreReadings(ctx, AnalyseStage, w, reads, b.fresh, a.Day)
	if err != nil {
		return false, err
	}
	a.Log.Debug("analysed", "captures", len(w.Captures), "adverts", found.Adverts, "versions", found.Versions,
		"sightings", found.Sightings, "gone", found.Gone, "to", w.To)
	return true, nil
}

// loadReaders compiles the recipes that are in force.
func (a *Analyser) loadReaders(ctx context.Context) error {
	all, err := a.Store.Sources(ctx)
	if err != nil {
		return err
	}
	if a.readers == nil {
		a.readers = map[zoeklicht.SourceID]*sourceReader{}
	}
	for i := range all {
		src := &all[i]
		if have, ok := a.readers[src.ID]; ok && have.version == src.Recipe {
			continue
		}
		reader, recipe, _, err := readerOf(ctx, a.Store, src, a.Options, a.Recipe)
		if err != nil {
			return err
		}
		sr := &sourceReader{version: src.Recipe, reader: reader}
		if recipe != nil {
			sr.session = recipe.Session
		}
		a.readers[src.ID] = sr
	}
	return nil
}

// read opens one capture and reads it. ok is false for what says nothing about an
// advert.
func (a *Analyser) read(ctx context.Context, c *zoeklicht.Capture, rows []store.PictureRow, b *pictureBatch) (store.Read, bool, error) {
	none := store.Read{}
	if c.Kind != zoeklicht.KindAdvert || c.NotContent != "" || c.Failed != "" || c.Status >= http.StatusBadRequest || c.Status < http.StatusOK {
		return none, false, nil
	}
	sr := a.readers[c.Source]
	if sr == nil {
		return none, false, fmt.Errorf("capture %s is of a source %q that is not in the register", c.ID, c.Source)
	}
	if c.Unchanged {
		return store.Read{Capture: c, Same: true}, true, nil
	}
	items := map[string][]byte{}
	for _, name := range append([]string{pageItem}, pictureItems(rows)...) {
		at, ok := c.Items[name]
		if !ok {
			return none, false, nil // destroyed since: nothing to read
		}
		bytes, err := a.Vault.Read(ctx, at, c.ID, name)
		if errors.Is(err, blob.ErrErased) {
			return none, false, nil
		}
		if err != nil {
			return none, false, fmt.Errorf("open capture %s item %s: %w", c.ID, name, err)
		}
		items[name] = bytes
	}
	opened, err := capture.Open(items, capture.Limits{})
	if err != nil {
		return none, false, fmt.Errorf("open capture %s: %w", c.ID, err)
	}
	page := opened.Page.End
	if page == nil {
		return none, false, nil
	}
	r := sr.reader.Read(extract.Page{URL: c.FinalURL, Canonical: c.Canonical, Status: page.Status, Header: page.Header, Body: page.Body, Truncated: page.Cut})
	if r.NotContent != "" {
		a.Log.Debug("a captured page is no content", "capture", c.ID, "why", r.NotContent)
		return none, false, nil
	}
	r.Capture, r.Source = c.ID, c.Source
	r.Municipality, r.Unit = place.Load().Of(r.Field(zoeklicht.FieldPlace), c.At)
	read := store.Read{Capture: c, Reading: r, Folded: text.FoldString(r.Title + "\n" + r.Body)}
	for i, row := range rows {
		p := store.ReadPicture{VersionPicture: zoeklicht.VersionPicture{N: i, URL: row.URL, Failure: row.Failure, Detail: row.Detail, Item: row.Item}}
		if p.Canonical, err = frontier.Canonical(row.URL, sr.session); err != nil {
			p.Canonical = row.URL
		}
		if row.Failure == "" {
			pic := opened.Pictures[i].End
			if pic == nil {
				return none, false, fmt.Errorf("capture %s lacks the bytes of picture %d", c.ID, i)
			}
			if p.SHA256, err = b.add(ctx, pic.Body); err != nil {
				return none, false, err
			}
		}
		read.Pictures = append(read.Pictures, p)
	}
	return read, true, nil
}

// pageItem and pictureItem name a capture's items; see package capture.
const pageItem = "page"

func pictureItem(n int) string { return fmt.Sprintf("picture:%d", n) }

func pictureItems(rows []store.PictureRow) (names []string) {
	for _, r := range rows {
		if r.Item != "" {
			names = append(names, r.Item)
		}
	}
	return names
}
