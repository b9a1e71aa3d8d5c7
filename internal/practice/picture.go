package practice

import (
	"bytes"
	"encoding/binary"
	"hash/adler32"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"strconv"
	"sync"
)

// Trouble is what is wrong with a picture's address. It is a property of the
// address for ever: a picture that fails today fails tomorrow.
type Trouble string

// The troubles. Outside is none of the server's: the address lies on a host
// that the source's approval does not cover.
const (
	Fine      Trouble = ""
	Missing   Trouble = "404"
	Broken    Trouble = "500"
	Hangs     Trouble = "timeout"   // no answer for Config.Stall, then the connection drops
	Short     Trouble = "short"     // fewer bytes than Content-Length says, then the connection drops
	WrongType Trouble = "wrong"     // a page of text, served as 200 text/html or as image/jpeg
	Truncated Trouble = "truncated" // a complete answer with half a picture in it
	Outside   Trouble = "outside"
)

// Picture is one picture of an advert. Within one advert a key, an address and
// the bytes that it gives stand and fall together.
type Picture struct {
	Key     uint64  // what is drawn
	Host    string  // "" for the advert's own site, or pictureHost
	Path    string  // its address on that host
	Trouble Trouble // why it cannot be fetched, or Fine
}

// pictureHost names the host that serves pictures only.
const pictureHost = "beeldbank"

// The last three bits of a key tell the format: one picture in eight is a JPEG.
func isJPEG(key uint64) bool { return key&7 == 0 }

func pictureName(key uint64) string {
	const hex = "0123456789abcdef"
	var b [16]byte
	for i := range b {
		b[i] = hex[key>>(60-4*i)&15]
	}
	if isJPEG(key) {
		return string(b[:]) + ".jpg"
	}
	return string(b[:]) + ".png"
}

// pictureKey reads what pictureName wrote.
func pictureKey(name string) (uint64, bool) {
	if len(name) != 20 {
		return 0, false
	}
	key, err := strconv.ParseUint(name[:16], 16, 64)
	return key, err == nil && pictureName(key) == name
}

// pictures gives an advert's pictures. Odd revisions exchange one, even ones add
// one while there are fewer than six; a key never returns. Those of a group have
// one or more of a stock that it shares, the first of which stays.
func (w *World) pictures(l life, p *plan, a *Advert, rev int, s site) []Picture {
	r := seeded(w.cfg.Seed, drawPicture, uint64(l.slot), uint64(l.gen))
	var keys []uint64
	stock := 0
	if !r.chance(80) {
		stock = 1 + r.intn(5)
	}
	for range stock {
		keys = append(keys, r.next())
	}
	kept := 0
	if p.kind == ring && stock < 2 {
		stock, keys = 2, []uint64{0, r.next()}
	}
	if a.Group >= 0 {
		kept = min(stock, 1)
		g := seeded(w.cfg.Seed, drawPicture, drawGroup, uint64(a.Group))
		for i := range min(stock, 1+r.intn(3)) {
			keys[i] = g.next()
		}
	} else if stock > 0 && r.chance(40) { // a picture that many use and that links nobody
		keys[0] = w.stockPicture(r.intn(stockPictures))
	}
	for i := 1; i <= rev; i++ {
		if n := len(keys) - kept; n > 0 && (i%2 == 1 || n >= 6) {
			keys[kept+i%n] = r.next()
		} else {
			keys = append(keys, r.next())
		}
	}
	out := make([]Picture, len(keys))
	for i, k := range keys {
		out[i] = s.picture(a, k)
	}
	return out
}

// stockPictures is how many pictures there are that anyone may use.
const stockPictures = 12

func (w *World) stockPicture(i int) uint64 { return mix(w.cfg.Seed ^ uint64(i) ^ drawPicture<<32) }

// PictureBytes draws a picture: abstract, geometric, 3 to 40 KB, the same bytes
// for the same key for ever.
func (w *World) PictureBytes(key uint64) []byte {
	if isJPEG(key) {
		return w.albums.jpeg(key)
	}
	return appendPNG(nil, paint(key))
}

