package warcfile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/capture"
	"zoeklicht/internal/export/warc/warctest"
	"zoeklicht/internal/keys"

	"github.com/google/go-cmp/cmp"
	gowarc "github.com/internetarchive/gowarc"
)

var at = time.Date(2026, 11, 5, 9, 8, 7, 0, time.UTC)

var info = Info{
	Filename: Name("practice", "practice-a", 3, at), Created: at, Software: "zoeklicht test", Operator: "test", Robots: "obey",
	Theme: "practice", Source: "practice-a", Run: 3, Ground: "exercise", Purpose: "a test\r\nsoftware: another",
}

// page is a response as a server would send it, and its body.
type page struct {
	url, head string
	sent      []byte
	body      string
	// payload says whether readers agree on a payload digest.
	payload bool
}

func pages() []page {
	body := strings.Repeat("<p>Relaxing massage by appointment, 06 0001 2345</p>\n", 100)
	var gz bytes.Buffer
	z := gzip.NewWriter(&gz)
	_, _ = io.WriteString(z, body)
	_ = z.Close()
	chunked := func(b string) []byte {
		half := len(b) / 2
		return fmt.Appendf(nil, "%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n", half, b[:half], len(b)-half, b[half:])
	}
	sized := func(kind string, n int) string {
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n", kind, n)
	}
	return []page{
		{"http://site.test/plain", sized("text/html", len(body)), []byte(body), body, true},
		{"http://site.test/gzip", sized("text/html", gz.Len()) + "Content-Encoding: gzip\r\n", gz.Bytes(), body, true},
		{"http://site.test/chunked", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n", chunked(body), body, false},
		{"http://site.test/both", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", chunked(gz.String()), body, false},
		{"http://site.test/close", "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n", []byte(body), body, true},
		{"http://site.test/empty", sized("text/html", 0), nil, "", true},
		{"http://site.test/404?a=b c", "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n", []byte("gone"), "gone", true},
		{"http://site.test/utf8", "HTTP/1.1 200 OK\r\nX-Note: caf\xc3\xa9\r\nContent-Length: 5\r\n", []byte("caf\xc3\xa9"), "caf\xc3\xa9", true},
	}
}

func exchange(p page) *zoeklicht.Exchange {
	x := &zoeklicht.Exchange{
		URL: p.url, Method: "GET", Driver: "http/1", Started: at, Peer: netip.MustParseAddrPort("192.0.2.7:80"),
		Request:  fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: site.test\r\n\r\n", strings.ReplaceAll(strings.TrimPrefix(p.url, "http://site.test"), " ", "%20")),
		Response: append([]byte(p.head+"\r\n"), p.sent...), Header: http.Header{}, Status: 200,
	}
	if strings.Contains(p.head, "image/") {
		x.Header.Set("Content-Type", "image/jpeg")
	}
	return x
}

// stored gives the items of a run out of an encrypted vault: every page of
// pages, each with a picture.
func stored(t testing.TB) iter.Seq2[zoeklicht.Item, error] {
	t.Helper()
	ring, err := keys.NewRing("practice", at)
	if err != nil {
		t.Fatal(err)
	}
	vault := blob.In(t.TempDir(), "practice", blob.Vault)
	w, err := vault.Writer(blob.Config{}, ring.Public())
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		owner zoeklicht.CaptureID
		name  string
		place zoeklicht.Place
	}
	var rows []row
	sealer := capture.New(capture.Config{})
	for n, p := range pages() {
		picture := page{fmt.Sprintf("http://site.test/%d.jpg", n), "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 5000\r\n", bytes.Repeat([]byte{0xff}, 5000), "", true}
		s, err := sealer.Seal(&zoeklicht.Visit{
			Task: zoeklicht.Task{URL: p.url}, Chain: []*zoeklicht.Exchange{exchange(p)}, At: at,
			Pictures: []zoeklicht.PictureVisit{{URL: picture.url, Chain: []*zoeklicht.Exchange{exchange(picture)}}},
		}, &zoeklicht.Context{Theme: "practice", Build: strings.Repeat("0", 64)})
		if err != nil {
			t.Fatal(err)
		}
		places, err := w.Append(t.Context(), s.ID, s.Items)
		if err != nil {
			t.Fatal(err)
		}
		for i, place := range places {
			rows = append(rows, row{s.ID, s.Items[i].Name, place})
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := vault.Reader(ring)
	if err != nil {
		t.Fatal(err)
	}
	return func(yield func(zoeklicht.Item, error) bool) {
		for _, row := range rows {
			b, err := r.Read(t.Context(), row.place, row.owner, row.name)
			if !yield(zoeklicht.Item{Name: row.name, Bytes: b}, err) {
				return
			}
		}
	}
}

func export(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	s, err := Write(t.Context(), &out, info, stored(t))
	if err != nil {
		t.Fatal(err)
	}
	// Of each page: request, response; the picture's with its context; dns, context.
	if want := (Stats{Items: 3 * len(pages()), Records: 7 * len(pages()), Bytes: int64(out.Len())}); s != want {
		t.Errorf("%+v, want %+v", s, want)
	}
	return out.Bytes()
}

// TestGowarc reads the export with the Internet Archive's library, and checks
// the digests as its "verify" does.
func TestGowarc(t *testing.T) {
	t.Parallel()
	rd, err := gowarc.NewReader(bytes.NewReader(export(t)))
	if err != nil {
		t.Fatal(err)
	}
	var seen, payloads []string
	n := 0
	for ; ; n++ {
		r, err := rd.ReadRecord()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		block, err := io.ReadAll(r.Content)
		if err != nil {
			t.Fatal(err)
		}
		if d, err := gowarc.GetDigest(bytes.NewReader(block), gowarc.SHA256Base16); err != nil || d != r.Header.Get("WARC-Block-Digest") {
			t.Errorf("record %d: block digest %s, %v", n, d, err)
		}
		if want := r.Header.Get("WARC-Payload-Digest"); want != "" {
			resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(block)), nil)
			if err != nil {
				t.Fatal(err)
			}
			if d, err := gowarc.GetDigest(resp.Body, gowarc.SHA256Base16); err != nil || d != want {
				t.Errorf("record %d: payload digest %s, %v", n, d, err)
			}
			payloads = append(payloads, r.Header.Get("WARC-Target-URI"))
		}
		switch r.Header.Get("WARC-Type") {
		case "warcinfo":
			if strings.Count(string(block), "software:") != 2 || !strings.Contains(string(block), "zoeklicht-purpose: a test software: another\r\n") || n != 0 {
				t.Errorf("warcinfo at %d: %q", n, block)
			}
		case "response":
			seen = append(seen, r.Header.Get("WARC-Target-URI"))
		}
		if err := r.Content.Close(); err != nil {
			t.Error(err)
		}
	}
	var want, digests []string
	for i, p := range pages() {
		urls := []string{strings.ReplaceAll(p.url, " ", "%20"), fmt.Sprintf("http://site.test/%d.jpg", i)}
		want = append(want, urls...)
		if !p.payload {
			urls = urls[1:]
		}
		digests = append(digests, urls...)
	}
	if d := cmp.Diff(want, seen); d != "" {
		t.Errorf("responses (-want +got):\n%s", d)
	}
	if d := cmp.Diff(digests, payloads); d != "" {
		t.Errorf("payload digests (-want +got):\n%s", d)
	}
	if n != 1+7*len(pages()) {
		t.Errorf("%d records", n)
	}
}

// TestWarcio reads the export with npm's warcio: every record, every digest, and
// every body decoded.
func TestWarcio(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), info.Filename)
	if err := os.WriteFile(file, export(t), 0o600); err != nil {
		t.Fatal(err)
	}
	records := warctest.Read(t, file)
	responses := map[string]warctest.Record{}
	for n, r := range records {
		if !r.Block {
			t.Errorf("record %d, %s %s: the block digest is wrong", n, r.Type, r.URI)
		}
		if r.Type == "response" {
			responses[r.URI] = r
		}
	}
	if len(records) != 1+7*len(pages()) {
		t.Errorf("%d records", len(records))
	}
	for _, p := range pages() {
		r, ok := responses[strings.ReplaceAll(p.url, " ", "%20")]
		want := any(true)
		if !p.payload {
			want = "none"
		}
		if !ok || r.Payload != want || r.Body != fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(p.body))) {
			t.Errorf("%s: %+v", p.url, r)
		}
	}
	// Its index lists each page under its own address, and no JSON under it.
	index := warctest.Index(t, file)
	for _, p := range pages() {
		// An address and a space begin the line.
		if got := strings.Count("\n"+index, "\n"+strings.ReplaceAll(p.url, " ", "%20")+" "); got != 1 {
			t.Errorf("%s stands in the index %d times:\n%s", p.url, got, index)
		}
	}
}

