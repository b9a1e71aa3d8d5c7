package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/fetch"
	"zoeklicht/internal/frontier"
	"zoeklicht/internal/job"
	"zoeklicht/internal/store"
)

// The analyst's desk: worklist, numbers, judgements, corrections, seals, and pages that
// are captured on request. See the ports in internal/web/deskports.go.

// act opens the pass's store to do one thing.
func (d *desk) act(ctx context.Context, pass *access.Pass, f func(*store.Store) error) error {
	st, err := d.store(ctx, pass)
	if err != nil {
		return err
	}
	return f(st)
}

// Leads gives a page of the worklist.
func (d *desk) Leads(ctx context.Context, pass *access.Pass, q zoeklicht.LeadQuery, page, n int) (*zoeklicht.LeadList, error) {
	return with(ctx, d, pass, func(st *store.Store) (*zoeklicht.LeadList, error) { return st.Leads(ctx, q, page, n) })
}

// NextLead gives the row of the worklist after that of a version.
func (d *desk) NextLead(ctx context.Context, pass *access.Pass, after zoeklicht.VersionID, at, within int) (l *zoeklicht.Lead, place int, err error) {
	err = d.act(ctx, pass, func(st *store.Store) error {
		l, place, err = st.NextLead(ctx, after, at, within)
		return err
	})
	return l, place, err
}

// Step takes a step in the work on what a version is about.
func (d *desk) Step(ctx context.Context, pass *access.Pass, id zoeklicht.VersionID, c zoeklicht.Claim) error {
	return d.act(ctx, pass, func(st *store.Store) error { return st.Step(ctx, id, c) })
}

