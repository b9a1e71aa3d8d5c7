package web

import (
	"fmt"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

func daysFrom(first string, counts ...int) (out []zoeklicht.DayCount) {
	t, err := time.Parse(time.DateOnly, first)
	if err != nil {
		panic(err)
	}
	for i, n := range counts {
		out = append(out, zoeklicht.DayCount{Day: t.AddDate(0, 0, i).Format(time.DateOnly), Count: n})
	}
	return out
}

func link(from, to string) string { return from + ".." + to }

func TestChart(t *testing.T) {
	if newChart(nil, wording.W{}, link) != nil {
		t.Error("a chart of nothing")
	}
	days := daysFrom("2026-11-18", 0, 7, 1, 0, 13)
	days[3].NoRun = true
	c := newChart(days, wording.In("nl", nil), link)
	if len(c.Bars) != 5 || c.By != "search.by-day" || c.Total != 21 || c.NoRun != 1 {
		t.Fatalf("%+v", c)
	}
	// The axis starts at zero and its top is a round number at or above the highest.
	if c.Lines[0].Label != "0" || c.Lines[len(c.Lines)-1].Label != "15" {
		t.Errorf("lines: %+v", c.Lines)
	}
	if b := c.Bars[0]; b.H != "0" || b.Link != "2026-11-18..2026-11-18" || b.Label != "18-11-2026" {
		t.Errorf("first bar: %+v", b)
	}
	if b := c.Bars[4]; b.H != fmt.Sprint(13*chartHigh/15) {
		t.Errorf("last bar: %+v", b)
	}
	if !c.Bars[3].NoRun || c.Bars[3].SomeNoRun || c.Bars[2].NoRun {
		t.Errorf("days without a run: %+v", c.Bars)
	}
}

// TestLongPeriodsAreToldByWeekAndMonth: no bar is lost, and counts stay the same.
func TestLongPeriodsAreToldByWeekAndMonth(t *testing.T) {
	for n, want := range map[int]struct {
		by   wording.Key
		bars int
	}{
		100:  {"search.by-day", 100},
		101:  {"search.by-week", 15},
		700:  {"search.by-week", 101},
		701:  {"search.by-month", 24},
		3650: {"search.by-month", 120},
	} {
		counts := make([]int, n)
		for i := range counts {
			counts[i] = i % 3
		}
		days := daysFrom("2020-01-01", counts...)
		for i := range days {
			days[i].NoRun = i < 40
		}
		c := newChart(days, wording.W{}, link)
		total := 0
		for _, b := range c.Bars {
			total += b.Count
		}
		sum := 0
		for _, x := range counts {
			sum += x
		}
		if c.By != want.by || len(c.Bars) != want.bars || total != sum {
			t.Errorf("%d days: %s, %d bars, %d of %d", n, c.By, len(c.Bars), total, sum)
		}
		if len(c.Ticks) > 13 {
			t.Errorf("%d days: %d ticks", n, len(c.Ticks))
		}
		if want.by == "search.by-month" && (!c.Bars[0].NoRun || !c.Bars[1].SomeNoRun || c.Bars[1].NoRun || c.Bars[2].SomeNoRun) {
			t.Errorf("%d days: months without a run: %+v", n, c.Bars[:3])
		}
	}
}

func TestNiceStep(t *testing.T) {
	for top, want := range map[int]int{0: 1, 1: 1, 4: 1, 5: 2, 8: 2, 9: 5, 20: 5, 21: 10, 99: 50, 10000: 5000} {
		if got := niceStep(top); got != want {
			t.Errorf("%d: got %d, want %d", top, got, want)
		}
	}
}
