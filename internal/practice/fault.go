package practice

import (
	"bytes"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"

	"zoeklicht"
)

// FaultKind is a way in which a whole site can go wrong, for tests.
type FaultKind string

// The kinds.
const (
	FaultVanish    FaultKind = "vanish"    // connections are dropped without an answer
	FaultSlow      FaultKind = "slow"      // every answer waits for DelayMS
	FaultErrors    FaultKind = "errors"    // 500
	FaultBusy      FaultKind = "busy"      // 503 with Retry-After: 1
	FaultRedirects FaultKind = "redirects" // redirects without end
	FaultElsewhere FaultKind = "elsewhere" // redirects to the truth port
	FaultHuge      FaultKind = "huge"      // 10 GB of text
	FaultBomb      FaultKind = "bomb"      // 1 GiB of zeros, gzipped
	FaultTorn      FaultKind = "torn"      // a chunked body that stops within a chunk
	FaultCharset   FaultKind = "charset"   // bytes that are not of the charset declared
)

var faultKinds = []FaultKind{
	FaultVanish, FaultSlow, FaultErrors, FaultBusy, FaultRedirects,
	FaultElsewhere, FaultHuge, FaultBomb, FaultTorn, FaultCharset,
}

// Fault is one fault of one site.
type Fault struct {
	Site string    `json:"site"`
	Kind FaultKind `json:"kind"`
	// Permille is the share of addresses that it strikes, in a thousand [1000].
	// An address that is struck stays struck; robots.txt never is unless all are.
	Permille int `json:"permille,omitempty"`
	DelayMS  int `json:"delay_ms,omitempty"` // of slow
}

type faults struct {
	mu   sync.RWMutex
	list []Fault
}

// SetFaults puts faults in force, instead of those that were.
func (s *Server) SetFaults(list []Fault) error {
	list = slices.Clone(list)
	for i := range list {
		f := &list[i]
		if !slices.Contains(s.World.Sites(), f.Site) {
			return zoeklicht.Errorf(zoeklicht.Invalid, "fault %d: there is no site %q", i, f.Site)
		}
		if !slices.Contains(faultKinds, f.Kind) {
			return zoeklicht.Errorf(zoeklicht.Invalid, "fault %d: there is no kind %q", i, f.Kind)
		}
		if f.Permille == 0 {
			f.Permille = 1000
		}
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = list
	return nil
}

// Faults gives those in force.
func (s *Server) Faults() []Fault {
	s.faults.mu.RLock()
	defer s.faults.mu.RUnlock()
	return slices.Clone(s.faults.list)
}

// strike lets a fault answer instead of the site, and says whether it did.
func (f *faults) strike(site string, h *hit) bool {
	f.mu.RLock()
	list := f.list
	f.mu.RUnlock()
	for _, one := range list {
		if one.Site != site {
			continue
		}
		r := h.bits("fault", string(one.Kind), h.r.URL.RequestURI())
		if one.Permille < 1000 && (h.r.URL.Path == "/robots.txt" || !r.chance(one.Permille)) {
			continue
		}
		if h.fault(one) {
			return true
		}
	}
	return false
}

func (h *hit) fault(f Fault) bool {
	header := h.w.Header()
	switch f.Kind {
	case FaultVanish:
		panic(http.ErrAbortHandler)
	case FaultSlow:
		h.wait(time.Duration(f.DelayMS) * time.Millisecond)
		return false
	case FaultErrors:
		h.sendBytes(http.StatusInternalServerError, "text/plain; charset=utf-8", []byte("internal error\n"))
	case FaultBusy:
		header.Set("Retry-After", "1")
		h.sendBytes(http.StatusServiceUnavailable, "text/plain; charset=utf-8", []byte("busy\n"))
	case FaultRedirects:
		h.redirect(http.StatusFound, h.r.URL.Path+"?"+h.r.URL.RawQuery+"+")
	case FaultElsewhere:
		h.redirect(http.StatusFound, h.addresses.Truth+"/.truth/day")
	case FaultHuge:
		header.Set("Content-Type", "text/html; charset=utf-8")
		h.flood(10<<30, bytes.Repeat([]byte("lorem ipsum "), 4096))
	case FaultBomb:
		header.Set("Content-Type", "text/html; charset=utf-8")
		header.Set("Content-Encoding", "gzip")
		z, _ := gzip.NewWriterLevel(h.w, gzip.BestSpeed) // the level is a valid one
		zeros := make([]byte, 1<<20)
		for range 1 << 10 {
			if _, err := z.Write(zeros); err != nil {
				return true
			}
		}
		_ = z.Close() // the visitor may have left
	case FaultTorn:
		header.Set("Content-Type", "text/html; charset=utf-8")
		h.torn()
	case FaultCharset:
		h.sendBytes(http.StatusOK, "text/html; charset=utf-8", []byte("<html><body><p>\xe9\xe8\xff\xfe \xc3\x28 \xf0\x28\x8c\x28</p></body></html>\n"))
	}
	return true
}

// flood writes a block over and over, until the visitor has had enough.
func (h *hit) flood(total int, block []byte) {
	for sent := 0; sent < total; sent += len(block) {
		if _, err := h.w.Write(block); err != nil {
			return
		}
	}
}

// torn takes the connection over to write what net/http would not.
func (h *hit) torn() {
	conn, buf, err := http.NewResponseController(h.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer conn.Close()
	_, _ = buf.WriteString("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n" +
		"20\r\n<html><body><p>half of a chunk")
	_ = buf.Flush() // the visitor may have left
}
