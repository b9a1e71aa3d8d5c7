package text

import (
	"iter"
	"strings"
)

// Token is one token of a text: its folded form and where it stands in the raw
// text.
type Token struct {
	Word string
	Range
}

// Tokens gives the tokens of a raw text in order.
func Tokens(raw string) iter.Seq[Token] {
	return func(yield func(Token) bool) {
		f := Fold(raw)
		for start := 0; start < len(f.Text); {
			end := strings.IndexByte(f.Text[start:], ' ')
			if end < 0 {
				end = len(f.Text)
			} else {
				end += start
			}
			s, e := f.Raw(start, end)
			if !yield(Token{f.Text[start:end], Range{s, e}}) {
				return
			}
			start = end + 1
		}
	}
}
