package zoeklicht

import (
	"strconv"
	"time"
)

// SealID is the row number of a seal.
type SealID int64

// String gives it as addresses and forms have it.
func (id SealID) String() string { return strconv.FormatInt(int64(id), 10) }

// Seal takes content out of everybody's sight at once: one key, one person, no second
// needed. Sealed content is in no answer, thumbnail, export, search or backup any more,
// until a custody for it exists.
type Seal struct {
	ID       SealID
	Seq      Seq
	Version  VersionID
	Advert   AdvertID
	Capture  CaptureID
	Pictures []PictureID // the same pictures anywhere else are sealed with it
	Why      SealReason
	Person   PersonID
	Name     string
	At       time.Time
	// Minor lane: taken by the duty role, and done. Zero while it waits.
	TakenBy string
	Taken   time.Time
	Done    time.Time
	Outcome string // in words, no content
	// Scope is what it covers, Versions how many versions of the advert that is by now, and
	// Later how many of these became known after it was made.
	Scope    SealScope
	Versions int
	Later    int
}

// SealScope is how much of an advert a seal covers.
type SealScope string

// The scopes.
const (
	SealVersion SealScope = "version" // the version and its pictures
	SealAdvert  SealScope = "advert"  // every version and picture, those that become known later too
)

// SealReason is why something was sealed.
type SealReason string

// The reasons.
const (
	SealMinor SealReason = "suspected-minor" // goes to the urgent lane
	SealAbuse SealReason = "abuse"
	SealOther SealReason = "other"
)

// Urgent reports whether the duty role must look at it with a running clock.
func (r SealReason) Urgent() bool { return r == SealMinor || r == SealAbuse }

// Least gives the least that a seal for this reason covers: what cannot wait covers the
// whole advert, whatever is asked for.
func (r SealReason) Least() SealScope {
	if r.Urgent() {
		return SealAdvert
	}
	return SealVersion
}

// Alarm says what waits in the urgent lane: counts and times, no content.
type Alarm struct {
	Waiting int // that nobody took yet
	Taken   int // that somebody has in hand
	// Oldest is when the first of those that wait was sealed, or of those in hand where
	// none waits; zero where there are neither.
	Oldest time.Time
}
