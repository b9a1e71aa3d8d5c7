package web

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/wording"

	"github.com/google/go-cmp/cmp"
)

func TestQuestionForm(t *testing.T) {
	for _, c := range []struct {
		query string
		want  zoeklicht.Question
		wrong []string
	}{
		{"q=massage+-weekend", zoeklicht.Question{Text: "massage -weekend"}, nil},
		{
			"q=&from=1-11-2026&to=22/11/2026&place=Breda&phone=06+000+12345&lang=nl&state=gone&picture=with&newest=1&source=b&source=a&source=a&source=",
			zoeklicht.Question{From: "2026-11-01", To: "2026-11-22", Place: "Breda", Phone: "06 000 12345", Lang: "nl", State: "gone", Picture: "with", Newest: true, Sources: []zoeklicht.SourceID{"a", "b"}},
			nil,
		},
		{"from=32-1-2026&to=x", zoeklicht.Question{}, []string{"from", "to"}},
		{"from=2-1-2026&to=1-1-2026", zoeklicht.Question{From: "2026-01-02", To: "2026-01-01"}, []string{"to"}},
		{"phone=" + url.QueryEscape("٠٦٠٠"), zoeklicht.Question{Phone: "٠٦٠٠"}, nil},
	} {
		v, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		got, errs := readSearchForm(v).question()
		var wrong []string
		for _, e := range errs {
			wrong = append(wrong, e.Field)
		}
		if !slices.Equal(wrong, c.wrong) {
			t.Errorf("%s: wrong are %v, want %v", c.query, wrong, c.wrong)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.query, d)
		}
		// What a question's form asks is the question itself.
		if len(c.wrong) == 0 {
			back, errs := readSearchForm(formOf(got).values()).question()
			if d := cmp.Diff(got, back); d != "" || len(errs) > 0 {
				t.Errorf("%s: asked again: %s %v", c.query, d, errs)
			}
		}
	}
}

