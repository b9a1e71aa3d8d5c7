package web

import (
	"context"
	"io"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
)

// Exports takes things out, as jobs, and tells what left.
type Exports interface {
	// Export begins an export for the pass's purpose, which it needs, and gives its job.
	// Title is what the job is called, in the reader's language. Invalid for an order that
	// cannot be filled as it stands (a recipient that is none, a version that was sealed or
	// destroyed), saying which; Limit for more than one export may hold, or too many jobs.
	Export(ctx context.Context, pass *access.Pass, order zoeklicht.ExportOrder, title string) (*zoeklicht.Job, error)
	// Again begins one of the reader's that ended without a file once more, as it was asked
	// for and in its place. Its purpose must be the pass's. NotFound and Conflict where there
	// is none to begin again; the rest as Export.
	Again(ctx context.Context, pass *access.Pass, id zoeklicht.JobID) (*zoeklicht.Job, error)
	// Exported gives the newest n lines of the register of what left, newest first: of
	// everybody, for who may export (and stated a purpose) or audit.
	Exported(ctx context.Context, pass *access.Pass, n int) ([]zoeklicht.Exported, error)
}

// Jobs is the reader's long work: internal/job. Another's does not exist.
type Jobs interface {
	// Jobs gives them all, newest first, and Job gives one.
	Jobs(ctx context.Context, pass *access.Pass) ([]zoeklicht.Job, error)
	Job(ctx context.Context, pass *access.Pass, id zoeklicht.JobID) (*zoeklicht.Job, error)
	// CancelJob ends one. Conflict when it has ended, or is being recorded.
	CancelJob(ctx context.Context, pass *access.Pass, id zoeklicht.JobID) error
	// OpenJob gives what one made; the caller closes it. Conflict when there is no file.
	OpenJob(ctx context.Context, pass *access.Pass, id zoeklicht.JobID) (io.ReadCloser, *zoeklicht.JobFile, error)
}

// Proofs tells how far the proof of a capture has come. It holds no content.
type Proofs interface {
	// Proof is NotFound for a capture that is not there, and one that is sealed.
	Proof(ctx context.Context, pass *access.Pass, id zoeklicht.CaptureID) (*zoeklicht.Proven, error)
}

// Ledger tells how the ledger goes: numbers, no content.
type Ledger interface {
	LedgerHealth(ctx context.Context, pass *access.Pass) (*zoeklicht.LedgerHealth, error)
}

// Cases tells what the record says about a case number.
type Cases interface {
	// Case gives it as of a moment, the zero time for now, to who audits. A number of
	// which the record says nothing is an answer too, and audited as one.
	Case(ctx context.Context, pass *access.Pass, number string, asOf time.Time) (*zoeklicht.Case, error)
}
