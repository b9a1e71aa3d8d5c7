package search

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"zoeklicht"
	"zoeklicht/internal/store"

	"github.com/nyaruka/phonenumbers"
)

// Number gives the card of a number in any spelling, as of a moment (zero: now), in the
// clear: who typed it knows it. Invalid where it is no whole number. That nothing is known
// is an answer, and audited as one.
func (e *Engine) Number(ctx context.Context, st *store.Store, asked string, asOf time.Time) (*zoeklicht.NumberCard, error) {
	values := e.numbers(asked)
	if len(values) == 0 {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "this is no whole telephone number").
			With("nothing was looked up", "search for a part of a number instead")
	}
	return st.Number(ctx, asked, values, asOf)
}

// Numbers looks a pasted list up as of a moment, for the pass's purpose, which it needs: a
// row for each line, those that hold no number without a value. Limit for more than 1,000
// lines; white space at the end makes none.
func (e *Engine) Numbers(ctx context.Context, st *store.Store, lines []string, asOf time.Time) ([]zoeklicht.Known, error) {
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	list := make([]store.Line, len(lines))
	for i, raw := range lines {
		list[i] = store.Line{Raw: cut(strings.ToValidUTF8(raw, "\ufffd")), Values: e.numbers(raw)}
	}
	return st.List(ctx, list, asOf)
}

// maxSpelling is how long a number may be written; what is longer is something else.
const maxSpelling = 200

// cut bounds what is given back of a pasted line.
func cut(s string) string {
	if len(s) <= maxSpelling {
		return s
	}
	n := maxSpelling
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// numbers gives what number a text may be, in E.164, the likeliest first: numbers of a
// possible length in the order of the theme's regions, then the others. Figures are read
// as they stand; a text that has too few of them may say the rest in words.
func (e *Engine) numbers(asked string) []string {
	if len(asked) > maxSpelling {
		return nil
	}
	whole, _, err := Phone(asked, e.cfg.Regions)
	if e.cfg.Spoken != nil && (err != nil || len(whole) == 0) {
		for _, n := range e.cfg.Spoken(asked) {
			if n.Valid && !slices.Contains(whole, n.Value) {
				whole = append(whole, n.Value)
			}
		}
	}
	unlikely := func(value string) int {
		n, err := phonenumbers.Parse(value, "")
		if err != nil || !phonenumbers.IsPossibleNumber(n) {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(whole, func(a, b string) int { return cmp.Compare(unlikely(a), unlikely(b)) })
	return whole
}
