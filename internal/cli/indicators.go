package cli

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"zoeklicht"
	"zoeklicht/internal/assess"
	"zoeklicht/internal/theme"
)

// ReadPack reads the theme pack in a folder, with all that is wrong in it as the error.
func ReadPack(dir string) (*zoeklicht.Theme, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	t, problems, err := theme.Load(os.DirFS(filepath.Dir(dir)), zoeklicht.ThemeName(filepath.Base(dir)))
	if err := errors.Join(err, problems.Err()); err != nil {
		return nil, err
	}
	return t, nil
}

// Rules compiles the rules of a theme. What does not compile is an Invalid error.
func Rules(t *zoeklicht.Theme) (*assess.Rules, error) {
	rules, err := assess.New(t.Indicators, t.Lexicons, assess.Config{})
	var wrong assess.Problems
	if errors.As(err, &wrong) {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "theme %s: %w", t.Name, err).With("nothing was changed", "correct the conditions and try again")
	}
	return rules, err
}

// indicatorRow is an indicator in a list.
type indicatorRow struct {
	ID        zoeklicht.IndicatorID     `json:"id"`
	Version   int                       `json:"version"`
	Status    zoeklicht.IndicatorStatus `json:"status"`
	Weight    float64                   `json:"weight"`
	Level     zoeklicht.Level           `json:"level"`
	Grade     zoeklicht.Grade           `json:"grade"`
	Safety    bool                      `json:"safety"`
	Title     zoeklicht.Text            `json:"title"`
	Rationale zoeklicht.Text            `json:"rationale"`
	Sources   []string                  `json:"sources"`
	Lexicons  []string                  `json:"lexicons"`
	Condition string                    `json:"condition"`
	Tests     int                       `json:"tests"`
	SHA256    string                    `json:"sha256"`
}

// ListIndicators prints a theme's indicators, and which set the active ones make.
func ListIndicators(t *zoeklicht.Theme, out *Out) error {
	rules, err := Rules(t)
	if err != nil {
		return err
	}
	rows, active := make([]indicatorRow, len(t.Indicators)), 0
	table := make([][]string, len(rows))
	for i := range t.Indicators {
		in := &t.Indicators[i]
		rows[i] = indicatorRow{
			in.ID, in.Version, in.Status, in.Weight, in.Level, in.Grade, in.Safety, in.Title, in.Rationale,
			list(in.Sources), list(in.Lexicons), in.Condition, len(in.Tests), fmt.Sprintf("%x", in.SHA256),
		}
		note := ""
		if in.Safety {
			note = " (how independent workers stay safe)"
		}
		if in.Status == zoeklicht.ActiveRule {
			active++
		}
		table[i] = []string{string(in.ID), fmt.Sprint(in.Version), string(in.Status), fmt.Sprint(in.Weight), string(in.Grade), in.Title.In(out.Lang) + note}
	}
	if out.JSON {
		return lines(out, rows)
	}
	if err := out.table([]string{"INDICATOR", "VERSION", "STATUS", "WEIGHT", "GRADE", "TITLE"}, table); err != nil {
		return err
	}
	return out.say("%d active, set %s.", active, rules.Set())
}

// TestIndicators runs the own tests of a theme's indicators and prints each. It fails
// when one does not hold that is not marked as still to do.
func TestIndicators(t *zoeklicht.Theme, out *Out) error {
	rules, err := Rules(t)
	if err != nil {
		return err
	}
	results, failed := rules.Test(), 0
	table := make([][]string, len(results))
	for i, r := range results {
		state, saw := "ok", r.Trace
		switch {
		case !r.OK:
			state = "FAILED"
			failed++
		case r.Todo:
			state = "to do"
		}
		if r.Error != "" {
			saw = r.Error
		}
		table[i] = []string{state, string(r.Indicator), r.Name, hits(r.Expect), hits(r.Got), cut(saw, 80)}
	}
	if out.JSON {
		err = lines(out, results)
	} else {
		err = out.table([]string{"TEST", "INDICATOR", "NAME", "EXPECTED", "GOT", "SAW"}, table)
	}
	if err != nil {
		return err
	}
	if failed > 0 {
		return zoeklicht.Errorf(zoeklicht.Invalid, "%d of %s of theme %s failed", failed, count(len(results), "test"), t.Name).
			With("nothing was changed", "correct the rules or their tests")
	}
	if out.JSON {
		return nil
	}
	return out.say("%s of %s hold.", count(len(results), "test"), count(len(t.Indicators), "indicator"))
}

func hits(b bool) string {
	if b {
		return "hit"
	}
	return "none"
}

// lockable tells what keeps the rules of the pack in a folder from being locked: that they
// cannot be read, do not compile, or fail their own tests.
func lockable(abs string) error {
	fsys := os.DirFS(filepath.Dir(abs))
	t, problems, err := theme.Rules(fsys, zoeklicht.ThemeName(filepath.Base(abs)))
	if err == nil && len(problems) == 0 {
		problems, err = checkConditions(fsys, t)
	}
	if err := errors.Join(err, under(filepath.Dir(abs), problems).Err()); err != nil {
		return err
	}
	rules, err := Rules(t)
	if err != nil {
		return err
	}
	for _, r := range rules.Test() {
		if !r.OK {
			problems = append(problems, theme.At(fsys, t, r.Indicator, "tests",
				fmt.Sprintf("the test %q does not hold: expected %s, got %s", r.Name, hits(r.Expect), cmp.Or(r.Error, hits(r.Got)))))
		}
	}
	return under(filepath.Dir(abs), problems).Err()
}

// LockIndicators adds to a pack's lock file the versions of rules that it misses, if all
// rules but drafts compile and their tests hold: a locked version cannot be mended.
func LockIndicators(dir string, out *Out) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := lockable(abs); err != nil {
		return err
	}
	added, problems, err := theme.LockLines(os.DirFS(filepath.Dir(abs)), zoeklicht.ThemeName(filepath.Base(abs)))
	if err := errors.Join(err, under(filepath.Dir(abs), problems).Err()); err != nil {
		return err
	}
	if len(added) > 0 {
		file, err := os.OpenFile(filepath.Join(abs, "indicators", "lock.txt"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		_, err = file.WriteString(strings.Join(added, "\n") + "\n")
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
	}
	if out.JSON {
		return out.object(&struct {
			Added []string `json:"added"`
		}{list(added)})
	}
	for _, line := range added {
		if err := out.say("%s", line); err != nil {
			return err
		}
	}
	return out.say("%s added to the lock.", count(len(added), "version"))
}
