package store

import (
	"strings"

	"zoeklicht"
)

// mask hides contact details in a version: in its text, its entities and its
// fields. People get masked versions until they reveal one for a purpose, so no
// screen, file or answer can forget to. Entities keep pointing at the text, as it
// is after masking.
func mask(v *zoeklicht.Version) {
	text := v.Title + "\n" + v.Body
	var out strings.Builder
	at := 0
	title := len(v.Title)
	shift := 0
	for i := range v.Entities {
		e := &v.Entities[i]
		if !identifies(e.Type) {
			continue
		}
		if e.Start >= at && e.End <= len(text) && e.Start < e.End {
			out.WriteString(text[at:e.Start])
			start := out.Len()
			hidden := zoeklicht.Mask(text[e.Start:e.End])
			out.WriteString(hidden)
			at = e.End
			if e.End <= len(v.Title) {
				shift += len(hidden) - (e.End - e.Start)
			}
			e.Start, e.End = start, out.Len()
		} else {
			e.Start, e.End = 0, 0 // overlaps one that is masked already, or lies in a field only
		}
		e.Raw, e.Value = zoeklicht.Mask(e.Raw), zoeklicht.Mask(e.Value)
	}
	out.WriteString(text[at:])
	masked := out.String()
	title += shift
	v.Title, v.Body = masked[:title], masked[title+1:]
	for i := range v.Fields {
		if v.Fields[i].Name == zoeklicht.FieldPhones {
			v.Fields[i].Value = zoeklicht.Mask(v.Fields[i].Value)
		}
	}
}

// identifies reports whether an entity of the type leads to a person.
func identifies(t zoeklicht.EntityType) bool { return t == zoeklicht.Phone }
