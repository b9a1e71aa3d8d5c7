package wording

import (
	"slices"
	"strings"
	"testing"
)

func TestSaw(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		trace  string
		nl, en []string
	}{
		{
			"beside.cities = 15 >= 3, beside.adverts = 15 <= 50",
			[]string{
				"gemeenten in 7 dagen, bij hetzelfde nummer of dezelfde advertentie: 15 (gevraagd: ten minste 3)",
				"advertenties met hetzelfde nummer in 7 dagen: 15 (gevraagd: ten hoogste 50)",
			},
			[]string{
				"municipalities in 7 days, of the same number or advert: 15 (wanted: at least 3)",
				"adverts with the same number in 7 days: 15 (wanted: at most 50)",
			},
		},
		{
			"price.median = 1100.5, price.hour = 50",
			[]string{"gebruikelijke prijs hier, in euro per uur: 1.100,5", "prijs van deze advertentie, in euro per uur: 50"},
			[]string{"usual price here, in euros an hour: 1,100.5", "price of this advert, in euros an hour: 50"},
		},
		{
			"words.third_contact = 2 > 1, always = true",
			[]string{"woorden uit de woordenlijst “third contact”: 2 (gevraagd: meer dan 1)", "op elk uur bereikbaar, naar eigen zeggen: ja"},
			[]string{"words of the lexicon “third contact”: 2 (wanted: more than 1)", "available at every hour, as stated: yes"},
		},
		{
			"prices = [50.00, 80.50, …], phones = 1",
			[]string{"vermelde prijzen, in euro per uur: 50; 80,5; …", "verschillende telefoonnummers in de tekst: 1"},
			[]string{"stated prices, in euros an hour: 50; 80.5; …", "different phone numbers in the text: 1"},
		},
		{"ages = []", []string{"vermelde leeftijden: geen"}, []string{"stated ages: none"}},
		{"cities = 4, what else", []string{"cities = 4", "what else"}, []string{"cities = 4", "what else"}},
		{"]], [a, b", []string{"]]", "[a, b"}, []string{"]]", "[a, b"}},
		{"", nil, nil},
	} {
		for lang, want := range map[string][]string{"nl": tc.nl, "en": tc.en} {
			if got := In(lang, nil).Saw(tc.trace); !slices.Equal(got, want) {
				t.Errorf("%q in %s: %q, want %q", tc.trace, lang, got, want)
			}
		}
	}
	for name, p := range sawNames {
		if strings.TrimSpace(p.nl) == "" || strings.TrimSpace(p.en) == "" || p.nl == p.en {
			t.Errorf("%s: %q, %q", name, p.nl, p.en)
		}
	}
}

// FuzzSaw: nothing of a trace that is not known gets lost, and nothing panics.
func FuzzSaw(f *testing.F) {
	for _, s := range []string{"beside.cities = 15 >= 3", "prices = [1.00, 2.00], x", "]],[[", " = ", "words. = 1 < 2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, trace string) {
		for i, s := range In("en", nil).Saw(trace) {
			if i > len(trace) || s == "" {
				t.Errorf("%q: part %d is %q", trace, i, s)
			}
		}
	})
}
