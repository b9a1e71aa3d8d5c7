package zoeklicht

import (
	"net/http"
	"net/netip"
	"time"
)

// Exchange is one request and its response as they were on the wire, with what
// is needed to answer how it was obtained. Status is 0 when no response came;
// Failure then says why, in one of the Fail words.
type Exchange struct {
	URL      string
	Method   string
	Driver   string // "http/1", later tor, browser: a reconstruction says so here
	Started  time.Time
	Duration time.Duration // monotonic, until the last byte
	Request  []byte        // the bytes sent
	Response []byte        // the bytes received, head and body, transfer coding included
	HeadLen  int           // length of the response's head within Response
	Status   int
	Header   http.Header
	Body     []byte // transfer and content coding undone, cut at the decoded cap
	// Truncated is empty, or why the body was cut: "length", "time", "disconnect",
	// "decoded" (the words of WARC-Truncated, and ours for a decompression bomb).
	Truncated string
	DNS       DNSFacts
	Peer      netip.AddrPort
	Local     netip.AddrPort
	TLS       *TLSFacts
	Reused    bool // the connection had carried an earlier exchange
	Failure   Fail
	Detail    string // the failure in words, for people and logs
}

// Fail is a reason why a URL was not obtained. It is counted per run.
type Fail string

// The reasons.
const (
	FailDNS        Fail = "dns"
	FailConnect    Fail = "connect"
	FailTLS        Fail = "tls"
	FailTimeout    Fail = "timeout"
	FailDisconnect Fail = "disconnect"
	FailProtocol   Fail = "protocol"
	FailTooLarge   Fail = "too-large"
	FailRedirects  Fail = "redirects"
	FailOutside    Fail = "outside-approval"
	FailBlocked    Fail = "blocked-address"
	FailRobots     Fail = "robots"      // robots.txt asks not to
	FailNoRobots   Fail = "no-robots"   // robots.txt could not be read, so nothing was asked for
	FailStatus     Fail = "status"      // 4xx or 5xx that is not an answer about the advert
	FailNotContent Fail = "not-content" // see NotContent
	FailNotPicture Fail = "not-a-picture"
	FailCancelled  Fail = "cancelled"
	FailSealed     Fail = "sealed"    // obtained, and taken out of sight since
	FailDestroyed  Fail = "destroyed" // obtained, and destroyed since
)

// DNSFacts is the full answer that the address came from. For a literal address
// Resolver is "literal".
type DNSFacts struct {
	Host     string       `json:"host"`
	Resolver string       `json:"resolver"`
	Answers  []netip.Addr `json:"answers"`
	At       time.Time    `json:"at"`
}

// TLSFacts is what the handshake showed.
type TLSFacts struct {
	ServerName string   `json:"server_name"`
	Version    string   `json:"version"`
	Cipher     string   `json:"cipher"`
	ALPN       string   `json:"alpn"`
	Chain      [][]byte `json:"chain"` // DER, leaf first, as the server sent it
	Verified   bool     `json:"verified"`
	Problem    string   `json:"problem,omitempty"` // why it did not verify
}
