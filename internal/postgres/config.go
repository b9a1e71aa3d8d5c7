package postgres

import "time"

// Config says which PostgreSQL to use. With DSN it is a server that is given;
// otherwise it is a cluster of our own in Dir.
type Config struct {
	// DSN of a server that somebody else runs, PostgreSQL 15 or newer, as a URL
	// or as keyword=value pairs. Its role needs CREATEDB and CREATEROLE, and need
	// not be a superuser. Dir, Bin and TestMode then mean nothing.
	DSN string

	// Bin is the folder with initdb and postgres. Empty means the PostgreSQL that
	// this binary carries.
	Bin string

	// Dir is the folder for the cluster and what belongs to it, made if it is not
	// there. The package comment lists what is in it.
	Dir string

	// TestMode trades durability for speed: nothing is synced, so a crash of the
	// machine loses the cluster. Only for tests.
	TestMode bool

	// StartTimeout bounds the wait for a server that makes no progress towards
	// readiness; recovery after a crash counts as progress. Zero means 60 s.
	StartTimeout time.Duration

	// StopTimeout bounds a fast shutdown, after which the server is stopped at
	// once and recovers at its next start. Zero means 60 s.
	StopTimeout time.Duration

	// For tests of this package: no user namespaces, and another place than
	// /var/lib/zoeklicht.
	noNamespace bool
	varLib      string
}

func (c Config) withDefaults() Config {
	if c.StartTimeout == 0 {
		c.StartTimeout = time.Minute
	}
	if c.StopTimeout == 0 {
		c.StopTimeout = time.Minute
	}
	if c.varLib == "" {
		c.varLib = "/var/lib/zoeklicht"
	}
	return c
}

// The oldest major version that the platform's SQL is written for.
const oldestMajor = 15
