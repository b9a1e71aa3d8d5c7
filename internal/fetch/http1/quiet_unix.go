//go:build unix

package http1

import (
	"net"
	"syscall"
)

// quiet reports whether nothing came in on a connection while it was idle: no
// bytes, which would be taken for the response to the next request, and no end.
// It looks without taking anything. A connection that is no socket counts as
// quiet; its end is noticed when it is used.
func quiet(c net.Conn) bool {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	var one [1]byte
	var got error
	// Not raw.Read: that obeys the read deadline left from the last exchange.
	err = raw.Control(func(fd uintptr) {
		_, _, got = syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	})
	return err == nil && (got == syscall.EAGAIN || got == syscall.EWOULDBLOCK)
}
