package httpwire

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// encode applies one coding.
func encode(t testing.TB, coding string, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	var err error
	switch coding {
	case "gzip":
		w = gzip.NewWriter(&out)
	case "zlib":
		w = zlib.NewWriter(&out)
	case "flate":
		w, err = flate.NewWriter(&out, 6)
	case "br":
		w = brotli.NewWriter(&out)
	case "zstd":
		w, err = zstd.NewWriter(&out)
	default:
		t.Fatalf("no encoder for %s", coding)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func header(coding string) http.Header { return http.Header{"Content-Encoding": {coding}} }

var text = []byte(strings.Repeat("Relaxing massage by appointment, 06 0001 2345. ", 400))

func TestDecode(t *testing.T) {
	t.Parallel()
	gz := encode(t, "gzip", text)
	for _, tc := range []struct {
		name, coding string
		in           []byte
		want         []byte
	}{
		{"identity", "", text, text},
		{"identity by name", "identity", text, text},
		{"gzip", "gzip", gz, text},
		{"x-gzip in capitals", "X-GZIP", gz, text},
		{"zlib", "deflate", encode(t, "zlib", text), text},
		{"bare deflate", "deflate", encode(t, "flate", text), text},
		{"brotli", "br", encode(t, "br", text), text},
		{"zstd", "zstd", encode(t, "zstd", text), text},
		{"two stacked", "gzip, br", encode(t, "br", gz), text},
		{"three stacked", "zstd,gzip, br", encode(t, "br", encode(t, "gzip", encode(t, "zstd", text))), text},
		{"two gzip members", "gzip", append(bytes.Clone(gz), gz...), append(bytes.Clone(text), text...)},
		{"gzip and rubbish", "gzip", append(bytes.Clone(gz), "\r\n\r\n<!-- cached -->"...), text},
		{"gzip and rubbish like gzip", "gzip", append(bytes.Clone(gz), "\x1f\x8bno gzip at all"...), text},
		{"brotli and rubbish", "br", append(encode(t, "br", text), "rubbish"...), text},
		{"nothing, said to be gzip", "gzip", nil, []byte{}},
		{"nothing, said to be brotli", "br", nil, []byte{}},
		{"nothing", "", nil, []byte{}},
	} {
		for _, reader := range []string{"whole", "byte by byte"} {
			t.Run(tc.name+" "+reader, func(t *testing.T) {
				t.Parallel()
				var r io.Reader = bytes.NewReader(tc.in)
				if reader != "whole" {
					r = iotest.OneByteReader(r)
				}
				got, cut, err := Decode(header(tc.coding), r, 1<<20)
				if err != nil || cut {
					t.Fatalf("err %v, cut %v", err, cut)
				}
				if !bytes.Equal(got, tc.want) {
					t.Errorf("got %d bytes, want %d", len(got), len(tc.want))
				}
			})
		}
	}
}

func TestDecodeCut(t *testing.T) {
	t.Parallel()
	for _, coding := range []string{"", "gzip", "br", "zstd", "zlib", "flate"} {
		in, name := text, coding
		if coding != "" {
			in = encode(t, coding, text)
		}
		if coding == "zlib" || coding == "flate" {
			name = "deflate"
		}
		for _, max := range []int{0, 1, 1000, len(text) - 1, len(text), len(text) + 1} {
			got, cut, err := Decode(header(name), bytes.NewReader(in), int64(max))
			if err != nil {
				t.Errorf("%q at %d: %v", coding, max, err)
			}
			if want := min(max, len(text)); len(got) != want || !bytes.Equal(got, text[:want]) {
				t.Errorf("%q at %d: got %d bytes", coding, max, len(got))
			}
			if cut != (max < len(text)) {
				t.Errorf("%q at %d: cut %v", coding, max, cut)
			}
		}
	}
}

func TestDecodeDamaged(t *testing.T) {
	t.Parallel()
	for _, coding := range []string{"gzip", "br", "zstd", "zlib"} {
		in, name := encode(t, coding, text), coding
		if coding == "zlib" {
			name = "deflate"
		}
		for n := 1; n < len(in); n++ {
			got, cut, err := Decode(header(name), bytes.NewReader(in[:n]), 1<<20)
			if err == nil || cut {
				// A gzip stream whose whole text came before the tear is still torn.
				t.Errorf("%s torn at %d of %d: err %v, cut %v, %d bytes", coding, n, len(in), err, cut, len(got))
			}
			if !bytes.HasPrefix(text, got) {
				t.Errorf("%s torn at %d: what came before the tear is not the text's beginning", coding, n)
			}
		}
	}
	for _, tc := range []struct{ coding, in string }{
		{"gzip", "<html>not compressed at all</html>"},
		{"deflate", "\xff\xff\xff"},
		{"br", "\xff\xff\xff\xff"},
		{"zstd", "plain text here"},
		{"gzip, gzip", string(encode(t, "gzip", []byte("once only")))},
	} {
		if _, _, err := Decode(header(tc.coding), strings.NewReader(tc.in), 1<<20); err == nil {
			t.Errorf("%s of %q: no error", tc.coding, tc.in)
		}
	}
}

func TestDecodeUnknown(t *testing.T) {
	t.Parallel()
	for _, coding := range []string{"compress", "dcb", "gzip, gzip, gzip, gzip", "gzip, sdch"} {
		got, cut, err := Decode(header(coding), bytes.NewReader(text), 1<<20)
		if !errors.Is(err, ErrCoding) || len(got) != 0 || cut {
			t.Errorf("%s: %d bytes, cut %v, err %v", coding, len(got), cut, err)
		}
	}
}

// TestDecodeBombs feeds what grows a thousandfold, alone and inside another
// bomb, and looks at what was held meanwhile.
func TestDecodeBombs(t *testing.T) {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 512 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	// The inner stream of the second bomb is nothing but empty gzip members:
	// hundreds of megabytes to walk through for not one byte of body.
	empty := encode(t, "gzip", nil)
	members := encode(t, "gzip", bytes.Repeat(empty, 8<<20/len(empty)))
	for _, tc := range []struct {
		name, coding string
		in           []byte
		size         int
	}{
		{"one", "gzip", bomb.Bytes(), 1 << 20},
		{"bomb in a bomb", "gzip, br", encode(t, "br", bomb.Bytes()), 1 << 20},
		{"empty members", "gzip, gzip", members, 0},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, cut, err := Decode(header(tc.coding), bytes.NewReader(tc.in), 1<<20)
		runtime.ReadMemStats(&after)
		if !cut || len(got) != tc.size {
			t.Errorf("%s: cut %v, %d bytes, err %v", tc.name, cut, len(got), err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 32<<20 {
			t.Errorf("%s: allocated %d bytes for a bound of 1 MiB", tc.name, used)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, coding := range []string{"gzip", "br", "zstd"} {
		f.Add(coding, encode(f, coding, text))
	}
	f.Add("deflate", encode(f, "zlib", text))
	f.Add("deflate", encode(f, "flate", text))
	f.Add("gzip, br", encode(f, "br", encode(f, "gzip", text)))
	f.Fuzz(func(t *testing.T, coding string, in []byte) {
		const max = 1 << 16
		got, cut, err := Decode(header(coding), bytes.NewReader(in), max)
		if len(got) > max {
			t.Errorf("%d bytes for a bound of %d", len(got), max)
		}
		again, cut2, err2 := Decode(header(coding), iotest.OneByteReader(bytes.NewReader(in)), max)
		if (err == nil) != (err2 == nil) || cut != cut2 || err == nil && !bytes.Equal(got, again) {
			t.Errorf("depends on how the bytes arrive: %d %v %v, then %d %v %v", len(got), cut, err, len(again), cut2, err2)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for _, coding := range []string{"gzip", "br", "zstd"} {
		in := encode(b, coding, text)
		b.Run(coding, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := Decode(header(coding), bytes.NewReader(in), 1<<20); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
