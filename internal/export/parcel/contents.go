package parcel

import (
	"context"
	"crypto"
	"iter"
	"time"

	"zoeklicht"
	"zoeklicht/internal/ledger"
)

// Contents is what a package is made of.
type Contents struct {
	About About
	// Documents stand at the top: "report.pdf", "annex.pdf", "findings.txt",
	// "findings.docx". Names are lower-case letters, digits and hyphens, and end in .pdf,
	// .txt or .docx.
	Documents []File
	// Policy is the policy file that was deposited elsewhere, certificates included (see
	// Deposit and Trust). The organisation's certificate of Signer must be in it.
	Policy []byte
	// Captures gives the captures one after another. An error ends the writing.
	Captures iter.Seq2[*Capture, error]
	// Total is how many captures there will be, for progress.
	Total int
	// Records are other leaves that belong to the matter: decisions, erasures.
	Records []Record
	// WACZKey is an ECDSA key on P-384.
	WACZKey crypto.Signer
	// Signer is the organisation's key, ECDSA or RSA; it signs SHA256SUMS.
	Signer crypto.Signer
	// Stamp has an authority date a digest, and gives the token (RFC 3161); nil bytes where
	// none could, an error ends the writing. It dates the signature, so that it outlives the
	// certificate. Nil where there is no authority: nothing dates it then.
	Stamp func(ctx context.Context, digest [32]byte) ([]byte, error)
	// Recipients are age recipients ("age1…"). With any, what is written is an age file.
	Recipients []string
	// Temp is the folder for the temporary file [the system's].
	Temp string
}

// File is a small file.
type File struct {
	Name  string
	Bytes []byte
}

// About is what a package says of itself. It stands in parcel.json and README.txt, and
// holds nothing that is not disclosed.
type About struct {
	Title    string    `json:"title"`
	Theme    string    `json:"theme"`
	Purpose  string    `json:"purpose"` // the case number or task
	Ground   string    `json:"ground"`
	What     string    `json:"what"`             // "advert 100005, version 3"
	Result   string    `json:"result,omitempty"` // of a kept answer
	AsOf     time.Time `json:"as_of,omitzero"`
	Made     time.Time `json:"made"`
	By       string    `json:"by,omitempty"` // who made it
	Software string    `json:"software"`
	Lang     string    `json:"lang"` // "nl" or "en": which comes first in the texts
	// Notes are what the reader must know: what was destroyed, that the clock was simulated.
	Notes []string `json:"notes,omitempty"`
}

// Capture is one capture, or what is disclosed of it.
type Capture struct {
	// Sealed has the leaf, the manifest, the salts (of all lines, or zeros for those of
	// records that are not among the items) and the items that are disclosed.
	Sealed *zoeklicht.Sealed
	At     time.Time
	Title  string // may be empty
	// LeftOut says why an item ("picture:0") or a record ("request") is not in the
	// package. A record that is named here is left out even if its item is disclosed.
	LeftOut map[string]string
	// Proof is that of the leaf; nil while there is none: the package then says on its
	// face that the capture is not yet witnessed, and does not verify.
	Proof *zoeklicht.Proof
	// After is the token that the leaf names by its hash, and what it stamps; nil if the
	// leaf names none or it is not at hand.
	After *Anchor
}

// Anchor is a token over a checkpoint that was there before something else.
type Anchor struct {
	Token      zoeklicht.Token
	Checkpoint []byte
}

// Record is a leaf of another kind, with what it stands for.
type Record struct {
	ledger.Record
	Proof *zoeklicht.Proof
}

// Summary is what was written.
type Summary struct {
	Captures, Records, LeftOut int
	Files                      int
	Unwitnessed                int // captures without a proof
	WACZPages                  int
	Dated                      bool // an authority dated the signature
}
