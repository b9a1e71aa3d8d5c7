package ledger

import (
	"bytes"
	"context"

	"zoeklicht"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api/layout"
)

// Check reads every leaf that a checkpoint covers, builds the tree anew, and compares
// it with every tile that the checkpoint rests on and with the root: one bit that
// differs in any of them is found. Progress, which may be nil, is told after each 256
// leaves how many are done. What is damaged comes as an error of code Internal that
// names the file.
//
// Not looked at is what lies about without being part of that tree: partial tiles of
// earlier checkpoints, which go when the full one is published, and those of a process
// that was killed before it gave an index away.
func (r *Reader) Check(ctx context.Context, c *Checkpoint, progress func(done int64)) error {
	k := checker{r: r, tiles: map[[2]uint64][]byte{}}
	tree := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
	var failed error
	visit := func(id compact.NodeID, hash []byte) {
		if failed == nil {
			failed = k.node(ctx, id, hash)
		}
	}
	for done := int64(0); done < c.Size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := uint64(done) / layout.EntryBundleWidth
		partial := layout.PartialTileSize(0, n, uint64(c.Size))
		width := int64(partial)
		if partial == 0 {
			width = layout.EntryBundleWidth
		}
		leaves, err := k.bundle(n, partial, int(width))
		if err != nil {
			return err
		}
		for _, leaf := range leaves {
			if err := tree.Append(rfc6962.DefaultHasher.HashLeaf(leaf), visit); err != nil {
				return err
			}
			if failed != nil {
				return failed
			}
		}
		if done += width; progress != nil {
			progress(done)
		}
	}
	for at, tile := range k.tiles {
		if err := k.compare(ctx, at[0], at[1], tile, false); err != nil {
			return err
		}
	}
	root := rfc6962.DefaultHasher.EmptyRoot()
	if c.Size > 0 {
		var err error
		if root, err = tree.GetRootHash(nil); err != nil {
			return err
		}
	}
	if !bytes.Equal(root, c.Root[:]) {
		return damaged("the leaves do not lead to the root of the checkpoint")
	}
	return nil
}

func damaged(format string, args ...any) error {
	return zoeklicht.Errorf(zoeklicht.Internal, "the log is damaged: "+format, args...)
}

// checker holds the tiles that are being built, by level and index.
type checker struct {
	r     *Reader
	tiles map[[2]uint64][]byte
}

// bundle gives the first leaves of a bundle, of which a tree has so many.
func (k *checker) bundle(n uint64, partial uint8, width int) ([][]byte, error) {
	leaves, err := k.r.entries(n, partial)
	switch {
	case err != nil:
		return nil, damaged("%w", err)
	case len(leaves) < width, partial == 0 && len(leaves) > width:
		return nil, damaged("%s has %d leaves instead of %d", layout.EntriesPath(n, partial), len(leaves), width)
	}
	return leaves[:width], nil
}

// node takes a node of the tree into its tile, if it is one that tiles hold.
func (k *checker) node(ctx context.Context, id compact.NodeID, hash []byte) error {
	if id.Level%layout.TileHeight != 0 {
		return nil
	}
	at := [2]uint64{uint64(id.Level / layout.TileHeight), id.Index / layout.TileWidth}
	k.tiles[at] = append(k.tiles[at], hash...)
	if len(k.tiles[at]) < layout.TileWidth*len(hash) {
		return nil
	}
	tile := k.tiles[at]
	delete(k.tiles, at)
	return k.compare(ctx, at[0], at[1], tile, true)
}

// compare holds the file of a tile against what it should be. In the place of a partial
// one the full one may stand.
func (k *checker) compare(ctx context.Context, level, index uint64, tile []byte, full bool) error {
	partial := uint8(0)
	if !full {
		partial = uint8(len(tile) / 32)
	}
	b, err := k.r.tile(ctx, level, index, partial)
	if err != nil {
		return damaged("%w", err)
	}
	if len(b) < len(tile) || full && len(b) != len(tile) || !bytes.Equal(b[:len(tile)], tile) {
		return damaged("%s is not the tile that its leaves make", layout.TilePath(level, index, partial))
	}
	return nil
}
