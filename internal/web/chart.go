package web

import (
	"fmt"
	"time"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// maxBars is how many bars a histogram has at most: longer periods are told by week
// or by month.
const maxBars = 100

// chart is a histogram of new versions per day, drawn on the server, and the table
// of the same rows. Positions are percentages of the width, so that it fits every
// screen without a script.
type chart struct {
	Bars   []bar
	Lines  []gridLine
	Ticks  []tick
	By     wording.Key // what one bar is: a day, a week, a month
	Total  int
	NoRun  int // bars without a complete run
	Height int
}

// bar is one day, week or month.
type bar struct {
	From, To   string // days, 2006-01-02; equal for one day
	Label      string // as the table words it
	Count      int
	NoRun      bool // no complete run: a low count means nothing
	SomeNoRun  bool // so on some of its days
	X, W, Y, H string
	Link       string // the same question, narrowed to these days
}

type gridLine struct {
	Y     string
	TextY string
	Label string
}

type tick struct {
	X     string
	Label string
	// Minor ones are left out where there is little room.
	Minor bool
}

// The drawing's measures, in pixels. Bars stand on the line at chartTop+chartHigh.
const (
	chartTop  = 8
	chartHigh = 104
)

// newChart draws counts by day, which are in order. link gives the address that
// narrows to days. Nil when there is nothing to draw.
func newChart(days []zoeklicht.DayCount, words wording.W, link func(from, to string) string) *chart {
	if len(days) == 0 {
		return nil
	}
	c := &chart{Height: chartTop + chartHigh}
	c.Bars, c.By = grouped(days)
	top := 0
	for _, b := range c.Bars {
		top = max(top, b.Count)
		c.Total += b.Count
		if b.NoRun || b.SomeNoRun {
			c.NoRun++
		}
	}
	step := niceStep(top)
	ceiling := max(step, (top+step-1)/step*step)
	for n := 0; n <= ceiling; n += step {
		y := chartTop + chartHigh - n*chartHigh/ceiling
		c.Lines = append(c.Lines, gridLine{fmt.Sprintf("%d.5", y), fmt.Sprint(y + 4), words.Number(n)})
	}
	slot := 100 / float64(len(c.Bars))
	gap := slot * .18
	if slot > 8 { // few bars: keep them slim
		gap = slot - 6
	}
	every := max(1, (len(c.Bars)+11)/12)
	for i := range c.Bars {
		b := &c.Bars[i]
		h := b.Count * chartHigh / ceiling
		if b.Count > 0 {
			h = max(h, 2)
		}
		b.X, b.W = percent(float64(i)*slot+gap/2), percent(slot-gap)
		b.Y, b.H = fmt.Sprint(chartTop+chartHigh-h), fmt.Sprint(h)
		b.Label = words.DayOf(b.From)
		if b.To != b.From {
			b.Label += " – " + words.DayOf(b.To)
		}
		b.Link = link(b.From, b.To)
		if i%every == 0 {
			c.Ticks = append(c.Ticks, tick{percent((float64(i) + .5) * slot), words.ShortDay(b.From), len(c.Ticks)%3 != 0})
		}
	}
	return c
}

func percent(f float64) string { return fmt.Sprintf("%.3f%%", f) }

// grouped makes a bar of each day, of each week where there are too many days, or of
// each month.
func grouped(days []zoeklicht.DayCount) ([]bar, wording.Key) {
	by, key := func(t time.Time) time.Time { return t }, wording.Key("search.by-day")
	if len(days) > maxBars {
		by, key = monday, "search.by-week"
	}
	if len(days) > maxBars*7 {
		by, key = first, "search.by-month"
	}
	var out []bar
	var last time.Time
	blind := 0
	seen := 0
	closeBar := func() {
		if len(out) > 0 {
			b := &out[len(out)-1]
			b.NoRun, b.SomeNoRun = blind == seen, blind > 0 && blind < seen
		}
		blind, seen = 0, 0
	}
	for _, d := range days {
		t, err := time.Parse(time.DateOnly, d.Day)
		if err != nil {
			continue // the store writes these
		}
		if group := by(t); len(out) == 0 || !group.Equal(last) {
			closeBar()
			out = append(out, bar{From: d.Day})
			last = group
		}
		b := &out[len(out)-1]
		b.To = d.Day
		b.Count += d.Count
		seen++
		if d.NoRun {
			blind++
		}
	}
	closeBar()
	return out, key
}

func monday(t time.Time) time.Time { return t.AddDate(0, 0, -(int(t.Weekday())+6)%7) }

func first(t time.Time) time.Time { return t.AddDate(0, 0, 1-t.Day()) }

// niceStep gives the distance of grid lines: 1, 2 or 5 times a power of ten, with
// two to four lines above zero.
func niceStep(top int) int {
	for p := 1; ; p *= 10 {
		for _, m := range []int{1, 2, 5} {
			if top <= 4*m*p {
				return m * p
			}
		}
	}
}
