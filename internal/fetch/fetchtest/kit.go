// Package fetchtest is the conformance test of fetch drivers: what every way to
// fetch does alike, on real servers on loopback, the malformed ones included.
package fetchtest

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/fetch"
)

// Open makes a driver with a configuration and a clock.
type Open func(t testing.TB, cfg fetch.Config, clock zoeklicht.Clock) fetch.Driver

// Kit says which driver is tested, and what it promises beyond the common.
type Kit struct {
	Open Open
	// Wire says that Request and Response are the bytes on the wire, and not a
	// reconstruction.
	Wire bool
}

// Run runs every test of the kit.
func (k Kit) Run(t *testing.T) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Kit)
	}{
		{"answers", answers},
		{"status is an answer", statuses},
		{"wire bytes", wireBytes},
		{"keeps nothing between requests", keepsNothing},
		{"gzip", gzipped},
		{"follows redirects inside", redirects},
		{"redirect outside", redirectOutside},
		{"redirect to an odd address", redirectOdd},
		{"endless redirects", endless},
		{"hop is asked", hops},
		{"unapproved host", unapproved},
		{"lapsed approval", lapsed},
		{"unnamed private range", privateRange},
		{"unnamed port", unnamedPort},
		{"pictures", pictures},
		{"too large", tooLarge},
		{"decompression bomb", bomb},
		{"torn body", torn},
		{"torn chunks", tornChunks},
		{"silence", silence},
		{"slow", slow},
		{"cancelled", cancelled},
		{"no server", noServer},
		{"not HTTP", notHTTP},
		{"many at once", manyAtOnce},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, k)
		})
	}
}

// get fetches with a driver of its own and checks what holds for every chain.
func (k Kit) get(t *testing.T, cfg fetch.Config, req fetch.Request) []*zoeklicht.Exchange {
	t.Helper()
	d := k.Open(t, cfg, time.Now)
	defer d.Close()
	return check(t, d.Get(t.Context(), req))
}

func check(t *testing.T, chain []*zoeklicht.Exchange) []*zoeklicht.Exchange {
	t.Helper()
	if len(chain) == 0 {
		t.Fatal("a chain without an exchange")
	}
	for i, ex := range chain {
		switch {
		case ex.URL == "" || ex.Method == "" || ex.Driver == "" || ex.Started.IsZero():
			t.Errorf("exchange %d does not say what was asked, by what and when: %+v", i, ex)
		case ex.Status == 0 && ex.Failure == "":
			t.Errorf("exchange %d has neither a status nor a failure", i)
		case ex.Failure != "" && ex.Detail == "":
			t.Errorf("exchange %d failed (%s) without a word", i, ex.Failure)
		case ex.Truncated != "" && ex.Failure == "":
			t.Errorf("exchange %d is cut (%s) and calls itself whole", i, ex.Truncated)
		case ex.HeadLen > len(ex.Response):
			t.Errorf("exchange %d has a head of %d in %d bytes", i, ex.HeadLen, len(ex.Response))
		case i < len(chain)-1 && (ex.Status < 300 || ex.Status > 399):
			t.Errorf("exchange %d is a hop with status %d", i, ex.Status)
		}
	}
	return chain
}

// want checks how a chain ended.
func want(t *testing.T, chain []*zoeklicht.Exchange, status int, failure zoeklicht.Fail, truncated string) *zoeklicht.Exchange {
	t.Helper()
	ex := chain[len(chain)-1]
	if ex.Status != status || ex.Failure != failure || ex.Truncated != truncated {
		t.Fatalf("got status %d, failure %q, truncated %q (%s); want %d, %q, %q",
			ex.Status, ex.Failure, ex.Truncated, ex.Detail, status, failure, truncated)
	}
	return ex
}

func untouched(t *testing.T, s *Site) {
	t.Helper()
	if n := s.Connects(t); n != 0 {
		t.Errorf("%d connections to a server that may not be connected to", n)
	}
}

func text(s string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, s) })
}

