package crawl

import (
	"context"
	"log/slog"
	"time"
)

// step does one batch of a stage; did is false when there was nothing to do. A batch is
// stored whole or not at all.
type step func(ctx context.Context) (did bool, err error)

// serve takes steps until ctx ends, with a pause where there is nothing to do. It waits
// for a database that is away, and ends with any other error.
func (s step) serve(ctx context.Context, pause time.Duration, log *slog.Logger) error {
	for ctx.Err() == nil {
		did, err := s(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && transient(err):
			log.Warn("the stage waits for the database", "err", err)
		case err != nil:
			return err
		case did:
			continue
		}
		_ = sleep(ctx, pause)
	}
	return nil
}

// catchUp takes steps until there is nothing to do.
func (s step) catchUp(ctx context.Context) error {
	for {
		if did, err := s(ctx); err != nil || !did {
			return err
		}
	}
}
