package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"zoeklicht"
)

// Dialer opens a connection to a host that the approval covers.
type Dialer interface {
	// Dial gives the connection and where its address came from. The facts are
	// as full as they can be on an error as well.
	Dial(ctx context.Context, a *Approval, host string, port uint16) (net.Conn, zoeklicht.DNSFacts, error)
}

const (
	// maxTried bounds how many addresses of one host are tried.
	maxTried = 6
	// head start of each address before the next is tried beside it (RFC 8305).
	stagger = 250 * time.Millisecond
)

// Direct connects from this machine itself. It looks the name up once, records
// the whole answer, and connects to addresses, never to names; the egress guard
// judges them before and in the socket.
type Direct struct {
	Resolver Resolver // nil: System
	Clock    zoeklicht.Clock
	// Control, if set, is asked about each socket that the guard has passed,
	// before it connects: for marks that route it, and for tests that count.
	Control func(network, address string, c syscall.RawConn) error
}

// Dial implements Dialer. Where no answer may be connected to it fails with
// FailBlocked, and no socket was made.
func (d *Direct) Dial(ctx context.Context, a *Approval, host string, port uint16) (net.Conn, zoeklicht.DNSFacts, error) {
	facts, err := d.lookup(ctx, host)
	if err != nil {
		return nil, facts, err
	}
	var to []netip.AddrPort
	var blocked error
	for _, ip := range interleave(facts.Answers) {
		ap := netip.AddrPortFrom(ip, port)
		if err := a.Permits(ap); err != nil {
			blocked = err
			continue
		}
		if len(to) < maxTried {
			to = append(to, ap)
		}
	}
	if len(to) == 0 {
		if blocked == nil {
			blocked = &Failure{zoeklicht.FailDNS, fmt.Errorf("%s has no address", Plain(host))}
		}
		return nil, facts, blocked
	}
	dialer := &net.Dialer{
		KeepAlive: -1, // the idle bound is ours
		Control: func(network, address string, c syscall.RawConn) error {
			if err := a.control(network, address, c); err != nil {
				return err
			}
			if d.Control != nil {
				return d.Control(network, address, c)
			}
			return nil
		},
	}
	conn, err := race(ctx, dialer, to)
	return conn, facts, err
}

func (d *Direct) lookup(ctx context.Context, host string) (zoeklicht.DNSFacts, error) {
	if ip, ok := (Address{Host: host}).Literal(); ok {
		return zoeklicht.DNSFacts{Host: host, Resolver: "literal", Answers: []netip.Addr{ip}, At: d.Clock()}, nil
	}
	var r Resolver = System{Clock: d.Clock}
	if d.Resolver != nil {
		r = d.Resolver
	}
	facts, err := r.Resolve(ctx, host)
	facts.Answers = answers(facts.Answers)
	if err != nil {
		reason, _ := Fail(err, zoeklicht.FailDNS)
		if reason == zoeklicht.FailBlocked || reason == zoeklicht.FailDisconnect {
			reason = zoeklicht.FailDNS // of the resolver's own connection
		}
		return facts, &Failure{reason, err}
	}
	return facts, nil
}

// interleave orders addresses so that the families take turns, beginning with
// that of the first answer; within a family the answer's order stays.
func interleave(addrs []netip.Addr) []netip.Addr {
	var v [2][]netip.Addr
	for _, a := range addrs {
		i := 0
		if a.Is4() != addrs[0].Is4() {
			i = 1
		}
		v[i] = append(v[i], a)
	}
	out := make([]netip.Addr, 0, len(addrs))
	for i := 0; len(out) < len(addrs); i++ {
		for _, family := range v {
			if i < len(family) {
				out = append(out, family[i])
			}
		}
	}
	return out
}

// race connects to the first of the addresses that answers. Each has a head
// start on the next, which a failure cuts short; the losers are closed.
func race(ctx context.Context, dialer *net.Dialer, to []netip.AddrPort) (net.Conn, error) {
	dial := func(ctx context.Context, ap netip.AddrPort) (net.Conn, error) {
		network := "tcp6"
		if ap.Addr().Is4() {
			network = "tcp4"
		}
		return dialer.DialContext(ctx, network, ap.String())
	}
	if len(to) == 1 {
		return dial(ctx, to[0])
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type outcome struct {
		conn net.Conn
		err  error
	}
	results := make(chan outcome)
	next := time.NewTimer(0)
	defer next.Stop()
	var errs []error
	started, running := 0, 0
	for {
		select {
		case <-next.C:
			if started == len(to) {
				break
			}
			ap := to[started]
			started++
			running++
			go func() {
				conn, err := dial(ctx, ap)
				select {
				case results <- outcome{conn, err}:
				case <-ctx.Done(): // decided already, or given up
					if conn != nil {
						conn.Close()
					}
				}
			}()
			next.Reset(stagger)
		case r := <-results:
			running--
			if r.err == nil {
				return r.conn, nil
			}
			errs = append(errs, r.err)
			if running == 0 && started == len(to) {
				return nil, errors.Join(errs...)
			}
			next.Reset(0)
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
