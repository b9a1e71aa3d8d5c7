package cli

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/extract"
	"zoeklicht/internal/store"
)

type cases []store.CorrectionCase

func (c cases) CorrectionCases(context.Context) ([]store.CorrectionCase, error) { return c, nil }

// TestCorrections holds the finder to corrections of each kind: what was missed, what was
// something else, what is not there, and what stood in a field.
func TestCorrections(t *testing.T) {
	t.Parallel()
	finder, err := extract.NewEntities(extract.EntitiesConfig{Regions: []string{"NL"}, PhonePatterns: []string{`^\+316000[0-9]{5}$`}})
	if err != nil {
		t.Fatal(err)
	}
	const text = "Studio in Zwolle\nBel 06 0001 2345, 150 euro per uur"
	of := func(kind zoeklicht.EntityType, raw, value, right string) store.CorrectionCase {
		k := store.CorrectionCase{Text: text, Lang: "nl"}
		k.Correction.Entity = zoeklicht.Entity{Type: kind, Value: value, Raw: raw}
		k.Correction.Right = right
		if at := strings.Index(text, raw); raw != "" && at >= 0 {
			k.Correction.Entity.Start, k.Correction.Entity.End = at, at+len(raw)
		}
		return k
	}
	for _, c := range []struct {
		name string
		of   store.CorrectionCase
		want bool
	}{
		{"a number that was cut off, found whole by now", of(zoeklicht.Phone, "06 0001 2345", "+3160001234", "+31600012345"), true},
		{"a number that is still found as it was", of(zoeklicht.Phone, "06 0001 2345", "+31600012345", "+31600012349"), false},
		{"a number that is not there, and is found", of(zoeklicht.Phone, "06 0001 2345", "+31600012345", ""), false},
		{"a price that was taken for a number", of(zoeklicht.Phone, "150 euro", "+31150", ""), true},
		{"a place that was missed, and is found", of(zoeklicht.PlaceName, "", "", "GM0193"), true},
		{"an age that was missed, and is", of(zoeklicht.Age, "", "", "24"), false},
		{"a place in a field, found there", of(zoeklicht.PlaceName, "Utrecht", "GM0193", "GM0344"), true},
		{"right elsewhere, and not there", of(zoeklicht.PlaceName, "150", "GM0344", "GM0193"), false},
	} {
		if got := (&Corrections{finder}).right(&c.of); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	all := cases{of(zoeklicht.Phone, "06 0001 2345", "+3160001234", "+31600012345"), of(zoeklicht.Age, "", "", "24")}
	for _, as := range []bool{true, false} {
		var said strings.Builder
		if err := (&Corrections{finder}).Run(t.Context(), all, &Out{To: &said, JSON: as, Lang: "en"}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(said.String(), "600012") {
			t.Errorf("a number is told: %s", said.String())
		}
		if !as {
			if !strings.Contains(said.String(), "1 of 2 corrections are found right by now.") || !strings.Contains(said.String(), "missed") {
				t.Error(said.String())
			}
			continue
		}
		var first corrected
		if err := json.NewDecoder(strings.NewReader(said.String())).Decode(&first); err != nil || !first.Now || strings.Count(said.String(), "\n") != 2 {
			t.Errorf("%v: %s", err, said.String())
		}
	}
}
