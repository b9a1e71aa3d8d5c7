package web

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/store"
)

// TestDesk works at the analyst's desk as a browser without JavaScript does.
func TestDesk(t *testing.T) {
	door := newDoor(t)
	for _, part := range []struct {
		name string
		test func(*testing.T, *testSite)
	}{
		{"worklist", testWorklist},
		{"steps", testSteps},
		{"unit", testUnit},
		{"next", testNextLead},
		{"who works the list", testWhoWorks},
		{"number", testNumber},
		{"no number", testNoNumber},
		{"number of an advert", testLead},
		{"list", testList},
		{"list refused", testListRefused},
		{"capture", testCapture},
		{"urgent", testUrgentPath},
		{"reports", testReports},
		{"many sites", testMany},
		{"many sites, broken", testManyBroken},
		{"nothing below", testWithoutDesk},
	} {
		t.Run(part.name, func(t *testing.T) {
			part.test(t, newSite(t, door, newWorld(amsterdam(t), 60)))
		})
	}
}

var leadLink = regexp.MustCompile(`<a href="([^"]*)" id="w([0-9]+)" data-row>`)

// leadsOn gives the versions that name the rows of a list, in order.
func leadsOn(g got) (out []string) {
	for _, m := range leadLink.FindAllStringSubmatch(g.body, -1) {
		out = append(out, m[2])
	}
	return out
}

func testWorklist(t *testing.T, s *testSite) {
	s.world.fillDesk()
	v := s.as(t, "anna")
	g := v.get("/t/practice/")
	g.has(t, "Werklijst", "regels te doen", "nieuw</a>", "uw vorige bezoek: 20-11-2026", "Een collega keek al: B. Voorbeeld, 21-11-2026\u00a009:09.",
		"En 1 collega meer.", "Risicoduiding hoog", `class="marks"`, "Eén nummer in meer plaatsen", "+31•••••••", "Volgende")
	g.hasNot(t, "06 000", "+31600")
	first := leadsOn(g)
	if len(first) != leadRows {
		t.Fatalf("%d rows", len(first))
	}
	last := v.get("/t/practice/?page=99")
	last.has(t, "Dit is alles:")
	if rows := leadsOn(last); len(rows) == 0 || len(rows) > leadRows {
		t.Errorf("the last page has %d rows", len(rows))
	}
	// Only what is new, and that it ends.
	fresh := v.get("/t/practice/?new=1")
	if n := strings.Count(fresh.body, `class="tag fresh"`); n == 0 || n != len(leadsOn(fresh)) {
		t.Errorf("of %d rows %d are new", len(leadsOn(fresh)), n)
	}
	v.get("/t/practice/?show=others").has(t, "B. Voorbeeld werkt eraan sinds 21-11-2026")
	v.get("/t/practice/?show=finished").has(t, "Afgerond door B. Voorbeeld")
	v.get("/t/practice/?show=parked").has(t, "Hier staat nu niets.")
	s.world.adverts = map[zoeklicht.AdvertID]*zoeklicht.Advert{}
	v.get("/t/practice/").has(t, "De werklijst is leeg")
	v.get("/t/practice/?new=1").has(t, "Er is niets nieuws sinds uw vorige bezoek.")
}

