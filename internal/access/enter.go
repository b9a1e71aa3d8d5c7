package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"zoeklicht"
)

// holding is the grants that hold at $2: the half-open interval of
// zoeklicht.Grant.Holds, in SQL.
const holding = `(SELECT g.* FROM given g WHERE g.valid_from <= $2 AND $2 < g.valid_until
	AND NOT EXISTS (SELECT FROM revoked r WHERE r.given = g.id)) g`

// Enter lets a person into a theme to work there, under phase Analysis. The
// purpose may be empty: what needs one is then not allowed (Pass.Allow).
//
// It fails with NotFound when no grant of the person holds now, in the very
// words for a theme that does not exist; with Conflict when the theme is not
// active or the person must first choose a password; with Unavailable when this
// process has no credential for the theme.
func (d *Door) Enter(ctx context.Context, person zoeklicht.PersonID, theme zoeklicht.ThemeName, purpose string) (*Pass, error) {
	return d.enter(ctx, person, theme, zoeklicht.Analysis, purpose)
}

// EnterAudit lets a person into a theme to read its audit trail, under phase
// Auditing, whose database role can read little else. It fails as Enter does,
// and with Denied when none of the person's roles there has ActAudit. The pass
// has the roles that do, and no others.
func (d *Door) EnterAudit(ctx context.Context, person zoeklicht.PersonID, theme zoeklicht.ThemeName, purpose string) (*Pass, error) {
	return d.enter(ctx, person, theme, zoeklicht.Auditing, purpose)
}

func (d *Door) enter(ctx context.Context, person zoeklicht.PersonID, theme zoeklicht.ThemeName, phase zoeklicht.Phase, purpose string) (*Pass, error) {
	purpose, err := cleanPurpose(purpose)
	if err != nil {
		return nil, err
	}
	p := &Pass{person: person, theme: theme, phase: phase, purpose: purpose, entered: d.now()}
	p.expires = p.entered.Add(d.life)
	var (
		mustChange, active bool
		reason, location   string
		roles              []string
		until              time.Time
	)
	// No row unless a grant holds: everything else below is for people who may
	// know that the theme exists.
	err = d.pool.QueryRow(ctx, `
		SELECT p.login, p.name, coalesce(c.must_change, false), t.location,
			coalesce(s.active, false), coalesce(s.reason, ''),
			array_agg(DISTINCT g.role), min(g.valid_until)
		FROM person p
		JOIN `+holding+` ON g.person = p.id
		JOIN theme t ON t.name = g.theme
		LEFT JOIN credential c ON c.person = p.id AND c.kind = 'password'
		LEFT JOIN LATERAL (SELECT active, reason FROM theme_state s WHERE s.theme = t.name ORDER BY s.id DESC LIMIT 1) s ON true
		WHERE p.id = $1 AND p.disabled IS NULL AND t.name = $3 AND (t.practice OR NOT p.practice)
		GROUP BY p.login, p.name, c.must_change, t.location, s.active, s.reason`,
		person, p.entered, theme).
		Scan(&p.login, &p.name, &mustChange, &location, &active, &reason, &roles, &until)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, errNoTheme(theme)
	case err != nil:
		return nil, fmt.Errorf("entering theme %s: %w", theme, told(err))
	case mustChange:
		return nil, zoeklicht.Errorf(zoeklicht.Conflict, "the password of %s was set by someone else", p.login).
			With("no theme was entered", "choose your own password first")
	case !active && reason == "":
		return nil, zoeklicht.Errorf(zoeklicht.Conflict, "theme %s was never activated", theme).With("it was not entered", "ask who manages it")
	case !active:
		return nil, zoeklicht.Errorf(zoeklicht.Conflict, "theme %s is suspended: %s", theme, reason).With("it was not entered", "ask who manages it")
	}
	if until.Before(p.expires) {
		p.expires = until.UTC()
	}
	for _, r := range zoeklicht.Roles {
		if slices.Contains(roles, string(r)) && (phase != zoeklicht.Auditing || r.May(zoeklicht.ActAudit)) {
			p.roles = append(p.roles, r)
		}
	}
	if len(p.roles) == 0 {
		return nil, zoeklicht.Errorf(zoeklicht.Denied, "no role of %s in theme %s reads the audit trail", p.login, theme).
			With("it was not entered", "ask who manages the grants of this theme")
	}
	if p.dsn, err = d.locate(theme, location, phase); err != nil {
		return nil, fmt.Errorf("entering theme %s: %w", theme, err)
	}
	if p.dsn == "" {
		return nil, fmt.Errorf("entering theme %s: %w", theme, errNoDSN)
	}
	return p, nil
}

// errNoDSN stops an empty connection string before pgx reads it as "whatever
// the environment says".
var errNoDSN = errors.New("the locator gave no connection string")
