package web

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func TestReadAsOf(t *testing.T) {
	place := amsterdam(t)
	now := time.Date(2026, 11, 22, 8, 15, 30, 0, place)
	for param, want := range map[string]asOf{
		"":                            {},
		"2026-11-22T08:15":            {}, // the present minute
		"2026-11-22T08:16":            {Bad: true},
		"2027-01-01T00:00":            {Bad: true},
		"2026-11-22T08:14":            {At: time.Date(2026, 11, 22, 8, 14, 59, 999999000, place), Param: "2026-11-22T08:14"},
		"2026-10-20T23:59":            {At: time.Date(2026, 10, 20, 23, 59, 59, 999999000, place), Param: "2026-10-20T23:59"},
		"2026-10-20T23:59:01Z":        {At: time.Date(2026, 10, 20, 23, 59, 1, 0, time.UTC), Param: "2026-10-20T23:59:01Z"},
		"2026-10-20T23:59:01.000042Z": {At: time.Date(2026, 10, 20, 23, 59, 1, 42000, time.UTC), Param: "2026-10-20T23:59:01.000042Z"},
		"2026-10-20T23:59:01":         {Bad: true},
		"2026-02-30T10:00":            {Bad: true},
		"yesterday":                   {Bad: true},
		"?":                           {Bad: true},
	} {
		got := readAsOf(param, now, place)
		if !got.At.Equal(want.At) || got.Param != want.Param || got.Bad != want.Bad {
			t.Errorf("%q: got %+v, want %+v", param, got, want)
		}
	}
}

// TestExactly: a moment that the store gave is found again to the microsecond, also in
// the hour that summer time has twice.
func TestExactly(t *testing.T) {
	place := amsterdam(t)
	now := time.Date(2026, 11, 22, 8, 15, 30, 0, place)
	for _, at := range []time.Time{
		time.Date(2026, 7, 1, 12, 0, 0, 123456000, time.UTC),
		time.Date(2026, 11, 22, 7, 15, 29, 999999000, time.UTC),
		time.Date(2026, 10, 25, 0, 30, 0, 1000, time.UTC), // 02:30 summer time
		time.Date(2026, 10, 25, 1, 30, 0, 1000, time.UTC), // 02:30 winter time
	} {
		if got := readAsOf(exactly(at), now, place); !got.At.Equal(at) {
			t.Errorf("%s became %s by way of %q", at, got.At.UTC(), got.Param)
		}
	}
}
