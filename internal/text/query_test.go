package text_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"zoeklicht"
	"zoeklicht/internal/text"
)

func TestParseQuery(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, in string
		want     text.Query
	}{
		{"empty", "", text.Query{}},
		{"blank", " \t\n", text.Query{}},
		{"words", "Massage  Utrecht", text.Query{Words: []string{"massage", "utrecht"}}},
		{"twice", "massage MASSAGE", text.Query{Words: []string{"massage"}}},
		{"phrase", `"op afspraak" massage`, text.Query{Words: []string{"massage"}, Phrases: []string{"op afspraak"}}},
		{"curly", `„op afspraak“ “nieuw hier”`, text.Query{Phrases: []string{"op afspraak", "nieuw hier"}}},
		{"phrase of one word", `"Massage"`, text.Query{Words: []string{"massage"}}},
		{"word that is a phrase", `24/7 foto's`, text.Query{Phrases: []string{"24 7", "foto s"}}},
		{"exclusion", `massage -hotel -"geen sms"`, text.Query{Words: []string{"massage"}, NotWords: []string{"hotel"}, NotPhrases: []string{"geen sms"}}},
		{"exclusion by en dash", `massage –hotel`, text.Query{Words: []string{"massage"}, NotWords: []string{"hotel"}}},
		{"dash between words", `massage - utrecht`, text.Query{Words: []string{"massage", "utrecht"}}},
		{"dash at the end", `massage -`, text.Query{Words: []string{"massage"}}},
		{"dash within", `06-00012345`, text.Query{Phrases: []string{"06 00012345"}}},
		{"only an exclusion", `-hotel`, text.Query{NotWords: []string{"hotel"}}},
		{"punctuation is left out", `massage & ontspanning`, text.Query{Words: []string{"massage", "ontspanning"}}},
		{"quote ends a word", `massage"op afspraak"`, text.Query{Words: []string{"massage"}, Phrases: []string{"op afspraak"}}},
		{"question mark at the end", `hoeveel?`, text.Query{Words: []string{"hoeveel"}}},
		{"capitals throughout are words", `SPORT OR SPA`, text.Query{Words: []string{"sport", "or", "spa"}}},
		{"operator in quotes is a word", `sport "OR" spa`, text.Query{Words: []string{"sport", "or", "spa"}}},
		{"marks", `Straße CRÈME`, text.Query{Words: []string{"strasse", "creme"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := text.ParseQuery(tc.in)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tc.want, got, cmpopts.EquateEmpty()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestParseQueryRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, in string
		code     zoeklicht.Code
		says     string
	}{
		{"open quotation mark", `massage "op afspraak`, zoeklicht.Invalid, "not closed"},
		{"trailing wildcard", `mass*`, zoeklicht.Invalid, "wildcards"},
		{"leading wildcard", `*sage`, zoeklicht.Invalid, "wildcards"},
		{"wildcard in a phrase", `"op mass*"`, zoeklicht.Invalid, "wildcards"},
		{"single character", `ma?sage`, zoeklicht.Invalid, "wildcards"},
		{"or", `sport OR spa`, zoeklicht.Invalid, "OR"},
		{"pipe", `sport | spa`, zoeklicht.Invalid, "|"},
		{"not", `sport NOT spa`, zoeklicht.Invalid, "NOT"},
		{"punctuation only", `€ & !`, zoeklicht.Invalid, "no letter or digit"},
		{"too long", strings.Repeat("a", text.MaxQueryBytes+1), zoeklicht.Limit, "2000"},
		{"too long once folded", strings.Repeat("ﷺ", 400), zoeklicht.Limit, "folded"},
		{"too many", manyWords(text.MaxQueryTerms + 1), zoeklicht.Limit, "64"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			q, err := text.ParseQuery(tc.in)
			if zoeklicht.CodeOf(err) != tc.code || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("ParseQuery(%q) = %+v, %v; want %s saying %q", tc.in, q, err, tc.code, tc.says)
			}
		})
	}
}

func manyWords(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(" w" + string(rune('a'+i%26)) + string(rune('a'+i/26)))
	}
	return b.String()
}

func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{`massage "op afspraak" -hotel -"geen sms" 24/7`, `„a b“ –c ½`, `"`, `- -- -"" ""`, "a\xff\"b\"", `a OR b*`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := text.ParseQuery(s)
		if err != nil {
			if c := zoeklicht.CodeOf(err); c != zoeklicht.Invalid && c != zoeklicht.Limit {
				t.Fatalf("ParseQuery(%q): %v", s, err)
			}
			return
		}
		for _, w := range append(append([]string(nil), q.Words...), q.NotWords...) {
			if w == "" || strings.Contains(w, " ") || text.FoldString(w) != w {
				t.Errorf("ParseQuery(%q): word %q", s, w)
			}
		}
		for _, p := range append(append([]string(nil), q.Phrases...), q.NotPhrases...) {
			if !strings.Contains(p, " ") || text.FoldString(p) != p {
				t.Errorf("ParseQuery(%q): phrase %q", s, p)
			}
		}
		if len(q.String()) > text.MaxQueryBytes { // by its quotation marks
			return
		}
		again, err := text.ParseQuery(q.String())
		if err != nil {
			t.Fatalf("%q was read, its canonical spelling %q not: %v", s, q, err)
		}
		if d := cmp.Diff(q, again, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%q and %q differ: %s", s, q, d)
		}
	})
}
