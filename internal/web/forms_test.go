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
		{"phone=12", zoeklicht.Question{Phone: "12"}, []string{"phone"}},
		{"phone=" + strings.Repeat("1", 21), zoeklicht.Question{Phone: strings.Repeat("1", 21)}, []string{"phone"}},
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
		ID: "example-board", Title: "Example board", Home: "https://Board.example/list", State: zoeklicht.Proposed, Priority: 2, Expected: "200 a week",
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
