package web

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// statuses are the HTTP statuses of the kinds of failure.
var statuses = map[zoeklicht.Code]int{
	zoeklicht.Invalid:     http.StatusBadRequest,
	zoeklicht.NotFound:    http.StatusNotFound,
	zoeklicht.Denied:      http.StatusForbidden,
	zoeklicht.Conflict:    http.StatusConflict,
	zoeklicht.Limit:       http.StatusTooManyRequests,
	zoeklicht.Unavailable: http.StatusServiceUnavailable,
	zoeklicht.Internal:    http.StatusInternalServerError,
}

// problemPage is an error page: what failed, what is safe, what to do, and the number
// under which the log has the rest.
type problemPage struct {
	page
	Heading   string
	Advice    string
	Said      string // what failed, in the reader's language, where it is ours to say
	What      string // in English, as the rooms below word it; empty where that is nobody's business
	Safe      string
	Do        string
	Reference string
}

// problem answers with an error page. What is Internal is logged and not shown; what
// is NotFound says nothing at all about what was asked for.
func (s *site) problem(q *request, err error) {
	code := zoeklicht.CodeOf(err)
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig):
		code = zoeklicht.Limit
	case errors.Is(err, context.Canceled):
		code = zoeklicht.Unavailable // the reader has gone; nobody sees this
	case errors.Is(err, context.DeadlineExceeded):
		code = zoeklicht.Unavailable
	}
	s.logProblem(q.Request, code, err)
	d := problemPage{page: q.page("problem.title", ""), Heading: q.words.Code(code), Advice: q.words.Advice(code), Reference: refOf(q.Context())}
	status := statuses[code]
	var e *zoeklicht.Error
	var r *refusal
	switch code {
	case zoeklicht.NotFound:
		d.page = q.outside("problem.title") // as if no theme had been entered
	case zoeklicht.Internal:
	default:
		if errors.As(err, &r) {
			status, d.Said, d.Advice = r.status, q.words.T(r.what, r.args...), q.words.T(r.do)
		} else if errors.As(err, &e) {
			d.What, d.Safe, d.Do = e.What, e.Safe, e.Do
			if d.What == "" && e.Err != nil {
				d.What = e.Err.Error()
			}
		}
	}
	if code == zoeklicht.Limit || code == zoeklicht.Unavailable {
		q.w.Header().Set("Retry-After", "30")
	}
	if err := q.show(status, "problem", d); err != nil {
		s.logProblem(q.Request, zoeklicht.Internal, err)
		s.plainProblem(q.w, q.Request, code)
	}
}

// logProblem writes what went wrong beside the reference number that the page shows.
// Errors may quote what a person typed or a source sent, so only our own faults are
// logged with their text.
func (s *site) logProblem(r *http.Request, code zoeklicht.Code, err error) {
	ref := slog.String("ref", refOf(r.Context()))
	switch code {
	case zoeklicht.Internal, zoeklicht.Unavailable:
		s.Log.ErrorContext(r.Context(), "request failed", ref, slog.String("code", string(code)), slog.Any("err", err))
	default:
		s.Log.InfoContext(r.Context(), "request refused", ref, slog.String("code", string(code)))
	}
}

// plainProblem answers where there is no session to know a language by, or where
// the page itself failed.
func (s *site) plainProblem(w http.ResponseWriter, r *http.Request, code zoeklicht.Code) {
	words := wording.In(s.cfg.Lang, nil)
	q := &request{Request: r, w: w, site: s, words: words}
	d := problemPage{page: page{q: q, Title: words.T("problem.title"), Lang: words.Lang()}, Heading: words.Code(code), Advice: words.Advice(code), Reference: refOf(r.Context())}
	var b bytes.Buffer
	w.Header().Set("Cache-Control", "no-store")
	if err := s.pages.render(&b, words, "problem", d); err != nil {
		s.Log.ErrorContext(r.Context(), "the error page failed", slog.Any("err", err))
		http.Error(w, words.Code(code)+". "+d.Reference, statuses[code])
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(statuses[code])
	_, _ = b.WriteTo(w)
}