// paint draws shapes over a gradient, in sixteen colours of one palette.
func paint(key uint64) *image.Paletted {
	r := rng(key)
	wide, high := 96+16*r.intn(10), 72+8*r.intn(12)
	img := image.NewPaletted(image.Rect(0, 0, wide, high), palette(&r))
	across, down := 1+r.intn(6), 1+r.intn(6)
	var first [256]uint8
	for x := range wide {
		first[x] = uint8(x * across / wide)
	}
	for y := range high {
		row, step := img.Pix[y*img.Stride:][:wide], uint8(y*down/high)
		for x := range row {
			row[x] = first[x] + step // at most 5+5
		}
	}
	for range 3 + r.intn(6) {
		c := uint8(r.intn(16))
		cx, cy, size := r.intn(wide), r.intn(high), 8+r.intn(high/2)
		round, slant := r.chance(500), r.intn(5)-2
		for y := max(0, cy-size); y < min(high, cy+size); y++ {
			half := size
			if dy := y - cy; round {
				half = int(math.Sqrt(float64(size*size - dy*dy)))
			}
			mid := cx + slant*(y-cy)/2
			row := img.Pix[y*img.Stride:][:wide]
			for x := max(0, mid-half); x < min(wide, mid+half); x++ {
				row[x] = c
			}
		}
	}
	return img
}

func palette(r *rng) color.Palette {
	p := make(color.Palette, 16)
	n := r.next()
	for i := range p {
		p[i] = color.RGBA{uint8(n>>8) + uint8(i*11), uint8(n>>16) + uint8(i*17), uint8(n>>24) + uint8(i*7), 255}
	}
	return p
}

// appendPNG writes a paletted PNG whose pixels are stored, not deflated: a
// hundred times cheaper than compressing, and no picture here is large.
func appendPNG(b []byte, img *image.Paletted) []byte {
	wide, high := img.Rect.Dx(), img.Rect.Dy()
	b = append(b, "\x89PNG\r\n\x1a\n"...)
	head := binary.BigEndian.AppendUint32(nil, uint32(wide))
	head = binary.BigEndian.AppendUint32(head, uint32(high))
	b = appendChunk(b, "IHDR", append(head, 8, 3, 0, 0, 0))
	var plte []byte
	for _, c := range img.Palette {
		rgba := c.(color.RGBA)
		plte = append(plte, rgba.R, rgba.G, rgba.B)
	}
	b = appendChunk(b, "PLTE", plte)

	raw := make([]byte, 0, (wide+1)*high)
	for y := range high {
		raw = append(raw, 0) // no filter
		raw = append(raw, img.Pix[y*img.Stride:][:wide]...)
	}
	z := append(make([]byte, 0, len(raw)+16), 0x78, 0x01)
	for rest := raw; len(rest) > 0; {
		n := min(len(rest), 0xffff)
		last := byte(0)
		if n == len(rest) {
			last = 1
		}
		z = append(z, last, byte(n), byte(n>>8), ^byte(n), ^byte(n>>8))
		z = append(z, rest[:n]...)
		rest = rest[n:]
	}
	z = binary.BigEndian.AppendUint32(z, adler32.Checksum(raw))
	b = appendChunk(b, "IDAT", z)
	return appendChunk(b, "IEND", nil)
}

func appendChunk(b []byte, kind string, data []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(data)))
	from := len(b)
	b = append(b, kind...)
	b = append(b, data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[from:]))
}

// yCbCr converts a picture by its palette, sixteen times instead of once for
// each pixel, which is what the encoder would do.
func yCbCr(img *image.Paletted) *image.YCbCr {
	var colours [16]color.YCbCr
	for i, c := range img.Palette {
		rgba := c.(color.RGBA)
		colours[i].Y, colours[i].Cb, colours[i].Cr = color.RGBToYCbCr(rgba.R, rgba.G, rgba.B)
	}
	out := image.NewYCbCr(img.Rect, image.YCbCrSubsampleRatio444)
	for i, p := range img.Pix {
		c := colours[p&15]
		out.Y[i], out.Cb[i], out.Cr[i] = c.Y, c.Cb, c.Cr
	}
	return out
}

// album keeps JPEGs, which cost more to make, up to a bound.
type album struct {
	mu    sync.Mutex
	bytes int
	kept  map[uint64][]byte
}

const albumBytes = 32 << 20

func newAlbum() *album { return &album{kept: map[uint64][]byte{}} }

func (a *album) jpeg(key uint64) []byte {
	a.mu.Lock()
	b := a.kept[key]
	a.mu.Unlock()
	if b != nil {
		return b
	}
	var buf bytes.Buffer
	// Encoding into memory cannot fail, nor can a picture of this size.
	_ = jpeg.Encode(&buf, yCbCr(paint(key)), &jpeg.Options{Quality: 70})
	b = buf.Bytes()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.bytes+len(b) > albumBytes {
		clear(a.kept)
		a.bytes = 0
	}
	if _, ok := a.kept[key]; !ok {
		a.kept[key] = b
		a.bytes += len(b)
	}
	return b
}
