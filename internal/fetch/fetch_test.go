package fetch_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"

	"zoeklicht"
	"zoeklicht/internal/fetch"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		header http.Header
		wait   time.Duration
		ok     bool
	}{
		{http.Header{}, 0, false},
		{http.Header{"Retry-After": {""}}, 0, false},
		{http.Header{"Retry-After": {"120"}}, 2 * time.Minute, true},
		{http.Header{"Retry-After": {" 0 "}}, 0, true},
		{http.Header{"Retry-After": {"99999999999999999999999"}}, 24 * time.Hour, true},
		{http.Header{"Retry-After": {"90000"}}, 24 * time.Hour, true},
		{http.Header{"Retry-After": {"-5"}}, 0, false},
		{http.Header{"Retry-After": {"1.5"}}, 0, false},
		{http.Header{"Retry-After": {"soon"}}, 0, false},
		{http.Header{"Retry-After": {"Mon, 04 May 2026 12:00:30 GMT"}}, 30 * time.Second, true},
		{http.Header{"Retry-After": {"Monday, 04-May-26 12:00:30 GMT"}}, 30 * time.Second, true},
		{http.Header{"Retry-After": {"Mon May  4 12:00:30 2026"}}, 30 * time.Second, true},
		{http.Header{"Retry-After": {"Mon, 04 May 2026 11:00:00 GMT"}}, 0, true},
		{http.Header{"Retry-After": {"Sun, 04 May 2036 11:00:00 GMT"}}, 24 * time.Hour, true},
		// The server's clock is an hour ahead: its own Date counts.
		{http.Header{"Retry-After": {"Mon, 04 May 2026 13:00:30 GMT"}, "Date": {"Mon, 04 May 2026 13:00:00 GMT"}}, 30 * time.Second, true},
		{http.Header{"Retry-After": {"Mon, 04 May 2026 12:00:30 GMT"}, "Date": {"yesterday"}}, 30 * time.Second, true},
	} {
		if wait, ok := fetch.RetryAfter(test.header, noon); wait != test.wait || ok != test.ok {
			t.Errorf("%v: %v %v, want %v %v", test.header, wait, ok, test.wait, test.ok)
		}
	}
}

func TestFail(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want zoeklicht.Fail
	}{
		{&fetch.Failure{Fail: zoeklicht.FailRobots, Err: errors.New("x")}, zoeklicht.FailRobots},
		{fmt.Errorf("hop: %w", &fetch.Failure{Fail: zoeklicht.FailRobots, Err: context.Canceled}), zoeklicht.FailRobots},
		{&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, zoeklicht.FailTimeout},
		{fmt.Errorf("x: %w", context.DeadlineExceeded), zoeklicht.FailTimeout},
		{context.Canceled, zoeklicht.FailCancelled},
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ETIMEDOUT)}, zoeklicht.FailTimeout},
		{&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, zoeklicht.FailDisconnect},
		{io.ErrUnexpectedEOF, zoeklicht.FailDisconnect},
		{&net.DNSError{Err: "no such host", IsNotFound: true}, zoeklicht.FailDNS},
		{tls.RecordHeaderError{Msg: "first record does not look like TLS"}, "unknown"},
		{errors.New("other"), "unknown"},
	} {
		if got, detail := fetch.Fail(test.err, "unknown"); got != test.want || detail == "" {
			t.Errorf("%v: %q (%s), want %q", test.err, got, detail, test.want)
		}
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                   "",
		"Afspraak in Den Haag, caf\u00e9":    "Afspraak in Den Haag, caf\u00e9",
		"a\r\nlevel=ERROR\x1b[31m":           "a  level=ERROR [31m",
		"abc\u202etxt.exe\u2066\u200b\ufeff": "abc txt.exe   ",
		"bad \xff bytes":                     "bad   bytes",
		"line\u2028end":                      "line end",
		strings.Repeat("\u00e9", 200):        strings.Repeat("\u00e9", 150) + "\u2026",
		"x" + strings.Repeat("\u00e9", 200):  "x" + strings.Repeat("\u00e9", 149) + "\u2026",
	} {
		got := fetch.Plain(in)
		if got != want {
			t.Errorf("Plain(%.40q) = %.60q, want %.60q", in, got, want)
		}
		for _, r := range got {
			if unicode.IsControl(r) {
				t.Errorf("Plain(%.40q) has %q", in, r)
			}
		}
	}
}

func TestDecodedBound(t *testing.T) {
	t.Parallel()
	cfg := fetch.Config{}.WithDefaults()
	for wire, want := range map[int64]int64{0: 4 << 20, 1000: 4 << 20, 30_000: 6_000_000, 1 << 20: 32 << 20, 1 << 40: 32 << 20} {
		if got := cfg.DecodedBound(wire); got != want {
			t.Errorf("%d bytes may decode to %d, want %d", wire, got, want)
		}
	}
	if got := (fetch.Config{MaxDecoded: 1000}).WithDefaults().DecodedBound(1 << 20); got != 1000 {
		t.Errorf("a small bound gives way: %d", got)
	}
}

func TestRequestFor(t *testing.T) {
	t.Parallel()
	a := approve(t, zoeklicht.Scope{Hosts: []string{"ads.example"}})
	r := fetch.RequestFor("http://ads.example/", a, zoeklicht.Schedule{UserAgent: "Own/2", MaxBytes: 1000}).WithDefaults(fetch.Config{}.WithDefaults())
	if r.UserAgent != "Own/2" || r.MaxBytes != 1000 || r.MaxTime != time.Minute || r.Language == "" || r.Approval != a {
		t.Errorf("request %+v", r)
	}
	r = fetch.RequestFor("http://ads.example/", a, zoeklicht.Schedule{}).WithDefaults(fetch.Config{UserAgent: "House/1"}.WithDefaults())
	if r.UserAgent != "House/1" || r.MaxBytes != 16<<20 {
		t.Errorf("request %+v", r)
	}
}

// Location headers arrive as bytes. What is UTF-8 is read so, and what is not is
// escaped byte by byte, as browsers do.
func TestRedirectBytes(t *testing.T) {
	t.Parallel()
	a := approve(t, zoeklicht.Scope{Hosts: []string{"ads.example"}})
	for location, want := range map[string]string{
		"/caf\u00e9":         "http://ads.example/caf%C3%A9",
		"/caf\xe9":           "http://ads.example/caf%E9",
		"/a b\"<>`":          "http://ads.example/a%20b%22%3C%3E%60",
		"?x=\xe9'":           "http://ads.example/start?x=%E9%27",
		"/a\x00b":            "http://ads.example/a%00b",
		"HTTP://ADS.example": "http://ads.example/",
		"\\x\\y":             "http://ads.example/x/y",
		"#only":              "", // the same address again
	} {
		var asked []string
		chain := fetch.Follow(t.Context(), fetch.Request{URL: "http://ads.example/start", Approval: a}, clock, 10, "test",
			func(_ context.Context, _ fetch.Request, to fetch.Address) *zoeklicht.Exchange {
				asked = append(asked, to.String())
				ex := &zoeklicht.Exchange{URL: to.String(), Status: 200}
				if len(asked) == 1 {
					ex.Status, ex.Header = 302, http.Header{"Location": {location}}
				}
				return ex
			})
		last := chain[len(chain)-1]
		if want == "" {
			if last.Failure != zoeklicht.FailRedirects {
				t.Errorf("%q: %q", location, last.Failure)
			}
			continue
		}
		if last.URL != want || len(asked) != 2 {
			t.Errorf("%q leads to %q, want %q", location, last.URL, want)
		}
	}
}
