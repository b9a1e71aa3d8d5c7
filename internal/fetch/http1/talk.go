package http1

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"zoeklicht"
	"zoeklicht/internal/fetch"
	"zoeklicht/internal/warc/httpwire"
)

// scratch is what an exchange is read into before its size is known. It is used
// again for other exchanges, so nothing of it is handed out.
type scratch struct {
	wire    []byte // the recorded bytes
	payload []byte // a chunked body without its chunks
}

// readPayload collects a chunked body. It cannot outgrow the bound on the wire.
func (s *scratch) readPayload(r io.Reader) error {
	for {
		s.payload = slices.Grow(s.payload, 512)
		n, err := r.Read(s.payload[len(s.payload):cap(s.payload)])
		s.payload = s.payload[:len(s.payload)+n]
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// get is what responses are read as answers to.
var get = &http.Request{Method: http.MethodGet}

// talk sends a request and takes the response in, into ex. keep says that the
// connection may carry another exchange, stale that not a byte came back before
// the connection ended, and not because of a bound of ours.
func (c *Client) talk(ctx context.Context, cn *conn, req fetch.Request, text []byte, ex *zoeklicht.Exchange) (keep, stale bool) {
	sc := c.scratches.Get().(*scratch)
	w := &cn.wire
	deadline, _ := ctx.Deadline()
	w.buf, w.begun, w.deadline, w.err = sc.wire[:0], time.Now(), deadline, nil
	w.idle, w.grace, w.rate = c.cfg.Idle, c.cfg.RateGrace, c.cfg.MinRate
	release := context.AfterFunc(ctx, w.stop)
	defer func() {
		// A stop that is under way may hit the connection later: don't keep it.
		if !release() {
			keep = false
		}
		c.giveBack(sc, w)
	}()

	ex.Request = text
	unsent := w.write(text)
	// A server may answer and hang up before it has read the request: what it
	// said is worth more than that writing failed.
	head, err := c.readHead(cn, req.MaxBytes)
	if err != nil {
		if unsent != nil && len(w.buf) == 0 {
			err = unsent
		}
		ex.Response = take(sc, w)
		ex.Failure, ex.Detail = fetch.Fail(because(ctx, err), zoeklicht.FailProtocol)
		return false, len(ex.Response) == 0 && ex.Failure == zoeklicht.FailDisconnect
	}
	resp := head.resp // its Body holds nothing that would need closing
	ex.Status, ex.Header = resp.StatusCode, resp.Header
	w.most, w.over = req.MaxBytes+int64(head.skip), errLength
	chunked := len(resp.TransferEncoding) > 0
	if chunked {
		err = sc.readPayload(resp.Body)
	} else {
		err = readPlain(w, resp)
	}
	if err != nil && w.err == io.EOF { // whatever the parser calls it
		err = io.ErrUnexpectedEOF
	}
	surplus := 0
	if err == nil {
		surplus = cn.br.Buffered()
	}
	whole := take(sc, w)
	ex.Response = whole[head.skip : len(whole)-surplus : len(whole)-surplus]
	ex.HeadLen = head.end - head.skip
	payload := ex.Response[ex.HeadLen:]
	if chunked {
		payload = sc.payload
	}
	if err != nil {
		broken(ctx, ex, err)
	}
	c.decode(ex, payload, chunked)
	if surplus > 0 {
		note(ex, fmt.Sprintf("%d bytes followed the response, the connection was closed", surplus))
	}
	if head.skip > 0 {
		note(ex, fmt.Sprintf("interim responses of %d bytes came first", head.skip))
	}
	return unsent == nil && err == nil && surplus == 0 && !resp.Close, false
}

// head is the head of a final response: of the bytes recorded, it and what came
// before it end at end, and interim responses take the first skip.
type head struct {
	resp      *http.Response
	skip, end int
}

// maxInterim bounds how many interim (1xx) responses are put up with.
const maxInterim = 8

func (c *Client) readHead(cn *conn, maxBytes int64) (h head, err error) {
	w := &cn.wire
	w.most, w.over = int64(c.cfg.MaxHeader), errHead
	if maxBytes < w.most {
		w.most, w.over = maxBytes, errLength
	}
	for range maxInterim {
		h.resp, err = http.ReadResponse(cn.br, get)
		if w.err != nil && err != nil {
			return h, w.err
		}
		if err != nil {
			return h, err
		}
		h.end = len(w.buf) - cn.br.Buffered()
		lines := 0
		for _, v := range h.resp.Header {
			lines += len(v)
		}
		code := h.resp.StatusCode
		switch {
		case lines > c.cfg.MaxHeaders:
			return h, errHead
		case h.resp.ProtoMajor != 1 || code < 100 || code == http.StatusSwitchingProtocols:
			return h, fmt.Errorf("%s with status %d answers no HTTP/1.1 request", fetch.Plain(h.resp.Proto), code)
		case code >= 200:
			return h, nil
		}
		h.skip = h.end
	}
	return h, fmt.Errorf("more than %d interim responses", maxInterim-1)
}

// readPlain takes in a body that lies on the wire as it is. Only its end is
// looked for; the bytes are recorded underneath.
func readPlain(w *wire, resp *http.Response) error {
	// What the server announces is a hint for a start, no more.
	if want := min(int64(len(w.buf))+resp.ContentLength, scratchKept); want > int64(cap(w.buf)) {
		w.buf = append(make([]byte, 0, want), w.buf...)
	}
	_, err := io.Copy(io.Discard, resp.Body)
	return err
}

// broken words why a body broke off.
func broken(ctx context.Context, ex *zoeklicht.Exchange, err error) {
	ex.Failure, ex.Detail = fetch.Fail(because(ctx, err), zoeklicht.FailProtocol)
	switch ex.Failure {
	case zoeklicht.FailTooLarge:
		ex.Truncated = "length"
	case zoeklicht.FailTimeout, zoeklicht.FailCancelled:
		ex.Truncated = "time"
	default: // ended by the server, or by us where its chunks made no sense
		ex.Truncated = "disconnect"
	}
}

// decode undoes the content coding. copied says that payload is scratch.
func (c *Client) decode(ex *zoeklicht.Exchange, payload []byte, copied bool) {
	if len(ex.Header["Content-Encoding"]) == 0 {
		ex.Body = payload
		if copied {
			ex.Body = bytes.Clone(payload)
		}
		return
	}
	body, cut, err := httpwire.Decode(ex.Header, bytes.NewReader(payload), c.cfg.DecodedBound(int64(len(payload))))
	ex.Body = body
	switch {
	case ex.Truncated != "": // a torn coding follows from a torn body
	case cut:
		ex.Truncated, ex.Failure = "decoded", zoeklicht.FailTooLarge
		ex.Detail = fmt.Sprintf("%d bytes decode to more than %d", len(payload), len(body))
	case err != nil:
		ex.Failure, ex.Detail = zoeklicht.FailProtocol, fetch.Plain(err.Error())
	}
}

func note(ex *zoeklicht.Exchange, s string) {
	if ex.Detail != "" {
		ex.Detail += "; "
	}
	ex.Detail += s
}

// take gives what was recorded, to keep: a copy of its own size, or the buffer
// itself where that is too large to be used again.
func take(sc *scratch, w *wire) []byte {
	if cap(w.buf) > scratchKept {
		b := w.buf
		w.buf, sc.wire = nil, nil
		return b
	}
	return bytes.Clone(w.buf)
}

func (c *Client) giveBack(sc *scratch, w *wire) {
	sc.wire, sc.payload = w.buf[:0], sc.payload[:0]
	w.buf = nil
	if cap(sc.payload) > scratchKept {
		sc.payload = nil
	}
	c.scratches.Put(sc)
}
