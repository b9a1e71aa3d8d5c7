package cli

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"zoeklicht"
	"zoeklicht/internal/extract"
	"zoeklicht/internal/theme"
)

// Extract reads one page that is at hand: nothing is fetched and nothing is stored.
type Extract struct {
	URL     string // where the page stands
	Type    string // its media type; empty: guessed from Name and the first bytes
	Name    string // of the file, for errors
	Body    []byte
	Options extract.Options
	// Recipe is the YAML of a recipe and RecipeName its file; empty: the generic fallback.
	Recipe     []byte
	RecipeName string
}

// generic names the template of what is read without a recipe.
const generic = "generic"

// advertJSON is an advert whose fields are those that were found; title, body, price,
// phones, images, date and place are always there.
type advertJSON map[string]any

// reading is the answer as JSON has it.
type reading struct {
	Advert     advertJSON           `json:"advert"`
	Template   string               `json:"template"`
	Confidence float64              `json:"confidence"`
	URL        string               `json:"url"`
	Key        string               `json:"key"` // the site's own number
	Kind       zoeklicht.PageKind   `json:"kind"`
	Lang       string               `json:"lang"`
	Reader     string               `json:"reader"`
	NotContent zoeklicht.NotContent `json:"not_content"`
	From       map[string]string    `json:"from"` // where each field stood
	Entities   []zoeklicht.Entity   `json:"entities"`
}

// Run reads the page and prints what it says.
func (e *Extract) Run(out *Out) error {
	u, err := url.Parse(e.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return zoeklicht.Errorf(zoeklicht.Invalid, "--url %q is not an http or https address", e.URL).
			With("nothing was read", "give the address at which the page stands: other addresses on it are relative to it")
	}
	reader, template := extract.Generic(e.Options), generic
	if e.Recipe != nil {
		recipe, problems := theme.ParseRecipe(e.RecipeName, e.Recipe)
		if len(problems) > 0 {
			out.Notice("%s", strings.TrimRight(problems.String(), "\n"))
			return problems.Err()
		}
		if reader, err = extract.Compile(recipe, e.Options); err != nil {
			return err
		}
		template = recipe.Template
	}
	header := http.Header{}
	if t := e.mediaType(); t != "" {
		header.Set("Content-Type", t)
	}
	r := reader.Read(extract.Page{URL: e.URL, Canonical: e.URL, Status: http.StatusOK, Header: header, Body: e.Body})
	return answerOf(&r, template, e.URL, reader.Kind(e.URL)).print(out)
}

// mediaType gives what the page would have been served as.
func (e *Extract) mediaType() string {
	switch {
	case e.Type != "":
		return e.Type
	case strings.HasSuffix(e.Name, ".json") || json.Valid(e.Body):
		return "application/json"
	}
	return "text/html" // without a charset: it is found in the page
}

func answerOf(r *zoeklicht.Reading, template, address string, kind zoeklicht.PageKind) *reading {
	a := advertJSON{
		zoeklicht.FieldTitle: r.Title, zoeklicht.FieldBody: r.Body, zoeklicht.FieldImages: list(r.Images), zoeklicht.FieldPhones: phonesOf(r),
		zoeklicht.FieldPrice: "", zoeklicht.FieldDate: "", zoeklicht.FieldPlace: "",
	}
	from := map[string]string{}
	for _, f := range r.Fields {
		if _, ok := from[f.Name]; !ok {
			from[f.Name] = f.From
		}
		switch f.Name {
		case zoeklicht.FieldTitle, zoeklicht.FieldBody, zoeklicht.FieldImages, zoeklicht.FieldPhones:
			continue // their values are above
		}
		// One value is a text, several are a list.
		switch have := a[f.Name].(type) {
		case nil:
			a[f.Name] = f.Value
		case string:
			if have == "" {
				a[f.Name] = f.Value
			} else {
				a[f.Name] = []string{have, f.Value}
			}
		case []string:
			a[f.Name] = append(have, f.Value)
		}
	}
	return &reading{
		Advert: a, Template: template, Confidence: r.Confidence, URL: address, Key: r.Key, Kind: kind, Lang: r.Lang, Reader: r.Reader,
		NotContent: r.NotContent, From: from, Entities: list(r.Entities),
	}
}

// phonesOf gives the numbers found, as E.164, each once.
func phonesOf(r *zoeklicht.Reading) []string {
	out := []string{}
	for _, e := range r.Entities {
		if e.Type == zoeklicht.Phone && !slices.Contains(out, e.Value) {
			out = append(out, e.Value)
		}
	}
	return out
}

func (r *reading) print(out *Out) error {
	if out.JSON {
		return out.object(r)
	}
	if r.NotContent != "" {
		out.Notice("This page is no content: %s.", r.NotContent)
	}
	names := make([]string, 0, len(r.Advert))
	for n := range r.Advert {
		names = append(names, n)
	}
	slices.Sort(names)
	var rows [][]string
	for _, n := range names {
		var values []string
		switch v := r.Advert[n].(type) {
		case string:
			values = []string{v}
		case []string:
			values = v
		}
		for _, v := range values {
			if v != "" {
				rows = append(rows, []string{n, cut(visible(v), 100), r.From[n]})
			}
		}
	}
	if err := out.say("template %s, confidence %.2f, %s page, language %q", visible(r.Template), r.Confidence, r.Kind, r.Lang); err != nil {
		return err
	}
	if len(rows) == 0 {
		return out.say("No field was found.")
	}
	return out.table([]string{"FIELD", "VALUE", "FOUND IN"}, rows)
}
