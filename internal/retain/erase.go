package retain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"zoeklicht"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/capture"
	"zoeklicht/internal/job"
	"zoeklicht/internal/store"

	"github.com/jackc/pgx/v5"
)

// Eraser carries out the erasures of one theme. It is for one goroutine; two at once, in
// any processes, do the same things once.
type Eraser struct {
	// Store is open in the retain phase.
	Store *store.Store
	// Vault and Working are the theme's segments.
	Vault, Working blob.Folder
	// Out is the folder in which jobs leave what they made of the theme, "" for none.
	Out string
	// List is the file that keeps the erasures of all themes, see ListFile.
	List string
	// Owner opens the theme's database as its owner.
	Owner func(context.Context) (*pgx.Conn, error)
	Log   *slog.Logger
	// Patience is how long the last step waits for a theme that is in use [2 minutes].
	Patience time.Duration
	// Later leaves the last step, in which nobody can work in the theme, to Finish.
	Later bool
	// Step is told the name of a step before it is taken: "destroy", "list", "withdraw",
	// "punch <n>", "scrub", "done". For progress; an error of it ends the work there. [nothing]
	Step func(string) error
}

// Report says what was done.
type Report struct {
	Erasure zoeklicht.Erasure
	// Remains says in words what could not be removed and when it goes; empty for nothing.
	Remains []string
}

// Carry carries out an approved erasure, from where it stopped if it was begun.
func (e *Eraser) Carry(ctx context.Context, id zoeklicht.ErasureID) (*Report, error) {
	done, err := e.destroy(ctx, id)
	if err != nil {
		return nil, err
	}
	r := &Report{Erasure: *done}
	if done.State() == zoeklicht.EraseDone {
		return r, nil
	}
	if e.Later {
		all, err := e.Store.ErasureOf(ctx, id)
		if err != nil {
			return nil, err
		}
		return &Report{*all, []string{"rows in the free room of the database's files, until `zoeklicht retain finish`"}}, nil
	}
	if r.Remains, err = e.scrub(ctx, []zoeklicht.ErasureID{id}); err != nil {
		return nil, err
	}
	all, err := e.Store.ErasureOf(ctx, id)
	if err != nil {
		return nil, err
	}
	r.Erasure = *all
	return r, e.step("done")
}

// Finish carries out all that was approved and is not done, oldest first, and writes the
// database's files anew once for all of it. One that cannot be carried out, because a case
// holds it by now, say, is told in the error and does not stop the others.
func (e *Eraser) Finish(ctx context.Context) (done []zoeklicht.ErasureID, remains []string, err error) {
	open, err := e.Store.Unfinished(ctx)
	if err != nil {
		return nil, nil, err
	}
	ids := make([]zoeklicht.ErasureID, len(open))
	for i := range open {
		ids[i] = open[i].ID
	}
	return e.carryAll(ctx, ids)
}

func (e *Eraser) carryAll(ctx context.Context, ids []zoeklicht.ErasureID) (done []zoeklicht.ErasureID, remains []string, err error) {
	var refused []error
	for _, id := range ids {
		if _, err := e.destroy(ctx, id); err != nil {
			if ctx.Err() != nil {
				return done, nil, err
			}
			refused = append(refused, fmt.Errorf("erasure %d: %w", id, err))
			continue
		}
		done = append(done, id)
	}
	if len(done) > 0 {
		if remains, err = e.scrub(ctx, done); err != nil {
			refused = append(refused, err)
		}
	}
	return done, remains, errors.Join(refused...)
}

// destroy makes sure that an erasure is carried out but for the database's own files.
func (e *Eraser) destroy(ctx context.Context, id zoeklicht.ErasureID) (*zoeklicht.Erasure, error) {
	if err := e.step("destroy"); err != nil {
		return nil, err
	}
	done, err := e.Store.Destroy(ctx, id, capture.Forget, func(d *store.Destroying) error {
		if err := e.step("list"); err != nil {
			return err
		}
		return appendList(e.List, d)
	})
	if err != nil || done.Punched.Taken() {
		return done, err
	}
	// What was read before it was destroyed may stand in what was made of it: all of that
	// goes, because nobody can look into it and its owners can have it made again.
	if err := e.step("withdraw"); err != nil {
		return nil, err
	}
	if e.Out != "" {
		if err := job.Withdraw(e.Out); err != nil {
			return nil, fmt.Errorf("erasure %d: nobody can read it in the theme; what jobs made before is still to be removed: %w", id, err)
		}
	}
	holes, err := e.Store.Holes(ctx, id)
	if err != nil {
		return nil, err
	}
	for i, h := range holes {
		if err := e.step(fmt.Sprintf("punch %d", i)); err != nil {
			return nil, err
		}
		if err := e.folder(h).Erase(ctx, h.Place, h.Owner, h.Name); err != nil {
			return nil, fmt.Errorf("erasure %d: its keys are destroyed, and nobody can read it; the bytes are still to be removed: %w", id, err)
		}
	}
	if err := e.look(ctx, holes); err != nil {
		return nil, err
	}
	if err := e.Store.Punched(ctx, id); err != nil {
		return nil, err
	}
	e.Log.Info("erased", "theme", e.Vault.Theme, "erasure", id, "items", done.Count.Items, "bytes", done.Count.Bytes)
	return done, nil
}

func (e *Eraser) folder(h store.Hole) blob.Folder {
	if h.Folder == string(blob.Working) {
		return e.Working
	}
	return e.Vault
}

// look walks over the segments and makes sure that each hole is one.
func (e *Eraser) look(ctx context.Context, holes []store.Hole) error {
	type segment struct {
		folder string
		number int64
	}
	at := map[segment]map[int64]bool{}
	for _, h := range holes {
		s := segment{h.Folder, h.Place.Segment}
		if at[s] == nil {
			at[s] = map[int64]bool{}
		}
		at[s][h.Place.Offset] = true
	}
	for s, offsets := range at {
		if err := ctx.Err(); err != nil {
			return err
		}
		var damage *blob.Damage
		for f, err := range e.folder(store.Hole{Folder: s.folder}).Scan(s.number) {
			if errors.As(err, &damage) { // doctor's business
				continue
			}
			if err != nil {
				return err
			}
			if offsets[f.Offset] && f.Erased {
				delete(offsets, f.Offset)
			}
		}
		if len(offsets) > 0 {
			return fmt.Errorf("%d places of %s segment %d are not erased: see `zoeklicht doctor`", len(offsets), s.folder, s.number)
		}
	}
	return nil
}

// scrub removes what erasures left in the database's own files.
func (e *Eraser) scrub(ctx context.Context, ids []zoeklicht.ErasureID) ([]string, error) {
	if err := e.step("scrub"); err != nil {
		return nil, err
	}
	owner, err := e.Owner(ctx)
	if err != nil {
		return nil, err
	}
	defer owner.Close(context.WithoutCancel(ctx)) // nothing is lost with it
	patience := cmp.Or(e.Patience, 2*time.Minute)
	forgotten, err := store.ClearAbandoned(ctx, owner, patience)
	var remains []string
	if err == nil {
		remains, err = store.Scrub(ctx, owner, patience)
	}
	if err != nil {
		return nil, fmt.Errorf("what was destroyed cannot be read, and lies in the database's free room still: %w", err)
	}
	remains = append(remains, forgotten...)
	for _, id := range ids {
		if err := e.Store.Scrubbed(ctx, id); err != nil {
			return remains, err
		}
	}
	return remains, nil
}

func (e *Eraser) step(name string) error {
	if e.Step == nil {
		return nil
	}
	return e.Step(name)
}
