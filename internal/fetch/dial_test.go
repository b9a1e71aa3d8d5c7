package fetch_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/fetch"
	"zoeklicht/internal/fetch/http1"
)

// answering is a resolver whose n-th look-up gives its n-th answer, and the last
// one ever after.
type answering struct {
	answers [][]netip.Addr
	asked   atomic.Int64
}

func (r *answering) Resolve(_ context.Context, host string) (zoeklicht.DNSFacts, error) {
	n := int(r.asked.Add(1)) - 1
	return zoeklicht.DNSFacts{Host: host, Resolver: "test", Answers: r.answers[min(n, len(r.answers)-1)], At: noon}, nil
}

func addrs(s ...string) (out []netip.Addr) {
	for _, a := range s {
		out = append(out, netip.MustParseAddr(a))
	}
	return out
}

// errDial ends every connection that the guard lets pass before a packet is sent.
var errDial = errors.New("the guard let it pass")

// counting is a Control that counts the addresses passed and connects to none.
func counting(passed *[]string) func(string, string, syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		*passed = append(*passed, address)
		return errDial
	}
}

// special are the 33 ranges that are not the public internet, of the IANA
// special-purpose registries for IPv4 and IPv6 and multicast, with their first,
// last and an inner address.
var special = []struct{ prefix, inner, last string }{
	{"0.0.0.0/8", "0.1.2.3", "0.255.255.255"},
	{"10.0.0.0/8", "10.11.12.13", "10.255.255.255"},
	{"100.64.0.0/10", "100.100.100.200", "100.127.255.255"},
	{"127.0.0.0/8", "127.0.0.1", "127.255.255.255"},
	{"169.254.0.0/16", "169.254.169.254", "169.254.255.255"},
	{"172.16.0.0/12", "172.17.0.1", "172.31.255.255"},
	{"192.0.0.0/24", "192.0.0.170", "192.0.0.255"},
	{"192.0.2.0/24", "192.0.2.1", "192.0.2.255"},
	{"192.31.196.0/24", "192.31.196.1", "192.31.196.255"},
	{"192.52.193.0/24", "192.52.193.1", "192.52.193.255"},
	{"192.88.99.0/24", "192.88.99.1", "192.88.99.255"},
	{"192.168.0.0/16", "192.168.1.1", "192.168.255.255"},
	{"192.175.48.0/24", "192.175.48.1", "192.175.48.255"},
	{"198.18.0.0/15", "198.19.0.1", "198.19.255.255"},
	{"198.51.100.0/24", "198.51.100.1", "198.51.100.255"},
	{"203.0.113.0/24", "203.0.113.1", "203.0.113.255"},
	{"224.0.0.0/4", "239.255.255.250", "239.255.255.255"},
	{"240.0.0.0/4", "250.1.2.3", "255.255.255.254"},
	{"255.255.255.255/32", "255.255.255.255", "255.255.255.255"},
	{"::/128", "::", "::"},
	{"::1/128", "::1", "::1"},
	{"::ffff:0:0/96", "::ffff:127.0.0.1", "::ffff:10.0.0.1"},
	{"64:ff9b::/96", "64:ff9b::7f00:1", "64:ff9b::ffff:ffff"},
	{"64:ff9b:1::/48", "64:ff9b:1::7f00:1", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"},
	{"100::/64", "100::1", "100::ffff:ffff:ffff:ffff"},
	{"2001::/23", "2001:0:7f00:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"},
	{"2001:db8::/32", "2001:db8::1", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"},
	{"2002::/16", "2002:7f00:1::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	{"2620:4f:8000::/48", "2620:4f:8000::1", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff"},
	{"3fff::/20", "3fff::1", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"},
	{"fc00::/7", "fd00::1", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	{"fe80::/10", "fe80::1", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	{"ff00::/8", "ff02::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
}

func TestSpecialRangesAreNeverDialled(t *testing.T) {
	t.Parallel()
	if len(special) != 33 {
		t.Fatalf("%d ranges, want 33", len(special))
	}
	var passed []string
	for _, r := range special {
		first := netip.MustParsePrefix(r.prefix).Addr().String()
		for _, ip := range []string{first, r.inner, r.last} {
			// As a literal in the URL of an approved host, and behind a name.
			literal := netip.MustParseAddr(ip).String()
			if strings.Contains(literal, ":") {
				literal = "[" + literal + "]"
			}
			for host, answer := range map[string]string{literal: "", "ads.example": ip} {
				d := &fetch.Direct{Clock: clock, Control: counting(&passed)}
				if answer != "" {
					d.Resolver = &answering{answers: [][]netip.Addr{addrs(answer)}}
				}
				ex := get(t, d, approve(t, zoeklicht.Scope{Hosts: []string{host}}), "http://"+host+"/")
				if ex.Failure != zoeklicht.FailBlocked || len(ex.DNS.Answers) != 1 {
					t.Errorf("%s as %s: %q (%s), DNS %v", ip, host, ex.Failure, ex.Detail, ex.DNS.Answers)
				}
			}
		}
	}
	if len(passed) != 0 {
		t.Errorf("let pass: %v", passed)
	}
}

// The guard must not pass the tests above by blocking everything.
func TestPublicAddressesAreDialled(t *testing.T) {
	t.Parallel()
	for _, ip := range []string{"1.1.1.1", "93.184.215.14", "172.32.0.1", "100.128.0.1", "2a00:1450::1", "2606:4700::1111"} {
		var passed []string
		d := &fetch.Direct{Clock: clock, Control: counting(&passed), Resolver: &answering{answers: [][]netip.Addr{addrs(ip)}}}
		ex := get(t, d, approve(t, zoeklicht.Scope{Hosts: []string{"ads.example"}}), "https://ads.example/")
		want := netip.AddrPortFrom(netip.MustParseAddr(ip), 443).String()
		if ex.Failure != zoeklicht.FailConnect || !slices.Equal(passed, []string{want}) {
			t.Errorf("%s: %q (%s), let pass %v", ip, ex.Failure, ex.Detail, passed)
		}
	}
}

func TestRebindingIsNeverDialled(t *testing.T) {
	t.Parallel()
	inside, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var accepted atomic.Int64
	go func() {
		for {
			c, err := inside.Accept()
			if err != nil {
				return
			}
			accepted.Add(1)
			c.Close()
		}
	}()
	host := fmt.Sprintf("ads.example:%d", inside.Addr().(*net.TCPAddr).Port)
	a := approve(t, zoeklicht.Scope{Hosts: []string{host}})
	for _, answers := range [][][]netip.Addr{
		{addrs("93.184.215.14"), addrs("127.0.0.1")},
		{addrs("93.184.215.14", "127.0.0.1")},
		{addrs("127.0.0.1", "93.184.215.14")},
		{addrs("::ffff:127.0.0.1"), addrs("::1")},
	} {
		var passed []string
		d := &fetch.Direct{Clock: clock, Control: counting(&passed), Resolver: &answering{answers: answers}}
		for range 3 {
			if ex := get(t, d, a, "http://"+host+"/"); ex.Status != 0 {
				t.Errorf("%v: answered with %d", answers, ex.Status)
			}
		}
		for _, p := range passed {
			if !strings.HasPrefix(p, "93.184.215.14:") {
				t.Errorf("%v: %s was let pass", answers, p)
			}
		}
	}
	inside.Close()
	if n := accepted.Load(); n != 0 {
		t.Errorf("%d connections to the inside", n)
	}
}

func TestPermits(t *testing.T) {
	t.Parallel()
	a := approve(t, zoeklicht.Scope{Hosts: []string{"ads.example", "127.0.0.1:7070"}, Private: []string{"127.0.0.1/32"}})
	for address, ok := range map[string]bool{
		"93.184.215.14:80": true, "93.184.215.14:22": false, "127.0.0.1:7070": true, "127.0.0.1:80": true,
		"127.0.0.1:7071": false, "127.0.0.2:7070": false, "10.0.0.1:80": false, "[::1]:80": false, "[::ffff:10.0.0.1]:80": false,
	} {
		err := a.Permits(netip.MustParseAddrPort(address))
		if reason, _ := fetch.Fail(errOr(err), ""); (err == nil) != ok || !ok && reason != zoeklicht.FailBlocked {
			t.Errorf("Permits(%s) = %v, want %v", address, err, ok)
		}
	}
}

// Whatever a dialer was told before, the socket itself is asked last: here one
// that never asked connects to a listener inside, and does not arrive.
func TestGuardIsInTheSocket(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	port := ln.Addr().(*net.TCPAddr).Port
	for _, test := range []struct {
		scope zoeklicht.Scope
		ok    bool
	}{
		{zoeklicht.Scope{Hosts: []string{fmt.Sprintf("ads.example:%d", port)}}, false},
		{zoeklicht.Scope{Hosts: []string{"ads.example"}, Private: []string{"127.0.0.0/8"}}, false},
		{zoeklicht.Scope{Hosts: []string{fmt.Sprintf("ads.example:%d", port)}, Private: []string{"127.0.0.0/8"}}, true},
	} {
		d := net.Dialer{Control: fetch.Control(approve(t, test.scope))}
		conn, err := d.DialContext(t.Context(), "tcp", ln.Addr().String())
		if (err == nil) != test.ok {
			t.Errorf("%+v: %v, want connected %v", test.scope, err, test.ok)
		}
		if err != nil {
			if reason, _ := fetch.Fail(err, ""); reason != zoeklicht.FailBlocked {
				t.Errorf("%+v: %v", test.scope, err)
			}
			continue
		}
		conn.Close()
	}
}

func errOr(err error) error {
	if err == nil {
		return errors.New("none")
	}
	return err
}

func TestHostileURLs(t *testing.T) {
	t.Parallel()
	file, err := os.Open(filepath.Join(shared(t), "hostile", "ssrf", "SSRF_hacktricks.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var passed []string
	d := &fetch.Direct{Clock: clock, Control: counting(&passed), Resolver: &answering{answers: [][]netip.Addr{addrs("127.0.0.1")}}}
	lines := 0
	for sc := bufio.NewScanner(file); sc.Scan(); {
		u := strings.TrimSpace(sc.Text())
		if u == "" {
			continue
		}
		lines++
		// Under an approval of another host, and under one of the very host that
		// the URL turns out to have: neither may reach an address inside.
		if ex := get(t, d, approve(t, zoeklicht.Scope{Hosts: []string{"ads.example"}}), u); ex.Failure != zoeklicht.FailOutside {
			t.Errorf("%s: %q (%s)", u, ex.Failure, ex.Detail)
		}
		addr, err := fetch.ParseAddress(u)
		if err != nil {
			continue
		}
		ex := get(t, d, approve(t, zoeklicht.Scope{Hosts: []string{fmt.Sprintf("%s:%d", addr.Host, addr.Port)}}), u)
		if ex.Failure != zoeklicht.FailBlocked {
			t.Errorf("%s, approved as %s: %q (%s)", u, addr.Host, ex.Failure, ex.Detail)
		}
	}
	t.Logf("%d hostile URLs, %d connects", lines, len(passed))
	if lines == 0 || len(passed) != 0 {
		t.Errorf("let pass: %v", passed)
	}
}

func TestDialTriesTheNextAnswer(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() }) // after the parallel tests below
	port := uint16(ln.Addr().(*net.TCPAddr).Port)
	host := fmt.Sprintf("ads.example:%d", port)
	a := approve(t, zoeklicht.Scope{Hosts: []string{host}, Private: []string{"127.0.0.0/8"}})

	t.Run("where the first refuses", func(t *testing.T) {
		t.Parallel()
		d := &fetch.Direct{Clock: clock, Resolver: &answering{answers: [][]netip.Addr{addrs("10.0.0.1", "127.0.0.2", "127.0.0.1", "127.0.0.1")}}}
		conn, facts, err := d.Dial(t.Context(), a, "ads.example", port)
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
		if conn.RemoteAddr().String() != ln.Addr().String() {
			t.Errorf("connected to %s", conn.RemoteAddr())
		}
		if want := addrs("10.0.0.1", "127.0.0.2", "127.0.0.1"); !slices.Equal(facts.Answers, want) {
			t.Errorf("recorded %v, want %v", facts.Answers, want)
		}
	})
	t.Run("where the first hangs", func(t *testing.T) {
		t.Parallel()
		hung := make(chan struct{})
		d := &fetch.Direct{
			Clock: clock, Resolver: &answering{answers: [][]netip.Addr{addrs("127.0.0.2", "127.0.0.1")}},
			Control: func(_, address string, _ syscall.RawConn) error {
				if strings.HasPrefix(address, "127.0.0.2:") {
					<-hung
				}
				return nil
			},
		}
		conn, _, err := d.Dial(t.Context(), a, "ads.example", port)
		close(hung)
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
	})
	t.Run("until all failed", func(t *testing.T) {
		t.Parallel()
		d := &fetch.Direct{Clock: clock, Resolver: &answering{answers: [][]netip.Addr{addrs("127.0.0.2", "127.0.0.3")}}}
		_, _, err := d.Dial(t.Context(), a, "ads.example", port)
		if reason, detail := fetch.Fail(errOr(err), zoeklicht.FailConnect); reason != zoeklicht.FailConnect || !strings.Contains(detail, "127.0.0.3") {
			t.Errorf("%q (%s)", reason, detail)
		}
	})
	t.Run("until time is up", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		hung := make(chan struct{})
		defer close(hung)
		d := &fetch.Direct{
			Clock: clock, Resolver: &answering{answers: [][]netip.Addr{addrs("127.0.0.2", "127.0.0.3")}},
			Control: func(string, string, syscall.RawConn) error { cancel(); <-hung; return nil },
		}
		if _, _, err := d.Dial(ctx, a, "ads.example", port); !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want it cancelled", err)
		}
	})
	t.Run("nothing to try", func(t *testing.T) {
		t.Parallel()
		d := &fetch.Direct{Clock: clock, Resolver: &answering{answers: [][]netip.Addr{nil}}}
		_, _, err := d.Dial(t.Context(), a, "ads.example", port)
		if reason, _ := fetch.Fail(errOr(err), ""); reason != zoeklicht.FailDNS {
			t.Errorf("%v, want %s", err, zoeklicht.FailDNS)
		}
	})
}

// failing is a resolver that fails.
type failing struct{ err error }

func (r failing) Resolve(_ context.Context, host string) (zoeklicht.DNSFacts, error) {
	return zoeklicht.DNSFacts{Host: host, Resolver: "test", At: noon}, r.err
}

func TestLookupFailures(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want zoeklicht.Fail
	}{
		{&net.DNSError{Err: "no such host", Name: "ads.example", IsNotFound: true}, zoeklicht.FailDNS},
		{errors.New("resolver broke"), zoeklicht.FailDNS},
		{syscall.ECONNRESET, zoeklicht.FailDNS},
		{context.DeadlineExceeded, zoeklicht.FailTimeout},
		{context.Canceled, zoeklicht.FailCancelled},
	} {
		ex := get(t, &fetch.Direct{Clock: clock, Resolver: failing{test.err}}, approve(t, zoeklicht.Scope{Hosts: []string{"ads.example"}}), "http://ads.example/")
		if ex.Failure != test.want || ex.DNS.Host != "ads.example" || ex.DNS.Resolver != "test" {
			t.Errorf("%v: %q, DNS %+v; want %q", test.err, ex.Failure, ex.DNS, test.want)
		}
	}
}

func TestSystemResolver(t *testing.T) {
	t.Parallel()
	facts, err := fetch.System{Clock: clock}.Resolve(t.Context(), "localhost")
	if err != nil {
		t.Skipf("this machine's hosts file does not know localhost: %v", err)
	}
	if !slices.Contains(facts.Answers, netip.MustParseAddr("127.0.0.1")) && !slices.Contains(facts.Answers, netip.MustParseAddr("::1")) {
		t.Errorf("localhost is %v", facts.Answers)
	}
	if facts.Resolver != "hosts" || facts.Host != "localhost" || !facts.At.Equal(noon) {
		t.Errorf("facts %+v", facts)
	}
}

func clock() time.Time { return noon }

// get fetches with the real driver and gives the last exchange.
func get(t *testing.T, d fetch.Dialer, a *fetch.Approval, u string) *zoeklicht.Exchange {
	t.Helper()
	c := http1.New(fetch.Config{}, d, clock, nil)
	defer c.Close()
	chain := c.Get(t.Context(), fetch.Request{URL: u, Approval: a})
	return chain[len(chain)-1]
}

// shared gives the folder of public test data, and skips where it is absent.
func shared(t testing.TB) string {
	t.Helper()
	root := os.Getenv("ZOEKLICHT_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(root, "data")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the public test data is absent (%v)", err)
	}
	return dir
}
