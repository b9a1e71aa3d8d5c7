package web

import (
	"net/url"
	"time"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// asOf is the moment whose knowledge a page shows. The zero At means now.
type asOf struct {
	At    time.Time
	Param string // what stands in addresses; empty for now
	// Bad says that what was typed or linked is no moment, or one to come.
	Bad bool
}

// past reports whether another moment than now was asked for.
func (a asOf) past() bool { return a.Param != "" }

// The forms that the parameter has. The first is what a person types, in the theme's
// place, and stands for the last instant of its minute. The second is made by us: in
// UTC, because a place has one hour twice in autumn.
const (
	asOfMinute = "2006-01-02T15:04"
	asOfExact  = "2006-01-02T15:04:05.999999Z"
)

// readAsOf reads the parameter of an address. What is no moment of the past is Bad
// and means now; a moment within the present minute is now.
func readAsOf(param string, now time.Time, place *time.Location) asOf {
	if param == "" {
		return asOf{}
	}
	if t, err := time.ParseInLocation(asOfMinute, param, place); err == nil {
		switch {
		case t.After(now):
			return asOf{Bad: true}
		case now.Sub(t) < time.Minute:
			return asOf{}
		}
		return asOf{At: t.Add(time.Minute - time.Microsecond), Param: param}
	}
	t, err := time.Parse(asOfExact, param)
	if err != nil || t.After(now) {
		return asOf{Bad: true}
	}
	return asOf{At: t, Param: exactly(t)}
}

// exactly gives the moment as a parameter that is read back as the same instant. The
// store keeps microseconds.
func exactly(t time.Time) string { return t.UTC().Format(asOfExact) }

// chooseMoment takes a typed day and time and goes on to the page they were typed on.
func (s *site) chooseMoment(q *request) error {
	day, okDay := wording.ParseDay(q.FormValue("day"))
	clock, okClock := wording.ParseClock(q.FormValue("clock"))
	next, err := url.Parse(q.local(q.to("")))
	if err != nil {
		return zoeklicht.Errorf(zoeklicht.Invalid, "%w", err)
	}
	// A kept answer has its own moment; asking for another one is asking again.
	if again := q.localIn("again", ""); again != "" {
		if u, err := url.Parse(again); err == nil {
			next = u
		}
	}
	v := next.Query()
	v.Del("asof")
	switch {
	case !okDay || !okClock:
		v.Set("asof", "?")
	case day != "":
		if clock == "" {
			clock = "23:59"
		}
		// A day that is not over yet ends now, not tonight.
		at := day + "T" + clock
		if q.FormValue("clock") == "" && day == q.now.In(q.words.Place()).Format(time.DateOnly) {
			at = ""
		}
		if at != "" {
			v.Set("asof", at)
		}
	}
	next.RawQuery = v.Encode()
	return q.redirect(next.String())
}
