package fetchtest

import (
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/fetch"
)

// What drivers do with servers that behave.

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
