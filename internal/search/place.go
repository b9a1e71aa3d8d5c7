package search

import (
	"time"
	_ "time/tzdata" // a machine without a time zone database still knows Amsterdam
)

// Amsterdam gives the default place of a theme's days.
func Amsterdam() *time.Location {
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		return time.UTC // cannot happen: the database is embedded
	}
	return loc
}
