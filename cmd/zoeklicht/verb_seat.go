package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/cli"
	"zoeklicht/internal/store"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/pflag"
)

// asHelp stands under the use of each verb that acts for a person.
const asHelp = `
--as LOGIN says in whose name this is done: somebody with a grant in the theme, whose role allows it. Nobody
signs in here: whoever may read the keys folder may act so. An audit row "console" therefore precedes the act,
with the machine's account that did it. In the practice theme a fitting practice account is taken by default.`

// part is a verb of a verb: "source vet".
type part struct {
	name string
	run  func(ctx context.Context, c *call) error
}

// parts runs the part that the first argument names.
func parts(ctx context.Context, c *call, all []part) error {
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.name
		if len(c.raw) > 0 && c.raw[0] == p.name {
			c.raw = c.raw[1:]
			return p.run(ctx, c)
		}
	}
	if len(c.raw) > 0 && !strings.HasPrefix(c.raw[0], "-") {
		return usage(fmt.Errorf("there is no %q: one of %s", c.raw[0], strings.Join(names, ", ")))
	}
	if slices.Contains(c.raw, "--help") || slices.Contains(c.raw, "-h") {
		return c.flags.Parse([]string{"--help"})
	}
	return usage(fmt.Errorf("one of %s must come first", strings.Join(names, ", ")))
}

// begin parses configuration and flags, checks the number of arguments, and makes the
// log say no more than what is wrong: a verb's own lines say the rest.
func (c *call) begin(least, most int) error {
	if err := c.parse(); err != nil {
		return err
	}
	if c.cfg.LogLevel == "info" {
		c.cfg.LogLevel = "warn"
		c.log = logger(c.cfg, c.stderr)
	}
	return c.want(least, most)
}

// asJSON adds the flag --json.
func (c *call) asJSON() *bool {
	return c.flags.Bool("json", false, "print JSON: one object, or one a line for a list")
}

// out gives where the answer goes. zone is where people read times; nil means here.
func (c *call) out(json bool, zone *time.Location) *cli.Out {
	if zone == nil {
		zone = time.Local
	}
	return &cli.Out{To: c.stdout, Err: c.stderr, JSON: json, Lang: c.cfg.Lang, Zone: zone, Live: cli.Terminal(c.stderr)}
}

// describe lists the verb's own flags, which were added before help was asked for.
func (c *call) describe() {
	own := pflag.NewFlagSet("", pflag.ContinueOnError)
	c.flags.VisitAll(func(f *pflag.Flag) {
		if f.Usage != "" && !f.Hidden && f.Name != "config" && f.Name != "help" {
			own.AddFlag(f)
		}
	})
	if own.HasFlags() {
		fmt.Fprintf(c.stdout, "\nFlags:\n%s", own.FlagUsages())
	}
}

// needed is wrong use where a flag was left out.
func needed(flag, value string) error {
	if value == "" {
		return usage(fmt.Errorf("%s is needed", flag))
	}
	return nil
}

// seat is where a verb acts: in a theme, in somebody's name, for a purpose.
type seat struct {
	theme, login, purpose *string
	json                  *bool
}

// seat adds the flags for it.
func (c *call) seat() *seat {
	return &seat{
		theme:   c.flags.String("theme", "", "the theme"),
		login:   c.flags.String("as", "", "in whose name"),
		purpose: c.flags.String("purpose", "", "task or case number, for the audit trail"),
		json:    c.asJSON(),
	}
}

// taken is a seat that somebody was let into.
type taken struct {
	p      *platform
	theme  *zoeklicht.Theme
	person zoeklicht.PersonID
	store  *store.Store
	now    time.Time // on the theme's clock
	out    *cli.Out
}

func (t *taken) close() { t.p.close() }

// sit opens the installation and lets the person into the theme, to do something that
// an act stands for. about is what the audit row of the console says that it concerns.
func (c *call) sit(ctx context.Context, s *seat, act zoeklicht.Act, verb, about string) (*taken, error) {
	if err := needed("--theme", *s.theme); err != nil {
		return nil, err
	}
	p, err := open(ctx, c.cfg, c.log, false)
	if err != nil {
		return nil, err
	}
	t := &taken{p: p}
	if err := t.enter(ctx, c, s, act, verb, about); err != nil {
		p.close()
		return nil, err
	}
	return t, nil
}

