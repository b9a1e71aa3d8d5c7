package postgres

// What the tests outside the package reach into it for.

// WithoutNamespace gives cfg for a machine without user namespaces, with
// another folder than /var/lib/zoeklicht.
func WithoutNamespace(cfg Config, varLib string) Config {
	cfg.noNamespace, cfg.varLib = true, varLib
	return cfg
}

// Internals of a server of our own.
func (s *Server) Data() string   { return s.own.door.Load().data }
func (s *Server) Socket() string { return s.own.door.Load().socket }

// Pid gives the postmaster's process number, 0 when there is none.
func (s *Server) Pid() int {
	p, ok := readPidFile(s.Data())
	if !ok || !works(p.pid, s.Data()) {
		return 0
	}
	return p.pid
}

// Workers lists the living processes of a server of our own.
func (s *Server) Workers() []int { return workers(s.Data()) }
