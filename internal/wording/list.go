package wording

// The look-up of a list of numbers.
var listTexts = map[Key]pair{
	"list.title":        {"Lijst met nummers", "List of numbers"},
	"list.link":         {"Een lijst met nummers", "A list of numbers"},
	"list.explain":      {"Plak de nummers, één op elke regel. U krijgt per regel te zien of het nummer bekend is. De lijst komt niet in een adres te staan en wordt niet bewaard; de vraag wordt wel vastgelegd.", "Paste the numbers, one on each line. For each line you see whether the number is known. The list stands in no address and is not kept; that you asked is logged."},
	"list.label":        {"Nummers, één per regel", "Numbers, one per line"},
	"list.help":         {"Hoogstens 1.000 regels. Elke schrijfwijze mag; lege regels tellen niet.", "At most 1,000 lines. Any spelling will do; empty lines do not count."},
	"list.purpose-help": {"Eén doel voor de hele lijst; het komt in de logging.", "One purpose for the whole list; it is logged."},
	"list.do":           {"Zoek alles op", "Look all of them up"},
	"list.another":      {"Nog een lijst", "Another list"},
	"list.csv":          {"Download als CSV", "Download as CSV"},
	"list.nothing":      {"Plak ten minste één regel.", "Paste at least one line."},
	"list.many":         {"Dit zijn %s regels; het kunnen er hoogstens %s zijn. Er is niets opgezocht. Knip de lijst in delen.", "These are %s lines; there can be %s at most. Nothing was looked up. Cut the list into parts."},
	"list.lines":        {"regels", "lines"},
	"list.hit":          {"bekend", "hit"},
	"list.no-hit":       {"niet bekend", "no hit"},
	"list.no-number":    {"geen nummer gevonden in deze regel", "no number found in this line"},
	"list.twice":        {"dubbel", "repeated"},
	"list.same-as":      {"zelfde als regel %s", "same as line %s"},
	"list.logged":       {"Peilmoment %s. Dit antwoord is vastgelegd.", "As of %s. This answer has been logged."},
	"list.col-line":     {"Regel", "Line"},
	"list.col-pasted":   {"Geplakt", "Pasted"},
	"list.col-number":   {"Nummer", "Number"},
	"list.col-answer":   {"Antwoord", "Answer"},
	"list.col-adverts":  {"Advertenties", "Adverts"},
	"list.col-online":   {"Nu online", "Online now"},
	"list.col-first":    {"Eerst gezien", "First seen"},
	"list.col-last":     {"Laatst gezien", "Last seen"},
	"list.col-asof":     {"Peilmoment", "As of"},
}

var listPlurals = map[Key]plural{
	"list.hits": {"%s regel heeft een bekend nummer", "%s regels hebben een bekend nummer", "%s line has a known number", "%s lines have a known number"},
}
