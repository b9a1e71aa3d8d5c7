package report

import (
	_ "embed"
	"fmt"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// The fonts: DejaVu Sans in two weights and DejaVu Sans Mono, as font/vendored.txt says.
var (
	//go:embed font/DejaVuSansCondensed.ttf
	plainTTF string
	//go:embed font/DejaVuSansCondensed-Bold.ttf
	boldTTF string
	//go:embed font/DejaVuSansMono.ttf
	monoTTF string
)

// The faces of a document, in the order of faces.
const (
	plainFace = iota
	boldFace
	monoFace
)

// face is a font with the widths of its characters. It is not safe for use by several
// goroutines.
type face struct {
	family, style string // as fpdf knows it
	ttf           string
	font          *sfnt.Font
	buf           sfnt.Buffer
	// known has the width of each character that was asked for, in thousandths of the
	// font's size, plus known1; noGlyph where the font does not have it; 0 before.
	known [1 << 16]uint16
}

const (
	noGlyph = 1
	known1  = 2
)

// newFaces reads the fonts.
func newFaces() ([]*face, error) {
	out := []*face{
		plainFace: {family: "sans", ttf: plainTTF},
		boldFace:  {family: "sans", style: "B", ttf: boldTTF},
		monoFace:  {family: "mono", ttf: monoTTF},
	}
	for _, f := range out {
		var err error
		if f.font, err = sfnt.Parse([]byte(f.ttf)); err != nil {
			return nil, fmt.Errorf("font %s%s: %w", f.family, f.style, err)
		}
	}
	return out, nil
}

// look gives what is known of a character.
func (f *face) look(r rune) uint16 {
	if r < 0 || int(r) >= len(f.known) {
		return noGlyph
	}
	if k := f.known[r]; k != 0 {
		return k
	}
	k := uint16(noGlyph)
	if g, err := f.font.GlyphIndex(&f.buf, r); err == nil && g != 0 {
		if a, err := f.font.GlyphAdvance(&f.buf, g, fixed.I(1000), font.HintingNone); err == nil {
			k = known1 + uint16(min(max(a.Round(), 0), 1<<16-1-known1))
		}
	}
	f.known[r] = k
	return k
}

// has reports whether the font can show a character.
func (f *face) has(r rune) bool { return f.look(r) != noGlyph }

// width gives the width of a text in thousandths of the font's size.
func (f *face) width(s string) int {
	w := 0
	for _, r := range s {
		w += int(f.look(r)) - known1
	}
	return w
}
