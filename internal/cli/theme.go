package cli

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/assess"
	"zoeklicht/internal/theme"
)

// themeRow is a theme in a list.
type themeRow struct {
	Name     zoeklicht.ThemeName `json:"name"`
	Title    zoeklicht.Text      `json:"title"`
	Practice bool                `json:"practice"`
	Added    *time.Time          `json:"added"` // when the installation got it; null: never
	Active   bool                `json:"active"`
	Since    *time.Time          `json:"since"`
	Reason   string              `json:"reason"`
	Missing  []zoeklicht.Text    `json:"missing"` // what must be built or decided before it can be activated
}

// ListThemes prints the themes that the program carries and those that the
// installation has.
func ListThemes(packs map[zoeklicht.ThemeName]*zoeklicht.Theme, states []access.ThemeState, out *Out) error {
	byName := map[zoeklicht.ThemeName]*themeRow{}
	for name, t := range packs {
		byName[name] = &themeRow{Name: name, Title: t.Title, Practice: t.Practice, Missing: list(t.Missing)}
	}
	for _, s := range states {
		row := byName[s.Name]
		if row == nil { // its pack came with another program
			row = &themeRow{Name: s.Name, Practice: s.Practice, Missing: list[zoeklicht.Text](nil)}
			byName[s.Name] = row
		}
		row.Added, row.Active, row.Since, row.Reason = moment(s.Added), s.Active, moment(s.Since), s.Reason
	}
	rows := make([]themeRow, 0, len(byName))
	for _, r := range byName {
		rows = append(rows, *r)
	}
	slices.SortFunc(rows, func(a, b themeRow) int { return cmp.Compare(a.Name, b.Name) })
	if out.JSON {
		return lines(out, rows)
	}
	table := make([][]string, len(rows))
	for i, r := range rows {
		state := "never activated"
		switch {
		case r.Active:
			state = "active"
		case r.Since != nil:
			state = "suspended"
		case len(r.Missing) > 0:
			state = "misses " + count(len(r.Missing), "thing")
		}
		table[i] = []string{string(r.Name), state, yesNo(r.Practice), cut(r.Title.In(out.Lang), 60)}
	}
	return out.table([]string{"THEME", "STATE", "PRACTICE", "TITLE"}, table)
}

// CheckThemes prints what is wrong with the theme packs in a folder: one that holds
// packs, or a pack itself. It fails when anything is.
func CheckThemes(dir string, out *Out) error {
	dir = filepath.Clean(dir)
	problems, checked, err := checkThemes(dir)
	if err != nil {
		return err
	}
	for i := range problems {
		if out.JSON {
			err = out.object(&problems[i])
		} else {
			err = out.say("%s", visible(problems[i].String()))
		}
		if err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		return zoeklicht.Errorf(zoeklicht.Invalid, "%s in %s", count(len(problems), "problem"), dir).
			With("nothing was changed", "correct the files and check them again")
	}
	if !out.JSON {
		return out.say("%s without a problem: %s.", count(len(checked), "theme pack"), strings.Join(checked, ", "))
	}
	return nil
}

func checkThemes(dir string) (problems theme.Problems, checked []string, err error) {
	packs := dir
	var names []zoeklicht.ThemeName
	if _, err := os.Stat(filepath.Join(dir, "theme.yaml")); err == nil {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return nil, nil, err
		}
		packs, names = filepath.Dir(abs), []zoeklicht.ThemeName{zoeklicht.ThemeName(filepath.Base(abs))}
		dir = filepath.Dir(dir)
	} else if names, err = theme.Names(os.DirFS(packs)); err != nil {
		return nil, nil, zoeklicht.Errorf(zoeklicht.Invalid, "%w", err).With("nothing was changed", "")
	}
	if len(names) == 0 {
		return nil, nil, zoeklicht.Errorf(zoeklicht.NotFound, "there is no theme pack in %s", dir).
			With("nothing was changed", "name a folder with a theme.yaml, or one that holds such folders")
	}
	fsys := os.DirFS(packs)
	for _, n := range names {
		checked = append(checked, string(n))
		t, wrong, err := theme.Load(fsys, n)
		switch {
		case err == nil && len(wrong) == 0:
			wrong, err = checkConditions(fsys, t)
		case err == nil:
			wrong, err = conditionsFirst(fsys, n, wrong)
		}
		if err != nil {
			return nil, nil, err
		}
		problems = append(problems, wrong...)
	}
	return under(dir, problems), checked, nil
}

// conditionsFirst puts before the other problems of a pack which conditions do not compile,
// if its rules can be read: a rule that is not locked yet must be mended before it is.
func conditionsFirst(fsys fs.FS, name zoeklicht.ThemeName, wrong theme.Problems) (theme.Problems, error) {
	t, unread, err := theme.Rules(fsys, name)
	if err != nil || len(unread) > 0 {
		return wrong, err
	}
	first, err := checkConditions(fsys, t)
	return append(first, wrong...), err
}

// checkConditions tells which conditions of a pack's rules do not compile.
func checkConditions(fsys fs.FS, t *zoeklicht.Theme) (problems theme.Problems, err error) {
	_, err = assess.New(t.Indicators, t.Lexicons, assess.Config{})
	var wrong assess.Problems
	if !errors.As(err, &wrong) {
		return nil, err
	}
	for _, p := range wrong {
		problems = append(problems, theme.At(fsys, t, p.Indicator, "condition", p.What))
	}
	return problems, nil
}

// under names the files of problems as the person who gave the folder finds them.
func under(dir string, problems theme.Problems) theme.Problems {
	for i := range problems {
		problems[i].File = filepath.Join(dir, problems[i].File)
	}
	return problems
}

// Misses is why a theme cannot be activated, with all that it misses.
func Misses(t *zoeklicht.Theme) error {
	missing := make([]string, len(t.Missing))
	for i, m := range t.Missing {
		missing[i] = strings.TrimSuffix(m.EN, ".")
	}
	return zoeklicht.Errorf(zoeklicht.Conflict, "theme %s cannot be activated, it misses: %s", t.Name, strings.Join(missing, "; ")).
		With("it stays inactive", "")
}
