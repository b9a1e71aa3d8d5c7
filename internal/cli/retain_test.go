package cli_test

import (
	"context"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/cli"
	"zoeklicht/internal/retain"
	"zoeklicht/internal/store"
)

// shredder is a register of erasures in memory.
type shredder struct {
	all  []zoeklicht.Erasure
	left []zoeklicht.Left
}

var someCapture = zoeklicht.CaptureID{1, 2, 3, 4, 5, 6, 0x47, 8, 0x89, 10, 11, 12, 13, 14, 15, 16}

func newShredder() *shredder {
	step := func(name string, hours int) zoeklicht.EraseStep {
		return zoeklicht.EraseStep{Person: 3, Name: name, At: now.Add(time.Duration(hours) * time.Hour)}
	}
	return &shredder{
		all: []zoeklicht.Erasure{
			{ID: 3, Scope: zoeklicht.EraseAdvert, Advert: 100005, Ground: hostile, Purpose: "term ended", Asked: step("Sam Oefen", -2)},
			{
				ID: 2, Scope: zoeklicht.EraseItem, Capture: someCapture, Item: "picture:0", Ground: "Order 12 of the prosecutor, which is longer than a column", Purpose: "26-0417",
				Asked: step("Sam Oefen", -9), Approved: step("Otto Oefen", -8), Destroyed: step("retain", -8), Punched: step("retain", -8), Scrubbed: step("retain", -7),
				Count: zoeklicht.Erased{Captures: 1, Items: 1, Pictures: 1, Bytes: 45678},
			},
			{ID: 1, Scope: zoeklicht.EraseCapture, Capture: someCapture, Ground: "x", Purpose: "x", Asked: step("Sam Oefen", -20), Withdrawn: step("Otto Oefen", -19)},
		},
		left: []zoeklicht.Left{{Export: 7, Case: "case 26-0417" + hostile, At: now.AddDate(0, -1, 0), Name: "Sam Oefen", What: "advert 100005, version 3", Captures: 1}},
	}
}

func (s *shredder) AskErase(_ context.Context, e zoeklicht.Erasure) (*zoeklicht.Erasure, []zoeklicht.Left, error) {
	e.ID, e.Purpose, e.Asked = 4, "26-0417", s.all[0].Asked
	return &e, s.left, nil
}

func (s *shredder) ApproveErase(_ context.Context, id zoeklicht.ErasureID) (*zoeklicht.Erasure, error) {
	return &s.all[1], nil
}

func (s *shredder) WithdrawErase(context.Context, zoeklicht.ErasureID) (*zoeklicht.Erasure, error) {
	return &s.all[2], nil
}

func (s *shredder) LeftWith(context.Context, zoeklicht.ErasureID) ([]zoeklicht.Left, error) {
	return s.left, nil
}

func (s *shredder) Erasures(context.Context) ([]zoeklicht.Erasure, error) { return s.all, nil }

func (s *shredder) Holds(context.Context) ([]store.Hold, error) {
	return []store.Hold{{Case: "case 26-0417", Since: now, Captures: 3, Lift: hostile}, {Case: hostile, Since: now, By: "Otto Oefen", Captures: 1}}, nil
}

func (s *shredder) HoldAdvert(context.Context, zoeklicht.AdvertID) (int, error) { return 2, nil }

func (s *shredder) AskLift(context.Context, string, string) (int, error) { return 1, nil }

func (s *shredder) LiftHold(context.Context, string) (int, error) { return 1, nil }

