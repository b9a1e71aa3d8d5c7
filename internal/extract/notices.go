package extract

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"

	"zoeklicht"
)

// What pages say that are not content, in Dutch, English and German. Headings are
// matched whole: "Error-free massage" is none of these.

var titleSeparators = regexp.MustCompile(`\s+[|–—·»:-]\s+`)

const (
	alas    = `(?:(?:oeps|oops|whoops|ups|hoppla|sorry|helaas|leider|entschuldigung|ach|oh nee|oh no)[,!. ]*)?`
	subject = `(?:(?:de|deze|die|diese|der|this|the|that|your|uw|je|ihre) )?(?:opgevraagde |gevraagde |requested |angeforderte )?` +
		`(?:pagina|page|webpagina|advertentie|ad|advert|advertisement|annonce|listing|profiel|profile|profil|seite|anzeige|inserat|url|item|artikel)`
	missing = `(?:(?:is|kon|could|konnte|can|kan|was|werd|wurde|ist|cannot be|could not be) ?)?` +
		`(?:niet (?:worden )?gevonden|not (?:be )?found|nicht gefunden(?: werden)?|bestaat niet(?: meer)?|does(?: not|n['’]t) exist(?: any ?more)?|` +
		`existiert nicht(?: mehr)?|no longer (?:available|exists|online)|(?:is )?niet (?:meer|langer) (?:beschikbaar|actief|online|zichtbaar)|` +
		`nicht mehr (?:verfügbar|online|aktiv)|(?:has been |has |was )?(?:removed|deleted|expired)|verwijderd|verlopen|(?:wurde )?(?:gelöscht|entfernt)|(?:ist )?abgelaufen)`
)

var headings = []struct {
	kind zoeklicht.NotContent
	re   *regexp.Regexp
}{
	{zoeklicht.RateLimited, whole(`(?:(?:fout|error|fehler) ?)?(?:429)?[ :.-]*(?:too many requests|te veel (?:verzoeken|aanvragen)|zu viele (?:anfragen|zugriffe)|rate limit(?:ed| exceeded))`)},
	{zoeklicht.Captcha, whole(`just a moment|attention required|(?:please )?(?:verify|confirm)(?: that)? you are (?:a )?human|are you (?:a )?(?:human|robot)|` +
		`ben (?:je|u) een (?:mens|robot)|bist du ein (?:mensch|roboter)|sind sie ein (?:mensch|roboter)|security check|beveiligingscontrole|sicherheitsprüfung|` +
		`checking your browser.*|ddos-guard|pardon our interruption|access to this page has been denied`)},
	{zoeklicht.SoftNotFound, whole(alas + `(?:(?:fout|error|fehler|http)[ :-]*)?(?:404|410)(?:[ :.-]+(?:error|fout|fehler|gone|oeps|oops|` + missing + `|` + subject + ` ` + missing + `))?`)},
	{zoeklicht.SoftNotFound, whole(alas + `(?:` + subject + ` )?` + missing)},
	{zoeklicht.ErrorPage, whole(alas + `(?:(?:http|fout|error|fehler|status)[ :-]*(?:50[0-4]|403)(?:[ :.-]+.{0,40})?|(?:50[0-4]|403)[ :.-]+(?:error|internal|bad|service|gateway|not implemented|forbidden|access|fout|fehler).{0,40})`)},
	{zoeklicht.ErrorPage, whole(alas + `(?:(?:een |an |ein )?(?:interne |internal |interner )?(?:server ?)?(?:fout|error|fehler|storing|störung)|bad gateway|service (?:temporarily )?unavailable|` +
		`gateway time-?out|er (?:is|ging) (?:iets|een fout).{0,40}|something went wrong|(?:da )?(?:ist )?etwas (?:ist )?schief.{0,30}|` +
		`(?:(?:gepland|under|scheduled|in) )?(?:maintenance|onderhoud|wartung|wartungsarbeiten)(?: mode)?|(?:tijdelijk|temporarily|vorübergehend) (?:niet bereikbaar|unavailable|nicht erreichbar)|` +
		`access denied|forbidden|geen toegang|toegang geweigerd|zugriff verweigert)`)},
}

