package picture

import (
	"encoding/binary"
	"image"

	"golang.org/x/image/draw"
)

// shrink gives m with at most side pixels along its longer side. A large picture
// is first averaged over whole squares of pixels, strip by strip, so that no
// second copy of it is needed; the rest of the way, less than half, is bilinear.
func shrink(m image.Image, side int) *image.RGBA {
	b := m.Bounds()
	n := max(1, max(b.Dx(), b.Dy())/side)
	mid := average(m, min(n, b.Dx()), min(n, b.Dy()))
	w, h := fit(mid.Rect.Dx(), mid.Rect.Dy(), side)
	if w == mid.Rect.Dx() && h == mid.Rect.Dy() {
		return mid
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.ApproxBiLinear.Scale(out, out.Rect, mid, mid.Rect, draw.Src, nil)
	return out
}

// fit gives the size with the same proportions whose longer side is side at most.
func fit(w, h, side int) (int, int) {
	long := max(w, h)
	if long <= side {
		return w, h
	}
	return max(1, (w*side+long/2)/long), max(1, (h*side+long/2)/long)
}

// average gives m with each nx × ny pixels made one. Pixels that fill no square at
// the right and lower edge are left out.
func average(m image.Image, nx, ny int) *image.RGBA {
	b := m.Bounds()
	w, h := b.Dx()/nx, b.Dy()/ny
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if nx == 1 && ny == 1 {
		draw.Draw(out, out.Rect, m, b.Min, draw.Src)
		return out
	}
	strip := image.NewRGBA(image.Rect(0, 0, w*nx, ny))
	sums := make([]uint64, 4*w)
	area := uint64(nx * ny)
	for y := range h {
		draw.Draw(strip, strip.Rect, m, image.Pt(b.Min.X, b.Min.Y+y*ny), draw.Src)
		clear(sums)
		for row := range ny {
			pix := strip.Pix[row*strip.Stride:]
			for x := range w * nx {
				s := sums[x/nx*4:]
				s[0] += uint64(pix[4*x])
				s[1] += uint64(pix[4*x+1])
				s[2] += uint64(pix[4*x+2])
				s[3] += uint64(pix[4*x+3])
			}
		}
		line := out.Pix[y*out.Stride:]
		for i, s := range sums {
			line[i] = uint8((s + area/2) / area)
		}
	}
	return out
}

// upright turns and mirrors a picture by the orientation that its metadata tell,
// 1 to 8 as EXIF counts them; 1 and anything else leave it as it is.
func upright(m *image.RGBA, orientation int) *image.RGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	// from gives the pixel of m that comes to x, y.
	var from func(x, y int) (int, int)
	switch orientation {
	case 2:
		from = func(x, y int) (int, int) { return w - 1 - x, y }
	case 3:
		from = func(x, y int) (int, int) { return w - 1 - x, h - 1 - y }
	case 4:
		from = func(x, y int) (int, int) { return x, h - 1 - y }
	case 5:
		from = func(x, y int) (int, int) { return y, x }
	case 6:
		from = func(x, y int) (int, int) { return y, h - 1 - x }
	case 7:
		from = func(x, y int) (int, int) { return w - 1 - y, h - 1 - x }
	case 8:
		from = func(x, y int) (int, int) { return w - 1 - y, x }
	default:
		return m
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			fx, fy := from(x, y)
			out.SetRGBA(x, y, m.RGBAAt(fx, fy))
		}
	}
	return out
}

// orientation finds the EXIF tag 0x0112 of a JPEG, or gives 0.
func orientation(jpeg []byte) int {
	for i := 2; i+4 <= len(jpeg) && jpeg[i] == 0xff; {
		marker, size := jpeg[i+1], int(binary.BigEndian.Uint16(jpeg[i+2:]))
		if marker == 0xda || size < 2 || i+2+size > len(jpeg) {
			return 0
		}
		if body := jpeg[i+4 : i+2+size]; marker == 0xe1 && len(body) > 14 && string(body[:6]) == "Exif\x00\x00" {
			return tiffOrientation(body[6:])
		}
		i += 2 + size
	}
	return 0
}

func tiffOrientation(b []byte) int {
	var order binary.ByteOrder = binary.BigEndian
	if string(b[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return 0
	}
	entries := int(order.Uint16(b[at:]))
	for i := range entries {
		e := at + 2 + 12*int64(i)
		if e+12 > int64(len(b)) {
			return 0
		}
		if order.Uint16(b[e:]) == 0x0112 {
			return int(order.Uint16(b[e+8:]))
		}
	}
	return 0
}
