package main

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"zoeklicht/internal/practice"
	"zoeklicht/internal/text"
)

// lexicon has words of a corpus by how many of its versions hold them, so that
// questions of one kind can differ.
type lexicon struct {
	tenth, hundredth, rare []string // in about 10 %, 1 % and 0.01 % of the versions
	phrases                []string // three words that stand together in some version
	places                 []string
}

// sampled is how many versions the shares are reckoned from.
const sampled = 60_000

// newLexicon reads a sample of the corpus.
func newLexicon(corpus *practice.Corpus, r *rand.Rand) *lexicon {
	in := map[string]int{}
	places := map[string]bool{}
	l := &lexicon{}
	n := min(sampled, corpus.Len())
	for k := range n {
		v := corpus.At(k * (corpus.Len() / n))
		words := strings.Fields(text.FoldString(v.Title + "\n" + v.Body))
		if k%40 == 0 {
			at := r.IntN(len(words) - 8) // the number at the end is no phrase
			l.phrases = append(l.phrases, strings.Join(words[at:at+3], " "))
		}
		places[v.Place] = true
		slices.Sort(words)
		for _, w := range slices.Compact(words) {
			in[w]++
		}
	}
	for w, k := range in {
		switch share := float64(k) / float64(n); {
		case strings.ContainsAny(w, "0123456789"):
		case share > 0.08 && share < 0.12:
			l.tenth = append(l.tenth, w)
		case share > 0.008 && share < 0.012:
			l.hundredth = append(l.hundredth, w)
		case share > 0.00008 && share < 0.00014:
			l.rare = append(l.rare, w)
		}
	}
	l.places = slices.Sorted(maps.Keys(places))
	for _, words := range []*[]string{&l.tenth, &l.hundredth, &l.rare} {
		slices.Sort(*words) // maps have no order
		r.Shuffle(len(*words), func(i, j int) { (*words)[i], (*words)[j] = (*words)[j], (*words)[i] })
	}
	return l
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }
