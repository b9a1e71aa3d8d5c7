package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// queries and forms are the addresses that read something, with a value that they read.
var (
	queries = []string{
		"/t/practice/search?q=", "/t/practice/search?place=", "/t/practice/search?source=", "/t/practice/search?indicator=",
		"/t/practice/search?phone=", "/t/practice/search?lang=", "/t/practice/search?from=", "/t/practice/search?unit=",
		"/t/practice/numbers?q=", "/t/practice/?show=", "/t/practice/?asof=", "/t/practice/next?lead=1000055&at=",
		"/t/practice/adverts/100005?id=", "/t/practice/adverts/100005?after=", "/t/practice/rows/next?after=",
		"/t/practice/reports?screen=", "/t/practice/exports/new?result=", "/t/practice/cases?number=", "/t/practice/sources/new?wanted=",
		"/sign-in?next=", "/t/practice/progress?asof=",
	}
	forms = map[string]string{
		"/sign-in": "login", "/settings": "next", "/account": "old", "/t/practice/purpose": "purpose", "/t/practice/unit": "unit",
		"/t/practice/leads/1000055/step": "note", "/t/practice/leads/1000055/reveal": "purpose",
		"/t/practice/numbers/list": "lines", "/t/practice/numbers/list.csv": "lines", "/t/practice/capture": "address",
		"/t/practice/reports": "text", "/t/practice/sources": "reason", "/t/practice/sources/many": "sites",
		"/t/practice/adverts/100005/classify": "reason", "/t/practice/adverts/100005/name": "name",
		"/t/practice/adverts/100005/correct": "right", "/t/practice/adverts/100005/seal": "why", "/t/practice/adverts/100005/reveal": "thing",
		"/t/practice/exports": "case", "/t/practice/urgent/1/end": "outcome", "/t/practice/sources/practice-a/decide": "reason",
	}
)

// TestUnstorable: what the database cannot hold is refused at the door, by every address,
// and leaves nothing behind.
func TestUnstorable(t *testing.T) {
	s := newSite(t, newDoor(t), newWorld(amsterdam(t), 20))
	v := s.as(t, "alles")
	before := len(s.world.audit)
	refused := func(what string, g got) {
		t.Helper()
		if g.status != http.StatusBadRequest {
			t.Errorf("%s: %d", what, g.status)
		}
		g.has(t, "Daar staan tekens in die niet bewaard kunnen worden", "Er is niets mee gedaan.")
	}
	for _, p := range queries {
		for _, bad := range []string{"mas%00sage", "%00", "a%ff", "%ed%a0%80"} {
			refused(p+bad, v.get(p+bad))
		}
	}
	refused("a name", v.get("/t/practice/search?q=massage&a%00b=1"))
	for p, field := range forms {
		for _, bad := range []string{"mas\x00sage, in so many words", "\x00", "a\xff"} {
			refused(p, v.post(p, url.Values{field: {bad}, "version": {"1000055"}}))
		}
	}
	for _, p := range []string{"/t/prac%00tice/", "/t/practice/results/r-%00", "/t/practice/sources/%ff", "/t/practice/exports/a%00b", "/%00"} {
		if g := v.get(p); g.status != http.StatusNotFound {
			t.Errorf("%s: %d", p, g.status)
		}
	}
	if g := v.get("/t/practice/search?q=a%zz"); g.status != http.StatusBadRequest {
		t.Errorf("a query that cannot be read: %d", g.status)
	}
	if n := len(s.world.audit); n != before {
		t.Errorf("something was served: %v", s.world.audit[before:])
	}
	if log := s.log.String(); strings.Contains(log, "level=ERROR") || strings.Contains(log, "sage") {
		t.Errorf("the log: %s", log)
	}
	v.post("/settings", url.Values{"lang": {"en"}})
	v.get("/t/practice/search?q=%00").has(t, "It has characters that cannot be kept")
	// A line end, a tab and whatever else people type go through.
	if g := v.get("/t/practice/search?q=caf%C3%A9%09%F0%9F%99%82"); g.status != http.StatusOK {
		t.Errorf("a smile: %d", g.status)
	}
}

// TestTooLarge: a form beyond the bound is said to be too large, not to be empty.
func TestTooLarge(t *testing.T) {
	s := newSite(t, newDoor(t), newWorld(amsterdam(t), 20))
	v := s.as(t, "alles")
	for p, field := range forms {
		g := v.post(p, url.Values{field: {strings.Repeat("06 0004 0148\n", 2*maxForm/13)}})
		if g.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %d", p, g.status)
		}
		g.has(t, "Wat u stuurde is te groot: het kan hoogstens 1 MB zijn.")
	}
	if log := s.log.String(); logged.MatchString(log) || strings.Contains(log, "level=ERROR") {
		t.Error("the log has what was sent, or an error")
	}
}
