package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/text"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
)

func TestJudging(t *testing.T) {
	door := newDoor(t)
	for _, part := range []struct {
		name string
		test func(*testing.T, *testSite)
	}{
		{"why", testWhy},
		{"classify", testClassify},
		{"blind", testBlind},
		{"chain", testChain},
		{"names", testNames},
		{"corrections", testCorrections},
		{"seal", testSeal},
		{"seal scope", testSealScope},
		{"corrections as of", testCorrectionsAsOf},
		{"urgent lane", testUrgent},
		{"filters", testFilters},
		{"who may", testWhoMayJudge},
		{"nothing to judge with", testNoJudge},
	} {
		t.Run(part.name, func(t *testing.T) {
			part.test(t, newSite(t, door, newWorld(amsterdam(t), 60)))
		})
	}
}

// assessed finds an advert of the world whose newest version has a hit of a rule.
func assessed(t testing.TB, w *world, rule zoeklicht.IndicatorID) *zoeklicht.Advert {
	t.Helper()
	for id := zoeklicht.AdvertID(100001); w.adverts[id] != nil; id++ {
		if a := w.assess(&w.adverts[id].Versions[0]); a != nil {
			for _, h := range a.Hits {
				if h.Indicator == rule {
					return w.adverts[id]
				}
			}
		}
	}
	t.Fatalf("no advert of the world has a hit of %s", rule)
	return nil
}

func testWhy(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	a := assessed(t, s.world, "new-in-town")
	g := v.get(fmt.Sprintf("/t/practice/adverts/%d", a.ID))
	// Every flag: its rule, version, words, evidence and what else it may be.
	g.has(t, "Waarom dit een blik waard is", "Kort in de stad", "<mark><bdi>new in town</bdi></mark>", "new-in-town, versie 2", "nu versie 3",
		"omstreden: bronnen spreken elkaar tegen", "Leun hier niet op:", "Practice source 1", "Zelfstandig werkenden reizen ook", "Snel wisselen van plaats",
		"Een reden om te kijken, geen bewijs.", "Stel regels 0123456789ab")
	// The words are marked in the text as well, though the number in it is masked.
	if !regexp.MustCompile(`(?i)<div class="body"[^>]*>[^§]*?<mark>new in town</mark>`).MatchString(g.body) {
		t.Error("the words are not marked in the text")
	}
	// The sum shown is the sum of what is shown.
	var sum float64
	for _, m := range regexp.MustCompile(`<span class="weight">\+([0-9,]+)</span>`).FindAllStringSubmatch(g.body, -1) {
		var f float64
		if _, err := fmt.Sscanf(strings.Replace(m[1], ",", ".", 1), "%g", &f); err != nil {
			t.Fatal(err)
		}
		sum += f
	}
	if want := s.world.assess(&a.Versions[0]).Score; sum != want {
		t.Errorf("what is shown adds up to %g, the score is %g", sum, want)
	}
	s.world.unassessed[a.ID] = true
	g = v.get(fmt.Sprintf("/t/practice/adverts/%d", a.ID))
	g.has(t, "Nog niet beoordeeld met de risico-indicatoren.")
	g.hasNot(t, "new in town</bdi></mark>")
	if g.hasNot(t, "Ook onder een ander nummer"); len(s.world.elsewhere) > 0 {
		t.Errorf("what is elsewhere was asked for %v, where no rule fired on it", s.world.elsewhere)
	}
	g = v.get("/t/practice/adverts/100008") // by 18
	g.has(t, "Ook onder een ander nummer", `<a href="/t/practice/adverts/100001?v=1">advertentie 100001, versie 1, `, "dezelfde tekst en afbeelding", "dezelfde tekst,",
		"/adverts/100010?v=1", "en nog 2 advertenties")
	g.hasNot(t, "/adverts/100011?v=1")
	safe := assessed(t, s.world, "only-telephone")
	v.get(fmt.Sprintf("/t/practice/adverts/%d", safe.ID)).has(t, "Zo beschermen zelfstandig werkenden zich ook.", `<span class="weight">0</span>`)
}

