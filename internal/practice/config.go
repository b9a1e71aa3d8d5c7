package practice

import (
	"time"

	"zoeklicht"
)

// Config says which world is served, and where. The zero value is a world of
// 300 adverts on ports that the system picks.
type Config struct {
	// Seed chooses the world. Two worlds with the same Seed and Adverts are equal.
	Seed uint64
	// Adverts is how many adverts the sites have together, give or take those
	// that have just vanished: about nine in ten are online on any day [300].
	Adverts int
	// Day is the simulated day to begin with, from 0.
	Day int

	// Addr is the address of the first site, "host:port"; the other sites and
	// the picture host follow on the next ports. A port that is taken is passed
	// over; port 0 lets the system pick them all [127.0.0.1:0].
	Addr string
	// TruthAddr is the address of the truth port [the host of Addr, port 0]. The
	// platform must not be able to reach it.
	TruthAddr string

	// Epoch is the midnight at which day 0 begins [5 January 2026, UTC].
	Epoch time.Time
	// Clock gives the time of the Date headers, so that they can agree with a
	// platform that lives on a simulated clock [noon of the simulated day].
	Clock zoeklicht.Clock
	// Stall is how long a picture that hangs keeps its visitor waiting before
	// the connection is dropped [300ms].
	Stall time.Duration
	// CrawlDelay is what the robots.txt of stadsgids and kiosk ask for, in
	// seconds [0].
	CrawlDelay float64
	// NoBarriers leaves out the pages that are not content (consent, captcha,
	// rate limit, error page, empty listing): every day of every advert can
	// then be seen.
	NoBarriers bool
}

func (c Config) withDefaults() (Config, error) {
	if c.Adverts == 0 {
		c.Adverts = 300
	}
	if c.Adverts < 0 || c.Adverts > maxAdverts {
		return c, zoeklicht.Errorf(zoeklicht.Invalid, "adverts is %d: 1 to %d", c.Adverts, maxAdverts)
	}
	if err := checkDay(c.Day); err != nil {
		return c, err
	}
	if c.Addr == "" {
		c.Addr = "127.0.0.1:0"
	}
	if c.Epoch.IsZero() {
		c.Epoch = time.Date(2026, time.January, 5, 0, 0, 0, 0, time.UTC)
	}
	if c.Stall == 0 {
		c.Stall = 300 * time.Millisecond
	}
	return c, nil
}

// Bounds of a world: its numbers stay readable, and a life is found by walking
// its slot from the beginning.
const (
	maxAdverts = 1_000_000
	maxDay     = 3650
)

func checkDay(d int) error {
	if d < 0 || d > maxDay {
		return zoeklicht.Errorf(zoeklicht.Invalid, "day is %d: 0 to %d", d, maxDay)
	}
	return nil
}
