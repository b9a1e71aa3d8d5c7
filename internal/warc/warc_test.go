package warc

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	gowarc "github.com/internetarchive/gowarc"
)

var update = flag.Bool("update", false, "write the golden files anew")

var at = time.Date(2026, 11, 5, 9, 8, 7, 123456789, time.FixedZone("", 3600))

func id(n byte) ID { return ID{15: n} }

const page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 31\r\n\r\nRelaxing massage by appointment"

// records is one of each kind, and some that try to break out of their lines.
func records() []*Record {
	return []*Record{
		{Type: Info, ID: id(1), Date: at, Filename: "practice.warc.gz", ContentType: FieldsContent, Block: []byte("software: zoeklicht\r\n")},
		{
			Type: Request, ID: id(2), Date: at, URI: "http://site.test/a?b=c", ContentType: RequestContent,
			Concurrent: []ID{id(3), id(4)}, IP: netip.MustParseAddr("::ffff:127.0.0.1"), Block: []byte("GET /a?b=c HTTP/1.1\r\nHost: site.test\r\n\r\n"),
		},
		{
			Type: Response, ID: id(3), Date: at, URI: "http://site.test/a?b=c", ContentType: ResponseContent,
			IP: netip.MustParseAddr("fe80::1%eth0"), Truncated: "length", Block: []byte(page),
		},
		{
			Type: Metadata, ID: id(4), Date: at, URI: id(4).URN(), RefersTo: id(3), ContentType: JSONContent,
			Extra: []Field{{"Zoeklicht-Item", "context"}}, Block: []byte("{}"),
		},
		{Type: Resource, ID: id(5), Date: at, URI: "http://site.test/b c\r\nWARC-Type: warcinfo\r\n<é>", Stored: true, Block: bytes.Repeat([]byte{0xff}, 70_000)},
		{Type: Response, ID: id(6), Date: at, URI: "http://site.test/empty", ContentType: ResponseContent},
	}
}

