package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/export"

	"github.com/klauspost/compress/gzhttp"
	"github.com/prometheus/client_golang/prometheus"
)

// Config says how the dashboard is served. The zero value serves.
type Config struct {
	// Addr is host:port to listen on [127.0.0.1:8080].
	Addr string
	// Secure says that people reach the dashboard by https, through a proxy that ends
	// TLS. Browsers are then told to use https for a year. The sessions' own Secure
	// goes with it.
	Secure bool
	// Lang is the language for who has not chosen one, "nl" or "en" [nl].
	Lang string
	// ExportMost is how many versions one export may hold, said on its form [export.MaxVersions].
	ExportMost int
	// PageSize is how many rows of a result the searcher puts on one page [50].
	PageSize int
	// HouseStyle is CSS loaded after our own: an organisation's colours and type, as
	// custom properties of :root. Nothing in it may load from elsewhere; the content
	// security policy sees to that.
	HouseStyle []byte
}

// withDefaults fills the zero values.
func (c Config) withDefaults() Config {
	if c.Addr == "" {
		c.Addr = "127.0.0.1:8080"
	}
	if c.Lang != "en" {
		c.Lang = "nl"
	}
	if c.PageSize == 0 {
		c.PageSize = 50
	}
	if c.ExportMost == 0 {
		c.ExportMost = export.MaxVersions
	}
	return c
}

// Deps is what the dashboard stands on. All fields are needed but those of the
// analyst's desk and of evidence: where one of these is nil, its screens are not there
// and nothing leads to them. Exports and Jobs go together. New takes Sessions over: its errors become our error pages.
type Deps struct {
	Door     Door
	Sessions *access.Sessions
	Themes   Themes
	Search   Searcher
	Adverts  Adverts
	Register Register
	Runs     Runs
	// The analyst's desk.
	Work    Work
	Numbers Numbers
	Judge   Judge
	Mender  Mender
	Sealer  Sealer
	Wants   Wants
	// Evidence: what leaves, as long work, and what can be proven of it.
	Exports Exports
	Jobs    Jobs
	Proofs  Proofs
	Cases   Cases
	Ledger  Ledger

	Clock   zoeklicht.Clock // the wall's
	Log     *slog.Logger
	Metrics *prometheus.Registry // ours are registered in it; /metrics shows all of it
	// Ready says what is wrong if the platform cannot serve now; it is asked by
	// /healthz and must be quick.
	Ready func(context.Context) error
}

// check names the first part that was not handed in.
func (d Deps) check() error {
	switch {
	case d.Door == nil:
		return errors.New("web: no Door")
	case d.Sessions == nil:
		return errors.New("web: no Sessions")
	case d.Themes == nil:
		return errors.New("web: no Themes")
	case d.Search == nil:
		return errors.New("web: no Search")
	case d.Adverts == nil:
		return errors.New("web: no Adverts")
	case d.Register == nil:
		return errors.New("web: no Register")
	case d.Runs == nil:
		return errors.New("web: no Runs")
	case (d.Exports == nil) != (d.Jobs == nil):
		return errors.New("web: one of Exports and Jobs without the other")
	case d.Clock == nil:
		return errors.New("web: no Clock")
	case d.Log == nil:
		return errors.New("web: no Log")
	case d.Metrics == nil:
		return errors.New("web: no Metrics")
	case d.Ready == nil:
		return errors.New("web: no Ready")
	}
	return nil
}

// site is the dashboard at work.
type site struct {
	Deps
	cfg     Config
	assets  *assets
	pages   *pages
	metrics *metrics
	screens http.Handler // inside a session
}

