package extract

import (
	"slices"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/place"
)

// EntitiesConfig says what is looked for.
type EntitiesConfig struct {
	// Regions are the countries that national phone numbers may be of, ISO 3166
	// alpha-2, in order; the first says the currency of amounts in price fields that
	// name none. None: only international numbers are found.
	Regions []string
	// PhonePatterns are regular expressions over whole E.164 numbers that count as valid
	// though their country's numbering plan says otherwise.
	PhonePatterns []string
	// Languages that a text may be in where its own is not known, ISO 639-1: they say
	// which words stand before a place. None: all that are known.
	Languages []string
	// Places are those that are known. Nil: the built-in municipalities.
	Places *place.Index
}

// Entities finds what can be looked up, counted or compared in texts: phone numbers,
// e-mail and web addresses, names at services, prices, stated ages, availability and
// places. It may be used by several goroutines. The same text gives the same entities.
type Entities struct {
	phones    *Phones
	places    *place.Index
	languages []string
	currency  string
}

// NewEntities makes a finder. The error is of code Invalid.
func NewEntities(c EntitiesConfig) (*Entities, error) {
	phones, err := NewPhones(c.Regions, c.PhonePatterns)
	if err != nil {
		return nil, err
	}
	return entitiesWith(phones, c), nil
}

// entitiesWith makes a finder with a finder of phone numbers that is there.
func entitiesWith(phones *Phones, c EntitiesConfig) *Entities {
	e := &Entities{phones: phones, places: c.Places, languages: c.Languages, currency: "EUR"}
	if e.places == nil {
		e.places = place.Load()
	}
	if len(c.Regions) > 0 {
		if code, ok := map[string]string{"GB": "GBP", "US": "USD", "PL": "PLN", "RO": "RON"}[strings.ToUpper(c.Regions[0])]; ok {
			e.currency = code
		}
	}
	return e
}

// Find gives the entities in a text in the order in which they begin, with byte
// offsets into it: Raw is what stands there. Those of one type do not overlap; those
// of different types may ("t.me/name" is a web address and a name at a service). lang
// is the text's language, "" where it is not known. Places are those of now: which
// municipality a village belonged to then is for those who know the day.
func (e *Entities) Find(s, lang string) []zoeklicht.Entity {
	out := e.phones.Find(s)
	h := &hunt{s: s, items: lex(s), words: wordsKnown()}
	collect := func(t zoeklicht.EntityType, look func()) {
		from := len(out)
		h.found = func(x hit) {
			out = append(out, zoeklicht.Entity{
				Type: t, Raw: s[x.start:x.end], Start: x.start, End: x.end, Value: x.value, Obfuscated: x.disguised, Valid: !x.doubtful,
			})
		}
		look()
		out = append(out[:from], apart(out[from:])...)
	}
	var urls []hit
	collect(zoeklicht.Email, h.emails)
	collect(zoeklicht.Link, func() { urls = h.links() })
	collect(zoeklicht.Handle, func() { h.handles(urls) })
	collect(zoeklicht.Price, h.prices)
	collect(zoeklicht.Age, h.ages)
	collect(zoeklicht.Availability, h.availability)
	collect(zoeklicht.PlaceName, func() {
		for _, m := range e.places.Find(s, time.Time{}, e.leads(lang)) {
			h.found(hit{start: m.Start, end: m.End, value: strings.Join(m.Codes, "|")})
		}
	})
	order := func(t zoeklicht.EntityType) int { return slices.Index(zoeklicht.EntityTypes, t) }
	slices.SortStableFunc(out, func(a, b zoeklicht.Entity) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return order(a.Type) - order(b.Type)
	})
	return out
}

// apart puts entities of one type in order and leaves out those that overlap one
// before them.
func apart(all []zoeklicht.Entity) []zoeklicht.Entity {
	slices.SortStableFunc(all, func(a, b zoeklicht.Entity) int { return a.Start - b.Start })
	end := 0
	return slices.DeleteFunc(all, func(x zoeklicht.Entity) bool {
		if x.Start < end {
			return true
		}
		end = x.End
		return false
	})
}

// leads gives which words stand before a place in a language, or in any of those that
// a text may be in.
func (e *Entities) leads(lang string) func(string) bool {
	in := wordsKnown().in
	if set, ok := in[lang]; ok {
		return func(w string) bool { return set[w] }
	}
	return func(w string) bool {
		for l, set := range in {
			if set[w] && (len(e.languages) == 0 || slices.Contains(e.languages, l)) {
				return true
			}
		}
		return false
	}
}

// ofField gives the entities in the value of a field that holds phone numbers, a
// price, an age or a place; none for other fields. Their offsets are 0: they stand in
// no text.
func (e *Entities) ofField(name, value string) (out []zoeklicht.Entity) {
	put := func(t zoeklicht.EntityType, v string) {
		out = append(out, zoeklicht.Entity{Type: t, Raw: value, Value: v, Valid: true})
	}
	switch name {
	case zoeklicht.FieldPhones:
		out = e.phones.Of(value)
	case zoeklicht.FieldPrice:
		if out = e.only(zoeklicht.Price, value); len(out) > 0 {
			break
		}
		if v := price(value); v != "" && v != "0" && len(v) <= len("99999.99") {
			put(zoeklicht.Price, e.currency+" "+v)
		}
	case zoeklicht.FieldAge:
		if v := anyAmount.FindString(value); len(v) == 2 && v >= "12" {
			put(zoeklicht.Age, v)
		}
	case zoeklicht.FieldPlace:
		var codes []string
		for _, m := range e.places.Lookup(value, time.Time{}) {
			codes = append(codes, m.Code)
		}
		if len(codes) > 0 {
			put(zoeklicht.PlaceName, strings.Join(codes, "|"))
		}
	}
	for i := range out {
		out[i].Start, out[i].End = 0, 0
	}
	return out
}

// only gives the entities of one type in a text.
func (e *Entities) only(t zoeklicht.EntityType, s string) []zoeklicht.Entity {
	return slices.DeleteFunc(e.Find(s, ""), func(x zoeklicht.Entity) bool { return x.Type != t })
}

// of finds the entities of a reading: those in its text, and those that only its
// fields have. A price, age or place in a field counts where the text has the same
// value nowhere.
func (e *Entities) of(said, lang string, fields []zoeklicht.FieldValue) []zoeklicht.Entity {
	out := e.Find(said, lang)
	for _, f := range fields {
		for _, x := range e.ofField(f.Name, f.Value) {
			if !slices.ContainsFunc(out, func(y zoeklicht.Entity) bool { return x.Type == y.Type && x.Value == y.Value }) {
				out = append(out, x)
			}
		}
	}
	return out
}
