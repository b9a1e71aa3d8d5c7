package extract

import (
	"slices"
	"strconv"
)

// trie holds phrases by their letters. Between the parts of a phrase is an edge of
// its own, the gap.
type trie struct {
	next  map[rune]*trie
	terms []term
}

// gapEdge stands between the parts of a phrase.
const gapEdge rune = '-'

func (t *trie) to(r rune) *trie {
	n := t.next[r]
	if n == nil {
		if t.next == nil {
			t.next = map[rune]*trie{}
		}
		n = &trie{}
		t.next[r] = n
	}
	return n
}

// add puts in a phrase. A number that is there with another value stays as it is:
// the first language that says it so counts.
func (t *trie) add(p phrase, x term) {
	if len(p) == 0 {
		return
	}
	n := t
	for i, part := range p {
		if i > 0 {
			n = n.to(gapEdge)
		}
		for _, r := range part {
			n = n.to(r)
		}
	}
	i := slices.IndexFunc(n.terms, func(y term) bool { return y.tag == x.tag })
	if i < 0 {
		n.terms = append(n.terms, x)
	} else if n.terms[i].text == x.text {
		n.terms[i].weak = n.terms[i].weak && x.weak
	}
}

// has gives the meaning of a tag where a phrase ends, if it has one.
func (t *trie) has(want tag) (term, bool) {
	for _, x := range t.terms {
		if x.tag == want {
			return x, true
		}
	}
	return term{}, false
}

// counting is how a language says the numbers from 21 to 99.
type counting struct {
	order      string // "units-first" or "tens-first"
	join       []string
	teensAfter []int
	units      []said // 1 to 19
	tens       []said
}

type said struct {
	n int
	phrase
}

func (c *counting) add(key string, n int, p phrase) {
	switch {
	case key == "tens":
		c.tens = append(c.tens, said{n, p})
	case n >= 1 && n <= 19:
		c.units = append(c.units, said{n, p})
	}
}

// compounds puts the numbers that are tens and units into a trie.
func (c *counting) compounds(t *trie) {
	for _, ten := range c.tens {
		for _, unit := range c.units {
			if unit.n > 9 && !slices.Contains(c.teensAfter, ten.n) {
				continue
			}
			first, second := ten.phrase, unit.phrase
			if c.order == "units-first" {
				first, second = second, first
			}
			whole := term{tag: tagNumber, text: strconv.Itoa(ten.n + unit.n)}
			for _, j := range c.join {
				t.add(slices.Concat(first, phraseOf(j), second), whole)
			}
			if c.order == "tens-first" {
				t.add(slices.Concat(first, second), whole)
			}
		}
	}
}
