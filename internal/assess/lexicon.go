package assess

import (
	"strings"

	"zoeklicht"
	"zoeklicht/internal/text"
)

// trie finds the words and phrases of all lexicons in one pass over a text's tokens.
// Tokens that stand in no lexicon cost one look-up.
type trie struct {
	vocabulary map[string]int32  // tokens of all words
	next       map[uint64]int32  // node<<32 | token → node; node 0 is the root
	ends       map[int32][]entry // the words that end at a node
	words      []string          // by number, folded
	lexicons   int
}

// entry is a word of a lexicon.
type entry struct{ lexicon, word int32 }

// match is a word found: bytes start to end of the folded text.
type match struct {
	entry
	start, end int32
}

func newTrie(lexicons []zoeklicht.Lexicon) *trie {
	t := &trie{vocabulary: map[string]int32{}, next: map[uint64]int32{}, ends: map[int32][]entry{}, lexicons: len(lexicons)}
	nodes := int32(1)
	for i, l := range lexicons {
		numbers := map[string]int32{} // a word of several languages is one
		for _, list := range l.Words {
			for _, w := range list {
				w = text.FoldString(w)
				if _, twice := numbers[w]; twice || w == "" {
					continue
				}
				numbers[w] = int32(len(t.words))
				t.words = append(t.words, w)
				node := int32(0)
				for token := range strings.SplitSeq(w, " ") {
					id, known := t.vocabulary[token]
					if !known {
						id = int32(len(t.vocabulary))
						t.vocabulary[token] = id
					}
					key := uint64(node)<<32 | uint64(uint32(id))
					if node, known = t.next[key]; !known {
						node = nodes
						t.next[key] = node
						nodes++
					}
				}
				t.ends[node] = append(t.ends[node], entry{int32(i), numbers[w]})
			}
		}
	}
	return t
}

// token is a token of a folded text: its number, -1 for one of no lexicon.
type token struct{ id, start, end int32 }

func (t *trie) tokens(folded string) []token {
	out := make([]token, 0, len(folded)/6+1)
	for start := 0; start < len(folded); {
		end := strings.IndexByte(folded[start:], ' ')
		if end < 0 {
			end = len(folded)
		} else {
			end += start
		}
		id, known := t.vocabulary[folded[start:end]]
		if !known {
			id = -1
		}
		out = append(out, token{id, int32(start), int32(end)})
		start = end + 1
	}
	return out
}

// find gives the words in a folded text, in the order in which they begin.
func (t *trie) find(folded string) (out []match) {
	tokens := t.tokens(folded)
	free := make([]int32, t.lexicons) // first byte at which a lexicon's next word may begin
	for i, first := range tokens {
		if first.id < 0 {
			continue
		}
		node, here := int32(0), len(out)
		for _, tok := range tokens[i:] {
			next, known := t.next[uint64(node)<<32|uint64(uint32(tok.id))]
			if tok.id < 0 || !known {
				break
			}
			node = next
			for _, e := range t.ends[node] {
				if first.start >= free[e.lexicon] {
					out = longest(out, here, match{e, first.start, tok.end})
				}
			}
		}
		for _, m := range out[here:] {
			free[m.lexicon] = m.end
		}
	}
	return out
}

// longest adds a match, in the place of a shorter one of its lexicon that begins with
// it (those from here on).
func longest(out []match, here int, m match) []match {
	for k := here; k < len(out); k++ {
		if out[k].lexicon == m.lexicon {
			out[k] = m
			return out
		}
	}
	return append(out, m)
}
