package fetchtest

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/fetch"
)

// What drivers make of servers that do not behave.

func tooLarge(t *testing.T, k Kit) {
	const most = 1 << 20
	for _, announced := range []bool{true, false} {
		sent := make(chan int64, 1)
		s := Raw(t, func(c net.Conn, _ string) {
			if announced {
				io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n")
			} else {
				io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
			}
			block := bytes.Repeat([]byte("0123456789abcdef"), 4096)
			n := int64(0)
			for n < 10<<30 {
				m, err := c.Write(block)
				n += int64(m)
				if err != nil {
					break
				}
			}
			sent <- n
		})
		ex := want(t, k.get(t, fetch.Config{}, fetch.Request{
			URL: s.URL + "/", Approval: Approve(t, nil, s), MaxBytes: most,
		}), 200, zoeklicht.FailTooLarge, "length")
		if len(ex.Response) > most || len(ex.Body) > most || len(ex.Body) < most/2 {
			t.Errorf("kept %d bytes, body %d", len(ex.Response), len(ex.Body))
		}
		if n := <-sent; n > 64<<20 { // what socket buffers may hold, and then some
			t.Errorf("the server could send %d bytes", n)
		}
	}
}

func bomb(t *testing.T, k Kit) {
	var packed bytes.Buffer
	zw, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	block := make([]byte, 1<<20)
	for range 64 {
		zw.Write(block)
	}
	zw.Close()
	s := Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Length", strconv.Itoa(packed.Len()))
		w.Write(packed.Bytes())
	}))
	for _, cfg := range []fetch.Config{{MaxDecoded: 1 << 20}, {}} { // by size, by ratio
		ex := want(t, k.get(t, cfg, fetch.Request{URL: s.URL + "/", Approval: Approve(t, nil, s)}), 200, zoeklicht.FailTooLarge, "decoded")
		if bound := cfg.WithDefaults().DecodedBound(int64(packed.Len())); int64(len(ex.Body)) != bound {
			t.Errorf("%d bytes decoded, bound %d", len(ex.Body), bound)
		}
		if k.Wire && !bytes.HasSuffix(ex.Response, packed.Bytes()) {
			t.Error("the bytes on the wire were not kept")
		}
	}
}

