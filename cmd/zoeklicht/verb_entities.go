package main

import (
	"context"

	"zoeklicht"
	"zoeklicht/internal/cli"
	"zoeklicht/internal/extract"
)

const entitiesUsage = `[--region NL,DE,…] [--language nl] [--theme T] [--places FILE] [--json] < TEXT
       zoeklicht entities corrections --theme T [--json]

Finds phone numbers, e-mail and web addresses, names at services, prices, ages, availability and places in a text from
standard input, plain and disguised. With --json one object a line: type, raw (as written), start and end (byte offsets),
value (normalised), obfuscated, valid. Nothing is stored, and no installation is needed.
--region: the countries whose national phone numbers are read, in order; without it NL,BE,DE,GB,FR,US.
--theme takes a theme's regions and the numbers of its own. --places adds a table of municipalities (tab or comma
separated: code, name, province, unit, from, until, names).

corrections runs the finder over every correction that stands in a theme of this installation, and says which it gets
right by now. What leads to a person is masked.
` + asHelp

// runEntities is the verb entities.
func runEntities(ctx context.Context, c *call) error {
	if len(c.raw) > 0 && c.raw[0] == "corrections" {
		c.raw = c.raw[1:]
		return runCorrections(ctx, c)
	}
	asJSON := c.asJSON()
	e := &cli.Entities{}
	c.flags.StringSliceVar(&e.Regions, "region", nil, "countries of national phone numbers, as NL,DE")
	c.flags.StringVar(&e.Lang, "language", "", "language of the text, as nl; guessed without")
	c.flags.StringVar(&e.PlacesName, "places", "", "table of further municipalities")
	name := c.flags.String("theme", "", "theme whose options hold")
	if err := c.begin(0, 0); err != nil {
		return err
	}
	var err error
	if *name != "" {
		t, err := carried(*name)
		if err != nil {
			return usage(err)
		}
		e.PhonePatterns = t.PhonePatterns
		if len(e.Regions) == 0 {
			e.Regions = t.Regions
		}
	}
	if e.PlacesName != "" {
		if e.Places, err = cli.ReadFile(e.PlacesName); err != nil {
			return err
		}
	}
	body, err := c.readFile("-")
	if err != nil {
		return err
	}
	e.Text = string(body)
	return e.Run(c.out(*asJSON, nil))
}

// runCorrections is the verb entities corrections.
func runCorrections(ctx context.Context, c *call) error {
	s := c.seat()
	if err := c.begin(0, 0); err != nil {
		return err
	}
	t, err := c.sit(ctx, s, zoeklicht.ActJudge, "entities", "corrections")
	if err != nil {
		return err
	}
	defer t.close()
	finder, err := extract.NewEntities(extract.EntitiesConfig{Regions: t.theme.Regions, PhonePatterns: t.theme.PhonePatterns, Languages: t.theme.Languages})
	if err != nil {
		return err
	}
	return (&cli.Corrections{Finder: finder}).Run(ctx, t.store, t.out)
}