// form gives what the form of a page that goes somewhere sends, without its buttons.
func (g got) form(t testing.TB, action string) url.Values {
	t.Helper()
	f := regexp.MustCompile(`(?s)<form[^>]*action="[^"]*` + regexp.QuoteMeta(action) + `[^"]*".*?</form>`).FindString(g.body)
	if f == "" {
		t.Fatalf("%s has no form to %s", g.path, action)
	}
	v := url.Values{}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(f, -1) {
		v.Add(m[1], strings.NewReplacer("&amp;", "&", "&#43;", "+").Replace(m[2]))
	}
	return v
}

func with(v url.Values, kv ...string) url.Values {
	for i := 0; i+1 < len(kv); i += 2 {
		v.Set(kv[i], kv[i+1])
	}
	return v
}

func testClassify(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	const at = "/t/practice/adverts/100005"
	g := v.get(at)
	g.has(t, `value="yes" data-key="1"`, `value="no" data-key="2"`, `value="unclear" data-key="3"`, "Reden (mag leeg)")
	g = v.post(at+"/classify", with(g.form(t, "/classify"), "answer", "yes", "reason", "  the price\tis odd "))
	if g.path != at {
		t.Errorf("without a list, an answer leads to %s", g.path)
	}
	g.has(t, "U antwoordde ja, op 22-11-2026", "<q><bdi>the price is odd</bdi></q>", `class="primary" aria-pressed="true"`, "Uw antwoord bij advertentie 100005: ja.", `data-key="u"`)
	// Another answer takes its place; taking it back leaves none.
	g = v.post(at+"/classify", with(g.form(t, "/classify"), "answer", "unclear"))
	g.has(t, "U antwoordde onduidelijk")
	g = v.post("/t/practice/feedback/2/undo", g.form(t, "feedback/2/undo"))
	g.has(t, "Uw antwoord is ongedaan gemaakt.")
	g.hasNot(t, "U antwoordde", `data-key="u"`)
	if g.path != at {
		t.Errorf("undoing leads to %s", g.path)
	}
	for _, bad := range []url.Values{{"version": {"1000055"}, "answer": {"maybe"}}, {"version": {"1000055"}, "answer": {"yes"}, "reason": {strings.Repeat("a ", 600)}}} {
		v.post(at+"/classify", bad).has(t, "Er is niets vastgelegd.")
	}
	for _, bad := range []string{"", "x", "-1", "999999999"} {
		if g := v.post(at+"/classify", url.Values{"version": {bad}, "answer": {"yes"}}); g.status != http.StatusNotFound {
			t.Errorf("version %q: %d", bad, g.status)
		}
	}
	if n := len(s.world.feedback); n != 2 {
		t.Errorf("%d answers were kept, want 2", n)
	}
	if g := s.as(t, "lena").post("/t/practice/feedback/1/undo", url.Values{}); g.status != http.StatusNotFound {
		t.Errorf("undoing a colleague's answer: %d", g.status)
	}
}

func testBlind(t *testing.T, s *testSite) {
	anna, lena := s.as(t, "anna"), s.as(t, "lena")
	const at = "/t/practice/adverts/100005"
	g := anna.get(at)
	anna.post(at+"/classify", with(g.form(t, "/classify"), "answer", "no", "reason", "nothing odd here"))
	g = lena.get(at)
	g.has(t, "Een collega heeft al geantwoord. U ziet het na uw eigen antwoord.")
	g.hasNot(t, "nothing odd here", "Test anna")
	g = lena.post(at+"/classify", with(g.form(t, "/classify"), "answer", "yes"))
	g.has(t, "nothing odd here", "<strong>nee</strong>")
	// About another version it is still unseen.
	g = lena.get(at + "?v=1")
	g.has(t, "Antwoorden bij andere versies")
	g = s.as(t, "two").get(at + "?v=1")
	g.has(t, "antwoord te zien na uw eigen antwoord bij die versie")
	g.hasNot(t, "nothing odd here")
}

