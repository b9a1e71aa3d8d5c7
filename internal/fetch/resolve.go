package fetch

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"zoeklicht"
)

// maxAnswers bounds how many addresses of one answer are kept.
const maxAnswers = 64

// Resolver looks a name up.
type Resolver interface {
	// Resolve gives every address that the name has, in the order answered, and
	// who answered. The facts are as full as they can be on an error as well.
	Resolve(ctx context.Context, host string) (zoeklicht.DNSFacts, error)
}

// System looks names up as this machine is configured to (resolv.conf, hosts),
// with Go's own resolver, so that the server that answered can be recorded.
type System struct {
	Clock zoeklicht.Clock
}

// Resolve implements Resolver. DNSFacts.Resolver names the servers asked, or
// "hosts" where no server was.
func (s System) Resolve(ctx context.Context, host string) (zoeklicht.DNSFacts, error) {
	facts := zoeklicht.DNSFacts{Host: host, At: s.Clock()}
	var mu sync.Mutex
	var asked []string
	// One per look-up: a shared one would answer a second question with the
	// first one's exchange, and its server would be recorded for neither.
	r := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		mu.Lock()
		if !slices.Contains(asked, address) {
			asked = append(asked, address)
		}
		mu.Unlock()
		var d net.Dialer
		return d.DialContext(ctx, network, address)
	}}
	addrs, err := r.LookupNetIP(ctx, "ip", host)
	mu.Lock()
	facts.Resolver = strings.Join(asked, " ")
	mu.Unlock()
	if facts.Resolver == "" {
		facts.Resolver = "hosts"
	}
	facts.Answers = answers(addrs)
	return facts, err
}

// answers takes out what is double, and the IPv6 disguise of IPv4 addresses.
func answers(addrs []netip.Addr) []netip.Addr {
	out := make([]netip.Addr, 0, min(len(addrs), maxAnswers))
	for _, a := range addrs {
		if a = a.Unmap(); !slices.Contains(out, a) && len(out) < maxAnswers {
			out = append(out, a)
		}
	}
	return out
}