// Case gives one with a line of each kind.
func (s *shredder) Case(_ context.Context, number string, _ time.Time) (*zoeklicht.Case, error) {
	c := &zoeklicht.Case{Number: number, AsOf: now}
	if number != "26-0417" {
		return c, nil
	}
	c.Captured = []zoeklicht.CaseCapture{{Capture: someCapture, At: now, Source: "admarkt", Advert: 100005, Version: 9, N: 3, Pictures: 2, LeafIndex: -1, Exported: true}}
	c.Missed = []zoeklicht.CaseMiss{{At: now, Source: "admarkt", Run: 4, Advert: 100005, Fail: zoeklicht.FailTimeout, Count: 1}, {At: now, Source: "kiosk", Fail: zoeklicht.FailRobots, Count: 1}}
	c.Destroyed = []zoeklicht.CaseDestroyed{{At: now, Capture: someCapture, Advert: 100005, Item: "picture:0", Rule: "Order 12", Asked: "Sam Oefen", By: "Otto Oefen", Leaf: 41}}
	c.Seen = []zoeklicht.CaseLook{{First: now, Last: now.Add(time.Hour), Name: "Anna Oefen", Role: zoeklicht.Analyst, Act: "search", Times: 3, Rows: 60}}
	c.Exported = []zoeklicht.Exported{{ID: 7, At: now, Name: "Sam Oefen", Case: number, Ground: "Article 8", Form: zoeklicht.FormPackage, Kind: zoeklicht.ExportVersion, What: "advert 100005, version 3", File: "x.zip", Bytes: 9, LeafIndex: 40, Erased: 1}}
	c.Other = []zoeklicht.CaseRemark{
		{Kind: zoeklicht.RemarkNo, At: now, Advert: 100005, Version: 9, N: 3, Name: "Anna Oefen", Text: hostile},
		{Kind: zoeklicht.RemarkRun, At: now, Text: "admarkt", Count: 4},
	}
	c.More = []string{"seen"}
	c.Hold = &zoeklicht.CaseHold{Since: now, Captures: 1}
	return c, nil
}

// TestRetain holds what the verbs about destroying, holding and cases print to golden files.
func TestRetain(t *testing.T) {
	t.Parallel()
	carry := func(remains ...string) func(context.Context, zoeklicht.ErasureID) (*retain.Report, error) {
		return func(context.Context, zoeklicht.ErasureID) (*retain.Report, error) {
			return &retain.Report{Erasure: newShredder().all[1], Remains: remains}, nil
		}
	}
	failing := func(context.Context, zoeklicht.ErasureID) (*retain.Report, error) {
		return nil, zoeklicht.Errorf(zoeklicht.Unavailable, "the theme is in use").With("nobody can read what was destroyed", "")
	}
	for name, do := range map[string]func(ctx context.Context, out *cli.Out) error{
		"retain-erase": func(ctx context.Context, out *cli.Out) error {
			return cli.AskErase(ctx, newShredder(), zoeklicht.Erasure{Scope: zoeklicht.EraseCapture, Capture: someCapture, Ground: "Order 12"}, out)
		},
		"retain-approve": func(ctx context.Context, out *cli.Out) error {
			return cli.ApproveErase(ctx, newShredder(), 2, carry(), out)
		},
		"retain-approve-remains": func(ctx context.Context, out *cli.Out) error {
			return cli.ApproveErase(ctx, newShredder(), 2, carry("rows in the server's write-ahead log, until it has removed them"), out)
		},
		"retain-approve-in-use": func(ctx context.Context, out *cli.Out) error {
			return cli.ApproveErase(ctx, newShredder(), 2, failing, out)
		},
		"retain-withdraw": func(ctx context.Context, out *cli.Out) error { return cli.WithdrawErase(ctx, newShredder(), 1, out) },
		"retain-list": func(ctx context.Context, out *cli.Out) error {
			return cli.ListErasures(ctx, newShredder(), newShredder(), out)
		},
		"retain-hold": func(ctx context.Context, out *cli.Out) error { return cli.Hold(ctx, newShredder(), 100005, out) },
		"retain-lift": func(ctx context.Context, out *cli.Out) error {
			return cli.LiftHold(ctx, newShredder(), "26-0417", out)
		},
		"retain-lift-ask": func(ctx context.Context, out *cli.Out) error {
			return cli.AskLift(ctx, newShredder(), "26-0417", "x", out)
		},
		"case-show": func(ctx context.Context, out *cli.Out) error {
			return cli.ShowCase(ctx, newShredder(), "26-0417", time.Time{}, out)
		},
		"case-show-nothing": func(ctx context.Context, out *cli.Out) error {
			return cli.ShowCase(ctx, newShredder(), "26-9999", time.Time{}, out)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name, func(out *cli.Out) error { return do(t.Context(), out) })
		})
	}
}
