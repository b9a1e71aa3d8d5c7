package wording

// What readers say about an advert: the theme's question, and names of versions.
var judgeTexts = map[Key]pair{
	"judge.question":   {"Is deze advertentie een signaal voor dit thema?", "Is this advert a signal for this theme?"},
	"judge.reason":     {"Reden (mag leeg)", "Reason (may be empty)"},
	"judge.yours":      {"U antwoordde %s, op %s.", "You answered %s, on %s."},
	"judge.undo":       {"Ongedaan maken", "Undo"},
	"judge.last":       {"Uw antwoord bij advertentie %s: %s.", "Your answer about advert %s: %s."},
	"judge.others":     {"Antwoorden van collega’s bij deze versie", "Answers of colleagues about this version"},
	"judge.elsewhere":  {"Antwoorden bij andere versies", "Answers about other versions"},
	"judge.hidden":     {"antwoord te zien na uw eigen antwoord bij die versie", "answer to be seen after your own answer about that version"},
	"judge.past":       {"U ziet een moment in het verleden; uw antwoord geldt vanaf nu.", "You see a moment in the past; your answer counts from now."},
	"judge.undone":     {"Uw antwoord is ongedaan gemaakt.", "Your answer was undone."},
	"judge.not-taken":  {"Dat antwoord is niet te begrijpen, of de reden is langer dan 500 tekens. Er is niets vastgelegd.", "That answer cannot be understood, or the reason is longer than 500 characters. Nothing was recorded."},
	"judge.list":       {"Lijst waar u uit komt", "The list that you came from"},
	"judge.back":       {"Vorige", "Previous"},
	"judge.onward":     {"Volgende", "Next"},
	"judge.to-list":    {"Terug naar de lijst", "Back to the list"},
	"judge.name":       {"Geef versie %s een naam", "Give version %s a name"},
	"judge.rename":     {"Andere naam voor versie %s", "Another name for version %s"},
	"judge.name-label": {"Naam van versie %s", "Name of version %s"},
	"judge.name-help":  {"Leeg: de naam vervalt. Iedereen in dit thema ziet de naam.", "Empty: the name is taken away. Everybody in this theme sees the name."},
	"judge.name-keep":  {"Leg de naam vast", "Keep the name"},
	"judge.named":      {"De naam is vastgelegd.", "The name was recorded."},
	"judge.name-long":  {"Die naam is te lang. Er is niets gewijzigd.", "That name is too long. Nothing was changed."},
	"judge.name-odd":   {"Daar staan tekens in die niet te lezen zijn. Er is niets gewijzigd.", "It has characters that cannot be read. Nothing was changed."},

	"judge.key-answer": {"antwoord ja, nee, onduidelijk", "answer yes, no, unclear"},
	"judge.key-undo":   {"antwoord ongedaan maken", "undo the answer"},
	"judge.key-list":   {"volgende en vorige van de lijst", "next and previous of the list"},
	"judge.key-seal":   {"verzegelen", "seal"},
}

var judgePlurals = map[Key]plural{
	"judge.unseen": {"Een collega heeft al geantwoord. U ziet het na uw eigen antwoord.", "%s collega’s hebben al geantwoord. U ziet het na uw eigen antwoord.", "A colleague has answered. You will see it after your own answer.", "%s colleagues have answered. You will see it after your own answer."},
}
