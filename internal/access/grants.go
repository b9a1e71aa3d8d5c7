package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"

	"zoeklicht"
)

// Give grants a person a role in a theme, for a task, from and until. g names
// Person, Theme, Role, Task, From and Until; the rest is filled in what is given
// back. A zero From means now. Only administrators and the Console give, and
// nobody to themselves: an administrator who needs a role asks another one.
func (d *Door) Give(ctx context.Context, by zoeklicht.PersonID, g zoeklicht.Grant) (*zoeklicht.Grant, error) {
	g.Task = strings.TrimSpace(g.Task)
	switch {
	case g.Person == by:
		return nil, errToOneself()
	case !slices.Contains(zoeklicht.Roles, g.Role):
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "there is no role %q", g.Role).With("nothing was granted", fmt.Sprintf("choose one of %v", zoeklicht.Roles))
	case g.Task == "" || len(g.Task) > 500 || strings.ContainsFunc(g.Task, unicode.IsControl):
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "a grant names the task that it is for").With("nothing was granted", "word it as the authorisation does")
	}
	err := d.administer(ctx, by, func(tx pgx.Tx, now time.Time) (Act, error) {
		if g.From.IsZero() {
			g.From = now
		}
		g.From, g.Until = g.From.UTC().Truncate(time.Microsecond), g.Until.UTC().Truncate(time.Microsecond)
		if !g.From.Before(g.Until) || !now.Before(g.Until) {
			return Act{}, zoeklicht.Errorf(zoeklicht.Invalid, "a grant ends after it begins, and not in the past").With("nothing was granted", "give another end")
		}
		p, err := onePerson(ctx, tx, "WHERE p.id = $1", g.Person)
		if err != nil {
			return Act{}, err
		}
		if _, err := oneTheme(ctx, tx, g.Theme); err != nil {
			return Act{}, err
		}
		g.By, g.Revoked = by, time.Time{}
		err = tx.QueryRow(ctx, `
			INSERT INTO given (person, theme, role, task, valid_from, valid_until, given_by, given_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
			g.Person, g.Theme, g.Role, g.Task, g.From, g.Until, by, now).Scan(&g.ID)
		if violates(err, "ZA001") {
			err = zoeklicht.Errorf(zoeklicht.Denied, "%s is for practice only", p.Login).With("nothing was granted", "add a person for real work")
		}
		return Act{Kind: GrantGiven, Object: fmt.Sprintf("grant %d", g.ID), Detail: map[string]string{
			"person": p.Login, "theme": string(g.Theme), "role": string(g.Role), "task": g.Task,
			"from": g.From.Format(time.RFC3339), "until": g.Until.Format(time.RFC3339),
		}}, err
	})
	if err != nil {
		return nil, err
	}
	return &g, nil
}

func errToOneself() error {
	return zoeklicht.Errorf(zoeklicht.Denied, "nobody gives a grant to themselves").With("nothing was granted", "ask another administrator")
}

// Revoke ends a grant at once. It stays on record, with who revoked it and why.
func (d *Door) Revoke(ctx context.Context, by zoeklicht.PersonID, grant int64, reason string) error {
	return d.administer(ctx, by, func(tx pgx.Tx, now time.Time) (Act, error) {
		g, err := grantsWhere(ctx, tx, "WHERE g.id = $1", grant)
		if err != nil {
			return Act{}, err
		}
		if len(g) == 0 {
			return Act{}, zoeklicht.Errorf(zoeklicht.NotFound, "there is no grant %d", grant)
		}
		if !g[0].Revoked.IsZero() {
			return Act{}, zoeklicht.Errorf(zoeklicht.Conflict, "grant %d was revoked before", grant).With("nothing was changed", "")
		}
		_, err = tx.Exec(ctx, "INSERT INTO revoked (given, at, person, reason) VALUES ($1, $2, $3, $4)", grant, now, by, reason)
		return Act{Kind: GrantRevoked, Object: fmt.Sprintf("grant %d", grant), Detail: map[string]string{
			"theme": string(g[0].Theme), "role": string(g[0].Role), "reason": reason,
		}}, err
	})
}

// Grants gives all grants in a theme, or all there are when theme is empty,
// newest first, with those that have ended or were revoked.
func (d *Door) Grants(ctx context.Context, theme zoeklicht.ThemeName) ([]zoeklicht.Grant, error) {
	return grantsWhere(ctx, d.pool, "WHERE $1 = '' OR g.theme = $1", theme)
}

// GrantsOf gives all grants of a person, newest first, with those that have
// ended or were revoked.
func (d *Door) GrantsOf(ctx context.Context, person zoeklicht.PersonID) ([]zoeklicht.Grant, error) {
	return grantsWhere(ctx, d.pool, "WHERE g.person = $1", person)
}

func grantsWhere(ctx context.Context, q querier, where string, args ...any) ([]zoeklicht.Grant, error) {
	return collect(ctx, q, func(row pgx.CollectableRow) (g zoeklicht.Grant, err error) {
		var revoked *time.Time
		err = row.Scan(&g.ID, &g.Person, &g.Theme, &g.Role, &g.Task, &g.From, &g.Until, &g.By, &revoked)
		g.From, g.Until = g.From.UTC(), g.Until.UTC()
		if revoked != nil {
			g.Revoked = revoked.UTC()
		}
		return g, err
	}, `
		SELECT g.id, g.person, g.theme, g.role, g.task, g.valid_from, g.valid_until, g.given_by, r.at
		FROM given g LEFT JOIN revoked r ON r.given = g.id `+where+` ORDER BY g.id DESC`, args...)
}
