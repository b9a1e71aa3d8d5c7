package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"zoeklicht"
)

// Query is what a person asks of texts, folded. A text answers it when it has
// every one of Words and Phrases and none of NotWords and NotPhrases.
type Query struct {
	Words      []string // single tokens
	Phrases    []string // two tokens or more, a single space between them
	NotWords   []string
	NotPhrases []string
}

// What a query may hold at most, as written and as folded. The server leaves out
// words of more than 2047 bytes, from texts and from questions.
const (
	MaxQueryBytes = 2000
	MaxQueryTerms = 64
)

// ParseQuery reads words, "exact phrases" and -exclusions. A word that folds
// into several tokens ("24/7", "06-12", "foto's") is a phrase; a phrase of one
// token is a word; what folds to nothing ("&") is left out. Quotation marks may
// be of any kind, straight, curly or low.
//
// Errors are of code Invalid or Limit and say what to write instead: a
// quotation mark that is not closed, a wildcard, an operator such as OR, a query
// of punctuation only, or one that is too long. The empty query is no error.
func ParseQuery(s string) (Query, error) {
	var q Query
	if len(s) > MaxQueryBytes {
		return q, zoeklicht.Errorf(zoeklicht.Limit, "the question has %d bytes, %d is the most", len(s), MaxQueryBytes).
			With("nothing was asked", "leave words out")
	}
	terms, err := split(s)
	if err != nil {
		return q, err
	}
	for _, t := range terms {
		q.add(t)
	}
	switch n := q.terms(); {
	case q.bytes() > MaxQueryBytes: // a ligature becomes up to 18 letters
		return Query{}, zoeklicht.Errorf(zoeklicht.Limit, "the question is too long once folded").
			With("nothing was asked", "leave words out")
	case n > MaxQueryTerms:
		return Query{}, zoeklicht.Errorf(zoeklicht.Limit, "the question has %d words, %d is the most", n, MaxQueryTerms).
			With("nothing was asked", "leave words out")
	case n == 0 && strings.TrimSpace(s) != "":
		return Query{}, zoeklicht.Errorf(zoeklicht.Invalid, "%q has no letter or digit to search for", s).
			With("nothing was asked", "write words or digits")
	}
	return q, nil
}

// Empty reports whether q asks for nothing.
func (q Query) Empty() bool { return q.terms() == 0 }

func (q Query) terms() int {
	return len(q.Words) + len(q.Phrases) + len(q.NotWords) + len(q.NotPhrases)
}

func (q Query) bytes() (n int) {
	for _, terms := range [][]string{q.Words, q.Phrases, q.NotWords, q.NotPhrases} {
		for _, t := range terms {
			n += len(t)
		}
	}
	return n
}

// String gives the canonical spelling of q, which ParseQuery reads back as q.
func (q Query) String() string {
	var out []string
	out = append(out, q.Words...)
	for _, p := range q.Phrases {
		out = append(out, `"`+p+`"`)
	}
	for _, w := range q.NotWords {
		out = append(out, "-"+w)
	}
	for _, p := range q.NotPhrases {
		out = append(out, `-"`+p+`"`)
	}
	return strings.Join(out, " ")
}

// term is one word or phrase as written.
type term struct {
	text   string
	not    bool
	quoted bool
}

func (q *Query) add(t term) {
	folded := FoldString(t.text)
	if folded == "" {
		return
	}
	words, phrases := &q.Words, &q.Phrases
	if t.not {
		words, phrases = &q.NotWords, &q.NotPhrases
	}
	to := words
	if strings.Contains(folded, " ") {
		to = phrases
	}
	if !slices.Contains(*to, folded) {
		*to = append(*to, folded)
	}
}

const (
	quotes = "\"“”„‟«»＂"
	dashes = "-−–—"
)

// split cuts a query into its terms.
func split(s string) ([]term, error) {
	var out []term
	mixed := strings.ContainsFunc(s, unicode.IsLower)
	for {
		s = strings.TrimLeftFunc(s, unicode.IsSpace)
		if s == "" {
			return out, nil
		}
		var t term
		if r, n := utf8.DecodeRuneInString(s); strings.ContainsRune(dashes, r) {
			if after, _ := utf8.DecodeRuneInString(s[n:]); !unicode.IsSpace(after) && len(s) > n {
				t.not = true
			}
			s = s[n:]
		}
		if r, n := utf8.DecodeRuneInString(s); s != "" && strings.ContainsRune(quotes, r) {
			end := strings.IndexAny(s[n:], quotes)
			if end < 0 {
				return nil, zoeklicht.Errorf(zoeklicht.Invalid, "the quotation mark before %q is not closed", s[n:]).
					With("nothing was asked", "close it, or leave it out")
			}
			t.text, t.quoted = s[n:n+end], true
			_, closing := utf8.DecodeRuneInString(s[n+end:])
			s = s[n+end+closing:]
		} else {
			end := strings.IndexFunc(s, func(r rune) bool {
				return unicode.IsSpace(r) || strings.ContainsRune(quotes, r)
			})
			if end < 0 {
				end = len(s)
			}
			t.text, s = s[:end], s[end:]
		}
		if err := supported(t, mixed); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
}

// supported refuses what other search engines understand and this one would
// silently take for something else. A word in capitals is an operator only where
// the query has small letters too (mixed).
func supported(t term, mixed bool) error {
	if wildcard(t.text) {
		return zoeklicht.Errorf(zoeklicht.Invalid, "wildcards are not supported: %q", t.text).
			With("nothing was asked", "write whole words")
	}
	if t.quoted || t.not {
		return nil
	}
	switch {
	case t.text == "|", mixed && t.text == "OR":
		return zoeklicht.Errorf(zoeklicht.Invalid, "%q is not supported: every word must be there", t.text).
			With("nothing was asked", `ask twice, or write the word in quotation marks`)
	case mixed && (t.text == "AND" || t.text == "NOT"):
		return zoeklicht.Errorf(zoeklicht.Invalid, "%q is not supported", t.text).
			With("nothing was asked", `leave it out; put "-" before a word that must not be there`)
	}
	return nil
}

// wildcard finds a "*" that touches a letter or digit, and a "?" between two.
func wildcard(s string) bool {
	word := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	r := []rune(s)
	for i, c := range r {
		before := i > 0 && word(r[i-1])
		after := i+1 < len(r) && word(r[i+1])
		if c == '*' && (before || after) || c == '?' && before && after {
			return true
		}
	}
	return false
}
