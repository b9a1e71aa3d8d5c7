package theme

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"zoeklicht"
	"zoeklicht/internal/text"
)

const maxPhrase = 12 // words: finding takes that many steps a word of the text at most

var (
	lexiconForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,47}$`)
	lexiconFile = regexp.MustCompile(`^([a-z][a-z0-9_]{0,47})\.([a-z]{2})\.txt$`)
)

// rules are the rules and lexicons that hold in a theme: a pack's own and those of
// another that it takes.
type rules struct {
	folder     string
	indicators []zoeklicht.Indicator // by identifier
	lexicons   []zoeklicht.Lexicon   // by name
	own        []zoeklicht.Indicator // those of the pack itself
	lock       lock                  // of the pack itself
}

// loadRules reads a pack's rules and, where of names one, another pack's.
func loadRules(fsys fs.FS, folder string, of item) (*rules, Problems, error) {
	all := &rules{folder: folder}
	var problems Problems
	if of.text != "" && of.text != folder {
		other, wrong, err := loadRules(fsys, of.text, item{})
		if err != nil {
			return nil, nil, err
		}
		at := reader{file: path.Join(folder, "theme.yaml")}
		switch wrong = append(wrong, other.unlocked()...); {
		case len(wrong) > 0:
			at.problem(of.node, "the rules of %q have problems of their own: %s", of.text, wrong.sorted()[0])
		case len(other.indicators) == 0:
			at.problem(of.node, "there are no rules of %q beside this pack", of.text)
		}
		problems = append(problems, at.problems...)
		all.indicators, all.lexicons = other.indicators, other.lexicons
	}
	steps := []func(fs.FS) (Problems, error){all.readLexicons, all.readIndicators, all.readLock}
	for _, step := range steps {
		wrong, err := step(fsys)
		if err != nil {
			return nil, nil, err
		}
		problems = append(problems, wrong...)
	}
	slices.SortFunc(all.indicators, func(a, b zoeklicht.Indicator) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return all, problems, nil
}

// readLexicons reads the pack's lexicons, one file for each language.
func (all *rules) readLexicons(fsys fs.FS) (problems Problems, err error) {
	files, err := filesOf(fsys, path.Join(all.folder, "lexicons"))
	if err != nil {
		return nil, err
	}
	taken := len(all.lexicons)
	for _, file := range files {
		form := lexiconFile.FindStringSubmatch(path.Base(file))
		if form == nil {
			problems = append(problems, Problem{File: file, Text: "only files named <lexicon>.<language>.txt belong here, such as arrival.nl.txt"})
			continue
		}
		b, err := readFile(fsys, file)
		if err != nil {
			return nil, err
		}
		words, wrong := ParseLexicon(file, b)
		problems = append(problems, wrong...)
		i := slices.IndexFunc(all.lexicons, func(l zoeklicht.Lexicon) bool { return l.Name == form[1] })
		switch {
		case i >= 0 && i < taken:
			problems = append(problems, Problem{File: file, Text: "the pack that rules are taken from has this lexicon too"})
			continue
		case i < 0:
			i = len(all.lexicons)
			all.lexicons = append(all.lexicons, zoeklicht.Lexicon{Name: form[1], Words: map[string][]string{}})
		}
		all.lexicons[i].Words[form[2]] = words
	}
	slices.SortFunc(all.lexicons, func(a, b zoeklicht.Lexicon) int { return strings.Compare(a.Name, b.Name) })
	return problems, nil
}

// ParseLexicon reads the words and phrases of a lexicon in one language: one on a
// line, # begins a comment. They are given folded, in the order of the file. A line
// without a letter or digit, one of a single letter, one of more than 12 words, and one
// that is there twice once folded are problems.
func ParseLexicon(file string, b []byte) (words []string, problems Problems) {
	if len(b) > maxFile {
		return nil, Problems{{File: file, Text: fmt.Sprintf("the file has %d bytes; at most %d are read", len(b), maxFile)}}
	}
	seen, n := map[string]bool{}, 0
	for line := range strings.Lines(string(b)) {
		n++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		folded := text.FoldString(line)
		switch {
		case len(folded) < 2:
			problems = append(problems, Problem{file, n, 1, fmt.Sprintf("%q is no word", line)})
		case strings.Count(folded, " ") >= maxPhrase:
			problems = append(problems, Problem{file, n, 1, fmt.Sprintf("%q has more than %d words", line, maxPhrase)})
		case seen[folded]:
			problems = append(problems, Problem{file, n, 1, fmt.Sprintf("%q is there twice", line)})
		default:
			seen[folded] = true
			words = append(words, folded)
		}
	}
	return words, problems
}

// readIndicators reads the pack's own rules and finds their lexicons.
func (all *rules) readIndicators(fsys fs.FS) (problems Problems, err error) {
	files, err := filesOf(fsys, path.Join(all.folder, "indicators"))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, l := range all.lexicons {
		names = append(names, l.Name)
	}
	for _, file := range files {
		base, yes := strings.CutSuffix(path.Base(file), ".yaml")
		if path.Base(file) == lockFile {
			continue
		}
		if !yes {
			problems = append(problems, Problem{File: file, Text: "only files named <id>.yaml and " + lockFile + " belong here"})
			continue
		}
		b, err := readFile(fsys, file)
		if err != nil {
			return nil, err
		}
		in, wrong := ParseIndicator(file, b)
		problems = append(problems, wrong...)
		if in == nil {
			continue
		}
		for _, name := range in.Lexicons {
			if !slices.Contains(names, name) {
				problems = append(problems, at(file, b, "lexicons", "there is no lexicon %q%s", name, meant(name, names)))
			}
		}
		switch {
		case string(in.ID) != base:
			problems = append(problems, Problem{File: file, Text: fmt.Sprintf("the rule is %q, and its file is named otherwise", in.ID)})
		case slices.ContainsFunc(all.indicators, func(o zoeklicht.Indicator) bool { return o.ID == in.ID }):
			problems = append(problems, Problem{File: file, Text: "the pack that rules are taken from has this rule too"})
		default:
			if in.SHA256, err = digest(in, all.lexicons); err != nil {
				return nil, err
			}
			all.own, all.indicators = append(all.own, *in), append(all.indicators, *in)
		}
	}
	return problems, nil
}

// At gives a problem with a pack's rule, at one of the rule's keys. It looks in the
// packs that the theme takes rules from as well.
func At(fsys fs.FS, t *zoeklicht.Theme, id zoeklicht.IndicatorID, key, what string) Problem {
	names, _ := Names(fsys) // without the file, the problem is still told
	for _, folder := range append([]zoeklicht.ThemeName{t.Name}, names...) {
		file := path.Join(string(folder), "indicators", string(id)+".yaml")
		if b, err := readFile(fsys, file); err == nil {
			return at(file, b, key, "%s", what)
		}
	}
	return Problem{File: string(id), Text: what}
}

func at(file string, b []byte, key, format string, args ...any) Problem {
	r := &reader{file: file}
	m := r.open(b, "the indicator")
	if m == nil {
		return Problem{File: file, Text: fmt.Sprintf(format, args...)}
	}
	r.problems = nil
	m.problem(m.at(key), format, args...)
	return r.problems[0]
}

// filesOf lists a folder that need not be there.
func filesOf(fsys fs.FS, dir string) (out []string, err error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		out = append(out, path.Join(dir, e.Name()))
	}
	return out, nil
}

// digest gives what locks a rule's version: SHA-256 over what it says and does and the
// words of its lexicons. Its status and its tests are not in it, so that a rule can be
// activated, retired and tested better without becoming another; comments and the
// order of keys and words are not either, nor is the Dutch of the legal note, which was
// translated after versions had been locked: it says what the English says. A stored
// format: a JSON list of the parts below, in this order.
func digest(in *zoeklicht.Indicator, lexicons []zoeklicht.Lexicon) ([32]byte, error) {
	words := map[string]map[string][]string{}
	for _, l := range lexicons {
		if !slices.Contains(in.Lexicons, l.Name) {
			continue
		}
		words[l.Name] = map[string][]string{}
		for lang, list := range l.Words {
			words[l.Name][lang] = slices.Sorted(slices.Values(list))
		}
	}
	var b bytes.Buffer
	err := json.NewEncoder(&b).Encode([]any{
		in.ID, in.Version, in.Title, in.Rationale, in.FalsePositives, in.Sources, in.Grade, in.LegalNote.EN, in.Safety,
		in.Condition, in.Weight, in.Level, in.From, in.Until, in.Replaces, words,
	})
	return sha256.Sum256(b.Bytes()), err
}
