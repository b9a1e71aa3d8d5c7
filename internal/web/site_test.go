package web

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/access/accesstest"

	"github.com/prometheus/client_golang/prometheus"
)

// testSite is a dashboard on a made-up world, behind a real door, on loopback.
type testSite struct {
	*httptest.Server
	world *world
	door  *access.Door
	log   *bytes.Buffer
}

// people is who can sign in to the test site, with accesstest.Password.
var people = map[string][]zoeklicht.Role{
	"anna":  {zoeklicht.Analyst},
	"lena":  {zoeklicht.Analyst},
	"two":   {zoeklicht.Analyst},
	"bo":    {zoeklicht.SourceManager},
	"bas":   {zoeklicht.SourceManager},
	"bea":   {zoeklicht.Operator},
	"ada":   {zoeklicht.Auditor},
	"alles": {zoeklicht.Analyst, zoeklicht.SourceManager},
	"sven":  {zoeklicht.Specialist},
	"petra": {zoeklicht.Specialist, zoeklicht.Auditor},
}

// newDoor gives a door with people and two themes behind it.
func newDoor(t testing.TB) *access.Door {
	t.Helper()
	door := accesstest.Open(t, access.Config{
		Locate: func(zoeklicht.ThemeName, string, zoeklicht.Phase) (string, error) { return "host=nowhere", nil },
	})
	accesstest.People(t, door, &zoeklicht.Theme{Name: "practice", Practice: true}, people)
	accesstest.People(t, door, &zoeklicht.Theme{Name: "other", Practice: true}, map[string][]zoeklicht.Role{"two": {zoeklicht.Analyst}})
	return door
}

// newSite gives a dashboard on a world, behind a door.
func newSite(t testing.TB, door *access.Door, w *world, change ...func(*Config)) *testSite {
	t.Helper()
	s := &testSite{world: w, door: door, log: &bytes.Buffer{}}
	cfg := Config{PageSize: w.pageSize}
	for _, c := range change {
		c(&cfg)
	}
	d := Deps{
		Door: door, Sessions: door.Sessions(access.SessionConfig{}), Themes: w, Search: w, Adverts: w, Register: w, Runs: w, Work: w, Numbers: w, Wants: w, Mender: w, Judge: w, Sealer: w,
		Exports: w, Jobs: w, Proofs: w, Cases: w, Ledger: w,
		Clock: time.Now, Log: slog.New(slog.NewTextHandler(s.log, nil)), Metrics: prometheus.NewRegistry(),
		Ready: func(context.Context) error { return w.fail },
	}
	if w.desk.absent {
		d.Work, d.Numbers, d.Judge, d.Mender, d.Sealer, d.Wants = nil, nil, nil, nil, nil, nil
	}
	if w.evidence.noExport {
		d.Exports, d.Jobs, d.Proofs, d.Cases, d.Ledger = nil, nil, nil, nil, nil
	}
	h, err := New(cfg, d)
	if err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewUnstartedServer(nil)
	s.Config = Server(cfg, h, slog.New(slog.NewTextHandler(s.log, nil)))
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func amsterdam(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// visitor is a browser without JavaScript.
type visitor struct {
	t    testing.TB
	site *testSite
	c    *http.Client
}

// as gives a visitor; signed in, unless login is empty.
func (s *testSite) as(t testing.TB, login string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t, s, &http.Client{Jar: jar}}
	if login != "" {
		if p := v.post("/sign-in", url.Values{"login": {login}, "password": {accesstest.Password}}); strings.HasPrefix(p.path, "/sign-in") {
			t.Fatalf("%s could not sign in: %d", login, p.status)
		}
	}
	return v
}

// got is a page as the visitor sees it, after redirects.
type got struct {
	status int
	path   string
	body   string
	header http.Header
}

func (v *visitor) get(path string) got {
	v.t.Helper()
	return v.do(http.MethodGet, path, nil)
}

func (v *visitor) post(path string, form url.Values) got {
	v.t.Helper()
	return v.do(http.MethodPost, path, form)
}

func (v *visitor) do(method, path string, form url.Values, header ...string) got {
	v.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(v.t.Context(), method, v.site.URL+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := v.c.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return got{resp.StatusCode, resp.Request.URL.RequestURI(), string(b), resp.Header}
}

// has fails the test unless the page holds every one of the texts.
func (g got) has(t testing.TB, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if !strings.Contains(g.body, s) {
			t.Errorf("%s (%d) does not have %q", g.path, g.status, s)
		}
	}
}

func (g got) hasNot(t testing.TB, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if strings.Contains(g.body, s) {
			t.Errorf("%s (%d) has %q", g.path, g.status, s)
		}
	}
}

// testPicture is a plain coloured picture.
func testPicture(n int) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, 64, 48))
	for y := range 48 {
		for x := range 64 {
			m.Set(x, y, color.NRGBA{R: uint8(60 * n), G: uint8(2 * x), B: uint8(3 * y), A: 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}
