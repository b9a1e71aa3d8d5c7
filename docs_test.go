package zoeklicht_test

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"zoeklicht"
	"zoeklicht/internal/cli"
	"zoeklicht/internal/extract"
	"zoeklicht/internal/theme"
)

// pages gives the documents that people read, by path.
func pages(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	read := func(path string) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out[path] = string(b)
	}
	for _, path := range []string{"README.md", "README.nl.md", "CONTRIBUTING.md"} {
		read(path)
	}
	err := filepath.WalkDir("docs", func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".md") {
			read(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var (
	mdLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	mdHeading = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)
	mdFence   = regexp.MustCompile("(?ms)^```.*?^```$")
	notAnchor = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors gives the names by which a document's headings are linked to, as GitHub
// makes them.
func anchors(page string) (out []string) {
	for _, m := range mdHeading.FindAllStringSubmatch(mdFence.ReplaceAllString(page, ""), -1) {
		name := notAnchor.ReplaceAllString(strings.ToLower(m[1]), "")
		out = append(out, strings.ReplaceAll(name, " ", "-"))
	}
	return out
}

// TestLinks follows every link from one document to another, and to its headings.
func TestLinks(t *testing.T) {
	t.Parallel()
	all := pages(t)
	for path, page := range all {
		for _, m := range mdLink.FindAllStringSubmatch(mdFence.ReplaceAllString(page, ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			file, anchor, _ := strings.Cut(m[1], "#")
			to := path
			if file != "" {
				to = filepath.Join(filepath.Dir(path), file)
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s leads to %s: %v", path, m[1], err)
				continue
			}
			if anchor != "" && !slices.Contains(anchors(all[to]), anchor) {
				t.Errorf("%s leads to %s: there is no such heading; there are %q", path, m[1], anchors(all[to]))
			}
		}
	}
}

// TestBothLanguages: the guides are there in Dutch and in English, with as many
// headings and as many commands, and the commands are the same.
func TestBothLanguages(t *testing.T) {
	t.Parallel()
	all := pages(t)
	for path, dutch := range all {
		name, ok := strings.CutPrefix(path, "docs/nl/")
		if !ok {
			continue
		}
		english, ok := all[filepath.Join("docs/en", strings.Replace(name, "begrippen", "terms", 1))]
		if !ok {
			t.Errorf("%s has no English twin", path)
			continue
		}
		if d, e := len(anchors(dutch)), len(anchors(english)); d != e {
			t.Errorf("%s has %d headings, its English twin %d", path, d, e)
		}
		if diff := cmp.Diff(commands(english), commands(dutch)); diff != "" {
			t.Errorf("commands of %s (-English +Dutch):\n%s", path, diff)
		}
	}
	for path := range all {
		if name, ok := strings.CutPrefix(path, "docs/en/"); ok {
			if _, ok := all[filepath.Join("docs/nl", strings.Replace(name, "terms", "begrippen", 1))]; !ok {
				t.Errorf("%s has no Dutch twin", path)
			}
		}
	}
}

var (
	shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")
	quoted     = regexp.MustCompile(`"[^"]*"`)
)

// commands gives the shell commands of a document, without the texts in them.
func commands(page string) (out []string) {
	for _, m := range shellBlock.FindAllStringSubmatch(page, -1) {
		for line := range strings.Lines(m[1]) {
			line, _, _ = strings.Cut(line, " # ")
			out = append(out, strings.TrimSpace(quoted.ReplaceAllString(line, `"…"`)))
		}
	}
	return out
}

// TestExample reads the example source as its guide says, so that the example holds.
func TestExample(t *testing.T) {
	t.Parallel()
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join("docs/examples/kade", name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	recipe, problems := theme.ParseRecipe("recipe.yaml", read("recipe.yaml"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	doc := pages(t)["docs/design/recipes.md"]
	if !strings.Contains(doc, string(read("recipe.yaml"))) {
		t.Error("docs/design/recipes.md shows another recipe than docs/examples/kade/recipe.yaml")
	}
	proposal, err := cli.ReadProposal("source.yaml", read("source.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	src, _, err := proposal.Source()
	if err != nil {
		t.Fatal(err)
	}
	if src.Considerations, err = cli.ReadConsiderations("considerations.yaml", read("considerations.yaml")); err != nil || src.Considerations.Complete() != nil {
		t.Errorf("considerations: %v, unanswered %v", err, src.Considerations.Complete())
	}
	reader, err := extract.Compile(recipe, extract.Options{Regions: []string{"NL"}, PhonePatterns: []string{`\+316000\d{5}`}})
	if err != nil {
		t.Fatal(err)
	}
	page := func(path string) extract.Page {
		return extract.Page{
			URL: "http://127.0.0.1:8391" + path, Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/html"}},
			Body: read("site" + strings.TrimSuffix(path, "/") + map[bool]string{true: "/index.html"}[strings.HasSuffix(path, "/")]),
		}
	}
	links := reader.Links(page("/aanbod/"))
	if len(links.Adverts) != 3 || links.Total != 3 || links.NotContent != "" {
		t.Errorf("listing: %+v", links)
	}
	r := reader.Read(page("/aanbod/101.html"))
	got := map[string]string{"key": r.Key, "title": r.Title, "price": r.Field("price"), "place": r.Field("place"), "date": r.Field("date"), "lang": r.Lang}
	for _, e := range r.Entities {
		got["entity "+string(e.Type)] = e.Value
	}
	for _, i := range r.Images {
		got["image"] = i
	}
	want := map[string]string{
		"key": "101", "title": "Ontspannende massage op afspraak", "price": "65", "place": "Zwolle", "date": "2026-11-14", "lang": "nl",
		"entity phone": "+31600041234", "entity price": "EUR 65", "entity place": "GM0193", "entity availability": "mo-fr 09:00-18:00", "image": "http://127.0.0.1:8391/aanbod/foto/101.png",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("advert 101 (-want +got):\n%s", diff)
	}
}

// TestNames: the guides name every role, and the format reference every kind of page
// that is not content.
func TestNames(t *testing.T) {
	t.Parallel()
	all := pages(t)
	names := func(path, name string) {
		if !strings.Contains(all[path], "`"+name+"`") {
			t.Errorf("%s does not name %s", path, name)
		}
	}
	for _, r := range zoeklicht.Roles {
		names("docs/en/operator.md", string(r))
		names("docs/nl/operator.md", string(r))
	}
	for _, kind := range []zoeklicht.NotContent{
		zoeklicht.LoginWall, zoeklicht.Captcha, zoeklicht.ConsentPage, zoeklicht.ErrorPage,
		zoeklicht.SoftNotFound, zoeklicht.EmptyTemplate, zoeklicht.RateLimited, zoeklicht.Unreadable,
	} {
		names("docs/design/recipes.md", string(kind))
	}
}
