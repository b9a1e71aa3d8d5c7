package zoeklicht

import "time"

// ErasureID is the row number of an erasure.
type ErasureID int64

// EraseScope says how much an erasure destroys.
type EraseScope string

// The scopes.
const (
	EraseItem    EraseScope = "item"    // one item of a capture: a picture, say
	EraseCapture EraseScope = "capture" // a whole capture
	EraseAdvert  EraseScope = "advert"  // every capture of an advert's pages, and the advert's own address and number
)

// Erasure is a destruction on order, beside the clocks of retention. One person asks,
// another approves; the platform then destroys, in steps that each can be made again.
// What stays behind is where the thing was, that it was destroyed, and why.
type Erasure struct {
	ID      ErasureID
	Seq     Seq
	Scope   EraseScope
	Capture CaptureID // zero for an advert
	Item    string    // "" but for an item
	Advert  AdvertID  // 0 but for an advert
	// Ground is the article, order or request, in words. It is shown wherever the thing
	// was, so it holds no content.
	Ground  string
	Purpose string // of who asked: the case number or task
	Asked   EraseStep
	// The steps that were taken; the zero EraseStep for one that was not.
	Approved  EraseStep
	Withdrawn EraseStep
	Destroyed EraseStep // keys, salts, digests and derived rows are gone, in one transaction
	Punched   EraseStep // the sealed bytes are gone from the segments
	Scrubbed  EraseStep // the database's own files were written anew without them
	// Count is what Destroyed destroyed.
	Count Erased
}

// EraseStep is who took a step of an erasure, and when. The platform's own steps have a
// negative person.
type EraseStep struct {
	Person PersonID  `json:"person"`
	Name   string    `json:"name"`
	At     time.Time `json:"at"` // zero: not taken
}

// Taken reports whether the step was taken.
func (s EraseStep) Taken() bool { return !s.At.IsZero() }

// Erased counts what an erasure destroyed.
type Erased struct {
	Captures int   `json:"captures"` // of which at least one item went
	Items    int   `json:"items"`
	Versions int   `json:"versions"` // whose text went
	Pictures int   `json:"pictures"` // re-encoded forms that nothing else shows
	Values   int   `json:"values"`   // contact details that nothing else has
	Notes    int   `json:"notes"`    // people's own words that repeated content
	Bytes    int64 `json:"bytes"`    // sealed, in the segments
}

// EraseState is how far an erasure is.
type EraseState string

// The states.
const (
	EraseAsked     EraseState = "asked"
	EraseWithdrawn EraseState = "withdrawn"
	EraseApproved  EraseState = "approved"  // nothing is destroyed yet
	EraseDestroyed EraseState = "destroyed" // nobody can read it any more; remains are being removed
	ErasePunched   EraseState = "punched"   // what remains is free room in the database's own files
	EraseDone      EraseState = "done"
)

// State gives how far the erasure is.
func (e *Erasure) State() EraseState {
	switch {
	case e.Scrubbed.Taken():
		return EraseDone
	case e.Punched.Taken():
		return ErasePunched
	case e.Destroyed.Taken():
		return EraseDestroyed
	case e.Withdrawn.Taken():
		return EraseWithdrawn
	case e.Approved.Taken():
		return EraseApproved
	}
	return EraseAsked
}

// Left is an export that already left with what an erasure is about: it cannot be called
// back by a computer.
type Left struct {
	Export   int64
	Case     string
	At       time.Time
	Name     string // who took it out
	What     string
	Captures int // of those that the erasure is about
}
