package zoeklicht

import (
	"reflect"
	"strings"
	"testing"
)

func TestMaskedHidesEverySpelling(t *testing.T) {
	v := Version{
		Title: "Call 06 000 12345",
		Body:  "Call 06-000-12345 or 06 000 12345, from 10:00.",
		Fields: []FieldValue{
			{Name: FieldPhones, Value: "0600012345"},
			{Name: "contact", Value: "ask for 06-000-12345"},
			{Name: FieldPlace, Value: "Utrecht"},
		},
		Entities: []Entity{
			{Type: Phone, Raw: "06 000 12345", Start: 5, End: 17, Value: "+31600012345", Valid: true},
			{Type: Phone, Raw: "06-000-12345", Start: 24, End: 36, Value: "+31600012345", Valid: true},
			{Type: Phone, Raw: "000", Value: "+31600", Valid: false},
		},
	}
	m := v.Masked()
	all := m.Title + m.Body + m.Fields[0].Value + m.Fields[1].Value
	for _, e := range m.Entities {
		all += e.Raw + e.Value
	}
	for _, clear := range []string{"12345", "000", "0600"} {
		if strings.Contains(all, clear) {
			t.Errorf("%q can be read in %q", clear, all)
		}
	}
	if !strings.Contains(m.Body, "from 10:00") || m.Fields[2].Value != "Utrecht" {
		t.Errorf("more was masked than numbers: %+v", m)
	}
	if v.Entities[0].Value != "+31600012345" || v.Fields[0].Value != "0600012345" {
		t.Error("masking changed the version that it was given")
	}
	if twice := m.Masked(); !reflect.DeepEqual(twice, m) {
		t.Errorf("masked twice: %+v, once: %+v", twice, m)
	}
}