// sentences say outright that a page is gone.
var sentences = []struct {
	kind zoeklicht.NotContent
	re   *regexp.Regexp
}{
	{zoeklicht.SoftNotFound, regexp.MustCompile(`(?i)\b` + subject + ` ` + `(?:die (?:je|u) zoekt |you(?: are|['’]re) looking for |die sie suchen |is helaas |ist leider |is |ist |)` + missing + `\b`)},
	{zoeklicht.RateLimited, regexp.MustCompile(`(?i)\btoo many requests\b|\bte veel verzoeken\b|\bzu viele anfragen\b`)},
}

var (
	loginWords   = whole(`(?:please )?(?:log ?in|sign ?in|login|inloggen|aanmelden|anmelden|einloggen|log in om verder te gaan|mijn account|my account)(?: .{0,40})?`)
	consentWords = whole(`(?:voordat (?:je|u) (?:verder gaat|doorgaat)|before you continue|bevor sie fortfahren|cookie[- ]?(?:s|wall|voorkeuren|instellingen|melding|preferences|settings|consent|einstellungen|hinweis)?|` +
		`(?:uw |jouw |your |ihre )?privacy[- ]?(?:instellingen|settings|voorkeuren)|privatsphäre(?:-einstellungen)?|toestemming|age verification|leeftijdscontrole|altersprüfung|` +
		`(?:ben (?:je|u)|are you|bist du|sind sie) (?:al |over )?18.{0,30})(?: .{0,30})?`)
	captchaWords = regexp.MustCompile(`(?i)captcha|robot|human|\bmens\b|mensch|verif|bevestig|bestätig`)
	captchaHosts = regexp.MustCompile(`(?i)recaptcha|hcaptcha\.com|challenges\.cloudflare\.com|captcha-delivery\.com|geetest|funcaptcha|arkoselabs|/cdn-cgi/challenge`)
	nothingFound = regexp.MustCompile(`(?i)\b(?:geen|0|no|keine|nul)\s+(?:\S+\s+){0,2}?(?:advertenties|resultaten|results|ads|adverts|listings|anzeigen|inserate|ergebnisse|treffer|items)\b|` +
		`\b(?:niets|nothing|nichts) (?:gevonden|found|gefunden)\b`)
)

// What is in the classes and ids of elements that ask for consent or for proof of
// being human.
var (
	consentMarks = []string{"cookie", "consent", "gdpr", "avg-", "cmp-", "onetrust", "didomi", "agegate", "age-gate", "age-verif", "ageverif", "leeftijd"}
	captchaMarks = []string{"recaptcha", "captcha", "cf-turnstile", "cf-challenge", "challenge-form", "challenge-running", "challenge-stage"}
)

// marked reports whether an element's classes or id hold one of the marks.
func marked(n *html.Node, marks []string) bool {
	for i := range n.Attr {
		if a := &n.Attr[i]; a.Key == "class" || a.Key == "id" {
			value := strings.ToLower(a.Val)
			for _, m := range marks {
				if strings.Contains(value, m) {
					return true
				}
			}
		}
	}
	return false
}

// whole matches a heading from its beginning to its end, full stops aside.
func whole(s string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(?:` + s + `)[ .!…?]*$`)
}

// headNotice tells what a heading says of its page, or "".
func headNotice(heading string) zoeklicht.NotContent {
	heading = words(heading)
	if heading == "" || len(heading) > 120 {
		return ""
	}
	for _, h := range headings {
		if h.re.MatchString(heading) {
			return h.kind
		}
	}
	return ""
}

// saysNothingFound tells an honest empty listing from a broken one.
func saysNothingFound(d *document) bool {
	return nothingFound.MatchString(clip(d.shown(), 20_000))
}
