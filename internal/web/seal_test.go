package web

import (
	"fmt"
	"net/url"
	"testing"

	"zoeklicht"
)

// testSealScope: what cannot wait takes every version from whichever is on the screen; for
// another reason the reader says how much.
func testSealScope(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	for i, c := range []struct {
		why        string
		scope      zoeklicht.SealScope
		says, open string
	}{
		{"abuse", zoeklicht.SealAdvert, "Dat geldt voor de hele advertentie", ""},
		{"other", zoeklicht.SealVersion, "andere reden", "Dat geldt voor de hele advertentie"},
		{"other-advert", zoeklicht.SealAdvert, "Dat geldt voor de hele advertentie", ""},
	} {
		a := s.world.adverts[zoeklicht.AdvertID(100005)]
		if i > 0 {
			a = s.world.adverts[zoeklicht.AdvertID(100005+5*i)]
		}
		at := fmt.Sprintf("/t/practice/adverts/%d", a.ID)
		v.get(at).has(t, "beeld van misbruik, hele advertentie", "andere reden, alleen versie", "andere reden, hele advertentie")
		g := v.post(at+"/seal", url.Values{"version": {fmt.Sprint(a.Versions[0].ID)}, "why": {c.why}, "next": {at}})
		g.has(t, c.says)
		if c.open != "" {
			g.hasNot(t, c.open)
		}
		if made := s.world.seals[len(s.world.seals)-1]; made.Scope != c.scope || made.Why == "" || made.Advert != a.ID {
			t.Errorf("%s: sealed %+v", c.why, made)
		}
		if n := len(a.Versions); n > 1 && c.scope == zoeklicht.SealAdvert {
			v.get(at+"?v=1").has(t, "Versie 1 is verzegeld", c.says)
		}
	}
	s.as(t, "sven").get("/t/practice/urgent").has(t, "beeld van misbruik", "1 versie dicht.")
}

// testCorrectionsAsOf: the page as of a moment says which corrections stood then.
func testCorrectionsAsOf(t *testing.T, s *testSite) {
	a := s.world.adverts[100005]
	made, undone := s.world.day(2, 9), s.world.day(1, 9)
	s.world.desk.corrections = append(s.world.desk.corrections, zoeklicht.Correction{
		ID: 1, Version: a.Versions[0].ID, Entity: zoeklicht.Entity{Type: zoeklicht.PlaceName}, Right: "GM0193", Person: "B. Voorbeeld", At: made, Undone: undone,
	})
	v := s.as(t, "anna")
	v.get("/t/practice/adverts/100005").hasNot(t, "gemist:")
	q := &request{}
	for _, c := range []struct {
		at    asOf
		stood bool
	}{{asOf{}, false}, {asOf{At: made.Add(-1), Param: "x"}, false}, {asOf{At: made, Param: "x"}, true}, {asOf{At: undone.Add(-1), Param: "x"}, true}, {asOf{At: undone, Param: "x"}, false}} {
		q.asOf = c.at
		if got := q.stood(s.world.desk.corrections[0]); got != c.stood {
			t.Errorf("as of %v: stood %v", c.at.At, got)
		}
	}
}
