package ledger

import (
	"context"

	"github.com/transparency-dev/tessera/api/layout"
)

// Each calls fn with every leaf that a checkpoint covers, in their order, until fn gives an
// error, which it gives back. It does not look whether they lead to the root: see Check.
func (r *Reader) Each(ctx context.Context, c *Checkpoint, fn func(index int64, leaf []byte) error) error {
	for at := int64(0); at < c.Size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := uint64(at) / layout.EntryBundleWidth
		entries, err := r.entries(n, layout.PartialTileSize(0, n, uint64(c.Size)))
		if err != nil {
			return err
		}
		end := min(c.Size, int64(n+1)*layout.EntryBundleWidth)
		if int64(len(entries)) < end-at {
			return damaged("%s has %d leaves instead of %d", layout.EntriesPath(n, 0), len(entries), end-at)
		}
		for _, leaf := range entries[:end-at] {
			if err := fn(at, leaf); err != nil {
				return err
			}
			at++
		}
	}
	return nil
}
