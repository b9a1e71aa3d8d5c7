package http1

import (
	"fmt"
	"net"
	"runtime"
	"slices"
	"testing"
	"time"
)

func TestPoolBounds(t *testing.T) {
	t.Parallel()
	var dropped []*conn
	p := &pool{perHost: 2, idleFor: time.Hour, drop: func(cn *conn) { dropped = append(dropped, cn) }}
	fill := func(host string) *conn {
		cn := &conn{}
		p.put(poolKey{"http", host, 80}, cn)
		return cn
	}
	first, second, third := fill("a"), fill("a"), fill("a")
	if !slices.Equal(dropped, []*conn{first}) {
		t.Errorf("dropped %d connections, want the oldest of three", len(dropped))
	}
	for _, want := range []*conn{third, second, nil} {
		if got := p.take(poolKey{"http", "a", 80}, nil); got != want {
			t.Errorf("took %p, want %p: the newest first", got, want)
		}
	}
	if p.take(poolKey{"https", "a", 80}, nil) != nil || p.take(poolKey{"http", "a", 81}, nil) != nil {
		t.Error("a connection was taken for another")
	}
	dropped = nil
	oldest := fill("h0")
	for i := 1; i < maxKept+10; i++ {
		fill(fmt.Sprint("h", i))
	}
	if p.kept != maxKept || len(dropped) != 10 || dropped[0] != oldest {
		t.Errorf("keeps %d, dropped %d", p.kept, len(dropped))
	}
	p.close()
	if len(dropped) != maxKept+10 || p.kept != 0 {
		t.Errorf("after closing: keeps %d, dropped %d", p.kept, len(dropped))
	}
	fill("late")
	if len(dropped) != maxKept+11 {
		t.Error("a closed pool keeps connections")
	}
}

// A server that sends something on an idle connection, or ends it, has made it
// useless: what it sent would pass for the response to the next request.
func TestQuiet(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	for name, act := range map[string]func(net.Conn){
		"bytes": func(c net.Conn) { c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged")) },
		"end":   func(c net.Conn) { c.Close() },
	} {
		client, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		server, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		client.SetReadDeadline(longAgo) // left from the exchange before; looking is no reading
		for range 2 {
			if !quiet(client) {
				t.Errorf("%s: an idle connection is not quiet", name)
			}
		}
		act(server)
		for quiet(client) { // until the kernel has it on our side
			runtime.Gosched()
		}
		client.Close()
		server.Close()
		if quiet(client) {
			t.Errorf("%s: a closed connection is quiet", name)
		}
	}
	pipe, _ := net.Pipe()
	if !quiet(pipe) {
		t.Error("a connection that is no socket cannot be looked into, and counts as quiet")
	}
}
