package zoeklicht

import "time"

// Audit is one row of a theme's audit trail: who did what, to what, why, with
// what outcome. It is written in the transaction that serves the data; no row,
// no data.
type Audit struct {
	ID      int64
	At      time.Time
	Person  PersonID
	Name    string
	Role    Role
	Act     string // "search", "advert", "reveal-phone", "source-approve" …
	Object  string // what it was about: result id, advert number, source
	Purpose string // the task or case number, stated once per piece of work
	Detail  string // JSON; never content
	Count   int    // rows served
}
