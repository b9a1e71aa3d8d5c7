package fetchtest

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/fetch"
)

// Site is a server on loopback that counts who connects.
type Site struct {
	Host string // host:port
	URL  string // http://host:port
	ln   net.Listener

	mu       sync.Mutex
	accepted map[string]bool // the addresses that connected
	last     chan string
}

// Serve starts a site that answers with a handler.
func Serve(t testing.TB, h http.Handler) *Site {
	s := listen(t)
	srv := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go srv.Serve(s)
	t.Cleanup(func() { srv.Close() })
	return s
}

// Raw starts a site that hands each connection, with the first request on it
// read, to a function that writes bytes of its own making. The request is as it
// was on the wire, up to and with its empty line. The connection is closed when
// the function returns.
func Raw(t testing.TB, answer func(c net.Conn, request string)) *Site {
	s := listen(t)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := s.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()
				r := bufio.NewReader(c)
				if text, err := ReadRequest(r); err == nil {
					answer(c, text)
				}
			})
		}
	})
	t.Cleanup(func() {
		s.ln.Close()
		wg.Wait()
	})
	return s
}

// ReadRequest reads a request without a body, as it is on the wire.
func ReadRequest(r *bufio.Reader) (string, error) {
	var text strings.Builder
	for !strings.HasSuffix(text.String(), "\r\n\r\n") {
		line, err := r.ReadString('\n')
		text.WriteString(line)
		if err != nil {
			return text.String(), err
		}
	}
	return text.String(), nil
}

func listen(t testing.TB) *Site {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	host := ln.Addr().String()
	return &Site{Host: host, URL: "http://" + host, ln: ln, accepted: map[string]bool{}, last: make(chan string, 1024)}
}

// Accept implements net.Listener.
func (s *Site) Accept() (net.Conn, error) {
	c, err := s.ln.Accept()
	if err == nil {
		s.mu.Lock()
		s.accepted[c.RemoteAddr().String()] = true
		s.mu.Unlock()
		s.last <- c.RemoteAddr().String()
	}
	return c, err
}

// Close implements net.Listener.
func (s *Site) Close() error { return s.ln.Close() }

// Addr implements net.Listener.
func (s *Site) Addr() net.Addr { return s.ln.Addr() }

// Connects gives how many connections came in. To be sure that none is still
// waiting to be accepted it makes one of its own, which does not count: the
// kernel hands them over in order. Call it once, at the end.
func (s *Site) Connects(t testing.TB) int {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for own := c.LocalAddr().String(); ; {
		if <-s.last == own {
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.accepted) - 1
}

// Approve gives an approval of sites on loopback, in force for an hour, with
// what change makes of its source (nil: nothing).
func Approve(t testing.TB, change func(*zoeklicht.Source), sites ...*Site) *fetch.Approval {
	t.Helper()
	src := &zoeklicht.Source{
		ID: "kit", State: zoeklicht.Approved, ReviewBy: time.Now().Add(time.Hour),
		Scope: zoeklicht.Scope{Private: []string{"127.0.0.0/8", "::1/128"}},
	}
	for _, s := range sites {
		src.Scope.Hosts = append(src.Scope.Hosts, s.Host)
	}
	if change != nil {
		change(src)
	}
	a, err := fetch.NewApproval(src)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// hold keeps a connection open without a word until the other side ends it.
func hold(c net.Conn) { io.Copy(io.Discard, c) }
