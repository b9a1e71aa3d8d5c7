package crawl

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"zoeklicht"
	"zoeklicht/internal/store"
)

// pictureBatch gathers the pictures of one batch, decodes those that the theme does
// not know yet, and keeps their re-encoded form. It holds few captured bytes at a time,
// however many pictures the pages of a batch have: the process may use little memory.
type pictureBatch struct {
	a       *Analyser
	waiting [][32]byte // in the order of their coming
	bytes   map[[32]byte][]byte
	held    int // bytes
	ids     map[[32]byte]zoeklicht.PictureID
	fresh   []store.NewPicture
}

// pictureBytes is how many captured bytes wait to be looked up and decoded together.
const pictureBytes = 32 << 20

func newPictureBatch(a *Analyser) *pictureBatch {
	return &pictureBatch{a: a, bytes: map[[32]byte][]byte{}, ids: map[[32]byte]zoeklicht.PictureID{}}
}

// add takes in a picture's captured bytes and gives their digest.
func (b *pictureBatch) add(ctx context.Context, body []byte) ([32]byte, error) {
	sum := sha256.Sum256(body)
	if b.ids[sum] != 0 || b.bytes[sum] != nil {
		return sum, nil
	}
	b.bytes[sum] = body
	b.waiting = append(b.waiting, sum)
	if b.held += len(body); b.held < pictureBytes {
		return sum, nil
	}
	return sum, b.flush(ctx)
}

// finish decodes what still waits and fills the pictures' ids into the readings.
func (b *pictureBatch) finish(ctx context.Context, reads []store.Read) error {
	if err := b.flush(ctx); err != nil {
		return err
	}
	if len(b.fresh) > 0 {
		if err := b.a.Working.Sync(ctx); err != nil {
			return fmt.Errorf("sync the working pictures: %w", err)
		}
	}
	for i := range reads {
		for j := range reads[i].Pictures {
			p := &reads[i].Pictures[j]
			if p.Failure == "" {
				p.Picture = b.ids[p.SHA256]
			}
		}
	}
	return nil
}

// flush gives an id to every picture that waits, decodes those that are new, and lets
// go of the captured bytes.
func (b *pictureBatch) flush(ctx context.Context) error {
	if len(b.waiting) == 0 {
		return nil
	}
	known, err := b.a.Store.KnownPictures(ctx, b.waiting)
	if err != nil {
		return err
	}
	maps.Copy(b.ids, known)
	unknown := slices.DeleteFunc(b.waiting, func(sum [32]byte) bool { return b.ids[sum] != 0 })
	ids, err := b.a.Store.AllocatePictures(ctx, len(unknown))
	if err != nil {
		return err
	}
	for i, sum := range unknown {
		p, err := b.decode(ctx, ids[i], b.bytes[sum])
		if err != nil {
			return err
		}
		b.ids[sum] = ids[i]
		b.fresh = append(b.fresh, p)
	}
	clear(b.bytes)
	b.waiting, b.held = nil, 0
	return nil
}

// decode makes one picture that may be shown. A picture that cannot be decoded is
// kept with its problem: the captured bytes stay in the vault all the same.
func (b *pictureBatch) decode(ctx context.Context, id zoeklicht.PictureID, body []byte) (store.NewPicture, error) {
	shown, err := b.a.Decoder.Decode(ctx, body)
	if err != nil {
		return store.NewPicture{}, err
	}
	p := store.NewPicture{Picture: shown.Picture, MIME: shown.MIME}
	p.ID, p.SHA256 = id, sha256.Sum256(body)
	if len(shown.Bytes) == 0 {
		return p, nil
	}
	places, err := b.a.Working.Append(ctx, id.Owner(), []zoeklicht.Item{{Name: zoeklicht.PictureItem, Bytes: shown.Bytes}})
	if err != nil {
		return p, fmt.Errorf("append to the working pictures: %w", err)
	}
	p.Shown = places[0]
	return p, nil
}
