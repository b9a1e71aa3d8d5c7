package theme_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"zoeklicht"
	"zoeklicht/internal/text"
	"zoeklicht/internal/theme"
	"zoeklicht/themes"
)

// copyOf gives a pack's files in memory.
func copyOf(t testing.TB, name string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(themes.Packs, name, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(themes.Packs, path)
		out[path] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestLock: what decides cannot change under one version; what does not may.
func TestLock(t *testing.T) {
	t.Parallel()
	const rule, lexicon = "trafficking/indicators/no-limits-wording.yaml", "trafficking/lexicons/no_limits.nl.txt"
	const note = `legal_note:
  nl: >-
    Kijkt alleen naar de bewoording van de advertentie; geen bijzondere categorie van persoonsgegevens
    buiten de eigen grond van het thema.
  en: >-
    Looks at the advert's wording only; no special category of data beyond the theme's own ground.
`
	replace := func(file, old, with string) func(fstest.MapFS) {
		return func(packs fstest.MapFS) {
			if !bytes.Contains(packs[file].Data, []byte(old)) {
				t.Errorf("%s has no %q", file, old)
			}
			packs[file] = &fstest.MapFile{Data: bytes.Replace(packs[file].Data, []byte(old), []byte(with), 1)}
		}
	}
	for name, tc := range map[string]struct {
		change func(fstest.MapFS)
		says   string // of the problem; none when empty
		locks  int    // lines that LockLines then gives; -1: it cannot be read
	}{
		"nothing":           {func(fstest.MapFS) {}, "", 0},
		"a comment":         {replace(rule, "version: 1", "version: 1 # the first"), "", 0},
		"a test":            {replace(rule, "name: Dutch", "name: in Dutch"), "", 0},
		"the status":        {replace(rule, "status: active", "status: retired"), "", 0},
		"the note's Dutch":  {replace(rule, "Kijkt alleen naar", "Kijkt enkel naar"), "", 0},
		"the legal note":    {replace(rule, "Looks at the advert's wording only", "Looks at wording only"), "give it the version 2", 0},
		"a note for both":   {replace(rule, note, "legal_note: Looks at the advert's wording only; no special category of data beyond the theme's own ground.\n"), "", 0},
		"a note in one":     {replace(rule, "\n  en: >-\n    Looks", "\n  fr: >-\n    Looks"), `unknown key "fr"`, -1},
		"a word's spelling": {replace(lexicon, "geen grenzen\n", "Geen GRENZEN # as before\n"), "", 0},
		"a word":            {replace(lexicon, "geen grenzen\n", "grenzeloos\n"), "give it the version 2", 0},
		"a language":        {func(p fstest.MapFS) { delete(p, "trafficking/lexicons/no_limits.pl.txt") }, "give it the version 2", 0},
		"the weight":        {replace(rule, "weight: 1.25", "weight: 0.5"), "give it the version 2", 0},
		"no weight":         {replace(rule, "weight: 1.25", "weight: .nan"), "weight is .nan: 0 to 10", -1},
		"endless weight":    {replace(rule, "weight: 1.25", "weight: .inf"), "weight is .inf: 0 to 10", -1},
		"the condition":     {replace(rule, "words.no_limits >= 1", "words.no_limits >= 2"), "give it the version 2", 0},
		"weight and version": {func(p fstest.MapFS) {
			replace(rule, "weight: 1.25", "weight: 0.5")(p)
			replace(rule, "version: 1", "version: 2")(p)
		}, "version 2 is not in lock.txt", 1},
		"a draft under a lock": {func(p fstest.MapFS) {
			replace(rule, "weight: 1.25", "weight: 0.5")(p)
			replace(rule, "status: active", "status: draft")(p)
		}, "", 0},
		"the lock itself": {func(p fstest.MapFS) { delete(p, "trafficking/indicators/lock.txt") }, " is not in lock.txt", 24},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			packs := copyOf(t, "trafficking")
			tc.change(packs)
			_, problems, err := theme.Load(packs, "trafficking")
			if err != nil || (tc.says == "") != (len(problems) == 0) || !strings.Contains(problems.String(), tc.says) {
				t.Errorf("%v, problems: %s; want %q", err, problems, tc.says)
			}
			if tc.locks < 0 {
				return // it is not read
			}
			lines, problems, err := theme.LockLines(packs, "trafficking")
			if changed := strings.Contains(tc.says, "give it"); err != nil || len(lines) != tc.locks || (len(problems) > 0) != changed {
				t.Fatalf("%v, problems: %s; %d lines, want %d", err, problems, len(lines), tc.locks)
			}
			if tc.locks == 0 {
				return
			}
			packs["trafficking/indicators/lock.txt"] = &fstest.MapFile{Data: []byte(strings.Join(lines, "\n"))}
			if tc.locks == 1 {
				packs["trafficking/indicators/lock.txt"].Data = append(copyOf(t, "trafficking")["trafficking/indicators/lock.txt"].Data, lines[0]...)
			}
			if _, problems, err := theme.Load(packs, "trafficking"); err != nil || len(problems) > 0 {
				t.Errorf("locked, and yet: %v\n%s", err, problems)
			}
		})
	}
}

