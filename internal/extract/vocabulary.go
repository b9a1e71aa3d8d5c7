package extract

import (
	"embed"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"zoeklicht/internal/text"
)

// wordFiles are the words that entities are written with: one file for each
// language, and what belongs to none. A line is "key: words" or "key value: words";
// # begins a comment. A hyphen in a word stands for a hyphen, spaces or nothing;
// so do . / and '.
// Words are compared in their folded form, so that case and marks do not matter.
//
// Of a language:
//
//	number N, tens N   how a number is said; tens take a unit beside them
//	units-first: W     "vijf en twintig": the unit, W, the tens
//	tens-first: W      "twenty five", "treinta y cinco": the tens, W or nothing, the unit
//	teens-after: N     tens that take ten to nineteen as well ("quatre-vingt-douze")
//	repeat N           says the next digit N times ("double five")
//	weak               number words that are ordinary words too
//	plus, call, other, some   words before a number: a plus, a call for a phone
//	                   number, a number of another kind, a number of some kind
//	euro, pound, dollar, zloty, leu, minute, hour, half-hour, …, night   of prices
//	age-…, day N, days-…, always, until, clock   of ages and hours
//	in                 prepositions before places
//	at, dot            said for @ and .
//
//go:embed words/*.txt
var wordFiles embed.FS

// phrase is a word, or several, as its folded parts.
type phrase []string

// vocabulary is what the files hold, of all languages together: adverts mix them.
type vocabulary struct {
	numbers *trie             // said numbers: tag number, repeat or plus
	units   map[string][]unit // what prices, ages and hours are made of, by first part
	call    map[string]bool
	other   map[string]bool
	some    map[string]bool
	in      map[string]map[string]bool // by language
	at, dot map[string]bool

	often, rare map[rune]byte // letters that look like a digit: '0' to '9'
	signs       map[rune]byte

	services []service
}

// unit is a phrase and what it is called in the files: "hour", "day 3".
type unit struct {
	phrase
	name string
}

// unit takes in a phrase, and the same written as one word.
func (v *vocabulary) unit(p phrase, name string) {
	if len(p) == 0 {
		return
	}
	v.units[p[0]] = append(v.units[p[0]], unit{p, name})
	if len(p) > 1 {
		one := strings.Join(p, "")
		v.units[one] = append(v.units[one], unit{phrase{one}, name})
	}
}

// service is one at which people have a name.
type service struct {
	name  string
	words []string
	hosts []string
}

var vocabularyOnce = sync.OnceValue(readVocabulary)

// wordsKnown gives the vocabulary, read once.
func wordsKnown() *vocabulary { return vocabularyOnce() }

// What a word of a trie is.
type tag uint8

const (
	tagNumber tag = iota
	tagRepeat
	tagPlus
)

// term is what a word means.
type term struct {
	tag  tag
	text string // digits of a number, or how often to repeat
	weak bool   // an ordinary word too
}

func readVocabulary() *vocabulary {
	v := &vocabulary{
		numbers: &trie{}, units: map[string][]unit{}, call: map[string]bool{}, other: map[string]bool{}, some: map[string]bool{},
		in: map[string]map[string]bool{}, at: map[string]bool{}, dot: map[string]bool{},
		often: map[rune]byte{}, rare: map[rune]byte{}, signs: map[rune]byte{},
	}
	for _, l := range text.Languages {
		v.in[l] = map[string]bool{}
		v.language(l, entriesOf(l+".txt"))
	}
	for _, all := range v.units {
		slices.SortStableFunc(all, func(a, b unit) int { return len(b.phrase) - len(a.phrase) })
	}
	for _, e := range entriesOf("lookalikes.txt") {
		into := map[string]map[rune]byte{"often": v.often, "rare": v.rare, "sign": v.signs}[e.key]
		for _, w := range e.words {
			for _, r := range w {
				into[r] = e.arg[0]
			}
		}
	}
	for _, e := range entriesOf("services.txt") {
		if e.arg == "hosts" {
			v.services[len(v.services)-1].hosts = e.words
		} else {
			v.services = append(v.services, service{name: e.key, words: e.words})
		}
	}
	return v
}

// entry is a line of a file.
type entry struct {
	key, arg string
	words    []string
}

// entriesOf reads a file. The files are embedded, so what is wrong with one is wrong
// in the binary; the tests read them all.
func entriesOf(name string) (out []entry) {
	b, err := wordFiles.ReadFile(path.Join("words", name))
	if err != nil {
		panic(err)
	}
	for line := range strings.Lines(string(b)) {
		line, _, _ = strings.Cut(line, "#")
		head, list, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		key, arg, _ := strings.Cut(strings.TrimSpace(head), " ")
		out = append(out, entry{key, arg, strings.Fields(list)})
	}
	return out
}

// phraseOf cuts a word of a file into its folded parts.
func phraseOf(w string) (p phrase) {
	for part := range strings.FieldsFuncSeq(w, func(r rune) bool { return strings.ContainsRune("-/.'’", r) }) {
		if part = strings.ReplaceAll(text.FoldString(part), " ", ""); part != "" {
			p = append(p, part)
		}
	}
	return p
}

// language takes in a language's words.
func (v *vocabulary) language(name string, entries []entry) {
	weak := map[string]bool{}
	for _, e := range entries {
		if e.key == "weak" {
			for _, w := range e.words {
				weak[w] = true
			}
		}
	}
	var l counting
	sets := map[string]map[string]bool{"call": v.call, "other": v.other, "some": v.some, "in": v.in[name], "at": v.at, "dot": v.dot}
	for _, e := range entries {
		n, _ := strconv.Atoi(e.arg)
		for _, w := range e.words {
			p := phraseOf(w)
			switch e.key {
			case "number", "tens":
				v.numbers.add(p, term{tagNumber, e.arg, weak[w]})
				l.add(e.key, n, p)
			case "repeat":
				v.numbers.add(p, term{tag: tagRepeat, text: e.arg})
			case "plus":
				v.numbers.add(p, term{tag: tagPlus})
			case "weak", "units-first", "tens-first", "teens-after":
			default:
				if set := sets[e.key]; set != nil {
					set[w] = true
					set[text.FoldString(w)] = true
					continue
				}
				what := e.key
				if e.arg != "" {
					what += " " + e.arg
				}
				v.unit(p, what)
			}
		}
		switch e.key {
		case "units-first", "tens-first":
			l.order, l.join = e.key, e.words
		case "teens-after":
			for _, w := range e.words {
				n, _ := strconv.Atoi(w)
				l.teensAfter = append(l.teensAfter, n)
			}
		}
	}
	l.compounds(v.numbers)
}
