package wording

// What an export says of itself, in its package and in the register.
var officeTexts = map[Key]pair{
	"office.one":            {"advertentie %s, versie %s", "advert %s, version %s"},
	"office.two":            {"advertentie %s, versie %s vergeleken met %s", "advert %s, version %s compared with %s"},
	"office.destroyed":      {"vernietigd: %s", "destroyed: %s"},
	"office.sealed":         {"verzegeld", "sealed"},
	"office.practice":       {"OEFENMATERIAAL: advertenties, nummers en afbeeldingen zijn verzonnen, en de tijd was nagebootst.", "PRACTICE: adverts, numbers and pictures are made up, and the clock was simulated."},
	"office.no-pictures":    {"afbeeldingen zijn weggelaten", "pictures were left out"},
	"office.annexed":        {"in een procesdossier staan afbeeldingen alleen in de versleutelde bijlage", "a case file has its pictures in the encrypted annex only"},
	"office.page-masked":    {"de pagina noemt contactgegevens, die een procesdossier niet toont", "the page has contact details, which a case file does not show"},
	"office.context-masked": {"de omstandigheden noemen een hash van de pagina, waarmee iemand afgeschermde nummers zou kunnen uitproberen", "the circumstances have a hash of the page, with which somebody could try out masked numbers"},
	"office.report":         {"het rapport", "the report"},
	"office.findings":       {"de bevindingen, als tekst en voor een tekstverwerker; hun SHA-256 staat in SHA256SUMS", "the findings, as text and for a word processor; their SHA-256 stands in SHA256SUMS"},
	"office.replay":         {"de vastleggingen, om te bekijken met ReplayWeb.page; de SHA-256 staat in SHA256SUMS", "the captures, to look at with ReplayWeb.page; its SHA-256 stands in SHA256SUMS"},
	"office.manifest":       {"de onderdelen van de vastlegging van %s, elk met zijn gezouten hash", "the items of the capture of %s, each with its salted hash"},
	"office.sums":           {"de SHA-256 van elk bestand van het pakket, ondertekend in SHA256SUMS.sig", "the SHA-256 of each file of the package, signed in SHA256SUMS.sig"},
	"office.annex":          {"de verzegelde bijlage, versleuteld (age)", "the sealed annex, encrypted (age)"},
	"office.annex-inside":   {"de bijlage zelf, zoals die uit %s komt", "the annex itself, as it comes out of %s"},
	"office.annex-open":     {"De verzegelde bijlage met afbeeldingen zit versleuteld in %s. Alleen wie daarvoor de sleutel heeft, opent haar: age --decrypt -i SLEUTEL -o annex.pdf %s", "The sealed annex with pictures is encrypted in %s. Only who has the key for it opens it: age --decrypt -i KEY -o annex.pdf %s"},
	"office.undated":        {"LET OP: geen dienst voor tijdstempels heeft de handtekeningen van dit pakket gedateerd. Wat de vastleggingen dateert, staat daar los van.", "NOTE: no timestamping authority dated the signatures of this package. What dates the captures is apart from that."},
	"office.item-is-gone":   {"vernietigd", "destroyed"},
}

var officePlurals = map[Key]plural{
	"office.records": {
		"%s ander blad van het logboek dat erbij hoort, met inhoud; de SHA-256 van elk bestand staat in SHA256SUMS", "%s andere bladen van het logboek die erbij horen, met inhoud; de SHA-256 van elk bestand staat in SHA256SUMS",
		"%s other leaf of the ledger that belongs to it, with its content; the SHA-256 of each file stands in SHA256SUMS", "%s other leaves of the ledger that belong to it, with their content; the SHA-256 of each file stands in SHA256SUMS",
	},
	"office.records-withheld": {
		"%s blad van het logboek gaat niet mee, omdat het over medewerkers of andere pagina’s gaat: een besluit over de bron, een mislukte vastlegging, een eerdere export of een vernietiging.",
		"%s bladen van het logboek gaan niet mee, omdat zij over medewerkers of andere pagina’s gaan: besluiten over de bron, mislukte vastleggingen, eerdere exports of vernietigingen.",
		"%s leaf of the ledger does not go with this, because it is about staff or other pages: a decision on the source, a failed capture, an earlier export or an erasure.",
		"%s leaves of the ledger do not go with this, because they are about staff or other pages: decisions on the source, failed captures, earlier exports or erasures.",
	},
	"office.records-waiting": {
		"%s blad van het logboek dat erbij hoort is nog niet bevestigd en gedateerd, en gaat daarom niet mee.", "%s bladen van het logboek die erbij horen zijn nog niet bevestigd en gedateerd, en gaan daarom niet mee.",
		"%s leaf of the ledger that belongs to it is not witnessed and dated yet, and does not go with this.", "%s leaves of the ledger that belong to it are not witnessed and dated yet, and do not go with this.",
	},
	"office.records-others": {
		"Deze vastleggingen zijn %s keer geëxporteerd voor een andere zaak; dat blad staat in het logboek en gaat niet mee.", "Deze vastleggingen zijn %s keer geëxporteerd voor andere zaken; die bladen staan in het logboek en gaan niet mee.",
		"These captures were exported %s time for another case; that leaf is in the ledger and does not go with this.", "These captures were exported %s times for other cases; those leaves are in the ledger and do not go with this.",
	},
	"office.records-failed": {
		"%s mislukte vastlegging van dezelfde bezoeken staat in het logboek en gaat niet mee; de nieuwste gaan wel mee.", "%s mislukte vastleggingen van dezelfde bezoeken staan in het logboek en gaan niet mee; de nieuwste gaan wel mee.",
		"%s failed capture of the same visits is in the ledger and does not go with this; the newest do.", "%s failed captures of the same visits are in the ledger and do not go with this; the newest do.",
	},
	"office.rows": {"%s versie van resultaat %s", "%s versies van resultaat %s", "%s version of result %s", "%s versions of result %s"},
	"office.many": {"%s versie", "%s versies", "%s version", "%s versions"},
}
