package web

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/access/accesstest"
)

// TestPages visits the dashboard as a browser without JavaScript does. The parts share
// one door, because making people takes time; each has a world of its own.
func TestPages(t *testing.T) {
	door := newDoor(t)
	for _, part := range []struct {
		name string
		test func(*testing.T, *testSite)
	}{
		{"sign in", testSignIn},
		{"where to go after signing in", testNext},
		{"themes", testThemes},
		{"not there", testNotThere},
		{"account", testAccount},
		{"roles", testRoles},
		{"home", testHome},
		{"progress", testProgress},
		{"search", testSearch},
		{"results stay", testResultsStay},
		{"wrong questions", testWrongQuestions},
		{"as of", testAsOf},
		{"advert", testAdvert},
		{"reveal", testReveal},
		{"pictures", testPictures},
		{"destroyed", testDestroyed},
		{"sources", testSources},
		{"two persons", testTwoPersons},
		{"proposing", testProposing},
		{"runs", testRuns},
		{"errors", testErrors},
		{"panic", testPanic},
		{"headers", testHeaders},
		{"other sites", testOtherSites},
		{"log", testLog},
		{"assets", testAssets},
		{"house style", testHouseStyle},
		{"operation", testOperation},
		{"languages", testLanguages},
	} {
		t.Run(part.name, func(t *testing.T) {
			part.test(t, newSite(t, door, newWorld(amsterdam(t), 60)))
		})
	}
}

func testSignIn(t *testing.T, s *testSite) {
	v := s.as(t, "")
	g := v.get("/t/practice/search?q=massage")
	if g.path != "/sign-in?next=%2Ft%2Fpractice%2Fsearch%3Fq%3Dmassage" {
		t.Fatalf("signed out, %s was shown", g.path)
	}
	g.has(t, `name="next" value="/t/practice/search?q=massage"`, "<h1>Aanmelden</h1>")
	g = v.post("/sign-in", url.Values{"login": {"wrongly"}, "password": {"no"}, "next": {"/t/practice/search?q=massage"}})
	if g.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong password: %d", g.status)
	}
	g.has(t, "De naam of het wachtwoord klopt niet.", `value="wrongly"`, `value="/t/practice/search?q=massage"`)
	g.hasNot(t, `value="no"`)
	g = v.post("/sign-in", url.Values{"login": {"anna"}, "password": {accesstest.Password}, "next": {"/t/practice/search?q=massage"}})
	if g.path != "/t/practice/search?q=massage" || g.status != http.StatusOK {
		t.Errorf("after signing in: %s, %d", g.path, g.status)
	}
	if g = v.get("/sign-in"); strings.HasPrefix(g.path, "/sign-in") {
		t.Error("who is signed in sees the sign-in page")
	}
	g = v.post("/sign-out", url.Values{})
	if g.path != "/sign-in" {
		t.Errorf("after signing out: %s", g.path)
	}
	if g = v.get("/t/practice/"); !strings.HasPrefix(g.path, "/sign-in") {
		t.Errorf("signed out, %s was shown", g.path)
	}
	for range 4 {
		g = v.post("/sign-in", url.Values{"login": {"hammered"}, "password": {"no"}})
	}
	if g.status != http.StatusTooManyRequests {
		t.Errorf("the fifth attempt in a row: %d", g.status)
	}
	g.has(t, "Wacht een minuut")
}

func testNext(t *testing.T, s *testSite) {
	for _, next := range []string{"//evil.example/", "https://evil.example/", `/\evil.example`, "/\tx", "evil", "/ok\r\nx: y", "/" + strings.Repeat("a", 5000)} {
		v := s.as(t, "")
		g := v.post("/sign-in", url.Values{"login": {"anna"}, "password": {accesstest.Password}, "next": {next}})
		if g.path != "/t/practice/" {
			t.Errorf("next %q leads to %s", next, g.path)
		}
	}
}

func testThemes(t *testing.T, s *testSite) {
	if g := s.as(t, "anna").get("/"); g.path != "/t/practice/" {
		t.Errorf("one theme, and %s is shown", g.path)
	}
	g := s.as(t, "two").get("/")
	g.has(t, `href="/t/practice/">Oefenthema`, `href="/t/other/">Ander thema`, "Leren werken met Zoeklicht.", "analist: test (tot 01-01-2200)")
	accesstest.Person(t, s.door, "nobody", false)
	g = s.as(t, "nobody").get("/")
	g.has(t, "U hebt geen toegang tot een thema")
}

var referenceCode = regexp.MustCompile(`<code id="reference">[A-Z0-9]+</code>`)

