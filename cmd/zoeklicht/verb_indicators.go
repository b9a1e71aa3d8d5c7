package main

import (
	"context"
	"os"
	"path/filepath"

	"zoeklicht"
	"zoeklicht/internal/cli"
)

const indicatorsUsage = `list --theme T|DIR [--json]
       zoeklicht indicators test --theme T|DIR [--json]
       zoeklicht indicators lock DIR [--json]
       zoeklicht indicators backtest --theme T --indicator ID [--json]

list and test need no installation: T is a theme that the program carries, DIR the folder of a theme pack. test runs
each rule's own tests and fails when one does not hold. lock adds the versions of DIR's rules that its lock file misses;
a rule that changed under a locked version is refused. backtest tries a rule, of any status, on every version that the
theme has, and tells how many it would flag, by source and language, which other rules flag the same, and twenty of
them drawn at random. It stores nothing but a row in the trail.`

// runIndicators is the verb indicators.
func runIndicators(ctx context.Context, c *call) error {
	return parts(ctx, c, []part{
		{"list", runIndicatorsList}, {"test", runIndicatorsTest}, {"lock", runIndicatorsLock}, {"backtest", runIndicatorsBacktest},
	})
}

// givenPack gives a theme that the program carries, or the pack in a folder.
func givenPack(given string) (*zoeklicht.Theme, error) {
	if err := needed("--theme", given); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(given, "theme.yaml")); err == nil {
		return cli.ReadPack(given)
	}
	return carried(given)
}

func runIndicatorsList(_ context.Context, c *call) error {
	return withPack(c, cli.ListIndicators)
}

func runIndicatorsTest(_ context.Context, c *call) error {
	return withPack(c, cli.TestIndicators)
}

func withPack(c *call, do func(*zoeklicht.Theme, *cli.Out) error) error {
	asJSON := c.asJSON()
	name := c.flags.String("theme", "", "a theme, or the folder of a theme pack")
	if err := c.begin(0, 0); err != nil {
		return err
	}
	t, err := givenPack(*name)
	if err != nil {
		return err
	}
	return do(t, c.out(*asJSON, nil))
}

func runIndicatorsLock(_ context.Context, c *call) error {
	asJSON := c.asJSON()
	if err := c.begin(1, 1); err != nil {
		return err
	}
	return cli.LockIndicators(c.args[0], c.out(*asJSON, nil))
}

func runIndicatorsBacktest(ctx context.Context, c *call) error {
	asJSON := c.asJSON()
	name := c.flags.String("theme", "", "the theme")
	id := c.flags.String("indicator", "", "the indicator to try")
	if err := c.begin(0, 0); err != nil {
		return err
	}
	if err := needed("--indicator", *id); err != nil {
		return err
	}
	p, t, st, err := c.console(ctx, *name, "backtest")
	if err != nil {
		return err
	}
	defer p.close()
	return (&cli.Backtest{Theme: t, Indicator: zoeklicht.IndicatorID(*id)}).Run(ctx, st, c.out(*asJSON, t.Locale))
}
