package postgres

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"
)

// Grade says how good or bad a finding is.
type Grade string

// The grades.
const (
	Good     Grade = "good"
	Doubtful Grade = "doubtful" // works, and deserves a look
	Bad      Grade = "bad"      // data or secrecy are at risk
)

// Finding is the outcome of one check of the server.
type Finding struct {
	Check string // short name: "checksums"
	Grade Grade
	Is    string // what was found
	Do    string // what to do about it; empty when it is good
}

// Check examines the server: its version, what it may lose in a crash, who may
// come in, and whether it nears a limit. It changes nothing. A check that fails
// to run is a finding of its own.
func (s *Server) Check(ctx context.Context) []Finding {
	conn, err := pgx.Connect(ctx, s.Admin(""))
	if err != nil {
		return []Finding{{"connection", Bad, withoutSecrets(err).Error(), "see that the server runs"}}
	}
	defer conn.Close(ctx)
	checks := []func(context.Context, *pgx.Conn) (Finding, error){
		s.checkVersion, checkDurability, checkChecksums, checkEncoding, checkConnections, checkAge,
	}
	if s.own != nil {
		checks = append(checks, checkClosed, checkPasswords, checkPublic, s.own.checkFiles, s.own.checkDisk)
	} else {
		checks = append(checks, checkWire)
	}
	var found []Finding
	for _, check := range checks {
		f, err := check(ctx, conn)
		if err != nil {
			f.Grade, f.Is, f.Do = Doubtful, "could not be checked: "+err.Error(), "see that the server runs, and what it logs"
		}
		found = append(found, f)
	}
	return found
}

func (s *Server) checkVersion(ctx context.Context, conn *pgx.Conn) (Finding, error) {
	f := Finding{Check: "version", Grade: Good}
	whose := "of our own"
	if s.own == nil {
		whose = "given"
	}
	f.Is = fmt.Sprintf("PostgreSQL %s, %s", s.version.Text, whose)
	return f, conn.Ping(ctx)
}

func checkDurability(ctx context.Context, conn *pgx.Conn) (Finding, error) {
	f := Finding{Check: "durability", Grade: Good, Is: "a commit is on disk"}
	var off string
	err := conn.QueryRow(ctx, `
		SELECT coalesce(string_agg(name, ', ' ORDER BY name), '') FROM pg_settings
		WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'`).Scan(&off)
	if off != "" {
		f.Grade, f.Is, f.Do = Bad, "switched off: "+off, "switch on: without, a crash loses what was acknowledged"
	}
	return f, err
}

func checkChecksums(ctx context.Context, conn *pgx.Conn) (Finding, error) {
	f := Finding{Check: "checksums", Grade: Good, Is: "on, and no page failed"}
	var on string
	var failed int64
	err := conn.QueryRow(ctx, `
		SELECT current_setting('data_checksums'), coalesce(sum(checksum_failures), 0)::bigint FROM pg_stat_database`).
		Scan(&on, &failed)
	switch {
	case on != "on":
		f.Grade, f.Is, f.Do = Doubtful, "off", "switch them on with pg_checksums --enable: a bad disk goes unnoticed without"
	case failed > 0:
		f.Grade, f.Is, f.Do = Bad, fmt.Sprintf("%d pages failed", failed), "stop, check the disk, restore from a backup"
	}
	return f, err
}

func checkEncoding(ctx context.Context, conn *pgx.Conn) (Finding, error) {
	f := Finding{Check: "encoding", Grade: Good, Is: "every database is in UTF-8"}
	var other string
	err := conn.QueryRow(ctx, `
		SELECT coalesce(string_agg(datname, ', ' ORDER BY datname), '') FROM pg_database
		WHERE datallowconn AND pg_encoding_to_char(encoding) <> 'UTF8' AND has_database_privilege(oid, 'CONNECT')`).Scan(&other)
	if other != "" {
		f.Grade, f.Is, f.Do = Doubtful, "not in UTF-8: "+other, "fine as long as none of them is ours"
	}
	return f, err
}

func checkConnections(ctx context.Context, conn *pgx.Conn) (Finding, error) {
	f := Finding{Check: "connections", Grade: Good}
	var used, most int
	err := conn.QueryRow(ctx, `
		SELECT count(*), current_setting('max_connections')::int FROM pg_stat_activity WHERE backend_type = 'client backend'`).
		Scan(&used, &most)
	f.Is = fmt.Sprintf("%d of %d in use", used, most)
	if used*5 > most*4 {
		f.Grade, f.Do = Doubtful, "raise max_connections (of our own server: in operator.conf), or run fewer processes"
	}
	return f, err
}

