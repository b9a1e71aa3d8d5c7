package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestUnknownChoices: a value that a filter does not offer is refused, in the reader's
// language, with what it does offer; nothing is asked.
func TestUnknownChoices(t *testing.T) {
	s := newSite(t, newDoor(t), newWorld(amsterdam(t), 20))
	nl, en := s.as(t, "anna"), s.as(t, "lena")
	en.post("/settings", url.Values{"lang": {"en"}})
	for _, c := range []struct{ name, value, nl, en string }{
		{"risk", "zzz", "medium (middel of hoger (3 en meer)), high (hoog (6 en meer)), of een getal boven 0", "medium (medium or higher (3 and more)), high (high (6 and more)), or a number above 0"},
		{"risk", "-1", "“-1” is geen keuze bij het filter Score", "“-1” is no choice of the filter Score"},
		{"feedback", "zzz", "none (nog door niemand), yes (", "none (by nobody yet), yes ("},
		{"unit", "zzz", "“zzz” is geen keuze bij het filter Politie-eenheid. Er is niets gezocht.", "“zzz” is no choice of the filter Police unit. Nothing was searched."},
		{"indicator", "zzz", "U kunt kiezen uit: ", "You can choose: "},
		{"indicator", strings.Repeat("z", 90), "“" + strings.Repeat("z", 59), "“" + strings.Repeat("z", 59)},
		{"source", "zzz", "practice-a (Practice site A)", "practice-a (Practice site A)"},
		{"state", "zzz", "online (", "online ("},
		{"picture", "zzz", "missing (", "missing ("},
		{"lang", "zzz", "nl (Nederlands)", "nl (Dutch)"},
		{"lang", "constructor", "nl (Nederlands)", "nl (Dutch)"},
	} {
		for v, want := range map[*visitor]string{nl: c.nl, en: c.en} {
			before := len(s.world.audit)
			g := v.get("/t/practice/search?q=massage&" + c.name + "=" + url.QueryEscape(c.value))
			if g.status != http.StatusUnprocessableEntity || len(s.world.audit) != before {
				t.Errorf("%s=%s: %d, served %v", c.name, c.value, g.status, s.world.audit[before:])
			}
			g.has(t, want, `role="alert"`, `value="massage"`, `<details class="filters" id="filters" open>`)
			if field := strings.SplitN(strings.SplitN(g.body, `<li><a href="#`, 2)[1], `"`, 2)[0]; !strings.Contains(g.body, fmt.Sprintf(`id="%s"`, field)) {
				t.Errorf("%s: the message leads to %q, which is not there", c.name, field)
			}
			// What was refused is not asked again by the form beneath.
			g.hasNot(t, `value="`+c.value+`"`)
		}
	}
	// What the form offers is taken, and so is what an older question has.
	for _, good := range []string{"risk=any", "risk=2.5", "feedback=none", "unit=limburg", "source=practice-a", "state=gone", "picture=missing", "lang=nl", "lang=tr", "newest=1"} {
		if g := nl.get("/t/practice/search?q=massage&" + good); g.status != http.StatusOK {
			t.Errorf("%s: %d", good, g.status)
		}
	}
	// Several slips are told together.
	g := nl.get("/t/practice/search?q=massage&risk=zzz&source=zzz&source=practice-a&from=32-1-2026")
	g.has(t, "het filter Score", "het filter Bron", "“32-1-2026” is geen dag", `value="practice-a" checked`)
}

// TestPhoneFilter: the filter on a number reads it as the card does, and says what is wrong
// with what is none.
func TestPhoneFilter(t *testing.T) {
	s := newSite(t, newDoor(t), newWorld(amsterdam(t), 20))
	v := s.as(t, "anna")
	for typed, want := range map[string]string{
		"call me": "Hier staat geen nummer in.", "06 0001 03211": "het heeft te veel cijfers", "NL91ABNA0417164300": "Dit is een rekeningnummer",
		"12": "ten minste vier cijfers van één nummer", "1234, 5678": "ten minste vier cijfers van één nummer",
	} {
		g := v.get("/t/practice/search?q=massage&phone=" + url.QueryEscape(typed))
		if g.status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", typed, g.status)
		}
		g.has(t, want, `<a href="#phone">`)
	}
	for _, typed := range []string{"06 0004 0148", "o6 ooo4 o148", "zero6 0004 0148", "0148", "040148"} {
		if g := v.get("/t/practice/search?phone=" + url.QueryEscape(typed)); g.status != http.StatusOK {
			t.Errorf("%q: %d", typed, g.status)
		}
	}
}
