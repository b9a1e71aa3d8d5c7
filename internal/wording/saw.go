package wording

import (
	"strconv"
	"strings"

	"zoeklicht"
)

// Saw words what an indicator's condition looked at, one sentence for each thing: the
// trace that package assess writes, "beside.cities = 15 >= 3, phones = 1". What it does
// not know comes out as it stands.
func (w W) Saw(trace string) []string {
	var out []string
	for _, part := range tracePieces(trace) {
		name, rest, ok := strings.Cut(part, " = ")
		what := w.sawWhat(name)
		if !ok || what == "" {
			out = append(out, part)
			continue
		}
		value, wanted := rest, ""
		for _, c := range comparisons {
			v, number, found := strings.Cut(rest, " "+c.sign+" ")
			if found {
				value, wanted = v, " ("+w.fill(w.pick(c.text), []any{w.sawValue(number)})+")"
				break
			}
		}
		out = append(out, what+": "+w.sawValue(value)+wanted)
	}
	return out
}

// comparisons are the signs of a trace; of those that begin alike the longer is first.
var comparisons = []struct {
	sign string
	text pair
}{
	{">=", pair{"gevraagd: ten minste %s", "wanted: at least %s"}},
	{"<=", pair{"gevraagd: ten hoogste %s", "wanted: at most %s"}},
	{">", pair{"gevraagd: meer dan %s", "wanted: more than %s"}},
	{"<", pair{"gevraagd: minder dan %s", "wanted: less than %s"}},
}

// tracePieces cuts a trace at its commas, but for those in a list.
func tracePieces(trace string) (out []string) {
	depth, from := 0, 0
	for i, c := range trace {
		switch {
		case c == '[':
			depth++
		case c == ']':
			depth = max(depth-1, 0)
		case c == ',' && depth == 0:
			out = append(out, strings.TrimSpace(trace[from:i]))
			from = i + 1
		}
	}
	if last := strings.TrimSpace(trace[from:]); last != "" {
		out = append(out, last)
	}
	return out
}

// sawWhat names a variable of conditions; empty where there is none of that name.
func (w W) sawWhat(name string) string {
	if lexicon, ok := strings.CutPrefix(name, "words."); ok {
		return w.fill(w.pick(sawLexicon), []any{strings.ReplaceAll(lexicon, "_", " ")})
	}
	p, ok := sawNames[name]
	if !ok {
		return ""
	}
	return strings.ReplaceAll(w.pick(p), "{days}", strconv.Itoa(zoeklicht.BesideDays))
}

// sawValue writes a value as a reader does: numbers in the language's way, a list with
// its parts, yes for true, none for an empty list.
func (w W) sawValue(v string) string {
	if p, ok := sawWords[v]; ok {
		return w.pick(p)
	}
	if list, ok := strings.CutPrefix(v, "["); ok {
		parts := strings.Split(strings.TrimSuffix(list, "]"), ", ")
		for i, p := range parts {
			parts[i] = w.sawValue(p)
		}
		return strings.Join(parts, "; ")
	}
	if f, err := strconv.ParseFloat(v, 64); err == nil {
		return w.Points(f)
	}
	return v
}

// sawNames are what conditions look at, but for the words of lexicons.
var sawNames = map[string]pair{
	"phones":       {"verschillende telefoonnummers in de tekst", "different phone numbers in the text"},
	"disguised":    {"telefoonnummers die verhuld zijn geschreven", "phone numbers written in disguise"},
	"emails":       {"verschillende e-mailadressen in de tekst", "different e-mail addresses in the text"},
	"handles":      {"verschillende accounts in de tekst", "different handles in the text"},
	"links":        {"verschillende webadressen in de tekst", "different web addresses in the text"},
	"places":       {"verschillende plaatsen in de tekst", "different places in the text"},
	"ages":         {"vermelde leeftijden", "stated ages"},
	"prices":       {"vermelde prijzen, in euro per uur", "stated prices, in euros an hour"},
	"price.hour":   {"prijs van deze advertentie, in euro per uur", "price of this advert, in euros an hour"},
	"price.median": {"gebruikelijke prijs hier, in euro per uur", "usual price here, in euros an hour"},
	"always":       {"op elk uur bereikbaar, naar eigen zeggen", "available at every hour, as stated"},
	"length":       {"tekens in titel en tekst", "characters of title and text"},

	"beside.adverts": {"advertenties met hetzelfde nummer in {days} dagen", "adverts with the same number in {days} days"},
	"beside.sources": {"bronnen in {days} dagen, bij hetzelfde nummer of dezelfde advertentie", "sources in {days} days, of the same number or advert"},
	"beside.cities":  {"gemeenten in {days} dagen, bij hetzelfde nummer of dezelfde advertentie", "municipalities in {days} days, of the same number or advert"},
	"beside.names":   {"vermelde namen in {days} dagen, bij hetzelfde nummer of dezelfde advertentie", "stated names in {days} days, of the same number or advert"},
	"beside.ages":    {"vermelde leeftijden in {days} dagen, bij hetzelfde nummer of dezelfde advertentie", "stated ages in {days} days, of the same number or advert"},

	"beside.versions":          {"versies van deze advertentie", "versions of this advert"},
	"beside.text_elsewhere":    {"advertenties met dezelfde tekst onder een ander nummer", "adverts with the same text under another number"},
	"beside.picture_elsewhere": {"advertenties met een zelfde afbeelding onder een ander nummer", "adverts with a same picture under another number"},
}

// What a trace says beside them.
var (
	sawLexicon = pair{"woorden uit de woordenlijst “%s”", "words of the lexicon “%s”"}
	sawWords   = map[string]pair{"true": {"ja", "yes"}, "false": {"nee", "no"}, "[]": {"geen", "none"}}
)