// checkAge looks at the 32-bit transaction numbers, after two thousand million
// of which a server stops writing unless vacuum keeps up.
func checkAge(ctx context.Context, conn *pgx.Conn) (Finding, error) {
	f := Finding{Check: "transactions", Grade: Good}
	var age int64
	err := conn.QueryRow(ctx, "SELECT max(age(datfrozenxid)) FROM pg_database").Scan(&age)
	f.Is = fmt.Sprintf("the oldest is %d million back", age/1_000_000)
	if age > 1_000_000_000 {
		f.Grade, f.Do = Bad, "vacuum does not keep up: end old transactions and run VACUUM (FREEZE)"
	}
	return f, err
}

// checkClosed is about our own server: nothing but the socket.
func checkClosed(ctx context.Context, conn *pgx.Conn) (Finding, error) {
	f := Finding{Check: "network", Grade: Good, Is: "listens on its socket only"}
	var on string
	err := conn.QueryRow(ctx, "SELECT current_setting('listen_addresses')").Scan(&on)
	if on != "" {
		f.Grade, f.Is, f.Do = Bad, "listens on "+on, "take listen_addresses out of operator.conf, or use --database with TLS"
	}
	return f, err
}

func checkPasswords(ctx context.Context, conn *pgx.Conn) (Finding, error) {
	f := Finding{Check: "sign-in", Grade: Good, Is: "scram-sha-256 for everybody"}
	var lax int
	var without string
	err := conn.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM pg_hba_file_rules WHERE auth_method IS DISTINCT FROM 'scram-sha-256'),
		       (SELECT coalesce(string_agg(rolname, ', ' ORDER BY rolname), '') FROM pg_authid
		        WHERE rolcanlogin AND rolpassword NOT LIKE 'SCRAM-SHA-256$%' IS NOT FALSE)`).Scan(&lax, &without)
	switch {
	case lax > 0:
		f.Grade, f.Is, f.Do = Bad, fmt.Sprintf("%d lines of pg_hba.conf let in without scram-sha-256", lax), "restart: the file is written anew"
	case without != "":
		f.Grade, f.Is, f.Do = Bad, "no scram password: "+without, "drop these roles or give them a password"
	}
	return f, err
}

func checkPublic(ctx context.Context, conn *pgx.Conn) (Finding, error) {
	f := Finding{Check: "public", Grade: Good, Is: "no database lets everybody connect"}
	var open string
	err := conn.QueryRow(ctx, `
		SELECT coalesce(string_agg(datname, ', ' ORDER BY datname), '') FROM pg_database
		WHERE datallowconn AND has_database_privilege('public', oid, 'CONNECT')`).Scan(&open)
	if open != "" {
		f.Grade, f.Is, f.Do = Bad, "everybody may connect to "+open, "REVOKE CONNECT ON DATABASE … FROM PUBLIC"
	}
	return f, err
}

// checkWire is about a server that was given: does what we read and write go
// over a network in the clear?
func checkWire(ctx context.Context, conn *pgx.Conn) (Finding, error) {
	f := Finding{Check: "wire", Grade: Good, Is: "TLS, or a socket or loopback of this machine"}
	var clear bool
	err := conn.QueryRow(ctx, `
		SELECT NOT ssl AND client_addr IS NOT NULL AND NOT client_addr <<= '127.0.0.0/8' AND client_addr <> '::1'
		FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE pid = pg_backend_pid()`).Scan(&clear)
	if clear {
		f.Grade, f.Is, f.Do = Bad, "not encrypted", "add sslmode=verify-full to --database"
	}
	return f, err
}

// checkFiles looks at who can read the superuser's password and reach the
// socket.
func (c *cluster) checkFiles(context.Context, *pgx.Conn) (Finding, error) {
	f := Finding{Check: "files", Grade: Good, Is: "password, cluster and socket are closed to others"}
	var open []string
	d := c.door.Load()
	for path, want := range map[string]os.FileMode{
		filepath.Join(c.cfg.Dir, "superuser"): 0o600,
		d.data:                                0o700,
		d.socket:                              0o700,
	} {
		info, err := os.Stat(path)
		if err != nil {
			return f, err
		}
		if info.Mode().Perm()&^want != 0 {
			open = append(open, fmt.Sprintf("%s (%v)", path, info.Mode().Perm()))
		}
	}
	if len(open) > 0 {
		f.Grade, f.Is, f.Do = Bad, "open to others: "+strings.Join(open, ", "), "chmod go= on them"
	}
	return f, nil
}

// checkDisk looks at the disk that the cluster is on. A full one stops every
// write, though it loses nothing.
func (c *cluster) checkDisk(context.Context, *pgx.Conn) (Finding, error) {
	f := Finding{Check: "disk", Grade: Good}
	data := c.door.Load().data
	var st unix.Statfs_t
	if err := unix.Statfs(data, &st); err != nil {
		return f, err
	}
	free, size := int64(st.Bavail)*st.Bsize, int64(st.Blocks)*st.Bsize
	f.Is = fmt.Sprintf("%d MB free of %d MB under %s", free/megabyte, size/megabyte, data)
	if free < size/10 {
		f.Grade, f.Do = Doubtful, "make room: at 10 % free fetching stops"
	}
	return f, nil
}
