package extract

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"zoeklicht"
)

// Phones finds phone numbers in plain forms: digits with separators between
// groups, with a country code (+31, 0031, +31 (0)) or in a region's national form.
// It may be used by several goroutines.
//
// A text is cut into chains of digit groups (chain.go); stretches of a chain that
// can be a number are put to libphonenumber's tables, and the longest that stands
// there, or matches one of the theme's patterns, is taken.
type Phones struct {
	regions  []region
	patterns []*regexp.Regexp
}

type region struct {
	name  string
	code  int
	trunk string // what stands before a national number; "" where nothing does
}

// NewPhones makes a finder for national numbers of the regions, in order of
// preference, and for international ones. Patterns are regular expressions over
// whole E.164 numbers that count as valid whatever the tables say. The error is of
// code Invalid.
func NewPhones(regions, patterns []string) (*Phones, error) {
	p := &Phones{}
	for _, name := range regions {
		name = strings.ToUpper(name)
		code := phonenumbers.GetCountryCodeForRegion(name)
		if code == 0 {
			return nil, zoeklicht.Errorf(zoeklicht.Invalid, "%q is no region that has phone numbers", name).
				With("", "write a country's two letters, as in NL")
		}
		p.regions = append(p.regions, region{name, code, phonenumbers.GetNddPrefixForRegion(name, true)})
	}
	for _, s := range patterns {
		re, err := regexp.Compile(`^(?:` + s + `)$`)
		if err != nil {
			return nil, zoeklicht.Errorf(zoeklicht.Invalid, "pattern of phone numbers %q: %w", s, err).
				With("", "write a regular expression over numbers such as \\+31600012345")
		}
		p.patterns = append(p.patterns, re)
	}
	return p, nil
}

// Bounds: a chain of more digits than maxChain is no number; a text gets so many
// look-ups in the tables, and so many more for each byte.
const (
	minDigits    = 7
	minWithin    = 9  // of a national number that other digits stand before
	maxDigits    = 17 // 15, and 00
	lookups      = 2000
	bytesALookup = 16
)

// Find gives the phone numbers in a text, in order and without overlap, with byte
// offsets. All are valid; those written digit by digit are marked as obfuscated.
func (p *Phones) Find(s string) []zoeklicht.Entity {
	f := finder{p: p, s: s, left: lookups + len(s)/bytesALookup, known: map[string]string{}}
	for c := range chains(s) {
		f.chain(c)
	}
	return f.out
}

// Of gives the phone numbers in the value of a field: text, or a link that calls
// or writes to a number (tel:, sms:, wa.me, whatsapp).
func (p *Phones) Of(value string) []zoeklicht.Entity {
	number, international := linked(value)
	if number == "" {
		return p.Find(value)
	}
	out := p.Find(number)
	if len(out) == 0 && international && !strings.HasPrefix(number, "+") {
		out = p.Find("+" + number)
	}
	for i := range out {
		out[i].Raw = value
	}
	return out
}

// linked gives the number that a link leads to, or "". WhatsApp writes numbers
// with their country code and without a plus.
func linked(value string) (number string, international bool) {
	u, err := url.Parse(strings.TrimSpace(value))
	if err != nil {
		return "", false
	}
	switch strings.ToLower(u.Scheme) {
	case "tel", "sms", "callto":
		number, _, _ = strings.Cut(u.Opaque, ";")
		if un, err := url.PathUnescape(number); err == nil {
			number = un
		}
		return number, false
	case "http", "https", "whatsapp":
		host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
		if host == "wa.me" {
			return strings.Trim(u.Path, "/"), true
		}
		if host == "api.whatsapp.com" || host == "web.whatsapp.com" || u.Scheme == "whatsapp" {
			return strings.TrimSpace(u.Query().Get("phone")), true
		}
	}
	return "", false
}

// finder goes through one text.
type finder struct {
	p     *Phones
	s     string
	left  int               // look-ups
	known map[string]string // digits → E.164 or ""
	out   []zoeklicht.Entity
}

// chain takes the numbers out of a chain, each time the longest at the earliest
// group.
func (f *finder) chain(c chain) {
	groups := c.groups
	for i := 0; i < len(groups); {
		end, value := f.longest(c, i)
		if value == "" {
			i++
			continue
		}
		g := groups[i:end]
		e := zoeklicht.Entity{
			Type: zoeklicht.Phone, Start: g[0].start, End: g[len(g)-1].end, Value: value, Valid: true,
			Obfuscated: len(g) >= minDigits || c.strange,
		}
		if raw := f.s[e.Start:e.End]; raw[0] == '(' && strings.Count(raw, "(") > strings.Count(raw, ")") {
			e.Start++ // the bracket encloses more than the number
		}
		e.Raw = f.s[e.Start:e.End]
		f.out = append(f.out, e)
		i = end
	}
}

