package main

import (
	"context"
	"errors"
	"fmt"

	"zoeklicht"
	"zoeklicht/internal/cli"

	"github.com/spf13/pflag"
)

const sourceUsage = `propose --theme T --file SOURCE.yaml | --id ID --title … --home URL --reason … [--hosts h1,h2 --picture-hosts …
                 --paths … --private 127.0.0.1/32 --priority 1…5 --expected … --every 24h --delay 1s …] [considerations]
       zoeklicht source vet     ID --theme T --reason … [considerations]
       zoeklicht source approve ID --theme T --reason … --review-by DAY [--answer …]
       zoeklicht source suspend|reject|retire ID --theme T --reason … [--answer …]
       zoeklicht source recipe  [ID] --theme T --file RECIPE.yaml --reason …
       zoeklicht source list    --theme T [--json]
       zoeklicht source show    ID --theme T [--json]

Considerations: --considerations FILE.yaml, or --public --real --need --proportionate --against TEXT.
The file of a source has the keys id, title, home, scope{hosts, picture_hosts, paths, private}, schedule{every, delay,
in_flight, max_urls …}, priority, expected, considerations{…} and reason, as in a theme pack. Two different people vet
and approve. An approval to be reviewed by a day holds on that day.
` + asHelp

// runSource is the verb source.
func runSource(ctx context.Context, c *call) error {
	decide := func(kind zoeklicht.DecisionKind, act zoeklicht.Act) part {
		return part{string(kind), func(ctx context.Context, c *call) error { return runDecide(ctx, c, kind, act) }}
	}
	return parts(ctx, c, []part{
		{"propose", runPropose},
		decide(zoeklicht.Vet, zoeklicht.ActVet),
		decide(zoeklicht.Approve, zoeklicht.ActApprove),
		decide(zoeklicht.Suspend, zoeklicht.ActApprove),
		decide(zoeklicht.Reject, zoeklicht.ActApprove),
		decide(zoeklicht.Retire, zoeklicht.ActApprove),
		{"recipe", runRecipe},
		{"list", runSources},
		{"show", runShowSource},
	})
}

// considered are the flags for considerations.
type considered struct {
	flags *pflag.FlagSet
	file  *string
	given zoeklicht.Considerations
}

func (c *call) considered() *considered {
	k := &considered{flags: c.flags, file: c.flags.String("considerations", "", "file with the considerations (YAML)")}
	for _, f := range k.texts() {
		c.flags.StringVar(f.to, f.name, "", f.help)
	}
	return k
}

type textFlag struct {
	name, help string
	to         *string
}

func (k *considered) texts() []textFlag {
	g := &k.given
	return []textFlag{
		{"public", "is it public, without login or barrier?", &g.Public},
		{"real", "is it real, or a fake that earns on SMS or clicks?", &g.Real},
		{"need", "what does watching it add that nothing milder gives?", &g.Need},
		{"proportionate", "who is caught in view, how is that kept small?", &g.Proportionate},
		{"against", "what speaks against it?", &g.Against},
		{"robots-ground", "ground for setting robots.txt aside", &g.Robots},
	}
}

// said reports whether any was given.
func (k *considered) said() bool {
	said := *k.file != ""
	for _, f := range k.texts() {
		said = said || k.flags.Changed(f.name)
	}
	return said
}

// over gives the considerations in which a file replaces what was there, and flags
// replace what the file says.
func (k *considered) over(c zoeklicht.Considerations) (zoeklicht.Considerations, error) {
	if *k.file != "" {
		body, err := cli.ReadFile(*k.file)
		if err != nil {
			return c, err
		}
		if c, err = cli.ReadConsiderations(*k.file, body); err != nil {
			return c, err
		}
	}
	merged := considered{given: c}
	mine, theirs := k.texts(), merged.texts()
	for i := range mine {
		if k.flags.Changed(mine[i].name) {
			*theirs[i].to = *mine[i].to
		}
	}
	return merged.given, nil
}