func testSteps(t *testing.T, s *testSite) {
	anna, lena := s.as(t, "anna"), s.as(t, "lena")
	rows := leadsOn(anna.get("/t/practice/"))
	step := func(v *visitor, row int, form url.Values) got {
		t.Helper()
		form.Set("next", "/t/practice/?page=2")
		g := v.post("/t/practice/leads/"+rows[row]+"/step", form)
		if g.path != "/t/practice/?page=2" {
			t.Errorf("after %v: %s, %d", form, g.path, g.status)
		}
		return g
	}
	step(anna, 0, url.Values{"kind": {"claim"}}).has(t, "U werkt er nu aan.")
	anna.get("/t/practice/?show=mine").has(t, `id="w`+rows[0]+`"`, "U werkt eraan sinds", `value="finish"`, `value="release"`)
	anna.get("/t/practice/").has(t, `id="w`+rows[0]+`"`, "1 van u")
	if strings.Contains(lena.get("/t/practice/").body, `id="w`+rows[0]+`"`) {
		t.Error("what Anna works on is on Lena's list")
	}
	g := lena.get("/t/practice/?show=others")
	g.has(t, "Test anna werkt eraan sinds")
	g.hasNot(t, `value="claim"`)
	step(lena, 0, url.Values{"kind": {"claim"}}).has(t, "Een collega was u voor.")

	step(anna, 1, url.Values{"kind": {"park"}, "until": {"31-02-2027"}}).has(t, "Dat is geen dag in het komende jaar.")
	step(anna, 1, url.Values{"kind": {"park"}, "until": {"21-11-2026"}}).has(t, "Dat is geen dag in het komende jaar.")
	step(anna, 1, url.Values{"kind": {"park"}, "until": {"25-11-2026"}, "note": {"waits <b>for</b> an answer"}}).has(t, "Geparkeerd.")
	anna.get("/t/practice/?show=parked").has(t, "Geparkeerd tot 25-11-2026 door Test anna.", "waits &lt;b&gt;for&lt;/b&gt; an answer")

	step(anna, 2, url.Values{"kind": {"hand-over"}, "to": {"4711"}}).has(t, "Kies een collega.")
	step(anna, 2, url.Values{"kind": {"hand-over"}, "to": {"901"}}).has(t, "Overgedragen.")
	anna.get("/t/practice/?show=others").has(t, "B. Voorbeeld werkt eraan")

	step(anna, 3, url.Values{"kind": {"finish"}}).has(t, "Klaar. De regel komt terug")
	anna.get("/t/practice/?show=finished").has(t, "Afgerond door Test anna")
	step(anna, 0, url.Values{"kind": {"release"}}).has(t, "Teruggegeven aan de lijst.")
	lena.get("/t/practice/").has(t, `id="w`+rows[0]+`"`)

	for _, bad := range []string{"/t/practice/leads/0/step", "/t/practice/leads/x/step", "/t/practice/leads/99/step"} {
		if g := anna.post(bad, url.Values{"kind": {"claim"}}); g.status != http.StatusNotFound {
			t.Errorf("%s: %d", bad, g.status)
		}
	}
	if g := anna.post("/t/practice/leads/"+rows[0]+"/step", url.Values{"kind": {"destroy"}}); g.status != http.StatusNotFound {
		t.Errorf("a step that there is not: %d", g.status)
	}
}

func testUnit(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	g := v.post("/t/practice/unit", url.Values{"unit": {"den-haag"}, "next": {"/t/practice/"}})
	g.has(t, `<option value="den-haag" selected>Den Haag</option>`)
	rows := len(leadsOn(g))
	if rows == 0 || strings.Count(g.body, `<span class="dim sub">Den Haag</span>`) != rows {
		t.Errorf("of %d rows not all are of the unit", rows)
	}
	// It is remembered, for this reader alone.
	v.get("/t/practice/").has(t, `<option value="den-haag" selected>`)
	s.as(t, "lena").get("/t/practice/").has(t, `<option value="" selected>Alle eenheden`)
	if g := v.post("/t/practice/unit", url.Values{"unit": {"atlantis"}}); g.status != http.StatusNotFound {
		t.Errorf("a unit that there is not: %d", g.status)
	}
}

// testNextLead goes through the list from its first row to its end, finishing every
// other one on the way.
func testNextLead(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	v.post("/t/practice/unit", url.Values{"unit": {"zeeland-west-brabant"}})
	want := leadsOn(v.get("/t/practice/"))
	g := v.get("/t/practice/next?lead=0&at=0")
	var seen []string
	for len(seen) <= len(want) && strings.HasPrefix(g.path, "/t/practice/adverts/") {
		u, err := url.Parse(g.path)
		if err != nil {
			t.Fatal(err)
		}
		lead, at := u.Query().Get("lead"), u.Query().Get("at")
		seen = append(seen, lead)
		g.has(t, "← Werklijst", `data-key="n"`, `/t/practice/leads/`+lead+`/step`)
		next := "/t/practice/next?" + url.Values{"lead": {lead}, "at": {at}}.Encode()
		if len(seen)%2 == 0 {
			g = v.post("/t/practice/leads/"+lead+"/step", url.Values{"kind": {"finish"}, "next": {next}})
		} else {
			g = v.get(next)
		}
	}
	if strings.Join(seen, " ") != strings.Join(want, " ") {
		t.Errorf("went through %v, want %v", seen, want)
	}
	if g.path != "/t/practice/" {
		t.Errorf("after the last row: %s", g.path)
	}
	g.has(t, "Dit was de laatste regel van de werklijst.")
	// Choosing a version keeps the place in the list.
	v.get("/t/practice/adverts/100005?lead=1000055&at=3").has(t, "lead=1000055", "at=3")
	v.get("/t/practice/adverts/100005?lead=x&at=3").hasNot(t, "← Werklijst")
}

