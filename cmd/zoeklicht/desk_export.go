package main

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/job"
	"zoeklicht/internal/store"
)

// What leaves, and what proves it. See the ports in internal/web/exportports.go.

// Export begins an export as a job of the person's.
func (d *desk) Export(ctx context.Context, pass *access.Pass, order zoeklicht.ExportOrder, title string) (*zoeklicht.Job, error) {
	return d.export(ctx, pass, order, job.Ask{Title: title})
}

// Again begins an export that ended without a file once more, for the same purpose.
func (d *desk) Again(ctx context.Context, pass *access.Pass, id zoeklicht.JobID) (*zoeklicht.Job, error) {
	ask, err := d.jobs[pass.Theme()].Again(pass.Person(), id)
	if err != nil {
		return nil, err
	}
	if ask.Purpose != pass.Purpose() {
		return nil, zoeklicht.Errorf(zoeklicht.Conflict, "it was asked for with another purpose").With("nothing was begun", "state that purpose, or begin a new export")
	}
	var order zoeklicht.ExportOrder
	if err := json.Unmarshal(ask.Order, &order); err != nil {
		return nil, err
	}
	return d.export(ctx, pass, order, *ask)
}

// export begins an export; of what is asked the order fills in the rest.
func (d *desk) export(ctx context.Context, pass *access.Pass, order zoeklicht.ExportOrder, ask job.Ask) (*zoeklicht.Job, error) {
	if err := pass.Allow(zoeklicht.ActExport); err != nil {
		return nil, err
	}
	office := d.offices[pass.Theme()]
	if err := office.Check(&order); err != nil {
		return nil, err
	}
	st, err := d.store(ctx, pass)
	if err != nil {
		return nil, err
	}
	if ask.Order, err = json.Marshal(order); err != nil {
		return nil, err
	}
	ask.Owner, ask.Kind, ask.Purpose = pass.Person(), "export", pass.Purpose()
	return d.jobs[pass.Theme()].Run(ctx, ask, func(ctx context.Context, out io.Writer, tell job.Progress) (job.Result, error) {
		made, err := office.Make(ctx, st, order, out, func(step zoeklicht.JobStep, done, total int) { tell(done, total, step) })
		if err != nil {
			return job.Result{}, err
		}
		return job.Result{
			Name: made.Exported.File, Type: made.Type,
			Record: func(ctx context.Context, _ zoeklicht.JobFile) error { return made.Record(ctx) },
		}, nil
	})
}

// Exported gives the newest lines of the register of what left; who may not export reads
// it with the rights of the audit trail.
func (d *desk) Exported(ctx context.Context, pass *access.Pass, n int) ([]zoeklicht.Exported, error) {
	if !pass.May(zoeklicht.ActExport) {
		var err error
		if pass, err = d.p.door.EnterAudit(ctx, pass.Person(), pass.Theme(), pass.Purpose()); err != nil {
			return nil, err
		}
	}
	all, err := with(ctx, d, pass, func(st *store.Store) ([]zoeklicht.Exported, error) { return st.Exports(ctx, "") })
	return all[:min(n, len(all))], err
}

// Jobs gives the person's jobs, newest first.
func (d *desk) Jobs(_ context.Context, pass *access.Pass) ([]zoeklicht.Job, error) {
	return d.jobs[pass.Theme()].List(pass.Person()), nil
}

// Job gives one.
func (d *desk) Job(_ context.Context, pass *access.Pass, id zoeklicht.JobID) (*zoeklicht.Job, error) {
	return d.jobs[pass.Theme()].Get(pass.Person(), id)
}

// CancelJob ends one.
func (d *desk) CancelJob(_ context.Context, pass *access.Pass, id zoeklicht.JobID) error {
	return d.jobs[pass.Theme()].Cancel(pass.Person(), id)
}

// OpenJob gives what one made.
func (d *desk) OpenJob(_ context.Context, pass *access.Pass, id zoeklicht.JobID) (io.ReadCloser, *zoeklicht.JobFile, error) {
	return d.jobs[pass.Theme()].Open(pass.Person(), id)
}

// Proof tells how far the proof of a capture has come.
func (d *desk) Proof(ctx context.Context, pass *access.Pass, id zoeklicht.CaptureID) (*zoeklicht.Proven, error) {
	return with(ctx, d, pass, func(st *store.Store) (*zoeklicht.Proven, error) {
		return d.offices[pass.Theme()].Proven(ctx, st, id)
	})
}

// Case tells what the record says about a case number, read with the rights of the audit
// trail.
func (d *desk) Case(ctx context.Context, pass *access.Pass, number string, asOf time.Time) (*zoeklicht.Case, error) {
	audit, err := d.p.door.EnterAudit(ctx, pass.Person(), pass.Theme(), pass.Purpose())
	if err != nil {
		return nil, err
	}
	return with(ctx, d, audit, func(st *store.Store) (*zoeklicht.Case, error) { return st.Case(ctx, number, asOf) })
}

// LedgerHealth tells how the ledger goes.
func (d *desk) LedgerHealth(ctx context.Context, pass *access.Pass) (*zoeklicht.LedgerHealth, error) {
	return with(ctx, d, pass, func(st *store.Store) (*zoeklicht.LedgerHealth, error) { return st.LedgerHealth(ctx) })
}
