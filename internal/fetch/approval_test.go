package fetch_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/fetch"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// source is approved until an hour past noon.
func source(scope zoeklicht.Scope) *zoeklicht.Source {
	return &zoeklicht.Source{ID: "test", State: zoeklicht.Approved, ReviewBy: noon.Add(time.Hour), Scope: scope}
}

func approve(t testing.TB, scope zoeklicht.Scope) *fetch.Approval {
	t.Helper()
	a, err := fetch.NewApproval(source(scope))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestCovers(t *testing.T) {
	t.Parallel()
	whole := approve(t, zoeklicht.Scope{
		Hosts:        []string{"ads.example", "shop.example:8080", "münchen.example", "[2a00::1]", "UPPER.example"},
		PictureHosts: []string{"img.example", "shop.example:9090"},
	})
	paths := approve(t, zoeklicht.Scope{Hosts: []string{"ads.example"}, Paths: []string{"/ads/", "/list", "/m%61p/%7ex"}, PictureHosts: []string{"img.example"}})
	for _, test := range []struct {
		approval *fetch.Approval
		url      string
		picture  bool
		covered  bool
	}{
		{whole, "http://ads.example/", false, true},
		{whole, "https://ads.example/x?y#z", false, true},
		{whole, "http://ADS.example:80/", false, true},
		{whole, "http://ads.example:443/", false, true},
		{whole, "\thttp:\\\\ads.example\\x\n", false, true},
		{whole, "http://ads.example:8080/", false, false},
		{whole, "http://www.ads.example/", false, false},
		{whole, "http://ads.example.evil.example/", false, false},
		{whole, "http://ads.example./", false, false},
		{whole, "http://ads%2eexample/", false, true}, // the host is decoded before it is looked at
		{whole, "http://evil.example\\@ads.example/", false, false},
		{whole, "http://evil.example#@ads.example/", false, false},
		{whole, "http://ads.example@evil.example/", false, false},
		{whole, "http://user@ads.example/", false, false},
		{whole, "http://:pass@ads.example/", false, false},
		{whole, "http://shop.example:8080/", false, true},
		{whole, "http://shop.example/", false, false},
		{whole, "https://shop.example/", false, false},
		{whole, "http://xn--mnchen-3ya.example/", false, true},
		{whole, "http://MÜNCHEN.example/", false, true},
		{whole, "http://[2A00:0::0:1]/", false, true},
		{whole, "http://upper.example/", false, true},
		{whole, "ftp://ads.example/", false, false},
		{whole, "ws://ads.example/", false, false},
		{whole, "//ads.example/", false, false},
		{whole, "http:ads.example/", false, true}, // as browsers read it
		{whole, "javascript://ads.example/%0aalert(1)", false, false},
		{whole, "http://ads.example/" + strings.Repeat("x", 9000), false, false},

		{whole, "http://img.example/x.jpg", true, true},
		{whole, "http://img.example/x.jpg", false, false},
		{whole, "http://img.example/robots.txt", false, false},
		{whole, "http://ads.example/x.jpg", true, true},
		{whole, "http://shop.example:9090/x.jpg", true, true},
		{whole, "http://shop.example:9090/x.jpg", false, false},

		{paths, "http://ads.example/ads/", false, true},
		{paths, "http://ads.example/ads/1/2", false, true},
		{paths, "http://ads.example/ads", false, false},
		{paths, "http://ads.example/adsense/", false, false},
		{paths, "http://ads.example/list?page=2", false, true},
		{paths, "http://ads.example/listing", false, true}, // a prefix is a prefix
		{paths, "http://ads.example/", false, false},
		{paths, "http://ads.example/?/ads/", false, false},
		{paths, "http://ads.example/robots.txt", false, true},
		{paths, "http://ads.example/robots.txt?x", false, false},
		{paths, "http://ads.example/%61ds/1", false, true}, // another spelling of the same path
		{paths, "http://ads.example/map/~x", false, true},
		{paths, "http://ads.example/ads/caf%c3%a9", false, true},
		{paths, "http://ads.example/ads/a%2fb", false, true},
		{paths, "http://ads.example/ads/../admin", false, false},
		{paths, "http://ads.example/x/../ads/1", false, true},
		{paths, "http://ads.example/ads/%2e%2e/admin", false, false},
		{paths, "http://ads.example/ads/.%2E/admin", false, false},
		{paths, "http://ads.example/ads/..%2fadmin", false, false},
		{paths, "http://ads.example/ads/%2e%2e%2fadmin", false, false},
		{paths, "http://ads.example/ads/..%5cadmin", false, false},
		{paths, "http://ads.example/ads/..\\admin", false, false},
		{paths, "http://ads.example/ads/%252e%252e%252fadmin", false, false},
		{paths, "http://ads.example/ads/%25252e%25252e/admin", false, false},
		{paths, "http://ads.example/ads/%2525252525252541", false, false}, // escaped more often than anyone undoes
		{paths, "http://ads.example/ads/..;/admin", false, false},
		{paths, "http://ads.example/ads/..;a=b/admin", false, false},
		{paths, "http://ads.example/ads/...", false, true},
		{paths, "http://ads.example/other/x.jpg", true, false},
		{paths, "http://img.example/other/x.jpg", true, true},
	} {
		err := test.approval.Covers(test.url, test.picture)
		if (err == nil) != test.covered {
			t.Errorf("Covers(%.80q, picture %v) = %v, want covered %v", test.url, test.picture, err, test.covered)
		}
		var f *fetch.Failure
		if err != nil && (!errors.As(err, &f) || f.Fail != zoeklicht.FailOutside) {
			t.Errorf("Covers(%.80q) fails as %v, want %s", test.url, err, zoeklicht.FailOutside)
		}
	}
}

func TestNewApprovalRefuses(t *testing.T) {
	t.Parallel()
	hosts := []string{"ads.example"}
	for _, scope := range []zoeklicht.Scope{
		{},
		{Hosts: []string{""}},
		{Hosts: []string{"http://ads.example"}},
		{Hosts: []string{"ads.example/x"}},
		{Hosts: []string{"user@ads.example"}},
		{Hosts: []string{"ads.example:"}},
		{Hosts: []string{"ads.example:0"}},
		{Hosts: []string{"ads.example:70000"}},
		{Hosts: []string{"ads.example:x"}},
		{Hosts: []string{"*.example"}, Paths: []string{"x"}},
		{Hosts: []string{"ads example"}},
		{Hosts: []string{"::1"}},
		{Hosts: []string{"[::1"}},
		{Hosts: []string{"ads.example?x"}},
		{Hosts: hosts, PictureHosts: []string{"img.example/"}},
		{Hosts: hosts, Paths: []string{""}},
		{Hosts: hosts, Paths: []string{"ads/"}},
		{Hosts: hosts, Paths: []string{"/x?y"}},
		{Hosts: hosts, Paths: []string{"/x#y"}},
		{Hosts: hosts, Private: []string{"127.0.0.1"}},
		{Hosts: hosts, Private: []string{"0.0.0.0/0"}},
		{Hosts: hosts, Private: []string{"::/0"}},
		{Hosts: hosts, Private: []string{"169.254.0.0/16"}},
		{Hosts: hosts, Private: []string{"169.254.169.254/32"}},
		{Hosts: hosts, Private: []string{"8.8.8.8/32"}},
		{Hosts: hosts, Private: []string{"fe80::/10"}},
		{Hosts: hosts, Private: []string{"::ffff:127.0.0.0/104"}},
		{Hosts: hosts, Private: []string{"126.0.0.0/7"}},
		{Hosts: hosts, Private: []string{"0.0.0.0/8"}},
		{Hosts: hosts, Private: []string{"2000::/3"}},
	} {
		_, err := fetch.NewApproval(source(scope))
		if zoeklicht.CodeOf(err) != zoeklicht.Invalid {
			t.Errorf("scope %+v: %v, want it refused as invalid", scope, err)
		}
	}
	for _, state := range []zoeklicht.SourceState{zoeklicht.Proposed, zoeklicht.Vetted, zoeklicht.Suspended, zoeklicht.Rejected, zoeklicht.Retired, ""} {
		src := source(zoeklicht.Scope{Hosts: hosts})
		src.State = state
		if _, err := fetch.NewApproval(src); zoeklicht.CodeOf(err) != zoeklicht.Denied {
			t.Errorf("state %q: %v, want it denied", state, err)
		}
	}
}

func TestInForce(t *testing.T) {
	t.Parallel()
	a := approve(t, zoeklicht.Scope{Hosts: []string{"ads.example"}})
	for _, test := range []struct {
		at time.Time
		ok bool
	}{{noon, true}, {noon.Add(time.Hour - 1), true}, {noon.Add(time.Hour), false}, {noon.Add(48 * time.Hour), false}} {
		if err := a.InForce(test.at); (err == nil) != test.ok {
			t.Errorf("in force at %v: %v, want %v", test.at, err, test.ok)
		}
	}
}

// FuzzCovers holds that a URL an approval with paths covers is at an approved
// host and begins with an approved path however often a server undoes escapes.
func FuzzCovers(f *testing.F) {
	a := approve(f, zoeklicht.Scope{Hosts: []string{"ads.example"}, Paths: []string{"/ads/"}})
	for _, seed := range []string{
		"http://ads.example/ads/1", "http://ads.example/ads/%2e%2e%2fx", "http://ads.example/%61ds/..;x/", "http://ads.example\\ads\\..\\x",
		"http://x@ads.example/ads/", "http://[::1]/ads/", "http://ads.example/ads/%25%32%65%25%32%65/x", "http:ads.example//ads/", "http://0x7f.1/ads/",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, u string) {
		if a.Covers(u, false) != nil {
			return
		}
		addr, err := fetch.ParseAddress(u)
		if err != nil {
			t.Fatalf("%q is covered and is no address: %v", u, err)
		}
		if addr.Host != "ads.example" || addr.Port != 80 && addr.Port != 443 {
			t.Fatalf("%q is covered and leads to %s:%d", u, addr.Host, addr.Port)
		}
		if addr.Target == "/robots.txt" {
			return
		}
		path := addr.Path
		for range 8 {
			if path = undo(path); !strings.HasPrefix(path, "/ads/") {
				t.Fatalf("%q is covered and leads to %q", u, path)
			}
			for _, seg := range strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '\\' }) {
				if seg == ".." || strings.HasPrefix(seg, "..;") {
					t.Fatalf("%q is covered and climbs by %q", u, path)
				}
			}
		}
	})
}

// undo undoes percent-escapes once, written apart from the code under test.
func undo(s string) string {
	const hex = "0123456789abcdef"
	var b strings.Builder
	for len(s) > 0 {
		if len(s) >= 3 && s[0] == '%' {
			hi, lo := strings.IndexByte(hex, s[1]|0x20), strings.IndexByte(hex, s[2]|0x20)
			if s[1] >= '0' && s[2] >= '0' && hi >= 0 && lo >= 0 {
				b.WriteByte(byte(hi<<4 | lo))
				s = s[3:]
				continue
			}
		}
		b.WriteByte(s[0])
		s = s[1:]
	}
	return b.String()
}
