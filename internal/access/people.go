package access

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"

	"zoeklicht"
)

// NewPerson is someone who is to sign in.
type NewPerson struct {
	Login string // 2 to 64 of a–z 0–9 . _ @ -, lower case; never given to someone else later
	Name  string // as colleagues and audit rows read it
	Lang  string // "nl" or "en"; empty means "nl"
	Admin bool   // may manage people and grants
	// Password is the first one; empty means that one is made. Either way it must
	// be changed before any theme is entered.
	Password string
}

var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{1,63}$`)

func (n *NewPerson) check() error {
	n.Login = strings.ToLower(strings.TrimSpace(n.Login))
	n.Name = strings.TrimSpace(n.Name)
	if n.Lang == "" {
		n.Lang = "nl"
	}
	switch {
	case !loginForm.MatchString(n.Login):
		return zoeklicht.Errorf(zoeklicht.Invalid, "%q cannot be a sign-in name", n.Login).
			With("nobody was added", "use 2 to 64 lower-case letters, digits and . _ @ -")
	case n.Name == "" || len(n.Name) > 200 || strings.ContainsFunc(n.Name, unicode.IsControl):
		return zoeklicht.Errorf(zoeklicht.Invalid, "%q cannot be a person's name", n.Name).With("nobody was added", "")
	case n.Lang != "nl" && n.Lang != "en":
		return zoeklicht.Errorf(zoeklicht.Invalid, "there is no language %q", n.Lang).With("nobody was added", "choose nl or en")
	}
	if n.Password != "" {
		return CheckPassword(n.Login, n.Password)
	}
	return nil
}

// CreatePerson adds a person, by an administrator or the Console, and gives the
// first password, to be told to that person and nobody else. It fails with
// Conflict when the sign-in name is taken.
func (d *Door) CreatePerson(ctx context.Context, by zoeklicht.PersonID, n NewPerson) (*zoeklicht.Person, string, error) {
	if err := n.check(); err != nil {
		return nil, "", err
	}
	password := n.Password
	if password == "" {
		password = randomPhrase()
	}
	hash := hashPassword(password)
	var p *zoeklicht.Person
	err := d.administer(ctx, by, func(tx pgx.Tx, now time.Time) (Act, error) {
		var err error
		if p, err = insertPerson(ctx, tx, n, false, now); err != nil {
			return Act{}, err
		}
		_, err = tx.Exec(ctx, "INSERT INTO credential (person, kind, hash, changed, must_change) VALUES ($1, 'password', $2, $3, true)",
			p.ID, hash, now)
		return Act{Kind: PersonCreated, Object: p.Login, Detail: map[string]string{"admin": strconv.FormatBool(p.Admin)}}, err
	})
	if err != nil {
		return nil, "", err
	}
	p.MustChange = true
	return p, password, nil
}

func insertPerson(ctx context.Context, tx pgx.Tx, n NewPerson, practice bool, now time.Time) (*zoeklicht.Person, error) {
	p := &zoeklicht.Person{Login: n.Login, Name: n.Name, Lang: n.Lang, Admin: n.Admin, Created: now}
	err := tx.QueryRow(ctx, `
		INSERT INTO person (login, name, lang, admin, practice, created) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
		n.Login, n.Name, n.Lang, n.Admin, practice, now).Scan(&p.ID)
	if violates(err, "23505") {
		return nil, zoeklicht.Errorf(zoeklicht.Conflict, "the sign-in name %q is taken", n.Login).
			With("nobody was added", "choose another one; a name is never given twice")
	}
	return p, err
}

const selectPerson = `
	SELECT p.id, p.login, p.name, p.lang, p.admin, p.disabled IS NOT NULL, p.created, p.last_seen, coalesce(c.must_change, false)
	FROM person p LEFT JOIN credential c ON c.person = p.id AND c.kind = 'password' `

func scanPerson(row pgx.CollectableRow) (*zoeklicht.Person, error) {
	var p zoeklicht.Person
	var seen *time.Time
	if err := row.Scan(&p.ID, &p.Login, &p.Name, &p.Lang, &p.Admin, &p.Disabled, &p.Created, &seen, &p.MustChange); err != nil {
		return nil, err
	}
	p.Created = p.Created.UTC()
	if seen != nil {
		p.LastSeen = seen.UTC()
	}
	return &p, nil
}

