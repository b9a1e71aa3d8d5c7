package http1_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/fetch"
	"zoeklicht/internal/fetch/fetchtest"
	"zoeklicht/internal/fetch/http1"
)

// canned is a connection on which a response waits, whatever is asked.
type canned struct{ io.Reader }

func (canned) Write(p []byte) (int, error)      { return len(p), nil }
func (canned) Close() error                     { return nil }
func (canned) LocalAddr() net.Addr              { return nil }
func (canned) RemoteAddr() net.Addr             { return nil }
func (canned) SetDeadline(time.Time) error      { return nil }
func (canned) SetReadDeadline(time.Time) error  { return nil }
func (canned) SetWriteDeadline(time.Time) error { return nil }

type cannedDialer struct{ response string }

func (d cannedDialer) Dial(context.Context, *fetch.Approval, string, uint16) (net.Conn, zoeklicht.DNSFacts, error) {
	return canned{strings.NewReader(d.response)}, zoeklicht.DNSFacts{}, nil
}

// FuzzResponse holds, for any bytes a server can send: no panic, what is kept is
// what came, the bounds, and that a response without a failure is whole.
func FuzzResponse(f *testing.F) {
	for _, seed := range []string{
		ok, "", "\r\n\r\n", "HTTP/1.1 200\r\n\r\n", "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\nabcde",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: x\r\n\r\nmore",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\nabc\n0\n\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
		"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n",
		"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff",
		"HTTP/1.1 200 OK\r\nContent-Encoding: br, zstd, deflate, x-gzip\r\n\r\n(\xb5/\xfd",
		"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n", "HTTP/1.1 200 OK\nA: b\n c: d\n\nbody",
		"HTTP/1.1 301 Moved\r\nLocation: http://\xff\xfe\r\nContent-Length: 0\r\n\r\n",
		"HTTP/9.9 200 OK\r\n\r\n", "HTTP/1.1 999 Odd\r\nConnection: close, keep-alive\r\nTransfer-Encoding: identity\r\n\r\nx",
	} {
		f.Add(seed)
	}
	const most = 4096
	a := fetchtest.Approve(f, func(src *zoeklicht.Source) { src.Scope.Hosts = []string{"ads.example"} })
	f.Fuzz(func(t *testing.T, response string) {
		c := http1.New(fetch.Config{MaxHeader: 1024, MaxDecoded: 8192, MaxRedirects: 2}, cannedDialer{response}, time.Now, nil)
		defer c.Close()
		chain := c.Get(t.Context(), fetch.Request{URL: "http://ads.example/", Approval: a, MaxBytes: most})
		for _, ex := range chain {
			if ex.Status == 0 && ex.Failure == "" || ex.Truncated != "" && ex.Failure == "" || ex.Failure != "" && ex.Detail == "" {
				t.Fatalf("an exchange that says nothing: %+v", ex)
			}
			if !strings.Contains(response, string(ex.Response)) || ex.HeadLen > len(ex.Response) {
				t.Fatalf("kept %q of %q, head %d", ex.Response, response, ex.HeadLen)
			}
			if len(ex.Response) > most || len(ex.Body) > 8192 {
				t.Fatalf("kept %d bytes, body %d", len(ex.Response), len(ex.Body))
			}
			if ex.Status != 0 && !bytes.HasPrefix(ex.Response, []byte("HTTP/1.")) {
				t.Fatalf("status %d from %.40q", ex.Status, ex.Response)
			}
			if te := ex.Header["Content-Encoding"]; ex.Failure == "" && len(te) == 0 && !bytes.Contains(ex.Response[:ex.HeadLen], []byte("hunked")) &&
				!bytes.Equal(ex.Body, ex.Response[ex.HeadLen:]) {
				t.Fatalf("body %q of response %q", ex.Body, ex.Response)
			}
		}
	})
}
