package zoeklicht

import "time"

// Answer is what a reader answers to the theme's question about a version.
type Answer string

// The answers.
const (
	Yes     Answer = "yes"
	No      Answer = "no"
	Unclear Answer = "unclear"
)

// Answers in the order of their keys 1, 2, 3.
var Answers = []Answer{Yes, No, Unclear}

// Feedback is a person's answer about one version (classification). It is added,
// never changed: a later answer of the same person takes its place, and an undone one
// stays in the trail.
type Feedback struct {
	ID      int64
	Version VersionID
	Advert  AdvertID
	Answer  Answer
	Reason  string
	Person  PersonID
	Name    string
	At      time.Time
	Undone  time.Time // zero while it stands
}