func answers(t *testing.T, k Kit) {
	s := Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Seen", r.URL.RequestURI())
		fmt.Fprintf(w, "agent %s, language %s", r.UserAgent(), r.Header.Get("Accept-Language"))
	}))
	ex := want(t, k.get(t, fetch.Config{UserAgent: "Kit/1"}, fetch.Request{
		URL: s.URL + "/a/../b?x=1#part", Approval: Approve(t, nil, s), Language: "nl,en;q=0.8",
	}), 200, "", "")
	if got, want := string(ex.Body), "agent Kit/1, language nl,en;q=0.8"; got != want {
		t.Errorf("body %q, want %q", got, want)
	}
	if ex.URL != s.URL+"/b?x=1" || ex.Header.Get("X-Seen") != "/b?x=1" {
		t.Errorf("asked for %q and %q", ex.URL, ex.Header.Get("X-Seen"))
	}
	if ex.Peer.String() != s.Host || !ex.Local.IsValid() || ex.Duration <= 0 {
		t.Errorf("peer %v, local %v, duration %v", ex.Peer, ex.Local, ex.Duration)
	}
	if ex.DNS.Resolver != "literal" || len(ex.DNS.Answers) != 1 || ex.DNS.Answers[0] != ex.Peer.Addr() || ex.DNS.At.IsZero() {
		t.Errorf("DNS facts %+v", ex.DNS)
	}
}

func statuses(t *testing.T, k Kit) {
	s := Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var code int
		fmt.Sscanf(r.URL.Path, "/%d", &code)
		w.WriteHeader(code)
	}))
	for _, code := range []int{204, 304, 401, 404, 410, 429, 500, 503} {
		want(t, k.get(t, fetch.Config{}, fetch.Request{
			URL: fmt.Sprintf("%s/%d", s.URL, code), Approval: Approve(t, nil, s),
		}), code, "", "")
	}
}

func wireBytes(t *testing.T, k Kit) {
	if !k.Wire {
		t.Skip("the driver reconstructs requests and responses, and says so")
	}
	response := "HTTP/1.1 200  Fine\r\ncontent-type:text/plain\r\nX-Odd:  \tvalue \r\nTransfer-Encoding: chunked\r\n\r\n" +
		"5;ext=1\r\nRelax\r\n6\r\ning ma\r\n0\r\nX-Trailer: end\r\n\r\n"
	requests := make(chan string, 1)
	s := Raw(t, func(c net.Conn, request string) {
		requests <- request
		io.WriteString(c, response)
	})
	ex := want(t, k.get(t, fetch.Config{}, fetch.Request{URL: s.URL + "/", Approval: Approve(t, nil, s)}), 200, "", "")
	if sent := <-requests; string(ex.Request) != sent {
		t.Errorf("recorded request\n%q\nand the server read\n%q", ex.Request, sent)
	}
	if string(ex.Response) != response {
		t.Errorf("recorded response\n%q\nand the server sent\n%q", ex.Response, response)
	}
	if head := response[:ex.HeadLen]; !strings.HasSuffix(head, "chunked\r\n\r\n") {
		t.Errorf("the head ends as %q", head)
	}
	if string(ex.Body) != "Relaxing ma" {
		t.Errorf("body %q", ex.Body)
	}
}

func keepsNothing(t *testing.T, k Kit) {
	var mu sync.Mutex
	var seen []string
	s := Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen = append(seen, r.Header.Get("Cookie")+"|"+r.Header.Get("Referer")+"|"+r.Header.Get("Authorization"))
		mu.Unlock()
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "1"})
		if r.URL.Path == "/hop" {
			http.Redirect(w, r, "/end", http.StatusFound)
		}
	}))
	d := k.Open(t, fetch.Config{}, time.Now)
	defer d.Close()
	for range 2 {
		want(t, check(t, d.Get(t.Context(), fetch.Request{URL: s.URL + "/hop", Approval: Approve(t, nil, s)})), 200, "", "")
	}
	for i, headers := range seen {
		if headers != "||" {
			t.Errorf("request %d carried cookie, referrer or credentials: %q", i, headers)
		}
	}
	if len(seen) != 4 {
		t.Errorf("%d requests, want 4", len(seen))
	}
}

func gzipped(t *testing.T, k Kit) {
	s := Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			t.Error("gzip was not offered")
		}
		w.Header().Set("Content-Encoding", "gzip")
		zw := gzip.NewWriter(w)
		io.WriteString(zw, "Relaxing massage by appointment")
		zw.Close()
	}))
	ex := want(t, k.get(t, fetch.Config{}, fetch.Request{URL: s.URL + "/", Approval: Approve(t, nil, s)}), 200, "", "")
	if string(ex.Body) != "Relaxing massage by appointment" {
		t.Errorf("body %q", ex.Body)
	}
}

