package main

import (
	"context"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/cli"
	"zoeklicht/internal/search"
	"zoeklicht/internal/store"
)

const searchUsage = `--theme T [--as-of MOMENT] [--from DAY --to DAY --source S,S --place P --phone N --language nl --state online|gone
                 --picture with|without|missing --newest] [--limit N --page P] [--reveal --purpose TEXT] [--json] QUERY
       zoeklicht search --theme T --result r-… [--page P]

QUERY: words, "exact phrases", -exclusions; none for everything. The answer is kept under its result's identifier and
gives the same rows for ever. A moment is 2026-11-22, 2026-11-22 13:00 (the theme's place) or 2026-11-22T13:00:00Z.
Contact details are masked; --reveal shows them, and writes an audit row for each version shown.
` + asHelp

// runSearch is the verb search.
func runSearch(ctx context.Context, c *call) error {
	s := c.seat()
	var q zoeklicht.Question
	var sources []string
	asOf := c.flags.String("as-of", "", "the moment whose knowledge is asked")
	from := c.flags.String("from", "", "first day seen")
	to := c.flags.String("to", "", "last day seen")
	c.flags.StringSliceVar(&sources, "source", nil, "only these sources")
	c.flags.StringVar(&q.Place, "place", "", "only this place")
	c.flags.StringVar(&q.Phone, "phone", "", "a number in any spelling, or four digits of one or more")
	c.flags.StringVar(&q.Lang, "language", "", "only adverts in this language, as nl")
	c.flags.StringVar(&q.State, "state", "", "online or gone, as of the moment")
	c.flags.StringVar(&q.Picture, "picture", "", "with, without or missing")
	c.flags.BoolVar(&q.Newest, "newest", false, "only the newest version of each advert")
	result := c.flags.String("result", "", "a kept result, to be shown again")
	limit := c.flags.Int("limit", 50, "rows")
	page := c.flags.Int("page", 1, "which page of them")
	reveal := c.flags.Bool("reveal", false, "in the clear, for a purpose")
	if err := c.begin(0, 100); err != nil {
		return err
	}
	q.Text = strings.Join(c.args, " ")
	for _, id := range sources {
		q.Sources = append(q.Sources, zoeklicht.SourceID(id))
	}
	var err error
	if q.From, err = cli.Day(*from); err != nil {
		return err
	}
	if q.To, err = cli.Day(*to); err != nil {
		return err
	}
	act := zoeklicht.ActSearch
	if *reveal {
		if err := needed("--purpose (the task or case number for which this is revealed)", *s.purpose); err != nil {
			return err
		}
		act = zoeklicht.ActReveal
	}
	t, err := c.sit(ctx, s, act, "search", *result)
	if err != nil {
		return err
	}
	defer t.close()
	ask := &cli.Search{Question: q, Result: zoeklicht.ResultID(*result), Page: *page, Limit: *limit, Reveal: *reveal}
	if ask.AsOf, err = cli.AsOf(*asOf, t.now, t.theme.Locale); err != nil {
		return err
	}
	e, err := engine(t.theme)
	if err != nil {
		return err
	}
	return ask.Run(ctx, asker{e, t.store}, t.out)
}

// asker is a theme's engine at the service of one person.
type asker struct {
	engine *search.Engine
	*store.Store
}

// Ask answers a question.
func (a asker) Ask(ctx context.Context, q zoeklicht.Question, asOf time.Time, from, n int) (*zoeklicht.Result, error) {
	return a.engine.Ask(ctx, a.Store, q, asOf, from, n)
}

// Again gives a kept answer.
func (a asker) Again(ctx context.Context, id zoeklicht.ResultID, from, n int) (*zoeklicht.Result, error) {
	return a.engine.Again(ctx, a.Store, id, from, n)
}

const extractUsage = `--url U [--recipe FILE.yaml] [--theme T] [--type MEDIA-TYPE] [--json] FILE.html

Reads one page that is at hand; nothing is fetched, nothing is stored, and no installation is needed. FILE may be - for
standard input. --theme takes a theme's regions and numbers, and leaves out what is not in its list of fields.`

// runExtract is the verb extract.
func runExtract(_ context.Context, c *call) error {
	asJSON := c.asJSON()
	e := &cli.Extract{}
	c.flags.StringVar(&e.URL, "url", "", "address at which the page stands")
	c.flags.StringVar(&e.RecipeName, "recipe", "", "recipe (YAML); without one it is guessed")
	c.flags.StringVar(&e.Type, "type", "", "media type that it was served as")
	name := c.flags.String("theme", "", "theme whose options hold")
	if err := c.begin(1, 1); err != nil {
		return err
	}
	if err := needed("--url", e.URL); err != nil {
		return err
	}
	e.Options.Regions = []string{"NL"}
	if *name != "" {
		t, err := carried(*name)
		if err != nil {
			return usage(err)
		}
		e.Options = optionsOf(t)
	}
	var err error
	if e.RecipeName != "" {
		if e.Recipe, err = cli.ReadFile(e.RecipeName); err != nil {
			return err
		}
	}
	e.Name = c.args[0]
	if e.Body, err = c.readFile(e.Name); err != nil {
		return err
	}
	return e.Run(c.out(*asJSON, nil))
}