// New gives the dashboard. It fails on a missing part, a template that does not
// parse, or metrics that were registered already: never later because of these.
func New(cfg Config, d Deps) (http.Handler, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	s := &site{Deps: d, cfg: cfg.withDefaults()}
	var err error
	if s.assets, err = newAssets(s.cfg.HouseStyle); err != nil {
		return nil, err
	}
	if s.pages, err = newPages(s.assets); err != nil {
		return nil, err
	}
	if s.metrics, err = newMetrics(d.Metrics); err != nil {
		return nil, err
	}
	s.Sessions.ErrorFunc = s.sessionProblem
	packed, err := gzhttp.NewWrapper(gzhttp.MinSize(1000), gzhttp.ContentTypes([]string{"text/html", "text/plain"}))
	if err != nil {
		return nil, err
	}

	mux := http.NewServeMux()
	mux.Handle("GET /assets/{name}", s.assets)
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.Handle("GET /metrics", s.metrics.handler)
	mux.Handle("GET /t/{theme}/progress", s.quietly(s.inTheme(s.progress)))
	mux.Handle("GET /t/{theme}/urgent/lane", s.quietly(s.inTheme(s.lane)))
	mux.Handle("GET /t/{theme}/urgent/alarm", s.quietly(s.inTheme(s.alarm)))
	mux.Handle("GET /t/{theme}/pictures/{version}/{n}", s.quietly(s.inTheme(s.picture)))
	if s.Wants != nil {
		mux.Handle("GET /t/{theme}/capture/{id}/progress", s.quietly(s.inTheme(s.captureProgress)))
	}
	if s.Exports != nil {
		mux.Handle("GET /t/{theme}/exports/progress", s.quietly(s.inTheme(s.exportProgress)))
		mux.Handle("GET /t/{theme}/exports/{id}/file", s.quietly(s.inTheme(s.exportFile)))
	}
	s.screens = s.routes()
	mux.Handle("/", s.Sessions.LoadAndSave(s.screens))

	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.plainProblem(w, r, zoeklicht.Denied)
	}))
	return s.observe(s.secure(cross.Handler(packed(mux)))), nil
}

// Server gives an http.Server for the dashboard, with bounds on what a client can
// hold up. Requests being answered when it is shut down are finished.
func Server(cfg Config, h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Addr:              cfg.withDefaults().Addr,
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// routes are the screens. Patterns end in {$} or name a leaf, so that all else is
// the same "not there" page.
func (s *site) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sign-in", s.open(s.signInForm))
	mux.HandleFunc("POST /sign-in", s.open(s.signIn))
	mux.HandleFunc("POST /settings", s.open(s.settings))
	mux.HandleFunc("POST /sign-out", s.open(s.signOut))

	mux.HandleFunc("GET /{$}", s.signedIn(s.themes))
	mux.HandleFunc("GET /account", s.signedIn(s.account))
	mux.HandleFunc("POST /account", s.signedIn(s.changePassword))

	mux.HandleFunc("GET /t/{theme}/{$}", s.inTheme(s.home))
	mux.HandleFunc("POST /t/{theme}/purpose", s.inTheme(s.statePurpose))
	mux.HandleFunc("GET /t/{theme}/asof", s.inTheme(s.chooseMoment))
	mux.HandleFunc("GET /t/{theme}/search", s.inTheme(s.search))
	mux.HandleFunc("GET /t/{theme}/results/{id}", s.inTheme(s.result))
	mux.HandleFunc("GET /t/{theme}/adverts/{id}", s.inTheme(s.advert))
	mux.HandleFunc("POST /t/{theme}/adverts/{id}/reveal", s.inTheme(s.reveal))
	mux.HandleFunc("GET /t/{theme}/sources", s.inTheme(s.sources))
	mux.HandleFunc("POST /t/{theme}/sources", s.inTheme(s.propose))
	mux.HandleFunc("GET /t/{theme}/sources/new", s.inTheme(s.proposeForm))
	mux.HandleFunc("GET /t/{theme}/sources/{id}", s.inTheme(s.source))
	mux.HandleFunc("POST /t/{theme}/sources/{id}/decide", s.inTheme(s.decide))
	mux.HandleFunc("POST /t/{theme}/sources/{id}/run", s.inTheme(s.run))

	s.judgeRoutes(mux)
	s.deskRoutes(mux)
	s.evidenceRoutes(mux)

	mux.HandleFunc("/", s.signedIn(func(*request) error { return notThere() }))
	return mux
}

// notThere is the answer for what does not exist and for what a person may not see.
func notThere() error {
	return &zoeklicht.Error{Code: zoeklicht.NotFound}
}

// healthz answers 200 when the platform can serve. It says what is wrong in one
// line of our own, never an error's text: anyone may ask.
func (s *site) healthz(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if err := s.Ready(r.Context()); err != nil {
		s.Log.WarnContext(r.Context(), "not ready", slog.Any("err", err))
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("not ready\n"))
		return
	}
	_, _ = w.Write([]byte("ready\n"))
}
