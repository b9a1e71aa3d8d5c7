package extract

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// transformFunc makes other values of a field's values. What it can make nothing of
// it leaves out.
type transformFunc func(d *document, in []value) []value

// value is one value of a field with where it stood.
type value struct {
	text, from string
}

// parseTransform reads one line of a recipe's "do".
func parseTransform(s string) (transformFunc, error) {
	name, arg, has := strings.Cut(s, ":")
	name = strings.TrimSpace(name)
	want := func(f transformFunc, argument bool) (transformFunc, error) {
		if argument != has {
			if has {
				return nil, fmt.Errorf("transform %q takes nothing after it", name)
			}
			return nil, fmt.Errorf("transform %q needs something after a colon", name)
		}
		return f, nil
	}
	switch name {
	case "trim":
		return want(each(strings.TrimSpace), false)
	case "text":
		return want(each(trimLines), false)
	case "html":
		return want(each(func(s string) string { return layout(parse(s)) }), false)
	case "lower":
		return want(each(strings.ToLower), false)
	case "price":
		return want(each(price), false)
	case "url":
		return want(func(d *document, in []value) []value { return each(d.resolve)(d, in) }, false)
	case "join":
		return want(join(unescape(arg)), true)
	case "split":
		return want(split(unescape(arg)), true)
	case "date":
		if !strings.Contains(arg, "06") {
			return nil, fmt.Errorf("date layout %q has no year: write it as 2 January 2006 would stand on the page", arg)
		}
		return want(each(date(arg)), true)
	case "regexp":
		re, err := regexp.Compile(arg)
		if err != nil || !has {
			return nil, errors.Join(errors.New("regexp"), err)
		}
		return each(func(s string) string {
			m := re.FindStringSubmatch(s)
			if m == nil {
				return ""
			}
			return m[min(1, len(m)-1)]
		}), nil
	case "replace":
		from, to, ok := strings.Cut(arg, "=>")
		re, err := regexp.Compile(from)
		if err != nil || !ok {
			return nil, errors.Join(errors.New("replace needs <regular expression>=><replacement>"), err)
		}
		to = unescape(to)
		return each(func(s string) string { return re.ReplaceAllString(s, to) }), nil
	}
	return nil, fmt.Errorf("unknown transform %q; there are trim, text, html, lower, price, date, url, regexp, join, split, replace", name)
}

