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
// clear: who typed it knows it. Of several numbers it is that of the first that is known.
// Invalid where there is no whole number: Read says why. That nothing is known is an answer,
// and audited as one.
func (e *Engine) Number(ctx context.Context, st *store.Store, asked string, asOf time.Time) (*zoeklicht.NumberCard, error) {
	t := e.Read(asked)
	values := t.Values()
	if len(values) == 0 {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "this is no whole telephone number").
			With("nothing was looked up", "search for a part of a number instead")
	}
	return st.Number(ctx, asked, values, asOf)
}

// Numbers looks a pasted list up as of a moment, for the pass's purpose, which it needs: a
// row for each line, those that hold no number without a value and with the reason. Limit
// for more than 1,000 lines; white space at the end makes none.
func (e *Engine) Numbers(ctx context.Context, st *store.Store, lines []string, asOf time.Time) ([]zoeklicht.Known, error) {
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	list := make([]store.Line, len(lines))
	read := make([]zoeklicht.Typed, len(lines))
	for i, raw := range lines {
		read[i] = e.Read(raw)
		list[i] = store.Line{Raw: cut(strings.ToValidUTF8(raw, "\ufffd")), Values: read[i].Values()}
	}
	out, err := st.List(ctx, list, asOf)
	for i := range out {
		for _, n := range read[i].Numbers {
			if !slices.Contains(n.Values, out[i].Value) {
				out[i].Also = append(out[i].Also, n.Values[0])
			}
		}
		if len(read[i].Numbers) == 0 {
			out[i].Why = read[i].Refused[0].Why
		}
	}
	return out, err
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

// Read reads what somebody typed or pasted as numbers: which they are, or why they cannot
// be any. It asks no store.
func (e *Engine) Read(asked string) zoeklicht.Typed {
	if len(asked) > maxSpelling {
		return zoeklicht.Typed{Refused: []zoeklicht.NotANumber{{Raw: cut(strings.ToValidUTF8(asked, "\ufffd")), Why: zoeklicht.TooLong}}}
	}
	if e.cfg.Typed != nil {
		return e.cfg.Typed(asked)
	}
	whole, part, err := Phone(asked, e.cfg.Regions)
	switch {
	case part != "":
		return zoeklicht.Typed{Refused: []zoeklicht.NotANumber{{Raw: asked, Digits: figures(asked), Why: zoeklicht.TooShort}}}
	case err != nil || len(whole) == 0:
		return zoeklicht.Typed{Refused: []zoeklicht.NotANumber{{Raw: asked, Digits: figures(asked), Why: zoeklicht.NoSuchPlan}}}
	}
	unlikely := func(value string) int {
		n, err := phonenumbers.Parse(value, "")
		if err != nil || !phonenumbers.IsPossibleNumber(n) {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(whole, func(a, b string) int { return cmp.Compare(unlikely(a), unlikely(b)) })
	return zoeklicht.Typed{Numbers: []zoeklicht.TypedNumber{{Raw: asked, Values: whole}}}
}

// phones reads a filter on a number: what whole ones it may be, or at least four digits of
// one. Numbers are kept in E.164, which has neither 00 nor the national zero.
func (e *Engine) phones(asked string) (whole []string, part string, err error) {
	t := e.Read(asked)
	if whole = t.Values(); len(whole) > 0 {
		return whole, "", nil
	}
	digits, why := t.Refused[0].Digits, t.Refused[0].Why
	if len(t.Refused) > 1 || why != zoeklicht.TooShort || len(digits) < leastDigits {
		return nil, "", notNumber(asked, len(digits))
	}
	return nil, partOf(digits), nil
}
