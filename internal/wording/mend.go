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
	"mend.test-case":     {"Een verbeterd nummer, een verbeterde plaats en een verbeterde prijs gelden vanaf nu: hierboven, bij zoeken, op de kaart van het nummer en in de werklijst. Wat is vastgelegd verandert niet, en een peilmoment van vóór de verbetering toont wat er toen stond. Indicatoren en uitgifte blijven bij wat er op de pagina staat. Elke verbetering wordt bewaard als toets voor het vinden van gegevens.", "A corrected number, place or price holds from now on: above, in search, on the number's card and in the worklist. What was captured does not change, and a moment before the correction shows what stood there then. Indicators and exports keep to what the page has. Each correction is kept as a test case for the finding of data."},
	"mend.kept":          {"De verbetering is vastgelegd, geldt vanaf nu en wordt bewaard als toets.", "The correction was recorded, holds from now on and is kept as a test case."},
	"mend.undone":        {"De verbetering is ongedaan gemaakt.", "The correction was undone."},
	"mend.missed-empty":  {"Schrijf op wat er gemist is. Er is niets vastgelegd.", "Write what was missed. Nothing was recorded."},
	"mend.right-empty":   {"Schrijf op wat juist is, of kies “Dit staat er niet”. Er is niets vastgelegd.", "Write what is right, or choose “This is not there”. Nothing was recorded."},
	"mend.right-odd":     {"Dat is te lang of niet te lezen. Er is niets vastgelegd.", "That is too long or cannot be read. Nothing was recorded."},
	"mend.already":       {"Hier is al een verbetering van. Maak die eerst ongedaan.", "There is a correction of this already. Undo that one first."},
	"mend.right-invalid": {"Zo’n gegeven kan niet bestaan: het past niet bij dit soort. Kijk na wat u typte. Er is niets vastgelegd.", "There can be no such thing: it does not fit this kind. Check what you typed. Nothing was recorded."},
}

var mendPlurals = map[Key]plural{
	"mend.more": {"en nog %s", "en nog %s", "and %s more", "and %s more"},
}
