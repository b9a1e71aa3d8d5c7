package http1_test

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"testing"
)

func quietLog() *log.Logger { return log.New(io.Discard, "", 0) }

// rawListener hands every connection to a function, unread.
func rawListener(t *testing.T, serve func(net.Conn)) (host string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				serve(c)
			}()
		}
	}()
	return ln.Addr().String()
}

// listenTLS does no more than handshakes.
func listenTLS(t *testing.T, cfg *tls.Config) (host string) {
	return rawListener(t, func(c net.Conn) {
		tc := tls.Server(c, cfg)
		if tc.Handshake() == nil {
			io.Copy(io.Discard, tc)
		}
	})
}