func redirects(t *testing.T, k Kit) {
	s := Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := map[string]string{
			"/start":        "folder/two",
			"/folder/two":   "../three?x=1#part",
			"/three":        "//" + r.Host + "/four",
			"/four":         "http:" + "//" + r.Host + "/%7Efive/./six",
			"/%7Efive/six":  "?seven",
			"/%7Efive/six7": "",
		}
		if r.URL.RawQuery == "seven" {
			io.WriteString(w, "arrived")
			return
		}
		w.Header().Set("Location", to[r.URL.EscapedPath()])
		w.WriteHeader([]int{301, 302, 303, 307, 308}[len(r.URL.Path)%5])
	}))
	chain := k.get(t, fetch.Config{}, fetch.Request{URL: s.URL + "/start", Approval: Approve(t, nil, s)})
	ex := want(t, chain, 200, "", "")
	if string(ex.Body) != "arrived" {
		t.Errorf("body %q", ex.Body)
	}
	var urls []string
	for _, ex := range chain {
		urls = append(urls, strings.TrimPrefix(ex.URL, s.URL))
	}
	if got, want := strings.Join(urls, " "), "/start /folder/two /three?x=1 /four /%7Efive/six /%7Efive/six?seven"; got != want {
		t.Errorf("followed\n%s, want\n%s", got, want)
	}
}

func redirectOutside(t *testing.T, k Kit) {
	other := Serve(t, text("not approved"))
	s := Serve(t, http.RedirectHandler(other.URL+"/x", http.StatusFound))
	chain := k.get(t, fetch.Config{}, fetch.Request{URL: s.URL + "/", Approval: Approve(t, nil, s)})
	ex := want(t, chain, 0, zoeklicht.FailOutside, "")
	if len(chain) != 2 || chain[0].Status != 302 || ex.URL != other.URL+"/x" {
		t.Errorf("chain of %d, ending at %s", len(chain), ex.URL)
	}
	untouched(t, other)
}

func redirectOdd(t *testing.T, k Kit) {
	other := Serve(t, text("not approved"))
	port := other.Host[strings.LastIndexByte(other.Host, ':'):]
	for _, location := range []string{
		"javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "ftp://" + other.Host + "/",
		"http://", "http://[", "//[::1", "http://user@" + other.Host, "\\\\" + other.Host, "/\\" + other.Host,
		"http:\\\\localhost" + port, "http://0x7f000001" + port, "http://2130706433" + port, "http://127.1" + port,
		"http://①②⑦.⓪.⓪.⓪" + port, "http://[::ffff:127.0.0.1]" + port, "http://0" + port,
	} {
		s := Raw(t, func(c net.Conn, _ string) {
			fmt.Fprintf(c, "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", location)
		})
		chain := k.get(t, fetch.Config{}, fetch.Request{URL: s.URL + "/", Approval: Approve(t, nil, s)})
		if ex := chain[len(chain)-1]; len(chain) != 2 || ex.Failure != zoeklicht.FailOutside {
			t.Errorf("%q: chain of %d, ending in %d %q", location, len(chain), ex.Status, ex.Failure)
		}
	}
	untouched(t, other)
}

func endless(t *testing.T, k Kit) {
	s := Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		fmt.Sscanf(r.URL.Path, "/%d", &n)
		to := fmt.Sprintf("/%d", n+1)
		if r.URL.Path == "/round" {
			to = "/round"
		}
		http.Redirect(w, r, to, http.StatusFound)
	}))
	chain := k.get(t, fetch.Config{MaxRedirects: 5}, fetch.Request{URL: s.URL + "/0", Approval: Approve(t, nil, s)})
	want(t, chain, 0, zoeklicht.FailRedirects, "")
	if len(chain) != 7 { // the first, five redirects followed, and the one that was not
		t.Errorf("%d exchanges, want 7", len(chain))
	}
	chain = k.get(t, fetch.Config{}, fetch.Request{URL: s.URL + "/round", Approval: Approve(t, nil, s)})
	want(t, chain, 0, zoeklicht.FailRedirects, "")
	if len(chain) != 2 {
		t.Errorf("%d exchanges in a circle, want 2", len(chain))
	}
}