// testNotThere: a theme that one may not enter, an advert of another theme and an
// address that means nothing get the same answer, byte for byte but for the reference.
func testNotThere(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	var first string
	for _, p := range []string{
		"/t/nothing/", "/t/other/", "/t/other/adverts/100001", "/t/other/sources/practice-a", "/t/other/search?q=x", "/t/other/progress",
		"/t/practice/adverts/999999", "/t/practice/adverts/0", "/t/practice/adverts/x", "/t/practice/adverts/100001?v=99", "/t/practice/results/r-nothere",
		"/t/practice/sources/none", "/t/practice/pictures/1000011/1", "/t/practice/what", "/t/practice/adverts/100005?asof=2001-01-01T00:00", "/elsewhere", "/t/", "/admin", "/t/practice/adverts/100001/",
	} {
		g := v.get(p)
		body := referenceCode.ReplaceAllString(g.body, "")
		if first == "" {
			first = body
		}
		// The language switch comes back to where one is, which the reader knows.
		back := regexp.MustCompile(`name="next" value="[^"]*"`)
		if g.status != http.StatusNotFound || back.ReplaceAllString(body, "") != back.ReplaceAllString(first, "") {
			t.Errorf("%s: %d, and another page than for what does not exist", p, g.status)
		}
	}
	if strings.Contains(first, "Oefenthema") {
		t.Error("the page tells which theme one is in")
	}
}

