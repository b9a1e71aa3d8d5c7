package fetch

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"

	"zoeklicht"
)

// maxURL bounds an address in bytes, as common servers do; what is longer was
// not made for visitors.
const maxURL = 8 << 10

// Address is an http or https URL, parsed as the WHATWG standard has it, in the
// parts that asking for it needs.
type Address struct {
	Scheme string // "http" or "https"
	Host   string // as in a URL: lower case, punycode, IPv6 in brackets
	Port   uint16
	Target string // path and query, as it goes into the request line
	Path   string
}

// ParseAddress parses an absolute URL. It refuses what is never asked for:
// other schemes, credentials, and more than 8 KiB.
func ParseAddress(raw string) (Address, error) {
	u, err := parseURL(raw, "")
	if err != nil {
		return Address{}, err
	}
	return addressOf(u)
}

// Resolve parses a reference, such as a Location header, against the address
// that it was found at.
func (a Address) Resolve(ref string) (Address, error) {
	u, err := parseURL(ref, a.String())
	if err != nil {
		return Address{}, err
	}
	return addressOf(u)
}

// HostPort gives the host with its port unless that is the scheme's own: the
// form of the Host header.
func (a Address) HostPort() string {
	if a.Port == 80 && a.Scheme == "http" || a.Port == 443 && a.Scheme == "https" {
		return a.Host
	}
	return fmt.Sprintf("%s:%d", a.Host, a.Port)
}

// String gives the URL, without a fragment.
func (a Address) String() string { return a.Scheme + "://" + a.HostPort() + a.Target }

// Literal gives the address that the host is, if it is one and not a name.
func (a Address) Literal() (netip.Addr, bool) {
	ip, err := netip.ParseAddr(strings.Trim(a.Host, "[]"))
	return ip.Unmap(), err == nil
}

func addressOf(u *whatwg.Url) (Address, error) {
	scheme := u.Scheme()
	if scheme != "http" && scheme != "https" {
		return Address{}, outside("%q is no http or https address", Plain(u.Href(true)))
	}
	if u.Username() != "" || u.Password() != "" {
		return Address{}, outside("an address with a user name or password is never asked for")
	}
	if u.Hostname() == "" {
		return Address{}, outside("%q has no host", Plain(u.Href(true)))
	}
	a := Address{Scheme: scheme, Host: u.Hostname(), Path: u.Pathname()}
	switch port := u.Port(); {
	case port != "": // the parser's DecodedPort takes port 0 for none
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return Address{}, outside("port %q leads nowhere", port)
		}
		a.Port = uint16(n)
	case scheme == "https":
		a.Port = 443
	default:
		a.Port = 80
	}
	// The serialised URL, not path and query apart: only it keeps a bare "?".
	href := u.Href(true)
	a.Target = href[len(scheme)+len("://")+len(u.Host()):]
	return a, nil
}

// parseURL parses a reference against a base, or an absolute URL without one. A
// panic of the parser is an error of the input here: pages choose the input.
func parseURL(ref, base string) (u *whatwg.Url, err error) {
	if len(ref) > maxURL {
		return nil, outside("an address of %d bytes", len(ref))
	}
	defer func() {
		if r := recover(); r != nil {
			u, err = nil, outside("the address %q cannot be parsed", Plain(ref))
		}
	}()
	if base == "" {
		u, err = whatwg.Parse(ref)
	} else {
		u, err = whatwg.ParseRef(base, ref)
	}
	if err != nil {
		return nil, &Failure{zoeklicht.FailOutside, err}
	}
	if u == nil {
		return nil, &Failure{zoeklicht.FailOutside, errors.New("no address")}
	}
	return u, nil
}

func outside(format string, args ...any) *Failure {
	return &Failure{zoeklicht.FailOutside, fmt.Errorf(format, args...)}
}