func TestPurpose(t *testing.T) {
	for in, want := range map[string]string{
		"zaak 2026-0142":            "zaak 2026-0142",
		"  weekly \n\t review  ":    "weekly review",
		"x":                         "frame.purpose-short",
		"xxxxxxxxxx":                "frame.purpose-short",
		"abab":                      "frame.purpose-short",
		"":                          "frame.purpose-short",
		strings.Repeat("abcd ", 50): "frame.purpose-long",
		"zaak\u202e1234":            "frame.purpose-odd",
		"zaak \x07 1234":            "frame.purpose-odd",
		"zaak \xff 1234":            "frame.purpose-odd",
	} {
		got, problem := readPurpose(in)
		if problem != "" {
			got = string(problem)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func proposal(change map[string]string) url.Values {
	v := url.Values{
		"title": {"Example board"}, "home": {"https://Board.example/list"}, "hosts": {"www.board.example,\nm.board.example"},
		"paths": {"/adverts/\n/list"}, "picture_hosts": {"IMG.board.example"}, "priority": {"2"}, "every": {"12"},
		"reason": {"Named in a report of last week."}, "public": {" yes \r\n really "}, "expected": {"200 a week"},
	}
	for k, s := range change {
		v.Set(k, s)
	}
	return v
}

func TestProposal(t *testing.T) {
	src, dec, errs := readProposal(proposal(nil))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	want := &zoeklicht.Source{
		ID: "example-board", Title: "Example board", Home: "https://board.example/list", State: zoeklicht.Proposed, Priority: 2, Expected: "200 a week",
		Scope: zoeklicht.Scope{
			Hosts: []string{"board.example", "www.board.example", "m.board.example"}, Paths: []string{"/adverts/", "/list"},
			PictureHosts: []string{"img.board.example"},
		},
		Schedule:       zoeklicht.Schedule{Every: 12 * time.Hour},
		Considerations: zoeklicht.Considerations{Public: "yes \n really"},
	}
	if d := cmp.Diff(want, src); d != "" {
		t.Error(d)
	}
	if dec.Reason == "" || dec.Kind != zoeklicht.Propose || dec.Considerations != src.Considerations {
		t.Errorf("%+v", dec)
	}
	for _, c := range []struct{ field, value, wrong string }{
		{"title", "", "title"},
		{"title", strings.Repeat("x", 121), "title"},
		{"home", "ftp://board.example/", "home"},
		{"home", "https://name:secret@board.example/", "home"},
		{"home", "javascript:alert(1)", "home"},
		{"home", "//board.example", "home"},
		{"home", "http://127.0.0.1:8080/", "home"},
		{"home", "https://[::1]/", "home"},
		{"home", "https://register.internal/", "home"},
		{"hosts", "169.254.169.254", "hosts"},
		{"picture_hosts", "localhost:81", "picture_hosts"},
		{"hosts", "https://board.example/", "hosts"},
		{"hosts", "*.board.example", "hosts"},
		{"picture_hosts", "img.example/path", "picture_hosts"},
		{"paths", "adverts", "paths"},
		{"id", "Example Board", "id"},
		{"id", strings.Repeat("a", 61), "id"},
		{"priority", "6", "priority"},
		{"priority", "high", "priority"},
		{"every", "0", "every"},
		{"every", "1e9", "every"},
		{"reason", "because", "reason"},
	} {
		_, _, errs := readProposal(proposal(map[string]string{c.field: c.value}))
		if len(errs) != 1 || errs[0].Field != c.wrong {
			t.Errorf("%s = %q: %v", c.field, c.value, errs)
		}
	}
}

// TestProposalErrorsInOrder: what is wrong is told in the order of the form.
func TestProposalErrorsInOrder(t *testing.T) {
	want := "title home hosts picture_hosts paths priority every reason"
	for range 20 {
		_, _, errs := readProposal(proposal(map[string]string{
			"title": "", "home": "", "hosts": "*", "picture_hosts": "*", "paths": "x", "priority": "", "every": "", "reason": "",
		}))
		var got []string
		for _, e := range errs {
			got = append(got, e.Field)
		}
		if s := strings.Join(got, " "); s != want {
			t.Fatalf("wrong are %s, want %s", s, want)
		}
	}
}

// TestAddresses: one site has one spelling, and what does not lie on the internet is none.
func TestAddresses(t *testing.T) {
	for _, c := range []struct{ typed, home, host string }{
		{"example.org", "https://example.org/", "example.org"},
		{"EXAMPLE.org:443", "https://example.org/", "example.org"},
		{"http://example.org:80/a?utm_source=x#top", "http://example.org/a", "example.org"},
		{"https://example.org:8443/", "https://example.org:8443/", "example.org:8443"},
		{"bücher.example", "https://xn--bcher-kva.example/", "xn--bcher-kva.example"},
		{"https://xn--bcher-kva.example./x", "https://xn--bcher-kva.example/x", "xn--bcher-kva.example"},
		{"https://93.184.215.14/", "https://93.184.215.14/", "93.184.215.14"},
	} {
		home, problem := readSite(c.typed)
		if home != c.home || problem != "" || hostOf(home) != c.host {
			t.Errorf("%q: %q of %q, %s", c.typed, home, hostOf(home), problem)
		}
		if host, ok := readHost(c.host); !ok || host != c.host {
			t.Errorf("host %q is %q", c.host, host)
		}
	}
	for _, typed := range []string{
		"127.0.0.1", "http://127.0.0.1:8080/x", "https://2130706433/", "0x7f.1", "169.254.169.254", "localhost", "http://localhost:3000", "x.localhost",
		"https://[::1]/", "https://[fe80::1]/", "https://[fd00::1]/", "https://[::ffff:10.0.0.1]/", "10.1.2.3", "192.168.1.1", "172.16.0.1", "100.64.0.1",
		"0.0.0.0", "224.0.0.1", "printer.local", "db.internal", "nas.home.arpa", "x.invalid",
	} {
		if home, problem := readSite(typed); problem != "many.special" {
			t.Errorf("%q is %q, %q", typed, home, problem)
		}
		if _, ok := readHost(typed); ok {
			t.Errorf("%q is a host", typed)
		}
	}
	for typed, want := range map[string]wording.Key{
		"": "many.no-address", "a b": "many.no-address", "word": "many.no-address", "//example.org": "many.no-address",
		"javascript:alert(1)": "many.no-address", "ftp://example.org/": "many.bad-scheme", "https://a:b@example.org/": "many.with-password",
		"https://example.org:99999/": "many.no-address",
	} {
		if home, problem := readSite(typed); problem != want {
			t.Errorf("%q is %q, %q, want %q", typed, home, problem, want)
		}
	}
}

// TestFreeNames: names that are given follow on each other, also where thousands have one
// stem.
func TestFreeNames(t *testing.T) {
	n := names{map[zoeklicht.SourceID]bool{"board-3": true}, map[string]int{}}
	var got []string
	for range 4 {
		got = append(got, string(n.free("board")))
	}
	if want := "board board-2 board-4 board-5"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	seen := map[zoeklicht.SourceID]bool{}
	for i := range 50_000 {
		id := n.free("site")
		if seen[id] || i == 49_999 && id != "site-50000" {
			t.Fatalf("%d is %s", i, id)
		}
		seen[id] = true
	}
}

func TestReviewDateIsTheWholeDay(t *testing.T) {
	place := amsterdam(t)
	got, ok := reviewDate("22-05-2027", place)
	if want := time.Date(2027, 5, 23, 0, 0, 0, 0, place); !ok || !got.Equal(want) {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, s := range []string{"", "22-13-2027", "soon"} {
		if _, ok := reviewDate(s, place); ok {
			t.Errorf("%q is a date of review", s)
		}
	}
}

// TestSecondPerson: who took a step does not take the next.
func TestSecondPerson(t *testing.T) {
	by := func(k zoeklicht.DecisionKind, p zoeklicht.PersonID) zoeklicht.Decision {
		return zoeklicht.Decision{Kind: k, Person: p}
	}
	proposed := &zoeklicht.Source{State: zoeklicht.Proposed, Decisions: []zoeklicht.Decision{by(zoeklicht.Propose, 1)}}
	vetted := &zoeklicht.Source{State: zoeklicht.Vetted, Decisions: []zoeklicht.Decision{by(zoeklicht.Propose, 1), by(zoeklicht.Vet, 2)}}
	again := &zoeklicht.Source{State: zoeklicht.Proposed, Decisions: []zoeklicht.Decision{by(zoeklicht.Propose, 1), by(zoeklicht.Vet, 2), by(zoeklicht.Reject, 3), by(zoeklicht.Propose, 2)}}
	for i, c := range []struct {
		src  *zoeklicht.Source
		who  zoeklicht.PersonID
		want wording.Key
	}{
		{proposed, 1, "source.you-proposed"},
		{proposed, 2, ""},
		{vetted, 1, "source.you-proposed"},
		{vetted, 2, "source.you-vetted"},
		{vetted, 3, ""},
		{again, 2, "source.you-proposed"},
		{again, 1, ""},
	} {
		if got := secondPerson(c.src, c.who); got != c.want {
			t.Errorf("%d: got %q, want %q", i, got, c.want)
		}
	}
}