func write(t testing.TB, records ...*Record) (file, plain []byte) {
	t.Helper()
	var out, copied bytes.Buffer
	w := NewWriter(&out)
	for _, r := range records {
		if err := w.Write(r, &copied); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes(), copied.Bytes()
}

func TestGolden(t *testing.T) {
	t.Parallel()
	file, got := write(t, records()...)
	gz, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(gz); err != nil || !bytes.Equal(plain, got) {
		t.Errorf("what was given as plain is not what the members hold: %v", err)
	}
	got = bytes.ReplaceAll(got, bytes.Repeat([]byte{0xff}, 70_000), []byte("(70,000 times 0xff)"))
	golden := filepath.Join("testdata", "records.warc")
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	again, _ := write(t, records()...)
	if !bytes.Equal(file, again) {
		t.Error("the same records gave other bytes")
	}
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*Record{
		"no type":         {ID: id(1)},
		"no id":           {Type: Info},
		"line in a field": {Type: Info, ID: id(1), Truncated: "length\r\nWARC-Type: response"},
		"line in a name":  {Type: Info, ID: id(1), Extra: []Field{{"A\r\nB", "c"}}},
		"no name":         {Type: Info, ID: id(1), Extra: []Field{{"", "c"}}},
	} {
		var out bytes.Buffer
		if err := NewWriter(&out).Write(r, nil); err == nil || out.Len() > 0 {
			t.Errorf("%s: wrote %d bytes, %v", name, out.Len(), err)
		}
	}
}

func TestPayloadDigest(t *testing.T) {
	t.Parallel()
	body := "Relaxing massage by appointment"
	for name, tc := range map[string]struct {
		block string
		want  bool
	}{
		"length":      {page, true},
		"until close": {"HTTP/1.1 200 OK\r\n\r\n" + body, true},
		"gzip":        {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 31\r\n\r\n" + body, true},
		"chunked":     {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1f\r\n" + body + "\r\n0\r\n\r\n", false},
		"torn":        {"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + body, false},
		"more":        {"HTTP/1.1 200 OK\r\nContent-Length: 31\r\n\r\n" + body + "more", false},
		"no head":     {body, false},
		"nothing":     {"", false},
		"304":         {"HTTP/1.1 304 Not Modified\r\n\r\n" + body, false},
	} {
		got, want := payloadDigest([]byte(tc.block)), ""
		if tc.want {
			want = digest([]byte(body))
		}
		if got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// read gives what a Reader makes of a file, as text, and its error.
func read(r io.Reader) (out []string, err error) {
	rd := NewReader(r)
	for {
		e, err := rd.Next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		b, err := e.Block(1 << 20)
		if err != nil {
			return out, err
		}
		out = append(out, fmt.Sprintf("%s %s %s %d", e.Version, e.Type(), e.URI(), len(b)))
	}
}

func TestReadBack(t *testing.T) {
	t.Parallel()
	file, plain := write(t, records()...)
	var whole bytes.Buffer
	gz := gzip.NewWriter(&whole) // one member for all records, as some tools do
	if _, err := gz.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := gz.Close(); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"WARC/1.1 warcinfo  21", "WARC/1.1 request http://site.test/a?b=c 40", "WARC/1.1 response http://site.test/a?b=c 95",
		"WARC/1.1 metadata urn:uuid:00000000-0000-0000-0000-000000000004 2",
		"WARC/1.1 resource http://site.test/b%20c%0D%0AWARC-Type:%20warcinfo%0D%0A%3C%C3%A9%3E 70000",
		"WARC/1.1 response http://site.test/empty 0",
	}
	for name, b := range map[string][]byte{"members": file, "plain": plain, "one member": whole.Bytes()} {
		for how, r := range map[string]io.Reader{"whole": bytes.NewReader(b), "byte by byte": iotest.OneByteReader(bytes.NewReader(b))} {
			got, err := read(r)
			if d := cmp.Diff(want, got); err != nil || d != "" {
				t.Errorf("%s, %s: %v\n%s", name, how, err, d)
			}
		}
	}
	rd := NewReader(bytes.NewReader(file))
	at := int64(0)
	var again []byte
	for range want {
		e, err := rd.Next() // skips each block
		if err != nil {
			t.Fatal(err)
		}
		if e.Offset != at && at > 0 {
			t.Errorf("%s at offset %d", e.Type(), e.Offset)
		}
		again = append(again, e.Head...)
		b, err := io.ReadAll(e)
		if err != nil {
			t.Fatal(err)
		}
		again = append(append(again, b...), end...)
		one, err := read(bytes.NewReader(file[e.Offset:]))
		if err != nil || len(one) == 0 {
			t.Errorf("nothing begins at offset %d: %v", e.Offset, err)
		}
		at = 0
	}
	if !bytes.Equal(again, plain) {
		t.Error("heads, blocks and ends together are not the records")
	}
}

// TestTorn cuts files everywhere: the whole records before the cut are read, and
// then comes an error that names an offset, or a clean end between two records.
func TestTorn(t *testing.T) {
	t.Parallel()
	rs := records()
	rs[4].Block = rs[4].Block[:100]
	file, plain := write(t, rs...)
	whole, err := read(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"members": file, "plain": plain} {
		clean := 0
		for n := range len(b) {
			got, err := read(bytes.NewReader(b[:n]))
			if !cmp.Equal(got, append([]string(nil), whole[:len(got)]...)) {
				t.Fatalf("%s cut at %d: read %q", name, n, got)
			}
			var where *Error
			switch {
			case err == nil:
				clean++
			case !errors.As(err, &where) || where.Offset > int64(n) || !errors.Is(err, io.ErrUnexpectedEOF):
				t.Errorf("%s cut at %d: %v", name, n, err)
			}
		}
		if clean != len(rs) { // before each record
			t.Errorf("%s: %d clean ends for %d records", name, clean, len(rs))
		}
	}
}

func TestDigestMismatch(t *testing.T) {
	t.Parallel()
	_, plain := write(t, records()[2], records()[3])
	plain = bytes.Replace(plain, []byte("Relaxing"), []byte("relaxing"), 1)
	rd := NewReader(bytes.NewReader(plain))
	e, err := rd.Next()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Block(1 << 20); !errors.Is(err, ErrDigest) {
		t.Errorf("changed block: %v", err)
	}
	if e, err = rd.Next(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Block(1); err == nil {
		t.Error("a block of 2 bytes where 1 is allowed")
	}
	if b, err := e.Block(2); err != nil || string(b) != "{}" {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := e.Block(2); err == nil {
		t.Error("the same block twice")
	}
	for _, want := range []string{
		"sha1:2jmj7l5rSw0yVb/vlWAYkK/YBwk", "sha256:00", "sha-1:",
	} {
		if matches(want, nil) {
			t.Errorf("nothing matches %q", want)
		}
	}
	for _, want := range []string{
		"", "md5:1", "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
		"sha1:2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "sha1:2jmj7l5rSw0yVb_vlWAYkK_YBwk=",
		"SHA-256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
	} {
		if !matches(want, nil) {
			t.Errorf("nothing does not match %q", want)
		}
	}
}

func TestReaderBounds(t *testing.T) {
	t.Parallel()
	huge := "WARC/1.1\r\nContent-Length: 0\r\nX: "
	for name, in := range map[string]io.Reader{
		"endless line":   io.MultiReader(strings.NewReader(huge), endless{}),
		"endless fields": io.MultiReader(strings.NewReader(huge), &repeat{s: "\r\nA: b"}),
		"endless start":  endless{},
	} {
		_, err := NewReader(in).Next()
		var where *Error
		if !errors.As(err, &where) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, in := range []string{
		"WARC/1.1\r\n\r\n", "WARC/1.1\r\nContent-Length: -1\r\n\r\n", "WARC/1.1\r\nContent-Length: 1e3\r\n\r\n",
		"WARC/1.1\r\nContent-Length: 9223372036854775807\r\n\r\nx", "WARC/1.1\r\nno colon\r\n\r\n", "WARC/1.1\r\nContent-Length: 0\r\n\r\nxxxx",
		"\r\nWARC/1.1", "W", "\x1f", "\x1f\x8b\x00",
	} {
		if out, err := read(strings.NewReader(in)); err == nil {
			t.Errorf("%q: read %q", in, out)
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

type repeat struct{ s string }

func (r *repeat) Read(p []byte) (int, error) { return copy(p, r.s), nil }

// TestGowarc reads what we write with another implementation.
func TestGowarc(t *testing.T) {
	t.Parallel()
	file, _ := write(t, records()...)
	rd, err := gowarc.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range records() {
		got, err := rd.ReadRecord()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(got.Content)
		if err != nil || !bytes.Equal(b, want.Block) {
			t.Errorf("%s: %d bytes instead of %d, %v", want.Type, len(b), len(want.Block), err)
		}
		for name, value := range map[string]string{
			"WARC-Type": string(want.Type), "WARC-Record-ID": "<" + want.ID.URN() + ">", "WARC-Date": "2026-11-05T08:08:07.123456Z",
			"WARC-Block-Digest": digest(want.Block), "Content-Type": want.ContentType,
		} {
			if got.Header.Get(name) != value {
				t.Errorf("%s: %s is %q, want %q", want.Type, name, got.Header.Get(name), value)
			}
		}
		if err := got.Content.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := rd.ReadRecord(); err != io.EOF {
		t.Errorf("after the last record: %v", err)
	}
}

// shared gives a folder of the public test material, or skips the test.
func shared(t testing.TB, folder string) string {
	t.Helper()
	root := os.Getenv("ZOEKLICHT_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(root, "data", folder)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("needs the public test material in %s (ZOEKLICHT_SHARED names the folder that holds data)", dir)
	}
	return dir
}

// TestForeignFiles reads what others wrote, whole and damaged.
func TestForeignFiles(t *testing.T) {
	t.Parallel()
	want := map[string]string{ // records, and a part of the error
		"warcio/example.warc":                        "6",
		"warcio/example.warc.gz":                     "6",
		"warcio/example-bad-non-chunked.warc.gz":     "4 at offset 0: the block does not match its digest", // one member for all
		"warcio/example-trunc.warc":                  "2 at offset 1197: the block does not match its digest",
		"warcio/example-digest.warc":                 "4",
		"warcio/example-resource.warc.gz":            "3",
		"warcio/example-iana.org-chunked.warc":       "3",
		"warcio/example-wrong-chunks.warc.gz":        "0 at offset 0: unexpected EOF", // records cut into members
		"warcio/example-wget-bad-target-uri.warc.gz": "6",
		"warcio/example-space-in-target-uri.warc.gz": "2",
		"warcio/post-test.warc.gz":                   "6",
		"warcio/example.arc":                         "0 at offset 0: it does not begin with WARC/",
		"warcio/example.arc.gz":                      "0 at offset 0: it does not begin with WARC/",
	}
	dir := shared(t, "warc")
	files := 0
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() || !strings.Contains(path, "arc") || info.Name() == "LICENSE" {
			return err
		}
		files++
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		got, err := read(f)
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if n, cerr := Check(f); n != len(got) || fmt.Sprint(cerr) != fmt.Sprint(err) {
			t.Errorf("%s: Check gives %d %v, reading each block %d %v", path, n, cerr, len(got), err)
		}
		text := fmt.Sprint(len(got))
		if err != nil {
			var where *Error
			if !errors.As(err, &where) {
				t.Errorf("%s: an error without an offset: %v", path, err)
			}
			text += " " + err.Error()
		}
		rel, _ := filepath.Rel(dir, path)
		t.Logf("%s: %s", rel, text)
		count, why, _ := strings.Cut(want[rel], " ")
		if count != "" && (!strings.HasPrefix(text, count) || (why == "") != (err == nil) || !strings.Contains(text, why)) {
			t.Errorf("%s: %s, want %s", rel, text, want[rel])
		}
		return nil
	})
	if err != nil || files < 15 {
		t.Errorf("%d files, %v", files, err)
	}
}

// TestFlipped flips bits all over a compressed file. A Reader may not notice
// those in a member's own header, but never gives other bytes for a block.
func TestFlipped(t *testing.T) {
	t.Parallel()
	rs := records()[:4]
	file, _ := write(t, rs...)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		b := bytes.Clone(file)
		b[rng.IntN(len(b))] ^= 1 << rng.IntN(8)
		rd := NewReader(bytes.NewReader(b))
		for i := 0; ; i++ {
			e, err := rd.Next()
			if err != nil {
				break
			}
			if got, err := e.Block(1 << 20); err == nil && (i >= len(rs) || !bytes.Equal(got, rs[i].Block)) {
				t.Fatalf("record %d: other bytes without an error", i)
			}
		}
	}
}

func FuzzReader(f *testing.F) {
	file, plain := write(f, records()[:4]...)
	f.Add(file)
	f.Add(plain)
	f.Add([]byte("WARC/1.0\r\nContent-Length: 3\r\n X: folded\r\n\r\nabc\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		one, err1 := read(bytes.NewReader(b))
		two, err2 := read(iotest.OneByteReader(bytes.NewReader(b)))
		if !cmp.Equal(one, two) || (err1 == nil) != (err2 == nil) {
			t.Errorf("depends on how the bytes arrive: %q %v, then %q %v", one, err1, two, err2)
		}
		var where *Error
		if err1 != nil && (!errors.As(err1, &where) || where.Offset < 0 || where.Offset > int64(len(b))) {
			t.Errorf("an error without a place: %v", err1)
		}
	})
}

// html is a page of a size and compressibility that listings have.
func html(size int) []byte {
	rng, b := rand.New(rand.NewPCG(1, 2)), make([]byte, 0, size)
	words := strings.Fields("relaxing massage by appointment in the evening near station clean private please call div class span href")
	for len(b) < size {
		b = fmt.Appendf(b, "<p class=%q>%s %s %d</p>\n", words[rng.IntN(len(words))], words[rng.IntN(len(words))], words[rng.IntN(len(words))], rng.IntN(10000))
	}
	return b[:size]
}

func BenchmarkWriter(b *testing.B) {
	for _, size := range []int{1 << 10, 20 << 10, 200 << 10} {
		body := html(size)
		block := fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		for _, stored := range []bool{false, true} {
			b.Run(fmt.Sprintf("%dKiB/stored=%v", size>>10, stored), func(b *testing.B) {
				r := &Record{Type: Response, ID: id(1), Date: at, URI: "http://site.test/a", ContentType: ResponseContent, Block: block, Stored: stored}
				var out bytes.Buffer
				w := NewWriter(&out)
				b.SetBytes(int64(len(block)))
				b.ReportAllocs()
				for b.Loop() {
					out.Reset()
					if err := w.Write(r, nil); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
			})
		}
	}
}

func BenchmarkReader(b *testing.B) {
	body := html(20 << 10)
	r := &Record{Type: Resource, ID: id(1), Date: at, URI: "http://site.test/a", Block: body}
	file, _ := write(b, r, r, r, r, r, r, r, r, r, r)
	b.SetBytes(int64(10 * len(body)))
	for b.Loop() {
		if _, err := read(bytes.NewReader(file)); err != nil {
			b.Fatal(err)
		}
	}
}
