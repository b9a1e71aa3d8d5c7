package picture

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"testing"
)

// What decodes runs in the child; here it runs in the open to be fuzzed, on small
// pictures only.
func FuzzDecode(f *testing.F) {
	var j, p bytes.Buffer
	m := image.NewRGBA(image.Rect(0, 0, 8, 6))
	_ = jpeg.Encode(&j, m, nil)
	_ = png.Encode(&p, m)
	f.Add(j.Bytes())
	f.Add(p.Bytes())
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x1aExif\x00\x00II*\x00\xff\xff\xff\x7f"))
	f.Add([]byte("RIFF\x14\x00\x00\x00WEBPVP8L\x08\x00\x00\x00/\x03\x00\x00"))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, shown := decode(body, limits{Pixels: 1 << 16, Side: 16})
		if (a.Problem == "") != (len(shown) > 0) {
			t.Fatalf("%+v with %d bytes", a, len(shown))
		}
		if a.Problem != "" {
			return
		}
		m, _, err := image.Decode(bytes.NewReader(shown))
		if err != nil || m.Bounds().Dx() > 16 || m.Bounds().Dy() > 16 {
			t.Fatalf("shown as %v, %v", m, err)
		}
	})
}

func FuzzOrientation(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00"))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x12Exif\x00\x00II*\x00\x00\x00\x00\x80"))
	f.Fuzz(func(_ *testing.T, body []byte) { orientation(body) })
}

func FuzzFrame(f *testing.F) {
	f.Add([]byte{0, 0, 0, 2, 'a', 'b'})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{0, 0, 0, 9, 'a'})
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := readFrame(bytes.NewReader(in), 1000)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := writeFrame(&out, b); err != nil || !bytes.Equal(out.Bytes(), in[:out.Len()]) {
			t.Errorf("%x is read as %x, %v", in, b, err)
		}
	})
}

func TestFrameCutOff(t *testing.T) {
	t.Parallel()
	if _, err := readFrame(bytes.NewReader([]byte{0, 0, 0, 9, 'a'}), 10); err != io.ErrUnexpectedEOF {
		t.Errorf("half a frame: %v", err)
	}
	if _, err := readFrame(bytes.NewReader(nil), 10); err != io.EOF {
		t.Errorf("no frame: %v", err)
	}
	if _, err := readFrame(bytes.NewReader([]byte{0, 0, 0, 9}), 8); err == nil || err == io.EOF {
		t.Errorf("too large a frame: %v", err)
	}
}
