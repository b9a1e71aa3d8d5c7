package httpwire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseResponse(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, in string
		want     Head
	}{
		{"plain", "HTTP/1.1 200 OK\r\nServer: a\r\nset-cookie: x=1\r\nSet-Cookie: y=2\r\n\r\nbody", Head{
			Proto: "HTTP/1.1", Status: 200, Reason: "OK", Len: 64,
			Header: http.Header{"Server": {"a"}, "Set-Cookie": {"x=1", "y=2"}},
		}},
		{"interim first", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.0 404\r\n\r\n", Head{
			Proto: "HTTP/1.0", Status: 404, Len: 56, Header: http.Header{},
		}},
		{"sloppy", "HTTP/1.1 200 Fine indeed\nFolded : a\n  b\nno colon\n : nameless\n\n", Head{
			Proto: "HTTP/1.1", Status: 200, Reason: "Fine indeed", Len: 62, Header: http.Header{"Folded": {"a b"}},
		}},
	} {
		got, err := ParseResponse([]byte(tc.in))
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		if d := cmp.Diff(tc.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, d)
		}
	}
	for _, in := range []string{"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "SSH-2.0\r\n\r\n", "HTTP/1.1 099 x\r\n\r\n", "<html>\n\n", "HTTP/1.1 100 Continue\r\n\r\n"} {
		if h, err := ParseResponse([]byte(in)); !errors.Is(err, ErrHead) {
			t.Errorf("%q: %+v, %v", in, h, err)
		}
	}
}

func TestParseRequest(t *testing.T) {
	t.Parallel()
	got, err := ParseRequest([]byte("GET /a?b HTTP/1.1\r\nHost: site.test\r\n\r\n"))
	want := Head{Method: "GET", Target: "/a?b", Proto: "HTTP/1.1", Len: 38, Header: http.Header{"Host": {"site.test"}}}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("%v\n%s", err, d)
	}
	for _, in := range []string{"", "GET /\r\n\r\n", "GET / SPDY\r\n\r\n", "a b c d\r\n\r\n"} {
		if _, err := ParseRequest([]byte(in)); !errors.Is(err, ErrHead) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func chunked(parts ...string) string {
	var b bytes.Buffer
	w := httputil.NewChunkedWriter(&b)
	for _, p := range parts {
		_, _ = io.WriteString(w, p)
	}
	_ = w.Close()
	return b.String() + "\r\n"
}

func TestOpen(t *testing.T) {
	t.Parallel()
	gz := string(encode(t, "gzip", text))
	whole := string(text)
	for _, tc := range []struct {
		name, head, body string
		want             string
		wrong            string // in the error; empty if there must be none
	}{
		{"until close", "", whole, whole, ""},
		{"length", "Content-Length: 4\r\n", "bodyrest", "body", ""},
		{"short", "Content-Length: 9\r\n", "body", "body", "where 9 were announced"},
		{"silly length", "Content-Length: many\r\n", "body", "body", ""},
		{"one chunk", "Transfer-Encoding: chunked\r\n", chunked(whole), whole, ""},
		{"chunks", "Transfer-Encoding: Chunked\r\n", chunked("a", "bc", "def"), "abcdef", ""},
		{"chunked gzip", "Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", chunked(gz[:10], gz[10:]), whole, ""},
		{"extension and trailer", "Transfer-Encoding: chunked\r\n", "3;x=y\r\nabc\r\n0\r\nEtag: 1\r\n\r\n", "abc", ""},
		{"bare line feeds", "Transfer-Encoding: chunked\r\n", "3\nabc\n0\n\n", "abc", ""},
		{"torn chunk", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n5\r\nde", "abcde", "chunk at 8: unexpected EOF"},
		{"no last chunk", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n", "abc", "chunk at 8: unexpected EOF"},
		{"wrong size", "Transfer-Encoding: chunked\r\n", "2\r\nabc\r\n0\r\n\r\n", "ab", "does not end where it said"},
		{"not chunked at all", "Transfer-Encoding: chunked\r\n", "<html>\r\n", "", "size \"<html>\""},
		{"huge chunk", "Transfer-Encoding: chunked\r\n", "3fffffffffffffff\r\nabc", "abc", "unexpected EOF"},
		{"negative chunk", "Transfer-Encoding: chunked\r\n", "-3\r\nabc", "", "size"},
		{"unknown transfer", "Transfer-Encoding: gzip\r\n", gz, "", "not supported"},
		{"stacked transfer", "Transfer-Encoding: gzip, chunked\r\n", chunked(gz), "", "not supported"},
		{"torn gzip", "Content-Encoding: gzip\r\n", gz[:len(gz)-4], whole, "content coding gzip"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r, err := Open([]byte("HTTP/1.1 200 OK\r\n"+tc.head+"\r\n"+tc.body), 1<<20)
			if (err == nil) != (tc.wrong == "") || err != nil && !strings.Contains(err.Error(), tc.wrong) {
				t.Errorf("error %v, want %q", err, tc.wrong)
			}
			if r == nil || string(r.Body) != tc.want {
				t.Fatalf("got %+v", r)
			}
		})
	}
	if r, err := Open([]byte("HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n"), 10); err != nil || len(r.Body) > 0 {
		t.Errorf("304: %+v, %v", r, err)
	}
	if r, err := Open([]byte("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"+gz), 10); err != nil || !r.Truncated || len(r.Body) != 10 {
		t.Errorf("cut: %+v, %v", r, err)
	}
	if r, err := Open([]byte("HTTP/1.1 "), 10); err == nil || r != nil {
		t.Errorf("no head: %+v, %v", r, err)
	}
}

// TestOpenLeavesTheWireAlone: the bytes given are evidence.
func TestOpenLeavesTheWireAlone(t *testing.T) {
	t.Parallel()
	in := []byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked("abc", "def", "ghi"))
	before := bytes.Clone(in)
	r, err := Open(in, 1<<20)
	if err != nil || string(r.Body) != "abcdefghi" {
		t.Fatalf("%+v, %v", r, err)
	}
	if !bytes.Equal(in, before) {
		t.Errorf("changed to %q", in)
	}
}

// FuzzOpen compares with net/http: whatever it reads to the end, we read alike.
func FuzzOpen(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"))
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked("abc", "de")))
	f.Add([]byte("HTTP/1.1 103 Hint\r\n\r\nHTTP/1.0 404 No\r\nA: b\r\n c\r\n\r\nrest"))
	f.Add(fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n%s", encode(f, "gzip", text)))
	f.Fuzz(func(t *testing.T, in []byte) {
		before := bytes.Clone(in)
		const max = 1 << 16
		got, err := Open(in, max)
		if !bytes.Equal(in, before) {
			t.Fatal("the bytes given were changed")
		}
		if got != nil && len(got.Body) > max {
			t.Fatalf("%d bytes for a bound of %d", len(got.Body), max)
		}
		std, serr := http.ReadResponse(bufio.NewReader(bytes.NewReader(in)), nil)
		if serr != nil || std.ProtoMajor != 1 || std.StatusCode < 200 || std.StatusCode > 999 {
			return
		}
		body, serr := io.ReadAll(std.Body)
		if serr != nil || std.Header.Get("Content-Encoding") != "" || len(body) > max {
			return
		}
		if got == nil {
			t.Fatalf("net/http reads %q, we do not: %v", in, err)
		}
		if err == nil && (got.Status != std.StatusCode || !bytes.Equal(got.Body, body)) {
			t.Fatalf("%q: %d %q, net/http %d %q", in, got.Status, got.Body, std.StatusCode, body)
		}
	})
}