// unescape lets \n and \t be written in an argument.
func unescape(s string) string {
	return strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\\`, `\`).Replace(s)
}

func each(f func(string) string) transformFunc {
	return func(_ *document, in []value) []value {
		out := in[:0:0]
		for _, v := range in {
			if v.text = f(v.text); v.text != "" {
				out = append(out, v)
			}
		}
		return out
	}
}

func join(sep string) transformFunc {
	return func(_ *document, in []value) []value {
		if len(in) < 2 {
			return in
		}
		texts := make([]string, len(in))
		for i, v := range in {
			texts[i] = v.text
		}
		return []value{{strings.Join(texts, sep), in[0].from}}
	}
}

func split(sep string) transformFunc {
	return func(_ *document, in []value) []value {
		var out []value
		for _, v := range in {
			for part := range strings.SplitSeq(v.text, sep) {
				if part = strings.TrimSpace(part); part != "" && len(out) < maxValues {
					out = append(out, value{part, v.from})
				}
			}
		}
		return out
	}
}

// trimLines folds white space within lines and keeps the lines but empty ones.
func trimLines(s string) string {
	var w lines
	w.verbatim(strings.ReplaceAll(s, "\r\n", "\n"))
	return w.String()
}

const currencySigns = `[€$£]|\b(?:eur|euro|usd|gbp|pln|ron|zł|lei)\b`

var (
	amount = `\d{1,3}(?:[.,' \x{a0}\x{202f}’]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?`
	// An amount beside a currency is a price before any other number is.
	priced    = regexp.MustCompile(`(?i)(?:` + currencySigns + `)\s*(` + amount + `)|(` + amount + `)(?:,-{1,2})?\s*(?:` + currencySigns + `|zł)`)
	anyAmount = regexp.MustCompile(amount)
)

// price gives the amount in s: digits, and two after a point where there are
// cents. The currency stays behind. It is the amount beside a currency, or else
// the first number; "" where there is none.
func price(s string) string {
	var found string
	if m := priced.FindStringSubmatch(s); m != nil {
		found = m[1] + m[2]
	} else {
		found = anyAmount.FindString(s)
	}
	if found == "" {
		return ""
	}
	whole, cents := found, ""
	if i := strings.LastIndexAny(found, ".,"); i >= 0 && len(found)-i-1 <= 2 {
		whole, cents = found[:i], found[i+1:]
	}
	whole = strings.TrimLeft(strings.Map(digitsOnly, whole), "0")
	if whole == "" {
		whole = "0"
	}
	if cents = strings.TrimRight(cents, "0"); cents == "" {
		return whole
	}
	return whole + "." + (cents + "0")[:2]
}

func digitsOnly(r rune) rune {
	if r >= '0' && r <= '9' {
		return r
	}
	return -1
}

// date reads a date by a layout of package time and gives it as 2006-01-02, or as
// 2006-01-02T15:04:05 where the layout has an hour; the time zone that the layout
// may have is kept. Names of months may be in any of the languages known.
func date(layout string) func(string) string {
	named := strings.Contains(layout, "Jan")
	out := "2006-01-02"
	if strings.Contains(layout, "15") || strings.Contains(layout, "03") || strings.Contains(layout, "3:") {
		out = "2006-01-02T15:04:05"
		if strings.Contains(layout, "Z07") || strings.Contains(layout, "-07") || strings.Contains(layout, "MST") {
			out += "Z07:00"
		}
	}
	return func(s string) string {
		s = words(s)
		if named {
			s = englishMonths(s, strings.Contains(layout, "January"))
		}
		t, err := time.Parse(layout, s)
		if err != nil {
			return ""
		}
		return t.Format(out)
	}
}

// months are the names of the months in the languages known, with the genitives
// that dates are written in. The first three letters decide where they can.
var months = [12][]string{
	{"january", "januari", "januar", "jänner", "janvier", "enero", "stycznia", "styczeń", "ianuarie", "jan", "janv", "ene", "sty", "ian"},
	{"february", "februari", "februar", "février", "febrero", "lutego", "luty", "februarie", "feb", "févr", "fév", "lut"},
	{"march", "maart", "märz", "mars", "marzo", "marca", "marzec", "martie", "mar", "mrt", "mär"},
	{"april", "avril", "abril", "kwietnia", "kwiecień", "aprilie", "apr", "avr", "abr", "kwi"},
	{"may", "mei", "mai", "mayo", "maja", "maj"},
	{"june", "juni", "juin", "junio", "czerwca", "czerwiec", "iunie", "jun", "cze", "iun"},
	{"july", "juli", "juillet", "julio", "lipca", "lipiec", "iulie", "jul", "juil", "lip", "iul"},
	{"august", "augustus", "août", "agosto", "sierpnia", "sierpień", "aug", "ago", "sie"},
	{"september", "septembre", "septiembre", "września", "wrzesień", "septembrie", "sep", "sept", "wrz"},
	{"october", "oktober", "octobre", "octubre", "października", "październik", "octombrie", "oct", "okt", "paź"},
	{"november", "novembre", "noviembre", "listopada", "listopad", "noiembrie", "nov", "lis", "noi"},
	{"december", "dezember", "décembre", "diciembre", "grudnia", "grudzień", "decembrie", "dec", "dez", "déc", "dic", "gru"},
}

// englishMonths writes the first name of a month in s as package time wants it.
func englishMonths(s string, long bool) string {
	fields := strings.Fields(s)
	for i, f := range fields {
		name := strings.ToLower(strings.Trim(f, ".,"))
		for m, names := range months {
			for _, n := range names {
				if n != name {
					continue
				}
				english := time.Month(m + 1).String()
				if !long {
					english = english[:3]
				}
				tail := ""
				if strings.HasSuffix(f, ",") {
					tail = ","
				}
				fields[i] = english + tail
				return strings.Join(fields, " ")
			}
		}
	}
	return s
}
