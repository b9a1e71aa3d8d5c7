package wording

// What an export says of itself, in its package and in the register.
var officeTexts = map[Key]pair{
	"office.one":          {"advertentie %s, versie %s", "advert %s, version %s"},
	"office.two":          {"advertentie %s, versie %s vergeleken met %s", "advert %s, version %s compared with %s"},
	"office.destroyed":    {"vernietigd: %s", "destroyed: %s"},
	"office.sealed":       {"verzegeld", "sealed"},
	"office.practice":     {"OEFENMATERIAAL: advertenties, nummers en afbeeldingen zijn verzonnen, en de tijd was nagebootst.", "PRACTICE: adverts, numbers and pictures are made up, and the clock was simulated."},
	"office.no-pictures":  {"afbeeldingen zijn weggelaten", "pictures were left out"},
	"office.annexed":      {"in een procesdossier staan afbeeldingen alleen in de bijlage", "a case file has its pictures in the annex only"},
	"office.page-masked":  {"de pagina noemt contactgegevens, die een procesdossier niet toont", "the page has contact details, which a case file does not show"},
	"office.undated":      {"LET OP: geen dienst voor tijdstempels heeft de handtekeningen van dit pakket gedateerd. Wat de vastleggingen dateert, staat daar los van.", "NOTE: no timestamping authority dated the signatures of this package. What dates the captures is apart from that."},
	"office.item-is-gone": {"vernietigd", "destroyed"},
}

var officePlurals = map[Key]plural{
	"office.rows": {"%s versie van resultaat %s", "%s versies van resultaat %s", "%s version of result %s", "%s versions of result %s"},
	"office.many": {"%s versie", "%s versies", "%s version", "%s versions"},
}
