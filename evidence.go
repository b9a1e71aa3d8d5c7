package zoeklicht

import "time"

// LeafKind says what a leaf of the ledger is about.
type LeafKind string

// The kinds. A capture's leaf has the format of package capture; the others have that of
// package ledger, and name a record by its salted hash.
const (
	LeafCapture       LeafKind = "capture"
	LeafCaptureFailed LeafKind = "capture-failed"
	LeafDecision      LeafKind = "source-decision"
	LeafIndicators    LeafKind = "indicator-version"
	LeafModel         LeafKind = "model-version"
	LeafConfig        LeafKind = "config-change"
	LeafKey           LeafKind = "key-change"
	LeafExport        LeafKind = "export"
	LeafDisclosure    LeafKind = "disclosure"
	LeafErase         LeafKind = "erase"
	LeafSeal          LeafKind = "seal"
	LeafAudit         LeafKind = "audit-segment"
)

// Proof is what a stranger needs to see that a leaf stands in a log, and since when at the
// latest: from the leaf's hash the inclusion hashes lead to the root in the checkpoint,
// which the log signed, witnesses cosigned and timestamping authorities dated.
type Proof struct {
	Leaf       []byte // the exact bytes
	Index      int64  // from 0
	Inclusion  [][32]byte
	Checkpoint []byte // signed note (C2SP tlog-checkpoint) with all signatures
	Tokens     []Token
}

// Token is an RFC 3161 timestamp of a checkpoint.
type Token struct {
	Authority string    // its name in the configuration
	At        time.Time // as the authority says
	DER       []byte    // TimeStampToken over the SHA-256 of the checkpoint's bytes
}

// LedgerHealth tells how a theme's ledger goes: numbers, no content.
type LedgerHealth struct {
	Waiting     int          // leaves that no log has taken yet
	Unwitnessed int          // leaves in a log that no published checkpoint covers yet
	Witnessed   time.Time    // when the newest checkpoint was published; zero before the first
	Stamped     time.Time    // what the newest timestamp says; zero before the first
	Told        time.Time    // when the recording process last told how it goes; zero: never
	Now         time.Time    // on the clock of all these times, which is the wall's
	Parts       []LedgerPart // by name; empty before the recording process first told
}

// LedgerPart is something that recording depends on.
type LedgerPart struct {
	Name   string // PartLog, PartWitnesses, or PartAuthority and its name
	State  LedgerState
	Detail string // why it is down or refused, in English
	Whys   []LedgerWhy
	Well   time.Time // when it last went well; zero: never
}

// LedgerState is how a part goes.
type LedgerState string

// The states.
const (
	LedgerWell LedgerState = "well"
	LedgerNone LedgerState = "none" // there is none: no witness, no authority is configured
	LedgerDown LedgerState = "down" // does not answer, or what it answers does not hold
	// LedgerRefused is worse than down: a witness answers, and does not cosign. Waiting does
	// not help; Whys says who refuses, and why.
	LedgerRefused LedgerState = "refused"
)

// LedgerWhy is why one that recording depends on does not do its part.
type LedgerWhy struct {
	Who    string       `json:"who"` // a witness or an authority, as the configuration calls it
	Reason LedgerReason `json:"reason"`
	Arg    string       `json:"arg,omitempty"` // of ReasonLarger: how many leaves; of ReasonOdd: what it was
}

// LedgerReason is a reason that screens word.
type LedgerReason string

// The reasons. Those that a refusal has say that the log and what a witness knows of it
// differ, or that the witness was not told enough.
const (
	ReasonAway    LedgerReason = "away"    // it cannot be reached
	ReasonTimeout LedgerReason = "timeout" // it did not answer in time
	ReasonOdd     LedgerReason = "odd"     // it answered something else than it should

	ReasonLarger     LedgerReason = "larger"      // refusal: it knows a larger log by this name
	ReasonFork       LedgerReason = "fork"        // refusal: it knows another log of the same size
	ReasonPast       LedgerReason = "past"        // refusal: the log does not continue what it knows
	ReasonUnknownLog LedgerReason = "unknown-log" // refusal: it does not know a log by this name
	ReasonUnknownKey LedgerReason = "unknown-key" // refusal: it does not know the log's key
	ReasonOtherKey   LedgerReason = "other-key"   // refusal: its own key is not the one that the policy names
)

// Refusal reports whether a reason is that somebody answers and does not want to.
func (r LedgerReason) Refusal() bool {
	switch r {
	case ReasonLarger, ReasonFork, ReasonPast, ReasonUnknownLog, ReasonUnknownKey, ReasonOtherKey:
		return true
	}
	return false
}

// The parts of recording.
const (
	PartLog       = "log"
	PartWitnesses = "witnesses"
	PartAuthority = "authority" // alone where there is none, else "authority <name>"
)

// SilentAfter is how long the recording process may be silent before it counts as down.
const SilentAfter = time.Minute

// Silent reports whether the recording process has not told anything for too long.
func (h *LedgerHealth) Silent() bool { return h.Told.IsZero() || h.Now.Sub(h.Told) > SilentAfter }