func testChain(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	g := v.get("/t/practice/search?q=weekend")
	rows := regexp.MustCompile(`href="(/t/practice/adverts/[^"]+)" data-row`).FindAllStringSubmatch(g.body, -1)
	if len(rows) < 20 {
		t.Fatalf("%d rows", len(rows))
	}
	g = v.get(strings.ReplaceAll(rows[0][1], "&amp;", "&"))
	for i := 1; i <= 20; i++ {
		g.hasNot(t, "bestaat niet")
		g = v.post(strings.Split(g.path, "?")[0]+"/classify", with(g.form(t, "/classify"), "answer", "no"))
		if i < len(rows) && g.path != strings.ReplaceAll(rows[i][1], "&amp;", "&") {
			t.Fatalf("after answer %d comes %s, want %s", i, g.path, rows[i][1])
		}
		g.has(t, fmt.Sprintf("feedback/%d/undo", i))
	}
	// Back and forth by links, and the last row leads back to the list.
	now := g.path
	g = v.get(strings.ReplaceAll(regexp.MustCompile(`id="list-back"[^>]*href="([^"]+)"`).FindStringSubmatch(g.body)[1], "&amp;", "&"))
	g = v.get(strings.ReplaceAll(regexp.MustCompile(`id="list-onward"[^>]*href="([^"]+)"`).FindStringSubmatch(g.body)[1], "&amp;", "&"))
	if g.path != now {
		t.Errorf("back and forth leads from %s to %s", now, g.path)
	}
	id, _, ok := readAfter(regexp.MustCompile(`after=([^&"]+)`).FindStringSubmatch(now)[1])
	if !ok {
		t.Fatal("no list in the address")
	}
	r := s.world.results[id]
	if g := v.get(fmt.Sprintf("/t/practice/rows/next?after=%s.%d", id, len(r.versions)+500)); !strings.HasPrefix(g.path, "/t/practice/results/"+string(id)) {
		t.Errorf("after the last row comes %s", g.path)
	}
	for _, bad := range []string{"", "r-nothere.1", "r-.0", "x", "r-" + strings.Repeat("a", 300) + ".1", "leads.1"} {
		if g := v.get("/t/practice/rows/next?after=" + bad); g.status != http.StatusNotFound {
			t.Errorf("after=%s: %d", bad, g.status)
		}
	}
	// Undo returns to the advert that was judged, in its list.
	g = v.post("/t/practice/feedback/20/undo", v.get(now).form(t, "feedback/20/undo"))
	if !strings.Contains(g.path, "after="+string(id)+".20") {
		t.Errorf("undo leads to %s", g.path)
	}
}

func testNames(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	const at = "/t/practice/adverts/100005"
	g := v.get(at + "?v=3")
	g = v.post(at+"/name", with(g.form(t, "/name"), "name", "  moved to <Breda> "))
	g.has(t, "De naam is vastgelegd.", `<p class="vname"><bdi>moved to &lt;Breda&gt;</bdi></p>`)
	v.get(at+"?v=5&with=3").has(t, "<bdi>moved to &lt;Breda&gt;</bdi> → <bdi>–</bdi>", "versie 3 – ", "(moved to &lt;Breda&gt;)")
	v.post(at+"/name", url.Values{"version": {"1000053"}, "name": {strings.Repeat("a", 81)}}).has(t, "Die naam is te lang.")
	v.post(at+"/name", url.Values{"version": {"1000053"}, "name": {"a\u202eb"}}).has(t, "tekens in die niet te lezen zijn")
	v.post(at+"/name", url.Values{"version": {"1000053"}, "name": {""}}).hasNot(t, "moved to")
}