// runPropose is the verb source propose.
func runPropose(ctx context.Context, c *call) error {
	s, k := c.seat(), c.considered()
	file := c.flags.String("file", "", "file with the whole source (YAML)")
	var given cli.Proposal
	apply := proposalFlags(c.flags, &given)
	if err := c.begin(0, 1); err != nil {
		return err
	}
	p := &cli.Proposal{}
	if *file != "" {
		body, err := cli.ReadFile(*file)
		if err != nil {
			return err
		}
		if p, err = cli.ReadProposal(*file, body); err != nil {
			return err
		}
	}
	apply(p)
	if len(c.args) == 1 {
		p.ID = zoeklicht.SourceID(c.args[0])
	}
	var err error
	if p.Considerations, err = k.over(p.Considerations); err != nil {
		return err
	}
	if _, _, err := p.Source(); err != nil { // before anything is opened
		return err
	}
	t, err := c.sit(ctx, s, zoeklicht.ActPropose, "source propose", string(p.ID))
	if err != nil {
		return err
	}
	defer t.close()
	return cli.Propose(ctx, t.store, p, t.out)
}

// proposalFlags adds a flag for each key of a proposal. apply puts those that were given
// over what a file said.
func proposalFlags(fs *pflag.FlagSet, g *cli.Proposal) (apply func(*cli.Proposal)) {
	id := fs.String("id", "", "name of the source within the theme")
	fs.StringVar(&g.Title, "title", "", "what it is called")
	fs.StringVar(&g.Home, "home", "", "address where a run starts")
	fs.StringVar(&g.Reason, "reason", "", "why it is proposed")
	fs.StringVar(&g.Expected, "expected", "", "what watching it is expected to yield")
	fs.IntVar(&g.Priority, "priority", 0, "1 (first) to 5")
	fs.StringSliceVar(&g.Scope.Hosts, "hosts", nil, "hosts that the approval is to cover; by default the home's")
	fs.StringSliceVar(&g.Scope.PictureHosts, "picture-hosts", nil, "hosts that may be asked for pictures only")
	fs.StringSliceVar(&g.Scope.Paths, "paths", nil, "paths that it is to cover; by default all")
	fs.StringSliceVar(&g.Scope.Private, "private", nil, "private prefixes that the source lies in")
	fs.DurationVar(&g.Schedule.Every, "every", 0, "between runs")
	fs.DurationVar(&g.Schedule.Delay, "delay", 0, "between requests to one host; negative: none")
	fs.IntVar(&g.Schedule.InFlight, "in-flight", 0, "connections to one host")
	fs.IntVar(&g.Schedule.MaxURLs, "max-urls", 0, "URLs in one run")
	fs.Int64Var(&g.Schedule.MaxBytes, "max-bytes", 0, "bytes of one response")
	fs.DurationVar(&g.Schedule.MaxTime, "max-time", 0, "for one response")
	fs.IntVar(&g.Schedule.FullEvery, "full-every", 0, "days between full captures of an unchanged page")
	fs.BoolVar(&g.Schedule.IgnoreRobots, "ignore-robots", false, "set robots.txt aside, on the ground given by --robots-ground")
	return func(p *cli.Proposal) {
		if fs.Changed("id") {
			p.ID = zoeklicht.SourceID(*id)
		}
		override(fs, "title", &p.Title, g.Title)
		override(fs, "home", &p.Home, g.Home)
		override(fs, "reason", &p.Reason, g.Reason)
		override(fs, "expected", &p.Expected, g.Expected)
		override(fs, "priority", &p.Priority, g.Priority)
		override(fs, "hosts", &p.Scope.Hosts, g.Scope.Hosts)
		override(fs, "picture-hosts", &p.Scope.PictureHosts, g.Scope.PictureHosts)
		override(fs, "paths", &p.Scope.Paths, g.Scope.Paths)
		override(fs, "private", &p.Scope.Private, g.Scope.Private)
		override(fs, "every", &p.Schedule.Every, g.Schedule.Every)
		override(fs, "delay", &p.Schedule.Delay, g.Schedule.Delay)
		override(fs, "in-flight", &p.Schedule.InFlight, g.Schedule.InFlight)
		override(fs, "max-urls", &p.Schedule.MaxURLs, g.Schedule.MaxURLs)
		override(fs, "max-bytes", &p.Schedule.MaxBytes, g.Schedule.MaxBytes)
		override(fs, "max-time", &p.Schedule.MaxTime, g.Schedule.MaxTime)
		override(fs, "full-every", &p.Schedule.FullEvery, g.Schedule.FullEvery)
		override(fs, "ignore-robots", &p.Schedule.IgnoreRobots, g.Schedule.IgnoreRobots)
	}
}

