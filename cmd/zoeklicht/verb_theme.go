package main

import (
	"context"
	"fmt"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/cli"
	"zoeklicht/internal/store"
)

const themeUsage = `list [--json]
       zoeklicht theme check DIR [--json]
       zoeklicht theme activate NAME --reason …
       zoeklicht theme suspend  NAME --reason …

check reads theme packs without an installation and names file, line and column of what is wrong. A theme that still
misses something cannot be activated; list --json says what. suspend ends entering a theme for everybody, at once.`

// runTheme is the verb theme.
func runTheme(ctx context.Context, c *call) error {
	return parts(ctx, c, []part{{"list", runThemeList}, {"check", runThemeCheck}, {"activate", runThemeActivate}, {"suspend", runThemeSuspend}})
}

// runThemeList works without an installation as well: the packs are in the program.
func runThemeList(ctx context.Context, c *call) error {
	asJSON := c.asJSON()
	if err := c.begin(0, 0); err != nil {
		return err
	}
	out := c.out(*asJSON, nil)
	p, err := open(ctx, c.cfg, c.log, false)
	if zoeklicht.CodeOf(err) == zoeklicht.NotFound {
		packs, err := loadPacks()
		if err != nil {
			return err
		}
		return cli.ListThemes(packs, nil, out)
	}
	if err != nil {
		return err
	}
	defer p.close()
	states, err := p.door.Themes(ctx)
	if err != nil {
		return err
	}
	return cli.ListThemes(p.packs, states, out)
}

func runThemeCheck(_ context.Context, c *call) error {
	asJSON := c.asJSON()
	if err := c.begin(1, 1); err != nil {
		return err
	}
	return cli.CheckThemes(c.args[0], c.out(*asJSON, nil))
}

func runThemeActivate(ctx context.Context, c *call) error {
	enter := c.administer()
	reason := c.flags.String("reason", "", "why")
	if err := c.begin(1, 1); err != nil {
		return err
	}
	// What a pack misses is told before anything is opened or made.
	packs, err := loadPacks()
	if err != nil {
		return err
	}
	if t := packs[zoeklicht.ThemeName(c.args[0])]; t != nil && len(t.Missing) > 0 {
		return cli.Misses(t)
	}
	if err := needed("--reason", *reason); err != nil {
		return err
	}
	o, err := enter(ctx)
	if err != nil {
		return err
	}
	defer o.p.close()
	t, err := o.p.openTheme(ctx, zoeklicht.ThemeName(c.args[0]))
	if err != nil {
		return err
	}
	if err := o.p.door.Activate(ctx, o.by, t, *reason); err != nil {
		return err
	}
	return o.tellTheme(ctx, t.Name)
}

func runThemeSuspend(ctx context.Context, c *call) error {
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
	t, err := o.p.pack(zoeklicht.ThemeName(c.args[0]))
	if err != nil {
		return err
	}
	if err := o.p.door.Suspend(ctx, o.by, t.Name, *reason); err != nil {
		return err
	}
	return o.tellTheme(ctx, t.Name)
}

// tellTheme prints where a theme stands.
func (o *office) tellTheme(ctx context.Context, name zoeklicht.ThemeName) error {
	states, err := o.p.door.Themes(ctx)
	if err != nil {
		return err
	}
	var one []access.ThemeState
	for _, s := range states {
		if s.Name == name {
			one = append(one, s)
		}
	}
	return cli.ListThemes(map[zoeklicht.ThemeName]*zoeklicht.Theme{name: o.p.packs[name]}, one, o.out)
}

const rebuildUsage = `--theme T

Drops what is current in a theme's database (newest versions, daily counts) and makes it again from what was captured
and read. Answers are the same before and after; nothing is stored meanwhile.`

// runRebuild is the verb rebuild.
func runRebuild(ctx context.Context, c *call) error {
	name := c.flags.String("theme", "", "the theme")
	if err := c.begin(0, 0); err != nil {
		return err
	}
	p, _, st, err := c.console(ctx, *name, "rebuild")
	if err != nil {
		return err
	}
	defer p.close()
	if err := st.Rebuild(ctx); err != nil {
		return err
	}
	n, err := st.Totals(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "Rebuilt: %d adverts, %d versions.\n", n.Adverts, n.Versions)
	return nil
}

// console opens a theme's analysis for a verb that serves the platform rather than a
// person's question, and notes who at this machine ran it.
func (c *call) console(ctx context.Context, name, verb string) (p *platform, t *zoeklicht.Theme, st *store.Store, err error) {
	if err = needed("--theme", name); err != nil {
		return nil, nil, nil, err
	}
	if p, err = open(ctx, c.cfg, c.log, false); err != nil {
		return nil, nil, nil, err
	}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	if t, err = p.pack(zoeklicht.ThemeName(name)); err != nil {
		return nil, nil, nil, err
	}
	if err = p.current(ctx, t.Name); err != nil {
		return nil, nil, nil, err
	}
	if st, err = p.service(ctx, t.Name, zoeklicht.Analysis, "console"); err != nil {
		return nil, nil, nil, err
	}
	return p, t, st, st.NoteConsole(ctx, verb, account())
}
