package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/ledger"
)

// CheckLedger judges how recording goes, as the recording process last told: a finding
// about the process itself and one about each of those it depends on.
func CheckLedger(h *zoeklicht.LedgerHealth) []Finding {
	const start = "see that the stage runs: `zoeklicht serve`, or `zoeklicht work --stages record`"
	f := Finding{Check: "ledger", Grade: OK, Is: "every leaf stands in a log and is published"}
	if h.Waiting+h.Unwitnessed > 0 {
		f.Is = fmt.Sprintf("%s for a log, %s to be published", leavesWait(h.Waiting), leavesWait(h.Unwitnessed))
		if h.Silent() {
			f.Grade, f.Do = Warn, start
			f.Is += "; the recording process " + lastTold(h.Told)
		}
	}
	out := []Finding{f}
	for _, p := range h.Parts {
		out = append(out, checkPart(&p))
	}
	return out
}

func leavesWait(n int) string { return many(n, "leaf waiting", "leaves waiting") }

// many words a number of things.
func many(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

func lastTold(t time.Time) string {
	if t.IsZero() {
		return "has never run"
	}
	return "told nothing since " + t.UTC().Format(time.RFC3339)
}

// checkPart judges one part of recording.
func checkPart(p *zoeklicht.LedgerPart) Finding {
	f := Finding{Check: "ledger " + p.Name, Grade: OK, Is: "well"}
	if !p.Well.IsZero() {
		f.Is = "last well on " + p.Well.UTC().Format(time.RFC3339)
	}
	what, _, _ := strings.Cut(p.Name, " ")
	switch {
	case p.State == zoeklicht.LedgerRefused:
		f.Grade, f.Is = Fail, p.Detail
		f.Do = "waiting does not help, and there is no new proof until it is cleared up: see \"When it refuses\" and \"After a disaster\" in the guide on witnesses (docs/en/witness.md)"
	case p.State == zoeklicht.LedgerDown:
		f.Grade, f.Is = Warn, p.Detail
		f.Do = "what was captured is safe and is caught up with; ask who runs it"
		if what == zoeklicht.PartLog {
			f.Grade, f.Do = Fail, "what was captured is safe; see what the recording process logs"
		}
	case p.State != zoeklicht.LedgerNone:
	case what == zoeklicht.PartWitnesses:
		f.Grade, f.Is = Warn, "none is configured: nobody else has seen the log, so it proves little against who holds its keys"
		f.Do = "let another organisation run `zoeklicht witness`, and name it in ledger.policy"
	case p.Name == zoeklicht.PartAuthority:
		f.Grade, f.Is = Warn, "none is configured: nothing says to others since when at the latest a capture is there"
		f.Do = "name two in ledger.authorities"
	default:
		f.Is = "not configured any more"
	}
	return f
}

// LogCheck is the check of one log against what the database knows of it.
type LogCheck struct {
	Year   int
	Reader *ledger.Reader
	// Kept is the newest checkpoint that was kept; nil for none.
	Kept *ledger.Checkpoint
	// Placed calls with every leaf that the database has a place for, by its index.
	Placed func(fn func(index int64, leaf []byte) error) error
}

// Check reads the whole log: every leaf and tile must lead to the root of the newest
// checkpoint, that must continue the one that was kept, and every leaf that the database
// has a place for must stand there.
func (l *LogCheck) Check(ctx context.Context) Finding {
	check := fmt.Sprintf("log %d", l.Year)
	c, err := l.Reader.Checkpoint(ctx)
	switch {
	case err != nil:
		return Failed(check, err, "put the log's folder back from a backup")
	case c == nil && l.Kept == nil:
		return Finding{Check: check, Grade: OK, Is: "nothing is published yet"}
	case c == nil:
		return Failed(check, fmt.Errorf("it is gone; %d leaves were published", l.Kept.Size), "put the log's folder back from a backup")
	}
	if l.Kept != nil {
		if c.Size < l.Kept.Size {
			err = fmt.Errorf("it has %d leaves, and %d were published: it is older than the database", c.Size, l.Kept.Size)
		} else {
			err = l.Reader.Continues(ctx, l.Kept, c)
		}
	}
	if err == nil {
		err = l.Reader.Check(ctx, c, nil)
	}
	if err != nil {
		return Failed(check, err, "stop recording, and put the log's folder back: what was exported proves itself, and witnesses know the true log")
	}
	stands, err := l.compare(ctx, c)
	if err != nil {
		return Failed(check, err, "find out who changed it: database and log must have the same leaves")
	}
	f := Finding{Check: check, Grade: OK, Is: fmt.Sprintf("%s of %s, whole, as the database says", many(int(c.Size), "leaf", "leaves"), c.Origin)}
	if stands.later > 0 {
		f.Is += fmt.Sprintf("; %s not published yet", many(stands.later, "more is", "more are"))
	}
	if stands.twice > 0 {
		f.Is += fmt.Sprintf("; %s twice, because a process died while it appended", many(stands.twice, "stands", "stand"))
	}
	if stands.unknown > 0 {
		f.Grade = Warn
		f.Is += fmt.Sprintf("; the database does not know %d of them", stands.unknown)
		f.Do = "find out whether an older backup of the database was restored: what came after it is lost, and its leaves remain"
	}
	return f
}

// standing is how the leaves of a log and the database's compare.
type standing struct {
	later   int // places that no published checkpoint covers yet
	twice   int // leaves that stand at a second, higher index too
	unknown int // leaves that the database has no row of
}

// compare holds the places in the database against the log.
func (l *LogCheck) compare(ctx context.Context, c *ledger.Checkpoint) (s standing, err error) {
	var failed error
	rows, stop := iter.Pull2(func(yield func(int64, []byte) bool) {
		enough := errors.New("enough")
		err := l.Placed(func(at int64, leaf []byte) error {
			if !yield(at, leaf) {
				return enough
			}
			return nil
		})
		if err != nil && !errors.Is(err, enough) {
			failed = err
		}
	})
	defer stop()
	left := map[string]int{} // leaves without a row
	at, leaf, more := rows()
	err = l.Reader.Each(ctx, c, func(index int64, stands []byte) error {
		if !more || at != index {
			left[string(stands)]++
			return nil
		}
		if !bytes.Equal(leaf, stands) {
			return fmt.Errorf("leaf %d is not the one that the database has at this place", index)
		}
		at, leaf, more = rows()
		return nil
	})
	for ; more && err == nil; _, _, more = rows() {
		s.later++
	}
	if err = errors.Join(err, failed); err != nil || len(left) == 0 {
		return s, err
	}
	for _, n := range left {
		s.unknown += n
	}
	err = l.Placed(func(_ int64, leaf []byte) error {
		n := left[string(leaf)]
		s.twice, s.unknown = s.twice+n, s.unknown-n
		return nil
	})
	return s, err
}
