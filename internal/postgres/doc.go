// Package postgres is the engine under every store: a PostgreSQL of our own
// under the data folder, or the server that we are given. It starts and stops
// it, keeps it alive, makes databases and roles in it and runs migrations; it
// knows nothing about what the tables mean.
//
// What always holds:
//
//   - A cluster is never deleted, and never touched by a PostgreSQL of another
//     major version.
//   - Our own server listens on a UNIX socket in a folder of mode 0700 and
//     nowhere else; every role signs in with scram-sha-256.
//   - PostgreSQL never runs as root, though we may (see identity).
//   - All processes that use one data folder share one server: the first one
//     starts it, the last one to leave stops it. It has a session of its own, so
//     a Ctrl-C meant for us does not reach it first.
//   - CONNECT is revoked from PUBLIC on every database made here.
//
// What lies in Config.Dir:
//
//	state.json     where the cluster is, what made it, what runs it, its socket
//	               folder (type state)
//	superuser      password of the role "postgres", mode 0600
//	start.lock     flock: exclusive while a process starts or stops the server
//	holders.lock   flock: shared by every process that uses the server
//	start.log      what the server said before it could log
//	cluster/       PGDATA; postgresql.conf and pg_hba.conf are written at every
//	               start
//	operator.conf  settings of the operator's, read after ours; made empty
//	log/           server.log-<weekday>: a week of logs, without content of rows
//	runtime/<hash> the PostgreSQL that this binary carries, unpacked
//
// As root without user namespaces the last four lie in a folder under
// /var/lib/zoeklicht, whose path is in state.json, because an unprivileged user
// must be able to reach them. A copy of everything but the locks, made while the
// server is stopped, is a whole backup.
package postgres
