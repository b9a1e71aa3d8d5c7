package theme_test

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"zoeklicht"
	"zoeklicht/internal/theme"
	"zoeklicht/themes"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestProblems reads the packs of each testdata/*.txtar and compares what is
// told about them with the file "problems" at its end.
func TestProblems(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, packs := "", fstest.MapFS{}
			rest := archive.Files[:0:0]
			for _, f := range archive.Files {
				if f.Name == "problems" {
					want = string(f.Data)
					continue
				}
				rest = append(rest, f)
				packs[f.Name] = &fstest.MapFile{Data: f.Data}
			}
			names, err := theme.Names(packs)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, name := range names {
				_, problems, err := theme.Load(packs, name)
				if err != nil {
					t.Fatal(err)
				}
				got += problems.String()
			}
			if *update {
				archive.Files = append(rest, txtar.File{Name: "problems", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func load(t *testing.T, name zoeklicht.ThemeName) *zoeklicht.Theme {
	t.Helper()
	got, problems, err := theme.Load(themes.Packs, name)
	if err != nil || len(problems) > 0 {
		t.Fatalf("%v\n%s", err, problems)
	}
	return got
}

func TestPracticePack(t *testing.T) {
	t.Parallel()
	got := load(t, "practice")
	if !got.Practice || len(got.Missing) != 0 {
		t.Errorf("practice %v, missing %v", got.Practice, got.Missing)
	}
	unread := 0
	for _, s := range got.Sources {
		if missing := s.Considerations.Complete(); missing != nil {
			t.Errorf("%s: considerations without %v", s.ID, missing)
		}
		if s.State != zoeklicht.Proposed {
			t.Errorf("%s: state %s", s.ID, s.State)
		}
		if s.Recipe == 0 { // one that nobody should read
			unread++
			continue
		}
		if d := s.Schedule.WithDefaults().Delay; d != 0 {
			t.Errorf("%s: delay %s", s.ID, d)
		}
	}
	if unread > 1 {
		t.Errorf("%d sources without a recipe", unread)
	}
	if len(got.PhonePatterns) != 1 {
		t.Fatalf("phone patterns %q", got.PhonePatterns)
	}
	re := regexp.MustCompile(got.PhonePatterns[0])
	for number, want := range map[string]bool{
		"+31600012345": true, "+31600000000": true,
		"+31612345678": false, "+316000123456": false, "+3160001234": false, "0031600012345": false,
	} {
		if re.MatchString(number) != want {
			t.Errorf("%s taken: %v, want %v", number, !want, want)
		}
	}
}

func TestTraffickingPackCannotBeActivated(t *testing.T) {
	t.Parallel()
	got := load(t, "trafficking")
	if got.Practice || len(got.Sources) != 0 {
		t.Errorf("practice %v, %d sources seeded", got.Practice, len(got.Sources))
	}
	if len(got.Missing) < 5 {
		t.Errorf("only %d things missing", len(got.Missing))
	}
	if got.Question.NL != "Betreft deze advertentie mogelijk signalen van seksuele uitbuiting?" {
		t.Errorf("question %q", got.Question.NL)
	}
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	want := map[string]string{"Wpg 8": "2036-03-01", "Wpg 9": "2031-09-01", "Wpg 10": "2036-03-01"}
	for _, term := range got.Terms {
		end := term.Removed.After(term.Compare.After(term.Active.After(day))).Format(time.DateOnly)
		if end != want[term.Article] {
			t.Errorf("%s: data of %s destroyed on %s, want %q", term.Article, day.Format(time.DateOnly), end, want[term.Article])
		}
		delete(want, term.Article)
	}
	if len(want) > 0 {
		t.Errorf("no terms for %v", want)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	got, err := theme.Names(themes.Packs)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]zoeklicht.ThemeName{"practice", "trafficking"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoadErrors(t *testing.T) {
	t.Parallel()
	for name, want := range map[zoeklicht.ThemeName]zoeklicht.Code{
		"nowhere": zoeklicht.NotFound, "../practice": zoeklicht.Invalid, "practice/recipes": zoeklicht.Invalid, "": zoeklicht.Invalid,
	} {
		if got, _, err := theme.Load(themes.Packs, name); zoeklicht.CodeOf(err) != want || got != nil {
			t.Errorf("Load(%q): %v, want code %s", name, err, want)
		}
	}
	denied := errors.New("the disk is gone")
	if _, _, err := theme.Load(brokenFS{denied}, "demo"); !errors.Is(err, denied) {
		t.Errorf("a failure to read: %v", err)
	}
	big := fstest.MapFS{"demo/theme.yaml": {Data: []byte(strings.Repeat("# much\n", 100_000))}}
	got, problems, err := theme.Load(big, "demo")
	if got != nil || err != nil || len(problems) != 1 || !strings.Contains(problems[0].Text, "bytes") {
		t.Errorf("a big file: %v %v %v", got, problems, err)
	}
}

type brokenFS struct{ err error }

func (b brokenFS) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: b.err}
}

func TestProblemsErr(t *testing.T) {
	t.Parallel()
	if err := theme.Problems(nil).Err(); err != nil {
		t.Errorf("no problems: %v", err)
	}
	err := theme.Problems{{File: "a.yaml", Line: 3, Column: 5, Text: "wrong"}, {File: "b.yaml", Text: "also"}}.Err()
	if got, want := err.Error(), "a.yaml:3:5: wrong (and 1 more); nothing was changed; correct the file and check it again"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestFill(t *testing.T) {
	t.Parallel()
	pack := load(t, "practice")
	before := pack.Sources[0].Home
	hosts := map[string]string{}
	for i, s := range pack.Sources {
		hosts[string(s.ID)] = "127.0.0.1:900" + string(rune('0'+i))
	}
	if _, err := theme.Fill(pack, nil); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("no hosts: %v", err)
	}
	hosts["beeldbank"] = "127.0.0.1:9009"
	filled, err := theme.Fill(pack, hosts)
	if err != nil {
		t.Fatal(err)
	}
	s := filled.Sources[0]
	if s.Home != "http://127.0.0.1:9000/" || s.Scope.Hosts[0] != "127.0.0.1:9000" {
		t.Errorf("home %s, hosts %v", s.Home, s.Scope.Hosts)
	}
	if pack.Sources[0].Home != before || pack.Sources[0].Scope.Hosts[0] == s.Scope.Hosts[0] {
		t.Error("the pack itself was changed")
	}
}

// The grammar of paths and transforms that internal/extract reads is taken.
func TestParseRecipeTakesWhatIsRead(t *testing.T) {
	t.Parallel()
	got, problems := theme.ParseRecipe("r.yaml", []byte(`
source: shop
version: 3
template: shop
listing:
  match: ^/l
  start: [/l, "l?p=1", ?p=1]
  json: {items: "$.data.*.ads[0]", url: "/ad/{id}/{slug.nl}", next: "/l?p={next}", total: 'a\.b.n'}
  expect: 3
advert:
  match: ^/ad
  fields:
    title: {json: "[0].name"}
    body: {select: "script[type='application/ld+json']", json: "@json @graph.0.text", do: [html, text, lower]}
    price: {select: b, do: ['regexp:\d+', "replace:a=>", "join:", "split:\n", "date:2 January 2006"]}
not_content:
  - {kind: soft-404, select: .gone, text: (?i)gone}
`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	want := zoeklicht.Field{
		Select: "script[type='application/ld+json']", JSON: "@json @graph.0.text", Do: []string{"html", "text", "lower"},
	}
	if diff := cmp.Diff(want, got.Advert.Fields["body"]); diff != "" {
		t.Error(diff)
	}
	if got.Source != "shop" || got.Version != 3 || got.Listing.Expect != 3 || got.Listing.JSON.Next != "/l?p={next}" ||
		len(got.Listing.Start) != 3 || got.NotContent[0].Kind != zoeklicht.SoftNotFound {
		t.Errorf("%+v", got)
	}
}

// FuzzParseRecipe: whatever the bytes, there is either a recipe or a problem
// that points into the file, and never a panic.
func FuzzParseRecipe(f *testing.F) {
	add := func(name string) {
		b, err := fs.ReadFile(themes.Packs, name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	add("practice/recipes/admarkt.yaml")
	add("practice/theme.yaml")
	f.Add([]byte("a: &x [*x]\nb: {<<: *x}\n"))
	f.Add([]byte("source: |2\n  a\n? b\n: !!binary aGk=\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		recipe, problems := theme.ParseRecipe("fuzz.yaml", b)
		if (recipe == nil) == (len(problems) == 0) {
			t.Fatalf("recipe %v with problems %v", recipe, problems)
		}
		lines := strings.Count(string(b), "\n") + strings.Count(string(b), "\r") + 1
		for _, p := range problems {
			if p.Text == "" || p.Line < 0 || p.Line > lines+1 {
				t.Errorf("problem %+v in a file of %d lines", p, lines)
			}
		}
		_, _, err := theme.Load(fstest.MapFS{"x/theme.yaml": {Data: b}}, "x")
		if err != nil {
			t.Errorf("reading from memory: %v", err)
		}
	})
}
