package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"zoeklicht"
)

// Range is a stretch of a raw text in byte offsets, the end excluded.
type Range struct{ Start, End int }

// Matches gives where the words and phrases of q stand in raw, in order and
// without overlap. Words match whole tokens. Exclusions match nothing.
func Matches(raw string, q Query) []Range {
	found := match(raw, q)
	out := make([]Range, len(found))
	for i, m := range found {
		out[i] = m.Range
	}
	return Merge(out)
}

// hit is a match and the number of the term that matched.
type hit struct {
	Range
	term int
}

// match gives all matches, ordered by where they begin; they may overlap.
func match(raw string, q Query) []hit {
	if len(q.Words)+len(q.Phrases) == 0 {
		return nil
	}
	f := Fold(raw)
	var out []hit
	number := make(map[string]int, len(q.Words))
	for i, w := range q.Words {
		number[w] = i
	}
	for start := 0; start < len(f.Text) && len(number) > 0; {
		end := strings.IndexByte(f.Text[start:], ' ')
		if end < 0 {
			end = len(f.Text)
		} else {
			end += start
		}
		if n, ok := number[f.Text[start:end]]; ok {
			s, e := f.Raw(start, end)
			out = append(out, hit{Range{s, e}, n})
		}
		start = end + 1
	}
	for i, p := range q.Phrases {
		for from := 0; p != ""; {
			at := strings.Index(f.Text[from:], p)
			if at < 0 {
				break
			}
			start, end := from+at, from+at+len(p)
			from = start + 1
			if start > 0 && f.Text[start-1] != ' ' || end < len(f.Text) && f.Text[end] != ' ' {
				continue
			}
			s, e := f.Raw(start, end)
			out = append(out, hit{Range{s, e}, len(q.Words) + i})
			from = end
		}
	}
	slices.SortStableFunc(out, func(a, b hit) int { return a.Start - b.Start })
	return out
}

// Merge orders ranges and joins those that overlap or touch. It works in place.
func Merge(r []Range) []Range {
	slices.SortFunc(r, func(a, b Range) int { return a.Start - b.Start })
	out := r[:0]
	for _, x := range r {
		if n := len(out); n > 0 && x.Start <= out[n-1].End {
			out[n-1].End = max(out[n-1].End, x.End)
		} else if x.Start < x.End {
			out = append(out, x)
		}
	}
	return out
}

// Mark gives the whole of raw, marked where q matches. The texts of the spans
// together are raw.
func Mark(raw string, q Query) []zoeklicht.Span {
	return spans(raw, Matches(raw, q))
}

// spans cuts raw at ranges, which are those that Matches or Merge give, and
// marks what lies within them.
func spans(raw string, ranges []Range) []zoeklicht.Span {
	var out []zoeklicht.Span
	at := 0
	for _, r := range ranges {
		if r.Start > at {
			out = append(out, zoeklicht.Span{Text: raw[at:r.Start]})
		}
		out = append(out, zoeklicht.Span{Text: raw[r.Start:r.End], Mark: true})
		at = r.End
	}
	if at < len(raw) {
		out = append(out, zoeklicht.Span{Text: raw[at:]})
	}
	return out
}

// Snippet gives about width runes of raw where most of q's terms stand
// together, marked, on one line, with "…" where text was left out. Without a
// match it is the beginning of raw. It is never longer than width runes and the
// two "…", unless a single marked stretch is.
func Snippet(raw string, q Query, width int) []zoeklicht.Span {
	return snippet(raw, match(raw, q), width)
}

func snippet(raw string, hits []hit, width int) []zoeklicht.Span {
	width = max(width, 1)
	w := window(raw, hits, width)
	var marks []Range
	for _, h := range hits {
		if h.Start >= w.Start && h.End <= w.End {
			marks = append(marks, h.Range)
		}
	}
	marks = Merge(marks)
	for i := range marks {
		marks[i].Start -= w.Start
		marks[i].End -= w.Start
	}
	shown := spans(raw[w.Start:w.End], marks)
	for i := range shown {
		shown[i].Text = oneLine(shown[i].Text)
	}
	if w.Start > 0 {
		shown = append([]zoeklicht.Span{{Text: "…"}}, shown...)
	}
	if w.End < len(raw) {
		shown = append(shown, zoeklicht.Span{Text: "…"})
	}
	return join(shown)
}

// window chooses the stretch of raw to show: the hits that have the most
// different terms within width, and among equals the earliest; then text around
// them, a quarter of what is left over before and the rest after.
func window(raw string, hits []hit, width int) Range {
	if len(hits) == 0 {
		return Range{0, wordEnd(raw, 0, forward(raw, 0, width))}
	}
	best, bestTerms := Range{hits[0].Start, hits[0].End}, 0
	count := map[int]int{}
	for i, j := 0, 0; j < len(hits); j++ {
		count[hits[j].term]++
		// Bytes stand for runes here; the exact width is kept below.
		for i < j && hits[j].End-hits[i].Start > width {
			if count[hits[i].term]--; count[hits[i].term] == 0 {
				delete(count, hits[i].term)
			}
			i++
		}
		if len(count) > bestTerms {
			bestTerms = len(count)
			best = Range{hits[i].Start, hits[j].End}
		}
	}
	left := width - utf8.RuneCountInString(raw[best.Start:best.End])
	if left <= 0 {
		return best
	}
	start := wordStart(raw, back(raw, best.Start, left/4), best.Start)
	end := forward(raw, start, width)
	if end == len(raw) {
		start = wordStart(raw, back(raw, end, width), best.Start)
	}
	return Range{start, wordEnd(raw, best.End, max(end, best.End))}
}

// forward gives the offset n runes after from, or the end.
func forward(s string, from, n int) int {
	for ; n > 0 && from < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[from:])
		from += size
	}
	return from
}

// back gives the offset n runes before from, or 0.
func back(s string, from, n int) int {
	for ; n > 0 && from > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:from])
		from -= size
	}
	return from
}

// wordStart moves at forward to where a word begins, at most to limit.
func wordStart(s string, at, limit int) int {
	if r, _ := utf8.DecodeLastRuneInString(s[:at]); at == 0 || unicode.IsSpace(r) {
		return at
	}
	if i := strings.IndexFunc(s[at:limit], unicode.IsSpace); i >= 0 {
		at += i
		for at < limit {
			r, n := utf8.DecodeRuneInString(s[at:])
			if !unicode.IsSpace(r) {
				break
			}
			at += n
		}
		return at
	}
	return at
}

// wordEnd moves at back to where a word ended, at least to limit.
func wordEnd(s string, limit, at int) int {
	if at >= len(s) {
		return len(s)
	}
	if r, _ := utf8.DecodeRuneInString(s[at:]); unicode.IsSpace(r) {
		return at
	}
	if i := strings.LastIndexFunc(s[limit:at], unicode.IsSpace); i > 0 {
		return limit + len(strings.TrimRightFunc(s[limit:limit+i], unicode.IsSpace))
	}
	return at
}

// oneLine makes every stretch of white space one space.
func oneLine(s string) string {
	var b strings.Builder
	space := false
	for _, r := range s {
		if unicode.IsSpace(r) {
			space = true
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	if space {
		b.WriteByte(' ')
	}
	return b.String()
}

// join drops empty spans and joins neighbours that are marked alike.
func join(spans []zoeklicht.Span) []zoeklicht.Span {
	out := spans[:0]
	for _, s := range spans {
		switch n := len(out); {
		case s.Text == "":
		case n > 0 && out[n-1].Mark == s.Mark:
			out[n-1].Text += s.Text
		default:
			out = append(out, s)
		}
	}
	return out
}
