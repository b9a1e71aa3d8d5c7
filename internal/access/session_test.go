package access_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/access/accesstest"
)

// load gives the context of a request with a token.
func load(t *testing.T, s *access.Sessions, token string) context.Context {
	t.Helper()
	return must[context.Context](t)(s.Load(t.Context(), token))
}

// commit ends a request and gives its token.
func commit(t *testing.T, s *access.Sessions, ctx context.Context) string {
	t.Helper()
	token, _, err := s.Commit(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func signIn(t *testing.T, s *access.Sessions, p *zoeklicht.Person) string {
	t.Helper()
	ctx := load(t, s, "")
	if err := s.Begin(ctx, p); err != nil {
		t.Fatal(err)
	}
	return commit(t, s, ctx)
}

// use is a request in which nothing changes, and reports who is signed in.
func use(t *testing.T, s *access.Sessions, token string) bool {
	t.Helper()
	ctx := load(t, s, token)
	_, err := s.Current(ctx)
	if err != nil {
		wantCode(t, "nobody signed in", err, zoeklicht.Denied)
		return false
	}
	commit(t, s, ctx)
	return true
}

func TestSessionEdges(t *testing.T) {
	t.Parallel()
	d, c := open(t)
	s := d.Sessions(access.SessionConfig{})
	p := accesstest.Person(t, d, "analyst", false)

	for _, tt := range []struct {
		name  string
		steps []time.Duration // the session is used after each
		want  bool            // at the last one
	}{
		{"idle for a second less", []time.Duration{30*time.Minute - time.Second}, true},
		{"idle to the second", []time.Duration{30 * time.Minute}, false},
		{"idle for a second more", []time.Duration{30*time.Minute + time.Second}, false},
		{"used in between", []time.Duration{20 * time.Minute, 20 * time.Minute, 29 * time.Minute}, true},
		{"used every 25 minutes until 12 hours", append(every(25*time.Minute, 28), 20*time.Minute-time.Second), true},
		{"used every 25 minutes past 12 hours", append(every(25*time.Minute, 28), 20*time.Minute), false},
	} {
		token := signIn(t, s, p)
		var got bool
		for _, step := range tt.steps {
			c.forward(step)
			got = use(t, s, token)
		}
		if got != tt.want {
			t.Errorf("%s: signed in %v, want %v", tt.name, got, tt.want)
		}
	}
}

func every(d time.Duration, n int) []time.Duration {
	out := make([]time.Duration, n)
	for i := range out {
		out[i] = d
	}
	return out
}

func TestSessionTokensAreHashed(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	s := d.Sessions(access.SessionConfig{})
	token := signIn(t, s, accesstest.Person(t, d, "analyst", false))
	var stored, data []byte
	if err := d.Pool().QueryRow(t.Context(), "SELECT token, data FROM session").Scan(&stored, &data); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(stored, access.TokenHash(token)) || bytes.Contains(append(stored, data...), []byte(token)) {
		t.Errorf("stored %x with %q for token %s", stored, data, token)
	}
}

func TestBeginTakesANewToken(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	s := d.Sessions(access.SessionConfig{})
	ctx := load(t, s, "")
	s.Put(ctx, "seen", true)
	before := commit(t, s, ctx)
	ctx = load(t, s, before)
	if err := s.Begin(ctx, accesstest.Person(t, d, "analyst", false)); err != nil {
		t.Fatal(err)
	}
	after := commit(t, s, ctx)
	if before == after || use(t, s, before) || !use(t, s, after) {
		t.Errorf("token %s before signing in, %s after", before, after)
	}
}

// TestEndedStaysEnded: a request that was under way when its session ended does
// not bring it back, whatever ended it.
func TestEndedStaysEnded(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	s := d.Sessions(access.SessionConfig{})
	admin := accesstest.Person(t, d, "admin1", true)
	for i, end := range []func(p *zoeklicht.Person, token string) error{
		func(_ *zoeklicht.Person, token string) error { return s.End(load(t, s, token)) },
		func(p *zoeklicht.Person, _ string) error { return d.EndSessions(t.Context(), p.ID, p.ID) },
		func(p *zoeklicht.Person, _ string) error { return d.EndSessions(t.Context(), admin.ID, p.ID) },
		func(p *zoeklicht.Person, _ string) error {
			return d.ChangePassword(t.Context(), p.ID, accesstest.Password, "another quiet harbour", home)
		},
		func(p *zoeklicht.Person, _ string) error {
			_, err := d.ResetPassword(t.Context(), admin.ID, p.ID)
			return err
		},
		func(p *zoeklicht.Person, _ string) error { return d.Disable(t.Context(), admin.ID, p.ID, "left") },
	} {
		p := accesstest.Person(t, d, "p"+string(rune('a'+i)), false)
		other := signIn(t, s, admin)
		token, second := signIn(t, s, p), signIn(t, s, p)
		underWay := load(t, s, token)
		s.Put(underWay, "draft", "half a sentence")
		if err := end(p, token); err != nil {
			t.Fatal(err)
		}
		commit(t, s, underWay)
		if use(t, s, token) {
			t.Errorf("way %d: the session came back", i)
		}
		if use(t, s, second) != (i == 0) {
			t.Errorf("way %d: the second session of that person is %v", i, i != 0)
		}
		if !use(t, s, other) {
			t.Errorf("way %d: somebody else's session ended too", i)
		}
	}
}

func TestPurposeIsCarried(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	accesstest.People(t, d, &accesstest.Theme, map[string][]zoeklicht.Role{"analyst": {zoeklicht.Analyst}})
	p := must[*zoeklicht.Person](t)(d.PersonByLogin(t.Context(), "analyst"))
	s := d.Sessions(access.SessionConfig{})
	first, second := load(t, s, signIn(t, s, p)), load(t, s, signIn(t, s, p))
	for _, purpose := range []string{"case 2026-16", "  case 2026-17 "} {
		if err := s.SetPurpose(first, "practice", purpose); err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range map[string]struct {
		ctx   context.Context
		theme zoeklicht.ThemeName
		want  string
	}{
		"here": {first, "practice", "case 2026-17"}, "in another theme": {first, "real", ""}, "in another session": {second, "practice", ""},
	} {
		if got := must[string](t)(s.Purpose(tt.ctx, tt.theme)); got != tt.want {
			t.Errorf("the purpose %s is %q, want %q", name, got, tt.want)
		}
	}
	wantCode(t, "a purpose of two lines", s.SetPurpose(first, "practice", "a\nb"), zoeklicht.Invalid)
	wantCode(t, "a purpose in no theme", s.SetPurpose(first, "absent", "x"), zoeklicht.NotFound)
	wantCode(t, "a purpose of nobody", s.SetPurpose(load(t, s, ""), "practice", "x"), zoeklicht.Denied)
	var n int
	if err := d.Pool().QueryRow(t.Context(), "SELECT count(*) FROM purpose").Scan(&n); err != nil || n != 2 {
		t.Errorf("%d purposes kept (%v), want both", n, err)
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	d, c := open(t)
	s := d.Sessions(access.SessionConfig{})
	p := accesstest.Person(t, d, "analyst", false)
	signIn(t, s, p)
	c.forward(13 * time.Hour)
	live := signIn(t, s, p)
	if n := must[int64](t)(d.SweepSessions(t.Context())); n != 0 {
		t.Errorf("%d rows went after 13 hours", n)
	}
	c.forward(11*time.Hour + time.Second)
	if n := must[int64](t)(d.SweepSessions(t.Context())); n != 1 {
		t.Errorf("%d rows went after a day, want the first", n)
	}
	_ = live
}

// TestCookie goes through a real browser's jar: what is set, and that it works.
func TestCookie(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	p := accesstest.Person(t, d, "analyst", false)
	for _, secure := range []bool{false, true} {
		s := d.Sessions(access.SessionConfig{Secure: secure})
		mux := http.NewServeMux()
		mux.HandleFunc("POST /in", func(w http.ResponseWriter, r *http.Request) {
			if err := s.Begin(r.Context(), p); err != nil {
				t.Error(err)
			}
		})
		mux.HandleFunc("POST /out", func(w http.ResponseWriter, r *http.Request) {
			if err := s.End(r.Context()); err != nil {
				t.Error(err)
			}
		})
		mux.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
			if _, err := s.Current(r.Context()); err != nil {
				w.WriteHeader(http.StatusUnauthorized)
			}
		})
		srv := httptest.NewUnstartedServer(s.LoadAndSave(mux))
		if secure {
			srv.StartTLS()
		} else {
			srv.Start()
		}
		t.Cleanup(srv.Close)
		client := srv.Client()
		client.Jar, _ = cookiejar.New(nil)
		get := func(method, path string) *http.Response {
			req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp := must[*http.Response](t)(client.Do(req))
			resp.Body.Close()
			return resp
		}
		if got := get("GET", "/me").StatusCode; got != http.StatusUnauthorized {
			t.Errorf("secure %v: before signing in: %d", secure, got)
		}
		cookies := get("POST", "/in").Cookies()
		if len(cookies) != 1 {
			t.Fatalf("secure %v: cookies %v", secure, cookies)
		}
		name := "zoeklicht"
		if secure {
			name = "__Host-zoeklicht"
		}
		ck := cookies[0]
		if ck.Name != name || ck.Secure != secure || !ck.HttpOnly || ck.SameSite != http.SameSiteStrictMode || ck.Path != "/" || ck.Domain != "" || !ck.Expires.IsZero() {
			t.Errorf("secure %v: cookie %v", secure, ck)
		}
		if got := get("GET", "/me").StatusCode; got != http.StatusOK {
			t.Errorf("secure %v: after signing in: %d", secure, got)
		}
		get("POST", "/out")
		if got := get("GET", "/me").StatusCode; got != http.StatusUnauthorized {
			t.Errorf("secure %v: after signing out: %d", secure, got)
		}
	}
}
