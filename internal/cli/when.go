package cli

import (
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// AsOf reads the moment whose knowledge an answer uses. now and place are the theme's.
// It takes
//
//	2026-11-22T13:00:00Z      a moment, with its zone
//	2026-11-22T13:00:05       a moment in the theme's place; a blank may stand for the T
//	2026-11-22 13:00          the last instant of that minute
//	2026-11-22, 22-11-2026    the end of that day
//
// Empty, and a minute or a day that is not over yet, mean now, which is the zero time.
func AsOf(s string, now time.Time, place *time.Location) (time.Time, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, nil
	}
	begin, end, err := span(s, place)
	switch {
	case err != nil:
		return time.Time{}, err
	case begin.After(now):
		return time.Time{}, zoeklicht.Errorf(zoeklicht.Invalid, "%s is still to come: it is %s", s, now.In(place).Format("2006-01-02 15:04")).
			With("nothing was asked", "name a moment of the past, or none for now")
	case begin.Equal(end):
		return begin, nil
	case end.After(now):
		return time.Time{}, nil
	}
	return end.Add(-time.Microsecond), nil // the store keeps microseconds
}

// span reads a moment, a minute or a day: from begin until end, which is begin itself
// for a moment.
func span(s string, place *time.Location) (begin, end time.Time, err error) {
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t, t, nil
	}
	clock := strings.Replace(s, " ", "T", 1)
	if t, err := time.ParseInLocation("2006-01-02T15:04", clock, place); err == nil {
		return t, t.Add(time.Minute), nil
	}
	if t, err := time.ParseInLocation("2006-01-02T15:04:05", clock, place); err == nil {
		return t, t, nil
	}
	if iso, ok := wording.ParseDay(s); ok && iso != "" {
		if t, err := time.ParseInLocation(time.DateOnly, iso, place); err == nil {
			return t, t.AddDate(0, 0, 1), nil
		}
	}
	return begin, end, zoeklicht.Errorf(zoeklicht.Invalid, "%q is not a moment such as 2026-11-22, 2026-11-22 13:00 or 2026-11-22T13:00:00Z", s).
		With("nothing was asked", "")
}

// Begin reads where a period begins: a moment, or the begin of a day or minute. Empty
// gives the zero time.
func Begin(s string, place *time.Location) (time.Time, error) {
	if s = strings.TrimSpace(s); s == "" {
		return time.Time{}, nil
	}
	begin, _, err := span(s, place)
	return begin, err
}

// End reads where a period ends, itself not included: a moment, or the end of a day or
// minute. So a grant until the 31st, or an approval to be reviewed on it, holds on that
// day. Empty gives the zero time.
func End(s string, place *time.Location) (time.Time, error) {
	if s = strings.TrimSpace(s); s == "" {
		return time.Time{}, nil
	}
	_, end, err := span(s, place)
	return end, err
}

// Day reads a day and gives it as 2006-01-02; empty stays empty.
func Day(s string) (string, error) {
	iso, ok := wording.ParseDay(s)
	if !ok {
		return "", zoeklicht.Errorf(zoeklicht.Invalid, "%q is not a day such as 2026-11-22 or 22-11-2026", s).With("nothing was asked", "")
	}
	return iso, nil
}
