package practice

import "math/bits"

// signal is something that is planted in an advert for indicators to find. Its
// name is that of the indicator meant to find it.
type signal uint8

// The signals that an advert's own content carries come first, those that say
// something in so many words among them; what follows is found only by looking
// at what else has the same number, text or picture.
const (
	trustWording signal = iota
	youthWording
	constantAvailability
	thirdPerson
	pluralVoice
	restrictedMovement
	arrivalWording
	noLimitsWording
	thirdPartyContact
	disguisedNumber
	priceBelowMedian
	sharedContact
	severalAliases
	severalAges
	severalCities
	textElsewhere
	pictureElsewhere
	signals
)

var signalNames = [signals]string{
	trustWording: "trust-wording", youthWording: "youth-wording", constantAvailability: "constant-availability",
	thirdPerson: "third-person", pluralVoice: "plural-voice", restrictedMovement: "restricted-movement",
	arrivalWording: "arrival-wording", noLimitsWording: "no-limits-wording", thirdPartyContact: "third-party-contact",
	disguisedNumber: "disguised-number", priceBelowMedian: "price-below-median", sharedContact: "shared-contact",
	severalAliases: "several-aliases", severalAges: "several-ages", severalCities: "several-cities",
	textElsewhere: "text-elsewhere", pictureElsewhere: "picture-elsewhere",
}

// wordings are the signals that are said in words: words/signals has a section
// of each one's name.
const wordings marks = 1<<disguisedNumber - 1

// safety is wording by which those who work on their own protect themselves.
// It is no signal.
type safety uint8

const (
	screening safety = iota
	noAnonymousCallers
	inCallOnly
	worksWithOthers
	touring
	safeties
)

var safetyNames = [safeties]string{"screening", "no-anonymous-callers", "in-call-only", "works-with-others", "touring"}

// cautions is all safety wording.
const cautions marks = 1<<safeties - 1

// marks is a set of signals, or of safety wording: bit n stands for number n.
type marks uint32

func (m marks) has(n int) bool { return m>>n&1 == 1 }
func (m marks) count() int     { return bits.OnesCount32(uint32(m)) }

// names lists the names of a set; it is never nil.
func (m marks) names(from []string) []string {
	out := []string{}
	for n, name := range from {
		if m.has(n) {
			out = append(out, name)
		}
	}
	return out
}

// drawMarks draws so many of a set.
func drawMarks(r *rng, from marks, count int) (out marks) {
	for range min(count, from.count()) {
		k := r.intn((from &^ out).count())
		for n := range 32 {
			if (from &^ out).has(n) {
				if k == 0 {
					out |= 1 << n
					break
				}
				k--
			}
		}
	}
	return out
}
