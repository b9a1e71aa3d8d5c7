package access

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"zoeklicht"
)

// ThemeState is what the common database knows of a theme.
type ThemeState struct {
	Name     zoeklicht.ThemeName
	Practice bool   // synthetic sources only
	Location string // as given to AddTheme
	Added    time.Time
	Active   bool      // can be entered
	Since    time.Time // of Active, or of not being active; zero for a theme never activated
	By       zoeklicht.PersonID
	Reason   string
}

// AddTheme makes a theme known, not active yet. Location names the server that
// has its database, without user and password; empty means the server of the
// common database. Adding a theme that is known changes nothing.
func (d *Door) AddTheme(ctx context.Context, by zoeklicht.PersonID, t *zoeklicht.Theme, location string) error {
	if err := errors.Join(CheckTheme(t.Name), checkLocation(location)); err != nil {
		return err
	}
	if known, err := oneTheme(ctx, d.pool, t.Name); err == nil {
		if known.Practice != t.Practice {
			return zoeklicht.Errorf(zoeklicht.Conflict, "theme %s was added before, and the other kind of theme then", t.Name).
				With("nothing was changed", "a practice theme never becomes a real one: take another name")
		}
		return nil
	}
	return d.administer(ctx, by, func(tx pgx.Tx, now time.Time) (Act, error) {
		_, err := tx.Exec(ctx, "INSERT INTO theme (name, practice, location, added) VALUES ($1, $2, $3, $4)", t.Name, t.Practice, location, now)
		if violates(err, "23505") {
			err = zoeklicht.Errorf(zoeklicht.Conflict, "theme %s was added this very moment", t.Name)
		}
		return Act{Kind: ThemeAdded, Object: string(t.Name), Detail: map[string]string{"location": location}}, err
	})
}

// MoveTheme records that a theme's database lies on another server now.
func (d *Door) MoveTheme(ctx context.Context, by zoeklicht.PersonID, theme zoeklicht.ThemeName, location string) error {
	if err := checkLocation(location); err != nil {
		return err
	}
	return d.administer(ctx, by, func(tx pgx.Tx, _ time.Time) (Act, error) {
		tag, err := tx.Exec(ctx, "UPDATE theme SET location = $2 WHERE name = $1", theme, location)
		if err == nil && tag.RowsAffected() == 0 {
			err = errNoTheme(theme)
		}
		return Act{Kind: ThemeMoved, Object: string(theme), Detail: map[string]string{"location": location}}, err
	})
}

func checkLocation(location string) error {
	if strings.Contains(strings.ToLower(location), "password") || strings.Contains(location, "@") {
		return zoeklicht.Errorf(zoeklicht.Invalid, "a theme's location has no user and no password in it").
			With("nothing was changed", "passwords belong in the keys folder")
	}
	return nil
}

// Activate lets those who hold a grant enter a theme. A theme that still misses
// something (Theme.Missing) cannot be activated, and a real one cannot while
// practice people, whose passwords are on the screen, can sign in here.
func (d *Door) Activate(ctx context.Context, by zoeklicht.PersonID, t *zoeklicht.Theme, reason string) error {
	if len(t.Missing) > 0 {
		missing := make([]string, len(t.Missing))
		for i, m := range t.Missing {
			missing[i] = m.EN
		}
		return zoeklicht.Errorf(zoeklicht.Conflict, "theme %s cannot be activated, it misses: %s", t.Name, strings.Join(missing, "; ")).
			With("it stays inactive", "")
	}
	return d.setActive(ctx, by, t.Name, true, reason)
}

// Suspend ends entering a theme for everybody, at once.
func (d *Door) Suspend(ctx context.Context, by zoeklicht.PersonID, theme zoeklicht.ThemeName, reason string) error {
	return d.setActive(ctx, by, theme, false, reason)
}

func (d *Door) setActive(ctx context.Context, by zoeklicht.PersonID, theme zoeklicht.ThemeName, active bool, reason string) error {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return zoeklicht.Errorf(zoeklicht.Invalid, "this needs a reason").With("nothing was changed", "say why")
	}
	return d.administer(ctx, by, func(tx pgx.Tx, now time.Time) (Act, error) {
		t, err := oneTheme(ctx, tx, theme)
		if err != nil {
			return Act{}, err
		}
		if t.Active == active {
			return Act{}, zoeklicht.Errorf(zoeklicht.Conflict, "theme %s is so already", theme).With("nothing was changed", "")
		}
		if active && !t.Practice {
			if err := noPracticePeople(ctx, tx); err != nil {
				return Act{}, err
			}
		}
		kind := ThemeSuspended
		if active {
			kind = ThemeActivated
		}
		_, err = tx.Exec(ctx, "INSERT INTO theme_state (theme, active, at, person, reason) VALUES ($1, $2, $3, $4, $5)", theme, active, now, by, reason)
		return Act{Kind: kind, Object: string(theme), Detail: map[string]string{"reason": reason}}, err
	})
}

func noPracticePeople(ctx context.Context, tx pgx.Tx) error {
	var n int
	if err := tx.QueryRow(ctx, "SELECT count(*) FROM person WHERE practice AND disabled IS NULL").Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return zoeklicht.Errorf(zoeklicht.Conflict, "%d practice accounts can sign in here", n).
			With("the theme stays inactive", "disable them, or use an installation without the practice theme")
	}
	return nil
}

const selectTheme = `
	SELECT t.name, t.practice, t.location, t.added, coalesce(s.active, false), s.at, coalesce(s.person, 0), coalesce(s.reason, '')
	FROM theme t LEFT JOIN LATERAL (SELECT * FROM theme_state s WHERE s.theme = t.name ORDER BY s.id DESC LIMIT 1) s ON true `

func scanTheme(row pgx.CollectableRow) (t ThemeState, err error) {
	var since *time.Time
	err = row.Scan(&t.Name, &t.Practice, &t.Location, &t.Added, &t.Active, &since, &t.By, &t.Reason)
	t.Added = t.Added.UTC()
	if since != nil {
		t.Since = since.UTC()
	}
	return t, err
}

// Themes gives every theme that was added, by name. It is for administrators
// and the platform's own processes; people see ThemesOf.
func (d *Door) Themes(ctx context.Context) ([]ThemeState, error) {
	return collect(ctx, d.pool, scanTheme, selectTheme+"ORDER BY t.name")
}

// ThemesOf gives the themes in which a person holds a grant now, active or not,
// by name.
func (d *Door) ThemesOf(ctx context.Context, person zoeklicht.PersonID) ([]ThemeState, error) {
	return collect(ctx, d.pool, scanTheme, selectTheme+`
		WHERE EXISTS (SELECT FROM person p JOIN `+holding+` ON g.person = p.id
			WHERE p.id = $1 AND g.theme = t.name AND p.disabled IS NULL AND (t.practice OR NOT p.practice))
		ORDER BY t.name`, person, d.now())
}

func oneTheme(ctx context.Context, q querier, name zoeklicht.ThemeName) (ThemeState, error) {
	t, err := collect(ctx, q, scanTheme, selectTheme+"WHERE t.name = $1", name)
	if err == nil && len(t) == 0 {
		err = errNoTheme(name)
	}
	if err != nil {
		return ThemeState{}, err
	}
	return t[0], nil
}

// errNoTheme is the one answer for a theme that does not exist and for one that
// the person has no grant in.
func errNoTheme(name zoeklicht.ThemeName) error {
	return zoeklicht.Errorf(zoeklicht.NotFound, "there is no theme %s", fmt.Sprintf("%.40q", string(name)))
}