func onePerson(ctx context.Context, q querier, where string, args ...any) (*zoeklicht.Person, error) {
	p, err := collect(ctx, q, scanPerson, selectPerson+where, args...)
	if err == nil && len(p) == 0 {
		err = zoeklicht.Errorf(zoeklicht.NotFound, "there is no such person")
	}
	if err != nil {
		return nil, err
	}
	return p[0], nil
}

// People gives everyone who can or could sign in, by name.
func (d *Door) People(ctx context.Context) ([]*zoeklicht.Person, error) {
	return collect(ctx, d.pool, scanPerson, selectPerson+"ORDER BY lower(p.name), p.id")
}

// Person gives one person, or NotFound.
func (d *Door) Person(ctx context.Context, id zoeklicht.PersonID) (*zoeklicht.Person, error) {
	return onePerson(ctx, d.pool, "WHERE p.id = $1", id)
}

// PersonByLogin gives the person with a sign-in name, in any case, or NotFound.
func (d *Door) PersonByLogin(ctx context.Context, login string) (*zoeklicht.Person, error) {
	return onePerson(ctx, d.pool, "WHERE p.login = $1", strings.ToLower(strings.TrimSpace(login)))
}

// HasAdministrator reports whether anyone can administer this installation, that
// is, whether `init` has been done.
func (d *Door) HasAdministrator(ctx context.Context) (ok bool, err error) {
	err = d.pool.QueryRow(ctx, "SELECT EXISTS (SELECT FROM person WHERE admin AND disabled IS NULL)").Scan(&ok)
	return ok, told(err)
}

// SetLang stores the language in which a person reads the screens.
func (d *Door) SetLang(ctx context.Context, id zoeklicht.PersonID, lang string) error {
	if lang != "nl" && lang != "en" {
		return zoeklicht.Errorf(zoeklicht.Invalid, "there is no language %q", lang).With("nothing was changed", "choose nl or en")
	}
	_, err := d.pool.Exec(ctx, "UPDATE person SET lang = $2 WHERE id = $1", id, lang)
	return told(err)
}

// Disable ends a person's access: sessions end at once, passes are refused, and
// signing in fails. Nobody disables themselves, and one administrator remains.
func (d *Door) Disable(ctx context.Context, by, id zoeklicht.PersonID, reason string) error {
	return d.administer(ctx, by, func(tx pgx.Tx, now time.Time) (Act, error) {
		p, err := onePerson(ctx, tx, "WHERE p.id = $1", id)
		if err != nil {
			return Act{}, err
		}
		if p.ID == by {
			return Act{}, zoeklicht.Errorf(zoeklicht.Denied, "nobody disables themselves").With("nothing was changed", "ask another administrator")
		}
		tag, err := tx.Exec(ctx, `
			UPDATE person SET disabled = $2 WHERE id = $1 AND disabled IS NULL
			AND (NOT admin OR EXISTS (SELECT FROM person o WHERE o.id <> $1 AND o.admin AND o.disabled IS NULL))`, id, now)
		if err != nil {
			return Act{}, err
		}
		if tag.RowsAffected() == 0 {
			return Act{}, zoeklicht.Errorf(zoeklicht.Conflict, "%s is disabled already, or is the last administrator", p.Login).
				With("nothing was changed", "")
		}
		return Act{Kind: PersonDisabled, Object: p.Login, Detail: map[string]string{"reason": reason}}, endSessions(ctx, tx, id, now)
	})
}

// Enable undoes Disable. Grants that still run are in force again.
func (d *Door) Enable(ctx context.Context, by, id zoeklicht.PersonID, reason string) error {
	return d.administer(ctx, by, func(tx pgx.Tx, _ time.Time) (Act, error) {
		p, err := onePerson(ctx, tx, "WHERE p.id = $1", id)
		if err != nil {
			return Act{}, err
		}
		tag, err := tx.Exec(ctx, "UPDATE person SET disabled = NULL WHERE id = $1 AND disabled IS NOT NULL", id)
		if err == nil && tag.RowsAffected() == 0 {
			err = zoeklicht.Errorf(zoeklicht.Conflict, "%s is not disabled", p.Login).With("nothing was changed", "")
		}
		return Act{Kind: PersonEnabled, Object: p.Login, Detail: map[string]string{"reason": reason}}, err
	})
}