func hops(t *testing.T, k Kit) {
	s := Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
	}))
	var asked []string
	chain := k.get(t, fetch.Config{}, fetch.Request{URL: s.URL + "/", Approval: Approve(t, nil, s), Hop: func(_ context.Context, u string) error {
		asked = append(asked, strings.TrimPrefix(u, s.URL))
		if len(asked) == 2 {
			return &fetch.Failure{Fail: zoeklicht.FailRobots, Err: fmt.Errorf("robots.txt disallows it")}
		}
		return nil
	}})
	want(t, chain, 0, zoeklicht.FailRobots, "")
	if len(chain) != 3 || strings.Join(asked, " ") != "/x /xx" {
		t.Errorf("chain of %d, asked about %q", len(chain), asked)
	}
}

func unapproved(t *testing.T, k Kit) {
	s, other := Serve(t, text("approved")), Serve(t, text("not approved"))
	a := Approve(t, nil, s)
	for _, u := range []string{
		other.URL + "/", "http://" + s.Host + "@" + other.Host + "/", strings.Replace(other.URL, "127.0.0.1", "localhost", 1),
		"not a url", "/relative", "ftp://" + s.Host + "/", strings.Replace(s.URL, "http:", "ws:", 1),
	} {
		want(t, k.get(t, fetch.Config{}, fetch.Request{URL: u, Approval: a}), 0, zoeklicht.FailOutside, "")
	}
	untouched(t, other)
	untouched(t, s)
}

func lapsed(t *testing.T, k Kit) {
	s := Serve(t, text("approved once"))
	now := time.Date(2026, 5, 4, 8, 15, 0, 0, time.UTC)
	d := k.Open(t, fetch.Config{}, func() time.Time { return now })
	defer d.Close()
	for _, by := range []time.Time{now, now.Add(-time.Hour), {}} {
		a := Approve(t, func(src *zoeklicht.Source) { src.ReviewBy = by }, s)
		want(t, check(t, d.Get(t.Context(), fetch.Request{URL: s.URL + "/", Approval: a})), 0, zoeklicht.FailOutside, "")
	}
	untouched(t, s)
}

func privateRange(t *testing.T, k Kit) {
	s := Serve(t, text("internal"))
	for _, prefixes := range [][]string{nil, {"127.0.0.2/32"}, {"10.0.0.0/8"}, {"::1/128"}} {
		a := Approve(t, func(src *zoeklicht.Source) { src.Scope.Private = prefixes }, s)
		want(t, k.get(t, fetch.Config{}, fetch.Request{URL: s.URL + "/", Approval: a}), 0, zoeklicht.FailBlocked, "")
	}
	untouched(t, s)
}

func unnamedPort(t *testing.T, k Kit) {
	s, truth := Serve(t, text("approved")), Serve(t, text("the truth"))
	a := Approve(t, func(src *zoeklicht.Source) { src.Scope.Hosts = append(src.Scope.Hosts, "127.0.0.1") }, s)
	want(t, k.get(t, fetch.Config{}, fetch.Request{URL: s.URL + "/", Approval: a}), 200, "", "")
	want(t, k.get(t, fetch.Config{}, fetch.Request{URL: truth.URL + "/", Approval: a}), 0, zoeklicht.FailOutside, "")
	untouched(t, truth)
}

func pictures(t *testing.T, k Kit) {
	other := Serve(t, text("picture"))
	s := Serve(t, http.RedirectHandler(other.URL+"/p.jpg", http.StatusFound))
	a := Approve(t, func(src *zoeklicht.Source) { src.Scope.PictureHosts = []string{other.Host} }, s)
	for _, u := range []string{s.URL + "/", other.URL + "/p.jpg"} {
		want(t, k.get(t, fetch.Config{}, fetch.Request{URL: u, Approval: a}), 0, zoeklicht.FailOutside, "")
	}
	if n := other.Connects(t); n != 0 {
		t.Fatalf("%d connections for a page to a host for pictures", n)
	}
	for _, u := range []string{s.URL + "/", other.URL + "/p.jpg"} {
		want(t, k.get(t, fetch.Config{}, fetch.Request{URL: u, Approval: a, Picture: true}), 200, "", "")
	}
}

