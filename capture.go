package zoeklicht

import (
	"encoding/hex"
	"fmt"
	"time"
)

// CaptureID is a random version 4 UUID.
type CaptureID [16]byte

// String gives the usual form with hyphens.
func (id CaptureID) String() string {
	h := hex.EncodeToString(id[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// ParseCaptureID reads the usual form.
func ParseCaptureID(s string) (id CaptureID, err error) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, Errorf(Invalid, "%q is not a capture's identifier", s)
	}
	b, err := hex.DecodeString(s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:])
	if err != nil {
		return id, Errorf(Invalid, "%q is not a capture's identifier", s)
	}
	return CaptureID(b), nil
}

// PageKind says what a URL is to its source.
type PageKind string

// The kinds.
const (
	KindRobots  PageKind = "robots"
	KindListing PageKind = "listing"
	KindAdvert  PageKind = "advert"
	KindOther   PageKind = "other"
)

// Visit is one look at one URL, complete with its redirects and pictures, before
// it is sealed. The pictures are those fetched in this very visit: a capture
// stands on its own.
type Visit struct {
	Task     Task
	Chain    []*Exchange // redirect hops in order; the last one is the page
	Pictures []PictureVisit
	// Digest is SHA-256 over the page's decoded body with session values taken
	// out; equal digests mean that the page did not change.
	Digest     [32]byte
	Unchanged  bool // as at the last capture: pictures were left alone, and it says so
	NotContent NotContent
	At         time.Time // on the theme's clock
	// After is the SHA-256 of the newest timestamp token that was held before the visit
	// began, hex; empty when there was none. So the visit is not older than the token.
	After string
}

// Page gives the last exchange of the chain.
func (v *Visit) Page() *Exchange { return v.Chain[len(v.Chain)-1] }

// PictureVisit is one picture of a page: fetched, or why not.
type PictureVisit struct {
	URL     string
	Chain   []*Exchange // empty when Failure came before any connection
	Failure Fail        // empty when the bytes are there
	Detail  string
}

// Context is what the operator and the law add to a capture, the same for all
// captures of a run.
type Context struct {
	Theme     ThemeName `json:"theme"`
	Ground    string    `json:"ground"`
	Source    SourceID  `json:"source"`
	Approval  Seq       `json:"approval"` // seq of the approving decision
	Run       int64     `json:"run"`
	Cause     string    `json:"cause"`  // "schedule", or the person who asked
	Exit      string    `json:"exit"`   // "direct"
	Build     string    `json:"build"`  // SHA-256 of the running binary, hex
	Config    string    `json:"config"` // SHA-256 of the configuration, hex
	Policy    string    `json:"policy"` // SHA-256 of the theme's policy, its theme.yaml, hex
	Recipe    string    `json:"recipe"` // source/version and SHA-256
	Robots    string    `json:"robots"` // SHA-256 of the robots.txt obeyed, "none", "unreachable" or "set aside"
	UserAgent string    `json:"user_agent"`
	Language  string    `json:"language"`
	Clock     string    `json:"clock"` // "system", or "simulated" in the practice theme
	// ClockKept says, at the run's begin, what kept the machine's clock right: the kernel's
	// bound on its error ("within 0.012s of the network's"), or "nothing".
	ClockKept string `json:"clock_kept"`
}

// Item is one separately encrypted part of a capture: "page", "picture:0",
// "context" …. Bytes hold one or more WARC records; each item can be destroyed
// or disclosed without the others.
type Item struct {
	Name  string
	Bytes []byte
}

// Sealed is a capture ready to be stored: its items, the salted manifest and the
// leaf, which is the final bytes that the ledger will hold.
type Sealed struct {
	ID       CaptureID
	Items    []Item
	Manifest []byte // sorted lines "<name> <sha256(salt32 ‖ bytes)>"
	Salts    []byte // 32 bytes for each line of Manifest, in its order
	Leaf     []byte
}

// Place says where the stored bytes of an item lie in a theme's segments.
type Place struct {
	Segment int64
	Offset  int64
	Length  int64
	Key     []byte // the item's data key, wrapped; without it the bytes are noise
}

// Capture is a stored capture as the register knows it.
type Capture struct {
	ID         CaptureID
	Seq        Seq
	Source     SourceID
	Run        int64
	Kind       PageKind
	URL        string // as asked for
	Canonical  string // without session values, the identity of the page
	FinalURL   string // after redirects
	Status     int
	At         time.Time
	Digest     [32]byte
	Unchanged  bool
	NotContent NotContent
	Failed     Fail // of the page; pictures have their own
	Pictures   int
	Missing    int // pictures that could not be had
	Outside    int // pictures outside the approval
	Bytes      int64
	Manifest   []byte
	Leaf       []byte
	LeafIndex  int64 // in the ledger; -1 while it waits in the outbox
	LeafYear   int   // of the log that LeafIndex is in; 0 while it waits
	Items      map[string]Place
	// Erased are the names of items that were destroyed on order, where a capture is shown or
	// taken out. Of one that was destroyed whole the addresses are empty.
	Erased []string
	// Sealed says that what it holds was taken out of sight: it comes without addresses,
	// items and leaf.
	Sealed bool
}

// Task is one URL handed out to be visited, under a lease.
type Task struct {
	Source    SourceID
	Run       int64
	Canonical string
	URL       string
	Kind      PageKind
	Depth     int
	Attempt   int
	// LastDigest and LastFull tell whether an unchanged page needs its pictures
	// again; the zero time means never captured.
	LastDigest [32]byte
	LastFull   time.Time
}

// String names the task in logs.
func (t Task) String() string { return fmt.Sprintf("%s %s %s", t.Source, t.Kind, t.URL) }