// longest gives the longest number that begins with group i, and the group after
// its last.
func (f *finder) longest(c chain, i int) (end int, value string) {
	first := c.groups[i]
	digits := ""
	for j := i; j < len(c.groups); j++ {
		g := c.groups[j]
		if g.other || j > i && g.plus || value != "" && g.unit {
			break
		}
		// "+31 (0)6": the zero is for those who call from within the country.
		if g.paren && g.digits == "0" && j > i && (first.plus || strings.HasPrefix(digits, "00")) {
			continue
		}
		if digits += g.digits; len(digits) > maxDigits {
			break
		}
		if len(digits) < minDigits || i > 0 && !first.plus && len(digits) < minWithin {
			continue
		}
		if v := f.lookup(digits, first.plus, c.named); v != "" {
			end, value = j+1, v
		}
	}
	return end, value
}

// lookup gives the E.164 form of digits that are a number, or "".
func (f *finder) lookup(digits string, plus bool, called naming) string {
	key := digits
	switch {
	case plus:
		key = "+" + digits
	case strings.HasPrefix(digits, "00") && len(digits) > 2 && digits[2] != '0':
		key = "+" + digits[2:]
	case called == otherwise, called == numbered && digits[0] != '0':
		return ""
	}
	if v, ok := f.known[key]; ok {
		return v
	}
	if f.left <= 0 {
		return ""
	}
	var v string
	if key[0] == '+' {
		v = f.international(key)
	} else {
		v = f.national(key)
	}
	f.known[key] = v
	return v
}

func (f *finder) international(number string) string {
	f.left--
	n, err := phonenumbers.Parse(number, "ZZ")
	if err != nil {
		return ""
	}
	return f.accept(n, "")
}

func (f *finder) national(digits string) string {
	for _, r := range f.p.regions {
		number := digits
		if r.trunk == "0" && digits[0] != '0' {
			// Without the zero, any number would be one: only with the country's code,
			// where people leave out the plus.
			if len(digits) < 10 || !strings.HasPrefix(digits, strconv.Itoa(r.code)) {
				continue
			}
			number = "+" + digits
		}
		if f.left--; f.left < 0 {
			return ""
		}
		n, err := phonenumbers.Parse(number, r.name)
		if err != nil || int(n.GetCountryCode()) != r.code {
			continue
		}
		if v := f.accept(n, r.name); v != "" {
			return v
		}
	}
	return ""
}

// accept gives the E.164 form of a number that is in the tables, for the region
// where one is given, or that matches a pattern.
func (f *finder) accept(n *phonenumbers.PhoneNumber, region string) string {
	v := phonenumbers.Format(n, phonenumbers.E164)
	if len(v) > 1+15 { // longer than the standard has them, though the tables do
		return ""
	}
	for _, re := range f.p.patterns {
		if re.MatchString(v) {
			return v
		}
	}
	if region == "" && phonenumbers.IsValidNumber(n) || region != "" && phonenumbers.IsValidNumberForRegion(n, region) {
		return v
	}
	return ""
}

// naming is what the text before a chain calls it.
type naming int

const (
	unnamed   naming = iota // nothing, or a phone number
	numbered                // a number of some kind
	otherwise               // a number that is no phone number
)

// otherNames are what numbers are called that are no phone numbers, and
// anyNumber those that may be. They stand right before the digits.
var (
	otherNames = []string{
		"kvk", "k.v.k", "btw", "vat", "ust-id", "iban", "bic", "isbn", "isbn-10", "isbn-13", "ean", "issn", "bsn",
		"ref", "referentie", "reference", "referenz", "kenmerk", "advertentienummer", "advertentienr", "anzeigennummer",
		"ordernummer", "klantnummer", "bestelnummer", "factuurnummer", "rekening", "rekeningnummer", "lot", "versie",
		"version", "gps", "bitcoin", "btc", "postcode", "plz",
	}
	anyNumber = []string{"nr", "no", "nummer", "number", "id"}
)

// named looks at the word before the digits at at.
func named(s string, at int) naming {
	before := strings.ToLower(s[max(0, at-40):at])
	before = strings.TrimRight(before, " :.#=(+\u00a0")
	i := strings.LastIndexFunc(before, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '.' && r != utf8.RuneError
	})
	word := strings.Trim(before[i+1:], ".-")
	switch {
	case slices.Contains(otherNames, word):
		return otherwise
	case slices.Contains(anyNumber, word):
		return numbered
	}
	return unnamed
}
