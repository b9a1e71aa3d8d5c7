package fetchtest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/fetch"
)

// What drivers never connect to.

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
