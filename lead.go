package zoeklicht

import (
	"strconv"
	"strings"
	"time"
)

// Subject is what a row of the worklist is about: a phone number, or an advert that
// has none. "phone:+31600012345", "advert:123".
type Subject string

// PhoneSubject names a number in E.164.
func PhoneSubject(e164 string) Subject { return Subject("phone:" + e164) }

// AdvertSubject names an advert without a number.
func AdvertSubject(id AdvertID) Subject {
	return Subject("advert:" + strconv.FormatInt(int64(id), 10))
}

// Phone gives the number that the subject names, or "".
func (s Subject) Phone() string {
	v, ok := strings.CutPrefix(string(s), "phone:")
	if !ok {
		return ""
	}
	return v
}

// Advert gives the advert that the subject names, or 0.
func (s Subject) Advert() AdvertID {
	v, ok := strings.CutPrefix(string(s), "advert:")
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return 0
	}
	return AdvertID(n)
}

// Hidden gives the subject with its number masked, as screens get it.
func (s Subject) Hidden() Subject {
	if p := s.Phone(); p != "" {
		return PhoneSubject(Mask(p))
	}
	return s
}

// Lead is a row of a unit's worklist: a number, or an advert without one, and why it
// deserves a look.
type Lead struct {
	Subject  Subject   // hidden
	Masked   string    // the number as the list shows it
	Version  VersionID // the one with the highest score among those online, newest first
	Advert   AdvertID
	Title    string
	Place    string // municipality code of that version, or ""
	Unit     string // police unit, or ""
	Score    float64
	Hits     []Hit
	Adverts  int // that carry the number now
	Versions int
	First    time.Time
	Last     time.Time
	New      bool // something became known since the reader's last visit
	Claim    *Claim
	Looked   []Look // colleagues who looked already, newest first
}

// LeadQuery says which rows of the worklist are asked for.
type LeadQuery struct {
	Unit string // police unit; "" for all
	// Show is "" for what is free or the reader's own, "mine", "parked", "others" or
	// "finished"; or "handed", what colleagues handed over to the reader.
	Show string
	New  bool // only what is new since the reader's last visit
}

// LeadList is a page of the worklist: what colleagues handed over to the reader, then
// highest score first, then newest. It ends: All counts what there is to do.
type LeadList struct {
	Query LeadQuery
	AsOf  time.Time
	Since time.Time // the reader's last visit; zero for none
	All   int
	New   int
	Mine  int
	// Handed counts rows that colleagues handed over to the reader, whatever the unit.
	Handed int
	Shown  int // rows of the list as it was asked for, over all its pages
	Leads  []Lead
}

// Claim is who works on a subject.
type Claim struct {
	Subject Subject
	Kind    ClaimKind
	Person  PersonID
	Name    string // of the person who holds it now
	By      string // who handed it over
	Giver   PersonID
	At      time.Time
	Until   time.Time // of a parked one: when it returns to the list
	Note    string
}

// ClaimKind is a step in the work on a subject.
type ClaimKind string

// The steps.
const (
	Claimed  ClaimKind = "claim"
	Parked   ClaimKind = "park"
	Handed   ClaimKind = "hand-over"
	Released ClaimKind = "release" // back on the list
	Finished ClaimKind = "finish"  // off the list until something new becomes known
	// Undone takes one's own newest step back: who had the subject before has it again, as
	// they had it.
	Undone ClaimKind = "undo"
)

// Look is somebody's look at a subject.
type Look struct {
	Person PersonID
	Name   string
	At     time.Time
}

// OtherUserAfter is how long a number must have been out of sight for screens and files to
// say that somebody else may use it since. A month is soon for that, on purpose: what is
// said too often makes a reader ask, what is not said makes two people one.
const OtherUserAfter = 30 * 24 * time.Hour

// NumberCard is what is known of one number as of a moment: to be read aloud.
type NumberCard struct {
	Asked     string // as it was typed
	Value     string // E.164, "" when it is no number
	AsOf      time.Time
	Seq       Seq
	First     time.Time // zero: nothing is known of it
	Last      time.Time
	Adverts   int
	Online    int
	Versions  int
	Spellings []Counted // raw forms, most frequent first
	Sources   []Counted
	Places    []Counted // municipality codes
	Units     []Counted // police units
	Names     []Counted // stated aliases, where a field has them
	Newest    []Row     // its adverts, newest first, at most 50
	Claim     *Claim
	Looked    []Look
	// Gap is the longest time between two sightings: from OtherUserAfter on, "possibly
	// another user".
	Gap time.Duration
}

// Counted is a value and how often it occurs.
type Counted struct {
	Value string
	Count int
}

// Known is one line of a list of numbers that was looked up.
type Known struct {
	Line    int    // from 1, as pasted
	Raw     string // as pasted
	Value   string // E.164, "" where the line holds no number
	Adverts int    // 0: not known as of the moment
	Online  int
	First   time.Time
	Last    time.Time
	Score   float64 // the highest assessment among its adverts

	Also []string // the other numbers in the line, E.164: the likeliest of each
	Why  Unfit    // why the line holds no number, where Value is ""
}
