package zoeklicht

import "time"

// VersionName is a name that a person gave a version, to find and compare it by.
type VersionName struct {
	Version VersionID
	Name    string
	Person  string
	At      time.Time
}

// Correction says that an entity of a version was found wrongly, and what it should
// have been. It is added, never changed, and kept as a test case of the finder.
type Correction struct {
	ID      int64
	Version VersionID
	Entity  Entity // as it was found; zero Type Value where one was missed
	Right   string // the right value; "" where there is none
	// Heads says that the version is known by what is right, from At until Undone: it is of
	// the place or price that the version is known by.
	Heads  bool
	Person string
	At     time.Time
	Undone time.Time // zero while it stands
}

// Right is what a reader says is right where something was found wrongly, or was missed.
type Right struct {
	Value string // as entities of its type have it; "" where there is nothing
	// Wording is the value in words, as screens say it: of a place and a price. [Value]
	Wording string
	// Municipality and Unit are those of a right place, as in Version.
	Municipality string
	Unit         string
}

// Trouble is a report by a person that something is wrong on a screen.
type Trouble struct {
	ID     int64
	Person string
	At     time.Time
	Screen string // path without its query
	Text   string
	State  TroubleState
	Answer string
	By     string
	Since  time.Time // of the state
}

// TroubleState is how far a report has come.
type TroubleState string

// The states.
const (
	TroubleNew      TroubleState = "new"
	TroubleSeen     TroubleState = "seen"
	TroubleMended   TroubleState = "mended"
	TroubleDeclined TroubleState = "declined"
)

// Wanted is a page that a person asked to have captured now.
type Wanted struct {
	ID      int64
	URL     string
	Source  SourceID // whose approval covers it, "" for none
	Person  string
	Asked   time.Time
	Taken   time.Time // a collecting process began
	Done    time.Time
	Capture CaptureID // zero until done
	Advert  AdvertID  // 0 until it is read, or where the page is no advert
	Failure Fail
	Detail  string
}