// TestIndicatorsOf: a pack takes another's rules, may have its own that use the other's
// lexicons, and a problem with a taken rule is found in the other's file.
func TestIndicatorsOf(t *testing.T) {
	t.Parallel()
	packs := copyOf(t, "trafficking")
	maps.Copy(packs, copyOf(t, "practice"))
	own := bytes.Replace(packs["trafficking/indicators/no-limits-wording.yaml"].Data, []byte("id: no-limits-wording"), []byte("id: own"), 1)
	packs["practice/indicators/own.yaml"] = &fstest.MapFile{Data: own}
	lines, problems, err := theme.LockLines(packs, "practice")
	if err != nil || len(problems) > 0 || len(lines) != 1 || !strings.HasPrefix(lines[0], "own 1 ") {
		t.Fatalf("%v, %s, lines %q", err, problems, lines)
	}
	packs["practice/indicators/lock.txt"] = &fstest.MapFile{Data: []byte(lines[0])}
	got, problems, err := theme.Load(packs, "practice")
	if err != nil || len(problems) > 0 {
		t.Fatalf("%v\n%s", err, problems)
	}
	taken := load(t, "trafficking")
	if len(got.Indicators) != len(taken.Indicators)+1 || cmp.Diff(taken.Lexicons, got.Lexicons) != "" {
		t.Errorf("%d indicators, %d lexicons", len(got.Indicators), len(got.Lexicons))
	}
	for id, file := range map[zoeklicht.IndicatorID]string{"own": "practice/indicators/own.yaml:", "touring": "trafficking/indicators/touring.yaml:", "none": "none"} {
		p := theme.At(packs, got, id, "condition", "it is wrong")
		if !strings.HasPrefix(p.String(), file) || !strings.HasSuffix(p.String(), ": it is wrong") || (p.Line > 0) != (id != "none") {
			t.Errorf("problem at %s", p)
		}
	}
	packs["practice/indicators/touring.yaml"] = packs["trafficking/indicators/touring.yaml"]
	if _, problems, err = theme.Load(packs, "practice"); err != nil || !strings.Contains(fmt.Sprint(problems), "taken from has this rule too") {
		t.Errorf("a rule of both: %v, %s", err, problems)
	}
}

// FuzzParseIndicator: whatever the bytes, there is either a rule or a problem that points
// into the file, and never a panic; and the words of a lexicon are folded.
func FuzzParseIndicator(f *testing.F) {
	for _, name := range []string{"indicators/disguised-number.yaml", "indicators/price-below-median.yaml", "lexicons/youth.nl.txt"} {
		b, err := fs.ReadFile(themes.Packs, "trafficking/"+name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("weight: .inf\nvalid_from: 2026-02-30\ntests: [{advert: {beside: {cities: 1e9}}}]\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		rule, problems := theme.ParseIndicator("fuzz.yaml", b)
		if (rule == nil) == (len(problems) == 0) {
			t.Fatalf("rule %v with problems %v", rule, problems)
		}
		lines := strings.Count(string(b), "\n") + strings.Count(string(b), "\r") + 1
		for _, p := range problems {
			if p.Text == "" || p.Line < 0 || p.Line > lines+1 {
				t.Errorf("problem %+v in a file of %d lines", p, lines)
			}
		}
		if rule != nil && (rule.Weight*4 != float64(int(rule.Weight*4)) || rule.Safety && rule.Weight != 0) {
			t.Errorf("weight %v", rule.Weight)
		}
		words, _ := theme.ParseLexicon("fuzz.nl.txt", b)
		for _, w := range words {
			if text.FoldString(w) != w || len(w) < 2 {
				t.Errorf("word %q", w)
			}
		}
	})
}

// TestLegalNotes: the rules that ship say in each language why the law allows them.
func TestLegalNotes(t *testing.T) {
	t.Parallel()
	for _, in := range load(t, "trafficking").Indicators {
		if in.LegalNote.NL == in.LegalNote.EN {
			t.Errorf("%s says the same in both languages: %q", in.ID, in.LegalNote.EN)
		}
	}
}
