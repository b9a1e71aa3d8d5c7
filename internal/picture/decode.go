package picture

import (
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// format is one that is decoded here. Formats are told by their first bytes, not
// by what a server says of them.
type format struct {
	name   string
	is     func(b []byte) bool
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

// formats are listed instead of registered with package image: what is decoded
// here does not depend on what else the program links.
func formats() []format {
	begins := func(magic string) func([]byte) bool {
		return func(b []byte) bool { return bytes.HasPrefix(b, []byte(magic)) }
	}
	return []format{
		{"jpeg", begins("\xff\xd8"), jpeg.DecodeConfig, jpeg.Decode},
		{"png", begins("\x89PNG\r\n\x1a\n"), png.DecodeConfig, png.Decode},
		{"gif", begins("GIF8"), gif.DecodeConfig, gif.Decode}, // gif.Decode gives the first frame
		{"webp", func(b []byte) bool {
			return len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP"
		}, webp.DecodeConfig, webp.Decode},
		{"bmp", begins("BM"), bmp.DecodeConfig, bmp.Decode},
		{"tiff", func(b []byte) bool {
			return begins("II*\x00")(b) || begins("MM\x00*")(b)
		}, tiff.DecodeConfig, tiff.Decode},
	}
}

// formatOf gives the format of a picture, or nil.
func formatOf(body []byte) *format {
	for _, f := range formats() {
		if f.is(body) {
			return &f
		}
	}
	return nil
}

// decode makes the shown form of a picture, in the child.
func decode(body []byte, l limits) (a answer, shown []byte) {
	// A decoder that panics over strange bytes does so in this process only, but the
	// next picture need not wait for a new one.
	defer func() {
		if recover() != nil {
			a.Problem, a.MIME, shown = Broken, "", nil
		}
	}()
	f := formatOf(body)
	if f == nil {
		a.Problem = UnknownFormat
		return a, nil
	}
	a.Format = f.name
	c, err := f.config(bytes.NewReader(body))
	if err != nil || c.Width <= 0 || c.Height <= 0 {
		a.Problem = Broken
		return a, nil
	}
	a.Width, a.Height = c.Width, c.Height
	if tooMany(c.Width, c.Height, l.Pixels) {
		a.Problem = TooManyPixels
		return a, nil
	}
	m, err := f.decode(bytes.NewReader(body))
	if err != nil || m.Bounds().Empty() {
		a.Problem = Broken
		return a, nil
	}
	if tooMany(m.Bounds().Dx(), m.Bounds().Dy(), l.Pixels) {
		a.Problem = TooManyPixels
		return a, nil
	}
	small := shrink(m, l.Side)
	if f.name == "jpeg" {
		small = upright(small, orientation(body))
	}
	shown, a.MIME, err = encode(small)
	if err != nil {
		a.Problem, a.MIME = Broken, ""
		return a, nil
	}
	return a, shown
}

// tooMany compares without overflow.
func tooMany(w, h int, pixels int64) bool { return int64(w) > pixels/int64(max(h, 1)) }

// encode gives JPEG, or PNG where something shines through or the picture is so
// small that it is a drawing rather than a photograph.
func encode(m *image.RGBA) ([]byte, string, error) {
	var out bytes.Buffer
	b := m.Bounds()
	if m.Opaque() && b.Dx()*b.Dy() > 64*64 {
		err := jpeg.Encode(&out, m, &jpeg.Options{Quality: 85})
		return out.Bytes(), "image/jpeg", err
	}
	err := png.Encode(&out, m)
	return out.Bytes(), "image/png", err
}
