package picture_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"zoeklicht"
	"zoeklicht/internal/picture"
)

// The test program is its own child: with one of these as its only argument it
// does not run tests.
const (
	verb      = "picture-child"
	verbHang  = "picture-child-that-hangs"
	verbCrash = "picture-child-that-crashes"
	// A parent that is small itself, see TestMemoryIsBounded.
	verbParent = "picture-parent"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 2 {
		switch os.Args[1] {
		case verb:
			if err := picture.Child(os.Stdin, os.Stdout); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(0)
		case verbParent:
			smallParent()
			os.Exit(0)
		case verbHang:
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(0)
		case verbCrash:
			os.Exit(7)
		}
	}
	os.Exit(m.Run())
}

func decoder(t testing.TB, cfg picture.Config) *picture.Decoder {
	t.Helper()
	if raced {
		cfg.Memory = 16 << 30
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Minute // a busy machine is no fault of a picture
	}
	if cfg.Command == nil {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cfg.Command = []string{self, verb}
	}
	d := picture.NewDecoder(cfg, nil)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return d
}

func decode(t testing.TB, d *picture.Decoder, body []byte) picture.Shown {
	t.Helper()
	s, err := d.Decode(t.Context(), body)
	if err != nil {
		t.Fatal(err)
	}
	if s.Picture.SHA256 != sha256.Sum256(body) {
		t.Error("the digest is not that of the bytes given")
	}
	if (s.Picture.Problem == "") != (len(s.Bytes) > 0) || (s.MIME == "") != (len(s.Bytes) == 0) {
		t.Errorf("problem %q, %d bytes, type %q", s.Picture.Problem, len(s.Bytes), s.MIME)
	}
	return s
}

