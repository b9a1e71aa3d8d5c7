package zoeklicht

// PictureID is the opaque row number of a picture in its theme. Equal bytes at
// one source give one picture.
type PictureID int64

// PictureItem is the item's name of a picture's re-encoded form in the working segments.
const PictureItem = "shown"

// Owner gives the owner under which the re-encoded form is sealed.
func (id PictureID) Owner() (owner CaptureID) {
	for i := range 8 {
		owner[15-i] = byte(id >> (8 * i))
	}
	return owner
}

// Picture is a decoded and described picture. Only the re-encoded form is ever
// shown; the captured bytes stay in the vault.
type Picture struct {
	ID      PictureID
	SHA256  [32]byte // of the captured bytes
	Format  string   // "jpeg", "png", "gif", "webp", "bmp", "tiff"
	Width   int
	Height  int
	Problem string // why it cannot be shown; empty if it can
	Shown   Place  // of the re-encoded form, in the working segments
}
