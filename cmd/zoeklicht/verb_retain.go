package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/cli"
	"zoeklicht/internal/retain"

	"github.com/jackc/pgx/v5"
)

const retainUsage = `erase --theme T --capture ID [--item NAME] | --advert N   --ground TEXT --purpose TEXT [--json]
       zoeklicht retain approve  N --theme T --purpose TEXT [--later] [--json]
       zoeklicht retain withdraw N --theme T --purpose TEXT
       zoeklicht retain finish   --theme T [--json]
       zoeklicht retain list     --theme T [--json]
       zoeklicht retain hold     --theme T --advert N --purpose CASE
       zoeklicht retain lift     --theme T --case NUMBER --reason TEXT | --approve

Destroying takes two people: one asks by erase, another approves, which carries it out: an item of a capture
(image:0, page, context), a whole capture, or everything of an advert. While the database's files are written
anew, the last step, nobody can work in the theme: --later leaves it to finish, at night say. finish also goes on
with what was cut off.

What was exported for a case is held: nothing of it is destroyed until lift, which takes two people as well: one
asks with --reason, another grants it with --approve.

Who approves gives the password that they sign in with, on the terminal or on the first line of standard input:
whoever has this account of the machine cannot decide in the name of two.
` + asHelp

// runRetain is the verb retain.
func runRetain(ctx context.Context, c *call) error {
	return parts(ctx, c, []part{
		{"erase", runErase},
		{"approve", runApproveErase},
		{"withdraw", runWithdrawErase},
		{"finish", runFinishErase},
		{"list", runErasures},
		{"hold", runHold},
		{"lift", runLift},
	})
}

func runErase(ctx context.Context, c *call) error {
	s := c.seat()
	capture := c.flags.String("capture", "", "the capture, or the one that the item is of")
	item := c.flags.String("item", "", "the item: page, context, image:0 …")
	advert := c.flags.Int64("advert", 0, "the advert of which everything is to go")
	ground := c.flags.String("ground", "", "the article, order or request; shown wherever the thing was")
	if err := c.begin(0, 0); err != nil {
		return err
	}
	if err := errors.Join(needed("--ground", *ground), needed("--purpose", *s.purpose)); err != nil {
		return err
	}
	e := zoeklicht.Erasure{Ground: *ground, Item: itemName(*item), Advert: zoeklicht.AdvertID(*advert)}
	switch {
	case (*capture == "") == (*advert == 0), *advert < 0, *item != "" && *capture == "":
		return usage(errors.New("one of --capture ID (with or without --item) and --advert N is needed"))
	case *advert != 0:
		e.Scope = zoeklicht.EraseAdvert
	default:
		id, err := zoeklicht.ParseCaptureID(*capture)
		if err != nil {
			return usage(err)
		}
		e.Scope, e.Capture = zoeklicht.EraseCapture, id
		if *item != "" {
			e.Scope = zoeklicht.EraseItem
		}
	}
	t, err := c.sit(ctx, s, zoeklicht.ActErase, "retain erase", strings.TrimSpace(*capture+" "+*item))
	if err != nil {
		return err
	}
	defer t.close()
	return cli.AskErase(ctx, t.store, e, t.out)
}

// itemName gives an item's name as the vault has it: packages and reports call its first
// picture image:0, the vault picture:0.
func itemName(name string) string {
	if n, ok := strings.CutPrefix(name, "image:"); ok {
		return "picture:" + n
	}
	return name
}

// erasureArg gives the erasure that was named.
func erasureArg(c *call) (zoeklicht.ErasureID, error) {
	id, err := strconv.ParseInt(c.args[0], 10, 64)
	if err != nil || id <= 0 {
		return 0, usage(fmt.Errorf("%q is not the number of an erasure", c.args[0]))
	}
	return zoeklicht.ErasureID(id), nil
}

// decideErase is what approve and withdraw have in common.
func decideErase(ctx context.Context, c *call, verb string, do func(t *taken, id zoeklicht.ErasureID) error) error {
	s := c.seat()
	if err := c.begin(1, 1); err != nil {
		return err
	}
	id, err := erasureArg(c)
	if err != nil {
		return err
	}
	if err := needed("--purpose", *s.purpose); err != nil {
		return err
	}
	t, err := c.sit(ctx, s, zoeklicht.ActErase, "retain "+verb, c.args[0])
	if err != nil {
		return err
	}
	defer t.close()
	if verb == "approve" {
		if err := t.confirm(ctx, c, s); err != nil {
			return err
		}
	}
	return do(t, id)
}

func runApproveErase(ctx context.Context, c *call) error {
	later := c.flags.Bool("later", false, "leave the last step, which stops work in the theme, to finish")
	return decideErase(ctx, c, "approve", func(t *taken, id zoeklicht.ErasureID) error {
		e, err := t.p.eraser(ctx, t.theme.Name)
		if err != nil {
			return err
		}
		e.Later = *later
		return cli.ApproveErase(ctx, t.store, id, e.Carry, t.out)
	})
}

func runWithdrawErase(ctx context.Context, c *call) error {
	return decideErase(ctx, c, "withdraw", func(t *taken, id zoeklicht.ErasureID) error {
		return cli.WithdrawErase(ctx, t.store, id, t.out)
	})
}

