package http1_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"zoeklicht"
	"zoeklicht/internal/fetch"
	"zoeklicht/internal/fetch/fetchtest"
	"zoeklicht/internal/fetch/http1"
)

// piped is a dialer to a server in memory, so that time can be simulated.
type piped func(server net.Conn)

func (p piped) Dial(context.Context, *fetch.Approval, string, uint16) (net.Conn, zoeklicht.DNSFacts, error) {
	client, server := net.Pipe()
	go func() {
		defer server.Close()
		p(server)
	}()
	return client, zoeklicht.DNSFacts{}, nil
}

// hanging is a dialer that never arrives.
type hanging struct{}

func (hanging) Dial(ctx context.Context, _ *fetch.Approval, _ string, _ uint16) (net.Conn, zoeklicht.DNSFacts, error) {
	<-ctx.Done()
	return nil, zoeklicht.DNSFacts{}, ctx.Err()
}

// request takes a request in from a pipe.
func request(c net.Conn) { fetchtest.ReadRequest(bufio.NewReader(c)) }

// drip writes pieces of a size at an interval until the other side has gone.
func drip(c net.Conn, size int, every time.Duration) {
	piece := []byte(strings.Repeat("x", size))
	for {
		time.Sleep(every) // of the simulated clock
		if _, err := c.Write(piece); err != nil {
			return
		}
	}
}

const unbounded = "HTTP/1.1 200 OK\r\n\r\n"

// With the defaults, on a simulated clock: when exactly a slow server is given
// up, and that one which is slow but honest is not.
func TestBoundsOnTime(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		dialer    fetch.Dialer
		failure   zoeklicht.Fail
		truncated string
		took      time.Duration
	}{
		{"never connects", hanging{}, zoeklicht.FailTimeout, "", 15 * time.Second},
		{"never reads", piped(func(c net.Conn) { <-time.After(time.Hour) }), zoeklicht.FailTimeout, "", 20 * time.Second},
		{"never answers", piped(func(c net.Conn) { request(c); io.Copy(io.Discard, c) }), zoeklicht.FailTimeout, "", 20 * time.Second},
		{"stops", piped(func(c net.Conn) {
			request(c)
			io.WriteString(c, unbounded+"x")
			io.Copy(io.Discard, c)
		}), zoeklicht.FailTimeout, "time", 20 * time.Second},
		{"drips", piped(func(c net.Conn) {
			request(c)
			io.WriteString(c, unbounded)
			drip(c, 1, 5*time.Second)
		}), zoeklicht.FailTimeout, "time", 25 * time.Second}, // the first byte past the grace of 20 s
		{"drips in its head", piped(func(c net.Conn) {
			request(c)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nX: ")
			drip(c, 1, 5*time.Second)
		}), zoeklicht.FailTimeout, "", 25 * time.Second},
		{"never ends", piped(func(c net.Conn) {
			request(c)
			io.WriteString(c, unbounded)
			drip(c, 10_000, 7*time.Second)
		}), zoeklicht.FailTimeout, "time", time.Minute},
		{"slow and honest", piped(func(c net.Conn) {
			request(c)
			time.Sleep(19 * time.Second)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n")
			time.Sleep(19 * time.Second)
			c.Write(make([]byte, 20000))
		}), "", "", 38 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := fetchtest.Approve(t, func(src *zoeklicht.Source) { src.Scope.Hosts = []string{"ads.example"} })
				c := http1.New(fetch.Config{}, test.dialer, time.Now, nil)
				ex := c.Get(t.Context(), fetch.Request{URL: "http://ads.example/", Approval: a})[0]
				c.Close()
				time.Sleep(2 * time.Hour) // of the simulated clock, for the server to notice
				if ex.Failure != test.failure || ex.Truncated != test.truncated || ex.Duration != test.took {
					t.Errorf("%q (%s), truncated %q, after %v; want %q, %q, after %v",
						ex.Failure, ex.Detail, ex.Truncated, ex.Duration, test.failure, test.truncated, test.took)
				}
			})
		})
	}
}

func TestIdleConnectionsExpire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := fetchtest.Approve(t, func(src *zoeklicht.Source) { src.Scope.Hosts = []string{"ads.example", "two.example"} })
		ended := make(chan struct{}, 8)
		c := http1.New(fetch.Config{IdleFor: 10 * time.Second}, piped(func(c net.Conn) {
			for r := bufio.NewReader(c); ; {
				if _, err := fetchtest.ReadRequest(r); err != nil {
					ended <- struct{}{}
					return
				}
				io.WriteString(c, ok)
			}
		}), time.Now, nil)
		get := func(host string) *zoeklicht.Exchange {
			return c.Get(t.Context(), fetch.Request{URL: "http://" + host + "/", Approval: a})[0]
		}
		get("ads.example")
		time.Sleep(10 * time.Second)
		if !get("ads.example").Reused {
			t.Error("the connection was not kept for its time")
		}
		time.Sleep(10*time.Second + 1)
		if get("ads.example").Reused {
			t.Error("the connection was kept beyond its time")
		}
		<-ended
		time.Sleep(10*time.Second + 1)
		get("two.example") // another host's comes and goes, and the old one is swept
		<-ended
		c.Close()
		<-ended
		for range 2 {
			if get("ads.example").Reused {
				t.Error("a closed client kept a connection")
			}
		}
	})
}