func testWhoWorks(t *testing.T, s *testSite) {
	for login, want := range map[string]map[string]int{
		"bo":  {"/t/practice/numbers": 404, "/t/practice/numbers/list": 404, "/t/practice/leads/1000055": 404, "/t/practice/capture": 200, "/t/practice/reports": 200, "/t/practice/next": 404, "/t/practice/sources/many": 200},
		"ada": {"/t/practice/numbers": 404, "/t/practice/capture": 404, "/t/practice/reports": 200, "/t/practice/sources/many": 404},
		"bea": {"/t/practice/numbers?q=0600040148": 404, "/t/practice/capture": 404, "/t/practice/reports": 200},
	} {
		v := s.as(t, login)
		for p, status := range want {
			if g := v.get(p); g.status != status {
				t.Errorf("%s sees %s with %d, want %d", login, p, g.status, status)
			}
		}
		v.get("/t/practice/").hasNot(t, "Werklijst", "Nummer opzoeken")
		for _, p := range []string{"/t/practice/leads/1000055/step", "/t/practice/unit", "/t/practice/numbers/list", "/t/practice/leads/1000055/reveal"} {
			if g := v.post(p, url.Values{"kind": {"claim"}, "unit": {""}, "lines": {"06 0004 0148"}, "purpose": {"zaak 2026-0142"}}); g.status != http.StatusNotFound {
				t.Errorf("%s posts to %s: %d", login, p, g.status)
			}
		}
	}
	for _, line := range s.world.audit {
		if !strings.Contains(line, "Test anna") && (strings.HasPrefix(line, "number") || strings.HasPrefix(line, "worklist") || strings.HasPrefix(line, "list")) {
			t.Errorf("served: %s", line)
		}
	}
}

// spellings are eight ways to write one number.
var spellings = []string{"06 0004 0148", "0600040148", "+31 6 0004 0148", "0031600040148", "06-0004-0148", "(06) 0004.0148", "o6 0004 0148", "+31(0)6 0004 0148"}

// logged finds the numbers of these tests in a log, in any spelling: not by four digits,
// which a time has by chance.
var logged = regexp.MustCompile(`0004\D{0,3}0148|0009\D{0,3}9999`)

func testNumber(t *testing.T, s *testSite) {
	s.world.desk.gap = zoeklicht.OtherUserAfter
	v := s.as(t, "anna")
	main := regexp.MustCompile(`(?s)<section class="card aloud".*</main>`)
	var first string
	for _, spelt := range spellings {
		if spelt == "+31(0)6 0004 0148" {
			continue // the world of tests reads no trunk zero; internal/search does
		}
		g := v.get("/t/practice/numbers?q=" + url.QueryEscape(spelt))
		card := main.FindString(g.body)
		if first == "" {
			first = card
		}
		if g.status != http.StatusOK || card == "" || card != first {
			t.Errorf("%q gives %d and another card", spelt, g.status)
		}
	}
	g := v.get("/t/practice/numbers?q=0600040148")
	g.has(t, "+31 6 0004 0148", "Eerst gezien op", "Niemand werkt eraan.", "Geen collega keek er eerder naar.", "Mogelijk een andere gebruiker: het nummer was 30 dagen uit beeld.",
		`class="unitmap"`, "Schrijfwijzen", "06 0004 0148", "Oost-Nederland", "Peilmoment 22-11-2026\u00a008:15. Dit antwoord is vastgelegd.", "Practice site")
	s.world.desk.gap = zoeklicht.OtherUserAfter - 1
	v.get("/t/practice/numbers?q=0600040148").hasNot(t, "Mogelijk een andere gebruiker")
	if g := v.get("/t/practice/numbers?q=0600040148&asof=2001-01-01T00:00"); !strings.Contains(g.body, "Niets gevonden") {
		t.Error("a number is known before it was seen")
	}
	g = v.get("/t/practice/numbers?q=06+0009+9999")
	g.has(t, "Niets gevonden", "Dit nummer stond op 22-11-2026\u00a008:15 in geen enkele advertentie die is vastgelegd.", "Er is gezocht in", "Ook dit antwoord is vastgelegd")
	if found := logged.FindString(s.log.String()); found != "" {
		t.Errorf("a number is in the log: %s", found)
	}
	if n := len(s.world.audit); n == 0 || s.world.audit[n-1] != "number +31600099999: 0 adverts by Test anna for nothing" {
		t.Errorf("the look is not recorded: %v", s.world.audit)
	}
}

