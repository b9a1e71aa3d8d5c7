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