func testAccount(t *testing.T, s *testSite) {
	accesstest.People(t, s.door, &zoeklicht.Theme{Name: "pass", Practice: true}, map[string][]zoeklicht.Role{"pam": {zoeklicht.Analyst}})
	v, elsewhere := s.as(t, "pam"), s.as(t, "pam")
	form := func(old, fresh, repeat string) url.Values {
		return url.Values{"old": {old}, "new": {fresh}, "repeat": {repeat}}
	}
	const fresh = "seven wet words will do"
	g := v.post("/account", form(accesstest.Password, fresh, "another one"))
	g.has(t, "De twee nieuwe wachtwoorden zijn niet gelijk.")
	g = v.post("/account", form("wrong", fresh, fresh))
	g.has(t, "Het wachtwoord van nu klopt niet.")
	g = v.post("/account", form(accesstest.Password, "short", "short"))
	g.has(t, "Dit nieuwe wachtwoord kan niet.")
	g.hasNot(t, fresh, accesstest.Password)
	g = v.post("/account", form(accesstest.Password, fresh, fresh))
	g.has(t, "Uw wachtwoord is gewijzigd.")
	if g = elsewhere.get("/account"); !strings.HasPrefix(g.path, "/sign-in") {
		t.Error("another browser is still signed in after the password was changed")
	}
	// A first password, made by somebody else, opens nothing before it is changed.
	p, err := s.door.PersonByLogin(t.Context(), "pam")
	if err != nil {
		t.Fatal(err)
	}
	first, err := s.door.ResetPassword(t.Context(), -1, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	v = s.as(t, "")
	g = v.post("/sign-in", url.Values{"login": {"pam"}, "password": {first}})
	if g.path != "/account" {
		t.Errorf("with a first password, %s is shown", g.path)
	}
	g.has(t, "Kies eerst een eigen wachtwoord.")
	if g = v.get("/t/pass/"); g.path != "/account" {
		t.Errorf("with a first password, %s is shown", g.path)
	}
}

// testRoles: each role sees the screens that are its work, and not the others.
func testRoles(t *testing.T, s *testSite) {
	for login, want := range map[string]map[string]int{
		"anna": {"/t/practice/": 200, "/t/practice/search": 200, "/t/practice/adverts/100005": 200, "/t/practice/sources": 200, "/t/practice/sources/new": 200},
		"bo":   {"/t/practice/": 200, "/t/practice/search": 404, "/t/practice/search?q=massage": 404, "/t/practice/adverts/100005": 404, "/t/practice/sources": 200, "/t/practice/sources/new": 200},
		"bea":  {"/t/practice/": 200, "/t/practice/search": 404, "/t/practice/adverts/100005": 404, "/t/practice/sources": 200, "/t/practice/sources/new": 404},
		"ada":  {"/t/practice/": 200, "/t/practice/results/r-0123456789": 404, "/t/practice/sources/practice-a": 200, "/t/practice/sources/new": 404},
	} {
		v := s.as(t, login)
		for p, status := range want {
			if g := v.get(p); g.status != status {
				t.Errorf("%s sees %s with %d, want %d", login, p, g.status, status)
			}
		}
	}
	if len(s.world.audit) == 0 {
		t.Fatal("nothing was served")
	}
	for _, line := range s.world.audit {
		if strings.Contains(line, "Test bo") || strings.Contains(line, "Test bea") || strings.Contains(line, "Test ada") {
			t.Errorf("served: %s", line)
		}
	}
	// What the screen does not offer is refused all the same.
	for _, p := range []string{"/t/practice/sources/practice-a/decide", "/t/practice/sources/practice-a/run", "/t/practice/sources"} {
		if g := s.as(t, "ada").post(p, url.Values{"kind": {"suspend"}, "reason": {"because it has to be"}}); g.status < 400 {
			t.Errorf("an auditor posts to %s: %d", p, g.status)
		}
	}
	if src := s.world.sources["practice-a"]; src.State != zoeklicht.Approved {
		t.Error("an auditor suspended a source")
	}
}

func testHome(t *testing.T, s *testSite) {
	for i := range 80 {
		s.world.addAdvert(60 + i)
	}
	g := s.as(t, "alles").get("/t/practice/")
	g.has(t, "uw vorige bezoek: 20-11-2026\u00a008:09", `action="/t/practice/search"`, `action="/t/practice/numbers"`, `action="/t/practice/capture"`,
		"Wat op u wacht", "getoetst: te beslissen", "voorgesteld: te toetsen", "goedkeuring eindigde op", "goedkeuring eindigt op",
		"1 bezoek loopt", "407", "212", "1,6/s", "14&nbsp;×&nbsp;bron gaf een fout", "240 van 240", "ligt stil", "the source does not answer")
	g = s.as(t, "anna").get("/t/practice/")
	g.has(t, "Er wacht niets op u.")
	g = s.as(t, "bo").get("/t/practice/")
	g.hasNot(t, "Zoek in advertenties", "Nieuw sinds")
	g.has(t, "407")
	s.world.adverts = map[zoeklicht.AdvertID]*zoeklicht.Advert{}
	order := s.world.order
	s.world.order, s.world.runs = nil, nil
	g = s.as(t, "alles").get("/t/practice/")
	g.has(t, "De werklijst is leeg", "Er is nog geen bron goedgekeurd.", "Er wacht niets op u.")
	// Without a worklist, what is new is told all the same.
	s.world.desk.absent = true
	g = newSite(t, s.door, s.world).as(t, "alles").get("/t/practice/")
	g.has(t, "Er zijn nog geen advertenties gevonden.")
	s.world.order = order
	s.world.addAdvert(1)
	g = newSite(t, s.door, s.world).as(t, "alles").get("/t/practice/")
	g.has(t, "Nieuw sinds uw vorige bezoek op 20-11-2026\u00a008:09")
}

// testProgress: the live part is a part only, quick while something runs; it leaves the
// session alone, and reloads the page for who is not signed in any more.
func testProgress(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	g := v.do(http.MethodGet, "/t/practice/progress", nil, "HX-Request", "true")
	g.has(t, `hx-trigger="every 3s"`, "407")
	g.hasNot(t, "<html")
	if g.header.Get("Set-Cookie") != "" {
		t.Error("polling renews the session")
	}
	s.world.runs = s.world.runs[1:]
	g = v.get("/t/practice/progress")
	g.has(t, `hx-trigger="every 30s"`, "er loopt nu geen bezoek")
	out := s.as(t, "")
	g = out.do(http.MethodGet, "/t/practice/progress", nil, "HX-Request", "true")
	if g.status != http.StatusUnauthorized || g.header.Get("HX-Refresh") != "true" {
		t.Errorf("signed out: %d %v", g.status, g.header)
	}
}

func testSearch(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	g := v.get("/t/practice/search")
	g.has(t, `<option value="Utrecht">`, "Practice site A", `name="newest"`)
	g.hasNot(t, "Resultaat")
	g = v.get("/t/practice/search?q=" + url.QueryEscape(`weekend "ontspanning in" -evening`))
	g.has(t, "<mark>weekend</mark>", "<mark>Ontspanning in</mark>", "Resultaat", "Regel 1 tot en met", "Nieuwe versies per dag", "gearceerd: geen volledig bezoek", "06 •••••••")
	g.hasNot(t, "06 000")
	g = v.get("/t/practice/search?place=Utrecht&source=practice-a&from=1-11-2026&state=online&newest=1&lang=nl&picture=with&phone=" + url.QueryEscape("+31 6 00"))
	g.has(t, `<span class="dim">Plaats:</span> <bdi>Utrecht</bdi>`, "Practice site A</bdi>", "met afbeelding", "alleen nieuwste", "staat er nog")
	chips := regexp.MustCompile(`<li><a href="(/t/practice/search\?[^"]*)">`).FindAllStringSubmatch(g.body, -1)
	if len(chips) != 8 {
		t.Errorf("%d chips, want 8", len(chips))
	}
	g = v.get("/t/practice/search?q=xyzzy&source=practice-a&source=practice-c")
	g.has(t, "Niets gevonden, peilmoment 22-11-2026\u00a008:15", "Er is gezocht in 2 goedgekeurde bronnen.", "Practice site C", "Probeer dit:", "vastgelegd onder dit resultaatnummer")
}

var permanentLink = regexp.MustCompile(`/t/practice/results/r-[0-9a-f]+`)

// testResultsStay: the permanent link gives the same rows and counts after more was
// found, page by page, and says that it is about the past.
func testResultsStay(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	g := v.get("/t/practice/search?q=massage&asof=2026-11-20T12:00")
	to := permanentLink.FindString(g.body)
	if to == "" {
		t.Fatal("no permanent link")
	}
	rows := regexp.MustCompile(`(?s)<ol class="rows">.*?</ol>`)
	before := rows.FindString(v.get(to).body)
	second := rows.FindString(v.get(to + "?page=2").body)
	if before == "" || second == "" || before == second {
		t.Fatal("the two pages are not two pages")
	}
	if g := v.get(to + "?page=99"); g.path != to+"?page=3" {
		t.Errorf("a page that there is not leads to %s", g.path)
	}
	for i := range 30 {
		s.world.addAdvert(200 + i)
	}
	g = v.get(to)
	if rows.FindString(g.body) != before || rows.FindString(v.get(to+"?page=2").body) != second {
		t.Error("the answer changed")
	}
	g.has(t, `class="bar past"`, "20-11-2026\u00a012:00", "U ziet wat toen bekend was.", "Terug naar nu", `href="/t/practice/search?q=massage">Terug naar nu`)
	// Rows lead to adverts as they were known then.
	advert := regexp.MustCompile(`href="(/t/practice/adverts/[0-9]+\?[^"]*asof=[^"]+)" data-row`).FindStringSubmatch(g.body)
	if advert == nil {
		t.Fatal("rows do not lead to adverts of that moment")
	}
	v.get(strings.ReplaceAll(advert[1], "&amp;", "&")).has(t, `class="bar past"`)
}

func testWrongQuestions(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	for query, want := range map[string]string{
		"q=x&from=31-02-2026":               "“31-02-2026” is geen dag. Schrijf dd-mm-jjjj",
		"q=x&from=2-1-2026&to=1-1-2026":     "De laatste dag ligt voor de eerste.",
		"phone=12":                          "ten minste vier cijfers van één nummer",
		"q=" + url.QueryEscape(`"unclosed`): "De vraag is niet te begrijpen.",
		"q=" + strings.Repeat("a", 3000):    "De vraag is niet te begrijpen.",
	} {
		before := len(s.world.results)
		g := v.get("/t/practice/search?" + query)
		if g.status != http.StatusUnprocessableEntity {
			t.Errorf("%.40s: %d", query, g.status)
		}
		g.has(t, want, `role="alert"`)
		if len(s.world.results) != before {
			t.Errorf("%.40s was asked all the same", query)
		}
	}
}

func testAsOf(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	choose := func(form string) string { return v.get("/t/practice/asof?" + form).path }
	for form, want := range map[string]string{
		"day=20-10-2026&clock=23:59&next=" + url.QueryEscape("/t/practice/search?q=massage"):                               "/t/practice/search?asof=2026-10-20T23%3A59&q=massage",
		"day=20-10-2026&clock=&next=" + url.QueryEscape("/t/practice/adverts/100005"):                                      "/t/practice/adverts/100005?asof=2026-10-20T23%3A59",
		"day=22-11-2026&clock=&next=" + url.QueryEscape("/t/practice/search?asof=2026-10-20T23%3A59&q=massage"):            "/t/practice/search?q=massage",
		"day=20-10-2026&clock=8&again=" + url.QueryEscape("/t/practice/search?q=a") + "&next=/t/practice/results/r-012345": "/t/practice/search?asof=2026-10-20T08%3A00&q=a",
		"day=20-10-2026&clock=8&next=//evil.example/":                                                                      "/t/practice/?asof=2026-10-20T08%3A00",
	} {
		if got := choose(form); got != want {
			t.Errorf("%s:\n got %s\nwant %s", form, got, want)
		}
	}
	for _, bad := range []string{"?asof=%3F&q=massage", "?asof=2030-01-01T00:00&q=massage", "?asof=nonsense&q=massage"} {
		v.get("/t/practice/search"+bad).has(t, "Dat is geen moment in het verleden. U ziet nu.")
	}
	now, then := v.get("/t/practice/search?q=massage"), v.get("/t/practice/search?q=massage&asof=2026-10-20T23:59")
	then.has(t, `class="bar past"`, `name="asof" value="2026-10-20T23:59"`, `href="/t/practice/?asof=2026-10-20T23%3A59"`)
	now.hasNot(t, `class="bar past"`)
	count := regexp.MustCompile(`>([0-9.]+) advertenties<`)
	a, b := count.FindStringSubmatch(now.body), count.FindStringSubmatch(then.body)
	if a == nil || b == nil || a[1] == b[1] {
		t.Errorf("now %v, then %v", a, b)
	}
	// Screens that always show now say so.
	v.get("/t/practice/sources?asof=2026-10-20T23:59").has(t, "dit scherm toont altijd de laatste stand")
}

func testAdvert(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	g := v.get("/t/practice/adverts/100005")
	g.has(t, "Wat is er veranderd: versie 4 → 5", "5 versies", "eerste waarneming", "<ins>", "<del>", "[was: ", "[nieuw: ", "06 •••••••",
		"h1.title", "dl.facts dd:nth-of-type(1)", "wacht op het controleerbare logboek", "SHA-256 van de pagina", "3 onderdelen, elk apart versleuteld",
		"https://practice-b.example/adverts/5004?sid=0123", "Niet opgehaald", "bron gaf een fout", "403 Forbidden, 3 attempts")
	g.hasNot(t, "06 000", `href="https://`, "<img src=\"/t/")
	g = v.get("/t/practice/adverts/100005?v=2&with=5")
	g.has(t, "Wat is er veranderd: versie 2 → 5")
	g = v.get("/t/practice/adverts/100005?v=1")
	g.hasNot(t, "Wat is er veranderd")
	g = v.get("/t/practice/adverts/100006") // one version only
	g.has(t, "1 versie")
	g.hasNot(t, "Wat is er veranderd", `class="compare"`)
	link := regexp.MustCompile(`<a href="(/t/practice/adverts/100005\?asof=[^"]+)">vaste koppeling`).FindStringSubmatch(v.get("/t/practice/adverts/100005").body)
	if link == nil {
		t.Fatal("no permanent link")
	}
	s.world.now = s.world.now.AddDate(0, 0, 2)
	v.get(strings.ReplaceAll(link[1], "&amp;", "&")).has(t, "Wat is er veranderd: versie 4 → 5", `class="bar past"`)
}

// testReveal: numbers are masked until a POST asks for them with a purpose; each look is
// audited for it; another purpose hides them again; nobody else sees them.
func testReveal(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	const advert = "/t/practice/adverts/100005"
	page := v.get(advert)
	raw, _ := phoneOf(4 + 5/3)
	thing := regexp.MustCompile(`name="thing" value="(v:[0-9]+)"`).FindStringSubmatch(page.body)[1]
	audited := func(what string) int {
		n := 0
		for _, line := range s.world.audit {
			if strings.HasPrefix(line, what) {
				n++
			}
		}
		return n
	}
	// Without a purpose, and with one that says nothing.
	for purpose, want := range map[string]string{"": "Geef eerst een zaaknummer of taak op.", "x": "Dat is te kort"} {
		g := v.post(advert+"/reveal", url.Values{"thing": {thing}, "purpose": {purpose}, "next": {advert}})
		g.has(t, want)
		g.hasNot(t, raw)
	}
	if audited("reveal") != 0 {
		t.Fatal("something was revealed without a purpose")
	}
	g := v.post(advert+"/reveal", url.Values{"thing": {thing, "v:1", "v:1000061"}, "purpose": {"zaak 2026-0142"}, "next": {advert}})
	g.has(t, raw, "zaak 2026-0142", "Verberg de nummers weer")
	if audited("reveal "+thing[2:]+" by Test anna for zaak 2026-0142") != 1 {
		t.Errorf("audit: %v", s.world.audit)
	}
	v.get(advert).has(t, raw)
	if audited("reveal "+thing[2:]) != 2 {
		t.Error("a second look was not audited")
	}
	if audited("reveal") != 2 {
		t.Error("more was revealed than what was asked for")
	}
	s.as(t, "alles").get(advert).hasNot(t, raw)
	v.get("/t/practice/adverts/100005?v=2").hasNot(t, "06 000")
	v.get("/t/practice/search?q=massage").hasNot(t, "06 000")
	// The difference stays masked unless both sides are in the clear.
	v.get(advert).hasNot(t, "<del><span class=\"vh\">[was: </span>06 000")
	g = v.post(advert+"/reveal", url.Values{"thing": {thing}, "hide": {"1"}, "next": {advert}})
	g.hasNot(t, raw)
	v.post(advert+"/reveal", url.Values{"thing": {thing}, "next": {advert}}).has(t, raw)
	g = v.post("/t/practice/purpose", url.Values{"purpose": {"zaak 2026-0999"}, "next": {advert}})
	g.hasNot(t, raw)
	g.has(t, "zaak 2026-0999", "Uw doel is vastgelegd.")
}

func testPictures(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	const advert = "/t/practice/adverts/100005"
	page := v.get(advert)
	version := regexp.MustCompile(`name="all" value="v:([0-9]+)"`).FindStringSubmatch(page.body)[1]
	picture := "/t/practice/pictures/" + version + "/0"
	if g := v.get(picture); g.status != http.StatusNotFound {
		t.Fatalf("a picture that nobody asked for: %d", g.status)
	}
	g := v.post(advert+"/reveal", url.Values{"thing": {"p:" + version + ":0"}, "purpose": {"zaak 2026-0142"}, "next": {advert + "#pictures-title"}})
	g.has(t, `<img src="`+picture+`"`, "Afbeelding 2, verborgen")
	g = v.get(picture)
	if g.status != http.StatusOK || g.header.Get("Content-Type") != "image/png" || !strings.Contains(g.header.Get("Content-Security-Policy"), "sandbox") || g.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the picture: %d %v", g.status, g.header)
	}
	if g := v.get("/t/practice/pictures/" + version + "/1"); g.status != http.StatusNotFound {
		t.Errorf("another picture came along: %d", g.status)
	}
	if g := s.as(t, "alles").get(picture); g.status != http.StatusNotFound {
		t.Errorf("somebody else's session: %d", g.status)
	}
	g = v.post(advert+"/reveal", url.Values{"all": {"v:" + version}, "next": {advert}})
	g.has(t, picture, "/t/practice/pictures/"+version+"/1")
	g.hasNot(t, "/t/practice/pictures/"+version+"/2") // was never fetched
	g = v.post(advert+"/reveal", url.Values{"hide-all": {"v:" + version}, "next": {advert}})
	g.hasNot(t, picture)
	if g := v.get(picture); g.status != http.StatusNotFound {
		t.Errorf("a hidden picture: %d", g.status)
	}
	if got := strings.Join(s.world.audit, "\n"); !strings.Contains(got, "picture "+version+"/0 by Test anna for zaak 2026-0142") {
		t.Errorf("audit: %s", got)
	}
}