func testNoNumber(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	before := len(s.world.audit)
	for asked, want := range map[string]string{
		"call me":                     "Hier staat geen nummer in.",
		"0148":                        "Dit nummer kan niet bestaan: er ontbreken cijfers.",
		"06 0001 032":                 "Dit nummer kan niet bestaan: er ontbreken cijfers.",
		"06 0001 03211":               "Dit nummer kan niet bestaan: het heeft te veel cijfers.",
		"0600040148 0600040149":       "Dit nummer kan niet bestaan: het heeft te veel cijfers.",
		"99 999 99999":                "Dit nummer kan niet bestaan. Er is niets opgezocht.",
		"NL91ABNA0417164300":          "Dit is een rekeningnummer (IBAN), geen telefoonnummer.",
		"+999 123 4567":               "geen land heeft deze landcode",
		strings.Repeat("06 ", 90):     "Dit nummer kan niet bestaan: het heeft te veel cijfers.",
		"<script>alert(1)</script> x": "er ontbreken cijfers",
	} {
		g := v.get("/t/practice/numbers?q=" + url.QueryEscape(asked))
		if g.status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", asked, g.status)
		}
		g.has(t, want, `role="alert"`, `aria-invalid="true"`, "Er is niets opgezocht")
		g.hasNot(t, "<script>alert", "Niets gevonden", "is vastgelegd, met uw naam")
	}
	if len(s.world.audit) != before {
		t.Errorf("looked up: %v", s.world.audit[before:])
	}
	v.get("/t/practice/numbers?q=").has(t, "Wat weten we van een nummer?")
	// Of several numbers the card says which one it is about, and what else was typed.
	g := v.get("/t/practice/numbers?q=" + url.QueryEscape("06 0009 9999, 06 0004 0148; NL91ABNA0417164300"))
	g.has(t, "U typte meer dan één nummer. Deze kaart gaat over", "+31 6 0004 0148", `href="/t/practice/numbers?q=06&#43;0009&#43;9999"`, "NL91ABNA0417164300", "een rekeningnummer (IBAN)")
	v.get("/t/practice/numbers?q=0600040148").hasNot(t, "U typte meer dan één nummer")
}

func testLead(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	g := v.get("/t/practice/leads/1000055")
	g.has(t, "+31•••••••", "Het nummer is afgeschermd", "Toon het nummer", `name="purpose"`)
	g.hasNot(t, "+31 6 000", "06 000")
	v.post("/t/practice/leads/1000055/reveal", url.Values{}).has(t, "Geef eerst een zaaknummer of taak op. Er is niets getoond.", "afgeschermd")
	v.post("/t/practice/leads/1000055/reveal", url.Values{"purpose": {"x"}}).has(t, "te kort voor een zaaknummer")
	g = v.post("/t/practice/leads/1000055/reveal", url.Values{"purpose": {"zaak 2026-0142"}})
	g.has(t, "+31 6 000", "Verberg het nummer")
	// The purpose is carried: the next one is a single press.
	v.get("/t/practice/leads/1000011").hasNot(t, `id="purpose-number"`)
	v.post("/t/practice/leads/1000055/reveal", url.Values{"hide": {"1"}}).hasNot(t, "+31 6 000")
	for _, p := range []string{"0", "x", "99", "-1"} {
		if g := v.get("/t/practice/leads/" + p); g.status != http.StatusNotFound {
			t.Errorf("lead %s: %d", p, g.status)
		}
	}
}

