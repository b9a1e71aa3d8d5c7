package assess

import (
	"strings"
	"testing"
	"unicode/utf8"

	"zoeklicht"
	"zoeklicht/internal/text"
)

// FuzzLexicon: whatever text and words, each offset lies in the text, on rune
// boundaries, and the text there folds to the word; and a word is found just when it
// stands in the folded text.
func FuzzLexicon(f *testing.F) {
	f.Add("Crème, 24/7!\nA CALM room", "crème|24/7|calm room|room")
	f.Add("ﬁne ½ ﷺ Straße \u202e½ a\u0301b", "fi|1|strasse|2 fine|ab")
	f.Add("\xff jong\x80e zero\u200bwidth", "jong|e|zerowidth")
	f.Add("a a a\na b a", "a|a a|a b a|b a")
	f.Fuzz(func(t *testing.T, raw, words string) {
		if len(words) > 200 {
			return // packs have phrases of 12 words at most; time is bounded for those
		}
		list := strings.Split(words, "|")
		tr := newTrie([]zoeklicht.Lexicon{{Name: "l", Words: map[string][]string{"nl": list}}})
		folded := text.Fold(raw)
		matches := tr.find(folded.Text)
		there := false
		for _, w := range list {
			w = text.FoldString(w)
			there = there || w != "" && strings.Contains(" "+folded.Text+" ", " "+w+" ")
		}
		if there != (len(matches) > 0) {
			t.Fatalf("%q in %q: %v", list, raw, matches)
		}
		free := int32(0)
		for _, m := range matches {
			word := tr.words[m.word]
			start, end := folded.Raw(int(m.start), int(m.end))
			switch {
			case folded.Text[m.start:m.end] != word:
				t.Errorf("%q was found as %q", word, folded.Text[m.start:m.end])
			case m.start < free:
				t.Errorf("%q begins within the word before it", word)
			case start < 0 || end > len(raw) || start >= end:
				t.Errorf("%d to %d in %d bytes", start, end, len(raw))
			case utf8.ValidString(raw) && (!utf8.RuneStart(raw[start]) || end < len(raw) && !utf8.RuneStart(raw[end])):
				t.Errorf("%d to %d are not on rune boundaries of %q", start, end, raw)
			case !strings.Contains(" "+text.FoldString(raw[start:end])+" ", " "+word+" "): // ½ folds to two words
				t.Errorf("%q was found as %q", word, raw[start:end])
			}
			free = m.end
		}
	})
}