func tooLarge(t *testing.T, k Kit) {
	const most = 1 << 20
	for _, announced := range []bool{true, false} {
		sent := make(chan int64, 1)
		s := Raw(t, func(c net.Conn, _ string) {
			if announced {
				io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n")
			} else {
				io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
			}
			block := bytes.Repeat([]byte("0123456789abcdef"), 4096)
			n := int64(0)
			for n < 10<<30 {
				m, err := c.Write(block)
				n += int64(m)
				if err != nil {
					break
				}
			}
			sent <- n
		})
		ex := want(t, k.get(t, fetch.Config{}, fetch.Request{
			URL: s.URL + "/", Approval: Approve(t, nil, s), MaxBytes: most,
		}), 200, zoeklicht.FailTooLarge, "length")
		if len(ex.Response) > most || len(ex.Body) > most || len(ex.Body) < most/2 {
			t.Errorf("kept %d bytes, body %d", len(ex.Response), len(ex.Body))
		}
		if n := <-sent; n > 64<<20 { // what socket buffers may hold, and then some
			t.Errorf("the server could send %d bytes", n)
		}
	}
}

func bomb(t *testing.T, k Kit) {
	var packed bytes.Buffer
	zw, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	block := make([]byte, 1<<20)
	for range 64 {
		zw.Write(block)
	}
	zw.Close()
	s := Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Length", strconv.Itoa(packed.Len()))
		w.Write(packed.Bytes())
	}))
	for _, cfg := range []fetch.Config{{MaxDecoded: 1 << 20}, {}} { // by size, by ratio
		ex := want(t, k.get(t, cfg, fetch.Request{URL: s.URL + "/", Approval: Approve(t, nil, s)}), 200, zoeklicht.FailTooLarge, "decoded")
		if bound := cfg.WithDefaults().DecodedBound(int64(packed.Len())); int64(len(ex.Body)) != bound {
			t.Errorf("%d bytes decoded, bound %d", len(ex.Body), bound)
		}
		if k.Wire && !bytes.HasSuffix(ex.Response, packed.Bytes()) {
			t.Error("the bytes on the wire were not kept")
		}
	}
}

