package wording

// The card of a number.
var numberTexts = map[Key]pair{
	"number.title":         {"Nummer opzoeken", "Look a number up"},
	"number.label":         {"Nummer opzoeken", "Look a number up"},
	"number.do":            {"Zoek op", "Look up"},
	"number.help":          {"Elke schrijfwijze mag: met of zonder 0031, met streepjes, haakjes, punten of spaties.", "Any spelling will do: with or without 0031, with hyphens, brackets, points or spaces."},
	"number.start":         {"Wat weten we van een nummer?", "What is known of a number?"},
	"number.start-explain": {"Plak of typ het nummer. U krijgt een kaart die u kunt voorlezen: eerst en laatst gezien, plaatsen, advertenties, en wie eraan werkt.", "Paste or type the number. You get a card that can be read aloud: first and last seen, places, adverts, and who works on it."},

	"number.no-digits":   {"Hier staat geen nummer in. Plak alleen het nummer, in welke schrijfwijze ook.", "There is no number in this. Paste the number alone, in any spelling."},
	"number.few-digits":  {"Dit nummer is te kort. Hebt u maar een deel? Zoek dan in de advertenties op de laatste cijfers.", "This number is too short. Only a part of it? Then search the adverts for the last digits."},
	"number.many-digits": {"Dit zijn te veel cijfers voor één nummer. Zijn het er meer? Gebruik dan de lijst.", "These are too many digits for one number. Are they several? Then use the list."},
	"number.not-valid":   {"Dit nummer kan niet bestaan. Controleer de cijfers, of zet de landcode ervoor, zoals +31.", "This number cannot exist. Check the digits, or put the country code before it, such as +31."},
	"number.long":        {"Dit is te lang voor één nummer. Gebruik de lijst voor meer nummers.", "This is too long for one number. Use the list for several numbers."},

	"number.known":          {"Eerst gezien op %s, laatst gezien op %s.", "First seen on %s, last seen on %s."},
	"number.not-online":     {"Het staat nu in geen enkele advertentie.", "It is in no advert now."},
	"number.seen-in":        {"Gezien in", "Seen in"},
	"number.works":          {"%s werkt eraan sinds %s.", "%s has worked on it since %s."},
	"number.nobody-works":   {"Niemand werkt eraan.", "Nobody works on it."},
	"number.nobody-looked":  {"Geen collega keek er eerder naar.", "No colleague looked at it before."},
	"number.other-user":     {"Mogelijk een andere gebruiker:", "Possibly another user:"},
	"number.as-of":          {"Peilmoment %s. Dit antwoord is vastgelegd.", "As of %s. This answer has been logged."},
	"number.masked":         {"Het nummer is afgeschermd; u kwam hier via een advertentie.", "The number is masked; you came here through an advert."},
	"number.reveal":         {"Toon het nummer", "Show the number"},
	"number.hide":           {"Verberg het nummer", "Hide the number"},
	"number.adverts":        {"Advertenties met dit nummer", "Adverts with this number"},
	"number.newest-first":   {"nieuwste eerst", "newest first"},
	"number.aside":          {"Plaatsen, schrijfwijzen en bronnen", "Places, spellings and sources"},
	"number.places":         {"Plaatsen", "Places"},
	"number.col-unit":       {"Eenheid", "Unit"},
	"number.col-town":       {"Gemeente", "Municipality"},
	"number.col-adverts":    {"Versies", "Versions"},
	"number.map-label":      {"Kaart van de politie-eenheden, %s versies in totaal; dezelfde aantallen staan in de tabel hieronder", "Map of the police units, %s versions in total; the same counts are in the table below"},
	"number.spellings":      {"Schrijfwijzen", "Spellings"},
	"number.names":          {"Genoemde namen", "Stated names"},
	"number.sources":        {"Bronnen", "Sources"},
	"number.nothing":        {"Niets gevonden", "Nothing found"},
	"number.nothing-say":    {"Dit nummer stond op %s in geen enkele advertentie die is vastgelegd.", "As of %s this number was in no advert that was captured."},
	"number.try-part":       {"zoek in de advertenties op de laatste vier tot zes cijfers, of laat de pagina nu vastleggen als u het adres hebt.", "search the adverts for the last four to six digits, or have the page captured now if you have its address."},
	"number.nothing-logged": {"Ook dit antwoord is vastgelegd, met uw naam, het peilmoment en een kenmerk van het nummer.", "This answer has been logged too, with your name, the moment and a mark of the number."},
}

var numberPlurals = map[Key]plural{
	"number.online":       {"Het staat nu in %s advertentie.", "Het staat nu in %s advertenties.", "It is in %s advert now.", "It is in %s adverts now."},
	"number.in-all":       {"In totaal %s advertentie.", "In totaal %s advertenties.", "%s advert in all.", "%s adverts in all."},
	"number.more-towns":   {"en nog %s gemeente", "en nog %s gemeenten", "and %s more municipality", "and %s more municipalities"},
	"number.gap":          {"het nummer was %s dag uit beeld.", "het nummer was %s dagen uit beeld.", "the number was out of sight for %s day.", "the number was out of sight for %s days."},
	"number.more-adverts": {"Nog %s oudere advertentie staat niet in deze lijst.", "Nog %s oudere advertenties staan niet in deze lijst.", "%s older advert is not in this list.", "%s older adverts are not in this list."},
}
