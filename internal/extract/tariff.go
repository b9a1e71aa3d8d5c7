package extract

import (
	"strconv"
	"strings"
)

// span is a length of time in a text: items from to next.
type span struct {
	from, next int
	minutes    int
	used       bool
}

// longestSpan is how many minutes a price can be for; more is "24 uur bereikbaar".
const longestSpan = 12 * 60

// prices finds amounts with their currency and what they are for: "150 euro per uur",
// "€ 100 / 30 min", "1h 150€". A length of time that stands right before an amount is
// its own, else the one right behind it, or behind a word for "per".
func (h *hunt) prices() {
	var last span
	for i := 0; i < len(h.items); {
		if d, ok := h.span(i); ok && (h.at(i).kind != figure || h.currencyBefore(i) == i) {
			last, i = d, d.next
			continue
		}
		if h.at(i).kind != figure || h.continued(i) {
			i++
			continue
		}
		p, ok := h.price(i)
		if !ok {
			i++
			continue
		}
		if before := h.link(p.from, -1); !last.used && last.next > 0 && last.next == before && !h.at(p.from).line {
			p.from, p.minutes, last.used = last.from, last.minutes, true
		} else if d, ok := h.after(p.next); ok {
			p.next, p.minutes = d.next, d.minutes
		}
		h.found(p.hit(h))
		i = p.next
	}
}

// tariff is an amount in a currency: items from to next.
type tariff struct {
	span
	currency, whole, cents string
}

func (p *tariff) hit(h *hunt) hit {
	value := p.currency + " " + p.whole
	if p.cents != "" && p.cents != "00" {
		value += "." + p.cents
	}
	if p.minutes > 0 {
		value += "/" + strconv.Itoa(p.minutes) + "min"
	}
	return hit{start: h.at(p.from).start, end: h.at(p.next - 1).end, value: value, doubtful: p.whole == "0" && p.cents == "" || len(p.whole) > 5}
}

// continued reports whether the figure at i is the end of a number that began before.
func (h *hunt) continued(i int) bool {
	return h.is(i-1, ".,:") && !h.at(i).space && !h.at(i-1).space && h.at(i-2).kind == figure
}

// price reads the amount at i with the currency before or behind it.
func (h *hunt) price(i int) (p tariff, ok bool) {
	p.from, p.whole = i, h.at(i).text
	p.next = i + 1
	for h.is(p.next, ".,") && !h.at(p.next).space && h.at(p.next+1).kind == figure && !h.at(p.next+1).space {
		part := h.at(p.next + 1).text
		if len(part) == 3 && p.cents == "" {
			p.whole += part
		} else if len(part) <= 2 && p.cents == "" {
			p.cents = (part + "0")[:2]
		} else {
			return p, false
		}
		p.next += 2
	}
	if p.whole = strings.TrimLeft(p.whole, "0"); p.whole == "" {
		p.whole = "0"
	}
	dashes := p.next
	if h.is(dashes, ".,") && h.is(dashes+1, "-–—") && !h.at(dashes).space && !h.at(dashes+1).space {
		for dashes++; h.is(dashes, "-–—") && !h.at(dashes).space; dashes++ {
		}
		p.currency, p.next = "EUR", dashes
	}
	if before := h.currencyBefore(i); before < i {
		if p.from, p.currency = before, currencyMarks[h.at(before).text]; p.currency == "" {
			p.currency = h.currency(before)
		}
		return p, true
	}
	if c, next := h.currencyAt(p.next); c != "" && !h.at(p.next).line {
		p.currency, p.next = c, next
	}
	return p, p.currency != ""
}

var currencyNames = map[string]string{"euro": "EUR", "pound": "GBP", "dollar": "USD", "zloty": "PLN", "leu": "RON"}

var currencyMarks = map[string]string{"€": "EUR", "£": "GBP", "$": "USD"}

// currencyAt reads the currency at i.
func (h *hunt) currencyAt(i int) (code string, next int) {
	if it := h.at(i); it.kind == sign {
		if c := currencyMarks[it.text]; c != "" && !(it.space && h.at(i+1).kind == figure && !h.at(i+1).space) {
			return c, i + 1
		}
		return "", i
	}
	name, next := h.unit(i, named("euro", "pound", "dollar", "zloty", "leu"))
	return currencyNames[name], next
}