func torn(t *testing.T, k Kit) {
	for _, test := range []struct{ name, response, body string }{
		{"shorter than announced", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nRelaxing", "Relaxing"},
	} {
		s := Raw(t, func(c net.Conn, _ string) { io.WriteString(c, test.response) })
		ex := want(t, k.get(t, fetch.Config{}, fetch.Request{URL: s.URL + "/", Approval: Approve(t, nil, s)}), 200, zoeklicht.FailDisconnect, "disconnect")
		if string(ex.Body) != test.body || k.Wire && string(ex.Response) != test.response {
			t.Errorf("%s: body %q, response %q", test.name, ex.Body, ex.Response)
		}
	}
}

func tornChunks(t *testing.T, k Kit) {
	const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, test := range []struct {
		chunks, body string
		failure      zoeklicht.Fail
	}{
		{"8\r\nRelaxing\r\n8\r\n mas", "Relaxing mas", zoeklicht.FailDisconnect},
		{"8\r\nRelaxing\r\n", "Relaxing", zoeklicht.FailDisconnect},
		{"8\r\nRelaxing", "Relaxing", zoeklicht.FailDisconnect},
		{"8\r\nRelaxing\r\n0\r\n", "Relaxing", zoeklicht.FailDisconnect},
		{"8\r\nRelaxing\r\nzz\r\n", "Relaxing", zoeklicht.FailProtocol},
		{"8\r\nRelaxing massage\r\n", "Relaxing", zoeklicht.FailProtocol},
		{"8\r\nRelaxing\r\nfffffffffffffffff\r\n", "Relaxing", zoeklicht.FailProtocol},
	} {
		s := Raw(t, func(c net.Conn, _ string) { io.WriteString(c, head+test.chunks) })
		ex := want(t, k.get(t, fetch.Config{}, fetch.Request{URL: s.URL + "/", Approval: Approve(t, nil, s)}), 200, test.failure, "disconnect")
		if string(ex.Body) != test.body || k.Wire && string(ex.Response) != head+test.chunks {
			t.Errorf("%q: body %q, response %q", test.chunks, ex.Body, ex.Response)
		}
	}
}

func silence(t *testing.T, k Kit) {
	for _, test := range []struct {
		says      string
		status    int
		truncated string
	}{
		{"", 0, ""},
		{"HTTP/1.1 200 OK\r\nContent-", 0, ""},
		{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nRelaxing", 200, "time"},
	} {
		s := Raw(t, func(c net.Conn, _ string) {
			io.WriteString(c, test.says)
			hold(c)
		})
		ex := want(t, k.get(t, fetch.Config{Idle: 50 * time.Millisecond}, fetch.Request{URL: s.URL + "/", Approval: Approve(t, nil, s)}),
			test.status, zoeklicht.FailTimeout, test.truncated)
		if k.Wire && string(ex.Response) != test.says {
			t.Errorf("kept %q of %q", ex.Response, test.says)
		}
	}
}

func slow(t *testing.T, k Kit) {
	// The server never falls silent for long and never ends.
	s := Raw(t, func(c net.Conn, _ string) {
		io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
		for tick := time.Tick(2 * time.Millisecond); ; <-tick {
			if _, err := c.Write([]byte("x")); err != nil {
				return
			}
		}
	})
	a := Approve(t, nil, s)
	want(t, k.get(t, fetch.Config{}, fetch.Request{URL: s.URL + "/", Approval: a, MaxTime: 100 * time.Millisecond}), 200, zoeklicht.FailTimeout, "time")
	want(t, k.get(t, fetch.Config{MinRate: 100_000, RateGrace: 50 * time.Millisecond}, fetch.Request{URL: s.URL + "/", Approval: a}), 200, zoeklicht.FailTimeout, "time")
}

func cancelled(t *testing.T, k Kit) {
	asked := make(chan struct{}, 2)
	s := Raw(t, func(c net.Conn, _ string) {
		asked <- struct{}{}
		hold(c)
	})
	d := k.Open(t, fetch.Config{}, time.Now)
	defer d.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	req := fetch.Request{URL: s.URL + "/", Approval: Approve(t, nil, s)}
	want(t, check(t, d.Get(ctx, req)), 0, zoeklicht.FailCancelled, "")
	want(t, check(t, d.Get(ctx, req)), 0, zoeklicht.FailCancelled, "") // before it began
}

func noServer(t *testing.T, k Kit) {
	s := listen(t)
	s.Close()
	want(t, k.get(t, fetch.Config{}, fetch.Request{URL: s.URL + "/", Approval: Approve(t, nil, s)}), 0, zoeklicht.FailConnect, "")
}

func notHTTP(t *testing.T, k Kit) {
	for says, failure := range map[string]zoeklicht.Fail{
		"":                                         zoeklicht.FailDisconnect,
		"HTTP/1.1 200 O":                           zoeklicht.FailDisconnect,
		"220 mail.example ESMTP\r\n":               zoeklicht.FailProtocol,
		"<html>no head</html>\r\n\r\n":             zoeklicht.FailProtocol,
		"HTTP/1.1 abc Fine\r\n\r\n":                zoeklicht.FailProtocol,
		"HTTP/1.1 200 OK\r\nbad\r\n\r\n":           zoeklicht.FailProtocol,
		"HTTP/1.1 101 Switching Protocols\r\n\r\n": zoeklicht.FailProtocol,
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd": zoeklicht.FailProtocol,
		"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 70<<10) + "\r\n\r\n":     zoeklicht.FailTooLarge,
		"HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 300) + "\r\n":        zoeklicht.FailTooLarge,
	} {
		s := Raw(t, func(c net.Conn, _ string) { io.WriteString(c, says) })
		chain := k.get(t, fetch.Config{}, fetch.Request{URL: s.URL + "/", Approval: Approve(t, nil, s)})
		if ex := chain[0]; ex.Failure != failure || ex.Status != 0 {
			t.Errorf("%.60q: status %d, failure %q (%s), want %q", says, ex.Status, ex.Failure, ex.Detail, failure)
		}
	}
}

func manyAtOnce(t *testing.T, k Kit) {
	s := Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for range 50 {
			io.WriteString(w, r.URL.Path+"\n")
		}
	}))
	d := k.Open(t, fetch.Config{}, time.Now)
	defer d.Close()
	a := Approve(t, nil, s)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			var kept []*zoeklicht.Exchange
			var sums [][32]byte
			for j := range 20 {
				path := fmt.Sprintf("/%d/%d", i, j)
				ex := d.Get(t.Context(), fetch.Request{URL: s.URL + path, Approval: a})[0]
				if string(ex.Body) != strings.Repeat(path+"\n", 50) {
					t.Errorf("%s: %s body %.40q", path, ex.Failure, ex.Body)
				}
				kept = append(kept, ex)
				sums = append(sums, sha256.Sum256(ex.Response))
			}
			for j, ex := range kept { // later exchanges may not write into earlier ones
				if sha256.Sum256(ex.Response) != sums[j] {
					t.Errorf("%s changed after it was handed out", ex.URL)
				}
			}
		})
	}
	wg.Wait()
}
