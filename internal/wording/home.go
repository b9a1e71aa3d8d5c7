package wording

// Theme home.
var homeTexts = map[Key]pair{
	"home.title":       {"Start", "Home"},
	"home.search":      {"Zoek in advertenties", "Search adverts"},
	"home.number":      {"Telefoonnummer", "Phone number"},
	"home.number-form": {"elke schrijfwijze", "any spelling"},

	"home.new":         {"Nieuw sinds uw vorige bezoek op %s", "New since your last visit on %s"},
	"home.new-first":   {"Nieuwste advertenties", "Newest adverts"},
	"home.all-new":     {"Bekijk alles wat nieuw is", "See all that is new"},
	"home.nothing-new": {"Er is sinds uw vorige bezoek niets nieuws gevonden.", "Nothing new was found since your last visit."},
	"home.nothing-yet": {"Er zijn nog geen advertenties gevonden. Zodra een goedgekeurde bron is bezocht, staan ze hier.", "No adverts were found yet. They will be listed here once an approved source has been visited."},

	"home.waiting":       {"Wat op u wacht", "What waits for you"},
	"home.nothing-waits": {"Er wacht niets op u.", "Nothing waits for you."},
	"home.vet":           {"voorgesteld: te toetsen", "proposed: to be vetted"},
	"home.approve":       {"getoetst: te beslissen", "vetted: to be decided"},
	"home.lapses":        {"goedkeuring eindigt op", "approval ends on"},
	"home.lapsed":        {"ligt stil: goedkeuring eindigde op", "paused: approval ended on"},

	"home.health":       {"Bezoek aan bronnen", "Visits to sources"},
	"home.idle":         {"er loopt nu geen bezoek", "no visit is going on"},
	"home.as-of":        {"stand van %s", "as at %s"},
	"home.no-sources":   {"Er is nog geen bron goedgekeurd. Zolang dat zo is, wordt er nergens verbinding mee gemaakt.", "No source has been approved yet. Until then nothing is connected to."},
	"home.never":        {"nog niet bezocht", "not visited yet"},
	"home.paused":       {"ligt stil", "paused"},
	"home.since":        {"sinds %s (%s)", "since %s (%s)"},
	"home.ended":        {"%s, duurde %s", "%s, took %s"},
	"home.share":        {"Deel dat klaar is", "Share that is done"},
	"home.of":           {"van %s", "of %s"},
	"home.captured":     {"vastgelegd", "captured"},
	"home.to-do":        {"wacht nog", "waiting"},
	"home.rate":         {"snelheid", "rate"},
	"home.found":        {"gevonden", "found"},
	"home.new-versions": {"nieuw", "new"},
	"home.gone":         {"verdwenen", "gone"},
	"home.failed":       {"Mislukt:", "Failed:"},
	"home.no-failures":  {"geen", "none"},

	"home.run-running":    {"bezig", "running"},
	"home.run-complete":   {"volledig", "complete"},
	"home.run-incomplete": {"niet volledig", "not complete"},
	"home.run-fewer":      {"minder gevonden dan de bron zegt", "fewer found than the source says"},
	"home.run-stopped":    {"gestopt", "stopped"},
	"home.run-drift":      {"opmaak lijkt veranderd", "layout seems to have changed"},
}

var homePlurals = map[Key]plural{
	"home.adverts": {"%s advertentie", "%s advertenties", "%s advert", "%s adverts"},
	"home.running": {"%s bezoek loopt", "%s bezoeken lopen", "%s visit is going on", "%s visits are going on"},
	"home.missing": {"%s afbeelding ontbreekt", "%s afbeeldingen ontbreken", "%s picture missing", "%s pictures missing"},
	"home.rest":    {"En %s bron die volledig is bezocht", "En %s bronnen die volledig zijn bezocht", "And %s source that was visited completely", "And %s sources that were visited completely"},
}
