package wording

import "zoeklicht"

// words gives what stands for a constant, and the constant itself where the store
// has one that this build does not know.
func words[K ~string](w W, m map[K]pair, k K) string {
	if p, ok := m[k]; ok {
		return w.pick(p)
	}
	return string(k)
}

// Fail says why a URL was not obtained.
func (w W) Fail(f zoeklicht.Fail) string { return words(w, fails, f) }

// NotContent says what a page was instead of content.
func (w W) NotContent(n zoeklicht.NotContent) string { return words(w, notContents, n) }

// State words where a source stands.
func (w W) State(s zoeklicht.SourceState) string { return words(w, states, s) }

// Decision words a step in a source's register, as something done.
func (w W) Decision(d zoeklicht.DecisionKind) string { return words(w, decisions, d) }

// Role names a role.
func (w W) Role(r zoeklicht.Role) string { return words(w, roles, r) }

// Code words the kind of a failure as the heading of its page.
func (w W) Code(c zoeklicht.Code) string { return words(w, codes, c) }

// Advice says what to do about a kind of failure.
func (w W) Advice(c zoeklicht.Code) string { return words(w, advices, c) }

// Field names a field of an advert. A recipe's own fields go by the recipe's names.
func (w W) Field(name string) string { return words(w, fields, name) }

// Language names a language by its ISO 639-1 code.
func (w W) Language(code string) string { return words(w, languages, code) }

var fails = map[zoeklicht.Fail]pair{
	zoeklicht.FailDNS:        {"naam niet gevonden (DNS)", "name not found (DNS)"},
	zoeklicht.FailConnect:    {"geen verbinding", "no connection"},
	zoeklicht.FailTLS:        {"beveiligde verbinding mislukt", "secure connection failed"},
	zoeklicht.FailTimeout:    {"duurde te lang", "took too long"},
	zoeklicht.FailDisconnect: {"verbinding verbroken", "connection dropped"},
	zoeklicht.FailProtocol:   {"antwoord was geen geldig HTTP", "answer was not valid HTTP"},
	zoeklicht.FailTooLarge:   {"te groot", "too large"},
	zoeklicht.FailRedirects:  {"te veel doorverwijzingen", "too many redirects"},
	zoeklicht.FailOutside:    {"valt buiten de goedkeuring", "outside the approval"},
	zoeklicht.FailBlocked:    {"afgeschermd adres", "blocked address"},
	zoeklicht.FailRobots:     {"niet toegestaan door robots.txt", "not allowed by robots.txt"},
	zoeklicht.FailNoRobots:   {"robots.txt was niet te lezen, dus er is niets gevraagd", "robots.txt could not be read, so nothing was asked for"},
	zoeklicht.FailStatus:     {"bron gaf een fout", "source gave an error"},
	zoeklicht.FailNotContent: {"pagina zonder inhoud", "page without content"},
	zoeklicht.FailNotPicture: {"geen leesbare afbeelding", "not a readable picture"},
	zoeklicht.FailCancelled:  {"afgebroken", "cancelled"},
	zoeklicht.FailSealed:     {"verzegeld", "sealed"},
	zoeklicht.FailDestroyed:  {"vernietigd", "destroyed"},
}

var notContents = map[zoeklicht.NotContent]pair{
	zoeklicht.LoginWall:     {"vraagt om in te loggen", "asks to sign in"},
	zoeklicht.Captcha:       {"vraagt om een captcha", "asks for a captcha"},
	zoeklicht.ConsentPage:   {"vraagt om toestemming", "asks for consent"},
	zoeklicht.ErrorPage:     {"foutpagina", "error page"},
	zoeklicht.SoftNotFound:  {"zegt dat de pagina er niet is", "says that the page is not there"},
	zoeklicht.EmptyTemplate: {"lege pagina", "empty page"},
	zoeklicht.RateLimited:   {"bron vraagt om langzamer te gaan", "source asks to slow down"},
	zoeklicht.Unreadable:    {"niet leesbaar", "not readable"},
}

var states = map[zoeklicht.SourceState]pair{
	zoeklicht.Proposed:  {"voorgesteld", "proposed"},
	zoeklicht.Vetted:    {"getoetst", "vetted"},
	zoeklicht.Approved:  {"goedgekeurd", "approved"},
	zoeklicht.Suspended: {"geschorst", "suspended"},
	zoeklicht.Rejected:  {"afgewezen", "rejected"},
	zoeklicht.Retired:   {"beëindigd", "retired"},
}