func testList(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	v.get("/t/practice/numbers/list").has(t, "Lijst met nummers", `name="purpose"`)
	pasted := "06 0004 0148\r\n\r\n  nothing here  \r\n06 0009 9999\r\n+31600040148\r\n=1+1\r\nNL91ABNA0417164300\r\n06 0009 9998, 06 0004 0148\r\n06 0009 9997; 06 0009 9996"
	g := v.post("/t/practice/numbers/list", url.Values{"lines": {pasted}, "purpose": {"zaak 2026-0142"}})
	if g.status != http.StatusOK || g.path != "/t/practice/numbers/list" {
		t.Fatalf("%d %s", g.status, g.path)
	}
	if g.header.Get("Cache-Control") != "no-store" {
		t.Error("the answer may be stored")
	}
	g.has(t, "3 regels hebben een bekend nummer", "geen nummer gevonden in deze regel", "zelfde als regel 1", "zaak 2026-0142", "Peilmoment 22-11-2026\u00a008:15")
	row := regexp.MustCompile(`(?s)<tr[^>]*><td class="r">(\d+)</td><th scope="row" class="raw"><bdi>([^<]*)</bdi></th>\s*<td>(.*?)</td>`)
	var rows []string
	for _, m := range row.FindAllStringSubmatch(g.body, -1) {
		rows = append(rows, m[1]+" "+m[2])
	}
	if got, want := strings.Join(rows, "|"), "1 06 0004 0148|3 nothing here|4 06 0009 9999|5 +31600040148|6 =1+1|7 NL91ABNA0417164300|8 06 0009 9998, 06 0004 0148|9 06 0009 9997; 06 0009 9996"; got != want {
		t.Errorf("rows %q, want %q", got, want)
	}
	g.has(t, "kan niet bestaan, controleer: een rekeningnummer (IBAN)", "kan niet bestaan, controleer: er ontbreken cijfers",
		"Antwoord voor <bdi>&#43;31600040148</bdi>; in deze regel staat ook, niet beantwoord; zet op een eigen regel: <bdi>&#43;31600099998</bdi>",
		"Antwoord voor <bdi>&#43;31600099997</bdi>; evenmin bekend: <bdi>&#43;31600099996</bdi>")
	// No address has a number: a hit leads to its card by a form.
	if regexp.MustCompile(`(href|action)="[^"]*(31600|0148)`).MatchString(g.body) {
		t.Error("a number stands in an address")
	}
	g.has(t, `<form method="post" action="/t/practice/numbers"><button class="small" name="q" value="&#43;31600040148" data-row>`)
	if card := v.post("/t/practice/numbers", url.Values{"q": {"+31600040148"}}); card.path != "/t/practice/numbers" || card.status != http.StatusOK {
		t.Errorf("a hit leads to %s, %d", card.path, card.status)
	} else {
		card.has(t, "+31 6 0004 0148", "Eerst gezien op")
	}
	// The file has exactly the rows on the screen, as of the same moment, and no formula.
	hidden := regexp.MustCompile(`name="at" value="([^"]*)"`).FindStringSubmatch(g.body)
	if hidden == nil {
		t.Fatal("no file is offered")
	}
	s.world.addAdvert(200)
	file := v.post("/t/practice/numbers/list.csv", url.Values{"lines": {pasted}, "at": {hidden[1]}})
	if ct := file.header.Get("Content-Type"); ct != "text/csv; charset=utf-8" || !strings.HasPrefix(file.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%s %s", ct, file.header.Get("Content-Disposition"))
	}
	r := csv.NewReader(strings.NewReader(file.body))
	r.Comma = ';'
	all, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1+len(rows) {
		t.Fatalf("%d lines in the file, %d rows on the screen", len(all)-1, len(rows))
	}
	for i, rec := range all[1:] {
		if rec[0]+" "+strings.TrimPrefix(rec[1], "'") != rows[i] {
			t.Errorf("line %d is %q", i, rec)
		}
		for _, c := range rec {
			if c != "" && strings.ContainsRune("=+-@", rune(c[0])) {
				t.Errorf("%q would be a formula", c)
			}
		}
	}
	if all[1][3] != "bekend" || all[2][3] != "geen nummer gevonden in deze regel" || all[3][3] != "niet bekend" {
		t.Errorf("answers: %v", all)
	}
	if found := logged.FindString(s.log.String()); found != "" {
		t.Errorf("a number is in the log: %s", found)
	}
}

