package job

import "time"

// Config bounds a Runner. Only Dir is needed. A Runner knows people and no themes: each
// theme has one of its own, or who works in two sees the jobs of one in the other.
type Config struct {
	// Dir holds jobs and results, sealed; it is made, for this user alone, if it is not
	// there. One Runner at a time uses it, and goes on from what the one before left.
	Dir string
	// AtOnce is how many jobs run at the same time [2].
	AtOnce int
	// Each is how many unfinished jobs one person may have [5], and All how many there
	// may be together [50].
	Each int
	All  int
	// Longest is how long one job may run [1h].
	Longest time.Duration
	// Largest is how many bytes a result may have [4 GiB].
	Largest int64
	// Keep is how long a job and its file stay after it ended [24h].
	Keep time.Duration
}

// recordingTakes bounds how long the recording of a result may take.
const recordingTakes = time.Minute

func (c Config) withDefaults() Config {
	if c.AtOnce <= 0 {
		c.AtOnce = 2
	}
	if c.Each <= 0 {
		c.Each = 5
	}
	if c.All <= 0 {
		c.All = 50
	}
	if c.Longest <= 0 {
		c.Longest = time.Hour
	}
	if c.Largest <= 0 {
		c.Largest = 4 << 30
	}
	if c.Keep <= 0 {
		c.Keep = 24 * time.Hour
	}
	return c
}
