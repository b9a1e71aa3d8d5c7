package main

import (
	"context"

	"zoeklicht/internal/cli"
)

const entitiesUsage = `[--region NL,DE,…] [--language nl] [--theme T] [--places FILE] [--json] < TEXT

Finds phone numbers, e-mail and web addresses, names at services, prices, ages, availability and places in a text from
standard input, plain and disguised. With --json one object a line: type, raw (as written), start and end (byte offsets),
value (normalised), obfuscated, valid. Nothing is stored, and no installation is needed.
--region: the countries whose national phone numbers are read, in order; without it NL,BE,DE,GB,FR,US.
--theme takes a theme's regions and the numbers of its own. --places adds a table of municipalities (tab or comma
separated: code, name, province, unit, from, until, names).`

// runEntities is the verb entities.
func runEntities(_ context.Context, c *call) error {
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
