package web

import (
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// refusal is an answer to a request that cannot be taken as it is, in words of ours: an
// error page says it in the reader's language.
type refusal struct {
	status   int
	what, do wording.Key
	args     []any // of what
}

// Error gives it for a log.
func (r *refusal) Error() string { return string(r.what) }

// Unwrap says that the sender can mend it.
func (r *refusal) Unwrap() error { return zoeklicht.Errorf(zoeklicht.Invalid, "%s", r.what) }

// readForm reads the query and the form of a request once, before any screen does, and
// refuses what no screen could do anything with: a form beyond maxForm, a query that
// leaves parts of itself out when it is read, and text that the database cannot hold. A
// screen that reads a value later meets none of these. Where it is the path that cannot be
// held, there is nothing at that address.
func (q *request) readForm() error {
	if !storable(q.URL.Path) {
		return notThere()
	}
	err := q.ParseForm() // by itself: what ParseMultipartForm says of it can be hidden
	if err == nil {
		if err = q.ParseMultipartForm(maxForm); errors.Is(err, http.ErrNotMultipart) {
			err = nil
		}
	}
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig):
		return &refusal{http.StatusRequestEntityTooLarge, "problem.too-large", "problem.too-large-do", []any{maxForm >> 20}}
	case err != nil:
		return &refusal{http.StatusBadRequest, "problem.unread", "problem.unread-do", nil}
	}
	for name, values := range q.Form {
		for _, v := range append(values, name) {
			if !storable(v) {
				return &refusal{http.StatusBadRequest, "problem.unstorable", "problem.unstorable-do", nil}
			}
		}
	}
	return nil
}

// storable reports whether PostgreSQL can hold a text: it is UTF-8 without a NUL.
func storable(s string) bool {
	return strings.IndexByte(s, 0) < 0 && utf8.ValidString(s)
}
