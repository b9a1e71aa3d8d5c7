package web

import (
	"context"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
)

// Work is a unit's worklist. Rows are named by one of their versions, so that no number
// stands in an address or a form.
type Work interface {
	// Leads gives a page of the worklist; pages count from 1 and hold n rows.
	Leads(ctx context.Context, pass *access.Pass, q zoeklicht.LeadQuery, page, n int) (*zoeklicht.LeadList, error)
	// NextLead gives the version and advert of the row after that of a version in this
	// person's list, looking at so many rows from a place on (from 0), and its place: the
	// row at that place where the version has left the list. Nil at the end.
	NextLead(ctx context.Context, pass *access.Pass, after zoeklicht.VersionID, at, within int) (*zoeklicht.Lead, int, error)
	// Step claims, parks, hands over, releases or finishes the subject of a version.
	// Conflict when somebody else holds it, saying who.
	Step(ctx context.Context, pass *access.Pass, id zoeklicht.VersionID, c zoeklicht.Claim) error
	// Colleagues gives who can be handed work: everybody who may judge in this theme.
	Colleagues(ctx context.Context, pass *access.Pass) ([]zoeklicht.Person, error)
	Units
}

// Units keeps the unit whose list each person reads, "" for all.
type Units interface {
	Unit(ctx context.Context, pass *access.Pass) (string, error)
	SetUnit(ctx context.Context, pass *access.Pass, unit string) error
}

// Numbers looks numbers up. What is typed in full is answered in full; what is reached
// through an advert is masked until it is revealed.
type Numbers interface {
	// Read reads what somebody typed as numbers, or says why it cannot be any. It looks
	// nothing up.
	Read(pass *access.Pass, typed string) zoeklicht.Typed
	// Number gives the card of a number in any spelling. Nothing found is an answer too,
	// and audited as one. Invalid when it is no number.
	Number(ctx context.Context, pass *access.Pass, asked string, asOf time.Time) (*zoeklicht.NumberCard, error)
	// NumberOf gives the card of a version's number, masked unless reveal is set, which
	// needs a purpose. NotFound when it has none.
	NumberOf(ctx context.Context, pass *access.Pass, id zoeklicht.VersionID, reveal bool, asOf time.Time) (*zoeklicht.NumberCard, error)
	// List looks up to 1,000 lines up, for the pass's purpose, which it needs. Limit for
	// more.
	List(ctx context.Context, pass *access.Pass, lines []string, asOf time.Time) ([]zoeklicht.Known, error)
}

// Judge takes what readers say about versions.
type Judge interface {
	// Classify answers the theme's question about a version.
	Classify(ctx context.Context, pass *access.Pass, id zoeklicht.VersionID, answer zoeklicht.Answer, reason string) (*zoeklicht.Feedback, error)
	// UndoClassify takes back an answer of one's own.
	UndoClassify(ctx context.Context, pass *access.Pass, id int64) error
	// Classified gives the answers about an advert's versions that stand, oldest first.
	// Those of others about a version come without answer and reason until the reader has
	// answered about it.
	Classified(ctx context.Context, pass *access.Pass, id zoeklicht.AdvertID) ([]zoeklicht.Feedback, error)
	// Assessed gives the assessments of an advert's versions as of a moment.
	Assessed(ctx context.Context, pass *access.Pass, id zoeklicht.AdvertID, asOf time.Time) (map[zoeklicht.VersionID]zoeklicht.Assessment, error)
	// Elsewhere lists the adverts that a version shares its text or a picture with, under
	// other numbers.
	Elsewhere(ctx context.Context, pass *access.Pass, id zoeklicht.VersionID) ([]zoeklicht.Elsewhere, error)
	// Names gives the names of an advert's versions; Name gives one, "" takes it away.
	Names(ctx context.Context, pass *access.Pass, id zoeklicht.AdvertID) ([]zoeklicht.VersionName, error)
	Name(ctx context.Context, pass *access.Pass, id zoeklicht.VersionID, name string) error
}

// Mender takes corrections and reports.
type Mender interface {
	// Corrections gives those of an advert's versions, with what they are about masked.
	Corrections(ctx context.Context, pass *access.Pass, id zoeklicht.AdvertID) ([]zoeklicht.Correction, error)
	// Correct says that the n-th entity of a version (from 0, in the order of
	// Version.Entities; -1 for one that was missed) is wrong, and what is right.
	Correct(ctx context.Context, pass *access.Pass, id zoeklicht.VersionID, n int, t zoeklicht.EntityType, right zoeklicht.Right) error
	UndoCorrection(ctx context.Context, pass *access.Pass, id int64) error
	// Report says that something is wrong on a screen.
	Report(ctx context.Context, pass *access.Pass, screen, text string) error
	// Reports gives everybody's to who may answer them, and else one's own.
	Reports(ctx context.Context, pass *access.Pass) ([]zoeklicht.Trouble, error)
	AnswerReport(ctx context.Context, pass *access.Pass, id int64, state zoeklicht.TroubleState, answer string) error
}

// Sealer takes content out of sight.
type Sealer interface {
	Seal(ctx context.Context, pass *access.Pass, id zoeklicht.VersionID, why zoeklicht.SealReason, scope zoeklicht.SealScope) (*zoeklicht.Seal, error)
	// Seals gives the urgent lane, for the duty role, oldest first, and then what is done.
	Seals(ctx context.Context, pass *access.Pass) ([]zoeklicht.Seal, error)
	// TakeSeal says that the duty role has it; EndSeal that it is done, and with what.
	TakeSeal(ctx context.Context, pass *access.Pass, id zoeklicht.SealID) error
	EndSeal(ctx context.Context, pass *access.Pass, id zoeklicht.SealID, outcome string) error
	// Alarm tells the duty role what waits in the lane.
	Alarm(ctx context.Context, pass *access.Pass) (zoeklicht.Alarm, error)
}

// Wants has pages captured now.
type Wants interface {
	// Want asks for a page. Its Source is empty where no approved source covers the
	// address: nothing is fetched then. Invalid when it is no address.
	Want(ctx context.Context, pass *access.Pass, address string) (*zoeklicht.Wanted, error)
	// Wanted gives one that was asked for, as far as it has come.
	Wanted(ctx context.Context, pass *access.Pass, id int64) (*zoeklicht.Wanted, error)
}