var decisions = map[zoeklicht.DecisionKind]pair{
	zoeklicht.Propose: {"voorgesteld", "proposed"},
	zoeklicht.Vet:     {"getoetst", "vetted"},
	zoeklicht.Approve: {"goedgekeurd", "approved"},
	zoeklicht.Suspend: {"geschorst", "suspended"},
	zoeklicht.Reject:  {"afgewezen", "rejected"},
	zoeklicht.Retire:  {"beëindigd", "retired"},
	zoeklicht.Recast:  {"recept gewijzigd", "recipe changed"},
}

var roles = map[zoeklicht.Role]pair{
	zoeklicht.Analyst:       {"analist", "analyst"},
	zoeklicht.Specialist:    {"intelligence-specialist", "intelligence specialist"},
	zoeklicht.SourceManager: {"bronbeheerder", "source manager"},
	zoeklicht.Prosecutor:    {"officier van justitie", "prosecutor"},
	zoeklicht.Auditor:       {"auditor", "auditor"},
	zoeklicht.Operator:      {"systeembeheerder", "operator"},
}

var codes = map[zoeklicht.Code]pair{
	zoeklicht.Invalid:     {"Dit klopt nog niet", "This is not right yet"},
	zoeklicht.NotFound:    {"Deze pagina is er niet", "This page is not there"},
	zoeklicht.Denied:      {"Dit mag niet met uw autorisatie", "Your authorisation does not allow this"},
	zoeklicht.Conflict:    {"Er is intussen iets veranderd", "Something changed meanwhile"},
	zoeklicht.Limit:       {"Er is een grens bereikt", "A limit was reached"},
	zoeklicht.Unavailable: {"Een onderdeel is er nu niet", "A part is not available now"},
	zoeklicht.Internal:    {"Er ging iets mis bij ons", "Something went wrong on our side"},
}

var advices = map[zoeklicht.Code]pair{
	zoeklicht.Invalid:     {"Ga terug, verbeter wat hierboven staat en probeer het opnieuw.", "Go back, correct what is said above and try again."},
	zoeklicht.NotFound:    {"Controleer het adres, of zoek opnieuw.", "Check the address, or search again."},
	zoeklicht.Denied:      {"Vraag de beheerder van dit thema om een autorisatie als u dit voor uw werk nodig hebt.", "Ask the manager of this theme for an authorisation if your work needs this."},
	zoeklicht.Conflict:    {"Bekijk de pagina opnieuw en beslis dan.", "Look at the page again and decide then."},
	zoeklicht.Limit:       {"Wacht even, of vraag om minder tegelijk.", "Wait a moment, or ask for less at once."},
	zoeklicht.Unavailable: {"Probeer het over een minuut opnieuw. Duurt het langer, meld dan het nummer hieronder.", "Try again in a minute. If it lasts, report the number below."},
	zoeklicht.Internal:    {"Probeer het opnieuw. Gebeurt het weer, meld dan het nummer hieronder.", "Try again. If it happens again, report the number below."},
}

var fields = map[string]pair{
	zoeklicht.FieldTitle:  {"titel", "title"},
	zoeklicht.FieldBody:   {"tekst", "text"},
	zoeklicht.FieldPrice:  {"prijs", "price"},
	zoeklicht.FieldPhones: {"telefoon", "phone"},
	zoeklicht.FieldImages: {"afbeeldingen", "pictures"},
	zoeklicht.FieldDate:   {"datum", "date"},
	zoeklicht.FieldPlace:  {"plaats", "place"},
	zoeklicht.FieldName:   {"naam", "name"},
	zoeklicht.FieldAge:    {"vermelde leeftijd", "stated age"},
}

var languages = map[string]pair{
	"nl": {"Nederlands", "Dutch"},
	"en": {"Engels", "English"},
	"de": {"Duits", "German"},
	"fr": {"Frans", "French"},
	"es": {"Spaans", "Spanish"},
	"pl": {"Pools", "Polish"},
	"ro": {"Roemeens", "Romanian"},
	"pt": {"Portugees", "Portuguese"},
	"it": {"Italiaans", "Italian"},
	"hu": {"Hongaars", "Hungarian"},
	"bg": {"Bulgaars", "Bulgarian"},
	"ru": {"Russisch", "Russian"},
	"uk": {"Oekraïens", "Ukrainian"},
	"tr": {"Turks", "Turkish"},
	"ar": {"Arabisch", "Arabic"},
	"zh": {"Chinees", "Chinese"},
	"th": {"Thai", "Thai"},
}
