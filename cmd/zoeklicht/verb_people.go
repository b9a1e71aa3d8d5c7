package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/cli"
	"zoeklicht/internal/store"
)

// readFile reads a file, or standard input for "-".
func (c *call) readFile(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(c.stdin, 64<<20))
	}
	return cli.ReadFile(name)
}

const initUsage = `[--login L --name N] [--password-file FILE] [--json]

Makes the data folder, the keys for it, and the first administrator. Asks for what is not given; a first password is
made where none is. It refuses where there is an administrator already.`

// runInit is the verb init.
func runInit(ctx context.Context, c *call) error {
	asJSON := c.asJSON()
	n := access.NewPerson{}
	c.flags.StringVar(&n.Login, "login", "", "sign-in name of the administrator")
	c.flags.StringVar(&n.Name, "name", "", "name of the administrator")
	file := c.flags.String("password-file", "", "file with the first password on its first line")
	if err := c.begin(0, 0); err != nil {
		return err
	}
	n.Lang = c.cfg.Lang
	if there, err := hasAdministrator(ctx, c); err != nil {
		return err
	} else if there {
		return cli.AlreadyThere() // before anything is asked
	}
	ask := cli.NewPrompt(c.stdin, c.stderr)
	for _, q := range []struct {
		to       *string
		question string
	}{{&n.Login, "Sign-in name of the administrator"}, {&n.Name, "Name, as colleagues read it"}} {
		if *q.to == "" {
			var err error
			if *q.to, err = ask.Ask(ctx, q.question); err != nil {
				return err
			}
		}
	}
	if err := givenPassword(&n, *file); err != nil {
		return err
	}
	p, err := open(ctx, c.cfg, c.log, true)
	if err != nil {
		return err
	}
	defer p.close()
	out := c.out(*asJSON, nil)
	if err := cli.Init(ctx, p.door, n, out); err != nil {
		return err
	}
	out.Notice("Next: `zoeklicht theme list`, `theme activate`, `person add`, `grant give`, `serve`. Back up %s: what it opens cannot be opened without it.", p.keyDir())
	return nil
}

// hasAdministrator looks into an installation that is there, and makes none.
func hasAdministrator(ctx context.Context, c *call) (bool, error) {
	if _, err := os.Stat(filepath.Join(c.cfg.Data, "keys")); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	p, err := open(ctx, c.cfg, c.log, false)
	if err != nil {
		return false, err
	}
	defer p.close()
	return p.door.HasAdministrator(ctx)
}

// givenPassword takes the first password from a file, if one was named.
func givenPassword(n *access.NewPerson, file string) (err error) {
	if file == "" {
		return nil
	}
	if n.Password, err = cli.PasswordFile(file); err != nil {
		return err
	}
	return access.CheckPassword(n.Login, n.Password)
}

const personUsage = `add --login L --name N [--admin] [--password-file FILE]
       zoeklicht person reset LOGIN
       zoeklicht person password LOGIN
       zoeklicht person disable|enable LOGIN --reason …
       zoeklicht person list [--json]

add and reset print the first password, this once; it must be changed before a theme is entered, on the dashboard or
with password, which asks for the old one and the new one. --as LOGIN records an administrator as who did it, instead
of the console.`

// runPerson is the verb person.
func runPerson(ctx context.Context, c *call) error {
	return parts(ctx, c, []part{
		{"add", runPersonAdd},
		{"reset", runPersonReset},
		{"password", runPersonPassword},
		{"disable", runPersonDisable},
		{"enable", runPersonEnable},
		{"list", runPersonList},
	})
}

// office is where people are administered: at the console, or in an administrator's
// name.
type office struct {
	p   *platform
	by  zoeklicht.PersonID
	out *cli.Out
}

// administer adds the flags of an office. enter opens it after they were parsed.
func (c *call) administer() (enter func(ctx context.Context) (*office, error)) {
	asJSON := c.asJSON()
	login := c.flags.String("as", "", "administrator in whose name this is done, instead of the console")
	return func(ctx context.Context) (*office, error) {
		p, err := open(ctx, c.cfg, c.log, false)
		if err != nil {
			return nil, err
		}
		o := &office{p: p, by: access.Console, out: c.out(*asJSON, nil)}
		if *login != "" {
			person, err := p.door.PersonByLogin(ctx, *login)
			if err != nil {
				p.close()
				return nil, err
			}
			o.by = person.ID
		}
		return o, nil
	}
}