func override[T any](fs *pflag.FlagSet, flag string, to *T, value T) {
	if fs.Changed(flag) {
		*to = value
	}
}

// sourceArg gives the source that was named, as an argument or by --source.
func sourceArg(c *call, flag string) (string, error) {
	switch {
	case len(c.args) == 1 && (flag == "" || flag == c.args[0]):
		return c.args[0], nil
	case len(c.args) == 1:
		return "", usage(fmt.Errorf("two sources were named: %s and %s", c.args[0], flag))
	case flag == "":
		return "", usage(errors.New("which source is missing"))
	}
	return flag, nil
}

// runDecide is the verbs source vet, approve, suspend, reject and retire.
func runDecide(ctx context.Context, c *call, kind zoeklicht.DecisionKind, act zoeklicht.Act) error {
	s, k := c.seat(), c.considered()
	named := c.flags.String("source", "", "the source, if it is not an argument")
	reason := c.flags.String("reason", "", "why")
	answer := c.flags.String("answer", "", "told to who proposed it")
	review := c.flags.String("review-by", "", "the last day of the approval")
	if err := c.begin(0, 1); err != nil {
		return err
	}
	id, err := sourceArg(c, *named)
	if err != nil {
		return err
	}
	d := zoeklicht.Decision{Source: zoeklicht.SourceID(id), Kind: kind, Reason: *reason, Answer: *answer}
	if err := needed("--reason", *reason); err != nil {
		return err
	}
	if kind == zoeklicht.Approve {
		if err := needed("--review-by", *review); err != nil {
			return err
		}
	}
	t, err := c.sit(ctx, s, act, "source "+string(kind), id)
	if err != nil {
		return err
	}
	defer t.close()
	if d.ReviewBy, err = cli.End(*review, t.theme.Locale); err != nil {
		return err
	}
	if k.said() { // it goes over what was considered before
		src, err := t.store.Source(ctx, d.Source)
		if err != nil {
			return err
		}
		if d.Considerations, err = k.over(src.Considerations); err != nil {
			return err
		}
	}
	return cli.Decide(ctx, t.store, d, t.out)
}

// runRecipe is the verb source recipe.
func runRecipe(ctx context.Context, c *call) error {
	s := c.seat()
	named := c.flags.String("source", "", "the source, if it is not an argument and not to be read from the recipe")
	file := c.flags.String("file", "", "the recipe (YAML)")
	reason := c.flags.String("reason", "", "why")
	if err := c.begin(0, 1); err != nil {
		return err
	}
	if err := errors.Join(needed("--file", *file), needed("--reason", *reason)); err != nil {
		return err
	}
	id := *named
	if len(c.args) == 1 {
		id = c.args[0]
	}
	body, err := cli.ReadFile(*file)
	if err != nil {
		return err
	}
	t, err := c.sit(ctx, s, zoeklicht.ActVet, "source recipe", id)
	if err != nil {
		return err
	}
	defer t.close()
	return cli.AddRecipe(ctx, t.store, zoeklicht.SourceID(id), *file, body, *reason, t.out)
}

// runSources is the verb source list.
func runSources(ctx context.Context, c *call) error {
	s := c.seat()
	if err := c.begin(0, 0); err != nil {
		return err
	}
	t, err := c.sit(ctx, s, zoeklicht.ActSources, "source list", "")
	if err != nil {
		return err
	}
	defer t.close()
	return cli.ListSources(ctx, t.store, t.now, t.out)
}

// runShowSource is the verb source show.
func runShowSource(ctx context.Context, c *call) error {
	s := c.seat()
	named := c.flags.String("source", "", "the source, if it is not an argument")
	if err := c.begin(0, 1); err != nil {
		return err
	}
	id, err := sourceArg(c, *named)
	if err != nil {
		return err
	}
	t, err := c.sit(ctx, s, zoeklicht.ActSources, "source show", id)
	if err != nil {
		return err
	}
	defer t.close()
	return cli.ShowSource(ctx, t.store, zoeklicht.SourceID(id), t.now, t.out)
}
