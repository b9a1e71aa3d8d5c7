package postgres

import (
	"fmt"
	"net/url"
	"strings"
)

// url gives the URL of a database behind a socket.
func (d door) url(database, user, password string) string {
	u := url.URL{
		Scheme: "postgres",
		User:   url.UserPassword(user, password),
		Path:   "/" + database,
		RawQuery: url.Values{
			"host":    {d.socket},
			"port":    {fmt.Sprint(port)},
			"sslmode": {"disable"},
			// Stated, so that PGOPTIONS and the like in the environment do not count.
			"options":              {""},
			"target_session_attrs": {"any"},
		}.Encode(),
	}
	return u.String()
}

// redirect gives a DSN of the same server for another database, user and
// password. Empty values stay as they are in the DSN.
func redirect(dsn, database, user, password string) (string, error) {
	if !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://") {
		// Of a keyword that stands twice, the last one counts.
		for _, kv := range [][2]string{{"dbname", database}, {"user", user}, {"password", password}} {
			if kv[1] != "" {
				quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(kv[1])
				dsn += fmt.Sprintf(" %s='%s'", kv[0], quoted)
			}
		}
		return dsn, nil
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return "", err
	}
	q := u.Query()
	if database != "" {
		u.Path = "/" + database
		q.Del("dbname")
		q.Del("database")
	}
	if user != "" {
		u.User = url.UserPassword(user, password)
		q.Del("user")
		q.Del("password")
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}
