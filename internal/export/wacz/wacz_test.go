package wacz

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/capture"
	"zoeklicht/internal/export/wacz/wacztest"

	"github.com/google/go-cmp/cmp"
)

var at = time.Date(2026, 11, 5, 9, 8, 7, 654321000, time.UTC)

var info = Info{Title: "Evidence in case 2026-014", Description: "advert 1", Software: "zoeklicht test", Created: at.Add(time.Hour)}

func key(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// picture gives an orange PNG of 64 by 64.
func picture(t testing.TB) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 64, 64))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.RGBA{255, 140, 0, 255}), image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exchange is a response as a server sends it: chunked and compressed, or with its length.
func exchange(url, kind string, body []byte, chunked bool) *zoeklicht.Exchange {
	head := "HTTP/1.1 200 OK\r\nContent-Type: " + kind + "\r\n"
	sent := body
	if chunked {
		var z bytes.Buffer
		gz := gzip.NewWriter(&z)
		_, _ = gz.Write(body)
		_ = gz.Close()
		half := z.Len() / 2
		sent = fmt.Appendf(nil, "%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n", half, z.Bytes()[:half], z.Len()-half, z.Bytes()[half:])
		head += "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
	} else {
		head += fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body))
	}
	host, path, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
	return &zoeklicht.Exchange{
		URL: url, Method: "GET", Driver: "http/1", Started: at, Peer: netip.MustParseAddrPort("192.0.2.7:80"), Status: 200,
		Request:  fmt.Appendf(nil, "GET /%s HTTP/1.1\r\nHost: %s\r\n\r\n", path, host),
		Response: append([]byte(head), sent...), Header: http.Header{"Content-Type": {kind}},
	}
}

// site is where the captured pages lie; nobody serves it.
const site = "http://www.site.test:8091"

// sealed gives captures of n adverts, each with a picture, one with a redirect before it.
func sealed(t testing.TB, n int) (out []*zoeklicht.Sealed) {
	t.Helper()
	sealer := capture.New(capture.Config{})
	for i := range n {
		page := fmt.Sprintf("%s/Ad/%d?b=2&a=%%C3%%A9 x", site, i)
		src := fmt.Sprintf("%s/img/%d.png", site, i)
		html := fmt.Sprintf("<!doctype html><html lang=en><title>Advert %d</title><h1>Relaxing massage by appointment %d</h1>"+
			"<p>Call 06 0001 %04d.</p><img id=picture alt='' width=320 height=320 src=%q>%s</html>", i, i, i, src, strings.Repeat("<!-- filling -->", 100))
		v := &zoeklicht.Visit{
			Task: zoeklicht.Task{URL: page}, At: at,
			Chain:    []*zoeklicht.Exchange{exchange(page, "text/html; charset=utf-8", []byte(html), i%2 == 0)},
			Pictures: []zoeklicht.PictureVisit{{URL: src, Chain: []*zoeklicht.Exchange{exchange(src, "image/png", picture(t), false)}}},
		}
		if i == 1 {
			hop := exchange(site+"/old", "text/html", nil, false)
			hop.Status, hop.Response = 302, []byte("HTTP/1.1 302 Found\r\nLocation: /Ad/1\r\nContent-Length: 0\r\n\r\n")
			v.Chain = append([]*zoeklicht.Exchange{hop}, v.Chain...)
		}
		s, err := sealer.Seal(v, &zoeklicht.Context{Theme: "practice", Build: strings.Repeat("0", 64)})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// made writes a file of captures.
func made(t testing.TB, captures []*zoeklicht.Sealed) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, info, key(t))
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range captures {
		if err := w.Add(s.ID, fmt.Sprintf("Advert %d", i), s.Items); err != nil {
			t.Fatal(err)
		}
	}
	responses, pages, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	if want := 2 * len(captures); responses < want || pages != len(captures) {
		t.Errorf("%d responses and %d pages of %d captures", responses, pages, len(captures))
	}
	return out.Bytes()
}

