package zoeklicht

import "time"

// Job is long work that a person may leave and return to.
type Job struct {
	ID       int64
	Kind     string
	Person   PersonID
	Started  time.Time
	Ended    time.Time
	Done     int
	Total    int // 0 while unknown
	Note     string
	Err      string
	Canceled bool
}

// Rate gives units per second until now.
func (j *Job) Rate(now time.Time) float64 {
	if !j.Ended.IsZero() {
		now = j.Ended
	}
	if s := now.Sub(j.Started).Seconds(); s > 0 {
		return float64(j.Done) / s
	}
	return 0
}
