package access

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"zoeklicht"
)

// ActKind says what an act of administration changed.
type ActKind string

// The acts of administration that leave a row.
const (
	PersonCreated   ActKind = "person-created"
	PersonDisabled  ActKind = "person-disabled"
	PersonEnabled   ActKind = "person-enabled"
	PasswordChanged ActKind = "password-changed" // by the person
	PasswordReset   ActKind = "password-reset"   // by an administrator
	SessionsEnded   ActKind = "sessions-ended"
	GrantGiven      ActKind = "grant-given"
	GrantRevoked    ActKind = "grant-revoked"
	ThemeAdded      ActKind = "theme-added"
	ThemeMoved      ActKind = "theme-moved"
	ThemeActivated  ActKind = "theme-activated"
	ThemeSuspended  ActKind = "theme-suspended"
	PracticeSeeded  ActKind = "practice-seeded"
)

// Act is a row of the common database's own audit: who changed what about
// people, grants and themes. Looking at a theme's data is audited in the theme.
type Act struct {
	ID     int64
	At     time.Time
	Person zoeklicht.PersonID // who did it; negative: the console or a process
	Name   string             // of Person, empty for a negative one
	Kind   ActKind
	Object string            // a login, a theme's name, "grant 17"
	Detail map[string]string // what is good to know beside it; never a secret
}

// Acts gives the newest acts of administration, newest first, at most limit.
func (d *Door) Acts(ctx context.Context, limit int) ([]Act, error) {
	return collect(ctx, d.pool, func(row pgx.CollectableRow) (a Act, err error) {
		var detail []byte
		if err := row.Scan(&a.ID, &a.At, &a.Person, &a.Name, &a.Kind, &a.Object, &detail); err != nil {
			return a, err
		}
		a.At = a.At.UTC()
		return a, json.Unmarshal(detail, &a.Detail)
	}, `
		SELECT a.id, a.at, a.person, coalesce(p.name, ''), a.kind, a.object, a.detail
		FROM act a LEFT JOIN person p ON p.id = a.person
		ORDER BY a.id DESC LIMIT $1`, limit)
}

// SignInEvent is one attempt to sign in.
type SignInEvent struct {
	ID      int64
	At      time.Time
	Login   string             // empty when nobody has that name
	Person  zoeklicht.PersonID // 0 when nobody has that name
	Address string
	Outcome Outcome
}

// Outcome says how an attempt to sign in ended.
type Outcome string

// The outcomes. The person who signs in is told apart only SignedIn, Delayed
// and the rest.
const (
	SignedIn       Outcome = "ok"
	WrongPassword  Outcome = "wrong"
	UnknownLogin   Outcome = "unknown"
	DisabledPerson Outcome = "disabled"
	Delayed        Outcome = "delayed"
)

// SignIns gives the newest attempts to sign in, newest first, at most limit.
func (d *Door) SignIns(ctx context.Context, limit int) ([]SignInEvent, error) {
	return collect(ctx, d.pool, func(row pgx.CollectableRow) (e SignInEvent, err error) {
		err = row.Scan(&e.ID, &e.At, &e.Login, &e.Person, &e.Address, &e.Outcome)
		e.At = e.At.UTC()
		return e, err
	}, `
		SELECT id, at, coalesce(login, ''), coalesce(person, 0), address, outcome
		FROM sign_in ORDER BY id DESC LIMIT $1`, limit)
}