// Colleagues gives the others who may judge in the pass's theme, by name.
func (d *desk) Colleagues(ctx context.Context, pass *access.Pass) ([]zoeklicht.Person, error) {
	if err := pass.Allow(zoeklicht.ActJudge); err != nil {
		return nil, err
	}
	grants, err := d.p.door.Grants(ctx, pass.Theme())
	if err != nil {
		return nil, err
	}
	may := map[zoeklicht.PersonID]bool{}
	for _, g := range grants {
		if g.Holds(time.Now()) && g.Role.May(zoeklicht.ActJudge) && g.Person != pass.Person() {
			may[g.Person] = true
		}
	}
	all, err := d.p.door.People(ctx)
	if err != nil {
		return nil, err
	}
	var out []zoeklicht.Person
	for _, p := range all {
		if may[p.ID] && !p.Disabled {
			out = append(out, zoeklicht.Person{ID: p.ID, Name: p.Name})
		}
	}
	slices.SortFunc(out, func(a, b zoeklicht.Person) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return out, nil
}

// Unit gives the unit whose list the person reads.
func (d *desk) Unit(ctx context.Context, pass *access.Pass) (string, error) {
	return with(ctx, d, pass, func(st *store.Store) (string, error) { return st.Unit(ctx) })
}

// SetUnit keeps the unit whose list the person reads.
func (d *desk) SetUnit(ctx context.Context, pass *access.Pass, unit string) error {
	return d.act(ctx, pass, func(st *store.Store) error { return st.SetUnit(ctx, unit) })
}

// Read reads what was typed as numbers.
func (d *desk) Read(pass *access.Pass, typed string) zoeklicht.Typed {
	return d.engines[pass.Theme()].Read(typed)
}

// Number gives the card of a number in any spelling.
func (d *desk) Number(ctx context.Context, pass *access.Pass, asked string, asOf time.Time) (*zoeklicht.NumberCard, error) {
	return with(ctx, d, pass, func(st *store.Store) (*zoeklicht.NumberCard, error) {
		return d.engines[pass.Theme()].Number(ctx, st, asked, asOf)
	})
}

// NumberOf gives the card of a version's number.
func (d *desk) NumberOf(ctx context.Context, pass *access.Pass, id zoeklicht.VersionID, reveal bool, asOf time.Time) (*zoeklicht.NumberCard, error) {
	return with(ctx, d, pass, func(st *store.Store) (*zoeklicht.NumberCard, error) { return st.NumberOf(ctx, id, reveal, asOf) })
}

// List looks lines of numbers up.
func (d *desk) List(ctx context.Context, pass *access.Pass, lines []string, asOf time.Time) ([]zoeklicht.Known, error) {
	return with(ctx, d, pass, func(st *store.Store) ([]zoeklicht.Known, error) {
		return d.engines[pass.Theme()].Numbers(ctx, st, lines, asOf)
	})
}

// Classify keeps an answer about a version.
func (d *desk) Classify(ctx context.Context, pass *access.Pass, id zoeklicht.VersionID, answer zoeklicht.Answer, reason string) (*zoeklicht.Feedback, error) {
	return with(ctx, d, pass, func(st *store.Store) (*zoeklicht.Feedback, error) { return st.Classify(ctx, id, answer, reason) })
}

// UndoClassify takes an answer back.
func (d *desk) UndoClassify(ctx context.Context, pass *access.Pass, id int64) error {
	return d.act(ctx, pass, func(st *store.Store) error { return st.UndoClassify(ctx, id) })
}

// Classified gives the answers about an advert's versions.
func (d *desk) Classified(ctx context.Context, pass *access.Pass, id zoeklicht.AdvertID) ([]zoeklicht.Feedback, error) {
	return with(ctx, d, pass, func(st *store.Store) ([]zoeklicht.Feedback, error) { return st.Classified(ctx, id) })
}

// Assessed gives the assessments of an advert's versions.
func (d *desk) Assessed(ctx context.Context, pass *access.Pass, id zoeklicht.AdvertID, asOf time.Time) (map[zoeklicht.VersionID]zoeklicht.Assessment, error) {
	return with(ctx, d, pass, func(st *store.Store) (map[zoeklicht.VersionID]zoeklicht.Assessment, error) {
		return st.Assessed(ctx, id, asOf)
	})
}

// Elsewhere lists the adverts that share a version's text or a picture.
func (d *desk) Elsewhere(ctx context.Context, pass *access.Pass, id zoeklicht.VersionID) ([]zoeklicht.Elsewhere, error) {
	return with(ctx, d, pass, func(st *store.Store) ([]zoeklicht.Elsewhere, error) { return st.Elsewhere(ctx, id) })
}

// Names gives the names of an advert's versions.
func (d *desk) Names(ctx context.Context, pass *access.Pass, id zoeklicht.AdvertID) ([]zoeklicht.VersionName, error) {
	return with(ctx, d, pass, func(st *store.Store) ([]zoeklicht.VersionName, error) { return st.Names(ctx, id) })
}

// Name gives a version a name.
func (d *desk) Name(ctx context.Context, pass *access.Pass, id zoeklicht.VersionID, name string) error {
	return d.act(ctx, pass, func(st *store.Store) error { return st.Name(ctx, id, name) })
}

// Corrections gives those of an advert's versions.
func (d *desk) Corrections(ctx context.Context, pass *access.Pass, id zoeklicht.AdvertID) ([]zoeklicht.Correction, error) {
	return with(ctx, d, pass, func(st *store.Store) ([]zoeklicht.Correction, error) { return st.Corrections(ctx, id) })
}

// Correct says what is wrong about an entity.
func (d *desk) Correct(ctx context.Context, pass *access.Pass, id zoeklicht.VersionID, n int, t zoeklicht.EntityType, right zoeklicht.Right) error {
	return d.act(ctx, pass, func(st *store.Store) error { return st.Correct(ctx, id, n, t, right) })
}

// UndoCorrection takes a correction back.
func (d *desk) UndoCorrection(ctx context.Context, pass *access.Pass, id int64) error {
	return d.act(ctx, pass, func(st *store.Store) error { return st.UndoCorrection(ctx, id) })
}

// Report keeps what somebody says is wrong on a screen.
func (d *desk) Report(ctx context.Context, pass *access.Pass, screen, text string) error {
	return d.act(ctx, pass, func(st *store.Store) error { return st.Report(ctx, screen, text) })
}

// Reports gives what was said to be wrong.
func (d *desk) Reports(ctx context.Context, pass *access.Pass) ([]zoeklicht.Trouble, error) {
	return with(ctx, d, pass, func(st *store.Store) ([]zoeklicht.Trouble, error) { return st.Reports(ctx) })
}

// AnswerReport says how a report fares.
func (d *desk) AnswerReport(ctx context.Context, pass *access.Pass, id int64, state zoeklicht.TroubleState, answer string) error {
	return d.act(ctx, pass, func(st *store.Store) error { return st.AnswerReport(ctx, id, state, answer) })
}

// Seal takes a version, or its advert, out of sight. What exports made before and was not
// taken yet goes with it: it may hold the content.
func (d *desk) Seal(ctx context.Context, pass *access.Pass, id zoeklicht.VersionID, why zoeklicht.SealReason, scope zoeklicht.SealScope) (*zoeklicht.Seal, error) {
	made, err := with(ctx, d, pass, func(st *store.Store) (*zoeklicht.Seal, error) { return st.Seal(ctx, id, why, scope) })
	if err != nil {
		return nil, err
	}
	if err := job.Withdraw(outFolder(d.p.cfg.Data, pass.Theme())); err != nil {
		return nil, fmt.Errorf("seal %d holds; what exports made before is still to be removed: %w", made.ID, err)
	}
	return made, nil
}

// Seals gives the urgent lane.
func (d *desk) Seals(ctx context.Context, pass *access.Pass) ([]zoeklicht.Seal, error) {
	return with(ctx, d, pass, func(st *store.Store) ([]zoeklicht.Seal, error) { return st.Seals(ctx) })
}

// TakeSeal says that the duty role has it.
func (d *desk) TakeSeal(ctx context.Context, pass *access.Pass, id zoeklicht.SealID) error {
	return d.act(ctx, pass, func(st *store.Store) error { return st.TakeSeal(ctx, id) })
}

// EndSeal says that it is done.
func (d *desk) EndSeal(ctx context.Context, pass *access.Pass, id zoeklicht.SealID, outcome string) error {
	return d.act(ctx, pass, func(st *store.Store) error { return st.EndSeal(ctx, id, outcome) })
}

// Want asks for a page to be captured now, by the first source in force, by priority,
// whose approval covers it.
func (d *desk) Want(ctx context.Context, pass *access.Pass, address string) (*zoeklicht.Wanted, error) {
	canonical, err := frontier.Canonical(address, nil)
	if err != nil {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "%q is no address of a page: %w", address, err).
			With("nothing was fetched", "paste the whole address, with http:// or https://")
	}
	return with(ctx, d, pass, func(st *store.Store) (*zoeklicht.Wanted, error) {
		all, err := st.Sources(ctx)
		if err != nil {
			return nil, err
		}
		now, _, err := st.Now(ctx)
		if err != nil {
			return nil, err
		}
		var covered zoeklicht.SourceID
		for i := range all {
			if !all[i].Active(now) {
				continue
			}
			approval, err := fetch.NewApproval(&all[i])
			if err == nil && approval.Covers(canonical, false) == nil {
				covered = all[i].ID
				break
			}
		}
		return st.Want(ctx, canonical, covered)
	})
}

// Wanted gives a page that was asked for, as far as it has come.
func (d *desk) Wanted(ctx context.Context, pass *access.Pass, id int64) (*zoeklicht.Wanted, error) {
	return with(ctx, d, pass, func(st *store.Store) (*zoeklicht.Wanted, error) { return st.Wanted(ctx, id) })
}

// Alarm tells the duty role what waits in the urgent lane.
func (d *desk) Alarm(ctx context.Context, pass *access.Pass) (a zoeklicht.Alarm, err error) {
	err = d.act(ctx, pass, func(st *store.Store) error { a, err = st.Alarm(ctx); return err })
	return a, err
}
