package zoeklicht

import "time"

// PersonID is the row number of a person in the common database. 0 is no one;
// negative numbers are the platform's own processes.
type PersonID int64

// Person is someone who can sign in.
type Person struct {
	ID       PersonID
	Login    string
	Name     string
	Lang     string // "nl" or "en"
	Admin    bool   // may manage people and grants; sees no content by that
	Disabled bool
	Created  time.Time
	LastSeen time.Time
	// MustChange says that the password was set by someone else; no theme is
	// entered before the person has chosen their own.
	MustChange bool
}
