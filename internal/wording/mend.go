package wording

// What was found in a text, and what readers say is wrong with it.
var mendTexts = map[Key]pair{
	"mend.found":         {"Gevonden in deze advertentie", "Found in this advert"},
	"mend.nothing":       {"Er zijn geen gegevens gevonden in de tekst.", "Nothing was found in the text."},
	"mend.wrong":         {"Klopt niet?", "Wrong?"},
	"mend.right":         {"Wat is juist?", "What is right?"},
	"mend.keep":          {"Leg vast wat juist is", "Record what is right"},
	"mend.none":          {"Dit staat er niet", "This is not there"},
	"mend.missed":        {"Iets gemist?", "Something missed?"},
	"mend.type":          {"Soort", "Kind"},
	"mend.value":         {"Wat er staat", "What is there"},
	"mend.add":           {"Voeg toe", "Add"},
	"mend.standing":      {"Verbeteringen door lezers", "Corrections by readers"},
	"mend.is-none":       {"staat er niet", "is not there"},
	"mend.should-be":     {"moet zijn", "should be"},
	"mend.was-missed":    {"gemist:", "missed:"},
	"mend.undo":          {"Ongedaan maken", "Undo"},
	"mend.test-case":     {"Een verbetering verandert deze versie niet. Ze wordt bewaard als toets, zodat het vinden van gegevens beter wordt.", "A correction does not change this version. It is kept as a test case, so that finding gets better."},
	"mend.kept":          {"De verbetering is vastgelegd en wordt bewaard als toets.", "The correction was recorded and is kept as a test case."},
	"mend.undone":        {"De verbetering is ongedaan gemaakt.", "The correction was undone."},
	"mend.missed-empty":  {"Schrijf op wat er gemist is. Er is niets vastgelegd.", "Write what was missed. Nothing was recorded."},
	"mend.right-empty":   {"Schrijf op wat juist is, of kies “Dit staat er niet”. Er is niets vastgelegd.", "Write what is right, or choose “This is not there”. Nothing was recorded."},
	"mend.right-odd":     {"Dat is te lang of niet te lezen. Er is niets vastgelegd.", "That is too long or cannot be read. Nothing was recorded."},
	"mend.already":       {"Hier is al een verbetering van. Maak die eerst ongedaan.", "There is a correction of this already. Undo that one first."},
	"mend.right-invalid": {"Dat past niet bij dit soort gegeven. Er is niets vastgelegd.", "That does not fit this kind of thing. Nothing was recorded."},
}

var mendPlurals = map[Key]plural{
	"mend.more": {"en nog %s", "en nog %s", "and %s more", "and %s more"},
}
