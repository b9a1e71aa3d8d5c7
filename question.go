package zoeklicht

import "time"

// Question is what an analyst asks of a theme's versions. Its canonical form is
// its JSON; the same question as of the same moment has the same answer.
type Question struct {
	Text    string     `json:"text,omitempty"` // words, "exact phrases", -exclusions
	From    string     `json:"from,omitempty"` // first day seen, 2006-01-02 in the theme's place
	To      string     `json:"to,omitempty"`   // last day seen, included
	Sources []SourceID `json:"sources,omitempty"`
	Place   string     `json:"place,omitempty"`
	Phone   string     `json:"phone,omitempty"` // any spelling, or at least four digits of it
	Lang    string     `json:"lang,omitempty"`
	State   string     `json:"state,omitempty"`   // "", "online" or "gone", as of the moment
	Picture string     `json:"picture,omitempty"` // "", "with", "without" or "missing"
	// Indicators are rules that fired on the version, each of them, by the assessment
	// that was in force as of the moment.
	Indicators []IndicatorID `json:"indicators,omitempty"`
	MinScore   float64       `json:"min_score,omitempty"` // of that assessment
	// Feedback is "none" for versions that the reader did not classify, or an Answer that
	// somebody gave to one that the reader classified as well; each as it stood as of the
	// moment. Such a question has an answer for each reader.
	Feedback string `json:"feedback,omitempty"`
	Unit     string `json:"unit,omitempty"` // police unit of the place
	// Newest keeps only the newest version of each advert as of the moment.
	Newest bool `json:"newest,omitempty"`
}

// ResultID names an answer that stays: "r-" and 10 letters and digits.
type ResultID string

// Result is the answer to a question as of a moment. Rows are in a fixed order,
// newest seen first; each is the newest matching version of one advert.
type Result struct {
	ID       ResultID
	Question Question
	AsOf     time.Time // the moment, on the theme's clock
	Seq      Seq       // what AsOf was resolved to
	Asked    time.Time
	By       PersonID
	Adverts  int
	Versions int
	// More says that the counts are floors: "10,000+".
	More bool
	// Destroyed counts rows that were in the answer and have been destroyed since.
	Destroyed int
	// Sealed counts those that were sealed since.
	Sealed int
	Rows   []Row // the page asked for
	// Days are counts of matching versions per day, for the histogram.
	Days []DayCount
	// Units are counts of matching versions per police unit, largest first.
	Units []Counted
}

// Row is one line of a result.
type Row struct {
	Position int // from 1
	Version  Version
	Advert   Advert
	Matches  int    // versions of this advert that match
	Snippet  []Span // the text around what matched
	// Assessment is the version's as of the moment; nil before it was assessed.
	Assessment *Assessment
}

// Span is a stretch of text, marked where it matched.
type Span struct {
	Text string
	Mark bool
}

// DayCount is a bar of a histogram. NoRun says that no complete run covered the
// day, so that a low count means nothing.
type DayCount struct {
	Day   string // 2006-01-02
	Count int
	NoRun bool
}
