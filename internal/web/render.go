package web

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

//go:embed *.tmpl
var templateFiles embed.FS

// pages are the templates. Each screen is layout.tmpl and parts.tmpl with the
// screen's own file; a fragment is a template of such a file without the layout.
// Formatting depends on language and place, so there is a set for each pair of
// these, made when first needed: there are as many places as themes.
type pages struct {
	plain map[string]*template.Template // by screen; never executed, only cloned

	mu   sync.Mutex
	sets map[string]*template.Template // by screen, language and place
}

func newPages(a *assets) (*pages, error) {
	p := &pages{plain: map[string]*template.Template{}, sets: map[string]*template.Template{}}
	entries, err := templateFiles.ReadDir(".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		screen := strings.TrimSuffix(e.Name(), ".tmpl")
		if screen == "layout" || screen == "parts" {
			continue
		}
		t, err := template.New(screen).Funcs(funcs(wording.W{}, a)).ParseFS(templateFiles, "layout.tmpl", "parts.tmpl", e.Name())
		if err != nil {
			return nil, err
		}
		p.plain[screen] = t
	}
	for _, t := range p.plain {
		t.Funcs(funcs(wording.W{}, a))
	}
	return p, nil
}

// render executes a screen, "search", or one template of it, "home/progress".
func (p *pages) render(w io.Writer, words wording.W, screen string, data any) error {
	screen, part, ok := strings.Cut(screen, "/")
	if !ok {
		part = "layout"
	}
	t, err := p.set(screen, words)
	if err != nil {
		return err
	}
	return t.ExecuteTemplate(w, part, data)
}

func (p *pages) set(screen string, words wording.W) (*template.Template, error) {
	plain, ok := p.plain[screen]
	if !ok {
		return nil, fmt.Errorf("there is no screen %q", screen)
	}
	key := screen + "/" + words.Lang() + "/" + words.Place().String()
	p.mu.Lock()
	defer p.mu.Unlock()
	if t, ok := p.sets[key]; ok {
		return t, nil
	}
	t, err := plain.Clone()
	if err != nil {
		return nil, err
	}
	t.Funcs(wordFuncs(words))
	p.sets[key] = t
	return t, nil
}

func funcs(words wording.W, a *assets) template.FuncMap {
	m := wordFuncs(words)
	m["asset"] = a.url
	m["hasasset"] = a.has
	m["clean"] = clean
	m["mask"] = zoeklicht.Mask
	m["list"] = func(v ...any) []any { return v }
	m["add"] = func(a, b int) int { return a + b }
	m["hex"] = func(b [32]byte) string { return fmt.Sprintf("%x", b) }
	return m
}

// wordFuncs are the functions that templates say things with: t for a text, n for a
// text with a count, and one for each kind of value.
func wordFuncs(w wording.W) template.FuncMap {
	return template.FuncMap{
		"t":          w.T,
		"n":          w.N,
		"natleast":   w.NAtLeast,
		"wrong":      func(e formError) string { return w.T(e.What, e.Args...) },
		"lang":       w.Lang,
		"num":        w.Number,
		"pct":        w.Percent,
		"rate":       w.Rate,
		"day":        w.Day,
		"dayof":      w.DayOf,
		"clock":      w.Clock,
		"moment":     w.Moment,
		"utc":        w.UTC,
		"dur":        w.Duration,
		"bytes":      w.Bytes,
		"fail":       w.Fail,
		"faildetail": w.FailDetail,
		"notcontent": w.NotContent,
		"state":      w.State,
		"decision":   w.Decision,
		"role":       w.Role,
		"field":      w.Field,
		"language":   w.Language,
		"level":      w.Level,
		"grade":      w.Grade,
		"answer":     w.Answer,
		"sealreason": w.SealReason,
		"entity":     w.EntityType,
		"points":     w.Points,
		"saw":        w.Saw,

		"jobstate":       w.JobState,
		"jobstep":        w.JobStep,
		"exportform":     w.ExportForm,
		"exportformhelp": w.ExportFormHelp,
		"exportpictures": w.ExportPictures,
		"proofpart":      w.ProofPart,
		"remark":         w.Remark,
		"did":            w.Did,
		"ground": func(article string) string {
			if article == zoeklicht.GroundTheme {
				return w.T("export.ground-theme")
			}
			return article
		},
	}
}
