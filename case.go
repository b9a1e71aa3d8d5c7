package zoeklicht

import "time"

// Case is what the record of a theme says about one case number, for the court and for
// the other side: the same, years later, as of the same moment. It names things and
// holds no content. A case is what was done for a purpose: Number is compared with the
// purposes in the audit trail, without regard to case and white space.
type Case struct {
	Number string
	AsOf   time.Time
	// The lists are oldest first, at most CaseRows long each; More has the names of those
	// that are longer: "captured", "missed", "destroyed", "seen", "exported", "other".
	Captured  []CaseCapture
	Missed    []CaseMiss
	Destroyed []CaseDestroyed
	Seen      []CaseLook
	Exported  []Exported
	Other     []CaseRemark
	More      []string
	// Hold is the hold that keeps what was exported for the case; nil for none.
	Hold *CaseHold
}

// CaseRows bounds each list of a case.
const CaseRows = 1000

// Empty reports whether the record says nothing about the case.
func (c *Case) Empty() bool {
	return len(c.Captured)+len(c.Missed)+len(c.Destroyed)+len(c.Seen)+len(c.Exported)+len(c.Other) == 0
}

// CaseCapture is a capture that the case touched: asked for, looked at or exported.
type CaseCapture struct {
	Capture   CaptureID
	At        time.Time
	Source    SourceID
	Advert    AdvertID  // 0 where the page is no advert
	Version   VersionID // 0 for none
	N         int       // of the version in its advert
	Pictures  int
	LeafIndex int64 // -1 while it waits
	// Asked says that it was captured because somebody asked for it in this case,
	// Exported that it left.
	Asked, Exported bool
}

// CaseMiss is what was to be captured and was not, at the sources of the case's adverts
// while the case looked at them: a page, pictures of a capture, or the end of a run that
// stopped early.
type CaseMiss struct {
	At      time.Time
	Source  SourceID
	Run     int64     // 0 for what was asked for on its own
	Capture CaptureID // of the page whose pictures are missing; zero otherwise
	Advert  AdvertID  // 0 where none is known
	Fail    Fail
	Count   int
}

// CaseDestroyed is what was destroyed of the case's captures: whole ones, or items.
type CaseDestroyed struct {
	At      time.Time
	Capture CaptureID
	Advert  AdvertID
	Item    string // "" for the whole capture
	Rule    string // the retention rule, or the ground of an erasure
	Asked   string // who asked, and who approved; empty where a clock did it
	By      string
	Leaf    int64 // index of its erase leaf; -1 while it waits
}

// CaseLook is who did what in the case: acts of one kind by one person on one day.
type CaseLook struct {
	First, Last time.Time
	Name        string
	Role        Role
	Act         string // as the audit trail has it
	Times       int
	Rows        int // that were served
}

// CaseRemark is something that speaks for the other side, or that the court should know
// before it relies on the rest.
type CaseRemark struct {
	Kind    RemarkKind
	At      time.Time
	Advert  AdvertID
	Version VersionID
	N       int
	Name    string // who said it, "" for the platform
	Text    string // a reason given, or the title of an indicator; no content
	Count   int    // what the kind counts, 0 where it counts nothing
}

// RemarkKind is the kind of a remark.
type RemarkKind string

// The kinds.
const (
	RemarkNo       RemarkKind = "answered-no"      // a reader saw no signals
	RemarkUnclear  RemarkKind = "answered-unclear" // a reader could not tell
	RemarkSafety   RemarkKind = "safety"           // wording by which independent workers protect themselves
	RemarkNoSignal RemarkKind = "no-signal"        // no rule with a weight fired
	RemarkGap      RemarkKind = "gap"              // the number was away for Count days: possibly another user
	RemarkMended   RemarkKind = "mended"           // what the platform read was corrected by a person
	RemarkPictures RemarkKind = "pictures"         // Count pictures could not be had
	RemarkRun      RemarkKind = "run"              // no complete visit on Count days: what is absent may have been there
	RemarkAgainst  RemarkKind = "against"          // what was said against watching the source
)

// RemarkKinds in the order in which they are told.
var RemarkKinds = []RemarkKind{RemarkNo, RemarkUnclear, RemarkSafety, RemarkNoSignal, RemarkGap, RemarkMended, RemarkPictures, RemarkRun, RemarkAgainst}

// CaseHold keeps what a case needs from the clocks of retention.
type CaseHold struct {
	Since    time.Time
	By       string // "" for the automatic one that an export sets
	Captures int
	Until    time.Time // zero while it has no end
}
