package zoeklicht

import (
	"errors"
	"fmt"
	"strings"
)

// Code says what kind of failure an Error is, for machines: exit codes, HTTP
// statuses and the wording that a person reads are chosen by it.
type Code string

// The codes. Everything that is not an *Error counts as Internal: it is logged
// and never shown.
const (
	Invalid     Code = "invalid"     // what was given is wrong; the sender can mend it
	NotFound    Code = "not-found"   // not there, or not for this person: the same answer
	Denied      Code = "denied"      // known, and not allowed
	Conflict    Code = "conflict"    // the state changed meanwhile, or forbids this step
	Limit       Code = "limit"       // a bound was reached: size, rate, disk, memory
	Unavailable Code = "unavailable" // a part is down or not built; trying later may help
	Internal    Code = "internal"    // a fault of ours
)

// Error is a failure told to a person: what failed, what is safe all the same,
// and what to do. Err, if any, is the cause.
type Error struct {
	Code Code
	What string // "recipe practice-a line 7: unknown key \"selctor\""
	Safe string // "nothing was changed"; may be empty
	Do   string // "correct the key and try again"; may be empty
	Err  error
}

// Error gives the one line that the command line prints.
func (e *Error) Error() string {
	var parts []string
	switch {
	case e.What != "" && e.Err != nil:
		parts = append(parts, e.What+": "+e.Err.Error())
	case e.Err != nil:
		parts = append(parts, e.Err.Error())
	default:
		parts = append(parts, e.What)
	}
	for _, s := range []string{e.Safe, e.Do} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, "; ")
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error of a code whose text is made as by fmt.Errorf. What a
// %w verb wraps stays reachable for errors.Is and errors.As.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Err: fmt.Errorf(format, args...)}
}

// With adds what is safe and what to do, and returns e.
func (e *Error) With(safe, do string) *Error {
	e.Safe, e.Do = safe, do
	return e
}

// CodeOf gives the code of the first Error in err's chain, Internal when there
// is none, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}
