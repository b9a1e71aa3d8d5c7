// Package http1 is the driver that speaks HTTP/1.1 over its own connections, so
// that the bytes kept are the bytes that were on the wire: the request is
// written out here, header by header in a fixed order, and the response is
// recorded as it is read, before anything is made of it. Under TLS these are
// the bytes inside it; what the handshake showed is kept beside them.
//
// A connection is kept for the next request to the same host only when the
// response ended where it said it would and nothing followed, and is used again
// only when nothing came in while it was idle. So bytes are never taken for the
// response to another request.
package http1

import (
	"bufio"
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"zoeklicht"
	"zoeklicht/internal/fetch"
)

// Name is the driver's name in exchanges.
const Name = "http/1"

// Client is the driver. Its zero value is not usable; New makes one.
type Client struct {
	cfg    fetch.Config
	dialer fetch.Dialer
	clock  zoeklicht.Clock
	roots  *x509.CertPool
	pool   pool

	readers   sync.Pool // *bufio.Reader of readerSize
	scratches sync.Pool // *scratch
}

var _ fetch.Driver = (*Client)(nil)

const (
	readerSize = 16 << 10
	// scratchKept is the largest scratch buffer that is used again. Larger ones
	// become the response itself, or are left to the collector.
	scratchKept = 1 << 20
)

// New makes a client. The dialer is fetch.Direct, or one that goes another way;
// the clock dates exchanges and decides whether approvals are in force (bounds
// on time are measured with the machine's own monotonic clock); roots are the
// authorities that certificates must lead to, the system's when nil.
func New(cfg fetch.Config, dialer fetch.Dialer, clock zoeklicht.Clock, roots *x509.CertPool) *Client {
	cfg = cfg.WithDefaults()
	c := &Client{cfg: cfg, dialer: dialer, clock: clock, roots: roots}
	c.pool = pool{perHost: cfg.KeepIdle, idleFor: cfg.IdleFor, drop: c.drop}
	c.readers.New = func() any { return bufio.NewReaderSize(nil, readerSize) }
	c.scratches.New = func() any { return new(scratch) }
	return c
}

// Get implements fetch.Driver.
func (c *Client) Get(ctx context.Context, req fetch.Request) []*zoeklicht.Exchange {
	return fetch.Follow(ctx, req.WithDefaults(c.cfg), c.clock, c.cfg.MaxRedirects, Name, c.one)
}

// Close implements fetch.Driver. A Get afterwards works, and keeps no connection.
func (c *Client) Close() error {
	c.pool.close()
	return nil
}

// one makes one exchange, on a kept connection where there is one. A kept
// connection that the server ends before it sent anything of a response was
// closed by it while idle: the request is made once more on a fresh one.
func (c *Client) one(ctx context.Context, req fetch.Request, to fetch.Address) *zoeklicht.Exchange {
	ex := &zoeklicht.Exchange{URL: to.String(), Method: "GET", Driver: Name, Started: c.clock()}
	begun := time.Now()
	defer func() { ex.Duration = time.Since(begun) }()
	text, err := requestText(req, to)
	if err != nil {
		ex.Failure, ex.Detail = fetch.Fail(err, zoeklicht.FailProtocol)
		return ex
	}
	ctx, cancel := context.WithDeadlineCause(ctx, begun.Add(req.MaxTime), errTime)
	defer cancel()

	key := poolKey{to.Scheme, to.Host, to.Port}
	cn := c.pool.take(key, req.Approval)
	for {
		fresh := cn == nil
		if fresh {
			if cn = c.connect(ctx, req, to, ex); cn == nil {
				return ex
			}
		}
		ex.DNS, ex.Peer, ex.Local, ex.TLS, ex.Reused = cn.dns, cn.peer, cn.local, cn.tls, !fresh
		keep, stale := c.talk(ctx, cn, req, text, ex)
		if keep {
			c.pool.put(key, cn)
			return ex
		}
		c.drop(cn)
		if fresh || !stale {
			return ex
		}
		cn, ex.Failure, ex.Detail = nil, "", ""
	}
}

// connect opens a connection; on failure it words it in ex and gives nil.
func (c *Client) connect(ctx context.Context, req fetch.Request, to fetch.Address, ex *zoeklicht.Exchange) *conn {
	ctx, cancel := context.WithTimeoutCause(ctx, c.cfg.Connect, errConnectTime)
	defer cancel()
	nc, facts, err := c.dialer.Dial(ctx, req.Approval, to.Host, to.Port)
	ex.DNS, ex.Reused = facts, false
	if err != nil {
		ex.Failure, ex.Detail = fetch.Fail(because(ctx, err), zoeklicht.FailConnect)
		return nil
	}
	cn := &conn{Conn: nc, raw: nc, approval: req.Approval, dns: facts, peer: addrPort(nc.RemoteAddr()), local: addrPort(nc.LocalAddr())}
	ex.Peer, ex.Local = cn.peer, cn.local
	if to.Scheme == "https" {
		tc, seen, err := handshake(ctx, nc, to.Host, c.roots, c.cfg.AcceptUnverified)
		ex.TLS = seen
		if err != nil {
			nc.Close()
			reason, detail := fetch.Fail(because(ctx, err), zoeklicht.FailTLS)
			if reason == zoeklicht.FailDisconnect {
				reason = zoeklicht.FailTLS // hanging up is how servers refuse a handshake
			}
			ex.Failure, ex.Detail = reason, detail
			return nil
		}
		cn.Conn, cn.tls = tc, seen
	}
	cn.wire.conn = cn.Conn
	cn.br = c.readers.Get().(*bufio.Reader)
	cn.br.Reset(&cn.wire)
	return cn
}

// drop closes a connection and keeps its buffer.
func (c *Client) drop(cn *conn) {
	cn.Close()
	cn.br.Reset(nil)
	c.readers.Put(cn.br)
	cn.br = nil
}

// conn is a connection with what there is to know of it.
type conn struct {
	net.Conn          // what requests are written to: raw, or TLS on it
	raw      net.Conn // as dialled
	approval *fetch.Approval
	wire     wire
	br       *bufio.Reader // reads from wire
	dns      zoeklicht.DNSFacts
	peer     netip.AddrPort
	local    netip.AddrPort
	tls      *zoeklicht.TLSFacts
	since    time.Time // when it became idle
}

func addrPort(a net.Addr) netip.AddrPort {
	if t, ok := a.(*net.TCPAddr); ok {
		ap := t.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	return netip.AddrPort{}
}

// because gives the bound that ended a context instead of the error that
// followed from it.
func because(ctx context.Context, err error) error {
	var f *fetch.Failure
	if cause := context.Cause(ctx); cause != nil && !errors.As(err, &f) {
		return cause
	}
	return err
}
