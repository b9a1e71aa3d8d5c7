package main

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/export"
	"zoeklicht/internal/job"
	"zoeklicht/internal/search"
	"zoeklicht/internal/store"
)

// desk is what the dashboard stands on: it opens the store that a pass is for and
// asks it. Each of its methods needs a pass, and the store audits what it serves.
type desk struct {
	p       *platform
	page    int // rows on a page of results
	engines map[zoeklicht.ThemeName]*search.Engine
	readers map[zoeklicht.ThemeName]*blob.Reader
	offices map[zoeklicht.ThemeName]*export.Office
	jobs    map[zoeklicht.ThemeName]*job.Runner
}

// newDesk makes the desk for the themes that are open.
func newDesk(p *platform, page int, open []*zoeklicht.Theme) (*desk, error) {
	d := &desk{
		p: p, page: page, engines: map[zoeklicht.ThemeName]*search.Engine{}, readers: map[zoeklicht.ThemeName]*blob.Reader{},
		offices: map[zoeklicht.ThemeName]*export.Office{}, jobs: map[zoeklicht.ThemeName]*job.Runner{},
	}
	for _, t := range open {
		ring, err := p.ring(t.Name)
		if err != nil {
			return nil, err
		}
		if d.readers[t.Name], err = blob.In(p.cfg.Data, t.Name, blob.Working).Reader(ring); err != nil {
			return nil, err
		}
		if d.engines[t.Name], err = engine(t); err != nil {
			return nil, err
		}
		if d.offices[t.Name], err = p.office(t); err != nil {
			return nil, err
		}
		// A runner for each theme: whoever works in two sees in each what is that one's.
		if d.jobs[t.Name], err = job.New(job.Config{Dir: outFolder(p.cfg.Data, t.Name)}, ring, time.Now, p.log); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// outFolder is where the jobs of a theme leave what they made.
func outFolder(data string, name zoeklicht.ThemeName) string {
	return filepath.Join(data, "themes", string(name), "out")
}

// close cuts off the jobs under way.
func (d *desk) close() (err error) {
	for _, r := range d.jobs {
		err = errors.Join(err, r.Close())
	}
	return err
}

func (d *desk) store(ctx context.Context, pass *access.Pass) (*store.Store, error) {
	return d.p.stores.Open(ctx, pass)
}

// with opens the pass's store for one question.
func with[T any](ctx context.Context, d *desk, pass *access.Pass, f func(*store.Store) (T, error)) (T, error) {
	st, err := d.store(ctx, pass)
	if err != nil {
		var none T
		return none, err
	}
	return f(st)
}

// Theme gives an active theme as its pack words it.
func (d *desk) Theme(_ context.Context, name zoeklicht.ThemeName) (*zoeklicht.Theme, error) {
	if _, open := d.engines[name]; !open {
		return nil, zoeklicht.Errorf(zoeklicht.NotFound, "not found")
	}
	return d.p.pack(name)
}

// Now gives the time on the theme's clock.
func (d *desk) Now(ctx context.Context, pass *access.Pass) (time.Time, error) {
	return with(ctx, d, pass, func(st *store.Store) (time.Time, error) {
		now, _, err := st.Now(ctx)
		return now, err
	})
}

// Search answers a question; pages count from 1.
func (d *desk) Search(ctx context.Context, pass *access.Pass, q zoeklicht.Question, asOf time.Time, page int) (*zoeklicht.Result, error) {
	return with(ctx, d, pass, func(st *store.Store) (*zoeklicht.Result, error) {
		return d.engines[pass.Theme()].Ask(ctx, st, q, asOf, d.from(page), d.page)
	})
}

// Result gives a kept answer again.
func (d *desk) Result(ctx context.Context, pass *access.Pass, id zoeklicht.ResultID, page int) (*zoeklicht.Result, error) {
	return with(ctx, d, pass, func(st *store.Store) (*zoeklicht.Result, error) {
		return d.engines[pass.Theme()].Again(ctx, st, id, d.from(page), d.page)
	})
}

func (d *desk) from(page int) int { return (max(page, 1) - 1) * d.page }

// Facets gives what a question can be narrowed to.
func (d *desk) Facets(ctx context.Context, pass *access.Pass, asOf time.Time) (*zoeklicht.Facets, error) {
	return with(ctx, d, pass, func(st *store.Store) (*zoeklicht.Facets, error) { return st.Facets(ctx, asOf) })
}

// News gives what is new since the person's last visit.
func (d *desk) News(ctx context.Context, pass *access.Pass, n int) (time.Time, *zoeklicht.Result, error) {
	st, err := d.store(ctx, pass)
	if err != nil {
		return time.Time{}, nil, err
	}
	since, res, err := st.News(ctx, n)
	if err != nil {
		return time.Time{}, nil, err
	}
	return since, res, d.engines[pass.Theme()].Finish(ctx, st, res)
}

// Advert gives an advert with its versions as of a moment.
func (d *desk) Advert(ctx context.Context, pass *access.Pass, id zoeklicht.AdvertID, asOf time.Time) (*zoeklicht.Advert, error) {
	return with(ctx, d, pass, func(st *store.Store) (*zoeklicht.Advert, error) {
		m, err := st.AsOf(ctx, asOf)
		if err != nil {
			return nil, err
		}
		return st.Advert(ctx, id, m.Seq)
	})
}

// Reveal gives a version in the clear.
func (d *desk) Reveal(ctx context.Context, pass *access.Pass, id zoeklicht.VersionID) (*zoeklicht.Version, error) {
	return with(ctx, d, pass, func(st *store.Store) (*zoeklicht.Version, error) { return st.Reveal(ctx, id) })
}

// PictureShown gives the re-encoded form of a picture.
func (d *desk) PictureShown(ctx context.Context, pass *access.Pass, version zoeklicht.VersionID, n int) ([]byte, string, error) {
	st, err := d.store(ctx, pass)
	if err != nil {
		return nil, "", err
	}
	pic, mime, err := st.ShownPicture(ctx, version, n)
	if err != nil {
		return nil, "", err
	}
	if pic.Problem != "" || pic.Shown.Length == 0 {
		return nil, "", zoeklicht.Errorf(zoeklicht.NotFound, "this picture cannot be shown: %s", pic.Problem).With("the captured bytes are safe", "")
	}
	body, err := d.readers[pass.Theme()].Read(ctx, pic.Shown, pic.ID.Owner(), zoeklicht.PictureItem)
	return body, mime, err
}

// Capture gives what the register knows about a capture.
func (d *desk) Capture(ctx context.Context, pass *access.Pass, id zoeklicht.CaptureID) (*zoeklicht.Capture, error) {
	return with(ctx, d, pass, func(st *store.Store) (*zoeklicht.Capture, error) { return st.Capture(ctx, id) })
}

// Sources gives the register.
func (d *desk) Sources(ctx context.Context, pass *access.Pass) ([]zoeklicht.Source, error) {
	return with(ctx, d, pass, func(st *store.Store) ([]zoeklicht.Source, error) { return st.Sources(ctx) })
}

// Standing gives what screens about other things say of the sources.
func (d *desk) Standing(ctx context.Context, pass *access.Pass) ([]zoeklicht.Source, error) {
	return with(ctx, d, pass, func(st *store.Store) ([]zoeklicht.Source, error) { return st.Standing(ctx) })
}

// Source gives one source with its decisions.
func (d *desk) Source(ctx context.Context, pass *access.Pass, id zoeklicht.SourceID) (*zoeklicht.Source, error) {
	return with(ctx, d, pass, func(st *store.Store) (*zoeklicht.Source, error) { return st.Source(ctx, id) })
}

// Propose enters a source.
func (d *desk) Propose(ctx context.Context, pass *access.Pass, src *zoeklicht.Source, dec zoeklicht.Decision) error {
	st, err := d.store(ctx, pass)
	if err != nil {
		return err
	}
	return st.Propose(ctx, src, dec)
}

// Decide takes the next step about a source.
func (d *desk) Decide(ctx context.Context, pass *access.Pass, dec zoeklicht.Decision) error {
	st, err := d.store(ctx, pass)
	if err != nil {
		return err
	}
	return st.Decide(ctx, dec)
}

// Recipe gives the YAML of a stored recipe.
func (d *desk) Recipe(ctx context.Context, pass *access.Pass, id zoeklicht.SourceID, version int) (string, error) {
	return with(ctx, d, pass, func(st *store.Store) (string, error) {
		body, _, err := st.RecipeBody(ctx, id, version)
		return body, err
	})
}

// Latest gives the newest run of each source.
func (d *desk) Latest(ctx context.Context, pass *access.Pass) ([]zoeklicht.Run, error) {
	return with(ctx, d, pass, func(st *store.Store) ([]zoeklicht.Run, error) { return st.LatestRuns(ctx) })
}

// Of gives the newest runs of a source.
func (d *desk) Of(ctx context.Context, pass *access.Pass, id zoeklicht.SourceID, n int) ([]zoeklicht.Run, error) {
	return with(ctx, d, pass, func(st *store.Store) ([]zoeklicht.Run, error) { return st.Runs(ctx, id, n) })
}

// Start asks for a run now.
func (d *desk) Start(ctx context.Context, pass *access.Pass, id zoeklicht.SourceID) error {
	st, err := d.store(ctx, pass)
	if err != nil {
		return err
	}
	return st.Wish(ctx, id, "run", pass.Name())
}

// Stop asks to end a run.
func (d *desk) Stop(ctx context.Context, pass *access.Pass, id zoeklicht.SourceID) error {
	st, err := d.store(ctx, pass)
	if err != nil {
		return err
	}
	return st.Wish(ctx, id, "stop", pass.Name())
}
