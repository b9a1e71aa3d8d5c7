package cli

import (
	"context"
	"fmt"
	"time"

	"zoeklicht"
)

// Grants is who may do what, as those who administer see it; *access.Door is one.
type Grants interface {
	Give(ctx context.Context, by zoeklicht.PersonID, g zoeklicht.Grant) (*zoeklicht.Grant, error)
	Revoke(ctx context.Context, by zoeklicht.PersonID, grant int64, reason string) error
	Grants(ctx context.Context, theme zoeklicht.ThemeName) ([]zoeklicht.Grant, error)
	Person(ctx context.Context, id zoeklicht.PersonID) (*zoeklicht.Person, error)
	PersonByLogin(ctx context.Context, login string) (*zoeklicht.Person, error)
}

// grantRow is a grant as JSON has it.
type grantRow struct {
	ID      int64               `json:"id"`
	Login   string              `json:"login"`
	Theme   zoeklicht.ThemeName `json:"theme"`
	Role    zoeklicht.Role      `json:"role"`
	Task    string              `json:"task"`
	From    *time.Time          `json:"from"`
	Until   *time.Time          `json:"until"`
	By      string              `json:"by"`
	Revoked *time.Time          `json:"revoked"`
	Holds   bool                `json:"holds"` // now
}

// GiveGrant gives a person a role in a theme. g names theme, role, task and times.
func GiveGrant(ctx context.Context, grants Grants, by zoeklicht.PersonID, login string, g zoeklicht.Grant, clock zoeklicht.Clock, out *Out) error {
	var wrong Problems
	if login == "" {
		wrong.add("--login is missing")
	}
	if g.Theme == "" {
		wrong.add("--theme is missing")
	}
	if g.Role == "" {
		wrong.add("--role is missing: one of %v", zoeklicht.Roles)
	}
	if g.Task == "" {
		wrong.add("--task is missing: what it is for, as the authorisation words it")
	}
	if g.Until.IsZero() {
		wrong.add("--until is missing")
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	p, err := grants.PersonByLogin(ctx, login)
	if err != nil {
		return err
	}
	g.Person = p.ID
	given, err := grants.Give(ctx, by, g)
	if err != nil {
		return err
	}
	if out.JSON {
		rows, err := grantRows(ctx, grants, []zoeklicht.Grant{*given}, clock())
		if err != nil {
			return err
		}
		return out.object(&rows[0])
	}
	return out.say("grant %d: %s is %s in theme %s, %s included.", given.ID, p.Login, given.Role, given.Theme, out.last(given.Until))
}

// RevokeGrant ends a grant at once.
func RevokeGrant(ctx context.Context, grants Grants, by zoeklicht.PersonID, id int64, reason string, out *Out) error {
	if err := because(reason); err != nil {
		return err
	}
	if err := grants.Revoke(ctx, by, id, reason); err != nil {
		return err
	}
	if out.JSON {
		return out.object(struct {
			ID      int64 `json:"id"`
			Revoked bool  `json:"revoked"`
		}{id, true})
	}
	return out.say("grant %d is revoked; it stays on record.", id)
}

// ListGrants prints the grants in a theme, or all with "", those that ended or were
// revoked among them when all is asked for.
func ListGrants(ctx context.Context, grants Grants, theme zoeklicht.ThemeName, all bool, now time.Time, out *Out) error {
	found, err := grants.Grants(ctx, theme)
	if err != nil {
		return err
	}
	rows, err := grantRows(ctx, grants, found, now)
	if err != nil {
		return err
	}
	shown := make([]grantRow, 0, len(rows))
	var table [][]string
	for i := range rows {
		r := &rows[i]
		if !all && (r.Revoked != nil || !found[i].Until.After(now)) {
			continue
		}
		shown = append(shown, *r)
		state := "ended"
		switch {
		case r.Revoked != nil:
			state = "revoked"
		case r.Holds:
			state = "holds"
		case now.Before(found[i].From):
			state = "to come"
		}
		table = append(table, []string{
			fmt.Sprint(r.ID), r.Login, string(r.Theme), string(r.Role), state, out.day(found[i].From),
			out.last(found[i].Until), cut(r.Task, 40),
		})
	}
	if out.JSON {
		return lines(out, shown)
	}
	return out.table([]string{"GRANT", "LOGIN", "THEME", "ROLE", "STATE", "FROM", "LAST DAY", "TASK"}, table)
}

func grantRows(ctx context.Context, grants Grants, found []zoeklicht.Grant, now time.Time) ([]grantRow, error) {
	logins := map[zoeklicht.PersonID]string{}
	login := func(id zoeklicht.PersonID) (string, error) {
		if id <= 0 {
			return "console", nil
		}
		if l, ok := logins[id]; ok {
			return l, nil
		}
		p, err := grants.Person(ctx, id)
		if err != nil {
			return "", err
		}
		logins[id] = p.Login
		return p.Login, nil
	}
	out := make([]grantRow, len(found))
	for i := range found {
		g := &found[i]
		who, err := login(g.Person)
		if err != nil {
			return nil, err
		}
		by, err := login(g.By)
		if err != nil {
			return nil, err
		}
		out[i] = grantRow{
			ID: g.ID, Login: who, Theme: g.Theme, Role: g.Role, Task: g.Task, From: moment(g.From), Until: moment(g.Until),
			By: by, Revoked: moment(g.Revoked), Holds: g.Holds(now),
		}
	}
	return out, nil
}
