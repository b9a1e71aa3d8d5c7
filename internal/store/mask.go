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
func mask(v *zoeklicht.Version) {
	m := &masking{text: v.Title + "\n" + v.Body, title: len(v.Title)}
	m.newTitle = m.title
	for i := range v.Entities {
		e := &v.Entities[i]
		if !e.Type.Identifies() {
			continue
		}
		if e.Raw != "" {
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
}

// masking writes a text with stretches of it hidden, from its beginning on.
type masking struct {
	text     string // title, line end, body
	title    int    // where the title ends in text
	newTitle int    // where it ends in what is written
	out      strings.Builder
	at       int // text up to here was written
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