func TestWriteFails(t *testing.T) {
	t.Parallel()
	items := func(list ...any) iter.Seq2[zoeklicht.Item, error] {
		return func(yield func(zoeklicht.Item, error) bool) {
			for _, x := range list {
				err, _ := x.(error)
				item, _ := x.(zoeklicht.Item)
				if !yield(item, err) {
					return
				}
			}
		}
	}
	var good zoeklicht.Item
	for item, err := range stored(t) {
		if good = item; err != nil {
			t.Fatal(err)
		}
		break
	}
	torn := zoeklicht.Item{Name: "page", Bytes: good.Bytes[:len(good.Bytes)-1]}
	lost := errors.New("segment lost")
	for name, tc := range map[string]struct {
		items iter.Seq2[zoeklicht.Item, error]
		want  string
		n     int
	}{
		"no item":    {items(), "", 0},
		"unreadable": {items(good, lost), "after 1 items: segment lost", 1},
		"torn":       {items(good, torn), "item page, after 1 others: WARC record at offset", 1},
		"not gzip":   {items(zoeklicht.Item{Name: "page", Bytes: []byte("WARC/1.1\r\n")}), "not a gzip member", 0},
		"empty":      {items(zoeklicht.Item{Name: "page"}), "not a gzip member", 0},
	} {
		var out bytes.Buffer
		s, err := Write(t.Context(), &out, info, tc.items)
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
		if s.Items != tc.n {
			t.Errorf("%s: %d items", name, s.Items)
		}
		if tc.want == "segment lost" && !errors.Is(err, lost) {
			t.Errorf("%s: the cause is gone", name)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Write(ctx, io.Discard, info, items(good)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := Write(t.Context(), full{}, info, items(good)); !errors.Is(err, errFull) {
		t.Errorf("full: %v", err)
	}
}

var errFull = errors.New("full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// TestSame: the same items and info give the same file.
func TestSame(t *testing.T) {
	t.Parallel()
	items := stored(t)
	var one, two bytes.Buffer
	if _, err := Write(t.Context(), &one, info, items); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(t.Context(), &two, info, items); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("two exports of the same differ")
	}
}
