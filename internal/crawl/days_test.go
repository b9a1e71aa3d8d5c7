package crawl

import (
	"testing"
	"time"
)

func TestDaysBetween(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		from, to string
		want     int
	}{
		{"2026-01-01T00:00:00Z", "2026-01-01T23:59:59Z", 0},
		{"2026-01-01T23:59:59Z", "2026-01-02T00:00:00Z", 1},
		{"2026-01-01T12:00:00Z", "2026-01-08T11:00:00Z", 7}, // an hour earlier, a week later
		{"2026-01-01T11:00:00Z", "2026-01-08T12:00:00Z", 7},
		{"2026-01-01T00:30:00+01:00", "2026-01-01T12:00:00+01:00", 1}, // which is yesterday in UTC
	} {
		if got := daysBetween(at(c.from), at(c.to)); got != c.want {
			t.Errorf("%s..%s: got %d, want %d", c.from, c.to, got, c.want)
		}
	}
	if got := daysBetween(time.Time{}, at("2026-01-01T00:00:00Z")); got < 365*200 {
		t.Errorf("never captured in full: %d days ago", got)
	}
}
