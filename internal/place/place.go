// Package place knows the municipalities of the Netherlands, the provinces and police
// units they lie in, and the names that people write for them.
//
// What always holds:
//
//   - A municipality has its code of Statistics Netherlands ("GM0363"), one province
//     and one police unit, and the days on which it existed. Codes are unique.
//   - Names are compared in the folded form of package text, so that case, marks and
//     hyphens do not matter.
//   - A name that may mean several municipalities gives all of them: the caller leaves
//     open what the text leaves open.
//   - The built-in table is municipalities.tsv, written for this project; its first
//     lines say how. A person can add names and places by a table of the same form.
package place

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"zoeklicht"
	"zoeklicht/internal/text"
)

//go:embed municipalities.tsv
var builtIn string

// Municipality is one, for as long as it existed under a code.
type Municipality struct {
	Code     string // "GM0363"
	Name     string // the official one
	Province string // as it is called there: "Fryslân"
	Unit     string // code of the police unit: "amsterdam"
	From     time.Time
	Until    time.Time // the day after its last; zero: it is still there
	Names    []Name    // the official one and others
}

// Name is what a municipality, or a town in it, is called.
type Name struct {
	Text string
	From time.Time // from when it belongs there; zero: always
	// Word says that it is an ordinary word too ("Best", "Huizen"): in running text it
	// is a place only with a capital and behind "in", "near" and the like.
	Word bool
}

// during reports whether a day lies in a period. The zero day stands for now: a
// period that is still open.
func during(day, from, until time.Time) bool {
	if day.IsZero() {
		return until.IsZero()
	}
	return !day.Before(from) && (until.IsZero() || day.Before(until))
}

// Index finds municipalities by name. It does not change, and may be used by several
// goroutines.
type Index struct {
	all    []Municipality
	byName map[string][]found // by folded name
	starts map[string]int     // first words of names, with the most words that such a name has
}

type found struct {
	i, name int // which municipality and which of its names
}

// Load gives the built-in municipalities; they are read once.
func Load() *Index { return load() }

var load = sync.OnceValue(func() *Index {
	all, err := ReadTable("municipalities.tsv", strings.NewReader(builtIn))
	if err != nil {
		panic(err) // embedded, and read by the tests
	}
	x, err := (&Index{}).With(all)
	if err != nil {
		panic(err)
	}
	return x
})

// With gives an index with more municipalities. One whose code is there already adds
// its names to it. The error, of code Invalid, says which code is in two provinces.
func (x *Index) With(more []Municipality) (*Index, error) {
	out := &Index{all: slices.Clone(x.all), byName: map[string][]found{}, starts: map[string]int{}}
	for _, m := range more {
		i := slices.IndexFunc(out.all, func(o Municipality) bool { return o.Code == m.Code })
		if i < 0 {
			out.all = append(out.all, m)
			continue
		}
		have := &out.all[i]
		if have.Province != m.Province || have.Unit != m.Unit {
			return nil, zoeklicht.Errorf(zoeklicht.Invalid, "%s lies in %s (%s), and in another table in %s (%s)", m.Code, have.Province, have.Unit, m.Province, m.Unit).
				With("nothing was taken over", "correct the table, or use a code of its own")
		}
		have.Names = slices.Concat(have.Names, m.Names)
	}
	slices.SortFunc(out.all, func(a, b Municipality) int { return strings.Compare(a.Code, b.Code) })
	for i := range out.all {
		for k, n := range out.all[i].Names {
			key := text.FoldString(n.Text)
			at := found{i, k}
			if slices.ContainsFunc(out.byName[key], func(f found) bool { return f.i == i }) {
				continue
			}
			out.byName[key] = append(out.byName[key], at)
			first, rest, _ := strings.Cut(key, " ")
			words := 1
			if rest != "" {
				words += 1 + strings.Count(rest, " ")
			}
			out.starts[first] = max(out.starts[first], words)
		}
	}
	return out, nil
}

// at gives the municipalities that a folded name means on a day, by code.
func (x *Index) at(key string, day time.Time) (out []Municipality, word bool) {
	for _, f := range x.byName[key] {
		m := &x.all[f.i]
		if n := m.Names[f.name]; during(day, m.From, m.Until) && (day.IsZero() || !day.Before(n.From)) {
			out = append(out, *m)
			word = word || n.Word
		}
	}
	return out, word
}

// Municipality gives the one with a code.
func (x *Index) Municipality(code string) (Municipality, bool) {
	i, ok := slices.BinarySearchFunc(x.all, code, func(m Municipality, code string) int { return strings.Compare(m.Code, code) })
	if !ok {
		return Municipality{}, false
	}
	return x.all[i], true
}

// Lookup gives the municipalities that a name means on a day, by code: none that it
// does not know, several where the name leaves it open ("Bergen"). The zero day means
// now. A name may have its province or the like behind it: "Bergen (NH)",
// "Utrecht, Utrecht", "Amsterdam - Centrum".
func (x *Index) Lookup(name string, day time.Time) []Municipality {
	if out, _ := x.at(text.FoldString(name), day); len(out) > 0 {
		return out
	}
	i := strings.IndexAny(name, ",(/|–")
	if k := strings.Index(name, " - "); k >= 0 && (i < 0 || k < i) {
		i = k
	}
	if i <= 0 {
		return nil
	}
	out, _ := x.at(text.FoldString(name[:i]), day)
	rest := text.FoldString(name[i:])
	var inProvince []Municipality
	for _, m := range out {
		if strings.Contains(" "+rest+" ", " "+text.FoldString(m.Province)+" ") {
			inProvince = append(inProvince, m)
		}
	}
	if len(inProvince) > 0 {
		return inProvince
	}
	return out
}

// Of gives the code of the municipality that a name means on a day, and of its police
// unit. The municipality is "" where the name is unknown or leaves it open, the unit
// where it is unknown or lies in several.
func (x *Index) Of(name string, day time.Time) (municipality, unit string) {
	found := x.Lookup(name, day)
	if len(found) == 0 {
		return "", ""
	}
	for _, m := range found[1:] {
		if m.Unit != found[0].Unit {
			return "", ""
		}
	}
	if len(found) > 1 {
		return "", found[0].Unit
	}
	return found[0].Code, found[0].Unit
}

// Unit is a police unit.
type Unit struct {
	Code string
	Name zoeklicht.Text
}

// Units gives the regional units of the Dutch police, from north to south.
func Units() []Unit {
	both := func(code, nl, en string) Unit { return Unit{code, zoeklicht.Text{NL: nl, EN: en}} }
	return []Unit{
		both("noord-nederland", "Noord-Nederland", "Northern Netherlands"),
		both("oost-nederland", "Oost-Nederland", "Eastern Netherlands"),
		both("midden-nederland", "Midden-Nederland", "Central Netherlands"),
		both("noord-holland", "Noord-Holland", "North Holland"),
		both("amsterdam", "Amsterdam", "Amsterdam"),
		both("den-haag", "Den Haag", "The Hague"),
		both("rotterdam", "Rotterdam", "Rotterdam"),
		both("zeeland-west-brabant", "Zeeland-West-Brabant", "Zeeland and West Brabant"),
		both("oost-brabant", "Oost-Brabant", "East Brabant"),
		both("limburg", "Limburg", "Limburg"),
	}
}

// UnitOf gives the police unit with a code.
func UnitOf(code string) (Unit, error) {
	for _, u := range Units() {
		if u.Code == code {
			return u, nil
		}
	}
	return Unit{}, fmt.Errorf("there is no police unit %q", code)
}