func testCorrections(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	const at = "/t/practice/adverts/100005"
	g := v.get(at)
	form := with(g.form(t, "/correct"), "right", "06 0001 2345")
	g = v.post(at+"/correct", form)
	g.has(t, "De verbetering is vastgelegd, geldt vanaf nu en wordt bewaard als toets.", "Verbeteringen door lezers", "moet zijn")
	g.hasNot(t, "06 0001 2345") // it leads to somebody: masked like the rest
	g = v.post(at+"/correct", url.Values{"version": {"1000055"}, "n": {"0"}, "type": {"phone"}, "none": {"1"}, "right": {""}})
	g.has(t, "staat er niet")
	g = v.post(at+"/correct", url.Values{"version": {"1000055"}, "n": {"-1"}, "type": {"place"}, "right": {"Zwolle"}})
	g.has(t, "gemist:", "plaats ", "Zwolle")
	for kind, typed := range map[string][]string{
		"phone": {"06 0001 032", "+31 6 0001 03211", "12"}, "age": {"-5", "4", "200", "jong"}, "price": {"-20", "veel", "EUR"},
		"place": {"Nergenshuizen"}, "email": {"anna@", "anna"}, "url": {"geen adres"}, "handle": {"@"}, "availability": {"ooit"},
	} {
		for _, right := range typed {
			v.post(at+"/correct", url.Values{"version": {"1000055"}, "n": {"-1"}, "type": {kind}, "right": {right}}).
				has(t, "Zo’n gegeven kan niet bestaan", "Er is niets vastgelegd.")
		}
	}
	for want, bad := range map[string]url.Values{
		"Schrijf op wat er gemist is.": {"version": {"1000055"}, "n": {"-1"}, "type": {"place"}, "right": {" "}},
		"Schrijf op wat juist is":      {"version": {"1000055"}, "n": {"0"}, "type": {"phone"}},
		"te lang of niet te lezen":     {"version": {"1000055"}, "n": {"0"}, "type": {"phone"}, "right": {strings.Repeat("1", 300)}},
	} {
		v.post(at+"/correct", bad).has(t, want, "Er is niets vastgelegd.")
	}
	if g := v.post(at+"/correct", url.Values{"version": {"1000055"}, "n": {"0"}, "type": {"nonsense"}, "right": {"x"}}); g.status != http.StatusNotFound {
		t.Errorf("a kind that there is not: %d", g.status)
	}
	for id := 1; id <= 3; id++ {
		g = v.post(fmt.Sprintf("/t/practice/corrections/%d/undo", id), url.Values{"next": {at}})
	}
	g.has(t, "De verbetering is ongedaan gemaakt.")
	g.hasNot(t, "Verbeteringen door lezers")
}

