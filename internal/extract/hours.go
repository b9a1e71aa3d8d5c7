package extract

import (
	"fmt"
	"strconv"
	"strings"
)

// dayNames are the days in values.
var dayNames = []string{"mo", "tu", "we", "th", "fr", "sa", "su"}

// availability finds when somebody can be reached: "24/7", "ma-vr 10-22 uur", "elke
// dag", "10:00 - 22:00".
func (h *hunt) availability() {
	for i := 0; i < len(h.items); {
		if next := h.always(i); next > i {
			h.found(hit{start: h.at(i).start, end: h.at(next - 1).end, value: "24/7"})
			i = next
			continue
		}
		days, next, whole := h.days(i)
		if days != "" {
			at := next
			if h.is(at, ":,(|") {
				at++
			}
			if name, after := h.unit(at, named("open", "from")); name != "" && !h.at(at).line {
				at = after
			}
			if hours, end, _ := h.hours(at); hours != "" && !h.at(at).line {
				h.found(hit{start: h.at(i).start, end: h.at(end - 1).end, value: days + " " + hours})
				i = end
				continue
			}
			if whole {
				h.found(hit{start: h.at(i).start, end: h.at(next - 1).end, value: days})
			}
			i = next
			continue
		}
		if hours, next, sure := h.hours(i); hours != "" && sure {
			h.found(hit{start: h.at(i).start, end: h.at(next - 1).end, value: hours})
			i = next
			continue
		}
		i++
	}
}

// always reads "24/7" and its like at i, and gives the item after it.
func (h *hunt) always(i int) int {
	if h.at(i).text == "24" && h.at(i+2).text == "7" && (h.is(i+1, "/x×-") || h.at(i+1).text == "x") &&
		!h.is(i-1, "-/.") && !(h.is(i+3, "-/.") && h.at(i+4).kind == figure) && h.at(i+3).kind != figure {
		return i + 3
	}
	if name, next := h.unit(i, named("always")); name != "" {
		return next
	}
	return i
}

// days reads days at i. whole is false for days that say when somebody is there only
// with hours behind them.
func (h *hunt) days(i int) (value string, next int, whole bool) {
	switch name, next := h.unit(i, named("days-")); name {
	case "days-all":
		return "mo-su", next, true
	case "days-week":
		return "mo-fr", next, false
	case "days-weekend":
		return "sa-su", next, false
	}
	first, next := h.day(i)
	if first < 0 {
		return "", i, false
	}
	value = dayNames[first]
	at := next
	if h.is(at, ".") && !h.at(at).space { // "ma."
		at++
	}
	if h.is(at, "-–—") {
		if last, after := h.day(at + 1); last >= 0 {
			return value + "-" + dayNames[last], after, true
		}
	}
	if name, after := h.unit(at, named("until")); name != "" {
		if last, after := h.day(after); last >= 0 {
			return value + "-" + dayNames[last], after, true
		}
	}
	days := []string{value}
	for len(days) < 7 {
		after := at
		if h.is(at, ",/&+") {
			after = at + 1
		}
		if name, end := h.unit(after, named("and")); name != "" {
			after = end
		}
		d, end := h.day(after)
		if after == at || d < 0 {
			break
		}
		days = append(days, dayNames[d])
		at, next = end, end
	}
	return strings.Join(days, ","), next, false
}

// day reads the name of a day at i: 0 for Monday, -1 for none.
func (h *hunt) day(i int) (n, next int) {
	name, next := h.unit(i, named("day "))
	if name == "" {
		return -1, i
	}
	return int(name[len("day ")] - '1'), next
}

// hours reads opening hours at i. sure is false for two bare numbers, which are hours
// only behind a day.
func (h *hunt) hours(i int) (value string, next int, sure bool) {
	from, at, fromSure := h.clock(i)
	if from < 0 || h.is(i-1, "-–—./:") && !h.at(i).space && h.at(i-2).kind == figure || h.currencyBefore(i) < i {
		return "", i, false
	}
	switch name, after := h.unit(at, named("until", "and")); {
	case h.at(at).line:
		return "", i, false
	case name == "until", name == "and" && h.opened(i):
		at = after
	case h.is(at, "-–—~"):
		at++
	default:
		return "", i, false
	}
	until, next, untilSure := h.clock(at)
	if until < 0 || h.at(at).line || until == from {
		return "", i, false
	}
	if h.is(next, "-–—/.:") && !h.at(next).space && h.at(next+1).kind == figure && !h.at(next+1).space || h.is(next, "%€$£") || h.currency(next) != "" {
		return "", i, false
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", from/60, from%60, until/60, until%60), next, untilSure && (fromSure || h.opened(i) || h.at(next-1).kind == word)
}

// opened reports whether a word such as "open" or "from" stands before i.
func (h *hunt) opened(i int) bool {
	name, next := h.unit(i-1, named("open", "from"))
	return name != "" && next == i
}

// clock reads a time of day at i, in minutes; -1 for none. sure says that it can be
// nothing else.
func (h *hunt) clock(i int) (minutes, next int, sure bool) {
	it := h.at(i)
	if it.kind != figure || len(it.text) > 2 {
		return -1, i, false
	}
	hour, _ := strconv.Atoi(it.text)
	minute, next := 0, i+1
	if m := h.at(i + 2); (h.is(i+1, ":.") || h.at(i+1).text == "u" || h.at(i+1).text == "h") && !h.at(i+1).space && m.kind == figure && !m.space && len(m.text) == 2 {
		minute, _ = strconv.Atoi(m.text)
		next, sure = i+3, true
	}
	switch name, after := h.unit(next, named("forenoon", "afternoon", "clock", "hour")); name {
	case "forenoon":
		hour, next, sure = hour%12, after, hour <= 12
	case "afternoon":
		hour, next, sure = hour%12+12, after, hour <= 12
	case "clock", "hour":
		next, sure = after, true
	}
	if hour > 24 || minute > 59 || hour == 24 && minute > 0 {
		return -1, i, false
	}
	return hour*60 + minute, next, sure
}
