package http1_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/fetch"
	"zoeklicht/internal/fetch/fetchtest"
	"zoeklicht/internal/fetch/http1"
)

func open(t testing.TB, cfg fetch.Config) *http1.Client {
	c := http1.New(cfg, &fetch.Direct{Clock: time.Now}, time.Now, nil)
	t.Cleanup(func() { c.Close() })
	return c
}

// one fetches and gives the last exchange, which must have a status.
func one(t *testing.T, d fetch.Driver, u string, a *fetch.Approval) *zoeklicht.Exchange {
	t.Helper()
	chain := d.Get(t.Context(), fetch.Request{URL: u, Approval: a})
	ex := chain[len(chain)-1]
	if ex.Status == 0 || ex.Failure != "" {
		t.Fatalf("%s: status %d, %s (%s)", u, ex.Status, ex.Failure, ex.Detail)
	}
	return ex
}

func text(s string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, s) })
}

// each makes a raw site that hands a function every request on a connection in
// turn, numbered from 1 over all connections, until it says to hang up.
func each(t *testing.T, answer func(c net.Conn, n int) (more bool)) *fetchtest.Site {
	var n atomic.Int64
	return fetchtest.Raw(t, func(c net.Conn, _ string) {
		for r := bufio.NewReader(c); answer(c, int(n.Add(1))); {
			if _, err := fetchtest.ReadRequest(r); err != nil {
				return
			}
		}
	})
}

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

func TestConnectionIsReused(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]http.Handler{
		"length": text("page"),
		"chunks": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			io.WriteString(w, "page")
		}),
		"no content": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }),
		"not found":  http.NotFoundHandler(),
	} {
		s := fetchtest.Serve(t, h)
		c, a := open(t, fetch.Config{}), fetchtest.Approve(t, nil, s)
		first, second := one(t, c, s.URL+"/1", a), one(t, c, s.URL+"/2", a)
		if first.Reused || !second.Reused {
			t.Errorf("%s: reused %v, then %v", name, first.Reused, second.Reused)
		}
		if second.Peer != first.Peer || second.Local != first.Local || second.DNS.Resolver != "literal" {
			t.Errorf("%s: the second exchange does not say what it went over: %+v", name, second)
		}
		if n := s.Connects(t); n != 1 {
			t.Errorf("%s: %d connections, want 1", name, n)
		}
	}
}

func TestConnectionIsNotReused(t *testing.T) {
	t.Parallel()
	for name, response := range map[string]string{
		"close":       "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
		"old version": "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
		"until end":   "HTTP/1.1 200 OK\r\n\r\nok",
	} {
		s := each(t, func(c net.Conn, _ int) bool {
			io.WriteString(c, response)
			return name != "until end"
		})
		c, a := open(t, fetch.Config{}), fetchtest.Approve(t, nil, s)
		for range 2 {
			if ex := one(t, c, s.URL+"/", a); ex.Reused || string(ex.Body) != "ok" {
				t.Errorf("%s: reused %v, body %q", name, ex.Reused, ex.Body)
			}
		}
		if n := s.Connects(t); n != 2 {
			t.Errorf("%s: %d connections, want 2", name, n)
		}
	}
}

// A server may close an idle connection at the very moment that it is used.
func TestStaleConnectionIsTriedOnceMore(t *testing.T) {
	t.Parallel()
	s := each(t, func(c net.Conn, n int) bool {
		if n == 2 { // it reads the second request, and hangs up
			return false
		}
		io.WriteString(c, ok)
		return true
	})
	c, a := open(t, fetch.Config{}), fetchtest.Approve(t, nil, s)
	one(t, c, s.URL+"/1", a)
	ex := one(t, c, s.URL+"/2", a)
	if ex.Reused || string(ex.Body) != "ok" || !strings.Contains(string(ex.Request), "GET /2 ") {
		t.Errorf("reused %v, body %q", ex.Reused, ex.Body)
	}
	if n := s.Connects(t); n != 2 {
		t.Errorf("%d connections, want 2", n)
	}
}

func TestBrokenResponseIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	for says, reused := range map[string]bool{"": false, "HTTP/1.1 2": true} {
		s := each(t, func(c net.Conn, n int) bool {
			if reused && n == 1 {
				io.WriteString(c, ok)
				return true
			}
			io.WriteString(c, says)
			return false
		})
		c, a := open(t, fetch.Config{}), fetchtest.Approve(t, nil, s)
		if reused {
			one(t, c, s.URL+"/", a)
		}
		ex := c.Get(t.Context(), fetch.Request{URL: s.URL + "/", Approval: a})[0]
		if ex.Failure != zoeklicht.FailDisconnect || string(ex.Response) != says || ex.Reused != reused {
			t.Errorf("%q: %s, kept %q, reused %v", says, ex.Failure, ex.Response, ex.Reused)
		}
		if n := s.Connects(t); n != 1 {
			t.Errorf("%q: %d connections, want 1", says, n)
		}
	}
}

// What follows a response is no part of it, and may not become the next one.
func TestSurplusBytes(t *testing.T) {
	t.Parallel()
	s := each(t, func(c net.Conn, n int) bool {
		if n == 1 {
			io.WriteString(c, ok+"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged")
		} else {
			io.WriteString(c, ok)
		}
		return true
	})
	c, a := open(t, fetch.Config{}), fetchtest.Approve(t, nil, s)
	first := one(t, c, s.URL+"/1", a)
	if string(first.Response) != ok || string(first.Body) != "ok" || !strings.Contains(first.Detail, "bytes followed") {
		t.Errorf("response %q, body %q, detail %q", first.Response, first.Body, first.Detail)
	}
	second := one(t, c, s.URL+"/2", a)
	if string(second.Body) != "ok" || second.Reused {
		t.Errorf("body %q, reused %v", second.Body, second.Reused)
	}
}