// testSeal: after sealing, no answer holds a byte of the text or the pictures.
func testSeal(t *testing.T, s *testSite) {
	v, other := s.as(t, "anna"), s.as(t, "lena")
	a := s.world.adverts[100005]
	const canary = "canaryzz4711"
	version := &a.Versions[0]
	version.Body += "\n" + canary + " on request."
	version.Title = canary + " " + version.Title
	for i := range version.Entities {
		version.Entities[i].Start += len(canary) + 1
		version.Entities[i].End += len(canary) + 1
	}
	const at = "/t/practice/adverts/100005"
	g := v.get(at)
	g.has(t, canary, "Verzegel", `data-key="S"`, "suspected-minor")
	id := fmt.Sprint(version.ID)
	v.post(at+"/reveal", url.Values{"purpose": {"zaak 2026-0142"}, "thing": {"v:" + id}, "all": {"v:" + id}, "next": {at}})
	picture := fmt.Sprintf("/t/practice/pictures/%s/%d", id, version.Pictures[0].N)
	if g := v.get(picture); g.status != http.StatusOK {
		t.Fatalf("the picture before: %d", g.status)
	}
	result := v.get("/t/practice/search?q=" + canary)
	result.has(t, canary)
	if g := v.post(at+"/seal", url.Values{"version": {id}, "why": {"because"}, "next": {at}}); s.world.adverts[100005].Versions[0].Sealed || !strings.Contains(g.body, "Kies een reden.") {
		t.Error("a reason that there is not sealed it")
	}
	g = v.post(at+"/seal", with(g.form(t, "/seal"), "why", "suspected-minor"))
	g.has(t, "Versie 5 is verzegeld", "Verzegeld door Test anna op 22-11-2026", "vermoeden van een minderjarige", "in de spoedlijst, met een lopende klok")
	for name, who := range map[string]*visitor{"who sealed": v, "a colleague": other, "the duty role": s.as(t, "sven")} {
		for _, p := range []string{
			at, at + "?v=5", at + "?v=5&with=4", at + "?v=4", at + "?v=5&with=2", "/t/practice/", "/t/practice/search?q=" + canary, "/t/practice/search?go=1",
			"/t/practice/search?go=1&page=2", result.path, "/t/practice/results/" + regexp.MustCompile(`r-[0-9a-f]{10}`).FindString(result.body), picture, "/t/practice/urgent",
		} {
			g := who.get(p)
			// What was asked for stands in the form that asked.
			shown := strings.NewReplacer(`value="`+canary+`"`, "", "q="+canary, "").Replace(g.body)
			if strings.Contains(shown, canary) || g.header.Get("Content-Type") == "image/png" {
				t.Errorf("%s, %s: sealed content is in the answer", name, p)
			}
		}
	}
	if g := v.get(picture); g.status != http.StatusNotFound {
		t.Errorf("the picture afterwards: %d", g.status)
	}
	g = other.get(at)
	g.has(t, "Versie 5 is verzegeld", "ziet alleen de dienstdoende specialist")
	g.hasNot(t, "Test anna", "/classify", "/seal")
	s.as(t, "sven").get(at).has(t, "Verzegeld door Test anna")
	v.get(at+"?v=4&with=5").has(t, "Versie 4", "verzegeld")
}

func testUrgent(t *testing.T, s *testSite) {
	anna, sven := s.as(t, "anna"), s.as(t, "sven")
	if g := anna.get("/t/practice/urgent"); g.status != http.StatusNotFound {
		t.Errorf("the lane for an analyst: %d", g.status)
	}
	sven.get("/t/practice/urgent").has(t, "Er wacht niets.")
	for i, why := range []string{"suspected-minor", "abuse", "other"} {
		at := fmt.Sprintf("/t/practice/adverts/%d", 100005+i)
		anna.post(at+"/seal", url.Values{"version": {fmt.Sprint(s.world.adverts[zoeklicht.AdvertID(100005+i)].Versions[0].ID)}, "why": {why}})
	}
	s.world.now = s.world.now.Add(12 * 60e9)
	g := sven.get("/t/practice/urgent")
	g.has(t, "2 zaken", "12\u00a0min", "vermoeden van een minderjarige", "beeld van misbruik", "Ik pak dit op", `hx-get="/t/practice/urgent/lane"`)
	g.hasNot(t, "andere reden") // not urgent: not here
	g = sven.post("/t/practice/urgent/1/take", url.Values{})
	g.has(t, "Opgepakt door Test sven na 12\u00a0min")
	sven.post("/t/practice/urgent/1/end", url.Values{"outcome": {"x"}}).has(t, "Schrijf in een paar woorden")
	g = sven.post("/t/practice/urgent/1/end", url.Values{"outcome": {"handed to the specialist team"}})
	g.has(t, "1 zaak", "handed to the specialist team", "Afgerond en vastgelegd.")
	lane := sven.get("/t/practice/urgent/lane")
	if !strings.HasPrefix(lane.body, `<div id="lane"`) || lane.status != http.StatusOK {
		t.Errorf("the part that moves: %d, %.60s", lane.status, lane.body)
	}
	for _, p := range []string{"/t/practice/urgent/1/take", "/t/practice/urgent/1/end"} {
		if g := anna.post(p, url.Values{"outcome": {"nothing at all"}}); g.status != http.StatusNotFound {
			t.Errorf("%s by an analyst: %d", p, g.status)
		}
	}
}

