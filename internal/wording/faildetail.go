package wording

import "strings"

// FailDetail is what a visit wrote beside the reason of a failure, in the language of the
// reader as far as it has words for it.
type FailDetail struct {
	Said string // in the reader's language
	Rest string // as it was written, in English: what a library or a system said
}

// FailDetail words what a visit wrote beside the reason of a failure. Captures keep it as
// it was written, so texts of older builds can be among them.
func (w W) FailDetail(detail string) FailDetail {
	if w.english {
		return FailDetail{Said: detail}
	}
	for _, d := range details {
		head, tail, variable := strings.Cut(d.en, "…")
		rest, ok := strings.CutPrefix(detail, head)
		switch {
		case !ok, !variable && rest != "":
		case !variable:
			return FailDetail{Said: d.nl}
		case tail != "": // the part in the middle is an address
			if name, why, ok := strings.Cut(rest, tail); ok && !strings.ContainsAny(name, " ,;") {
				return FailDetail{Said: strings.Replace(d.nl, "…", name, 1), Rest: strings.TrimPrefix(why, ": ")}
			}
		case rest != "" && !strings.ContainsAny(rest, " ,;"):
			if said, ok := cuts[rest]; ok {
				rest = said
			}
			return FailDetail{Said: strings.Replace(d.nl, "…", rest, 1)}
		}
	}
	return FailDetail{Rest: detail}
}

// details are what visits write, with "…" for what varies: a status, the word for how a
// body was cut off, the address of a site.
var details = []pair{
	{"de bron gaf …", "the source gave …"},
	{"de bron gaf …", "status …"},
	{"de bron gaf 404: niet gevonden", "Not Found"},
	{"de bron gaf 410: verdwenen", "Gone"},
	{"de afbeelding brak af: …", "the picture was cut off: …"},
	{"de bron gaf iets anders dan een afbeelding", "the source gave something else than a picture"},
	{"de afbeeldingen ervoor namen alles wat één pagina mag", "the pictures before it took all that one page may"},
	{"de goedkeuring van deze bron dekt dit adres niet", "the approval of this source does not cover this address"},
	{"de bron is niet meer goedgekeurd", "the source is not approved any more"},
	{"dit is geen adres van een pagina", "this is no address of a page"},
	{"robots.txt vraagt dit adres niet op te halen", "robots.txt asks not to fetch this address"},
	{"…/robots.txt was niet te lezen", "…/robots.txt could not be read"},
}

// cuts are the words for how a body was cut off (WARC-Truncated).
var cuts = map[string]string{"length": "te groot", "time": "duurde te lang", "disconnect": "verbinding verbroken"}
