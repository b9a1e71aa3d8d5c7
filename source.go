package zoeklicht

import "time"

// SourceID names a source within its theme: lower-case letters, digits, hyphens.
type SourceID string

// SourceState is where a source stands. Only an approved source whose review
// date has not passed is ever connected to.
type SourceState string

// The states, in the order of a source's life.
const (
	Proposed  SourceState = "proposed"
	Vetted    SourceState = "vetted"
	Approved  SourceState = "approved"
	Suspended SourceState = "suspended"
	Rejected  SourceState = "rejected"
	Retired   SourceState = "retired"
)

// Source is an approved public place on the internet, with its considerations,
// scope, schedule and recipe.
type Source struct {
	ID       SourceID
	Title    string
	Home     string // absolute URL where a run starts
	State    SourceState
	Scope    Scope
	Schedule Schedule
	// Priority orders sources that wait for vetting or for the crawler, 1 (first)
	// to 5; Expected says what watching it is expected to yield.
	Priority int
	Expected string
	// ReviewBy is when the approval lapses. The zero time means never approved.
	ReviewBy time.Time
	// Recipe is the version of the recipe in force, 0 for the generic fallback.
	Recipe int
	// Considerations are those of the decision in force.
	Considerations Considerations
	Decisions      []Decision // oldest first; filled where one source is shown
}

// Active reports whether the source may be visited at t.
func (s *Source) Active(t time.Time) bool {
	return s.State == Approved && t.Before(s.ReviewBy)
}

// Scope bounds what an approval covers: nothing outside it is connected to, on
// no redirect hop.
type Scope struct {
	// Hosts are host or host:port, lower case, exactly; a host without a port
	// covers 80 and 443.
	Hosts []string `yaml:"hosts" json:"hosts"`
	// Paths are path prefixes; none means every path.
	Paths []string `yaml:"paths,omitempty" json:"paths,omitempty"`
	// PictureHosts may be asked for pictures of an advert and nothing else.
	PictureHosts []string `yaml:"picture_hosts,omitempty" json:"picture_hosts,omitempty"`
	// Private names loopback or private prefixes (CIDR) that the source really
	// lies on. All special ranges are blocked but for these.
	Private []string `yaml:"private,omitempty" json:"private,omitempty"`
}

// Schedule is how often and how gently a source is visited. Zero values take
// the defaults in brackets.
type Schedule struct {
	Every      time.Duration `yaml:"every" json:"every"`           // between runs [24h]
	Delay      time.Duration `yaml:"delay" json:"delay"`           // between requests to one host [1s; robots' crawl-delay if longer]; negative: none
	InFlight   int           `yaml:"in_flight" json:"in_flight"`   // connections to one host [1]
	MaxURLs    int           `yaml:"max_urls" json:"max_urls"`     // URLs in one run [20000]
	MaxBytes   int64         `yaml:"max_bytes" json:"max_bytes"`   // bytes of one response, on the wire [16 MiB]
	MaxTime    time.Duration `yaml:"max_time" json:"max_time"`     // for one response [60s]
	FullEvery  int           `yaml:"full_every" json:"full_every"` // days (in UTC) between full captures of an unchanged page [7]
	UserAgent  string        `yaml:"user_agent" json:"user_agent"` // [the configuration's]
	AcceptLang string        `yaml:"accept_language" json:"accept_language"`
	// IgnoreRobots is a decision with a ground, recorded in the considerations.
	IgnoreRobots bool `yaml:"ignore_robots" json:"ignore_robots"`
}

// WithDefaults fills the zero values.
func (s Schedule) WithDefaults() Schedule {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&s.Every, 24*time.Hour)
	def(&s.Delay, time.Second)
	def(&s.MaxTime, time.Minute)
	if s.Delay < 0 {
		s.Delay = 0
	}
	if s.InFlight == 0 {
		s.InFlight = 1
	}
	if s.MaxURLs == 0 {
		s.MaxURLs = 20000
	}
	if s.MaxBytes == 0 {
		s.MaxBytes = 16 << 20
	}
	if s.FullEvery == 0 {
		s.FullEvery = 7
	}
	if s.AcceptLang == "" {
		s.AcceptLang = "nl,en;q=0.8,de;q=0.6"
	}
	return s
}

// Considerations are the recorded reasons for and against watching a source.
// Vetting and approval each need all of them answered.
type Considerations struct {
	Public        string `yaml:"public" json:"public"`                     // is it public, without login or barrier?
	Real          string `yaml:"real" json:"real"`                         // is it real, or a fake that earns on SMS or clicks?
	Need          string `yaml:"need" json:"need"`                         // what does watching it add that nothing milder gives?
	Proportionate string `yaml:"proportionate" json:"proportionate"`       // who is caught in view, how is that kept small?
	Against       string `yaml:"against" json:"against"`                   // what speaks against it
	Robots        string `yaml:"robots,omitempty" json:"robots,omitempty"` // ground for setting robots.txt aside, if so
}

// Complete reports the names of the considerations still unanswered.
func (c Considerations) Complete() (missing []string) {
	for _, f := range []struct{ name, v string }{
		{"public", c.Public},
		{"real", c.Real},
		{"need", c.Need},
		{"proportionate", c.Proportionate},
		{"against", c.Against},
	} {
		if f.v == "" {
			missing = append(missing, f.name)
		}
	}
	return missing
}

// DecisionKind is a step in a source's register.
type DecisionKind string

// The steps. Vetting and approving are done by two different people; the
// database refuses an approval by who vetted.
const (
	Propose DecisionKind = "propose"
	Vet     DecisionKind = "vet"
	Approve DecisionKind = "approve"
	Suspend DecisionKind = "suspend"
	Reject  DecisionKind = "reject"
	Retire  DecisionKind = "retire"
	Recast  DecisionKind = "recipe" // another recipe version was put in force
)

// Decision is one row of a source's register; it is never changed.
type Decision struct {
	Source         SourceID
	Kind           DecisionKind
	Person         PersonID
	PersonName     string
	At             time.Time
	Seq            Seq
	Reason         string
	Answer         string // told to who proposed it
	ReviewBy       time.Time
	Considerations Considerations
	Recipe         int
}
