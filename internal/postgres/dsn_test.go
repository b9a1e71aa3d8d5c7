package postgres

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestRedirect(t *testing.T) {
	for _, c := range []struct {
		dsn              string
		host, db         string
		user, password   string
		tls, application bool
	}{
		{dsn: "postgres://adm:old@db.example:6432/postgres?sslmode=require&application_name=z", host: "db.example", tls: true, application: true},
		{dsn: "postgresql://db.example/?user=adm&password=old&dbname=x&sslmode=disable", host: "db.example"},
		{dsn: "host=db.example port=6432 user=adm password='old' dbname=x sslmode=require application_name=z", host: "db.example", tls: true, application: true},
		{dsn: "host=/run/somewhere user=adm dbname=x", host: "/run/somewhere"},
	} {
		for _, password := range []string{"plain", `it's "a\ b&c=d?#@/:%41é`} {
			got, err := redirect(c.dsn, `theme "a"/b`, "wörker'", password)
			if err != nil {
				t.Errorf("%s: %v", c.dsn, err)
				continue
			}
			p, err := pgx.ParseConfig(got)
			if err != nil {
				t.Errorf("%s → %s: %v", c.dsn, got, err)
				continue
			}
			if p.Host != c.host || p.Database != `theme "a"/b` || p.User != "wörker'" || p.Password != password ||
				(p.TLSConfig != nil) != c.tls || (p.RuntimeParams["application_name"] == "z") != c.application {
				t.Errorf("%s → %s: host %q, database %q, user %q, password %q, %v", c.dsn, got, p.Host, p.Database, p.User, p.Password, p.RuntimeParams)
			}
		}
		same, err := redirect(c.dsn, "", "", "")
		if err != nil {
			t.Errorf("%s: %v", c.dsn, err)
		}
		was, _ := pgx.ParseConfig(c.dsn)
		if is, err := pgx.ParseConfig(same); err != nil || is.User != was.User || is.Password != was.Password || is.Database != was.Database {
			t.Errorf("%s → %s with nothing to change: %v", c.dsn, same, err)
		}
	}
}

// Whatever names and passwords are, both kinds of DSN carry them unchanged.
func FuzzDSN(f *testing.F) {
	f.Add("postgres", "worker", "secret")
	f.Add("a/b?c", "o'brien", `\'"&=%`)
	f.Add(" x ", "é@:", "\\")
	f.Fuzz(func(t *testing.T, database, user, password string) {
		if database == "" || user == "" || password == "" {
			return // means: as in the DSN
		}
		for _, s := range database + user + password {
			if s < ' ' || s == 0xFFFD {
				return // no name has these
			}
		}
		keywords, err := redirect("host=/tmp/x user=a password=b dbname=c", database, user, password)
		if err != nil {
			t.Fatal(err)
		}
		url, err := redirect("postgres://a:b@localhost/c", database, user, password)
		if err != nil {
			t.Fatal(err)
		}
		for _, dsn := range []string{keywords, url, door{socket: "/tmp/x"}.url(database, user, password)} {
			p, err := pgx.ParseConfig(dsn)
			if err != nil {
				t.Fatalf("%q: %v", dsn, err)
			}
			if p.Database != database || p.User != user || p.Password != password {
				t.Errorf("%q gives %q, %q, %q", dsn, p.Database, p.User, p.Password)
			}
		}
	})
}