func (h *hunt) currency(i int) string {
	c, _ := h.currencyAt(i)
	return c
}

// currencyBefore gives the item of the currency right before the amount at i, or i. A
// currency that another amount stands before belongs to that.
func (h *hunt) currencyBefore(i int) int {
	if h.at(i).line {
		return i
	}
	if h.at(i-1).kind == sign {
		if currencyMarks[h.at(i-1).text] == "" || h.at(i-2).kind == figure && !h.at(i-1).space {
			return i // "50€ 60"
		}
		return i - 1
	}
	if h.currency(i-1) == "" || !h.at(i).space && h.at(i-1).text != "eur" {
		return i // "Euro2024"
	}
	if h.at(i-1).kind == word && h.at(i-2).kind == figure && !h.at(i-1).line {
		return i
	}
	return i - 1
}

// link skips at most two signs that join a length of time and an amount, and words for
// "per" or "for", before item i (by is -1) or from it on (by is 1).
func (h *hunt) link(i, by int) int {
	n := 0
	for at := i; ; n++ {
		it := h.at(at + min(by, 0))
		if n > 2 || it.line && by > 0 || it.start < 0 || !h.is(at+min(by, 0), ":=-–—|/()•~>→*") && !h.per(at+min(by, 0)) {
			return at
		}
		at += by
		if it.line {
			return at
		}
	}
}

func (h *hunt) per(i int) bool {
	name, next := h.unit(i, named("per", "one"))
	return name != "" && next == i+1
}

// after reads the length of time behind an amount.
func (h *hunt) after(i int) (d span, ok bool) {
	at := h.link(i, 1)
	if h.at(at).line {
		return d, false
	}
	if d, ok = h.span(at); ok {
		// "80 euro 60 min 120 euro": the next amount has it.
		return d, true
	}
	// "per uur", "/u", "an hour": the number is left out.
	name, next := h.unit(at, named("hour", "minute"))
	if name == "" || at == i && (name != "hour" || h.at(at).text == "u") { // "80 euro u kunt bellen"
		return d, false
	}
	return span{from: at, next: next, minutes: map[string]int{"hour": 60, "minute": 1}[name]}, true
}

var spans = map[string]int{"half-hour": 30, "quarter": 15, "quarters-3": 45, "hour-and-half": 90}

// span reads a length of time at i: "30 min", "1,5 uur", "1h30", "een half uur".
func (h *hunt) span(i int) (d span, ok bool) {
	d.from = i
	at := i
	if name, next := h.unit(i, named("one")); name != "" {
		if unit, end := h.unit(next, named("hour", "half-hour", "quarter")); unit != "" && !h.at(next).line {
			d.next, d.minutes = end, max(60*b2i(unit == "hour"), spans[unit])
			return d, true
		}
	}
	if name, next := h.unit(i, named("half-hour", "quarter", "quarters-3", "hour-and-half")); name != "" {
		d.next, d.minutes = next, spans[name]
		return d, true
	}
	if h.at(i).kind != figure || len(h.at(i).text) > 3 || h.continued(i) {
		return d, false
	}
	n, _ := strconv.ParseFloat(h.at(i).text, 64)
	at++
	switch {
	case h.is(at, ".,") && !h.at(at).space && h.at(at+1).kind == figure && !h.at(at+1).space && len(h.at(at+1).text) <= 2:
		if n, _ = strconv.ParseFloat(h.at(i).text+"."+h.at(at+1).text, 64); n > 24 {
			return d, false
		}
		at += 2
	case h.is(at, "½"):
		n, at = n+0.5, at+1
	}
	name, next := h.unit(at, named("hour", "minute"))
	if name == "" || h.at(at).line {
		return d, false
	}
	d.next = next
	if name == "minute" {
		d.minutes = int(n)
	} else {
		d.minutes = int(n*60 + 0.5)
		if m := h.at(next); m.kind == figure && !m.space && len(m.text) == 2 && m.text < "60" { // "1u30"
			extra, _ := strconv.Atoi(m.text)
			d.minutes, d.next = d.minutes+extra, next+1
			if name, end := h.unit(d.next, named("minute")); name != "" {
				d.next = end
			}
		}
	}
	return d, d.minutes > 0 && d.minutes <= longestSpan
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
