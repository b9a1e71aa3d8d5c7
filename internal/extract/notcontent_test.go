package extract_test

import (
	"net/http"
	"strings"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/extract"
)

const (
	cookieBanner = `<div id="cookie-banner" class="modal"><h2>Cookies</h2><p>` +
		`Wij gebruiken cookies om de site te laten werken en te verbeteren. Lees meer in ons cookiebeleid. U kunt uw keuze altijd wijzigen.` +
		`</p><button>Alles accepteren</button><button>Weigeren</button></div>`
	siteHead = `<header><a href="/">Board</a><form action="/login"><input name=u><input type=password name=p><button>Inloggen</button></form></header><nav><a href="/a">Alle advertenties</a></nav>`
	siteFoot = `<footer>Board, voorwaarden, contact. Alle rechten voorbehouden.</footer>`
	advert   = `<h1>Ontspannende massage</h1><div class=text><p>Nieuw en rustig, op afspraak. Bel 06-00012345.</p></div>`
)

// Hand-made pages, as sites make them. What is content must never be taken for
// something else: those come first.
var pages = []struct {
	name   string
	status int
	html   string
	want   zoeklicht.NotContent
}{
	{"an advert", 200, advert, ""},
	{"a short advert", 200, `<h1>Massage</h1><div class=text>Bel mij</div>`, ""},
	{"an advert with a cookie banner", 200, cookieBanner + advert, ""},
	{"a short advert with a cookie banner over it", 200, `<title>Massage | Board</title>` + cookieBanner + `<h1>Massage</h1><div class=text>Op afspraak, in het centrum van de stad, ook in het weekend.</div>`, ""},
	{"an advert with a sign-in form in the head", 200, siteHead + advert + siteFoot, ""},
	{"an advert with a captcha on its contact form", 200, advert + `<p>Reageer op deze advertentie met het formulier hieronder.</p><form><textarea></textarea><div class="g-recaptcha"></div><button>Stuur</button></form>`, ""},
	{"a short advert with its own head and a banner", 200, cookieBanner + `<article><header><h1>Massage</h1></header><div class=text>Bel mij</div></article>`, ""},
	{"an advert in one form, as some servers make", 200, `<form id=aspnet><input type=hidden>` + advert + `</form>`, ""},
	{"an advert that names an error", 200, `<h1>Massage zonder fout</h1><div class=text>Een fout? Dan niet tevreden, geld terug.</div>`, ""},
	{"an advert for 404 euro", 200, `<h1>404 euro per dag</h1><div class=text>Ruime kamer te huur.</div>`, ""},
	{"an advert at number 500", 200, `<title>Hoofdstraat - 500</title><h1>Hoofdstraat 500</h1><div class=text>Studio met eigen ingang.</div>`, ""},
	{"an advert that says what is not available", 200, `<h1>Massage</h1><div class=text>Op zondag niet beschikbaar. Onderhoud van auto's wordt niet gedaan.</div>`, ""},
	{"an advert that expires", 200, advert + `<p>Deze advertentie verloopt op 1 december.</p>`, ""},
	{"an old advert under a notice", 200, `<p class=notice>Deze advertentie is verlopen.</p>` + advert + strings.Repeat("<p>Een uitgebreide tekst over de studio en de omgeving, met alle wensen en tijden.</p>", 8), ""},
	{"an advert about cookies", 200, `<h1>Cookies bakken</h1><div class=text>Workshop koekjes bakken in een gezellige keuken, voor groepen.</div>`, ""},

	{"too many requests", 429, advert, zoeklicht.RateLimited},
	{"unauthorised", 401, "", zoeklicht.LoginWall},
	{"server error", 500, advert, zoeklicht.ErrorPage},
	{"unavailable", 503, `<h1>503 Service Temporarily Unavailable</h1>`, zoeklicht.ErrorPage},
	{"unavailable, by captcha", 503, `<title>Just a moment...</title><div class="cf-challenge"></div>`, zoeklicht.Captcha},
	{"forbidden", 403, `<h1>Forbidden</h1>`, zoeklicht.ErrorPage},
	{"forbidden until proven human", 403, `<title>Attention Required! | Cloudflare</title><h1>Sorry</h1>`, zoeklicht.Captcha},
	{"redirect not followed", 302, "", zoeklicht.ErrorPage},

	{"nothing", 200, "", zoeklicht.EmptyTemplate},
	{"white space", 200, " \n\t", zoeklicht.EmptyTemplate},
	{"frame of a script", 200, `<!DOCTYPE html><title>Board</title><div id="root"></div><script src="/app.js"></script>`, zoeklicht.EmptyTemplate},
	{"head and foot only", 200, siteHead + `<main></main>` + siteFoot, zoeklicht.EmptyTemplate},

	{"sign-in page", 200, `<title>Inloggen | Board</title><h1>Inloggen</h1><form><label>E-mail<input></label><input type=password><button>Inloggen</button></form>`, zoeklicht.LoginWall},
	{"sign-in page, English", 200, `<title>Sign in</title><form><input type=password></form><p>New here? Create an account.</p>`, zoeklicht.LoginWall},
	{"sign-in to read", 200, siteHead + `<main><h1>Aanmelden</h1><form><input type=password></form><p>Meld u aan om deze advertentie te lezen. Nog geen account? Registreer gratis.</p></main>`, zoeklicht.LoginWall},

	{"captcha", 200, `<title>Board</title><form id="challenge-form"><div class="h-captcha" data-sitekey=x></div></form>`, zoeklicht.Captcha},
	{"captcha with words", 200, `<h1>Even geduld</h1><p>Bevestig dat u een mens bent om verder te gaan naar Board.</p><div class="cf-turnstile"></div>`, zoeklicht.Captcha},
	{"captcha, German", 200, `<h1>Sind Sie ein Mensch?</h1><p>Bitte lösen Sie die Aufgabe.</p>`, zoeklicht.Captcha},
	{"captcha by script", 200, `<script src="https://challenges.cloudflare.com/x.js"></script>`, zoeklicht.Captcha},

	{"consent wall", 200, `<title>Board</title>` + cookieBanner, zoeklicht.ConsentPage},
	{"consent wall by heading", 200, `<title>Voordat je verder gaat</title><h1>Voordat je verder gaat</h1><p>Wij vragen je toestemming voor het gebruik van gegevens door ons en onze partners.</p><form><button>Akkoord</button></form>`, zoeklicht.ConsentPage},
	{"consent wall, German", 200, `<h1>Privatsphäre-Einstellungen</h1><p>Wir und unsere Partner verarbeiten Daten.</p><button>Zustimmen</button>`, zoeklicht.ConsentPage},
	{"age gate", 200, `<h1>Ben je 18 jaar of ouder?</h1><form><button>Ja</button><button>Nee</button></form>`, zoeklicht.ConsentPage},

	{"error by heading", 200, `<title>Fout</title><h1>Er ging iets mis</h1><p>Probeer het later opnieuw.</p>`, zoeklicht.ErrorPage},
	{"error, English", 200, `<h1>500 Internal Server Error</h1><hr>nginx`, zoeklicht.ErrorPage},
	{"error, German", 200, `<h1>Interner Serverfehler</h1>`, zoeklicht.ErrorPage},
	{"maintenance", 200, `<h1>Onderhoud</h1><p>Wij zijn zo terug.</p>`, zoeklicht.ErrorPage},

	{"soft 404", 200, `<title>Pagina niet gevonden | Board</title>` + siteHead + `<h1>Oeps! Pagina niet gevonden</h1><p>Ga naar de <a href="/">voorpagina</a>.</p>`, zoeklicht.SoftNotFound},
	{"soft 404 by number", 200, `<title>404</title><p>Weg.</p>`, zoeklicht.SoftNotFound},
	{"soft 404 by sentence", 200, `<h1>Board</h1><p>Deze advertentie bestaat niet meer.</p>`, zoeklicht.SoftNotFound},
	{"soft 404, English", 200, `<title>Board</title><p>The page you are looking for could not be found.</p>`, zoeklicht.SoftNotFound},
	{"removed, English", 200, `<h1>This ad has been removed</h1>`, zoeklicht.SoftNotFound},
	{"expired, English", 200, `<p>This listing has expired</p>`, zoeklicht.SoftNotFound},
	{"soft 404, German", 200, `<h1>Seite nicht gefunden</h1>`, zoeklicht.SoftNotFound},
	{"gone, German", 200, `<p>Diese Anzeige ist leider nicht mehr verfügbar.</p>`, zoeklicht.SoftNotFound},
	{"soft rate limit", 200, `<h1>Too many requests</h1><p>Slow down.</p>`, zoeklicht.RateLimited},
	{"soft rate limit by sentence", 200, `<p>U hebt te veel verzoeken gedaan. Wacht even.</p>`, zoeklicht.RateLimited},
}

