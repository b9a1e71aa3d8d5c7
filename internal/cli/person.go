package cli

import (
	"context"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
)

// People is who can sign in, as those who administer see them; *access.Door is one.
// Each method that changes something names who does it.
type People interface {
	People(ctx context.Context) ([]*zoeklicht.Person, error)
	PersonByLogin(ctx context.Context, login string) (*zoeklicht.Person, error)
	CreatePerson(ctx context.Context, by zoeklicht.PersonID, n access.NewPerson) (*zoeklicht.Person, string, error)
	ResetPassword(ctx context.Context, by, id zoeklicht.PersonID) (string, error)
	Disable(ctx context.Context, by, id zoeklicht.PersonID, reason string) error
}

// personRow is a person as JSON has it. Password is there once, for who made it.
type personRow struct {
	Login      string     `json:"login"`
	Name       string     `json:"name"`
	Lang       string     `json:"lang"`
	Admin      bool       `json:"admin"`
	Disabled   bool       `json:"disabled"`
	MustChange bool       `json:"must_change"` // the password, before a theme is entered
	Created    *time.Time `json:"created"`
	LastSeen   *time.Time `json:"last_seen"`
	Password   string     `json:"password,omitempty"`
}

func personOf(p *zoeklicht.Person) personRow {
	return personRow{
		Login: p.Login, Name: p.Name, Lang: p.Lang, Admin: p.Admin, Disabled: p.Disabled, MustChange: p.MustChange,
		Created: moment(p.Created), LastSeen: moment(p.LastSeen),
	}
}

// AddPerson adds a person and prints the first password, this once. A password that
// was given is not printed.
func AddPerson(ctx context.Context, people People, by zoeklicht.PersonID, n access.NewPerson, out *Out) error {
	given := n.Password != ""
	p, password, err := people.CreatePerson(ctx, by, n)
	if err != nil {
		return err
	}
	if given {
		password = ""
	}
	return tellPassword(p, password, "was added", out)
}

// ResetPerson gives a person a new first password and prints it, this once.
func ResetPerson(ctx context.Context, people People, by zoeklicht.PersonID, login string, out *Out) error {
	p, err := people.PersonByLogin(ctx, login)
	if err != nil {
		return err
	}
	password, err := people.ResetPassword(ctx, by, p.ID)
	if err != nil {
		return err
	}
	p.MustChange = true
	return tellPassword(p, password, "was signed out everywhere", out)
}

func tellPassword(p *zoeklicht.Person, password, what string, out *Out) error {
	if out.JSON {
		row := personOf(p)
		row.Password = password
		return out.object(&row)
	}
	if err := out.say("%s (%s) %s.", visible(p.Name), p.Login, what); err != nil {
		return err
	}
	if password == "" {
		return nil
	}
	return out.say("First password, shown this once: %s\nTell it to nobody else. It must be changed before a theme is entered.", password)
}

// DisablePerson ends a person's access at once.
func DisablePerson(ctx context.Context, people People, by zoeklicht.PersonID, login, reason string, out *Out) error {
	if err := because(reason); err != nil {
		return err
	}
	p, err := people.PersonByLogin(ctx, login)
	if err != nil {
		return err
	}
	if err := people.Disable(ctx, by, p.ID, reason); err != nil {
		return err
	}
	p.Disabled = true
	if out.JSON {
		row := personOf(p)
		return out.object(&row)
	}
	return out.say("%s (%s) can no longer sign in.", visible(p.Name), p.Login)
}

// Enabler undoes what DisablePerson did; *access.Door is one.
type Enabler interface {
	PersonByLogin(ctx context.Context, login string) (*zoeklicht.Person, error)
	Enable(ctx context.Context, by, id zoeklicht.PersonID, reason string) error
}

// EnablePerson lets a person sign in again.
func EnablePerson(ctx context.Context, people Enabler, by zoeklicht.PersonID, login, reason string, out *Out) error {
	if err := because(reason); err != nil {
		return err
	}
	p, err := people.PersonByLogin(ctx, login)
	if err != nil {
		return err
	}
	if err := people.Enable(ctx, by, p.ID, reason); err != nil {
		return err
	}
	p.Disabled = false
	if out.JSON {
		row := personOf(p)
		return out.object(&row)
	}
	return out.say("%s (%s) can sign in again; grants that still run are in force.", visible(p.Name), p.Login)
}

// because refuses an act without a reason.
func because(reason string) error {
	if reason == "" {
		return zoeklicht.Errorf(zoeklicht.Invalid, "the reason is missing").With("nothing was changed", "give --reason")
	}
	return nil
}

// ListPeople prints everyone who can or could sign in.
func ListPeople(ctx context.Context, people People, out *Out) error {
	all, err := people.People(ctx)
	if err != nil {
		return err
	}
	rows := make([]personRow, len(all))
	table := make([][]string, len(all))
	for i, p := range all {
		rows[i] = personOf(p)
		state := "can sign in"
		switch {
		case p.Disabled:
			state = "disabled"
		case p.MustChange:
			state = "first password"
		}
		table[i] = []string{p.Login, p.Name, yesNo(p.Admin), state, out.at(p.LastSeen)}
	}
	if out.JSON {
		return lines(out, rows)
	}
	return out.table([]string{"LOGIN", "NAME", "ADMINISTERS", "STATE", "LAST SEEN"}, table)
}

// FirstPeople is what `init` needs; *access.Door is one.
type FirstPeople interface {
	HasAdministrator(ctx context.Context) (bool, error)
	CreatePerson(ctx context.Context, by zoeklicht.PersonID, n access.NewPerson) (*zoeklicht.Person, string, error)
}

// Init makes the first administrator, and refuses where there is one.
func Init(ctx context.Context, people FirstPeople, n access.NewPerson, out *Out) error {
	there, err := people.HasAdministrator(ctx)
	if err != nil {
		return err
	}
	if there {
		return AlreadyThere()
	}
	n.Admin = true
	given := n.Password != ""
	p, password, err := people.CreatePerson(ctx, access.Console, n)
	if err != nil {
		return err
	}
	if given {
		password = ""
	}
	return tellPassword(p, password, "administers this installation", out)
}

// AlreadyThere is what `init` answers where an administrator is.
func AlreadyThere() error {
	return zoeklicht.Errorf(zoeklicht.Conflict, "this installation has an administrator").
		With("nothing was changed", "`zoeklicht person add --admin` adds another one, `zoeklicht person reset LOGIN` helps who lost a password")
}
