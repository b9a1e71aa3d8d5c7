package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/cli"
	"zoeklicht/internal/extract"
	"zoeklicht/internal/postgres"
	"zoeklicht/internal/store"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write the golden files anew")

// hostile is a text that would steer a terminal.
const hostile = "Massage\x1b]0;owned\x07 \u202etfel\u202c\u200b on\r\nappointment"

func mustProposal(t *testing.T, yaml string) *cli.Proposal {
	t.Helper()
	p, err := cli.ReadProposal("source.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const wholeSource = `
id: city-guide
title: City guide
home: http://127.0.0.1:8101/
scope:
  hosts: ["127.0.0.1:8101"]
  picture_hosts: ["127.0.0.1:8102"]
  paths: [/ads/]
  private: [127.0.0.1/32]
schedule: {every: 12h, delay: 2s, in_flight: 2}
priority: 2
expected: 40 adverts a day
reason: Named in two reports
considerations:
  public: "yes"
`

const page = `<html lang="en"><title>x</title><main><h1>Sports massage in Zwolle</h1>
<p class="text">By appointment, every day but Sunday. Call 06 0001 2345 for a time that suits you, or leave a message on the machine.</p>
<p class="price">&euro; 75</p><img src="/p/1.jpg"><span class="tag">calm</span><span class="tag">parking</span></main></html>`

const recipe = `source: city-guide
version: 1
template: guide 2026
listing: {match: ^/ads/$, start: [/ads/], links: a.ad}
advert:
  match: ^/ads/\d+$
  id: ^/ads/(\d+)$
  fields:
    title: {select: h1, do: [trim]}
    body: {select: p.text, do: [text]}
    price: {select: p.price, do: [trim, price]}
    tag: {select: span.tag, all: true, do: [trim]}
    images: {select: img, attr: src, all: true, do: [url]}
  require: [title, body]
`

// practiceOptions take numbers that nobody can have.
var practiceOptions = extract.Options{Regions: []string{"NL"}, PhonePatterns: []string{`^\+316000\d{5}$`}}

// TestAnswers holds what every verb prints, for people and as JSON, to golden files.
func TestAnswers(t *testing.T) {
	t.Parallel()
	reveal := &cli.Search{Question: zoeklicht.Question{Text: "massage"}, Page: 1, Limit: 2, Reveal: true}
	masked := &cli.Search{Question: zoeklicht.Question{Text: "massage"}, Page: 1, Limit: 2}
	badRecipe := strings.Replace(recipe, "select: h1", "selctor: h1", 1)
	packs := map[zoeklicht.ThemeName]*zoeklicht.Theme{
		"practice":    {Name: "practice", Practice: true, Title: zoeklicht.Text{NL: "Oefenthema", EN: "Practice theme"}},
		"trafficking": {Name: "trafficking", Title: zoeklicht.Text{NL: "Mensenhandel", EN: "Human trafficking"}, Missing: []zoeklicht.Text{{NL: "het logboek", EN: "the ledger."}, {NL: "de klokken", EN: "the clocks."}}},
	}
	states := []access.ThemeState{
		{Name: "practice", Practice: true, Added: now.AddDate(0, -1, 0), Active: true, Since: now.AddDate(0, -1, 0), Reason: "to practise"},
		{Name: "smuggling", Added: now.AddDate(0, -2, 0), Since: now.AddDate(0, -1, 0), Reason: "review"},
	}
	for _, c := range []struct {
		name string
		do   func(ctx context.Context, out *cli.Out) error
	}{
		{"source-list", func(ctx context.Context, out *cli.Out) error { return cli.ListSources(ctx, newRegister(), now, out) }},
		{"source-show", func(ctx context.Context, out *cli.Out) error {
			return cli.ShowSource(ctx, newRegister(), "admarkt", now, out)
		}},
		{"source-propose", func(ctx context.Context, out *cli.Out) error {
			return cli.Propose(ctx, newRegister(), mustProposal(t, wholeSource), out)
		}},
		{"source-propose-wrong", func(ctx context.Context, out *cli.Out) error {
			return cli.Propose(ctx, newRegister(), &cli.Proposal{
				ID: "City Guide", Home: "ftp://x/", Priority: 9,
				Scope:    zoeklicht.Scope{Hosts: []string{"*.example"}, Paths: []string{"ads"}, Private: []string{"8.8.8.8/32", "home"}},
				Schedule: zoeklicht.Schedule{Every: -time.Hour, IgnoreRobots: true},
			}, out)
		}},
		{"source-approve", func(ctx context.Context, out *cli.Out) error {
			return cli.Decide(ctx, newRegister(), zoeklicht.Decision{Source: "new", Kind: zoeklicht.Approve, Reason: "needed", ReviewBy: now.AddDate(1, 0, 0)}, out)
		}},
		{"source-vet-wrong", func(ctx context.Context, out *cli.Out) error {
			return cli.Decide(ctx, newRegister(), zoeklicht.Decision{Kind: zoeklicht.Approve, Reason: " "}, out)
		}},
		{"source-recipe", func(ctx context.Context, out *cli.Out) error {
			return cli.AddRecipe(ctx, newRegister(), "", "guide.yaml", []byte(recipe), "written for it", out)
		}},
		{"source-recipe-wrong", func(ctx context.Context, out *cli.Out) error {
			return cli.AddRecipe(ctx, newRegister(), "city-guide", "guide.yaml", []byte(badRecipe), "written for it", out)
		}},
		{"source-recipe-of-another", func(ctx context.Context, out *cli.Out) error {
			return cli.AddRecipe(ctx, newRegister(), "admarkt", "guide.yaml", []byte(recipe), "", out)
		}},
		{"search", func(ctx context.Context, out *cli.Out) error { return masked.Run(ctx, newAsker(), out) }},
		{"search-reveal", func(ctx context.Context, out *cli.Out) error { return reveal.Run(ctx, newAsker(), out) }},
		{"search-hostile", func(ctx context.Context, out *cli.Out) error {
			a := newAsker()
			a.res.Rows = a.res.Rows[:1]
			a.res.Rows[0].Version.Title, a.res.Rows[0].Version.Place = hostile, "\u2066Utrecht\U000e0041"
			return masked.Run(ctx, a, out)
		}},
		{"search-nothing", func(ctx context.Context, out *cli.Out) error {
			return masked.Run(ctx, &asker{res: zoeklicht.Result{ID: "r-none", AsOf: now, Seq: 42}}, out)
		}},
		{"search-wrong", func(ctx context.Context, out *cli.Out) error {
			return (&cli.Search{Question: zoeklicht.Question{Text: "x"}, Result: "r-abc", Limit: 5000}).Run(ctx, newAsker(), out)
		}},
		{"crawl", func(_ context.Context, out *cli.Out) error {
			return (&cli.CrawlResult{
				URLs: 286, Captured: 280, Failed: map[zoeklicht.Fail]int{zoeklicht.FailTimeout: 2, zoeklicht.FailDNS: 4}, Adverts: 270, NewVersions: 3, Sightings: 267,
				Pictures: 500, Bytes: 12_345_678, Seconds: 61.5, Source: "admarkt", Run: 12, Expected: 300, Missing: 9, Outside: 8, Gone: 1,
				Drift: "listings led to 270 adverts, the site says it has 300",
			}).Print(out)
		}},
		{"extract-generic", func(_ context.Context, out *cli.Out) error {
			return (&cli.Extract{URL: "https://guide.example/ads/12", Name: "12.html", Body: []byte(page), Options: practiceOptions}).Run(out)
		}},
		{"extract-recipe", func(_ context.Context, out *cli.Out) error {
			return (&cli.Extract{
				URL: "https://guide.example/ads/12", Name: "12.html", Body: []byte(page), Options: practiceOptions,
				Recipe: []byte(recipe), RecipeName: "guide.yaml",
			}).Run(out)
		}},
		{"extract-no-address", func(_ context.Context, out *cli.Out) error {
			return (&cli.Extract{URL: "12.html", Name: "12.html", Body: []byte(page)}).Run(out)
		}},
		{"extract-wrong-recipe", func(_ context.Context, out *cli.Out) error {
			return (&cli.Extract{URL: "https://guide.example/ads/12", Body: []byte(page), Recipe: []byte(badRecipe), RecipeName: "guide.yaml"}).Run(out)
		}},
		{"theme-list", func(_ context.Context, out *cli.Out) error { return cli.ListThemes(packs, states, out) }},
		{"theme-misses", func(context.Context, *cli.Out) error { return cli.Misses(packs["trafficking"]) }},
		{"person-list", func(ctx context.Context, out *cli.Out) error { return cli.ListPeople(ctx, newOffice(), out) }},
		{"person-add", func(ctx context.Context, out *cli.Out) error {
			return cli.AddPerson(ctx, newOffice(), access.Console, access.NewPerson{Login: "cas", Name: "Cas", Lang: "nl"}, out)
		}},
		{"person-add-given", func(ctx context.Context, out *cli.Out) error {
			return cli.AddPerson(ctx, newOffice(), access.Console, access.NewPerson{Login: "cas", Name: "Cas", Lang: "nl", Password: "told-to-nobody"}, out)
		}},
		{"person-reset", func(ctx context.Context, out *cli.Out) error {
			return cli.ResetPerson(ctx, newOffice(), access.Console, "ann", out)
		}},
		{"person-disable", func(ctx context.Context, out *cli.Out) error {
			return cli.DisablePerson(ctx, newOffice(), 1, "bob", "left", out)
		}},
		{"person-enable", func(ctx context.Context, out *cli.Out) error {
			return cli.EnablePerson(ctx, newOffice(), 1, "eve", "came back", out)
		}},
		{"person-unknown", func(ctx context.Context, out *cli.Out) error {
			return cli.DisablePerson(ctx, newOffice(), 1, "zoe", "left", out)
		}},
		{"person-no-reason", func(ctx context.Context, out *cli.Out) error {
			return cli.DisablePerson(ctx, newOffice(), 1, "bob", "", out)
		}},
		{"init", func(ctx context.Context, out *cli.Out) error {
			return cli.Init(ctx, newOffice(), access.NewPerson{Login: "cas", Name: "Cas", Lang: "nl"}, out)
		}},
		{"init-again", func(ctx context.Context, out *cli.Out) error {
			return cli.Init(ctx, &office{admin: true}, access.NewPerson{Login: "cas", Name: "Cas"}, out)
		}},
		{"grant-list", func(ctx context.Context, out *cli.Out) error {
			return cli.ListGrants(ctx, newOffice(), "", false, now, out)
		}},
		{"grant-list-all", func(ctx context.Context, out *cli.Out) error {
			return cli.ListGrants(ctx, newOffice(), "", true, now, out)
		}},
		{"grant-give", func(ctx context.Context, out *cli.Out) error {
			return cli.GiveGrant(ctx, newOffice(), 1, "bob", zoeklicht.Grant{Theme: "practice", Role: zoeklicht.Analyst, Task: "case 7", Until: now.AddDate(1, 0, 0)}, func() time.Time { return now }, out)
		}},
		{"grant-give-wrong", func(ctx context.Context, out *cli.Out) error {
			return cli.GiveGrant(ctx, newOffice(), 1, "", zoeklicht.Grant{}, func() time.Time { return now }, out)
		}},
		{"grant-revoke", func(ctx context.Context, out *cli.Out) error {
			return cli.RevokeGrant(ctx, newOffice(), 1, 9, "task done", out)
		}},
		{"audit", func(ctx context.Context, out *cli.Out) error {
			return cli.Audit(ctx, &trail{}, store.AuditQuery{Limit: 2}, out)
		}},
		{"doctor", func(_ context.Context, out *cli.Out) error {
			found := cli.FromServer([]postgres.Finding{
				{Check: "version", Grade: postgres.Good, Is: "PostgreSQL 18.4, of our own"},
				{Check: "connections", Grade: postgres.Doubtful, Is: "90 of 100 in use", Do: "raise max_connections"},
			})
			return cli.PrintFindings(append(found, cli.Failed("keys", errors.New("no key file"), "restore it from a backup").In("practice")), out)
		}},
		{"doctor-well", func(_ context.Context, out *cli.Out) error {
			return cli.PrintFindings([]cli.Finding{{Check: "disk", Grade: cli.OK, Is: "enough"}}, out)
		}},
		{"export", func(_ context.Context, out *cli.Out) error {
			return (&cli.Exported{File: "run.warc.gz", Run: 3, Source: "admarkt", Captures: 1, Items: 3, Records: 12, Bytes: 45678, Destroyed: 2}).Print(out)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			golden(t, c.name, func(out *cli.Out) error { return c.do(t.Context(), out) })
		})
	}
}

// golden holds a verb's two forms to its golden file.
func golden(t *testing.T, name string, do func(out *cli.Out) error) {
	t.Helper()
	file := filepath.Join("testdata", name+".txtar")
	got := &txtar.Archive{}
	for _, form := range []string{"people", "json"} {
		var answer, beside bytes.Buffer
		err := do(&cli.Out{To: &answer, Err: &beside, JSON: form == "json", Lang: "en", Zone: amsterdam()})
		if form == "json" && err == nil {
			checkJSON(t, answer.Bytes())
		}
		if form == "people" {
			checkTerminal(t, answer.String())
		}
		add := func(part string, data []byte) {
			if len(data) > 0 {
				got.Files = append(got.Files, txtar.File{Name: form + " " + part, Data: data})
			}
		}
		add("stdout", answer.Bytes())
		add("stderr", beside.Bytes())
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has more than one line: %q", err)
			}
			add("error "+string(zoeklicht.CodeOf(err)), []byte(err.Error()+"\n"))
		}
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(txtar.Format(got))); diff != "" {
		t.Errorf("differs from %s (-want +got):\n%s", file, diff)
	}
}

// checkJSON holds an answer to one object a line, read back as it is.
func checkJSON(t *testing.T, answer []byte) {
	t.Helper()
	for line := range bytes.Lines(answer) {
		var v map[string]any
		if err := json.Unmarshal(line, &v); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// checkTerminal holds an answer to what cannot steer a terminal.
func checkTerminal(t *testing.T, answer string) {
	t.Helper()
	if i := strings.IndexFunc(answer, func(r rune) bool {
		return r != '\n' && (r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069)
	}); i >= 0 {
		t.Errorf("%q stands in the answer", answer[i:min(len(answer), i+10)])
	}
}

// TestHostileJSON reads back what was escaped for a terminal's sake.
func TestHostileJSON(t *testing.T) {
	t.Parallel()
	a := newAsker()
	a.res.Rows[0].Version.Title = hostile
	var answer bytes.Buffer
	err := (&cli.Search{Page: 1, Limit: 2}).Run(t.Context(), a, &cli.Out{To: &answer, JSON: true})
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(answer.String(), "\x1b\x07\u202e\u202c\u200b") {
		t.Errorf("raw characters that steer a terminal: %q", answer.String())
	}
	var got struct {
		Rows []struct{ Title string }
	}
	if err := json.Unmarshal(answer.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Rows[0].Title != hostile {
		t.Errorf("read back as %q", got.Rows[0].Title)
	}
}

func TestSearchAsks(t *testing.T) {
	t.Parallel()
	out := &cli.Out{To: &bytes.Buffer{}, Err: &bytes.Buffer{}}
	a := newAsker()
	q := zoeklicht.Question{Text: "massage", Place: "Utrecht"}
	if err := (&cli.Search{Question: q, AsOf: now, Page: 3, Limit: 20}).Run(t.Context(), a, out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(q, a.question); diff != "" || !a.asOf.Equal(now) || a.from != 40 || a.n != 20 || a.revealed != nil {
		t.Errorf("asked as of %v, %d rows from %d, revealed %v; question %s", a.asOf, a.n, a.from, a.revealed, diff)
	}
	if err := (&cli.Search{Result: "r-abcdefghij", Page: 1, Limit: 20, Reveal: true}).Run(t.Context(), a, out); err != nil {
		t.Fatal(err)
	}
	if a.again != "r-abcdefghij" {
		t.Errorf("asked result %q again", a.again)
	}
	if diff := cmp.Diff([]zoeklicht.VersionID{71}, a.revealed); diff != "" {
		t.Errorf("revealed, each once and none that is destroyed (-want +got):\n%s", diff)
	}
}

func TestProposalReads(t *testing.T) {
	t.Parallel()
	r := newRegister()
	out := &cli.Out{To: &bytes.Buffer{}, Err: &bytes.Buffer{}}
	if err := cli.Propose(t.Context(), r, mustProposal(t, wholeSource), out); err != nil {
		t.Fatal(err)
	}
	want := &zoeklicht.Source{
		ID: "city-guide", Title: "City guide", Home: "http://127.0.0.1:8101/", State: zoeklicht.Proposed, Priority: 2, Expected: "40 adverts a day",
		Scope:          zoeklicht.Scope{Hosts: []string{"127.0.0.1:8101"}, PictureHosts: []string{"127.0.0.1:8102"}, Paths: []string{"/ads/"}, Private: []string{"127.0.0.1/32"}},
		Schedule:       zoeklicht.Schedule{Every: 12 * time.Hour, Delay: 2 * time.Second, InFlight: 2},
		Considerations: zoeklicht.Considerations{Public: "yes"},
	}
	if diff := cmp.Diff(want, r.proposed); diff != "" {
		t.Errorf("proposed (-want +got):\n%s", diff)
	}
	if r.decided[0].Reason != "Named in two reports" || r.decided[0].Considerations.Public != "yes" {
		t.Errorf("decided %+v", r.decided[0])
	}
	for _, c := range []struct{ name, yaml, want string }{
		{"unknown key", "id: x\ntitel: y\n", `source.yaml:2:1: unknown field "titel"`},
		{"wrong kind", "id: x\npriority: high\n", "source.yaml:2:11: "},
		{"no length of time", "schedule:\n  every: often\n", "source.yaml:2:10: "},
		{"no YAML", "id: [x\n", "source.yaml:"},
	} {
		_, err := cli.ReadProposal("source.yaml", []byte(c.yaml))
		if zoeklicht.CodeOf(err) != zoeklicht.Invalid || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s…", c.name, err, c.want)
		}
	}
	if c, err := cli.ReadConsiderations("c.yaml", []byte("public: yes it is\nagainst: little\n")); err != nil || c.Public != "yes it is" || c.Against != "little" {
		t.Errorf("considerations %+v, %v", c, err)
	}
}

func TestHomeHostIsUnderstood(t *testing.T) {
	t.Parallel()
	p := &cli.Proposal{ID: "x", Title: "X", Home: "https://Ads.Example/list", Reason: "seen"}
	src, _, err := p.Source()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"ads.example"}, src.Scope.Hosts); diff != "" || src.Priority != 3 {
		t.Errorf("priority %d, hosts %s", src.Priority, diff)
	}
}
