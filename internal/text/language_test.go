package text_test

import (
	_ "embed"
	"strings"
	"testing"

	"zoeklicht/internal/text"
)

//go:embed testdata/languages.tsv
var languageSamples string

func samples() (lang, sample []string) {
	for line := range strings.Lines(languageSamples) {
		l, s, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		lang, sample = append(lang, l), append(sample, s)
	}
	return lang, sample
}

func TestLanguageOfShortTexts(t *testing.T) {
	t.Parallel()
	langs, samples := samples()
	right, none := 0, 0
	for i, s := range samples {
		switch got := text.Language(s); got {
		case langs[i]:
			right++
		case "":
			none++
			t.Logf("%s: no guess: %s", langs[i], s)
		default:
			t.Logf("%s taken for %s: %s", langs[i], got, s)
		}
	}
	t.Logf("%d right, %d without a guess, %d wrong of %d", right, none, len(samples)-right-none, len(samples))
	if wrong := len(samples) - right - none; wrong > 1 || right < 94 {
		t.Errorf("%d right and %d wrong of %d", right, wrong, len(samples))
	}
}

func BenchmarkLanguage(b *testing.B) {
	_, samples := samples()
	all := strings.Join(samples[:14], ". ")
	b.SetBytes(int64(len(all)))
	b.ReportAllocs()
	for b.Loop() {
		text.Language(all)
	}
}