func testDestroyed(t *testing.T, s *testSite) {
	a := s.world.adverts[100005]
	a.Versions[0] = zoeklicht.Version{ID: a.Versions[0].ID, Advert: a.ID, Source: a.Source, N: 5, SeenAt: a.Versions[0].SeenAt, Destroyed: true, Rule: "unflagged/90"}
	v := s.as(t, "anna")
	g := v.get("/t/practice/adverts/100005")
	g.has(t, "Versie 5 is vernietigd", "unflagged/90")
	g.hasNot(t, "Herkomst en bewijs", `name="thing"`)
	g = v.get("/t/practice/adverts/100005?v=4&with=5")
	g.has(t, "Versie 5 is vernietigd")
	if g := v.post("/t/practice/adverts/100005/reveal", url.Values{"thing": {versionThing(a.Versions[0].ID)}, "purpose": {"zaak 2026-0142"}}); g.status != http.StatusOK {
		t.Errorf("revealing what was destroyed: %d", g.status)
	}
}

func testSources(t *testing.T, s *testSite) {
	g := s.as(t, "anna").get("/t/practice/sources")
	g.has(t, "Practice site A", "practice-a.example", "About 400 new adverts", "22-03-2027", "ligt stil", "Bron voorstellen", "gestopt")
	g = s.as(t, "anna").get("/t/practice/sources/practice-a")
	g.has(t, "Is de bron openbaar", "Yes: every page can be read", "voorgesteld", "door <bdi>A. Voorbeeld</bdi>", "Thank you; it is being decided on.",
		"goedgekeurd tot 22-03-2027", "img.practice-a.example", "1\u00a0dag", "Versie 1 is in gebruik.", "template: list and detail", "655", "van 300")
	g.hasNot(t, "Schors de bron", "Bezoek stoppen")
	g = s.as(t, "bo").get("/t/practice/sources/practice-a")
	g.has(t, "Schors de bron", "Opnieuw toetsen", "Bezoek stoppen")
	g = s.as(t, "bo").get("/t/practice/sources/practice-c")
	g.has(t, "goedkeuring eindigde op 19-11-2026: het bezoek ligt stil", "Nu bezoeken")
}

