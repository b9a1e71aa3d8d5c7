package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/wording"
)

// maxForm bounds what a form may send, in bytes.
const maxForm = 1 << 20

// request is one request on its way through a screen.
type request struct {
	*http.Request
	w      http.ResponseWriter
	site   *site
	words  wording.W
	person *zoeklicht.Person // nil before sign-in
	pass   *access.Pass      // nil outside a theme
	theme  *zoeklicht.Theme
	now    time.Time // on the theme's clock
	asOf   asOf
	alarm  *alarmView // for the duty role, once it was asked for
}

// handler is a screen. The error that it gives becomes an error page, unless it has
// sent a page itself.
type handler func(*request) error

// open serves a screen that needs nobody signed in.
func (s *site) open(h handler) http.HandlerFunc {
	return s.serve(func(q *request) error {
		if err := q.readForm(); err != nil {
			return err
		}
		return h(q)
	})
}

// serve gives a handler its request, and turns its error into a page.
func (s *site) serve(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		q := &request{Request: r, w: w, site: s}
		q.words = wording.In(s.langOf(r.Context(), nil), nil)
		if err := h(q); err != nil {
			s.problem(q, err)
		}
	}
}

// signedIn serves a screen to someone who signed in. Others are sent to the sign-in
// page, whatever they asked for, and come back after it.
func (s *site) signedIn(h handler) http.HandlerFunc {
	return s.serve(func(q *request) error {
		p, err := s.Sessions.Current(q.Context())
		if zoeklicht.CodeOf(err) == zoeklicht.Denied {
			return s.toSignIn(q)
		}
		if err != nil {
			return err
		}
		q.person = p
		q.words = wording.In(s.langOf(q.Context(), p), nil)
		if err := q.readForm(); err != nil {
			return err
		}
		if p.MustChange && q.URL.Path != "/account" {
			return q.redirect("/account")
		}
		return h(q)
	})
}

// inTheme serves a screen of the theme in the address. Who may not enter gets the
// answer for a theme that does not exist, and learns nothing else.
func (s *site) inTheme(h handler) http.HandlerFunc {
	return s.signedIn(func(q *request) error {
		name := zoeklicht.ThemeName(q.PathValue("theme"))
		purpose, err := s.Sessions.Purpose(q.Context(), name)
		if err != nil {
			return err
		}
		pass, err := s.Door.Enter(q.Context(), q.person.ID, name, purpose)
		if err != nil {
			return hide(err)
		}
		theme, err := s.Themes.Theme(q.Context(), name)
		if err != nil {
			return hide(err)
		}
		now, err := s.Themes.Now(q.Context(), pass)
		if err != nil {
			return err
		}
		q.pass, q.theme, q.now = pass, theme, now
		q.words = wording.In(q.words.Lang(), theme.Locale)
		q.asOf = readAsOf(q.URL.Query().Get("asof"), now, q.words.Place())
		return h(q)
	})
}

// hide turns "you may not" into "there is no such thing".
func hide(err error) error {
	switch zoeklicht.CodeOf(err) {
	case zoeklicht.Denied, zoeklicht.Invalid:
		return notThere()
	}
	return err
}

// redirect sends the browser on by GET. to is an address on this site.
func (q *request) redirect(to string) error {
	http.Redirect(q.w, q.Request, to, http.StatusSeeOther)
	return nil
}

// onTo answers a form with the page at an address of ours. Who replaces a part of the page
// by script has it in this answer, with the address to show; anybody else is sent there.
// It saves a key's way to the next advert a journey, and one reading and writing of the
// session.
func (q *request) onTo(to string) error {
	at, err := url.Parse(to)
	if err != nil || q.Header.Get("HX-Request") == "" || q.Method != http.MethodPost {
		return q.redirect(to)
	}
	next := q.Clone(q.Context())
	next.Method, next.URL, next.RequestURI = http.MethodGet, at, to
	next.Body, next.ContentLength, next.Form, next.PostForm = http.NoBody, 0, nil, nil
	q.w.Header().Set("HX-Push-Url", to)
	q.site.screens.ServeHTTP(q.w, next)
	return nil
}

// local gives the address of ours that a form wants to go back to, or else the one
// given: never another site's.
func (q *request) local(otherwise string) string { return q.localIn("next", otherwise) }

// localIn gives the address of ours in another field than next.
func (q *request) localIn(field, otherwise string) string {
	next := q.FormValue(field)
	if len(next) > 4000 || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsFunc(next, func(c rune) bool {
		return c < 0x21 || c == '\\' || c == 0x7f
	}) {
		return otherwise
	}
	return next
}

// observe gives each request its reference number, counts and logs it, and turns a
// panic into an error page. The log line has no query string and no content: what
// was asked belongs in the audit trail, with its purpose.
func (s *site) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.Clock()
		ref := reference()
		r = r.WithContext(context.WithValue(r.Context(), refKey{}, ref))
		rec := &recorder{ResponseWriter: w}
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler { //nolint:errorlint // the documented sentinel of net/http
					panic(v)
				}
				s.Log.ErrorContext(r.Context(), "panic", slog.String("ref", ref), slog.Any("panic", v), slog.String("stack", string(debug.Stack())))
				if !rec.wrote {
					s.plainProblem(rec, r, zoeklicht.Internal)
				}
			}
			took := s.Clock().Sub(start)
			s.metrics.seen(r, rec.status(), took)
			s.Log.InfoContext(r.Context(), "request",
				slog.String("ref", ref), slog.String("method", method(r)), slog.String("path", loggedPath(r)),
				slog.Int("status", rec.status()), slog.Int64("bytes", rec.bytes), slog.Duration("took", took))
		}()
		next.ServeHTTP(rec, r)
	})
}

// loggedPath is the escaped path, so that no control or direction character of it
// reaches a log, cut at a length that no address of ours has.
func loggedPath(r *http.Request) string {
	p := r.URL.EscapedPath()
	if len(p) > 200 {
		p = p[:200] + "…"
	}
	return p
}

// method keeps a made-up method out of logs and metrics.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
		return r.Method
	}
	return "other"
}

type refKey struct{}

// reference makes the number under which a request can be found in the log.
func reference() string { return rand.Text()[:10] }

func refOf(ctx context.Context) string {
	ref, _ := ctx.Value(refKey{}).(string)
	return ref
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	code  int
	bytes int64
	wrote bool
}

func (r *recorder) WriteHeader(code int) {
	if !r.wrote {
		r.code, r.wrote = code, true
	}
	r.ResponseWriter.WriteHeader(code)
}

func (r *recorder) Write(b []byte) (int, error) {
	r.wrote = true
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) status() int {
	if r.code == 0 {
		return http.StatusOK
	}
	return r.code
}

// show renders a screen whole and then sends it.
func (q *request) show(status int, screen string, data any) error {
	if !strings.Contains(screen, "/") {
		q.askAlarm()
	}
	var b bytes.Buffer
	if err := q.site.pages.render(&b, q.words, screen, data); err != nil {
		return err
	}
	h := q.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	q.w.WriteHeader(status)
	return q.send(b.Bytes())
}

// send writes the body behind headers that are complete. A reader who goes away meanwhile
// is no error of ours, and a page about it would stand behind half a body: it is noted, and
// the error is nil.
func (q *request) send(body []byte) error {
	if _, err := q.w.Write(body); err != nil && !errors.Is(err, context.Canceled) {
		q.site.Log.DebugContext(q.Context(), "the reader went away", slog.String("ref", refOf(q.Context())), slog.Any("err", err))
	}
	return nil
}
