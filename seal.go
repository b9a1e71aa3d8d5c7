package zoeklicht

import "time"

// SealID is the row number of a seal.
type SealID int64

// Seal takes content out of everybody's sight at once: one key, one person, no second
// needed. Sealed content is in no answer, thumbnail, export or search any more, until a
// custody for it exists.
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
}

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
