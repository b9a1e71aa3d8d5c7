package assess

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"zoeklicht"
	"zoeklicht/internal/text"

	"cel.dev/cel-go/cel"
)

// Input is one version of an advert and what is known beside it.
type Input struct {
	Version     zoeklicht.VersionID
	Title, Body string
	Entities    []zoeklicht.Entity // offsets into Title + "\n" + Body; both 0 in a field only
	Beside      zoeklicht.Beside
	// MedianPrice is the usual price an hour where the advert is, in euros; 0 where too
	// few are known.
	MedianPrice float64
	SeenAt      time.Time // when this version was first seen
}

// maxList bounds the lists that a condition sees.
const maxList = 200

// facts are what conditions may look at in one input.
type facts struct {
	in      *Input
	folded  text.Folded
	matches []match
	counts  []int64 // by lexicon: distinct words
	values  map[zoeklicht.EntityType][]string
	hidden  int64 // distinct disguised numbers
	ages    []int64
	prices  []float64
	hour    float64
}

func (r *Rules) facts(in *Input) *facts {
	f := &facts{in: in, folded: text.Fold(in.Title + "\n" + in.Body), values: map[zoeklicht.EntityType][]string{}}
	f.matches = r.trie.find(f.folded.Text)
	f.counts = make([]int64, r.trie.lexicons)
	met := make([]bool, len(r.trie.words))
	for _, m := range f.matches {
		if !met[m.word] {
			met[m.word] = true
			f.counts[m.lexicon]++
		}
	}
	type key struct {
		t      zoeklicht.EntityType
		value  string
		hidden bool
	}
	known := map[key]bool{}
	nearest := 0.0
	for _, e := range in.Entities {
		if !e.Valid { // doubtful, or a number that nobody can have
			continue
		}
		if k := (key{e.Type, e.Value, true}); e.Type == zoeklicht.Phone && e.Obfuscated && !known[k] {
			known[k] = true
			f.hidden++
		}
		k := key{e.Type, e.Value, false}
		if known[k] {
			continue
		}
		known[k] = true
		f.values[e.Type] = append(f.values[e.Type], e.Value)
		switch e.Type {
		case zoeklicht.Age:
			if n, err := strconv.ParseInt(e.Value, 10, 64); err == nil && len(f.ages) < maxList {
				f.ages = append(f.ages, n)
			}
		case zoeklicht.Price:
			price, minutes := hourly(e.Value)
			if price == 0 {
				continue
			}
			if len(f.prices) < maxList {
				f.prices = append(f.prices, price)
			}
			away := max(minutes/60, 60/minutes)
			if f.hour == 0 || away < nearest || away == nearest && price < f.hour {
				f.hour, nearest = price, away
			}
		}
	}
	return f
}

// hourly reads a price such as "EUR 75/30min" into euros an hour; 0 where it has no
// duration or another currency.
func hourly(value string) (price, minutes float64) {
	amount, duration, ok := strings.Cut(value, "/")
	number, euro := strings.CutPrefix(amount, "EUR ")
	unit, inMinutes := strings.CutSuffix(duration, "min")
	if !ok || !euro || !inMinutes {
		return 0, 0
	}
	sum, err1 := strconv.ParseFloat(number, 64)
	minutes, err2 := strconv.ParseFloat(unit, 64)
	if err1 != nil || err2 != nil || !(sum > 0 && sum < 1e9 && minutes > 0 && minutes < 1e9) {
		return 0, 0
	}
	return sum * 60 / minutes, minutes
}

// variable is something that a condition may name.
type variable struct {
	name  string
	kind  *cel.Type
	value func(f *facts) any
	// where tells which entities the value was read from.
	where func(e *zoeklicht.Entity) bool
}

// variables lists all but those of the lexicons.
func variables() []variable {
	of := func(t zoeklicht.EntityType) func(*zoeklicht.Entity) bool {
		return func(e *zoeklicht.Entity) bool { return e.Type == t }
	}
	count := func(name string, t zoeklicht.EntityType) variable {
		return variable{name, cel.IntType, func(f *facts) any { return int64(len(f.values[t])) }, of(t)}
	}
	beside := func(name string, n func(b *zoeklicht.Beside) int) variable {
		return variable{"beside." + name, cel.IntType, func(f *facts) any { return int64(n(&f.in.Beside)) }, nil}
	}
	return []variable{
		count("phones", zoeklicht.Phone),
		{"disguised", cel.IntType, func(f *facts) any { return f.hidden }, func(e *zoeklicht.Entity) bool { return e.Type == zoeklicht.Phone && e.Obfuscated }},
		count("emails", zoeklicht.Email),
		count("handles", zoeklicht.Handle),
		count("links", zoeklicht.Link),
		count("places", zoeklicht.PlaceName),
		{"ages", cel.ListType(cel.IntType), func(f *facts) any { return f.ages }, of(zoeklicht.Age)},
		{"prices", cel.ListType(cel.DoubleType), func(f *facts) any { return f.prices }, of(zoeklicht.Price)},
		{"price.hour", cel.DoubleType, func(f *facts) any { return f.hour }, of(zoeklicht.Price)},
		{"price.median", cel.DoubleType, func(f *facts) any { return f.in.MedianPrice }, nil},
		{"always", cel.BoolType, func(f *facts) any { return f.always() }, alwaysThere},
		{"length", cel.IntType, func(f *facts) any {
			return int64(utf8.RuneCountInString(f.in.Title) + 1 + utf8.RuneCountInString(f.in.Body))
		}, nil},
		beside("adverts", func(b *zoeklicht.Beside) int { return b.Adverts }),
		beside("sources", func(b *zoeklicht.Beside) int { return b.Sources }),
		beside("cities", func(b *zoeklicht.Beside) int { return b.Cities }),
		beside("names", func(b *zoeklicht.Beside) int { return b.Names }),
		beside("ages", func(b *zoeklicht.Beside) int { return b.Ages }),
		beside("versions", func(b *zoeklicht.Beside) int { return b.Versions }),
		beside("text_elsewhere", func(b *zoeklicht.Beside) int { return b.TextElsewhere }),
		beside("picture_elsewhere", func(b *zoeklicht.Beside) int { return b.PictureElsewhere }),
	}
}

func alwaysThere(e *zoeklicht.Entity) bool {
	return e.Valid && e.Type == zoeklicht.Availability && e.Value == "24/7"
}

func (f *facts) always() bool {
	for i := range f.in.Entities {
		if alwaysThere(&f.in.Entities[i]) {
			return true
		}
	}
	return false
}
