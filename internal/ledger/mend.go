package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"zoeklicht"
	"zoeklicht/internal/keys/durable"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api/layout"
	"github.com/transparency-dev/tessera/client"
)

// treeState is what Tessera keeps of the tree, in .state/treeState: what was integrated,
// and perhaps not published yet.
type treeState struct {
	Size uint64 `json:"size"`
	Root []byte `json:"root"`
}

func (r *Reader) statePath() string { return filepath.Join(r.dir, ".state", "treeState") }

// mend makes a folder fit to be appended to that was copied file by file while somebody
// appended to it, as a backup does, and finds one that is not. It reports whether there
// is a log at all.
//
// Such a copy has the state of one moment, a checkpoint of a later one and tiles of
// later ones still. If the checkpoint is ahead of the state, or the state is missing,
// Tessera would go on from the state, and sign a second history over leaves that were
// published: so the state is brought up to the checkpoint, after all leaves were
// checked against it. And partial tiles may be gone whose full ones came meanwhile.
// Tessera would take a full one for a partial one: so they are cut out of the full ones
// again.
func mend(ctx context.Context, r *Reader) (found bool, err error) {
	found, err = r.mend(ctx)
	if err != nil {
		return false, zoeklicht.Errorf(zoeklicht.Unavailable, "the folder of the log is damaged, or is not whole: %w", err).
			With("nothing was appended; leaves wait in the database", "put the folder back from a backup, and see that all of it is there")
	}
	return found, nil
}

func (r *Reader) mend(ctx context.Context) (found bool, err error) {
	c, err := r.Checkpoint(ctx)
	if err != nil {
		return false, err
	}
	var s treeState // of no leaf, where the state is missing
	b, err := os.ReadFile(r.statePath())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if c == nil {
			return false, nil
		}
	case err != nil:
		return false, err
	default:
		if err := json.Unmarshal(b, &s); err != nil {
			return false, fmt.Errorf("state of the tree: %w", err)
		}
	}
	if c != nil && uint64(c.Size) > s.Size {
		return true, r.advance(ctx, c)
	}
	if err := r.edge(s.Size); err != nil {
		return false, err
	}
	root, err := r.root(ctx, s.Size)
	if err == nil && !bytes.Equal(root, s.Root) {
		err = errors.New("its tiles do not lead to its root")
	}
	return true, err
}

// advance brings the state up to a checkpoint.
func (r *Reader) advance(ctx context.Context, c *Checkpoint) error {
	if err := r.Check(ctx, c, nil); err != nil {
		return err
	}
	if err := r.edge(uint64(c.Size)); err != nil {
		return err
	}
	b, err := json.Marshal(treeState{uint64(c.Size), c.Root[:]})
	if err != nil {
		return err
	}
	if err := durable.Mkdir(filepath.Dir(r.statePath())); err != nil {
		return err
	}
	return durable.Replace(r.statePath(), b)
}

// root computes the root of the tree of a size from the tiles on its edge.
func (r *Reader) root(ctx context.Context, size uint64) ([]byte, error) {
	if size == 0 {
		return rfc6962.DefaultHasher.EmptyRoot(), nil
	}
	hashes, err := client.FetchRangeNodes(ctx, size, r.tile)
	if err != nil {
		return nil, err
	}
	tree, err := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewRange(0, size, hashes)
	if err != nil {
		return nil, err
	}
	return tree.GetRootHash(nil)
}

// edge makes sure that the partial tiles and the partial bundle of a tree are there, and
// that the bundle has the leaves of its tile: what is appended next is written after
// them.
func (r *Reader) edge(size uint64) error {
	for level := uint64(0); size>>(level*layout.TileHeight) > 0; level++ {
		index := size >> (level * layout.TileHeight) / layout.TileWidth
		p := layout.PartialTileSize(level, index, size)
		if p == 0 {
			continue
		}
		if err := r.part(layout.TilePath(level, index, p), layout.TilePath(level, index, 0), func([]byte) (int, error) {
			return 32 * int(p), nil
		}); err != nil {
			return err
		}
		if level > 0 {
			continue
		}
		if err := r.part(layout.EntriesPath(index, p), layout.EntriesPath(index, 0), func(b []byte) (int, error) {
			n := 0
			for range p {
				if n+2 > len(b) {
					return 0, errors.New("it is cut off")
				}
				n += 2 + int(b[n])<<8 + int(b[n+1])
			}
			return n, nil
		}); err != nil {
			return err
		}
		if err := r.match(index, p); err != nil {
			return err
		}
	}
	return nil
}

// match holds a partial bundle against its tile.
func (r *Reader) match(index uint64, p uint8) error {
	leaves, err := r.entries(index, p)
	if err != nil {
		return err
	}
	var hashes []byte
	for _, leaf := range leaves {
		hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(leaf)...)
	}
	tile, err := r.read(layout.TilePath(0, index, p), layout.TilePath(0, index, p))
	if err == nil && !bytes.Equal(tile, hashes) {
		err = fmt.Errorf("%s is not the tile of its leaves", layout.TilePath(0, index, p))
	}
	return err
}

// part makes a partial file out of the full one where it is missing.
func (r *Reader) part(path, full string, length func(b []byte) (int, error)) error {
	if _, err := os.Stat(filepath.Join(r.dir, path)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	b, err := os.ReadFile(filepath.Join(r.dir, full))
	if err != nil {
		return fmt.Errorf("neither %s nor %s is there: %w", path, full, err)
	}
	n, err := length(b)
	if err != nil || n > len(b) {
		return fmt.Errorf("%s is too short: %w", full, errors.Join(err, fs.ErrInvalid))
	}
	if err := durable.Mkdir(filepath.Dir(filepath.Join(r.dir, path))); err != nil {
		return err
	}
	return durable.Replace(filepath.Join(r.dir, path), b[:n])
}
