// Package theme reads theme packs: data that make a theme, without a line of
// Go. A pack is a folder named as its theme:
//
//	<name>/theme.yaml          what the theme is for, its fields, its proposed sources
//	<name>/recipes/<source>.yaml  how the adverts of a source are read
//	<name>/indicators/<id>.yaml   a rule; lock.txt beside them (see LockLines)
//	<name>/lexicons/<lexicon>.<language>.txt  a word or phrase a line
//
// theme.yaml has these keys, all but those in brackets required:
//
//	name, title{nl,en}, purpose{nl,en}, ground{nl,en}, question{nl,en}
//	[practice]     true for synthetic sources only
//	locale         the place whose days are meant, such as Europe/Amsterdam
//	languages      ISO 639-1, regions: ISO 3166 for phone numbers, in order
//	[phones]       numbers: patterns such as +316000xxxxx (x: any digit) that are
//	               valid in this theme whatever libphonenumber says
//	fields         what the working store may hold of an advert
//	[retention]    per ground: article, title{nl,en}, from (collection, end,
//	               confirmation), active, [compare], removed: periods such as P5Y
//	[missing]      {nl,en} each: what must be built or decided first; a theme with
//	               anything here cannot be activated
//	[indicators_of]  the pack whose rules and lexicons hold here too
//	sources        proposals: id, title, home, scope{hosts, [picture_hosts, paths,
//	               private]}, [schedule], priority, expected, considerations
//
// The hosts of practice sites are known only when the practice web runs. There,
// {{admarkt}} stands for the host:port of the site of that key; Fill puts the
// real ones in. What was not filled is no valid address, so nothing can connect
// to it by accident.
//
// A recipe has the form that zoeklicht.Recipe documents. A rule's is documented at
// ParseIndicator; its condition is text here, and compiled by internal/assess.
//
// Reading is strict: unknown keys, double keys, anchors and tags are problems,
// and every problem names file, line and column. A pack with a problem is not
// loaded at all.
package theme

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"zoeklicht"
)

// Load reads the pack of a theme from the folder <name> of fsys. The theme is
// nil when there are problems. The error is a NotFound one when there is no such
// pack, and otherwise a failure to read.
func Load(fsys fs.FS, name zoeklicht.ThemeName) (*zoeklicht.Theme, Problems, error) {
	folder := string(name)
	file := path.Join(folder, "theme.yaml")
	if !fs.ValidPath(file) || folder == "" || strings.Contains(folder, "/") {
		return nil, nil, zoeklicht.Errorf(zoeklicht.Invalid, "%q is not a theme's name", name)
	}
	b, err := readFile(fsys, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, zoeklicht.Errorf(zoeklicht.NotFound, "there is no theme pack %q: %w", name, err)
	}
	if err != nil {
		return nil, nil, err
	}
	r := &reader{file: file}
	t := r.theme(b, folder)
	problems := r.problems
	recipes, more, err := loadRecipes(fsys, folder, t)
	if err != nil {
		return nil, nil, err
	}
	problems = append(problems, more...)
	rules, more, err := loadRules(fsys, folder, r.of)
	if err != nil {
		return nil, nil, err
	}
	if problems = append(append(problems, more...), rules.unlocked()...); len(problems) > 0 {
		return nil, problems.sorted(), nil
	}
	t.Recipes, t.Indicators, t.Lexicons = recipes, rules.indicators, rules.lexicons
	for _, recipe := range recipes {
		for i := range t.Sources {
			if t.Sources[i].ID == recipe.Source {
				t.Sources[i].Recipe = recipe.Version
			}
		}
	}
	return t, nil, nil
}

// loadRecipes reads the recipes of a pack, in the order of their names.
func loadRecipes(fsys fs.FS, folder string, t *zoeklicht.Theme) (out []zoeklicht.Recipe, problems Problems, err error) {
	dir := path.Join(folder, "recipes")
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	var sources []string
	if t != nil {
		for _, s := range t.Sources {
			sources = append(sources, string(s.ID))
		}
	}
	for _, e := range entries {
		file := path.Join(dir, e.Name())
		base, yes := strings.CutSuffix(e.Name(), ".yaml")
		if !yes || e.IsDir() {
			problems = append(problems, Problem{File: file, Text: "only files named <source>.yaml belong here"})
			continue
		}
		b, err := readFile(fsys, file)
		if err != nil {
			return nil, nil, err
		}
		recipe, wrong := ParseRecipe(file, b)
		problems = append(problems, wrong...)
		switch {
		case recipe == nil:
		case string(recipe.Source) != base:
			problems = append(problems, Problem{File: file, Text: "the recipe is for source \"" + string(recipe.Source) + "\", and its file is named otherwise"})
		case t != nil && !slices.Contains(sources, base):
			problems = append(problems, Problem{File: file, Text: "the theme has no source \"" + base + "\"" + meant(base, sources)})
		default:
			out = append(out, *recipe)
		}
	}
	return out, problems, nil
}

// readFile reads a file, but no more of it than is too much.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAtMost(f, maxFile+1)
}

// Names lists the packs of fsys: the folders at its top that hold a theme.yaml.
func Names(fsys fs.FS) ([]zoeklicht.ThemeName, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	var names []zoeklicht.ThemeName
	for _, e := range entries {
		if _, err := fs.Stat(fsys, path.Join(e.Name(), "theme.yaml")); err == nil && e.IsDir() {
			names = append(names, zoeklicht.ThemeName(e.Name()))
		}
	}
	return names, nil
}
