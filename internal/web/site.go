package web

import (
	"net/netip"
	"net/url"
	"strings"

	"zoeklicht"
	"zoeklicht/internal/fetch"
	"zoeklicht/internal/frontier"
	"zoeklicht/internal/wording"
)

// readAddress reads the address of a page as somebody typed it, with or without its
// scheme, and gives its canonical form: IDNA in ASCII, without a default port, fragment
// and session. Or it says what is wrong with it.
func readAddress(s string) (address string, problem wording.Key) {
	s = strings.TrimSpace(s)
	if s == "" || s[0] == '/' || strings.ContainsAny(s, " \t\n<>\"{}|\\^`") {
		return "", "many.no-address"
	}
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	if u, err := url.Parse(s); err == nil {
		switch {
		case u.Scheme != "http" && u.Scheme != "https":
			return "", "many.bad-scheme"
		case u.User != nil:
			return "", "many.with-password"
		}
	}
	address, err := frontier.Canonical(s, nil)
	if err != nil || len(address) > 2000 {
		return "", "many.no-address"
	}
	if host := hostnameOf(address); !strings.ContainsAny(host, ".:") && host != "localhost" {
		return "", "many.no-address" // a single word
	}
	return address, ""
}

// readSite reads the address of a site that is proposed: one that lies on the internet.
func readSite(s string) (home string, problem wording.Key) {
	home, problem = readAddress(s)
	if problem == "" && !public(home) {
		return "", "many.special"
	}
	return home, problem
}

// readHost reads a host of a source's scope, with or without a port, and gives it as a
// canonical address has it. It reports false for anything else, and for one that does not
// lie on the internet.
func readHost(s string) (string, bool) {
	if strings.ContainsAny(s, "/@?#*") {
		return "", false
	}
	home, problem := readSite(s)
	return hostOf(home), problem == ""
}

// specialNames are the names that do not lead to the internet's hosts: RFC 6761, 6762,
// 8375, and ICANN's choice for private use.
var specialNames = []string{"localhost", "local", "internal", "arpa", "invalid"}

// public reports whether a canonical address names a host on the internet, as far as can
// be said without asking anybody: no name that is kept for something else, and no number
// that the guard of all connections would refuse. Where a name leads is checked whenever
// it is connected to.
func public(address string) bool {
	host := hostnameOf(address)
	for _, name := range specialNames {
		if host == name || strings.HasSuffix(host, "."+name) {
			return false
		}
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return true
	}
	guard, err := fetch.NewApproval(&zoeklicht.Source{State: zoeklicht.Approved, Scope: zoeklicht.Scope{Hosts: []string{bracketed(ip) + ":443"}}})
	return err == nil && guard.Permits(netip.AddrPortFrom(ip, 443)) == nil
}

// bracketed is an address of the internet as it stands in a URL.
func bracketed(ip netip.Addr) string {
	if ip.Is6() {
		return "[" + ip.String() + "]"
	}
	return ip.String()
}

// hostOf gives the host of a canonical address as a scope has it, with a port that is not
// the scheme's own; "" where there is none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// hostnameOf gives the host without its port.
func hostnameOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// sameSite gives what two hosts have in common that are taken for one site: they differ in
// spelling, in a default port, or in www.
func sameSite(host string) string {
	if home, err := frontier.Canonical("https://"+host, nil); err == nil {
		host = hostOf(home)
	}
	return strings.TrimPrefix(strings.TrimSuffix(host, ":80"), "www.")
}
