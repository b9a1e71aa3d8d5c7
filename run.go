package zoeklicht

import "time"

// Run is one visit of a whole source, and its completeness record: a count that
// dips because the crawler broke must be visible as that.
type Run struct {
	ID       int64
	Source   SourceID
	Seq      Seq // at which it began
	EndSeq   Seq // at which it ended; 0 while it runs
	Begun    time.Time
	Ended    time.Time
	Cause    string
	URLs     int // handed out so far or in all
	Captured int
	Waiting  int // still to do
	Failed   map[Fail]int
	Pictures int
	Missing  int
	Outside  int
	Bytes    int64
	Expected int // adverts that the listing says there are; 0 if it does not say
	Adverts  int // adverts seen in the run
	// New, Seen and Gone are versions, sightings and disappearances found by
	// analysis; they follow the run.
	New, Seen, Gone int
	Complete        bool   // every listing was walked to its end and was content
	Drift           string // why the layout is thought to have drifted; empty if not
	Stopped         string // why it ended early; empty if not
}

// Seconds gives how long the run took or has taken until now.
func (r *Run) Seconds(now time.Time) float64 {
	if !r.Ended.IsZero() {
		now = r.Ended
	}
	return now.Sub(r.Begun).Seconds()
}