// testTwoPersons: vetting and approving, each with what it needs, by two people.
func testTwoPersons(t *testing.T, s *testSite) {
	bo, bas := s.as(t, "bo"), s.as(t, "bas")
	const source = "/t/practice/sources/practice-d"
	vet := url.Values{
		"kind": {"vet"}, "reason": {"Read twenty adverts and the terms of the site."}, "answer": {"It will be decided on this week."},
		"public": {"Yes."}, "real": {"Yes."}, "need": {"It is the only one."}, "proportionate": {"Adverts only."}, "against": {""},
	}
	g := bo.post(source+"/decide", vet)
	if g.status != http.StatusUnprocessableEntity || s.world.sources["practice-d"].State != zoeklicht.Proposed {
		t.Fatalf("vetted without an answer: %d", g.status)
	}
	g.has(t, "Deze vraag heeft nog geen antwoord.", `href="#vet-against"`, "It is the only one.")
	vet.Set("against", "Few adverts a week.")
	g = bo.post(source+"/decide", vet)
	g.has(t, "Uw beslissing staat in het register.", "U hebt deze bron getoetst.", "Few adverts a week.", "It will be decided on this week.")
	g.hasNot(t, "Keur goed")
	approve := url.Values{"kind": {"approve"}, "reason": {"Proportionate for half a year."}, "review": {"22-05-2027"}}
	if g := bo.post(source+"/decide", approve); g.status != http.StatusConflict || s.world.sources["practice-d"].State != zoeklicht.Vetted {
		t.Errorf("the same person approved: %d", g.status)
	}
	for _, bad := range []string{"", "21-11-2026", "soon"} {
		approve.Set("review", bad)
		g := bas.post(source+"/decide", approve)
		g.has(t, "Geef een dag in de toekomst")
	}
	approve.Set("review", "22-05-2027")
	g = bas.post(source+"/decide", approve)
	g.has(t, "goedgekeurd tot", "Schorsen")
	if src := s.world.sources["practice-d"]; src.State != zoeklicht.Approved || len(src.Decisions) != 3 {
		t.Fatalf("%+v", src)
	}
	g = bas.post(source+"/decide", url.Values{"kind": {"suspend"}, "reason": {"short"}})
	g.has(t, "Geef een reden van minstens tien tekens.")
	g = bas.post(source+"/decide", url.Values{"kind": {"suspend"}, "reason": {"The operator asked a question."}})
	g.has(t, "geschorst")
	if g := bas.post(source+"/decide", url.Values{"kind": {"approve"}, "reason": {"Proportionate for half a year."}, "review": {"22-05-2027"}}); g.status != http.StatusConflict {
		t.Errorf("approved without vetting: %d", g.status)
	}
}

