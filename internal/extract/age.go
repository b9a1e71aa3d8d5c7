package extract

import "strconv"

// The ages that are taken for one, and those that a number of years without more is
// taken for: "10 jaar" may be anything.
const (
	leastAge, mostAge           = 12, 99
	leastPlainAge, mostPlainAge = 16, 70
)

// ages finds ages as stated: "leeftijd: 24", "24 jaar", "24 y/o".
func (h *hunt) ages() {
	for i := 0; i < len(h.items); i++ {
		if name, next := h.unit(i, named("age-before")); name != "" {
			if h.is(next, ":=-.") {
				next++
			}
			if age := h.years(next, leastAge, mostAge); age != "" && !h.at(next).line && !h.counted(next+1) {
				end := next + 1
				if name, after := h.unit(end, named("age-after", "age-word")); name != "" && !h.at(end).line {
					end = after
				}
				h.found(hit{start: h.at(i).start, end: h.at(end - 1).end, value: age})
				i = end - 1
			}
			continue
		}
		if h.at(i).kind != figure || h.continued(i) || h.is(i-1, "-–/+") && !h.at(i-1).space && h.at(i-2).kind == figure {
			continue
		}
		at := i + 1
		if h.is(at, "-") && !h.at(at).space {
			at++
		}
		name, next := h.unit(at, named("age-after", "age-word"))
		if name == "" || h.at(at).line {
			continue
		}
		least, most := leastAge, mostAge
		if name == "age-word" {
			least, most = leastPlainAge, mostPlainAge
			if no, _ := h.unit(next, named("age-not")); no != "" && !h.at(next).line {
				continue
			}
			if no, end := h.unit(i-1, named("age-not-before")); no != "" && end == i {
				continue
			}
		}
		if age := h.years(i, least, most); age != "" {
			h.found(hit{start: h.at(i).start, end: h.at(next - 1).end, value: age})
			i = next - 1
		}
	}
}

// years gives the age that the figure at i says, or "".
func (h *hunt) years(i, least, most int) string {
	it := h.at(i)
	if it.kind != figure || len(it.text) != 2 {
		return ""
	}
	if n, err := strconv.Atoi(it.text); err != nil || n < least || n > most {
		return ""
	}
	return it.text
}

// counted reports whether something at i says that the figure before it is no age.
func (h *hunt) counted(i int) bool {
	if h.is(i, "€$£%:/+") || h.is(i, ".,-–") && !h.at(i).space && h.at(i+1).kind == figure && !h.at(i+1).space {
		return true
	}
	name, _ := h.unit(i, named("euro", "pound", "dollar", "zloty", "leu", "minute", "hour", "clock"))
	return name != "" && !h.at(i).line
}