func testListRefused(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	var many strings.Builder
	for i := range store.MaxLines + 1 {
		fmt.Fprintf(&many, "06 000%d %04d\n", i%10, i)
	}
	for what, c := range map[string]struct {
		form url.Values
		want string
	}{
		"no purpose":   {url.Values{"lines": {"06 0004 0148"}}, "Geef eerst een zaaknummer of taak op."},
		"no lines":     {url.Values{"lines": {" \n "}, "purpose": {"zaak 2026-0142"}}, "Plak ten minste één regel."},
		"a bad one":    {url.Values{"lines": {"06 0004 0148"}, "purpose": {"xx"}}, "te kort voor een zaaknummer"},
		"too many":     {url.Values{"lines": {many.String()}, "purpose": {"zaak 2026-0142"}}, "Dit zijn 1.001 regels; het kunnen er hoogstens 1.000 zijn."},
		"no file then": {url.Values{"lines": {""}, "purpose": {"zaak 2026-0142"}}, "Plak ten minste één regel."},
	} {
		p := "/t/practice/numbers/list"
		if what == "no file then" {
			p += ".csv"
		}
		g := s.as(t, "lena").post(p, c.form)
		if g.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", what, g.status)
		}
		g.has(t, c.want, `role="alert"`)
	}
	// A thousand lines are within the limit.
	lines := strings.TrimSpace(strings.Join(strings.Split(many.String(), "\n")[:store.MaxLines], "\n"))
	if g := v.post("/t/practice/numbers/list", url.Values{"lines": {lines}, "purpose": {"zaak 2026-0142"}}); g.status != http.StatusOK || strings.Count(g.body, `scope="row"`) != store.MaxLines {
		t.Errorf("a thousand lines: %d, %d rows", g.status, strings.Count(g.body, `scope="row"`))
	}
}

func testCapture(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	for address, want := range map[string]string{
		"":                                "dit is geen adres van een site",
		"not an address":                  "dit is geen adres van een site",
		"ftp://practice-a.example/x":      "alleen adressen met http of https",
		"https://a:b@practice-a.example/": "een adres met naam of wachtwoord erin kan niet",
	} {
		g := v.post("/t/practice/capture", url.Values{"address": {address}})
		if g.status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", address, g.status)
		}
		g.has(t, want)
	}
	if len(s.world.desk.wanted) != 0 {
		t.Error("what is no address was asked for")
	}
	g := v.post("/t/practice/capture", url.Values{"address": {"practice-a.example/adverts/77"}})
	if g.path != "/t/practice/capture/1" {
		t.Fatalf("arrived at %s", g.path)
	}
	g.has(t, "Wacht op een vrije plaats", "https://practice-a.example/adverts/77", `hx-get="/t/practice/capture/1/progress"`, "Practice site A")
	progress := func(change func(*zoeklicht.Wanted)) got {
		s.world.mu.Lock()
		change(&s.world.desk.wanted[0])
		s.world.mu.Unlock()
		g := v.do(http.MethodGet, "/t/practice/capture/1/progress", nil, "HX-Request", "true")
		g.hasNot(t, "<html")
		if g.header.Get("Set-Cookie") != "" {
			t.Error("polling renews the session")
		}
		return g
	}
	progress(func(w *zoeklicht.Wanted) { w.Taken = s.world.now }).has(t, "Wordt nu vastgelegd", "hx-get")
	progress(func(w *zoeklicht.Wanted) { w.Done = s.world.now }).has(t, "wordt gelezen, of is geen advertentie")
	done := progress(func(w *zoeklicht.Wanted) { w.Advert = 100004 })
	done.has(t, "Vastgelegd en gelezen", `href="/t/practice/adverts/100004"`)
	done.hasNot(t, "hx-get")
	progress(func(w *zoeklicht.Wanted) { w.Advert, w.Failure, w.Detail = 0, zoeklicht.FailTimeout, "60s" }).has(t, "Vastleggen is mislukt", "duurde te lang", "60s")
	progress(func(w *zoeklicht.Wanted) {
		w.Failure, w.Detail = zoeklicht.FailNoRobots, "https://practice-a.example/robots.txt could not be read: tls: no answer"
	}).has(t, "robots.txt was niet te lezen, dus er is niets gevraagd", "https://practice-a.example/robots.txt was niet te lezen</bdi>: <bdi lang=\"en\">tls: no answer</bdi>")
	progress(func(w *zoeklicht.Wanted) { w.Failure, w.Detail = zoeklicht.FailStatus, "Not Found" }).has(t, "de bron gaf 404: niet gevonden")
	for _, p := range []string{"/t/practice/capture/2", "/t/practice/capture/0", "/t/practice/capture/x", "/t/practice/capture/9/progress"} {
		if g := v.get(p); g.status != http.StatusNotFound {
			t.Errorf("%s: %d", p, g.status)
		}
	}
}

