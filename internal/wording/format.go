package wording

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// nobreak keeps a number and its unit on one line.
const nobreak = "\u00a0"

// Number writes a whole number with the language's separator: 10.000 or 10,000.
func (w W) Number(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	sep := "."
	if w.english {
		sep = ","
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + sep + s[i:]
	}
	return sign + s
}

// AtLeast writes a count that may be a floor: "10.000+".
func (w W) AtLeast(n int, floor bool) string {
	if floor {
		return w.Number(n) + "+"
	}
	return w.Number(n)
}

// Decimal writes a number with so many decimals: 3,5 or 3.5.
func (w W) Decimal(f float64, decimals int) string {
	whole, frac, _ := strings.Cut(strconv.FormatFloat(math.Abs(f), 'f', decimals, 64), ".")
	n, err := strconv.Atoi(whole)
	if err != nil {
		return strconv.FormatFloat(f, 'g', 4, 64) // beyond an int: nothing here is
	}
	out := w.Number(n)
	if frac != "" {
		point := ","
		if w.english {
			point = "."
		}
		out += point + frac
	}
	if f < 0 && strings.ContainsAny(out, "123456789") {
		out = "−" + out
	}
	return out
}

// Rate writes a rate with the precision that it deserves: 0,42, 3,5, 120.
func (w W) Rate(f float64) string {
	switch {
	case f <= 0 || math.IsNaN(f) || math.IsInf(f, 0):
		return "0"
	case f < 1:
		return w.Decimal(f, 2)
	case f < 10:
		return w.Decimal(f, 1)
	}
	return w.Decimal(f, 0)
}

// Percent writes part of whole in hundredths, rounded down so that "100%" is
// said of all only; "–" when there is no whole.
func (w W) Percent(part, whole int) string {
	if whole <= 0 {
		return "–"
	}
	return w.Number(part*100/whole) + "%"
}

// dateLayout is how dates are typed and shown in both languages.
const dateLayout = "02-01-2006"

// Day writes the date of a time: 22-11-2026. "–" for the zero time.
func (w W) Day(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(w.Place()).Format(dateLayout)
}

// DayOf writes a day given as 2006-01-02; as it stands if it is something else.
func (w W) DayOf(iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	return t.Format(dateLayout)
}

// ShortDay writes a day given as 2006-01-02 for the axis of a chart: "3 okt".
func (w W) ShortDay(iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	months := monthsNL
	if w.english {
		months = monthsEN
	}
	return strconv.Itoa(t.Day()) + nobreak + months[t.Month()-1]
}

var (
	monthsNL = [...]string{"jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"}
	monthsEN = [...]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}
)

// Clock writes the time of day: 08:15.
func (w W) Clock(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(w.Place()).Format("15:04")
}

// Moment writes date and time: 22-11-2026 08:15. "–" for the zero time.
func (w W) Moment(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(w.Place()).Format(dateLayout + nobreak + "15:04")
}

// UTC writes a moment to the second in UTC, as evidence shows it beside local time.
func (w W) UTC(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format(dateLayout + nobreak + "15:04:05" + nobreak + "UTC")
}

// Duration writes how long something took, in its two largest units.
func (w W) Duration(d time.Duration) string {
	switch {
	case d < 0:
		return "−" + w.Duration(-d)
	case d == 0:
		return w.N("unit.seconds", 0)
	case d < time.Second:
		return w.T("unit.ms", int(d/time.Millisecond))
	}
	secs := int(d.Round(time.Second) / time.Second)
	units := []struct {
		key Key
		of  int
	}{{"unit.days", 86400}, {"unit.hours", 3600}, {"unit.minutes", 60}, {"unit.seconds", 1}}
	for i, u := range units {
		if secs < u.of {
			continue
		}
		out := w.N(u.key, secs/u.of)
		if rest := secs % u.of; i+1 < len(units) && rest >= units[i+1].of {
			out += " " + w.N(units[i+1].key, rest/units[i+1].of)
		}
		return out
	}
	return w.N("unit.seconds", 0)
}

// Bytes writes a size in decimal units: 512 bytes, 1,4 MB.
func (w W) Bytes(n int64) string {
	if n < 1000 {
		return w.N("unit.bytes", int(n))
	}
	f := float64(n)
	for _, unit := range []string{"kB", "MB", "GB", "TB"} {
		f /= 1000
		if f < 999.5 || unit == "TB" {
			decimals := 1
			if f >= 99.95 {
				decimals = 0
			}
			return w.Decimal(f, decimals) + nobreak + unit
		}
	}
	return ""
}

// ParseDay reads a typed day, dd-mm-jjjj with one or two digits for day and month
// and - / . or space between, or 2006-01-02, and gives it as 2006-01-02. Empty
// stays empty; ok is false for what is no day.
func ParseDay(s string) (iso string, ok bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", true
	}
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t.Format(time.DateOnly), true
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("-/. ", r) })
	if len(parts) != 3 || len(parts[2]) != 4 {
		return "", false
	}
	for i := range 2 {
		if len(parts[i]) == 1 {
			parts[i] = "0" + parts[i]
		}
	}
	t, err := time.Parse(dateLayout, strings.Join(parts, "-"))
	if err != nil {
		return "", false
	}
	return t.Format(time.DateOnly), true
}

// ParseClock reads a typed time of day, hh:mm or h.mm or hhmm, and gives it as
// 15:04. Empty stays empty.
func ParseClock(s string) (clock string, ok bool) {
	s = strings.NewReplacer(".", ":", " ", "", "u", ":", "h", ":").Replace(strings.TrimSpace(s))
	s = strings.TrimSuffix(s, ":")
	if s == "" {
		return "", true
	}
	layouts := []string{"15:04", "15:4"}
	if !strings.Contains(s, ":") {
		switch len(s) {
		case 1, 2:
			layouts = []string{"15"}
		case 4:
			layouts = []string{"1504"}
		}
	}
	for _, l := range layouts {
		if t, err := time.Parse(l, s); err == nil {
			return t.Format("15:04"), true
		}
	}
	return "", false
}
