package capture

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"zoeklicht"
	"zoeklicht/internal/warc/httpwire"
)

// The formats of the JSON records. A field may be added to a format or be left
// out of it; one that changes its meaning makes a new format.
const (
	formatContext   = "zoeklicht/context/1"
	formatDNS       = "zoeklicht/dns/1"
	formatTLS       = "zoeklicht/tls/1"
	formatRedirects = "zoeklicht/redirects/1"
	formatImage     = "zoeklicht/image/1"
)

// Facts is the context record: how the page was obtained, by whom and why. It
// holds nothing by which a page that was destroyed or withheld could be
// recognised: no digest of its content, be it ours or the server's. (Context
// records of captures made before November 2026 have the page's "digest" and the
// server's "Etag"; nothing reads them.)
type Facts struct {
	Format  string    `json:"format"`
	Capture string    `json:"capture"`
	At      time.Time `json:"at"` // of the visit, on the theme's clock
	zoeklicht.Context
	URL       string             `json:"url"` // as asked for
	Canonical string             `json:"canonical"`
	Kind      zoeklicht.PageKind `json:"kind"`
	Depth     int                `json:"depth"`
	Attempt   int                `json:"attempt"`
	Redirects int                `json:"redirects"` // hops before the page
	Page      ExchangeFacts      `json:"page"`
	// Unchanged says that the page was as at the last capture, and that its
	// pictures were therefore not asked for.
	Unchanged  bool                 `json:"unchanged"`
	NotContent zoeklicht.NotContent `json:"not_content,omitempty"`
	Pictures   []PictureFacts       `json:"pictures"`
}

// PictureFacts is what became of one picture of the page.
type PictureFacts struct {
	N       int            `json:"n"`
	URL     string         `json:"url"`
	Item    string         `json:"item,omitempty"` // where its bytes are; empty if there are none
	Status  int            `json:"status,omitempty"`
	Failure zoeklicht.Fail `json:"failure,omitempty"`
	Detail  string         `json:"detail,omitempty"`
}

// ExchangeFacts is how one exchange went.
type ExchangeFacts struct {
	Exchange string    `json:"exchange"` // "page", "redirect:0", "image:3" …
	URL      string    `json:"url"`
	Method   string    `json:"method"`
	Driver   string    `json:"driver"`
	Status   int       `json:"status"` // 0 if no response came
	Location string    `json:"location,omitempty"`
	Started  time.Time `json:"started"`
	Duration int64     `json:"duration_ns"` // monotonic, until the last byte
	Peer     string    `json:"peer,omitempty"`
	Local    string    `json:"local,omitempty"`
	Reused   bool      `json:"reused"` // the connection had carried an earlier exchange
	// Sent counts the request's bytes and Received the response's, on the wire.
	Sent      int            `json:"sent"`
	Received  int            `json:"received"`
	Truncated string         `json:"truncated,omitempty"`
	Failure   zoeklicht.Fail `json:"failure,omitempty"`
	Detail    string         `json:"detail,omitempty"`
	// ServerDate is the server's Date, and ClockOffset how many seconds it is
	// ahead of our clock at the end of the exchange; Date counts whole seconds.
	ServerDate  string   `json:"server_date,omitempty"`
	ClockOffset *float64 `json:"clock_offset_seconds,omitempty"`
	// Caching holds Via, Age and the other fields that show that somebody else
	// than the site may have answered.
	Caching     map[string][]string `json:"caching,omitempty"`
	CookiesSent []string            `json:"cookies_sent"` // none is an empty list
	DNS         *zoeklicht.DNSFacts `json:"dns,omitempty"`
	TLS         *tlsFacts           `json:"tls,omitempty"`
}

