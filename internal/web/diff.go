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
	oldTitle, oldBody, names := numbered(old, nil)
	newTitle, newBody, names := numbered(new, names)
	c.Title = c.edits(oldTitle, newTitle, names)
	c.Body = c.edits(oldBody, newBody, names)
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
func (c *changeView) edits(old, new string, names []string) []editView {
	if old == new {
		return nil
	}
	var out []editView
	all := text.Diff(old, new)
	for i, e := range all {
		s := named(e.Text, names)
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

// numbered gives the title and the text of a version with each contact detail, masked
// or not, as one rune, so that a difference never cuts one in two. names are the
// details by rune; equal ones share theirs.
func numbered(v *zoeklicht.Version, names []string) (title, body string, _ []string) {
	title, names = number(v.Title, 0, v.Entities, names)
	body, names = number(v.Body, len(v.Title)+1, v.Entities, names)
	return title, body, names
}

// number does so for one text, which begins at an offset of what entities point into.
func number(s string, offset int, entities []zoeklicht.Entity, names []string) (string, []string) {
	if strings.ContainsFunc(s, func(r rune) bool { return r >= numberBase }) {
		return s, names
	}
	spans := slices.Clone(entities)
	slices.SortStableFunc(spans, func(a, b zoeklicht.Entity) int { return a.Start - b.Start })
	var b strings.Builder
	at := 0
	for _, e := range spans {
		start, end := e.Start-offset, e.End-offset
		if start < at || end <= start || end > len(s) {
			continue
		}
		b.WriteString(s[at:start])
		i := slices.Index(names, s[start:end])
		if i < 0 {
			i = len(names)
			names = append(names, s[start:end])
		}
		b.WriteRune(rune(numberBase + i))
		at = end
	}
	b.WriteString(s[at:])
	return b.String(), names
}

// named puts the contact details back.
func named(s string, names []string) string {
	if len(names) == 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if i := int(r) - numberBase; i >= 0 && i < len(names) {
			b.WriteString(names[i])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// fieldChanges compares the fields that stand beside title, text and pictures.
func fieldChanges(old, new *zoeklicht.Version) []fieldChange {
	var out []fieldChange
	before, after := fieldMap(old), fieldMap(new)
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

func fieldMap(v *zoeklicht.Version) map[string]string {
	m := map[string]string{}
	for _, f := range v.Fields {
		switch f.Name {
		case zoeklicht.FieldTitle, zoeklicht.FieldBody, zoeklicht.FieldImages:
			continue
		}
		if m[f.Name] != "" {
			m[f.Name] += ", "
		}
		m[f.Name] += f.Value
	}
	return m
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
