package cli_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/cli"
	"zoeklicht/internal/store"
)

// garden is a theme with rules of every status.
func garden() *zoeklicht.Theme {
	both := func(s string) zoeklicht.Text { return zoeklicht.Text{NL: s, EN: s} }
	test := func(name, body string, expect, todo bool) zoeklicht.IndicatorTest {
		return zoeklicht.IndicatorTest{Name: name, Advert: zoeklicht.TestAdvert{Title: "Tea", Body: body, Lang: "en"}, Expect: expect, Todo: todo}
	}
	return &zoeklicht.Theme{
		Name: "garden",
		Indicators: []zoeklicht.Indicator{
			{
				ID: "calm", Version: 2, Status: zoeklicht.ActiveRule, Title: both("Calm wording"), Rationale: both("why"), Sources: []string{"a book"}, Grade: zoeklicht.Expert,
				Lexicons: []string{"calm"}, Condition: "words.calm >= 1", Weight: 1.25, Level: zoeklicht.LevelMedium,
				Tests: []zoeklicht.IndicatorTest{test("calm", "a calm room", true, false), test("loud", "a loud room", false, false)},
			},
			{
				ID: "cautious", Version: 1, Status: zoeklicht.ActiveRule, Title: both("Caution"), Grade: zoeklicht.Contested, Safety: true,
				Condition: "phones == 0", Level: zoeklicht.LevelContext, Tests: []zoeklicht.IndicatorTest{test("no number", "by appointment", true, false)},
			},
			{
				ID: "short", Version: 1, Status: zoeklicht.Draft, Title: both("Short text"), Grade: zoeklicht.Refuted, Condition: "length < 20",
				Level: zoeklicht.LevelContext, Tests: []zoeklicht.IndicatorTest{test("long, to be done", "short", false, true)},
			},
		},
		Lexicons: []zoeklicht.Lexicon{{Name: "calm", Words: map[string][]string{"en": {"calm", "quiet"}}}},
	}
}

// archive gives versions of two sources.
type archive struct{ fail error }

func (a archive) UsualPrices(context.Context, time.Time) (map[string]float64, error) { return nil, nil }

func (a archive) EachInput(_ context.Context, fn func(store.AssessInput) error) error {
	for i := range 40 {
		in := store.AssessInput{Version: zoeklicht.VersionID(i + 1), Advert: zoeklicht.AdvertID(i/2 + 1), Source: "kiosk", Lang: "en", Title: "A room", Body: "by appointment"}
		if i%4 > 0 {
			in.Source, in.Lang, in.Body = "admarkt", "", "a quiet room, by appointment"
		}
		if err := fn(in); err != nil {
			return err
		}
	}
	return a.fail
}

// TestIndicators holds what the verb prints to golden files.
func TestIndicators(t *testing.T) {
	t.Parallel()
	failing, broken := garden(), garden()
	failing.Indicators[0].Tests[1].Expect = true
	failing.Indicators[1].Condition = "ages[3] == 2"
	broken.Indicators[0].Condition = "words.loud >= 1"
	backtest := func(id zoeklicht.IndicatorID) *cli.Backtest { return &cli.Backtest{Theme: garden(), Indicator: id} }
	for name, do := range map[string]func(ctx context.Context, out *cli.Out) error{
		"indicators-list":   func(_ context.Context, out *cli.Out) error { return cli.ListIndicators(garden(), out) },
		"indicators-broken": func(_ context.Context, out *cli.Out) error { return cli.ListIndicators(broken, out) },
		"indicators-test":   func(_ context.Context, out *cli.Out) error { return cli.TestIndicators(garden(), out) },
		"indicators-failed": func(_ context.Context, out *cli.Out) error { return cli.TestIndicators(failing, out) },
		"backtest":          func(ctx context.Context, out *cli.Out) error { return backtest("calm").Run(ctx, archive{}, out) },
		"backtest-draft":    func(ctx context.Context, out *cli.Out) error { return backtest("short").Run(ctx, archive{}, out) },
		"backtest-unknown":  func(ctx context.Context, out *cli.Out) error { return backtest("loud").Run(ctx, archive{}, out) },
		"backtest-away": func(ctx context.Context, out *cli.Out) error {
			return backtest("calm").Run(ctx, archive{errors.New("the database is away")}, out)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name, func(out *cli.Out) error { return do(t.Context(), out) })
		})
	}
}

// TestPackOnDisk checks, locks and changes a pack as its author does.
func TestPackOnDisk(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "trafficking")
	if err := os.CopyFS(dir, os.DirFS("../../themes/trafficking")); err != nil {
		t.Fatal(err)
	}
	rule, lock := filepath.Join(dir, "indicators", "touring.yaml"), filepath.Join(dir, "indicators", "lock.txt")
	change := func(old, with string) {
		t.Helper()
		b, err := os.ReadFile(rule)
		if err != nil || !bytes.Contains(b, []byte(old)) {
			t.Fatalf("%v, no %q in\n%s", err, old, b)
		}
		if err := os.WriteFile(rule, bytes.Replace(b, []byte(old), []byte(with), 1), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(do func(string, *cli.Out) error) (string, error) {
		var answer bytes.Buffer
		err := do(dir, &cli.Out{To: &answer})
		return answer.String(), err
	}
	if pack, err := cli.ReadPack(dir); err != nil || len(pack.Indicators) < 18 {
		t.Fatalf("%v", err)
	}
	if said, err := run(cli.LockIndicators); err != nil || said != "0 versions added to the lock.\n" {
		t.Errorf("%v, %q", err, said)
	}
	before, err := os.ReadFile(lock)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(want string) {
		t.Helper()
		said, err := run(cli.LockIndicators)
		if after, _ := os.ReadFile(lock); zoeklicht.CodeOf(err) != zoeklicht.Invalid || !strings.Contains(err.Error(), want) || !bytes.Equal(before, after) {
			t.Errorf("%v, said %q; want %q and the lock as it was", err, said, want)
		}
	}
	change("words.touring >= 1", "words.touring >= 2 - 1")
	refused(rule + ": the rule or one of its lexicons was changed under version 1")
	change("version: 1", "version: 2")
	// What does not compile is not locked, and that is said before that it is not locked.
	change("words.touring >= 2 - 1", "words.touring >= many")
	const wrong = "the condition does not compile, line 1, character 18: undeclared reference to 'many'"
	refused(wrong)
	if said, err := run(cli.CheckThemes); zoeklicht.CodeOf(err) != zoeklicht.Invalid || !strings.HasPrefix(said, rule) ||
		!strings.Contains(strings.SplitAfter(said, "\n")[0], wrong) || !strings.Contains(said, "version 2 is not in lock.txt") {
		t.Errorf("%v, said %s", err, said)
	}
	// Nor is what fails its own tests.
	change("words.touring >= many", "words.touring >= 100")
	refused(`the test "Dutch" does not hold: expected hit, got none`)
	change("words.touring >= 100", "words.touring >= 1")
	said, err := run(cli.LockIndicators)
	if locked, _ := os.ReadFile(lock); err != nil || !strings.HasPrefix(said, "touring 2 ") || !strings.HasSuffix(string(locked), strings.SplitAfter(said, "\n")[0]) {
		t.Errorf("%v, %q", err, said)
	}
	if said, err := run(cli.CheckThemes); err != nil {
		t.Errorf("locked, and yet %v: %s", err, said)
	}
	if _, err := cli.ReadPack(t.TempDir()); zoeklicht.CodeOf(err) != zoeklicht.NotFound && zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("no pack: %v", err)
	}
}
