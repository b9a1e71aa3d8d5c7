package wording

import (
	"math"
	"testing"
	"time"
	_ "time/tzdata"
)

func TestFormats(t *testing.T) {
	place, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	nl, en := In("nl", place), In("en", place)
	at := time.Date(2026, 11, 22, 7, 5, 9, 0, time.UTC)
	for _, c := range []struct{ got, want string }{
		{nl.Number(0), "0"},
		{nl.Number(999), "999"},
		{nl.Number(1000), "1.000"},
		{en.Number(1234567), "1,234,567"},
		{nl.Number(-1234), "−1.234"},
		{nl.AtLeast(10000, true), "10.000+"},
		{nl.Decimal(1234.56, 1), "1.234,6"},
		{en.Decimal(-0.25, 2), "−0.25"},
		{nl.Decimal(-0.001, 2), "0,00"},
		{nl.Rate(0), "0"},
		{nl.Rate(0.423), "0,42"},
		{nl.Rate(3.46), "3,5"},
		{nl.Rate(120.4), "120"},
		{nl.Rate(math.NaN()), "0"},
		{nl.Percent(999, 1000), "99%"},
		{nl.Percent(1, 0), "–"},
		{nl.Day(at), "22-11-2026"},
		{nl.Day(time.Time{}), "–"},
		{nl.DayOf("2026-02-01"), "01-02-2026"},
		{nl.DayOf("?"), "?"},
		{nl.ShortDay("2026-10-03"), "3\u00a0okt"},
		{en.ShortDay("2026-10-03"), "3\u00a0Oct"},
		{nl.Clock(at), "08:05"},
		{nl.Moment(at), "22-11-2026\u00a008:05"},
		{nl.UTC(at), "22-11-2026\u00a007:05:09\u00a0UTC"},
		{nl.Moment(time.Time{}), "–"},
		{nl.Duration(0), "0\u00a0s"},
		{nl.Duration(250 * time.Millisecond), "250\u00a0ms"},
		{nl.Duration(61 * time.Second), "1\u00a0min 1\u00a0s"},
		{nl.Duration(2*time.Hour + 30*time.Second), "2\u00a0uur"},
		{en.Duration(25 * time.Hour), "1\u00a0day 1\u00a0hour"},
		{nl.Duration(48 * time.Hour), "2\u00a0dagen"},
		{nl.Duration(-time.Minute), "−1\u00a0min"},
		{nl.Bytes(1), "1\u00a0byte"},
		{nl.Bytes(999), "999\u00a0bytes"},
		{nl.Bytes(1400), "1,4\u00a0kB"},
		{en.Bytes(999_960), "1.0\u00a0MB"},
		{nl.Bytes(123_456_789), "123\u00a0MB"},
		{nl.N("search.found-adverts", 1), "1 advertentie"},
		{nl.NAtLeast("search.found-adverts", 10000, true), "10.000+ advertenties"},
		{en.N("advert.reveal", 1), "Show the number"},
		{en.N("advert.reveal", 3), "Show the numbers (3)"},
		{nl.T("search.page", 1, 1200), "Pagina 1 van 1.200"},
		{nl.T("home.new", at), "Nieuw sinds uw vorige bezoek op 22-11-2026\u00a008:05"},
		{In("xx", nil).Lang(), "nl"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestParseDay(t *testing.T) {
	for in, want := range map[string]string{
		"":             "",
		"22-11-2026":   "2026-11-22",
		" 2-1-2026 ":   "2026-01-02",
		"02/01/2026":   "2026-01-02",
		"2.1.2026":     "2026-01-02",
		"2 1 2026":     "2026-01-02",
		"2026-11-22":   "2026-11-22",
		"31-02-2026":   "?",
		"11-22-2026":   "?",
		"22-11-26":     "?",
		"morgen":       "?",
		"22-11":        "?",
		"22-11-2026-1": "?",
	} {
		got, ok := ParseDay(in)
		if !ok {
			got = "?"
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestParseClock(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "08:15": "08:15", "8:15": "08:15", "8.15": "08:15", "0815": "08:15", "8": "08:00", "23": "23:00",
		"8u15": "08:15", "24:00": "?", "8:60": "?", "x": "?", "815": "?", "8:15:00": "?",
	} {
		got, ok := ParseClock(in)
		if !ok {
			got = "?"
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// FuzzParseDay: whatever is typed, the answer is empty or a day that reads back as
// itself.
func FuzzParseDay(f *testing.F) {
	for _, s := range []string{"", "22-11-2026", "2-1-2026", "2026-11-22", "31-02-2026", "--", "1-1-20260", "٢-١-2026"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		iso, ok := ParseDay(s)
		if !ok {
			if iso != "" {
				t.Errorf("%q: not a day, and %q all the same", s, iso)
			}
			return
		}
		if iso == "" {
			return
		}
		day, err := time.Parse(time.DateOnly, iso)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if again, ok := ParseDay(day.Format(dateLayout)); !ok || again != iso {
			t.Errorf("%q: %s is read back as %s", s, iso, again)
		}
	})
}

// FuzzParseClock: whatever is typed, the answer is empty or a time of day.
func FuzzParseClock(f *testing.F) {
	for _, s := range []string{"", "08:15", "8", "0815", "8u", "::", "24:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		clock, ok := ParseClock(s)
		if !ok || clock == "" {
			return
		}
		if again, ok := ParseClock(clock); !ok || again != clock {
			t.Errorf("%q: %q is read back as %q", s, clock, again)
		}
	})
}
