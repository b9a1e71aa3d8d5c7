package theme

import (
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"zoeklicht"
)

const (
	maxIndicator = 48 // bytes of an indicator's identifier
	maxWeight    = 10 // points
	minTests     = 3
)

var word = regexp.MustCompile(`[A-Za-z]+`)

// offLimits are what no condition looks at, as words of variables and lexicons in
// Dutch and English.
var offLimits = []string{
	"nationality", "nationaliteit", "ethnicity", "ethnic", "etniciteit", "race", "ras", "skin", "huidskleur",
	"origin", "herkomst", "afkomst", "religion", "religious", "religie", "godsdienst", "geloof",
	"health", "gezondheid", "illness", "ziekte", "disability", "beperking", "pregnancy", "zwangerschap",
}

// ParseIndicator reads a rule. These are its keys, all but those in brackets required:
//
//	id, version     content never changes under one version
//	status          draft, active, retired; only active rules fire
//	title{nl,en}, rationale{nl,en}, false_positives{nl,en}
//	sources         literature and other grounds
//	grade           tested, expert, contested, refuted
//	legal_note      why the law allows looking at this; one text, or {nl,en}
//	[safety]        true: independent workers protect themselves so; weight must be 0
//	[lexicons]      names of the lexicons that the condition uses
//	condition       CEL over the advert; see internal/assess
//	weight          0 to 10 points in quarters, so that sums are exact
//	level           context, low, medium, high
//	[valid_from, valid_until]  days; the second is the first day after it
//	[replaces]      the rule that this one took the place of
//	tests           three or more, one of which expects a hit and one none:
//	                name, advert, expect, [todo]
//
// The advert of a test has title, body, lang and, where they matter, place, price
// ("EUR 80/60min"), median_price, beside{adverts, sources, cities, names, ages,
// versions, text_elsewhere, picture_elsewhere} and entities: a list of {type, raw,
// value, [obfuscated]}, whose raw stands in the title or body.
//
// The rule is nil when there are problems. Whether the condition compiles, and whether
// the lexicons are there, is not looked at here.
func ParseIndicator(file string, b []byte) (*zoeklicht.Indicator, Problems) {
	r := &reader{file: file}
	m := r.open(b, "the indicator")
	if m == nil {
		return nil, r.problems
	}
	in := m.indicator()
	if len(r.problems) > 0 {
		return nil, r.problems.sorted()
	}
	return in, nil
}

func (m *mapping) indicator() *zoeklicht.Indicator {
	m.need("id", "version", "status", "title", "rationale", "false_positives", "sources", "grade", "legal_note",
		"condition", "weight", "level", "tests")
	in := &zoeklicht.Indicator{
		ID:      zoeklicht.IndicatorID(m.name("id", maxIndicator)),
		Version: int(m.number("version", 1, 1_000_000)),
		Status: zoeklicht.IndicatorStatus(m.oneOf("status",
			string(zoeklicht.Draft), string(zoeklicht.ActiveRule), string(zoeklicht.RetiredRule))),
		Title: m.both("title"), Rationale: m.both("rationale"), FalsePositives: m.both("false_positives"),
		Sources: plain(m.texts("sources")),
		Grade: zoeklicht.Grade(m.oneOf("grade",
			string(zoeklicht.Tested), string(zoeklicht.Expert), string(zoeklicht.Contested), string(zoeklicht.Refuted))),
		LegalNote: m.either("legal_note"), Safety: m.flag("safety"),
		Lexicons:  m.formed("lexicons", lexiconForm, "lower-case letters, digits and _"),
		Condition: m.text("condition"), Weight: m.decimal("weight", 0, maxWeight),
		Level: zoeklicht.Level(m.oneOf("level",
			string(zoeklicht.LevelContext), string(zoeklicht.LevelLow), string(zoeklicht.LevelMedium), string(zoeklicht.LevelHigh))),
		From: m.day("valid_from"), Until: m.day("valid_until"),
		Replaces: zoeklicht.IndicatorID(m.name("replaces", maxIndicator)),
	}
	for _, n := range m.list("tests") {
		if sub := m.mapping(n, "a test"); sub != nil {
			in.Tests = append(in.Tests, sub.example())
		}
	}
	m.sound(in)
	m.done()
	return in
}