// TestFile holds a file against the specification: names, digests, signature, and an
// index whose lines lead to the records.
func TestFile(t *testing.T) {
	t.Parallel()
	captures := sealed(t, 3)
	whole := made(t, captures)
	archive := wacztest.Entry(t, whole, ArchiveFile)
	var items []byte
	for _, s := range captures {
		for _, i := range s.Items {
			items = append(items, i.Bytes...)
		}
	}
	if !bytes.HasSuffix(archive, items) {
		t.Error("the archive does not hold the items as they were sealed")
	}
	var about struct {
		Profile, Title, Created, MainPageURL, MainPageDate string
		Version                                            string `json:"wacz_version"`
		Resources                                          []file
	}
	body := wacztest.Entry(t, whole, packageFile)
	if err := json.Unmarshal(body, &about); err != nil {
		t.Fatal(err)
	}
	if about.Profile != "data-package" || about.Version != "1.1.1" || about.Created != "2026-11-05T10:08:07Z" || about.MainPageDate != "2026-11-05T09:08:07Z" {
		t.Errorf("%+v", about)
	}
	var names []string
	for _, r := range about.Resources {
		b := wacztest.Entry(t, whole, r.Path)
		if r.Hash != fmt.Sprintf("sha256:%x", sha256.Sum256(b)) || r.Bytes != int64(len(b)) {
			t.Errorf("%s: %+v", r.Path, r)
		}
		names = append(names, r.Path)
	}
	if diff := cmp.Diff([]string{ArchiveFile, indexFile, blocksFile, pagesFile}, names); diff != "" {
		t.Error(diff)
	}
	var d Digest
	if err := json.Unmarshal(wacztest.Entry(t, whole, digestFile), &d); err != nil {
		t.Fatal(err)
	}
	if _, err := d.SignedData.Verify(); err != nil || d.Hash != fmt.Sprintf("sha256:%x", sha256.Sum256(body)) || d.SignedData.Hash != d.Hash {
		t.Errorf("%+v: %v", d, err)
	}
	d.SignedData.Hash = strings.Replace(d.Hash, "sha256:", "sha256:0", 1)
	if _, err := d.SignedData.Verify(); err == nil {
		t.Error("the signature holds over another digest")
	}
	if index := wacztest.Lines(t, wacztest.Entry(t, whole, indexFile)); !slices.IsSorted(index) || len(index) != 7 {
		t.Errorf("%d lines, sorted: %v", len(index), slices.IsSorted(index))
	}
}

// TestReaders reads a file with gowarc and warcio, all digests, and has js-wacz index its
// archive: as ours.
func TestReaders(t *testing.T) {
	t.Parallel()
	file := made(t, sealed(t, 5))
	if records, lines := wacztest.Read(t, file); records != 1+5*7+3 || lines != 5*2+1 {
		t.Errorf("%d records, %d lines", records, lines)
	}
	wacztest.SameIndex(t, file)
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	lines := make([]line, 2500)
	for i := range lines {
		lines[i] = line{key: fmt.Sprintf("test,site)/%05d", (i*7919)%2500), stamp: "20261105090807", URL: fmt.Sprintf("http://site.test/%05d", i)}
	}
	var out bytes.Buffer
	blocks, err := writeIndex(&out, lines)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for s := bufio.NewScanner(bytes.NewReader(blocks)); s.Scan(); n++ {
		if n == 0 {
			continue // what the file is
		}
		var b struct{ Offset, Length int }
		if err := json.Unmarshal([]byte(s.Text()[strings.Index(s.Text(), "{"):]), &b); err != nil {
			t.Fatal(err)
		}
		gz, err := gzip.NewReader(bytes.NewReader(out.Bytes()[b.Offset : b.Offset+b.Length]))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(gz)
		if err != nil {
			t.Fatal(err)
		}
		if want := strings.Join(strings.Split(s.Text(), " ")[:2], " "); !strings.HasPrefix(string(text), want+" ") {
			t.Errorf("the block of %s begins with %.60q", want, text)
		}
	}
	if n != 4 {
		t.Errorf("%d lines", n)
	}
}

func TestSURT(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"http://Site.test/":                  "test,site)/",
		"https://www.site.test/A/b?z=1&a=2":  "test,site)/a/b?a=2&z=1",
		"http://www12.site.test:8080/":       "test,site:8080)/",
		"http://site.test:80/x":              "test,site)/x",
		"https://sub.site.test":              "test,site,sub)/",
		"http://127.0.0.1:8391/aanbod/":      "1,0,0,127:8391)/aanbod/",
		"http://wwwx.site.test/?":            "test,site,wwwx)/",
		"http://site.test/?q=a%20b&q=%C3%A9": "test,site)/?q=%c3%a9&q=a%20b",
		"urn:uuid:1":                         "urn:uuid:1",
		"http://[::1":                        "http://[::1",
	} {
		if got := surt(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewWriter(io.Discard, info, p256); err == nil {
		t.Error("a key on P-256 is taken")
	}
	if _, err := NewWriter(io.Discard, info, nil); err == nil {
		t.Error("no key is taken")
	}
	s := sealed(t, 1)[0]
	var both bytes.Buffer // two records in one gzip member
	gz := gzip.NewWriter(&both)
	plain, err := gzip.NewReader(bytes.NewReader(s.Items[0].Bytes))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(gz, plain); err != nil {
		t.Fatal(err)
	}
	_ = gz.Close()
	for name, item := range map[string][]byte{
		"torn": s.Items[0].Bytes[:len(s.Items[0].Bytes)-3], "plain": []byte("WARC/1.1\r\n"), "empty": nil, "one member": both.Bytes(),
	} {
		w, err := NewWriter(io.Discard, info, key(t))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Add(s.ID, "", []zoeklicht.Item{{Name: "page", Bytes: item}}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
