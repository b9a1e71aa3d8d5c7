package extract

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"zoeklicht"
)

// Phones finds phone numbers, plain and disguised, with a country code (+31, 0031,
// +31 (0)) or in a region's national form. It may be used by several goroutines.
//
// A text is cut into tokens; those that are digits, in figures of any script, in
// words, in letters that look like figures or mixed (digits.go), are put into chains
// by what stands between them (chain.go); stretches of a chain that can be a number
// are put to libphonenumber's tables (judge.go).
type Phones struct {
	regions  []region
	patterns []*regexp.Regexp
}

// CommonRegions are a choice for texts of which nothing is known.
var CommonRegions = []string{"NL", "BE", "DE", "GB", "FR", "US"}

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
		p.regions = append(p.regions, newRegion(name, code))
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
	minWithin    = 9  // of a national number that other digits stand beside
	maxDigits    = 17 // 15, and 00
	lookups      = 4000
	bytesALookup = 8
)

// Find gives the phone numbers in a text, in order and without overlap, with byte
// offsets. Valid says that the tables or a pattern know the number; those that are
// not are written as a number is (like a mobile number of a region, after a call to
// phone, or alone on a line) and have the most likely value. Obfuscated are those in
// words, look-alikes, unusual figures or unusual separators, and those written digit
// by digit.
func (p *Phones) Find(s string) []zoeklicht.Entity {
	f := finder{p: p, s: s, left: lookups + len(s)/bytesALookup, known: map[string]number{}}
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
	if international && !strings.HasPrefix(number, "+") && !strings.HasPrefix(number, "0") {
		number = "+" + number
	}
	out := p.Find(number)
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

// naming is what the text before a chain calls it.
type naming int

const (
	unnamed   naming = iota // nothing, or a phone number
	numbered                // a number of some kind
	otherwise               // a number that is no phone number
)

// called looks at the word before the digits at at.
func called(s string, at int) naming {
	before := strings.ToLower(s[max(0, at-40):at])
	before = strings.TrimRight(before, " :.#=(+\u00a0")
	i := strings.LastIndexFunc(before, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '.' && r != utf8.RuneError
	})
	word := strings.Trim(before[i+1:], ".-")
	switch {
	case wordsKnown().other[word]:
		return otherwise
	case wordsKnown().some[word]:
		return numbered
	}
	return unnamed
}
