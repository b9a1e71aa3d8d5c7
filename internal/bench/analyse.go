package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/assess"
	"zoeklicht/internal/extract"
	"zoeklicht/internal/practice"
	"zoeklicht/internal/text"
	"zoeklicht/internal/theme"
	"zoeklicht/themes"
)

// runAnalyse measures what finding entities, reading pages and applying rules cost, on
// one processor: pages of a practice web in six languages, fetched beforehand.
func runAnalyse(ctx context.Context, opt options, out io.Writer, log *slog.Logger) (figures []figure, err error) {
	w, err := practice.Serve(ctx, practice.Config{Seed: opt.seed, Adverts: 2000, Day: 3, NoBarriers: true}, log)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	t, err := packOf(w)
	if err != nil {
		return nil, err
	}
	pages, err := pagesOf(ctx, w, t)
	if err != nil {
		return nil, err
	}
	rules, err := assess.New(t.Indicators, t.Lexicons, assess.Config{})
	if err != nil {
		return nil, err
	}
	finder, err := extract.NewEntities(extract.EntitiesConfig{Regions: t.Regions, PhonePatterns: t.PhonePatterns, Languages: t.Languages})
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(out, "analyse: %d pages of %d sources, %d rules\n", len(pages), len(t.Recipes), len(t.Indicators))
	// One processor, the collecting of garbage included.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))

	readings := make([]zoeklicht.Reading, len(pages))
	for i, p := range pages {
		readings[i] = p.reader.Read(p.page)
	}
	size, found, hits := 0, 0, 0
	entities := repeat(func() {
		for _, r := range readings {
			s := r.Title + "\n" + r.Body
			size += len(s)
			found += len(finder.Find(s, r.Lang))
		}
	})
	versions := 0
	whole := repeat(func() {
		for _, p := range pages {
			r := p.reader.Read(p.page)
			text.FoldString(r.Title + "\n" + r.Body) // as the analysing stage does
			a, err2 := rules.Assess(assess.Input{Title: r.Title, Body: r.Body, Entities: r.Entities, SeenAt: w.Time()})
			err = errors.Join(err, err2)
			hits += len(a.Hits)
			versions++
		}
	})
	if err != nil {
		return nil, err
	}
	rate, each := float64(size)/1e6/entities.Seconds(), float64(versions)/whole.Seconds()
	return []figure{
		{"entities in mixed text, one processor", fmt.Sprintf("%.2f MB/s (%d found in %.1f MB)", rate, found, float64(size)/1e6), "≥ 1 MB/s", verdictOf(rate >= 1)},
		{"extraction and indicators, one processor", fmt.Sprintf("%.0f versions/s (%d, %d hits)", each, versions, hits), "≥ 500", verdictOf(each >= 500)},
	}, nil
}

// repeat does something for two seconds at the least, and gives what it took.
func repeat(do func()) time.Duration {
	begun := time.Now()
	for time.Since(begun) < 2*time.Second {
		do()
	}
	return time.Since(begun)
}

// packOf gives the practice theme for a web.
func packOf(w *practice.Server) (*zoeklicht.Theme, error) {
	t, problems, err := theme.Load(themes.Packs, practiceTheme)
	if err := errors.Join(err, problems.Err()); err != nil {
		return nil, err
	}
	return theme.Fill(t, w.Hosts())
}

// readPage is a page with what reads it.
type readPage struct {
	page   extract.Page
	reader *extract.Reader
}

// pagesOf fetches every advert that is online on a site with a recipe.
func pagesOf(ctx context.Context, w *practice.Server, t *zoeklicht.Theme) ([]readPage, error) {
	readers := map[string]*extract.Reader{}
	for i := range t.Recipes {
		r, err := extract.Compile(&t.Recipes[i], extract.Options{
			Regions: t.Regions, PhonePatterns: t.PhonePatterns, Fields: t.Fields, Languages: t.Languages,
		})
		if err != nil {
			return nil, err
		}
		readers[string(t.Recipes[i].Source)] = r
	}
	urls, err := onlineOf(ctx, w)
	if err != nil {
		return nil, err
	}
	var out []readPage
	for _, a := range urls {
		reader := readers[a.Site]
		if reader == nil {
			continue
		}
		p, err := pageOf(ctx, a.URL)
		if err != nil {
			return nil, err
		}
		out = append(out, readPage{p, reader})
	}
	if len(out) == 0 {
		return nil, errors.New("no page of the practice web has a recipe")
	}
	return out, nil
}

func onlineOf(ctx context.Context, w *practice.Server) (out []practice.OnlineAdvert, err error) {
	resp, err := get(ctx, strings.TrimSuffix(w.Addresses().Truth, "/")+"/.truth/online")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() // read only
	for sc := bufio.NewScanner(resp.Body); sc.Scan(); {
		var a practice.OnlineAdvert
		if err := json.Unmarshal(sc.Bytes(), &a); err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

func pageOf(ctx context.Context, url string) (p extract.Page, err error) {
	resp, err := get(ctx, url)
	if err != nil {
		return p, err
	}
	defer resp.Body.Close() // read whole
	body, err := io.ReadAll(resp.Body)
	return extract.Page{URL: url, Canonical: url, Status: resp.StatusCode, Header: resp.Header, Body: body}, err
}

func get(ctx context.Context, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return http.DefaultClient.Do(req)
}
