package main

import (
	"net"
	"testing"
)

// TestPlainly: sessions go over the network by TLS only.
func TestPlainly(t *testing.T) {
	t.Parallel()
	for at, ok := range map[string]bool{"127.0.0.1": true, "127.0.0.9": true, "::1": true, "0.0.0.0": false, "::": false, "192.0.2.7": false} {
		addr := &net.TCPAddr{IP: net.ParseIP(at), Port: 8080}
		if err := plainly(addr, false); (err == nil) != ok {
			t.Errorf("%s without TLS: %v", addr, err)
		}
		if err := plainly(addr, true); err != nil {
			t.Errorf("%s behind TLS: %v", addr, err)
		}
	}
}