func testProposing(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	g := v.post("/t/practice/sources", proposal(map[string]string{"home": "nowhere", "reason": "<i>because</i> it was named"}))
	if g.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong proposal: %d", g.status)
	}
	g.has(t, "Het beginadres begint met", "&lt;i&gt;because&lt;/i&gt; it was named", `value="Example board"`)
	g = v.post("/t/practice/sources", proposal(nil))
	if g.path != "/t/practice/sources/example-board" {
		t.Fatalf("after proposing: %s", g.path)
	}
	g.has(t, "Het voorstel staat in het register.", "voorgesteld", "Named in a report of last week.", "www.board.example")
	g = v.post("/t/practice/sources", proposal(nil))
	g.has(t, "Er is al een bron met deze korte naam.")
	// Who may vet and proposed it is told so.
	g = s.as(t, "alles").post("/t/practice/sources", proposal(map[string]string{"id": "mine"}))
	g.has(t, "U hebt deze bron voorgesteld.")
	g.hasNot(t, "Leg de toetsing vast")
}

func testRuns(t *testing.T, s *testSite) {
	g := s.as(t, "bea").post("/t/practice/sources/practice-a/run", url.Values{"stop": {"1"}})
	g.has(t, "Er is gevraagd om te stoppen.")
	g = s.as(t, "bo").post("/t/practice/sources/practice-b/run", url.Values{})
	g.has(t, "Er is om een bezoek gevraagd.")
	if got := strings.Join(s.world.audit, "; "); got != "stop practice-a by Test bea for nothing; start practice-b by Test bo for nothing" {
		t.Error(got)
	}
}

