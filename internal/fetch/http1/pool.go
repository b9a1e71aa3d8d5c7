package http1

import (
	"sync"
	"time"

	"zoeklicht/internal/fetch"
)

// maxKept bounds the idle connections to all hosts together, so that a list of
// many sources does not hold as many sockets.
const maxKept = 64

// poolKey is what two requests share that may use one connection.
type poolKey struct {
	scheme, host string
	port         uint16
}

// pool keeps idle connections. It has no goroutine: what is idle for too long
// is closed when another comes or goes.
type pool struct {
	perHost int
	idleFor time.Duration
	drop    func(*conn)

	mu     sync.Mutex
	closed bool
	idle   map[poolKey][]*conn // the newest last
	kept   int
}

// take gives an idle connection that may be used under an approval, the newest
// first, or nil. Under another approval than it was made for, its peer is judged
// anew: one source's leave to reach a private address is not another's.
func (p *pool) take(key poolKey, a *fetch.Approval) *conn {
	p.mu.Lock()
	var gone []*conn
	var found *conn
	for list := p.idle[key]; len(list) > 0 && found == nil; list = p.idle[key] {
		cn := list[len(list)-1]
		p.remove(key, len(list)-1)
		switch {
		case time.Since(cn.since) > p.idleFor, cn.approval != a && a.Permits(cn.peer) != nil:
			gone = append(gone, cn)
		default:
			found = cn
		}
	}
	p.mu.Unlock()
	for _, cn := range gone {
		p.drop(cn)
	}
	// Outside the lock, as it asks the kernel.
	if found != nil && !quiet(found.raw) {
		p.drop(found)
		return nil
	}
	return found
}

// put keeps a connection, and closes what there is too much of.
func (p *pool) put(key poolKey, cn *conn) {
	cn.since = time.Now()
	p.mu.Lock()
	gone := p.sweep(cn.since)
	if p.closed || p.perHost < 1 {
		gone = append(gone, cn)
	} else {
		if p.idle == nil {
			p.idle = map[poolKey][]*conn{}
		}
		p.idle[key] = append(p.idle[key], cn)
		p.kept++
		if list := p.idle[key]; len(list) > p.perHost {
			gone = append(gone, list[0])
			p.remove(key, 0)
		}
	}
	p.mu.Unlock()
	for _, cn := range gone {
		p.drop(cn)
	}
}

// sweep takes out what has been idle for too long and, where the pool is full,
// what has been idle the longest.
func (p *pool) sweep(now time.Time) (gone []*conn) {
	for key, list := range p.idle {
		for len(list) > 0 && now.Sub(list[0].since) > p.idleFor {
			gone = append(gone, list[0])
			p.remove(key, 0)
			list = p.idle[key]
		}
	}
	if p.kept < maxKept {
		return gone
	}
	var oldest poolKey
	var since time.Time
	for key, list := range p.idle {
		if since.IsZero() || list[0].since.Before(since) {
			oldest, since = key, list[0].since
		}
	}
	gone = append(gone, p.idle[oldest][0])
	p.remove(oldest, 0)
	return gone
}

func (p *pool) remove(key poolKey, i int) {
	list := p.idle[key]
	if len(list) == 1 {
		delete(p.idle, key)
	} else {
		p.idle[key] = append(list[:i:i], list[i+1:]...)
	}
	p.kept--
}

func (p *pool) close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.kept, p.closed = nil, 0, true
	p.mu.Unlock()
	for _, list := range idle {
		for _, cn := range list {
			p.drop(cn)
		}
	}
}
