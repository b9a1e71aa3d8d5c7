package cli_test

import (
	"testing"

	"zoeklicht/internal/cli"
)

// TestEntities holds what the verb prints to golden files.
func TestEntities(t *testing.T) {
	t.Parallel()
	const text = "Relaxing massage by appointment in Utrecht or near Bergen. I am 34 years old. Mon-Fri 10:00-20:00, 60 min €80. " +
		"Call zero six zero zero zero one two three four five or 06-0001\x1b 2346, mail anna (at) example (dot) org, telegram @anna_sun."
	for name, e := range map[string]*cli.Entities{
		"entities":         {Text: text, Regions: []string{"NL"}, PhonePatterns: []string{`\+316000\d{5}`}},
		"entities-common":  {Text: "Call 06 00 01 23 45 or (212) 555-0123"},
		"entities-nothing": {Text: "Relaxing massage by appointment"},
		"entities-region":  {Text: "x", Regions: []string{"NL", "Holland"}},
		"entities-places": {
			Text: "massage in Musterstadt", PlacesName: "more.csv",
			Places: []byte("code,name,province,unit,from,until,names\nDE0001,Musterstadt,Abroad,limburg,,,\n"),
		},
		"entities-places-wrong": {Text: "x", PlacesName: "more.csv", Places: []byte("code,name\n")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name, e.Run)
		})
	}
}

// TestEntitiesInDutch shows the table in Dutch.
func TestEntitiesInDutch(t *testing.T) {
	t.Parallel()
	golden(t, "entities-nl", func(out *cli.Out) error {
		out.Lang = "nl"
		return (&cli.Entities{Text: "Massage in Zwolle, € 80 per uur, 06.00.01.23.45", Regions: []string{"NL"}}).Run(out)
	})
}
