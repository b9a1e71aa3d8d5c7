package fetch_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"zoeklicht"
	"zoeklicht/internal/fetch"
)

// The cases of Google's own tests. Two of the five that differ ask that a URL
// with raw non-ASCII letters be compared as it is, where the URL standard has
// them percent-encoded by then; three were damaged when they were taken over.
func TestRobotsCases(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join(shared(t), "robots", "robots_cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Test, Robots, UA, URL string
		Want                  bool
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	right := 0
	for _, c := range cases {
		if fetch.ParseRobots([]byte(c.Robots), "").Allowed(c.UA, c.URL) == c.Want {
			right++
		} else {
			t.Logf("differs: %s, %.80q, agent %q, %.60q, want %v", c.Test, c.Robots, c.UA, c.URL, c.Want)
		}
	}
	t.Logf("%d of %d robots cases", right, len(cases))
	if right < 140 {
		t.Errorf("%d of %d, want at least 140", right, len(cases))
	}
}

const agent = "Zoeklicht/1 (+https://zoeklicht.example/about)"

func TestRobotsAllowed(t *testing.T) {
	t.Parallel()
	const file = `# a file
Sitemap: https://ads.example/sitemap.xml
Sitemap: /relative.xml
User-agent: other
User-agent: Zoeklicht
Disallow: /private   # not for us
Allow: /private/open
Crawl-delay: 2.5
Disallow: /*.php$
Disallow: /zoek?*q=

User-agent: *
Disallow: /
Crawl-delay: 99

user-agent: ZOEKLICHT
disallow: /later
Crawl-Delay: 4
`
	r := fetch.ParseRobots([]byte(file), "text/plain")
	for path, want := range map[string]bool{
		"/": true, "/private": false, "/private/x": false, "/privateer": false, "/private/open": true, "/private/open/x": true,
		"/x.php": false, "/x.php5": true, "/x.php?y": true, "/zoek?a=1&q=2": false, "/zoek": true, "/later/x": false,
		"/PRIVATE": true, "/%70rivate": false, "/%70rivate/open": false, // another spelling disallows, and does not allow
		"/robots.txt": true,
	} {
		if got := r.Allowed(agent, "https://ads.example"+path); got != want {
			t.Errorf("%s: allowed %v, want %v", path, got, want)
		}
	}
	for a, want := range map[string]bool{
		"Other": true, "someone": false, "": false, "Zoeklicht2": false,
		"Mozilla/5.0 (compatible; Zoeklicht/1; +https://zoeklicht.example)": true, "zoeklicht (research)": true,
	} {
		if got := r.Allowed(a, "https://ads.example/x"); got != want {
			t.Errorf("agent %q: allowed %v, want %v", a, got, want)
		}
	}
	for a, want := range map[string]time.Duration{agent: 4 * time.Second, "other": 2500 * time.Millisecond, "someone": 99 * time.Second} {
		if got := r.Delay(a); got != want {
			t.Errorf("delay of %q is %v, want %v", a, got, want)
		}
	}
	if diff := cmp.Diff([]string{"https://ads.example/sitemap.xml"}, r.Sitemaps); diff != "" {
		t.Error("sitemaps", diff)
	}
	sum := sha256.Sum256([]byte(file))
	if r.State != fetch.RobotsRules || r.Label() != hex.EncodeToString(sum[:]) {
		t.Errorf("state %s, recorded as %s", r.State, r.Label())
	}
}

func TestRobotsDelay(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"1": time.Second, "0.5": time.Second / 2, "1e9": time.Hour, "-1": 0, "0": 0, "NaN": 0, "Inf": time.Hour, "soon": 0, "": 0,
	} {
		if got := fetch.ParseRobots([]byte("User-agent: *\nCrawl-delay: "+value), "").Delay(agent); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
	if got := fetch.ParseRobots([]byte("Crawl-delay: 5\nUser-agent: *\n"), "").Delay(agent); got != 0 {
		t.Errorf("a delay for nobody counted: %v", got)
	}
}

func TestRobotsEncodings(t *testing.T) {
	t.Parallel()
	const file = "User-agent: *\r\nDisallow: /priv\u00e9\r\n"
	utf16Bytes := func(big bool) []byte {
		var b []byte
		for _, u := range utf16.Encode([]rune("\uFEFF" + file)) {
			if big {
				b = append(b, byte(u>>8), byte(u))
			} else {
				b = append(b, byte(u), byte(u>>8))
			}
		}
		return b
	}
	for name, r := range map[string]*fetch.Robots{
		"UTF-8":                 fetch.ParseRobots([]byte(file), "text/plain"),
		"UTF-8 with mark":       fetch.ParseRobots([]byte("\uFEFF"+file), "text/plain"),
		"UTF-8 under Latin 1":   fetch.ParseRobots([]byte(file), "text/plain; charset=iso-8859-1"),
		"Latin 1":               fetch.ParseRobots([]byte(strings.ReplaceAll(file, "\u00e9", "\xe9")), "text/plain; charset=ISO-8859-1"),
		"UTF-16 little-endian":  fetch.ParseRobots(utf16Bytes(false), ""),
		"UTF-16 big-endian":     fetch.ParseRobots(utf16Bytes(true), "text/plain; charset=utf-8"),
		"carriage returns only": fetch.ParseRobots([]byte(strings.ReplaceAll(file, "\r\n", "\r")), ""),
	} {
		if r.Allowed(agent, "http://ads.example/priv\u00e9/x") || !r.Allowed(agent, "http://ads.example/priv") {
			t.Errorf("%s: the rule was not read", name)
		}
	}
}

func TestRobotsCap(t *testing.T) {
	t.Parallel()
	filler := strings.Repeat("# "+strings.Repeat("x", 98)+"\n", 5119) // 100 bytes short of 500 KiB, by 512,000 − 5119·101
	early := "User-agent: *\nDisallow: /early\n"
	body := early + filler
	if len(body) > 500<<10 {
		body = body[:500<<10-50]
		body = body[:strings.LastIndexByte(body, '\n')+1]
	}
	// This rule straddles the bound: cut, it would disallow everything.
	body += strings.Repeat("#", 500<<10-len(body)-len("\nDisallow: /")) + "\nDisallow: /only-this\nDisallow: /late\n"
	r := fetch.ParseRobots([]byte(body), "")
	for path, want := range map[string]bool{"/early": false, "/": true, "/only-this": true, "/late": true} {
		if got := r.Allowed(agent, "http://ads.example"+path); got != want {
			t.Errorf("%s: allowed %v, want %v", path, got, want)
		}
	}
	if r.SHA256 != sha256.Sum256([]byte(body)) {
		t.Error("the digest is not that of the whole body")
	}
}

func TestReadRobots(t *testing.T) {
	t.Parallel()
	closed := []byte("User-agent: *\nDisallow: /\n")
	for _, test := range []struct {
		name    string
		chain   []*zoeklicht.Exchange
		state   fetch.RobotsState
		allowed bool
	}{
		{"rules", []*zoeklicht.Exchange{{Status: 200, Body: []byte("User-agent: *\nDisallow: /x\n")}}, fetch.RobotsRules, true},
		{"rules that close", []*zoeklicht.Exchange{{Status: 200, Body: closed}}, fetch.RobotsRules, false},
		{"empty", []*zoeklicht.Exchange{{Status: 204}}, fetch.RobotsRules, true},
		{"a page instead", []*zoeklicht.Exchange{{Status: 200, Body: []byte("<html><body>Not here: sorry</body></html>")}}, fetch.RobotsRules, true},
		{"after a redirect", []*zoeklicht.Exchange{{Status: 301}, {Status: 200, Body: closed}}, fetch.RobotsRules, false},
		{"cut at the bound", []*zoeklicht.Exchange{{Status: 200, Failure: zoeklicht.FailTooLarge, Truncated: "length", Body: closed}}, fetch.RobotsRules, false},
		{"torn", []*zoeklicht.Exchange{{Status: 200, Failure: zoeklicht.FailDisconnect, Truncated: "disconnect"}}, fetch.RobotsUnreachable, false},
		{"404", []*zoeklicht.Exchange{{Status: 404, Body: closed}}, fetch.RobotsNone, true},
		{"403", []*zoeklicht.Exchange{{Status: 403}}, fetch.RobotsNone, true},
		{"429", []*zoeklicht.Exchange{{Status: 429}}, fetch.RobotsUnreachable, false},
		{"500", []*zoeklicht.Exchange{{Status: 500}}, fetch.RobotsUnreachable, false},
		{"503", []*zoeklicht.Exchange{{Status: 503}}, fetch.RobotsUnreachable, false},
		{"999", []*zoeklicht.Exchange{{Status: 999}}, fetch.RobotsUnreachable, false},
		{"no connection", []*zoeklicht.Exchange{{Failure: zoeklicht.FailConnect}}, fetch.RobotsUnreachable, false},
		{"redirect outside", []*zoeklicht.Exchange{{Status: 302}, {Failure: zoeklicht.FailOutside}}, fetch.RobotsUnreachable, false},
		{"redirect to nowhere", []*zoeklicht.Exchange{{Status: 302}}, fetch.RobotsUnreachable, false},
		{"never asked", nil, fetch.RobotsUnreachable, false},
	} {
		for _, ex := range test.chain {
			ex.Header = http.Header{}
		}
		r := fetch.ReadRobots(test.chain)
		if r.State != test.state || r.Allowed(agent, "http://ads.example/y") != test.allowed || !r.Allowed(agent, "http://ads.example/robots.txt") {
			t.Errorf("%s: %s, allowed %v", test.name, r.State, r.Allowed(agent, "http://ads.example/y"))
		}
		if (r.State == fetch.RobotsUnreachable) != (r.Why != "") {
			t.Errorf("%s: why %q", test.name, r.Why)
		}
		if r.State != fetch.RobotsRules && r.Label() != string(test.state) {
			t.Errorf("%s: recorded as %q", test.name, r.Label())
		}
	}
}

// FuzzRobots holds that no file and no URL makes the parser fail, that a file
// means the same twice, and that /robots.txt stays allowed.
func FuzzRobots(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /*a*b$\n", "", "http://ads.example/xayb", agent)
	f.Add("\xFF\xFEU\x00", "text/plain; charset=x", "/", "")
	f.Add("user agent foo\ndisalow /\nallow: /index.html", "text/plain; charset=shift_jis", "http://[::1]/%e3%83", "foo")
	f.Add("Crawl-delay: 1e400\nUser-agent:\n:\n \t \nDisallow", "", "", "Mozilla/5.0 (compatible; ")
	f.Fuzz(func(t *testing.T, body, contentType, u, agent string) {
		r := fetch.ParseRobots([]byte(body), contentType)
		again := fetch.ParseRobots([]byte(body), contentType)
		if r.Allowed(agent, u) != again.Allowed(agent, u) || r.Delay(agent) != again.Delay(agent) || r.SHA256 != again.SHA256 {
			t.Error("the same file means two things")
		}
		if !r.Allowed(agent, "https://ads.example/robots.txt") {
			t.Error("/robots.txt was disallowed")
		}
		if d := r.Delay(agent); d < 0 || d > time.Hour {
			t.Errorf("a delay of %v", d)
		}
	})
}

func BenchmarkRobotsAllowed(b *testing.B) {
	var file strings.Builder
	file.WriteString("User-agent: *\n")
	for i := range 200 {
		file.WriteString("Disallow: /folder" + strings.Repeat("x", i%20) + "/*?sort=\nAllow: /ads" + strings.Repeat("y", i%7) + "/\n")
	}
	r := fetch.ParseRobots([]byte(file.String()), "")
	b.ReportAllocs()
	for b.Loop() {
		r.Allowed(agent, "https://ads.example/ads/amsterdam/12345.html?page=2")
	}
}
