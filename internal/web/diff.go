package web

import (
	"slices"
	"strings"
	"unicode/utf8"

	"zoeklicht"
	"zoeklicht/internal/text"
)

// changeView is the difference between two versions of an advert.
type changeView struct {
	Old, New *zoeklicht.Version
	Title    []editView // nil when the titles are the same
	Body     []editView // nil when the texts are the same
	Added    int        // words
	Removed  int
	Fields   []fieldChange
	Pictures pictureChange
}

// editView is a stretch of a difference.
type editView struct {
	Op   text.Op
	Text string
	// Skipped counts words of an unchanged stretch that are left out before After.
	Skipped int
	After   string
}

type fieldChange struct {
	Name     string
	Old, New string // empty where the version does not have it
}

type pictureChange struct{ Added, Removed int }

// Any reports whether anything differs at all.
func (c *changeView) Any() bool {
	return c.Title != nil || c.Body != nil || len(c.Fields) > 0 || c.Pictures != pictureChange{}
}

// around is how much of an unchanged stretch is shown on either side of a change,
// in bytes, and longest how long a stretch may be to be shown whole.
const (
	around  = 160
	longest = 480
)

// changes tells what differs between two versions.
func changes(old, new *zoeklicht.Version) *changeView {
	c := &changeView{Old: old, New: new}
	number, named := numbered(old, new)
	c.Title = c.edits(number.Replace(old.Title), number.Replace(new.Title), named)
	c.Body = c.edits(number.Replace(old.Body), number.Replace(new.Body), named)
	c.Fields = fieldChanges(old, new)
	before, after := pictureSet(old), pictureSet(new)
	for p := range after {
		if !before[p] {
			c.Pictures.Added++
		}
	}
	for p := range before {
		if !after[p] {
			c.Pictures.Removed++
		}
	}
	return c
}

// edits compares two texts in which contact details stand as single runes.
func (c *changeView) edits(old, new string, named *strings.Replacer) []editView {
	if old == new {
		return nil
	}
	var out []editView
	all := text.Diff(old, new)
	for i, e := range all {
		s := named.Replace(e.Text)
		v := editView{Op: e.Op, Text: s}
		switch e.Op {
		case text.Added:
			c.Added += len(strings.Fields(s))
		case text.Removed:
			c.Removed += len(strings.Fields(s))
		default:
			v = shorten(v, i > 0, i < len(all)-1)
		}
		out = append(out, v)
	}
	return out
}

// shorten leaves the middle out of a long unchanged stretch, or its far end where no
// change borders on it.
func shorten(v editView, changeBefore, changeAfter bool) editView {
	if len(v.Text) <= longest {
		return v
	}
	head, tail := 0, len(v.Text)
	if changeBefore {
		head = around
		for head > 0 && !utf8.RuneStart(v.Text[head]) {
			head--
		}
	}
	if changeAfter {
		tail = len(v.Text) - around
		for tail < len(v.Text) && !utf8.RuneStart(v.Text[tail]) {
			tail++
		}
	}
	v.Skipped = len(strings.Fields(v.Text[head:tail]))
	v.Text, v.After = v.Text[:head], v.Text[tail:]
	return v
}

// numberBase is where the runes begin that stand for contact details while texts
// are compared: a plane for private use, in which nobody else's text has meaning.
const numberBase = 0xf0000

// numbered gives what replaces each contact detail of two versions, masked or not, by
// one rune wherever it stands, so that a difference never cuts one in two, and what
// puts them back.
func numbered(old, new *zoeklicht.Version) (number, named *strings.Replacer) {
	var names []string
	have := map[string]bool{}
	for _, v := range []*zoeklicht.Version{old, new} {
		whole := v.Title + "\n" + v.Body
		if strings.ContainsFunc(whole, func(r rune) bool { return r >= numberBase }) {
			return strings.NewReplacer(), strings.NewReplacer()
		}
		for _, e := range v.Entities {
			if e.Start < 0 || e.End <= e.Start || e.End > len(whole) {
				continue
			}
			// The line end between title and text belongs to neither.
			if s := whole[e.Start:e.End]; !strings.Contains(s, "\n") && utf8.ValidString(s) && !have[s] {
				have[s] = true
				names = append(names, s)
			}
		}
	}
	// Longest first: one number may begin with another.
	slices.SortStableFunc(names, func(a, b string) int { return len(b) - len(a) })
	var there, back []string
	for i, s := range names {
		r := string(rune(numberBase + i))
		there, back = append(there, s, r), append(back, r, s)
	}
	return strings.NewReplacer(there...), strings.NewReplacer(back...)
}

// fieldChanges compares the fields that stand beside title, text and pictures.
func fieldChanges(old, new *zoeklicht.Version) []fieldChange {
	var out []fieldChange
	before, after := old.FieldMap(), new.FieldMap()
	for _, v := range []*zoeklicht.Version{old, new} {
		for _, f := range v.Fields {
			if _, ok := before[f.Name]; !ok && v == old {
				continue
			}
			a, b := before[f.Name], after[f.Name]
			if a != b && !slices.ContainsFunc(out, func(c fieldChange) bool { return c.Name == f.Name }) {
				out = append(out, fieldChange{f.Name, a, b})
			}
		}
	}
	return out
}

// pictureSet gives a version's pictures, those that failed by their address.
func pictureSet(v *zoeklicht.Version) map[any]bool {
	m := map[any]bool{}
	for _, p := range v.Pictures {
		if p.Picture != 0 {
			m[p.Picture] = true
		} else {
			m[p.URL] = true
		}
	}
	return m
}