// testErrors: each kind of failure has its page, which says what failed, what is safe
// and what to do, and shows nothing of what is internal.
func testErrors(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	for _, c := range []struct {
		err    error
		status int
		has    []string
		hasNot string
	}{
		{errors.New("secret path /var/lib"), 500, []string{"Er ging iets mis bij ons", "Nummer van deze melding"}, "secret path"},
		{&zoeklicht.Error{Code: zoeklicht.Unavailable, What: "the database does not answer", Safe: "what was committed is safe", Do: "see doctor"}, 503, []string{"Een onderdeel is er nu niet", "the database does not answer", "what was committed is safe", "see doctor"}, "x"},
		{zoeklicht.Errorf(zoeklicht.Conflict, "it was <b>moved</b>"), 409, []string{"Er is intussen iets veranderd", "it was &lt;b&gt;moved&lt;/b&gt;"}, "<b>moved"},
		{zoeklicht.Errorf(zoeklicht.Denied, "secret reason"), 403, []string{"Dit mag niet met uw autorisatie"}, "x"},
	} {
		s.world.fail = c.err
		g := v.get("/t/practice/sources")
		if g.status != c.status {
			t.Errorf("%v: %d", c.err, g.status)
		}
		g.has(t, c.has...)
		if c.hasNot != "x" {
			g.hasNot(t, c.hasNot)
		}
		ref := regexp.MustCompile(`<code id="reference">([A-Z0-9]+)</code>`).FindStringSubmatch(g.body)
		if ref == nil || !strings.Contains(s.log.String(), "ref="+ref[1]) {
			t.Errorf("%v: the reference number is not in the log", c.err)
		}
	}
	s.world.fail = nil
	if g := v.post("/t/practice/sources", url.Values{"title": {strings.Repeat("x", maxForm+1)}}); g.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a form of more than 1 MiB: %d", g.status)
	}
	// The closed database is a page as well, also for who is not signed in.
}

func testPanic(t *testing.T, s *testSite) {
	s.world.adverts[100005].Versions[0].Entities[0].Start = 1 << 40 // the fake store trips over it
	g := s.as(t, "anna").get("/t/practice/adverts/100005")
	if g.status != http.StatusInternalServerError {
		t.Errorf("a panic: %d", g.status)
	}
	g.has(t, "Er ging iets mis bij ons", "</html>")
	if !strings.Contains(s.log.String(), "level=ERROR msg=panic") {
		t.Error("the panic is not in the log")
	}
	if g := s.as(t, "anna").get("/t/practice/adverts/100006"); g.status != http.StatusOK {
		t.Errorf("after a panic: %d", g.status)
	}
}

func testHeaders(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	for _, p := range []string{"/t/practice/search?q=massage", "/t/nothing/", "/account", s.asset(t, "app.css"), "/healthz"} {
		h := v.get(p).header
		for k, want := range map[string]string{
			"Content-Security-Policy":      policy,
			"X-Content-Type-Options":       "nosniff",
			"Referrer-Policy":              "no-referrer",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
		} {
			if h.Get(k) != want {
				t.Errorf("%s: %s is %q", p, k, h.Get(k))
			}
		}
	}
	if strings.Contains(policy, "unsafe") || !strings.HasPrefix(policy, "default-src 'none';") || !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("the policy is %q", policy)
	}
	if cc := v.get("/t/practice/search?q=massage").header.Get("Cache-Control"); !strings.Contains(cc, "no-store") {
		t.Errorf("a page with content may be cached: %q", cc)
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/sign-in", strings.NewReader("login=anna&password="+url.QueryEscape(accesstest.Password)))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	c := resp.Cookies()
	if len(c) != 1 || !c[0].HttpOnly || c[0].SameSite != http.SameSiteStrictMode || !c[0].Expires.IsZero() || c[0].Path != "/" {
		t.Errorf("the cookie: %v", c)
	}
}

// testOtherSites: a form on another site changes nothing; a link from one arrives,
// though the cookie is held back at first.
func testOtherSites(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	for _, h := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
		g := v.do(http.MethodPost, "/t/practice/purpose", url.Values{"purpose": {"planted purpose"}}, h...)
		if g.status != http.StatusForbidden {
			t.Errorf("a form of another site (%v): %d", h, g.status)
		}
		g.has(t, "Dit mag niet met uw autorisatie")
	}
	v.get("/t/practice/").hasNot(t, "planted purpose")
	out := s.as(t, "")
	g := out.do(http.MethodGet, "/t/practice/adverts/100005?v=2", nil, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate")
	if g.status != http.StatusOK || g.header.Get("Refresh") != "0; url=/t/practice/adverts/100005?v=2" {
		t.Errorf("a link from another site: %d, %q", g.status, g.header.Get("Refresh"))
	}
	g.has(t, `href="/t/practice/adverts/100005?v=2"`)
	g.hasNot(t, "Relaxing")
}