// testUrgentPath: a page that no approval covers is not fetched; the way to it is a proposal.
func testUrgentPath(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	v.post("/t/practice/purpose", url.Values{"purpose": {"zaak 2026-0142"}})
	g := v.post("/t/practice/capture", url.Values{"address": {"https://www.elsewhere.example/list/1?page=2"}})
	g.has(t, "Geen goedgekeurde bron dekt dit adres", "Er is nergens verbinding mee gemaakt", `href="/t/practice/sources/new?wanted=1"`)
	g.hasNot(t, "hx-get")
	g = v.get("/t/practice/sources/new?wanted=1")
	g.has(t, `value="www.elsewhere.example"`, `value="https://www.elsewhere.example/list/1?page=2"`, "Spoed: op 22-11-2026\u00a008:15 vroeg Test anna om", "voor zaak 2026-0142.", `value="elsewhere-example"`)
	if !regexp.MustCompile(`<option[^>]*selected[^>]*>\s*1`).MatchString(g.body) && !regexp.MustCompile(`name="priority"[^>]*value="1"`).MatchString(g.body) {
		t.Error("the proposal is not the most urgent")
	}
	if g := v.get("/t/practice/sources/new?wanted=7"); g.status != http.StatusNotFound {
		t.Errorf("a page that nobody asked for: %d", g.status)
	}
}

func testReports(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	g := v.get("/t/practice/search?q=massage")
	g.has(t, "Er klopt hier iets niet", `href="/t/practice/reports?screen=%2Ft%2Fpractice%2Fsearch"`)
	g = v.get("/t/practice/reports?screen=" + url.QueryEscape("/t/practice/search?q=massage"))
	g.has(t, `value="/t/practice/search"`, "U hebt geen open meldingen.")
	v.get("/t/practice/reports?screen="+url.QueryEscape("https://elsewhere.example/")).has(t, `name="screen" value=""`)
	g = v.post("/t/practice/reports", url.Values{"screen": {"/t/practice/search?q=massage"}, "text": {"wrong"}})
	if g.status != http.StatusUnprocessableEntity {
		t.Errorf("too short: %d", g.status)
	}
	g.has(t, "Zeg in een paar woorden", ">wrong</textarea>")
	g = v.post("/t/practice/reports", url.Values{"screen": {"/t/practice/search?q=massage"}, "text": {strings.Repeat("x", maxReport+1)}})
	g.has(t, "Dit is te lang; het kunnen 2.000 tekens zijn.")
	g = v.post("/t/practice/reports", url.Values{"screen": {"/t/practice/search?q=massage"}, "text": {"The place is <i>wrong</i>."}})
	g.has(t, "Dank u.", "The place is &lt;i&gt;wrong&lt;/i&gt;.", "nieuw")
	g.hasNot(t, "Beantwoord", "q=massage")
	if s.world.desk.trouble[0].Screen != "/t/practice/search" {
		t.Errorf("reported about %q", s.world.desk.trouble[0].Screen)
	}
	s.as(t, "lena").get("/t/practice/reports").hasNot(t, "The place is")
	if g := v.post("/t/practice/reports/1", url.Values{"state": {"mended"}, "answer": {"done"}}); g.status != http.StatusNotFound {
		t.Errorf("an analyst answers: %d", g.status)
	}
	bea := s.as(t, "bea")
	bea.get("/t/practice/reports").has(t, "The place is", "Test anna", "Beantwoord")
	bea.post("/t/practice/reports/1", url.Values{"state": {"mended"}}).has(t, "Geef een antwoord")
	bea.post("/t/practice/reports/1", url.Values{"state": {"seen"}}).has(t, "gezien")
	bea.post("/t/practice/reports/1", url.Values{"state": {"declined"}, "answer": {"The page itself says so."}}).has(t, "Het antwoord is vastgelegd.", "Afgehandeld")
	v.get("/t/practice/reports").has(t, "niet overgenomen", "Antwoord van Test bea", "The page itself says so.")
	for p, form := range map[string]url.Values{"9": {"state": {"seen"}}, "x": {"state": {"seen"}}, "1": {"state": {"new"}}} {
		if g := bea.post("/t/practice/reports/"+p, form); g.status != http.StatusNotFound {
			t.Errorf("answer %s %v: %d", p, form, g.status)
		}
	}
}

