// Package wording holds the Dutch and English texts of screens and messages.
//
// What always holds for it:
//
//   - Every text is written in both languages. The tables are made of unkeyed
//     struct literals, so a text without its English does not compile; the tests
//     refuse an empty one.
//   - A key stands in exactly one table, and begins with that table's name and a
//     dot. Every key that a template or a line of Go asks for exists, and every
//     key that exists is asked for: the tests read the sources of the rooms
//     above and compare.
//   - Texts take their arguments as %s only, in either language the same ones. The
//     values are formatted here: numbers with the separator of the language, times
//     as dd-mm-jjjj hh:mm, durations and sizes in words.
//   - Words for the constants of the root package (why a URL failed, what state a
//     source is in) are tables by constant, and a constant without its words fails
//     the tests.
//
// The Dutch is plain (level B1), addresses the reader as "u", and uses the terms
// of docs/nl/begrippen.md: peilmoment, vastlegging, advertentie, bron.
package wording

import (
	"fmt"
	"strings"
	"time"
)

// Key names a text: the table's name, a dot, and what it is, such as
// "search.title".
type Key string

// pair is a text in Dutch and in English.
type pair struct{ nl, en string }

// plural is a text with a count: one and more in Dutch, one and more in English.
// Each has the count as its first %s; the forms for one may leave it out.
type plural struct{ nl1, nl, en1, en string }

// W words things in one language, with times told in one place. The zero value is
// Dutch, in UTC.
type W struct {
	english bool
	place   *time.Location
}

// Langs are the languages, the first one being the default.
var Langs = []string{"nl", "en"}

// In gives the wording of a language, "nl" or "en", Dutch for anything else, which
// tells times as they are in place; nil means UTC.
func In(lang string, place *time.Location) W {
	return W{english: lang == "en", place: place}
}

// Lang gives "nl" or "en".
func (w W) Lang() string {
	if w.english {
		return "en"
	}
	return "nl"
}

// Place gives the place whose times are told.
func (w W) Place() *time.Location {
	if w.place == nil {
		return time.UTC
	}
	return w.place
}

// T gives a text, its arguments filled in. See Say for how they are written.
func (w W) T(key Key, args ...any) string {
	if p, ok := tableOf(key).texts[key]; ok {
		return w.fill(w.pick(p), args)
	}
	return "⟦" + string(key) + "⟧" // the tests keep this from ever being seen
}

// N gives a text about n things: its form for one or for more, n being the first
// argument.
func (w W) N(key Key, n int, args ...any) string {
	return w.NAtLeast(key, n, false, args...)
}

// NAtLeast is N for a count that may be a floor, "10.000+".
func (w W) NAtLeast(key Key, n int, floor bool, args ...any) string {
	p, ok := tableOf(key).plurals[key]
	if !ok {
		return "⟦" + string(key) + "⟧"
	}
	form := pair{p.nl, p.en}
	if n == 1 && !floor {
		form = pair{p.nl1, p.en1}
	}
	return w.fill(w.pick(form), append([]any{w.AtLeast(n, floor)}, args...))
}

func tableOf(key Key) table {
	name, _, _ := strings.Cut(string(key), ".")
	for _, t := range tables {
		if t.name == name {
			return t
		}
	}
	return table{}
}

func (w W) pick(p pair) string {
	if w.english {
		return p.en
	}
	return p.nl
}

func (w W) fill(text string, args []any) string {
	if !strings.Contains(text, "%") {
		return text // "Show the number" needs no 1 in it
	}
	said := make([]any, len(args))
	for i, a := range args {
		said[i] = w.Say(a)
	}
	return fmt.Sprintf(text, said...)
}

// Say writes a value the way texts show it: whole numbers with separators, times as
// moments, durations in words, anything else as fmt does.
func (w W) Say(v any) string {
	switch v := v.(type) {
	case int:
		return w.Number(v)
	case int64:
		return w.Number(int(v))
	case time.Time:
		return w.Moment(v)
	case time.Duration:
		return w.Duration(v)
	case string:
		return v
	}
	return fmt.Sprint(v)
}

// table is one screen's texts. Its keys begin with its name and a dot.
type table struct {
	name    string
	texts   map[Key]pair
	plurals map[Key]plural
}

// tables lists every table there is.
var tables = []table{
	{"frame", frameTexts, nil},
	{"sign", signTexts, nil},
	{"home", homeTexts, homePlurals},
	{"search", searchTexts, searchPlurals},
	{"advert", advertTexts, advertPlurals},
	{"why", whyTexts, whyPlurals},
	{"judge", judgeTexts, judgePlurals},
	{"mend", mendTexts, mendPlurals},
	{"seal", sealTexts, sealPlurals},
	{"source", sourceTexts, sourcePlurals},
	{"problem", problemTexts, nil},
	{"unit", unitTexts, unitPlurals},
	{"work", workTexts, workPlurals},
	{"number", numberTexts, numberPlurals},
	{"list", listTexts, listPlurals},
	{"capture", captureTexts, nil},
	{"report", reportTexts, nil},
	{"many", manyTexts, manyPlurals},
	{"paper", paperTexts, paperPlurals},
	{"export", exportTexts, exportPlurals},
	{"proof", proofTexts, proofPlurals},
	{"case", caseTexts, casePlurals},
	{"ledger", ledgerTexts, ledgerPlurals},
	{"office", officeTexts, officePlurals},
}
