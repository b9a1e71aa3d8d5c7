package zoeklicht

import (
	"strconv"
	"time"
)

// AdvertID is the opaque row number of an advert in its theme.
type AdvertID int64

// String gives it as addresses and forms have it.
func (id AdvertID) String() string { return strconv.FormatInt(int64(id), 10) }

// Advert is one advertisement at one source over time. Its identity is the
// source and the source's own number for it, or else its canonical URL.
type Advert struct {
	ID        AdvertID
	Source    SourceID
	Key       string // the source's own number, or the canonical URL
	Canonical string
	FirstSeen time.Time
	LastSeen  time.Time
	// GoneAt is when the second absence in complete runs was established; zero
	// while the advert is there or has returned.
	GoneAt   time.Time
	Versions []Version // newest first; filled where one advert is shown
}

// Gone reports whether the advert was established to have disappeared.
func (a *Advert) Gone() bool { return !a.GoneAt.IsZero() }

// Absence is why an advert was not seen in a run. Only absences in complete
// runs count, and it takes two in a row to call an advert gone.
type Absence string

// The absences.
const (
	AbsentFromListing Absence = "not-listed"
	AbsentPage        Absence = "page-404"
	// ListedAgain is the opposite: a listing led to an advert that was absent, though
	// its page could not be read. Its absences are over.
	ListedAgain Absence = "listed-again"
)
