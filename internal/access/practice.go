package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"zoeklicht"
)

// PracticeSignIn is an account of the practice theme, to be printed.
type PracticeSignIn struct {
	Login    string
	Password string
	Name     string
	Role     zoeklicht.Role
	Admin    bool
}

// practicePeople is one account for each role, and a second source manager,
// because vetting and approving take two.
var practicePeople = []PracticeSignIn{
	{Login: "analist", Name: "Anna Oefen", Role: zoeklicht.Analyst},
	{Login: "specialist", Name: "Sam Oefen", Role: zoeklicht.Specialist},
	{Login: "bronbeheer", Name: "Bo Oefen", Role: zoeklicht.SourceManager},
	{Login: "bronbeheer2", Name: "Bas Oefen", Role: zoeklicht.SourceManager},
	{Login: "officier", Name: "Otto Oefen", Role: zoeklicht.Prosecutor},
	{Login: "auditor", Name: "Ada Oefen", Role: zoeklicht.Auditor},
	{Login: "beheer", Name: "Bea Oefen", Role: zoeklicht.Operator, Admin: true},
}

// SeedPractice makes the practice accounts, or refreshes them, and gives them
// with their one password. An empty password means that one is made; a given one
// is taken as it is. Accounts that have the password already keep their sessions.
//
// It fails with Conflict when the theme is not a practice theme, when a real
// theme is active here, or when a real person has one of the names.
func (d *Door) SeedPractice(ctx context.Context, theme zoeklicht.ThemeName, password string) ([]PracticeSignIn, error) {
	if password == "" {
		password = randomPhrase()
	}
	out := make([]PracticeSignIn, len(practicePeople))
	err := d.administer(ctx, Console, func(tx pgx.Tx, now time.Time) (Act, error) {
		if err := onlyPractice(ctx, tx, theme); err != nil {
			return Act{}, err
		}
		for i, p := range practicePeople {
			p.Password = password
			out[i] = p
			if err := seedOne(ctx, tx, theme, p, now); err != nil {
				return Act{}, err
			}
		}
		return Act{Kind: PracticeSeeded, Object: string(theme)}, nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func onlyPractice(ctx context.Context, tx pgx.Tx, theme zoeklicht.ThemeName) error {
	all, err := collect(ctx, tx, scanTheme, selectTheme)
	if err != nil {
		return err
	}
	found := false
	for _, t := range all {
		found = found || t.Name == theme && t.Practice
		if t.Active && !t.Practice {
			return zoeklicht.Errorf(zoeklicht.Conflict, "theme %s is real, and active here", t.Name).
				With("no practice account was made", "practise in another data folder")
		}
	}
	if !found {
		return zoeklicht.Errorf(zoeklicht.Conflict, "%q is not a practice theme here", theme).With("no practice account was made", "")
	}
	return nil
}

// practiceTerm is how long a practice grant holds. Seeding gives a new one when
// half of it has gone.
const practiceTerm = 365 * 24 * time.Hour

func seedOne(ctx context.Context, tx pgx.Tx, theme zoeklicht.ThemeName, s PracticeSignIn, now time.Time) error {
	var (
		id       zoeklicht.PersonID
		practice bool
		hash     string
	)
	err := tx.QueryRow(ctx, `
		SELECT p.id, p.practice, coalesce(c.hash, '') FROM person p
		LEFT JOIN credential c ON c.person = p.id AND c.kind = 'password' WHERE p.login = $1`, s.Login).Scan(&id, &practice, &hash)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		p, err := insertPerson(ctx, tx, NewPerson{Login: s.Login, Name: s.Name, Lang: "nl", Admin: s.Admin}, true, now)
		if err != nil {
			return err
		}
		id = p.ID
	case err != nil:
		return err
	case !practice:
		return zoeklicht.Errorf(zoeklicht.Conflict, "%q is the sign-in name of a real person here", s.Login).
			With("no practice account was made", "practise in another data folder")
	}
	if ok, _ := checkPassword(hash, s.Password); !ok {
		if err := setPassword(ctx, tx, id, s.Password, false, now); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO given (person, theme, role, task, valid_from, valid_until, given_by, given_at)
		SELECT $1, $3, $4, $5, $2, $6, $7, $2
		WHERE NOT EXISTS (SELECT FROM `+holding+` WHERE g.person = $1 AND g.theme = $3 AND g.role = $4 AND g.valid_until > $8)`,
		id, now, theme, s.Role, "oefenen", now.Add(practiceTerm), Console, now.Add(practiceTerm/2))
	if err != nil {
		return fmt.Errorf("granting %s: %w", s.Login, err)
	}
	return nil
}