// testLog: what was asked and typed is in no log line, and nobody can write lines of
// their own.
func testLog(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	v.get("/t/practice/search?q=secretword&phone=0600012345")
	v.post("/t/practice/purpose", url.Values{"purpose": {"secret purpose"}})
	v.get("/t/practice/adverts/100005%0Alevel=ERROR%20msg=forged%E2%80%AE")
	v.get("/" + strings.Repeat("long", 500))
	log := s.log.String()
	for _, never := range []string{"secretword", "0600012345", "secret purpose", accesstest.Password, "\nlevel=ERROR", "\u202e", strings.Repeat("long", 100)} {
		if strings.Contains(log, never) {
			t.Errorf("the log has %.40q", never)
		}
	}
	if !strings.Contains(log, "path=/t/practice/search status=200") {
		t.Errorf("the log does not tell of requests: %s", log)
	}
}

// asset gives the address of an asset by way of the pages that load it.
func (s *testSite) asset(t *testing.T, name string) string {
	t.Helper()
	stem, ext, _ := strings.Cut(name, ".")
	m := regexp.MustCompile(`/assets/` + stem + `\.[0-9a-f]{12}\.` + ext).FindString(s.as(t, "").get("/sign-in").body)
	if m == "" {
		t.Fatalf("pages do not load %s", name)
	}
	return m
}

func testAssets(t *testing.T, s *testSite) {
	v := s.as(t, "")
	for _, name := range []string{"app.css", "app.js", "beam.svg"} {
		g := v.get(s.asset(t, name))
		if g.status != http.StatusOK || !strings.Contains(g.header.Get("Cache-Control"), "immutable") || g.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d %v", name, g.status, g.header)
		}
	}
	for _, p := range []string{"/assets/app.css", "/assets/app.000000000000.css", "/assets/LICENSE.htmx", "/assets/../web.go", "/assets/"} {
		if g := v.get(p); g.status == http.StatusOK && strings.HasPrefix(g.path, "/assets") {
			t.Errorf("%s is served", p)
		}
	}
	// Pages are packed, and say the same unpacked.
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/sign-in", nil)
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.Header.Get("Content-Encoding") != "gzip" {
		t.Fatal("a page is not packed")
	}
	z, err := gzip.NewReader(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(z); err != nil || !strings.HasSuffix(strings.TrimSpace(string(b)), "</html>") {
		t.Errorf("unpacked: %v", err)
	}
}

func testHouseStyle(t *testing.T, s *testSite) {
	s.as(t, "").get("/sign-in").hasNot(t, "house.")
	with := newSite(t, s.door, s.world, func(c *Config) { c.HouseStyle = []byte(":root{--zl-accent:#007a3d}") })
	v := with.as(t, "")
	g := v.get("/sign-in")
	own, house := strings.Index(g.body, "/assets/app."), strings.Index(g.body, "/assets/house.")
	if house < own || own < 0 {
		t.Fatal("the house style is not loaded after our own")
	}
	v.get(with.asset(t, "house.css")).has(t, "#007a3d")
}

func testOperation(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	v.get("/t/practice/search?q=massage")
	if g := v.get("/healthz"); g.status != http.StatusOK || g.body != "ready\n" {
		t.Errorf("healthz: %d %q", g.status, g.body)
	}
	s.world.fail = errors.New("secret path /var/lib")
	if g := v.get("/healthz"); g.status != http.StatusServiceUnavailable || g.body != "not ready\n" {
		t.Errorf("healthz: %d %q", g.status, g.body)
	}
	g := s.as(t, "").get("/metrics")
	g.has(t, `zoeklicht_http_requests_total{class="2xx",method="GET"}`, "zoeklicht_http_request_seconds_bucket")
	g.hasNot(t, "practice", "anna", "massage")
}

func testLanguages(t *testing.T, s *testSite) {
	v := s.as(t, "")
	g := v.post("/settings", url.Values{"lang": {"en"}, "next": {"/sign-in?next=%2Ft%2Fpractice%2F"}})
	g.has(t, `<html lang="en">`, "<h1>Sign in</h1>", `value="/t/practice/"`)
	g = v.post("/sign-in", url.Values{"login": {"lena"}, "password": {accesstest.Password}, "next": {"/t/practice/search?q=massage"}})
	g.has(t, `<html lang="en">`, "New versions per day", "Practice theme")
	// Once chosen, the language is the person's, on every machine.
	v.post("/settings", url.Values{"lang": {"en"}, "next": {"/"}})
	s.as(t, "lena").get("/t/practice/search").has(t, `<html lang="en">`)
	v.post("/settings", url.Values{"lang": {"xx"}, "next": {"/"}}).has(t, `<html lang="en">`)
	g = v.post("/settings", url.Values{"keys": {"off"}, "next": {"/t/practice/search?q=massage"}})
	g.hasNot(t, `data-keys="on"`, "Shortcuts</summary>")
	g.has(t, "Switch shortcuts on")
	v.post("/settings", url.Values{"keys": {"on"}, "next": {"/t/practice/search?q=massage"}}).has(t, `data-keys="on"`, "Shortcuts</summary>")
}
