package assess_test

import (
	"testing"

	"zoeklicht"
	"zoeklicht/internal/assess"
	"zoeklicht/internal/theme"
	"zoeklicht/themes"
)

func load(t testing.TB, name zoeklicht.ThemeName) *zoeklicht.Theme {
	t.Helper()
	pack, problems, err := theme.Load(themes.Packs, name)
	if err != nil || len(problems) > 0 {
		t.Fatalf("%v\n%s", err, problems)
	}
	return pack
}

func rules(t testing.TB, pack *zoeklicht.Theme, cfg assess.Config) *assess.Rules {
	t.Helper()
	r, err := assess.New(pack.Indicators, pack.Lexicons, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestPacks runs the own tests of every rule of every pack, and holds the rules to what
// the format's documentation and the platform's limits ask of them.
func TestPacks(t *testing.T) {
	t.Parallel()
	names, err := theme.Names(themes.Packs)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		pack := load(t, name)
		for _, result := range rules(t, pack, assess.Config{}).Test() {
			if !result.OK {
				t.Errorf("%s: %s, test %q: got %v, want %v; %s%s", name, result.Indicator, result.Name, result.Got, result.Expect, result.Trace, result.Error)
			}
		}
	}
	pack := load(t, "trafficking")
	safety := map[zoeklicht.IndicatorID]bool{
		"screening": true, "no-anonymous-callers": true, "in-call-only": true, "works-with-others": true, "touring": true,
		"several-cities": true, "disguised-number": true,
	}
	for _, in := range pack.Indicators {
		if in.Safety != safety[in.ID] || in.Safety && in.Weight != 0 {
			t.Errorf("%s: safety %v with weight %v", in.ID, in.Safety, in.Weight)
		}
		delete(safety, in.ID)
		langs := map[string]bool{}
		for _, test := range in.Tests {
			langs[test.Advert.Lang] = true
		}
		if len(langs) < 2 {
			t.Errorf("%s is tested in one language only", in.ID)
		}
	}
	if len(safety) > 0 {
		t.Errorf("missing: %v", safety)
	}
	for _, l := range pack.Lexicons {
		for _, lang := range []string{"nl", "en", "de", "pl", "ro", "es"} {
			if len(l.Words[lang]) < 5 {
				t.Errorf("lexicon %s has %d words in %s", l.Name, len(l.Words[lang]), lang)
			}
		}
	}
}

// TestPractice: the practice theme takes the rules as they are.
func TestPractice(t *testing.T) {
	t.Parallel()
	own, practice := rules(t, load(t, "trafficking"), assess.Config{}), rules(t, load(t, "practice"), assess.Config{})
	if own.Set() != practice.Set() {
		t.Errorf("sets %s and %s", own.Set(), practice.Set())
	}
}

// TestIndependent: caution does not add up. An advert with every safety wording, a
// disguised number and a tour of fifteen towns in a week weighs nothing.
func TestIndependent(t *testing.T) {
	t.Parallel()
	pack := load(t, "trafficking")
	r := rules(t, pack, assess.Config{})
	body := "Ik screen nieuwe gasten. Anonieme nummers neem ik niet op. Alleen ontvangst. Ik deel de praktijk met een collega. " +
		"Op tournee: nieuw in de stad, deze week in Zwolle. Bel nul zes nul nul nul een twee drie vier vijf."
	raw := "nul zes nul nul nul een twee drie vier vijf"
	start := len("Ontspannende massage op afspraak\n"+body) - len(raw) - 1
	careful, err := r.Assess(assess.Input{
		Title: "Ontspannende massage op afspraak", Body: body, Beside: zoeklicht.Beside{Adverts: 15, Cities: 15, Names: 1, Ages: 1},
		Entities: []zoeklicht.Entity{{Type: zoeklicht.Phone, Raw: raw, Start: start, End: start + len(raw), Value: "+31600012345", Obfuscated: true, Valid: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(careful.Hits) != 8 {
		t.Errorf("hits %+v; want the five safety wordings, the disguised number, the towns and the arrival", careful.Hits)
	}
	if careful.Score != 0 {
		t.Errorf("a careful independent worker has %v, want nothing: %+v", careful.Score, careful.Hits)
	}
}
