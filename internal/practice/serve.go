package practice

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"zoeklicht"
)

// Addresses says where everything is served. Its JSON is what the verb
// practice-web prints.
type Addresses struct {
	// Sites are the home addresses by the sites' keys: "http://127.0.0.1:8091".
	Sites    map[string]string `json:"sites"`
	Pictures string            `json:"pictures"` // the host of pictures only
	Truth    string            `json:"truth"`    // not for the platform
	Seed     uint64            `json:"seed"`
	Adverts  int               `json:"adverts"`
	Day      int               `json:"day"`
}

// Server serves a world on loopback.
type Server struct {
	World *World

	addresses Addresses
	hosts     map[string]string
	log       *slog.Logger
	now       atomic.Pointer[today]
	faults    faults
	pools     pools
	stats     []siteStats // of the sites, in their order
	sessions  atomic.Uint64
	servers   []*http.Server
	running   sync.WaitGroup
	closed    chan struct{}
	closing   sync.Once
}

// Serve makes the world of a configuration and serves it until ctx ends or
// Close is called. It returns once every port is listened on.
func Serve(ctx context.Context, cfg Config, log *slog.Logger) (*Server, error) {
	world, err := New(cfg)
	if err != nil {
		return nil, err
	}
	s := &Server{
		World: world, log: log, closed: make(chan struct{}),
		hosts: map[string]string{}, stats: make([]siteStats, len(world.sites)),
	}
	s.now.Store(world.today(world.cfg.Day))
	s.addresses = Addresses{Sites: map[string]string{}, Seed: world.cfg.Seed, Adverts: world.cfg.Adverts}
	if err := s.listen(); err != nil {
		s.Close()
		return nil, err
	}
	context.AfterFunc(ctx, func() { s.Close() })
	return s, nil
}

func (s *Server) listen() error {
	host, portText, err := net.SplitHostPort(s.World.cfg.Addr)
	if err != nil {
		return zoeklicht.Errorf(zoeklicht.Invalid, "practice web: address %q: %w", s.World.cfg.Addr, err)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return zoeklicht.Errorf(zoeklicht.Invalid, "practice web: %q is not a port", portText)
	}
	next := int(port)
	open := func(key string, handler http.Handler) (string, error) {
		l, used, err := listenFrom(host, next)
		if err != nil {
			return "", err
		}
		if next > 0 {
			next = used + 1
		}
		return s.start(key, l, handler), nil
	}
	for i, site := range s.World.sites {
		key := site.habits().key
		if s.addresses.Sites[key], err = open(key, s.siteHandler(i, site)); err != nil {
			return err
		}
	}
	if s.addresses.Pictures, err = open(pictureHost, http.HandlerFunc(s.servePictureHost)); err != nil {
		return err
	}
	truthAddr := s.World.cfg.TruthAddr
	if truthAddr == "" {
		truthAddr = net.JoinHostPort(host, "0")
	}
	l, err := net.Listen("tcp", truthAddr)
	if err != nil {
		return zoeklicht.Errorf(zoeklicht.Unavailable, "practice web: truth port: %w", err)
	}
	s.addresses.Truth = s.start("", l, s.truthHandler())
	return nil
}

// listenFrom listens on the first free port of a hundred.
func listenFrom(host string, port int) (net.Listener, int, error) {
	for try := port; ; try++ {
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(try)))
		if err == nil {
			return l, l.Addr().(*net.TCPAddr).Port, nil
		}
		if port == 0 || try == port+100 || try == 65535 {
			return nil, 0, zoeklicht.Errorf(zoeklicht.Unavailable, "practice web: no free port from %s on: %w",
				net.JoinHostPort(host, strconv.Itoa(port)), err)
		}
	}
}

func (s *Server) start(key string, l net.Listener, h http.Handler) string {
	if key != "" {
		s.hosts[key] = l.Addr().String()
	}
	srv := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	s.servers = append(s.servers, srv)
	s.running.Go(func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("practice web: a port stopped", "addr", l.Addr().String(), "err", err)
		}
	})
	return "http://" + l.Addr().String()
}

// Addresses says where everything is served, and the day it is.
func (s *Server) Addresses() Addresses {
	a := s.addresses
	a.Day = s.Day()
	return a
}

// Hosts gives host:port by the keys of the sites, and of the picture host as
// "beeldbank": what a theme pack's placeholders are filled with.
func (s *Server) Hosts() map[string]string { return s.hosts }

// Day gives the simulated day that is served.
func (s *Server) Day() int { return s.now.Load().day }

// SetDay moves the world to another day, at once for all sites. A visitor who
// is in the middle of a listing then sees the rest of it as of the new day.
func (s *Server) SetDay(day int) error {
	if err := checkDay(day); err != nil {
		return err
	}
	s.now.Store(s.World.today(day))
	return nil
}

// Time gives the time of the served Date headers.
func (s *Server) Time() time.Time {
	if s.World.cfg.Clock != nil {
		return s.World.cfg.Clock()
	}
	return s.World.Time(s.Day()).Add(12 * time.Hour)
}

// Close stops serving, at once, and waits until it has.
func (s *Server) Close() error {
	var errs []error
	s.closing.Do(func() {
		close(s.closed)
		for _, srv := range s.servers {
			errs = append(errs, srv.Close())
		}
	})
	s.running.Wait()
	return errors.Join(errs...)
}
