package web

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access/accesstest"
)

// TestSteppedBack takes steps in the worklist back, from the list and from an advert.
func TestSteppedBack(t *testing.T) {
	s := newSite(t, newDoor(t), newWorld(amsterdam(t), 60))
	v := s.as(t, "anna")
	const home = "/t/practice/"
	rows := leadsOn(v.get(home))
	step := func(row string, form url.Values) got {
		form.Set("next", home)
		return v.post("/t/practice/leads/"+row+"/step", form)
	}
	undo := func() url.Values { return url.Values{"kind": {"undo"}} }
	for kind, form := range map[string]url.Values{
		"park": {"kind": {"park"}, "advert": {"100004"}}, "finish": {"kind": {"finish"}}, "hand-over": {"kind": {"hand-over"}, "to": {"901"}},
	} {
		g := step(rows[1], form)
		g.has(t, `data-key="u"`, `value="undo"`, "/leads/"+rows[1]+"/step")
		if strings.Contains(g.body, `id="w`+rows[1]+`"`) {
			t.Errorf("%s leaves the row on the list", kind)
		}
		g = step(rows[1], undo())
		g.has(t, "Ongedaan gemaakt.", `id="w`+rows[1]+`"`)
		g.hasNot(t, `value="undo"`)
	}
	// From the strip above an advert: on to the next one, and back to where it was.
	at := "/t/practice/adverts/100004?lead=" + rows[0] + "&at=0"
	g := v.post("/t/practice/leads/"+rows[0]+"/step", url.Values{"kind": {"finish"}, "advert": {"100004"}, "lead": {rows[0]}, "at": {"0"}, "next": {at}})
	g.has(t, `value="undo"`, "Advertentie 100004: Klaar.", "Volgende", `name="next" value="`+strings.ReplaceAll(at, "&", "&amp;")+`"`)
	if !strings.Contains(g.path, "lead="+rows[1]) {
		t.Errorf("after finishing: %s", g.path)
	}
	// An answer given since is what "undo" means then.
	v.post("/t/practice/adverts/100005/classify", url.Values{"version": {"1000055"}, "answer": {"no"}, "next": {home}})
	v.get(home).hasNot(t, `value="undo"`)
	// The one before, and what stands before the first.
	v.get("/t/practice/next?lead="+rows[3]+"&at=3&back=1").has(t, `id="lead-back"`)
	v.get("/t/practice/next?lead="+rows[2]+"&at=0&back=1").has(t, "Dit was de eerste regel van de werklijst.")
}

// TestWrongStep keeps what was typed in a step that is not right, in its row.
func TestWrongStep(t *testing.T) {
	s := newSite(t, newDoor(t), newWorld(amsterdam(t), 60))
	v := s.as(t, "anna")
	row := leadsOn(v.get("/t/practice/"))[1]
	g := v.post("/t/practice/leads/"+row+"/step", url.Values{"kind": {"park"}, "until": {"x<1"}, "note": {"waits for Lena"}, "next": {"/t/practice/"}})
	g.has(t, `aria-describedby="bad`+row+`"`, `value="x&lt;1"`, `value="waits for Lena"`, "Dat is geen dag in het komende jaar.", "data-pop open")
	v.get("/t/practice/").hasNot(t, "Dat is geen dag", "waits for Lena") // once
	v.post("/t/practice/leads/"+row+"/step", url.Values{"kind": {"hand-over"}, "next": {"/t/practice/"}}).
		has(t, `aria-describedby="bad`+row+`"`, "Kies een collega.")
}