// drawn gives a picture with a red left and a blue right half.
func drawn(w, h int, alpha uint8) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{200, uint8(y * 255 / h), 0, alpha}
			if x >= w/2 {
				c = color.NRGBA{0, uint8(y * 255 / h), 200, alpha}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func encoded(t testing.TB, format string, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch format {
	case "jpeg":
		err = jpeg.Encode(&b, m, nil)
	case "png":
		err = png.Encode(&b, m)
	case "gif":
		err = gif.Encode(&b, m, nil)
	case "bmp":
		err = bmp.Encode(&b, m)
	case "tiff":
		err = tiff.Encode(&b, m, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFormats(t *testing.T) {
	t.Parallel()
	d := decoder(t, picture.Config{})
	for _, format := range []string{"jpeg", "png", "gif", "bmp", "tiff"} {
		body := encoded(t, format, drawn(400, 300, 255))
		s := decode(t, d, body)
		want := zoeklicht.Picture{SHA256: sha256.Sum256(body), Format: format, Width: 400, Height: 300}
		if diff := cmp.Diff(want, s.Picture); diff != "" {
			t.Errorf("%s: %s", format, diff)
		}
		m, name, err := image.Decode(bytes.NewReader(s.Bytes))
		if err != nil || name != "jpeg" || s.MIME != "image/jpeg" || m.Bounds().Dx() != 400 || m.Bounds().Dy() != 300 {
			t.Fatalf("%s: shown as %s %s, %v", format, name, s.MIME, err)
		}
		if r, _, b, _ := m.At(50, 20).RGBA(); r>>8 < 150 || b>>8 > 60 {
			t.Errorf("%s: the left half is not red", format)
		}
		if again := decode(t, d, body); !bytes.Equal(again.Bytes, s.Bytes) {
			t.Errorf("%s: the same bytes are shown in two ways", format)
		}
	}
}

// A WebP of one black pixel, lossless.
const webpPixel = "RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"

func TestShownForms(t *testing.T) {
	t.Parallel()
	d := decoder(t, picture.Config{Side: 256})
	for _, tc := range []struct {
		name string
		body []byte
		mime string
		w, h int
	}{
		{"large", encoded(t, "jpeg", drawn(2000, 1000, 255)), "image/jpeg", 256, 128},
		{"large, no whole multiple", encoded(t, "png", drawn(777, 333, 255)), "image/jpeg", 256, 110},
		{"upright format", encoded(t, "png", drawn(300, 900, 255)), "image/jpeg", 85, 256},
		{"line", encoded(t, "png", drawn(3000, 1, 255)), "image/png", 256, 1},
		{"small", encoded(t, "png", drawn(20, 20, 255)), "image/png", 20, 20},
		{"transparent", encoded(t, "png", drawn(600, 600, 128)), "image/png", 256, 256},
		{"webp", []byte(webpPixel), "image/png", 1, 1},
	} {
		s := decode(t, d, tc.body)
		m, _, err := image.Decode(bytes.NewReader(s.Bytes))
		if err != nil {
			t.Errorf("%s: problem %q, %v", tc.name, s.Picture.Problem, err)
			continue
		}
		if s.MIME != tc.mime || m.Bounds().Dx() != tc.w || m.Bounds().Dy() != tc.h {
			t.Errorf("%s: %s %v, want %s %d×%d", tc.name, s.MIME, m.Bounds(), tc.mime, tc.w, tc.h)
		}
	}
}

// exif puts an orientation and a comment into a JPEG.
func exif(jpeg []byte, orientation uint16) []byte {
	tiff := []byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	tiff = binary.BigEndian.AppendUint16(tiff, orientation)
	tiff = append(tiff, 0, 0, 0, 0, 0, 0)
	segment := append([]byte("Exif\x00\x00"), tiff...)
	out := append([]byte{}, jpeg[:2]...)
	out = binary.BigEndian.AppendUint16(append(out, 0xff, 0xe1), uint16(len(segment)+2))
	out = append(out, segment...)
	comment := "made with a camera"
	out = binary.BigEndian.AppendUint16(append(out, 0xff, 0xfe), uint16(len(comment)+2))
	out = append(out, comment...)
	return append(out, jpeg[2:]...)
}

func TestMetadataTurnThePictureAndStayBehind(t *testing.T) {
	t.Parallel()
	d := decoder(t, picture.Config{})
	body := encoded(t, "jpeg", drawn(200, 100, 255)) // red left, blue right
	for orientation, red := range map[uint16]image.Point{
		1: {10, 50}, 2: {190, 50}, 3: {190, 50}, 4: {10, 50},
		5: {50, 10}, 6: {50, 10}, 7: {50, 190}, 8: {50, 190}, 9: {10, 50},
	} {
		s := decode(t, d, exif(body, orientation))
		m, _, err := image.Decode(bytes.NewReader(s.Bytes))
		if err != nil {
			t.Fatalf("orientation %d: %v", orientation, err)
		}
		if r, _, b, _ := m.At(red.X, red.Y).RGBA(); r < b {
			t.Errorf("orientation %d: %v is not red, size %v", orientation, red, m.Bounds())
		}
		if bytes.Contains(s.Bytes, []byte("Exif")) || bytes.Contains(s.Bytes, []byte("camera")) {
			t.Errorf("orientation %d: metadata are shown", orientation)
		}
	}
}

// pngClaiming makes a PNG whose header claims a size and whose data are short.
func pngClaiming(w, h uint32) []byte {
	out := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, body []byte) {
		out = binary.BigEndian.AppendUint32(out, uint32(len(body)))
		body = append([]byte(kind), body...)
		out = binary.BigEndian.AppendUint32(append(out, body...), crc32.ChecksumIEEE(body))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	chunk("IHDR", append(head, 8, 6, 0, 0, 0))
	var data bytes.Buffer
	z := zlib.NewWriter(&data)
	_, _ = z.Write(make([]byte, 100))
	_ = z.Close()
	chunk("IDAT", data.Bytes())
	chunk("IEND", nil)
	return out
}

// webpClaiming makes a lossless WebP of 28 bytes that claims a size.
func webpClaiming(w, h uint32) []byte {
	body := binary.LittleEndian.AppendUint32([]byte{0x2f}, w-1|(h-1)<<14)
	body = append(body, 0, 0, 0)
	out := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(12+len(body)))
	out = binary.LittleEndian.AppendUint32(append(out, "WEBPVP8L"...), uint32(len(body)))
	return append(out, body...)
}

func TestProblems(t *testing.T) {
	t.Parallel()
	d := decoder(t, picture.Config{Bytes: 1 << 20})
	for _, tc := range []struct {
		name, problem string
		body          []byte
	}{
		{"too many bytes", picture.TooLarge, make([]byte, 1<<20+1)},
		{"nothing", picture.UnknownFormat, nil},
		{"a page", picture.UnknownFormat, []byte("<!DOCTYPE html><title>404</title>")},
		{"a drawing in SVG", picture.UnknownFormat, []byte("<svg xmlns='http://www.w3.org/2000/svg'/>")},
		{"only a magic number", picture.Broken, []byte("\x89PNG\r\n\x1a\n")},
		{"cut off", picture.Broken, encoded(t, "png", drawn(100, 100, 255))[:200]},
		{"claims 8.6 gigapixels", picture.TooManyPixels, pngClaiming(92_682, 92_682)},
		{"claims no width", picture.Broken, pngClaiming(0, 10)},
		{"claims the most pixels and has none", picture.Broken, pngClaiming(6000, 6000)},
		{"28 bytes that claim a gigabyte", picture.TooManyPixels, webpClaiming(16_384, 16_384)},
	} {
		if got := decode(t, d, tc.body).Picture.Problem; got != tc.problem {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.problem)
		}
	}
	// And the next picture goes on.
	if s := decode(t, d, encoded(t, "jpeg", drawn(100, 100, 255))); s.Picture.Problem != "" {
		t.Errorf("afterwards: %s", s.Picture.Problem)
	}
}

// bounded is the memory that children have in TestMemoryIsBounded.
const bounded = 256 << 20

// greedy are pictures that ask for gigabytes once nothing bounds their pixels.
func greedy() [][]byte {
	return [][]byte{webpClaiming(16_384, 16_384), pngClaiming(92_682, 92_682), pngClaiming(1<<31-1, 1<<31-1)}
}

// With no bound on pixels, the bound on memory holds: the child dies, the parent
// and the next picture do not. What the kernel tells of a dead child begins with
// its parent's own size, so a parent of its own, and small, measures it.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	if raced {
		t.Skip("the race detector takes more memory than is measured here")
	}
	d := decoder(t, picture.Config{Memory: bounded, Pixels: 1 << 40})
	good := encoded(t, "jpeg", drawn(100, 100, 255))
	for _, bad := range greedy() {
		if s := decode(t, d, bad); s.Picture.Problem != picture.OutOfMemory && s.Picture.Problem != picture.Broken {
			t.Errorf("%q", s.Picture.Problem)
		}
		if s := decode(t, d, good); s.Picture.Problem != "" {
			t.Errorf("afterwards: %s", s.Picture.Problem)
		}
	}
	if stats := d.Stats(); stats.Lost == 0 || stats.Decoded != 3 || stats.Peak == 0 || stats.Peak > bounded {
		t.Errorf("%+v", stats)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(self, verbParent).Output()
	if err != nil {
		t.Fatal(err)
	}
	peak, err := strconv.ParseInt(string(bytes.TrimSpace(out)), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("children had %d MiB resident at most, %d MiB is the cap", peak>>20, bounded>>20)
	if peak <= 0 || peak > bounded {
		t.Errorf("children had %d bytes resident, %d is the cap", peak, bounded)
	}
}

// smallParent decodes the greedy pictures and prints how many bytes of a child
// were resident at most, as the kernel tells after its end.
func smallParent() {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	d := picture.NewDecoder(picture.Config{Command: []string{self, verb}, Memory: bounded, Pixels: 1 << 40}, nil)
	for _, bad := range greedy() {
		if _, err := d.Decode(context.Background(), bad); err != nil {
			panic(err)
		}
	}
	if err := d.Close(); err != nil {
		panic(err)
	}
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &u); err != nil {
		panic(err)
	}
	fmt.Println(u.Maxrss << 10)
}

func TestLargestPictureFits(t *testing.T) {
	t.Parallel()
	if raced {
		t.Skip("takes minutes under the race detector")
	}
	d := decoder(t, picture.Config{})
	for _, format := range []string{"jpeg", "png"} {
		m := image.NewNRGBA(image.Rect(0, 0, 6320, 6320)) // 39.9 million pixels
		for i := range m.Pix {
			m.Pix[i] = 255
		}
		s := decode(t, d, encoded(t, format, m))
		if s.Picture.Problem != "" {
			t.Errorf("%s of 40 million pixels: %s", format, s.Picture.Problem)
		}
	}
	t.Logf("peak %d MiB", d.Stats().Peak>>20)
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	d := decoder(t, picture.Config{Command: []string{self, verbHang}, Timeout: 50 * time.Millisecond})
	if got := decode(t, d, []byte("\xff\xd8")).Picture.Problem; got != picture.TimedOut {
		t.Errorf("%q", got)
	}
	// A caller that gives up gets its own reason.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Decode(ctx, []byte("\xff\xd8")); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestCrash(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	d := decoder(t, picture.Config{Command: []string{self, verbCrash}})
	got, err := d.Decode(t.Context(), []byte("\xff\xd8"))
	// It may be gone before it is told its limits, which is no fault of a picture.
	if err == nil && got.Picture.Problem != picture.Crashed || err != nil && zoeklicht.CodeOf(err) != zoeklicht.Unavailable {
		t.Errorf("%q, %v", got.Picture.Problem, err)
	}
}

func TestNoChild(t *testing.T) {
	t.Parallel()
	for _, command := range [][]string{{filepath.Join(t.TempDir(), "absent")}, {}} {
		d := decoder(t, picture.Config{Command: command})
		if _, err := d.Decode(t.Context(), []byte("\xff\xd8")); zoeklicht.CodeOf(err) != zoeklicht.Unavailable {
			t.Errorf("%v", err)
		}
	}
}

func TestChildrenAreReplacedAndShared(t *testing.T) {
	t.Parallel()
	d := decoder(t, picture.Config{Children: 2, Reuse: 5})
	body := encoded(t, "jpeg", drawn(64, 64, 255))
	done := make(chan error, 20)
	for range cap(done) {
		go func() {
			s, err := d.Decode(t.Context(), body)
			if err == nil && s.Picture.Problem != "" {
				err = errors.New(s.Picture.Problem)
			}
			done <- err
		}()
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if s := d.Stats(); s.Decoded != 20 || s.Started < 4 || s.Lost != 0 {
		t.Errorf("%+v", s)
	}
}

// Corpora of pictures made to break decoders.
func TestHostileCorpora(t *testing.T) {
	t.Parallel()
	root := os.Getenv("ZOEKLICHT_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	files, err := filepath.Glob(filepath.Join(root, "data", "hostile", "images", "*.tar.gz"))
	if err != nil || len(files) == 0 {
		t.Skip("public test data are absent: set ZOEKLICHT_SHARED to the folder that holds data/")
	}
	const memory = 512 << 20
	d := decoder(t, picture.Config{Memory: memory})
	problems := map[string]int{}
	total := 0
	for _, file := range files {
		for name, body := range untar(t, file) {
			s := decode(t, d, body)
			problems[s.Picture.Problem]++
			total++
			if s.Picture.Problem == "" {
				if _, _, err := image.Decode(bytes.NewReader(s.Bytes)); err != nil {
					t.Errorf("%s: what is shown cannot be decoded: %v", name, err)
				}
			}
		}
	}
	s := d.Stats()
	t.Logf("%d pictures: %v; %+v", total, problems, s)
	if s.Peak > memory {
		t.Errorf("a child had %d MiB resident, %d MiB is the cap", s.Peak>>20, memory>>20)
	}
}

func untar(t testing.TB, file string) map[string][]byte {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for tr := tar.NewReader(z); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			if out[h.Name], err = io.ReadAll(tr); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, size := range []image.Point{{300, 225}, {1600, 1200}, {4000, 3000}} {
		b.Run(fmt.Sprintf("%dx%d", size.X, size.Y), func(b *testing.B) {
			d := decoder(b, picture.Config{})
			body := encoded(b, "jpeg", drawn(size.X, size.Y, 255))
			for b.Loop() {
				decode(b, d, body)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pictures/s")
			b.ReportMetric(float64(d.Stats().Peak>>20), "MiB-peak")
		})
	}
}