const looseRecipe = `
source: board
listing: {match: ^/ads, links: ul a}
advert:
  match: ^/ad/
  fields: {title: {select: h1}, body: {select: div.text, do: [text]}}
  require: [title, body]
`

func TestNotContent(t *testing.T) {
	t.Parallel()
	for _, tc := range pages {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := page("https://board.example/ad/1234", tc.html)
			p.Status = tc.status
			for name, r := range map[string]*extract.Reader{"generic": extract.Generic(extract.Options{}), "recipe": compile(t, looseRecipe, extract.Options{})} {
				if got := r.Read(p).NotContent; got != tc.want {
					t.Errorf("%s reads %q, want %q", name, got, tc.want)
				}
				if got := r.Links(p).NotContent; got != tc.want {
					t.Errorf("%s collects %q, want %q", name, got, tc.want)
				}
			}
		})
	}
}

// A site may put its message where adverts stand, so that the recipe finds all.
func TestMessageInTheAdvertsPlace(t *testing.T) {
	t.Parallel()
	r := compile(t, looseRecipe, extract.Options{})
	for title, want := range map[string]zoeklicht.NotContent{
		"Advertentie niet gevonden": zoeklicht.SoftNotFound, "Niet gevonden": zoeklicht.SoftNotFound, "Error": zoeklicht.ErrorPage,
		"Te veel verzoeken": zoeklicht.RateLimited, "Niet gevonden, wel gezocht": "", "Nieuw": "", "Foutloos": "",
	} {
		got := r.Read(page("https://board.example/ad/1", "<h1>"+title+"</h1><div class=text>Ga naar de voorpagina.</div>"))
		if got.NotContent != want {
			t.Errorf("%q is %q, want %q", title, got.NotContent, want)
		}
	}
}

