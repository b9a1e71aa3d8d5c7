package postgres

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"zoeklicht"
)

// Files are what a cluster of our own consists of, as absolute paths. Put into
// another Config.Dir under the names "cluster", "superuser" and "operator.conf",
// while nothing else is there, they are that cluster again; owner and modes
// have to be kept. Everything else in Dir is made anew.
type Files struct {
	Cluster   string // folder
	Superuser string // file with a secret
	Operator  string // file
}

// Cold keeps the server in cfg.Dir stopped while work runs, so that its files
// can be copied. It refuses while a process uses the server. A server that
// nobody holds, because its holders were killed, is stopped first. cfg.DSN means
// nothing here.
func Cold(ctx context.Context, cfg Config, log *slog.Logger, work func(Files) error) error {
	cfg = cfg.withDefaults()
	if _, err := os.Stat(filepath.Join(cfg.Dir, "state.json")); err != nil {
		return (&zoeklicht.Error{Code: zoeklicht.NotFound, What: "no PostgreSQL cluster of ours in " + cfg.Dir, Err: err}).
			With("nothing was copied", "check --data")
	}
	c, err := open(cfg, log)
	if err != nil {
		return err
	}
	defer c.start.close()
	defer c.holders.close()
	return c.locked(ctx, func() error {
		alone, err := c.holders.try(unix.LOCK_EX)
		if err != nil {
			return err
		}
		if !alone {
			return zoeklicht.Errorf(zoeklicht.Conflict, "the platform is running on %s", c.cfg.Dir).
				With("nothing was copied", "stop it and try again")
		}
		s, err := readState(c.cfg.Dir)
		if err != nil {
			return err
		}
		c.place(s)
		if _, err := c.settled(ctx); err != nil {
			return err
		}
		if err := c.stop(); err != nil {
			return err
		}
		return work(Files{
			Cluster:   c.data,
			Superuser: filepath.Join(c.cfg.Dir, "superuser"),
			Operator:  filepath.Join(c.home, "operator.conf"),
		})
	})
}