// TestHandedOver stands first in the list of who got it and among what waits for them; who
// gave it can take it back.
func TestHandedOver(t *testing.T) {
	s := newSite(t, newDoor(t), newWorld(amsterdam(t), 60))
	anna, lena := s.as(t, "anna"), s.as(t, "lena")
	rows := leadsOn(anna.get("/t/practice/"))
	id, err := s.door.SignIn(t.Context(), "lena", accesstest.Password, netip.MustParseAddr("127.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	row := rows[5]
	anna.post("/t/practice/leads/"+row+"/step", url.Values{"kind": {"claim"}, "next": {"/t/practice/"}})
	subject, _ := s.world.subjectOf(versionNumber(t, row))
	given := s.world.desk.claims[subject]
	given.Kind, given.Person, given.Name, given.Note = zoeklicht.Handed, id.ID, id.Name, "please look <today>"
	s.world.desk.claims[subject] = given
	g := lena.get("/t/practice/")
	if got := leadsOn(g); got[0] != row {
		t.Errorf("%s stands first, not %s", got[0], row)
	}
	waits := g.body[strings.Index(g.body, `id="wait-title"`):]
	for _, want := range []string{"Test anna droeg dit aan u over", "please look &lt;today&gt;", "lead=" + row} {
		if !strings.Contains(waits, want) {
			t.Errorf("what waits lacks %q", want)
		}
	}
	anna.get("/t/practice/?show=others").has(t, "Neem terug", `id="c`+row+`"`)
	lena.get("/t/practice/?show=others").hasNot(t, "Neem terug")
	anna.post("/t/practice/leads/"+row+"/step", url.Values{"kind": {"claim"}, "next": {"/t/practice/"}}).has(t, "U werkt er nu aan.")
	lena.get("/t/practice/").hasNot(t, "please look")
}

// TestAlarm is on every page of the duty role, with the oldest clock, and on nobody else's.
func TestAlarm(t *testing.T) {
	s := newSite(t, newDoor(t), newWorld(amsterdam(t), 60))
	duty, anna := s.as(t, "sven"), s.as(t, "anna")
	pages := []string{"/t/practice/", "/t/practice/search", "/t/practice/adverts/100005", "/t/practice/numbers", "/t/practice/urgent", "/t/practice/sources"}
	for _, p := range pages[:5] {
		duty.get(p).hasNot(t, `class="alarm`, `class="count"`)
	}
	duty.get("/t/practice/").has(t, "Er wacht niets op u.")
	fillJudged(s.world)
	for _, p := range pages {
		duty.get(p).has(t, `class="alarm"`, "1 zaak in de spoedlijst wacht op u.", "7\u00a0min", "1 zaak in de spoedlijst is opgepakt", `<span class="count">2</span>`)
		anna.get(p).hasNot(t, `class="alarm`, `id="alarm"`)
	}
	duty.get("/t/practice/").hasNot(t, "Er wacht niets op u.")
	duty.get("/t/practice/urgent/alarm").has(t, "1 zaak in de spoedlijst wacht op u.")
	if g := anna.get("/t/practice/urgent/alarm"); g.status != 404 {
		t.Errorf("an analyst's: %d", g.status)
	}
	s.world.seals[0].TakenBy, s.world.seals[0].Taken = "Test sven", s.world.now
	duty.get("/t/practice/search").has(t, `class="alarm taken"`, "2 zaken in de spoedlijst zijn opgepakt")
	s.world.alarmFails = errors.New("away")
	duty.get("/t/practice/search").has(t, "Of er iets in de spoedlijst wacht, was nu niet te lezen.")
}

// TestParkedUntilEight on the days on which the clock changes, too.
func TestParkedUntilEight(t *testing.T) {
	s := newSite(t, newDoor(t), newWorld(amsterdam(t), 60))
	v := s.as(t, "anna")
	row := leadsOn(v.get("/t/practice/"))[1]
	v.post("/t/practice/leads/"+row+"/step", url.Values{"kind": {"park"}, "until": {"28-03-2027"}, "next": {"/t/practice/"}})
	subject, _ := s.world.subjectOf(versionNumber(t, row))
	if got := s.world.desk.claims[subject].Until.In(amsterdam(t)).Format(time.DateTime); got != "2027-03-28 08:00:00" {
		t.Errorf("parked until %s", got)
	}
}

func versionNumber(t *testing.T, s string) zoeklicht.VersionID {
	t.Helper()
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return zoeklicht.VersionID(n)
}