// sound checks what a rule's keys promise together.
func (m *mapping) sound(in *zoeklicht.Indicator) {
	if len(in.Sources) == 0 && m.pairs["sources"] != nil {
		m.problem(m.at("sources"), "sources is empty: every rule names its ground")
	}
	if in.Weight*4 != math.Trunc(in.Weight*4) {
		m.problem(m.at("weight"), "weight %v is no quarter: such as 0.25 or 1.5", in.Weight)
	}
	switch {
	case in.Safety && in.Weight != 0:
		m.problem(m.at("weight"), "weight is %v, and the wording is also how independent workers protect themselves (safety): it must be 0", in.Weight)
	case in.Grade == zoeklicht.Refuted && in.Weight != 0:
		m.problem(m.at("weight"), "weight is %v, and the grade is refuted: it must be 0", in.Weight)
	case (in.Weight == 0) != (in.Level == zoeklicht.LevelContext) && m.pairs["weight"] != nil && in.Level != "":
		m.problem(m.at("level"), "level is %s with weight %v: context goes with 0, and only with it", in.Level, in.Weight)
	}
	if !in.Until.IsZero() && !in.Until.After(in.From) {
		m.problem(m.at("valid_until"), "valid_until is not after valid_from")
	}
	for _, key := range []string{"condition", "lexicons"} {
		text := in.Condition
		if key == "lexicons" {
			text = strings.Join(in.Lexicons, " ")
		}
		for _, w := range word.FindAllString(text, -1) {
			if slices.Contains(offLimits, strings.ToLower(w)) {
				m.problem(m.at(key), "%s has %q: no rule looks at nationality, ethnicity, religion or health", key, w)
			}
		}
	}
	var fires, silent bool
	for _, t := range in.Tests {
		fires, silent = fires || t.Expect, silent || !t.Expect
	}
	if m.pairs["tests"] != nil && (len(in.Tests) < minTests || !fires || !silent) {
		m.problem(m.at("tests"), "%d tests: three or more are wanted, one of which expects a hit and one none", len(in.Tests))
	}
}

// example reads a test.
func (m *mapping) example() (t zoeklicht.IndicatorTest) {
	m.need("name", "advert", "expect")
	t.Name = m.text("name")
	if t.Name != "" {
		m.what = "test " + t.Name
	}
	if sub := m.sub("advert"); sub != nil {
		sub.what = "the advert of " + m.what
		t.Advert = sub.advert()
	}
	t.Expect, t.Todo = m.flag("expect"), m.flag("todo")
	m.done()
	return t
}

// advert reads the advert of a test.
func (m *mapping) advert() (a zoeklicht.TestAdvert) {
	m.need("title", "body", "lang")
	a.Title, a.Body, a.Lang = m.text("title"), m.text("body"), m.text("lang")
	if a.Lang != "" && !languageForm.MatchString(a.Lang) {
		m.problem(m.at("lang"), "lang %q: two lower-case letters of ISO 639-1", a.Lang)
	}
	a.Place, a.Price, a.MedianPrice = m.text("place"), m.text("price"), m.decimal("median_price", 0, 10_000)
	if sub := m.sub("beside"); sub != nil {
		counts := func(key string) int { return int(sub.number(key, 0, 1_000_000)) }
		a.Beside = zoeklicht.Beside{
			Adverts: counts("adverts"), Sources: counts("sources"), Cities: counts("cities"), Names: counts("names"),
			Ages: counts("ages"), Versions: counts("versions"),
			TextElsewhere: counts("text_elsewhere"), PictureElsewhere: counts("picture_elsewhere"),
		}
		sub.done()
	}
	for _, n := range m.list("entities") {
		if sub := m.mapping(n, "an entity of "+m.what); sub != nil {
			a.Entities = append(a.Entities, sub.entity(n, a.Title+"\n"+a.Body))
		}
	}
	m.done()
	return a
}

// entity reads one of a test's entities and finds it in the text.
func (m *mapping) entity(n ast.Node, in string) (e zoeklicht.Entity) {
	m.need("type", "raw", "value")
	types := make([]string, len(zoeklicht.EntityTypes))
	for i, t := range zoeklicht.EntityTypes {
		types[i] = string(t)
	}
	e = zoeklicht.Entity{
		Type: zoeklicht.EntityType(m.oneOf("type", types...)), Raw: m.text("raw"), Value: m.text("value"),
		Obfuscated: m.flag("obfuscated"), Valid: true,
	}
	if e.Start = strings.Index(in, e.Raw); e.Start < 0 {
		m.problem(n, "%q stands neither in the title nor in the body", e.Raw)
		e.Start = 0
	}
	e.End = e.Start + len(e.Raw)
	m.done()
	return e
}
