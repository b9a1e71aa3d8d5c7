package bulk

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"zoeklicht/internal/practice"

	"github.com/jackc/pgx/v5"
)

// copier is a connection or a transaction.
type copier interface {
	CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error)
}

func copyRows(ctx context.Context, to copier, table string, columns []string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := to.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
	return err
}

// register writes what the versions refer to: sources, runs and their ends, and the
// commits up to the tail.
func (f *filler) register(ctx context.Context, conn *pgx.Conn) error {
	var srcs, runs, ends [][]any
	for _, s := range sources {
		srcs = append(srcs, []any{string(s), 0, string(s), "http://" + string(s) + ".example/", "{}", "{}", 1, "synthetic", 0, f.cfg.Start})
	}
	for day := range practice.CorpusDays {
		begun := f.cfg.Start.AddDate(0, 0, day)
		// A run's end is known with the last commit of its day.
		seq := f.seq(max(1, (day+1)*f.corpus.Len()/practice.CorpusDays) - 1)
		for k, s := range sources {
			id := int64(day*len(sources) + k + 1)
			runs = append(runs, []any{id, seq, string(s), begun, "schedule"})
			ends = append(ends, []any{id, seq, begun.Add(20 * time.Hour), 1, 1, "{}", 0, 0, 0, 0, 1, 1, true, "", "", 1.0})
		}
	}
	if err := copyRows(ctx, conn, "source", []string{"id", "seq", "title", "home", "scope", "schedule", "priority", "expected", "proposed_by", "proposed_at"}, srcs); err != nil {
		return err
	}
	if err := copyRows(ctx, conn, "run", []string{"id", "seq", "source", "begun", "cause"}, runs); err != nil {
		return err
	}
	if err := copyRows(ctx, conn, "run_end", []string{
		"run", "seq", "ended", "urls", "captured", "failed", "pictures", "missing", "outside", "bytes",
		"expected", "adverts", "complete", "drift", "stopped", "seconds",
	}, ends); err != nil {
		return err
	}
	return f.copyMoments(ctx, conn, 1, f.seq(f.tail()-1))
}

func (f *filler) copyMoments(ctx context.Context, conn *pgx.Conn, from, to int) error {
	var rows [][]any
	for seq := from; seq <= to; seq++ {
		rows = append(rows, []any{int64(seq), f.at(seq)})
	}
	return copyRows(ctx, conn, "moment", []string{"seq", "at"}, rows)
}

// perCopy is how many commits are copied at once.
const perCopy = 10

// copyVersions writes the versions from..to with what belongs to them, in one
// transaction. The next rows are made while the last ones are written.
func (f *filler) copyVersions(ctx context.Context, conn *pgx.Conn, from, to int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the maker where writing failed
	ready := make(chan chan *chunk, runtime.NumCPU())
	go func() {
		defer close(ready)
		for at := from; at < to; at += perCopy * f.cfg.Batch {
			one := make(chan *chunk, 1)
			select {
			case ready <- one:
			case <-ctx.Done():
				return
			}
			go func() { one <- f.chunk(at, min(at+perCopy*f.cfg.Batch, to)) }()
		}
	}()
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for one := range ready {
			if err := (<-one).copy(ctx, tx); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
}

func (c *chunk) copy(ctx context.Context, to copier) error {
	for _, t := range []struct {
		name    string
		columns []string
		rows    [][]any
	}{
		{"advert", advertColumns, c.adverts},
		{"version", versionColumns, c.versions},
		{"entity", entityColumns, c.entities},
		{"version_picture", pictureColumns, c.pictures},
	} {
		if err := copyRows(ctx, to, t.name, t.columns, t.rows); err != nil {
			return err
		}
	}
	return nil
}

// copySightings writes the sightings and absences that become known in the commits
// from..to, in that order.
func (f *filler) copySightings(ctx context.Context, conn *pgx.Conn, from, to int) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for from <= to {
			var l later
			for ; from <= to && len(l.sightings) < 50_000; from++ {
				l.add(f, from)
			}
			if err := l.copy(ctx, tx); err != nil {
				return err
			}
			f.sightings += len(l.sightings)
		}
		return nil
	})
}

func (l *later) copy(ctx context.Context, to copier) error {
	if err := copyRows(ctx, to, "sighting", sightingColumns, l.sightings); err != nil {
		return err
	}
	if err := copyRows(ctx, to, "absence", []string{"advert", "run", "seq", "at", "why"}, l.absences); err != nil {
		return err
	}
	if err := copyRows(ctx, to, "relisted", []string{"advert", "run", "seq", "at"}, l.relisted); err != nil {
		return err
	}
	return copyRows(ctx, to, "gone", []string{"advert", "run", "seq", "at"}, l.gone)
}

// addTail writes the last versions as analysing does: a commit at a time, into
// tables that have their indexes.
func (f *filler) addTail(ctx context.Context, conn *pgx.Conn) error {
	for from := f.tail(); from < f.corpus.Len(); from += f.cfg.Batch {
		seq := f.seq(from)
		if err := f.copyMoments(ctx, conn, seq, seq); err != nil {
			return err
		}
		if err := f.copyVersions(ctx, conn, from, min(from+f.cfg.Batch, f.corpus.Len())); err != nil {
			return err
		}
		if err := f.copySightings(ctx, conn, seq, seq); err != nil {
			return err
		}
	}
	return exec(ctx, conn, contacts, fmt.Sprintf(assessments, Rules, f.tail()))
}