// caching are the fields that caches and networks of caches leave. Etag is not
// among them: many servers make it of the content's digest. It stands in the
// response.
var caching = []string{
	"Via", "Age", "Cache-Control", "Cache-Status", "Cdn-Cache-Control", "Cf-Cache-Status", "Cf-Ray",
	"Expires", "Last-Modified", "Server-Timing", "Vary", "X-Amz-Cf-Id", "X-Cache", "X-Cache-Hits", "X-Served-By", "X-Varnish",
}

func exchangeFacts(name string, x *zoeklicht.Exchange) ExchangeFacts {
	f := ExchangeFacts{
		Exchange: name, URL: x.URL, Method: x.Method, Driver: x.Driver, Status: x.Status, Location: x.Header.Get("Location"),
		Started: x.Started.UTC(), Duration: int64(x.Duration), Peer: addrPort(x.Peer), Local: addrPort(x.Local), Reused: x.Reused,
		Sent: len(x.Request), Received: len(x.Response), Truncated: x.Truncated, Failure: x.Failure, Detail: x.Detail,
		ServerDate: x.Header.Get("Date"), CookiesSent: []string{},
	}
	if at, err := http.ParseTime(f.ServerDate); err == nil && !x.Started.IsZero() {
		s := at.Sub(x.Started.Add(x.Duration)).Round(time.Millisecond).Seconds()
		f.ClockOffset = &s
	}
	for _, name := range caching {
		if v := x.Header[name]; len(v) > 0 {
			if f.Caching == nil {
				f.Caching = map[string][]string{}
			}
			f.Caching[name] = v
		}
	}
	if head, err := httpwire.ParseRequest(x.Request); err == nil {
		f.CookiesSent = append(f.CookiesSent, head.Header["Cookie"]...)
	}
	return f
}

func addrPort(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// redirectsRecord is the chain of a page with where each hop led.
type redirectsRecord struct {
	Format string          `json:"format"`
	Hops   []ExchangeFacts `json:"hops"` // the page is not among them
}

// dnsRecord is the full answers that the addresses came from.
type dnsRecord struct {
	Format    string      `json:"format"`
	Exchanges []dnsAnswer `json:"exchanges"`
}

type dnsAnswer struct {
	Exchange string `json:"exchange"`
	zoeklicht.DNSFacts
}

// tlsRecord is what the handshakes showed. Certificates are listed once, by the
// SHA-256 of their DER form.
type tlsRecord struct {
	Format       string            `json:"format"`
	Exchanges    []tlsFacts        `json:"exchanges"`
	Certificates map[string][]byte `json:"certificates"` // base64 of DER
}

type tlsFacts struct {
	Exchange   string   `json:"exchange"`
	ServerName string   `json:"server_name"`
	Version    string   `json:"version"`
	Cipher     string   `json:"cipher"`
	ALPN       string   `json:"alpn"`
	Chain      []string `json:"chain"` // leaf first, as sent
	Verified   bool     `json:"verified"`
	Problem    string   `json:"problem,omitempty"`
}

func newTLSFacts(name string, t *zoeklicht.TLSFacts, certificates map[string][]byte) tlsFacts {
	f := tlsFacts{
		Exchange: name, ServerName: t.ServerName, Version: t.Version, Cipher: t.Cipher, ALPN: t.ALPN,
		Chain: []string{}, Verified: t.Verified, Problem: t.Problem,
	}
	for _, der := range t.Chain {
		sum := sha256.Sum256(der)
		id := hex.EncodeToString(sum[:])
		f.Chain = append(f.Chain, id)
		certificates[id] = der
	}
	return f
}

// imageRecord is how a picture was obtained. Certificates holds those that the
// page's tls record does not have.
type imageRecord struct {
	Format       string            `json:"format"`
	Exchanges    []ExchangeFacts   `json:"exchanges"`
	Certificates map[string][]byte `json:"certificates,omitempty"`
}

// name gives the name of hop i of a chain of n: the last one is last.
func hopName(prefix, last string, i, n int) string {
	if i == n-1 {
		return last
	}
	return prefix + "redirect:" + strconv.Itoa(i)
}