func (t *taken) enter(ctx context.Context, c *call, s *seat, act zoeklicht.Act, verb, about string) (err error) {
	name := zoeklicht.ThemeName(*s.theme)
	if t.theme, err = t.p.pack(name); err != nil {
		return err
	}
	t.out = c.out(*s.json, t.theme.Locale)
	if err := t.p.current(ctx, name); err != nil {
		return err
	}
	person, err := t.p.actor(ctx, c, t.theme, *s.login, act, about)
	if err != nil {
		return err
	}
	t.person = person
	enter := t.p.door.Enter
	if act == zoeklicht.ActAudit {
		enter = t.p.door.EnterAudit
	}
	pass, err := enter(ctx, person, name, *s.purpose)
	if err != nil {
		return err
	}
	if err := pass.Allow(act); err != nil {
		return err
	}
	if t.store, err = t.p.stores.Open(ctx, pass); err != nil {
		return err
	}
	if t.now, _, err = t.store.Now(ctx); err != nil {
		return err
	}
	return t.store.NoteConsole(ctx, strings.TrimSpace(verb+" "+about), account())
}

// current brings a theme's database up to date when this program is newer than it. A
// theme whose database is not there yet is left to whoever lets people in: it is not
// active.
func (p *platform) current(ctx context.Context, name zoeklicht.ThemeName) error {
	states, err := p.door.Themes(ctx)
	if err != nil || !slices.ContainsFunc(states, func(s access.ThemeState) bool { return s.Name == name && s.Active }) {
		return err
	}
	behind := false
	err = p.admin(ctx, access.DatabaseName(name), func(conn *pgx.Conn) error {
		have, err := schemaOf(ctx, conn)
		behind = have < newest(store.Migrations())
		return err
	})
	if err == nil && behind {
		_, err = p.openTheme(ctx, name)
	}
	return err
}

// actor gives who acts: the person named by --as or, in a practice theme, an account
// that fits.
func (p *platform) actor(ctx context.Context, c *call, t *zoeklicht.Theme, login string, act zoeklicht.Act, about string) (zoeklicht.PersonID, error) {
	if login != "" {
		person, err := p.door.PersonByLogin(ctx, login)
		if err != nil {
			return 0, zoeklicht.Errorf(zoeklicht.NotFound, "--as %s: %w", login, err).With("nothing was done", "`zoeklicht person list` shows who there is")
		}
		return person.ID, nil
	}
	if !t.Practice {
		return 0, usage(errors.New("--as LOGIN is needed: what is done in a theme is done in somebody's name"))
	}
	person, err := p.practitioner(ctx, t.Name, act, about)
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(c.stderr, "Practice: this is done in the name of %s.\n", person.Login)
	return person.ID, nil
}

// practitioner gives a person who may do something in a practice theme; for an
// approval, one who did not vet the source or ask for the erasure.
func (p *platform) practitioner(ctx context.Context, name zoeklicht.ThemeName, act zoeklicht.Act, about string) (*zoeklicht.Person, error) {
	var other zoeklicht.PersonID
	if act == zoeklicht.ActApprove {
		st, err := p.service(ctx, name, zoeklicht.Analysis, "console")
		if err != nil {
			return nil, err
		}
		if src, err := st.Source(ctx, zoeklicht.SourceID(about)); err == nil {
			for _, d := range src.Decisions {
				if d.Kind == zoeklicht.Vet {
					other = d.Person
				}
			}
		}
	}
	if id, err := strconv.ParseInt(about, 10, 64); act == zoeklicht.ActErase && err == nil {
		st, err := p.service(ctx, name, zoeklicht.Retain, "console")
		if err != nil {
			return nil, err
		}
		if e, err := st.ErasureOf(ctx, zoeklicht.ErasureID(id)); err == nil {
			other = e.Asked.Person
		}
	}
	grants, err := p.door.Grants(ctx, name)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	for i := range slices.Backward(grants) { // the oldest first: as they were seeded
		g := &grants[i]
		if !g.Holds(now) || !g.Role.May(act) || g.Person == other {
			continue
		}
		person, err := p.door.Person(ctx, g.Person)
		if err != nil {
			return nil, err
		}
		if !person.Disabled && !person.MustChange {
			return person, nil
		}
	}
	return nil, usage(fmt.Errorf("--as LOGIN is needed: nobody in theme %s fits", name))
}

// account names the machine's account that runs this process.
func account() string {
	name := fmt.Sprintf("uid %d", os.Getuid())
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if by := os.Getenv("SUDO_USER"); by != "" {
		name += " (sudo by " + by + ")"
	}
	return name
}
