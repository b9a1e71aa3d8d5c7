package fetch

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"code.dny.dev/ssrf"

	"zoeklicht"
)

// Failure is an error with the reason under which a run counts it.
type Failure struct {
	Fail zoeklicht.Fail
	Err  error
}

// Error gives the reason and the cause.
func (f *Failure) Error() string { return string(f.Fail) + ": " + f.Err.Error() }

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Err }

// Fail sorts an error under a reason, and words it for people and logs: at most
// 300 bytes, without control or direction characters, which a hostile server
// can put into an error's text. unknown is the reason where the error has none
// of its own, as what an unexpected error means depends on the step it came in.
func Fail(err error, unknown zoeklicht.Fail) (reason zoeklicht.Fail, detail string) {
	detail = Plain(err.Error())
	var f *Failure
	if errors.As(err, &f) {
		return f.Fail, Plain(f.Err.Error())
	}
	var ne net.Error
	var de *net.DNSError
	switch {
	case errors.Is(err, context.Canceled):
		return zoeklicht.FailCancelled, detail
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return zoeklicht.FailTimeout, detail
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedPort),
		errors.Is(err, ssrf.ErrProhibitedNetwork), errors.Is(err, ssrf.ErrInvalidHostPort):
		return zoeklicht.FailBlocked, detail
	case errors.As(err, &de):
		return zoeklicht.FailDNS, detail
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed):
		return zoeklicht.FailDisconnect, detail
	case errors.As(err, &ne) && ne.Timeout():
		return zoeklicht.FailTimeout, detail
	}
	return unknown, detail
}

// Plain makes a text of uncertain origin fit for a log line: control and
// formatting characters become spaces, and it ends at 300 bytes.
func Plain(s string) string {
	const most = 300
	if len(s) > most {
		cut := most
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			return ' '
		}
		return r
	}, s)
}