func testFilters(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	found := regexp.MustCompile(`id="found"[^>]*>([0-9.]+) advertentie`)
	count := func(query string) string {
		t.Helper()
		g := v.get("/t/practice/search?" + query)
		if m := found.FindStringSubmatch(g.body); m != nil {
			return m[1]
		}
		return "0"
	}
	all := count("go=1")
	for _, q := range []string{"indicator=new-in-town", "risk=medium", "unit=oost-nederland", "indicator=new-in-town&indicator=weekend"} {
		if got := count(q); got == all || got == "0" {
			t.Errorf("%s finds %s of %s", q, got, all)
		}
	}
	g := v.get("/t/practice/search?indicator=new-in-town&risk=medium&unit=oost-nederland&feedback=none")
	g.has(t, "Risico-indicator:</span> <bdi>Kort in de stad", "middel of hoger (3 en meer)", "Oost-Nederland", "nog door niemand", `<option value="medium" selected>`, `value="new-in-town" checked`)
	g = v.get("/t/practice/search?go=1")
	g.has(t, "Versies per politie-eenheid", `class="marks"`, "Kort in de stad", `unit=oost-nederland`)
	if count("feedback=yes") != "0" {
		t.Error("somebody answered yes before anybody answered")
	}
	page := v.get("/t/practice/adverts/100005")
	v.post("/t/practice/adverts/100005/classify", with(page.form(t, "/classify"), "answer", "yes"))
	if got := count("feedback=yes"); got != "1" {
		t.Errorf("%s adverts with yes, want 1", got)
	}
	// A sealed row says so and nothing else.
	g = v.get("/t/practice/search?q=weekend")
	first := regexp.MustCompile(`adverts/([0-9]+)\?`).FindStringSubmatch(g.body)[1]
	id := s.world.adverts[zoeklicht.AdvertID(100005)].Versions[0].ID
	if n, err := strconv.Atoi(first); err == nil {
		id = s.world.adverts[zoeklicht.AdvertID(n)].Versions[0].ID
	}
	kept := regexp.MustCompile(`/t/practice/results/r-[0-9a-f]{10}`).FindString(g.body)
	v.post("/t/practice/adverts/"+first+"/seal", url.Values{"version": {fmt.Sprint(id)}, "why": {"other"}})
	s.world.keepSealed = true
	g = v.get(kept)
	g.has(t, "Deze regel is verzegeld", "1 regel van dit resultaat is sindsdien verzegeld.")
	g.hasNot(t, "adverts/"+first+"?")
}

// testWhoMayJudge: who may read and not judge sees no forms, and gets nowhere by post.
func testWhoMayJudge(t *testing.T, s *testSite) {
	for _, login := range []string{"bo", "ada", "bea"} {
		v := s.as(t, login)
		for _, p := range []string{
			"/t/practice/adverts/100005/classify", "/t/practice/feedback/1/undo", "/t/practice/adverts/100005/name", "/t/practice/adverts/100005/correct",
			"/t/practice/corrections/1/undo", "/t/practice/adverts/100005/seal",
		} {
			g := v.post(p, url.Values{"version": {"1000055"}, "answer": {"yes"}, "name": {"x"}, "why": {"abuse"}, "n": {"0"}, "type": {"phone"}, "right": {"x"}})
			if g.status != http.StatusNotFound {
				t.Errorf("%s posts to %s: %d", login, p, g.status)
			}
		}
	}
	if len(s.world.feedback)+len(s.world.seals)+len(s.world.names) > 0 {
		t.Error("something was kept")
	}
}

