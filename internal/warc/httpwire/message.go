package httpwire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
)

// ErrHead says that bytes do not begin with the head of an HTTP/1 message.
var ErrHead = errors.New("not the head of an HTTP message")

// Head is the start line and the header fields of a message.
type Head struct {
	Proto  string // "HTTP/1.1"
	Status int    // of a response
	Reason string // of a response, as sent
	Method string // of a request
	Target string // of a request, as sent
	Header http.Header
	// Len counts the bytes of the head with its blank line and, in a response,
	// of the interim responses (100, 103) before it.
	Len int
}

// ParseResponse reads the head of a response. Interim responses are skipped.
//
// It reads what servers send rather than what they should: bare line feeds,
// folded lines, blanks before the colon. A line without a colon is left out.
func ParseResponse(b []byte) (Head, error) {
	at := 0
	for {
		start, header, n, err := split(b[at:])
		if err != nil {
			return Head{}, err
		}
		at += n
		proto, rest, _ := strings.Cut(start, " ")
		code, reason, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
		status, err := strconv.Atoi(code)
		if !strings.HasPrefix(proto, "HTTP/1.") || err != nil || len(code) != 3 || status < 100 {
			return Head{}, fmt.Errorf("%w: status line %.60q", ErrHead, start)
		}
		if status/100 == 1 && status != http.StatusSwitchingProtocols {
			continue
		}
		return Head{Proto: proto, Status: status, Reason: reason, Header: header, Len: at}, nil
	}
}

// ParseRequest reads the head of a request.
func ParseRequest(b []byte) (Head, error) {
	start, header, n, err := split(b)
	if err != nil {
		return Head{}, err
	}
	parts := strings.Split(start, " ")
	if len(parts) != 3 || parts[0] == "" || !strings.HasPrefix(parts[2], "HTTP/1.") {
		return Head{}, fmt.Errorf("%w: request line %.60q", ErrHead, start)
	}
	return Head{Method: parts[0], Target: parts[1], Proto: parts[2], Header: header, Len: n}, nil
}

// split gives the start line, the fields, and the length of a head.
func split(b []byte) (start string, header http.Header, n int, err error) {
	line, n, ok := cutLine(b, 0)
	if !ok {
		return "", nil, 0, fmt.Errorf("%w: it is torn", ErrHead)
	}
	start, header = string(line), http.Header{}
	last := ""
	for {
		if line, n, ok = cutLine(b, n); !ok {
			return "", nil, 0, fmt.Errorf("%w: it is torn", ErrHead)
		}
		if len(line) == 0 {
			return start, header, n, nil
		}
		if line[0] == ' ' || line[0] == '\t' {
			if v := header[last]; len(v) > 0 {
				v[len(v)-1] = strings.TrimSpace(v[len(v)-1] + " " + string(bytes.TrimSpace(line)))
			}
			continue
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		if name = bytes.TrimRight(name, " \t"); !ok || len(name) == 0 {
			last = ""
			continue
		}
		last = textproto.CanonicalMIMEHeaderKey(string(name))
		header[last] = append(header[last], string(bytes.TrimSpace(value)))
	}
}

// cutLine gives the line that begins at n without its ending, and where the
// next one begins.
func cutLine(b []byte, n int) (line []byte, next int, ok bool) {
	i := bytes.IndexByte(b[n:], '\n')
	if i < 0 {
		return nil, n, false
	}
	return bytes.TrimSuffix(b[n:n+i], []byte("\r")), n + i + 1, true
}

// Response is a response taken apart.
type Response struct {
	Head
	// Body has transfer and content coding undone.
	Body []byte
	// Truncated says that Body was cut at the bound given.
	Truncated bool
}

// Open takes a response apart that stood on the wire as b, with at most max
// bytes of body, which may be a part of b. Where the body is torn or damaged it gives what could be read
// together with the error; without a head it gives nil.
func Open(b []byte, max int64) (*Response, error) {
	head, err := ParseResponse(b)
	if err != nil {
		return nil, err
	}
	r := &Response{Head: head}
	raw, terr := head.Payload(b[head.Len:])
	if head.Status == http.StatusNoContent || head.Status == http.StatusNotModified {
		raw, terr = nil, nil
	}
	if names := codings(head.Header.Values("Content-Encoding")); len(names) > 0 {
		var derr error
		r.Body, r.Truncated, derr = decode(names, bytes.NewReader(raw), max)
		return r, errors.Join(terr, derr)
	}
	// Nothing to undo: the body is a part of b, and not copied.
	n := min(int64(len(raw)), max)
	r.Body, r.Truncated = raw[:n:n], int64(len(raw)) > n
	return r, terr
}

// Payload undoes the transfer coding of a body: chunks, or the length that was
// announced. What comes after the end is left out. A torn or damaged body gives
// the bytes up to there together with the error. A response read until the
// connection closed is whole by definition. HTTP/1.0 has no transfer codings: one that is
// announced there is left alone, as browsers do.
func (h *Head) Payload(raw []byte) ([]byte, error) {
	names := codings(h.Header.Values("Transfer-Encoding"))
	if len(names) == 0 || h.Proto == "HTTP/1.0" {
		want, err := strconv.ParseInt(h.Header.Get("Content-Length"), 10, 64)
		switch {
		case err != nil || want < 0:
			return raw, nil
		case int64(len(raw)) < want:
			return raw, fmt.Errorf("body of %d bytes where %d were announced: %w", len(raw), want, io.ErrUnexpectedEOF)
		}
		return raw[:want], nil
	}
	if names[len(names)-1] != "chunked" {
		return nil, fmt.Errorf("transfer coding: %w: %.40q", ErrCoding, names)
	}
	if len(names) > 1 { // allowed on paper; nothing sends it, and it would need a bound
		return nil, fmt.Errorf("transfer coding: %w: %.80q", ErrCoding, names)
	}
	return unchunk(raw)
}

// unchunk undoes the chunked coding. One chunk is given without a copy.
func unchunk(raw []byte) ([]byte, error) {
	var body []byte
	n := 0
	for {
		line, data, ok := cutLine(raw, n)
		if !ok {
			return body, fmt.Errorf("chunk at %d: %w", n, io.ErrUnexpectedEOF)
		}
		hex, _, _ := bytes.Cut(line, []byte(";"))
		size, err := strconv.ParseUint(string(bytes.TrimSpace(hex)), 16, 62)
		if err != nil {
			return body, fmt.Errorf("chunk at %d: size %.20q", n, hex)
		}
		if size == 0 {
			return body, trailers(raw[data:])
		}
		if uint64(len(raw)-data) < size {
			return join(body, raw[data:]), fmt.Errorf("chunk at %d: %w", n, io.ErrUnexpectedEOF)
		}
		end := data + int(size)
		body = join(body, raw[data:end])
		switch {
		case bytes.HasPrefix(raw[end:], []byte("\r\n")):
			n = end + 2
		case bytes.HasPrefix(raw[end:], []byte("\n")):
			n = end + 1
		default:
			return body, fmt.Errorf("chunk at %d does not end where it said", n)
		}
	}
}

// trailers walks to the blank line that ends a chunked body.
func trailers(b []byte) error {
	for n := 0; ; {
		line, next, ok := cutLine(b, n)
		if !ok {
			return fmt.Errorf("end of the chunks: %w", io.ErrUnexpectedEOF)
		}
		if len(line) == 0 {
			return nil
		}
		n = next
	}
}

// join appends without ever writing into the bytes that more is a part of.
func join(body, more []byte) []byte {
	if body == nil {
		return more[:len(more):len(more)]
	}
	return append(body, more...)
}