func runPersonAdd(ctx context.Context, c *call) error {
	enter := c.administer()
	n := access.NewPerson{}
	c.flags.StringVar(&n.Login, "login", "", "sign-in name")
	c.flags.StringVar(&n.Name, "name", "", "name, as colleagues and audit rows read it")
	c.flags.BoolVar(&n.Admin, "admin", false, "may manage people and grants")
	file := c.flags.String("password-file", "", "file with the first password on its first line")
	if err := c.begin(0, 0); err != nil {
		return err
	}
	n.Lang = c.cfg.Lang
	if err := errors.Join(needed("--login", n.Login), needed("--name", n.Name)); err != nil {
		return err
	}
	if err := givenPassword(&n, *file); err != nil {
		return err
	}
	o, err := enter(ctx)
	if err != nil {
		return err
	}
	defer o.p.close()
	return cli.AddPerson(ctx, o.p.door, o.by, n, o.out)
}

func runPersonReset(ctx context.Context, c *call) error {
	enter := c.administer()
	if err := c.begin(1, 1); err != nil {
		return err
	}
	o, err := enter(ctx)
	if err != nil {
		return err
	}
	defer o.p.close()
	return cli.ResetPerson(ctx, o.p.door, o.by, c.args[0], o.out)
}

// runPersonPassword lets a person choose their own password at this machine. It is
// checked as signing in is, with the delays for wrong ones.
func runPersonPassword(ctx context.Context, c *call) error {
	if err := c.begin(1, 1); err != nil {
		return err
	}
	p, err := open(ctx, c.cfg, c.log, false)
	if err != nil {
		return err
	}
	defer p.close()
	person, err := p.door.PersonByLogin(ctx, c.args[0])
	if err != nil {
		return err
	}
	ask := cli.NewPrompt(c.stdin, c.stderr)
	old, err := ask.Secret(ctx, "Present password")
	if err != nil {
		return err
	}
	fresh, err := ask.NewSecret(ctx, "New password")
	if err != nil {
		return err
	}
	if err := p.door.ChangePassword(ctx, person.ID, old, fresh, netip.Addr{}); err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "The password of %s is changed.\n", person.Login)
	return nil
}

func runPersonDisable(ctx context.Context, c *call) error {
	enter := c.administer()
	reason := c.flags.String("reason", "", "why")
	if err := c.begin(1, 1); err != nil {
		return err
	}
	if err := needed("--reason", *reason); err != nil {
		return err
	}
	o, err := enter(ctx)
	if err != nil {
		return err
	}
	defer o.p.close()
	return cli.DisablePerson(ctx, o.p.door, o.by, c.args[0], *reason, o.out)
}

func runPersonEnable(ctx context.Context, c *call) error {
	enter := c.administer()
	reason := c.flags.String("reason", "", "why")
	if err := c.begin(1, 1); err != nil {
		return err
	}
	if err := needed("--reason", *reason); err != nil {
		return err
	}
	o, err := enter(ctx)
	if err != nil {
		return err
	}
	defer o.p.close()
	return cli.EnablePerson(ctx, o.p.door, o.by, c.args[0], *reason, o.out)
}

func runPersonList(ctx context.Context, c *call) error {
	enter := c.administer()
	if err := c.begin(0, 0); err != nil {
		return err
	}
	o, err := enter(ctx)
	if err != nil {
		return err
	}
	defer o.p.close()
	return cli.ListPeople(ctx, o.p.door, o.out)
}

const grantUsage = `give --login L --theme T --role R --task TEXT --until DAY [--from DAY]
       zoeklicht grant revoke ID --reason …
       zoeklicht grant list [--theme T] [--all] [--json]

Roles: analyst, specialist, source-manager, prosecutor, auditor, operator. A grant until a day holds on that day.
--as LOGIN records an administrator as who did it, instead of the console; nobody gives a grant to themselves.`

// runGrant is the verb grant.
func runGrant(ctx context.Context, c *call) error {
	return parts(ctx, c, []part{{"give", runGrantGive}, {"revoke", runGrantRevoke}, {"list", runGrantList}})
}