// runFinishErase goes on with what two people decided: nobody decides anything here.
func runFinishErase(ctx context.Context, c *call) error {
	theme := c.flags.String("theme", "", "the theme")
	json := c.asJSON()
	if err := c.begin(0, 0); err != nil {
		return err
	}
	if err := needed("--theme", *theme); err != nil {
		return err
	}
	p, err := open(ctx, c.cfg, c.log, false)
	if err != nil {
		return err
	}
	defer p.close()
	pack, err := p.pack(zoeklicht.ThemeName(*theme))
	if err != nil {
		return err
	}
	e, err := p.eraser(ctx, pack.Name)
	if err != nil {
		return err
	}
	return cli.FinishErasures(ctx, e, c.out(*json, pack.Locale))
}

func runErasures(ctx context.Context, c *call) error {
	s := c.seat()
	if err := c.begin(0, 0); err != nil {
		return err
	}
	t, err := c.sit(ctx, s, zoeklicht.ActErase, "retain list", "")
	if err != nil {
		return err
	}
	defer t.close()
	return cli.ListErasures(ctx, t.store, t.store, t.out)
}

func runHold(ctx context.Context, c *call) error {
	s := c.seat()
	advert := c.flags.Int64("advert", 0, "the advert to hold")
	if err := c.begin(0, 0); err != nil {
		return err
	}
	if *advert <= 0 {
		return usage(errors.New("--advert N is needed"))
	}
	if err := needed("--purpose (the case number)", *s.purpose); err != nil {
		return err
	}
	t, err := c.sit(ctx, s, zoeklicht.ActErase, "retain hold", strconv.FormatInt(*advert, 10))
	if err != nil {
		return err
	}
	defer t.close()
	return cli.Hold(ctx, t.store, zoeklicht.AdvertID(*advert), t.out)
}

func runLift(ctx context.Context, c *call) error {
	s := c.seat()
	number := c.flags.String("case", "", "number of the case")
	reason := c.flags.String("reason", "", "ask: why nothing has to be kept for it any more")
	approve := c.flags.Bool("approve", false, "grant what another person asked for")
	if err := c.begin(0, 0); err != nil {
		return err
	}
	if err := needed("--case", *number); err != nil {
		return err
	}
	if (*reason == "") == !*approve {
		return usage(errors.New("one of --reason TEXT, which asks, and --approve, which grants, is needed"))
	}
	if *approve && *s.login == "" {
		return usage(errors.New("--as LOGIN is needed: another person than who asked"))
	}
	t, err := c.sit(ctx, s, zoeklicht.ActErase, "retain lift", *number)
	if err != nil {
		return err
	}
	defer t.close()
	if !*approve {
		return cli.AskLift(ctx, t.store, *number, *reason, t.out)
	}
	if err := t.confirm(ctx, c, s); err != nil {
		return err
	}
	return cli.LiftHold(ctx, t.store, *number, t.out)
}

// confirm has the second of two people show that it is them, by their password. Where
// somebody practises without saying in whose name, the account was chosen for them.
func (t *taken) confirm(ctx context.Context, c *call, s *seat) error {
	if t.theme.Practice && *s.login == "" {
		return nil
	}
	password, err := cli.NewPrompt(c.stdin, c.stderr).Secret(ctx, "Password of "+*s.login)
	if err != nil {
		return err
	}
	return t.p.door.Confirm(ctx, t.person, password)
}

// eraser gives what carries out the erasures of a theme.
func (p *platform) eraser(ctx context.Context, name zoeklicht.ThemeName) (*retain.Eraser, error) {
	st, err := p.service(ctx, name, zoeklicht.Retain, "retain")
	if err != nil {
		return nil, err
	}
	return &retain.Eraser{
		Store: st, Vault: blob.In(p.cfg.Data, name, blob.Vault), Working: blob.In(p.cfg.Data, name, blob.Working),
		Out: outFolder(p.cfg.Data, name), List: retain.ListFile(p.cfg.Data),
		Owner: func(ctx context.Context) (*pgx.Conn, error) { return p.connect(ctx, access.DatabaseName(name)) },
		Log:   p.log,
	}, nil
}

const caseUsage = `show --theme T --case NUMBER [--as-of MOMENT] [--json]

What the record says about a case number: what was captured, missed, destroyed, seen by whom, exported, and what speaks
for the other side. A case is what was done for a purpose in which its number stands as a whole. It needs a role that
reads the audit trail, and shows no content.
` + asHelp

// runCase is the verb case.
func runCase(ctx context.Context, c *call) error {
	return parts(ctx, c, []part{{"show", runShowCase}})
}

func runShowCase(ctx context.Context, c *call) error {
	s := c.seat()
	number := c.flags.String("case", "", "number of the case")
	asOf := c.flags.String("as-of", "", "the moment whose knowledge is asked")
	if err := c.begin(0, 0); err != nil {
		return err
	}
	if err := needed("--case", *number); err != nil {
		return err
	}
	t, err := c.sit(ctx, s, zoeklicht.ActAudit, "case show", *number)
	if err != nil {
		return err
	}
	defer t.close()
	at, err := cli.AsOf(*asOf, t.now, t.theme.Locale)
	if err != nil {
		return usage(err)
	}
	return cli.ShowCase(ctx, t.store, *number, at, t.out)
}
