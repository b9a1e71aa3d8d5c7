package cli_test

import (
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/cli"
)

func TestAsOf(t *testing.T) {
	t.Parallel()
	here := amsterdam() // an hour ahead of UTC in November, two in summer
	micro := -time.Microsecond
	for _, c := range []struct {
		in   string
		want time.Time
		code zoeklicht.Code
	}{
		{"", time.Time{}, ""},
		{"2026-11-22T11:59:59Z", time.Date(2026, 11, 22, 11, 59, 59, 0, time.UTC), ""},
		{"2026-11-22T12:00:00+01:00", time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC), ""},
		{"2026-11-20T13:00:05", time.Date(2026, 11, 20, 13, 0, 5, 0, here), ""},
		{"2026-11-20 13:00", time.Date(2026, 11, 20, 13, 1, 0, 0, here).Add(micro), ""},
		{"2026-11-20", time.Date(2026, 11, 21, 0, 0, 0, 0, here).Add(micro), ""},
		{"20-11-2026", time.Date(2026, 11, 21, 0, 0, 0, 0, here).Add(micro), ""},
		{" 2026-07-01 ", time.Date(2026, 7, 1, 22, 0, 0, 0, time.UTC).Add(micro), ""},
		{"2026-11-22", time.Time{}, ""},       // today is not over
		{"2026-11-22 13:00", time.Time{}, ""}, // nor is this minute
		{"2026-11-23", time.Time{}, zoeklicht.Invalid},
		{"2026-11-22T12:00:01Z", time.Time{}, zoeklicht.Invalid},
		{"2026-02-30", time.Time{}, zoeklicht.Invalid},
		{"yesterday", time.Time{}, zoeklicht.Invalid},
	} {
		got, err := cli.AsOf(c.in, now, here)
		if zoeklicht.CodeOf(err) != c.code || !got.Equal(c.want) {
			t.Errorf("AsOf(%q) = %v, %v; want %v, code %q", c.in, got, err, c.want, c.code)
		}
	}
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	here := amsterdam()
	for _, c := range []struct {
		in         string
		begin, end time.Time
		code       zoeklicht.Code
	}{
		{"", time.Time{}, time.Time{}, ""},
		{"2026-03-29", time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC), time.Date(2026, 3, 29, 22, 0, 0, 0, time.UTC), ""}, // 23 hours long
		{"31-12-2026", time.Date(2026, 12, 30, 23, 0, 0, 0, time.UTC), time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC), ""},
		{"2026-12-31 08:30", time.Date(2026, 12, 31, 7, 30, 0, 0, time.UTC), time.Date(2026, 12, 31, 7, 31, 0, 0, time.UTC), ""},
		{"2026-12-31T08:30:00Z", time.Date(2026, 12, 31, 8, 30, 0, 0, time.UTC), time.Date(2026, 12, 31, 8, 30, 0, 0, time.UTC), ""},
		{"next year", time.Time{}, time.Time{}, zoeklicht.Invalid},
	} {
		begin, err := cli.Begin(c.in, here)
		if zoeklicht.CodeOf(err) != c.code || !begin.Equal(c.begin) {
			t.Errorf("Begin(%q) = %v, %v; want %v, code %q", c.in, begin, err, c.begin, c.code)
		}
		end, err := cli.End(c.in, here)
		if zoeklicht.CodeOf(err) != c.code || !end.Equal(c.end) {
			t.Errorf("End(%q) = %v, %v; want %v, code %q", c.in, end, err, c.end, c.code)
		}
	}
	for in, want := range map[string]string{"": "", "1-2-2026": "2026-02-01", "2026-02-01": "2026-02-01"} {
		if got, err := cli.Day(in); err != nil || got != want {
			t.Errorf("Day(%q) = %q, %v", in, got, err)
		}
	}
	if _, err := cli.Day("soon"); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("Day(soon): %v", err)
	}
}
