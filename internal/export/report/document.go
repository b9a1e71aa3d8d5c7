package report

import (
	"context"
	"fmt"
	"time"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// Document is what a report says, complete: the drivers add words and pages and look
// nothing up. Texts that are given in one language are in Lang's.
type Document struct {
	ID    string         // names the report on every page: "r-0123456789", "x-2026-17"
	Lang  string         // "nl" or "en"; Dutch for anything else
	Place *time.Location // whose times are told, with UTC beside them; nil is UTC

	Organisation string // that made it
	Theme        string // title
	Practice     bool   // says on every page that its content is made up
	Purpose      string // case number or task, as stated
	Ground       string // the legal ground
	By           string // name of the person who made it
	Role         string // in words
	// Asker is who asked Result's question, where that is somebody else than By.
	Asker string
	Made  time.Time
	AsOf  time.Time // the moment whose knowledge is reported
	Seq   zoeklicht.Seq
	Build string // SHA-256 of the program that made it, hex; "" leaves it out

	// Result is the answer to a question with all its rows; nil where versions were
	// chosen otherwise.
	Result *zoeklicht.Result
	// Compare says that Versions are two, the old one first, and that the report tells
	// what differs.
	Compare  bool
	Versions []Version
	// Rules explains the hits; a hit finds its rule by identifier and version.
	Rules    []zoeklicht.Indicator
	Sources  map[zoeklicht.SourceID]string // titles
	Pictures Pictures
	// Masked says that contact details are masked in what Versions hold. No hash stands in
	// such a report from which somebody could try out what was masked or left out: of pages
	// and pictures it has the salted ones of the manifest alone.
	Masked bool
	// Absent is what belongs to the subject and is not in the report, with the reason:
	// destroyed, sealed, a limit.
	Absent []Absent
	// Appendices are the files that go with the report.
	Appendices []Appendix
}

// Pictures says what becomes of pictures. The zero value leaves them out: suspects read
// files.
type Pictures string

// The ways.
const (
	PicturesOut     Pictures = ""        // named and hashed, not shown
	PicturesAnnexed Pictures = "annexed" // shown in a document of their own, see Annex
	PicturesIn      Pictures = "in"      // shown where they belong
)

// Version is one version of an advert with what is known beside it.
type Version struct {
	Content   zoeklicht.Version
	Advert    zoeklicht.Advert // its Versions are not read
	Sightings int              // how often this version was seen; 0 leaves it out
	Names     []zoeklicht.VersionName
	// Assessment is that in force as of the report's moment; nil before it was assessed. The
	// places of its hits count in Content's title, a line feed and its text, as given here.
	Assessment *zoeklicht.Assessment
	// Feedback is what readers answered, for and against; undone answers are not shown.
	Feedback []zoeklicht.Feedback
	Pictures []Picture
	// Provenance is nil where the capture may not be disclosed.
	Provenance *Provenance
	Proof      Proof
}

// Picture is one picture of a version.
type Picture struct {
	zoeklicht.VersionPicture
	SHA256        [32]byte // of the captured bytes; zero where there are none
	Width, Height int      // of the captured picture; 0 where it could not be decoded
	// Read gives the re-encoded form, a JPEG, PNG or GIF, when it is drawn. Without it the
	// picture is not shown, and Problem may say why.
	Read    func(context.Context) ([]byte, error)
	Problem string
}

// Provenance is how the page was captured.
type Provenance struct {
	Capture zoeklicht.Capture // with manifest and leaf
	Context zoeklicht.Context
	Hops    []Hop  // redirects in order, then the page
	More    []Fact // what else the capture recorded, in the report's language
}

// Fact is a line of a list of facts.
type Fact struct{ Label, Value string }

// Hop is one exchange on the way to the page, the page being the last.
type Hop struct {
	URL, Method string
	Status      int // 0 if no response came
	Location    string
	Driver      string // "http/1"
	Started     time.Time
	Duration    time.Duration
	Peer, Local string // address and port
	Reused      bool   // the connection had carried an earlier exchange
	// Sent and Received count bytes on the wire.
	Sent, Received int64
	CookiesSent    []string
	ServerDate     string        // as the server wrote it
	ClockOffset    time.Duration // the server's clock against ours
	OffsetKnown    bool
	Caching        []string // header lines that show that a cache may have answered
	DNS            *zoeklicht.DNSFacts
	TLS            *zoeklicht.TLSFacts
	Truncated      string
	Failure        zoeklicht.Fail
	Detail         string
}

// Proof is what the ledger says of a capture.
type Proof struct {
	State     ProofState
	Log       string // the log's origin
	Index     int64  // of the leaf
	Size      int64  // leaves under the checkpoint
	Root      [32]byte
	Witnesses []string // names of those who cosigned the checkpoint
	Tokens    []zoeklicht.Token
	// After is the time of the newest timestamp that was held when the capture began:
	// the leaf names it, so the leaf was not made before. Zero for none.
	After time.Time
}

// ProofState is how far a capture has come in the ledger. The zero value is the
// weakest.
type ProofState string

// The states.
const (
	ProofWaiting   ProofState = ""          // not in the ledger yet
	ProofLogged    ProofState = "logged"    // in it, under no checkpoint that witnesses cosigned
	ProofWitnessed ProofState = "witnessed" // under a checkpoint with the witnesses it needs
)

// Absent is something that is not in the report.
type Absent struct{ What, Why string }

// Appendix is a file that goes with the report.
type Appendix struct {
	Name   string
	What   string   // in a few words
	SHA256 [32]byte // zero where it cannot be known yet: What says where it stands
}

// Check says what keeps a document from being written: a fault of the caller.
func (d *Document) Check() error {
	switch {
	case d.ID == "":
		return fmt.Errorf("report: it has no identifier")
	case d.Made.IsZero() || d.AsOf.IsZero():
		return fmt.Errorf("report %s: it does not say when it was made, or as of when", d.ID)
	case d.Ground == "" || d.Purpose == "" || d.By == "":
		return fmt.Errorf("report %s: ground, purpose or person is missing", d.ID)
	case d.Compare && len(d.Versions) != 2:
		return fmt.Errorf("report %s: a comparison of %d versions", d.ID, len(d.Versions))
	case d.Result == nil && len(d.Versions) == 0:
		return fmt.Errorf("report %s: nothing to report", d.ID)
	}
	for i := range d.Versions {
		v, p := &d.Versions[i].Content, &d.Versions[i].Proof
		if v.Sealed || v.Destroyed {
			return fmt.Errorf("report %s: version %d has no content to report; name it in Absent", d.ID, v.ID)
		}
		if p.State == ProofWitnessed && len(p.Witnesses) == 0 {
			return fmt.Errorf("report %s: version %d is said to be witnessed, and by nobody", d.ID, v.ID)
		}
	}
	return nil
}

// words gives the wording of the document's language and place.
func (d *Document) words() wording.W { return wording.In(d.Lang, d.Place) }

// Witnessed reports whether every version's capture is proved by a checkpoint that
// witnesses cosigned.
func (d *Document) Witnessed() bool {
	for i := range d.Versions {
		if d.Versions[i].Proof.State != ProofWitnessed {
			return false
		}
	}
	return true
}

// rule finds the rule of a hit, nil where the theme does not explain it.
func (d *Document) rule(h *zoeklicht.Hit) *zoeklicht.Indicator {
	for i := range d.Rules {
		if r := &d.Rules[i]; r.ID == h.Indicator && r.Version == h.Rule {
			return r
		}
	}
	return nil
}

// source gives the title of a source.
func (d *Document) source(id zoeklicht.SourceID) string {
	if t := d.Sources[id]; t != "" {
		return t
	}
	return string(id)
}