// One source's leave to reach a private address is not another's, even where
// the connection is there already.
func TestConnectionIsJudgedAnew(t *testing.T) {
	t.Parallel()
	s := fetchtest.Serve(t, text("inside"))
	c := open(t, fetch.Config{})
	one(t, c, s.URL+"/", fetchtest.Approve(t, nil, s))
	without := fetchtest.Approve(t, func(src *zoeklicht.Source) { src.Scope.Private = nil }, s)
	if ex := c.Get(t.Context(), fetch.Request{URL: s.URL + "/", Approval: without})[0]; ex.Failure != zoeklicht.FailBlocked {
		t.Errorf("status %d, %q", ex.Status, ex.Failure)
	}
	if n := s.Connects(t); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

func TestInterimResponses(t *testing.T) {
	t.Parallel()
	const early = "HTTP/1.1 103 Early Hints\r\nLink: </x.css>\r\n\r\n"
	for n, want := range map[int]zoeklicht.Fail{1: "", 3: "", 50: zoeklicht.FailProtocol} {
		s := fetchtest.Raw(t, func(c net.Conn, _ string) { io.WriteString(c, strings.Repeat(early, n)+ok) })
		ex := open(t, fetch.Config{}).Get(t.Context(), fetch.Request{URL: s.URL + "/", Approval: fetchtest.Approve(t, nil, s)})[0]
		if ex.Failure != want {
			t.Errorf("%d interim responses: %s (%s)", n, ex.Failure, ex.Detail)
		}
		if want == "" && (string(ex.Response) != ok || ex.Status != 200 || string(ex.Body) != "ok" || !strings.Contains(ex.Detail, "interim")) {
			t.Errorf("%d interim responses: %d %q %q", n, ex.Status, ex.Response, ex.Detail)
		}
	}
}

func TestHeadersThatWouldSplitARequest(t *testing.T) {
	t.Parallel()
	s := fetchtest.Serve(t, text("page"))
	a := fetchtest.Approve(t, nil, s)
	for _, req := range []fetch.Request{{UserAgent: "a\r\nX: y"}, {Language: "nl\n"}, {Referer: "http://x/\r\n"}, {Cookie: "a=\x00b"}} {
		req.URL, req.Approval = s.URL+"/", a
		if ex := open(t, fetch.Config{}).Get(t.Context(), req)[0]; ex.Failure != zoeklicht.FailProtocol {
			t.Errorf("%+v: %q", req, ex.Failure)
		}
	}
	if n := s.Connects(t); n != 0 {
		t.Errorf("%d connections", n)
	}
}

func TestRequestBytes(t *testing.T) {
	t.Parallel()
	s := fetchtest.Serve(t, text("page"))
	for _, test := range []struct {
		req  fetch.Request
		want string
	}{
		{
			fetch.Request{URL: s.URL + "/a b?c=é"},
			"GET /a%20b?c=%C3%A9 HTTP/1.1\r\nHost: " + s.Host + "\r\nUser-Agent: Zoeklicht/1\r\n" +
				"Accept: text/html,application/xhtml+xml,application/json;q=0.9,text/plain;q=0.8,*/*;q=0.5\r\n" +
				"Accept-Encoding: gzip, br, zstd\r\nConnection: keep-alive\r\n\r\n",
		},
		{
			fetch.Request{URL: s.URL + "/?", UserAgent: "Own/2", Language: "nl", Referer: "http://x/", Cookie: "a=b", Picture: true},
			"GET /? HTTP/1.1\r\nHost: " + s.Host + "\r\nUser-Agent: Own/2\r\n" +
				"Accept: image/webp,image/png,image/jpeg,image/gif;q=0.9,image/*;q=0.5,*/*;q=0.1\r\nAccept-Language: nl\r\n" +
				"Accept-Encoding: gzip, br, zstd\r\nConnection: keep-alive\r\nReferer: http://x/\r\nCookie: a=b\r\n\r\n",
		},
	} {
		test.req.Approval = fetchtest.Approve(t, nil, s)
		ex := open(t, fetch.Config{}).Get(t.Context(), test.req)[0]
		if string(ex.Request) != test.want {
			t.Errorf("sent\n%s\nwant\n%s", ex.Request, test.want)
		}
	}
}

func TestCallersDeadline(t *testing.T) {
	t.Parallel()
	s := fetchtest.Raw(t, func(c net.Conn, _ string) { io.Copy(io.Discard, c) })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	ex := open(t, fetch.Config{}).Get(ctx, fetch.Request{URL: s.URL + "/", Approval: fetchtest.Approve(t, nil, s)})[0]
	if ex.Failure != zoeklicht.FailTimeout {
		t.Errorf("%s (%s)", ex.Failure, ex.Detail)
	}
}

// Ten gigabytes announced, and sent as fast as they are taken: what is allocated
// follows the bound.
func TestMemoryFollowsTheBound(t *testing.T) {
	const most = 8 << 20
	s := fetchtest.Raw(t, func(c net.Conn, _ string) {
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", 10<<30)
		for block := make([]byte, 64<<10); ; {
			if _, err := c.Write(block); err != nil {
				return
			}
		}
	})
	c, a := open(t, fetch.Config{}), fetchtest.Approve(t, nil, s)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	ex := c.Get(t.Context(), fetch.Request{URL: s.URL + "/", Approval: a, MaxBytes: most})[0]
	runtime.ReadMemStats(&after)
	if ex.Truncated != "length" || len(ex.Response) != most {
		t.Errorf("kept %d bytes, truncated %q (%s)", len(ex.Response), ex.Truncated, ex.Detail)
	}
	// A buffer that grows by a quarter allocates five times its end size in all.
	if got := after.TotalAlloc - before.TotalAlloc; got > 8*most {
		t.Errorf("allocated %d bytes for a bound of %d", got, most)
	}
}
