package zoeklicht

import "time"

// JobID names a piece of long work: 26 random letters and digits. It is no secret; what
// it names is shown to its owner only.
type JobID string

// Job is a piece of long work as it stood when it was asked for. It outlives the
// browser that began it; its work does not outlive the process that does it.
type Job struct {
	ID    JobID
	Owner PersonID
	Kind  string // "export"
	Title string // in the owner's language; no content
	State JobState
	Asked time.Time // on the wall's clock, as all times of a job
	Begun time.Time // zero while it waits its turn
	Ended time.Time
	Ahead int // how many wait before it
	// Done of Total is how far it is; a Total of 0 says that it does not know.
	Done, Total int
	Step        JobStep
	// Problem is why it failed or was cancelled, as a person may read it; nil otherwise.
	Problem *Error
	// File is what it made; nil before it is finished, and after Until.
	File *JobFile
	// Until is when the file goes, and the job with it; zero before it has ended.
	Until time.Time
	// Purpose is what it is done for, and Again says that the same can be asked for again.
	Purpose string
	Again   bool
}

// Over reports whether the job has ended, in whatever way.
func (j *Job) Over() bool { return !j.Ended.IsZero() }

// Rate gives how much is done per second, 0 where that cannot be told yet.
func (j *Job) Rate(now time.Time) float64 {
	if j.Begun.IsZero() || j.Done <= 0 {
		return 0
	}
	if j.Over() {
		now = j.Ended
	}
	if s := now.Sub(j.Begun).Seconds(); s > 0 {
		return float64(j.Done) / s
	}
	return 0
}

// Left estimates how long it will take still, from the pace so far; false where that
// cannot be told.
func (j *Job) Left(now time.Time) (time.Duration, bool) {
	rate := j.Rate(now)
	if j.Over() || rate == 0 || j.Total < j.Done {
		return 0, false
	}
	return time.Duration(float64(j.Total-j.Done) / rate * float64(time.Second)), true
}

// JobFile is what a job made.
type JobFile struct {
	Name   string // for the reader's disk: letters, digits, '-', '_' and '.'
	Type   string // media type
	Bytes  int64
	SHA256 [32]byte
}

// JobState is how far a job has come.
type JobState string

// The states. A job goes from waiting by running to one of the others.
const (
	JobWaiting   JobState = "waiting"
	JobRunning   JobState = "running"
	JobFinished  JobState = "finished"
	JobFailed    JobState = "failed"
	JobCancelled JobState = "cancelled"
	JobCut       JobState = "cut"       // the process that did it ended
	JobWithdrawn JobState = "withdrawn" // it was finished, and its file destroyed since
)

// JobStep is what a job does now, for screens to word.
type JobStep string

// The steps of an export, in their order; which ones there are depends on what is made.
const (
	StepGather  JobStep = "gather"  // read from the store and the segments
	StepProve   JobStep = "prove"   // inclusion proofs and tokens
	StepDraw    JobStep = "draw"    // the report
	StepSign    JobStep = "sign"    // with the organisation's key, and a timestamp
	StepPack    JobStep = "pack"    // the files of the package
	StepEncrypt JobStep = "encrypt" // to its recipients
	StepRecord  JobStep = "record"  // in the register of what left
)
