package wording

// Why an advert deserves a look: rules that fired, and their sum.
var whyTexts = map[Key]pair{
	"why.title":         {"Waarom dit een blik waard is", "Why this deserves a look"},
	"why.no-proof":      {"Een reden om te kijken, geen bewijs.", "A reason to look, no proof."},
	"why.not-yet":       {"Nog niet beoordeeld met de risico-indicatoren. Dat gebeurt vanzelf, meestal binnen een paar minuten.", "Not assessed with the indicators yet. That happens by itself, mostly within a few minutes."},
	"why.nothing":       {"Geen risico-indicator sloeg aan.", "No indicator fired."},
	"why.sum":           {"Som", "Sum"},
	"why.points":        {"Score %s", "Score %s"},
	"why.level":         {"gewicht: %s", "weight: %s"},
	"why.words":         {"Woorden:", "Words:"},
	"why.saw":           {"Wat de regel zag:", "What the rule saw:"},
	"why.more":          {"Uitleg en regel", "Explanation and rule"},
	"why.rationale":     {"Waarom dit telt", "Why this counts"},
	"why.else":          {"Wat het ook kan zijn", "What else it may be"},
	"why.grade":         {"Bewijskracht", "Evidence"},
	"why.source":        {"Bronnen", "Sources"},
	"why.no-source":     {"geen genoemd", "none named"},
	"why.legal":         {"Juridisch", "Legal"},
	"why.rule":          {"Regel", "Rule"},
	"why.rule-version":  {"%s, versie %s", "%s, version %s"},
	"why.rule-now":      {"nu versie %s", "now version %s"},
	"why.rule-gone":     {"Deze regel hoort niet meer bij het thema; de uitleg erbij is hier niet meer.", "This rule is no longer part of the theme; its explanation is not here any more."},
	"why.safety":        {"Zo beschermen zelfstandig werkenden zich ook. Daarom telt dit niet mee.", "This is also how independent workers protect themselves. That is why it does not count."},
	"why.doubt":         {"Leun hier niet op:", "Do not lean on this:"},
	"why.elsewhere":     {"Ook onder een ander nummer", "Under another number as well"},
	"why.elsewhere-one": {"advertentie %s, versie %s, %s", "advert %s, version %s, %s"},
	"why.same-text":     {"dezelfde tekst", "the same text"},
	"why.same-picture":  {"dezelfde afbeelding", "the same picture"},
	"why.same-both":     {"dezelfde tekst en afbeelding", "the same text and picture"},
	"why.set":           {"Stel regels %s", "Set of rules %s"},

	"why.score-high":   {"hoog", "high"},
	"why.score-medium": {"middel", "medium"},
	"why.score-low":    {"laag", "low"},
	"why.score-none":   {"geen punten", "no points"},
}

var whyPlurals = map[Key]plural{
	"why.also":           {"+%s", "+%s", "+%s", "+%s"},
	"why.elsewhere-more": {"en nog %s advertentie", "en nog %s advertenties", "and %s advert more", "and %s adverts more"},
}
