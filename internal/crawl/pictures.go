package crawl

import (
	"context"
	"crypto/sha256"
	"fmt"

	"zoeklicht"
	"zoeklicht/internal/store"
)

// pictureBatch gathers the pictures of one batch, decodes those that the theme does
// not know yet, and keeps their re-encoded form.
type pictureBatch struct {
	a     *Analyser
	order [][32]byte
	bytes map[[32]byte][]byte
	ids   map[[32]byte]zoeklicht.PictureID
	fresh []store.NewPicture
}

// add takes in a picture's captured bytes and gives their digest.
func (b *pictureBatch) add(body []byte) [32]byte {
	sum := sha256.Sum256(body)
	if b.bytes == nil {
		b.bytes = map[[32]byte][]byte{}
	}
	if _, ok := b.bytes[sum]; !ok {
		b.bytes[sum] = body
		b.order = append(b.order, sum)
	}
	return sum
}

// finish decodes what is new and fills the pictures' ids into the readings.
func (b *pictureBatch) finish(ctx context.Context, reads []store.Read) error {
	if len(b.order) == 0 {
		return nil
	}
	var err error
	if b.ids, err = b.a.Store.KnownPictures(ctx, b.order); err != nil {
		return err
	}
	var unknown [][32]byte
	for _, sum := range b.order {
		if _, ok := b.ids[sum]; !ok {
			unknown = append(unknown, sum)
		}
	}
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
	if len(unknown) > 0 {
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
	places, err := b.a.Working.Append(ctx, PictureOwner(id), []zoeklicht.Item{{Name: PictureName, Bytes: shown.Bytes}})
	if err != nil {
		return p, fmt.Errorf("append to the working pictures: %w", err)
	}
	p.Shown = places[0]
	return p, nil
}

// PictureName is the item's name of a re-encoded picture.
const PictureName = zoeklicht.PictureItem

// PictureOwner gives the owner under which a picture's re-encoded form is sealed.
func PictureOwner(id zoeklicht.PictureID) zoeklicht.CaptureID { return id.Owner() }
