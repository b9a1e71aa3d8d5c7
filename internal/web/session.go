package web

import (
	"context"
	"net/http"
	"slices"

	"zoeklicht"
)

// What a session holds beside who signed in and the purposes, which are access's.
// What was revealed is kept per theme, under the key and the theme's name.
const (
	keyLang   = "lang"    // "nl" or "en", if chosen before signing in
	keyNoKeys = "no-keys" // bool: single-key shortcuts are off
	keyNote   = "note"    // key of a text shown once on the next page
	keyShown  = "shown/"  // []string: see versionThing and pictureThing
)

// maxShown bounds how many numbers and pictures one session keeps open; the oldest
// are hidden again first.
const maxShown = 500

// quietly reads the session and leaves it as it is: for what a page asks for by
// itself. A page left open that polls must not keep its session alive, and pictures
// loading at the same time must not overwrite what a form just changed.
func (s *site) quietly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var token string
		if c, err := r.Cookie(s.Sessions.Cookie.Name); err == nil {
			token = c.Value
		}
		ctx, err := s.Sessions.Load(r.Context(), token)
		if err != nil {
			s.sessionProblem(w, r, err)
			return
		}
		w.Header().Add("Vary", "Cookie")
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// langOf gives the language chosen in this session, else the person's, else the
// configuration's.
func (s *site) langOf(ctx context.Context, p *zoeklicht.Person) string {
	if l := s.Sessions.GetString(ctx, keyLang); l != "" {
		return l
	}
	if p != nil && p.Lang != "" {
		return p.Lang
	}
	return s.cfg.Lang
}

// setPurpose begins another piece of work in a theme: what was revealed for the one
// before is hidden again.
func (s *site) setPurpose(ctx context.Context, theme zoeklicht.ThemeName, purpose string) error {
	now, err := s.Sessions.Purpose(ctx, theme)
	if err != nil || now == purpose {
		return err
	}
	s.Sessions.Remove(ctx, keyShown+string(theme))
	return s.Sessions.SetPurpose(ctx, theme, purpose)
}

// shown gives what is revealed in a theme in this session.
func (s *site) shown(ctx context.Context, theme zoeklicht.ThemeName) []string {
	v, _ := s.Sessions.Get(ctx, keyShown+string(theme)).([]string)
	return v
}

// setShown adds things to what is revealed, or takes them away.
func (s *site) setShown(ctx context.Context, theme zoeklicht.ThemeName, show bool, things []string) {
	now := slices.DeleteFunc(slices.Clone(s.shown(ctx, theme)), func(t string) bool { return slices.Contains(things, t) })
	if show {
		now = append(now, things...)
	}
	if n := len(now) - maxShown; n > 0 {
		now = now[n:]
	}
	s.Sessions.Put(ctx, keyShown+string(theme), now)
}

// settings changes the language, for good once somebody signed in, or the shortcuts
// of this session, and returns.
func (s *site) settings(q *request) error {
	switch lang := q.FormValue("lang"); lang {
	case "nl", "en":
		s.Sessions.Put(q.Context(), keyLang, lang)
		p, err := s.Sessions.Current(q.Context())
		if err == nil {
			err = s.Door.SetLang(q.Context(), p.ID, lang)
		}
		if err != nil && zoeklicht.CodeOf(err) != zoeklicht.Denied {
			return err
		}
	}
	switch q.FormValue("keys") {
	case "on":
		s.Sessions.Remove(q.Context(), keyNoKeys)
	case "off":
		s.Sessions.Put(q.Context(), keyNoKeys, true)
	}
	return q.redirect(q.local("/"))
}

// sessionProblem answers when sessions cannot be read or written.
func (s *site) sessionProblem(w http.ResponseWriter, r *http.Request, err error) {
	s.logProblem(r, zoeklicht.Unavailable, err)
	s.plainProblem(w, r, zoeklicht.Unavailable)
}