func torn(t *testing.T, k Kit) {
	for _, test := range []struct{ name, response, body string }{
		{"shorter than announced", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nRelaxing", "Relaxing"},
	} {
		s := Raw(t, func(c net.Conn, _ string) { io.WriteString(c, test.response) })
		ex := want(t, k.get(t, fetch.Config{}, fetch.Request{URL: s.URL + "/", Approval: Approve(t, nil, s)}), 200, zoeklicht.FailDisconnect, "disconnect")
		if string(ex.Body) != test.body || k.Wire && string(ex.Response) != test.response {
			t.Errorf("%s: body %q, response %q", test.name, ex.Body, ex.Response)
		}
	}
}

func tornChunks(t *testing.T, k Kit) {
	const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, test := range []struct {
		chunks, body string
		failure      zoeklicht.Fail
	}{
		{"8\r\nRelaxing\r\n8\r\n mas", "Relaxing mas", zoeklicht.FailDisconnect},
		{"8\r\nRelaxing\r\n", "Relaxing", zoeklicht.FailDisconnect},
		{"8\r\nRelaxing", "Relaxing", zoeklicht.FailDisconnect},
		{"8\r\nRelaxing\r\n0\r\n", "Relaxing", zoeklicht.FailDisconnect},
		{"8\r\nRelaxing\r\nzz\r\n", "Relaxing", zoeklicht.FailProtocol},
		{"8\r\nRelaxing massage\r\n", "Relaxing", zoeklicht.FailProtocol},
		{"8\r\nRelaxing\r\nfffffffffffffffff\r\n", "Relaxing", zoeklicht.FailProtocol},
	} {
		s := Raw(t, func(c net.Conn, _ string) { io.WriteString(c, head+test.chunks) })
		ex := want(t, k.get(t, fetch.Config{}, fetch.Request{URL: s.URL + "/", Approval: Approve(t, nil, s)}), 200, test.failure, "disconnect")
		if string(ex.Body) != test.body || k.Wire && string(ex.Response) != head+test.chunks {
			t.Errorf("%q: body %q, response %q", test.chunks, ex.Body, ex.Response)
		}
	}
}

func silence(t *testing.T, k Kit) {
	for _, test := range []struct {
		says      string
		status    int
		truncated string
	}{
		{"", 0, ""},
		{"HTTP/1.1 200 OK\r\nContent-", 0, ""},
		{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nRelaxing", 200, "time"},
	} {
		s := Raw(t, func(c net.Conn, _ string) {
			io.WriteString(c, test.says)
			hold(c)
		})
		ex := want(t, k.get(t, fetch.Config{Idle: 50 * time.Millisecond}, fetch.Request{URL: s.URL + "/", Approval: Approve(t, nil, s)}),
			test.status, zoeklicht.FailTimeout, test.truncated)
		if k.Wire && string(ex.Response) != test.says {
			t.Errorf("kept %q of %q", ex.Response, test.says)
		}
	}
}

func slow(t *testing.T, k Kit) {
	// The server never falls silent for long and never ends.
	s := Raw(t, func(c net.Conn, _ string) {
		io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
		for tick := time.Tick(2 * time.Millisecond); ; <-tick {
			if _, err := c.Write([]byte("x")); err != nil {
				return
			}
		}
	})
	a := Approve(t, nil, s)
	want(t, k.get(t, fetch.Config{}, fetch.Request{URL: s.URL + "/", Approval: a, MaxTime: 100 * time.Millisecond}), 200, zoeklicht.FailTimeout, "time")
	want(t, k.get(t, fetch.Config{MinRate: 100_000, RateGrace: 50 * time.Millisecond}, fetch.Request{URL: s.URL + "/", Approval: a}), 200, zoeklicht.FailTimeout, "time")
}

func cancelled(t *testing.T, k Kit) {
	asked := make(chan struct{}, 2)
	s := Raw(t, func(c net.Conn, _ string) {
		asked <- struct{}{}
		hold(c)
	})
	d := k.Open(t, fetch.Config{}, time.Now)
	defer d.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	req := fetch.Request{URL: s.URL + "/", Approval: Approve(t, nil, s)}
	want(t, check(t, d.Get(ctx, req)), 0, zoeklicht.FailCancelled, "")
	want(t, check(t, d.Get(ctx, req)), 0, zoeklicht.FailCancelled, "") // before it began
}

func noServer(t *testing.T, k Kit) {
	s := listen(t)
	s.Close()
	want(t, k.get(t, fetch.Config{}, fetch.Request{URL: s.URL + "/", Approval: Approve(t, nil, s)}), 0, zoeklicht.FailConnect, "")
}

func notHTTP(t *testing.T, k Kit) {
	for says, failure := range map[string]zoeklicht.Fail{
		"":                                         zoeklicht.FailDisconnect,
		"HTTP/1.1 200 O":                           zoeklicht.FailDisconnect,
		"220 mail.example ESMTP\r\n":               zoeklicht.FailProtocol,
		"<html>no head</html>\r\n\r\n":             zoeklicht.FailProtocol,
		"HTTP/1.1 abc Fine\r\n\r\n":                zoeklicht.FailProtocol,
		"HTTP/1.1 200 OK\r\nbad\r\n\r\n":           zoeklicht.FailProtocol,
		"HTTP/1.1 101 Switching Protocols\r\n\r\n": zoeklicht.FailProtocol,
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd": zoeklicht.FailProtocol,
		"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 70<<10) + "\r\n\r\n":     zoeklicht.FailTooLarge,
		"HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 300) + "\r\n":        zoeklicht.FailTooLarge,
	} {
		s := Raw(t, func(c net.Conn, _ string) { io.WriteString(c, says) })
		chain := k.get(t, fetch.Config{}, fetch.Request{URL: s.URL + "/", Approval: Approve(t, nil, s)})
		if ex := chain[0]; ex.Failure != failure || ex.Status != 0 {
			t.Errorf("%.60q: status %d, failure %q (%s), want %q", says, ex.Status, ex.Failure, ex.Detail, failure)
		}
	}
}
