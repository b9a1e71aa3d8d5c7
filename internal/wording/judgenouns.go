package wording

import (
	"math"

	"zoeklicht"
)

// Level says what one hit of a rule is worth.
func (w W) Level(l zoeklicht.Level) string { return words(w, levels, l) }

// Grade says how well research supports a rule.
func (w W) Grade(g zoeklicht.Grade) string { return words(w, grades, g) }

// Answer words what a reader said to the theme's question.
func (w W) Answer(a zoeklicht.Answer) string { return words(w, answers, a) }

// SealReason says why something was sealed.
func (w W) SealReason(r zoeklicht.SealReason) string { return words(w, sealReasons, r) }

// EntityType names a kind of thing that is found in a text.
func (w W) EntityType(t zoeklicht.EntityType) string { return words(w, entityTypes, t) }

// Points writes a weight or a sum of weights, with its decimals only where it has some.
func (w W) Points(f float64) string {
	for d := range 2 {
		if p := math.Pow(10, float64(d)); math.Abs(f*p-math.Round(f*p)) < 1e-6 {
			return w.Decimal(f, d)
		}
	}
	return w.Decimal(f, 2)
}

var levels = map[zoeklicht.Level]pair{
	zoeklicht.LevelContext: {"alleen context", "context only"},
	zoeklicht.LevelLow:     {"licht", "low"},
	zoeklicht.LevelMedium:  {"middel", "medium"},
	zoeklicht.LevelHigh:    {"zwaar", "high"},
}

var grades = map[zoeklicht.Grade]pair{
	zoeklicht.Tested:    {"getoetst aan bekende uitkomsten", "tested against known outcomes"},
	zoeklicht.Expert:    {"oordeel van deskundigen, niet getoetst", "judgement of experts, not tested"},
	zoeklicht.Contested: {"omstreden: bronnen spreken elkaar tegen", "contested: sources disagree"},
	zoeklicht.Refuted:   {"weerlegd: getoetst, en geen verband gevonden", "refuted: tested, and no link was found"},
}

var answers = map[zoeklicht.Answer]pair{
	zoeklicht.Yes:     {"ja", "yes"},
	zoeklicht.No:      {"nee", "no"},
	zoeklicht.Unclear: {"onduidelijk", "unclear"},
}

var sealReasons = map[zoeklicht.SealReason]pair{
	zoeklicht.SealMinor: {"vermoeden van een minderjarige", "suspected minor"},
	zoeklicht.SealAbuse: {"beeld van misbruik", "picture of abuse"},
	zoeklicht.SealOther: {"andere reden", "another reason"},
}

var entityTypes = map[zoeklicht.EntityType]pair{
	zoeklicht.Phone:        {"telefoonnummer", "phone number"},
	zoeklicht.Email:        {"e-mailadres", "e-mail address"},
	zoeklicht.Link:         {"webadres", "web address"},
	zoeklicht.Handle:       {"account", "handle"},
	zoeklicht.Price:        {"prijs", "price"},
	zoeklicht.Age:          {"vermelde leeftijd", "stated age"},
	zoeklicht.Availability: {"bereikbaarheid", "availability"},
	zoeklicht.PlaceName:    {"plaats", "place"},
}
