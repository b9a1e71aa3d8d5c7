package fetch

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"

	"zoeklicht"
)

// Approval is what the decision on a source lets be connected to. It is made
// once per run and never changes; all its methods may be called at once.
type Approval struct {
	source   zoeklicht.SourceID
	until    time.Time
	pages    map[string]bool // "host:port"
	pictures map[string]bool
	paths    []string
	guard    *ssrf.Guardian
}

// NewApproval reads the approval of a source. It refuses a source that is not
// approved, and a scope that is not understood: a host with anything but a port
// behind it, a path that does not begin with "/", or a private prefix that is
// not loopback or private (nobody opens the whole internet, or a cloud's
// metadata address, by naming it "private").
func NewApproval(src *zoeklicht.Source) (*Approval, error) {
	if src.State != zoeklicht.Approved {
		return nil, zoeklicht.Errorf(zoeklicht.Denied, "source %s is %s, not approved", src.ID, src.State).
			With("nothing was connected to", "have it vetted and approved first")
	}
	if len(src.Scope.Hosts) == 0 {
		return nil, wrong(src, "its scope names no host")
	}
	a := &Approval{
		source: src.ID, until: src.ReviewBy,
		pages: map[string]bool{}, pictures: map[string]bool{},
	}
	var ports []uint16
	for _, list := range []struct {
		hosts []string
		into  map[string]bool
	}{{src.Scope.Hosts, a.pages}, {src.Scope.PictureHosts, a.pictures}} {
		for _, h := range list.hosts {
			host, its, err := parseHost(h)
			if err != nil {
				return nil, wrong(src, err.Error())
			}
			for _, p := range its {
				list.into[hostPort(host, p)] = true
				ports = append(ports, p)
			}
		}
	}
	for _, p := range src.Scope.Paths {
		addr, err := ParseAddress("http://path.invalid" + p)
		if err != nil || !strings.HasPrefix(p, "/") || strings.ContainsAny(p, "?#") {
			return nil, wrong(src, fmt.Sprintf("%q is no path; write it as /folder/", p))
		}
		a.paths = append(a.paths, foldPath(addr.Path))
	}
	v4, v6, err := parsePrivate(src.Scope.Private)
	if err != nil {
		return nil, wrong(src, err.Error())
	}
	a.guard = ssrf.New(ssrf.WithPorts(ports...),
		ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...))
	return a, nil
}

func wrong(src *zoeklicht.Source, what string) error {
	return zoeklicht.Errorf(zoeklicht.Invalid, "scope of source %s: %s", src.ID, what).
		With("nothing was connected to", "correct the scope and have it decided on again")
}

// parseHost reads "host" or "host:port" and gives the host as URLs have it, with
// the ports that it covers.
func parseHost(entry string) (host string, ports []uint16, err error) {
	if entry == "" || strings.ContainsAny(entry, "/\\?#@%\t\r\n ") {
		return "", nil, fmt.Errorf("%q is not a host or host:port", entry)
	}
	a, err := ParseAddress("http://" + entry)
	if err != nil {
		return "", nil, fmt.Errorf("%q is not a host or host:port", entry)
	}
	if i := strings.LastIndexByte(entry, ':'); i > strings.LastIndexByte(entry, ']') {
		if i == len(entry)-1 {
			return "", nil, fmt.Errorf("%q has no port behind its colon", entry)
		}
		return a.Host, []uint16{a.Port}, nil
	}
	return a.Host, []uint16{80, 443}, nil
}

func hostPort(host string, port uint16) string { return fmt.Sprintf("%s:%d", host, port) }

// mayBePrivate are the ranges inside which a source may really lie: loopback,
// RFC 1918, shared address space of RFC 6598, and unique local IPv6. Link-local
// is not among them, because clouds serve credentials there.
var mayBePrivate = []netip.Prefix{
	netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("fc00::/7"),
}

func parsePrivate(list []string) (v4, v6 []netip.Prefix, err error) {
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, nil, fmt.Errorf("private prefix %q: write it as 127.0.0.1/32", s)
		}
		p = p.Masked()
		within := func(m netip.Prefix) bool { return m.Bits() <= p.Bits() && m.Contains(p.Addr()) }
		switch {
		case !slices.ContainsFunc(mayBePrivate, within):
			return nil, nil, fmt.Errorf("%q does not lie inside a loopback or private range", s)
		case p.Addr().Is4():
			v4 = append(v4, p)
		default:
			v6 = append(v6, p)
		}
	}
	return v4, v6, nil
}

// Source gives the source that was approved.
func (a *Approval) Source() zoeklicht.SourceID { return a.source }

// InForce fails with FailOutside once the review date has passed.
func (a *Approval) InForce(now time.Time) error {
	if now.Before(a.until) {
		return nil
	}
	return outside("the approval of source %s lapsed on %s", a.source, a.until.UTC().Format(time.RFC3339))
}

// Covers reports whether a URL may be asked for, and fails with FailOutside if
// not; picture says that it is wanted as a picture of an advert. A page host
// covers the approved paths and its /robots.txt, for pages and pictures alike;
// a picture host covers every path, for pictures only.
func (a *Approval) Covers(u string, picture bool) error {
	addr, err := ParseAddress(u)
	if err != nil {
		return err
	}
	return a.covers(addr, picture)
}

func (a *Approval) covers(addr Address, picture bool) error {
	hp := hostPort(addr.Host, addr.Port)
	if picture && a.pictures[hp] {
		return nil
	}
	if !a.pages[hp] {
		if a.pictures[hp] {
			return outside("%s is approved for pictures only", hp)
		}
		return outside("%s is not in the approval of source %s", hp, a.source)
	}
	if len(a.paths) == 0 || addr.Target == "/robots.txt" {
		return nil
	}
	if slippery(addr.Path) {
		return outside("the path %q hides where it leads", Plain(addr.Path))
	}
	path := foldPath(addr.Path)
	for _, p := range a.paths {
		if strings.HasPrefix(path, p) {
			return nil
		}
	}
	return outside("the path %q is not in the approval of source %s", Plain(addr.Path), a.source)
}

// Permits reports whether an address may be connected to, and fails with
// FailBlocked if not: the port must be one of the approval's, and the address
// public or inside a private prefix that the approval names.
func (a *Approval) Permits(to netip.AddrPort) error {
	if err := a.guard.SafeAddrPort(netip.AddrPortFrom(to.Addr().Unmap(), to.Port())); err != nil {
		return &Failure{zoeklicht.FailBlocked, err}
	}
	return nil
}

// control is the egress guard in the place of net.Dialer.Control: it judges the
// very address that the socket is about to connect to.
func (a *Approval) control(network, address string, c syscall.RawConn) error {
	if err := a.guard.Safe(network, address, c); err != nil {
		return &Failure{zoeklicht.FailBlocked, err}
	}
	return nil
}
