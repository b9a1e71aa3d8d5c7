package extract

import "strconv"

// The ages that are taken for one, and those that a number of years without more is
// taken for: "10 jaar" may be anything.
const (
	leastAge, mostAge           = 12, 99
	leastPlainAge, mostPlainAge = 16, 70
)

// ages finds ages as stated: "leeftijd: 24", "24 jaar", "24 y/o", "achttien jaar".
func (h *hunt) ages() {
	for i := 0; i < len(h.items); i++ {
		x, next := h.ageBehind(i)
		if next == i {
			x, next = h.ageBefore(i)
		}
		if x.value != "" {
			h.found(x)
		}
		i = max(i, next-1)
	}
}

// ageBehind reads an age behind a word for it at i: "leeftijd: 24". next is the item after
// the last, i where there is no such word.
func (h *hunt) ageBehind(i int) (x hit, next int) {
	name, at := h.unit(i, named("age-before"))
	if name == "" {
		return x, i
	}
	if h.is(at, ":=-.") {
		at++
	}
	age, end := h.years(at, leastAge, mostAge)
	if age == "" || h.at(at).line || h.counted(end) {
		return x, i + 1
	}
	name, after := h.unit(end, named("age-after", "age-word"))
	switch {
	case name != "" && !h.at(end).line:
		end = after
	case h.at(at).kind == word && !h.ends(end):
		return x, i + 1 // "I am twenty steps away"
	}
	return hit{start: h.at(i).start, end: h.at(end - 1).end, value: age}, end
}

// ageBefore reads an age at i before a word for it: "24 jaar oud". next is the item after
// the last, i for none.
func (h *hunt) ageBefore(i int) (x hit, next int) {
	switch it := h.at(i); {
	case it.kind == sign:
		return x, i
	case it.kind == figure && (h.continued(i) || h.is(i-1, "-–/+") && !h.at(i-1).space && h.at(i-2).kind == figure):
		return x, i
	}
	age, at := h.years(i, leastAge, mostAge)
	if age == "" {
		return x, i
	}
	if h.is(at, "-") && !h.at(at).space {
		at++
	}
	name, next := h.unit(at, named("age-after", "age-word"))
	if name == "" || h.at(at).line {
		return x, i
	}
	if name == "age-word" && (age < strconv.Itoa(leastPlainAge) || age > strconv.Itoa(mostPlainAge) || h.lasting(i, next)) {
		return x, i
	}
	return hit{start: h.at(i).start, end: h.at(next - 1).end, value: age}, next
}

// lasting reports whether what stands before item i or from next on says that years
// between are no age: "al 20 jaar", "20 jaar ervaring", "van achttien tot dertig jaar".
func (h *hunt) lasting(i, next int) bool {
	if no, _ := h.unit(next, named("age-not")); no != "" && !h.at(next).line {
		return true
	}
	before := []string{"age-not-before"}
	if h.at(i).kind == word {
		before = append(before, "until", "and")
	}
	no, end := h.unit(i-1, named(before...))
	return no != "" && end == i
}

// years gives the age that the figure at i says, or the words there, and the item after
// it; "" for none.
func (h *hunt) years(i, least, most int) (age string, next int) {
	switch it := h.at(i); it.kind {
	case figure:
		age, next = it.text, i+1
	case word:
		t := tokens{s: h.s, words: h.words}
		if h.words.numbers.next[firstRune(it.text)] == nil || i > 0 && !it.space && h.at(i-1).kind != sign {
			return "", i
		}
		g, end, ok := t.phrase(it.start)
		if next = h.itemFrom(i, end); !ok || h.at(next-1).end != end {
			return "", i
		}
		age = g.digits
	}
	if n, err := strconv.Atoi(age); err != nil || len(age) != 2 || n < least || n > most {
		return "", i
	}
	return age, next
}

// ends reports whether a statement ends before item i: with its line, a sign or an "and".
func (h *hunt) ends(i int) bool {
	if h.at(i).kind == sign || h.at(i).line {
		return true
	}
	name, _ := h.unit(i, named("and"))
	return name != ""
}

// counted reports whether something at i says that the figure before it is no age.
func (h *hunt) counted(i int) bool {
	if h.is(i, "€$£%:/+") || h.is(i, ".,-–") && !h.at(i).space && h.at(i+1).kind == figure && !h.at(i+1).space {
		return true
	}
	name, _ := h.unit(i, named("euro", "pound", "dollar", "zloty", "leu", "minute", "hour", "clock"))
	return name != "" && !h.at(i).line
}