func runGrantGive(ctx context.Context, c *call) error {
	enter := c.administer()
	login := c.flags.String("login", "", "who gets it")
	name := c.flags.String("theme", "", "in which theme")
	role := c.flags.String("role", "", "as what")
	task := c.flags.String("task", "", "what for, as the authorisation words it")
	from := c.flags.String("from", "", "first day; now if it is left out")
	until := c.flags.String("until", "", "last day")
	if err := c.begin(0, 0); err != nil {
		return err
	}
	if err := errors.Join(needed("--login", *login), needed("--theme", *name), needed("--role", *role), needed("--task", *task), needed("--until", *until)); err != nil {
		return err
	}
	g := zoeklicht.Grant{Theme: zoeklicht.ThemeName(*name), Role: zoeklicht.Role(*role), Task: *task}
	o, err := enter(ctx)
	if err != nil {
		return err
	}
	defer o.p.close()
	t, err := o.p.pack(g.Theme)
	if err != nil {
		return err
	}
	o.out.Zone = t.Locale
	if g.From, err = cli.Begin(*from, t.Locale); err != nil {
		return err
	}
	if g.Until, err = cli.End(*until, t.Locale); err != nil {
		return err
	}
	return cli.GiveGrant(ctx, o.p.door, o.by, *login, g, time.Now, o.out)
}

func runGrantRevoke(ctx context.Context, c *call) error {
	enter := c.administer()
	reason := c.flags.String("reason", "", "why")
	if err := c.begin(1, 1); err != nil {
		return err
	}
	id, err := strconv.ParseInt(c.args[0], 10, 64)
	if err != nil {
		return usage(fmt.Errorf("%q is not the number of a grant", c.args[0]))
	}
	if err := needed("--reason", *reason); err != nil {
		return err
	}
	o, err := enter(ctx)
	if err != nil {
		return err
	}
	defer o.p.close()
	return cli.RevokeGrant(ctx, o.p.door, o.by, id, *reason, o.out)
}

func runGrantList(ctx context.Context, c *call) error {
	enter := c.administer()
	name := c.flags.String("theme", "", "in this theme only")
	all := c.flags.Bool("all", false, "those that ended or were revoked, too")
	if err := c.begin(0, 0); err != nil {
		return err
	}
	o, err := enter(ctx)
	if err != nil {
		return err
	}
	defer o.p.close()
	return cli.ListGrants(ctx, o.p.door, zoeklicht.ThemeName(*name), *all, time.Now(), o.out)
}

const auditUsage = `--theme T [--person LOGIN|NUMBER] [--act A] [--object O] [--from DAY --to DAY] [--limit N --before ROW] [--json]

Who did what in a theme, newest first; times are the theme's. Reading the trail is itself a row of it.
` + asHelp

// runAudit is the verb audit.
func runAudit(ctx context.Context, c *call) error {
	s := c.seat()
	q := store.AuditQuery{}
	person := c.flags.String("person", "", "sign-in name, or the number that the trail has; negative: our own processes")
	c.flags.StringVar(&q.Act, "act", "", "only this act")
	c.flags.StringVar(&q.Object, "object", "", "only about this")
	from := c.flags.String("from", "", "from this day or moment")
	to := c.flags.String("to", "", "to this day, it included, or moment")
	c.flags.IntVar(&q.Limit, "limit", 100, "rows")
	c.flags.Int64Var(&q.Before, "before", 0, "only rows with a smaller number")
	if err := c.begin(0, 0); err != nil {
		return err
	}
	t, err := c.sit(ctx, s, zoeklicht.ActAudit, "audit", *person)
	if err != nil {
		return err
	}
	defer t.close()
	if q.Person, err = personNumber(ctx, t.p, *person); err != nil {
		return err
	}
	if q.From, err = cli.Begin(*from, t.theme.Locale); err != nil {
		return err
	}
	if q.To, err = cli.End(*to, t.theme.Locale); err != nil {
		return err
	}
	return cli.Audit(ctx, t.store, q, t.out)
}

func personNumber(ctx context.Context, p *platform, who string) (zoeklicht.PersonID, error) {
	if n, err := strconv.ParseInt(who, 10, 64); err == nil || who == "" {
		return zoeklicht.PersonID(n), nil
	}
	person, err := p.door.PersonByLogin(ctx, who)
	if err != nil {
		return 0, err
	}
	return person.ID, nil
}
