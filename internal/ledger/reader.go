package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"zoeklicht"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/api/layout"
	"github.com/transparency-dev/tessera/client"
)

// Reader reads a log's folder, or a copy of it, whether somebody appends to it or not.
// It holds no state, and may be used by several goroutines.
type Reader struct{ dir string }

// NewReader gives a reader of the log in a folder, which is not looked at yet.
func NewReader(dir string) *Reader { return &Reader{dir} }

// Checkpoint gives the newest checkpoint in the folder, nil before the first with a
// leaf. Nobody has looked at its signatures: see Policy.Verify.
func (r *Reader) Checkpoint(context.Context) (*Checkpoint, error) {
	b, err := os.ReadFile(filepath.Join(r.dir, layout.CheckpointPath))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("checkpoint of the log in %s: %w", r.dir, err)
	}
	c, err := ParseCheckpoint(b)
	if err != nil {
		return nil, fmt.Errorf("log in %s: %w", r.dir, err)
	}
	if c.Size == 0 {
		return nil, nil
	}
	return c, nil
}

// Leaf gives the exact bytes of a leaf that is below the size of the newest
// checkpoint; code NotFound if it is not.
func (r *Reader) Leaf(ctx context.Context, index int64) ([]byte, error) {
	c, err := r.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	if c == nil || index < 0 || index >= c.Size {
		return nil, zoeklicht.Errorf(zoeklicht.NotFound, "the log in %s has no published leaf %d", r.dir, index)
	}
	return r.leaf(index, c.Size)
}

func (r *Reader) leaf(index, size int64) ([]byte, error) {
	n := uint64(index) / layout.EntryBundleWidth
	entries, err := r.entries(n, layout.PartialTileSize(0, n, uint64(size)))
	if err != nil {
		return nil, err
	}
	k := index % layout.EntryBundleWidth
	if k >= int64(len(entries)) {
		return nil, fmt.Errorf("log in %s: the entries %s end before leaf %d", r.dir, layout.EntriesPath(n, 0), index)
	}
	return entries[k], nil
}

// entries gives the leaves of a bundle of which a tree has so many, 0 for all of 256.
// A fuller bundle does as well.
func (r *Reader) entries(n uint64, partial uint8) ([][]byte, error) {
	b, err := r.read(layout.EntriesPath(n, partial), layout.EntriesPath(n, 0))
	if err != nil {
		return nil, err
	}
	var bundle api.EntryBundle
	if err := bundle.UnmarshalText(b); err != nil {
		return nil, fmt.Errorf("log in %s: entries %s: %w", r.dir, layout.EntriesPath(n, partial), err)
	}
	return bundle.Entries, nil
}

// tile is a client.TileFetcherFunc.
func (r *Reader) tile(_ context.Context, level, index uint64, partial uint8) ([]byte, error) {
	return r.read(layout.TilePath(level, index, partial), layout.TilePath(level, index, 0))
}

// read reads the first file, or the second where there is no first: a partial tile
// goes when the full one is there.
func (r *Reader) read(path, or string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(r.dir, path))
	if errors.Is(err, fs.ErrNotExist) && or != path {
		b, err = os.ReadFile(filepath.Join(r.dir, or))
	}
	if err != nil {
		return nil, fmt.Errorf("log in %s: %w", r.dir, err)
	}
	return b, nil
}

// Prove gives the hashes that lead from a leaf to the root of a checkpoint, the leaf's
// sibling first. It looks that they do: from a damaged folder comes an error, never a
// proof that does not hold.
func (r *Reader) Prove(ctx context.Context, index int64, c *Checkpoint) ([][32]byte, error) {
	if index < 0 || index >= c.Size {
		return nil, zoeklicht.Errorf(zoeklicht.NotFound, "leaf %d is not in the checkpoint of %d leaves", index, c.Size)
	}
	leaf, err := r.leaf(index, c.Size)
	if err != nil {
		return nil, err
	}
	builder, err := client.NewProofBuilder(ctx, uint64(c.Size), r.tile)
	if err != nil {
		return nil, fmt.Errorf("prove leaf %d: %w", index, err)
	}
	hashes, err := builder.InclusionProof(ctx, uint64(index))
	if err != nil {
		return nil, fmt.Errorf("prove leaf %d: %w", index, err)
	}
	out := make([][32]byte, len(hashes))
	for i, h := range hashes {
		out[i] = [32]byte(h)
	}
	if err := c.includes(leaf, index, out); err != nil {
		return nil, zoeklicht.Errorf(zoeklicht.Internal, "the log in %s is damaged: %w", r.dir, err)
	}
	return out, nil
}

// Continues reports whether the tree of a newer checkpoint begins with that of an
// older one, by the tiles in the folder: nothing was changed, left out or moved in
// between. The name may be another one: see the package comment. What does not hold
// comes as an error.
func (r *Reader) Continues(ctx context.Context, older, newer *Checkpoint) error {
	if older.Size > newer.Size {
		return zoeklicht.Errorf(zoeklicht.Invalid, "a checkpoint of %s with %d leaves cannot continue one of %s with %d",
			newer.Origin, newer.Size, older.Origin, older.Size)
	}
	builder, err := client.NewProofBuilder(ctx, uint64(newer.Size), r.tile)
	if err != nil {
		return fmt.Errorf("compare checkpoints: %w", err)
	}
	var hashes [][]byte
	if older.Size > 0 && older.Size < newer.Size {
		if hashes, err = builder.ConsistencyProof(ctx, uint64(older.Size), uint64(newer.Size)); err != nil {
			return fmt.Errorf("compare checkpoints: %w", err)
		}
	}
	err = proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(older.Size), uint64(newer.Size), hashes, older.Root[:], newer.Root[:])
	if err != nil {
		return zoeklicht.Errorf(zoeklicht.Invalid, "the log %s with %d leaves does not continue the one with %d: %w",
			newer.Origin, newer.Size, older.Size, err)
	}
	return nil
}
