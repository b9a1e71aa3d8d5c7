package theme

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"zoeklicht"
)

const lockFile = "lock.txt"

var lockForm = regexp.MustCompile(`^([a-z][a-z0-9-]*) ([0-9]{1,7}) ([0-9a-f]{64})$`)

// lock is a lock file: the digest of each version of each rule that was ever active.
type lock map[zoeklicht.IndicatorID]map[int][32]byte

// readLock reads the pack's lock file.
func (all *rules) readLock(fsys fs.FS) (problems Problems, err error) {
	all.lock = lock{}
	if len(all.own) == 0 {
		return nil, nil
	}
	file := path.Join(all.folder, "indicators", lockFile)
	files, err := filesOf(fsys, path.Dir(file))
	if err != nil {
		return nil, err
	}
	var b []byte
	for _, f := range files {
		if f == file {
			if b, err = readFile(fsys, file); err != nil {
				return nil, err
			}
		}
	}
	n := 0
	for line := range strings.Lines(string(b)) {
		n++
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		form := lockForm.FindStringSubmatch(line)
		if form == nil {
			problems = append(problems, Problem{file, n, 1, "this is no line of a lock: <id> <version> <64 hexadecimal digits>"})
			continue
		}
		id := zoeklicht.IndicatorID(form[1])
		version, _ := strconv.Atoi(form[2]) // digits, by its form
		sum, _ := hex.DecodeString(form[3])
		if _, twice := all.lock[id][version]; twice {
			problems = append(problems, Problem{file, n, 1, fmt.Sprintf("version %d of %s is there twice", version, id)})
			continue
		}
		all.lock.add(id, version, [32]byte(sum))
	}
	return problems, nil
}

// unlocked tells which of the pack's own rules are not as their lock has them. Drafts
// may change freely.
func (all *rules) unlocked() (problems Problems) {
	for _, in := range all.own {
		if in.Status == zoeklicht.Draft {
			continue
		}
		file := path.Join(all.folder, "indicators", string(in.ID)+".yaml")
		switch sum, known := all.lock[in.ID][in.Version]; {
		case !known:
			problems = append(problems, Problem{File: file, Text: fmt.Sprintf("version %d is not in %s; `zoeklicht indicators lock` adds it", in.Version, lockFile)})
		case sum != in.SHA256:
			problems = append(problems, Problem{File: file, Text: fmt.Sprintf(
				"the rule or one of its lexicons was changed under version %d: give it the version %d, then `zoeklicht indicators lock` adds it", in.Version, all.lock.next(in.ID))})
		}
	}
	return problems
}

// next gives the first version of a rule that is not locked.
func (l lock) next(id zoeklicht.IndicatorID) int {
	n := 1
	for version := range l[id] {
		n = max(n, version+1)
	}
	return n
}

// Rules gives a pack's rules that are no drafts, with those that it takes from another and
// the lexicons, whether or not its lock has them: a theme of Name, Indicators and Lexicons
// only. It is for trying rules before they are locked; Load is stricter.
func Rules(fsys fs.FS, name zoeklicht.ThemeName) (*zoeklicht.Theme, Problems, error) {
	all, problems, err := rulesOf(fsys, name)
	if err != nil || len(problems) > 0 {
		return nil, problems, err
	}
	drafted := func(in zoeklicht.Indicator) bool { return in.Status == zoeklicht.Draft }
	return &zoeklicht.Theme{Name: name, Indicators: slices.DeleteFunc(all.indicators, drafted), Lexicons: all.lexicons}, nil, nil
}

// rulesOf reads the rules of a pack, and nothing else of it.
func rulesOf(fsys fs.FS, name zoeklicht.ThemeName) (*rules, Problems, error) {
	r := &reader{file: path.Join(string(name), "theme.yaml")}
	b, err := readFile(fsys, r.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, zoeklicht.Errorf(zoeklicht.NotFound, "there is no theme pack %q: %w", name, err)
	}
	if err != nil {
		return nil, nil, err
	}
	r.theme(b, string(name)) // for whose rules it takes; its problems are its own
	all, problems, err := loadRules(fsys, string(name), r.of)
	return all, problems.sorted(), err
}

// LockLines gives the lines that a pack's lock file, <name>/indicators/lock.txt, still
// misses: "<id> <version> <sha256>" for each version of a rule that is no draft. Lines
// are only added, never changed: a rule that changed under a locked version is a
// problem, like all else that is wrong with the rules.
func LockLines(fsys fs.FS, name zoeklicht.ThemeName) (lines []string, problems Problems, err error) {
	all, problems, err := rulesOf(fsys, name)
	if err != nil || len(problems) > 0 {
		return nil, problems, err
	}
	for _, in := range all.own {
		if _, known := all.lock[in.ID][in.Version]; known || in.Status == zoeklicht.Draft {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s %d %x", in.ID, in.Version, in.SHA256))
		all.lock.add(in.ID, in.Version, in.SHA256)
	}
	return lines, all.unlocked(), nil
}

func (l lock) add(id zoeklicht.IndicatorID, version int, sum [32]byte) {
	if l[id] == nil {
		l[id] = map[int][32]byte{}
	}
	l[id][version] = sum
}