func testMany(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	pasted := "https://new.example/list\n\nwww.other.example\nhttps://practice-a.example/adverts/\nnot a site\nhttps://NEW.example/again?x=1\nftp://files.example\nhttps://u:p@secret.example/\nпример.example\n"
	form := url.Values{"sites": {pasted}, "reason": {"Named together in a report of last week."}, "priority": {"2"}}
	g := v.post("/t/practice/sources/many", form)
	g.has(t, "3 sites kunnen worden voorgesteld", "5 regels vallen af", "staat al in het register:", "Practice site A", "dubbel: zelfde site als regel 1",
		"dit is geen adres van een site", "alleen adressen met http of https", "een adres met naam of wachtwoord erin kan niet", "Stel 3 sites voor", "new-example")
	if len(s.world.order) != 5 {
		t.Fatal("a preview proposed something")
	}
	form.Set("do", "propose")
	g = v.post("/t/practice/sources/many", form)
	g.has(t, "3 sites zijn voorgesteld", `href="/t/practice/sources/new-example"`, `href="/t/practice/sources/other-example"`)
	src := s.world.sources["new-example"]
	if src == nil || src.State != zoeklicht.Proposed || src.Priority != 2 || len(src.Decisions) != 1 || src.Decisions[0].Reason != "Named together in a report of last week." || src.Scope.Hosts[0] != "new.example" {
		t.Fatalf("proposed: %+v", src)
	}
	// Again: all of them are known now.
	g = v.post("/t/practice/sources/many", form)
	g.has(t, "0 sites zijn voorgesteld")
	// Spellings of one site are one, and what lies on no internet is none.
	g = v.post("/t/practice/sources/many", url.Values{
		"sites":  {"bücher.example\nxn--bcher-kva.example\nexample.org\nEXAMPLE.org:443\n127.0.0.1:8080\n169.254.169.254\nlocalhost\n[::1]\n" + strings.ToUpper(src.Home)},
		"reason": {"Named together in a report of last week."}, "priority": {"2"},
	})
	g.has(t, "2 sites kunnen worden voorgesteld", "dubbel: zelfde site als regel 1", "dubbel: zelfde site als regel 3", "staat al in het register:", "xn--bcher-kva.example")
	if n := strings.Count(g.body, "dit adres ligt niet op het internet"); n != 4 {
		t.Errorf("%d special addresses", n)
	}
	for what, c := range map[string]struct{ field, value, want string }{
		"reason":   {"reason", "short", "Geef een reden"},
		"lines":    {"sites", " ", "Plak ten minste één adres."},
		"many":     {"sites", strings.Repeat("a.example\n", maxMany+1), "Dit zijn 201 regels; het kunnen er hoogstens 200 zijn."},
		"priority": {"priority", "9", ""},
	} {
		bad := url.Values{"sites": {pasted}, "reason": {"Named together in a report of last week."}, "priority": {"2"}, "do": {"propose"}}
		bad.Set(c.field, c.value)
		g := v.post("/t/practice/sources/many", bad)
		if g.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", what, g.status)
		}
		if what != "reason" {
			g.has(t, c.want)
		}
	}
}

// testManyBroken: where the register fails halfway, the page says what was proposed and
// what was not.
func testManyBroken(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	s.world.failAt = 3
	g := v.post("/t/practice/sources/many", url.Values{
		"sites": {"one.example\ntwo.example\nthree.example\nfour.example"}, "reason": {"Named together in a report of last week."}, "priority": {"2"}, "do": {"propose"},
	})
	if g.status != http.StatusServiceUnavailable {
		t.Errorf("%d", g.status)
	}
	g.has(t, "2 sites zijn voorgesteld", "Halverwege ging er iets mis.", "niet gelukt door een storing", "niet geprobeerd", `href="/t/practice/sources/two-example"`, "Nummer van deze melding: <code>")
	if s.world.sources["two-example"] == nil || s.world.sources["three-example"] != nil || s.world.sources["four-example"] != nil {
		t.Error("proposed otherwise than the page says")
	}
	if !strings.Contains(s.log.String(), "level=ERROR") {
		t.Error("the log does not say why")
	}
}

// testWithoutDesk: where nothing stands below the desk, its screens are not there and
// nothing leads to them.
func testWithoutDesk(t *testing.T, s *testSite) {
	s.world.desk.absent = true
	v := newSite(t, s.door, s.world).as(t, "anna")
	g := v.get("/t/practice/")
	g.has(t, "Nieuw sinds uw vorige bezoek")
	g.hasNot(t, "Werklijst", "Nummer opzoeken", `href="/t/practice/capture"`, "Er klopt hier iets niet")
	for _, p := range []string{"/t/practice/numbers", "/t/practice/leads/1000055", "/t/practice/capture", "/t/practice/reports"} {
		if g := v.get(p); g.status != http.StatusNotFound {
			t.Errorf("%s: %d", p, g.status)
		}
	}
}
