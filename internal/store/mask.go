package store

import (
	"strings"
	"unicode/utf8"

	"zoeklicht"
)

// mask hides contact details in a version: in its text, its entities and its
// fields. People get masked versions until they reveal one for a purpose, so no
// screen, file or answer can forget to. Entities keep pointing at the text, as it
// is after masking; one that overlaps another, or lies in a field only, points at
// nothing (0, 0).
func mask(v *zoeklicht.Version) *masking {
	m := &masking{text: v.Title + "\n" + v.Body, title: len(v.Title)}
	m.newTitle = m.title
	for i := range v.Entities {
		e := &v.Entities[i]
		if !e.Type.Identifies() {
			continue
		}
		if e.Raw != "" && !m.hidden(e.Raw, e.Value) {
			for j := range v.Fields {
				v.Fields[j].Value = strings.ReplaceAll(v.Fields[j].Value, e.Raw, zoeklicht.Mask(e.Raw))
			}
		}
		e.Start, e.End = m.hide(e.Start, e.End)
		e.Raw, e.Value = zoeklicht.Mask(e.Raw), zoeklicht.Mask(e.Value)
	}
	m.out.WriteString(m.text[m.at:])
	masked := m.out.String()
	v.Title, v.Body = masked[:m.newTitle], masked[m.newTitle+1:]
	for i := range v.Fields {
		if v.Fields[i].Name == zoeklicht.FieldPhones {
			v.Fields[i].Value = zoeklicht.Mask(v.Fields[i].Value)
		}
	}
	return m
}

// masking writes a text with stretches of it hidden, from its beginning on.
type masking struct {
	text     string // title, line end, body
	title    int    // where the title ends in text
	newTitle int    // where it ends in what is written
	out      strings.Builder
	at       int // text up to here was written
	moves    []move
	values   [][2]string // what was hidden, raw and as a value, each once
	known    map[string]bool
}

// move is a hidden stretch: where it stood, and where it stands.
type move struct{ start, end, newStart, newEnd int }

// hidden notes what is hidden, and reports whether it was noted before.
func (m *masking) hidden(raw, value string) bool {
	if m.known[raw] {
		return true
	}
	if m.known == nil {
		m.known = map[string]bool{}
	}
	m.known[raw] = true
	m.values = append(m.values, [2]string{raw, value})
	return false
}

// moved tells where a stretch of the text stands now. One that begins or ends in a hidden
// stretch takes in the whole of that.
func (m *masking) moved(o zoeklicht.Offset) zoeklicht.Offset {
	to := func(off int, end bool) int {
		by := 0
		for _, h := range m.moves {
			switch {
			case off <= h.start:
				return off + by
			case off < h.end && end:
				return h.newEnd
			case off < h.end:
				return h.newStart
			}
			by = h.newEnd - h.end
		}
		return off + by
	}
	o.Start, o.End, o.Word = to(o.Start, false), to(o.End, true), m.mask(o.Word)
	return o
}

// mask hides in other words about the text what is hidden in it.
func (m *masking) mask(s string) string {
	for _, v := range m.values {
		for _, hide := range v {
			if len(hide) > 3 {
				s = strings.ReplaceAll(s, hide, zoeklicht.Mask(hide))
			}
		}
	}
	return s
}

// assessed hides in an assessment what is hidden in the version, and moves the words that
// hits point at to where they stand now.
func (m *masking) assessed(a zoeklicht.Assessment) zoeklicht.Assessment {
	for i := range a.Hits {
		h := &a.Hits[i]
		h.Trace = m.mask(h.Trace)
		for j := range h.Where {
			h.Where[j] = m.moved(h.Where[j])
		}
	}
	return a
}

// hide masks a stretch and tells where it stands now. What was hidden already is
// left; of a stretch that begins in it, the rest is hidden.
func (m *masking) hide(start, end int) (from, to int) {
	if start < 0 || end > len(m.text) || start >= end || end <= m.at {
		return 0, 0
	}
	overlap := start < m.at
	start = max(start, m.at)
	m.out.WriteString(m.text[m.at:start])
	from = m.out.Len()
	if start < m.title && end > m.title { // across the end of the title: that stays where it is
		m.put(start, m.title, overlap)
		m.out.WriteByte('\n')
		m.put(m.title+1, end, true)
	} else {
		m.put(start, end, overlap)
	}
	m.moves = append(m.moves, move{start, end, from, m.out.Len()})
	m.at = end
	if overlap {
		return 0, 0
	}
	return from, m.out.Len()
}

// put writes a stretch hidden: whole, or so that its ends can be told.
func (m *masking) put(start, end int, whole bool) {
	hidden := strings.Repeat("•", utf8.RuneCountInString(m.text[start:end]))
	if !whole {
		hidden = zoeklicht.Mask(m.text[start:end])
	}
	m.out.WriteString(hidden)
	if end <= m.title {
		m.newTitle += len(hidden) - (end - start)
	}
}