// testNoJudge: where the desk is not there, nothing of it is on the page.
func testNoJudge(t *testing.T, s *testSite) {
	h, err := New(Config{}, Deps{
		Door: s.door, Sessions: s.door.Sessions(access.SessionConfig{}), Themes: s.world, Search: s.world, Adverts: s.world, Register: s.world, Runs: s.world,
		Clock: time.Now, Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), Ready: func(context.Context) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	bare := &testSite{Server: httptest.NewServer(h), world: s.world, door: s.door}
	t.Cleanup(bare.Close)
	v := bare.as(t, "sven")
	g := v.get("/t/practice/adverts/100005")
	g.has(t, "Tekst van versie 5")
	g.hasNot(t, "Waarom dit een blik waard is", "/classify", "/seal", "/correct", "/name", "Spoedlijst", `data-key="1"`)
	for _, p := range []string{"classify", "seal", "correct", "name"} {
		if g := v.post("/t/practice/adverts/100005/"+p, url.Values{"version": {"1000055"}, "answer": {"yes"}, "why": {"abuse"}}); g.status != http.StatusNotFound {
			t.Errorf("%s: %d", p, g.status)
		}
	}
	if g := v.get("/t/practice/urgent"); g.status != http.StatusNotFound {
		t.Errorf("the lane: %d", g.status)
	}
}

func TestFired(t *testing.T) {
	t.Parallel()
	const whole = "Massage\nCall 06 0001 2345, new in town. Really new in town!"
	stored := &zoeklicht.Version{Title: "Massage", Body: strings.TrimPrefix(whole, "Massage\n"), Entities: []zoeklicht.Entity{{Type: zoeklicht.Phone, Raw: "06 0001 2345", Start: 13, End: 25, Value: "+31600012345"}}}
	shown := masked(*stored)
	hidden := shown.Title + "\n" + shown.Body
	second, number := strings.LastIndex(hidden, "new in town"), strings.Index(hidden, "06 ")
	for _, c := range []struct {
		name      string
		where     zoeklicht.Offset
		want      string // in the clear
		wantMasks bool   // that it is masked as well
	}{
		{"a word after the number", zoeklicht.Offset{Start: second, End: second + 11, Word: "new in town"}, "new in town", true},
		{"before the number", zoeklicht.Offset{Start: 0, End: 7}, "Massage", true},
		{"the number", zoeklicht.Offset{Start: number, End: shown.Entities[0].End}, "06 0001 2345", false},
		{"part of the number", zoeklicht.Offset{Start: number + 5, End: shown.Entities[0].End - 3}, "06 0001 2345", false},
		{"from before the number to after it", zoeklicht.Offset{Start: 8, End: shown.Entities[0].End + 5}, "Call 06 0001 2345, new", false},
		{"another word than the lexicon's", zoeklicht.Offset{Start: 0, End: 7, Word: "other"}, "", true},
		{"beyond the text", zoeklicht.Offset{Start: 900, End: 910}, "", true},
		{"the wrong way round", zoeklicht.Offset{Start: 9, End: 3}, "", true},
	} {
		r := fired(&shown, stored, []zoeklicht.Offset{c.where})[0]
		if got := whole[r.Start:r.End]; got != c.want {
			t.Errorf("%s: in the clear %q is marked", c.name, got)
		}
		r = fired(&shown, &shown, []zoeklicht.Offset{c.where})[0]
		if got := hidden[r.Start:r.End]; c.wantMasks && got != c.want {
			t.Errorf("%s: masked, %q is marked", c.name, got)
		}
	}
}

func FuzzStretches(f *testing.F) {
	f.Add("Massage\nCall 06 000, new in town", 7, 12, 18, 14, 30)
	f.Add("", 0, 0, 0, 0, 0)
	f.Add("aaaa", 3, 1, 9, -4, 2)
	f.Fuzz(func(t *testing.T, whole string, a, b, c, d, e int) {
		from := min(max(0, a), len(whole))
		got := stretches(whole, from, len(whole), []text.Range{{Start: b, End: c}}, []text.Range{{Start: d, End: e}, {Start: a, End: d}})
		var all strings.Builder
		for _, p := range got {
			if p.Text == "" {
				t.Error("an empty stretch")
			}
			all.WriteString(p.Text)
		}
		if d := cmp.Diff(whole[from:], all.String()); d != "" {
			t.Error(d)
		}
	})
}