func TestAnswersAboutTheAdvert(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusNotFound, http.StatusGone} {
		p := page("https://board.example/ad/417", boardAdvert)
		p.Status = status
		r := compile(t, boardRecipe, extract.Options{})
		got := r.Read(p)
		if got.NotContent != "" || got.Title != "" || got.Fields != nil || got.Key != "417" {
			t.Errorf("%d: %+v", status, got)
		}
		if l := r.Links(p); l.NotContent != "" || l.Images != nil || l.Kind != zoeklicht.KindAdvert {
			t.Errorf("%d: %+v", status, l)
		}
	}
}

func TestBarriersOfTheRecipe(t *testing.T) {
	t.Parallel()
	r := compile(t, boardRecipe, extract.Options{})
	for _, tc := range []struct {
		html string
		want zoeklicht.NotContent
	}{
		{boardAdvert, ""},
		{boardAdvert + `<form id=cookies></form>`, zoeklicht.ConsentPage},
		{boardAdvert + `<p>Please prove that you are not a robot</p>`, zoeklicht.Captcha},
		{boardAdvert + `<p hidden>prove that you are</p>`, ""},
	} {
		if got := r.Read(page("https://board.example/ad/1", tc.html)).NotContent; got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	r := compile(t, boardRecipe, extract.Options{})
	cut := page("https://board.example/ad/1", boardAdvert)
	cut.Truncated = "disconnect"
	for name, p := range map[string]extract.Page{
		"cut off": cut,
		"picture": page("https://board.example/ad/1", "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"+strings.Repeat("\x00\x01\x02\x80", 50)),
		"pdf":     page("https://board.example/ad/1", "%PDF-1.7\n1 0 obj"),
		"zip":     page("https://board.example/ad/1", "PK\x03\x04"+strings.Repeat("\x00\x01\x90\x00", 20)),
	} {
		if got := r.Read(p).NotContent; got != zoeklicht.Unreadable {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestEmptyListings(t *testing.T) {
	t.Parallel()
	r := compile(t, boardRecipe, extract.Options{})
	for _, tc := range []struct {
		name, html string
		want       zoeklicht.NotContent
	}{
		{"adverts", `<ul class=results><li><a href="/ad/1">een</a></ul>`, ""},
		{"frame without adverts", `<h1>Advertenties</h1><ul class=results></ul>`, zoeklicht.EmptyTemplate},
		{"links that are no adverts", `<ul class=results><a href="/promo">x</a></ul>`, zoeklicht.EmptyTemplate},
		{"total of nothing", `<p class=count>0 advertenties</p><ul class=results></ul>`, ""},
		{"says there are none", `<h1>Advertenties</h1><p>Er zijn geen advertenties gevonden.</p>`, ""},
		{"says there are none, German", `<p>Keine passenden Anzeigen.</p>`, ""},
		{"error instead", `<h1>Er ging iets mis</h1>`, zoeklicht.ErrorPage},
		{"sign-in instead", `<h1>Inloggen</h1><form><input type=password></form>`, zoeklicht.LoginWall},
	} {
		if got := r.Links(page("https://board.example/ads", tc.html)); got.NotContent != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got.NotContent, tc.want)
		}
	}
}
