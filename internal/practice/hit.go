package practice

import (
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"
)

// hit is one request to a site.
type hit struct {
	*Server
	today *today
	index int // of the site
	w     http.ResponseWriter
	r     *http.Request
}

// siteStats counts what visitors did to one site, for tests of politeness.
type siteStats struct {
	requests, listings, adverts, pictures, robots atomic.Int64
	disallowed                                    atomic.Int64 // in spite of robots.txt
	inFlight, most                                atomic.Int64
}

// siteHandler wraps a site with what all sites share: counting, faults, headers.
func (s *Server) siteHandler(index int, site site) http.Handler {
	key := site.habits().key
	stats := &s.stats[index]
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stats.requests.Add(1)
		n := stats.inFlight.Add(1)
		defer stats.inFlight.Add(-1)
		for most := stats.most.Load(); n > most && !stats.most.CompareAndSwap(most, n); {
			most = stats.most.Load()
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		s.stamp(w.Header())
		h := &hit{Server: s, today: s.now.Load(), index: index, w: w, r: r}
		if s.faults.strike(key, h) {
			return
		}
		site.serve(h)
	})
}

func (s *Server) stamp(h http.Header) {
	h.Set("Date", s.Time().UTC().Format(http.TimeFormat))
	h.Set("Server", "practice")
}

// page is a body being written.
type page struct{ b []byte }

// raw appends markup.
func (p *page) raw(parts ...string) *page {
	for _, s := range parts {
		p.b = append(p.b, s...)
	}
	return p
}

// text appends text, escaped for elements and quoted attributes.
func (p *page) text(s string) *page {
	from := 0
	for i := range len(s) {
		var esc string
		switch s[i] {
		case '&':
			esc = "&amp;"
		case '<':
			esc = "&lt;"
		case '>':
			esc = "&gt;"
		case '"':
			esc = "&#34;"
		default:
			continue
		}
		p.b = append(append(p.b, s[from:i]...), esc...)
		from = i + 1
	}
	p.b = append(p.b, s[from:]...)
	return p
}

func (p *page) int(n int) *page {
	p.b = appendInt(p.b, n)
	return p
}

// pools keep what rendering would otherwise allocate for each request.
type pools struct {
	pages   sync.Pool // of *page
	zippers sync.Pool // of *gzip.Writer
}

func (s *pools) page() *page {
	p, ok := s.pages.Get().(*page)
	if !ok {
		p = &page{b: make([]byte, 0, 16<<10)}
	}
	p.b = p.b[:0]
	return p
}

func (s *pools) zipper() *gzip.Writer {
	if z, ok := s.zippers.Get().(*gzip.Writer); ok {
		return z
	}
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is a valid one
	return z
}

// send answers with a page and takes the page back.
func (h *hit) send(status int, contentType string, p *page) {
	h.sendBytes(status, contentType, p.b)
	h.pools.pages.Put(p)
}

// gzipped is the least number of bytes that is worth compressing.
const gzipped = 600

// sendBytes answers, gzipped when the visitor asks for it and it is text.
func (h *hit) sendBytes(status int, contentType string, body []byte) {
	header := h.w.Header()
	header.Set("Content-Type", contentType)
	header.Set("Vary", "Accept-Encoding")
	if len(body) >= gzipped && acceptsGzip(h.r) {
		p, z := h.pools.page(), h.pools.zipper()
		z.Reset((*sink)(p))
		_, _ = z.Write(body) // into memory
		_ = z.Close()
		h.pools.zippers.Put(z)
		header.Set("Content-Encoding", "gzip")
		h.write(status, p.b)
		h.pools.pages.Put(p)
		return
	}
	h.write(status, body)
}

// write sends the last bytes; a visitor who has left is no fault of ours.
func (h *hit) write(status int, body []byte) {
	h.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	h.w.WriteHeader(status)
	_, _ = h.w.Write(body)
}

// sink lets a page be written to.
type sink page

func (s *sink) Write(b []byte) (int, error) {
	s.b = append(s.b, b...)
	return len(b), nil
}

func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if (coding == "gzip" || coding == "*") && strings.TrimSpace(q) != "q=0" {
			return true
		}
	}
	return false
}

// redirect sends the visitor elsewhere on the same site.
func (h *hit) redirect(status int, to string) {
	h.w.Header().Set("Location", to)
	h.write(status, nil)
}

// advert answers which advert a number in the address means: its content if it
// is online today, and whether there has ever been one.
func (h *hit) advert(number string) (a *Advert, known bool) {
	n, err := strconv.Atoi(number)
	if err != nil || len(number) > 9 {
		return nil, false
	}
	l, ok := h.World.bySiteNumber(h.index, n)
	if !ok || l.from > h.today.day {
		return nil, false
	}
	if !l.online(h.today.day) {
		return nil, true
	}
	return h.World.advert(l, h.today.day), true
}

// picture answers with a picture by the name in its address.
func (s *Server) picture(h *hit, name string) {
	key, ok := pictureKey(name)
	if !ok {
		h.sendBytes(http.StatusNotFound, "text/plain; charset=utf-8", []byte("not found\n"))
		return
	}
	header := h.w.Header()
	header.Set("Cache-Control", "public, max-age=86400")
	header.Set("ETag", `"`+name[:16]+`"`)
	header.Set("Last-Modified", s.World.Time(0).UTC().Format(http.TimeFormat))
	if h.r.Header.Get("If-None-Match") == `"`+name[:16]+`"` {
		h.w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Type", pictureType(key))
	h.write(http.StatusOK, s.World.PictureBytes(key))
}

func pictureType(key uint64) string {
	if isJPEG(key) {
		return "image/jpeg"
	}
	return "image/png"
}

// servePictureHost is the host that serves pictures and nothing else.
func (s *Server) servePictureHost(w http.ResponseWriter, r *http.Request) {
	s.stamp(w.Header())
	h := &hit{Server: s, w: w, r: r}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.sendBytes(http.StatusMethodNotAllowed, "text/plain; charset=utf-8", []byte("method not allowed\n"))
		return
	}
	w.Header().Set("Via", "1.1 beeldbank")
	w.Header().Set("Age", "42")
	s.picture(h, r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:])
}

// wait lets a visitor wait, unless it leaves or the server closes first.
func (h *hit) wait(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-h.r.Context().Done():
	case <-h.closed:
	}
}

// bits gives a generator for what a request's address decides.
func (h *hit) bits(parts ...string) rng {
	f := fnv.New64a()
	for _, p := range parts {
		_, _ = f.Write([]byte(p)) // into memory
		_, _ = f.Write([]byte{0})
	}
	return seeded(h.World.cfg.Seed, f.Sum64())
}
