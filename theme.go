package zoeklicht

import "time"

// ThemeName names a theme: lower-case letters, digits and hyphens, at most 32
// bytes. It names the theme's database, keys and folder as well.
type ThemeName string

// Text is one text of the screens or of a theme pack in the two languages that
// every text has.
type Text struct {
	NL string `yaml:"nl" json:"nl"`
	EN string `yaml:"en" json:"en"`
}

// In gives the text in a language, "nl" or "en"; Dutch for anything else.
func (t Text) In(lang string) string {
	if lang == "en" {
		return t.EN
	}
	return t.NL
}

// Theme is a purpose with its own legal basis, sources, indicators, people,
// retention and separate store. Theme packs under themes/ are its source form.
type Theme struct {
	Name     ThemeName
	Title    Text
	Purpose  Text     // what the theme is for, as the authorisation words it
	Ground   Text     // the legal ground for processing
	Question Text     // what a reader is asked about each advert
	Practice bool     // synthetic sources only: loopback allowed, times from the simulated clock
	Regions  []string // default regions for phone numbers, ISO 3166 alpha-2, in order
	Locale   *time.Location
	// Languages whose stop words and number words apply, ISO 639-1.
	Languages []string
	// Fields is the minimised list of advert fields the working store may hold.
	Fields []string
	// Missing names what must be built or decided before the theme can be
	// activated. A theme with anything in it stays inactive.
	Missing []Text
	// Sources are the proposals that the pack seeds.
	Sources []Source
	// Recipes are the pack's recipes, one per seeded source at most.
	Recipes []Recipe
	// PhonePatterns are regular expressions over whole E.164 numbers that count
	// as valid in this theme, whatever the regions' own tables say of them.
	PhonePatterns []string
	// Indicators are the pack's rules, by identifier, and Lexicons the words that they
	// use. A pack may take another's (indicators_of).
	Indicators []Indicator
	Lexicons   []Lexicon
	// Terms say how long data may be held, one for each ground.
	Terms []Term
}

// Term is how long data may be held on one ground: a chain of states, each with
// its length, counted from what TermStart says. At the end of the last the data
// are destroyed. A length of zero leaves a state out.
type Term struct {
	Article string // "Wpg 8"
	Title   Text
	From    TermStart
	Active  Period // full use
	Compare Period // hit/no-hit comparison only
	Removed Period // for complaints and accountability only
}

// TermStart is what a term counts from.
type TermStart string

// What terms count from.
const (
	FromCollection   TermStart = "collection"   // of the data
	FromEnd          TermStart = "end"          // of the investigation
	FromConfirmation TermStart = "confirmation" // of the last processing that confirmed the ground
)

// Period is a length of time on the calendar.
type Period struct{ Years, Months, Days int }

// After gives the moment that lies a period after t.
func (p Period) After(t time.Time) time.Time { return t.AddDate(p.Years, p.Months, p.Days) }
