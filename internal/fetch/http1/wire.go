package http1

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"

	"zoeklicht"
	"zoeklicht/internal/fetch"
)

// The bounds, as what ends an exchange.
var (
	errLength      = &fetch.Failure{Fail: zoeklicht.FailTooLarge, Err: errors.New("the response is longer than is taken in")}
	errHead        = &fetch.Failure{Fail: zoeklicht.FailTooLarge, Err: errors.New("the response's head is longer than is taken in")}
	errTime        = &fetch.Failure{Fail: zoeklicht.FailTimeout, Err: errors.New("the exchange took longer than it may")}
	errConnectTime = &fetch.Failure{Fail: zoeklicht.FailTimeout, Err: errors.New("connecting took longer than it may")}
	errIdle        = &fetch.Failure{Fail: zoeklicht.FailTimeout, Err: errors.New("the server fell silent")}
)

// longAgo as a deadline ends what is under way.
var longAgo = time.Unix(1, 0)

// wire reads from a connection, records every byte, and holds the bounds. One
// goroutine uses it, but for stop.
type wire struct {
	conn    net.Conn
	stopped atomic.Bool

	// Of the exchange under way:
	buf      []byte // what came, from its first byte
	begun    time.Time
	deadline time.Time // of the whole exchange
	idle     time.Duration
	grace    time.Duration
	rate     int64 // bytes per second
	most     int64 // bytes that may come; while the head is read, of the head
	over     error // what exceeding most means
	err      error // the bound or network error that ended reading
}

// Read implements io.Reader. Its errors stay: after one, reading is over.
func (w *wire) Read(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	left := w.most - int64(len(w.buf))
	if left <= 0 {
		w.err = w.over
		return 0, w.err
	}
	if int64(len(p)) > left {
		p = p[:left]
	}
	until := w.until()
	_ = w.conn.SetReadDeadline(until)
	if w.stopped.Load() { // it may have come before the deadline just set
		w.err = os.ErrDeadlineExceeded
		return 0, w.err
	}
	n, err := w.conn.Read(p)
	w.buf = append(w.buf, p[:n]...)
	if err != nil {
		w.err = w.bound(err, until)
		return n, w.err
	}
	if took := time.Since(w.begun); took > w.grace && float64(len(w.buf)) < took.Seconds()*float64(w.rate) {
		w.err = &fetch.Failure{
			Fail: zoeklicht.FailTimeout,
			Err:  fmt.Errorf("the server sent %d bytes in %.0f s, fewer than %d/s", len(w.buf), took.Seconds(), w.rate),
		}
		return n, w.err
	}
	return n, nil
}

// write sends a request. Where a bound ends it, reading is over as well; after
// any other error there may be something to read.
func (w *wire) write(text []byte) error {
	until := w.until()
	_ = w.conn.SetWriteDeadline(until)
	if w.stopped.Load() {
		w.err = os.ErrDeadlineExceeded
		return w.err
	}
	_, err := w.conn.Write(text)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = w.bound(err, until)
		w.err = err
	}
	return err
}

// until is when the next read or write must have moved something.
func (w *wire) until() time.Time {
	until := time.Now().Add(w.idle)
	if w.deadline.Before(until) {
		return w.deadline
	}
	return until
}

// bound gives an error as the bound that it comes from.
func (w *wire) bound(err error, until time.Time) error {
	switch {
	case !errors.Is(err, os.ErrDeadlineExceeded), w.stopped.Load():
		return err
	case until.Before(w.deadline):
		return errIdle
	}
	return errTime
}

// stop ends a Read or write under way from another goroutine, and those to come.
func (w *wire) stop() {
	w.stopped.Store(true)
	_ = w.conn.SetDeadline(longAgo)
}
