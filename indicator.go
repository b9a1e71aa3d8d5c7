package zoeklicht

import "time"

// IndicatorID names an indicator: lower-case letters, digits and hyphens, at most 48
// bytes.
type IndicatorID string

// Indicator is a versioned, tested, explained rule over one advert's version and what
// is known beside it. It judges advertisements, never persons.
type Indicator struct {
	ID      IndicatorID
	Version int // from 1; content never changes under one version
	Status  IndicatorStatus
	Title   Text
	// Rationale says why the rule may point at abuse, and FalsePositives what else it
	// may be.
	Rationale, FalsePositives Text
	Sources                   []string // literature and other grounds
	Grade                     Grade
	LegalNote                 Text // why the law allows looking at this
	// Safety says that the wording is also how independent workers protect themselves:
	// the weight must be 0 until local outcomes support another.
	Safety    bool
	Lexicons  []string // names of the lexicons that the condition may use
	Condition string   // CEL over the typed advert; see internal/assess
	Weight    float64  // points that a hit adds to the assessment; may be 0
	Level     Level
	From      time.Time // first day of validity, zero for always
	Until     time.Time // first day after it, zero for always
	Replaces  IndicatorID
	Tests     []IndicatorTest
	SHA256    [32]byte // of the rule's file and its lexicons: locks the version
}

// IndicatorStatus is where a rule is in its life. Only active ones fire.
type IndicatorStatus string

// The statuses.
const (
	Draft       IndicatorStatus = "draft"
	ActiveRule  IndicatorStatus = "active"
	RetiredRule IndicatorStatus = "retired"
)

// Grade is how well research supports a rule.
type Grade string

// The grades.
const (
	Tested    Grade = "tested"    // against known outcomes
	Expert    Grade = "expert"    // by people of the field, untested or weakly
	Contested Grade = "contested" // sources disagree
	Refuted   Grade = "refuted"   // tested, and not associated or the reverse
)

// Level says in a word what one hit is worth.
type Level string

// The levels.
const (
	LevelContext Level = "context" // says something, weighs nothing
	LevelLow     Level = "low"
	LevelMedium  Level = "medium"
	LevelHigh    Level = "high"
)

// IndicatorTest is an example inside a rule that must hold before it is activated.
type IndicatorTest struct {
	Name   string
	Advert TestAdvert
	Expect bool
	Todo   bool // known not to hold yet
}

// TestAdvert is the advert of an example: what the condition may look at.
type TestAdvert struct {
	Title, Body, Lang, Place string
	Price                    string // as entities have it: "EUR 80/60min"
	Beside                   Beside
	// Entities are what the finder would find. Their Raw stands in the title or body,
	// which gives the offsets.
	Entities []Entity
	// MedianPrice is the usual price an hour, 0 where it is not known.
	MedianPrice float64
}

// Beside is what was known beside a version when it became known (versions of the same
// or a smaller seq), over the BesideDays before it was seen. All counts include the
// version itself, but for those that end in Elsewhere. With several numbers on a
// version, each count is the largest of theirs; without one they are the advert's own.
type Beside struct {
	Adverts  int // that carry the number
	Sources  int
	Cities   int // municipalities
	Names    int // stated aliases
	Ages     int // stated ages
	Versions int // of this advert, in all its time
	// TextElsewhere counts adverts with the same folded text under other numbers,
	// PictureElsewhere those with one of its pictures (the same bytes) under other numbers.
	TextElsewhere    int
	PictureElsewhere int
}

// BesideDays is how far back Beside looks.
const BesideDays = 7

// Lexicon is a list of words and phrases of one meaning, per language.
type Lexicon struct {
	Name  string
	Words map[string][]string // by ISO 639-1: words and phrases as text.FoldString folds them
}

// Offset is a stretch of a version's title and body (joined by a line feed), in bytes
// of the text as stored.
type Offset struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Word  string `json:"word,omitempty"` // the lexicon's word, folded
}

// Hit is one indicator that fired on one version.
type Hit struct {
	Version   VersionID   `json:"-"`
	Indicator IndicatorID `json:"indicator"`
	Rule      int         `json:"rule"` // the indicator's version
	Weight    float64     `json:"weight"`
	Where     []Offset    `json:"where,omitempty"` // the words that made it fire
	Trace     string      `json:"trace"`           // what the condition saw: "beside.cities = 4 >= 3"
}

// Assessment is a reason to look, and no proof: the sum of the weights of all hits of
// one set of rules on one version.
type Assessment struct {
	Version VersionID
	Set     string // names the set of rules: 12 letters and digits of its SHA-256
	Seq     Seq
	Score   float64 // the sum of the hits' weights, by construction
	Hits    []Hit   // by weight, largest first, then by indicator
}

// Elsewhere is an advert that shares its text or a picture with a version, under other
// numbers than that version's.
type Elsewhere struct {
	Advert  AdvertID
	Version VersionID // the newest of those that share it
	N       int       // of that version within its advert
	Source  SourceID
	SeenAt  time.Time
	Text    bool // the same text
	Picture bool // a picture of the same bytes
}
