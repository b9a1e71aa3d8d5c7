package wording

// Taking content out of sight, and the urgent lane.
var sealTexts = map[Key]pair{
	"seal.key":       {"Verzegel", "Seal"},
	"seal.explain":   {"Tekst en afbeeldingen zijn dan meteen voor niemand meer te zien, te zoeken of mee te nemen: van de hele advertentie, met alle versies en met wat er later nog bij komt, of bij een andere reden naar keuze van alleen versie %s. Dit kan hier niet ongedaan worden gemaakt.", "Text and pictures can then be seen, searched or taken out by nobody, at once: of the whole advert, with all its versions and those still to come, or, for another reason, of version %s only if you choose so. This cannot be undone here."},
	"seal.whole":     {"hele advertentie", "whole advert"},
	"seal.only":      {"alleen versie %s", "version %s only"},
	"seal.why":       {"Waarom? Enter verzegelt met de gekozen reden, Escape doet niets.", "Why? Enter seals with the reason in focus, Escape does nothing."},
	"seal.no-reason": {"Kies een reden. Er is niets verzegeld.", "Choose a reason. Nothing was sealed."},

	"seal.sealed":      {"Verzegelde versie", "Sealed version"},
	"seal.title":       {"Versie %s is verzegeld", "Version %s is sealed"},
	"seal.by":          {"Verzegeld door %s op %s: %s.", "Sealed by %s on %s: %s."},
	"seal.by-whole":    {"Dat geldt voor de hele advertentie, ook voor versies die later nog binnenkomen.", "That holds for the whole advert, also for versions that are still to come."},
	"seal.content":     {"Niemand kan de inhoud nog openen, zoeken of meenemen. Dezelfde afbeeldingen bij andere advertenties zijn mee verzegeld.", "Nobody can open, search or take out the content any more. The same pictures with other adverts were sealed with it."},
	"seal.now-urgent":  {"De dienstdoende specialist ziet dit nu in de spoedlijst, met een lopende klok. U hoeft niets meer te doen; bewaar of stuur zelf niets door.", "The specialist on duty sees this in the urgent lane now, with a running clock. You need not do anything else; keep and forward nothing yourself."},
	"seal.now-other":   {"Wie, wanneer en waarom staat in de logging. Het blijft dicht tot er een bewaarplaats voor verzegelde inhoud is.", "Who, when and why is in the audit trail. It stays shut until there is a custody for sealed content."},
	"seal.other":       {"Versie %s is verzegeld, dus vergelijken kan niet.", "Version %s is sealed, so there is nothing to compare with."},
	"seal.short":       {"verzegeld", "sealed"},
	"seal.row":         {"Deze regel is verzegeld", "This row is sealed"},
	"seal.no-one-else": {"Wie dit verzegelde, ziet alleen de dienstdoende specialist.", "Who sealed this is for the specialist on duty only."},

	"seal.lane":           {"Spoedlijst", "Urgent lane"},
	"seal.lane-explain":   {"Verzegeld bij een vermoeden van een minderjarige of van beeld van misbruik. Hier staat geen inhoud; de klok loopt vanaf het verzegelen.", "Sealed on suspicion of a minor or of a picture of abuse. There is no content here; the clock runs from the sealing."},
	"seal.open":           {"Te doen", "To do"},
	"seal.none-open":      {"Er wacht niets. Wat met spoed wordt verzegeld, verschijnt hier vanzelf.", "Nothing waits. What is sealed urgently appears here by itself."},
	"seal.state-of":       {"stand van %s, ververst vanzelf", "as at %s, refreshes by itself"},
	"seal.waits":          {"wacht", "waiting"},
	"seal.runs":           {"loopt", "running"},
	"seal.which":          {"Advertentie %s, versie-id %s", "Advert %s, version id %s"},
	"seal.capture":        {"Vastlegging", "Capture"},
	"seal.sealed-by":      {"Verzegeld door %s op %s", "Sealed by %s on %s"},
	"seal.taken":          {"Opgepakt door %s na %s", "Taken by %s after %s"},
	"seal.take":           {"Ik pak dit op", "I take this"},
	"seal.outcome":        {"Uitkomst, in woorden en zonder inhoud", "Outcome, in words and without content"},
	"seal.end":            {"Afgerond", "Done"},
	"seal.done":           {"Afgerond", "Done"},
	"seal.done-after":     {"na %s", "after %s"},
	"seal.col-what":       {"Zaak", "Case"},
	"seal.col-why":        {"Reden", "Reason"},
	"seal.col-who":        {"Opgepakt door", "Taken by"},
	"seal.col-took":       {"Duurde", "Took"},
	"seal.col-outcome":    {"Uitkomst", "Outcome"},
	"seal.outcome-needed": {"Schrijf in een paar woorden wat de uitkomst is. Er is niets gewijzigd.", "Write in a few words what the outcome is. Nothing was changed."},
	"seal.ended":          {"Afgerond en vastgelegd.", "Done and recorded."},
}

var sealPlurals = map[Key]plural{
	"seal.count":    {"%s zaak", "%s zaken", "%s case", "%s cases"},
	"seal.versions": {"%s versie dicht.", "%s versies dicht.", "%s version shut.", "%s versions shut."},
	"seal.later":    {"%s kwam later binnen.", "%s kwamen later binnen.", "%s came in later.", "%s came in later."},
}
